//! JSON texts, with holes.

use std::fmt::Write as _;

use super::text::{Stop, Text};
use crate::{
    reference::Reference,
    sources::block::Place,
    value::{Kind, Part, Value},
};

/// Lists and objects within each other.
const DEEPEST_JSON: usize = 64;

/// The text that `jsonencode` writes, members sorted by name as Terraform does.
///
/// A hole stands for a whole JSON value and has no quotes around it: whether it is a string is not known. A string with
/// holes has its quotes, and the holes inside them. The text of a mere hole is a hole without a reference, for it is not
/// the attribute itself.
pub(super) fn encode(value: &Value) -> Kind {
    if value.is_unknown() {
        return Kind::Unknown(None);
    }
    let mut text = Text::default();
    write(value, &mut text);
    text.finish()
}

fn write(value: &Value, text: &mut Text) {
    match &value.kind {
        Kind::Null => text.literal("null"),
        Kind::Bool(truth) => text.literal(if *truth { "true" } else { "false" }),
        Kind::Number(number) => text.literal(number),
        Kind::Unknown(reference) => text.hole(reference.clone()),
        Kind::String(string) => {
            text.literal("\"");
            text.literal(&escaped(string));
            text.literal("\"");
        }
        Kind::Template(parts) => {
            text.literal("\"");
            for part in parts {
                match part {
                    Part::Literal(literal) => text.literal(&escaped(literal)),
                    Part::Hole(reference) => text.hole(reference.clone()),
                }
            }
            text.literal("\"");
        }
        Kind::List(items) => {
            text.literal("[");
            for (index, item) in items.iter().enumerate() {
                text.literal(if index > 0 { "," } else { "" });
                write(item, text);
            }
            text.literal("]");
        }
        Kind::Object(members) => {
            let mut members = members.iter().collect::<Vec<_>>();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            text.literal("{");
            for (index, (name, member)) in members.into_iter().enumerate() {
                text.literal(if index > 0 { ",\"" } else { "\"" });
                text.literal(&escaped(name));
                text.literal("\":");
                write(member, text);
            }
            text.literal("}");
        }
    }
}

/// A string between its quotes, as Go writes it: `<`, `>` and `&` are escaped too.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(escaped, "\\u{:04x}", c as u32);
            }
            c if u32::from(c) < 0x20 => {
                let _ = write!(escaped, "\\u{:04x}", c as u32);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// `jsondecode`.
pub(super) fn decode(arguments: &[Value], _: Place) -> Result<Value, Stop> {
    let value = super::functions::only(arguments)?;
    if matches!(value.kind, Kind::Template(_) | Kind::String(_)) {
        decode_json(value).ok_or(Stop::Fault)
    } else {
        Err(if value.is_unknown() { Stop::Unknown } else { Stop::Fault })
    }
}

/// The JSON document that a string holds. In a string with holes, a hole where a value is expected becomes a hole, and
/// one inside a string a part of that string; one inside a member's name, or beside a value, makes the whole unreadable.
///
/// Every node has the place of the string. `None` for what is no string, and for what is no JSON.
pub fn decode_json(value: &Value) -> Option<Value> {
    let mut text = String::new();
    let mut holes = Vec::new();
    match &value.kind {
        Kind::String(string) => text.push_str(string),
        Kind::Template(parts) => {
            for part in parts {
                match part {
                    Part::Literal(literal) => text.push_str(literal),
                    Part::Hole(reference) => holes.push((text.len(), reference.clone())),
                }
            }
        }
        _ => return None,
    }
    holes.reverse();
    let place = Place { text: value.text, span: value.span };
    let mut reader = Reader { text: &text, at: 0, holes, place };
    let document = reader.value(0)?;
    reader.white_space();
    let at_end = reader.at == text.len() && reader.holes.is_empty();
    at_end.then(|| document.marked(value.sensitive))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The holes that are still to come, the next one last, with the offsets in front of which they stand.
    holes: Vec<(usize, Option<Box<Reference>>)>,
    place: Place,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST_JSON {
            return None;
        }
        self.white_space();
        if let Some(reference) = self.hole() {
            return Some(self.place.value(Kind::Unknown(reference)));
        }
        let kind = match self.peek()? {
            b'{' => self.object(depth)?,
            b'[' => self.list(depth)?,
            b'"' => self.string()?,
            b't' => self.word("true", Kind::Bool(true))?,
            b'f' => self.word("false", Kind::Bool(false))?,
            b'n' => self.word("null", Kind::Null)?,
            _ => self.number()?,
        };
        Some(self.place.value(kind))
    }

    /// The hole that stands here, if one does.
    #[expect(clippy::option_option, reason = "a hole may have no reference")]
    fn hole(&mut self) -> Option<Option<Box<Reference>>> {
        if self.holes.last()?.0 == self.at { self.holes.pop().map(|(_, reference)| reference) } else { None }
    }

    /// The next byte, where no hole stands before it.
    fn peek(&self) -> Option<u8> {
        if self.holes.last().is_some_and(|(at, _)| *at == self.at) {
            None
        } else {
            self.text.as_bytes().get(self.at).copied()
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn white_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Option<Kind> {
        word.bytes().all(|byte| self.eat(byte)).then_some(kind)
    }

    fn number(&mut self) -> Option<Kind> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = &self.text[start..self.at];
        // The shape is checked, so that words are no numbers; the text stays, however many digits it has.
        serde_json::from_str::<serde_json::Number>(text).ok()?;
        Some(Kind::Number(super::number::canonical(text)))
    }

    fn list(&mut self, depth: usize) -> Option<Kind> {
        let mut items = Vec::new();
        self.at += 1;
        self.white_space();
        if self.eat(b']') {
            return Some(Kind::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.white_space();
            if self.eat(b']') {
                return Some(Kind::List(items));
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Kind> {
        let mut members = Vec::new();
        self.at += 1;
        self.white_space();
        if self.eat(b'}') {
            return Some(Kind::Object(members));
        }
        loop {
            self.white_space();
            if self.peek() != Some(b'"') {
                return None;
            }
            let Kind::String(name) = self.string()? else { return None };
            self.white_space();
            if !self.eat(b':') {
                return None;
            }
            members.push((name, self.value(depth + 1)?));
            self.white_space();
            if self.eat(b'}') {
                return Some(Kind::Object(super::expression::last_of_each(members)));
            }
            if !self.eat(b',') {
                return None;
            }
        }
    }

    /// A string, its quotes included: whatever stands between two holes is decoded as a string of its own.
    fn string(&mut self) -> Option<Kind> {
        self.at += 1;
        let mut text = Text::default();
        let mut start = self.at;
        loop {
            if let Some(reference) = self.hole() {
                text.literal(&unescaped(&self.text[start..self.at])?);
                text.hole(reference);
                start = self.at;
                continue;
            }
            match self.peek()? {
                b'"' => {
                    text.literal(&unescaped(&self.text[start..self.at])?);
                    self.at += 1;
                    return Some(text.finish());
                }
                // An escape that a hole tears apart is no escape.
                b'\\' => {
                    self.at += 1;
                    self.peek()?;
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }
}

fn unescaped(text: &str) -> Option<String> {
    if !text.contains(['\\', '\n', '\r', '\t']) {
        return Some(text.to_owned());
    }
    serde_json::from_str(&format!("\"{text}\"")).ok()
}
