use serde_json::json;

use crate::{
    Report,
    testing::{Run, check, put, resource, state},
};

const RULE: &str = "state-stale-copy";

/// A state of a serial whose detector publishes as often as this.
fn held(serial: u64, frequency: &str) -> serde_json::Value {
    let detector = json!({ "id": "12ab", "enable": true, "finding_publishing_frequency": frequency });
    put(state(&[resource("aws_guardduty_detector.this", detector)]), "/serial", json!(serial))
}

fn says_of(report: &Report, path: &str) -> bool {
    report.notes.iter().any(|note| note.path.as_deref() == Some(path))
}

#[test]
fn a_backup_that_a_walk_found_is_kept_and_one_that_is_named_is_a_copy() {
    let run = || check(&held(4, "ONE_HOUR")).and("b/terraform.tfstate.backup", &held(3, "SIX_HOURS"));
    assert_eq!(run().tally(RULE), (1, 1, 0, 0));
    assert_eq!(run().found_by_a_walk().tally(RULE), (1, 0, 0, 1));
    assert!(says_of(&run().found_by_a_walk().report(), "b/terraform.tfstate.backup"));
}

#[test]
fn a_state_that_is_left_out_has_a_note_even_where_the_rule_is_off() {
    let run = check(&held(3, "ONE_HOUR")).and("b/now.tfstate", &held(4, "ONE_HOUR"));
    let report = run.with(|settings| settings.skip = vec![RULE.into()]).report();
    assert!(says_of(&report, "a/input.json"), "{:?}", report.notes);
}

#[test]
fn how_a_state_is_laid_out_does_not_matter() {
    let indented: serde_json::Value = serde_json::from_str(&format!("{:#}", held(3, "ONE_HOUR"))).unwrap();
    let run = |other| -> Run { check(&held(3, "ONE_HOUR")).and("b/copy.tfstate", other) };
    assert_eq!(run(&indented).tally(RULE), (2, 0, 0, 0));
    assert_eq!(run(&held(3, "SIX_HOURS")).tally(RULE), (1, 1, 0, 0));
}

#[test]
fn stacks_that_share_nothing_but_the_lineage_are_no_copies() {
    let other = json!({ "id": "34cd", "enable": true });
    let other = put(state(&[resource("aws_guardduty_detector.this", other)]), "/serial", json!(9));
    assert_eq!(check(&held(3, "ONE_HOUR")).and("b/other.tfstate", &other).tally(RULE), (0, 0, 0, 0));
}
