//! What the formats have in common, and how their tests look at a list.

use super::*;

/// What is read from `text`, in the order of the file: `3:1 192.0.2.0/24`, `4:1 ! is a comment, …`, `5:1 ~ 2 domain`.
/// Each piece is checked to stand where it says.
pub(super) fn said(format: ListFormat, text: impl AsRef<[u8]>) -> Vec<String> {
    let bytes = text.as_ref();
    let list = List::parse(bytes, format);
    assert_eq!(list.invalid.len(), list.invalid_count);
    let entries = list.entries.iter().map(|entry| (entry.place, entry.to_string()));
    let invalid = list.invalid.iter().map(|invalid| (invalid.place, format!("! {}", invalid.reason)));
    let skipped =
        list.skipped.iter().map(|skipped| (skipped.place, format!("~ {} {}", skipped.count, skipped.indicator)));
    let mut said: Vec<(Place, String)> = entries.chain(invalid).chain(skipped).collect();
    said.sort();
    said.into_iter()
        .map(|(place, text)| {
            assert_eq!(place::Places::new(bytes).place(place.byte, place.len), place);
            assert!(place.byte + place.len <= bytes.len());
            format!("{}:{} {text}", place.line, place.column)
        })
        .collect()
}

/// The texts of the entries, as written.
pub(super) fn written(format: ListFormat, text: &str) -> Vec<&str> {
    let entries = List::parse(text.as_bytes(), format).entries;
    entries.iter().map(|entry| &text[entry.place.byte..entry.place.byte + entry.place.len]).collect()
}

/// A list of each format with the same two entries, after the samples of the User Guide.
pub(super) const SAMPLES: [(ListFormat, &str); 6] = [
    (ListFormat::Txt, "192.0.2.0/24\n198.51.100.1\n"),
    (
        ListFormat::Stix,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<stix:STIX_Package xmlns:stix=\"http://stix.mitre.org/stix-1\">\n\
         <a:Address_Value>192.0.2.0/24##comma##198.51.100.1</a:Address_Value></stix:STIX_Package>\n",
    ),
    (
        ListFormat::OtxCsv,
        "Indicator type, Indicator, Description\nCIDR, 192.0.2.0/24, example\nIPv4, 198.51.100.1, example\n",
    ),
    (
        ListFormat::AlienVault,
        "192.0.2.0/24#4#2#Malicious Host#US##0.0,0.0#3\n198.51.100.1#4#2#Scanning Host#CN#Guangzhou#23.1,113.2#3\n",
    ),
    (
        ListFormat::ProofPoint,
        "ip, category, score, first_seen, last_seen, ports (|)\n192.0.2.0/24, 1, 100, 2000-01-01, 2000-01-01,\n\
         198.51.100.1, 1, 100, 2000-01-01, 2000-01-01, 80\n",
    ),
    (
        ListFormat::FireEye,
        "reportId, title, asn, cidr, domain, networkIdentifier, ip\n\n01-1, Example, , 192.0.2.0/24, , ,\n\n\
         01-2, Example, , , , Related, 198.51.100.1\n",
    ),
];

#[test]
fn each_format_is_read_and_sniffed() {
    for (format, text) in SAMPLES {
        assert_eq!(written(format, text), ["192.0.2.0/24", "198.51.100.1"], "{format}");
        assert_eq!(List::parse(text.as_bytes(), format).invalid, [], "{format}");
        assert_eq!(sniff(text.as_bytes()).content, Content::Format(format));
    }
}

/// What `list-format-mismatch` rests on: in another format than its own, a list has no entries.
#[test]
fn no_format_finds_entries_in_another() {
    for (format, text) in SAMPLES {
        for other in ListFormat::ALL.into_iter().filter(|other| *other != format) {
            assert_eq!(written(other, text), [""; 0], "{format} read as {other}");
            assert!(List::parse(text.as_bytes(), other).invalid_count > 0, "{format} read as {other}");
        }
    }
}

#[test]
fn line_ends_are_lf_or_crlf() {
    for (format, text) in SAMPLES {
        let crlf = text.replace('\n', "\r\n");
        assert_eq!(said(format, &crlf), said(format, text), "{format}");
        let places: Vec<usize> =
            List::parse(crlf.as_bytes(), format).entries.iter().map(|entry| entry.place.byte).collect();
        let expected: Vec<usize> =
            ["192.0.2.0/24", "198.51.100.1"].iter().map(|entry| crlf.find(entry).unwrap()).collect();
        assert_eq!(places, expected, "{format}");
    }
    for (format, text) in SAMPLES {
        if format != ListFormat::Stix {
            let list = List::parse(text.replace('\n', "\r").as_bytes(), format);
            let reasons: Vec<Reason> = list.invalid.iter().map(|invalid| invalid.reason).collect();
            assert_eq!((list.entries.len(), reasons), (0, vec![Reason::LoneCarriageReturn]), "{format}");
        }
    }
}

#[test]
fn blank_lines_white_space_and_a_missing_line_end_are_nothing() {
    for (format, text) in SAMPLES {
        let entries = ["192.0.2.0/24", "198.51.100.1"];
        assert_eq!(written(format, text.trim_end()), entries, "{format}");
        let spaced = format!("\n \t\n{}\n\n", text.replace('\n', " \t\n\n"));
        if format != ListFormat::Stix {
            assert_eq!(written(format, &spaced), entries, "{format}");
            assert_eq!(List::parse(spaced.as_bytes(), format).invalid, [], "{format}");
        }
    }
}

