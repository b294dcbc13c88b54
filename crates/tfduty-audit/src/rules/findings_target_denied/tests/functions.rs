//! Lambda functions: their permissions.

use serde_json::{Value, json};

use super::{ID, refers, resource, run, verdict, with};
use crate::testing::{
    alerts::{ACCOUNT, RULE_ARN, planned},
    block, check, created,
    reading::{FAIL, PASS, UNDECIDED},
};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:triage";

fn function() -> Value {
    resource("aws_lambda_function.f", json!({ "function_name": "triage", "arn": ARN, "version": "$LATEST" }))
}

fn permission(attributes: Value) -> Value {
    let own = json!({
        "action": "lambda:InvokeFunction", "function_name": "triage", "principal": "events.amazonaws.com",
        "source_arn": RULE_ARN, "qualifier": "", "statement_id": "events",
    });
    resource("aws_lambda_permission.p", with(own, attributes))
}

fn with_permission(attributes: Value) -> &'static str {
    verdict((ARN, json!({})), &[function(), permission(attributes)])
}

#[test]
fn a_permission_lets_in_a_principal_for_an_action() {
    assert_eq!(with_permission(json!({})), PASS);
    assert_eq!(with_permission(json!({ "action": "lambda:*" })), PASS);
    assert_eq!(with_permission(json!({ "action": "lambda:GetFunction" })), FAIL);
    assert_eq!(with_permission(json!({ "principal": "sns.amazonaws.com" })), FAIL);
    assert_eq!(with_permission(json!({ "principal": ACCOUNT })), FAIL);
    assert_eq!(verdict((ARN, json!({})), &[function()]), FAIL);
}

#[test]
fn a_permission_may_be_for_certain_rules_alone() {
    assert_eq!(with_permission(json!({ "source_arn": null })), PASS);
    assert_eq!(with_permission(json!({ "source_arn": "arn:aws:events:eu-west-1:123456789012:rule/*" })), PASS);
    assert_eq!(with_permission(json!({ "source_arn": "arn:aws:events:eu-west-1:123456789012:rule/other" })), FAIL);
    assert_eq!(with_permission(json!({ "source_account": ACCOUNT })), PASS);
    assert_eq!(with_permission(json!({ "source_account": "222222222222" })), FAIL);
    assert_eq!(with_permission(json!({ "principal_org_id": "o-1" })), FAIL);
    let finding = run(
        (ARN, json!({})),
        &[function(), permission(json!({ "source_arn": "arn:aws:events:eu-west-1:123456789012:rule/other" }))],
    )
    .finding(ID);
    assert_eq!(
        finding.message,
        "EventBridge may not invoke aws_lambda_function.f: aws_lambda_permission.p lets in EventBridge for another rule \
         (`source_arn`)"
    );
    assert_eq!(finding.related[0].anchor.pointer, "/resources/3/instances/0/attributes/source_arn");
}

#[test]
fn a_permission_names_a_function_in_many_ways() {
    for name in [ARN, "123456789012:function:triage", "function:triage"] {
        assert_eq!(with_permission(json!({ "function_name": name })), PASS, "{name}");
    }
    for name in ["other", "arn:aws:lambda:us-east-1:123456789012:function:triage", "222222222222:function:triage"] {
        assert_eq!(with_permission(json!({ "function_name": name })), FAIL, "{name}");
    }
}

#[test]
fn a_version_or_alias_has_permissions_of_its_own() {
    let says = |arn: &str, attributes: Value| verdict((arn, json!({})), &[function(), permission(attributes)]);
    let alias = format!("{ARN}:live");
    assert_eq!(says(&alias, json!({})), FAIL);
    assert_eq!(says(&alias, json!({ "qualifier": "live" })), PASS);
    assert_eq!(says(&alias, json!({ "qualifier": "test" })), FAIL);
    assert_eq!(says(&alias, json!({ "function_name": "triage:live" })), PASS);
    assert_eq!(says(ARN, json!({ "qualifier": "live" })), FAIL);
    assert_eq!(says(&format!("{ARN}:$LATEST"), json!({})), PASS);
}

#[test]
fn one_of_several_permissions_is_enough() {
    let other = with(
        json!({ "action": "lambda:InvokeFunction", "function_name": "triage", "principal": "s3.amazonaws.com" }),
        json!({ "statement_id": "s3" }),
    );
    let others = [function(), resource("aws_lambda_permission.other", other), permission(json!({}))];
    assert_eq!(verdict((ARN, json!({})), &others), PASS);
}

#[test]
fn a_function_that_is_not_among_the_inputs_is_undecided() {
    assert_eq!(verdict((ARN, json!({})), &[]), UNDECIDED);
    assert_eq!(verdict((ARN, json!({})), &[permission(json!({ "principal": "s3.amazonaws.com" }))]), UNDECIDED);
    assert_eq!(verdict((ARN, json!({})), &[permission(json!({}))]), PASS);
}

