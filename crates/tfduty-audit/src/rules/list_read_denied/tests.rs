#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

mod catalogue;

use serde_json::{Value, json};

use crate::testing::{
    Run, aliased, block, change, check, created, detector_in,
    lists::{constant, inside, object_at, refers, set_at, with},
    plan_of, resource, state, unchanged,
};

const RULE: &str = "list-read-denied";
const OBJECT: &str = "aws_s3_object.o";
const ACCOUNT: &str = "123456789012";
const ROLE: &str =
    "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";

/// A detector, and a set whose list lies in the bucket `lists`.
fn wired() -> Vec<Value> {
    vec![
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
        resource("aws_guardduty_ipset.t", set_at("s3://lists/k.txt")),
        resource("aws_s3_object.o", object_at("lists", "k.txt")),
    ]
}

fn bucket() -> Value {
    resource("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists" }))
}

fn policy(text: &str) -> Value {
    resource("aws_s3_bucket_policy.p", json!({ "bucket": "lists", "policy": text }))
}

fn document(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A run over a state whose bucket has a policy with these statements.
fn under(statements: &[Value]) -> Run {
    let mut resources = wired();
    resources.extend([bucket(), policy(&document(statements))]);
    check(&state(&resources))
}

/// A run whose bucket is of another account.
fn across(statements: Option<&[Value]>) -> Run {
    let mut resources = wired();
    resources.extend([
        aliased(
            "other",
            "aws_sns_topic.x",
            json!({ "arn": "arn:aws:sns:eu-west-1:999999999999:x", "owner": "999999999999" }),
        ),
        aliased("other", "aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists", "arn": "arn:aws:s3:::lists" })),
    ]);
    resources.extend(statements.map(|statements| {
        aliased("other", "aws_s3_bucket_policy.p", json!({ "bucket": "lists", "policy": document(statements) }))
    }));
    check(&state(&resources))
}

fn statement(effect: &str, others: Value) -> Value {
    let base =
        json!({ "Effect": effect, "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lists/*" });
    with(base, others)
}

fn deny_if(condition: Value) -> Value {
    statement("Deny", json!({ "Action": "s3:*", "Condition": condition }))
}

/// What the rule says of one statement.
fn verdict(statement: Value) -> &'static str {
    match under(&[statement]).tally(RULE) {
        (1, 0, 0, 0) => "pass",
        (0, 1, 0, 0) => "fail",
        (0, 0, 1, 0) => "undecided",
        _ => "something else",
    }
}

#[test]
fn keeps_quiet_in_the_same_account_without_a_policy_or_with_one_that_allows_nothing() {
    let mut resources = wired();
    resources.push(bucket());
    assert_eq!(check(&state(&resources)).tally(RULE), (1, 0, 0, 0));
    assert_eq!(
        verdict(statement("Deny", json!({ "Action": "s3:PutBucketAcl", "Resource": "arn:aws:s3:::lists" }))),
        "pass"
    );
}

#[test]
fn keeps_quiet_about_a_deny_without_tls_however_it_is_written() {
    for condition in [
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        json!({ "Bool": { "aws:SecureTransport": false } }),
        json!({ "BoolIfExists": { "AWS:securetransport": ["false"] } }),
        json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } }),
        json!({ "NumericLessThan": { "s3:TlsVersion": 1.2 } }),
    ] {
        assert_eq!(verdict(deny_if(condition.clone())), "pass", "{condition}");
        let both = json!({ "Resource": ["arn:aws:s3:::lists", "arn:aws:s3:::lists/*"], "Condition": condition });
        assert_eq!(verdict(statement("Deny", both)), "pass", "{condition}");
    }
}

#[test]
fn keeps_quiet_about_a_deny_of_uploads_deletes_and_of_uploads_that_are_not_encrypted() {
    for others in [
        json!({ "Action": "s3:PutObject" }),
        json!({ "Action": ["s3:PutObject", "s3:DeleteObject*"] }),
        json!({ "Action": "s3:PutObject", "Condition": { "StringNotEquals": { "s3:x-amz-server-side-encryption": "aws:kms" } } }),
        json!({ "Action": "s3:PutObject", "Condition": { "Null": { "s3:x-amz-server-side-encryption": "true" } } }),
        json!({ "Action": "s3:GetObjectVersion" }),
        json!({ "Resource": "arn:aws:s3:::lists" }),
        json!({ "Resource": "arn:aws:s3:::lists/other/*" }),
        json!({ "Resource": "arn:aws:s3:::elsewhere/*" }),
        json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:user/intern" } }),
        json!({ "Principal": { "Service": "guardduty.amazonaws.com" } }),
    ] {
        assert_eq!(verdict(statement("Deny", others.clone())), "pass", "{others}");
    }
}

