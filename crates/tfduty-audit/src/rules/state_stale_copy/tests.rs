use serde_json::{Value, json};

use crate::{
    Command, FindingVerdict, InputRole,
    testing::{Run, check, plan, put, resource, shown_state, state, unchanged},
};

const RULE: &str = "state-stale-copy";
const NOTHING: [&str; 0] = [];

fn bucket(tag: &str) -> Value {
    json!({ "id": "lists", "bucket": "lists", "force_destroy": false, "hosted_zone_id": tag })
}

/// A state of a serial; its object holds this text.
fn held(serial: u64, text: &str) -> Value {
    put(state(&[resource("aws_s3_bucket.b", bucket(text))]), "/serial", json!(serial))
}

/// The paths of the inputs that fail, in the order of the report.
fn failing(run: Run) -> Vec<String> {
    let report = run.report();
    let findings = report.findings.iter().filter(|finding| finding.rule.id == RULE);
    let path = |finding: &crate::Finding| {
        assert_eq!(finding.verdict, FindingVerdict::Fail);
        report.inputs[finding.anchor.input].path.clone()
    };
    findings.map(path).collect()
}

#[test]
fn fails_when_its_serial_is_lower_than_the_siblings() {
    for path in ["b/terraform.tfstate", "a/terraform.tfstate"] {
        let older = || check(&held(3, "x")).and(path, &held(4, "y"));
        assert_eq!(failing(older()), ["a/input.json"], "{path}");
        assert_eq!(older().tally(RULE), (1, 1, 0, 0), "{path}");
        let newer = || check(&held(4, "x")).and(path, &held(3, "y"));
        assert_eq!(failing(newer()), [path]);
        // The same content does not make it newer.
        assert_eq!(failing(check(&held(3, "x")).and(path, &held(4, "x"))), ["a/input.json"], "{path}");
    }
}

#[test]
fn the_older_one_is_not_judged() {
    let report = check(&held(3, "x")).and("b/terraform.tfstate", &held(4, "y")).report();
    let judged: Vec<_> = report.inputs.iter().map(|input| input.role == InputRole::Judged).collect();
    assert_eq!(judged, [false, true]);
}

#[test]
fn serials_are_compared_as_numbers() {
    assert_eq!(failing(check(&held(10, "x")).and("b/terraform.tfstate", &held(9, "y"))), ["b/terraform.tfstate"]);
}

#[test]
fn fails_when_serials_are_equal_and_contents_differ_the_later_path_is_left_out_and_both_are_named() {
    let run = || check(&held(3, "x")).and("b/copy.tfstate", &held(3, "y"));
    assert_eq!(failing(run()), ["b/copy.tfstate"]);
    let texts = run().texts(RULE);
    assert!(texts.iter().any(|text| text.contains("a/input.json")), "{texts:#?}");
    let report = run().report();
    let judged: Vec<_> = report.inputs.iter().map(|input| input.role == InputRole::Judged).collect();
    assert_eq!(judged, [true, false]);
}

#[test]
fn equal_serials_with_equal_contents_are_one_state_twice() {
    assert_eq!(failing(check(&held(3, "x")).and("b/copy.tfstate", &held(3, "x"))), NOTHING);
}

#[test]
fn of_three_states_all_but_the_newest_fail() {
    let run = || check(&held(2, "x")).and("b/now.tfstate", &held(4, "y")).and("c/between.tfstate", &held(3, "z"));
    assert_eq!(failing(run()), ["a/input.json", "c/between.tfstate"]);
    assert_eq!(run().tally(RULE), (1, 2, 0, 0));
}

#[test]
fn errored_tfstate_with_the_higher_serial_wins_and_is_said_to_be_the_unsaved_truth() {
    let run = || check(&held(3, "x")).and("a/errored.tfstate", &held(4, "y"));
    assert_eq!(failing(run()), ["a/input.json"]);
    let texts = run().texts(RULE);
    assert!(texts.iter().any(|text| text.contains("errored.tfstate")), "{texts:#?}");
    assert!(texts.iter().any(|text| text.contains("terraform state push")), "{texts:#?}");
    // With a lower one it is an old state like others.
    let run = check(&held(4, "x")).and("a/errored.tfstate", &held(3, "y"));
    assert_eq!(failing(run), ["a/errored.tfstate"]);
}

#[test]
fn silent_when_the_lineage_is_another() {
    let other = |serial: u64, lineage: &str| put(held(serial, "x"), "/lineage", json!(lineage));
    assert_eq!(failing(check(&held(3, "x")).and("b/terraform.tfstate", &other(4, "other"))), NOTHING);
    // States from before 0.8 have none.
    assert_eq!(failing(check(&other(3, "")).and("b/terraform.tfstate", &other(4, ""))), NOTHING);
}

#[test]
fn silent_when_a_walk_found_the_states_in_one_folder() {
    let run = || check(&held(3, "x")).and("a/terraform.tfstate", &held(4, "y")).found_by_a_walk();
    assert_eq!(failing(run()), NOTHING);
    // "One unit's history: a note."
    let notes = run().report().notes;
    assert!(notes.iter().any(|note| note.path.as_deref() == Some("a/input.json")), "{notes:?}");
    // In two folders they are two copies.
    let apart = check(&held(3, "x")).and("b/terraform.tfstate", &held(4, "y")).found_by_a_walk();
    assert_eq!(failing(apart), ["a/input.json"]);
}

#[test]
fn only_raw_states_are_subjects() {
    let shown = shown_state(&[("aws_s3_bucket.b", bucket("x"))]);
    assert_eq!(failing(check(&held(3, "x")).and("a/shown.json", &shown)), NOTHING);
    let mut planned = plan(&[unchanged("aws_s3_bucket.b", bucket("x"))]);
    planned["prior_state"] = shown;
    assert_eq!(failing(check(&held(3, "x")).and("a/plan.json", &planned)), NOTHING);
    assert_eq!(failing(check(&held(3, "x"))), NOTHING);
}

#[test]
fn serial_and_lineage_are_labelled() {
    let places = check(&held(3, "x")).and("b/terraform.tfstate", &held(4, "y")).places(RULE);
    assert!(places.iter().filter(|place| *place == "/serial").count() >= 2, "{places:?}");
    assert!(places.iter().any(|place| place == "/lineage"), "{places:?}");
}

#[test]
fn destroy_is_told_too() {
    let run = check(&held(3, "x")).and("b/terraform.tfstate", &held(4, "y"));
    assert_eq!(failing(run.with(|settings| settings.command = Command::Destroy)), ["a/input.json"]);
}

#[test]
fn names_the_right_state_where_a_list_file_comes_before_it() {
    let list = json!({ "bucket": "lists", "key": "k.txt", "source": "0/list.txt" });
    let set = json!({ "detector_id": "12ab", "activate": true, "format": "TXT", "name": "l", "location": "s3://lists/k.txt" });
    let with = |serial: u64| {
        let resources = [
            resource("aws_s3_bucket.b", bucket("x")),
            resource("aws_s3_object.o", list.clone()),
            resource("aws_guardduty_ipset.t", set.clone()),
        ];
        put(state(&resources), "/serial", json!(serial))
    };
    let run = || check(&with(3)).and("b/terraform.tfstate", &with(4)).with_files(&[("0/list.txt", b"9.9.9.9\n")]);
    assert_eq!(run().report().inputs.len(), 3);
    assert_eq!(failing(run()), ["a/input.json"]);
}