/// A plan that makes the function and a permission: what is known of that, and what the configuration says.
fn plan((after, unknown): (Value, &[&str]), written: Value, aim: &str) -> Value {
    let own = json!({
        "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com", "statement_id": "events",
    });
    planned(
        aim,
        &[
            created(
                "aws_lambda_function.f",
                json!({ "function_name": "triage" }),
                &["arn", "id", "version", "qualified_arn"],
            ),
            created("aws_lambda_alias.live", json!({ "name": "live", "function_name": "triage" }), &["arn"]),
            created("aws_cloudwatch_event_rule.other", json!({ "name": "other", "event_pattern": "{}" }), &["arn"]),
            created("aws_lambda_permission.p", with(own, after), unknown),
        ],
        &[
            block("aws_lambda_function.f", json!({})),
            block("aws_lambda_alias.live", json!({})),
            block("aws_cloudwatch_event_rule.other", json!({})),
            block("aws_lambda_permission.p", written),
        ],
    )
}

#[test]
fn a_plan_tells_rule_and_function_by_reference() {
    let says = |function: &str, rule: &str, aim: &str| {
        let written = json!({ "function_name": refers(&[function]), "source_arn": refers(&[rule]) });
        check(&plan((json!({}), &["function_name", "source_arn"]), written, aim)).verdict(ID)
    };
    let (function, rule) = ("aws_lambda_function.f.arn", "aws_cloudwatch_event_rule.r.arn");
    assert_eq!(says(function, rule, function), PASS);
    assert_eq!(says(function, "aws_cloudwatch_event_rule.other.arn", function), FAIL);
    assert_eq!(says(function, "local.rule", function), UNDECIDED);
    assert_eq!(says("local.function", rule, function), UNDECIDED);
    assert_eq!(says(function, rule, "aws_lambda_alias.live.arn"), FAIL);
    assert_eq!(says("aws_lambda_alias.live.function_name", rule, function), PASS);
    assert_eq!(says("aws_lambda_alias.live.arn", rule, function), FAIL);
    assert_eq!(says("aws_lambda_alias.live.arn", rule, "aws_lambda_alias.live.arn"), PASS);
}

#[test]
fn what_keeps_a_permission_from_being_told_is_named() {
    let says = |function: &str, rule: &str, written: Value, unknown: &[&str]| {
        let names = json!({ "function_name": refers(&[function]), "source_arn": refers(&[rule]) });
        let unknown = [&["function_name", "source_arn"], unknown].concat();
        check(&plan((json!({}), &unknown), with(names, written), "aws_lambda_function.f.arn")).finding(ID).message
    };
    let (function, rule) = ("aws_lambda_function.f.arn", "aws_cloudwatch_event_rule.r.arn");
    let qualifier = json!({ "qualifier": refers(&["local.alias"]) });
    for (message, attribute, from) in [
        (says(function, "local.rule", json!({}), &[]), "source_arn", "local.rule"),
        (says("local.name", rule, json!({}), &[]), "function_name", "local.name"),
        (says(function, rule, qualifier, &["qualifier"]), "qualifier", "local.alias"),
    ] {
        let decides = format!(
            " is not known: `{attribute}` of aws_lambda_permission.p decides, and it is known only after apply, from `{from}`; "
        );
        assert!(message.contains(&decides), "{message}");
    }
}

#[test]
fn another_rule_is_told_by_its_name_though_no_arn_is_known() {
    let says = |source: &str| {
        let after = json!({ "function_name": "triage", "source_arn": source });
        check(&plan((after, &[]), json!({}), "aws_lambda_function.f.arn")).verdict(ID)
    };
    assert_eq!(says("arn:aws:events:eu-west-1:123456789012:rule/alerts"), PASS);
    assert_eq!(says("arn:aws:events:eu-west-1:123456789012:rule/other"), FAIL);
    assert_eq!(says("arn:aws:events:eu-west-1:222222222222:rule/alerts"), FAIL);
}

#[test]
fn an_alias_is_told_by_reference() {
    let says = |qualifier: Value, unknown: &[&str], after: Value| {
        let written = json!({ "qualifier": qualifier });
        let after = with(json!({ "function_name": "triage" }), after);
        check(&plan((after, unknown), written, "aws_lambda_alias.live.arn")).verdict(ID)
    };
    assert_eq!(says(refers(&["aws_lambda_alias.live.name"]), &["qualifier"], json!({})), PASS);
    assert_eq!(says(json!({}), &[], json!({ "qualifier": "live" })), PASS);
    assert_eq!(says(refers(&["local.alias"]), &["qualifier"], json!({})), UNDECIDED);
    assert_eq!(says(json!({}), &[], json!({})), FAIL);
}
