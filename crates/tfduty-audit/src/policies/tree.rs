//! A policy as a tree of nodes, whatever it was written in.

use tfduty_aws::policy::{HoleId, Identity, Kind, Member, Node, Origin, Part, Text};
use tfduty_terraform::{self as terraform, JsonKind, JsonNode, Reference, Span, Value};

use super::{
    identity::identity,
    spot::{Lines, Spot},
};
use crate::estate::Estate;

/// The places and holes of one policy, as its nodes number them.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) spots: Vec<Spot>,
    pub(super) holes: Vec<Hole>,
    /// Whether anything in it is sensitive.
    pub(super) is_sensitive: bool,
}

/// What is known of a hole.
#[derive(Debug, Clone)]
pub(super) struct Hole {
    /// What stands there.
    pub(super) identity: Identity,
    /// The references that fill it, as they are written.
    pub(super) references: Vec<String>,
}

impl Hole {
    /// A hole that is made of these references in a way that is not known.
    pub(super) fn from(references: &[&str]) -> Self {
        let references = references.iter().map(|reference| (*reference).to_owned()).collect();
        Self { identity: Identity::Unknown, references }
    }
}

/// Makes the tree of one policy.
pub(super) struct Builder<'a> {
    pub(super) estate: &'a Estate,
    /// The unit of the policy.
    pub(super) unit: usize,
    pub(super) tree: Tree,
    /// Policy documents that were put together so far.
    pub(super) documents: usize,
    /// What a hole is made of that has no reference of its own, as it is written.
    pub(super) made_of: Vec<String>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(estate: &'a Estate, unit: usize) -> Self {
        Self { estate, unit, tree: Tree::default(), documents: 0, made_of: Vec::new() }
    }

    /// A node at `spot`.
    pub(super) fn node(&mut self, kind: Kind, spot: &Spot) -> Node {
        Node { kind, origin: self.origin(spot.clone()) }
    }

    pub(super) fn hole(&mut self, hole: Hole) -> HoleId {
        let number = HoleId(number(self.tree.holes.len()));
        self.tree.holes.push(hole);
        number
    }

    fn origin(&mut self, spot: Spot) -> Origin {
        let number = Origin(number(self.tree.spots.len()));
        self.tree.spots.push(spot);
        number
    }

    fn reference(&mut self, reference: Option<&Reference>) -> HoleId {
        let hole = match reference {
            Some(reference) => {
                Hole { identity: identity(self.estate, self.unit, reference), references: vec![reference.to_string()] }
            }
            None => Hole { identity: Identity::Unknown, references: self.made_of.clone() },
        };
        self.hole(hole)
    }

    /// The document in a JSON text that stands at `spot`; `None` where it is no JSON.
    pub(super) fn json(&mut self, text: &str, spot: &Spot) -> Option<Node> {
        let document = JsonNode::read(text)?;
        let lines = Lines::of(text);
        Some(node_of(document, &mut |span| self.origin(Spot { inner: Some(lines.inner(span)), ..spot.clone() })))
    }

    /// A value as it stands, of which a document shows at most what is at `spot`.
    pub(super) fn value(&mut self, value: &Value, spot: &Spot) -> Node {
        self.tree.is_sensitive |= value.sensitive;
        let spot = &spot.written(value);
        let kind = match &value.kind {
            terraform::Kind::Null => Kind::Null,
            terraform::Kind::Bool(truth) => Kind::Bool(*truth),
            terraform::Kind::Number(number) => Kind::Number(number.clone()),
            terraform::Kind::String(text) => Kind::Text(Text::from(&**text)),
            terraform::Kind::Template(parts) => Kind::Text(self.template(parts)),
            terraform::Kind::Unknown(reference) => Kind::Hole(self.reference(reference.as_deref())),
            terraform::Kind::List(items) => Kind::List(items.iter().map(|item| self.value(item, spot)).collect()),
            terraform::Kind::Object(members) => {
                let members = members.iter().map(|(name, value)| {
                    let value = self.value(value, spot);
                    Member { name: Text::from(&**name), origin: value.origin, value }
                });
                Kind::Object(members.collect())
            }
        };
        self.node(kind, spot)
    }

    /// A value as a text; of what is no text, nothing is known.
    pub(super) fn text(&mut self, value: &Value) -> Text {
        match &value.kind {
            terraform::Kind::String(text) | terraform::Kind::Number(text) => Text::from(&**text),
            terraform::Kind::Bool(truth) => Text::from(if *truth { "true" } else { "false" }),
            terraform::Kind::Template(parts) => self.template(parts),
            terraform::Kind::Unknown(reference) => Text::from(self.reference(reference.as_deref())),
            _ => Text::from(self.reference(None)),
        }
    }

    fn template(&mut self, parts: &[terraform::Part]) -> Text {
        Text::new(parts.iter().map(|part| match part {
            terraform::Part::Literal(text) => Part::Literal(text.clone()),
            terraform::Part::Hole(reference) => Part::Hole(self.reference(reference.as_deref())),
        }))
    }

    /// Gives the nodes of a text the places in the configuration that write it, where that comes to the same text.
    pub(super) fn written(&mut self, node: &Node, value: &Value) {
        if agrees(node, value) {
            self.write(node, value);
        }
    }

    fn write(&mut self, node: &Node, value: &Value) {
        self.place(node.origin, value);
        match (&node.kind, &value.kind) {
            (Kind::List(items), terraform::Kind::List(values)) => {
                items.iter().zip(values).for_each(|(item, value)| self.write(item, value));
            }
            (Kind::Object(members), terraform::Kind::Object(_)) => {
                for member in members {
                    if let Some(value) = member.name.as_literal().and_then(|name| value.get(name)) {
                        self.place(member.origin, value);
                        self.write(&member.value, value);
                    }
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, origin: Origin, value: &Value) {
        if let Some(spot) = self.tree.spots.get_mut(origin.0 as usize) {
            *spot = spot.written(value);
        }
    }
}

/// Whether a value may be what a node says: holes may be anything.
fn agrees(node: &Node, value: &Value) -> bool {
    match (&node.kind, &value.kind) {
        (_, terraform::Kind::Unknown(_))
        | (Kind::Text(_), terraform::Kind::Template(_))
        | (Kind::Null, terraform::Kind::Null) => true,
        (Kind::Bool(one), terraform::Kind::Bool(other)) => one == other,
        (Kind::Number(one), terraform::Kind::Number(other)) => one == other,
        (Kind::Text(one), terraform::Kind::String(other)) => one.as_literal() == Some(other),
        (Kind::List(items), terraform::Kind::List(values)) => {
            items.len() == values.len() && items.iter().zip(values).all(|(item, value)| agrees(item, value))
        }
        (Kind::Object(members), terraform::Kind::Object(values)) => {
            members.len() == values.len()
                && members.iter().all(|member| {
                    let value = member.name.as_literal().and_then(|name| value.get(name));
                    value.is_some_and(|value| agrees(&member.value, value))
                })
        }
        _ => false,
    }
}

/// The node of a JSON text, in whose order `origin` numbers its parts.
pub(super) fn node_of(json: JsonNode, origin: &mut impl FnMut(Span) -> Origin) -> Node {
    let its = origin(json.span);
    let kind = match json.kind {
        JsonKind::Null => Kind::Null,
        JsonKind::Bool(truth) => Kind::Bool(truth),
        JsonKind::Number(number) => Kind::Number(number),
        JsonKind::String(text) => Kind::Text(text.into()),
        JsonKind::List(items) => Kind::List(items.into_iter().map(|item| node_of(item, origin)).collect()),
        JsonKind::Object(members) => {
            let members = members.into_iter().map(|member| Member {
                name: member.name.into(),
                origin: origin(member.name_span),
                value: node_of(member.value, origin),
            });
            Kind::Object(members.collect())
        }
    };
    Node { kind, origin: its }
}

pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
