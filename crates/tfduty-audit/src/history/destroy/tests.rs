use serde_json::{Value, json};

use crate::{
    Command, InputRole, Part, Side,
    testing::{Run, created, deleted, destroy_plan, plan, put, resource, shown_state, state, with_prior},
};

/// What each judged input is taken for, by path.
fn parts(run: Run) -> Vec<(String, Part)> {
    let estate = run.estate();
    estate.units.iter().map(|unit| (estate.inputs[unit.input].path.clone(), unit.part.unwrap())).collect()
}

fn run() -> Run {
    Run::of(Command::Destroy)
}

fn object(name: &str) -> Value {
    json!({ "id": name, "bucket": name })
}

fn held(serial: u64, lineage: &str, names: &[&str]) -> Value {
    let resources: Vec<Value> =
        names.iter().map(|name| resource(&format!("aws_s3_bucket.{name}"), object(name))).collect();
    put(put(state(&resources), "/serial", json!(serial)), "/lineage", json!(lineage))
}

fn of_state(names: &[&str]) -> Value {
    let addresses: Vec<String> = names.iter().map(|name| format!("aws_s3_bucket.{name}")).collect();
    let objects: Vec<(&str, Value)> =
        addresses.iter().zip(names).map(|(address, name)| (address.as_str(), object(name))).collect();
    with_prior(destroy_plan(&objects), &objects)
}

fn named(path: &str, part: Part) -> (String, Part) {
    (path.into(), part)
}

#[test]
fn one_document_is_what_it_looks_like() {
    let ordinary = plan(&[created("aws_s3_bucket.a", object("a"), &[])]);
    let refresh_only = with_prior(plan(&[]), &[("aws_s3_bucket.a", object("a"))]);
    for (document, part) in [
        (of_state(&["a"]), Part::DestroyPlan),
        (plan(&[]), Part::DestroyPlan),
        (ordinary, Part::OtherPlan),
        (refresh_only, Part::OtherPlan),
        (
            plan(&[deleted("aws_s3_bucket.a", object("a")), created("aws_s3_bucket.b", object("b"), &[])]),
            Part::OtherPlan,
        ),
        (held(4, "4f2c", &["a"]), Part::Before),
        (held(4, "4f2c", &[]), Part::After),
        (shown_state(&[]), Part::After),
        (shown_state(&[("aws_s3_bucket.a", object("a"))]), Part::Before),
    ] {
        assert_eq!(parts(run().and("x.json", &document)), [named("x.json", part)], "{document}");
    }
}

#[test]
fn a_side_that_is_said_is_believed() {
    let document = held(4, "4f2c", &["a"]);
    assert_eq!(parts(run().and("x", &document).from(Side::After)), [named("x", Part::After)]);
    assert_eq!(parts(run().and("x", &document).from(Side::Before)), [named("x", Part::Before)]);
    assert_eq!(parts(run().and("x", &held(4, "4f2c", &[])).from(Side::Before)), [named("x", Part::After)]);
}

#[test]
fn with_a_state_after_everything_else_of_its_stack_is_evidence() {
    let all = || {
        run()
            .and("plan.json", &of_state(&["a", "b"]))
            .and("old.tfstate", &held(3, "4f2c", &["a"]))
            .and("before.tfstate", &held(4, "4f2c", &["a", "b"]))
    };
    for after in [held(7, "4f2c", &[]), held(7, "4f2c", &["b"])] {
        assert_eq!(parts(all().and("now.tfstate", &after)), [named("now.tfstate", Part::After)], "{after}");
        assert_eq!(all().and("now.tfstate", &after).tally("state-stale-copy"), (0, 0, 0, 0));
    }
    let estate = all().and("now.tfstate", &held(7, "4f2c", &[])).estate();
    let roles: Vec<InputRole> = estate.inputs.iter().map(|input| input.role).collect();
    assert_eq!(roles, [InputRole::Evidence, InputRole::Judged, InputRole::Evidence, InputRole::Evidence]);
}

#[test]
fn a_state_that_misses_nothing_or_holds_more_is_no_state_after() {
    let plan = of_state(&["a", "b"]);
    for state in [held(7, "4f2c", &["a", "b"]), held(7, "4f2c", &["b", "c"]), held(7, "4f2c", &["a", "b", "c"])] {
        let run = run().and("plan.json", &plan).and("s.tfstate", &state);
        assert_eq!(parts(run), [named("plan.json", Part::DestroyPlan)], "{state}");
    }
}

#[test]
fn a_state_that_holds_what_the_plan_does_not_know_is_noted() {
    let notes = |names: &[&str]| -> Vec<String> {
        let run = run().and("plan.json", &of_state(&["a"])).and("s.tfstate", &held(7, "4f2c", names));
        run.estate().notes.iter().map(|note| note.code.to_string()).collect()
    };
    assert_eq!(notes(&["a", "new"]), ["planned", "stale-plan"]);
    assert_eq!(notes(&["a"]), ["planned"]);
    // Ids of different types are different names.
    let queue = resource("aws_sqs_queue.new", json!({ "id": "a" }));
    let state = put(held(7, "4f2c", &["a"]), "/resources/-", queue);
    let run = run().and("plan.json", &of_state(&["a"])).and("s.tfstate", &state);
    assert!(run.estate().notes.iter().any(|note| note.code == "stale-plan"));
}

