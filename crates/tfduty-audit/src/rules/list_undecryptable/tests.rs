#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

mod catalogue;

use serde_json::{Value, json};

use crate::testing::{
    Run, aliased, block, change, check, created, detector_in,
    lists::{constant, object_at, refers, set_at, with},
    plan_of, resource, state, unchanged,
};

const RULE: &str = "list-undecryptable";
const OBJECT: &str = "aws_s3_object.o";
const ACCOUNT: &str = "123456789012";
const ROLE: &str =
    "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1111";

/// A run over a state with a list whose object has these attributes, and with these resources beside.
fn with_object(attributes: Value, beside: &[Value]) -> Run {
    let bucket = json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists", "region": "eu-west-1" });
    let mut resources = vec![
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
        resource("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
        resource("aws_s3_bucket.b", bucket),
        resource(OBJECT, with(object_at("lists", "k.txt"), attributes)),
    ];
    resources.extend_from_slice(beside);
    check(&state(&resources))
}

fn key(attributes: Value) -> Value {
    let base = json!({
        "id": "1111", "key_id": "1111", "arn": KEY, "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "policy": policy(&[allow(json!({ "AWS": ROLE }))]),
    });
    resource("aws_kms_key.k", with(base, attributes))
}

fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

fn allow(principal: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt*", "Resource": "*" })
}

fn root() -> Value {
    json!({ "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" }, "Action": "kms:*", "Resource": "*" })
}

fn encrypted() -> Value {
    json!({ "server_side_encryption": "aws:kms", "kms_key_id": KEY })
}

fn verdict(run: Run) -> &'static str {
    match run.tally(RULE) {
        (1, 0, 0, 0) => "pass",
        (0, 1, 0, 0) => "fail",
        (0, 0, 1, 0) => "undecided",
        _ => "something else",
    }
}

/// What the rule says of a list under a key with this policy.
fn under(statements: &[Value]) -> &'static str {
    verdict(with_object(encrypted(), &[key(json!({ "policy": policy(statements) }))]))
}

fn default(algorithm: &str, key: Option<&str>) -> Value {
    let apply = json!({ "sse_algorithm": algorithm, "kms_master_key_id": key });
    let rule = json!([{ "apply_server_side_encryption_by_default": [apply], "bucket_key_enabled": false }]);
    resource("aws_s3_bucket_server_side_encryption_configuration.c", json!({ "bucket": "lists", "rule": rule }))
}

#[test]
fn keeps_quiet_with_sse_s3() {
    assert_eq!(verdict(with_object(json!({}), &[])), "pass");
    assert_eq!(verdict(with_object(json!({ "server_side_encryption": "AES256" }), &[])), "pass");
    assert_eq!(verdict(with_object(json!({}), &[default("AES256", None)])), "pass");
}

#[test]
fn keeps_quiet_with_the_aws_managed_key_in_the_same_account() {
    for id in [None, Some("alias/aws/s3"), Some("arn:aws:kms:eu-west-1:123456789012:alias/aws/s3")] {
        let object = json!({ "server_side_encryption": "aws:kms", "kms_key_id": id });
        assert_eq!(verdict(with_object(object, &[])), "pass", "{id:?}");
        assert_eq!(verdict(with_object(json!({}), &[default("aws:kms", id)])), "pass", "{id:?}");
    }
}

#[test]
fn keeps_quiet_with_an_object_of_its_own_sse_s3_in_a_bucket_with_a_customer_key() {
    let beside = [default("aws:kms", Some(KEY)), key(json!({ "policy": policy(&[root()]) }))];
    assert_eq!(verdict(with_object(json!({ "server_side_encryption": "AES256" }), &beside)), "pass");
    assert_eq!(verdict(with_object(json!({}), &beside)), "fail");
}

#[test]
fn keeps_quiet_with_a_key_policy_that_lets_the_role_or_the_service_s3_in() {
    for statement in [
        allow(json!({ "AWS": ROLE })),
        allow(json!({ "AWS": [ROLE, "arn:aws:iam::123456789012:role/x"] })),
        with(allow(json!({ "AWS": ROLE })), json!({ "Action": "kms:*" })),
        with(allow(json!({ "AWS": ROLE })), json!({ "Action": ["kms:GenerateDataKey", "kms:Decrypt"] })),
        with(allow(json!({ "AWS": ROLE })), json!({ "Resource": KEY })),
        with(
            allow(json!({ "AWS": "*" })),
            json!({ "Condition": { "StringEquals": { "kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": ACCOUNT } } }),
        ),
        with(
            allow(json!({ "AWS": ROLE })),
            json!({ "Condition": { "StringLike": { "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::lists*" } } }),
        ),
    ] {
        assert_eq!(under(&[root(), statement.clone()]), "pass", "{statement}");
    }
}

