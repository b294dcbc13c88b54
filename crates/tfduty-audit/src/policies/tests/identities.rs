//! Holes that are exactly one attribute.

use serde_json::{Value, json};

use super::{super::policy_of, KnownPolicy, PolicyText, object};
use crate::{
    estate::Estate,
    policies::{bucket_thing, thing},
    testing::{block, change, check, created, plan_of, put, with_prior},
};
use tfduty_aws::policy::{Holes as _, Identity, Statement};

const ROLE: &str =
    "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";

/// What the texts of a policy are that are each one hole: the policy lists these expressions.
fn identities(changes: &[Value], expressions: &[&str]) -> (Estate, Vec<Identity>) {
    let policy = "aws_s3_bucket_policy.p";
    let mut all = vec![created(policy, json!({ "bucket": "b" }), &["policy"])];
    all.extend_from_slice(changes);
    let hcl = format!(
        r#"resource "aws_s3_bucket_policy" "p" {{
          bucket = "b"
          policy = jsonencode({{ Statement = {{ Effect = "Allow", Principal = "*", Action = "*", Resource = [{}] }} }})
        }}"#,
        expressions.join(", ")
    );
    let mut document = plan_of(&all, &[block(policy, json!({}))]);
    document = put(document, "/configuration/root_module/resources/0/expressions/policy", json!({ "references": [] }));
    let estate = check(&document).with_sources(&[("", &hcl)]).estate();
    let PolicyText::Known(known) = policy_of(&estate, object(&estate, policy), "policy") else { panic!() };
    let found = holes(&known);
    (estate, found)
}

fn holes(known: &KnownPolicy) -> Vec<Identity> {
    let texts = known.document().statements().iter().flat_map(Statement::texts);
    texts.flat_map(|(_, value)| value.text.holes()).map(|hole| known.identity(hole)).collect()
}

#[test]
fn types_say_what_an_attribute_is() {
    for (expression, identity) in [
        ("aws_iam_role.r.arn", Identity::OtherIdentity),
        ("aws_iam_user.u[0].arn", Identity::OtherIdentity),
        ("data.aws_iam_user.u.arn", Identity::OtherIdentity),
        ("aws_iam_group.g.arn", Identity::OtherIdentity),
        ("aws_iam_role.r.unique_id", Identity::OtherIdentityId),
        ("aws_iam_role.r.name", Identity::Unknown),
        ("aws_vpc_endpoint.e.id", Identity::OwnNetwork),
        ("data.aws_vpc.v.id", Identity::OwnNetwork),
        ("aws_vpc.v.arn", Identity::OwnNetwork),
        ("aws_vpc.v.cidr_block", Identity::Unknown),
        ("data.aws_iam_role.r.arn", Identity::Unknown),
        ("aws_sns_topic.t.arn", Identity::Unknown),
        ("var.arn", Identity::Unknown),
        ("uuid()", Identity::Unknown),
        ("aws_iam_role.r.arn[0]", Identity::Unknown),
    ] {
        assert_eq!(identities(&[], &[expression]).1, [identity], "{expression}");
    }
}

#[test]
fn the_service_linked_role_is_guarddutys_where_it_is_made_for_guardduty() {
    let role = |name: &str, service: &str| {
        created(
            &format!("aws_iam_service_linked_role.{name}"),
            json!({ "aws_service_name": service }),
            &["arn", "unique_id"],
        )
    };
    let roles = [
        role("own", "guardduty.amazonaws.com"),
        role("other", "malware-protection.guardduty.amazonaws.com"),
        created("aws_iam_service_linked_role.any", json!({}), &["arn", "aws_service_name"]),
    ];
    let arns = ["own.arn", "other.arn", "any.arn", "own.unique_id", "other.unique_id"];
    let expressions = arns.map(|arn| format!("aws_iam_service_linked_role.{arn}"));
    let (_, found) = identities(&roles, &expressions.each_ref().map(String::as_str));
    assert_eq!(
        found,
        [Identity::Role, Identity::OtherIdentity, Identity::Unknown, Identity::Unknown, Identity::OtherIdentityId]
    );
    let data = |name: &str| {
        change("data.aws_iam_role.r", &["read"], Value::Null, json!({ "name": name }), json!({ "arn": true }))
    };
    let reads = |name: &str| identities(&[data(name)], &["data.aws_iam_role.r.arn"]).1;
    assert_eq!(reads("AWSServiceRoleForAmazonGuardDuty"), [Identity::Role]);
    assert_eq!(reads("other"), [Identity::OtherIdentity]);
}

