//! One detector of account [`A`], one set, its list in bucket `lists`: how the list is encrypted.

#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

mod grants;
mod keys;
mod plans;
mod policies;

use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    Run, aliased, check, detector_in,
    lists::{object_at, other_stack, set_at, with},
    reading::{ACCOUNT as A, FAIL, OBJECT, PASS, ROLE, SET, UNDECIDED, bucket, elements, policy_text as text, stored},
    resource, state,
};

const RULE: &str = "list-undecryptable";
/// Another account.
const B: &str = "222222222222";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const ADMIN: &str = "arn:aws:iam::123456789012:role/Admin";
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const KEY_ARN: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
/// The same in the other account.
const FOREIGN_ARN: &str = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The verdict on the only list of a run.
fn verdict(run: Run) -> &'static str {
    run.verdict(RULE)
}

fn object(encryption: Value) -> Value {
    with(object_at("lists", "k.txt"), encryption)
}

/// The verdict on a list that is encrypted like this, beside `more`.
fn judged(encryption: Value, more: &[Value]) -> &'static str {
    verdict(check(&stored(encryption, more)))
}

/// The verdict in an estate whose bucket is in another account than the detector.
fn across(encryption: Value, more: &[Value]) -> &'static str {
    let mut resources = vec![
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        resource(SET, set_at("s3://lists/k.txt")),
        aliased("store", "data.aws_caller_identity.store", json!({ "id": B, "account_id": B })),
        aliased("store", "aws_s3_bucket.b", bucket()),
        aliased("store", OBJECT, object(encryption)),
    ];
    resources.extend_from_slice(more);
    verdict(check(&state(&resources)))
}

/// The verdict in an estate that tells nothing of the bucket's account.
fn somewhere(encryption: Value) -> &'static str {
    let here = state(&[
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        resource(SET, set_at("s3://lists/k.txt")),
    ]);
    let there = state(&[resource("aws_s3_bucket.b", bucket()), resource(OBJECT, object(encryption))]);
    verdict(check(&here).and("b/input.json", &other_stack(there)))
}

/// An Allow of decryption for the role; `others` take the place of its elements, and null removes one.
fn allow(others: Value) -> Value {
    let all = json!({
        "Sid": "Decrypt", "Effect": "Allow", "Principal": { "AWS": ROLE }, "Action": "kms:Decrypt", "Resource": "*",
    });
    elements(all, others)
}

