use serde_json::{Value, json};

use crate::testing::{
    check,
    content::{FORMATS, OBJECT, THREAT, TRUSTED, kept_secret, list_of, read_by, written},
    created,
    lists::{list_files, object_at, set_at, with},
    plan, resource, state,
};

const RULE: &str = "list-entry-untidy";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

fn judged(text: &str) -> (u64, u64, u64, u64) {
    check(&list_of("TXT", text)).tally(RULE)
}

#[test]
fn fails_when_a_cidr_has_host_bits_set() {
    for (entry, canonical) in [
        ("198.51.100.7/24", "198.51.100.0/24"),
        ("8.8.8.9/31", "8.8.8.8/31"),
        ("20.1.2.3/8", "20.0.0.0/8"),
        ("8.8.8.8/0", "0.0.0.0/0"),
    ] {
        let document = list_of("TXT", &format!("\n{entry}\n"));
        assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{entry}");
        assert_eq!(check(&document).lines(RULE), [2], "{entry}");
        let texts = check(&document).texts(RULE);
        assert!(texts.iter().any(|text| text.contains(canonical)), "{entry}: {texts:#?}");
    }
    for entry in ["198.51.100.0/24", "8.8.8.8/31", "8.8.8.9/32", "8.8.8.9", "0.0.0.0/0", "128.0.0.0/1"] {
        assert_eq!(judged(&format!("{entry}\n")), PASSED, "{entry}");
    }
}

#[test]
fn fails_when_an_entry_equals_or_lies_inside_another_entry() {
    for text in [
        "8.8.8.8\n1.1.1.1\n8.8.8.8\n",
        // The same range, written in two ways.
        "8.8.8.8\n8.8.8.8/32\n",
        "20.0.0.0/24\n20.0.0.0/24\n",
        // The wide one first, or last.
        "20.0.0.0/24\n20.0.0.7\n",
        "20.0.0.255\n20.0.0.0/24\n",
        "20.0.0.128/25\n20.0.0.0/24\n",
        "20.0.0.0/8\n20.1.0.0/16\n20.1.2.0/24\n",
        "20.0.0.0/24\n30.0.0.1\n30.0.0.2\n20.0.0.64/26\n",
    ] {
        assert_eq!(judged(text), FAILED, "{text:?}");
    }
}

#[test]
fn silent_when_entries_merely_touch() {
    for text in [
        "20.0.0.0/25\n20.0.0.128/25\n",
        "8.8.8.8\n8.8.8.9\n",
        "8.8.8.8/31\n8.8.8.10\n",
        "20.0.0.0/24\n20.0.1.0\n19.255.255.255\n",
        "127.255.255.255\n128.0.0.0/1\n0.0.0.0/2\n",
    ] {
        assert_eq!(judged(text), PASSED, "{text:?}");
    }
}

#[test]
fn each_line_is_labelled_with_the_covering_line() {
    let document = list_of("TXT", "8.8.8.8\n20.0.0.0/24\n30.0.0.1\n20.0.0.7\n");
    let lines = check(&document).lines(RULE);
    assert!(lines.contains(&4), "{lines:?}");
    let texts = check(&document).texts(RULE);
    // By its text or by its number.
    assert!(texts.iter().any(|text| text.contains("20.0.0.0/24") || text.contains("line 2")), "{texts:#?}");
}

#[test]
fn fails_in_every_format() {
    for format in FORMATS {
        let verdict = |entries: &[&str]| check(&list_of(format, &written(format, entries))).tally(RULE);
        assert_eq!(verdict(&["8.8.8.8", "20.0.0.0/25", "20.0.0.128/25"]), PASSED, "{format}");
        assert_eq!(verdict(&["8.8.8.8", "20.0.0.0/24", "8.8.8.8"]), FAILED, "{format}");
        assert_eq!(verdict(&["8.8.8.8", "20.0.0.7/24"]), FAILED, "{format}");
        assert_eq!(verdict(&["20.0.0.7", "20.0.0.0/24"]), FAILED, "{format}");
    }
}

#[test]
fn ranges_of_stix_are_compared_like_cidrs() {
    let stix = |ranges: &[[&str; 2]]| {
        let element = |[first, last]: &[&str; 2]| {
            format!("<Address_Value condition=\"InclusiveBetween\">{first}##comma##{last}</Address_Value>")
        };
        format!("<STIX_Package>{}</STIX_Package>", ranges.iter().map(element).collect::<Vec<_>>().concat())
    };
    for (ranges, expected) in [
        ([["20.0.0.1", "20.0.0.9"], ["20.0.0.3", "20.0.0.9"]], FAILED),
        ([["20.0.0.1", "20.0.0.9"], ["20.0.0.10", "20.0.0.20"]], PASSED),
        // Neither lies inside the other.
        ([["20.0.0.1", "20.0.0.9"], ["20.0.0.5", "20.0.0.20"]], PASSED),
    ] {
        assert_eq!(check(&list_of("STIX", &stix(&ranges))).tally(RULE), expected, "{ranges:?}");
    }
}

