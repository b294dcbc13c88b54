//! Permissions of Lambda functions: each is a statement of the function's policy.

use tfduty_aws::policy::{Document, Kind, Member, Node, PolicyKind, Text};
use tfduty_terraform::Expression;

use super::{
    KnownPolicy, identity_of,
    known::Content,
    spot::Spot,
    tree::{Builder, Hole},
};
use crate::{estate::Estate, object::ObjectId};

/// The conditions that Lambda makes of attributes of a permission (AWS Lambda Developer Guide, "Granting Lambda function
/// access to AWS services").
const CONDITIONS: [(&str, &[(&str, &str)]); 2] = [
    ("ArnLike", &[("aws:SourceArn", "source_arn")]),
    ("StringEquals", &[("aws:SourceAccount", "source_account"), ("aws:PrincipalOrgID", "principal_org_id")]),
];

/// The place of what no attribute shows.
const WHOLE: &str = "statement_id";

/// The statement that a permission adds to the policy of its function, whichever function that is.
pub(crate) fn permission(estate: &Estate, id: ObjectId) -> KnownPolicy {
    let mut builder = Builder::new(estate, estate.object(id).unit);
    let is_service = estate.object(id).attribute(&["principal"]).str().is_none_or(|name| name.contains('.'));
    let principal = vec![(if is_service { "Service" } else { "AWS" }, builder.attribute(id, "principal"))];
    let mut elements = vec![
        ("Effect", builder.node(Kind::Text("Allow".into()), &Spot::of(id, WHOLE))),
        ("Principal", builder.object(id, principal)),
        ("Action", builder.attribute(id, "action")),
        ("Resource", builder.node(Kind::Text("*".into()), &Spot::of(id, WHOLE))),
    ];
    let mut conditions = Vec::new();
    for (operator, keys) in CONDITIONS {
        let set = keys.iter().filter(|(_, attribute)| is_set(estate, id, attribute));
        let keys: Vec<(&str, Node)> = set.map(|(key, attribute)| (*key, builder.attribute(id, attribute))).collect();
        if !keys.is_empty() {
            conditions.push((operator, builder.object(id, keys)));
        }
    }
    if !conditions.is_empty() {
        elements.push(("Condition", builder.object(id, conditions)));
    }
    let statement = builder.object(id, elements);
    let document = builder.object(id, vec![("Statement", statement)]);
    let tree = builder.tree;
    let document = Box::new(Document::read(&document, PolicyKind::Resource));
    let sensitive = tree.is_sensitive;
    KnownPolicy { holder: id, attribute: WHOLE, sensitive, content: Content::Tree { document, tree } }
}

/// Whether an attribute is set, or may be.
fn is_set(estate: &Estate, id: ObjectId, name: &str) -> bool {
    let object = estate.object(id);
    let value = object.attribute(&[name]);
    if value.is_unknown() { estate.sets(object, name) != Some(false) } else { !value.is_absent() }
}

impl Builder<'_> {
    /// An attribute of an object as a text; of what is not known, one hole.
    fn attribute(&mut self, id: ObjectId, name: &str) -> Node {
        let object = self.estate.object(id);
        let value = object.attribute(&[name]);
        self.tree.is_sensitive |= value.is_sensitive();
        let text = value.str().map_or_else(
            || {
                let expression = self.estate.block(object).and_then(|block| block.expressions.get(name));
                let references = expression.map(Expression::longest_references).unwrap_or_default();
                let identity = identity_of(self.estate, id, name);
                Text::from(self.hole(Hole { identity, ..Hole::from(&references) }))
            },
            Text::from,
        );
        self.node(Kind::Text(text), &Spot::of(id, name))
    }

    fn object(&mut self, id: ObjectId, members: Vec<(&str, Node)>) -> Node {
        let members =
            members.into_iter().map(|(name, value)| Member { name: name.into(), origin: value.origin, value });
        let members = members.collect();
        self.node(Kind::Object(members), &Spot::of(id, WHOLE))
    }
}
