//! Grants on a key whose policy does not name GuardDuty's role.

use serde_json::{Value, json};

use super::{
    ADMIN, FAIL, FOREIGN_ARN, KEY_ARN, KEY_ID, OBJECT, PASS, ROLE, RULE, UNDECIDED, allow, bad_key, deny, foreign_key,
    judged, key_with, plans, root_only, text, under_key, verdict, with,
};
use crate::testing::{block, check, created, lists::refers, put, resource};

/// A grant of decryption to the role; `others` take the place of its attributes.
fn grant(others: Value) -> Value {
    let all = json!({
        "id": "grant", "key_id": KEY_ID, "grantee_principal": ROLE, "operations": ["Decrypt", "GenerateDataKey"],
        "constraints": [],
    });
    resource("aws_kms_grant.g", with(all, others))
}

#[test]
fn silent_when_a_grant_gives_the_role_the_right_to_decrypt() {
    assert_eq!(judged(under_key(), &[bad_key(), grant(json!({}))]), PASS);
    assert_eq!(judged(under_key(), &[bad_key(), grant(json!({ "key_id": KEY_ARN }))]), PASS);
}

#[test]
fn fails_when_the_grant_is_for_another_role_operation_or_key() {
    for others in [
        json!({ "grantee_principal": ADMIN }),
        json!({ "operations": ["Encrypt", "GenerateDataKey"] }),
        json!({ "key_id": "99999999-12ab-34cd-56ef-1234567890ab" }),
    ] {
        assert_eq!(judged(under_key(), &[bad_key(), grant(others.clone())]), FAIL, "{others}");
    }
}

#[test]
fn constraints_are_compared_with_the_encryption_context() {
    let equals =
        |arn: &str| json!([{ "encryption_context_equals": { "aws:s3:arn": arn }, "encryption_context_subset": {} }]);
    let subset =
        |arn: &str| json!([{ "encryption_context_equals": {}, "encryption_context_subset": { "aws:s3:arn": arn } }]);
    let other = json!([{ "encryption_context_equals": {}, "encryption_context_subset": { "app": "lists" } }]);
    for (constraints, expected) in [
        (equals("arn:aws:s3:::lists/k.txt"), PASS),
        (subset("arn:aws:s3:::lists/k.txt"), PASS),
        (equals("arn:aws:s3:::lists/other.txt"), FAIL),
        (subset("arn:aws:s3:::lists/other.txt"), FAIL),
        (other, FAIL),
    ] {
        let encryption = with(under_key(), json!({ "bucket_key_enabled": false }));
        let verdict = judged(encryption, &[bad_key(), grant(json!({ "constraints": constraints }))]);
        assert_eq!(verdict, expected, "{constraints}");
    }
    let encryption = with(under_key(), json!({ "bucket_key_enabled": true }));
    assert_eq!(judged(encryption, &[bad_key(), grant(json!({ "constraints": equals("arn:aws:s3:::lists") }))]), PASS);
}

#[test]
fn a_deny_wins_over_a_grant() {
    for (statement, expected) in [
        (deny(json!({})), FAIL),
        (deny(json!({ "Principal": { "AWS": ADMIN } })), PASS),
        (deny(json!({ "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-abc" } } })), UNDECIDED),
    ] {
        let key = key_with(&text(&[root_only(), statement.clone()]), json!({}));
        assert_eq!(judged(under_key(), &[key, grant(json!({}))]), expected, "{statement}");
    }
}

#[test]
fn across_accounts_a_grant_is_undecided() {
    let account = json!({ "AWS": "arn:aws:iam::222222222222:root" });
    let policy = text(&[allow(json!({ "Principal": account, "Action": "kms:*" }))]);
    let key = foreign_key(&policy);
    let encryption = json!({ "server_side_encryption": "aws:kms", "kms_key_id": FOREIGN_ARN });
    let mut grant = grant(json!({ "key_id": FOREIGN_ARN }));
    grant["provider"] = key["provider"].clone();
    assert_eq!(judged(encryption, &[key, grant]), UNDECIDED);
}

/// A plan that grants on the key it creates: what is known of the grant, what is not, and its expressions.
fn planned(known: Value, unknown: &[&str], expressions: Value) -> Value {
    let known = with(json!({ "operations": ["Decrypt"], "constraints": [] }), known);
    let expressions = with(json!({ "key_id": refers(&["aws_kms_key.k.key_id"]) }), expressions);
    let plan =
        put(plans::planned(&text(&[root_only()])), "/resource_changes/-", created("aws_kms_grant.g", known, unknown));
    put(plan, "/configuration/root_module/resources/-", block("aws_kms_grant.g", expressions))
}

#[test]
fn in_a_plan_the_grants_key_is_found_by_its_reference() {
    let to_role = json!({ "grantee_principal": ROLE });
    assert_eq!(verdict(check(&planned(to_role.clone(), &["id", "key_id"], json!({})))), PASS);
    let to_admin = json!({ "grantee_principal": ADMIN });
    assert_eq!(verdict(check(&planned(to_admin, &["id", "key_id"], json!({})))), FAIL);
}

#[test]
fn undecided_when_the_grantee_is_not_known() {
    let unknown = planned(
        json!({}),
        &["id", "key_id", "grantee_principal"],
        json!({ "grantee_principal": refers(&["local.grantee"]) }),
    );
    assert_eq!(check(&unknown).says(RULE), [format!("undecided {OBJECT}")]);
}
