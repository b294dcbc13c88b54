//! Who can read or write a list: ACLs, the bucket's policy, and the public access block.

use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    Run, block, check, created, detector_in,
    lists::{object_at, refers, set_at, with},
    plan_of,
    reading::{ACCOUNT as A, FAIL, OBJECT, PASS, ROLE, SET, UNDECIDED, bucket, bucket_policy, policy_text, stored},
    resource, state, unchanged,
};

const RULE: &str = "list-public";
const PUBLIC: [&str; 3] = ["public-read", "public-read-write", "authenticated-read"];

/// The verdict on the only list of a run.
fn verdict(run: Run) -> &'static str {
    run.verdict(RULE)
}

/// The verdict on a list with these attributes, beside `more`.
fn judged(attributes: Value, more: &[Value]) -> &'static str {
    verdict(check(&stored(attributes, more)))
}

/// An Allow of reading for everybody, on the objects of the bucket; `others` take the place of its elements.
fn allow(others: Value) -> Value {
    let all = json!({
        "Sid": "Anyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::lists/*",
    });
    with(all, others)
}

fn policy(statement: Value) -> Value {
    bucket_policy(&policy_text(&[statement]))
}

fn acl_of_bucket(acl: &str) -> Value {
    resource("aws_s3_bucket_acl.b", json!({ "id": "lists", "bucket": "lists", "acl": acl }))
}

/// A public access block: `restrict_public_buckets` with `ignore_public_acls`, and the two that refuse what is new.
fn access_block(existing: bool, new: bool) -> Value {
    let block = json!({
        "id": "lists", "bucket": "lists", "restrict_public_buckets": existing, "ignore_public_acls": existing,
        "block_public_acls": new, "block_public_policy": new,
    });
    resource("aws_s3_bucket_public_access_block.b", block)
}

#[test]
fn fails_when_the_acl_of_the_object_is_public() {
    for acl in PUBLIC {
        let document = stored(json!({ "acl": acl }), &[]);
        assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{acl}");
        assert_eq!(check(&document).places(RULE)[0], "/resources/3/instances/0/attributes/acl", "{acl}");
    }
}

#[test]
fn passes_with_another_acl_or_none() {
    for acl in ["private", "bucket-owner-read", "bucket-owner-full-control", "aws-exec-read", ""] {
        assert_eq!(judged(json!({ "acl": acl }), &[]), PASS, "{acl}");
    }
    assert_eq!(judged(json!({ "acl": null }), &[]), PASS);
    assert_eq!(judged(json!({}), &[]), PASS);
}

