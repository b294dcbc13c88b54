//! Which format a list is in, by the looks of its first lines.

use std::fmt;

use super::encoding::Encoding;
use super::format::ListFormat;
use super::lexer;
use super::lookalike::{explain, is_comment};
use super::place::{Lines, Place, trimmed};
use super::reason::Reason;

/// How many lines that are not blank are looked at.
const LINES: usize = 64;

/// What the bytes of a list seem to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A list in this format.
    Format(ListFormat),
    /// JSON: STIX 2, or something else than a list.
    Json,
    /// UTF-16, which GuardDuty does not read.
    Utf16,
    /// NUL bytes: UTF-16 without a mark, or no text at all.
    Nul,
    /// Nothing, or nothing but blank lines.
    Empty,
    /// None of these.
    Other,
}

/// What the bytes of a list seem to be, and what shows it. It displays as the end of a sentence that begins with the
/// list: "has the header of `OTX_CSV`", and never repeats the list's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sniffed {
    /// What they seem to be.
    pub content: Content,
    /// What shows it: the first character of markup, the header, the NUL byte; else the first line that is not blank.
    pub place: Option<Place>,
    /// How many lines that are not blank were looked at: 64 at most, and none where the first character decided.
    pub lines: u32,
    /// How many of these lines bear the content out.
    pub fitting: u32,
}

/// Looks at the first 64 lines that are not blank.
///
/// The first that fits is taken: UTF-16, NUL bytes (anywhere); nothing; markup by its first character; the header of
/// `OTX_CSV`, `PROOF_POINT` or `FIRE_EYE`, which is the first line that is no comment; at least 9 of 10 lines with 7 or
/// more `#`; at least 1 of 2 lines that is an address, a CIDR, an IPv6 address or a domain and nothing else.
pub fn sniff(bytes: &[u8]) -> Sniffed {
    let encoding = Encoding::of(bytes);
    let at_once = |content, place| Sniffed { content, place, lines: 0, fitting: 0 };
    if encoding.utf16 {
        return at_once(Content::Utf16, Some(Place { line: 1, column: 1, byte: 0, len: 2 }));
    }
    if encoding.nul.is_some() {
        return at_once(Content::Nul, encoding.nul);
    }
    let lines: Vec<(Place, &[u8])> = Lines::new(bytes, encoding.start()).take(LINES).collect();
    let Some((first, text)) = lines.first().copied() else { return at_once(Content::Empty, None) };
    let markup = match text.first() {
        Some(b'<') => Some(Content::Format(ListFormat::Stix)),
        Some(b'{' | b'[') => Some(Content::Json),
        _ => None,
    };
    if let Some(content) = markup {
        return at_once(content, Some(Place { len: 1, ..first }));
    }
    let looked_at = u32::try_from(lines.len()).unwrap_or(u32::MAX);
    let header = lines.iter().find(|(_, text)| !is_comment(text));
    if let Some((format, place)) = header.and_then(|(place, text)| Some((header_of(text)?, *place))) {
        return Sniffed { content: Content::Format(format), place: Some(place), lines: looked_at, fitting: 1 };
    }
    let (content, fitting) = by_lines(&lines);
    Sniffed { content, place: Some(first), lines: looked_at, fitting }
}

fn header_of(line: &[u8]) -> Option<ListFormat> {
    // Not collected: the line may be as long as the file.
    let names = || line.split(|byte| *byte == b',').map(name);
    let is = |at: usize, word: &str| names().nth(at).is_some_and(|name| name.eq_ignore_ascii_case(word.as_bytes()));
    let has = |word: &str| names().any(|name| name.eq_ignore_ascii_case(word.as_bytes()));
    if has("Indicator type") {
        Some(ListFormat::OtxCsv)
    } else if (is(0, "ip") || is(0, "domain")) && is(1, "category") {
        Some(ListFormat::ProofPoint)
    } else if has("reportId") && (has("cidr") || has("ip")) {
        Some(ListFormat::FireEye)
    } else {
        None
    }
}

/// A column's name without white space and quotes around it.
fn name(field: &[u8]) -> &[u8] {
    let (from, to) = trimmed(field, 0, field.len());
    let name = &field[from..to];
    name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name)
}

fn by_lines(lines: &[(Place, &[u8])]) -> (Content, u32) {
    let fitting = |fits: fn(&[u8]) -> bool| lines.iter().filter(|(_, text)| fits(text)).count();
    let counted = |fitting: usize| u32::try_from(fitting).unwrap_or(u32::MAX);
    let hashes = fitting(|text| text.split(|byte| *byte == b'#').count() > 7);
    let entries = fitting(|text| lexer::read(text).is_some() || matches!(explain(text), Reason::Ipv6 | Reason::Domain));
    if hashes * 10 >= lines.len() * 9 {
        (Content::Format(ListFormat::AlienVault), counted(hashes))
    } else if entries * 2 >= lines.len() {
        (Content::Format(ListFormat::Txt), counted(entries))
    } else {
        (Content::Other, 0)
    }
}

