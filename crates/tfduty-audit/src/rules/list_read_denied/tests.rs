//! One detector of account [`A`], one set, its list in bucket `lists`: what the bucket's policy does to it.

#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

mod accounts;
mod conditions;
mod documents;
mod elements;
mod origin;
mod sources;

use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    Run, block, change, check, created, detector_in,
    lists::{object_at, other_stack, refers, set_at, with},
    plan, plan_of,
    reading::{
        self, ACCOUNT as A, FAIL, OBJECT, PASS, ROLE, SET, UNDECIDED, bucket, bucket_policy, elements,
        policy_text as text,
    },
    resource, state, unchanged,
};

const RULE: &str = "list-read-denied";
const ADMIN: &str = "arn:aws:iam::123456789012:role/Admin";

/// The verdict on the only list of a run.
fn verdict(run: Run) -> &'static str {
    run.verdict(RULE)
}

/// Detector, set, bucket and list in a raw state, in this order, then `more`.
fn stored(more: &[Value]) -> Value {
    reading::stored(json!({}), more)
}

/// The same in a plan that creates all but the detector: names are known, ids and ARNs are not.
fn planned(policy: &str) -> Value {
    let changes = [
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")),
        created(SET, set_at("s3://lists/k.txt"), &["id", "arn"]),
        created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn", "policy", "region", "acl"]),
        created(OBJECT, object_at("lists", "k.txt"), &["id", "etag", "kms_key_id", "server_side_encryption"]),
        created("aws_s3_bucket_policy.p", json!({ "bucket": "lists", "policy": policy }), &["id"]),
    ];
    let blocks = ["aws_guardduty_detector.d", SET, "aws_s3_bucket.b", OBJECT, "aws_s3_bucket_policy.p"];
    plan_of(&changes, &blocks.map(|address| block(address, json!({}))))
}

/// A Deny of everything for everybody, on the objects of the bucket; `others` take the place of its elements, and null
/// removes one.
fn deny(others: Value) -> Value {
    let all = json!({
        "Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::lists/*",
    });
    elements(all, others)
}

