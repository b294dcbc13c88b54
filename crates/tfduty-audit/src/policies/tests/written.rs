//! Policies that the configuration writes.

use serde_json::{Value, json};

use super::{super::policy_of, KnownPolicy, PolicyText, object, of_bucket, says};
use crate::{
    estate::Estate,
    testing::{Run, block, change, check, created, lists::refers, plan_of, put},
};
use tfduty_aws::policy::Origin;
use tfduty_terraform::TextId;

const POLICY: &str = "aws_s3_bucket_policy.p";
const DOCUMENT: &str = "data.aws_iam_policy_document.d";

fn bucket() -> Value {
    created("aws_s3_bucket.b", json!({}), &["id", "arn", "bucket", "policy"])
}

/// A plan with a bucket and its policy, which this configuration writes.
fn run(hcl: &str) -> Run {
    let policy = created(POLICY, json!({}), &["bucket", "policy"]);
    let expressions = json!({ "bucket": refers(&["aws_s3_bucket.b.id"]), "policy": refers(&["aws_s3_bucket.b.arn"]) });
    let document = plan_of(&[bucket(), policy], &[block("aws_s3_bucket.b", json!({})), block(POLICY, expressions)]);
    check(&document).with_sources(&[("", hcl)])
}

fn known(estate: &Estate) -> Box<KnownPolicy> {
    match policy_of(estate, object(estate, POLICY), "policy") {
        PolicyText::Known(known) => known,
        other => panic!("{other:?}"),
    }
}

/// What a file has at the place of a node.
fn written<'h>(known: &KnownPolicy, estate: &Estate, origin: Origin, hcl: &'h str) -> Option<&'h str> {
    let (text, span) = known.label(estate, origin, "").1.written?;
    assert_eq!(text, TextId::Source(0));
    span.of(hcl)
}

const ENCODED: &str = r#"
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      { Sid = "a", Effect = "Deny", Principal = "*", Action = "s3:*", Resource = ["${aws_s3_bucket.b.arn}/*", local.x] },
      local.more,
    ]
  })
}
locals {
  more = { Sid = "b", Effect = "Allow", Principal = { AWS = var.who }, Action = "s3:GetObject", Resource = "*" }
}
resource "aws_s3_bucket" "b" {}
"#;

#[test]
fn an_encoded_policy_has_holes_and_places() {
    let estate = run(ENCODED).estate();
    assert_eq!(
        of_bucket(run(ENCODED), "aws_s3_bucket.b"),
        [
            "Deny a Principal=* Action=s3:* Resource={`aws_s3_bucket.b.arn` BucketArn(Thing(0))}/* \
             Resource={`local.x` Unknown}",
            "Allow b Principal={`var.who` Unknown} Action=s3:GetObject Resource=*",
        ]
    );
    let known = known(&estate);
    let statements = known.document().statements();
    let second = written(&known, &estate, statements[1].origin(), ENCODED).unwrap();
    assert!(second.starts_with("{ Sid = \"b\""), "{second}");
    let (_, resource) = statements[0].texts().nth(2).unwrap();
    assert_eq!(written(&known, &estate, resource.origin, ENCODED), Some("\"${aws_s3_bucket.b.arn}/*\""));
    let anchor = known.label(&estate, statements[0].origin(), "").1;
    // The plan does not spell the policy out: the place is the object that will hold it.
    assert_eq!((anchor.pointer.as_str(), anchor.inner), ("/resource_changes/1/change/after", None));
}

#[test]
fn a_template_is_read_as_json() {
    let hcl = r#"
resource "aws_s3_bucket_policy" "p" {
  policy = <<-EOT
    {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "${aws_s3_bucket.b.arn}/*"}}
  EOT
}
"#;
    assert_eq!(
        says(run(hcl), POLICY),
        ["Deny - Principal=* Action=s3:* Resource={`aws_s3_bucket.b.arn` BucketArn(Thing(0))}/*"]
    );
    let broken = hcl.replace("{\"Statement\":", "Statement:");
    assert_eq!(says(run(&broken), POLICY), ["unknown: it is known only after apply, from `aws_s3_bucket.b.arn`"]);
    let unset = "resource \"aws_s3_bucket_policy\" \"p\" {\n  policy = null\n}\n";
    assert_eq!(says(run(unset), POLICY), ["none"]);
}

