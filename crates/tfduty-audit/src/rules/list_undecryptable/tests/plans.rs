//! Lists and keys that a plan creates: what is known only after apply is followed.

use serde_json::{Value, json};

use super::{
    A, ADMIN, FAIL, OBJECT, PASS, ROLE, ROOT, RULE, SET, UNDECIDED, allow, bucket, good_key, object, root_only, text,
    under_key, verdict,
};
use crate::testing::{
    Run, block, change, check, created, detector_in,
    lists::{object_at, refers, set_at, with},
    plan_of, put, unchanged,
};

const KEY: &str = "aws_kms_key.k";
const CHANGES: &str = "/resource_changes";
const BLOCKS: &str = "/configuration/root_module/resources";
/// Attributes of an object that the provider computes.
const COMPUTED: &[&str] = &["id", "etag", "acl", "bucket_key_enabled", "server_side_encryption", "kms_key_id"];

/// Detector, set, bucket and list, in this order, in a plan that creates all but the detector.
fn plain() -> Value {
    let changes = [
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        created(SET, set_at("s3://lists/k.txt"), &["id", "arn"]),
        created(
            "aws_s3_bucket.b",
            json!({ "bucket": "lists" }),
            &["id", "arn", "policy", "region", "server_side_encryption_configuration"],
        ),
        created(OBJECT, object_at("lists", "k.txt"), COMPUTED),
    ];
    let blocks = ["aws_guardduty_detector.d", SET, "aws_s3_bucket.b", OBJECT];
    plan_of(&changes, &blocks.map(|address| block(address, json!({}))))
}

/// A key that is created; its policy is not among what is known of it.
fn new_key(policy: Value, unknown: &[&str]) -> Value {
    let all = json!({
        "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT",
    });
    created(KEY, with(all, policy), unknown)
}

/// A plan of a list and its key, which the list refers to: the fourth change and the fifth.
pub(super) fn planned(policy: &str) -> Value {
    with_key(new_key(json!({ "policy": policy }), &["id", "arn", "key_id"]), json!({}))
}

fn with_key(key: Value, expressions: Value) -> Value {
    let list = created(
        OBJECT,
        with(object_at("lists", "k.txt"), json!({ "server_side_encryption": "aws:kms", "bucket_key_enabled": false })),
        &["id", "etag", "acl", "kms_key_id"],
    );
    let plan = put(plain(), &format!("{CHANGES}/3"), list);
    let plan = put(plan, &format!("{CHANGES}/-"), key);
    let expressions = block(KEY, expressions);
    let plan = put(plan, &format!("{BLOCKS}/-"), expressions);
    put(plan, &format!("{BLOCKS}/3"), block(OBJECT, json!({ "kms_key_id": refers(&["aws_kms_key.k.arn"]) })))
}

#[test]
fn what_the_configuration_does_not_set_counts_as_not_set() {
    assert_eq!(verdict(check(&plain())), PASS);
}

#[test]
fn a_key_is_found_by_its_reference() {
    let good = text(&[root_only(), allow(json!({}))]);
    let bad = text(&[root_only()]);
    for (policy, expected) in [(&good, PASS), (&bad, FAIL)] {
        for reference in ["aws_kms_key.k.arn", "aws_kms_key.k.id", "aws_kms_key.k.key_id"] {
            let plan = put(planned(policy), &format!("{BLOCKS}/3/expressions/kms_key_id"), refers(&[reference]));
            assert_eq!(verdict(check(&plan)), expected, "{reference}");
        }
        // Without an algorithm in the configuration.
        let list = created(OBJECT, object_at("lists", "k.txt"), COMPUTED);
        let plan = put(planned(policy), &format!("{CHANGES}/3"), list);
        assert_eq!(verdict(check(&plan)), expected);
        // Through an alias.
        let alias = created(
            "aws_kms_alias.a",
            json!({ "name": "alias/lists" }),
            &["id", "arn", "target_key_id", "target_key_arn"],
        );
        let plan = put(planned(policy), &format!("{CHANGES}/-"), alias);
        let alias = block("aws_kms_alias.a", json!({ "target_key_id": refers(&["aws_kms_key.k.key_id"]) }));
        let plan = put(plan, &format!("{BLOCKS}/-"), alias);
        let plan = put(plan, &format!("{BLOCKS}/3/expressions/kms_key_id"), refers(&["aws_kms_alias.a.arn"]));
        assert_eq!(verdict(check(&plan)), expected);
    }
}

