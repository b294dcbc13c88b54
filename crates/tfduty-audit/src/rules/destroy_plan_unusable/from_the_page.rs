//! What the page of the rule promises, sentence by sentence.

use serde_json::{Value, json};

use crate::{
    Ignore, Severity,
    testing::{
        Run, created, deleted, destroy, destroy_plan,
        lists::{inside, shown, with_prior},
        plan, put, resource, state,
    },
};

const RULE: &str = "destroy-plan-unusable";

fn bucket() -> Value {
    json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists", "force_destroy": true })
}

fn detector() -> Value {
    json!({ "id": "64d0a12b29217b668ba82a606e848eb9", "account_id": "123456789012", "enable": true })
}

/// A plan that deletes all that its prior state holds, with these keys at its top.
fn going(keys: &Value) -> Value {
    let prior = [shown("aws_s3_bucket.lists", bucket(), &[])];
    flagged(with_prior(destroy_plan(&[("aws_s3_bucket.lists", bucket())]), &prior), keys)
}

fn flagged(plan: Value, keys: &Value) -> Value {
    let keys = keys.as_object().unwrap().iter();
    keys.fold(plan, |plan, (name, value)| put(plan, &format!("/{name}"), value.clone()))
}

fn deferred(reason: &str, address: &str) -> Value {
    json!({ "reason": reason, "resource_change": deleted(address, json!({ "id": "a" })) })
}

#[test]
fn fails_when_planning_failed_or_nothing_can_be_applied() {
    for (keys, fails) in [
        // As Terraform 1.11 writes it after `prevent_destroy` stopped the planning.
        (json!({ "errored": true, "applyable": false, "complete": false }), true),
        (json!({ "errored": true, "applyable": true, "complete": true }), true),
        (json!({ "errored": true }), true),
        (json!({ "errored": false, "applyable": false, "complete": true }), true),
        (json!({ "applyable": false }), true),
        (json!({ "errored": false, "applyable": true, "complete": true }), false),
        (json!({ "errored": false }), false),
        // Terraform before 1.6, OpenTofu.
        (json!({}), false),
        // That the plan is not complete is another rule's business.
        (json!({ "errored": false, "applyable": true, "complete": false }), false),
        (json!({ "errored": false, "applyable": true, "complete": true, "deferred_changes": [] }), false),
    ] {
        let expected: &[&str] = if fails { &["fail"] } else { &[] };
        assert_eq!(destroy(&going(&keys)).says(RULE), expected, "{keys}");
        let tally = if fails { (0, 1, 0, 0) } else { (1, 0, 0, 0) };
        assert_eq!(destroy(&going(&keys)).tally(RULE), tally, "{keys}");
    }
}

#[test]
fn fails_when_changes_are_deferred_and_names_them() {
    let keys = json!({
        "errored": false, "applyable": true, "complete": false,
        "deferred_changes": [
            deferred("provider_config_unknown", "aws_guardduty_ipset.trusted"),
            deferred("deferred_prereq", "module.lists[\"eu\"].aws_s3_bucket.this"),
        ],
    });
    assert_eq!(destroy(&going(&keys)).says(RULE), ["fail"]);
    // Terraform's word for the reason, or the same in plain words.
    let texts =
        destroy(&going(&keys)).texts(RULE).join("\n").replace("provider_config_unknown", "provider config unknown");
    for words in ["provider config unknown", "aws_guardduty_ipset.trusted", "module.lists[\"eu\"].aws_s3_bucket.this"] {
        assert!(texts.contains(words), "{words}: {texts}");
    }
}

#[test]
fn a_plan_that_only_forgets_has_changes() {
    let forgotten = put(deleted("aws_s3_bucket.lists", bucket()), "/change/actions", json!(["forget"]));
    let document = flagged(plan(&[forgotten]), &json!({ "applyable": false }));
    assert_eq!(destroy(&document).says(RULE), ["fail"]);
}

#[test]
fn is_silent_when_there_is_nothing_to_do() {
    let keys = json!({ "errored": false, "applyable": false, "complete": true });
    let data = [shown("data.aws_caller_identity.me", json!({ "account_id": "123456789012" }), &[])];
    for document in [plan(&[]), with_prior(plan(&[]), &[]), with_prior(plan(&[]), &data)] {
        assert_eq!(destroy(&flagged(document.clone(), &keys)).tally(RULE), (1, 0, 0, 0), "{document}");
    }
}

#[test]
fn a_failed_plan_fails_though_it_shows_nothing() {
    // Planning may fail before the first object.
    let document = flagged(plan(&[]), &json!({ "errored": true, "applyable": false, "complete": false }));
    assert_eq!(destroy(&document).says(RULE), ["fail"]);
}

