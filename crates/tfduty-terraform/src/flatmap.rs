//! Flat attributes, as Terraform 0.11 and older kept them (`rule.0.action`), back to values with structure.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{
    span::Span,
    value::{Kind, Value},
};

/// Attributes by flat key.
pub(crate) type Flat<'a> = BTreeMap<Cow<'a, str>, Value>;

/// How many levels are unflattened; what lies deeper keeps its flat key.
const DEPTH: usize = 64;

/// Builds the attributes object, which has the span `span`, with only what the text says: values stay strings.
///
/// `x.#` makes a list of the items under `x`, by index; the items of a set, whose indices are hashes, are ordered by
/// hash. The count itself is not believed: what is there counts. `x.%` makes a map, whose keys may hold dots. Either has
/// the span of its count. Any other group of keys is an object, with the span of what holds it.
pub(crate) fn unflatten(flat: Flat<'_>, span: Span) -> Value {
    let entries: Vec<_> = flat.into_iter().collect();
    let entries = entries.iter().map(|(key, value)| (&**key, value)).collect();
    build(entries, span, DEPTH)
}

/// Builds the value of one prefix from what lies under it: pairs of the rest of the key, and the value. The empty rest
/// is the prefix's own value.
fn build(entries: Vec<(&str, &Value)>, span: Span, depth: usize) -> Value {
    let own = |key: &str| entries.iter().find(|(rest, _)| *rest == key).map(|(_, value)| *value);
    if let Some(count) = own("%") {
        let members = entries.iter().filter(|(rest, _)| *rest != "%");
        let members = members.map(|(rest, value)| ((*rest).into(), (*value).clone()));
        return Value::new(Kind::Object(members.collect()), count.span);
    }
    if let Some(count) = own("#") {
        let count_span = count.span;
        let mut items: Vec<_> = groups(entries, depth).into_iter().filter(|(index, _)| *index != "#").collect();
        items.sort_by_key(|(index, _)| (index.trim_start_matches('~').parse::<u64>().unwrap_or(u64::MAX), *index));
        let items = items.into_iter().map(|(_, entries)| build(entries, count_span, depth.saturating_sub(1)));
        return Value::new(Kind::List(items.collect()), count_span);
    }
    if let Some(value) = own("") {
        return value.clone();
    }
    let members = groups(entries, depth)
        .into_iter()
        .map(|(name, entries)| (name.into(), build(entries, span, depth.saturating_sub(1))));
    Value::new(Kind::Object(members.collect()), span)
}

/// Entries by the first step of their keys, without that step.
fn groups<'a>(entries: Vec<(&'a str, &'a Value)>, depth: usize) -> BTreeMap<&'a str, Vec<(&'a str, &'a Value)>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (key, value) in entries {
        let (step, rest) = if depth == 0 { (key, "") } else { key.split_once('.').unwrap_or((key, "")) };
        groups.entry(step).or_default().push((rest, value));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(value: &Value) -> String {
        match &value.kind {
            Kind::String(text) => text.to_string(),
            Kind::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
            Kind::Object(members) => {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}={}", show(value))).collect();
                format!("{{{}}}", members.join(" "))
            }
            other => format!("{other:?}"),
        }
    }

    fn unflattened(flat: &[(&'static str, &str)]) -> Value {
        let value = |(position, (key, text)): (usize, &(&'static str, &str))| {
            ((*key).into(), Value::new(Kind::String((*text).into()), Span::new(position, position + 1)))
        };
        unflatten(flat.iter().enumerate().map(value).collect(), Span::new(100, 200))
    }

    #[test]
    fn lists_maps_and_blocks_come_back() {
        for (flat, expected) in [
            (&[("id", "x"), ("name", "")] as &[_], "{id=x name=}"),
            (&[("l.#", "2"), ("l.0", "a"), ("l.1", "b")], "{l=[a b]}"),
            (&[("l.#", "11"), ("l.10", "k"), ("l.9", "j"), ("l.2", "c")], "{l=[c j k]}"),
            (&[("l.#", "0")], "{l=[]}"),
            (&[("s.#", "2"), ("s.3041148170", "b"), ("s.12345", "a")], "{s=[a b]}"),
            (&[("m.%", "2"), ("m.a", "1"), ("m.b.c", "2")], "{m={a=1 b.c=2}}"),
            (&[("m.%", "0")], "{m={}}"),
            (
                &[
                    ("r.#", "1"),
                    ("r.7.id", "x"),
                    ("r.7.t.#", "1"),
                    ("r.7.t.0.d", "5"),
                    ("r.7.tags.%", "1"),
                    ("r.7.tags.k", "v"),
                ],
                "{r=[{id=x t=[{d=5}] tags={k=v}}]}",
            ),
            (&[("l.#", "1"), ("l.0.#", "1"), ("l.0.0", "a")], "{l=[[a]]}"),
            (&[("old.key", "v")], "{old={key=v}}"),
        ] {
            assert_eq!(show(&unflattened(flat)), expected);
        }
    }

    #[test]
    fn a_list_has_the_span_of_its_count() {
        let value = unflattened(&[("l.#", "1"), ("l.0", "a")]);
        let list = value.get("l").unwrap();
        assert_eq!(
            (list.span, list.items()[0].span, value.span),
            (Span::new(0, 1), Span::new(1, 2), Span::new(100, 200))
        );
    }

    #[test]
    fn depth_is_limited() {
        let deep = "a.".repeat(100_000);
        let mut flat = Flat::new();
        flat.insert(deep.into(), Value::new(Kind::Null, Span::default()));
        let mut value = &unflatten(flat, Span::default());
        let mut levels = 0;
        while let [(_, only)] = value.members() {
            (value, levels) = (only, levels + 1);
        }
        assert_eq!(levels, DEPTH + 1);
    }
}
