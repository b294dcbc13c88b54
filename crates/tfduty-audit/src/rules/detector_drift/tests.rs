use serde_json::{Value, json};

use crate::{
    FindingVerdict,
    testing::{bystander, change, check, created, plan, put, resource, state, unchanged, with_drift, with_prior},
};

const RULE: &str = "detector-drift";
const DETECTOR: &str = "aws_guardduty_detector.this";
const FEATURE: &str = "aws_guardduty_detector_feature.rds";
const TRUSTED: &str = "aws_guardduty_ipset.t";
const THREAT: &str = "aws_guardduty_threatintelset.t";
const FILTER: &str = "aws_guardduty_filter.f";
const EXPORT: &str = "aws_guardduty_publishing_destination.p";
const LIST: &str = "aws_s3_object.list";
const POLICY: &str = "aws_s3_bucket_policy.lists";

fn drifted(address: &str, before: &Value, after: &Value) -> Value {
    change(address, &["update"], before.clone(), after.clone(), json!({}))
}

fn gone(address: &str, before: Value) -> Value {
    change(address, &["delete"], before, Value::Null, json!({}))
}

fn list() -> Value {
    json!({ "id": "t.txt", "bucket": "lists", "key": "t.txt", "etag": "1", "content": "192.0.2.1\n" })
}

fn policy() -> Value {
    json!({ "id": "lists", "bucket": "lists", "policy": "{}" })
}

/// A plan that changes nothing of what drifted; a set's location names `s3://lists/t.txt`.
fn leaving_alone(drift: &[Value]) -> Value {
    let set = json!({ "id": "12ab:set", "detector_id": "12ab", "location": "s3://lists/t.txt", "activate": true });
    let items = [unchanged("aws_guardduty_ipset.lists", set), unchanged(LIST, list()), unchanged(POLICY, policy())];
    with_drift(plan(&items), drift)
}

#[test]
fn fails_on_every_weakening() {
    let s3_logs = |on: bool| json!({ "datasources": [{ "s3_logs": [{ "enable": on }] }] });
    let one_object = |on: bool| json!({ "datasources": { "s3_logs": { "enable": on } } });
    let ebs = |on: bool| json!({ "datasources": [{ "malware_protection": [{ "scan_ec2_instance_with_findings": [{ "ebs_volumes": [{ "enable": on }] }] }] }] });
    let audit_logs = |on: bool| json!({ "datasources": [{ "kubernetes": [{ "audit_logs": [{ "enable": on }] }] }] });
    let criteria =
        |value: &str| json!({ "finding_criteria": [{ "criterion": [{ "field": "region", "equals": [value] }] }] });
    for (address, before, after) in [
        (DETECTOR, json!({ "enable": true }), json!({ "enable": false })),
        (DETECTOR, s3_logs(true), s3_logs(false)),
        (DETECTOR, one_object(true), one_object(false)),
        (DETECTOR, audit_logs(true), audit_logs(false)),
        (DETECTOR, ebs(true), ebs(false)),
        (FEATURE, json!({ "status": "ENABLED" }), json!({ "status": "DISABLED" })),
        (TRUSTED, json!({ "activate": true }), json!({ "activate": false })),
        (THREAT, json!({ "activate": true }), json!({ "activate": false })),
        (TRUSTED, json!({ "location": "s3://lists/t.txt" }), json!({ "location": "s3://other/t.txt" })),
        (THREAT, json!({ "location": "s3://lists/t.txt" }), json!({ "location": "s3://lists/u.txt" })),
        (FILTER, json!({ "action": "NOOP" }), json!({ "action": "ARCHIVE" })),
        (FILTER, criteria("eu-west-1"), criteria("us-east-1")),
        (EXPORT, json!({ "destination_arn": "arn:aws:s3:::a" }), json!({ "destination_arn": "arn:aws:s3:::b" })),
        (
            EXPORT,
            json!({ "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/a" }),
            json!({ "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/b" }),
        ),
        (LIST, list(), put(list(), "/etag", json!("2"))),
        (LIST, list(), put(list(), "/content", json!("198.51.100.1\n"))),
    ] {
        let document = leaving_alone(&[drifted(address, &before, &after)]);
        assert_eq!(check(&document).says(RULE), [format!("fail {address}")], "{before} {after}");
    }
}

#[test]
fn fails_on_every_deletion() {
    for address in [DETECTOR, FEATURE, TRUSTED, THREAT, FILTER, EXPORT] {
        let document = leaving_alone(&[gone(address, json!({ "id": "12ab" }))]);
        assert_eq!(check(&document).says(RULE), [format!("fail {address}")]);
    }
    for (address, values) in [(LIST, list()), (POLICY, policy())] {
        assert_eq!(check(&leaving_alone(&[gone(address, values)])).says(RULE), [format!("fail {address}")]);
    }
}

