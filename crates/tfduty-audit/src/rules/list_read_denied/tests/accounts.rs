//! Buckets of other accounts, and accounts that are not known.

use serde_json::{Value, json};

use super::{
    A, ADMIN, FAIL, OBJECT, PASS, ROLE, RULE, SET, UNDECIDED, allow, bucket, bucket_policy, deny, detector_in,
    object_at, other_stack, planned, resource, set_at, state, text, verdict,
};
use crate::testing::{aliased, block_under, check, lists::constant, put, with_provider};

/// The account of the bucket.
const B: &str = "222222222222";

/// A detector in one account and a bucket in another one, by the caller of each provider; `more` stands beside them.
fn stored_across(more: &[Value]) -> Value {
    let mut resources = vec![
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        resource(SET, set_at("s3://lists/k.txt")),
        aliased("store", "data.aws_caller_identity.store", json!({ "id": B, "account_id": B })),
        aliased("store", "aws_s3_bucket.b", bucket()),
        aliased("store", OBJECT, object_at("lists", "k.txt")),
    ];
    resources.extend_from_slice(more);
    state(&resources)
}

/// A plan in which the bucket's provider assumes a role of another account.
fn planned_across(policy: &str) -> Value {
    let store = json!({
        "region": constant(json!("eu-west-1")),
        "assume_role": [{ "role_arn": constant(json!("arn:aws:iam::222222222222:role/deploy")) }],
    });
    let mut document = with_provider(planned(policy), "aws.store", store);
    let blocks = document["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
    for address in ["aws_s3_bucket.b", OBJECT, "aws_s3_bucket_policy.p"] {
        blocks.retain(|block| block["address"] != address);
        blocks.push(block_under("aws.store", address, json!({})));
    }
    document
}

/// The verdict under a policy of these statements, the same in a state and in a plan.
fn across(statements: &[Value]) -> &'static str {
    let policy = text(statements);
    let stored_policy =
        aliased("store", "aws_s3_bucket_policy.p", json!({ "id": "lists", "bucket": "lists", "policy": policy }));
    let in_state = verdict(check(&stored_across(&[stored_policy])));
    assert_eq!(verdict(check(&planned_across(&policy))), in_state, "plan and state differ: {policy}");
    in_state
}

