//! Policies that are blocks of a role.

use serde_json::{Value, json};

use super::{super::inline_policies, lines, object};
use crate::testing::{Run, block, check, created, lists::refers, plan_of, resource, state};

const ROLE: &str = "aws_iam_role.r";
const TEXT: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
const SAYS: &str = "Allow a Action=s3:* Resource=*";

/// The name and the statements of each.
fn says(run: Run) -> Vec<String> {
    let estate = run.estate();
    let policies = inline_policies(&estate, object(&estate, ROLE));
    let line = |name: Option<&str>, lines: Vec<String>| format!("{}: {}", name.unwrap_or("?"), lines.join("; "));
    policies.iter().map(|policy| line(policy.name, lines(&policy.text))).collect()
}

/// A plan that makes the role with these blocks, and what is unknown of them.
#[expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]
fn planned(blocks: Value, unknown: Value, expressions: Value) -> Run {
    let mut role = created(ROLE, json!({ "inline_policy": blocks }), &["id", "arn"]);
    role["change"]["after_unknown"]["inline_policy"] = unknown;
    let document = json!({ "statement": [{ "sid": "a", "effect": "Allow", "actions": ["s3:*"], "resources": ["*"] }] });
    let mut document = created("data.aws_iam_policy_document.d", document, &["id", "json"]);
    document["change"]["actions"] = json!(["read"]);
    check(&plan_of(
        &[document, role],
        &[block("data.aws_iam_policy_document.d", json!({ "statement": [{}] })), block(ROLE, expressions)],
    ))
}

#[test]
fn each_block_is_a_policy() {
    let two = json!({ "inline_policy": [{ "name": "x", "policy": TEXT }, { "name": "y", "policy": TEXT }] });
    assert_eq!(says(check(&state(&[resource(ROLE, two)]))), [format!("x: {SAYS}"), format!("y: {SAYS}")]);
    for none in [json!([]), json!([{ "name": "", "policy": "" }]), json!(null)] {
        assert!(says(check(&state(&[resource(ROLE, json!({ "inline_policy": none }))]))).is_empty(), "{none}");
    }
    assert_eq!(
        says(check(&state(&[resource(ROLE, json!({ "inline_policy": [{ "name": "x", "policy": "no" }] }))]))),
        ["x: unknown: it is no JSON"]
    );
}

#[test]
fn what_is_known_only_after_apply_is_put_together() {
    let expressions =
        |policy: Value| json!({ "inline_policy": [{ "name": { "constant_value": "x" }, "policy": policy }] });
    let one = json!([{ "name": "x" }]);
    let unknown = json!([{ "policy": true }]);
    let document = refers(&["data.aws_iam_policy_document.d.json"]);
    assert_eq!(says(planned(one.clone(), unknown.clone(), expressions(document.clone()))), [format!("x: {SAYS}")]);
    let why = "x: unknown: it is known only after apply";
    assert_eq!(says(planned(one, unknown, expressions(refers(&["local.x"])))), [why]);
    // Of two nobody knows which block is which.
    let two = json!([{ "name": "x" }, { "name": "y", "policy": TEXT }]);
    let unknown = json!([{ "policy": true }, {}]);
    let said = says(planned(two, unknown, expressions(document)));
    assert_eq!(said, ["x: unknown: one of several blocks is known only after apply".to_owned(), format!("y: {SAYS}")]);
}

#[test]
fn blocks_that_the_configuration_has_not_are_none() {
    assert!(says(planned(json!(null), json!(true), json!({}))).is_empty());
    let unknown = says(planned(json!(null), json!(true), json!({ "inline_policy": refers(&["local.x"]) })));
    assert_eq!(unknown, ["?: unknown: it is known only after apply, from `local.x`"]);
}

#[test]
fn the_place_is_in_the_block() {
    let block = json!({ "inline_policy": [{ "name": "x", "policy": TEXT }] });
    let estate = check(&state(&[resource(ROLE, block)])).estate();
    let policies = inline_policies(&estate, object(&estate, ROLE));
    let super::PolicyText::Known(known) = &policies[0].text else { panic!() };
    let (_, anchor) = known.label(&estate, known.document().statements()[0].origin(), "here");
    assert!(anchor.pointer.ends_with("/inline_policy/0/policy") && anchor.inner.is_some(), "{anchor:?}");
}
