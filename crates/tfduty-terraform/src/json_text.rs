//! A JSON text inside an attribute, as it is written.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    json::{Text, string},
    span::Span,
};

/// How deep lists and objects may be nested.
const DEEPEST: usize = 64;

/// One node of a JSON text.
///
/// A [`crate::Value`] is what Terraform makes of JSON. This is what is written: names that stand twice in one object are
/// both there, since what reads the text later may refuse it for that.
///
/// ```
/// # use tfduty_terraform::{JsonKind, JsonNode};
/// let text = r#"{"a": 1, "a": [true]}"#;
/// let JsonKind::Object(members) = JsonNode::read(text).unwrap().kind else { panic!() };
/// assert_eq!(members.len(), 2);
/// assert_eq!(members[1].value.span.of(text), Some("[true]"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonNode {
    /// What it is.
    pub kind: JsonKind,
    /// Where it stands in the text.
    pub span: Span,
}

/// The kinds of a [`JsonNode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it is written.
    Number(Box<str>),
    /// A string, decoded.
    String(Box<str>),
    /// A list.
    List(Vec<JsonNode>),
    /// An object.
    Object(Vec<JsonMember>),
}

/// A member of an object of a JSON text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonMember {
    /// Its name, decoded.
    pub name: Box<str>,
    /// Where its name stands, quotes included.
    pub name_span: Span,
    /// Its value.
    pub value: JsonNode,
}

impl JsonNode {
    /// Reads a text. `None` for what is no JSON, and for what is nested deeper than any document a person writes.
    pub fn read(text: &str) -> Option<Self> {
        node(Text::new(text), serde_json::from_str(text).ok()?, DEEPEST)
    }
}

fn node(text: Text<'_>, raw: &RawValue, depth: usize) -> Option<JsonNode> {
    let depth = depth.checked_sub(1)?;
    let kind = match raw.get().as_bytes() {
        [b'{', ..] => {
            let Pairs(pairs) = serde_json::from_str(raw.get()).ok()?;
            let member = |(name, value): (&RawValue, &RawValue)| {
                Some(JsonMember {
                    name: string(name)?.into(),
                    name_span: text.span(name),
                    value: node(text, value, depth)?,
                })
            };
            JsonKind::Object(pairs.into_iter().map(member).collect::<Option<_>>()?)
        }
        [b'[', ..] => {
            let items: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
            JsonKind::List(items.into_iter().map(|item| node(text, item, depth)).collect::<Option<_>>()?)
        }
        [b'"', ..] => JsonKind::String(string(raw)?.into()),
        b"null" => JsonKind::Null,
        b"true" => JsonKind::Bool(true),
        b"false" => JsonKind::Bool(false),
        number => JsonKind::Number(std::str::from_utf8(number).ok()?.into()),
    };
    Some(JsonNode { kind, span: text.span(raw) })
}

/// The members of an object, names and values as slices of the text.
struct Pairs<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every node and name as it stands in the text, in the order of the text.
    fn places<'t>(node: &JsonNode, text: &'t str, found: &mut Vec<&'t str>) {
        found.extend(node.span.of(text));
        match &node.kind {
            JsonKind::List(items) => items.iter().for_each(|item| places(item, text, found)),
            JsonKind::Object(members) => {
                for member in members {
                    found.extend(member.name_span.of(text));
                    places(&member.value, text, found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_node_and_name_has_its_place() {
        let text = " {\"a\" : [1, null], \"\\u0061\": \"x\\ty\", \"a\": {}} ";
        let node = JsonNode::read(text).unwrap();
        let mut found = Vec::new();
        places(&node, text, &mut found);
        assert_eq!(found, [text.trim(), "\"a\"", "[1, null]", "1", "null", "\"\\u0061\"", "\"x\\ty\"", "\"a\"", "{}"]);
        let JsonKind::Object(members) = node.kind else { panic!() };
        assert!(members.iter().all(|member| &*member.name == "a"));
        assert_eq!(members[1].value.kind, JsonKind::String("x\ty".into()));
    }

    #[test]
    fn what_is_no_json_is_nothing() {
        for text in ["", "x", "{", "{} {}", "{\"a\": 01}", "{a: 1}", "${x}", "nul"] {
            assert_eq!(JsonNode::read(text), None, "{text}");
        }
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(JsonNode::read(&nested(63)).is_some());
        assert!(JsonNode::read(&nested(64)).is_none());
        assert!(JsonNode::read(&nested(100_000)).is_none());
    }

    #[test]
    fn half_a_surrogate_pair_is_a_replacement_character() {
        let node = JsonNode::read(r#"{"\ud800": "\udc00"}"#).unwrap();
        let JsonKind::Object(members) = node.kind else { panic!() };
        assert_eq!(&*members[0].name, "\u{fffd}");
        assert_eq!(members[0].value.kind, JsonKind::String("\u{fffd}".into()));
    }
}