#[test]
fn keeps_quiet_about_a_kms_key_id_of_the_bucket_that_the_object_overrides() {
    let stranger = "arn:aws:kms:eu-west-1:123456789012:key/2222";
    let beside = [default("aws:kms", Some(stranger)), key(json!({}))];
    assert_eq!(verdict(with_object(encrypted(), &beside)), "pass");
}

#[test]
fn fails_with_a_key_policy_that_gives_the_role_no_decrypt() {
    let elsewhere = json!({ "Condition": { "StringEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" } } });
    for statements in [
        vec![root()],
        vec![root(), allow(json!({ "AWS": "arn:aws:iam::123456789012:role/publisher" }))],
        vec![root(), allow(json!({ "Service": "guardduty.amazonaws.com" }))],
        vec![root(), with(allow(json!({ "AWS": ROLE })), json!({ "Action": "kms:Encrypt" }))],
        vec![root(), with(allow(json!({ "AWS": "*" })), elsewhere)],
        vec![allow(json!({ "AWS": ROLE })), with(allow(json!({ "AWS": "*" })), json!({ "Effect": "Deny" }))],
    ] {
        assert_eq!(under(&statements), "fail", "{statements:?}");
    }
}

#[test]
fn fails_with_the_default_policy_which_only_trusts_the_account() {
    assert_eq!(verdict(with_object(encrypted(), &[key(json!({ "policy": "" }))])), "fail");
}

#[test]
fn fails_with_a_key_that_is_disabled_unsuitable_or_of_another_region() {
    for attributes in [
        json!({ "is_enabled": false }),
        json!({ "key_usage": "SIGN_VERIFY" }),
        json!({ "customer_master_key_spec": "RSA_2048" }),
    ] {
        assert_eq!(verdict(with_object(encrypted(), &[key(attributes.clone())])), "fail", "{attributes}");
    }
    let far = KEY.replace("eu-west-1", "us-east-1");
    let object = json!({ "server_side_encryption": "aws:kms", "kms_key_id": far });
    assert_eq!(verdict(with_object(object, &[key(json!({ "arn": far }))])), "fail");
}

#[test]
fn fails_with_a_key_that_a_data_source_shows_to_be_pending_deletion() {
    let data = json!({ "id": "1111", "key_id": "1111", "arn": KEY, "enabled": false, "key_state": "PendingDeletion" });
    assert_eq!(verdict(with_object(encrypted(), &[resource("data.aws_kms_key.k", data)])), "fail");
}

#[test]
fn a_key_that_is_being_updated_goes_on_working() {
    for state in ["Enabled", "Updating"] {
        let data = json!({ "id": "1111", "key_id": "1111", "arn": KEY, "enabled": true, "key_state": state });
        // Only its policy is not known.
        assert_eq!(verdict(with_object(encrypted(), &[resource("data.aws_kms_key.k", data)])), "undecided", "{state}");
    }
}

#[test]
fn fails_with_sse_c() {
    let copy =
        json!({ "bucket": "lists", "key": "k.txt", "source": "elsewhere/k.txt", "customer_algorithm": "AES256" });
    let resources = [
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
        resource("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
        resource("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists" })),
        resource("aws_s3_object_copy.o", copy),
    ];
    assert_eq!(check(&state(&resources)).says(RULE), ["fail aws_s3_object_copy.o"]);
}

