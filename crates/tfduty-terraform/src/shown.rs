//! Texts that may be shown: escaped, bounded, and without anything sensitive.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use crate::{
    address::Address,
    value::{Kind, Part, Value},
};

/// Columns of a value inside a message; what is longer loses its middle.
const VALUE_COLUMNS: usize = 96;
/// Columns of an address. Instance keys can be of any length, and the end of an address is what tells instances apart.
const ADDRESS_COLUMNS: usize = 200;
/// Items of a list that are spelled out.
const ITEMS: usize = 6;
/// Lists within lists that are spelled out.
const DEPTH: usize = 4;

/// A text for a message.
///
/// It is made from a [`Value`], so that marks decide what is shown; from an [`Address`]; or from a literal of the
/// program. There is no way to make one from a piece of an input alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shown(Box<str>);

impl Shown {
    /// The value as a reader would write it: a string in quotes, `(sensitive)`, `(known after apply)`, `[…]`.
    pub fn value(value: &Value) -> Self {
        let mut text = String::new();
        write_value(&mut text, value, DEPTH);
        Self(elide(&text, VALUE_COLUMNS).into())
    }

    /// A text that was worked out from `value` (the bucket of a location, a line of a list), without quotes. It is as
    /// sensitive as the value it comes from.
    pub fn derived(value: &Value, text: &str) -> Self {
        if value.sensitive { Self::literal(SENSITIVE) } else { Self(elide(&escape(text), VALUE_COLUMNS).into()) }
    }

    /// An address.
    pub fn address(address: &Address) -> Self {
        Self(elide(&escape(address.to_string()), ADDRESS_COLUMNS).into())
    }

    /// A text of the program itself.
    pub fn literal(text: &'static str) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&Value> for Shown {
    fn from(value: &Value) -> Self {
        Self::value(value)
    }
}

impl From<&Address> for Shown {
    fn from(address: &Address) -> Self {
        Self::address(address)
    }
}

impl From<&'static str> for Shown {
    fn from(text: &'static str) -> Self {
        Self::literal(text)
    }
}

/// What stands for a sensitive value.
pub(crate) const SENSITIVE: &str = "(sensitive)";

fn write_value(out: &mut String, value: &Value, depth: usize) {
    if value.sensitive {
        return out.push_str(SENSITIVE);
    }
    match &value.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Kind::Number(text) => out.push_str(&escape(clip(text))),
        Kind::String(text) => {
            out.push('"');
            // Elided here, so that the closing quote is not what is lost, and a long item does not hide the next.
            out.push_str(&elide(&escape(clip(text)), VALUE_COLUMNS - 2));
            out.push('"');
        }
        Kind::Template(parts) => write_template(out, parts),
        Kind::List(items) if depth > 0 && items.len() <= ITEMS => {
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                out.push_str(if position > 0 { ", " } else { "" });
                write_value(out, item, depth - 1);
            }
            out.push(']');
        }
        Kind::List(items) => {
            let _ = write!(out, "[{} items]", items.len());
        }
        Kind::Object(members) => out.push_str(if members.is_empty() { "{}" } else { "{…}" }),
        Kind::Unknown(_) => out.push_str("(known after apply)"),
    }
}

fn write_template(out: &mut String, parts: &[Part]) {
    let mut text = String::new();
    for part in parts.iter().take(2 * ITEMS) {
        match part {
            Part::Literal(literal) => text.push_str(&escape(clip(literal))),
            Part::Hole(_) => text.push_str("${…}"),
        }
    }
    out.push('"');
    out.push_str(&elide(&text, VALUE_COLUMNS - 2));
    out.push('"');
}

/// The text's beginning and end where it is so long that its middle is never shown: escaping a list of a million
/// lines for a message would be a waste.
fn clip(text: &str) -> Cow<'_, str> {
    const ENDS: usize = 4 * VALUE_COLUMNS;
    if text.len() <= 4 * ENDS {
        return Cow::Borrowed(text);
    }
    let head = text.floor_char_boundary(ENDS);
    let tail = text.ceil_char_boundary(text.len() - ENDS);
    Cow::Owned(format!("{}{}", &text[..head], &text[tail..]))
}

/// `text` in at most `columns` characters: what is longer loses its middle to an ellipsis.
fn elide(text: &str, columns: usize) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= columns {
        return Cow::Borrowed(text);
    }
    let tail = columns / 3;
    let head = columns - 1 - tail;
    let mut elided: String = text.chars().take(head).collect();
    elided.push('…');
    elided.extend(text.chars().skip(length - tail));
    Cow::Owned(elided)
}

