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

const RULE: &str = "list-trusted-broad";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

/// The verdict on a list that sets of these kinds read, with one small entry before these.
fn judged(kinds: &[&str], entries: &str) -> (u64, u64, u64, u64) {
    let sets: Vec<_> = kinds.iter().map(|kind| (*kind, "TXT")).collect();
    check(&read_by(&sets, json!({ "content": format!("8.8.8.8\n{entries}\n") }))).tally(RULE)
}

/// So many networks of 65,536 addresses, from 20.0.0.0 on: 256 of them are 16,777,216 addresses.
fn networks(count: u32) -> String {
    (0..count).map(|index| format!("{}.{}.0.0/16\n", 20 + index / 256, index % 256)).collect::<Vec<_>>().concat()
}

#[test]
fn a_trusted_entry_with_a_prefix_length_under_16_fails() {
    for (entry, expected) in [
        ("20.0.0.0/16", PASSED),
        ("20.0.0.0/15", FAILED),
        ("20.0.0.0/8", FAILED),
        ("0.0.0.0/0", FAILED),
        ("128.0.0.0/1", FAILED),
        // Host bits do not make it narrower.
        ("20.1.2.3/15", FAILED),
        ("20.1.2.3/16", PASSED),
    ] {
        assert_eq!(judged(&[TRUSTED], entry), expected, "{entry}");
    }
}

#[test]
fn a_threat_entry_with_a_prefix_length_under_8_fails() {
    for (entry, expected) in [
        ("20.0.0.0/15", PASSED),
        ("20.0.0.0/8", PASSED),
        ("20.0.0.0/7", FAILED),
        ("0.0.0.0/0", FAILED),
        ("10.0.0.0/7", FAILED),
    ] {
        assert_eq!(judged(&[THREAT], entry), expected, "{entry}");
    }
}

#[test]
fn an_object_that_is_both_is_judged_as_a_trusted_list_too() {
    assert_eq!(judged(&[TRUSTED, THREAT], "20.0.0.0/15"), FAILED);
    assert_eq!(judged(&[TRUSTED, THREAT], "20.0.0.0/16"), PASSED);
    let document = read_by(&[(TRUSTED, "TXT"), (THREAT, "TXT")], json!({ "content": "20.0.0.0/7\n" }));
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn silent_when_an_entry_is_special_purpose() {
    for entry in ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "198.18.0.0/15", "240.0.0.0/4", "224.0.0.0/3"] {
        for kinds in [&[TRUSTED], &[THREAT]] {
            assert_eq!(judged(kinds, entry), PASSED, "{entry} {kinds:?}");
        }
        let document = list_of("TXT", &format!("8.8.8.8\n{entry}\n"));
        assert_eq!(check(&document).tally("list-entry-private"), FAILED, "{entry}");
    }
    // One that contains a special range and more is not inside.
    for entry in ["10.0.0.0/7", "172.0.0.0/8", "198.18.0.0/14", "0.0.0.0/0"] {
        assert_eq!(judged(&[TRUSTED], entry), FAILED, "{entry}");
        let document = list_of("TXT", &format!("8.8.8.8\n{entry}\n"));
        assert_eq!(check(&document).tally("list-entry-private"), PASSED, "{entry}");
    }
}

#[test]
fn trusted_entries_that_together_cover_16777216_addresses_fail() {
    // With 8.8.8.8 that is one more.
    assert_eq!(judged(&[TRUSTED], &networks(256)), FAILED);
    assert_eq!(judged(&[TRUSTED], &networks(255)), PASSED);
    assert_eq!(judged(&[TRUSTED], &format!("{}21.0.0.0/17\n", networks(255))), PASSED);
    // 20.255.0.0/16 is missing; 65,535 addresses of it, with 8.8.8.8, make it up: halves down to a single address.
    let halves = (17..=32).map(|length| format!("{}/{length}\n", half(length))).collect::<Vec<_>>().concat();
    assert_eq!(judged(&[TRUSTED], &format!("{}{halves}", networks(255))), FAILED);
    assert_eq!(judged(&[TRUSTED], &format!("{}{}", networks(255), halves.replace("20.255.255.254/32\n", ""))), PASSED);
    // They do not add up in a threat list.
    assert_eq!(judged(&[THREAT], &networks(512)), PASSED);
}

