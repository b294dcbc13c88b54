use serde_json::{Value, json};

use crate::testing::{
    block, bystander, change, check, created, detector_in, plan, plan_of, put, resource, shown_state, state, unchanged,
    with_prior,
};

const RULE: &str = "detector-disabled";
const THIS: &str = "aws_guardduty_detector.this";
const DATA: &str = "data.aws_guardduty_detector.this";

fn on() -> Value {
    detector_in("eu-west-1", "111122223333", "12ab")
}

fn suspended() -> Value {
    put(on(), "/enable", json!(false))
}

/// What the data source shows of the detector `id`.
fn read(id: &str, status: &str) -> Value {
    json!({ "id": id, "status": status, "finding_publishing_frequency": "SIX_HOURS" })
}

#[test]
fn passes_when_enable_is_true() {
    for document in [
        state(&[resource(THIS, on())]),
        shown_state(&[(THIS, on())]),
        plan(&[unchanged(THIS, on())]),
        plan(&[created(THIS, json!({ "enable": true }), &["id", "arn"])]),
        plan(&[change(THIS, &["update"], suspended(), on(), json!({}))]),
    ] {
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{document}");
    }
}

#[test]
fn fails_when_enable_is_false() {
    let replaced =
        |actions: &[&str]| plan(&[change(THIS, actions, on(), json!({ "enable": false }), json!({ "id": true }))]);
    for document in [
        state(&[resource(THIS, suspended())]),
        state(&[put(resource(THIS, suspended()), "/instances/0/status", json!("tainted"))]),
        shown_state(&[(THIS, suspended())]),
        plan(&[unchanged(THIS, suspended())]),
        plan(&[created(THIS, json!({ "enable": false }), &["id"])]),
        plan(&[change(THIS, &["update"], on(), suspended(), json!({}))]),
        replaced(&["delete", "create"]),
        replaced(&["create", "delete"]),
        replaced(&["create", "forget"]),
        replaced(&["forget", "create"]),
        plan(&[put(unchanged(THIS, suspended()), "/change/importing", json!({ "id": "12ab" }))]),
    ] {
        assert_eq!(check(&document).says(RULE), [format!("fail {THIS}")], "{document}");
    }
}

#[test]
fn fails_when_enable_is_the_text_false_in_a_flat_state() {
    let flat = json!({ "id": "12ab", "enable": "false" });
    let version_4 = put(resource(THIS, Value::Null), "/instances/0", json!({ "attributes_flat": flat }));
    let version_3 = json!({
        "version": 3, "terraform_version": "0.11.14", "serial": 1, "lineage": "lineage",
        "modules": [{ "path": ["root"], "resources": { THIS: {
            "type": "aws_guardduty_detector", "primary": { "id": "12ab", "attributes": flat } } } }],
    });
    for document in [state(&[version_4]), version_3] {
        assert_eq!(check(&document).says(RULE), [format!("fail {THIS}")], "{document}");
    }
}

#[test]
fn data_sources_pass_enabled_and_fail_disabled() {
    for (status, expected) in [("ENABLED", (1, 0, 0, 0)), ("DISABLED", (0, 1, 0, 0))] {
        let values = read("12ab", status);
        for document in [
            state(&[resource(DATA, values.clone())]),
            shown_state(&[(DATA, values.clone())]),
            with_prior(plan(&[bystander()]), &[(DATA, values.clone())]),
            plan(&[bystander(), change(DATA, &["read"], Value::Null, values.clone(), json!({}))]),
        ] {
            assert_eq!(check(&document).tally(RULE), expected, "{document}");
        }
    }
}

#[test]
fn undecided_when_enable_is_unknown_and_the_reference_is_named() {
    let blocks =
        [block(THIS, json!({ "enable": { "references": ["terraform_data.on.output", "terraform_data.on"] } }))];
    let new = plan_of(&[created(THIS, json!({}), &["id", "enable"])], &blocks);
    // The value before is no stand-in for one that is not known yet.
    let updated = plan_of(&[change(THIS, &["update"], suspended(), on(), json!({ "enable": true }))], &blocks);
    for (document, place) in [(new, "/change/after"), (updated, "/change/after/enable")] {
        let finding = check(&document).finding(RULE);
        assert_eq!(finding.verdict, crate::FindingVerdict::Undecided);
        assert!(finding.message.contains("`terraform_data.on.output`"), "{}", finding.message);
        assert_eq!(finding.anchor.pointer, format!("/resource_changes/0{place}"));
    }
}

#[test]
fn undecided_for_a_data_source_without_status() {
    for document in [state(&[resource(DATA, json!({ "id": "12ab" }))]), shown_state(&[(DATA, json!({ "id": "12ab" }))])]
    {
        let finding = check(&document).finding(RULE);
        assert_eq!(finding.verdict, crate::FindingVerdict::Undecided);
        assert!(finding.message.contains("provider version"), "{}", finding.message);
    }
}

