//! Policies that a plan takes from `data.aws_iam_policy_document`, their text being known only after apply.

use serde_json::{Value, json};

use super::{ADMIN, FAIL, PASS, ROLE, RULE, UNDECIDED, planned, verdict, with};
use crate::testing::{block, change, check, lists::refers, put};

const DOCUMENT: &str = "data.aws_iam_policy_document.d";

/// A statement as the data source has it: a Deny of everything for everybody, on the objects of the bucket.
fn statement(others: Value) -> Value {
    let all = json!({
        "sid": "Guard", "effect": "Deny", "actions": ["s3:*"], "not_actions": null,
        "resources": ["arn:aws:s3:::lists/*"], "not_resources": null,
        "principals": [{ "type": "*", "identifiers": ["*"] }], "not_principals": [], "condition": [],
    });
    with(all, others)
}

/// The same on resources that are known only after apply: what [`unknown_resources`] says of it.
fn on_unknown(others: Value) -> Value {
    statement(with(json!({ "resources": [null] }), others))
}

fn unknown_resources() -> Value {
    json!({ "resources": [true] })
}

fn condition(test: &str, variable: &str, values: &[&str]) -> Value {
    json!({ "condition": [{ "test": test, "variable": variable, "values": values }] })
}

/// A data source that is read during apply.
fn read(address: &str, after: Value, unknown: Value) -> Value {
    let unknown = with(json!({ "id": true, "json": true, "minified_json": true }), unknown);
    change(address, &["read"], Value::Null, after, unknown)
}

/// A plan whose bucket policy is a document with one statement: what is known of it, and what is not.
fn plan_with(statement: Value, unknown: Value) -> Value {
    let after = json!({
        "version": null, "source_json": null, "override_json": null, "source_policy_documents": null,
        "override_policy_documents": null, "statement": [statement],
    });
    let document = read(DOCUMENT, after, json!({ "statement": [unknown] }));
    let policy = change(
        "aws_s3_bucket_policy.p",
        &["create"],
        Value::Null,
        json!({ "bucket": "lists" }),
        json!({ "policy": true }),
    );
    let plan = put(planned(""), "/resource_changes/4", policy);
    let plan = put(plan, "/resource_changes/-", document);
    let policy = block(
        "aws_s3_bucket_policy.p",
        json!({ "bucket": refers(&["aws_s3_bucket.b.id"]), "policy": refers(&["data.aws_iam_policy_document.d.json"]) }),
    );
    let plan = put(plan, "/configuration/root_module/resources/4", policy);
    let document = block(DOCUMENT, json!({ "statement": [{ "resources": refers(&["aws_s3_bucket.b.arn"]) }] }));
    put(plan, "/configuration/root_module/resources/-", document)
}

fn judged(statement: Value, unknown: Value) -> &'static str {
    verdict(check(&plan_with(statement, unknown)))
}

#[test]
fn the_policy_is_rebuilt_from_the_documents_statements() {
    for (others, expected) in [
        (json!({}), FAIL),
        // Without an effect it is an Allow.
        (json!({ "effect": null }), PASS),
        (json!({ "effect": "Allow" }), PASS),
        (json!({ "actions": ["s3:PutObject", "s3:DeleteObject"] }), PASS),
        (json!({ "actions": null, "not_actions": ["s3:GetObject"] }), PASS),
        (json!({ "actions": null, "not_actions": ["s3:PutObject"] }), FAIL),
        (json!({ "resources": ["arn:aws:s3:::lists"] }), PASS),
        (json!({ "resources": null, "not_resources": ["arn:aws:s3:::lists/*"] }), PASS),
        (json!({ "resources": null, "not_resources": ["arn:aws:s3:::lists/public/*"] }), FAIL),
        (json!({ "principals": [{ "type": "AWS", "identifiers": [ADMIN, ROLE] }] }), FAIL),
        (json!({ "principals": [{ "type": "AWS", "identifiers": [ADMIN] }] }), PASS),
        (json!({ "principals": [{ "type": "Service", "identifiers": ["guardduty.amazonaws.com"] }] }), PASS),
        (json!({ "principals": [], "not_principals": [{ "type": "AWS", "identifiers": [ADMIN] }] }), FAIL),
        (json!({ "principals": [], "not_principals": [{ "type": "AWS", "identifiers": [ROLE] }] }), UNDECIDED),
        (condition("Bool", "aws:SecureTransport", &["false"]), PASS),
        (condition("StringNotEquals", "aws:PrincipalArn", &[ADMIN]), FAIL),
        (condition("ArnNotEquals", "aws:PrincipalArn", &[ADMIN, ROLE]), PASS),
        (condition("NotIpAddress", "aws:SourceIp", &["203.0.113.0/24"]), FAIL),
        (condition("StringNotEquals", "aws:PrincipalOrgID", &["o-abc"]), UNDECIDED),
    ] {
        assert_eq!(judged(statement(others.clone()), json!({})), expected, "{others}");
    }
}

#[test]
fn the_label_is_the_statement_of_the_document() {
    let place = check(&plan_with(statement(json!({})), json!({}))).places(RULE).remove(0);
    assert!(place.starts_with("/resource_changes/5/change/after/statement/0"), "{place}");
}

#[test]
fn a_deny_on_the_buckets_arn_cannot_be_told_without_sources() {
    // Is it the bucket or its objects?
    assert_eq!(judged(on_unknown(json!({})), unknown_resources()), UNDECIDED);
    let roles = condition("StringNotEquals", "aws:PrincipalArn", &[ADMIN]);
    assert_eq!(judged(on_unknown(roles), unknown_resources()), UNDECIDED);
}