#[test]
fn fails_with_the_aws_managed_key_across_accounts() {
    let topic = json!({ "arn": "arn:aws:sns:eu-west-1:999999999999:x", "owner": "999999999999" });
    let resources = [
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
        resource("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
        aliased("other", "aws_sns_topic.x", topic),
        aliased("other", "aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists" })),
        aliased("other", OBJECT, with(object_at("lists", "k.txt"), json!({ "server_side_encryption": "aws:kms" }))),
    ];
    assert_eq!(check(&state(&resources)).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn undecided_with_a_key_that_is_not_among_the_inputs() {
    let finding = with_object(encrypted(), &[]).finding(RULE);
    assert_eq!(finding.address.as_deref(), Some(OBJECT));
    assert!(finding.message.contains("1111"), "{}", finding.message);
    assert_eq!(verdict(with_object(json!({}), &[default("aws:kms", Some("alias/lists"))])), "undecided");
}

#[test]
fn undecided_with_dsse_unless_the_key_fails() {
    let object = json!({ "server_side_encryption": "aws:kms:dsse", "kms_key_id": KEY });
    assert_eq!(verdict(with_object(object.clone(), &[key(json!({}))])), "undecided");
    assert_eq!(verdict(with_object(object, &[key(json!({ "is_enabled": false }))])), "fail");
}

#[test]
fn undecided_with_a_condition_that_cannot_be_told() {
    let statement = with(
        allow(json!({ "AWS": ROLE })),
        json!({ "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } } }),
    );
    assert_eq!(under(&[root(), statement]), "undecided");
}

#[test]
fn a_key_is_found_by_id_arn_alias_and_the_arn_of_an_alias() {
    let alias = json!({
        "id": "alias/lists", "name": "alias/lists", "arn": "arn:aws:kms:eu-west-1:123456789012:alias/lists",
        "target_key_id": "1111", "target_key_arn": KEY,
    });
    let beside = [key(json!({ "policy": policy(&[root()]) })), resource("aws_kms_alias.a", alias)];
    for id in ["1111", KEY, "alias/lists", "arn:aws:kms:eu-west-1:123456789012:alias/lists"] {
        let object = json!({ "server_side_encryption": "aws:kms", "kms_key_id": id });
        assert_eq!(verdict(with_object(object, &beside)), "fail", "{id}");
        assert_eq!(
            verdict(with_object(json!({}), &[&beside[..], &[default("aws:kms", Some(id))]].concat())),
            "fail",
            "{id}"
        );
    }
}

#[test]
fn a_policy_of_its_own_resource_comes_before_the_keys() {
    let own = json!({ "id": "1111", "key_id": "1111", "policy": policy(&[root()]) });
    assert_eq!(verdict(with_object(encrypted(), &[key(json!({})), resource("aws_kms_key_policy.p", own)])), "fail");
    let own = json!({ "id": "1111", "key_id": "1111", "policy": policy(&[root(), allow(json!({ "AWS": ROLE }))]) });
    let closed = key(json!({ "policy": policy(&[root()]) }));
    assert_eq!(verdict(with_object(encrypted(), &[closed, resource("aws_kms_key_policy.p", own)])), "pass");
}

#[test]
fn a_grant_lets_the_role_in() {
    let grant = |grantee: &str, operations: Value| {
        let attributes =
            json!({ "key_id": "1111", "grantee_principal": grantee, "operations": operations, "constraints": [] });
        let beside = [key(json!({ "policy": policy(&[root()]) })), resource("aws_kms_grant.g", attributes)];
        verdict(with_object(encrypted(), &beside))
    };
    assert_eq!(grant(ROLE, json!(["Decrypt"])), "pass");
    assert_eq!(grant(ROLE, json!(["Encrypt"])), "fail");
    assert_eq!(grant("arn:aws:iam::123456789012:role/publisher", json!(["Decrypt"])), "fail");
}

#[test]
fn shows_the_keys_policy_and_the_location() {
    let finding = with_object(encrypted(), &[key(json!({ "policy": policy(&[root()]) }))]).finding(RULE);
    assert!(finding.anchor.pointer.ends_with("/kms_key_id"), "{}", finding.anchor.pointer);
    let ends = |end: &str| finding.related.iter().any(|related| related.anchor.pointer.ends_with(end));
    assert!(ends("/policy") && ends("/location"), "{:?}", finding.related);
    assert!(finding.help.contains(ROLE) && finding.help.contains("kms:Decrypt"), "{}", finding.help);
}

#[test]
fn a_key_that_is_made_by_the_same_plan_is_followed_by_reference() {
    let run = |statements: &[Value]| {
        let changes = [
            unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
            created("aws_guardduty_ipset.t", set_at("s3://lists/k.txt"), &[]),
            created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn"]),
            created(OBJECT, object_at("lists", "k.txt"), &["kms_key_id", "server_side_encryption"]),
            created(
                "aws_kms_key.k",
                json!({ "policy": policy(statements), "is_enabled": true }),
                &["arn", "id", "key_id"],
            ),
        ];
        let object = json!({
            "bucket": constant(json!("lists")), "key": constant(json!("k.txt")), "kms_key_id": refers(&["aws_kms_key.k.arn"]),
        });
        let blocks = [block("aws_kms_key.k", json!({})), block(OBJECT, object), block("aws_s3_bucket.b", json!({}))];
        check(&plan_of(&changes, &blocks))
    };
    assert_eq!(verdict(run(&[root()])), "fail");
    assert_eq!(verdict(run(&[root(), allow(json!({ "AWS": ROLE }))])), "pass");
}

#[test]
fn fails_with_a_key_that_a_plan_takes_away_while_the_list_stays() {
    let values =
        json!({ "id": "1111", "key_id": "1111", "arn": KEY, "policy": policy(&[allow(json!({ "AWS": ROLE }))]) });
    let changes = [
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
        unchanged("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
        unchanged("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists" })),
        unchanged(OBJECT, with(object_at("lists", "k.txt"), encrypted())),
        change("aws_kms_key.k", &["delete"], values, Value::Null, json!({})),
    ];
    assert_eq!(verdict(check(&plan_of(&changes, &[]))), "fail");
}
