//! JSON to [`Value`], with a span on every node.

use std::{borrow::Cow, cell::Cell, collections::HashSet};

use serde_json::value::RawValue;

use crate::{
    detail::Detail,
    json::{Text, unquoted},
    refusal::Refusal,
    span::Span,
    value::{Kind, Value},
};

/// How many members and items there is room for from value to value.
const ROOM: usize = 4096;

/// How deep a value may be nested; Terraform's schemas stay below ten.
const DEPTH: usize = 64;

/// Decodes a value and everything in it.
pub(crate) fn value(text: Text<'_>, raw: &RawValue) -> Result<Value, Refusal> {
    let mut decoder = Decoder { text, json: raw.get(), at: 0, open: OPEN.take() };
    let value = decoder.value(DEPTH);
    // What a refused value leaves is not the next one's.
    let Open { mut members, mut items } = decoder.open;
    members.clear();
    items.clear();
    // A value as large as no object of Terraform's is takes its room with it.
    members.shrink_to(ROOM);
    items.shrink_to(ROOM);
    OPEN.set(Open { members, items });
    value
}

thread_local! {
    /// Room that is used again for the next value.
    static OPEN: Cell<Open> = const { Cell::new(Open { members: Vec::new(), items: Vec::new() }) };
}

/// What was decoded of objects and lists whose end is not reached: how much one holds is known only there.
#[derive(Default)]
struct Open {
    members: Vec<(Box<str>, Value)>,
    items: Vec<Value>,
}

/// The same for a member that may be missing or `null`, which has the span `or`.
pub(crate) fn value_or_null(text: Text<'_>, raw: Option<&RawValue>, or: Span) -> Result<Value, Refusal> {
    raw.map_or(Ok(Value::new(Kind::Null, or)), |raw| value(text, raw))
}

/// An object's attributes, or the members of it that are asked for; `null` where they are missing, with the span `or`.
pub(crate) fn attributes(text: Text<'_>, raw: Option<&RawValue>, or: Span, detail: Detail) -> Result<Value, Refusal> {
    match (detail, raw) {
        (Detail::Only(names), Some(raw)) if raw.get().starts_with('{') => {
            let members = last_of_each(text.read_only(raw, names)?.0);
            let decoded = members.into_iter().map(|(name, raw)| Ok((name.into(), value(text, raw)?)));
            Ok(Value::new(Kind::Object(decoded.collect::<Result<_, _>>()?), text.span(raw)))
        }
        _ => value_or_null(text, raw, or),
    }
}

/// Decodes JSON in one pass. `serde_json` has read it before, so that nothing is looked for but where things end.
struct Decoder<'a> {
    text: Text<'a>,
    json: &'a str,
    /// Offset in `json` of what comes next.
    at: usize,
    open: Open,
}

