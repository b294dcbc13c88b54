//! Principal, action and resource of a statement.

use serde_json::{Value, json};

use super::{
    A, ADMIN, FAIL, PASS, ROLE, UNDECIDED, bucket_policy, deny, detector_in, judged, object_at, resource, set_at,
    state, text, verdict,
};
use crate::testing::check;

/// The verdict on a Deny with this in place of its `Principal`.
fn not_principal(value: Value) -> &'static str {
    judged(&[deny(json!({ "Principal": null, "NotPrincipal": value }))])
}

#[test]
fn fails_when_the_denied_principal_is_the_role_everybody_or_its_account() {
    for principal in [
        json!("*"),
        json!({ "AWS": "*" }),
        json!({ "AWS": ROLE }),
        json!({ "AWS": [ADMIN, ROLE] }),
        json!({ "AWS": A }),
        json!({ "AWS": "arn:aws:iam::123456789012:root" }),
        json!({ "Service": "s3.amazonaws.com", "AWS": ROLE }),
    ] {
        assert_eq!(judged(&[deny(json!({ "Principal": principal }))]), FAIL, "{principal}");
    }
}

#[test]
fn silent_when_others_are_denied() {
    for principal in [
        json!({ "AWS": ADMIN }),
        json!({ "AWS": "arn:aws:iam::123456789012:user/ann" }),
        json!({ "AWS": "111111111111" }),
        json!({ "AWS": "arn:aws:iam::111111111111:root" }),
        // The service is not the role.
        json!({ "Service": "guardduty.amazonaws.com" }),
        json!({ "Federated": "cognito-identity.amazonaws.com" }),
        // Another partition.
        json!({ "AWS": "arn:aws-cn:iam::123456789012:root" }),
    ] {
        assert_eq!(judged(&[deny(json!({ "Principal": principal }))]), PASS, "{principal}");
    }
}

#[test]
fn undecided_when_a_principal_may_be_the_role() {
    for principal in [
        json!({ "AWS": "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAmazonGuardDuty/session" }),
        json!({ "AWS": "AROAJ4EXAMPLEEXAMPLE1" }),
        json!({ "AWS": "AIDAJ4EXAMPLEEXAMPLE1" }),
        json!({ "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" }),
        // AWS accepts neither, so that what they mean is not told.
        json!({ "AWS": "arn:aws:iam::123456789012:role/*" }),
        json!({ "AWS": "everybody" }),
    ] {
        assert_eq!(judged(&[deny(json!({ "Principal": principal }))]), UNDECIDED, "{principal}");
    }
}

#[test]
fn not_principal_denies_the_role_unless_it_may_be_listed() {
    let root = "arn:aws:iam::123456789012:root";
    for (value, expected) in [
        (json!({ "AWS": ADMIN }), FAIL),
        (json!({ "AWS": "111111111111" }), FAIL),
        (json!({ "Service": "guardduty.amazonaws.com" }), FAIL),
        // The account alone does not exempt its roles from a Deny.
        (json!({ "AWS": root }), FAIL),
        // The role is listed: AWS asks for the session, too, and that cannot be told.
        (json!({ "AWS": ROLE }), UNDECIDED),
        (json!({ "AWS": [ROLE, root] }), UNDECIDED),
        (json!({ "AWS": [ROLE, A] }), UNDECIDED),
        (json!({ "AWS": "AROAJ4EXAMPLEEXAMPLE1" }), UNDECIDED),
        (
            json!({ "AWS": "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForAmazonGuardDuty/session" }),
            UNDECIDED,
        ),
        (json!({ "CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be" }), UNDECIDED),
        (json!({ "AWS": "*" }), PASS),
    ] {
        assert_eq!(not_principal(value.clone()), expected, "{value}");
    }
}

