//! What is unknown and what is sensitive: trees and paths that a document keeps beside the values, laid over them.

use std::{borrow::Cow, collections::HashMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    json::{Name, Text, record, string, text},
    refusal::Refusal,
    span::Span,
    value::{Kind, Value},
};

/// A tree of marks, as in `after_unknown` and `after_sensitive`: `true` marks a value and all that is in it, and an
/// object or list says it of the members and items.
pub(crate) enum Tree<'a> {
    /// `true`
    Marked,
    /// `false`, and whatever else says nothing.
    Clear,
    /// Of the members of an object or map.
    Members(Vec<(Cow<'a, str>, Tree<'a>)>),
    /// Of the items of a list, set or tuple.
    Items(Vec<Tree<'a>>),
}

impl<'a> Tree<'a> {
    /// Reads the tree of marks that a document may have at a place.
    pub(crate) fn read(text: Text<'a>, raw: Option<&'a RawValue>) -> Result<Self, Refusal> {
        match raw {
            Some(raw) if raw.get() != "{}" => text.read(raw),
            _ => Ok(Self::Clear),
        }
    }

    /// Whether anything in the tree is marked.
    fn marks(&self) -> bool {
        match self {
            Tree::Marked => true,
            Tree::Clear => false,
            Tree::Members(members) => members.iter().any(|(_, tree)| tree.marks()),
            Tree::Items(items) => items.iter().any(Tree::marks),
        }
    }
}

impl<'de> Deserialize<'de> for Tree<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TreeVisitor;
        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false, an object or a list")
            }
            fn visit_bool<E>(self, marked: bool) -> Result<Tree<'de>, E> {
                Ok(if marked { Tree::Marked } else { Tree::Clear })
            }
            fn visit_unit<E>(self) -> Result<Tree<'de>, E> {
                Ok(Tree::Clear)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree<'de>, A::Error> {
                let mut members: Vec<(Cow<'de, str>, Tree<'de>)> = Vec::new();
                while let Some((Name(name), tree)) = map.next_entry()? {
                    // Mostly nothing is marked. Of duplicates the last one counts, which may say nothing.
                    if !members.is_empty() || !matches!(tree, Tree::Clear) {
                        members.push((name, tree));
                    }
                }
                Ok(if members.is_empty() { Tree::Clear } else { Tree::Members(members) })
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree<'de>, A::Error> {
                let mut trees = Vec::new();
                let mut clear = 0;
                while let Some(tree) = items.next_element()? {
                    // Mostly nothing is marked.
                    if trees.is_empty() && matches!(tree, Tree::Clear) {
                        clear += 1;
                        continue;
                    }
                    trees.extend(std::iter::repeat_with(|| Tree::Clear).take(std::mem::take(&mut clear)));
                    trees.push(tree);
                }
                Ok(if trees.is_empty() { Tree::Clear } else { Tree::Items(trees) })
            }
        }
        deserializer.deserialize_any(TreeVisitor)
    }
}

/// Lays `after_unknown` over `after`: what it marks becomes a hole. Members and items that `after` leaves out are added,
/// with the span of what holds them.
pub(crate) fn lay_unknown(value: &mut Value, tree: &Tree<'_>) {
    match (&mut value.kind, tree) {
        (_, Tree::Clear) => {}
        (_, Tree::Marked) => value.kind = Kind::Unknown(None),
        (Kind::Object(members), Tree::Members(trees)) => {
            let mut unseen: HashMap<&str, &Tree<'_>> = trees.iter().map(|(name, tree)| (&**name, tree)).collect();
            for (name, member) in members.iter_mut() {
                if let Some(tree) = unseen.remove(&**name) {
                    lay_unknown(member, tree);
                }
            }
            let added = trees.iter().filter_map(|(name, _)| {
                let tree = unseen.remove(&**name)?;
                Some((name.as_ref().into(), holes(tree, value.span)?))
            });
            members.extend(added);
        }
        (Kind::List(items), Tree::Items(trees)) => {
            for (item, tree) in items.iter_mut().zip(trees) {
                lay_unknown(item, tree);
            }
            items.extend(trees.iter().skip(items.len()).filter_map(|tree| holes(tree, value.span)));
        }
        // `null` stands for an item whose parts are unknown; any other mismatch is not Terraform's, and what is not
        // understood is not taken for known.
        (_, tree) => {
            if let Some(hole) = holes(tree, value.span) {
                value.kind = hole.kind;
            }
        }
    }
}

