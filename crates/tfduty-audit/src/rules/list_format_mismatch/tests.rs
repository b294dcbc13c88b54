use serde_json::{Value, json};

use crate::testing::{
    check,
    content::{FORMATS, OBJECT, THREAT, TRUSTED, kept_secret, list_of, read_by, written},
    created,
    lists::{list_files, object_at, set_at, with},
    plan,
};

const RULE: &str = "list-format-mismatch";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

/// The rules that have nothing to say where this one speaks.
const EXPLAINED: [&str; 5] =
    ["list-empty", "list-entry-invalid", "list-entry-private", "list-entry-untidy", "list-trusted-broad"];

fn judged(format: &str, text: &str) -> (u64, u64, u64, u64) {
    check(&list_of(format, text)).tally(RULE)
}

#[test]
fn fails_when_the_content_is_in_another_format_and_the_declared_parser_finds_no_entry() {
    for declared in FORMATS {
        for format in FORMATS {
            // A header of Proofpoint has a column `ip`, as one of FireEye has.
            if (declared, format) == ("FIRE_EYE", "PROOF_POINT") {
                continue;
            }
            let document = list_of(declared, &written(format, &["198.51.100.7", "203.0.113.0/24"]));
            let (expected, others) = if declared == format { (PASSED, 0) } else { (FAILED, 1) };
            assert_eq!(check(&document).tally(RULE), expected, "{format} as {declared}");
            for rule in EXPLAINED {
                assert_eq!(check(&document).tally(rule).3, others, "{rule}: {format} as {declared}");
            }
        }
    }
}

#[test]
fn content_that_is_nothing_known_counts_for_declared_formats_other_than_txt() {
    for declared in FORMATS {
        let expected = if declared == "TXT" { (PASSED, FAILED) } else { (FAILED, SKIPPED) };
        let document = list_of(declared, "hello world\nthis is no list\n");
        let run = |rule: &str| check(&document).tally(rule);
        assert_eq!((run(RULE), run("list-empty")), expected, "{declared}");
    }
}

#[test]
fn silent_when_the_content_is_empty() {
    for declared in FORMATS {
        for text in ["\n", " \t\r\n\n"] {
            assert_eq!(judged(declared, text), PASSED, "{declared} {text:?}");
            assert_eq!(check(&list_of(declared, text)).tally("list-empty"), FAILED, "{declared} {text:?}");
        }
    }
}

#[test]
fn silent_when_the_declared_parser_finds_at_least_one_entry() {
    for text in [
        // "A TXT list with a stray header is not a mismatch."
        "Indicator type, Indicator, Description\n198.51.100.7\n",
        "ip, category, score, first_seen, last_seen, ports (|)\n198.51.100.7\n",
        "<!-- office -->\n198.51.100.7\n",
        "a#b#c#d#e#f#g#h\na#b#c#d#e#f#g#h\n198.51.100.7\n",
        "hello world\nthis is no list\nthis neither\n198.51.100.7\n",
    ] {
        assert_eq!(judged("TXT", text), PASSED, "{text:?}");
        assert_eq!(check(&list_of("TXT", text)).tally("list-entry-invalid"), FAILED, "{text:?}");
    }
}

#[test]
fn a_txt_list_without_entries_is_another_rules_case() {
    for text in ["2001:db8::1\n", "scanner.example.com\n", "198.51.100.0/33\n", "# office\n"] {
        assert_eq!(judged("TXT", text), PASSED, "{text:?}");
        assert_eq!(check(&list_of("TXT", text)).tally("list-empty"), FAILED, "{text:?}");
    }
}

#[test]
fn utf_16_and_nul_bytes_are_no_list_in_any_format() {
    for base64 in [
        // "8.8.8.8\n" in UTF-16, little and big end first, with a BOM.
        "//44AC4AOAAuADgALgA4AAoA",
        "/v8AOAAuADgALgA4AC4AOAAK",
        // A BOM of UTF-16 without a NUL byte; "8.8.8.8\n" and a NUL byte.
        "//5BQg==",
        "OC44LjguOAoA",
    ] {
        for format in FORMATS {
            let document = read_by(&[(TRUSTED, format)], json!({ "content_base64": base64 }));
            assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{format} {base64}");
            for rule in EXPLAINED {
                assert_eq!(check(&document).tally(rule), SKIPPED, "{rule}: {format} {base64}");
            }
        }
    }
    // Though an entry parses.
    assert_eq!(judged("TXT", "8.8.8.8\n1.1.1.1\u{0}\n"), FAILED);
    // A BOM of UTF-8 is none of them.
    assert_eq!(judged("TXT", "\u{feff}8.8.8.8\n"), PASSED);
}

