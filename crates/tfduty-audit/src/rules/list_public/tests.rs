mod catalogue;

use serde_json::{Value, json};

use crate::testing::{
    Run, block, check, created, detector_in,
    lists::{constant, object_at, refers, set_at, with},
    plan_of, resource, state, unchanged,
};

const RULE: &str = "list-public";
const OBJECT: &str = "aws_s3_object.o";

/// A run over a state with a list whose object has these attributes, and with these resources beside.
fn with_object(attributes: Value, beside: &[Value]) -> Run {
    let mut resources = vec![
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
        resource("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
        resource("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists" })),
        resource(OBJECT, with(object_at("lists", "k.txt"), attributes)),
    ];
    resources.extend_from_slice(beside);
    check(&state(&resources))
}

fn verdict(run: Run) -> &'static str {
    match run.tally(RULE) {
        (1, 0, 0, 0) => "pass",
        (0, 1, 0, 0) => "fail",
        (0, 0, 1, 0) => "undecided",
        (0, 0, 0, 1) => "skip",
        _ => "something else",
    }
}

fn policy(statement: Value) -> Value {
    let base =
        json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lists/*" });
    let text = json!({ "Version": "2012-10-17", "Statement": [with(base, statement)] }).to_string();
    resource("aws_s3_bucket_policy.p", json!({ "bucket": "lists", "policy": text }))
}

fn block_all(others: Value) -> Value {
    let base = json!({
        "bucket": "lists", "block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true,
        "restrict_public_buckets": true,
    });
    resource("aws_s3_bucket_public_access_block.x", with(base, others))
}

#[test]
fn fails_with_a_public_access_list_of_the_object() {
    for acl in ["public-read", "public-read-write", "authenticated-read"] {
        assert_eq!(verdict(with_object(json!({ "acl": acl }), &[])), "fail", "{acl}");
        // An upload with a public access list is refused then.
        assert_eq!(verdict(with_object(json!({ "acl": acl }), &[block_all(json!({}))])), "fail", "{acl}");
    }
    for acl in ["private", "bucket-owner-full-control", "bucket-owner-read"] {
        assert_eq!(verdict(with_object(json!({ "acl": acl }), &[])), "pass", "{acl}");
    }
}

#[test]
fn fails_with_a_policy_that_lets_anyone_read_or_write() {
    for statement in [
        json!({}),
        json!({ "Principal": { "AWS": "*" } }),
        json!({ "Action": "s3:*" }),
        json!({ "Action": "s3:PutObject" }),
        json!({ "Resource": "arn:aws:s3:::lists/k.txt" }),
    ] {
        assert_eq!(verdict(with_object(json!({}), &[policy(statement.clone())])), "fail", "{statement}");
    }
}

#[test]
fn passes_with_a_policy_for_some_for_other_objects_or_for_other_actions() {
    for statement in [
        json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:root" } }),
        json!({ "Principal": { "Service": "guardduty.amazonaws.com" } }),
        json!({ "Resource": "arn:aws:s3:::lists/public/*" }),
        json!({ "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lists" }),
        json!({ "Effect": "Deny" }),
    ] {
        assert_eq!(verdict(with_object(json!({}), &[policy(statement.clone())])), "pass", "{statement}");
    }
}

#[test]
fn keeps_quiet_where_conditions_are_present() {
    let condition = json!({ "Condition": { "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } } });
    assert_eq!(verdict(with_object(json!({}), &[policy(condition)])), "pass");
}

#[test]
fn fails_with_a_public_access_list_of_the_bucket_where_the_object_has_none() {
    let acl = resource("aws_s3_bucket_acl.x", json!({ "bucket": "lists", "acl": "public-read" }));
    assert_eq!(verdict(with_object(json!({}), std::slice::from_ref(&acl))), "fail");
    assert_eq!(verdict(with_object(json!({ "acl": "private" }), &[acl])), "pass");
}

#[test]
fn keeps_quiet_where_the_bucket_restricts_public_policies_and_ignores_public_access_lists() {
    let half = json!({ "block_public_acls": false, "block_public_policy": false });
    for blocks in [json!({}), half] {
        let acl = resource("aws_s3_bucket_acl.x", json!({ "bucket": "lists", "acl": "public-read" }));
        let run = with_object(json!({}), &[policy(json!({})), acl, block_all(blocks.clone())]);
        assert_eq!(verdict(run), "pass", "{blocks}");
    }
    // Each of the two is about one of them.
    let open = json!({ "restrict_public_buckets": false });
    assert_eq!(verdict(with_object(json!({}), &[policy(json!({})), block_all(open)])), "fail");
}

#[test]
fn keeps_quiet_about_an_access_list_that_is_unknown_and_not_set() {
    let changes = [
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
        created("aws_guardduty_ipset.t", set_at("s3://lists/k.txt"), &[]),
        created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn", "acl", "policy"]),
        created(OBJECT, object_at("lists", "k.txt"), &["acl"]),
    ];
    let object = json!({ "bucket": constant(json!("lists")), "key": constant(json!("k.txt")) });
    let blocks = [block("aws_s3_bucket.b", json!({})), block(OBJECT, object)];
    assert_eq!(verdict(check(&plan_of(&changes, &blocks))), "pass");
}

/// A plan whose bucket has a policy that nobody knows, with these resources beside.
fn under_unknown_policy(beside: &[Value]) -> Run {
    let mut changes = vec![
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
        created("aws_guardduty_ipset.t", set_at("s3://lists/k.txt"), &[]),
        created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn"]),
        created(OBJECT, object_at("lists", "k.txt"), &[]),
        created("aws_s3_bucket_policy.p", json!({ "bucket": "lists" }), &["policy"]),
    ];
    changes.extend_from_slice(beside);
    let policy = json!({ "bucket": constant(json!("lists")), "policy": refers(&["aws_s3_bucket.b.arn"]) });
    let blocks = [
        block("aws_s3_bucket.b", json!({})),
        block(OBJECT, json!({ "bucket": constant(json!("lists")), "key": constant(json!("k.txt")) })),
        block("aws_s3_bucket_policy.p", policy),
    ];
    check(&plan_of(&changes, &blocks))
}

#[test]
fn an_unknown_policy_is_undecided_once_where_the_list_is_read() {
    assert_eq!(under_unknown_policy(&[]).says("list-read-denied"), [format!("undecided {OBJECT}")]);
    assert_eq!(verdict(under_unknown_policy(&[])), "skip");
}

#[test]
fn an_unknown_policy_is_nothing_beside_a_public_access_block() {
    let closed = json!({
        "bucket": "lists", "block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true,
        "restrict_public_buckets": true,
    });
    assert_eq!(verdict(under_unknown_policy(&[created("aws_s3_bucket_public_access_block.x", closed, &[])])), "pass");
}

#[test]
fn speaks_of_an_object_that_would_be_taken_for_a_list_though_no_set_reads_it() {
    let other = with(object_at("lists", "old.txt"), json!({ "content": "9.9.9.9\n1.1.1.1\n", "acl": "public-read" }));
    let run = with_object(json!({}), &[resource("aws_s3_object.old", other)]);
    assert_eq!(run.says(RULE), ["fail aws_s3_object.old"]);
    let page = with(object_at("lists", "index.html"), json!({ "content": "<p>hello</p>\n", "acl": "public-read" }));
    let run = with_object(json!({}), &[resource("aws_s3_object.page", page)]);
    assert_eq!(run.says(RULE), Vec::<String>::new());
}

#[test]
fn undecided_with_a_public_policy_of_a_bucket_that_is_only_read() {
    let text = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lists/*",
    }] });
    let resources = [
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
        resource("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
        resource("data.aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists" })),
        resource("data.aws_s3_bucket_policy.p", json!({ "bucket": "lists", "policy": text.to_string() })),
        resource(OBJECT, object_at("lists", "k.txt")),
    ];
    // Its public access block may stand in another stack.
    assert_eq!(verdict(check(&state(&resources))), "undecided");
}
