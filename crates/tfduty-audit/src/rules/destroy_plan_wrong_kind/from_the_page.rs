//! What the page of the rule promises, sentence by sentence.

use std::slice;

use serde_json::{Value, json};

use crate::{
    InputRole,
    testing::{
        change, created, deleted, destroy, destroy_plan,
        lists::{inside, other_stack, shown, with_prior},
        plan, pointed_at, put, resource, state, unchanged,
    },
};

const RULE: &str = "destroy-plan-wrong-kind";

fn detector() -> Value {
    json!({ "id": "64d0a12b29217b668ba82a606e848eb9", "account_id": "123456789012", "enable": true })
}

fn bucket() -> Value {
    json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists", "force_destroy": true })
}

fn forgotten(address: &str, before: Value) -> Value {
    put(deleted(address, before), "/change/actions", json!(["forget"]))
}

/// `planned_values` of a root module with these objects.
fn with_planned(plan: Value, resources: &[Value]) -> Value {
    put(plan, "/planned_values", json!({ "root_module": { "resources": resources } }))
}

#[test]
fn fails_when_a_managed_object_is_made_changed_or_left_alone() {
    for actions in [
        &["create"][..],
        &["update"],
        &["no-op"],
        &["delete", "create"],
        &["create", "delete"],
        &["create", "forget"],
        &["forget", "create"],
    ] {
        // Whatever provider it is of: every managed object counts.
        for address in ["aws_guardduty_detector.this", "aws_vpc.main", "random_id.suffix", "null_resource.wait"] {
            let item = change(address, actions, json!({ "id": "a" }), json!({ "id": "a" }), json!({}));
            let alone = plan(slice::from_ref(&item));
            assert_eq!(destroy(&alone).says(RULE), ["fail"], "{actions:?} {address}");
            let beside = plan(&[deleted("aws_s3_bucket.lists", bucket()), item]);
            assert_eq!(destroy(&beside).says(RULE), ["fail"], "{actions:?} {address}");
        }
    }
}

#[test]
fn a_plan_that_deletes_only_old_copies_is_an_ordinary_one() {
    let old = put(deleted("aws_s3_bucket.lists", bucket()), "/deposed", json!("130256c0"));
    let document = plan(&[unchanged("aws_s3_bucket.lists", bucket()), old]);
    assert_eq!(destroy(&document).says(RULE), ["fail"]);
}

#[test]
fn fails_when_a_managed_object_is_planned_without_being_forgotten() {
    let stays = shown("aws_guardduty_detector.this", detector(), &[]);
    let document = with_planned(plan(&[deleted("aws_s3_bucket.lists", bucket())]), slice::from_ref(&stays));
    assert_eq!(destroy(&document).says(RULE), ["fail"]);
    // Nor is it enough that another object is forgotten as well.
    let changes = [forgotten("aws_s3_bucket.lists", bucket())];
    let both = [shown("aws_s3_bucket.lists", bucket(), &[]), stays.clone()];
    assert_eq!(destroy(&with_planned(plan(&changes), &both)).says(RULE), ["fail"]);
    // Without any item it is no destroy plan of an empty state either.
    assert_eq!(destroy(&with_planned(plan(&[]), &[stays])).says(RULE), ["fail"]);
}

#[test]
fn fails_when_objects_are_known_and_nothing_is_done() {
    // A refresh-only plan, or one without changes.
    let prior = [shown("aws_guardduty_detector.this", detector(), &[])];
    assert_eq!(destroy(&with_prior(plan(&[]), &prior)).says(RULE), ["fail"]);
    let read = change("data.aws_region.here", &["read"], Value::Null, json!({ "id": "eu-west-1" }), json!({}));
    assert_eq!(destroy(&with_prior(plan(&[read]), &prior)).says(RULE), ["fail"]);
}

#[test]
fn passes_when_every_managed_object_is_deleted_or_forgotten() {
    let old = put(deleted("aws_s3_bucket.lists", bucket()), "/deposed", json!("130256c0"));
    let read = change("data.aws_caller_identity.me", &["read"], Value::Null, json!({}), json!({}));
    for changes in [
        vec![deleted("aws_s3_bucket.lists", bucket())],
        vec![deleted("aws_s3_bucket.lists", bucket()), old.clone()],
        vec![old],
        vec![forgotten("aws_guardduty_detector.this", detector())],
        vec![forgotten("aws_guardduty_detector.this", detector()), deleted("aws_s3_bucket.lists", bucket())],
        vec![deleted("aws_vpc.main", json!({ "id": "vpc-1" })), deleted("random_id.suffix", json!({ "id": "a" }))],
        vec![read, deleted("aws_s3_bucket.lists", bucket())],
    ] {
        let document = plan(&changes);
        assert_eq!(destroy(&document).tally(RULE), (1, 0, 0, 0), "{document}");
        // As Terraform writes it when nothing is left.
        let document = put(document, "/planned_values", json!({ "root_module": {} }));
        assert_eq!(destroy(&document).tally(RULE), (1, 0, 0, 0), "{document}");
    }
}