/// `text` with every character spelled out that a terminal would act upon, or that would make a reader see something
/// else than what is there: controls, line separators, bidirectional controls, and invisible characters.
///
/// Everything that shows a piece of an input goes through here.
pub fn escape<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    let text = text.into();
    if is_harmless(&text) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hazard(c) { push_escape(&mut escaped, c) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

/// Writes a hazard the way Rust and Swift do: `\n`, `\u{1b}`.
pub(crate) fn push_escape(out: &mut String, c: char) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    }
}

/// Whether every character of a text is to be printed as it is. Nearly every text is made of printable ASCII alone, which
/// is told without a look at each character.
pub fn is_harmless(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !text.chars().any(is_hazard)
}

/// Whether a character is not to be printed as it is: see [`escape`].
pub fn is_hazard(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Zero-width and directional marks, line and paragraph separators, bidirectional embeddings and isolates.
            '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // The byte order mark in mid-text, interlinear annotations, and the tags that hide whole ASCII texts.
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn value(kind: Kind) -> Value {
        Value::new(kind, Span::default())
    }

    fn shown(kind: Kind) -> String {
        Shown::value(&value(kind)).to_string()
    }

    #[test]
    fn values_read_as_a_reader_would_write_them() {
        let string = |text: &str| value(Kind::String(text.into()));
        assert_eq!(shown(Kind::Null), "null");
        assert_eq!(shown(Kind::Bool(false)), "false");
        assert_eq!(shown(Kind::Number("1e400".into())), "1e400");
        assert_eq!(shown(Kind::String("TXT".into())), r#""TXT""#);
        assert_eq!(shown(Kind::List(vec![string("ALL"), string("NEW")])), r#"["ALL", "NEW"]"#);
        assert_eq!(shown(Kind::List(vec![string("x"); 7])), "[7 items]");
        assert_eq!(shown(Kind::Object(vec![("a".into(), string("x"))])), "{…}");
        assert_eq!(shown(Kind::Unknown(None)), "(known after apply)");
        assert_eq!(
            shown(Kind::Template(vec![Part::Literal("s3://".into()), Part::Hole(None), Part::Literal("/a".into())])),
            r#""s3://${…}/a""#
        );
    }

    #[test]
    fn what_is_sensitive_stays_out_at_any_depth() {
        let mut secret = value(Kind::String("hunter2".into()));
        secret.sensitive = true;
        assert_eq!(Shown::value(&secret).as_str(), "(sensitive)");
        assert_eq!(Shown::derived(&secret, "hunter2").as_str(), "(sensitive)");
        assert_eq!(shown(Kind::List(vec![value(Kind::Null), secret])), "[null, (sensitive)]");
    }

    #[test]
    fn long_values_lose_their_middle_and_keep_their_quotes() {
        let long = format!("start{}end", "x".repeat(1_000_000));
        let text = shown(Kind::String(long.as_str().into()));
        assert!(text.starts_with("\"start") && text.ends_with("end\""), "{text}");
        assert_eq!(text.chars().count(), VALUE_COLUMNS);
        let derived = Shown::derived(&value(Kind::Null), &long);
        assert_eq!(derived.as_str().chars().count(), VALUE_COLUMNS);
        let list = shown(Kind::List(vec![value(Kind::String(long.into())); 6]));
        assert_eq!(list.chars().count(), VALUE_COLUMNS);
    }

    #[test]
    fn nesting_is_bounded() {
        let mut nested = Kind::Null;
        for _ in 0..9 {
            nested = Kind::List(vec![value(nested)]);
        }
        assert_eq!(shown(nested), "[[[[[1 items]]]]]");
    }

    #[test]
    fn addresses_cannot_reach_the_terminal() {
        let address: Address = "aws_x.y[\"\u{202e}gpj.\u{1b}[2J\"]".parse().unwrap();
        assert_eq!(Shown::address(&address).as_str(), r#"aws_x.y["\u{202e}gpj.\u001b[2J"]"#);
    }

    #[test]
    fn hazards_are_spelled_out_and_nothing_else_changes() {
        assert!(matches!(escape("schlüssel 鍵 \\ \" 👩"), Cow::Borrowed(_)));
        assert_eq!(escape("a\nb\tc\r"), r"a\nb\tc\r");
        assert_eq!(escape("\u{1b}[31m\u{7f}\u{9b}"), r"\u{1b}[31m\u{7f}\u{9b}");
        assert_eq!(escape("\u{202e}\u{2066}\u{2028}\u{2029}\u{feff}"), r"\u{202e}\u{2066}\u{2028}\u{2029}\u{feff}");
    }
}
