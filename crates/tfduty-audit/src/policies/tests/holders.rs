//! Whose policy it is.

use serde_json::{Value, json};

use super::{of_bucket, of_key};
use crate::testing::{
    block, change, check, created,
    lists::{constant, refers},
    plan_of, resource, state, unchanged,
};

fn policy(sid: &str) -> String {
    json!({ "Statement": [{ "Sid": sid, "Effect": "Deny" }] }).to_string()
}

fn bucket() -> Value {
    resource("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "policy": policy("inline") }))
}

fn bucket_policy(name: &str, bucket: &str, sid: &str) -> Value {
    resource(&format!("aws_s3_bucket_policy.{name}"), json!({ "bucket": bucket, "policy": policy(sid) }))
}

#[test]
fn a_resource_of_its_own_comes_before_the_buckets_policy() {
    let says = |resources: &[Value]| of_bucket(check(&state(resources)), "aws_s3_bucket.b");
    assert_eq!(says(&[bucket(), bucket_policy("p", "b", "own")]), ["Deny own"]);
    assert_eq!(says(&[bucket(), bucket_policy("p", "other", "own")]), ["Deny inline"]);
    assert_eq!(says(&[resource("aws_s3_bucket.b", json!({ "bucket": "b", "policy": "" }))]), ["none"]);
}

#[test]
fn of_two_resources_the_last_one_applied_wins() {
    let says = |sid: &str| {
        let resources = [bucket(), bucket_policy("p", "b", "one"), bucket_policy("q", "b", sid)];
        of_bucket(check(&state(&resources)), "aws_s3_bucket.b")
    };
    assert_eq!(says("one"), ["Deny one"]);
    assert_eq!(
        says("other"),
        ["unknown: aws_s3_bucket_policy.p, aws_s3_bucket_policy.q all set it, and the last one applied wins"]
    );
}

#[test]
fn a_bucket_that_is_only_read_has_the_policy_that_is_read() {
    let bucket = resource("data.aws_s3_bucket.b", json!({ "id": "b", "bucket": "b" }));
    let read = resource("data.aws_s3_bucket_policy.p", json!({ "bucket": "b", "policy": policy("read") }));
    let says = |resources: &[Value]| of_bucket(check(&state(resources)), "data.aws_s3_bucket.b");
    assert_eq!(says(&[bucket.clone(), read]), ["Deny read"]);
    assert_eq!(
        says(std::slice::from_ref(&bucket)),
        ["unknown: only a data source shows the bucket, which does not say"]
    );
    assert_eq!(says(&[bucket, bucket_policy("p", "b", "own")]), ["Deny own"]);
}

/// A plan that makes a bucket and a policy; what it knows of the policy's bucket.
fn plan_with(bucket: Value, expressions: Value) -> Value {
    plan_of(
        &[
            created("aws_s3_bucket.b", json!({ "bucket_prefix": "b" }), &["id", "bucket", "arn", "policy"]),
            created("aws_s3_bucket.c", json!({ "bucket": "c" }), &["id", "arn", "policy"]),
            created("aws_s3_bucket_policy.p", bucket, &["bucket"]),
        ],
        &[
            block("aws_s3_bucket.b", json!({})),
            block("aws_s3_bucket.c", json!({})),
            block("aws_s3_bucket_policy.p", expressions),
        ],
    )
}

#[test]
fn a_policy_belongs_to_the_bucket_it_refers_to() {
    let document = |references: Value| plan_with(json!({ "policy": policy("own") }), json!({ "bucket": references }));
    let by_reference = || check(&document(refers(&["aws_s3_bucket.b.id"])));
    assert_eq!(of_bucket(by_reference(), "aws_s3_bucket.b"), ["Deny own"]);
    // The bucket's own policy is what refresh will find, and no policy yet.
    assert_eq!(of_bucket(by_reference(), "aws_s3_bucket.c"), ["none"]);
    let by_local = || check(&document(refers(&["local.bucket"])));
    let unknown = ["unknown: aws_s3_bucket_policy.p may set it, and what that is for is known only after apply"];
    assert_eq!(of_bucket(by_local(), "aws_s3_bucket.b"), unknown);
    assert_eq!(of_bucket(by_local(), "aws_s3_bucket.c"), unknown);
}

#[test]
fn what_a_going_resource_set_does_not_stay() {
    let own = json!({ "bucket": "b", "policy": policy("own") });
    let going = change("aws_s3_bucket_policy.p", &["delete"], own, Value::Null, json!({}));
    let bucket = unchanged("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "policy": policy("own") }));
    let document =
        |expressions: Value| plan_of(&[bucket.clone(), going.clone()], &[block("aws_s3_bucket.b", expressions)]);
    assert_eq!(of_bucket(check(&document(json!({}))), "aws_s3_bucket.b"), ["none"]);
    let set = document(json!({ "policy": constant(json!(policy("own"))) }));
    assert_eq!(of_bucket(check(&set), "aws_s3_bucket.b"), ["Deny own"]);
}

#[test]
fn a_key_has_the_policy_of_a_resource_or_its_own() {
    let arn = "arn:aws:kms:eu-west-1:123456789012:key/k";
    let key = resource("aws_kms_key.k", json!({ "id": "k", "key_id": "k", "arn": arn, "policy": policy("inline") }));
    let by = |key_id: &str| resource("aws_kms_key_policy.p", json!({ "key_id": key_id, "policy": policy("own") }));
    let says = |resources: &[Value]| of_key(check(&state(resources)), "aws_kms_key.k");
    assert_eq!(says(std::slice::from_ref(&key)), ["Deny inline"]);
    assert_eq!(says(&[key.clone(), by("k")]), ["Deny own"]);
    assert_eq!(says(&[key.clone(), by(arn)]), ["Deny own"]);
    assert_eq!(says(&[key, by("other")]), ["Deny inline"]);
    let planned = |expressions: Value| {
        let changes = [
            created("aws_kms_key.k", json!({}), &["id", "key_id", "arn", "policy"]),
            created("aws_kms_key_policy.p", json!({ "policy": policy("own") }), &["key_id"]),
        ];
        check(&plan_of(&changes, &[block("aws_kms_key.k", json!({})), block("aws_kms_key_policy.p", expressions)]))
    };
    assert_eq!(of_key(planned(json!({ "key_id": refers(&["aws_kms_key.k.key_id"]) })), "aws_kms_key.k"), ["Deny own"]);
    let alone = plan_of(&[created("aws_kms_key.k", json!({}), &["policy"])], &[block("aws_kms_key.k", json!({}))]);
    assert_eq!(of_key(check(&alone), "aws_kms_key.k"), ["none"]);
}

#[test]
fn replicas_of_a_key_have_policies_of_their_own() {
    let key = |kind: &str, region: &str| {
        let arn = format!("arn:aws:kms:{region}:123456789012:key/mrk-1");
        resource(kind, json!({ "id": "mrk-1", "key_id": "mrk-1", "arn": arn, "policy": policy("inline") }))
    };
    let own = json!({ "key_id": "arn:aws:kms:us-east-1:123456789012:key/mrk-1", "policy": policy("own") });
    let document = state(&[
        key("aws_kms_key.k", "eu-west-1"),
        key("aws_kms_replica_key.r", "us-east-1"),
        resource("aws_kms_key_policy.p", own),
    ]);
    assert_eq!(of_key(check(&document), "aws_kms_replica_key.r"), ["Deny own"]);
    assert_eq!(of_key(check(&document), "aws_kms_key.k"), ["Deny inline"]);
}