#[test]
fn a_deny_that_does_not_match_for_another_reason_is_decided_whatever_its_resources() {
    for others in [
        condition("Bool", "aws:SecureTransport", &["false"]),
        condition("StringNotEquals", "aws:PrincipalArn", &[ADMIN, ROLE]),
        json!({ "principals": [{ "type": "AWS", "identifiers": [ADMIN] }] }),
        json!({ "actions": ["s3:PutObject"] }),
        json!({ "effect": "Allow" }),
    ] {
        assert_eq!(judged(on_unknown(others.clone()), unknown_resources()), PASS, "{others}");
    }
}

#[test]
fn a_known_resource_beside_an_unknown_one_decides() {
    let resources = json!({ "resources": [null, "arn:aws:s3:::lists/*"] });
    assert_eq!(judged(statement(resources), json!({ "resources": [true, false] })), FAIL);
}

#[test]
fn a_hole_is_an_element_that_may_match() {
    let hole = json!({ "principals": [{ "type": "AWS", "identifiers": [null] }] });
    assert_eq!(judged(statement(hole), json!({ "principals": [{ "identifiers": [true] }] })), UNDECIDED);
    let both = json!({ "principals": [{ "type": "AWS", "identifiers": [null, ROLE] }] });
    assert_eq!(judged(statement(both), json!({ "principals": [{ "identifiers": [true, false] }] })), FAIL);
    let unknown_values = json!({ "condition": [{ "values": [true] }] });
    for (test, variable, expected) in [
        ("StringEquals", "aws:PrincipalArn", UNDECIDED),
        ("StringNotEquals", "aws:PrincipalArn", UNDECIDED),
        // The key is missing, so that the answer does not hang on the value.
        ("StringEquals", "aws:username", PASS),
        ("StringNotEquals", "aws:username", FAIL),
    ] {
        let hole = json!({ "condition": [{ "test": test, "variable": variable, "values": [null] }] });
        assert_eq!(judged(statement(hole), unknown_values.clone()), expected, "{test} {variable}");
    }
}

#[test]
fn policy_variables_are_written_with_an_ampersand() {
    let variable =
        condition("StringNotEquals", "aws:PrincipalArn", &["arn:aws:iam::&{aws:PrincipalAccount}:role/Admin"]);
    assert_eq!(judged(statement(variable), json!({})), UNDECIDED);
}

/// The verdict on a harmless document that takes in others: `argument` refers to `source`, which holds `merged`.
fn merging(argument: &str, source: &str, merged: Value) -> &'static str {
    let harmless = statement(json!({ "actions": ["s3:PutObject"] }));
    let plan = plan_with(harmless, json!({}));
    let plan = put(plan, &format!("/resource_changes/5/change/after/{argument}"), json!([null]));
    let plan = put(plan, &format!("/resource_changes/5/change/after_unknown/{argument}"), json!([true]));
    let blocks = "/configuration/root_module/resources";
    let plan = put(plan, &format!("{blocks}/5/expressions/{argument}"), refers(&[source]));
    let other = "data.aws_iam_policy_document.other";
    let merged = with(merged, json!({ "sid": "Merged" }));
    let plan = put(plan, "/resource_changes/-", read(other, json!({ "statement": [merged] }), json!({})));
    verdict(check(&put(plan, &format!("{blocks}/-"), block(other, json!({})))))
}

#[test]
fn documents_that_are_merged_are_followed_or_cannot_be_told() {
    let other = "data.aws_iam_policy_document.other.json";
    for argument in ["source_policy_documents", "override_policy_documents"] {
        assert_eq!(merging(argument, other, statement(json!({}))), FAIL, "{argument}");
        let tls_only = statement(condition("Bool", "aws:SecureTransport", &["false"]));
        assert_eq!(merging(argument, other, tls_only), PASS, "{argument}");
        // Anything may be in there.
        assert_eq!(merging(argument, "local.documents", statement(json!({}))), UNDECIDED, "{argument}");
    }
}

#[test]
fn undecided_when_the_policy_leads_to_no_single_document() {
    let harmless = || statement(json!({ "actions": ["s3:PutObject"] }));
    let expression = "/configuration/root_module/resources/4/expressions/policy";
    // Through a local, without sources.
    let plan = put(plan_with(harmless(), json!({})), expression, refers(&["local.policy"]));
    assert_eq!(check(&plan).says(RULE), ["undecided aws_s3_object.o"]);
    // Of two instances, one.
    let mut plan =
        put(plan_with(harmless(), json!({})), expression, refers(&["data.aws_iam_policy_document.d", "local.which"]));
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let document = changes.pop().unwrap();
    for index in [0, 1] {
        let instance = with(document.clone(), json!({ "address": format!("{DOCUMENT}[{index}]"), "index": index }));
        changes.push(instance);
    }
    assert_eq!(check(&plan).says(RULE), ["undecided aws_s3_object.o"]);
}

#[test]
fn the_inline_policy_of_a_bucket_may_be_a_document_too() {
    for (others, expected) in [(json!({}), FAIL), (json!({ "actions": ["s3:PutObject"] }), PASS)] {
        let mut plan = plan_with(statement(others), json!({}));
        let bucket = block("aws_s3_bucket.b", json!({ "policy": refers(&["data.aws_iam_policy_document.d.json"]) }));
        plan["configuration"]["root_module"]["resources"][2] = bucket;
        plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap().remove(4);
        plan["resource_changes"].as_array_mut().unwrap().remove(4);
        assert_eq!(verdict(check(&plan)), expected);
    }
}