impl<'a> Decoder<'a> {
    fn value(&mut self, depth: usize) -> Result<Value, Refusal> {
        let first = self.next();
        let start = self.at;
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.text.unexpected_at(&self.json[start..], "a value of at most 64 levels"));
        };
        let kind = match first {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'"' => Kind::String(self.string().into()),
            _ => match self.word() {
                "null" => Kind::Null,
                "true" => Kind::Bool(true),
                "false" => Kind::Bool(false),
                number => Kind::Number(number.into()),
            },
        };
        Ok(Value::new(kind, self.text.span_at(&self.json[start..self.at])))
    }

    fn object(&mut self, depth: usize) -> Result<Kind, Refusal> {
        let first = self.open.members.len();
        self.at += 1;
        while self.goes_on(b'}') {
            let name = self.string().into();
            self.next();
            self.at += 1;
            let value = self.value(depth)?;
            self.open.members.push((name, value));
        }
        Ok(Kind::Object(last_of_each(self.open.members.drain(first..).collect())))
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Refusal> {
        let first = self.open.items.len();
        self.at += 1;
        while self.goes_on(b']') {
            let item = self.value(depth)?;
            self.open.items.push(item);
        }
        Ok(Kind::List(self.open.items.drain(first..).collect()))
    }

    /// Whether another member or item follows; passes the comma before it, or else the bracket `end`.
    fn goes_on(&mut self, end: u8) -> bool {
        let mut next = self.next();
        if next == b',' {
            self.at += 1;
            next = self.next();
        }
        // A text that ends here has not been read by `serde_json`.
        let goes_on = next != end && next != 0;
        if next == end {
            self.at += 1;
        }
        goes_on
    }

    /// The next byte that is no white space, or 0.
    fn next(&mut self) -> u8 {
        let rest = self.json.as_bytes().get(self.at..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).count();
        self.at += blank;
        rest.get(blank).copied().unwrap_or_default()
    }

    /// The string that comes next.
    fn string(&mut self) -> Cow<'a, str> {
        let json = self.json.get(self.at..).unwrap_or_default();
        let mut has_escape = false;
        let mut bytes = json.bytes().enumerate().skip(1);
        let end = loop {
            match bytes.next() {
                Some((end, b'"')) => break end,
                Some((_, b'\\')) => {
                    has_escape = true;
                    bytes.next();
                }
                Some(_) => {}
                None => break json.len(),
            }
        };
        self.at += json.len().min(end + 1);
        if has_escape {
            let quoted = json.get(..=end).unwrap_or_default();
            return unquoted(quoted).unwrap_or_default();
        }
        Cow::Borrowed(json.get(1..end).unwrap_or_default())
    }

    /// The number or the word that comes next.
    fn word(&mut self) -> &'a str {
        let json = self.json.get(self.at..).unwrap_or_default();
        let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\t' | b'\r');
        let end = json.as_bytes().iter().position(is_end).unwrap_or(json.len());
        self.at += end;
        json.get(..end).unwrap_or_default()
    }
}

/// The members without those that a later one of the same name replaces.
pub(crate) fn last_of_each<N: AsRef<str>, T>(mut members: Vec<(N, T)>) -> Vec<(N, T)> {
    // Terraform sorts attributes, so that mostly nothing has to be remembered to see that all differ.
    if members.is_sorted_by(|(name, _), (next, _)| name.as_ref() < next.as_ref()) {
        return members;
    }
    let is_last = {
        let mut seen = HashSet::with_capacity(members.len());
        let is_last: Vec<bool> = members.iter().rev().map(|(name, _)| seen.insert(name.as_ref())).collect();
        is_last
    };
    let mut is_last = is_last.into_iter().rev();
    members.retain(|_| is_last.next().unwrap_or(true));
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(text: &str) -> Result<Value, Refusal> {
        value(Text::new(text), serde_json::from_str(text).unwrap())
    }

    #[test]
    fn every_node_has_its_span() {
        let text = r#"{"a": [1, {"b": "x\ty"}], "c": null, "d": 123456789012345678901234567890}"#;
        let value = decode(text).unwrap();
        assert_eq!(value.span.of(text), Some(text));
        let list = value.get("a").unwrap();
        assert_eq!(list.span.of(text), Some(r#"[1, {"b": "x\ty"}]"#));
        assert_eq!(
            list.items()[1].get("b").map(|b| (b.as_str(), b.span.of(text))),
            Some((Some("x\ty"), Some(r#""x\ty""#)))
        );
        assert!(value.get("c").is_some_and(Value::is_null));
        assert_eq!(value.get("d").map(|d| &d.kind), Some(&Kind::Number("123456789012345678901234567890".into())));
    }

    #[test]
    fn the_last_of_duplicate_keys_is_kept() {
        let value = decode(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
        assert_eq!(value.members().len(), 2);
        assert_eq!(value.get("a").and_then(Value::as_i64), Some(3));
    }

    #[test]
    fn a_huge_value_leaves_no_room_behind() {
        let huge = format!("[{}1]", "1,".repeat(10 * ROOM));
        assert_eq!(decode(&huge).map(|value| value.items().len()), Ok(10 * ROOM + 1));
        let open = OPEN.take();
        assert!(open.items.capacity() <= 2 * ROOM && open.items.is_empty() && open.members.is_empty());
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(decode(&nested(63)).is_ok());
        let refusal = decode(&nested(64)).unwrap_err();
        assert_eq!(refusal.message, "damaged Terraform JSON: a value of at most 64 levels was expected");
        assert_eq!(refusal.place.map(|place| place.column), Some(65));
        assert!(decode(&nested(100_000)).is_err());
    }
}