/// The value that a tree describes where there is nothing to lay it over; `None` where it marks nothing.
fn holes(tree: &Tree<'_>, span: Span) -> Option<Value> {
    let kind = match tree {
        Tree::Clear => return None,
        Tree::Marked => Kind::Unknown(None),
        Tree::Members(members) => {
            let members = members.iter().filter_map(|(name, tree)| Some((name.as_ref().into(), holes(tree, span)?)));
            Kind::Object(members.collect())
        }
        Tree::Items(items) => Kind::List(items.iter().filter_map(|tree| holes(tree, span)).collect()),
    };
    tree.marks().then(|| Value::new(kind, span))
}

/// Lays a tree of sensitive marks over a value.
pub(crate) fn lay_sensitive(value: &mut Value, tree: &Tree<'_>) {
    match (&mut value.kind, tree) {
        (_, Tree::Clear) | (Kind::Null, Tree::Members(_) | Tree::Items(_)) => {}
        (Kind::Object(members), Tree::Members(trees)) => {
            let trees: HashMap<&str, &Tree<'_>> = trees.iter().map(|(name, tree)| (&**name, tree)).collect();
            for (name, member) in members {
                if let Some(tree) = trees.get(&**name) {
                    lay_sensitive(member, tree);
                }
            }
        }
        (Kind::List(items), Tree::Items(trees)) if items.len() >= trees.len() => {
            for (item, tree) in items.iter_mut().zip(trees) {
                lay_sensitive(item, tree);
            }
        }
        // A tree of another shape cannot say which part it means.
        (_, tree) => {
            if tree.marks() {
                mark_sensitive(value);
            }
        }
    }
}

/// Marks a value and everything in it as sensitive.
pub(crate) fn mark_sensitive(value: &mut Value) {
    value.sensitive = true;
    match &mut value.kind {
        Kind::List(items) => items.iter_mut().for_each(mark_sensitive),
        Kind::Object(members) => members.iter_mut().for_each(|(_, member)| mark_sensitive(member)),
        _ => {}
    }
}

record! {
    /// One step of a path in `sensitive_attributes`.
    struct PathStep<'a> { kind: &'a RawValue = "type", value: &'a RawValue = "value", }
}

record! {
    /// The `value` of an `index` step.
    struct Index<'a> { value: &'a RawValue = "value", }
}

/// Lays the paths of a raw state's `sensitive_attributes` over the attributes.
pub(crate) fn lay_sensitive_paths(attributes: &mut Value, paths: &RawValue, document: Text<'_>) -> Result<(), Refusal> {
    for path in document.read::<Vec<Vec<PathStep<'_>>>>(paths)? {
        mark_path(attributes, &path);
    }
    Ok(())
}

/// A step that is not understood marks all that the path could mean; one that leads nowhere, nothing.
fn mark_path(node: &mut Value, path: &[PathStep<'_>]) {
    let Some((step, rest)) = path.split_first() else { return mark_sensitive(node) };
    let Some(key) = key_of(step) else { return mark_sensitive(node) };
    if let Some(child) = child(node, &key) {
        mark_path(child, rest);
    }
}

/// The member name or index of a step; `None` for a step that is not understood.
fn key_of<'a>(step: &PathStep<'a>) -> Option<Cow<'a, str>> {
    match text(step.kind)?.as_ref() {
        "get_attr" => string(step.value?),
        "index" => {
            let key = serde_json::from_str::<Index<'_>>(step.value?.get()).ok()?.value?;
            Some(string(key).unwrap_or(Cow::Borrowed(key.get())))
        }
        _ => None,
    }
}

