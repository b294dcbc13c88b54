use serde_json::json;

use crate::{
    graph::SetKind,
    testing::{
        check,
        content::{FORMATS, OBJECT, THREAT, TRUSTED, kept_secret, list_of, read_by, written},
        created,
        lists::{list_files, object_at, set_at},
        plan,
    },
};

const RULE: &str = "list-entry-private";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

/// The verdict on a threat list of this entry and of one that is routed. (Wide entries of a trusted list are
/// `list-trusted-broad`'s.)
fn judged(entry: &str) -> (u64, u64, u64, u64) {
    check(&read_by(&[(THREAT, "TXT")], json!({ "content": format!("8.8.8.8\n{entry}\n") }))).tally(RULE)
}

/// The table of 1.9: range, first and last address, name, RFC.
const TABLE: [(&str, &str, &str, &str, &str); 16] = [
    ("0.0.0.0/8", "0.0.0.0", "0.255.255.255", "This network", "791"),
    ("10.0.0.0/8", "10.0.0.0", "10.255.255.255", "Private-Use", "1918"),
    ("100.64.0.0/10", "100.64.0.0", "100.127.255.255", "Shared Address Space", "6598"),
    ("127.0.0.0/8", "127.0.0.0", "127.255.255.255", "Loopback", "1122"),
    ("169.254.0.0/16", "169.254.0.0", "169.254.255.255", "Link Local", "3927"),
    ("172.16.0.0/12", "172.16.0.0", "172.31.255.255", "Private-Use", "1918"),
    ("192.0.0.0/24", "192.0.0.0", "192.0.0.255", "IETF Protocol Assignments", "6890"),
    ("192.0.2.0/24", "192.0.2.0", "192.0.2.255", "Documentation", "5737"),
    ("192.88.99.0/24", "192.88.99.0", "192.88.99.255", "6to4", "7526"),
    ("192.168.0.0/16", "192.168.0.0", "192.168.255.255", "Private-Use", "1918"),
    ("198.18.0.0/15", "198.18.0.0", "198.19.255.255", "Benchmarking", "2544"),
    ("198.51.100.0/24", "198.51.100.0", "198.51.100.255", "Documentation", "5737"),
    ("203.0.113.0/24", "203.0.113.0", "203.0.113.255", "Documentation", "5737"),
    ("224.0.0.0/4", "224.0.0.0", "239.255.255.255", "Multicast", "5771"),
    ("240.0.0.0/4", "240.0.0.0", "255.255.255.254", "Reserved", "1112"),
    // Inside the row before, too.
    ("255.255.255.255/32", "255.255.255.255", "255.255.255.255", "", ""),
];

#[test]
fn fails_when_an_entry_lies_inside_a_row_of_the_table() {
    for (range, first, last, name, rfc) in TABLE {
        for entry in [range, first, last] {
            assert_eq!(judged(entry), FAILED, "{entry}");
        }
        let document = list_of("TXT", &format!("8.8.8.8\n{range}\n"));
        assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{range}");
        assert_eq!(check(&document).lines(RULE), [2], "{range}");
        let texts = check(&document).texts(RULE);
        let labelled = texts.iter().any(|text| text.contains(name) && text.contains(rfc));
        assert!(labelled, "{range}: {texts:#?}");
    }
}

#[test]
fn the_neighbours_of_a_row_lie_outside() {
    for entry in [
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "191.255.255.255",
        "192.0.1.0",
        "192.0.1.255",
        "192.0.3.0",
        "192.88.98.255",
        "192.88.100.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0",
        "203.0.112.255",
        "203.0.114.0",
        "223.255.255.255",
    ] {
        assert_eq!(judged(entry), PASSED, "{entry}");
    }
}

#[test]
fn what_is_registered_but_globally_reachable_is_not_inside() {
    for entry in [
        "192.0.0.9",
        "192.0.0.10",
        "192.0.0.9/32",
        "192.31.196.0/24",
        "192.31.196.1",
        "192.52.193.0/24",
        "192.175.48.0/24",
        "192.175.48.6",
    ] {
        assert_eq!(judged(entry), PASSED, "{entry}");
    }
    for entry in ["192.0.0.8", "192.0.0.11", "192.0.0.0/29"] {
        assert_eq!(judged(entry), FAILED, "{entry}");
    }
}

#[test]
fn an_entry_that_lies_in_the_union_of_several_rows_counts_as_inside() {
    // 224.0.0.0/4 and 240.0.0.0/4.
    assert_eq!(judged("224.0.0.0/3"), FAILED);
    // Across the two, as STIX can write it: 239.255.255.255 to 240.0.0.0.
    let across = "<Address_Value condition=\"InclusiveBetween\">239.255.255.255##comma##240.0.0.0</Address_Value>";
    let text = format!("<STIX_Package>{across}<Address_Value>8.8.8.8</Address_Value></STIX_Package>");
    assert_eq!(check(&list_of("STIX", &text)).tally(RULE), FAILED);
    // From the last address before the first row.
    assert_eq!(check(&list_of("STIX", &text.replace("239.255.255.255", "223.255.255.255"))).tally(RULE), PASSED);
}

