//! What `data.aws_iam_policy_document` puts together, as the provider does: documents that it starts from, its own
//! statements, and documents that replace them.

use tfduty_aws::{
    policy::{Kind, Member, Node, Text},
    truth::Truth,
};
use tfduty_terraform::{self as terraform, Mode, Reference, Target, Value};

use super::{
    spot::Spot,
    tree::{Builder, Hole},
};
use crate::{evaluate, object::ObjectId, references};

/// The data source that writes policies.
const DOCUMENT: &str = "aws_iam_policy_document";

/// Documents that are put together for one policy.
const MOST_DOCUMENTS: usize = 64;

/// The version that AWS gives policy variables in, and the data source's default.
const NEW: &str = "2012-10-17";

/// The object and what of it is read, where that is the text of a policy document.
pub(super) fn is_document(builder: &Builder<'_>, object: ObjectId, attribute: Option<&str>) -> bool {
    let address = &builder.estate.object(object).address;
    let is_text = matches!(attribute, Some("json" | "minified_json"));
    address.mode == Mode::Data && &*address.resource_type == DOCUMENT && is_text
}

/// Whether a reference reads the text of a policy document. There is always one, whatever it says.
pub(crate) fn is_document_text(reference: &Reference) -> bool {
    let Target::Resource { mode: Mode::Data, resource_type, .. } = &reference.target else { return false };
    &**resource_type == DOCUMENT && matches!(reference.attribute(), Some("json" | "minified_json"))
}

/// A document in parts.
pub(super) struct Draft {
    version: Version,
    statements: Vec<Node>,
}

/// What a text is that is known only after apply.
pub(super) enum Found {
    /// It is not set.
    Nothing,
    /// What a policy document writes.
    Document(ObjectId),
    /// What the configuration writes.
    Written(Value),
    /// It cannot be told: the reference that would fill it, where that is one.
    Unknown(Option<String>),
}

enum Version {
    Absent,
    Unknown,
    Known(Box<str>),
}

impl Version {
    /// The newer version counts.
    fn merge(&mut self, other: Version) {
        *self = match (std::mem::replace(self, Version::Absent), other) {
            (Version::Known(one), Version::Known(other)) => Version::Known(one.max(other)),
            (Version::Known(known), _) | (_, Version::Known(known)) if &*known == NEW => Version::Known(known),
            (Version::Absent, version) | (version, Version::Absent) => version,
            _ => Version::Unknown,
        };
    }
}

impl Draft {
    /// A document of which nothing is known: as good as one statement of which nothing is known.
    fn unknown(builder: &mut Builder<'_>, hole: Hole, spot: &Spot) -> Self {
        let hole = builder.hole(hole);
        Self { version: Version::Unknown, statements: vec![builder.node(Kind::Hole(hole), spot)] }
    }

    /// A document that was read. What is no object counts as one of which nothing is known.
    fn of(builder: &mut Builder<'_>, node: Node, spot: &Spot) -> Self {
        let Kind::Object(members) = node.kind else { return Self::unknown(builder, Hole::from(&[]), spot) };
        let mut draft = Self { version: Version::Absent, statements: Vec::new() };
        for member in members {
            match (member.name.as_literal(), member.value.kind) {
                (Some("Version"), Kind::Text(text)) => {
                    draft.version = text.as_literal().map_or(Version::Unknown, |text| Version::Known(text.into()));
                }
                (Some("Version"), _) => draft.version = Version::Unknown,
                (Some("Statement"), Kind::List(items)) => draft.statements = items,
                (Some("Statement"), kind) => draft.statements = vec![Node { kind, origin: member.value.origin }],
                _ => {}
            }
        }
        draft
    }

    /// Takes another document in behind this one.
    fn append(&mut self, other: Draft) {
        self.version.merge(other.version);
        self.statements.extend(other.statements);
    }

    /// Takes another document in, as the provider does: a statement takes the place of the one with its `Sid`.
    fn merge(&mut self, builder: &mut Builder<'_>, other: Draft) {
        self.version.merge(other.version);
        for statement in other.statements {
            let replaced: Vec<_> = self.statements.iter().map(|own| same_sid(own, &statement)).collect();
            match replaced.iter().position(|replaced| *replaced == Truth::True) {
                Some(place) if !replaced.contains(&Truth::Unknown) => self.statements[place] = statement,
                _ => {
                    for (own, replaced) in self.statements.iter_mut().zip(replaced) {
                        // Whether it stays is not known, so that nothing is known of what stands there.
                        if replaced != Truth::False {
                            own.kind = Kind::Hole(builder.hole(Hole::from(&[])));
                        }
                    }
                    self.statements.push(statement);
                }
            }
        }
    }