#[test]
fn a_known_text_has_the_places_that_write_it() {
    let hcl = r#"
resource "aws_s3_bucket_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Deny", Condition = { Bool = { "aws:SecureTransport" = "false" } } }] })
}
"#;
    let document = |text: Value| {
        let after = json!({ "bucket": "b", "policy": text.to_string() });
        check(&plan_of(&[created(POLICY, after, &[])], &[block(POLICY, json!({}))])).with_sources(&[("", hcl)])
    };
    let statement = json!([{ "Condition": { "Bool": { "aws:SecureTransport": "false" } }, "Effect": "Deny" }]);
    let estate = document(json!({ "Statement": statement })).estate();
    let policy = known(&estate);
    let condition = &policy.document().statements()[0].conditions().unwrap()[0];
    assert_eq!(written(&policy, &estate, condition.origin, hcl), Some("\"false\""));
    assert!(policy.label(&estate, condition.origin, "").1.inner.is_some());
    // Of another text the sources say nothing.
    let estate = document(json!({ "Statement": statement, "Version": "2012-10-17" })).estate();
    let policy = known(&estate);
    assert_eq!(policy.label(&estate, policy.document().statements()[0].origin(), "").1.written, None);
}

const BLOCKS: &str = r#"
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.b.id
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.b.arn, "${aws_s3_bucket.b.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    dynamic "condition" {
      for_each = { "aws:SourceVpce" = aws_vpc_endpoint.e.id, "aws:PrincipalArn" = aws_iam_role.r.arn }
      content {
        test     = "StringNotEquals"
        variable = condition.key
        values   = [condition.value]
      }
    }
  }
}
"#;

fn with_blocks(unknown: Value, hcl: &str) -> Run {
    let statement = json!({
        "sid": "", "effect": "Deny", "actions": ["s3:*"], "resources": [null, null], "not_principals": [],
        "principals": [{ "type": "*", "identifiers": ["*"] }],
        "condition": [
            { "test": "StringNotEquals", "variable": "aws:PrincipalArn", "values": [null] },
            { "test": "StringNotEquals", "variable": "aws:SourceVpce", "values": [null] },
        ],
    });
    let after = if unknown["statement"] == json!(true) { json!({}) } else { json!({ "statement": [statement] }) };
    let document = plan_of(
        &[
            bucket(),
            created(POLICY, json!({}), &["bucket", "policy"]),
            change(DOCUMENT, &["read"], Value::Null, after, unknown),
        ],
        &[
            block("aws_s3_bucket.b", json!({})),
            block(POLICY, json!({ "policy": refers(&["data.aws_iam_policy_document.d.json"]) })),
            block(DOCUMENT, json!({})),
        ],
    );
    check(&document).with_sources(&[("", hcl)])
}

#[test]
fn unknown_parts_of_blocks_are_what_the_configuration_writes() {
    let line = "Deny - Principal=* Action=s3:* Resource={`aws_s3_bucket.b.arn` BucketArn(Thing(0))} \
                Resource={`aws_s3_bucket.b.arn` BucketArn(Thing(0))}/* \
                Condition={`aws_iam_role.r.arn` OtherIdentity} Condition={`aws_vpc_endpoint.e.id` OwnNetwork} \
                StringNotEquals aws:PrincipalArn StringNotEquals aws:SourceVpce";
    let partly = json!({
        "json": true,
        "statement": [{ "resources": [true, true], "condition": [{ "values": [true] }, { "values": [true] }] }],
    });
    assert_eq!(says(with_blocks(partly.clone(), BLOCKS), POLICY), [line]);
    assert_eq!(says(with_blocks(json!({ "json": true, "statement": true }), BLOCKS), POLICY), [line]);
    let estate = with_blocks(partly, BLOCKS).estate();
    let known = known(&estate);
    let statement = &known.document().statements()[0];
    assert_eq!(written(&known, &estate, statement.origin(), BLOCKS), Some("statement"));
    let (_, resource) = statement.texts().nth(3).unwrap();
    assert_eq!(written(&known, &estate, resource.origin, BLOCKS), Some("\"${aws_s3_bucket.b.arn}/*\""));
    let anchor = known.label(&estate, resource.origin, "").1;
    assert_eq!(anchor.pointer, "/resource_changes/2/change/after/statement/0/resources");
}

#[test]
fn what_the_plan_knows_is_not_lost_where_it_cannot_be_evaluated() {
    let hcl = BLOCKS.replace("[aws_s3_bucket.b.arn, ", "[unheard_of(\"a\"), \"b\", ");
    let statement = json!({ "effect": "Deny", "actions": ["s3:*"], "resources": ["arn:aws:s3:::a", "b", null] });
    let document = plan_of(
        &[
            bucket(),
            created(POLICY, json!({}), &["policy"]),
            change(
                DOCUMENT,
                &["read"],
                Value::Null,
                json!({ "statement": [statement] }),
                json!({ "json": true, "statement": [{ "resources": [false, false, true] }] }),
            ),
        ],
        &[block(POLICY, json!({ "policy": refers(&["data.aws_iam_policy_document.d.json"]) }))],
    );
    assert_eq!(
        says(check(&document).with_sources(&[("", &hcl)]), POLICY),
        ["Deny - Action=s3:* Resource={a value known only after apply Unknown} Resource=b \
          Resource={`aws_s3_bucket.b.arn` BucketArn(Thing(0))}/* Resource=arn:aws:s3:::a"]
    );
}

