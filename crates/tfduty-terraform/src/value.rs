//! Values: JSON or evaluated HCL, with a span on every node and marks for *unknown* and *sensitive*.

use crate::{
    address::{Key, ModulePath},
    reference::{Reference, Step, Target},
    span::{Span, TextId},
};

/// One node of an attribute tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Where it stands. A value that the text does not spell out (an attribute known only after apply) has the span
    /// of the object it belongs to.
    pub span: Span,
    /// Which text the span is in.
    pub text: TextId,
    /// Whether Terraform marks the value, or something that holds it, as sensitive. Marks survive decoding and
    /// evaluation: what is made from a sensitive value is sensitive.
    pub sensitive: bool,
}

/// The kinds of a [`Value`].
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`: not set.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written: Terraform's numbers exceed 64 bits.
    Number(Box<str>),
    /// A string, decoded.
    String(Box<str>),
    /// A string that is known in parts. Never all literal, and two literals never stand side by side.
    Template(Vec<Part>),
    /// A list, set or tuple.
    List(Vec<Value>),
    /// An object, map or block. In the order of the text; of duplicate keys only the last is kept, as in Terraform.
    Object(Vec<(Box<str>, Value)>),
    /// A value that is known only after apply or lies outside the inputs: a hole. The reference says what fills it,
    /// where exactly one attribute does.
    Unknown(Option<Box<Reference>>),
}

/// One part of a string that is known in parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Known text.
    Literal(Box<str>),
    /// A hole, with what fills it where that is one attribute.
    Hole(Option<Box<Reference>>),
}

impl Kind {
    /// What stands in facts for something sensitive: a hole that says so, with a number where it is to be told from others.
    pub(crate) fn withheld(number: Option<Key>) -> Self {
        let path = number.map(Step::Index).into_iter().collect();
        Self::Unknown(Some(Box::new(Reference { module: ModulePath::default(), target: Target::Withheld, path })))
    }
}

impl Value {
    /// A value of the audited document.
    pub fn new(kind: Kind, span: Span) -> Self {
        Self { kind, span, text: TextId::Document, sensitive: false }
    }

    /// The member `key` of an object; of a list with exactly one object (a block), that object's member. `null` is
    /// returned like any other value: see [`Value::is_null`].
    pub fn get(&self, key: &str) -> Option<&Value> {
        match &self.kind {
            Kind::Object(members) => members.iter().find(|(name, _)| &**name == key).map(|(_, value)| value),
            Kind::List(items) => match items.as_slice() {
                [only] => only.get(key),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a list; of anything else that is set (a block written as one object) that one thing.
    pub fn items(&self) -> &[Value] {
        match &self.kind {
            Kind::List(items) => items,
            Kind::Null | Kind::Unknown(_) => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The members of an object, in the order of the text; none for anything else.
    pub fn members(&self) -> &[(Box<str>, Value)] {
        match &self.kind {
            Kind::Object(members) => members,
            _ => &[],
        }
    }

    /// The text of a wholly known string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// A boolean; also the strings that flat states hold for one (an empty one is false) and `for_each` maps.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(truth) => Some(*truth),
            Kind::String(text) => match &**text {
                "true" | "1" => Some(true),
                "false" | "0" | "" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A number that fits 64 bits, also written as a string.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.kind {
            Kind::Number(text) | Kind::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether the value is `null`, that is, not set.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// Whether the value itself is a hole. A list, object or template that holds one is not.
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Kind::Unknown(_))
    }

    /// Whether the value itself was known, and facts leave it out since it is sensitive.
    pub fn is_withheld(&self) -> bool {
        matches!(&self.kind, Kind::Unknown(Some(reference)) if reference.target == Target::Withheld)
    }

    /// Whether the value, or anything in it, [is withheld](Value::is_withheld).
    pub fn holds_withheld(&self) -> bool {
        match &self.kind {
            Kind::List(items) => items.iter().any(Value::holds_withheld),
            Kind::Object(members) => members.iter().any(|(_, value)| value.holds_withheld()),
            _ => self.is_withheld(),
        }
    }

    /// Whether the value or anything in it is sensitive.
    pub fn holds_sensitive(&self) -> bool {
        self.sensitive
            || match &self.kind {
                Kind::List(items) => items.iter().any(Value::holds_sensitive),
                Kind::Object(members) => members.iter().any(|(_, value)| value.holds_sensitive()),
                _ => false,
            }
    }

    /// Whether nothing in the value is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match &self.kind {
            Kind::Unknown(_) | Kind::Template(_) => false,
            Kind::List(items) => items.iter().all(Value::is_wholly_known),
            Kind::Object(members) => members.iter().all(|(_, value)| value.is_wholly_known()),
            _ => true,
        }
    }
}