    /// The whole document.
    fn node(self, builder: &mut Builder<'_>, spot: &Spot) -> Node {
        let version = match self.version {
            Version::Absent => None,
            Version::Unknown => Some(Kind::Hole(builder.hole(Hole::from(&[])))),
            Version::Known(version) => Some(Kind::Text(Text::from(&*version))),
        };
        let version = version.map(|version| ("Version", builder.node(version, spot)));
        let statements = ("Statement", builder.node(Kind::List(self.statements), spot));
        let members = version.into_iter().chain([statements]).map(|(name, value)| Member {
            name: name.into(),
            origin: value.origin,
            value,
        });
        let members = members.collect();
        builder.node(Kind::Object(members), spot)
    }
}

/// Whether two statements have one `Sid`, so that the later takes the place of the earlier.
fn same_sid(one: &Node, other: &Node) -> Truth {
    match (sid(one), sid(other)) {
        (Sid::Absent, _) | (_, Sid::Absent) => Truth::False,
        (Sid::Known(one), Sid::Known(other)) => Truth::from(one == other),
        _ => Truth::Unknown,
    }
}

enum Sid<'n> {
    Absent,
    Unknown,
    Known(&'n str),
}

fn sid(statement: &Node) -> Sid<'_> {
    let Kind::Object(members) = &statement.kind else { return Sid::Unknown };
    let Some(sid) = members.iter().find(|member| member.name.as_literal() == Some("Sid")) else { return Sid::Absent };
    match &sid.value.kind {
        Kind::Text(text) => match text.as_literal() {
            Some("") => Sid::Absent,
            Some(text) => Sid::Known(text),
            None => Sid::Unknown,
        },
        Kind::Null => Sid::Absent,
        _ => Sid::Unknown,
    }
}