#[test]
fn states_are_no_subject() {
    let resource = inside("module.lists", resource("aws_s3_bucket.lists", bucket()));
    assert_eq!(destroy(&state(&[resource])).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn labels_the_flags() {
    let keys = json!({ "errored": true, "applyable": false, "complete": false });
    let places = destroy(&going(&keys)).places(RULE);
    assert_eq!(places[0], "/errored");
    assert!(places.contains(&"/applyable".to_owned()), "{places:?}");
    let places = destroy(&going(&json!({ "errored": false, "applyable": false }))).places(RULE);
    assert_eq!(places[0], "/applyable");
}

#[test]
fn says_that_the_deletes_it_shows_are_void() {
    let finding = destroy(&going(&json!({ "errored": true, "applyable": false }))).finding(RULE);
    assert!(finding.help.contains("plan -destroy"), "{}", finding.help);
}

#[test]
fn every_plan_of_the_run_is_judged_by_itself() {
    let other = destroy_plan(&[("aws_sns_topic.findings", json!({ "id": "t" }))]);
    let run = destroy(&going(&json!({ "errored": true }))).and("b/input.json", &other);
    assert_eq!(run.tally(RULE), (1, 1, 0, 0));
}

#[test]
fn explains_why_a_plan_is_incomplete() {
    // The detector is missing because planning failed: said once, for the whole input.
    let prior = |plan: Value| {
        let objects =
            [shown("aws_guardduty_detector.this", detector(), &[]), shown("aws_s3_bucket.lists", bucket(), &[])];
        with_prior(plan, &objects)
    };
    let broken = flagged(
        prior(destroy_plan(&[("aws_s3_bucket.lists", bucket())])),
        &json!({ "errored": true, "applyable": false, "complete": false }),
    );
    assert_eq!(destroy(&broken).says(RULE), ["fail"]);
    assert_eq!(destroy(&broken).says("destroy-plan-incomplete"), Vec::<String>::new());
    // Where nothing is missing, `complete` is explained as well.
    let keys = json!({ "errored": true, "applyable": false, "complete": false });
    assert_eq!(destroy(&going(&keys)).says("destroy-plan-incomplete"), Vec::<String>::new());
    // What another plan leaves out is told.
    let topic = json!({ "id": "t", "arn": "arn:aws:sns:eu-west-1:123456789012:t" });
    let targeted =
        with_prior(destroy_plan(&[("aws_sns_topic.a", topic)]), &[shown("aws_sns_topic.b", json!({ "id": "b" }), &[])]);
    let run = destroy(&broken).and("b/input.json", &targeted);
    assert_eq!(run.says("destroy-plan-incomplete"), ["fail aws_sns_topic.b"]);
}

#[test]
fn is_explained_by_the_wrong_kind_of_plan() {
    let document = plan(&[
        deleted("aws_s3_bucket.lists", bucket()),
        created("aws_guardduty_detector.this", json!({ "enable": true }), &["id"]),
    ]);
    let document = flagged(document, &json!({ "errored": true, "applyable": false }));
    assert_eq!(destroy(&document).says(RULE), Vec::<String>::new());
    assert_eq!(destroy(&document).says("destroy-plan-wrong-kind"), ["fail"]);
}

/// A run of a plan with these flags, whose bucket has `prevent_destroy`.
fn prevented(flags: &Value) -> Run {
    const SOURCES: &str = "resource \"aws_s3_bucket\" \"lists\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n";
    destroy(&going(flags)).with_sources(&[("", SOURCES)])
}

#[test]
fn where_prevent_destroy_stopped_the_planning_that_is_told_alone() {
    let run = || prevented(&json!({ "errored": true, "applyable": false, "complete": false }));
    assert_eq!(run().says("destroy-prevented"), ["fail aws_s3_bucket.lists"]);
    assert_eq!(run().tally(RULE), (0, 0, 0, 1));
    // The plan proves no less nothing for that.
    let report = run().report();
    assert_eq!(
        report.destroy.map(|summary| (summary.void, summary.deletes)),
        Some((vec!["a/input.json".into()], vec![]))
    );
    assert_eq!(report.summary.error, 1);
    // What is ignored explains nothing: a plan that failed is never passed over.
    let ignored = run().with(|settings| {
        settings.ignores.push(Ignore {
            rule: "destroy-prevented".into(),
            address: Some("*".into()),
            reason: "kept".into(),
            ..Ignore::default()
        });
    });
    assert_eq!(ignored.says(RULE), ["fail"]);
    let lowered = run().with(|settings| settings.severities.push(("destroy-prevented".into(), Some(Severity::Advice))));
    assert_eq!(lowered.says(RULE), ["fail"]);
    // The planning of another plan failed of something else.
    let other = || flagged(destroy_plan(&[("aws_sns_topic.t", json!({ "id": "t" }))]), &json!({ "errored": true }));
    assert_eq!(run().and("b/input.json", &other()).tally(RULE), (0, 1, 0, 1));
}

#[test]
fn what_is_put_off_is_told_beside_prevent_destroy() {
    let put_off = deferred("resource_config_unknown", "aws_sns_topic.t");
    assert_eq!(prevented(&json!({ "deferred_changes": [put_off] })).says(RULE), ["fail"]);
}

#[test]
fn names_the_objects_that_probably_stopped_the_planning() {
    let run = prevented(&json!({ "errored": true, "applyable": false, "complete": false }));
    let finding = run.with(|settings| settings.skip = vec!["destroy-prevented".into()]).finding(RULE);
    let labelled: Vec<_> = finding.related.iter().filter_map(|related| related.address.as_deref()).collect();
    assert_eq!(labelled, ["aws_s3_bucket.lists"]);
}
