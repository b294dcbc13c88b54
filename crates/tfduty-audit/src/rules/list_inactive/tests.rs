use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    change, check, created, detector_in,
    lists::{other_stack, set_at, show, shown, with, with_drift},
    plan, put, resource, state, unchanged,
};

const RULE: &str = "list-inactive";
const SET: &str = "aws_guardduty_ipset.t";

/// Both kinds of lists, and both kinds of entity sets.
const KINDS: [&str; 4] = [
    SET,
    "aws_guardduty_threatintelset.t",
    "awscc_guardduty_trusted_entity_set.t",
    "awscc_guardduty_threat_entity_set.t",
];

fn set(activate: bool) -> Value {
    with(set_at("s3://lists/k"), json!({ "activate": activate }))
}

#[test]
fn passes_or_fails_by_activate() {
    for kind in KINDS {
        for (activate, expected) in [(true, (1, 0, 0, 0)), (false, (0, 1, 0, 0))] {
            let documents = [
                state(&[resource(kind, set(activate))]),
                show(&[shown(kind, set(activate), &[])]),
                plan(&[created(kind, set(activate), &["id"])]),
                plan(&[unchanged(kind, set(activate))]),
            ];
            for document in documents {
                assert_eq!(check(&document).tally(RULE), expected, "{document}");
            }
        }
    }
    let places = check(&state(&[resource(SET, set(false))])).places(RULE);
    assert_eq!(places, ["/resources/0/instances/0/attributes/activate"]);
}

#[test]
fn an_old_state_says_it_as_text() {
    for (activate, expected) in
        [("true", (1, 0, 0, 0)), ("1", (1, 0, 0, 0)), ("false", (0, 1, 0, 0)), ("0", (0, 1, 0, 0))]
    {
        let mut old = resource(SET, Value::Null);
        let flat = json!({ "activate": activate, "location": "s3://lists/k", "detector_id": "12ab" });
        old["instances"] = json!([{ "schema_version": 0, "attributes_flat": flat }]);
        assert_eq!(check(&state(&[old])).tally(RULE), expected, "{activate}");
    }
}

#[test]
fn an_entity_set_that_does_not_say_is_not_inactive() {
    let document = state(&[resource(KINDS[2], json!({ "detector_id": "12ab", "location": "s3://lists/k" }))]);
    assert_eq!(check(&document).says(RULE), [] as [&str; 0]);
}

#[test]
fn undecided_when_activate_is_unknown() {
    for kind in KINDS {
        let mut values = set(true);
        values.as_object_mut().unwrap().remove("activate");
        let document = plan(&[created(kind, values, &["activate"])]);
        assert_eq!(check(&document).says(RULE), [format!("undecided {kind}")]);
    }
}

#[test]
fn sets_that_go_or_are_forgotten_are_no_subjects() {
    let gone = |actions: &[&str]| change(SET, actions, set(false), Value::Null, json!({}));
    let other = unchanged("aws_s3_bucket.b", json!({ "bucket": "lists" }));
    for document in [plan(&[gone(&["delete"]), other.clone()]), plan(&[gone(&["forget"]), other])] {
        assert_eq!(check(&document).tally(RULE), (0, 0, 0, 0));
    }
}

#[test]
fn silent_when_its_detector_is_disabled() {
    for kind in KINDS {
        let detector = |enable: bool| resource("aws_guardduty_detector.d", json!({ "id": "12ab", "enable": enable }));
        let judged = |enable: bool| check(&state(&[detector(enable), resource(kind, set(false))]));
        assert_eq!(judged(false).tally(RULE), (0, 0, 0, 1), "{kind}");
        assert_eq!(judged(false).says("detector-disabled"), ["fail aws_guardduty_detector.d"]);
        assert_eq!(judged(true).tally(RULE), (0, 1, 0, 0), "{kind}");
        // Where the other rule does not run, it explains nothing.
        let alone = judged(false).with(|settings| settings.skip = vec!["detector-disabled".into()]);
        assert_eq!(alone.tally(RULE), (0, 1, 0, 0), "{kind}");
    }
}

#[test]
fn silent_in_a_plan_when_drift_shows_activate_true_to_false_and_the_plan_sets_it_true_again() {
    let drift = change(SET, &["update"], set(true), set(false), json!({}));
    let again = change(SET, &["update"], set(false), set(true), json!({}));
    let document = with_drift(plan(&[again]), slice::from_ref(&drift));
    assert_eq!(check(&document).says(RULE), [] as [&str; 0]);
    assert_eq!(check(&document).says("detector-drift").len(), 1);
    // A plan that leaves it so does not.
    let left = with_drift(plan(&[unchanged(SET, set(false))]), &[drift]);
    assert_eq!(check(&left).says(RULE), [format!("fail {SET}")]);
}

#[test]
fn silent_when_another_stack_suspends_the_detector() {
    let managed = state(&[resource("aws_guardduty_detector.d", detector_in("eu-west-1", "111122223333", "12ab"))]);
    let seen = with(detector_in("eu-west-1", "111122223333", "12ab"), json!({ "status": "DISABLED" }));
    let here = state(&[resource("data.aws_guardduty_detector.d", seen), resource(SET, set(false))]);
    let run = |managed: &Value| check(&here).and("b/input.json", &other_stack(managed.clone()));
    assert_eq!(run(&managed).says(RULE), [format!("fail {SET}")]);
    let suspended = put(managed, "/resources/0/instances/0/attributes/enable", json!(false));
    assert_eq!(run(&suspended).tally(RULE), (0, 0, 0, 1));
    let finding = run(&suspended).finding("detector-disabled");
    assert_eq!(finding.related[0].address.as_deref(), Some(SET));
}
