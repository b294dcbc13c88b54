use serde_json::{Value, json};

use crate::{
    InputRole, Report,
    testing::{Run, bystander, change, check, created, detector_in, plan, put, resource, state, unchanged},
};

const THIS: &str = "aws_guardduty_detector.this";

fn detector(enable: bool) -> Value {
    let mut values = detector_in("eu-west-1", "111122223333", "12ab");
    values["enable"] = json!(enable);
    values
}

/// A state with one detector, of a serial.
fn held(enable: bool, serial: u64) -> Value {
    put(state(&[resource(THIS, detector(enable))]), "/serial", json!(serial))
}

/// A plan that starts from a detector and leaves it as `after`.
fn planned(before: bool, after: bool) -> Value {
    let item = if before == after {
        unchanged(THIS, detector(after))
    } else {
        change(THIS, &["update"], detector(before), detector(after), json!({}))
    };
    let prior = crate::testing::shown_state(&[(THIS, detector(before))]);
    let mut document = plan(&[item]);
    document["prior_state"] = prior;
    document
}

fn roles(run: Run) -> Vec<(String, InputRole)> {
    run.report().inputs.into_iter().map(|input| (input.path, input.role)).collect()
}

/// The paths of what is judged.
fn judged(run: Run) -> Vec<String> {
    roles(run).into_iter().filter(|(_, role)| *role == InputRole::Judged).map(|(path, _)| path).collect()
}

fn noted(report: &Report, path: &str) -> bool {
    report.notes.iter().any(|note| note.path.as_deref() == Some(path))
}

#[test]
fn a_plan_is_judged_in_place_of_the_state_it_starts_from() {
    let run = check(&planned(true, false)).and("a/terraform.tfstate", &held(true, 3));
    assert_eq!(judged(run), ["a/input.json"]);
}

#[test]
fn a_plan_that_starts_from_other_values_than_the_state_holds_is_stale() {
    let run = || check(&planned(true, true)).and("a/terraform.tfstate", &held(false, 4));
    assert_eq!(judged(run()), ["a/terraform.tfstate"]);
    assert_eq!(run().says("detector-disabled"), [format!("fail {THIS}")]);
    assert!(noted(&run().report(), "a/input.json"));
}

#[test]
fn drift_does_not_make_a_plan_stale() {
    // The state was written before somebody suspended the detector; the plan's prior state was read after.
    let mut document = planned(false, true);
    document["resource_drift"] = json!([change(THIS, &["update"], detector(true), detector(false), json!({}))]);
    let run = check(&document).and("a/terraform.tfstate", &held(true, 3));
    assert_eq!(judged(run), ["a/input.json"]);
}

#[test]
fn a_plan_is_left_out_once_the_state_holds_what_it_makes() {
    let makes = plan(&[created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id"])]);
    let bucket = |name: &str| state(&[resource("aws_s3_bucket.b", json!({ "id": name, "bucket": name }))]);
    assert_eq!(judged(check(&makes).and("a/terraform.tfstate", &bucket("lists"))), ["a/terraform.tfstate"]);
    // The same address in another workspace: nothing of it exists yet.
    let both = ["a/input.json", "a/terraform.tfstate"];
    assert_eq!(judged(check(&makes).and("a/terraform.tfstate", &bucket("other"))), both);
}

#[test]
fn of_two_plans_that_start_from_the_same_objects_the_newer_is_judged() {
    let at = |document: Value, time: &str| put(document, "/timestamp", json!(time));
    let older = at(planned(true, true), "2026-11-01T00:00:00Z");
    let newer = at(planned(true, false), "2026-11-02T00:00:00Z");
    let run = || check(&newer).and("a/earlier.json", &older);
    assert_eq!(judged(run()), ["a/input.json"]);
    assert_eq!(run().says("detector-disabled"), [format!("fail {THIS}")]);
    assert!(noted(&run().report(), "a/earlier.json"));
    // In another folder it is another stack's business.
    assert_eq!(judged(check(&newer).and("b/input.json", &older)).len(), 2);
}

#[test]
fn two_plans_that_make_the_same_objects_are_one_stack_and_different_ones_are_two() {
    let makes = |bucket: &str| plan(&[created("aws_s3_bucket.b", json!({ "bucket": bucket }), &["id"]), bystander()]);
    assert_eq!(judged(check(&makes("lists")).and("a/again.json", &makes("lists"))).len(), 1);
    assert_eq!(judged(check(&makes("dev")).and("a/prod.json", &makes("prod"))).len(), 2);
}

#[test]
fn a_state_that_started_from_another_stacks_file_is_judged() {
    // `cp dev/terraform.tfstate prod/` keeps the lineage; the objects are others.
    let prod = state(&[resource(THIS, detector_in("us-east-1", "111122223333", "34cd"))]);
    let dev = held(true, 9);
    assert_eq!(judged(check(&dev).and("prod/terraform.tfstate", &prod)), ["a/input.json", "prod/terraform.tfstate"]);
    // A copy of the same objects is an older state of the same stack.
    assert_eq!(judged(check(&dev).and("copy/terraform.tfstate", &held(true, 3))), ["a/input.json"]);
}

#[test]
fn every_input_of_a_destroyed_stack_is_noted_and_none_is_judged() {
    let empty = put(state(&[]), "/serial", json!(9));
    let run = || check(&held(true, 8)).and("a/after.tfstate", &empty).and("a/plan.json", &planned(true, true));
    assert_eq!(judged(run()), [""; 0]);
    let report = run().report();
    for path in ["a/after.tfstate", "a/input.json", "a/plan.json"] {
        assert!(noted(&report, path), "{path}");
    }
    assert_eq!(report.problems.len(), 1);
    // An empty state elsewhere says nothing of this one.
    assert_eq!(judged(check(&held(true, 8)).and("b/after.tfstate", &empty)), ["a/input.json", "b/after.tfstate"]);
}

#[test]
fn a_plan_that_failed_is_a_problem_and_is_judged_all_the_same() {
    let report = check(&put(planned(true, false), "/errored", json!(true))).report();
    assert!(report.problems[0].message.contains("planning failed"), "{:?}", report.problems);
    assert_eq!(report.exit_status(), 2);
    assert!(report.findings.iter().any(|finding| finding.rule.id == "detector-disabled"));
}

#[test]
fn a_plan_that_only_reads_is_no_destroy_plan() {
    let data = json!({ "id": "12ab", "status": "DISABLED" });
    let document = plan(&[change("data.aws_guardduty_detector.d", &["read"], Value::Null, data, json!({}))]);
    assert_eq!(check(&document).says("detector-disabled"), ["fail data.aws_guardduty_detector.d"]);
}

#[test]
fn a_refused_destroy_plan_is_one_problem() {
    let document = plan(&[change(THIS, &["delete"], detector(true), Value::Null, json!({}))]);
    let report = check(&document).report();
    assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    assert!(report.problems[0].message.contains("destroy plan"));
}
