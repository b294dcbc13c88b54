//! Condition keys of the read, in a Deny of everything for everybody: does it match?

use serde_json::{Value, json};

use super::{
    ADMIN, FAIL, OBJECT, PASS, ROLE, UNDECIDED, bucket_policy, deny, judged, object_at, planned, resource, stored,
    text, under, verdict, with,
};
use crate::testing::{check, created};

/// Operator, key, values, and the verdict.
type Row<'a> = (&'a str, &'a str, &'a [&'a str], &'a str);

/// A Deny under one condition.
fn when(operator: &str, key: &str, values: &[&str]) -> Value {
    let values = if let [only] = values { json!(only) } else { json!(values) };
    deny(json!({ "Condition": { operator: { key: values } } }))
}

#[track_caller]
fn rows(table: &[Row<'_>]) {
    for (operator, key, values, expected) in table {
        assert_eq!(judged(&[when(operator, key, values)]), *expected, "{operator} {key} {values:?}");
    }
}

/// The verdict in a state with other resources.
fn beside(statement: Value, more: &[Value]) -> &'static str {
    let mut resources = vec![bucket_policy(&text(&[statement]))];
    resources.extend_from_slice(more);
    verdict(check(&stored(&resources)))
}

#[test]
fn the_roles_arn_decides_a_list_of_exempted_roles() {
    rows(&[
        ("StringNotEquals", "aws:PrincipalArn", &[ADMIN], FAIL),
        ("StringNotEquals", "aws:PrincipalArn", &[ADMIN, ROLE], PASS),
        ("ArnNotEquals", "aws:PrincipalArn", &[ADMIN], FAIL),
        ("ArnNotEquals", "aws:PrincipalArn", &[ROLE, ADMIN], PASS),
        ("StringNotEqualsIfExists", "aws:PrincipalArn", &[ADMIN], FAIL),
        ("StringEquals", "aws:PrincipalArn", &[ADMIN], PASS),
        ("StringEquals", "aws:PrincipalArn", &[ADMIN, ROLE], FAIL),
        ("StringEquals", "AWS:principalarn", &[ROLE], FAIL),
        // Without its path it is another role.
        (
            "StringNotEquals",
            "aws:PrincipalArn",
            &["arn:aws:iam::123456789012:role/AWSServiceRoleForAmazonGuardDuty"],
            FAIL,
        ),
        // Exact, folded, and without wildcards.
        (
            "StringEquals",
            "aws:PrincipalArn",
            &[
                "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/awsserviceroleforamazonguardduty",
            ],
            PASS,
        ),
        (
            "StringEqualsIgnoreCase",
            "aws:PrincipalArn",
            &[
                "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/awsserviceroleforamazonguardduty",
            ],
            FAIL,
        ),
        ("StringNotEquals", "aws:PrincipalArn", &["arn:aws:iam::123456789012:role/aws-service-role/*"], FAIL),
    ]);
}

#[test]
fn patterns_of_principal_arn_match_the_role_by_its_path() {
    let of_services = &["arn:aws:iam::123456789012:role/aws-service-role/*"][..];
    let of_any_account = &["arn:aws:iam::*:role/aws-service-role/guardduty.amazonaws.com/*"][..];
    let admins = &["arn:aws:iam::123456789012:role/Admin*"][..];
    rows(&[
        ("StringNotLike", "aws:PrincipalArn", of_services, PASS),
        ("ArnNotLike", "aws:PrincipalArn", of_services, PASS),
        ("ArnNotEquals", "aws:PrincipalArn", of_services, PASS),
        ("ArnLike", "aws:PrincipalArn", of_any_account, FAIL),
        ("StringLike", "aws:PrincipalArn", of_any_account, FAIL),
        ("StringNotLike", "aws:PrincipalArn", admins, FAIL),
        ("ArnNotLike", "aws:PrincipalArn", admins, FAIL),
        ("StringLike", "aws:PrincipalArn", admins, PASS),
        ("ArnLike", "aws:PrincipalArn", &["*"], FAIL),
        // Fewer than six fields.
        ("ArnLike", "aws:PrincipalArn", &["arn:aws:iam::*"], UNDECIDED),
    ]);
}

