//! A string as it is meant, and where each part of it is written.

use crate::span::Span;

/// A string taken out of JSON. An offset in the decoded text (a line of a list, a statement of a policy) maps back to
/// the document.
///
/// ```
/// # use tfduty_terraform::{Decoded, Span};
/// let document = r#"{"content": "10.0.0.0/8\n10.0.0.1\n"}"#;
/// let list = Decoded::of_json(document, Span::new(12, 36));
/// let second = list.text().find("10.0.0.1").unwrap();
/// assert!(document[list.original(second)..].starts_with("10.0.0.1"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    text: String,
    /// Offsets in the text, and in the document, from which on the two run in step: the start, each escape, and what
    /// follows one. Never empty.
    points: Vec<(u32, u32)>,
}

impl Decoded {
    /// Decodes the JSON string literal at `string`, quotes included, in `document`.
    ///
    /// Whatever the bytes: what is no escape stands for itself, half a surrogate pair is a replacement character, a span
    /// that does not fit the document gives an empty string.
    pub fn of_json(document: &str, string: Span) -> Self {
        let raw = string.of(document).unwrap_or_default();
        let body = raw.strip_prefix('"').unwrap_or(raw);
        let start = string.start as usize + (raw.len() - body.len());
        let body = if body.len() < raw.len() { body.strip_suffix('"').unwrap_or(body) } else { body };

        let mut decoded = Self { text: String::with_capacity(body.len()), points: Vec::new() };
        decoded.point(start);
        let mut at = 0;
        while let Some(distance) = body[at..].find('\\') {
            let escape = at + distance;
            decoded.text.push_str(&body[at..escape]);
            if let Some((c, len)) = unescape(&body[escape..]) {
                decoded.point(start + escape);
                decoded.text.push(c);
                at = escape + len;
                decoded.point(start + at);
            } else {
                decoded.text.push('\\');
                at = escape + 1;
            }
        }
        decoded.text.push_str(&body[at..]);
        decoded
    }

    fn point(&mut self, original: usize) {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let point = (clamp(self.text.len()), clamp(original));
        match self.points.last_mut() {
            // An escape right behind another: the second begins where the first ends.
            Some(last) if last.0 == point.0 => *last = point,
            _ => self.points.push(point),
        }
    }

    /// The decoded text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the byte at `offset` of the decoded text is written in the document. The end of the text is the place of
    /// the closing quote; an offset beyond it is taken for the end.
    pub fn original(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let next = self.points.partition_point(|(decoded, _)| *decoded as usize <= offset);
        let (decoded, original) = self.points[next.saturating_sub(1)];
        let original = original as usize + (offset - decoded as usize);
        match self.points.get(next) {
            // Inside a character that an escape stands for, which is longer than what is decoded, or shorter.
            Some((_, limit)) => original.min(*limit as usize),
            None => original,
        }
    }

    /// The bytes of the document that write `start..end` of the decoded text.
    pub fn original_span(&self, start: usize, end: usize) -> Span {
        Span::new(self.original(start), self.original(end.max(start)))
    }
}

/// The character that the escape at the start of `text` stands for, and the escape's length in bytes.
fn unescape(text: &str) -> Option<(char, usize)> {
    Some(match text.as_bytes().get(1)? {
        b'"' => ('"', 2),
        b'\\' => ('\\', 2),
        b'/' => ('/', 2),
        b'b' => ('\u{8}', 2),
        b'f' => ('\u{c}', 2),
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'u' => {
            let high = code_unit(text, 2)?;
            let low = if text.get(6..8) == Some("\\u") { code_unit(text, 8) } else { None };
            match (high, low) {
                (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                    let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                }
                _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
            }
        }
        _ => return None,
    })
}

fn code_unit(text: &str, at: usize) -> Option<u32> {
    let digits = text.get(at..at + 4)?;
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) { u32::from_str_radix(digits, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(literal: &str) -> Decoded {
        let document = format!("[ {literal}]");
        Decoded::of_json(&document, Span::new(2, 2 + literal.len()))
    }

    #[test]
    fn every_escape_is_decoded_as_serde_json_does() {
        for literal in [
            r#""""#,
            r#""plain""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u00e9\u9375 \ud83d\ude00!""#,
            r#""a\nb\nc""#,
            r#""{\"Version\":\"2012-10-17\"}""#,
        ] {
            let expected: String = serde_json::from_str(literal).unwrap();
            assert_eq!(decode(literal).text(), expected, "{literal}");
        }
    }

    #[test]
    fn offsets_map_to_where_the_character_is_written() {
        let literal = r#""aé\n\u00e9b\ud83d\ude00\\c""#;
        let decoded = decode(literal);
        for (part, written) in [("a", "aé"), ("é", "é"), ("\n", "\\n"), ("b", "b"), ("😀", "\\ud83d"), ("c", "c\"")]
        {
            let offset = decoded.text().find(part).unwrap();
            let original = decoded.original(offset) - 2;
            assert!(literal[original..].starts_with(written), "{part:?} at {original}");
        }
        assert_eq!(&literal[decoded.original(decoded.text().len()) - 2..], "\"");
        assert_eq!(decoded.original(usize::MAX), decoded.original(decoded.text().len()));
        let newline = decoded.text().find('\n').unwrap();
        assert_eq!(decoded.original_span(newline, newline + 1).len, 2);
    }

    #[test]
    fn broken_literals_stand_for_themselves() {
        assert_eq!(decode(r#""\x \u12 \u00g0""#).text(), r"\x \u12 \u00g0");
        assert_eq!(decode(r#""\ud83d \udc00\ud83d\u0041""#).text(), "\u{fffd} \u{fffd}\u{fffd}A");
        assert_eq!(decode(r#""unclosed\"#).text(), r"unclosed\");
        assert_eq!(decode("\"").text(), "");
        assert_eq!(decode("bare").text(), "bare");
        assert_eq!(Decoded::of_json("é", Span::new(1, 9)).text(), "");
    }
}