/// An Allow of reading for everybody, on the objects of the bucket; `others` take the place of its elements, and null
/// removes one.
fn allow(others: Value) -> Value {
    let all = json!({
        "Sid": "Read", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::lists/*",
    });
    elements(all, others)
}

/// The verdict under a bucket policy of these statements, which is the same for a state and for a plan.
fn judged(statements: &[Value]) -> &'static str {
    under(&text(statements))
}

/// The verdict under a bucket policy with this text, which is the same for a state and for a plan.
fn under(policy: &str) -> &'static str {
    let in_state = verdict(check(&stored(&[bucket_policy(policy)])));
    assert_eq!(verdict(check(&planned(policy))), in_state, "plan and state differ: {policy}");
    in_state
}

/// All that a finding tells of itself.
fn told(run: Run) -> String {
    let finding = run.finding(RULE);
    let related = finding.related.iter().map(|related| format!("{} {}", related.message, related.anchor.label));
    let related: Vec<String> = related.collect();
    format!("{} {} {} {}", finding.message, finding.help, finding.anchor.label, related.join(" "))
}

#[test]
fn fails_when_an_explicit_deny_matches() {
    assert_eq!(judged(&[deny(json!({}))]), FAIL);
    // Whatever is allowed besides: a Deny wins.
    assert_eq!(judged(&[allow(json!({ "Principal": { "AWS": ROLE } })), deny(json!({}))]), FAIL);
    // `Statement` may be one object.
    assert_eq!(under(&json!({ "Statement": deny(json!({})) }).to_string()), FAIL);
    let document = stored(&[bucket_policy(&text(&[deny(json!({}))]))]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn the_message_names_the_statements_that_deny() {
    let statements = [
        deny(json!({ "Sid": "Everybody" })),
        deny(json!({ "Sid": "WritesOnly", "Action": "s3:PutObject" })),
        deny(json!({ "Sid": "OfficeOnly", "Condition": { "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } } })),
    ];
    let message = check(&stored(&[bucket_policy(&text(&statements))])).finding(RULE).message;
    assert!(message.contains("Everybody") && message.contains("OfficeOnly"), "{message}");
    assert!(!message.contains("WritesOnly"), "{message}");
}

#[test]
fn labels_are_the_statement_in_the_policy_the_location_and_the_bucket() {
    let document = stored(&[bucket_policy(&text(&[deny(json!({}))]))]);
    let attributes = |index: usize, name: &str| format!("/resources/{index}/instances/0/attributes/{name}");
    let places = check(&document).places(RULE);
    assert_eq!(places[0], attributes(4, "policy"));
    assert!(places.contains(&attributes(1, "location")), "{places:?}");
    assert!(places.contains(&attributes(2, "bucket")), "{places:?}");
    assert!(check(&document).finding(RULE).anchor.inner.is_some());
}

#[test]
fn the_help_shows_how_to_exempt_the_role() {
    let help = check(&stored(&[bucket_policy(&text(&[deny(json!({}))]))])).finding(RULE).help;
    assert!(help.contains("aws:PrincipalArn") && help.contains(ROLE), "{help}");
}

#[test]
fn silent_when_same_account_and_no_policy() {
    assert_eq!(verdict(check(&stored(&[]))), PASS);
    // An inline policy of no text is none.
    let mut document = stored(&[]);
    document["resources"][2]["instances"][0]["attributes"]["policy"] = json!("");
    assert_eq!(verdict(check(&document)), PASS);
    // In a plan the bucket's own `policy` is known only after apply, and nothing sets it.
    let mut document = planned("");
    document["resource_changes"].as_array_mut().unwrap().pop();
    assert_eq!(verdict(check(&document)), PASS);
}

#[test]
fn silent_when_the_policy_has_no_allow_at_all() {
    assert_eq!(judged(&[deny(json!({ "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::lists" }))]), PASS);
}

#[test]
fn silent_on_a_tls_only_deny() {
    // `aws:SecureTransport` is true in the read.
    let tls_only = json!({
        "Resource": ["arn:aws:s3:::lists", "arn:aws:s3:::lists/*"],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    });
    assert_eq!(judged(&[deny(tls_only)]), PASS);
}

#[test]
fn silent_on_a_deny_of_put_object_and_delete_object() {
    for action in [json!("s3:PutObject"), json!("s3:DeleteObject"), json!(["s3:PutObject", "s3:DeleteObject*"])] {
        assert_eq!(judged(&[deny(json!({ "Action": action }))]), PASS, "{action}");
    }
}

#[test]
fn silent_on_a_deny_on_unencrypted_uploads() {
    for condition in [
        json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption": "aws:kms" } }),
        json!({ "Null": { "s3:x-amz-server-side-encryption": "true" } }),
        json!({ "StringNotEqualsIfExists": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "key" } }),
    ] {
        let uploads = deny(json!({ "Action": "s3:PutObject", "Condition": condition }));
        assert_eq!(judged(&[uploads]), PASS, "{condition}");
    }
}

#[test]
fn silent_on_an_allow_for_other_principals() {
    for principal in [json!({ "AWS": ADMIN }), json!({ "AWS": "111111111111" }), json!({ "Federated": "idp" })] {
        assert_eq!(judged(&[allow(json!({ "Principal": principal }))]), PASS, "{principal}");
    }
}

#[test]
fn silent_on_an_allow_for_the_service_principal_without_a_deny() {
    let service = json!({ "Service": "guardduty.amazonaws.com" });
    assert_eq!(judged(&[allow(json!({ "Principal": service }))]), PASS);
    // With a Deny it does not help: the service principal is not the role.
    assert_eq!(judged(&[allow(json!({ "Principal": service })), deny(json!({}))]), FAIL);
}

#[test]
fn silent_on_every_setting_of_the_public_access_block() {
    for setting in [true, false] {
        let block = json!({
            "bucket": "lists", "block_public_acls": setting, "block_public_policy": setting,
            "ignore_public_acls": setting, "restrict_public_buckets": setting,
        });
        let block = resource("aws_s3_bucket_public_access_block.b", block);
        let public = bucket_policy(&text(&[allow(json!({}))]));
        assert_eq!(verdict(check(&stored(slice::from_ref(&block)))), PASS, "{setting}");
        assert_eq!(verdict(check(&stored(&[block, public]))), PASS, "{setting}");
    }
}

#[test]
fn silent_on_acls_and_object_ownership() {
    for acl in ["private", "public-read", "log-delivery-write"] {
        let of_bucket = resource("aws_s3_bucket_acl.b", json!({ "bucket": "lists", "acl": acl }));
        let mut document = stored(&[of_bucket]);
        document["resources"][3]["instances"][0]["attributes"]["acl"] = json!(acl);
        assert_eq!(verdict(check(&document)), PASS, "{acl}");
    }
    // It matters only where the object is written by another account than the bucket's.
    for ownership in ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] {
        let controls = json!({ "bucket": "lists", "rule": [{ "object_ownership": ownership }] });
        let controls = resource("aws_s3_bucket_ownership_controls.b", controls);
        assert_eq!(verdict(check(&stored(&[controls]))), PASS, "{ownership}");
    }
}

#[test]
fn an_inactive_list_is_judged_too() {
    let mut document = stored(&[bucket_policy(&text(&[deny(json!({}))]))]);
    document["resources"][1]["instances"][0]["attributes"]["activate"] = json!(false);
    assert_eq!(verdict(check(&document)), FAIL);
}

#[test]
fn undecided_when_deny_cannot_be_told() {
    let statements = [
        deny(
            json!({ "Sid": "OfOurOrganization", "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-abc" } } }),
        ),
        allow(json!({})),
    ];
    assert_eq!(judged(&statements), UNDECIDED);
    let document = stored(&[bucket_policy(&text(&statements))]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {OBJECT}")]);
    // Statement and condition key that would decide.
    let message = check(&document).messages(RULE).remove(0);
    assert!(message.contains("OfOurOrganization") && message.contains("aws:PrincipalOrgID"), "{message}");
}

#[test]
fn a_deny_that_surely_matches_wins_over_one_that_cannot_be_told() {
    let organization = deny(json!({ "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-abc" } } }));
    assert_eq!(judged(&[organization, deny(json!({}))]), FAIL);
}

#[test]
fn a_sensitive_policy_is_judged_but_neither_its_text_nor_its_principals_are_shown() {
    let hidden = json!({ "AWS": "arn:aws:iam::999999999999:role/Hidden" });
    let statements = [
        allow(json!({ "Sid": "HiddenAllow" })),
        deny(json!({ "Sid": "HiddenDeny", "Principal": null, "NotPrincipal": hidden })),
    ];
    let mut policy = bucket_policy(&text(&statements));
    policy["instances"][0]["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": "policy" }]]);
    let document = stored(&[policy]);
    assert_eq!(verdict(check(&document)), FAIL);
    let told = told(check(&document));
    assert!(!told.contains("Hidden") && !told.contains("999999999999"), "{told}");
    assert!(check(&document).finding(RULE).anchor.sensitive);
}

#[test]
fn several_sets_on_one_object_are_one_finding() {
    let other = resource("aws_guardduty_threatintelset.u", set_at("https://s3.amazonaws.com/lists/k.txt"));
    let document = stored(&[bucket_policy(&text(&[deny(json!({}))])), other]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    let places = check(&document).places(RULE);
    for index in [1, 5] {
        let location = format!("/resources/{index}/instances/0/attributes/location");
        assert!(places.contains(&location), "{places:?}");
    }
}

#[test]
fn each_object_is_a_finding_of_its_own() {
    let more = [
        bucket_policy(&text(&[deny(json!({}))])),
        resource("aws_guardduty_threatintelset.u", set_at("s3://lists/threat.txt")),
        resource("aws_s3_object.threat", object_at("lists", "threat.txt")),
    ];
    let mut said = check(&stored(&more)).says(RULE);
    said.sort();
    assert_eq!(said, ["fail aws_s3_object.o", "fail aws_s3_object.threat"]);
}

#[test]
fn an_object_that_is_not_managed_is_reported_at_its_first_set() {
    let mut document = stored(&[bucket_policy(&text(&[deny(json!({}))]))]);
    document["resources"][3] = resource("data.aws_s3_object.o", object_at("lists", "k.txt"));
    assert_eq!(check(&document).says(RULE), [format!("fail {SET}")]);
}

#[test]
fn nothing_is_said_where_the_location_is_invalid_or_the_object_is_missing() {
    let denied = [bucket_policy(&text(&[deny(json!({}))]))];
    // Another object of the managed bucket is there, so the key is surely missing.
    for (location, speaks) in
        [("s3://lists/other.csv", "list-object-missing"), ("ftp://lists/k.txt", "list-location-invalid")]
    {
        let mut document = stored(&denied);
        document["resources"][1] = resource(SET, set_at(location));
        assert_eq!(check(&document).says(speaks), [format!("fail {SET}")], "{location}");
        assert_eq!(check(&document).says(RULE), [""; 0], "{location}");
    }
}

#[test]
fn where_only_the_bucket_is_known_nothing_but_a_fail_is_reported() {
    for (statement, expected) in [
        (deny(json!({})), vec![format!("fail {SET}")]),
        (deny(json!({ "Resource": "*" })), vec![format!("fail {SET}")]),
        (deny(json!({ "Resource": "arn:aws:s3:::lists*" })), vec![format!("fail {SET}")]),
        // The key may begin like this.
        (deny(json!({ "Resource": "arn:aws:s3:::lists/secret/*" })), vec![]),
        (deny(json!({ "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-abc" } } })), vec![]),
        (deny(json!({ "Action": "s3:PutObject" })), vec![]),
    ] {
        // Of a bucket without managed objects, and of a location that is known only after apply.
        let mut document = stored(&[bucket_policy(&text(slice::from_ref(&statement)))]);
        document["resources"].as_array_mut().unwrap().remove(3);
        assert_eq!(check(&document).says("list-object-missing"), [format!("undecided {SET}")]);
        assert_eq!(check(&document).says(RULE), expected, "state: {statement}");
        let mut document = planned(&text(slice::from_ref(&statement)));
        document["resource_changes"][1] = created(SET, set_at(""), &["location", "id", "arn"]);
        document["configuration"]["root_module"]["resources"][1] =
            block(SET, json!({ "location": refers(&["aws_s3_bucket.b.id"]) }));
        assert_eq!(check(&document).says("list-object-missing"), [format!("undecided {SET}")]);
        assert_eq!(check(&document).says(RULE), expected, "plan: {statement}");
    }
}

#[test]
fn undecided_with_two_policies_of_one_bucket() {
    let tls = deny(json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } }));
    let other = json!({ "bucket": "lists", "policy": text(&[deny(json!({}))]) });
    let both = [bucket_policy(&text(&[tls])), resource("aws_s3_bucket_policy.q", other)];
    let finding = check(&stored(&both)).finding(RULE);
    assert!(finding.message.contains("aws_s3_bucket_policy.q"), "{}", finding.message);
    assert!(finding.help.contains("keep one"), "{}", finding.help);
}

#[test]
fn a_policy_that_is_none_asks_to_be_mended_and_one_with_faults_tells_them() {
    let finding = |policy: &str| check(&stored(&[bucket_policy(policy)])).finding(RULE);
    assert!(finding("no JSON").help.contains("jsonencode"), "{}", finding("no JSON").help);
    let twice = r#"{"Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}"#;
    let finding = finding(twice);
    let told = std::iter::once(finding.message).chain(finding.related.into_iter().map(|related| related.message));
    assert!(told.collect::<String>().contains("twice"));
}

#[test]
fn works_inside_modules() {
    let mut document = stored(&[bucket_policy(&text(&[deny(json!({}))]))]);
    for resource in document["resources"].as_array_mut().unwrap() {
        resource["module"] = json!("module.m[\"x\"]");
    }
    assert_eq!(check(&document).says(RULE), [format!("fail module.m[\"x\"].{OBJECT}")]);
}