#[test]
fn account_and_type_of_the_principal_are_known() {
    rows(&[
        ("StringNotEquals", "aws:PrincipalAccount", &["123456789012"], PASS),
        ("StringNotEquals", "aws:PrincipalAccount", &["111111111111"], FAIL),
        ("StringEquals", "aws:PrincipalAccount", &["111111111111", "123456789012"], FAIL),
        ("StringNotEquals", "aws:PrincipalType", &["AssumedRole"], PASS),
        ("StringEquals", "aws:PrincipalType", &["User"], PASS),
        ("Bool", "aws:PrincipalIsAWSService", &["true"], PASS),
        ("Bool", "aws:PrincipalIsAWSService", &["false"], FAIL),
        ("BoolIfExists", "aws:PrincipalIsAWSService", &["false"], FAIL),
        ("Bool", "aws:ViaAWSService", &["true"], PASS),
        ("Bool", "aws:ViaAWSService", &["false"], FAIL),
    ]);
}

#[test]
fn the_organization_is_known_only_where_the_estate_shows_it() {
    let key = "aws:PrincipalOrgID";
    rows(&[
        ("StringNotEquals", key, &["o-abc"], UNDECIDED),
        ("StringEquals", key, &["o-abc"], UNDECIDED),
        ("StringNotEqualsIfExists", key, &["o-abc"], UNDECIDED),
        ("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", &["o-abc/*"], UNDECIDED),
    ]);
    for address in ["data.aws_organizations_organization.o", "aws_organizations_organization.o"] {
        let organization = [resource(address, json!({ "id": "o-abc" }))];
        assert_eq!(beside(when("StringNotEquals", key, &["o-abc"]), &organization), PASS, "{address}");
        assert_eq!(beside(when("StringEquals", key, &["o-abc"]), &organization), FAIL, "{address}");
    }
}

#[test]
fn keys_that_only_services_bring_are_missing() {
    rows(&[
        // Missing: positive false, negated true, `…IfExists` true.
        ("StringEquals", "aws:PrincipalServiceName", &["guardduty.amazonaws.com"], PASS),
        ("StringNotEquals", "aws:PrincipalServiceName", &["guardduty.amazonaws.com"], FAIL),
        ("StringEqualsIfExists", "aws:PrincipalServiceName", &["guardduty.amazonaws.com"], FAIL),
        ("ForAnyValue:StringEquals", "aws:PrincipalServiceNamesList", &["guardduty.amazonaws.com"], PASS),
        ("ForAnyValue:StringEquals", "aws:CalledVia", &["athena.amazonaws.com"], PASS),
        ("ForAllValues:StringEquals", "aws:CalledVia", &["athena.amazonaws.com"], FAIL),
        ("StringEquals", "aws:CalledViaFirst", &["athena.amazonaws.com"], PASS),
        ("Null", "aws:PrincipalServiceName", &["true"], FAIL),
        ("Null", "aws:PrincipalServiceName", &["false"], PASS),
    ]);
}

#[test]
fn transport_is_encrypted() {
    rows(&[
        ("Bool", "aws:SecureTransport", &["false"], PASS),
        ("BoolIfExists", "aws:SecureTransport", &["false"], PASS),
        ("Bool", "aws:SecureTransport", &["true"], FAIL),
        ("NumericLessThan", "s3:TlsVersion", &["1.2"], PASS),
        ("NumericGreaterThanEquals", "s3:TlsVersion", &["1.2"], FAIL),
        ("NumericLessThan", "s3:TlsVersion", &["1.3"], UNDECIDED),
        // No truth value.
        ("Bool", "aws:SecureTransport", &["encrypted"], UNDECIDED),
    ]);
    // A truth value of JSON, as `jsonencode` writes it.
    for (value, expected) in [(false, PASS), (true, FAIL)] {
        let condition = json!({ "Condition": { "Bool": { "aws:SecureTransport": value } } });
        assert_eq!(judged(&[deny(condition)]), expected, "{value}");
    }
}

#[test]
fn source_arn_and_source_account_are_probably_missing() {
    rows(&[
        ("ArnEquals", "aws:SourceArn", &["arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"], PASS),
        ("StringEquals", "aws:SourceAccount", &["123456789012"], PASS),
        ("StringEquals", "aws:SourceOrgID", &["o-abc"], PASS),
        ("ArnNotEquals", "aws:SourceArn", &["arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"], UNDECIDED),
        ("StringNotEquals", "aws:SourceAccount", &["123456789012"], UNDECIDED),
        ("StringNotEqualsIfExists", "aws:SourceAccount", &["123456789012"], UNDECIDED),
        ("Null", "aws:SourceAccount", &["true"], UNDECIDED),
    ]);
}