impl Builder<'_> {
    /// The document that a data source writes.
    pub(super) fn document(&mut self, id: ObjectId) -> Node {
        let draft = self.draft(id);
        draft.node(self, &Spot::of(id, "statement"))
    }

    fn draft(&mut self, id: ObjectId) -> Draft {
        let whole = Spot::of(id, "json");
        self.documents += 1;
        if self.documents > MOST_DOCUMENTS {
            return Draft::unknown(self, Hole::from(&[]), &whole);
        }
        let object = self.estate.object(id);
        let json = object.attribute(&["json"]);
        if let Some(text) = json.str() {
            self.tree.is_sensitive |= json.is_sensitive();
            return self.read(text, &whole);
        }
        let mut draft = Draft { version: Version::Absent, statements: Vec::new() };
        for name in ["source_json", "source_policy_documents"] {
            // The provider refuses documents of one list that share a `Sid`.
            self.others(id, name).into_iter().for_each(|other| draft.append(other));
        }
        let own = Draft { version: self.version(id), statements: self.statements(id) };
        draft.merge(self, own);
        for name in ["override_policy_documents", "override_json"] {
            for other in self.others(id, name) {
                draft.merge(self, other);
            }
        }
        draft
    }

    fn version(&mut self, id: ObjectId) -> Version {
        let version = self.estate.object(id).attribute(&["version"]);
        if version.is_unknown() {
            let configured = evaluate::value(self.estate, id, &["version"]);
            return match configured.as_ref().and_then(Value::as_str) {
                Some(text) => Version::Known(text.into()),
                None => Version::Unknown,
            };
        }
        Version::Known(version.str().unwrap_or(NEW).into())
    }

    fn read(&mut self, text: &str, spot: &Spot) -> Draft {
        match self.json(text, spot) {
            Some(node) => Draft::of(self, node, spot),
            None => Draft::unknown(self, Hole::from(&[]), spot),
        }
    }

    /// The documents that an argument names: one text, or a list of texts, of which an empty one is none.
    fn others(&mut self, id: ObjectId, name: &'static str) -> Vec<Draft> {
        let Some(value) = self.estate.object(id).values.get(name) else { return Vec::new() };
        let spot = Spot::of(id, name);
        let configured = if value.is_wholly_known() { None } else { evaluate::value(self.estate, id, &[name]) };
        let written = configured.as_ref().map_or(&[][..], Value::items);
        let is_none = |index: usize| written.get(index).is_some_and(|item| item.is_null() || item.as_str() == Some(""));
        match (&value.kind, configured.as_ref().map(|value| &value.kind)) {
            (terraform::Kind::List(items), _) => {
                let unknown = items.iter().filter(|item| item.is_unknown()).count();
                let mut documents = self.referred(id, &[name], unknown).into_iter();
                let each = items.iter().enumerate().map(|(index, item)| {
                    let index = index.to_string();
                    let referred = if item.is_unknown() { documents.next() } else { None };
                    self.spliced(id, &[name, &index], (item, referred), &spot.below(&index))
                });
                each.flatten().collect()
            }
            (terraform::Kind::Unknown(_), Some(terraform::Kind::List(items))) => {
                let each = items.iter().enumerate().filter(|(index, _)| !is_none(*index));
                each.filter_map(|(index, _)| self.spliced(id, &[name, &index.to_string()], (value, None), &spot))
                    .collect()
            }
            _ => {
                let referred = if value.is_unknown() { self.referred(id, &[name], 1).pop() } else { None };
                self.spliced(id, &[name], (value, referred), &spot).into_iter().collect()
            }
        }
    }

    /// One document of an argument: `value` as the plan has it, and the data source that its references lead to. `None`
    /// where there is none.
    fn spliced(
        &mut self,
        id: ObjectId,
        path: &[&str],
        (value, referred): (&Value, Option<ObjectId>),
        spot: &Spot,
    ) -> Option<Draft> {
        self.tree.is_sensitive |= value.sensitive;
        if !value.is_unknown() {
            return value.as_str().filter(|text| !text.is_empty()).map(|text| self.read(text, spot));
        }
        Some(match self.found(id, path, referred) {
            Found::Nothing => return None,
            Found::Document(document) => self.draft(document),
            Found::Written(document) => {
                let node = self.value(&document, spot);
                Draft::of(self, node, spot)
            }
            Found::Unknown(reference) => {
                let references = match &reference {
                    Some(reference) => vec![&**reference],
                    None => self.references(id, path),
                };
                Draft::unknown(self, Hole::from(&references), spot)
            }
        })
    }

    /// What the text of an argument is that is known only after apply: by the configuration, else by the data source that
    /// its references lead to.
    pub(super) fn found(&mut self, id: ObjectId, path: &[&str], referred: Option<ObjectId>) -> Found {
        let Some(document) = evaluate::document(self.estate, id, path) else {
            return referred.map_or(Found::Unknown(None), Found::Document);
        };
        self.tree.is_sensitive |= document.sensitive;
        match &document.kind {
            terraform::Kind::Null => Found::Nothing,
            terraform::Kind::Unknown(Some(reference)) => match self.document_at(reference) {
                Some(document) => Found::Document(document),
                None => Found::Unknown(Some(reference.to_string())),
            },
            terraform::Kind::Unknown(None) => referred.map_or(Found::Unknown(None), Found::Document),
            _ => Found::Written(document),
        }
    }

    /// The policy document that a reference reads the text of.
    pub(super) fn document_at(&self, reference: &Reference) -> Option<ObjectId> {
        let [terraform::Step::Attribute(attribute)] = &reference.path[..] else { return None };
        let id = evaluate::object_of(self.estate, self.unit, reference)?;
        is_document(self, id, Some(attribute)).then_some(id)
    }

    /// The policy documents that the references of an argument lead to, if that is all they lead to and if they are as many
    /// as the texts that are not known.
    pub(super) fn referred(&self, id: ObjectId, path: &[&str], count: usize) -> Vec<ObjectId> {
        if count == 0 {
            return Vec::new();
        }
        let Some(reached) = references::reached_at(self.estate, id, path) else { return Vec::new() };
        let mut documents: Vec<ObjectId> = Vec::new();
        for (object, attribute) in &reached.objects {
            if !is_document(self, *object, attribute.as_deref()) {
                return Vec::new();
            }
            if !documents.contains(object) {
                documents.push(*object);
            }
        }
        if documents.len() == count && reached.stops.is_empty() { documents } else { Vec::new() }
    }

    /// The references of an argument, as they are written.
    fn references(&self, id: ObjectId, path: &[&str]) -> Vec<&str> {
        let block = self.estate.block(self.estate.object(id));
        let name = path.first().copied().unwrap_or_default();
        let expression = block.and_then(|block| block.expressions.get(name));
        expression.map(terraform::Expression::longest_references).unwrap_or_default()
    }
}