#[test]
fn untidy_entries_are_told_beside_what_other_rules_say_of_them() {
    let document = list_of("TXT", "8.8.8.8\n10.1.2.3/8\n20.1.2.3/8\nbad\n");
    assert_eq!(check(&document).tally(RULE), FAILED);
    for rule in ["list-entry-private", "list-entry-invalid", "list-trusted-broad"] {
        assert_eq!(check(&document).tally(rule), FAILED, "{rule}");
    }
    // What does not parse is no entry, however often it is there.
    assert_eq!(judged("8.8.8.8\nbad\nbad\n"), PASSED);
}

/// Two lists, each with a set of one kind, detector and `activate`.
fn two(first: (&str, &str, Value), second: (&str, &str, Value)) -> Value {
    let list = |name: &str, (kind, text, set): (&str, &str, Value)| {
        let object = with(object_at("lists", name), json!({ "content": text }));
        let set = with(with(set_at(&format!("s3://lists/{name}")), json!({ "name": name })), set);
        [resource(&format!("aws_s3_object.{name}"), object), resource(&format!("{kind}.{name}"), set)]
    };
    state(&[list("a", first), list("b", second)].concat())
}

const KIND: &str = "aws_guardduty_threatintelset";

#[test]
fn fails_when_two_active_threat_lists_of_one_detector_have_equal_merged_ranges() {
    for (first, second) in [
        ("8.8.8.8\n20.0.0.0/24\n", "20.0.0.0/24\n8.8.8.8\n"),
        ("20.0.0.0/25\n20.0.0.128/25\n", "20.0.0.0/24\n"),
        ("8.8.8.8\n8.8.8.9\n", "8.8.8.8/31"),
    ] {
        let document = two((KIND, first, json!({})), (KIND, second, json!({})));
        assert_eq!(check(&document).says(RULE).len(), 1, "{first:?} {second:?}");
        assert_eq!(check(&document).tally(RULE).1, 1, "{first:?} {second:?}");
        let places = check(&document).places(RULE);
        let location = "/resources/3/instances/0/attributes/location";
        assert!(places.iter().any(|place| place == location), "{places:?}");
    }
}

#[test]
fn silent_when_lists_differ_or_are_not_two_active_threat_lists_of_one_detector() {
    let text = "8.8.8.8\n20.0.0.0/24\n";
    let threat = |set: Value| (KIND, text, set);
    for (first, second) in [
        (threat(json!({})), (KIND, "8.8.8.8\n20.0.0.0/25\n", json!({}))),
        (threat(json!({})), threat(json!({ "detector_id": "34cd" }))),
        (threat(json!({})), threat(json!({ "activate": false }))),
        (threat(json!({ "activate": false })), threat(json!({}))),
        (threat(json!({})), ("aws_guardduty_ipset", text, json!({}))),
    ] {
        let document = two(first, second);
        assert_eq!(check(&document).says(RULE), [] as [&str; 0], "{document}");
    }
}

#[test]
fn several_sets_on_one_object_are_one_finding() {
    let document = read_by(&[(TRUSTED, "TXT"), (THREAT, "TXT")], json!({ "content": "8.8.8.8\n8.8.8.8\n" }));
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn of_sensitive_content_no_entry_is_shown() {
    let document = kept_secret(list_of("TXT", "20.9.8.7/24\n8.8.4.4\n8.8.4.4\n"));
    assert_eq!(check(&document).tally(RULE), FAILED);
    let texts = check(&document).texts(RULE);
    for secret in ["20.9.8", "8.8.4.4"] {
        assert!(!texts.iter().any(|text| text.contains(secret)), "{secret}: {texts:#?}");
    }
}

#[test]
fn the_files_of_list_are_judged() {
    assert_eq!(list_files(&[("list.txt", "8.8.8.8\n8.8.8.8\n", None)]).says(RULE), ["fail"]);
    assert_eq!(list_files(&[("list.txt", "8.8.8.8\n8.8.8.9\n", None)]).says(RULE), [] as [&str; 0]);
}

#[test]
fn where_the_content_is_unknown_the_list_empty_or_of_another_format_other_rules_speak() {
    for (format, text) in [("TXT", "bad\nbad\n"), ("OTX_CSV", "8.8.8.8\n8.8.8.8\n")] {
        assert_eq!(check(&list_of(format, text)).tally(RULE), SKIPPED, "{text}");
    }
    let set = created(TRUSTED, set_at("s3://lists/k"), &[]);
    let object = created(OBJECT, object_at("lists", "k"), &["content"]);
    assert_eq!(check(&plan(&[set, object])).tally(RULE), SKIPPED);
}