#[test]
fn the_role_of_a_known_account_is_its_arn() {
    let role =
        created("aws_iam_service_linked_role.own", json!({ "aws_service_name": "guardduty.amazonaws.com" }), &["arn"]);
    let policy = "aws_s3_bucket_policy.p";
    let document = plan_of(
        &[created(policy, json!({ "bucket": "b" }), &["policy"]), role],
        &[
            put(
                block(policy, json!({})),
                "/expressions/policy",
                json!({ "references": ["aws_iam_service_linked_role.own.arn"] }),
            ),
            block("aws_iam_service_linked_role.own", json!({})),
            block("data.aws_caller_identity.me", json!({})),
        ],
    );
    let document = with_prior(document, &[("data.aws_caller_identity.me", json!({ "account_id": "123456789012" }))]);
    let hcl = r#"resource "aws_s3_bucket_policy" "p" {
      policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = aws_iam_service_linked_role.own.arn }, Action = "*", Resource = "*" }] })
    }"#;
    let estate = check(&document).with_sources(&[("", hcl)]).estate();
    let PolicyText::Known(known) = policy_of(&estate, object(&estate, policy), "policy") else { panic!() };
    assert_eq!(holes(&known), [Identity::Text(ROLE.into())]);
}

#[test]
fn buckets_are_numbered_apart() {
    let bucket = |name: &str| created(&format!("aws_s3_bucket.{name}"), json!({}), &["id", "arn", "bucket", "region"]);
    let expressions = ["aws_s3_bucket.b.arn", "aws_s3_bucket.b.id", "aws_s3_bucket.c.bucket", "aws_s3_bucket.b.region"];
    let (estate, found) = identities(&[bucket("b"), bucket("c")], &expressions);
    let number = |name: &str| bucket_thing(object(&estate, name));
    assert_ne!(number("aws_s3_bucket.b"), number("aws_s3_bucket.c"));
    assert_eq!(
        found,
        [
            Identity::BucketArn(number("aws_s3_bucket.b")),
            Identity::BucketName(number("aws_s3_bucket.b")),
            Identity::BucketName(number("aws_s3_bucket.c")),
            Identity::Unknown,
        ]
    );
}

#[test]
fn a_bucket_that_is_shown_twice_is_known_by_its_name() {
    let bucket = created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn"]);
    let read = change(
        "data.aws_s3_bucket.b",
        &["read"],
        Value::Null,
        json!({ "bucket": "lists" }),
        json!({ "id": true, "arn": true }),
    );
    let (_, found) = identities(&[bucket, read], &["aws_s3_bucket.b.arn", "data.aws_s3_bucket.b.id"]);
    assert_eq!(found, [Identity::Text("arn:aws:s3:::lists".into()), Identity::Text("lists".into())]);
    let read = change("data.aws_s3_bucket.b", &["read"], Value::Null, json!({}), json!({ "bucket": true, "id": true }));
    let (estate, found) = identities(&[read], &["data.aws_s3_bucket.b.id"]);
    assert_eq!(found, [Identity::Same(thing(object(&estate, "data.aws_s3_bucket.b"), "id"))]);
}

#[test]
fn other_attributes_are_the_same_as_themselves() {
    let changes = [
        created("aws_sns_topic.t", json!({}), &["id", "arn", "policy"]),
        created("aws_kms_key.k", json!({}), &["id", "arn", "key_id"]),
        created("aws_guardduty_detector.d", json!({}), &["id", "arn"]),
    ];
    let expressions =
        ["aws_sns_topic.t.id", "aws_kms_key.k.id", "aws_guardduty_detector.d.id", "aws_sns_topic.t.policy"];
    let (estate, found) = identities(&changes, &expressions);
    let number = |address: &str, attribute| Identity::Same(thing(object(&estate, address), attribute));
    assert_eq!(
        found,
        [
            number("aws_sns_topic.t", "arn"),
            number("aws_kms_key.k", "key_id"),
            number("aws_guardduty_detector.d", "id"),
            Identity::Unknown
        ]
    );
}

#[test]
fn what_a_data_source_will_say_of_its_place_may_be_known() {
    let read = |address: &str, unknown: Value| change(address, &["read"], Value::Null, json!({}), unknown);
    let changes = [
        read("data.aws_caller_identity.late", json!({ "account_id": true })),
        read("data.aws_partition.late", json!({ "partition": true })),
    ];
    let expressions = ["data.aws_caller_identity.late.account_id", "data.aws_partition.late.partition"];
    let (estate, found) = identities(&changes, &expressions);
    let late = object(&estate, "data.aws_caller_identity.late");
    assert_eq!(found[0], Identity::Same(thing(late, "account_id")));
    assert_eq!(found[1], Identity::Unknown);
}
