use serde_json::{Value, json};

use crate::{
    graph::SetKind,
    testing::{
        Run, block, check,
        content::{FORMATS, THREAT, TRUSTED, read_by, written},
        created,
        lists::{list_files, object_at, other_stack, refers, set_at, with},
        plan, plan_of, resource, state,
    },
};

const RULE: &str = "list-overlap";

/// An object and the set that reads it: other attributes of both take the place of the usual ones.
fn list(set: &str, object: Value, others: Value) -> [Value; 2] {
    let key = set.replace('.', "-");
    let set_of = with(set_at(&format!("s3://lists/{key}")), with(json!({ "name": key }), others));
    [resource(&format!("aws_s3_object.{key}"), with(object_at("lists", &key), object)), resource(set, set_of)]
}

/// A state with one trusted and one threat list of these texts.
fn both(trusted: &str, threat: &str) -> Value {
    let lists = [
        list(TRUSTED, json!({ "content": trusted }), json!({})),
        list(THREAT, json!({ "content": threat }), json!({})),
    ];
    state(&lists.concat())
}

fn fails() -> Vec<String> {
    vec![format!("fail {THREAT}")]
}

const NOTHING: [&str; 0] = [];

#[test]
fn fails_when_the_merged_ranges_intersect_outside_the_table() {
    for (trusted, threat) in [
        // Equal, inside on either side, in part.
        ("20.0.0.1\n", "20.0.0.1\n"),
        ("20.0.0.0/24\n", "20.0.0.1\n"),
        ("20.0.0.1\n", "20.0.0.0/24\n"),
        ("20.0.0.0/24\n30.0.0.1\n", "40.0.0.1\n20.0.0.255\n"),
        ("20.0.0.7/24\n", "20.0.0.200\n"),
        ("0.0.0.0/0\n", "20.0.0.1\n"),
        // Ranges that cross: from special addresses into public ones.
        ("10.0.0.0/7\n", "11.0.0.1\n20.0.0.1\n"),
        // Registered, but globally reachable.
        ("192.0.0.9\n20.0.0.1\n", "192.0.0.9\n30.0.0.1\n"),
        ("192.31.196.0/24\n", "192.31.196.7\n"),
    ] {
        assert_eq!(check(&both(trusted, threat)).says(RULE), fails(), "{trusted:?} {threat:?}");
    }
}

#[test]
fn silent_when_there_is_no_intersection() {
    for (trusted, threat) in [
        ("20.0.0.1\n", "20.0.0.2\n"),
        ("20.0.0.0/25\n", "20.0.0.128/25\n"),
        ("20.0.0.0/25\n20.0.1.0/24\n", "20.0.0.128/25\n"),
        // What does not parse is no entry.
        ("20.0.0.1\nbad\n", "20.0.0.2\nbad\n"),
    ] {
        assert_eq!(check(&both(trusted, threat)).says(RULE), NOTHING, "{trusted:?} {threat:?}");
        assert_eq!(check(&both(trusted, threat)).tally(RULE).0, 1, "{trusted:?} {threat:?}");
    }
}

#[test]
fn of_addresses_that_are_never_publicly_routed_another_rule_speaks() {
    for (trusted, threat) in [
        ("10.0.0.0/8\n20.0.0.1\n", "10.0.0.1\n30.0.0.1\n"),
        ("10.0.0.0/8\n", "10.0.0.1\n30.0.0.1\n"),
        ("10.0.0.0/8\n20.0.0.1\n", "10.0.0.1\n"),
        ("10.0.0.0/8\n", "10.0.0.1\n"),
    ] {
        let run = || check(&both(trusted, threat));
        assert_eq!(run().says(RULE), NOTHING, "{trusted:?} {threat:?}");
        assert_eq!(run().says("list-entry-private").len(), 2, "{trusted:?} {threat:?}");
    }
    // The other entry is none of that rule's, for all that both have in common.
    let blocks = ("224.0.0.0/3\n20.0.0.1\n", "239.255.255.255\n30.0.0.1\n");
    assert_eq!(check(&both(blocks.0, blocks.1)).says(RULE), NOTHING);
}

