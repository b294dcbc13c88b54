//! Policies that `data.aws_iam_policy_document` puts together during apply.

use serde_json::{Value, json};

use super::{super::policy_of, PolicyText, object, says};
use crate::testing::{block, change, check, created, lists::refers, plan_of, put};

const POLICY: &str = "aws_s3_bucket_policy.p";

/// A plan with a policy that `data.aws_iam_policy_document.d` writes: what is known of it, what is not.
fn document(after: Value, unknown: Value, expressions: Value) -> Value {
    let unknown = put(unknown, "/json", json!(true));
    let reference = json!({ "policy": refers(&["data.aws_iam_policy_document.d.json"]) });
    plan_of(
        &[
            created(POLICY, json!({ "bucket": "b" }), &["policy"]),
            change("data.aws_iam_policy_document.d", &["read"], Value::Null, after, unknown),
        ],
        &[block(POLICY, reference), block("data.aws_iam_policy_document.d", expressions)],
    )
}

fn statement(others: &Value) -> Value {
    let mut statement = json!({
        "sid": "", "effect": "Deny", "actions": ["s3:*"], "not_actions": null, "resources": ["*"], "not_resources": [],
        "principals": [{ "type": "*", "identifiers": ["*"] }], "not_principals": [], "condition": [],
    });
    statement.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    statement
}

fn of_statement(others: &Value) -> Vec<String> {
    says(check(&document(json!({ "statement": [statement(others)] }), json!({}), json!({}))), POLICY)
}

#[test]
fn blocks_become_the_json_that_the_provider_makes_of_them() {
    for (others, line) in [
        (json!({}), "Deny - Principal=* Action=s3:* Resource=*"),
        (json!({ "sid": "x", "effect": null }), "Allow x Principal=* Action=s3:* Resource=*"),
        (
            json!({ "actions": [], "not_actions": ["s3:List*"], "resources": null, "not_resources": ["a", "&{aws:username}"] }),
            "Deny - Principal=* NotAction=s3:List* NotResource=a NotResource=${aws:username}",
        ),
        (
            json!({ "principals": [
                { "type": "AWS", "identifiers": ["*"] }, { "type": "Service", "identifiers": ["x.amazonaws.com"] },
                { "type": "AWS", "identifiers": ["123456789012"] },
            ] }),
            "Deny - Principal=* Principal=123456789012 Principal=x.amazonaws.com Action=s3:* Resource=*",
        ),
        (
            json!({ "principals": [], "not_principals": [{ "type": "AWS", "identifiers": ["a"] }] }),
            "Deny - NotPrincipal=a Action=s3:* Resource=*",
        ),
        (
            json!({ "condition": [
                { "test": "StringLike", "variable": "aws:a", "values": ["1"] },
                { "test": "Bool", "variable": "aws:b", "values": ["true"] },
                { "test": "StringLike", "variable": "aws:c", "values": ["&{aws:d}"] },
                { "test": "StringLike", "variable": "aws:a", "values": ["2"] },
            ] }),
            "Deny - Principal=* Action=s3:* Resource=* Condition=1 Condition=2 Condition=${aws:d} Condition=true \
             StringLike aws:a StringLike aws:c Bool aws:b",
        ),
    ] {
        assert_eq!(of_statement(&others), [line]);
    }
}

#[test]
fn the_version_is_the_one_with_variables_by_default() {
    let statement = json!([statement(&json!({ "resources": ["&{aws:username}"] }))]);
    for (version, faults) in [(json!(null), 0), (json!("2012-10-17"), 0), (json!("2012"), 1)] {
        let after = json!({ "statement": statement, "version": version });
        let estate = check(&document(after, json!({}), json!({}))).estate();
        let PolicyText::Known(known) = policy_of(&estate, object(&estate, POLICY), "policy") else { panic!() };
        assert_eq!(known.document().faults().len(), faults, "{version}");
    }
}

#[test]
fn what_is_unknown_is_a_hole_that_names_its_references() {
    let after = json!({ "statement": [statement(&json!({ "resources": ["a", null] }))] });
    let unknown = json!({ "statement": [{ "resources": [false, true] }] });
    let expressions = json!({ "statement": [{ "resources": refers(&["aws_s3_bucket.b.arn"]) }] });
    assert_eq!(
        says(check(&document(after.clone(), unknown.clone(), expressions)), POLICY),
        ["Deny - Principal=* Action=s3:* Resource=a Resource={`aws_s3_bucket.b.arn` Unknown}"]
    );
    assert_eq!(
        says(check(&document(after, unknown, json!({}))), POLICY),
        ["Deny - Principal=* Action=s3:* Resource=a Resource={a value known only after apply Unknown}"]
    );
    let after = json!({ "statement": [statement(&json!({ "principals": null, "condition": null }))] });
    let unknown = json!({ "statement": [{ "principals": true, "condition": true, "effect": true }] });
    let found = says(check(&document(after, unknown, json!({}))), POLICY);
    assert_eq!(found, ["? - Principal={a value known only after apply Unknown} Action=s3:* Resource=*"]);
    let found = says(check(&document(json!({}), json!({ "statement": true }), json!({}))), POLICY);
    assert_eq!(found, ["? -"]);
}