#[test]
fn the_default_key_of_the_bucket_is_found_by_its_reference() {
    let address = "aws_s3_bucket_server_side_encryption_configuration.b";
    for (policy, expected) in [(text(&[root_only(), allow(json!({}))]), PASS), (text(&[root_only()]), FAIL)] {
        let plan =
            put(planned(&policy), &format!("{CHANGES}/3"), created(OBJECT, object_at("lists", "k.txt"), COMPUTED));
        let plan = put(plan, &format!("{BLOCKS}/3"), block(OBJECT, json!({})));
        let default = change(
            address,
            &["create"],
            Value::Null,
            json!({ "bucket": "lists", "rule": [{ "apply_server_side_encryption_by_default": [{ "sse_algorithm": "aws:kms" }] }] }),
            json!({ "id": true, "rule": [{ "apply_server_side_encryption_by_default": [{ "kms_master_key_id": true }] }] }),
        );
        let plan = put(plan, &format!("{CHANGES}/-"), default);
        let default = block(
            address,
            json!({
                "bucket": refers(&["aws_s3_bucket.b.id"]),
                "rule": [{ "apply_server_side_encryption_by_default": [{ "kms_master_key_id": refers(&["aws_kms_key.k.arn"]) }] }],
            }),
        );
        assert_eq!(verdict(check(&put(plan, &format!("{BLOCKS}/-"), default))), expected, "{policy}");
    }
}

#[test]
fn undecided_when_algorithm_or_key_cannot_be_followed() {
    let local = |name: &str| json!({ name: refers(&["local.encryption"]) });
    for name in ["server_side_encryption", "kms_key_id"] {
        let plan = put(plain(), &format!("{BLOCKS}/3"), block(OBJECT, local(name)));
        assert_eq!(check(&plan).says(RULE), [format!("undecided {OBJECT}")], "{name}");
    }
}

#[test]
fn a_new_key_without_a_policy_has_the_default_policy() {
    let key = || new_key(json!({}), &["id", "arn", "key_id", "policy"]);
    assert_eq!(verdict(check(&with_key(key(), json!({})))), FAIL);
    // One that cannot be followed is another matter.
    let document = with_key(key(), json!({ "policy": refers(&["local.policy"]) }));
    assert_eq!(check(&document).says(RULE), [format!("undecided {OBJECT}")]);
    let message = check(&document).messages(RULE).remove(0);
    assert!(message.contains("local.policy"), "{message}");
}

#[test]
fn a_policy_of_its_own_resource_is_found_by_its_reference() {
    let policy = |statements: &[Value]| {
        let plan = planned(&text(&[root_only()]));
        let policy = created("aws_kms_key_policy.k", json!({ "policy": text(statements) }), &["id", "key_id"]);
        let plan = put(plan, &format!("{CHANGES}/-"), policy);
        let policy = block("aws_kms_key_policy.k", json!({ "key_id": refers(&["aws_kms_key.k.id"]) }));
        verdict(check(&put(plan, &format!("{BLOCKS}/-"), policy)))
    };
    assert_eq!(policy(&[root_only(), allow(json!({}))]), PASS);
    assert_eq!(policy(&[root_only()]), FAIL);
}

#[test]
fn the_policy_is_rebuilt_from_a_document() {
    let address = "data.aws_iam_policy_document.k";
    for (identifiers, unknown, expected) in [
        (json!([ROOT, ROLE]), json!([false, false]), PASS),
        (json!([ROOT, ADMIN]), json!([false, false]), FAIL),
        (json!([ROOT, null]), json!([false, true]), UNDECIDED),
    ] {
        let statement = json!({
            "effect": "Allow", "actions": ["kms:*"], "resources": ["*"],
            "principals": [{ "type": "AWS", "identifiers": identifiers }],
        });
        let document = change(
            address,
            &["read"],
            Value::Null,
            json!({ "statement": [statement] }),
            json!({ "id": true, "json": true, "statement": [{ "principals": [{ "identifiers": unknown }] }] }),
        );
        let key = new_key(json!({}), &["id", "arn", "key_id", "policy"]);
        let plan = with_key(key, json!({ "policy": refers(&["data.aws_iam_policy_document.k.json"]) }));
        let plan = put(plan, &format!("{CHANGES}/-"), document);
        assert_eq!(
            verdict(check(&put(plan, &format!("{BLOCKS}/-"), block(address, json!({}))))),
            expected,
            "{identifiers}"
        );
    }
}

