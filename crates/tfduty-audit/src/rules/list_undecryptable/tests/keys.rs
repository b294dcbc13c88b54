//! Which key it is, and whether it can be used.

use serde_json::{Value, json};

use super::{
    A, FAIL, KEY_ARN, KEY_ID, OBJECT, PASS, RULE, allow, bad_key, good_key, judged, key_with, root_only, stored, text,
    under_key, with,
};
use crate::testing::{check, resource};

const ALIAS_ARN: &str = "arn:aws:kms:eu-west-1:123456789012:alias/lists";

/// The policy under which the role may decrypt.
fn good_policy() -> String {
    text(&[root_only(), allow(json!({}))])
}

fn alias(address: &str) -> Value {
    let alias = json!({
        "id": "alias/lists", "name": "alias/lists", "arn": ALIAS_ARN, "target_key_id": KEY_ID, "target_key_arn": KEY_ARN,
    });
    resource(address, alias)
}

#[test]
fn a_key_is_found_by_id_arn_alias_and_the_aliass_arn() {
    for name in [KEY_ID, KEY_ARN, "alias/lists", ALIAS_ARN] {
        for address in ["aws_kms_alias.a", "data.aws_kms_alias.a"] {
            let encryption = json!({ "server_side_encryption": "aws:kms", "kms_key_id": name });
            assert_eq!(judged(encryption.clone(), &[bad_key(), alias(address)]), FAIL, "{name} {address}");
            assert_eq!(judged(encryption, &[good_key(), alias(address)]), PASS, "{name} {address}");
        }
    }
}

#[test]
fn undecided_when_the_key_is_not_among_the_inputs() {
    for name in [KEY_ID, KEY_ARN, "alias/lists", ALIAS_ARN] {
        let document = stored(json!({ "server_side_encryption": "aws:kms", "kms_key_id": name }), &[]);
        assert_eq!(check(&document).says(RULE), [format!("undecided {OBJECT}")], "{name}");
        let message = check(&document).messages(RULE).remove(0);
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn fails_when_the_key_is_disabled() {
    assert_eq!(judged(under_key(), &[key_with(&good_policy(), json!({ "is_enabled": false }))]), FAIL);
}

/// A key of another resource type, with a policy under which the role may decrypt.
fn other_key(address: &str, others: Value) -> Value {
    let all = json!({
        "id": KEY_ID, "key_id": KEY_ID, "arn": KEY_ARN, "enabled": true, "key_usage": "ENCRYPT_DECRYPT",
        "policy": good_policy(),
    });
    resource(address, with(all, others))
}

#[test]
fn replicas_and_external_keys_are_keys() {
    for address in ["aws_kms_replica_key.k", "aws_kms_external_key.k"] {
        for (others, expected) in
            [(json!({}), PASS), (json!({ "enabled": false }), FAIL), (json!({ "policy": text(&[root_only()]) }), FAIL)]
        {
            assert_eq!(judged(under_key(), &[other_key(address, others.clone())]), expected, "{address} {others}");
        }
    }
}

#[test]
fn fails_when_the_keys_state_is_not_enabled() {
    for (state, expected) in [
        ("Enabled", PASS),
        ("Disabled", FAIL),
        ("PendingDeletion", FAIL),
        ("PendingImport", FAIL),
        ("Unavailable", FAIL),
    ] {
        let key = other_key("aws_kms_external_key.k", json!({ "key_state": state }));
        assert_eq!(judged(under_key(), &[key]), expected, "{state}");
    }
}

#[test]
fn fails_when_a_data_source_finds_the_key_unusable() {
    for others in [
        json!({ "enabled": false, "key_state": "Disabled" }),
        json!({ "enabled": false, "key_state": "PendingDeletion" }),
        json!({ "key_usage": "SIGN_VERIFY" }),
        json!({ "customer_master_key_spec": "RSA_2048" }),
    ] {
        let all = json!({
            "id": KEY_ID, "key_id": KEY_ARN, "arn": KEY_ARN, "enabled": true, "key_state": "Enabled",
            "key_manager": "CUSTOMER", "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        });
        let key = resource("data.aws_kms_key.k", with(all, others.clone()));
        assert_eq!(judged(under_key(), &[key]), FAIL, "{others}");
    }
}

#[test]
fn fails_on_a_key_of_another_use_or_kind() {
    for others in [
        json!({ "key_usage": "SIGN_VERIFY" }),
        json!({ "key_usage": "GENERATE_VERIFY_MAC", "customer_master_key_spec": "HMAC_256" }),
        json!({ "customer_master_key_spec": "RSA_2048" }),
        json!({ "customer_master_key_spec": "ECC_NIST_P256", "key_usage": "SIGN_VERIFY" }),
    ] {
        assert_eq!(judged(under_key(), &[key_with(&good_policy(), others.clone())]), FAIL, "{others}");
    }
}

#[test]
fn fails_on_a_key_of_another_region_than_the_buckets() {
    let elsewhere = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let key = key_with(&good_policy(), json!({ "arn": elsewhere }));
    assert_eq!(judged(json!({ "server_side_encryption": "aws:kms", "kms_key_id": elsewhere }), &[key]), FAIL);
}

#[test]
fn a_replica_is_another_key_than_its_primary() {
    let arn = |region: &str| format!("arn:aws:kms:{region}:{A}:key/mrk-1234abcd12ab34cd56ef1234567890ab");
    let id = "mrk-1234abcd12ab34cd56ef1234567890ab";
    let bad = text(&[root_only()]);
    for (primary, replica, expected) in [(&good_policy(), &bad, FAIL), (&bad, &good_policy(), PASS)] {
        let primary = key_with(primary, json!({ "id": id, "key_id": id, "arn": arn("us-east-1") }));
        let replica = json!({
            "id": id, "key_id": id, "arn": arn("eu-west-1"), "primary_key_arn": arn("us-east-1"), "policy": replica,
        });
        let replica = other_key("aws_kms_replica_key.r", replica);
        let encryption = json!({ "server_side_encryption": "aws:kms", "kms_key_id": arn("eu-west-1") });
        assert_eq!(judged(encryption, &[primary, replica]), expected);
    }
}
