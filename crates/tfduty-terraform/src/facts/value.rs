//! Values as arrays: where a value stands, what it is, and what is in it.
//!
//! `[start, len]` is `null`, and a third item says what else it is: `true`, `false`, a text, or a number that tells how the
//! rest is read. One array for each value and none for what is in it, so that facts are nested no deeper than the documents
//! that they are taken from.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::SerializeSeq,
};

use super::next;
use crate::{
    address::Key,
    reference::{Step, Target},
    span::{Span, TextId},
    value::{Kind, Value},
};

/// What the numbers in third place stand for.
mod sort {
    /// A number: its text follows.
    pub(super) const NUMBER: u8 = 0;
    /// A list: its items follow.
    pub(super) const LIST: u8 = 1;
    /// An object: names and values follow, in turn.
    pub(super) const OBJECT: u8 = 2;
    /// A hole.
    pub(super) const UNKNOWN: u8 = 3;
    /// A hole for something sensitive that is not known either.
    pub(super) const UNKNOWN_SENSITIVE: u8 = 4;
    /// Something sensitive: a number may follow that tells it from others.
    pub(super) const WITHHELD: u8 = 5;
    /// `null` that is marked sensitive.
    pub(super) const NULL_SENSITIVE: u8 = 6;
}

impl Serialize for Value {
    /// A value of a unit, all of which are of its document. Of a sensitive one nothing is written, whoever asks: that it is
    /// there, and where.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(None)?;
        array.serialize_element(&self.span.start)?;
        array.serialize_element(&self.span.len)?;
        match &self.kind {
            Kind::Null if self.sensitive => array.serialize_element(&sort::NULL_SENSITIVE)?,
            Kind::Unknown(None) if self.sensitive => array.serialize_element(&sort::UNKNOWN_SENSITIVE)?,
            Kind::Unknown(Some(reference)) if reference.target == Target::Withheld => {
                array.serialize_element(&sort::WITHHELD)?;
                if let [Step::Index(number)] = &reference.path[..] {
                    array.serialize_element(number)?;
                }
            }
            _ if self.sensitive => array.serialize_element(&sort::WITHHELD)?,
            Kind::Null => {}
            Kind::Bool(truth) => array.serialize_element(truth)?,
            Kind::Number(text) => {
                array.serialize_element(&sort::NUMBER)?;
                array.serialize_element(text)?;
            }
            Kind::String(text) => array.serialize_element(text)?,
            Kind::List(items) => {
                array.serialize_element(&sort::LIST)?;
                items.iter().try_for_each(|item| array.serialize_element(item))?;
            }
            Kind::Object(members) => {
                array.serialize_element(&sort::OBJECT)?;
                for (name, value) in members {
                    array.serialize_element(name)?;
                    array.serialize_element(value)?;
                }
            }
            // Documents refer to nothing and hold no text in parts: only evaluation does.
            Kind::Unknown(_) | Kind::Template(_) => array.serialize_element(&sort::UNKNOWN)?,
        }
        array.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let span = Span { start: next(&mut items)?, len: next(&mut items)? };
                let (kind, sensitive) = match items.next_element()? {
                    None => (Kind::Null, false),
                    Some(Third::Truth(truth)) => (Kind::Bool(truth), false),
                    Some(Third::Text(text)) => (Kind::String(text.into()), false),
                    Some(Third::Sort(sort)) => rest(sort, &mut items)?,
                };
                Ok(Value { kind, span, text: TextId::Document, sensitive })
            }
        }
        deserializer.deserialize_seq(ValueVisitor)
    }
}

/// What follows the number of a sort, and whether it is sensitive.
fn rest<'de, A: SeqAccess<'de>>(sort: u64, items: &mut A) -> Result<(Kind, bool), A::Error> {
    let kind = match u8::try_from(sort).map_err(A::Error::custom)? {
        sort::NUMBER => Kind::Number(next(items)?),
        sort::LIST => {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                list.push(item);
            }
            Kind::List(list)
        }
        sort::OBJECT => {
            let mut members = Vec::new();
            while let Some(name) = items.next_element()? {
                members.push((name, next(items)?));
            }
            Kind::Object(members)
        }
        sort::UNKNOWN => Kind::Unknown(None),
        sort::UNKNOWN_SENSITIVE => return Ok((Kind::Unknown(None), true)),
        sort::WITHHELD => return Ok((Kind::withheld(items.next_element::<Key>()?), true)),
        sort::NULL_SENSITIVE => return Ok((Kind::Null, true)),
        _ => return Err(A::Error::custom("no such sort of value")),
    };
    Ok((kind, false))
}

/// The third item of a value's array.
enum Third<'a> {
    Truth(bool),
    Text(Cow<'a, str>),
    Sort(u64),
}

impl<'de> Deserialize<'de> for Third<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ThirdVisitor;
        impl<'de> Visitor<'de> for ThirdVisitor {
            type Value = Third<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, a text or a number")
            }
            fn visit_bool<E>(self, truth: bool) -> Result<Third<'de>, E> {
                Ok(Third::Truth(truth))
            }
            fn visit_u64<E>(self, sort: u64) -> Result<Third<'de>, E> {
                Ok(Third::Sort(sort))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Third<'de>, E> {
                Ok(Third::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Third<'de>, E> {
                Ok(Third::Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_any(ThirdVisitor)
    }
}