#[test]
fn keeps_quiet_about_an_allow_for_other_principals_or_for_the_service() {
    for principal in [
        json!({ "AWS": "arn:aws:iam::123456789012:role/publisher" }),
        json!({ "AWS": "999999999999" }),
        json!({ "Service": "guardduty.amazonaws.com" }),
    ] {
        assert_eq!(verdict(statement("Allow", json!({ "Principal": principal.clone() }))), "pass", "{principal}");
    }
}

#[test]
fn keeps_quiet_about_the_public_access_block_and_access_lists() {
    let mut resources = wired();
    let closed = json!({
        "bucket": "lists", "block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true,
        "restrict_public_buckets": true,
    });
    resources.extend([bucket(), resource("aws_s3_bucket_public_access_block.x", closed)]);
    resources.push(resource("aws_s3_bucket_acl.x", json!({ "bucket": "lists", "acl": "private" })));
    assert_eq!(check(&state(&resources)).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn keeps_quiet_about_a_deny_that_exempts_the_role() {
    for condition in [
        json!({ "StringNotEquals": { "aws:PrincipalArn": ROLE } }),
        json!({ "ArnNotEquals": { "aws:PrincipalArn": ["arn:aws:iam::123456789012:role/publisher", ROLE] } }),
        json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/aws-service-role/*" } }),
        json!({ "StringNotLike": { "aws:PrincipalArn": "*AWSServiceRoleForAmazonGuardDuty" } }),
        json!({ "StringNotEquals": { "aws:PrincipalAccount": ACCOUNT } }),
        json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1" }, "ArnNotEquals": { "aws:PrincipalArn": ROLE } }),
        json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }),
        json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
    ] {
        assert_eq!(verdict(deny_if(condition.clone())), "pass", "{condition}");
    }
}

#[test]
fn fails_with_a_deny_that_matches() {
    for others in [
        json!({}),
        json!({ "Principal": { "AWS": "*" } }),
        json!({ "Principal": { "AWS": ACCOUNT } }),
        json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:root" } }),
        json!({ "Principal": { "AWS": [ROLE] } }),
        json!({ "Action": "S3:get*" }),
        json!({ "Resource": "*" }),
        json!({ "Resource": "arn:aws:s3:::lists/k.*" }),
    ] {
        assert_eq!(verdict(statement("Deny", others.clone())), "fail", "{others}");
    }
    for condition in [
        json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1" } }),
        json!({ "StringNotEqualsIfExists": { "aws:SourceVpc": ["vpc-1", "vpc-2"] } }),
        json!({ "NotIpAddress": { "aws:SourceIp": ["198.51.100.0/24", "203.0.113.0/24"] } }),
        json!({ "ArnNotEquals": { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/publisher" } }),
        // The path belongs to the ARN.
        json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/AWSServiceRoleForAmazonGuardDuty" } }),
        json!({ "StringNotEquals": { "aws:PrincipalTag/Team": "soc" } }),
        json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }),
        json!({ "StringNotEquals": { "aws:PrincipalAccount": "999999999999" } }),
    ] {
        assert_eq!(verdict(deny_if(condition.clone())), "fail", "{condition}");
    }
}

#[test]
fn fails_with_not_principal_that_does_not_list_the_role_and_is_undecided_where_it_does() {
    let deny = |principal: Value| {
        let mut statement = statement("Deny", json!({ "NotPrincipal": principal }));
        statement.as_object_mut().unwrap().remove("Principal");
        verdict(statement)
    };
    assert_eq!(deny(json!({ "AWS": "arn:aws:iam::123456789012:root" })), "fail");
    assert_eq!(deny(json!({ "AWS": "arn:aws:iam::123456789012:role/publisher" })), "fail");
    assert_eq!(deny(json!({ "AWS": [ROLE, "arn:aws:iam::123456789012:root"] })), "undecided");
    assert_eq!(deny(json!({ "AWS": "*" })), "pass");
}

#[test]
fn undecided_where_a_condition_hangs_on_what_is_not_known() {
    for condition in [
        json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } }),
        json!({ "IpAddress": { "aws:SourceIp": "198.51.100.0/24" } }),
        json!({ "Bool": { "aws:MultiFactorAuthPresent": "false" } }),
        json!({ "StringNotEquals": { "example:Unheard": "x" } }),
        json!({ "StringUnheard": { "aws:PrincipalArn": ROLE } }),
    ] {
        assert_eq!(verdict(deny_if(condition.clone())), "undecided", "{condition}");
    }
}

#[test]
fn undecided_names_statement_and_key() {
    let sid =
        with(deny_if(json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } })), json!({ "Sid": "Ours" }));
    let finding = under(&[sid]).finding(RULE);
    for word in ["Ours", "aws:PrincipalOrgID"] {
        assert!(finding.message.contains(word), "{}", finding.message);
    }
}

#[test]
fn an_organization_among_the_inputs_decides() {
    let run = |id: &str| {
        let mut resources = wired();
        resources.extend([
            bucket(),
            policy(&document(&[deny_if(json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } }))])),
            resource("data.aws_organizations_organization.this", json!({ "id": id })),
        ]);
        check(&state(&resources)).tally(RULE)
    };
    assert_eq!(run("o-abcdefghij"), (1, 0, 0, 0));
}

#[test]
fn across_accounts_a_statement_must_allow_the_role() {
    let allow = |principal: Value| statement("Allow", json!({ "Principal": principal }));
    for (principal, expected) in [
        (json!({ "AWS": ROLE }), (1, 0, 0, 0)),
        (json!({ "AWS": "arn:aws:iam::123456789012:root" }), (1, 0, 0, 0)),
        (json!({ "AWS": ACCOUNT }), (1, 0, 0, 0)),
        (json!({ "AWS": "arn:aws:iam::999999999999:root" }), (0, 1, 0, 0)),
        (json!({ "Service": "guardduty.amazonaws.com" }), (0, 1, 0, 0)),
    ] {
        assert_eq!(across(Some(&[allow(principal.clone())])).tally(RULE), expected, "{principal}");
    }
    assert_eq!(across(None).tally(RULE), (0, 1, 0, 0));
    let elsewhere = statement("Allow", json!({ "Principal": { "AWS": ROLE }, "Resource": "arn:aws:s3:::lists" }));
    assert_eq!(across(Some(&[elsewhere])).tally(RULE), (0, 1, 0, 0));
}

#[test]
fn undecided_with_a_bucket_that_is_not_among_the_inputs() {
    let finding = check(&state(&wired())).finding(RULE);
    assert_eq!(finding.address.as_deref(), Some(OBJECT));
    assert!(
        finding.message.contains("`lists`") && finding.message.contains("not among the inputs"),
        "{}",
        finding.message
    );
}

#[test]
fn undecided_with_a_policy_that_is_none_or_has_faults() {
    for text in ["no JSON", "[]", "{}", "\"{}\"", r#"{"Version":"2012-10-17","Statement":[]}"#] {
        let mut resources = wired();
        resources.extend([bucket(), policy(text)]);
        assert_eq!(check(&state(&resources)).tally(RULE), (0, 0, 1, 0), "{text}");
    }
    let mut resources = wired();
    resources.extend([bucket(), policy("no JSON")]);
    let finding = check(&state(&resources)).finding(RULE);
    assert!(finding.help.contains("jsonencode"), "{}", finding.help);
    let twice = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}"#;
    let mut resources = wired();
    resources.extend([bucket(), policy(twice)]);
    let finding = check(&state(&resources)).finding(RULE);
    let told = std::iter::once(finding.message).chain(finding.related.into_iter().map(|related| related.message));
    assert!(told.collect::<String>().contains("twice"));
}

#[test]
fn undecided_with_two_policies_of_one_bucket() {
    let mut resources = wired();
    let tls = document(&[deny_if(json!({ "Bool": { "aws:SecureTransport": "false" } }))]);
    let other = json!({ "bucket": "lists", "policy": document(&[statement("Deny", json!({}))]) });
    resources.extend([bucket(), policy(&tls), resource("aws_s3_bucket_policy.q", other)]);
    let finding = check(&state(&resources)).finding(RULE);
    assert!(
        finding.message.contains("aws_s3_bucket_policy.q") && finding.help.contains("keep one"),
        "{}",
        finding.message
    );
}

#[test]
fn reads_the_policy_of_the_bucket_itself_and_what_a_data_source_reads() {
    let text = document(&[statement("Deny", json!({}))]);
    let mut inline = wired();
    inline.push(resource("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists", "policy": text })));
    assert_eq!(check(&state(&inline)).tally(RULE), (0, 1, 0, 0));
    let mut read = wired();
    read.push(resource("data.aws_s3_bucket_policy.p", json!({ "bucket": "lists", "policy": text })));
    assert_eq!(check(&state(&read)).tally(RULE), (0, 1, 0, 0));
}

#[test]
fn speaks_once_of_a_list_that_several_sets_read() {
    let mut resources = wired();
    resources.extend([
        resource("aws_guardduty_threatintelset.s", set_at("s3://lists/k.txt")),
        bucket(),
        policy(&document(&[statement("Deny", json!({}))])),
    ]);
    assert_eq!(check(&state(&resources)).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn keeps_quiet_about_a_list_that_is_not_there() {
    let mut resources = wired();
    resources.retain(|resource| resource["type"] != "aws_s3_object");
    resources.extend([bucket(), resource("aws_s3_object.x", object_at("lists", "x.txt"))]);
    resources.push(policy(&document(&[statement("Deny", json!({}))])));
    let run = || check(&state(&resources));
    assert_eq!(run().says("list-object-missing"), ["fail aws_guardduty_ipset.t"]);
    assert_eq!(run().says(RULE), Vec::<String>::new());
}

#[test]
fn a_sensitive_policy_is_judged_and_not_shown() {
    let mut resources = wired();
    let sid = with(statement("Deny", json!({ "Principal": { "AWS": ROLE } })), json!({ "Sid": "VerySecret" }));
    let mut secret = policy(&document(&[sid]));
    secret["instances"][0]["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": "policy" }]]);
    resources.extend([bucket(), secret]);
    let finding = check(&state(&resources)).finding(RULE);
    let labels = finding.related.iter().map(|related| related.message.clone());
    let told: String = labels.chain([finding.message, finding.help, finding.anchor.label]).collect();
    assert!(!told.contains("VerySecret") && told.contains("Statement[0]"), "{told}");
    assert!(finding.anchor.sensitive || finding.anchor.inner.is_none());
}

/// A plan that makes everything, with a policy of this expression and these attributes.
fn plan(policy: Value, data: Option<(Value, Value)>) -> Value {
    let mut changes = vec![
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", ACCOUNT, "12ab")),
        created("aws_guardduty_ipset.t", set_at("s3://lists/k.txt"), &[]),
        created("aws_s3_object.o", object_at("lists", "k.txt"), &[]),
        created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn"]),
        created("aws_s3_bucket_policy.p", json!({ "bucket": "lists" }), &["policy"]),
    ];
    let mut blocks = vec![
        block("aws_guardduty_detector.d", json!({})),
        block("aws_guardduty_ipset.t", json!({ "location": constant(json!("s3://lists/k.txt")) })),
        block("aws_s3_object.o", json!({ "bucket": constant(json!("lists")), "key": constant(json!("k.txt")) })),
        block("aws_s3_bucket.b", json!({ "bucket": constant(json!("lists")) })),
        block("aws_s3_bucket_policy.p", json!({ "bucket": constant(json!("lists")), "policy": policy })),
    ];
    if let Some((values, expressions)) = data {
        let unknown = json!({ "json": true, "id": true, "statement": [{ "resources": [true], "principals": [{ "identifiers": [false] }] }] });
        changes.push(change("data.aws_iam_policy_document.p", &["read"], Value::Null, values, unknown));
        blocks.push(block("data.aws_iam_policy_document.p", expressions));
    }
    plan_of(&changes, &blocks)
}

fn rebuilt(statement: Value) -> (u64, u64, u64, u64) {
    let values = json!({ "version": null, "statement": [statement] });
    let expressions = json!({ "statement": [{ "resources": refers(&["aws_s3_bucket.b.arn"]) }] });
    let document = plan(refers(&["data.aws_iam_policy_document.p.json"]), Some((values, expressions)));
    check(&document).tally(RULE)
}

#[test]
fn a_policy_document_that_is_known_in_parts_is_rebuilt() {
    let everybody = json!([{ "type": "*", "identifiers": ["*"] }]);
    let tls = json!([{ "test": "Bool", "variable": "aws:SecureTransport", "values": ["false"] }]);
    let with = |effect: &str, principals: &Value, condition: &Value| json!({ "effect": effect, "actions": ["s3:*"], "resources": [null], "principals": principals, "condition": condition });
    // Whatever its resources are, a Deny without TLS is not for GuardDuty, and neither is one for somebody else.
    assert_eq!(rebuilt(with("Deny", &everybody, &tls)), (1, 0, 0, 0));
    let intern = json!([{ "type": "AWS", "identifiers": ["arn:aws:iam::123456789012:user/intern"] }]);
    assert_eq!(rebuilt(with("Deny", &intern, &json!([]))), (1, 0, 0, 0));
    // The bucket, or what is in it?
    assert_eq!(rebuilt(with("Deny", &everybody, &json!([]))), (0, 0, 1, 0));
    // In one account no Allow is needed.
    assert_eq!(rebuilt(with("Allow", &everybody, &json!([]))), (1, 0, 0, 0));
}

const HCL: &str = r#"
resource "aws_s3_bucket" "b" { bucket = "lists" }
resource "aws_s3_object" "o" {
  bucket = "lists"
  key    = "k.txt"
}
resource "aws_iam_role" "publisher" { name = "publisher" }
resource "aws_s3_bucket_policy" "p" {
  bucket = "lists"
  policy = POLICY
}
"#;

fn written(policy: &str) -> (u64, u64, u64, u64) {
    let document = plan(refers(&["aws_s3_bucket.b.arn", "aws_iam_role.publisher.arn"]), None);
    check(&document).with_sources(&[("", &HCL.replace("POLICY", policy))]).tally(RULE)
}

#[test]
fn a_policy_that_the_configuration_writes_is_judged_with_its_holes() {
    let encoded = |resource: &str, condition: &str| {
        format!(
            r#"jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Deny", Principal = "*", Action = "s3:GetObject", Resource = "{resource}", Condition = {condition} }}] }})"#
        )
    };
    let publisher = r#"{ StringNotEquals = { "aws:PrincipalArn" = aws_iam_role.publisher.arn } }"#;
    let tls = r#"{ Bool = { "aws:SecureTransport" = "false" } }"#;
    assert_eq!(written(&encoded("${aws_s3_bucket.b.arn}/*", publisher)), (0, 1, 0, 0));
    assert_eq!(written(&encoded("${aws_s3_bucket.b.arn}", publisher)), (1, 0, 0, 0));
    assert_eq!(written(&encoded("${aws_s3_bucket.b.arn}/*", tls)), (1, 0, 0, 0));
    let heredoc = "<<-EOT\n{\"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Resource\": \"${aws_s3_bucket.b.arn}/*\"}]}\nEOT";
    assert_eq!(written(heredoc), (0, 1, 0, 0));
}

#[test]
fn undecided_without_the_configuration_that_writes_the_policy() {
    let finding = check(&plan(refers(&["aws_s3_bucket.b.arn"]), None)).finding(RULE);
    assert!(finding.message.contains("aws_s3_bucket_policy.p"), "{}", finding.message);
    assert!(finding.help.contains("--plan-file"), "{}", finding.help);
}

#[test]
fn a_policy_that_goes_does_not_count() {
    let text = document(&[statement("Deny", json!({}))]);
    let mut document = plan(refers(&[]), None);
    let changes = document["resource_changes"].as_array_mut().unwrap();
    changes.pop();
    changes.push(change(
        "aws_s3_bucket_policy.p",
        &["delete"],
        json!({ "bucket": "lists", "policy": text }),
        Value::Null,
        json!({}),
    ));
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn works_inside_modules() {
    let mut resources = wired();
    resources.extend([bucket(), policy(&document(&[statement("Deny", json!({}))]))]);
    let resources: Vec<Value> = resources.into_iter().map(|resource| inside("module.m[\"x\"]", resource)).collect();
    assert_eq!(check(&state(&resources)).says(RULE), [format!("fail module.m[\"x\"].{OBJECT}")]);
}