#[test]
fn a_deleted_list_fails_also_when_the_plan_makes_it_anew() {
    let set = json!({ "id": "12ab:set", "location": "https://s3.amazonaws.com/lists/t.txt", "activate": true });
    for name in ["aws_s3_object.list", "aws_s3_bucket_object.list", "aws_s3_object_copy.list"] {
        let anew = created(name, json!({ "bucket": "lists", "key": "t.txt" }), &["etag"]);
        for items in [vec![unchanged(TRUSTED, set.clone()), anew], vec![unchanged(TRUSTED, set.clone())]] {
            let document = with_drift(plan(&items), &[gone(name, list())]);
            assert_eq!(check(&document).says(RULE), [format!("fail {name}")], "{document}");
        }
    }
}

#[test]
fn passes_what_drifted_without_being_weakened() {
    for (address, before, after) in [
        (
            DETECTOR,
            json!({ "finding_publishing_frequency": "ONE_HOUR" }),
            json!({ "finding_publishing_frequency": "SIX_HOURS" }),
        ),
        (FILTER, json!({ "rank": 1, "action": "ARCHIVE" }), json!({ "rank": 2, "action": "NOOP" })),
        (TRUSTED, json!({ "name": "a" }), json!({ "name": "b" })),
        (LIST, list(), put(list(), "/storage_class", json!("GLACIER"))),
        (POLICY, policy(), put(policy(), "/policy", json!("{\"Statement\":[]}"))),
    ] {
        let document = leaving_alone(&[drifted(address, &before, &after)]);
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{before} {after}");
    }
}

