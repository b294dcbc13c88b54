//! From a file's bytes to the text that spans refer to, and to the place in it where the JSON begins.

use std::borrow::Cow;

/// How far into a file the signs are looked for that tell what it is, and how many bytes of lines may stand before
/// the JSON.
pub(crate) const HEAD: usize = 64 * 1024;

/// The text of a file, which is what every [`Span`](crate::Span) refers to; `None` where the bytes are no text.
///
/// UTF-8 is borrowed as it is, byte order mark and log lines before the JSON included, so that spans are offsets in
/// the file. UTF-16 (with its byte order mark: what `>` writes in Windows PowerShell) is transcribed without the mark,
/// and spans are offsets in the transcription.
pub fn text_of(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match utf16(bytes) {
        Some(text) => Some(Cow::Owned(text)),
        None => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

/// The text of the first bytes of a file, up to the first byte that is no text: a character may be cut in two there.
pub(crate) fn text_of_head(head: &[u8]) -> Cow<'_, str> {
    match utf16(head) {
        Some(text) => Cow::Owned(text),
        None => Cow::Borrowed(valid_prefix(head)),
    }
}

/// The longest prefix of `bytes` that is UTF-8.
pub(crate) fn valid_prefix(bytes: &[u8]) -> &str {
    let valid = match std::str::from_utf8(bytes) {
        Ok(_) => bytes.len(),
        Err(error) => error.valid_up_to(),
    };
    bytes.get(..valid).and_then(|prefix| std::str::from_utf8(prefix).ok()).unwrap_or_default()
}

fn utf16(bytes: &[u8]) -> Option<String> {
    let (unit, body): (fn([u8; 2]) -> u16, _) = match bytes {
        [0xff, 0xfe, body @ ..] => (u16::from_le_bytes, body),
        [0xfe, 0xff, body @ ..] => (u16::from_be_bytes, body),
        _ => return None,
    };
    let (pairs, odd) = body.as_chunks::<2>();
    let mut text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !odd.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Some(text)
}

/// The first [`HEAD`] bytes of `text`, or a little less where a character would be cut.
pub(crate) fn head_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(HEAD)]
}

/// Offset of the JSON in a text: behind a byte order mark, white space, or up to [`HEAD`] bytes of lines such as the
/// `[command]… terraform show -json` that CI runners and wrapper scripts print; the first line that starts with `{`
/// begins it. `None` where there is no such line.
pub(crate) fn json_start(text: &str) -> Option<usize> {
    let body = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let start = text.len() - body.len();
    if body.starts_with('{') || opens_array(body) {
        return Some(start);
    }
    let lines = head_of(body).match_indices("\n{").map(|(newline, _)| start + newline + 1);
    lines.take(1).next()
}

/// Whether `[` opens a JSON array that may hold documents or messages, and no log line's `[command]`.
fn opens_array(body: &str) -> bool {
    body.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', ']']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_of_both_orders_is_transcribed() {
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain("{ü}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain("{ü}".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(text_of(&little).as_deref(), Some("{ü}"));
        assert_eq!(text_of(&big).as_deref(), Some("{ü}"));
        assert_eq!(text_of(&little[..little.len() - 1]).as_deref(), Some("{ü\u{fffd}"));
    }

    #[test]
    fn utf8_keeps_its_byte_order_mark() {
        assert_eq!(text_of("\u{feff}{}".as_bytes()).as_deref(), Some("\u{feff}{}"));
        assert_eq!(text_of(b"\x89PNG\r\n"), None);
        assert_eq!(text_of_head("aü".as_bytes().split_last().map_or(&[], |(_, cut)| cut)), "a");
    }

    #[test]
    fn the_json_begins_behind_log_lines() {
        for (text, start) in [
            ("{}", Some(0)),
            ("\u{feff}\r\n {}", Some(6)),
            ("[command]/usr/bin/terraform show -json\n{}", Some(39)),
            ("Switched to workspace.\r\n{}", Some(24)),
            ("[{}]", Some(0)),
            ("[\n  {}]", Some(0)),
            ("[1, 2]", None),
            ("a {}\nb {}", None),
            ("", None),
        ] {
            assert_eq!(json_start(text), start, "{text:?}");
        }
        let far = format!("{}\n{{}}", "x".repeat(HEAD));
        assert_eq!(json_start(&far), None);
        let near = format!("{}\n{{}}", "x".repeat(HEAD - 2));
        assert_eq!(json_start(&near), Some(HEAD - 1));
    }
}