/// A Deny of everything for everybody; `others` take the place of its elements.
fn deny(others: Value) -> Value {
    with(allow(json!({ "Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "kms:*" })), others)
}

/// What the console writes into each key policy: IAM of the account decides.
fn root_only() -> Value {
    allow(json!({ "Sid": "Root", "Principal": { "AWS": ROOT }, "Action": "kms:*" }))
}

/// A symmetric key that is enabled, with this policy; `others` take the place of its attributes.
fn key_with(policy: &str, others: Value) -> Value {
    let all = json!({
        "id": KEY_ID, "key_id": KEY_ID, "arn": KEY_ARN, "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "policy": policy,
    });
    resource("aws_kms_key.k", with(all, others))
}

/// A key whose policy lets the role decrypt.
fn good_key() -> Value {
    key_with(&text(&[root_only(), allow(json!({}))]), json!({}))
}

/// A key whose policy is that of the console.
fn bad_key() -> Value {
    key_with(&text(&[root_only()]), json!({}))
}

/// The key in the other account, under that account's provider.
fn foreign_key(policy: &str) -> Value {
    let mut key = key_with(policy, json!({ "arn": FOREIGN_ARN }));
    key["provider"] = json!("provider[\"registry.terraform.io/hashicorp/aws\"].other");
    key
}

/// The encryption of a list under the key.
fn under_key() -> Value {
    json!({ "server_side_encryption": "aws:kms", "kms_key_id": KEY_ARN })
}

/// The bucket's default encryption.
fn default_of_bucket(rule: Value) -> Value {
    let rule = json!([{ "apply_server_side_encryption_by_default": [rule], "bucket_key_enabled": null }]);
    resource(
        "aws_s3_bucket_server_side_encryption_configuration.b",
        json!({ "id": "lists", "bucket": "lists", "rule": rule }),
    )
}

fn default_key() -> Value {
    default_of_bucket(json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ARN }))
}

#[test]
fn silent_on_sse_s3() {
    for encryption in [
        json!({}),
        json!({ "server_side_encryption": null, "kms_key_id": null }),
        json!({ "server_side_encryption": "", "kms_key_id": "" }),
        json!({ "server_side_encryption": "AES256" }),
    ] {
        assert_eq!(judged(encryption.clone(), &[]), PASS, "{encryption}");
    }
    assert_eq!(judged(json!({}), &[default_of_bucket(json!({ "sse_algorithm": "AES256" }))]), PASS);
    // In whichever account the bucket is.
    assert_eq!(across(json!({ "server_side_encryption": "AES256" }), &[]), PASS);
    assert_eq!(somewhere(json!({ "server_side_encryption": "AES256" })), PASS);
}

#[test]
fn fails_on_sse_c() {
    for (algorithm, expected) in [(json!("AES256"), FAIL), (json!(""), PASS), (json!(null), PASS)] {
        let mut document = stored(json!({}), &[]);
        let copy = json!({ "source": "from/k.txt", "customer_algorithm": algorithm });
        document["resources"][3] = resource("aws_s3_object_copy.o", object(copy));
        assert_eq!(verdict(check(&document)), expected, "{algorithm}");
        if expected == FAIL {
            assert_eq!(check(&document).says(RULE), ["fail aws_s3_object_copy.o"]);
        }
    }
}

#[test]
fn silent_on_the_aws_managed_key_in_the_same_account_and_fails_across_accounts() {
    for encryption in [
        json!({ "server_side_encryption": "aws:kms" }),
        json!({ "server_side_encryption": "aws:kms", "kms_key_id": "" }),
        json!({ "server_side_encryption": "aws:kms", "kms_key_id": "alias/aws/s3" }),
        json!({ "kms_key_id": "alias/aws/s3" }),
    ] {
        assert_eq!(judged(encryption.clone(), &[]), PASS, "{encryption}");
        assert_eq!(across(encryption.clone(), &[]), FAIL, "{encryption}");
        assert_eq!(somewhere(encryption.clone()), UNDECIDED, "{encryption}");
    }
    assert_eq!(judged(json!({ "kms_key_id": "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3" }), &[]), PASS);
    // As the bucket's default.
    let default = default_of_bucket(json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": null }));
    assert_eq!(judged(json!({}), slice::from_ref(&default)), PASS);
}

#[test]
fn a_data_source_tells_that_a_key_is_aws_managed() {
    let key = json!({
        "id": KEY_ID, "key_id": KEY_ARN, "arn": KEY_ARN, "key_manager": "AWS", "enabled": true, "key_state": "Enabled",
        "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT",
    });
    assert_eq!(judged(under_key(), &[resource("data.aws_kms_key.s3", key)]), PASS);
}

#[test]
fn the_target_of_the_aws_managed_alias_is_aws_managed() {
    let arn = "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3";
    let alias = json!({
        "id": arn, "arn": arn, "name": "alias/aws/s3", "target_key_id": KEY_ID, "target_key_arn": KEY_ARN,
    });
    assert_eq!(judged(under_key(), &[resource("data.aws_kms_alias.s3", alias)]), PASS);
}

#[test]
fn dual_layer_encryption_is_undecided_unless_the_key_fails() {
    let dual = |key: Value| with(json!({ "server_side_encryption": "aws:kms:dsse" }), key);
    assert_eq!(judged(dual(json!({})), &[]), UNDECIDED);
    assert_eq!(across(dual(json!({})), &[]), FAIL);
    assert_eq!(judged(dual(json!({ "kms_key_id": KEY_ARN })), &[good_key()]), UNDECIDED);
    assert_eq!(judged(dual(json!({ "kms_key_id": KEY_ARN })), &[bad_key()]), FAIL);
    assert_eq!(judged(json!({}), &[default_of_bucket(json!({ "sse_algorithm": "aws:kms:dsse" }))]), UNDECIDED);
}

#[test]
fn fails_when_policy_and_grants_of_the_key_give_the_role_no_decryption() {
    assert_eq!(judged(under_key(), &[bad_key()]), FAIL);
    assert_eq!(judged(under_key(), &[good_key()]), PASS);
    let document = stored(under_key(), &[bad_key()]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    // A key without an algorithm means `aws:kms`.
    assert_eq!(judged(json!({ "kms_key_id": KEY_ARN }), &[bad_key()]), FAIL);
}

#[test]
fn a_list_that_says_nothing_has_the_buckets_default() {
    assert_eq!(judged(json!({}), &[default_key(), bad_key()]), FAIL);
    assert_eq!(judged(json!({}), &[default_key(), good_key()]), PASS);
    // By the key's id, too.
    let by_id = default_of_bucket(json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ID }));
    assert_eq!(judged(json!({}), &[by_id, bad_key()]), FAIL);
}

#[test]
fn the_default_may_be_written_in_the_bucket() {
    let inline = |algorithm: &str| {
        let rule = json!([{ "sse_algorithm": algorithm, "kms_master_key_id": KEY_ARN }]);
        json!([{ "rule": [{ "apply_server_side_encryption_by_default": rule }] }])
    };
    let mut document = stored(json!({}), &[bad_key()]);
    document["resources"][2]["instances"][0]["attributes"]["server_side_encryption_configuration"] = inline("aws:kms");
    assert_eq!(verdict(check(&document)), FAIL);
    // The resource of its own comes first.
    let mut document = stored(json!({}), &[bad_key(), default_of_bucket(json!({ "sse_algorithm": "AES256" }))]);
    document["resources"][2]["instances"][0]["attributes"]["server_side_encryption_configuration"] = inline("aws:kms");
    assert_eq!(verdict(check(&document)), PASS);
}

#[test]
fn silent_on_a_list_with_aes256_in_a_bucket_with_a_customer_key_default() {
    assert_eq!(judged(json!({ "server_side_encryption": "AES256" }), &[default_key(), bad_key()]), PASS);
}

#[test]
fn silent_on_a_key_of_the_bucket_that_the_list_overrides() {
    let other = "arn:aws:kms:eu-west-1:123456789012:key/99999999-12ab-34cd-56ef-1234567890ab";
    let default = default_of_bucket(json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": other }));
    let broken = resource(
        "aws_kms_key.other",
        json!({ "id": "99999999-12ab-34cd-56ef-1234567890ab", "key_id": "99999999-12ab-34cd-56ef-1234567890ab",
            "arn": other, "is_enabled": false, "policy": text(&[root_only()]) }),
    );
    assert_eq!(judged(under_key(), &[default.clone(), broken.clone(), good_key()]), PASS);
    // Algorithm and key come from one place: `aws:kms` without a key means the AWS-managed one.
    assert_eq!(judged(json!({ "server_side_encryption": "aws:kms" }), &[default, broken]), PASS);
}

#[test]
fn override_provider_changes_nothing() {
    let own = json!({ "override_provider": [{ "default_tags": [{ "tags": {} }] }] });
    assert_eq!(judged(with(under_key(), own.clone()), &[bad_key()]), FAIL);
    assert_eq!(judged(own, &[]), PASS);
}

#[test]
fn undecided_when_the_bucket_is_not_among_the_inputs_and_the_list_has_no_algorithm() {
    let without_bucket = |encryption: Value, more: &[Value]| {
        let mut document = stored(encryption, more);
        document["resources"].as_array_mut().unwrap().remove(2);
        check(&document)
    };
    assert_eq!(without_bucket(json!({}), &[]).says(RULE), [format!("undecided {OBJECT}")]);
    assert_eq!(verdict(without_bucket(json!({ "server_side_encryption": "AES256" }), &[])), PASS);
    assert_eq!(verdict(without_bucket(under_key(), &[good_key()])), PASS);
    assert_eq!(verdict(without_bucket(under_key(), &[bad_key()])), FAIL);
}

#[test]
fn labels_are_the_key_of_the_list_the_keys_policy_and_the_location() {
    let attributes = |index: usize, name: &str| format!("/resources/{index}/instances/0/attributes/{name}");
    let places = check(&stored(under_key(), &[bad_key()])).places(RULE);
    assert_eq!(places[0], attributes(3, "kms_key_id"));
    assert!(places.contains(&attributes(4, "policy")), "{places:?}");
    assert!(places.contains(&attributes(1, "location")), "{places:?}");
    // Of the bucket's default.
    let places = check(&stored(json!({}), &[default_key(), bad_key()])).places(RULE);
    let default = "rule/0/apply_server_side_encryption_by_default/0/kms_master_key_id";
    assert_eq!(places[0], attributes(4, default));
    assert!(places.contains(&attributes(5, "policy")), "{places:?}");
}

#[test]
fn the_help_shows_the_statement_to_add() {
    let help = check(&stored(under_key(), &[bad_key()])).finding(RULE).help;
    assert!(help.contains("kms:Decrypt") && help.contains(ROLE), "{help}");
}

#[test]
fn several_sets_on_one_object_are_one_finding() {
    let other = resource("aws_guardduty_threatintelset.u", set_at("https://s3.amazonaws.com/lists/k.txt"));
    let document = stored(under_key(), &[bad_key(), other]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    let places = check(&document).places(RULE);
    assert!(places.contains(&"/resources/5/instances/0/attributes/location".into()), "{places:?}");
}

#[test]
fn an_object_that_is_not_managed_is_reported_at_its_first_set() {
    let mut document = stored(json!({}), &[bad_key()]);
    let read = json!({ "server_side_encryption": "aws:kms", "sse_kms_key_id": KEY_ARN });
    document["resources"][3] = resource("data.aws_s3_object.o", object(read));
    assert_eq!(check(&document).says(RULE), [format!("fail {SET}")]);
}

#[test]
fn an_inactive_list_is_judged_too() {
    let mut document = stored(under_key(), &[bad_key()]);
    document["resources"][1]["instances"][0]["attributes"]["activate"] = json!(false);
    assert_eq!(verdict(check(&document)), FAIL);
}

#[test]
fn it_is_reported_beside_a_policy_that_denies() {
    let denies = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::lists/*" });
    let policy = json!({ "bucket": "lists", "policy": text(&[denies]) });
    let document = stored(under_key(), &[bad_key(), resource("aws_s3_bucket_policy.p", policy)]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    assert_eq!(check(&document).says("list-read-denied"), [format!("fail {OBJECT}")]);
}

#[test]
fn nothing_is_said_where_the_location_is_invalid_or_the_object_is_missing() {
    for (location, speaks) in
        [("s3://lists/other.csv", "list-object-missing"), ("ftp://lists/k.txt", "list-location-invalid")]
    {
        let mut document = stored(under_key(), &[bad_key(), default_key()]);
        document["resources"][1] = resource(SET, set_at(location));
        assert_eq!(check(&document).says(speaks), [format!("fail {SET}")], "{location}");
        assert_eq!(check(&document).says(RULE), [""; 0], "{location}");
    }
}

#[test]
fn where_only_the_bucket_is_known_nothing_but_a_fail_is_reported() {
    for (more, expected) in [
        (vec![default_key(), bad_key()], vec![format!("fail {SET}")]),
        (vec![default_key(), good_key()], vec![]),
        // A key that is not among the inputs, and none.
        (vec![default_key()], vec![]),
        (vec![], vec![]),
    ] {
        let mut document = stored(json!({}), &more);
        document["resources"].as_array_mut().unwrap().remove(3);
        assert_eq!(check(&document).says("list-object-missing"), [format!("undecided {SET}")]);
        assert_eq!(check(&document).says(RULE), expected);
    }
}

#[test]
fn a_key_that_is_being_updated_goes_on_working() {
    for state in ["Enabled", "Updating"] {
        let data = json!({ "id": KEY_ID, "key_id": KEY_ID, "arn": KEY_ARN, "enabled": true, "key_state": state });
        // Only its policy is not known.
        assert_eq!(judged(under_key(), &[resource("data.aws_kms_key.k", data)]), UNDECIDED, "{state}");
    }
}