#[test]
fn the_message_has_the_number_of_threat_entries_that_are_wholly_trusted() {
    let inside = (0..37).map(|last| format!("20.0.0.{last}\n")).collect::<Vec<_>>().concat();
    for trusted in ["20.0.0.0/24\n", "20.0.0.0/25\n20.0.0.128/25\n"] {
        // A wide one is trusted in part only, another one not at all.
        let document = both(trusted, &format!("20.0.0.0/23\n{inside}40.0.0.1\n"));
        let message = check(&document).finding(RULE).message;
        assert!(message.contains("37"), "{message}");
    }
    // Two neighbours of a trusted list cover an entry wholly that neither covers.
    let mut threat = vec!["20.0.0.0/24\n".to_owned()];
    threat.extend((0..36).map(|third| format!("30.0.{third}.0/24\n")));
    let document = both("20.0.0.0/25\n20.0.0.128/25\n30.0.0.0/16\n", &threat.concat());
    let message = check(&document).finding(RULE).message;
    assert!(message.contains("37"), "{message}");
}

#[test]
fn the_threat_lines_and_the_trusted_lines_that_cover_them_are_labelled() {
    let document = both("50.0.0.1\n20.0.0.0/24\n", "40.0.0.1\n40.0.0.2\n20.0.0.7\n");
    let labelled = check(&document).labelled(RULE);
    let content = |resource: usize| format!("/resources/{resource}/instances/0/attributes/content");
    for place in [(0, content(0), 2), (0, content(2), 3)] {
        assert!(labelled.contains(&place), "{place:?}: {labelled:?}");
    }
    assert!(!labelled.contains(&(0, content(2), 1)), "{labelled:?}");
}

#[test]
fn silent_when_the_lists_are_of_different_detectors() {
    let lists = [
        list(TRUSTED, json!({ "content": "20.0.0.1\n" }), json!({ "detector_id": "12ab" })),
        list(THREAT, json!({ "content": "20.0.0.1\n" }), json!({ "detector_id": "34cd" })),
    ];
    assert_eq!(check(&state(&lists.concat())).says(RULE), NOTHING);
}

#[test]
fn silent_when_a_list_is_inactive_but_judged_when_activate_is_not_known() {
    for (trusted, threat) in [(json!(false), json!(true)), (json!(true), json!(false)), (json!(false), json!(false))] {
        let lists = [
            list(TRUSTED, json!({ "content": "20.0.0.1\n" }), json!({ "activate": trusted })),
            list(THREAT, json!({ "content": "20.0.0.1\n" }), json!({ "activate": threat })),
        ];
        assert_eq!(check(&state(&lists.concat())).says(RULE), NOTHING);
    }
    // "Both with `activate` not false."
    let set = |address: &str, key: &str| {
        let values = with(set_at(&format!("s3://lists/{key}")), json!({ "activate": null, "name": key }));
        created(address, values, &["activate"])
    };
    let object = |key: &str| {
        let values = with(object_at("lists", key), json!({ "content": "20.0.0.1\n" }));
        created(&format!("aws_s3_object.{key}"), values, &[])
    };
    let document = plan(&[set(TRUSTED, "a"), set(THREAT, "b"), object("a"), object("b")]);
    assert_eq!(check(&document).says(RULE), fails());
}

#[test]
fn each_threat_set_is_a_subject() {
    let threat = |name: &str, text: &str| {
        list(&format!("aws_guardduty_threatintelset.{name}"), json!({ "content": text }), json!({}))
    };
    let trusted = list(TRUSTED, json!({ "content": "20.0.0.0/24\n" }), json!({}));
    let lists = [trusted, threat("a", "20.0.0.1\n"), threat("b", "30.0.0.1\n"), threat("c", "20.0.0.0/16\n")];
    let document = state(&lists.concat());
    let fail = |name: &str| format!("fail aws_guardduty_threatintelset.{name}");
    assert_eq!(check(&document).says(RULE), [fail("a"), fail("c")]);
    assert_eq!(check(&document).tally(RULE), (1, 2, 0, 0));
}