#[test]
fn forgotten_objects_are_planned_all_the_same() {
    // Terraform 1.11 lists them in `planned_values`.
    let changes = [forgotten("aws_guardduty_detector.this", detector()), deleted("aws_s3_bucket.lists", bucket())];
    let planned = [shown("aws_guardduty_detector.this", detector(), &[])];
    assert_eq!(destroy(&with_planned(plan(&changes), &planned)).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn data_objects_that_are_planned_make_no_ordinary_plan() {
    let planned = [shown("data.aws_caller_identity.me", json!({ "account_id": "123456789012" }), &[])];
    let document = with_planned(plan(&[deleted("aws_s3_bucket.lists", bucket())]), &planned);
    assert_eq!(destroy(&document).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn removed_blocks_that_destroy_everything_make_a_destroy_plan() {
    let item = |address: &str, before: Value| {
        put(deleted(address, before), "/action_reason", json!("delete_because_no_resource_config"))
    };
    let document = plan(&[item("aws_guardduty_detector.this", detector()), item("aws_s3_bucket.lists", bucket())]);
    assert_eq!(destroy(&document).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_plan_without_managed_objects_is_the_destroy_plan_of_an_empty_state() {
    assert_eq!(destroy(&plan(&[])).tally(RULE), (1, 0, 0, 0));
    let prior = [shown("data.aws_caller_identity.me", json!({ "account_id": "123456789012" }), &[])];
    assert_eq!(destroy(&with_prior(plan(&[]), &prior)).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_targeted_destroy_plan_is_a_destroy_plan() {
    let prior = [shown("aws_guardduty_detector.this", detector(), &[]), shown("aws_s3_bucket.lists", bucket(), &[])];
    let targeted = with_prior(plan(&[deleted("aws_s3_bucket.lists", bucket())]), &prior);
    let targeted = put(put(targeted, "/complete", json!(false)), "/planned_values", json!({ "root_module": {} }));
    assert_eq!(destroy(&targeted).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn states_are_no_subject() {
    let resource = inside("module.lists", resource("aws_s3_bucket.lists", bucket()));
    assert_eq!(destroy(&state(&[resource])).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn labels_the_first_change_that_is_no_delete_and_counts_them_all() {
    let document = plan(&[
        deleted("aws_s3_bucket.lists", bucket()),
        created("aws_guardduty_detector.this", json!({ "enable": true }), &["id"]),
        unchanged("aws_sns_topic.findings", json!({ "id": "t" })),
        unchanged("aws_sns_topic.other", json!({ "id": "o" })),
    ]);
    let places = destroy(&document).places(RULE);
    assert_eq!(places[0], "/resource_changes/1/change/actions");
    let texts = destroy(&document).texts(RULE).join("\n").replace("× ", "");
    for words in ["1 delete", "1 create", "2 no-op"] {
        assert!(texts.contains(words), "{words}: {texts}");
    }
}

#[test]
fn helps_with_the_commands_that_make_a_destroy_plan() {
    let document = plan(&[created("aws_guardduty_detector.this", json!({ "enable": true }), &["id"])]);
    let help = destroy(&document).finding(RULE).help;
    assert!(help.contains("plan -destroy"), "{help}");
    assert!(help.contains("show -json"), "{help}");
}

#[test]
fn every_other_destroy_rule_keeps_quiet_about_that_input() {
    let protected = |name: &str| {
        let arn = format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/{name}/1");
        json!({ "id": arn, "arn": arn, "name": name, "enable_deletion_protection": true })
    };
    let key = json!({ "id": "k", "arn": "arn:aws:kms:eu-west-1:123456789012:key/k" });
    let prior = [shown("aws_s3_bucket.lists", bucket(), &[]), shown("aws_lb.a", protected("a"), &[])];
    let document = plan(&[
        deleted("aws_lb.a", protected("a")),
        deleted("aws_kms_key.lists", key),
        created("aws_guardduty_detector.this", json!({ "enable": true }), &["id"]),
    ]);
    let document = put(put(with_prior(document, &prior), "/errored", json!(true)), "/complete", json!(false));
    // The other inputs of the run are judged.
    let other = || other_stack(state(&[resource("aws_lb.b", protected("b"))]));
    let run = || destroy(&document).and("b/input.json", &other());
    assert_eq!(run().says(RULE), ["fail"]);
    assert_eq!(run().says("destroy-protected"), ["fail aws_lb.b"]);
    let report = run().report();
    let rules: Vec<&str> =
        report.findings.iter().filter(|finding| finding.anchor.input == 0).map(|finding| finding.rule.id).collect();
    assert_eq!(rules, [RULE]);
}

#[test]
fn an_ordinary_plan_that_a_walk_found_is_left_out_with_a_note() {
    let ordinary = plan(&[created("aws_guardduty_detector.this", json!({ "enable": true }), &["id"])]);
    let run = || {
        let going = destroy_plan(&[("aws_s3_bucket.lists", bucket())]);
        destroy(&ordinary).and("b/input.json", &going).found_by_a_walk()
    };
    assert_eq!(run().says(RULE), Vec::<String>::new());
    let report = run().report();
    assert_eq!(report.inputs[0].role, InputRole::LeftOut);
    assert!(report.notes.iter().any(|note| note.path.as_deref() == Some("a/input.json")), "{:?}", report.notes);
}

#[test]
fn points_at_the_actions_of_the_first_change_that_does_not_go() {
    let document =
        plan(&[deleted("aws_s3_bucket.lists", bucket()), unchanged("aws_guardduty_detector.this", detector())]);
    let finding = destroy(&document).finding(RULE);
    assert_eq!(pointed_at(&finding, &document), ("/resource_changes/1/change/actions".into(), "[\"no-op\"]".into()));
    assert_eq!(finding.anchor.object, finding.anchor.span);
}