#[test]
fn fails_when_the_bucket_is_known_to_be_in_another_account_and_no_statement_allows_the_role() {
    assert_eq!(verdict(check(&stored_across(&[]))), FAIL);
    for statement in [
        allow(json!({ "Principal": { "AWS": ADMIN } })),
        allow(json!({ "Principal": { "AWS": B } })),
        // The service principal is not the role.
        allow(json!({ "Principal": { "Service": "guardduty.amazonaws.com" } })),
        allow(json!({ "Action": "s3:GetObjectVersion" })),
        allow(json!({ "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lists" })),
        allow(json!({ "Resource": "arn:aws:s3:::lists" })),
        allow(json!({ "Resource": "arn:aws:s3:::lists/other/*" })),
        allow(json!({ "Condition": { "StringEquals": { "aws:PrincipalAccount": B } } })),
        allow(json!({ "Condition": { "StringEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } } })),
        deny(json!({ "Action": "s3:PutObject" })),
    ] {
        assert_eq!(across(std::slice::from_ref(&statement)), FAIL, "{statement}");
    }
    let message = check(&stored_across(&[])).finding(RULE).message;
    assert!(!message.is_empty());
    assert_eq!(check(&stored_across(&[])).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn the_help_across_accounts_shows_the_allow() {
    let help = check(&stored_across(&[])).finding(RULE).help;
    assert!(help.contains("s3:GetObject") && help.contains(ROLE), "{help}");
}

#[test]
fn passes_across_accounts_with_an_allow() {
    for statement in [
        allow(json!({})),
        allow(json!({ "Principal": { "AWS": ROLE } })),
        // The account: it delegates, and GuardDuty gives its role the right there.
        allow(json!({ "Principal": { "AWS": A } })),
        allow(json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:root" } })),
        allow(json!({ "Principal": { "AWS": [ADMIN, ROLE] }, "Action": "s3:*", "Resource": "*" })),
        allow(json!({ "Condition": { "StringEquals": { "aws:PrincipalAccount": A } } })),
        allow(json!({ "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/aws-service-role/*" } } })),
        allow(json!({ "Condition": { "Bool": { "aws:SecureTransport": "true" } } })),
        allow(json!({ "Condition": { "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } } })),
        // Of the bucket's account, not of the role's.
        allow(json!({ "Condition": { "StringEquals": { "aws:ResourceAccount": B } } })),
    ] {
        assert_eq!(across(std::slice::from_ref(&statement)), PASS, "{statement}");
    }
}

#[test]
fn a_deny_wins_across_accounts() {
    let role = || allow(json!({ "Principal": { "AWS": ROLE } }));
    assert_eq!(across(&[role(), deny(json!({}))]), FAIL);
    let tls_only = deny(json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } }));
    assert_eq!(across(&[role(), tls_only]), PASS);
    let office = deny(json!({ "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } } }));
    assert_eq!(across(&[role(), office]), FAIL);
    let organization = deny(json!({ "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-abc" } } }));
    assert_eq!(across(&[role(), organization]), UNDECIDED);
}

#[test]
fn undecided_when_the_allow_cannot_be_told() {
    for condition in [
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-abc" } }),
        json!({ "StringEquals": { "aws:SourceAccount": A } }),
        json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
        json!({ "DateLessThan": { "aws:CurrentTime": "2030-01-01T00:00:00Z" } }),
    ] {
        assert_eq!(across(&[allow(json!({ "Condition": condition }))]), UNDECIDED, "{condition}");
        // One that surely matches is enough.
        assert_eq!(across(&[allow(json!({ "Condition": condition })), allow(json!({}))]), PASS, "{condition}");
    }
    let statement = allow(json!({ "Principal": { "AWS": "AROAJ4EXAMPLEEXAMPLE1" } }));
    assert_eq!(across(&[statement]), UNDECIDED);
}

#[test]
fn an_allow_with_not_principal_is_the_inverse() {
    for (listed, expected) in [
        (json!({ "AWS": "111111111111" }), PASS),
        (json!({ "AWS": ADMIN }), PASS),
        (json!({ "AWS": ROLE }), FAIL),
        // The account's own match is a delegation: its inverse cannot be told.
        (json!({ "AWS": A }), UNDECIDED),
        (json!({ "AWS": "arn:aws:iam::123456789012:root" }), UNDECIDED),
    ] {
        let statement = allow(json!({ "Principal": null, "NotPrincipal": listed }));
        assert_eq!(across(&[statement]), expected, "{listed}");
    }
}

#[test]
fn undecided_when_a_public_statement_is_restricted_across_accounts() {
    let policy = json!({ "id": "lists", "bucket": "lists", "policy": text(&[allow(json!({}))]) });
    for (restrict, expected) in [(true, UNDECIDED), (false, PASS)] {
        let block = json!({
            "bucket": "lists", "block_public_acls": false, "block_public_policy": false, "ignore_public_acls": false,
            "restrict_public_buckets": restrict,
        });
        let document = stored_across(&[
            aliased("store", "aws_s3_bucket_policy.p", policy.clone()),
            aliased("store", "aws_s3_bucket_public_access_block.b", block),
        ]);
        assert_eq!(verdict(check(&document)), expected, "{restrict}");
    }
}

#[test]
fn undecided_when_another_account_writes_the_object_and_keeps_it() {
    let policy =
        json!({ "id": "lists", "bucket": "lists", "policy": text(&[allow(json!({ "Principal": { "AWS": ROLE } }))]) });
    for (ownership, expected) in
        [("BucketOwnerEnforced", PASS), ("ObjectWriter", UNDECIDED), ("BucketOwnerPreferred", UNDECIDED)]
    {
        let controls = json!({ "bucket": "lists", "rule": [{ "object_ownership": ownership }] });
        let mut document = stored_across(&[
            aliased("store", "aws_s3_bucket_policy.p", policy.clone()),
            aliased("store", "aws_s3_bucket_ownership_controls.b", controls),
        ]);
        // Written under the detector's provider.
        document["resources"][4] = resource(OBJECT, object_at("lists", "k.txt"));
        assert_eq!(verdict(check(&document)), expected, "{ownership}");
    }
}

/// A bucket in a stack that tells nothing of its account.
fn somewhere(statements: &[Value]) -> &'static str {
    let here = state(&[
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        resource(SET, set_at("s3://lists/k.txt")),
    ]);
    let mut there = vec![resource("aws_s3_bucket.b", bucket()), resource(OBJECT, object_at("lists", "k.txt"))];
    if !statements.is_empty() {
        there.push(bucket_policy(&text(statements)));
    }
    verdict(check(&here).and("b/input.json", &other_stack(state(&there))))
}

#[test]
fn undecided_when_the_buckets_account_is_not_known_and_no_statement_surely_allows() {
    assert_eq!(somewhere(&[]), UNDECIDED);
    assert_eq!(somewhere(&[deny(json!({ "Action": "s3:PutObject" }))]), UNDECIDED);
    assert_eq!(somewhere(&[allow(json!({ "Principal": { "AWS": ADMIN } }))]), UNDECIDED);
    // Right in either case.
    assert_eq!(somewhere(&[allow(json!({ "Principal": { "AWS": ROLE } }))]), PASS);
    assert_eq!(somewhere(&[allow(json!({}))]), PASS);
    assert_eq!(somewhere(&[allow(json!({})), deny(json!({}))]), FAIL);
    assert_eq!(somewhere(&[deny(json!({}))]), FAIL);
    // The bucket's account is a condition's value.
    let ours = deny(json!({ "Condition": { "StringNotEquals": { "aws:ResourceAccount": A } } }));
    assert_eq!(somewhere(&[allow(json!({})), ours]), UNDECIDED);
}

/// Nothing tells an account, but all stands under one provider.
fn nowhere(more: &[Value]) -> &'static str {
    let mut resources = vec![
        resource("aws_guardduty_detector.d", json!({ "id": "12ab", "enable": true })),
        resource(SET, set_at("s3://lists/k.txt")),
        resource("aws_s3_bucket.b", bucket()),
        resource(OBJECT, object_at("lists", "k.txt")),
    ];
    resources.extend_from_slice(more);
    verdict(check(&state(&resources)))
}

#[test]
fn objects_under_one_provider_are_in_one_account_even_where_it_is_not_known() {
    assert_eq!(nowhere(&[]), PASS);
    let under = |others: Value| nowhere(&[bucket_policy(&text(&[deny(others)]))]);
    assert_eq!(under(json!({})), FAIL);
    assert_eq!(under(json!({ "Principal": { "Service": "guardduty.amazonaws.com" } })), PASS);
    // An account's number or an ARN may be the detector's.
    assert_eq!(under(json!({ "Principal": { "AWS": "111111111111" } })), UNDECIDED);
    assert_eq!(under(json!({ "Principal": { "AWS": ROLE } })), UNDECIDED);
    assert_eq!(under(json!({ "Condition": { "StringNotEquals": { "aws:PrincipalAccount": A } } })), UNDECIDED);
}

#[test]
fn nothing_of_the_role_is_decided_by_the_accounts_of_other_providers() {
    // Two accounts are seen in the unit: the bucket's provider is a third one, and tells none.
    let mut document = stored_across(&[]);
    for index in [3, 4] {
        let attributes = document["resources"][index]["instances"][0]["attributes"].clone();
        let address = if index == 3 { "aws_s3_bucket.b" } else { OBJECT };
        document["resources"][index] = aliased("third", address, attributes);
    }
    assert_eq!(verdict(check(&document)), UNDECIDED);
    // Its ARN has no account either; another resource of the same provider tells it.
    let told = |account: &str| {
        let topic = json!({ "arn": format!("arn:aws:sns:eu-west-1:{account}:t"), "owner": account });
        put(document.clone(), "/resources/-", aliased("third", "aws_sns_topic.t", topic))
    };
    assert_eq!(verdict(check(&told(A))), PASS);
    assert_eq!(verdict(check(&told(B))), FAIL);
}