#[test]
fn other_objects_are_no_subjects() {
    let other_list = put(list(), "/key", json!("other.txt"));
    let other_policy = put(policy(), "/bucket", json!("other"));
    for item in [
        gone("aws_s3_object.other", other_list),
        gone("aws_s3_bucket_policy.other", other_policy),
        gone("aws_guardduty_member.m", json!({ "id": "12ab:444455556666" })),
        gone("aws_s3_bucket.lists", json!({ "id": "lists", "bucket": "lists" })),
        gone("data.aws_guardduty_detector.this", json!({ "id": "12ab" })),
        put(gone(DETECTOR, json!({ "id": "12ab" })), "/deposed", json!("701a98cd")),
    ] {
        let document = leaving_alone(std::slice::from_ref(&item));
        assert_eq!(check(&document).tally(RULE), (0, 0, 0, 0), "{item}");
    }
    assert_eq!(check(&state(&[resource(DETECTOR, json!({ "enable": false }))])).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn never_undecided() {
    let unknown = change(DETECTOR, &["update"], json!({ "enable": true }), json!({}), json!({ "enable": true }));
    assert_eq!(check(&leaving_alone(&[unknown])).tally(RULE).2, 0);
}

#[test]
fn silent_for_differences_of_null_against_empty() {
    for (address, before, after) in [
        (DETECTOR, json!({ "tags": null }), json!({ "tags": {} })),
        (
            FILTER,
            json!({ "finding_criteria": null, "description": "" }),
            json!({ "finding_criteria": [], "description": null }),
        ),
        (
            FILTER,
            json!({ "finding_criteria": [{ "criterion": [{ "field": "region", "equals": null }] }] }),
            json!({ "finding_criteria": [{ "criterion": [{ "field": "region", "equals": [] }] }] }),
        ),
        (EXPORT, json!({ "kms_key_arn": "" }), json!({ "kms_key_arn": null })),
        (LIST, put(list(), "/metadata", Value::Null), put(list(), "/metadata", json!({}))),
        (LIST, put(list(), "/content", json!("")), put(list(), "/content", Value::Null)),
        (TRUSTED, json!({ "location": null }), json!({ "location": "" })),
    ] {
        let document = leaving_alone(&[drifted(address, &before, &after)]);
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{before} {after}");
    }
}

#[test]
fn silent_for_tags_and_tags_all() {
    let (before, after) = (json!({ "a": "1" }), json!({ "a": "2" }));
    for (address, values) in
        [(DETECTOR, json!({ "enable": true })), (TRUSTED, json!({ "activate": true })), (LIST, list())]
    {
        for name in ["/tags", "/tags_all"] {
            let item =
                drifted(address, &put(values.clone(), name, before.clone()), &put(values.clone(), name, after.clone()));
            assert_eq!(check(&leaving_alone(&[item])).tally(RULE), (1, 0, 0, 0), "{address} {name}");
        }
    }
}

#[test]
fn silent_for_drift_that_strengthens() {
    for (address, before, after) in [
        (DETECTOR, json!({ "enable": false }), json!({ "enable": true })),
        (
            DETECTOR,
            json!({ "datasources": [{ "s3_logs": [{ "enable": false }] }] }),
            json!({ "datasources": [{ "s3_logs": [{ "enable": true }] }] }),
        ),
        (FEATURE, json!({ "status": "DISABLED" }), json!({ "status": "ENABLED" })),
        (TRUSTED, json!({ "activate": false }), json!({ "activate": true })),
        (FILTER, json!({ "action": "ARCHIVE" }), json!({ "action": "NOOP" })),
    ] {
        let document = leaving_alone(&[drifted(address, &before, &after)]);
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{before} {after}");
    }
}

/// The message about a detector that was suspended, with what the plan does about it.
fn message_with(items: &[Value]) -> String {
    let suspended =
        drifted(DETECTOR, &json!({ "id": "12ab", "enable": true }), &json!({ "id": "12ab", "enable": false }));
    check(&with_drift(plan(items), &[suspended])).finding(RULE).message
}

#[test]
fn drift_that_ignore_changes_leaves_in_place_fails_too_and_the_message_says_so() {
    let message = message_with(&[
        unchanged(DETECTOR, json!({ "id": "12ab", "enable": false })),
        created("aws_s3_bucket.b", json!({}), &["id"]),
    ]);
    assert!(message.contains("this plan will not repair it"), "{message}");
}

#[test]
fn the_message_says_what_the_plan_will_do_about_it() {
    let (on, off) = (json!({ "id": "12ab", "enable": true }), json!({ "id": "12ab", "enable": false }));
    let repairs = change(DETECTOR, &["update"], off.clone(), on.clone(), json!({}));
    assert!(message_with(&[repairs]).contains("this plan sets it back"));
    let replaces = change(DETECTOR, &["delete", "create"], off.clone(), on.clone(), json!({ "id": true }));
    let message = message_with(&[replaces]);
    // What hangs on a replaced detector is another rule's, the detector's own drift is not.
    assert!(message.contains("this plan makes it anew"), "{message}");
    let refresh_only = with_prior(plan(&[]), &[(DETECTOR, off.clone())]);
    let refresh_only = check(&with_drift(refresh_only, &[drifted(DETECTOR, &on, &off)])).finding(RULE);
    assert!(refresh_only.message.contains("refresh-only"), "{}", refresh_only.message);
}

#[test]
fn the_message_on_an_inactive_list_names_both_causes() {
    let item = drifted(TRUSTED, &json!({ "activate": true }), &json!({ "activate": false }));
    let finding = check(&leaving_alone(&[item])).finding(RULE);
    assert!(finding.message.contains("deactivated") && finding.message.contains("ERROR"), "{}", finding.message);
    assert_eq!(finding.verdict, FindingVerdict::Fail);
}

#[test]
fn labels_show_the_drifted_attribute_and_what_the_plan_does() {
    let (on, off) = (json!({ "id": "12ab", "enable": true }), json!({ "id": "12ab", "enable": false }));
    let repairs = plan(&[change(DETECTOR, &["update"], off.clone(), on.clone(), json!({}))]);
    let finding = check(&with_drift(repairs, &[drifted(DETECTOR, &on, &off)])).finding(RULE);
    assert_eq!(finding.anchor.pointer, "/resource_drift/0/change/after/enable");
    assert_eq!(finding.related[0].anchor.pointer, "/resource_changes/0/change/after/enable");
    let anew = plan(&[created(DETECTOR, json!({ "enable": true }), &["id"])]);
    let finding = check(&with_drift(anew, &[gone(DETECTOR, on)])).finding(RULE);
    assert_eq!(finding.anchor.pointer, "/resource_drift/0/change/before");
    assert_eq!(finding.related[0].anchor.pointer, "/resource_changes/0/change/actions");
}

#[test]
fn drift_in_modules_is_told_by_the_full_address() {
    let address = "module.eu[\"a\"].aws_guardduty_detector.this[0]";
    let item = drifted(address, &json!({ "enable": true }), &json!({ "enable": false }));
    assert_eq!(check(&leaving_alone(&[item])).says(RULE), [format!("fail {address}")]);
}

#[test]
fn drift_of_a_plan_that_is_not_judged_is_not_reported() {
    let (on, off) = (json!({ "id": "12ab", "enable": true }), json!({ "id": "12ab", "enable": false }));
    let repairs = plan(&[change(DETECTOR, &["update"], off.clone(), on.clone(), json!({})), bystander()]);
    let repairs = with_drift(with_prior(repairs, &[(DETECTOR, off.clone())]), &[drifted(DETECTOR, &on, &off)]);
    let now = state(&[resource(DETECTOR, on.clone())]);
    assert_eq!(check(&repairs).and("a/now.json", &now).says(RULE), [format!("fail {DETECTOR}")]);
    let later = state(&[resource(DETECTOR, on.clone()), resource("aws_s3_bucket.b", json!({ "id": "b" }))]);
    assert_eq!(check(&repairs).and("a/later.json", &later).says(RULE), [""; 0]);
    let destroys = with_drift(plan(&[gone(DETECTOR, off.clone())]), &[drifted(DETECTOR, &on, &off)]);
    assert_eq!(check(&destroys).says(RULE), [""; 0]);
}