#[test]
fn a_statement_stands_in_the_plan() {
    let after = json!({ "statement": [statement(&json!({})), statement(&json!({ "sid": "x" }))] });
    let estate = check(&document(after, json!({}), json!({}))).estate();
    let PolicyText::Known(known) = policy_of(&estate, object(&estate, POLICY), "policy") else { panic!() };
    let (holder, anchor) = known.label(&estate, known.document().statements()[1].origin(), "");
    assert_eq!(holder, Some(object(&estate, "data.aws_iam_policy_document.d")));
    assert_eq!(anchor.pointer, "/resource_changes/1/change/after/statement/1");
    assert_eq!((anchor.inner, anchor.written), (None, None));
    let resource = known.document().statements()[1].texts().last().unwrap().1.origin;
    assert_eq!(
        known.label(&estate, resource, "").1.pointer,
        "/resource_changes/1/change/after/statement/1/resources/0"
    );
}

#[test]
fn a_sensitive_part_makes_the_policy_sensitive() {
    let after = json!({ "statement": [statement(&json!({}))] });
    let mut document = document(after, json!({}), json!({}));
    let is_sensitive = |document: &Value| {
        let estate = check(document).estate();
        let PolicyText::Known(known) = policy_of(&estate, object(&estate, POLICY), "policy") else { panic!() };
        known.sensitive
    };
    assert!(!is_sensitive(&document));
    document["resource_changes"][1]["change"]["after_sensitive"] = json!({ "statement": [{ "resources": true }] });
    assert!(is_sensitive(&document));
}

fn text(sid: &str, effect: &str) -> Value {
    json!(json!({ "Version": "2012-10-17", "Statement": { "Sid": sid, "Effect": effect } }).to_string())
}

#[test]
fn other_documents_come_first_or_take_the_place_of_statements() {
    let own = json!([statement(&json!({ "sid": "own" })), statement(&json!({}))]);
    let found = |others: Value, unknown: Value| {
        let after = put(others, "/statement", own.clone());
        says(check(&document(after, unknown, json!({}))), POLICY)
    };
    let (first, second) = ("Deny own Principal=* Action=s3:* Resource=*", "Deny - Principal=* Action=s3:* Resource=*");
    let sources =
        json!({ "source_policy_documents": [text("a", "Allow"), text("own", "Allow"), null, ""], "source_json": "" });
    assert_eq!(found(sources, json!({})), ["Allow a", first, second]);
    let overrides = json!({ "override_policy_documents": [text("b", "Allow"), text("own", "Allow")] });
    assert_eq!(found(overrides, json!({})), ["Allow own", second, "Allow b"]);
    // What is not known may replace what has a `Sid`, and nothing else.
    assert_eq!(found(json!({}), json!({ "override_json": true })), ["? -", second, "? -"]);
    assert_eq!(found(json!({}), json!({ "source_policy_documents": true })), ["? -", first, second]);
    let partly = json!({ "source_policy_documents": [text("a", "Allow"), null] });
    let found = found(partly, json!({ "source_policy_documents": [false, true] }));
    assert_eq!(found, ["Allow a", "? -", first, second]);
}

/// The plan of a document that starts from `data.aws_iam_policy_document.e`.
fn chained(count: usize, references: &[&str]) -> Value {
    let items = |item: Value| Value::Array(vec![item; count]);
    let (after, unknown) = (items(Value::Null), items(json!(true)));
    let mut plan = document(
        json!({ "statement": [], "source_policy_documents": after }),
        json!({ "source_policy_documents": unknown }),
        json!({ "source_policy_documents": refers(references) }),
    );
    let other = json!({ "statement": [statement(&json!({ "sid": "other" }))] });
    let other = change("data.aws_iam_policy_document.e", &["read"], Value::Null, other, json!({ "json": true }));
    plan = put(plan, "/resource_changes/-", other);
    put(plan, "/configuration/root_module/resources/-", block("data.aws_iam_policy_document.e", json!({})))
}

#[test]
fn documents_are_put_together_from_documents() {
    let reference = "data.aws_iam_policy_document.e.json";
    let other = "Deny other Principal=* Action=s3:* Resource=*";
    assert_eq!(says(check(&chained(1, &[reference])), POLICY), [other]);
    // What else goes into the list, or how often, cannot be told.
    assert_eq!(says(check(&chained(2, &[reference])), POLICY), ["? -", "? -"]);
    assert_eq!(says(check(&chained(1, &[reference, "local.more"])), POLICY), ["? -"]);
}

#[test]
fn a_document_that_leads_to_itself_comes_to_an_end() {
    let document = chained(1, &["data.aws_iam_policy_document.d.json"]);
    assert_eq!(says(check(&document), POLICY), ["? -"]);
}
