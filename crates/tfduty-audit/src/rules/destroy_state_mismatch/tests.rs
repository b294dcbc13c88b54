use serde_json::{Value, json};

use crate::{
    Command, Side,
    testing::{Run, destroy_plan, pointed_at, put, resource, shown_state, state, with_prior},
};

const RULE: &str = "destroy-state-mismatch";

fn detector() -> Value {
    json!({ "id": "12ab", "enable": true })
}

fn raw(serial: u64, lineage: &str, resources: &[Value]) -> Value {
    put(put(state(resources), "/serial", json!(serial)), "/lineage", json!(lineage))
}

fn held() -> Vec<Value> {
    vec![resource("aws_guardduty_detector.this", detector())]
}

fn shown() -> Value {
    shown_state(&[("aws_guardduty_detector.this", detector())])
}

/// A state from before a destroy, and one from after it.
fn pair(before: &Value, after: &Value) -> Run {
    Run::of(Command::Destroy).and("before.json", before).from(Side::Before).and("after.json", after).from(Side::After)
}

#[test]
fn states_of_one_stack_in_this_order_can_be_compared() {
    for after in [raw(5, "4f2c", &[]), raw(9, "4f2c", &held()), raw(4, "4f2c", &held())] {
        assert_eq!(pair(&raw(4, "4f2c", &held()), &after).tally(RULE), (1, 0, 0, 0), "{after}");
    }
}

#[test]
fn each_reason_why_two_states_cannot_be_compared_is_said() {
    for (before, after, words) in [
        (raw(4, "4f2c", &[]), raw(5, "4f2c", &[]), "holds no managed object"),
        (raw(4, "4f2c", &held()), raw(5, "77aa", &held()), "another stack"),
        (raw(4, "4f2c", &held()), raw(5, "77aa", &[]), "another stack"),
        (raw(4, "4f2c", &held()), raw(1, "77aa", &[]), "never applied"),
        (raw(4, "4f2c", &held()), raw(3, "4f2c", &[]), "(serial 3) is older than `before.json` (serial 4)"),
        (raw(4, "4f2c", &held()), raw(4, "4f2c", &[]), "the same serial"),
        (shown(), shown_state(&[("aws_s3_bucket.other", json!({ "id": "other" }))]), "no address of this state"),
    ] {
        let finding = pair(&before, &after).finding(RULE);
        assert!(finding.message.contains(words), "{}", finding.message);
        assert_eq!((finding.address, finding.related.len()), (None, 1));
    }
}

#[test]
fn serial_and_lineage_are_pointed_at_and_what_to_do_is_said() {
    let before = raw(4, "4f2c", &held());
    for (after, pointer, value) in
        [(raw(3, "4f2c", &[]), "/serial", "3"), (raw(5, "77aa", &[]), "/lineage", "\"77aa\"")]
    {
        let finding = pair(&before, &after).finding(RULE);
        assert_eq!(pointed_at(&finding, &after), (pointer.into(), value.into()));
        assert_eq!(usize::try_from(finding.anchor.object.len).unwrap(), after.to_string().len());
        assert!(finding.help.contains("before.tfstate"), "{}", finding.help);
    }
    let help = pair(&shown(), &raw(5, "4f2c", &[])).finding(RULE).help;
    assert!(help.starts_with("give both as raw states"), "{help}");
}

#[test]
fn a_fresh_state_is_not_what_a_destroy_plan_left() {
    let plan = with_prior(
        destroy_plan(&[("aws_guardduty_detector.this", detector())]),
        &[("aws_guardduty_detector.this", detector())],
    );
    let run = |serial: u64| {
        let run = Run::of(Command::Destroy).and("plan.json", &plan).and("after.json", &raw(serial, "4f2c", &[]));
        run.from(Side::After)
    };
    for serial in [0, 1] {
        assert!(run(serial).finding(RULE).message.contains("never applied"));
    }
    assert_eq!(run(2).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn undecided_where_an_empty_state_shows_no_lineage() {
    for (before, after) in
        [(shown(), raw(5, "4f2c", &[])), (raw(4, "4f2c", &held()), shown_state(&[])), (shown(), shown_state(&[]))]
    {
        assert_eq!(pair(&before, &after).says(RULE), ["undecided"], "{before} {after}");
        assert_eq!(pair(&before, &after).tally("destroy-leftover"), (1, 0, 0, 0));
    }
    // What it still holds tells whose it is.
    assert_eq!(pair(&raw(4, "4f2c", &held()), &shown()).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn old_states_without_a_lineage_are_taken_as_they_are() {
    let old = |serial: u64| {
        let module = json!({ "path": ["root"], "outputs": {}, "resources": {} });
        json!({ "version": 3, "terraform_version": "0.7.13", "serial": serial, "modules": [module] })
    };
    let before = put(
        old(3),
        "/modules/0/resources/aws_guardduty_detector.this",
        json!({ "type": "aws_guardduty_detector", "primary": { "id": "12ab", "attributes": { "id": "12ab" } } }),
    );
    assert_eq!(pair(&before, &old(4)).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_state_after_without_one_before_is_not_compared() {
    let run = Run::of(Command::Destroy).and("after.json", &raw(5, "4f2c", &[])).from(Side::After);
    assert_eq!(run.tally(RULE), (0, 0, 0, 0));
}