#[test]
fn documents_of_a_list_are_told_one_by_one() {
    let hcl = r#"
resource "aws_s3_bucket_policy" "p" {
  policy = data.aws_iam_policy_document.d.json
}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [
    data.aws_iam_policy_document.e.json,
    jsonencode({ Statement = { Sid = "x", Effect = "Allow", Resource = aws_s3_bucket.b.arn } }),
    data.external.more.result.json,
  ]
}
"#;
    let read = |address: &str, after: Value, unknown: Value| change(address, &["read"], Value::Null, after, unknown);
    let changes = |after: Value, unknown: Value| {
        [
            bucket(),
            created(POLICY, json!({}), &["policy"]),
            read(DOCUMENT, after, json!({ "json": true, "source_policy_documents": unknown })),
            read(
                "data.aws_iam_policy_document.e",
                json!({ "statement": [{ "sid": "e", "actions": ["*"] }] }),
                json!({ "json": true }),
            ),
        ]
    };
    let says = |after: Value, unknown: Value| {
        let reference = json!({ "policy": refers(&["data.aws_iam_policy_document.d.json"]) });
        let document = plan_of(&changes(after, unknown), &[block(POLICY, reference)]);
        says(check(&document).with_sources(&[("", hcl)]), POLICY)
    };
    let lines = ["Allow e Action=*", "Allow x Resource={`aws_s3_bucket.b.arn` BucketArn(Thing(0))}", "? -"];
    assert_eq!(says(json!({ "source_policy_documents": [null, null, null] }), json!([true, true, true])), lines);
    assert_eq!(says(json!({}), json!(true)), lines);
}

#[test]
fn documents_that_conditions_leave_out_are_none() {
    let hcl = |documents: &str| {
        format!(
            r#"
resource "aws_s3_bucket_policy" "p" {{
  policy = data.aws_iam_policy_document.d.json
}}
variable "strict" {{}}
variable "policy" {{}}
data "aws_iam_policy_document" "d" {{
  {documents}
}}
data "aws_iam_policy_document" "tls" {{
  count = var.strict ? 1 : 0
}}
"#
        )
    };
    let says = |strict: bool, argument: &str, written: &str| {
        let read =
            |address: &str, after: Value, unknown: Value| change(address, &["read"], Value::Null, after, unknown);
        let statement = |sid: &str, effect: &str| json!({ "sid": sid, "actions": ["*"], "effect": effect });
        let own = json!({ "statement": [statement("own", "Deny")] });
        let open = json!({ "json": true });
        let changes = [
            bucket(),
            created(POLICY, json!({}), &["policy"]),
            read(DOCUMENT, own, json!({ "json": true, argument: true })),
            read("data.aws_iam_policy_document.e", json!({ "statement": [statement("own", "Allow")] }), open.clone()),
            read("data.aws_iam_policy_document.tls[0]", json!({ "statement": [statement("tls", "Deny")] }), open),
        ];
        let changes = if strict { &changes[..] } else { &changes[..4] };
        let reference = json!({ "policy": refers(&["data.aws_iam_policy_document.d.json"]) });
        let document = plan_of(changes, &[block(POLICY, reference)]);
        let variables = json!({ "strict": { "value": strict }, "policy": { "value": "" } });
        let sources = hcl(&format!("{argument} = {written}"));
        says(check(&put(document, "/variables", variables)).with_sources(&[("", &sources)]), POLICY)
    };
    let written = "[var.strict ? data.aws_iam_policy_document.tls[0].json : \"\", data.aws_iam_policy_document.e.json, var.policy]";
    let compact = format!("compact({written})");
    for (argument, written) in [("source_policy_documents", &compact), ("source_policy_documents", &written.to_owned())]
    {
        assert_eq!(says(false, argument, written), ["Deny own Action=*"], "{written}");
        assert_eq!(says(true, argument, written), ["Deny tls Action=*", "Deny own Action=*"], "{written}");
    }
    assert_eq!(says(false, "override_policy_documents", &compact), ["Allow own Action=*"]);
    assert_eq!(says(true, "override_policy_documents", &compact), ["Allow own Action=*", "Deny tls Action=*"]);
    // A hole that may be empty may be left out, and what is left out may say anything.
    let open = "compact([data.aws_iam_policy_document.e.json, aws_s3_bucket.b.id])";
    assert_eq!(says(false, "source_policy_documents", open), ["? -", "Deny own Action=*"]);
}
