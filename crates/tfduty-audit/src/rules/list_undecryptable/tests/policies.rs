//! What a key's policy gives to GuardDuty's role.

use serde_json::{Value, json};

use super::{
    A, ADMIN, B, FAIL, FOREIGN_ARN, KEY_ARN, KEY_ID, PASS, ROLE, ROOT, RULE, UNDECIDED, allow, bad_key, check, deny,
    foreign_key, good_key, judged, key_with, plans, root_only, stored, text, under_key, verdict, with,
};
use crate::testing::resource;

/// The verdict under a key policy of these statements, which is the same for a state and for a plan.
fn under(statements: &[Value]) -> &'static str {
    let policy = text(statements);
    let in_state = judged(under_key(), &[key_with(&policy, json!({}))]);
    assert_eq!(verdict(check(&plans::planned(&policy))), in_state, "plan and state differ: {policy}");
    in_state
}

#[test]
fn silent_when_an_allow_gives_the_role_the_right_to_decrypt() {
    for others in [
        json!({}),
        json!({ "Action": "kms:Decrypt*" }),
        json!({ "Action": "kms:*" }),
        json!({ "Action": "*" }),
        json!({ "Action": ["kms:GenerateDataKey*", "KMS:decrypt"] }),
        json!({ "Principal": "*" }),
        json!({ "Principal": { "AWS": "*" } }),
        json!({ "Principal": { "AWS": [ADMIN, ROLE] } }),
    ] {
        assert_eq!(under(&[root_only(), allow(others.clone())]), PASS, "{others}");
        // The account's own statement is not needed.
        assert_eq!(under(&[allow(others.clone())]), PASS, "{others}");
    }
}

#[test]
fn fails_when_no_allow_is_for_the_role_and_decryption() {
    for others in [
        json!({ "Action": "kms:Encrypt" }),
        json!({ "Action": ["kms:GenerateDataKey*", "kms:DescribeKey", "kms:ReEncrypt*"] }),
        json!({ "Action": null, "NotAction": "kms:Decrypt" }),
        json!({ "Principal": { "AWS": ADMIN } }),
        json!({ "Principal": { "AWS": B } }),
        json!({ "Principal": { "Service": "guardduty.amazonaws.com" } }),
        // Without its path it is another role.
        json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:role/AWSServiceRoleForAmazonGuardDuty" } }),
    ] {
        assert_eq!(under(&[root_only(), allow(others.clone())]), FAIL, "{others}");
    }
}

#[test]
fn fails_when_only_the_account_is_allowed() {
    // Nothing in IAM gives the role a right in KMS.
    for principal in [json!({ "AWS": ROOT }), json!({ "AWS": A })] {
        assert_eq!(under(&[allow(json!({ "Principal": principal, "Action": "kms:*" }))]), FAIL, "{principal}");
    }
    // The default policy is this one.
    for policy in [json!(""), json!(null)] {
        assert_eq!(judged(under_key(), &[key_with("", json!({ "policy": policy }))]), FAIL, "{policy}");
    }
}

#[test]
fn undecided_when_a_principal_may_be_the_role() {
    for principal in
        ["AROAJ4EXAMPLEEXAMPLE1", "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAmazonGuardDuty/s"]
    {
        assert_eq!(
            under(&[root_only(), allow(json!({ "Principal": { "AWS": principal } }))]),
            UNDECIDED,
            "{principal}"
        );
    }
}

#[test]
fn silent_when_everybody_may_through_s3_and_from_the_account() {
    for condition in [
        json!({ "StringEquals": { "kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": A } }),
        json!({ "StringEquals": { "kms:CallerAccount": A } }),
        json!({ "StringEquals": { "kms:ViaService": ["ec2.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"] } }),
        json!({ "StringLike": { "kms:ViaService": "s3.*.amazonaws.com" } }),
    ] {
        let statement = allow(json!({ "Principal": { "AWS": "*" }, "Action": "kms:*", "Condition": condition }));
        assert_eq!(under(&[root_only(), statement]), PASS, "{condition}");
    }
}