#[test]
fn fails_when_the_bucket_policy_lets_anyone_read() {
    for others in [
        json!({}),
        json!({ "Principal": { "AWS": "*" } }),
        json!({ "Principal": { "AWS": [ROLE, "*"] } }),
        json!({ "Action": "s3:Get*" }),
        json!({ "Action": "*" }),
        json!({ "Action": ["s3:ListBucket", "s3:GetObject"] }),
        json!({ "Resource": "*" }),
        json!({ "Resource": "arn:aws:s3:::lists/k.txt" }),
        json!({ "Resource": ["arn:aws:s3:::lists", "arn:aws:s3:::lists/*"] }),
    ] {
        assert_eq!(judged(json!({}), &[policy(allow(others.clone()))]), FAIL, "{others}");
    }
    let document = stored(json!({}), &[policy(allow(json!({})))]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    assert_eq!(check(&document).places(RULE)[0], "/resources/4/instances/0/attributes/policy");
    // The list's own ACL does not take that back.
    assert_eq!(judged(json!({ "acl": "private" }), &[policy(allow(json!({})))]), FAIL);
}

#[test]
fn fails_when_the_bucket_policy_lets_anyone_write() {
    for action in [json!("s3:PutObject"), json!("s3:Put*"), json!(["s3:PutObject", "s3:PutObjectAcl"])] {
        assert_eq!(judged(json!({}), &[policy(allow(json!({ "Action": action })))]), FAIL, "{action}");
    }
}

#[test]
fn passes_when_others_or_other_objects_or_actions_are_allowed() {
    for others in [
        json!({ "Principal": { "AWS": ROLE } }),
        json!({ "Principal": { "AWS": "111111111111" } }),
        json!({ "Principal": { "Service": "guardduty.amazonaws.com" } }),
        json!({ "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::lists" }),
        json!({ "Resource": "arn:aws:s3:::lists/public/*" }),
        json!({ "Resource": "arn:aws:s3:::lists" }),
        json!({ "Resource": "arn:aws:s3:::other/*" }),
        json!({ "Effect": "Deny", "Condition": { "Bool": { "aws:SecureTransport": "false" } } }),
    ] {
        assert_eq!(judged(json!({}), &[policy(allow(others.clone()))]), PASS, "{others}");
    }
}

#[test]
fn silent_when_conditions_are_present() {
    for condition in [
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-abc" } }),
        json!({ "IpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
        json!({ "StringEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
    ] {
        assert_eq!(judged(json!({}), &[policy(allow(json!({ "Condition": condition })))]), PASS, "{condition}");
    }
}

#[test]
fn fails_when_the_acl_of_the_bucket_is_public_and_the_object_has_none() {
    for acl in PUBLIC {
        assert_eq!(judged(json!({}), &[acl_of_bucket(acl)]), FAIL, "{acl}");
        assert_eq!(judged(json!({ "acl": "private" }), &[acl_of_bucket(acl)]), PASS, "{acl}");
        let mut inline = stored(json!({}), &[]);
        inline["resources"][2]["instances"][0]["attributes"]["acl"] = json!(acl);
        assert_eq!(verdict(check(&inline)), FAIL, "{acl}");
    }
    assert_eq!(judged(json!({}), &[acl_of_bucket("private")]), PASS);
}

#[test]
fn silent_when_the_bucket_restricts_and_ignores_what_is_public() {
    // Whether or not new ACLs and policies are refused.
    for new in [true, false] {
        let block = access_block(true, new);
        assert_eq!(judged(json!({}), &[policy(allow(json!({}))), block.clone()]), PASS, "{new}");
        assert_eq!(judged(json!({}), &[policy(allow(json!({ "Action": "s3:PutObject" }))), block.clone()]), PASS);
        assert_eq!(judged(json!({}), &[acl_of_bucket("public-read"), block.clone()]), PASS, "{new}");
        // Only an ACL that is set on the object fails: the upload is refused.
        assert_eq!(judged(json!({ "acl": "public-read" }), &[block]), FAIL, "{new}");
    }
}

#[test]
fn a_block_that_only_refuses_what_is_new_does_not_take_back_what_is_there() {
    let block = access_block(false, true);
    assert_eq!(judged(json!({}), &[policy(allow(json!({}))), block.clone()]), FAIL);
    assert_eq!(judged(json!({}), &[acl_of_bucket("public-read"), block]), FAIL);
}

#[test]
fn a_block_of_another_bucket_does_not_count() {
    let mut block = access_block(true, true);
    block["instances"][0]["attributes"]["bucket"] = json!("other");
    block["instances"][0]["attributes"]["id"] = json!("other");
    assert_eq!(judged(json!({}), &[policy(allow(json!({}))), block]), FAIL);
}

/// A plan that creates set, bucket, list and bucket policy: what the list's block says, and what is known of the policy.
fn planned(acl: Value, policy: &str) -> Value {
    let mut changes = vec![
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        created(SET, set_at("s3://lists/k.txt"), &["id", "arn"]),
        created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn", "policy", "region", "acl"]),
    ];
    let (object, unknown) = match acl {
        Value::Null => (object_at("lists", "k.txt"), &["id", "etag", "acl"][..]),
        acl => (with(object_at("lists", "k.txt"), json!({ "acl": acl })), &["id", "etag"][..]),
    };
    changes.push(created(OBJECT, object, unknown));
    let (known, unknown, expression) = match policy {
        "" => (json!({ "bucket": "lists" }), &["id", "policy"][..], json!({ "policy": refers(&["local.policy"]) })),
        text => (json!({ "bucket": "lists", "policy": text }), &["id"][..], json!({})),
    };
    changes.push(created("aws_s3_bucket_policy.p", known, unknown));
    let mut blocks: Vec<Value> =
        ["aws_guardduty_detector.d", SET, "aws_s3_bucket.b", OBJECT].map(|address| block(address, json!({}))).into();
    blocks.push(block("aws_s3_bucket_policy.p", expression));
    plan_of(&changes, &blocks)
}

#[test]
fn silent_when_the_acl_is_unknown_and_not_set() {
    let harmless = json!({ "Statement": [allow(json!({ "Principal": { "AWS": ROLE } }))] }).to_string();
    assert_eq!(verdict(check(&planned(Value::Null, &harmless))), PASS);
    for acl in PUBLIC {
        assert_eq!(verdict(check(&planned(json!(acl), &harmless))), FAIL, "{acl}");
    }
    let public = json!({ "Statement": [allow(json!({}))] }).to_string();
    assert_eq!(verdict(check(&planned(Value::Null, &public))), FAIL);
}

#[test]
fn an_unknown_policy_of_a_list_is_said_once_by_list_read_denied() {
    let document = planned(Value::Null, "");
    assert_eq!(check(&document).says("list-read-denied"), [format!("undecided {OBJECT}")]);
    assert_eq!(check(&document).says(RULE), [""; 0]);
    // An ACL that is public is known.
    assert_eq!(check(&planned(json!("public-read"), "")).says(RULE), [format!("fail {OBJECT}")]);
    // A bucket that is not among the inputs: its policy is not known either.
    let mut document = stored(json!({}), &[]);
    document["resources"].as_array_mut().unwrap().remove(2);
    assert_eq!(check(&document).says("list-read-denied"), [format!("undecided {OBJECT}")]);
    assert_eq!(check(&document).says(RULE), [""; 0]);
}

/// An object that no set reads.
fn unread(key: &str, attributes: Value) -> Value {
    resource("aws_s3_object.u", with(object_at("lists", key), attributes))
}

#[test]
fn an_object_that_looks_like_a_list_counts_too() {
    let content = "198.51.100.7\n203.0.113.0/24\n";
    for key in ["guardduty/extra.txt", "threat.txt", "ipset.csv", "trusted"] {
        let public = unread(key, json!({ "content": content, "acl": "public-read" }));
        let document = state(&[resource("aws_s3_bucket.b", bucket()), public]);
        assert_eq!(check(&document).says(RULE), ["fail aws_s3_object.u"], "{key}");
        let private = unread(key, json!({ "content": content, "acl": "private" }));
        let document = state(&[resource("aws_s3_bucket.b", bucket()), private]);
        assert_eq!(verdict(check(&document)), PASS, "{key}");
    }
    // In a bucket that holds a list, whatever its name.
    let beside = unread("other.txt", json!({ "content": content, "acl": "public-read" }));
    assert_eq!(check(&stored(json!({}), &[beside])).says(RULE), ["fail aws_s3_object.u"]);
}

#[test]
fn an_object_that_is_no_list_does_not_count() {
    for attributes in [
        // Content that is not known; of another kind; a page.
        json!({ "acl": "public-read" }),
        json!({ "acl": "public-read", "content": "hello\nworld\n" }),
        json!({ "acl": "public-read", "content": "<html><body>hello</body></html>" }),
    ] {
        let document = stored(json!({}), &[unread("threat.txt", attributes.clone())]);
        assert_eq!(check(&document).says(RULE), [""; 0], "{attributes}");
    }
    // Neither its name nor its bucket says that it is one.
    let elsewhere = json!({ "bucket": "site", "content": "198.51.100.7\n", "acl": "public-read" });
    let document = state(&[
        resource("aws_s3_bucket.s", json!({ "id": "site", "bucket": "site" })),
        unread("index.txt", elsewhere),
    ]);
    assert_eq!(check(&document).says(RULE), [""; 0]);
}

#[test]
fn undecided_when_the_policy_is_unknown_and_no_block_with_all_four_settings_is_there() {
    // No set reads it, so that list-read-denied says nothing.
    let object = || unread("threat.txt", json!({ "content": "198.51.100.7\n" }));
    let broken = resource("aws_s3_bucket_policy.p", json!({ "bucket": "lists", "policy": "not JSON" }));
    let says = |more: &[Value]| {
        let resources = [&[resource("aws_s3_bucket.b", bucket()), object(), broken.clone()], more].concat();
        check(&state(&resources)).says(RULE)
    };
    assert_eq!(says(&[]), ["undecided aws_s3_object.u"]);
    assert_eq!(says(&[access_block(false, true)]), ["undecided aws_s3_object.u"]);
    assert_eq!(says(&[access_block(true, true)]), [""; 0]);
}

#[test]
fn several_sets_on_one_object_are_one_finding() {
    let other = resource("aws_guardduty_threatintelset.u", set_at("https://s3.amazonaws.com/lists/k.txt"));
    let document = stored(json!({ "acl": "public-read" }), slice::from_ref(&other));
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn the_public_access_block_is_a_label() {
    let document = stored(json!({ "acl": "public-read" }), &[access_block(true, true)]);
    let places = check(&document).places(RULE);
    assert!(places.iter().any(|place| place.starts_with("/resources/4/")), "{places:?}");
}

#[test]
fn undecided_with_a_public_policy_of_a_bucket_that_is_only_read() {
    let mut document = stored(json!({}), &[]);
    document["resources"][2]["mode"] = json!("data");
    let mut policy = policy(allow(json!({})));
    policy["mode"] = json!("data");
    document["resources"].as_array_mut().unwrap().push(policy);
    // Its public access block may stand in another stack.
    assert_eq!(verdict(check(&document)), UNDECIDED);
}
