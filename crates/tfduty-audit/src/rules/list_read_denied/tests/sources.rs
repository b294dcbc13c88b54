//! Policies of a plan that the configuration's sources tell: expressions with holes.

use serde_json::{Value, json};

use super::{FAIL, OBJECT, PASS, ROLE, RULE, SET, UNDECIDED, verdict};
use crate::testing::{
    Run, block, change, check, created, detector_in,
    lists::{refers, set_at},
    plan_of, unchanged,
};

/// A bucket whose name is known only after apply, and its list.
const STORE: &str = r#"
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket" "other" {}
resource "aws_s3_object" "o" {
  bucket = aws_s3_bucket.b.id
  key    = "k.txt"
}
resource "aws_guardduty_ipset" "t" {
  location = "s3://${aws_s3_object.o.bucket}/${aws_s3_object.o.key}"
}
resource "aws_iam_role" "admin" {}
resource "aws_iam_service_linked_role" "guardduty" {
  aws_service_name = "guardduty.amazonaws.com"
}
resource "aws_vpc_endpoint" "e" {}
resource "random_id" "r" {}
"#;

/// What an expression of these tests may refer to.
const REFERENCES: [&str; 8] = [
    "aws_s3_bucket.b.arn",
    "aws_s3_bucket.other.arn",
    "aws_iam_role.admin.arn",
    "aws_iam_service_linked_role.guardduty.arn",
    "aws_vpc_endpoint.e.id",
    "random_id.r.hex",
    "data.aws_iam_policy_document.d.json",
    "local.policy",
];

/// A run over a plan that creates all this, with the sources of a bucket policy; `more` stands beside them.
fn run(policy: &str, more: &str) -> Run {
    let bucket = |address: &str| created(address, json!({}), &["id", "bucket", "arn", "policy", "region"]);
    let changes = [
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
        created(SET, set_at(""), &["location", "id", "arn"]),
        bucket("aws_s3_bucket.b"),
        bucket("aws_s3_bucket.other"),
        created(OBJECT, json!({ "key": "k.txt" }), &["bucket", "id", "etag"]),
        created("aws_s3_bucket_policy.p", json!({}), &["bucket", "policy", "id"]),
        created("aws_iam_role.admin", json!({ "name": "admin" }), &["arn", "id", "unique_id"]),
        created(
            "aws_iam_service_linked_role.guardduty",
            json!({ "aws_service_name": "guardduty.amazonaws.com" }),
            &["arn", "id", "name", "unique_id"],
        ),
        created("aws_vpc_endpoint.e", json!({}), &["arn", "id"]),
        created("random_id.r", json!({}), &["hex", "id"]),
        change(
            "data.aws_iam_policy_document.d",
            &["read"],
            Value::Null,
            json!({ "statement": [{ "effect": "Deny", "actions": ["s3:*"], "resources": [null],
                "principals": [{ "type": "*", "identifiers": ["*"] }] }] }),
            json!({ "json": true, "id": true, "statement": [{ "resources": [true] }] }),
        ),
    ];
    let mut blocks: Vec<Value> = ["aws_guardduty_detector.d", "aws_s3_bucket.b", "aws_s3_bucket.other"]
        .map(|address| block(address, json!({})))
        .into();
    blocks.push(block(SET, json!({ "location": refers(&["aws_s3_object.o.bucket", "aws_s3_object.o.key"]) })));
    blocks.push(block(OBJECT, json!({ "bucket": refers(&["aws_s3_bucket.b.id"]) })));
    let written = [policy, more].concat();
    let references: Vec<&str> = REFERENCES.into_iter().filter(|reference| written.contains(reference)).collect();
    blocks.push(block(
        "aws_s3_bucket_policy.p",
        json!({ "bucket": refers(&["aws_s3_bucket.b.id"]), "policy": refers(&references) }),
    ));
    let text = format!(
        "{STORE}{more}\nresource \"aws_s3_bucket_policy\" \"p\" {{\n  bucket = aws_s3_bucket.b.id\n  policy = {policy}\n}}\n"
    );
    check(&plan_of(&changes, &blocks)).with_sources(&[("", &text)])
}

/// A Deny of everything, in HCL: `principal`, `resource` and the inside of `Condition`.
fn deny(principal: &str, resource: &str, condition: &str) -> String {
    format!(
        "jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Sid = \"Guard\", Effect = \"Deny\", Principal = {principal}, \
         Action = \"s3:*\", Resource = {resource}, Condition = {{ {condition} }} }}] }})"
    )
}

const EVERYBODY: &str = "\"*\"";
const OBJECTS: &str = r#""${aws_s3_bucket.b.arn}/*""#;