#[test]
fn stacks_are_told_apart() {
    let run = run()
        .and("a/plan.json", &of_state(&["a"]))
        .and("a/now.tfstate", &held(5, "aaaa", &[]))
        .and("b/before.tfstate", &held(4, "bbbb", &["b1", "b2"]))
        .from(Side::Before)
        .and("b/now.tfstate", &held(6, "bbbb", &["b1"]))
        .and("c/terraform.tfstate", &held(6, "cccc", &["c"]));
    assert_eq!(
        parts(run),
        [
            named("a/now.tfstate", Part::After),
            named("b/now.tfstate", Part::After),
            named("c/terraform.tfstate", Part::Before)
        ]
    );
}

#[test]
fn an_empty_state_that_would_fit_two_plans_is_joined_with_neither() {
    let run = run()
        .and("a.json", &of_state(&["a"]))
        .and("b.json", &of_state(&["b"]))
        .and("now.tfstate", &held(5, "aaaa", &[]));
    let expected =
        [named("a.json", Part::DestroyPlan), named("b.json", Part::DestroyPlan), named("now.tfstate", Part::After)];
    assert_eq!(parts(run), expected);
}

#[test]
fn an_empty_state_of_another_folder_is_joined_with_a_plan_only_where_it_is_said() {
    let run = || run().and("a/plan.json", &of_state(&["a"])).and("b/terraform.tfstate", &held(5, "bbbb", &[]));
    assert_eq!(parts(run()), [named("a/plan.json", Part::DestroyPlan), named("b/terraform.tfstate", Part::After)]);
    assert_eq!(parts(run().from(Side::After)), [named("b/terraform.tfstate", Part::After)]);
}

#[test]
fn an_emptied_stack_does_not_hide_one_that_a_walk_finds_and_that_was_started_from_its_file() {
    let run = || run().and("a/s.tfstate", &held(4, "4f2c", &["a"])).and("b/s.tfstate", &held(9, "4f2c", &[]));
    assert_eq!(parts(run().walked()), [named("a/s.tfstate", Part::Before), named("b/s.tfstate", Part::After)]);
    // Whoever names both means one stack.
    assert_eq!(parts(run()), [named("b/s.tfstate", Part::After)]);
    let other = Run::of(Command::Destroy).and("a/s.tfstate", &held(4, "4f2c", &["a"]));
    let both = other.and("b/s.tfstate", &held(9, "4f2c", &["b"]));
    assert_eq!(parts(both), [named("a/s.tfstate", Part::Before), named("b/s.tfstate", Part::Before)]);
}

#[test]
fn of_states_of_one_stack_the_newest_is_predicted_from() {
    let both = || run().and("old.tfstate", &held(3, "4f2c", &["a"])).and("new.tfstate", &held(4, "4f2c", &["a", "b"]));
    assert_eq!(parts(both()), [named("new.tfstate", Part::Before)]);
    assert_eq!(both().says("state-stale-copy"), ["fail"]);
    assert_eq!(both().walked().says("state-stale-copy"), Vec::<String>::new());
}

#[test]
fn what_a_plan_forgot_is_noted_where_the_state_after_is_judged() {
    let forgets = |address: &str, name: &str| {
        let mut change = deleted(address, object(name));
        change["change"]["actions"] = json!(["forget"]);
        change
    };
    let document = with_prior(plan(&[forgets("aws_s3_bucket.a", "a")]), &[("aws_s3_bucket.a", object("a"))]);
    let report = run().and("plan.json", &document).and("now.tfstate", &held(5, "4f2c", &[])).report();
    let forgotten: Vec<&str> =
        report.notes.iter().filter(|note| note.code == "forgotten").map(|note| &*note.message).collect();
    assert_eq!(forgotten, ["forgotten, not deleted: `aws_s3_bucket.a` left the state, but not AWS"]);
    assert!(report.findings.is_empty());
    // Whoever acts on the summary reads of it there.
    let remains = &report.destroy.as_ref().unwrap().remains;
    let names: Vec<_> = remains.iter().map(|remain| (remain.item.address.as_deref(), &remain.item.rules[..])).collect();
    assert_eq!(names, [(Some("aws_s3_bucket.a"), &["destroy-forgets"][..])]);
}

#[test]
fn a_walk_leaves_ordinary_plans_out_and_says_where_nothing_is_left() {
    let ordinary = plan(&[created("aws_s3_bucket.a", object("a"), &[])]);
    let report = run().and("plan.json", &ordinary).walked().report();
    assert_eq!((report.exit_status(), report.problems.len()), (2, 1));
    assert_eq!(report.notes[0].code, "no-destroy-plan");
    let report = run().and("plan.json", &ordinary).report();
    assert_eq!((report.exit_status(), report.problems.len()), (1, 0));
}

#[test]
fn a_prediction_from_a_state_says_so_first() {
    let preface = |run: Run| run.report().preface.unwrap_or_default();
    let state = held(4, "4f2c", &["a"]);
    assert!(preface(run().and("x.tfstate", &state)).starts_with("prediction from x.tfstate"));
    assert_eq!(preface(run().and("x.tfstate", &state).from(Side::After)), "");
    assert_eq!(preface(run().and("plan.json", &of_state(&["a"]))), "");
}