/// The network of this length that follows all shorter ones: 20.255.0.0/17, 20.255.128.0/18, 20.255.192.0/19 and so on.
fn half(length: u32) -> std::net::Ipv4Addr {
    let start = u32::from(std::net::Ipv4Addr::new(20, 255, 0, 0));
    (start + 65_536 - (1 << (33 - length))).into()
}

#[test]
fn addresses_of_duplicates_count_once_and_special_ones_do_not_count() {
    let twice = format!("{}{}", networks(255), networks(255));
    assert_eq!(judged(&[TRUSTED], &twice), PASSED);
    assert_eq!(judged(&[TRUSTED], &format!("{}20.0.0.0/17\n20.0.128.0/17\n", networks(255))), PASSED);
    assert_eq!(judged(&[TRUSTED], &format!("{}10.0.0.0/8\n240.0.0.0/4\n", networks(255))), PASSED);
}

#[test]
fn the_lines_are_labelled_with_the_number_of_addresses_and_the_trusted_set() {
    let document = list_of("TXT", "8.8.8.8\n20.0.0.0/15\n8.8.4.4\n30.0.0.0/12\n");
    assert_eq!(check(&document).lines(RULE), [2, 4]);
    let texts = check(&document).texts(RULE).join("\n").replace([',', '_'], "");
    // 2 to the power of 17, and of 20.
    assert!(texts.contains("131072") && texts.contains("1048576"), "{texts}");
    let finding = check(&document).finding(RULE);
    assert!(finding.related.iter().any(|related| related.address.as_deref() == Some(TRUSTED)), "{finding:#?}");
}

#[test]
fn fails_in_every_format() {
    for format in FORMATS {
        let verdict = |entry: &str| check(&list_of(format, &written(format, &["8.8.8.8", entry]))).tally(RULE);
        assert_eq!(verdict("20.0.0.0/15"), FAILED, "{format}");
        assert_eq!(verdict("20.0.0.0/16"), PASSED, "{format}");
    }
}

#[test]
fn list_without_kind_is_undecided_when_only_the_trusted_thresholds_are_crossed() {
    let total = networks(256);
    for (text, trusted, threat, neither) in [
        ("20.0.0.0/16\n", PASSED, PASSED, PASSED),
        ("20.0.0.0/15\n", FAILED, PASSED, UNDECIDED),
        ("20.0.0.0/8\n", FAILED, PASSED, UNDECIDED),
        // Both kinds agree.
        ("20.0.0.0/7\n", FAILED, FAILED, FAILED),
        ("0.0.0.0/0\n", FAILED, FAILED, FAILED),
        ("10.0.0.0/8\n", PASSED, PASSED, PASSED),
        (&total, FAILED, PASSED, UNDECIDED),
    ] {
        for (kind, expected) in [(Some(SetKind::Trusted), trusted), (Some(SetKind::Threat), threat), (None, neither)] {
            assert_eq!(list_files(&[("list.txt", text, kind)]).tally(RULE), expected, "{text:.20} {kind:?}");
        }
    }
    let messages = list_files(&[("list.txt", "20.0.0.0/15\n", None)]).messages(RULE);
    assert!(messages[0].contains("--kind"), "{messages:?}");
}

#[test]
fn of_sensitive_content_no_entry_is_shown() {
    let document = kept_secret(list_of("TXT", "8.8.8.8\n20.64.0.0/15\n"));
    assert_eq!(check(&document).lines(RULE), [2]);
    let texts = check(&document).texts(RULE);
    assert!(!texts.iter().any(|text| text.contains("20.64") || text.contains("8.8.8.8")), "{texts:#?}");
}

#[test]
fn where_the_content_is_unknown_the_list_empty_or_of_another_format_other_rules_speak() {
    for (format, text) in [("TXT", "0.0.0.0/33\n"), ("OTX_CSV", "0.0.0.0/0\n")] {
        assert_eq!(check(&list_of(format, text)).tally(RULE), SKIPPED, "{text}");
    }
    let set = created(TRUSTED, set_at("s3://lists/k"), &[]);
    let object = created(OBJECT, object_at("lists", "k"), &["content"]);
    assert_eq!(check(&plan(&[set, object])).tally(RULE), SKIPPED);
}
