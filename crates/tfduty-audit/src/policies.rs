//! Policies of the estate: from the attribute that holds one to a [`policy::Document`], with the places of its parts
//! and with what is known of its holes.

mod attached;
mod documents;
mod identity;
mod inline;
mod known;
mod patterns;
mod permissions;
mod roles;
mod spot;
mod statements;
#[cfg(test)]
mod tests;
mod texts;
mod tree;
mod unfilled;

use tfduty_aws::policy::{self, Document, Node, PolicyKind};

pub(crate) use self::{
    attached::{
        Attached, bucket_policies_so_far, bucket_policy, holders_of_bucket_policy, holders_of_key_policy,
        holders_of_target_policy, key_policy, queue_policy, topic_policy,
    },
    documents::is_document_text,
    identity::{bucket_thing, identity_of, object_of, thing},
    inline::inline_policies,
    known::KnownPolicy,
    patterns::{PatternText, Written, pattern_of},
    permissions::permission,
    roles::{keeps_out, may_let_in, role_with_arn},
    texts::{GUARDDUTY, Texts},
    unfilled::Unfilled,
};
use self::{documents::Found, known::Content, spot::Spot, tree::Builder};
use crate::{
    context::{is_unknown, quoted_list},
    estate::Estate,
    evaluate,
    object::{Attribute, ObjectId, WITHHELD},
};

/// The policy of something, as far as the inputs tell it.
#[derive(Debug)]
pub(crate) enum PolicyText {
    /// There is none.
    None,
    /// It is not known.
    Unknown(UnknownPolicy),
    /// This one.
    Known(Box<KnownPolicy>),
}

/// Why a policy is not known.
#[derive(Debug)]
pub(crate) struct UnknownPolicy {
    /// The object whose attribute would hold it, where there is one.
    pub(crate) holder: Option<ObjectId>,
    /// That attribute.
    pub(crate) attribute: &'static str,
    /// The reason, as the second half of a sentence: "it is known only after apply, from `local.policy`".
    pub(crate) why: String,
    /// Whether the attribute is sensitive.
    pub(crate) sensitive: bool,
    /// What to change, where nothing that might be added would tell.
    pub(crate) mend: Option<&'static str>,
}

impl UnknownPolicy {
    /// One that an attribute `policy` would hold.
    pub(crate) fn new(holder: Option<ObjectId>, why: String) -> Self {
        Self { holder, attribute: "policy", why, sensitive: false, mend: None }
    }
}

impl PolicyText {
    /// The policy, to be asked about requests.
    pub(crate) fn as_policy(&self) -> policy::Policy<'_> {
        match self {
            PolicyText::None => policy::Policy::None,
            PolicyText::Unknown(_) => policy::Policy::Unknown,
            PolicyText::Known(known) => policy::Policy::Known(known.document()),
        }
    }
}

/// The policy that an attribute of an object holds. What is known only after apply is put together from the configuration,
/// with holes where even that does not say.
pub(crate) fn policy_of(estate: &Estate, holder: ObjectId, attribute: &'static str) -> PolicyText {
    let object = estate.object(holder);
    let value = object.attribute(&[attribute]);
    if value.is_absent() || (value.is_unknown() && estate.sets(object, attribute) == Some(false)) {
        return PolicyText::None;
    }
    text_of(estate, &value, (attribute, &[attribute]), &Spot::of(holder, attribute))
}

/// The policy in a value that stands at `spot`: in the attribute, or in the block, that is named first; `path` leads to it
/// in the configuration.
fn text_of(
    estate: &Estate,
    value: &Attribute<'_>,
    (attribute, path): (&'static str, &[&str]),
    spot: &Spot,
) -> PolicyText {
    let holder = spot.object;
    let object = estate.object(holder);
    let kind = kind_of(object.resource_type(), attribute);
    let (sensitive, content) = if let Some(text) = value.str() {
        let policy = estate.policies.policy(text, kind);
        let content = policy.map(|policy| Content::text(policy, spot.clone()));
        (value.is_sensitive(), content.ok_or_else(|| "it is no JSON".into()))
    } else {
        let mut builder = Builder::new(estate, object.unit);
        builder.tree.is_sensitive |= value.is_sensitive();
        let node = match builder.planned(spot, path) {
            Ok(None) => return PolicyText::None,
            Ok(Some(node)) => Ok(node),
            Err(why) => Err(why),
        };
        let sensitive = builder.tree.is_sensitive;
        let tree = builder.tree;
        (sensitive, node.map(|node| Content::Tree { document: Box::new(Document::read(&node, kind)), tree }))
    };
    match content {
        Ok(content) => PolicyText::Known(Box::new(KnownPolicy { holder, attribute, sensitive, content })),
        Err(why) => {
            let mend = value.str().map(|_| "write the policy as a JSON object, for example with `jsonencode`");
            PolicyText::Unknown(UnknownPolicy { holder: Some(holder), attribute, why, sensitive, mend })
        }
    }
}

impl Builder<'_> {
    /// A known text, with the places that write its parts.
    fn known(&mut self, text: &str, spot: &Spot) -> Option<Node> {
        let node = self.json(text, spot)?;
        let [attribute] = &*spot.path else { return Some(node) };
        if let Some(document) = evaluate::document(self.estate, spot.object, &[attribute]) {
            self.written(&node, &document);
        }
        Some(node)
    }

    /// What an attribute will hold that is known only after apply: nothing where the configuration leaves it out; an error
    /// says why it cannot be told.
    fn planned(&mut self, spot: &Spot, path: &[&str]) -> Result<Option<Node>, String> {
        let holder = spot.object;
        if self.estate.object(holder).attribute(path).is_withheld() {
            return Err(format!("it {WITHHELD}"));
        }
        let referred = self.referred(holder, path, 1).pop();
        match self.found(holder, path, referred) {
            Found::Nothing => Ok(None),
            Found::Document(document) => Ok(Some(self.document(document))),
            Found::Written(document) => Ok(Some(self.value(&document, spot))),
            Found::Unknown(Some(reference)) => {
                Err(format!("it is known only after apply, from {}", quoted_list(&[reference])))
            }
            Found::Unknown(None) => {
                let name = path.first().copied().unwrap_or_default();
                Err(format!("it {}", is_unknown(self.estate, holder, name)))
            }
        }
    }
}

/// What a policy is attached to.
fn kind_of(resource_type: &str, attribute: &str) -> PolicyKind {
    match (resource_type, attribute) {
        (_, "assume_role_policy") => PolicyKind::Trust,
        (_, "inline_policy")
        | (
            "aws_iam_policy"
            | "aws_iam_role_policy"
            | "aws_iam_user_policy"
            | "aws_iam_group_policy"
            | "aws_organizations_policy",
            _,
        ) => PolicyKind::Identity,
        _ => PolicyKind::Resource,
    }
}