#[test]
fn only_get_object_counts() {
    for (action, expected) in [
        (json!("s3:GetObject"), FAIL),
        (json!("S3:getobject"), FAIL),
        (json!("s3:Get*"), FAIL),
        (json!("s3:GetObjec?"), FAIL),
        (json!("*"), FAIL),
        (json!(["s3:PutObject", "s3:GetObject"]), FAIL),
        (json!("s3:GetObjectVersion"), PASS),
        (json!("s3:GetObjectAcl"), PASS),
        (json!("s3:GetObject?"), PASS),
        (json!(["s3:ListBucket", "s3:Put*", "s3:*Acl"]), PASS),
    ] {
        assert_eq!(judged(&[deny(json!({ "Action": action }))]), expected, "{action}");
    }
}

#[test]
fn not_action_is_inverted() {
    for (action, expected) in
        [(json!("s3:PutObject"), FAIL), (json!(["s3:GetObject", "s3:PutObject"]), PASS), (json!("s3:Get*"), PASS)]
    {
        let statement = deny(json!({ "Action": null, "NotAction": action }));
        assert_eq!(judged(&[statement]), expected, "{action}");
    }
}

#[test]
fn resources_match_the_whole_arn_of_the_object() {
    for (resource, expected) in [
        (json!("*"), FAIL),
        (json!("arn:aws:s3:::*"), FAIL),
        (json!("arn:aws:s3:::lists/k.txt"), FAIL),
        (json!("arn:aws:s3:::lists/k*"), FAIL),
        (json!("arn:aws:s3:::lists*"), FAIL),
        (json!("arn:aws:s3:::li?ts/?.txt"), FAIL),
        (json!(["arn:aws:s3:::lists", "arn:aws:s3:::lists/*"]), FAIL),
        // The bucket's ARN alone is no object's.
        (json!("arn:aws:s3:::lists"), PASS),
        (json!("arn:aws:s3:::lists/"), PASS),
        (json!("arn:aws:s3:::other/*"), PASS),
        (json!("arn:aws:s3:::lists/other/*"), PASS),
        (json!("arn:aws:s3:::lists/K.txt"), PASS),
        (json!("arn:aws-cn:s3:::lists/*"), PASS),
        (json!("arn:aws:s3:::lists/${aws:username}/*"), UNDECIDED),
    ] {
        assert_eq!(judged(&[deny(json!({ "Resource": resource }))]), expected, "{resource}");
    }
}

#[test]
fn not_resource_is_inverted() {
    for (resource, expected) in [
        (json!("arn:aws:s3:::lists/*"), PASS),
        (json!(["arn:aws:s3:::other/*", "arn:aws:s3:::lists/k.txt"]), PASS),
        (json!("arn:aws:s3:::lists/public/*"), FAIL),
        (json!("arn:aws:s3:::lists"), FAIL),
    ] {
        let statement = deny(json!({ "Resource": null, "NotResource": resource }));
        assert_eq!(judged(&[statement]), expected, "{resource}");
    }
}

#[test]
fn the_partition_is_that_of_the_detector() {
    let role =
        "arn:aws-cn:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
    for (principal, resource_arn, expected) in [
        (role, "arn:aws-cn:s3:::lists/*", FAIL),
        (role, "arn:aws:s3:::lists/*", PASS),
        (ROLE, "arn:aws-cn:s3:::lists/*", PASS),
    ] {
        let mut detector = detector_in("cn-north-1", A, "12ab");
        detector["arn"] = json!("arn:aws-cn:guardduty:cn-north-1:123456789012:detector/12ab");
        let bucket = json!({
            "id": "lists", "bucket": "lists", "arn": "arn:aws-cn:s3:::lists", "region": "cn-north-1",
        });
        let document = state(&[
            resource("aws_guardduty_detector.d", detector),
            resource("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
            resource("aws_s3_bucket.b", bucket),
            resource("aws_s3_object.o", object_at("lists", "k.txt")),
            bucket_policy(&text(&[deny(json!({ "Principal": { "AWS": principal }, "Resource": resource_arn }))])),
        ]);
        assert_eq!(verdict(check(&document)), expected, "{principal} {resource_arn}");
    }
}