/// A run over a plan whose key's policy is known only after apply, with the sources of it: the principal that may decrypt.
fn with_sources(principal: &str) -> Run {
    let key = new_key(json!({}), &["id", "arn", "key_id", "policy"]);
    let plan = with_key(key, json!({ "policy": refers(&["local.policy"]) }));
    let mut plan = put(plan, &format!("{CHANGES}/-"), created("aws_iam_role.admin", json!({}), &["arn", "id"]));
    let role = json!({ "aws_service_name": "guardduty.amazonaws.com" });
    plan["resource_changes"].as_array_mut().unwrap().push(created(
        "aws_iam_service_linked_role.guardduty",
        role,
        &["arn", "id"],
    ));
    let text = format!(
        r#"
locals {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{ Effect = "Allow", Principal = {{ AWS = "{ROOT}" }}, Action = "kms:*", Resource = "*" }},
      {{ Effect = "Allow", Principal = {{ AWS = {principal} }}, Action = "kms:Decrypt", Resource = "*" }},
    ]
  }})
}}
resource "aws_kms_key" "k" {{
  policy = local.policy
}}
resource "aws_s3_object" "o" {{
  bucket                 = "lists"
  key                    = "k.txt"
  server_side_encryption = "aws:kms"
  kms_key_id             = aws_kms_key.k.arn
}}
resource "aws_iam_role" "admin" {{}}
resource "aws_iam_service_linked_role" "guardduty" {{
  aws_service_name = "guardduty.amazonaws.com"
}}
"#
    );
    check(&plan).with_sources(&[("", &text)])
}

#[test]
fn sources_tell_the_policy() {
    for (principal, expected) in [
        ("aws_iam_service_linked_role.guardduty.arn", PASS),
        ("[aws_iam_role.admin.arn, aws_iam_service_linked_role.guardduty.arn]", PASS),
        ("aws_iam_role.admin.arn", FAIL),
        ("random_id.r.hex", UNDECIDED),
    ] {
        assert_eq!(verdict(with_sources(principal)), expected, "{principal}");
    }
}

#[test]
fn undecided_between_the_contexts_when_it_is_not_known_whether_a_bucket_key_is_used() {
    for (values, expected) in [
        (json!(["arn:aws:s3:::lists/k.txt", "arn:aws:s3:::lists"]), PASS),
        (json!("arn:aws:s3:::lists/k.txt"), UNDECIDED),
        (json!("arn:aws:s3:::lists"), UNDECIDED),
        (json!("arn:aws:s3:::other"), FAIL),
    ] {
        let condition = json!({ "StringEquals": { "kms:EncryptionContext:aws:s3:arn": values } });
        let plan = planned(&text(&[allow(json!({ "Condition": condition }))]));
        let list = created(
            OBJECT,
            with(object_at("lists", "k.txt"), json!({ "server_side_encryption": "aws:kms" })),
            &["id", "etag", "kms_key_id", "bucket_key_enabled"],
        );
        let plan = put(plan, &format!("{CHANGES}/3"), list);
        let plan = put(plan, &format!("{BLOCKS}/3/expressions/bucket_key_enabled"), refers(&["local.bucket_key"]));
        assert_eq!(verdict(check(&plan)), expected, "{values}");
    }
}

#[test]
fn fails_when_the_key_goes_in_a_plan_that_keeps_the_list() {
    let key = good_key()["instances"][0]["attributes"].clone();
    let stays = [
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        unchanged(SET, set_at("s3://lists/k.txt")),
        unchanged("aws_s3_bucket.b", bucket()),
        unchanged(OBJECT, object(under_key())),
    ];
    let blocks: Vec<Value> = ["aws_guardduty_detector.d", SET, "aws_s3_bucket.b", OBJECT, KEY]
        .map(|address| block(address, json!({})))
        .into();
    let plan = plan_of(&stays, &blocks);
    let going = change(KEY, &["delete"], key.clone(), Value::Null, json!({}));
    assert_eq!(verdict(check(&put(plan.clone(), &format!("{CHANGES}/-"), going))), FAIL);
    assert_eq!(verdict(check(&put(plan.clone(), &format!("{CHANGES}/-"), unchanged(KEY, key.clone())))), PASS);
    // A plan that disables it.
    let disabled = with(key.clone(), json!({ "is_enabled": false }));
    let update = change(KEY, &["update"], key, disabled, json!({}));
    assert_eq!(verdict(check(&put(plan, &format!("{CHANGES}/-"), update))), FAIL);
}

#[test]
fn a_key_that_is_replaced_is_the_new_one() {
    let before = with(good_key()["instances"][0]["attributes"].clone(), json!({ "key_usage": "SIGN_VERIFY" }));
    let policy = text(&[root_only(), allow(json!({}))]);
    let mut plan = planned(&policy);
    plan["resource_changes"][4]["change"]["actions"] = json!(["delete", "create"]);
    plan["resource_changes"][4]["change"]["before"] = before;
    assert_eq!(verdict(check(&plan)), PASS);
}
