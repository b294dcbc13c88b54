//! A policy as a tree of nodes, whatever it was written in.

use tfduty_aws::policy::{HoleId, Identity, Kind, Member, Node, Origin, Text};
use tfduty_terraform::{JsonKind, JsonNode};

use super::spot::{Lines, Spot};

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

impl Tree {
    /// The number of a place.
    pub(super) fn origin(&mut self, spot: Spot) -> Origin {
        let number = Origin(number(self.spots.len()));
        self.spots.push(spot);
        number
    }

    /// The number of a hole.
    pub(super) fn hole(&mut self, hole: Hole) -> HoleId {
        let number = HoleId(number(self.holes.len()));
        self.holes.push(hole);
        number
    }

    /// The document in a JSON text that stands at `spot`; `None` where it is no JSON.
    pub(super) fn text(&mut self, text: &str, spot: &Spot) -> Option<Node> {
        let document = JsonNode::read(text)?;
        Some(self.json(&document, &Lines::of(text), spot))
    }

    fn json(&mut self, node: &JsonNode, lines: &Lines, spot: &Spot) -> Node {
        let origin = self.origin(Spot { inner: Some(lines.inner(node.span)), ..spot.clone() });
        let kind = match &node.kind {
            JsonKind::Null => Kind::Null,
            JsonKind::Bool(truth) => Kind::Bool(*truth),
            JsonKind::Number(number) => Kind::Number(number.clone()),
            JsonKind::String(text) => Kind::Text(Text::from(&**text)),
            JsonKind::List(items) => Kind::List(items.iter().map(|item| self.json(item, lines, spot)).collect()),
            JsonKind::Object(members) => {
                let members = members.iter().map(|member| Member {
                    name: Text::from(&*member.name),
                    origin: self.origin(Spot { inner: Some(lines.inner(member.name_span)), ..spot.clone() }),
                    value: self.json(&member.value, lines, spot),
                });
                Kind::Object(members.collect())
            }
        };
        Node { kind, origin }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