impl fmt::Display for Sniffed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, fitting) = (self.lines, self.fitting);
        match self.content {
            Content::Format(ListFormat::Stix) => f.write_str("begins with `<`, as XML does"),
            Content::Format(ListFormat::AlienVault) => {
                write!(f, "has seven or more `#` in {fitting} of its first {lines} lines, as ALIEN_VAULT has")
            }
            Content::Format(ListFormat::Txt) => {
                write!(
                    f,
                    "has an address, a CIDR or a domain alone in {fitting} of its first {lines} lines, as TXT has"
                )
            }
            Content::Format(format) => write!(f, "has the header of {format}"),
            Content::Json => f.write_str("begins as JSON does"),
            Content::Utf16 => f.write_str("begins with the byte order mark of UTF-16"),
            Content::Nul => f.write_str("has NUL bytes, which no text has"),
            Content::Empty => f.write_str("is empty"),
            Content::Other => f.write_str("is in none of the formats"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str) -> Content {
        sniff(text.as_bytes()).content
    }

    #[test]
    fn markup_is_told_by_its_first_character() {
        for text in ["<?xml?>", " \n\t<a/>", "<", "\u{FEFF}\n<a/>", "<ip, category\n1.2.3.4"] {
            assert_eq!(content(text), Content::Format(ListFormat::Stix), "{text:?}");
        }
        for text in ["{}", "\n [1]", "{\"type\": \"bundle\"}", "\u{FEFF}{"] {
            assert_eq!(content(text), Content::Json, "{text:?}");
        }
    }

    #[test]
    fn csv_formats_are_told_by_their_headers() {
        for (text, format) in [
            ("Indicator type, Indicator, Description", ListFormat::OtxCsv),
            ("a,\"INDICATOR TYPE\"", ListFormat::OtxCsv),
            ("# comment\n\nindicator type,x\n1.2.3.4", ListFormat::OtxCsv),
            ("ip, category, score", ListFormat::ProofPoint),
            ("IP ,Category", ListFormat::ProofPoint),
            ("domain,category,score", ListFormat::ProofPoint),
            ("title,reportId,cidr", ListFormat::FireEye),
            ("reportid,ip", ListFormat::FireEye),
        ] {
            assert_eq!(content(text), Content::Format(format), "{text:?}");
        }
        for text in ["ip,score,category", "category,ip", "reportId,title", "cidr,ip", "x\nIndicator type,Indicator"] {
            assert_eq!(content(text), Content::Other, "{text:?}");
        }
    }

    #[test]
    fn the_others_are_told_by_most_of_their_lines() {
        let row = "192.0.2.1#4#2#Malicious Host#KR##37.5,126.9#3\n";
        let hashes = |rows: usize, others: usize| row.repeat(rows) + &"x\n".repeat(others);
        for (text, format) in [
            (hashes(9, 1), Some(ListFormat::AlienVault)),
            (hashes(10, 1), Some(ListFormat::AlienVault)),
            (hashes(8, 1), None),
            // One `#` too few.
            ("1.2.3.4#4#2#Malicious Host#US##\n".to_owned(), None),
            // Only 64 lines are looked at.
            (hashes(58, 100), Some(ListFormat::AlienVault)),
            (hashes(57, 100), None),
            ("1.2.3.4\nx\n".to_owned(), Some(ListFormat::Txt)),
            ("1.2.3.4\nx\nx\n".to_owned(), None),
            ("1.2.3.0/24\nx\n2001:db8::/32\nx\n*.example.com\nx".to_owned(), Some(ListFormat::Txt)),
            ("ip\n1.2.3.4".to_owned(), Some(ListFormat::Txt)),
            ("# a\n; b\n1.2.3.4".to_owned(), None),
            ("1.2.3.4,x\n1.2.3.4/33\n010.0.0.1".to_owned(), None),
            ("1.2.3.4\n".repeat(32) + &"x\n".repeat(100), Some(ListFormat::Txt)),
            ("1.2.3.4\n".repeat(31) + &"x\n".repeat(100), None),
            ("prose, of a kind".to_owned(), None),
        ] {
            assert_eq!(content(&text), format.map_or(Content::Other, Content::Format), "{text:?}");
        }
    }

    #[test]
    fn nothing_and_no_text() {
        for text in ["", "\n\r\n \t", "\u{FEFF}"] {
            assert_eq!(content(text), Content::Empty, "{text:?}");
        }
        assert_eq!(content("1.2.3.4\n\0"), Content::Nul);
        assert_eq!(sniff(b"\xFE\xFF\0a").content, Content::Utf16);
        assert_eq!(content("# only\n; comments"), Content::Other);
    }

    #[test]
    fn what_was_found_is_said_with_its_place() {
        for (text, expected) in [
            ("\n <a/>", "2:2+1 begins with `<`, as XML does"),
            ("[", "1:1+1 begins as JSON does"),
            ("# x\n ip,category", "2:2+11 has the header of PROOF_POINT"),
            ("1.2.3.4\nx", "1:1+7 has an address, a CIDR or a domain alone in 1 of its first 2 lines, as TXT has"),
            ("#######", "1:1+7 has seven or more `#` in 1 of its first 1 lines, as ALIEN_VAULT has"),
            ("x", "1:1+1 is in none of the formats"),
            ("1\n\0", "2:1+1 has NUL bytes, which no text has"),
        ] {
            let sniffed = sniff(text.as_bytes());
            let place = sniffed.place.unwrap();
            assert_eq!(format!("{}:{}+{} {sniffed}", place.line, place.column, place.len), expected);
        }
        assert_eq!(sniff(b"").to_string(), "is empty");
        assert_eq!(sniff(b"\xFF\xFE").to_string(), "begins with the byte order mark of UTF-16");
    }
}