#[test]
fn silent_when_an_entry_only_overlaps_or_contains_a_special_range() {
    for entry in [
        // 10.0.0.0 to 11.255.255.255, 126.0.0.0 to 127.255.255.255.
        "10.0.0.0/7",
        "126.0.0.0/7",
        "172.0.0.0/8",
        "192.168.0.0/15",
        "192.0.2.0/23",
        "192.0.0.0/23",
        "198.51.100.0/22",
        "100.0.0.0/8",
    ] {
        assert_eq!(judged(entry), PASSED, "{entry}");
    }
    let between = "<STIX_Package><Address_Value condition=\"InclusiveBetween\">10.255.255.255##comma##11.0.0.0</Address_Value></STIX_Package>";
    assert_eq!(check(&list_of("STIX", between)).tally(RULE), PASSED);
}

#[test]
fn host_bits_do_not_matter() {
    assert_eq!(judged("10.1.2.3/8"), FAILED);
    assert_eq!(judged("11.1.2.3/7"), PASSED);
}

#[test]
fn the_message_says_all_entries_when_none_is_outside() {
    for (text, all) in [
        ("10.0.0.0/8\n192.168.1.1\n", true),
        // What does not parse is no entry.
        ("10.0.0.0/8\n192.168.1.1\nbad\n", true),
        ("10.0.0.0/8\n192.168.1.1\n8.8.8.8\n", false),
    ] {
        let message = check(&list_of("TXT", text)).finding(RULE).message;
        assert!(message.contains('2'), "{message}");
        let says_all = message.contains("all entries") || message.contains("all 2 entries");
        assert_eq!(says_all, all, "{message}");
    }
}

#[test]
fn fails_in_every_format() {
    for format in FORMATS {
        let document = list_of(format, &written(format, &["8.8.8.8", "172.16.5.0/24", "192.168.7.7"]));
        assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{format}");
        let header = usize::from(!matches!(format, "TXT" | "ALIEN_VAULT"));
        assert_eq!(check(&document).lines(RULE), [2 + header, 3 + header], "{format}");
        let public = list_of(format, &written(format, &["8.8.8.8", "1.1.1.0/24"]));
        assert_eq!(check(&public).tally(RULE), PASSED, "{format}");
    }
}

#[test]
fn the_first_10_lines_are_labelled_and_the_message_has_the_count() {
    let text = format!("8.8.8.8\n{}", (0..37).map(|last| format!("10.0.0.{last}\n")).collect::<Vec<_>>().concat());
    let document = list_of("TXT", &text);
    assert_eq!(check(&document).lines(RULE), (2..12).collect::<Vec<_>>());
    assert!(check(&document).finding(RULE).message.contains("37"));
}

#[test]
fn several_sets_on_one_object_are_one_finding() {
    let document = read_by(&[(TRUSTED, "TXT"), (THREAT, "TXT")], json!({ "content": "8.8.8.8\n10.0.0.1\n" }));
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn of_sensitive_content_no_entry_is_shown() {
    let document = kept_secret(list_of("TXT", "8.8.8.8\n10.9.8.7\n"));
    assert_eq!(check(&document).lines(RULE), [2]);
    let texts = check(&document).texts(RULE);
    assert!(!texts.iter().any(|text| text.contains("10.9.8.7") || text.contains("8.8.8.8")), "{texts:#?}");
}

#[test]
fn the_files_of_list_are_judged_whatever_their_kind() {
    for kind in [None, Some(SetKind::Trusted), Some(SetKind::Threat)] {
        assert_eq!(list_files(&[("list.txt", "8.8.8.8\n10.0.0.1\n", kind)]).says(RULE), ["fail"], "{kind:?}");
        assert_eq!(list_files(&[("list.txt", "8.8.8.8\n", kind)]).tally(RULE), PASSED, "{kind:?}");
    }
}

#[test]
fn content_unknown_is_skipped() {
    let set = created(TRUSTED, set_at("s3://lists/k"), &[]);
    let object = created(OBJECT, object_at("lists", "k"), &["content"]);
    assert_eq!(check(&plan(&[set, object])).tally(RULE), SKIPPED);
}

#[test]
fn where_the_list_is_empty_or_of_another_format_those_rules_speak() {
    for (format, text, speaker) in
        [("TXT", "2001:db8::1\n", "list-empty"), ("OTX_CSV", "10.0.0.1\n", "list-format-mismatch")]
    {
        assert_eq!(check(&list_of(format, text)).tally(RULE), SKIPPED, "{text}");
        assert_eq!(check(&list_of(format, text)).tally(speaker), FAILED, "{text}");
    }
}