#[test]
fn guardduty_does_not_come_from_the_users_addresses() {
    rows(&[
        ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"], FAIL),
        ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24", "198.51.100.7"], FAIL),
        ("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24", "0.0.0.0/0"], PASS),
        ("IpAddress", "aws:SourceIp", &["0.0.0.0/0"], FAIL),
        ("IpAddress", "aws:SourceIp", &["203.0.113.0/24"], UNDECIDED),
        ("Null", "aws:SourceIp", &["true"], PASS),
        ("Null", "aws:SourceIp", &["false"], FAIL),
    ]);
}

#[test]
fn guardduty_does_not_come_through_the_users_networks() {
    rows(&[
        ("StringNotEquals", "aws:SourceVpce", &["vpce-1a2b3c4d"], FAIL),
        ("StringNotEqualsIfExists", "aws:SourceVpce", &["vpce-1a2b3c4d"], FAIL),
        ("StringNotEquals", "aws:SourceVpc", &["vpc-1a2b3c4d", "vpc-5e6f7a8b"], FAIL),
        ("NotIpAddress", "aws:VpcSourceIp", &["10.0.0.0/8"], FAIL),
        ("ArnNotEquals", "aws:SourceVpcArn", &["arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1a2b3c4d"], FAIL),
        ("StringEquals", "aws:SourceVpce", &["vpce-1a2b3c4d"], PASS),
        ("StringLike", "aws:SourceVpc", &["vpc-1a2b3c4d"], PASS),
        ("StringEqualsIfExists", "aws:SourceVpce", &["vpce-1a2b3c4d"], UNDECIDED),
        ("StringNotLike", "aws:SourceVpce", &["vpce-*"], UNDECIDED),
        ("Null", "aws:SourceVpce", &["true"], UNDECIDED),
        ("ForAnyValue:StringNotEquals", "aws:SourceVpce", &["vpce-1a2b3c4d"], UNDECIDED),
    ]);
}

#[test]
fn a_role_has_no_second_factor() {
    rows(&[
        ("Bool", "aws:MultiFactorAuthPresent", &["true"], PASS),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", &["false"], FAIL),
        // Missing or false: that cannot be told.
        ("Bool", "aws:MultiFactorAuthPresent", &["false"], UNDECIDED),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", &["true"], UNDECIDED),
        ("Null", "aws:MultiFactorAuthPresent", &["true"], UNDECIDED),
        ("Null", "aws:MultiFactorAuthAge", &["true"], FAIL),
        ("NumericGreaterThan", "aws:MultiFactorAuthAge", &["3600"], PASS),
        ("NumericGreaterThanIfExists", "aws:MultiFactorAuthAge", &["3600"], FAIL),
    ]);
}

#[test]
fn when_the_token_was_issued_is_not_known() {
    rows(&[
        ("Null", "aws:TokenIssueTime", &["true"], PASS),
        ("Null", "aws:TokenIssueTime", &["false"], FAIL),
        ("DateLessThan", "aws:TokenIssueTime", &["2026-01-01T00:00:00Z"], UNDECIDED),
    ]);
}

#[test]
fn keys_of_users_and_sessions_are_missing() {
    rows(&[
        ("StringEquals", "aws:username", &["ann"], PASS),
        ("StringNotEquals", "aws:username", &["ann"], FAIL),
        ("StringNotLike", "aws:username", &["a*"], FAIL),
        ("StringEquals", "aws:PrincipalTag/team", &["security"], PASS),
        ("StringNotEquals", "aws:PrincipalTag/team", &["security"], FAIL),
        ("Null", "aws:FederatedProvider", &["true"], FAIL),
        ("StringEquals", "aws:Ec2InstanceSourceVpc", &["vpc-1a2b3c4d"], PASS),
        ("StringNotEquals", "aws:Ec2InstanceSourceVpc", &["vpc-1a2b3c4d"], FAIL),
    ]);
}

#[test]
fn the_roles_id_is_not_known_but_it_is_none_of_the_estates() {
    let allowed = &["AROAJ4EXAMPLEEXAMPLE1:*", "AIDAJ4EXAMPLEEXAMPLE1"][..];
    rows(&[("StringNotLike", "aws:userid", allowed, UNDECIDED)]);
    let owners = [
        resource("aws_iam_role.r", json!({ "arn": ADMIN, "unique_id": "AROAJ4EXAMPLEEXAMPLE1" })),
        resource(
            "aws_iam_user.u",
            json!({ "arn": "arn:aws:iam::123456789012:user/ann", "unique_id": "AIDAJ4EXAMPLEEXAMPLE1" }),
        ),
    ];
    assert_eq!(beside(when("StringNotLike", "aws:userId", allowed), &owners), FAIL);
    assert_eq!(beside(when("StringNotLike", "aws:userId", allowed), &owners[1..]), UNDECIDED);
    assert_eq!(beside(when("StringLike", "aws:userId", allowed), &owners), PASS);
}

