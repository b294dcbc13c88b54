//! Every way to be wrong, and what is made of it.

use super::*;
use proptest::prelude::*;

/// What is said of a text: the sentence, and the suggestion behind an arrow.
fn said(text: &[u8]) -> String {
    let reason = explain(text);
    reason.suggestion().map_or_else(|| reason.to_string(), |meant| format!("{reason} -> {meant}"))
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of texts")]
fn every_way_to_be_wrong_is_told_from_the_others() {
    let longest = format!("fe80::1%{}", "0".repeat(92));
    for (reason, texts) in [
        (Reason::ByteOrderMark, &["\u{FEFF}1.2.3.4", "\u{FEFF}"][..]),
        (Reason::LoneCarriageReturn, &["1.2.3.4\r", "1.2.3.4\r5.6.7.8"]),
        (Reason::ControlCharacter, &["1.2.3.4\0", "\u{1b}[31m", "1.2.3.4\u{b}", "1.2.3.4\u{85}"]),
        (Reason::Comment, &["#", "# 1.2.3.4", "; 1.2.3.4", "//1.2.3.4", "# Büro"]),
        (
            Reason::Ipv6,
            &[
                "::",
                "::1",
                "2001:db8::1",
                "2001:db8::/32",
                "[2001:db8::1]",
                "[2001:db8::1]:443",
                "fe80::1%eth0",
                "::ffff:1.2.3.4",
                "2001:db8::/129",
                "2001[:]db8[:][:]1",
                &longest,
            ],
        ),
        (
            Reason::Domain,
            &[
                "example.com",
                "*.example.org",
                "a.example.com.",
                "xn--bcher-kva.example",
                "example.com:443",
                "example[.]com",
                "4.3.2.1.in-addr.arpa",
                "list.txt",
                "_dmarc.example.com",
            ],
        ),
        (
            Reason::Url(None),
            &["https://example.com/x", "hxxp://example[.]com", "example.com/x", "file:///etc", "s3://b/k"],
        ),
        (Reason::PrefixTooLong, &["1.2.3.4/33", "1.2.3.4/128", "1.2.3.4/033", "1.2.3.4/99999999999"]),
        (Reason::PrefixMissing, &["1.2.3.4/"]),
        (
            Reason::PrefixNotANumber,
            &["1.2.3.4/+8", "1.2.3.4/-1", "1.2.3.4/a", "1.2.3.4/8/8", "1.2.3.4/index.html", "1.2.3.0/24-1.2.4.0/24"],
        ),
        (Reason::OctetTooLarge, &["256.0.0.1", "1.2.3.999/8", "1.2.3.1000", "300.1/8"]),
        (Reason::OctetCount(None), &["1.2.3", "1.2.3.", "1..3.4", ".1.2.3.4", "1.2.3.4.5", "1.2.3.4.5/8", "１.２"]),
        (Reason::Wildcard(None), &["*", "*.*.*.*", "1.*.3.4", "1.2.3.4.*", "*.0"]),
        (Reason::Netmask(None), &["10.0.0.0/255.0.255.0", "10.0.0.0/0.0.0.0"]),
        (Reason::RangeBackwards, &["1.2.3.9-1.2.3.4", "1.2.3.9-4"]),
        (
            Reason::Several,
            &[
                "1.2.3.4,5.6.7.8",
                "1.2.3.4 5.6.7.0/24",
                "1.2.3.4; 5.6.7.8;",
                "1.2.3.4\t5.6.7.8 9.9.9.9",
                "1.2.3.4\u{A0}5.6.7.8",
                // No netmask begins so, and none stands behind a prefix.
                "1.2.3.4 0.0.0.255",
                "1.2.3.0/24 255.255.255.0",
            ],
        ),
        (Reason::NonAscii(None), &["Büro", "1.2.3.４.5x é", "1.2.3.4 Büro", "\u{200B}x"]),
        (
            Reason::NotAnAddress,
            &[
                "",
                "x",
                "ip",
                "localhost",
                "10",
                "167772161",
                "0x0a000001",
                "a b",
                "a@example.com",
                "1.2.3.4-a",
                "1.2.3.4-",
                "1.2.3.4-+9",
                "1.2.3.*.*.*.*.*.*",
                "<html>",
                "...",
                "/",
                "/8",
                "-",
                ":",
                "\\",
                "ip_address",
                "1.2.3.4:",
                "\"",
                "example..com",
                "xx",
                // Longer than any address may be written.
                &(longest.clone() + "0"),
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(explain(text.as_bytes()), reason, "{text:?}");
        }
    }
    assert_eq!(explain(b"1.2.3.4\xFF"), Reason::NotUtf8);
    assert_eq!(explain(b"\xFF\xFE1\x00"), Reason::NotUtf8);
}

#[test]
fn what_was_meant_is_said() {
    for (text, expected) in [
        ("198.51.100.7\\32", "has a backslash where a slash belongs -> 198.51.100.7/32"),
        ("10.0.0.0\\8", "has a backslash where a slash belongs -> 10.0.0.0/8"),
        (
            "1.2.3.4-1.2.3.9",
            "is a range, which the format does not have: write the CIDRs that cover it -> 1.2.3.4/30, 1.2.3.8/31",
        ),
        (
            "1.2.3.4 - 1.2.3.4",
            "is a range, which the format does not have: write the CIDRs that cover it -> 1.2.3.4/32",
        ),
        ("1.2.3.4-5", "is a range, which the format does not have: write the CIDRs that cover it -> 1.2.3.4/31"),
        ("1.2.3.4–1.2.3.7", "is a range, which the format does not have: write the CIDRs that cover it -> 1.2.3.4/30"),
        ("1.2.3.4..1.2.3.7", "is a range, which the format does not have: write the CIDRs that cover it -> 1.2.3.4/30"),
        (
            "1.2.3.4 to 1.2.3.7",
            "is a range, which the format does not have: write the CIDRs that cover it -> 1.2.3.4/30",
        ),
        ("010.0.0.1", "has an octet with a leading zero, which some programs read as an octal number -> 10.0.0.1"),
        ("10.00.0.1/08", "has an octet with a leading zero, which some programs read as an octal number -> 10.0.0.1/8"),
        ("10.0.0.0/08", "has a prefix with a leading zero -> 10.0.0.0/8"),
        ("10.0.0.0/00", "has a prefix with a leading zero -> 10.0.0.0/0"),
        ("10.0.0.0/255.0.0.0", "has a netmask where the length of the prefix belongs -> 10.0.0.0/8"),
        ("10.0.0.0/0.0.0.255", "has a netmask where the length of the prefix belongs -> 10.0.0.0/24"),
        ("10.0.0.0 255.255.255.0", "has a netmask where the length of the prefix belongs -> 10.0.0.0/24"),
        ("10/8", "does not have four octets -> 10.0.0.0/8"),
        ("10.1/16", "does not have four octets -> 10.1.0.0/16"),
        ("10.0.0/24", "does not have four octets -> 10.0.0.0/24"),
        ("10.*", "has a wildcard, which no address has: write a CIDR -> 10.0.0.0/8"),
        ("10.1.2.*", "has a wildcard, which no address has: write a CIDR -> 10.1.2.0/24"),
        ("203.113.113.xxx", "has a wildcard, which no address has: write a CIDR -> 203.113.113.0/24"),
        ("10.1.x.x", "has a wildcard, which no address has: write a CIDR -> 10.1.0.0/16"),
        ("1.2.3.4:443", "has a port behind the address, which a list does not take -> 1.2.3.4"),
        ("http://1.2.3.4/x?y", "is a URL: give its host's address alone -> 1.2.3.4"),
        ("https://u:p@1.2.3.4:8443", "is a URL: give its host's address alone -> 1.2.3.4"),
        ("hxxp://1[.]2.3[.]4/", "is a URL: give its host's address alone -> 1.2.3.4"),
        ("1[.]2[.]3[.]4", "is defanged: write its dots without brackets -> 1.2.3.4"),
        ("1.2.3(dot)4/31", "is defanged: write its dots without brackets -> 1.2.3.4/31"),
        ("1[.]2.3.4:80", "has a port behind the address, which a list does not take -> 1.2.3.4"),
        ("\"1.2.3.4\"", "has quotes, brackets or a list mark around the entry -> 1.2.3.4"),
        ("\"1.2.3.4\",", "has quotes, brackets or a list mark around the entry -> 1.2.3.4"),
        ("[ 1.2.3.0/24 ]", "has quotes, brackets or a list mark around the entry -> 1.2.3.0/24"),
        ("- 1.2.3.4", "has quotes, brackets or a list mark around the entry -> 1.2.3.4"),
        ("- '1.2.3.4'", "has quotes, brackets or a list mark around the entry -> 1.2.3.4"),
        ("1.2.3.4,", "has text behind the entry -> 1.2.3.4"),
        ("1.2.3.0/24 # office", "has text behind the entry -> 1.2.3.0/24"),
        ("1.2.3.0/24#office", "has text behind the entry -> 1.2.3.0/24"),
        ("1.2.3.4 office", "has text behind the entry -> 1.2.3.4"),
        ("1.2.3.4 , office, 5.6.7.8", "has text behind the entry -> 1.2.3.4"),
        ("10.0.0. 1", "has white space within the entry -> 10.0.0.1"),
        ("10.0.0.0 / 8", "has white space within the entry -> 10.0.0.0/8"),
        ("１0．0.0.３", "has characters outside ASCII, visible or not -> 10.0.0.3"),
        ("10.0.0.1\u{A0}", "has characters outside ASCII, visible or not -> 10.0.0.1"),
        ("\u{200B}10.0.0.1⁄8", "has characters outside ASCII, visible or not -> 10.0.0.1/8"),
    ] {
        assert_eq!(said(text.as_bytes()), expected, "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_explained(text: Vec<u8>) {
        let _ = said(&text);
    }

    #[test]
    fn texts_that_look_like_entries_are_explained(
        parts in proptest::collection::vec("([0-9]{1,4}|\\.|/|-| |,|:|\\*|x|\\[|\\]|\"|\\\\|#|0|255\\.0|１|–|://|\\(dot\\)|[a-z])", 0..14),
    ) {
        let text = parts.concat();
        let reason = explain(text.as_bytes());
        // A suggestion can be written in place of the text: it is one entry or several.
        for meant in reason.suggestion().iter().flat_map(|meant| meant.split(", ")) {
            let meant = meant.split(" and ").next().unwrap_or_default();
            prop_assert!(read(meant.as_bytes()).is_some(), "{} {}", text, meant);
        }
    }
}
