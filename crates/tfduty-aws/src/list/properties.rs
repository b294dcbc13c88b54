//! What holds for any bytes at all, and for lists that are made to be close to right.

use super::lexer::read;
use super::tests::SAMPLES;
use super::*;
use proptest::prelude::*;
use tfduty_fuzz::{Target, fixtures, fuzz, text};

fn a_format() -> impl Strategy<Value = ListFormat> {
    proptest::sample::select(&ListFormat::ALL[..])
}

/// Pieces of lists: line ends, separators, markup, entries, and what looks like them.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "\n", "\n", "\n", "\r\n", "\r", " ", "\t", ",", ",", ", ", "#", "#######", "\"", "\"\"", "/", "\\", "-", "1.2.3.4",
    "10.0.0.0/8", "198.51.100.7/24", "0.0.0.0/0", "2001:db8::1", "example.com", "010.0.0.1", "1.2.3.4/33", "IPv4", "CIDR",
    "domain", "ip,category,score,first_seen,last_seen,ports (|)\n", "Indicator type, Indicator, Description\n",
    "reportId,cidr,ip,domain\n", ",1,100,2000-01-01,2000-01-01,", "#4#2#Malicious Host#US##0.0,0.0#3\n",
    "<STIX_Package>", "</STIX_Package>", "<Address_Value>", "<Address_Value condition='InclusiveBetween'>",
    "</Address_Value>", "##comma##", "<x category='e-mail' xsi:type='DomainNameObjectType'>", "</x>", "<Value>", "</Value>",
    "<![CDATA[", "]]>", "<!--", "-->", "&#49;", "&amp;", "&x;", "<!DOCTYPE a>", "<?x?>", "<", ">", "&", "{", "\u{FEFF}",
    "\u{0}", "é", "\u{A0}",
];

const STARTS: &[&[u8]] = &[b"", b"\xEF\xBB\xBF", b"\xFF", b"<STIX_Package>"];

fn a_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(PIECES);
    let text = proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    (proptest::sample::select(STARTS), text).prop_map(|(start, text)| [start, &text].concat())
}

/// The line and the column of an offset, the slow way.
fn line_and_column(bytes: &[u8], byte: usize) -> (usize, usize) {
    let before = &bytes[..byte];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    (before.split(|byte| *byte == b'\n').count(), byte - line_start + 1)
}

fn check(bytes: &[u8], format: ListFormat) -> Result<(), TestCaseError> {
    let list = List::parse(bytes, format);
    let _ = sniff(bytes).to_string();
    let places = list.entries.iter().map(|entry| entry.place).chain(list.invalid.iter().map(|invalid| invalid.place));
    let encoding = list.encoding.nul.into_iter().chain(list.encoding.not_utf8);
    for place in
        places.chain(list.skipped.iter().map(|skipped| skipped.place)).chain(encoding).chain(sniff(bytes).place)
    {
        prop_assert!(place.byte + place.len <= bytes.len());
        prop_assert_eq!((place.line as usize, place.column as usize), line_and_column(bytes, place.byte));
    }
    for entry in &list.entries {
        prop_assert!(entry.first <= entry.last);
        let text = entry.place.of(bytes);
        if let Some(written) = read(text) {
            prop_assert_eq!(Entry::new(written, entry.place), *entry);
        } else {
            // A range or references to characters.
            prop_assert_eq!(format, ListFormat::Stix);
        }
    }
    let invalid: Vec<usize> = list.invalid.iter().map(|invalid| invalid.place.byte).collect();
    if format != ListFormat::Stix {
        prop_assert!(invalid.is_sorted(), "{:?}", invalid);
        prop_assert!(list.entries.is_sorted_by_key(|entry| entry.place.byte));
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_a_list(bytes: Vec<u8>, format in a_format()) {
        check(&bytes, format)?;
    }

    #[test]
    fn any_pieces_of_lists_are_a_list(text in a_text(), format in a_format()) {
        check(&text, format)?;
    }

    #[test]
    fn what_is_written_in_txt_is_read_back(
        entries in proptest::collection::vec((any::<u32>(), proptest::option::of(0u8..=32)), 0..20),
    ) {
        let written = entries.into_iter().map(|(address, prefix)| Written { address, prefix }.to_string());
        let text = written.collect::<Vec<_>>().join("\n");
        let list = List::parse(text.as_bytes(), ListFormat::Txt);
        prop_assert_eq!(list.invalid_count, 0);
        let texts: Vec<&[u8]> = list.entries.iter().map(|entry| entry.place.of(text.as_bytes())).collect();
        prop_assert_eq!(texts.join(&b'\n'), text.as_bytes());
    }
}

#[test]
fn fuzz_list() {
    let samples = SAMPLES.iter().map(|(_, sample)| sample.as_bytes().to_vec());
    let seeds = samples.chain(fixtures("lists").into_iter().map(|fixture| fixture.bytes)).collect();
    fuzz(&Target { name: "list", seeds, mutate: text, mutants: 800 }, |bytes| {
        let outcome = |format| {
            check(bytes, format).unwrap_or_else(|broken| panic!("{format}: {broken}"));
            let list = List::parse(bytes, format);
            let reasons: Vec<String> = list.invalid.iter().take(8).map(|one| format!("{:?}", one.reason)).collect();
            (list.entries.len().min(4), reasons, list.skipped.len())
        };
        (ListFormat::ALL.map(outcome), sniff(bytes).to_string())
    });
}
