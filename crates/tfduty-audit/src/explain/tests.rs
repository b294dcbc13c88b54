use serde_json::{Value, json};

use crate::testing::{Run, check, detector_in, lists::object_at, lists::set_at, lists::with, put, resource, state};

/// A list in a bucket with this policy, as a state of the detector's account has it.
fn with_policy(policy: &Value) -> Value {
    let policy = json!({ "bucket": "b", "policy": policy.to_string() });
    state(&[
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
        resource("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "region": "eu-west-1" })),
        resource("aws_s3_object.o", object_at("b", "k")),
        resource("aws_s3_bucket_policy.p", policy),
        resource("aws_guardduty_ipset.t", with(set_at("s3://b/k"), json!({ "name": "t" }))),
    ])
}

/// A state in which the policy is marked sensitive.
fn sensitive(state: Value) -> Value {
    let path = json!([[{ "type": "get_attr", "value": "policy" }]]);
    put(state, "/resources/3/instances/0/sensitive_attributes", path)
}

fn deny(others: Value) -> Value {
    let statement = json!({ "Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" });
    json!({ "Version": "2012-10-17", "Statement": [with(statement, others)] })
}

fn message(run: Run) -> String {
    run.finding("list-read-denied").message
}

#[test]
fn a_deny_is_named_with_what_does_not_exempt_the_role() {
    for (others, expected) in [
        (
            json!({ "Condition": { "StringNotEquals": { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/x" } } }),
            "GuardDuty's role cannot read aws_s3_object.o: statement `Own` (`Statement[0]`, counted from 0) of \
             aws_s3_bucket_policy.p denies it `s3:GetObject` by `StringNotEquals` on `aws:PrincipalArn`",
        ),
        (
            json!({ "Sid": "" }),
            "GuardDuty's role cannot read aws_s3_object.o: a statement (`Statement[0]`, counted from 0) of \
             aws_s3_bucket_policy.p denies it `s3:GetObject` by `Principal`",
        ),
        (
            json!({ "Condition": {
                "StringNotEquals": { "aws:PrincipalTag/team": "x" }, "Bool": { "aws:SecureTransport": "true" },
            } }),
            "GuardDuty's role cannot read aws_s3_object.o: statement `Own` (`Statement[0]`, counted from 0) of \
             aws_s3_bucket_policy.p denies it `s3:GetObject` by `Bool` on `aws:SecureTransport` and `StringNotEquals` on \
             `aws:PrincipalTag/team`",
        ),
    ] {
        assert_eq!(message(check(&with_policy(&deny(others)))), expected);
    }
}

#[test]
fn of_a_sensitive_policy_only_the_place_is_shown() {
    let condition = json!({ "Condition": { "StringNotEquals": { "aws:PrincipalTag/secret": "x" } } });
    let finding = check(&sensitive(with_policy(&deny(condition)))).finding("list-read-denied");
    assert_eq!(
        finding.message,
        "GuardDuty's role cannot read aws_s3_object.o: a statement (`Statement[0]`, counted from 0) of \
         aws_s3_bucket_policy.p denies it `s3:GetObject`"
    );
    assert!(finding.anchor.sensitive);

    let open = json!({ "Condition": { "StringEquals": { "aws:secret": "x" } } });
    let finding = check(&sensitive(with_policy(&deny(open)))).finding("list-read-denied");
    assert!(!format!("{finding:?}").contains("secret"), "{finding:?}");
    assert!(finding.message.contains("`Statement[0]`"), "{}", finding.message);

    let faulty = json!({ "Effect": "Refuse", "Secret": 1 });
    let finding = check(&sensitive(with_policy(&deny(faulty)))).finding("list-read-denied");
    assert!(!format!("{finding:?}").to_lowercase().contains("secret"), "{finding:?}");
}

#[test]
fn what_decides_is_named_where_it_is_not_known() {
    let open = json!({ "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } } });
    let said = message(check(&with_policy(&deny(open))));
    assert!(
        said.starts_with(
            "whether GuardDuty's role can read the list is not known: aws_s3_bucket_policy.p has statement `Own` \
             (`Statement[0]`, counted from 0) in which `StringNotEquals` on `aws:PrincipalOrgID` decides; "
        ),
        "{said}"
    );
}

#[test]
fn faults_of_a_policy_are_told_and_shown() {
    let finding = check(&with_policy(&deny(json!({ "Effect": "Refuse" })))).finding("list-read-denied");
    assert!(finding.message.contains("`Effect` decides: `Effect` is neither Allow nor Deny"), "{}", finding.message);
    assert!(finding.related.iter().any(|related| related.message == "`Effect` is neither Allow nor Deny"));

    let finding = check(&with_policy(&json!({ "Version": "2012-10-17" }))).finding("list-read-denied");
    assert!(finding.message.contains("cannot be read: the policy has no statement"), "{}", finding.message);
}

#[test]
fn the_place_of_a_finding_is_that_of_the_policy() {
    let finding = check(&with_policy(&deny(json!({})))).finding("list-read-denied");
    assert_eq!(finding.address.as_deref(), Some("aws_s3_object.o"));
    assert_eq!(finding.holder.as_deref(), Some("aws_s3_bucket_policy.p"));
    assert_eq!(finding.anchor.pointer, "/resources/3/instances/0/attributes/policy");
    assert!(finding.anchor.inner.is_some());
}