#[test]
fn account_and_region_of_the_bucket_are_known() {
    rows(&[
        ("StringNotEquals", "aws:ResourceAccount", &["123456789012"], PASS),
        ("StringNotEquals", "aws:ResourceAccount", &["111111111111"], FAIL),
        ("StringNotEquals", "s3:ResourceAccount", &["123456789012"], PASS),
        ("StringNotEquals", "aws:RequestedRegion", &["eu-west-1"], PASS),
        ("StringNotEquals", "aws:RequestedRegion", &["us-east-1"], FAIL),
    ]);
}

/// The verdict on a list with these attributes beside bucket and key, in a state.
fn tagged(address: &str, attributes: Value, operator: &str, tag: &str) -> &'static str {
    let mut document = stored(&[bucket_policy(&text(&[when(operator, tag, &["secret"])]))]);
    document["resources"][3] = resource(address, with(object_at("lists", "k.txt"), attributes));
    verdict(check(&document))
}

#[test]
fn tags_of_a_managed_list_are_known() {
    let secret = || json!({ "tags_all": { "Class": "secret" } });
    for (attributes, operator, expected) in [
        (secret(), "StringEquals", FAIL),
        (secret(), "StringNotEquals", PASS),
        (json!({ "tags_all": { "Class": "open" } }), "StringEquals", PASS),
        // `tags_all` has the provider's default tags, too.
        (json!({ "tags": {}, "tags_all": { "Class": "secret" } }), "StringEquals", FAIL),
        (json!({ "tags_all": {} }), "StringEquals", PASS),
        (json!({ "tags_all": {} }), "StringNotEquals", FAIL),
    ] {
        let verdict = tagged(OBJECT, attributes.clone(), operator, "s3:ExistingObjectTag/Class");
        assert_eq!(verdict, expected, "{attributes} {operator}");
    }
    // The tag's name is compared without case.
    assert_eq!(tagged(OBJECT, secret(), "StringEquals", "s3:ExistingObjectTag/class"), FAIL);
}

#[test]
fn tags_of_a_copy_are_those_of_its_source_unless_replaced() {
    let (copy, tag) = ("aws_s3_object_copy.o", "s3:ExistingObjectTag/Class");
    let copied = || json!({ "source": "from/k.txt", "tags_all": {} });
    assert_eq!(tagged(copy, copied(), "StringEquals", tag), UNDECIDED);
    let replaced = with(copied(), json!({ "tagging_directive": "REPLACE" }));
    assert_eq!(tagged(copy, replaced, "StringEquals", tag), PASS);
    // Those of an object that is only read are not known.
    assert_eq!(tagged("data.aws_s3_object.o", json!({}), "StringEquals", tag), UNDECIDED);
}

#[test]
fn tags_stand_in_for_what_a_plan_does_not_know_of_all_tags() {
    for (tags, expected) in [(json!({ "Class": "secret" }), FAIL), (json!({ "Class": "open" }), PASS)] {
        let mut document = planned(&text(&[when("StringEquals", "s3:ExistingObjectTag/Class", &["secret"])]));
        let object = with(object_at("lists", "k.txt"), json!({ "tags": tags }));
        document["resource_changes"][3] = created(OBJECT, object, &["id", "etag", "tags_all"]);
        assert_eq!(verdict(check(&document)), expected, "{tags}");
    }
}