fn child<'v>(value: &'v mut Value, key: &str) -> Option<&'v mut Value> {
    match &mut value.kind {
        Kind::Object(members) => members.iter_mut().find(|(name, _)| **name == *key).map(|(_, member)| member),
        Kind::List(items) => items.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    fn decoded(text: &str) -> Value {
        decode::value(Text::new(text), raw(text)).unwrap()
    }

    /// A value in short: `?` for a hole, a trailing `!` for a sensitive node.
    fn show(value: &Value) -> String {
        let shown = match &value.kind {
            Kind::Null => "null".to_owned(),
            Kind::Bool(truth) => truth.to_string(),
            Kind::Number(text) => text.to_string(),
            Kind::String(text) => format!("'{text}'"),
            Kind::Unknown(_) => "?".to_owned(),
            Kind::Template(_) => "template".to_owned(),
            Kind::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
            Kind::Object(members) => {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}:{}", show(value))).collect();
                format!("{{{}}}", members.join(" "))
            }
        };
        if value.sensitive { shown + "!" } else { shown }
    }

    #[test]
    fn what_is_unknown_becomes_a_hole() {
        for (after, unknown, expected) in [
            (
                r#"{"a": 1}"#,
                r#"{"a": true, "b": true, "c": false, "d": {"e": true, "f": false}, "g": {}}"#,
                "{a:? b:? d:{e:?}}",
            ),
            (r#"{"l": [null, {"x": 1}, 3]}"#, r#"{"l": [true, {"y": true}, false]}"#, "{l:[? {x:1 y:?} 3]}"),
            (r#"{"l": [1]}"#, r#"{"l": [false, true, {"x": true}, false]}"#, "{l:[1 ? {x:?}]}"),
            (r#"{"l": [null]}"#, r#"{"l": [{"x": true}]}"#, "{l:[{x:?}]}"),
            (r#"{"a": "x"}"#, r#"{"a": {"b": true}}"#, "{a:{b:?}}"),
            (r#"{"a": "x"}"#, r#"{"a": {"b": false}}"#, "{a:'x'}"),
            ("null", "{}", "null"),
            ("null", "true", "?"),
        ] {
            let mut value = decoded(after);
            lay_unknown(&mut value, &serde_json::from_str(unknown).unwrap());
            assert_eq!(show(&value), expected, "{after} {unknown}");
        }
    }

    #[test]
    fn an_added_hole_has_the_span_of_its_object() {
        let text = r#"{"a": {"b": 1}}"#;
        let mut value = decoded(text);
        lay_unknown(&mut value, &serde_json::from_str(r#"{"a": {"c": true}}"#).unwrap());
        assert_eq!(value.get("a").and_then(|a| a.get("c")).and_then(|c| c.span.of(text)), Some(r#"{"b": 1}"#));
    }

    #[test]
    fn sensitive_marks_reach_everything_below() {
        for (value, sensitive, expected) in [
            (r#"{"a": {"b": [1]}, "c": 2}"#, r#"{"a": true}"#, "{a:{b:[1!]!}! c:2}"),
            (r#"{"a": {"b": [1, 2]}}"#, r#"{"a": {"b": [false, true]}}"#, "{a:{b:[1 2!]}}"),
            (r#"{"a": [1]}"#, r#"{"a": [false, true]}"#, "{a:[1!]!}"),
            (r#"{"a": "x"}"#, r#"{"a": {"b": true}}"#, "{a:'x'!}"),
            (r#"{"a": "x"}"#, r#"{"a": {}, "b": true}"#, "{a:'x'}"),
            ("null", r#"{"a": true}"#, "null"),
            (r#"{"a": 1}"#, "false", "{a:1}"),
        ] {
            let mut marked = decoded(value);
            lay_sensitive(&mut marked, &serde_json::from_str(sensitive).unwrap());
            assert_eq!(show(&marked), expected, "{value} {sensitive}");
        }
    }

    #[test]
    fn sensitive_paths_are_followed() {
        let attribute = |name: &str| format!(r#"{{"type":"get_attr","value":"{name}"}}"#);
        let index = |value: &str| format!(r#"{{"type":"index","value":{{"value":{value},"type":"string"}}}}"#);
        for (path, expected) in [
            (attribute("tags"), "{tags:{s:'x'! t:'y'!}! l:[1 2]}"),
            (format!("{},{}", attribute("tags"), index("\"s\"")), "{tags:{s:'x'! t:'y'} l:[1 2]}"),
            (format!("{},{}", attribute("l"), index("1")), "{tags:{s:'x' t:'y'} l:[1 2!]}"),
            (format!("{},{}", attribute("l"), index("7")), "{tags:{s:'x' t:'y'} l:[1 2]}"),
            (format!("{},{}", attribute("l"), r#"{"type":"new"}"#), "{tags:{s:'x' t:'y'} l:[1! 2!]!}"),
        ] {
            let mut value = decoded(r#"{"tags": {"s": "x", "t": "y"}, "l": [1, 2]}"#);
            let paths = format!("[[{path}]]");
            lay_sensitive_paths(&mut value, raw(&paths), Text::new(&paths)).unwrap();
            assert_eq!(show(&value), expected, "{path}");
        }
    }

    #[test]
    fn deep_trees_end_in_an_error_and_no_overflow() {
        let nested = |depth: usize| format!("{}true{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        assert!(serde_json::from_str::<Tree<'_>>(&nested(60)).is_ok_and(|tree| tree.marks()));
        assert!(serde_json::from_str::<Tree<'_>>(&nested(10_000)).is_err());
    }
}