#[test]
fn two_threat_lists_or_two_trusted_lists_do_not_overlap() {
    for kind in ["aws_guardduty_ipset", "aws_guardduty_threatintelset"] {
        let one = |name: &str| list(&format!("{kind}.{name}"), json!({ "content": "20.0.0.1\n" }), json!({}));
        assert_eq!(check(&state(&[one("a"), one("b")].concat())).says(RULE), NOTHING, "{kind}");
    }
}

#[test]
fn one_object_that_is_read_as_both_overlaps_with_itself() {
    let document = read_by(&[(TRUSTED, "TXT"), (THREAT, "TXT")], json!({ "content": "20.0.0.1\n" }));
    assert_eq!(check(&document).says(RULE), fails());
}

#[test]
fn lists_of_every_format_are_compared() {
    for format in FORMATS {
        let lists = |entry: &str| {
            let threat = written(format, &["40.0.0.1", entry]);
            let lists = [
                list(TRUSTED, json!({ "content": "20.0.0.0/24\n" }), json!({})),
                list(THREAT, json!({ "content": threat }), json!({ "format": format })),
            ];
            state(&lists.concat())
        };
        assert_eq!(check(&lists("20.0.0.7")).says(RULE), fails(), "{format}");
        assert_eq!(check(&lists("20.0.1.7")).says(RULE), NOTHING, "{format}");
    }
}

#[test]
fn unknown_content_on_either_side_is_skipped() {
    let run = |trusted: &[&str], threat: &[&str]| {
        let set = |address: &str, key: &str| {
            created(address, with(set_at(&format!("s3://lists/{key}")), json!({ "name": key })), &[])
        };
        let object = |key: &str, unknown: &[&str]| {
            let content = if unknown.is_empty() { json!("20.0.0.1\n") } else { Value::Null };
            let values = with(object_at("lists", key), json!({ "content": content }));
            created(&format!("aws_s3_object.{key}"), values, unknown)
        };
        check(&plan(&[set(TRUSTED, "a"), set(THREAT, "b"), object("a", trusted), object("b", threat)]))
    };
    assert_eq!(run(&[], &[]).says(RULE), fails());
    for (trusted, threat) in [(&["content"][..], &[][..]), (&[], &["content"]), (&["content"], &["content"])] {
        assert_eq!(run(trusted, threat).tally(RULE), (0, 0, 0, 1), "{trusted:?} {threat:?}");
    }
}

#[test]
fn where_a_list_is_empty_or_of_another_format_those_rules_speak() {
    let bad = [
        list(TRUSTED, json!({ "content": "20.0.0.0/24\n" }), json!({})),
        list(THREAT, json!({ "content": "20.0.0.1\n" }), json!({ "format": "OTX_CSV" })),
    ];
    assert_eq!(check(&state(&bad.concat())).says(RULE), NOTHING);
    assert_eq!(check(&both("20.0.0.0/24\n", "20.0.0.256\n")).says(RULE), NOTHING);
}

#[test]
fn detectors_are_compared_by_reference_where_a_plan_creates_them() {
    let judged = |trusted: &str, threat: &str| {
        let set = |address: &str, key: &str| {
            let values = with(set_at(&format!("s3://lists/{key}")), json!({ "detector_id": null, "name": key }));
            created(address, values, &["detector_id", "id"])
        };
        let object = |key: &str| {
            let values = with(object_at("lists", key), json!({ "content": "20.0.0.1\n" }));
            created(&format!("aws_s3_object.{key}"), values, &["id"])
        };
        let detector =
            |name: &str| created(&format!("aws_guardduty_detector.{name}"), json!({ "enable": true }), &["id", "arn"]);
        let changes = [set(TRUSTED, "a"), set(THREAT, "b"), object("a"), object("b"), detector("d"), detector("e")];
        let blocks = [
            block(TRUSTED, json!({ "detector_id": refers(&[trusted]) })),
            block(THREAT, json!({ "detector_id": refers(&[threat]) })),
            block("aws_guardduty_detector.d", json!({})),
            block("aws_guardduty_detector.e", json!({})),
            block("aws_s3_object.a", json!({})),
            block("aws_s3_object.b", json!({})),
        ];
        check(&plan_of(&changes, &blocks)).says(RULE)
    };
    assert_eq!(judged("aws_guardduty_detector.d.id", "aws_guardduty_detector.d.id"), fails());
    assert_eq!(judged("aws_guardduty_detector.d.id", "aws_guardduty_detector.e.id"), NOTHING);
}