#[test]
fn an_empty_list_has_nothing() {
    for format in ListFormat::ALL {
        for text in ["", "\n", " \t\r\n\n"] {
            assert_eq!(said(format, text), [""; 0], "{format} {text:?}");
        }
    }
}

#[test]
fn a_byte_order_mark_is_passed_over_and_in_txt_reported() {
    for (format, text) in SAMPLES {
        let marked = format!("\u{FEFF}{text}");
        let list = List::parse(marked.as_bytes(), format);
        assert!(list.encoding.byte_order_mark);
        assert_eq!(written(format, &marked), ["192.0.2.0/24", "198.51.100.1"], "{format}");
        assert_eq!(sniff(marked.as_bytes()).content, Content::Format(format));
        let invalid: Vec<_> = list.invalid.iter().map(|invalid| (invalid.place.byte, invalid.reason)).collect();
        let expected = if format == ListFormat::Txt { vec![(0, Reason::ByteOrderMark)] } else { Vec::new() };
        assert_eq!(invalid, expected, "{format}");
    }
}

#[test]
fn of_utf_16_nothing_is_read() {
    for (format, text) in SAMPLES {
        let utf16 = |units: &[u8; 2], to: fn(u16) -> [u8; 2]| {
            [&units[..], &text.encode_utf16().flat_map(to).collect::<Vec<_>>()].concat()
        };
        for bytes in [utf16(b"\xFF\xFE", u16::to_le_bytes), utf16(b"\xFE\xFF", u16::to_be_bytes)] {
            let list = List::parse(&bytes, format);
            assert!(list.encoding.utf16 && list.encoding.nul.is_some());
            assert_eq!((list.entries.len(), list.invalid_count), (0, 0));
            assert_eq!(sniff(&bytes).content, Content::Utf16);
        }
        let unmarked = utf16(b"\n\n", u16::to_le_bytes);
        assert_eq!(sniff(&unmarked).content, Content::Nul);
        assert!(List::parse(&unmarked, format).encoding.nul.is_some());
        assert_eq!(List::parse(&unmarked, format).entries, []);
    }
}

#[test]
fn encoding_faults_have_places() {
    let encoding = List::parse(b"1.2.3.4\n\xE9\n5\0", ListFormat::Txt).encoding;
    assert_eq!(encoding.not_utf8, Some(Place { line: 2, column: 1, byte: 8, len: 1 }));
    assert_eq!(encoding.nul, Some(Place { line: 3, column: 2, byte: 11, len: 1 }));
    assert!(!encoding.byte_order_mark && !encoding.utf16);
}

#[test]
fn text_that_is_not_utf_8_matters_only_in_entries() {
    for (format, text) in SAMPLES {
        if text.contains("xample") {
            let latin1: Vec<u8> = text.bytes().map(|byte| if byte == b'x' { 0xE9 } else { byte }).collect();
            assert_eq!(List::parse(&latin1, format).entries.len(), 2, "{format}");
        }
    }
    let stix = b"<STIX_Package><Title>B\xFCro</Title><Address_Value>1.2.3.4</Address_Value></STIX_Package>";
    assert_eq!(said(ListFormat::Stix, stix), ["1:49 1.2.3.4"]);
    assert_eq!(said(ListFormat::Txt, b"1.2.3.4\n1.2.3.\xB2\n"), ["1:1 1.2.3.4", "2:1 ! has bytes that are not UTF-8"]);
}

#[test]
fn host_bits_are_told() {
    let list =
        List::parse(b"198.51.100.7/24\n198.51.100.0/24\n198.51.100.7\n198.51.100.7/32\n1.2.3.4/0", ListFormat::Txt);
    let host_bits: Vec<(bool, String)> =
        list.entries.iter().map(|entry| (entry.host_bits, entry.to_string())).collect();
    let expected = [
        (true, "198.51.100.0/24"),
        (false, "198.51.100.0/24"),
        (false, "198.51.100.7"),
        (false, "198.51.100.7/32"),
        (true, "0.0.0.0/0"),
    ];
    assert_eq!(host_bits, expected.map(|(is, text)| (is, text.to_owned())));
    assert_eq!(list.entries.iter().map(Entry::addresses).collect::<Vec<_>>(), [256, 256, 1, 1, 1 << 32]);
}

#[test]
fn an_entry_knows_its_special_row() {
    let list = List::parse(b"10.1.2.0/24\n8.8.8.8\n0.0.0.0/0\n224.0.0.0/3", ListFormat::Txt);
    let names: Vec<_> = list.entries.iter().map(|entry| entry.special().map(|row| row.name)).collect();
    assert_eq!(names, [Some("Private-Use"), None, None, Some("Multicast")]);
}

#[test]
fn beyond_a_thousand_invalid_lines_are_only_counted() {
    let list = List::parse("x\n".repeat(2_500).as_bytes(), ListFormat::Txt);
    assert_eq!((list.invalid.len(), list.invalid_count), (List::KEPT, 2_500));
}
