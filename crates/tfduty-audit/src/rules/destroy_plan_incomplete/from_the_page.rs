//! What the page of the rule promises, sentence by sentence.

use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    change, created, deleted, destroy, destroy_plan,
    lists::{inside, shown, with_prior},
    plan, pointed_at, put, resource, state,
};

const RULE: &str = "destroy-plan-incomplete";

/// Address, deposed key where it is an old copy, whether it is forgotten.
type Item = (&'static str, Option<&'static str>, &'static str);

/// A destroy plan whose prior state holds these objects, and whose items are those.
fn going(prior: &[(&str, Option<&str>)], items: &[Item]) -> Value {
    let object = |(address, deposed): &(&str, Option<&str>)| {
        let object = shown(address, json!({ "id": deposed.unwrap_or("current") }), &[]);
        deposed.map_or(object.clone(), |key| put(object, "/deposed_key", json!(key)))
    };
    let item = |(address, deposed, action): &Item| {
        let item = change(address, &[*action], json!({ "id": deposed.unwrap_or("current") }), Value::Null, json!({}));
        deposed.map_or(item.clone(), |key| put(item, "/deposed", json!(key)))
    };
    let items: Vec<Value> = items.iter().map(item).collect();
    with_prior(plan(&items), &prior.iter().map(object).collect::<Vec<_>>())
}

/// A plan, and what the rule says of it.
fn says(document: &Value) -> Vec<String> {
    destroy(document).says(RULE)
}

#[test]
fn fails_for_each_object_that_no_item_deletes() {
    let document = going(
        &[
            ("aws_guardduty_detector.this", None),
            ("aws_guardduty_ipset.trusted", None),
            ("aws_s3_bucket.lists", None),
            ("aws_s3_object.trusted", None),
        ],
        &[("aws_guardduty_ipset.trusted", None, "delete"), ("aws_s3_object.trusted", None, "delete")],
    );
    let expected = ["fail aws_guardduty_detector.this", "fail aws_s3_bucket.lists"];
    assert_eq!(says(&document), expected);
    assert_eq!(destroy(&document).tally(RULE), (2, 2, 0, 0));
    // `complete` explains them, and is no finding of its own.
    assert_eq!(says(&put(document, "/complete", json!(false))), expected);
}

#[test]
fn every_managed_object_counts_whatever_it_is() {
    for address in [
        "aws_vpc.main",
        "aws_lambda_function.triage",
        "random_id.suffix",
        "null_resource.wait",
        "terraform_data.version",
        "aws_s3_bucket.lists[0]",
        "aws_s3_bucket.lists[\"eu\"]",
        "module.lists.aws_s3_bucket.this",
        "module.lists[\"eu-west-1\"].module.store[0].aws_s3_bucket.this",
    ] {
        let document = going(&[(address, None), ("aws_sns_topic.a", None)], &[("aws_sns_topic.a", None, "delete")]);
        assert_eq!(says(&document), [format!("fail {address}")]);
    }
}

#[test]
fn the_instance_must_be_the_same() {
    let prior = [("aws_s3_bucket.lists[\"a\"]", None), ("aws_s3_bucket.lists[\"b\"]", None)];
    let document = going(&prior, &[("aws_s3_bucket.lists[\"a\"]", None, "delete")]);
    assert_eq!(says(&document), ["fail aws_s3_bucket.lists[\"b\"]"]);
    let prior = [("module.a[0].aws_s3_bucket.this", None), ("module.a[1].aws_s3_bucket.this", None)];
    let document = going(&prior, &[("module.a[1].aws_s3_bucket.this", None, "delete")]);
    assert_eq!(says(&document), ["fail module.a[0].aws_s3_bucket.this"]);
}

#[test]
fn an_old_copy_is_an_object_of_its_own() {
    const BUCKET: &str = "aws_s3_bucket.lists";
    let old = Some("130256c0");
    for (items, expected) in [
        (vec![(BUCKET, None, "delete"), (BUCKET, old, "delete")], vec![]),
        (vec![(BUCKET, None, "delete")], vec!["fail aws_s3_bucket.lists (deposed 130256c0)"]),
        (vec![(BUCKET, old, "delete")], vec!["fail aws_s3_bucket.lists"]),
        (
            vec![(BUCKET, None, "delete"), (BUCKET, Some("64cc7443"), "delete")],
            vec!["fail aws_s3_bucket.lists (deposed 130256c0)"],
        ),
    ] {
        assert_eq!(says(&going(&[(BUCKET, None), (BUCKET, old)], &items)), expected, "{items:?}");
    }
    // Only old copies are left.
    assert_eq!(destroy(&going(&[(BUCKET, old)], &[(BUCKET, old, "delete")])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn passes_when_every_object_is_deleted() {
    let addresses = ["aws_guardduty_detector.this", "aws_s3_bucket.lists", "module.m.aws_vpc.main", "random_id.suffix"];
    let document =
        going(&addresses.map(|address| (address, None)), &addresses.map(|address| (address, None, "delete")));
    assert_eq!(destroy(&document).tally(RULE), (4, 0, 0, 0));
    assert_eq!(destroy(&put(document, "/complete", json!(true))).tally(RULE), (4, 0, 0, 0));
}

#[test]
fn an_incomplete_plan_that_misses_nothing_is_one_finding_on_the_input() {
    let document = going(&[("aws_s3_bucket.lists", None)], &[("aws_s3_bucket.lists", None, "delete")]);
    let document = put(document, "/complete", json!(false));
    assert_eq!(says(&document), ["fail"]);
    assert_eq!(destroy(&document).places(RULE)[0], "/complete");
}

#[test]
fn is_undecided_when_it_is_not_known_what_the_state_held() {
    let document = destroy_plan(&[("aws_s3_bucket.lists", json!({ "id": "lists", "bucket": "lists" }))]);
    assert_eq!(says(&document), ["undecided"]);
}

#[test]
fn passes_on_the_plan_of_an_empty_state() {
    // Terraform writes no `prior_state` then.
    assert_eq!(destroy(&plan(&[])).tally(RULE), (1, 0, 0, 0));
    assert_eq!(destroy(&with_prior(plan(&[]), &[])).tally(RULE), (1, 0, 0, 0));
    let keys = put(put(plan(&[]), "/complete", json!(true)), "/applyable", json!(false));
    assert_eq!(destroy(&keys).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn data_objects_are_never_missing() {
    let data = ("data.aws_caller_identity.me", None);
    let document = going(&[data, ("aws_s3_bucket.lists", None)], &[("aws_s3_bucket.lists", None, "delete")]);
    assert_eq!(destroy(&document).tally(RULE), (1, 0, 0, 0));
    // Of a state that holds nothing else, the input is the subject.
    assert_eq!(destroy(&going(&[data], &[])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn an_object_that_moved_is_not_missing() {
    let moved = put(
        deleted("aws_guardduty_detector.main[0]", json!({ "id": "current" })),
        "/previous_address",
        json!("aws_guardduty_detector.adopted"),
    );
    // Before the move as well as after it: versions differ in what `prior_state` shows.
    for held in ["aws_guardduty_detector.adopted", "aws_guardduty_detector.main[0]"] {
        let document = with_prior(plan(slice::from_ref(&moved)), &[shown(held, json!({ "id": "current" }), &[])]);
        assert_eq!(says(&document), Vec::<String>::new(), "{held}");
    }
    // From one module to another.
    let moved = put(
        deleted("module.new[\"eu\"].aws_s3_bucket.this", json!({ "id": "current" })),
        "/previous_address",
        json!("module.old.aws_s3_bucket.this"),
    );
    let prior = [
        shown("module.old.aws_s3_bucket.this", json!({ "id": "current" }), &[]),
        shown("module.old.aws_s3_bucket.other", json!({ "id": "other" }), &[]),
    ];
    assert_eq!(says(&with_prior(plan(&[moved]), &prior)), ["fail module.old.aws_s3_bucket.other"]);
}

#[test]
fn a_forgotten_object_is_told_by_the_rule_on_forgetting() {
    let document = going(
        &[("aws_guardduty_detector.this", None), ("aws_s3_bucket.lists", None), ("aws_sns_topic.findings", None)],
        &[("aws_guardduty_detector.this", None, "forget"), ("aws_s3_bucket.lists", None, "delete")],
    );
    assert_eq!(says(&document), ["fail aws_sns_topic.findings"]);
    assert_eq!(destroy(&document).says("destroy-forgets"), ["fail aws_guardduty_detector.this"]);
}

#[test]
fn an_ordinary_plan_is_told_by_the_rule_on_its_kind() {
    let prior = [shown("aws_s3_bucket.lists", json!({ "id": "current" }), &[])];
    for changes in [vec![], vec![created("aws_guardduty_detector.this", json!({ "enable": true }), &["id"])]] {
        let document = put(with_prior(plan(&changes), &prior), "/complete", json!(false));
        assert_eq!(says(&document), Vec::<String>::new());
        assert_eq!(destroy(&document).says("destroy-plan-wrong-kind"), ["fail"]);
    }
}

#[test]
fn states_are_no_subject() {
    let shell = put(resource("aws_s3_bucket.gone", json!({})), "/instances", json!([]));
    let document = state(&[inside("module.m", resource("aws_s3_bucket.lists", json!({ "id": "lists" }))), shell]);
    assert_eq!(destroy(&document).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn every_plan_is_compared_with_its_own_prior_state() {
    let one = going(&[("aws_s3_bucket.lists", None)], &[("aws_s3_bucket.lists", None, "delete")]);
    let other = going(
        &[("aws_s3_bucket.lists", None), ("aws_sns_topic.findings", None)],
        &[("aws_sns_topic.findings", None, "delete")],
    );
    let rename =
        |document: &Value| serde_json::from_str::<Value>(&document.to_string().replace("current", "another")).unwrap();
    let run = destroy(&one).and("b/input.json", &rename(&other));
    assert_eq!(run.says(RULE), ["fail aws_s3_bucket.lists"]);
}

#[test]
fn labels_the_object_in_the_prior_state_and_the_flag() {
    let document = going(
        &[("aws_sns_topic.findings", None), ("aws_s3_bucket.lists", None)],
        &[("aws_sns_topic.findings", None, "delete")],
    );
    let places = destroy(&put(document, "/complete", json!(false))).places(RULE);
    assert!(places[0].starts_with("/prior_state/values/root_module/resources/1"), "{places:?}");
    assert!(places.contains(&"/complete".to_owned()), "{places:?}");
}

#[test]
fn helps_with_a_plan_of_everything() {
    let document =
        going(&[("aws_s3_bucket.lists", None), ("aws_sns_topic.a", None)], &[("aws_sns_topic.a", None, "delete")]);
    let help = destroy(&document).finding(RULE).help;
    assert!(help.contains("-target"), "{help}");
}

#[test]
fn only_of_destroy_plans_that_show_their_state_objects_are_judged() {
    let objects = [("aws_s3_bucket.lists", json!({ "id": "lists" }))];
    // Without the state the objects say nothing: the plan as a whole is undecided.
    assert_eq!(destroy(&destroy_plan(&objects)).tally(RULE), (0, 0, 1, 0));
    let ordinary = put(
        going(&[("aws_s3_bucket.lists", None)], &[("aws_s3_bucket.lists", None, "delete")]),
        "/resource_changes/-",
        created("aws_s3_bucket.new", json!({ "bucket": "new" }), &[]),
    );
    assert_eq!(destroy(&ordinary).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn complete_is_pointed_at() {
    let document = going(&[("aws_s3_bucket.lists", None)], &[("aws_s3_bucket.lists", None, "delete")]);
    let document = put(document, "/complete", json!(false));
    let finding = destroy(&document).finding(RULE);
    assert_eq!(pointed_at(&finding, &document), ("/complete".into(), "false".into()));
    assert_eq!(finding.anchor.object, finding.anchor.span);
}