#[test]
fn lists_of_one_detector_in_two_stacks_are_compared() {
    let trusted = list(TRUSTED, json!({ "content": "20.0.0.1\n" }), json!({}));
    let threat = list(THREAT, json!({ "content": "20.0.0.1\n" }), json!({}));
    let run = check(&state(&trusted)).and("b/input.json", &other_stack(state(&threat)));
    assert_eq!(run.says(RULE), fails());
}

#[test]
fn of_sensitive_content_no_entry_is_shown() {
    let document = |secret: usize| {
        let mut document = both("20.9.8.0/24\n", "40.0.0.1\n20.9.8.7\n");
        document["resources"][secret]["instances"][0]["sensitive_attributes"] =
            json!([[{ "type": "get_attr", "value": "content" }]]);
        document
    };
    for (secret, text) in [(0, "20.9.8.0/24"), (2, "20.9.8.7")] {
        assert_eq!(check(&document(secret)).says(RULE), fails());
        let texts = check(&document(secret)).texts(RULE);
        assert!(!texts.iter().any(|shown| shown.contains(text)), "{text}: {texts:#?}");
    }
}

/// The verdict of `list` on two files of these kinds: `fail threat.txt`, a line for each finding.
fn files(trusted: (&str, Option<SetKind>), threat: (&str, Option<SetKind>)) -> Vec<String> {
    let run = || -> Run { list_files(&[("trusted.txt", trusted.0, trusted.1), ("threat.txt", threat.0, threat.1)]) };
    let report = run().report();
    let findings = report.findings.iter().filter(|finding| finding.rule.id == RULE);
    let places = findings.map(|finding| report.inputs[finding.anchor.input].path.as_str());
    run().says(RULE).iter().zip(places).map(|(verdict, path)| format!("{verdict} {path}")).collect()
}

#[test]
fn several_files_of_list_are_compared_by_their_kinds() {
    let (trusted, threat) = (Some(SetKind::Trusted), Some(SetKind::Threat));
    assert_eq!(files(("20.0.0.0/24\n", trusted), ("40.0.0.1\n20.0.0.1\n", threat)), ["fail threat.txt"]);
    assert_eq!(files(("20.0.0.0/24\n", trusted), ("20.0.1.1\n", threat)), NOTHING);
    assert_eq!(files(("20.0.0.0/24\n", trusted), ("20.0.0.1\n", trusted)), NOTHING);
    assert_eq!(files(("20.0.0.0/24\n", threat), ("20.0.0.1\n", threat)), NOTHING);
}

#[test]
fn undecided_when_files_of_unknown_kind_intersect() {
    let (trusted, threat) = (Some(SetKind::Trusted), Some(SetKind::Threat));
    for (first, second) in [(None, None), (trusted, None), (None, threat), (None, trusted), (threat, None)] {
        let said = files(("20.0.0.0/24\n", first), ("20.0.0.1\n", second));
        assert!(!said.is_empty(), "{first:?} {second:?}");
        assert!(said.iter().all(|line| line.starts_with("undecided ")), "{first:?} {second:?}: {said:?}");
        assert_eq!(files(("20.0.0.0/24\n", first), ("20.0.1.1\n", second)), NOTHING, "{first:?} {second:?}");
    }
}

#[test]
fn one_file_alone_overlaps_with_nothing() {
    for kind in [None, Some(SetKind::Trusted), Some(SetKind::Threat)] {
        assert_eq!(list_files(&[("list.txt", "20.0.0.0/24\n20.0.0.1\n", kind)]).says(RULE), NOTHING, "{kind:?}");
    }
}