#[test]
fn keys_of_other_requests_are_missing() {
    rows(&[
        ("StringEquals", "s3:x-amz-server-side-encryption", &["aws:kms"], PASS),
        ("StringNotEquals", "s3:x-amz-server-side-encryption", &["aws:kms"], FAIL),
        ("Null", "s3:x-amz-server-side-encryption", &["true"], FAIL),
        ("StringNotEqualsIfExists", "s3:x-amz-server-side-encryption-aws-kms-key-id", &["key"], FAIL),
        ("StringEquals", "s3:x-amz-acl", &["public-read"], PASS),
        ("StringLike", "s3:x-amz-grant-read", &["*"], PASS),
        ("StringLike", "s3:x-amz-copy-source", &["*"], PASS),
        ("StringLike", "s3:prefix", &["home/*"], PASS),
        ("NumericGreaterThan", "s3:max-keys", &["10"], PASS),
        ("Null", "s3:VersionId", &["false"], PASS),
        ("StringEquals", "s3:RequestObjectTag/team", &["security"], PASS),
        // How the request is signed.
        ("StringNotEquals", "s3:authType", &["REST-HEADER"], PASS),
        ("StringNotEquals", "s3:authType", &["REST-QUERY-STRING"], FAIL),
        ("StringNotEquals", "s3:signatureversion", &["AWS4-HMAC-SHA256"], PASS),
        ("StringEquals", "s3:signatureversion", &["AWS"], PASS),
    ]);
}

#[test]
fn undecided_on_any_other_key_and_on_an_unknown_operator() {
    rows(&[
        ("DateGreaterThan", "aws:CurrentTime", &["2026-01-01T00:00:00Z"], UNDECIDED),
        ("StringLike", "aws:UserAgent", &["*curl*"], UNDECIDED),
        ("StringNotLike", "aws:Referer", &["https://example.com/*"], UNDECIDED),
        ("StringNotEquals", "s3:DataAccessPointAccount", &["123456789012"], UNDECIDED),
        ("StringMatches", "aws:PrincipalAccount", &["123456789012"], UNDECIDED),
        ("NumericLessThan", "s3:TlsVersion", &["old"], UNDECIDED),
    ]);
}

#[test]
fn operators_and_keys_are_joined_by_and() {
    let not_admin = json!({ "StringNotEquals": { "aws:PrincipalArn": ADMIN } });
    let not_role = json!({ "ArnNotEquals": { "aws:PrincipalArn": ROLE } });
    let from_elsewhere = json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } });
    let not_ours = json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abc" } });
    let two_keys =
        json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1a2b3c4d", "aws:PrincipalAccount": "123456789012" } });
    for (condition, expected) in [
        // Without a condition, or with an empty one.
        (json!({}), FAIL),
        (with(not_role.clone(), from_elsewhere.clone()), PASS),
        (with(from_elsewhere.clone(), json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } })), FAIL),
        (two_keys, PASS),
        // False decides, whatever cannot be told.
        (with(not_role, not_ours.clone()), PASS),
        (with(json!({ "ArnNotLike": { "aws:PrincipalArn": ADMIN } }), not_ours), UNDECIDED),
        (with(not_admin, json!({ "Bool": { "aws:SecureTransport": "false" } })), PASS),
    ] {
        assert_eq!(judged(&[deny(json!({ "Condition": condition }))]), expected, "{condition}");
    }
}

#[test]
fn quantifiers_are_read_as_for_one_value() {
    rows(&[
        ("ForAnyValue:StringEquals", "aws:PrincipalArn", &[ADMIN, ROLE], FAIL),
        ("ForAllValues:StringNotEquals", "aws:PrincipalArn", &[ADMIN, ROLE], PASS),
        // The key is missing.
        ("ForAllValues:StringEquals", "aws:username", &["ann"], FAIL),
        ("ForAnyValue:StringNotEquals", "aws:username", &["ann"], PASS),
        ("ForAnyValue:StringEqualsIfExists", "aws:username", &["ann"], FAIL),
    ]);
}

#[test]
fn an_empty_list_of_values_matches_nothing() {
    rows(&[("StringEquals", "aws:PrincipalArn", &[], PASS), ("StringLike", "aws:PrincipalArn", &[], PASS)]);
}

#[test]
fn policy_variables_are_undecided_and_literal_in_the_old_language() {
    let statement =
        || when("StringNotEquals", "aws:PrincipalArn", &["arn:aws:iam::${aws:PrincipalAccount}:role/Admin"]);
    assert_eq!(judged(&[statement()]), UNDECIDED);
    for policy in
        [json!({ "Statement": [statement()] }), json!({ "Version": "2008-10-17", "Statement": [statement()] })]
    {
        assert_eq!(under(&policy.to_string()), FAIL, "{policy}");
    }
}

#[test]
fn null_of_a_key_that_is_present_is_decided() {
    rows(&[
        ("Null", "aws:PrincipalArn", &["true"], PASS),
        ("Null", "aws:PrincipalArn", &["false"], FAIL),
        ("Null", "aws:PrincipalTag/team", &["false"], PASS),
    ]);
}
