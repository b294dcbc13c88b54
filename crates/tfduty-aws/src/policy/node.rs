//! The form in which a policy comes in.

use super::holes::HoleId;
use super::text::Text;

/// Where a node comes from: a number that means something to the caller alone, who maps it back to a place to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(pub u32);

/// One node of a policy, in the shape of a JSON policy document whatever it was written in.
///
/// Statements that were written as blocks are put into this shape by the caller, as the JSON that they would become:
/// with its `Version`, policy variables as `${…}`, and the conditions of one operator under one name. A statement of
/// which nothing is known, such as what another document adds, is a [`Kind::Hole`] in the list of statements: it may
/// allow and it may deny.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it comes from.
    pub origin: Origin,
}

/// The kinds of a [`Node`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(Box<str>),
    /// A text.
    Text(Text),
    /// A list.
    List(Vec<Node>),
    /// An object. It may hold a name twice, as JSON text may.
    Object(Vec<Member>),
    /// A value of which not even the kind is known. Where a text may stand, it is read as a text of one hole.
    Hole(HoleId),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name; in a condition it may have holes.
    pub name: Text,
    /// Where the name comes from.
    pub origin: Origin,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The items of a list; of anything else that one thing: `Action`, `Resource` and their like may be either.
    pub(super) fn items(&self) -> &[Node] {
        match &self.kind {
            Kind::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}