#[test]
fn undecided_for_a_data_source_that_apply_will_read() {
    let unknown = json!({ "id": true, "status": true });
    let finding = check(&plan(&[bystander(), change(DATA, &["read"], Value::Null, json!({}), unknown)])).finding(RULE);
    assert_eq!(finding.verdict, crate::FindingVerdict::Undecided);
    assert!(finding.message.contains("known only after apply"), "{}", finding.message);
}

#[test]
fn silent_when_enable_is_not_set() {
    for document in [
        state(&[resource(THIS, json!({ "id": "12ab" }))]),
        state(&[resource(THIS, json!({ "id": "12ab", "enable": null }))]),
        plan(&[created(THIS, json!({}), &["id", "arn"])]),
    ] {
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{document}");
    }
}

#[test]
fn silent_for_going_detectors() {
    for actions in [["delete"], ["forget"]] {
        let document = plan(&[bystander(), change(THIS, &actions, suspended(), Value::Null, json!({}))]);
        assert_eq!(check(&document).tally(RULE), (0, 0, 0, 0), "{document}");
    }
    let gone = put(change(THIS, &["delete"], suspended(), Value::Null, json!({})), "/deposed", json!("701a98cd"));
    assert_eq!(check(&plan(&[unchanged(THIS, on()), gone])).tally(RULE), (1, 0, 0, 0));
    let old = json!({ "schema_version": 0, "deposed": "701a98cd", "attributes": suspended() });
    let both = put(resource(THIS, on()), "/instances/-", old);
    assert_eq!(check(&state(&[both])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn silent_for_the_data_object_of_a_detector_the_same_estate_manages() {
    let (managed, data) = (resource(THIS, suspended()), resource(DATA, read("12ab", "DISABLED")));
    assert_eq!(check(&state(&[managed.clone(), data.clone()])).tally(RULE), (0, 1, 0, 0));
    let two =
        check(&state(std::slice::from_ref(&managed))).and("b/input.json", &put(state(&[data]), "/lineage", json!("b")));
    assert_eq!(two.says(RULE), [format!("fail {THIS}")]);
    let other = resource(DATA, read("34cd", "DISABLED"));
    assert_eq!(check(&state(&[managed, other])).tally(RULE), (0, 2, 0, 0));
}

#[test]
fn silent_for_the_data_object_of_a_going_detector() {
    let going = change(THIS, &["delete"], suspended(), Value::Null, json!({}));
    let document = with_prior(plan(&[going, bystander()]), &[(DATA, read("12ab", "DISABLED"))]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn a_data_object_is_judged_when_its_detector_is_forgotten_or_not_known() {
    let forgotten = change(THIS, &["forget"], suspended(), Value::Null, json!({}));
    let document = with_prior(plan(&[forgotten, bystander()]), &[(DATA, read("12ab", "DISABLED"))]);
    assert_eq!(check(&document).says(RULE), [format!("fail {DATA}")]);
    let later = change(DATA, &["read"], Value::Null, json!({}), json!({ "id": true, "status": true }));
    assert_eq!(check(&plan(&[created(THIS, json!({}), &["id"]), later])).tally(RULE), (1, 0, 1, 0));
}

#[test]
fn a_moved_detector_is_one_subject() {
    let moved = put(unchanged(THIS, suspended()), "/previous_address", json!("aws_guardduty_detector.old"));
    let document = with_prior(plan(&[moved]), &[("aws_guardduty_detector.old", suspended())]);
    assert_eq!(check(&document).says(RULE), [format!("fail {THIS}")]);
}

#[test]
fn what_a_targeted_or_refresh_only_plan_leaves_out_is_judged_by_its_prior_values() {
    let prior = [(THIS, suspended()), ("aws_s3_bucket.b", json!({ "id": "b" }))];
    let targeted = plan(&[created("aws_s3_bucket.new", json!({ "bucket": "new" }), &["id"])]);
    for document in [targeted, plan(&[])] {
        let finding = check(&with_prior(document, &prior)).finding(RULE);
        assert_eq!(finding.anchor.pointer, "/prior_state/values/root_module/resources/0/values/enable");
    }
}

#[test]
fn of_a_plan_and_its_state_in_one_folder_the_newer_is_judged() {
    let resumes = plan(&[change(THIS, &["update"], suspended(), on(), json!({}))]);
    let resumes = with_prior(resumes, &[(THIS, suspended())]);
    assert_eq!(check(&resumes).and("a/now.json", &state(&[resource(THIS, suspended())])).tally(RULE), (1, 0, 0, 0));
    assert_eq!(check(&resumes).and("a/now.json", &state(&[resource(THIS, on())])).tally(RULE), (1, 0, 0, 0));
    let suspends = plan(&[created(THIS, json!({ "enable": false }), &["id"])]);
    assert_eq!(check(&suspends).and("a/now.json", &state(&[resource(THIS, on())])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn of_several_states_of_one_lineage_the_highest_serial_is_judged() {
    let newer = put(state(&[resource(THIS, on())]), "/serial", json!(7));
    assert_eq!(check(&newer).and("b/old.json", &state(&[resource(THIS, suspended())])).tally(RULE), (1, 0, 0, 0));
    let other_stack = put(
        state(&[resource(
            THIS,
            put(suspended(), "/arn", json!("arn:aws:guardduty:us-east-1:111122223333:detector/34cd")),
        )]),
        "/lineage",
        json!("b"),
    );
    assert_eq!(check(&newer).and("b/other.json", &other_stack).tally(RULE), (1, 1, 0, 0));
}

#[test]
fn of_one_object_in_two_inputs_one_is_judged() {
    let of = |lineage: &str, values: Value| put(state(&[resource(THIS, values)]), "/lineage", json!(lineage));
    // A plan beats a state, whatever their paths.
    let resumes = plan(&[change(THIS, &["update"], suspended(), on(), json!({})), bystander()]);
    for path in ["0/now.json", "b/now.json"] {
        assert_eq!(check(&resumes).and(path, &of("a", suspended())).tally(RULE), (1, 0, 0, 0), "{path}");
    }
    // Else the first path wins. Without an ARN id, account and region make the object.
    let by_id =
        |enable: bool| json!({ "id": "12ab", "account_id": "111122223333", "region": "eu-west-1", "enable": enable });
    for (first, second) in [(on(), suspended()), (by_id(true), by_id(false))] {
        assert_eq!(check(&of("a", first)).and("b/input.json", &of("b", second)).tally(RULE), (1, 0, 0, 0));
    }
    // Two unknown accounts are not known to be equal, and objects of one unit are never merged.
    let nowhere = |enable: bool| json!({ "id": "12ab", "enable": enable });
    let run = check(&of("a", nowhere(true))).and("b/input.json", &of("b", nowhere(false)));
    assert_eq!(run.tally(RULE), (1, 1, 0, 0));
    let twice = state(&[resource(THIS, on()), resource("aws_guardduty_detector.two", suspended())]);
    assert_eq!(check(&twice).tally(RULE), (1, 1, 0, 0));
}

#[test]
fn nothing_of_a_destroyed_unit_is_judged() {
    let destroyed = put(state(&[]), "/serial", json!(2));
    let run = check(&state(&[resource(THIS, suspended())])).and("a/terraform.tfstate", &destroyed);
    assert_eq!(run.tally(RULE), (0, 0, 0, 0));
}

#[test]
fn labels_show_what_has_no_effect_while_suspended() {
    let child = |address: &str| resource(address, json!({ "detector_id": "12ab", "name": "n" }));
    let document = state(&[
        resource(THIS, suspended()),
        child("aws_guardduty_filter.f"),
        child("aws_guardduty_ipset.i"),
        child("aws_guardduty_publishing_destination.p"),
        child("aws_guardduty_threatintelset.t"),
        child("aws_guardduty_member.m"),
    ]);
    let finding = check(&document).finding(RULE);
    assert_eq!(finding.anchor.pointer, "/resources/0/instances/0/attributes/enable");
    let labelled: Vec<&str> = finding.related.iter().filter_map(|related| related.address.as_deref()).collect();
    assert_eq!(
        labelled,
        [
            "aws_guardduty_filter.f",
            "aws_guardduty_ipset.i",
            "aws_guardduty_publishing_destination.p",
            "aws_guardduty_threatintelset.t"
        ]
    );
    assert!(finding.related.iter().all(|related| related.message.starts_with("has no effect while")));
}

#[test]
fn an_empty_boolean_of_a_flat_state_is_false() {
    let object = |id: &str, attributes: Value| json!({ "primary": { "id": id, "attributes": attributes } });
    let legacy = json!({
        "version": 3, "terraform_version": "0.11.14", "serial": 1, "lineage": "lineage",
        "modules": [{ "path": ["root"], "resources": {
            "aws_guardduty_detector.this": object("12ab", json!({ "id": "12ab", "enable": "" })),
            "aws_guardduty_ipset.s": object("s", json!({ "id": "s", "detector_id": "34cd", "activate": "" })),
        } }],
    });
    let upgraded = |address: &str, flat: Value| {
        let bare = put(resource(address, json!({})), "/instances/0", json!({ "schema_version": 0 }));
        put(bare, "/instances/0/attributes_flat", flat)
    };
    let flat = state(&[
        upgraded("aws_guardduty_detector.this", json!({ "id": "12ab", "enable": "" })),
        upgraded("aws_guardduty_ipset.s", json!({ "id": "s", "detector_id": "34cd", "activate": "" })),
    ]);
    for document in [legacy, flat] {
        assert_eq!(check(&document).says(RULE), ["fail aws_guardduty_detector.this"], "{document}");
        assert_eq!(check(&document).says("list-inactive"), ["fail aws_guardduty_ipset.s"], "{document}");
    }
}