#[test]
fn the_keys_of_conditions_are_those_of_a_decryption_by_s3() {
    for (operator, key, value, expected) in [
        ("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com", FAIL),
        ("StringEquals", "kms:ViaService", "ec2.eu-west-1.amazonaws.com", FAIL),
        ("StringEquals", "kms:CallerAccount", B, FAIL),
        ("Bool", "kms:GrantIsForAWSResource", "true", FAIL),
        ("StringEquals", "kms:GranteePrincipal", ROLE, FAIL),
        ("StringEquals", "kms:EncryptionContext:app", "lists", FAIL),
        ("ForAllValues:StringEquals", "kms:EncryptionContextKeys", "aws:s3:arn", PASS),
        ("ForAnyValue:StringEquals", "kms:EncryptionContextKeys", "aws:s3:arn", PASS),
        ("ForAnyValue:StringEquals", "kms:EncryptionContextKeys", "app", FAIL),
        ("StringEquals", "aws:ResourceAccount", A, PASS),
        ("StringEquals", "aws:PrincipalAccount", A, PASS),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/aws-service-role/guardduty.amazonaws.com/*", PASS),
        ("ArnEquals", "aws:PrincipalArn", ADMIN, FAIL),
        ("Bool", "aws:SecureTransport", "true", PASS),
        // S3 decrypts on the role's behalf.
        ("Bool", "aws:ViaAWSService", "true", PASS),
        ("Bool", "aws:ViaAWSService", "false", FAIL),
        ("ForAnyValue:StringEquals", "aws:CalledVia", "s3.amazonaws.com", UNDECIDED),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", UNDECIDED),
        ("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d", UNDECIDED),
        ("StringEquals", "s3:authType", "REST-HEADER", FAIL),
        ("StringEquals", "aws:SourceAccount", A, UNDECIDED),
        ("StringEquals", "aws:PrincipalOrgID", "o-abc", UNDECIDED),
        ("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z", UNDECIDED),
    ] {
        let statement = allow(json!({ "Condition": { operator: { key: value } } }));
        assert_eq!(under(&[root_only(), statement]), expected, "{operator} {key} {value}");
    }
}

#[test]
fn undecided_when_a_condition_is_not_decidable() {
    let statement = allow(json!({ "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-abc" } } }));
    let document = stored(under_key(), &[key_with(&text(&[statement]), json!({}))]);
    let message = check(&document).messages(RULE).remove(0);
    assert!(message.contains("aws:PrincipalOrgID"), "{message}");
}

#[test]
fn the_encryption_context_is_the_objects_arn_or_with_a_bucket_key_the_buckets() {
    for (bucket_key, operator, value, expected) in [
        (false, "StringEquals", "arn:aws:s3:::lists/k.txt", PASS),
        (false, "StringLike", "arn:aws:s3:::lists/*", PASS),
        (false, "StringEquals", "arn:aws:s3:::lists", FAIL),
        (false, "StringLike", "arn:aws:s3:::other/*", FAIL),
        (true, "StringEquals", "arn:aws:s3:::lists", PASS),
        (true, "StringLike", "arn:aws:s3:::lists*", PASS),
        (true, "StringLike", "arn:aws:s3:::lists/*", FAIL),
        (true, "StringEquals", "arn:aws:s3:::lists/k.txt", FAIL),
    ] {
        let condition = json!({ operator: { "kms:EncryptionContext:aws:s3:arn": value } });
        let key = key_with(&text(&[allow(json!({ "Condition": condition }))]), json!({}));
        let encryption = with(under_key(), json!({ "bucket_key_enabled": bucket_key }));
        assert_eq!(judged(encryption, &[key]), expected, "{bucket_key} {operator} {value}");
    }
}

#[test]
fn a_key_policy_is_about_its_own_key() {
    for (resource, expected) in [
        (json!("*"), PASS),
        (json!(KEY_ARN), PASS),
        (json!("arn:aws:kms:eu-west-1:123456789012:key/*"), PASS),
        (json!("arn:aws:kms:*:123456789012:key/*"), PASS),
        // Fewer than six fields.
        (json!("arn:aws:kms:*"), PASS),
        (json!("arn:aws:kms:us-east-1:123456789012:key/*"), FAIL),
        (json!("arn:aws:kms:eu-west-1:222222222222:key/*"), FAIL),
        (json!("arn:aws:kms:eu-west-1:123456789012:key/99999999-12ab-34cd-56ef-1234567890ab"), FAIL),
    ] {
        let key = key_with(&text(&[allow(json!({ "Resource": resource }))]), json!({}));
        assert_eq!(judged(under_key(), &[key]), expected, "{resource}");
    }
    // In a plan the key's id is not known, its region and account are.
    for (resource, expected) in [
        ("*", PASS),
        ("arn:aws:kms:eu-west-1:123456789012:key/*", PASS),
        ("arn:aws:kms:us-east-1:123456789012:key/*", FAIL),
        (KEY_ARN, UNDECIDED),
    ] {
        let document = plans::planned(&text(&[allow(json!({ "Resource": resource }))]));
        assert_eq!(verdict(check(&document)), expected, "{resource}");
    }
}

#[test]
fn a_deny_wins_where_it_matches() {
    let elsewhere = json!({ "StringNotEquals": { "aws:PrincipalAccount": A } });
    let organization = json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abc" } });
    let ours = || allow(json!({ "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-abc" } } }));
    for (statements, expected) in [
        (vec![allow(json!({})), deny(json!({}))], FAIL),
        (vec![allow(json!({})), deny(json!({ "Principal": { "AWS": ROLE }, "Action": "kms:Decrypt" }))], FAIL),
        // The account's root stands for all of the account in a Deny.
        (vec![allow(json!({})), deny(json!({ "Principal": { "AWS": ROOT } }))], FAIL),
        (vec![allow(json!({})), deny(json!({ "Principal": { "AWS": ADMIN } }))], PASS),
        (vec![allow(json!({})), deny(json!({ "Action": "kms:Encrypt" }))], PASS),
        (vec![allow(json!({})), deny(json!({ "Condition": elsewhere }))], PASS),
        (vec![allow(json!({})), deny(json!({ "Condition": organization }))], UNDECIDED),
        (vec![ours()], UNDECIDED),
        (vec![ours(), deny(json!({}))], FAIL),
        // Nothing allows it, whatever the Deny.
        (vec![root_only(), deny(json!({ "Condition": organization }))], FAIL),
    ] {
        assert_eq!(under(&statements), expected, "{statements:?}");
    }
}

#[test]
fn a_policy_of_its_own_resource_comes_first() {
    let own = |statements: &[Value]| {
        resource("aws_kms_key_policy.k", json!({ "id": KEY_ID, "key_id": KEY_ID, "policy": text(statements) }))
    };
    assert_eq!(judged(under_key(), &[bad_key(), own(&[root_only(), allow(json!({}))])]), PASS);
    assert_eq!(judged(under_key(), &[good_key(), own(&[root_only()])]), FAIL);
}

#[test]
fn undecided_when_the_key_of_another_account_allows_the_role() {
    // The role would need a right in IAM, too.
    let encryption = || json!({ "server_side_encryption": "aws:kms", "kms_key_id": FOREIGN_ARN });
    for (statements, expected) in [
        (vec![allow(json!({}))], UNDECIDED),
        (vec![allow(json!({ "Principal": "*" }))], UNDECIDED),
        (vec![allow(json!({ "Principal": { "AWS": "arn:aws:iam::222222222222:root" }, "Action": "kms:*" }))], FAIL),
        (vec![allow(json!({ "Principal": { "AWS": ROOT } }))], FAIL),
        (vec![allow(json!({})), deny(json!({}))], FAIL),
    ] {
        let key = foreign_key(&text(&statements));
        assert_eq!(judged(encryption(), &[key]), expected, "{statements:?}");
    }
}

#[test]
fn a_policy_that_cannot_be_read_is_undecided() {
    for policy in ["not JSON", "[]", "{}", r#"{"Version":"2012-10-17"}"#] {
        assert_eq!(judged(under_key(), &[key_with(policy, json!({}))]), UNDECIDED, "{policy}");
    }
}

#[test]
fn a_sensitive_policy_is_judged_but_its_text_is_not_shown() {
    let statement =
        allow(json!({ "Sid": "HiddenSid", "Principal": { "AWS": "arn:aws:iam::999999999999:role/Hidden" } }));
    let mut key = key_with(&text(&[root_only(), statement]), json!({}));
    key["instances"][0]["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": "policy" }]]);
    let finding = check(&stored(under_key(), &[key])).finding(RULE);
    let labels = finding.related.iter().map(|related| format!("{} {}", related.message, related.anchor.label));
    let told = format!("{} {} {}", finding.message, finding.help, labels.collect::<String>());
    assert!(!told.contains("Hidden") && !told.contains("999999999999"), "{told}");
}