#[test]
fn the_arn_of_the_bucket_is_known_by_its_reference() {
    for (resource, expected) in [
        (OBJECTS, FAIL),
        (r#"["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}/*"]"#, FAIL),
        (r#""${aws_s3_bucket.b.arn}/k.txt""#, FAIL),
        (r#"format("%s/*", aws_s3_bucket.b.arn)"#, FAIL),
        // Another bucket's.
        (r#""${aws_s3_bucket.other.arn}/*""#, PASS),
        (r#""${aws_s3_bucket.b.arn}/other/*""#, PASS),
    ] {
        assert_eq!(verdict(run(&deny(EVERYBODY, resource, ""), "")), expected, "{resource}");
    }
}

#[test]
fn the_arn_of_the_bucket_alone_is_no_objects() {
    assert_eq!(verdict(run(&deny(EVERYBODY, "aws_s3_bucket.b.arn", ""), "")), PASS);
}

#[test]
fn roles_of_the_configuration_are_never_the_role_of_guardduty() {
    for (condition, expected) in [
        (r#"StringNotEquals = { "aws:PrincipalArn" = aws_iam_role.admin.arn }"#, FAIL),
        (r#"ArnNotEquals = { "aws:PrincipalArn" = [aws_iam_role.admin.arn] }"#, FAIL),
        (r#"StringEquals = { "aws:PrincipalArn" = aws_iam_role.admin.arn }"#, PASS),
        // Its service-linked role is.
        (
            r#"ArnNotEquals = { "aws:PrincipalArn" = [aws_iam_role.admin.arn, aws_iam_service_linked_role.guardduty.arn] }"#,
            PASS,
        ),
        (r#"StringEquals = { "aws:PrincipalArn" = aws_iam_service_linked_role.guardduty.arn }"#, FAIL),
        // Nothing is known of what this is.
        (r#"StringNotEquals = { "aws:PrincipalArn" = random_id.r.hex }"#, UNDECIDED),
    ] {
        assert_eq!(verdict(run(&deny(EVERYBODY, OBJECTS, condition), "")), expected, "{condition}");
    }
    let exempted = format!(r#"StringNotEquals = {{ "aws:PrincipalArn" = [aws_iam_role.admin.arn, "{ROLE}"] }}"#);
    assert_eq!(verdict(run(&deny(EVERYBODY, OBJECTS, &exempted), "")), PASS);
}

#[test]
fn principals_are_known_by_their_reference() {
    for (principal, expected) in [
        ("{ AWS = aws_iam_role.admin.arn }", PASS),
        ("{ AWS = [aws_iam_role.admin.arn, aws_iam_service_linked_role.guardduty.arn] }", FAIL),
        ("{ AWS = random_id.r.hex }", UNDECIDED),
    ] {
        assert_eq!(verdict(run(&deny(principal, OBJECTS, ""), "")), expected, "{principal}");
    }
}

#[test]
fn the_usual_deny_of_all_but_an_endpoint_is_decided_before_the_endpoint_exists() {
    for (condition, expected) in [
        (r#"StringNotEquals = { "aws:SourceVpce" = aws_vpc_endpoint.e.id }"#, FAIL),
        (r#"StringEquals = { "aws:SourceVpce" = aws_vpc_endpoint.e.id }"#, PASS),
        (
            r#"StringNotEquals = { "aws:SourceVpce" = aws_vpc_endpoint.e.id }, ArnNotEquals = { "aws:PrincipalArn" = aws_iam_service_linked_role.guardduty.arn }"#,
            PASS,
        ),
    ] {
        assert_eq!(verdict(run(&deny(EVERYBODY, OBJECTS, condition), "")), expected, "{condition}");
    }
}

#[test]
fn templates_heredocs_and_locals_are_evaluated() {
    let heredoc = |resource: &str| {
        format!(
            "<<EOF\n{{\"Version\": \"2012-10-17\", \"Statement\": [{{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Resource\": \"{resource}\"}}]}}\nEOF\n"
        )
    };
    assert_eq!(verdict(run(&heredoc("${aws_s3_bucket.b.arn}/*"), "")), FAIL);
    assert_eq!(verdict(run(&heredoc("${aws_s3_bucket.b.arn}/other/*"), "")), PASS);
    for (resource, expected) in [(OBJECTS, FAIL), (r#""${aws_s3_bucket.b.arn}/other/*""#, PASS)] {
        let locals = format!("locals {{\n  policy = {}\n}}\n", deny(EVERYBODY, resource, ""));
        assert_eq!(verdict(run("local.policy", &locals)), expected, "{resource}");
    }
    let of_local = "locals {\n  exempted = [aws_iam_role.admin.arn]\n}\n";
    let condition = r#"ArnNotEquals = { "aws:PrincipalArn" = local.exempted }"#;
    assert_eq!(verdict(run(&deny(EVERYBODY, OBJECTS, condition), of_local)), FAIL);
}

#[test]
fn resources_of_a_document_are_told_by_its_sources() {
    for (resources, expected) in
        [(r#"["${aws_s3_bucket.b.arn}/*"]"#, FAIL), (r#"["${aws_s3_bucket.b.arn}/other/*"]"#, PASS)]
    {
        let document = format!(
            "data \"aws_iam_policy_document\" \"d\" {{\n  statement {{\n    effect    = \"Deny\"\n    actions   = [\"s3:*\"]\n    \
             resources = {resources}\n    principals {{\n      type        = \"*\"\n      identifiers = [\"*\"]\n    }}\n  }}\n}}\n"
        );
        assert_eq!(verdict(run("data.aws_iam_policy_document.d.json", &document)), expected, "{resources}");
    }
}

#[test]
fn undecided_when_the_sources_do_not_tell_the_text_either() {
    assert_eq!(run("random_id.r.hex", "").says(RULE), [format!("undecided {OBJECT}")]);
}