#[test]
fn json_is_no_list_in_any_format() {
    for text in ["{\"type\": \"bundle\", \"objects\": []}", "[\"198.51.100.7\", \"198.51.100.8\"]", "\n  [\n]\n"] {
        for format in FORMATS {
            assert_eq!(judged(format, text), FAILED, "{format} {text:?}");
            assert_eq!(check(&list_of(format, text)).tally("list-empty"), SKIPPED, "{format} {text:?}");
        }
    }
    let texts = check(&list_of("STIX", "{\"type\": \"bundle\"}")).texts(RULE);
    assert!(texts.iter().any(|text| text.contains("JSON")), "{texts:#?}");
}

#[test]
fn the_format_of_the_set_and_the_first_line_are_labelled_and_the_help_names_the_format() {
    let document = list_of("TXT", &written("OTX_CSV", &["198.51.100.7"]));
    let places = check(&document).places(RULE);
    assert!(places.iter().any(|place| place == "/resources/1/instances/0/attributes/format"), "{places:?}");
    assert_eq!(check(&document).lines(RULE), [1]);
    let help = check(&document).finding(RULE).help;
    assert!(help.contains("OTX_CSV"), "{help}");
}

#[test]
fn sets_of_different_formats_on_one_object_are_one_finding() {
    let content = json!({ "content": "8.8.8.8\n" });
    let threats = ["aws_guardduty_threatintelset.a", "aws_guardduty_threatintelset.b"];
    let document = read_by(&[(TRUSTED, "TXT"), (threats[0], "OTX_CSV"), (threats[1], "STIX")], content.clone());
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    assert_eq!(check(&document).tally(RULE), FAILED);
    let places = check(&document).places(RULE);
    for set in [2, 3] {
        let format = format!("/resources/{set}/instances/0/attributes/format");
        assert!(places.contains(&format), "{format}: {places:?}");
    }
    assert_eq!(check(&document).tally("list-empty"), SKIPPED);
    let same = read_by(&[(TRUSTED, "TXT"), (THREAT, "TXT")], content);
    assert_eq!(check(&same).tally(RULE), PASSED);
}

/// The verdict on a set and an object that a plan creates.
fn planned(set: (Value, &[&str]), object: (Value, &[&str])) -> impl Fn(&str) -> (u64, u64, u64, u64) {
    let set = created(TRUSTED, with(set_at("s3://lists/k"), set.0), set.1);
    let object = created(OBJECT, with(object_at("lists", "k"), object.0), object.1);
    let document = plan(&[set, object]);
    move |rule| check(&document).tally(rule)
}

#[test]
fn undecided_when_the_format_is_unknown() {
    let run = planned((json!({ "format": null }), &["format"]), (json!({ "content": "8.8.8.8\n" }), &[]));
    assert_eq!(run(RULE), UNDECIDED);
    for rule in EXPLAINED {
        assert_eq!(run(rule), SKIPPED, "{rule}");
    }
}

#[test]
fn content_unknown_passes() {
    let run = planned((json!({}), &[]), (json!({}), &["content"]));
    assert_eq!(run(RULE), SKIPPED);
    assert_eq!(run("list-empty"), UNDECIDED);
}

#[test]
fn of_sensitive_content_nothing_is_shown() {
    let document = kept_secret(list_of("OTX_CSV", "10.9.8.7\n"));
    assert_eq!(check(&document).tally(RULE), FAILED);
    let texts = check(&document).texts(RULE);
    assert!(!texts.iter().any(|text| text.contains("10.9.8.7")), "{texts:#?}");
}

#[test]
fn in_list_without_a_declared_format_only_utf_16_nul_bytes_and_json_fail() {
    for (text, expected) in [
        ("8.8.8.8\n", PASSED),
        ("hello world\nthis is no list\n", PASSED),
        ("", PASSED),
        ("8\u{0}.\u{0}8\u{0}.\u{0}8\u{0}.\u{0}8\u{0}\n\u{0}", FAILED),
        ("8.8.8.8\n\u{0}", FAILED),
        ("{\"type\": \"bundle\"}", FAILED),
        ("[\"8.8.8.8\"]\n", FAILED),
    ] {
        let (passed, failed, undecided, _) = list_files(&[("list.txt", text, None)]).tally(RULE);
        assert_eq!((failed, undecided), (expected.1, 0), "{text:?} {passed}");
        assert_eq!(list_files(&[("list.txt", text, None)]).tally("list-empty").3, expected.1, "{text:?}");
    }
    for format in FORMATS {
        let text = written(format, &["198.51.100.7"]);
        assert_eq!(list_files(&[("list.txt", &text, None)]).tally(RULE).1, 0, "{format}");
    }
}
