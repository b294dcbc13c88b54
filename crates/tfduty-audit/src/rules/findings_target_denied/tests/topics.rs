//! Topics and queues: their own policies.

use serde_json::{Value, json};

use super::{ID, every, holder, refers, rule, run, verdict, with};
use crate::testing::{
    alerts::{
        ACCOUNT, QUEUE_ARN, RULE, RULE_ARN, TARGET, TOPIC_ARN, allows, planned, rule_of, sound, target, topic,
        topic_policy,
    },
    block, change, check, created,
    lists::{constant, other_stack},
    plan_of,
    reading::{FAIL, PASS, UNDECIDED},
    resource, state, unchanged,
};

/// The verdict where the topic's policy has these statements.
fn with_policy(statements: &[Value]) -> &'static str {
    verdict((TOPIC_ARN, json!({})), &[topic(json!({})), topic_policy(statements)])
}

/// The same where the statement that lets EventBridge publish has other elements.
fn with_elements(elements: Value) -> &'static str {
    with_policy(&[allows("sns:Publish", TOPIC_ARN, elements)])
}

fn on(operator: &str, key: &str, value: &str) -> Value {
    json!({ "Condition": { operator: { key: value } } })
}

#[test]
fn a_topic_lets_in_whom_its_policy_names() {
    assert_eq!(with_elements(json!({})), PASS);
    assert_eq!(with_elements(json!({ "Principal": { "Service": ["a.amazonaws.com", "events.amazonaws.com"] } })), PASS);
    assert_eq!(with_elements(json!({ "Principal": "*" })), PASS);
    assert_eq!(with_elements(json!({ "Action": "sns:*" })), PASS);
    assert_eq!(with_elements(json!({ "Resource": "arn:aws:sns:*:123456789012:al*" })), PASS);
    assert_eq!(with_elements(json!({ "Principal": { "Service": "cloudwatch.amazonaws.com" } })), FAIL);
    assert_eq!(with_elements(json!({ "Principal": { "AWS": ACCOUNT } })), FAIL);
    assert_eq!(with_elements(json!({ "Action": "sns:Subscribe" })), FAIL);
    assert_eq!(with_elements(json!({ "Resource": "arn:aws:sns:eu-west-1:123456789012:other" })), FAIL);
}

#[test]
fn a_topic_begins_with_a_policy_that_lets_nobody_in() {
    assert_eq!(verdict((TOPIC_ARN, json!({})), &[topic(json!({}))]), FAIL);
    let finding = run((TOPIC_ARN, json!({})), &[topic(json!({}))]).finding(ID);
    assert_eq!(
        finding.message,
        "EventBridge may not publish to aws_sns_topic.a: it has the default policy, which lets only its own account publish"
    );
    assert!(finding.help.contains("\"Resource\":\"arn:aws:sns:eu-west-1:123456789012:alerts\""), "{}", finding.help);
    // A policy of its own that the topic sets itself.
    let own = json!({ "Statement": [allows("sns:Publish", TOPIC_ARN, json!({}))] }).to_string();
    assert_eq!(verdict((TOPIC_ARN, json!({})), &[topic(json!({ "policy": own }))]), PASS);
    // Another topic's policy is not this one's.
    let other = with(
        json!({ "arn": "arn:aws:sns:eu-west-1:123456789012:other" }),
        json!({ "policy": json!({ "Statement": [allows("sns:Publish", "*", json!({}))] }).to_string() }),
    );
    assert_eq!(verdict((TOPIC_ARN, json!({})), &[topic(json!({})), resource("aws_sns_topic_policy.o", other)]), FAIL);
}

#[test]
fn conditions_that_fit_let_in() {
    assert_eq!(with_elements(on("ArnEquals", "aws:SourceArn", RULE_ARN)), PASS);
    assert_eq!(with_elements(on("ArnLike", "aws:SourceArn", "arn:aws:events:*:123456789012:rule/*")), PASS);
    assert_eq!(with_elements(on("StringEquals", "aws:SourceAccount", ACCOUNT)), PASS);
    assert_eq!(
        with_elements(on("ArnEquals", "aws:SourceArn", "arn:aws:events:eu-west-1:123456789012:rule/other")),
        FAIL
    );
    assert_eq!(with_elements(on("StringEquals", "aws:SourceAccount", "222222222222")), FAIL);
    assert_eq!(with_elements(on("StringEquals", "AWS:SourceOwner", ACCOUNT)), FAIL);
    assert_eq!(with_elements(on("StringEquals", "aws:PrincipalOrgID", "o-1")), FAIL);
}

#[test]
fn a_condition_that_nobody_can_tell_is_undecided() {
    assert_eq!(with_elements(on("StringEquals", "aws:SourceVpce", "vpce-1")), UNDECIDED);
    // No other state would tell what EventBridge's requests carry.
    let statement = allows("sns:Publish", TOPIC_ARN, on("StringEquals", "aws:SourceOrgID", "o-1"));
    let finding = run((TOPIC_ARN, json!({})), &[topic(json!({})), topic_policy(&[statement])]).finding(ID);
    assert_eq!(
        finding.help,
        "let EventBridge in by a statement with no other conditions than `aws:SourceAccount` and `aws:SourceArn`"
    );
}

#[test]
fn a_deny_that_is_about_eventbridge_keeps_it_out() {
    let allow = allows("sns:Publish", TOPIC_ARN, json!({}));
    let deny = |others: Value| {
        let own = json!({ "Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": TOPIC_ARN });
        with_policy(&[allow.clone(), with(own, others)])
    };
    assert_eq!(deny(json!({})), FAIL);
    assert_eq!(deny(json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } })), PASS);
    assert_eq!(deny(json!({ "Action": "sns:Subscribe" })), PASS);
    // Another Allow would be of no use.
    let all = json!({ "Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": TOPIC_ARN });
    let finding = run((TOPIC_ARN, json!({})), &[topic(json!({})), topic_policy(&[allow, all])]).finding(ID);
    assert_eq!(finding.help, "exempt `events.amazonaws.com` in the Deny");
}

#[test]
fn the_statement_that_comes_nearest_is_named() {
    let other = on("ArnEquals", "aws:SourceArn", "arn:aws:events:eu-west-1:123456789012:rule/other");
    let statement = allows("sns:Publish", TOPIC_ARN, with(other, json!({ "Sid": "Events" })));
    let run = run((TOPIC_ARN, json!({})), &[topic(json!({})), topic_policy(&[statement])]);
    let finding = run.finding(ID);
    assert_eq!(
        finding.message,
        "EventBridge may not publish to aws_sns_topic.a: no statement of aws_sns_topic_policy.a allows \
         `events.amazonaws.com` `sns:Publish`; statement `Events` (`Statement[0]`, counted from 0) would, but for its \
         `ArnEquals` on `aws:SourceArn`"
    );
    assert_eq!(finding.anchor.pointer, "/resources/1/instances/0/attributes/arn");
    assert_eq!(finding.related[0].address.as_deref(), Some("aws_sns_topic_policy.a"));
    assert!(finding.related[0].anchor.inner.is_some());
}

#[test]
fn a_topic_that_is_not_among_the_inputs_is_undecided() {
    assert_eq!(verdict((TOPIC_ARN, json!({})), &[]), UNDECIDED);
    let read = resource("data.aws_sns_topic.a", json!({ "name": "alerts", "arn": TOPIC_ARN }));
    assert_eq!(verdict((TOPIC_ARN, json!({})), &[read]), UNDECIDED);
}

#[test]
fn a_topic_of_another_account_is_undecided() {
    let arn = "arn:aws:sns:eu-west-1:222222222222:alerts";
    let away = topic(json!({ "id": arn, "arn": arn, "owner": "222222222222" }));
    let policy = |action: &str| {
        let text = json!({ "Statement": [allows(action, arn, json!({}))] }).to_string();
        resource("aws_sns_topic_policy.a", json!({ "arn": arn, "policy": text }))
    };
    assert_eq!(verdict((arn, json!({})), &[away.clone(), policy("sns:Publish")]), UNDECIDED);
    assert_eq!(verdict((arn, json!({})), &[away, policy("sns:Subscribe")]), FAIL);
}

#[test]
fn a_policy_of_another_stack_counts() {
    let policy = other_stack(state(&[topic_policy(&[allows("sns:Publish", TOPIC_ARN, json!({}))])]));
    let run = run((TOPIC_ARN, json!({})), &[topic(json!({}))]).and("b/policies.json", &policy);
    assert_eq!(run.verdict(ID), PASS);
}

#[test]
fn only_targets_of_alert_rules_that_are_on_are_subjects() {
    let tally = |rule: Value| check(&state(&[rule, target(TOPIC_ARN, json!({})), topic(json!({}))])).tally(ID);
    assert_eq!(tally(rule(json!({}))), (0, 1, 0, 0));
    assert_eq!(tally(rule(json!({ "state": "DISABLED" }))), (0, 0, 0, 0));
    assert_eq!(tally(rule_of(json!({ "source": ["aws.s3"] }))), (0, 0, 0, 0));
    let calls = json!({ "source": ["aws.guardduty"], "detail-type": ["AWS API Call via CloudTrail"] });
    assert_eq!(tally(rule_of(calls)), (0, 0, 0, 0));
    let scans =
        json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Object Scan Result"] });
    assert_eq!(tally(rule_of(scans)), (0, 1, 0, 0));
    assert_eq!(tally(rule_of(json!({ "source": [{ "prefix": "aws." }] }))), (0, 1, 0, 0));
}

/// A plan that makes the topic, and a policy for it.
fn plan_with(after: Value, unknown: &[&str], written: Value) -> Value {
    planned(
        "aws_sns_topic.a.arn",
        &[
            created("aws_sns_topic.a", json!({ "name": "alerts" }), &["arn", "id", "policy"]),
            created("aws_sns_topic_policy.a", after, unknown),
        ],
        &[block("aws_sns_topic.a", json!({})), block("aws_sns_topic_policy.a", written)],
    )
}

#[test]
fn a_policy_that_is_known_only_after_apply_is_undecided() {
    let arn = refers(&["aws_sns_topic.a.arn"]);
    let unknown = plan_with(json!({}), &["arn", "policy"], json!({ "arn": arn, "policy": arn }));
    assert_eq!(check(&unknown).verdict(ID), UNDECIDED);
    let finding = check(&unknown).finding(ID);
    assert!(finding.message.contains("`policy` of aws_sns_topic_policy.a decides"), "{}", finding.message);
    // The text is known, and its resource is a pattern.
    let text = |on: &str| json!({ "Statement": [allows("sns:Publish", on, json!({}))] }).to_string();
    let known = |on: &str| plan_with(json!({ "policy": text(on) }), &["arn"], json!({ "arn": arn }));
    assert_eq!(check(&known("*")).verdict(ID), PASS);
    assert_eq!(check(&known(TOPIC_ARN)).verdict(ID), PASS);
    assert_eq!(check(&known("arn:aws:sns:eu-west-1:123456789012:other")).verdict(ID), FAIL);
    // For which topic it is cannot be told.
    let loose = plan_with(json!({ "policy": text("*") }), &["arn"], json!({ "arn": refers(&["local.arn"]) }));
    assert_eq!(check(&loose).verdict(ID), UNDECIDED);
}

#[test]
fn with_the_configuration_the_policy_of_a_plan_is_known() {
    let says = |resource: &str, source: &str| {
        let arn = refers(&["aws_sns_topic.a.arn"]);
        let plan = plan_with(json!({}), &["arn", "policy"], json!({ "arn": arn, "policy": arn }));
        let other = created("aws_sns_topic.b", json!({ "name": "b" }), &["arn", "id", "policy"]);
        let second = created(
            "aws_cloudwatch_event_rule.other",
            json!({ "name_prefix": "x", "event_pattern": "{\"source\":[\"aws.s3\"]}" }),
            &["arn", "name"],
        );
        let mut plan = crate::testing::put(plan, "/resource_changes/-", other);
        plan = crate::testing::put(plan, "/resource_changes/-", second);
        let hcl = format!(
            r#"
            resource "aws_sns_topic" "a" {{ name = "alerts" }}
            resource "aws_sns_topic" "b" {{ name = "b" }}
            resource "aws_cloudwatch_event_rule" "r" {{ name = "alerts" }}
            resource "aws_cloudwatch_event_rule" "other" {{ name_prefix = "x" }}
            resource "aws_cloudwatch_event_target" "t" {{
              rule = aws_cloudwatch_event_rule.r.name
              arn  = aws_sns_topic.a.arn
            }}
            resource "aws_sns_topic_policy" "a" {{
              arn = aws_sns_topic.a.arn
              policy = jsonencode({{ Statement = [{{
                Effect = "Allow", Principal = {{ Service = "events.amazonaws.com" }}, Action = "sns:Publish",
                Resource = {resource}, Condition = {{ ArnEquals = {{ "aws:SourceArn" = {source} }} }}
              }}] }})
            }}
            "#
        );
        check(&plan).with_sources(&[("", &hcl)]).verdict(ID)
    };
    let (topic, rule) = ("aws_sns_topic.a.arn", "aws_cloudwatch_event_rule.r.arn");
    assert_eq!(says(topic, rule), PASS);
    assert_eq!(says("aws_sns_topic.a.id", rule), PASS);
    // Each block makes a thing of its own, whatever it will be called.
    assert_eq!(says("aws_sns_topic.b.arn", rule), FAIL);
    assert_eq!(says(topic, "aws_cloudwatch_event_rule.other.arn"), FAIL);
    assert_eq!(says(topic, "local.nothing"), UNDECIDED);
}

#[test]
fn a_new_topic_without_a_policy_has_the_default_one() {
    let topic = created("aws_sns_topic.a", json!({ "name": "alerts" }), &["arn", "id", "policy"]);
    let plan = |written: Value| {
        planned("aws_sns_topic.a.arn", std::slice::from_ref(&topic), &[block("aws_sns_topic.a", written)])
    };
    assert_eq!(check(&plan(json!({}))).verdict(ID), FAIL);
    assert_eq!(check(&plan(json!({ "policy": refers(&["local.policy"]) }))).verdict(ID), UNDECIDED);
}

#[test]
fn a_policy_that_goes_leaves_the_default_one() {
    let text = json!({ "Statement": [allows("sns:Publish", TOPIC_ARN, json!({}))] }).to_string();
    let own = json!({ "name": "alerts", "arn": RULE_ARN, "event_pattern": every() });
    let own_topic = json!({ "name": "alerts", "id": TOPIC_ARN, "arn": TOPIC_ARN, "owner": ACCOUNT, "policy": text });
    let policy = json!({ "arn": TOPIC_ARN, "policy": text });
    let changes = |policy: Value| {
        plan_of(
            &[
                unchanged(RULE, own.clone()),
                unchanged(TARGET, json!({ "rule": "alerts", "arn": TOPIC_ARN })),
                unchanged("aws_sns_topic.a", own_topic.clone()),
                policy,
            ],
            &[block("aws_sns_topic.a", json!({ "name": constant(json!("alerts")) }))],
        )
    };
    let going = change("aws_sns_topic_policy.a", &["delete"], policy.clone(), Value::Null, json!({}));
    assert_eq!(check(&changes(going)).verdict(ID), FAIL);
    assert_eq!(check(&changes(unchanged("aws_sns_topic_policy.a", policy))).verdict(ID), PASS);
}

#[test]
fn a_target_that_is_not_told_is_undecided() {
    let topic = created("aws_sns_topic.a", json!({ "name": "alerts" }), &["arn", "id", "policy"]);
    let plan = planned("local.topic", &[topic], &[block("aws_sns_topic.a", json!({}))]);
    assert_eq!(check(&plan).verdict(ID), UNDECIDED);
    assert_eq!(verdict(("nonsense", json!({})), &[]), UNDECIDED);
}

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/alerts";

fn queue(attributes: Value) -> Value {
    let own = json!({ "name": "alerts", "arn": QUEUE_ARN, "id": URL, "url": URL, "policy": "", "fifo_queue": false });
    resource("aws_sqs_queue.q", with(own, attributes))
}

#[test]
fn a_queue_lets_in_whom_its_policy_names() {
    let policy =
        |statement: Value| holder("aws_sqs_queue_policy.q", ("policy", &[statement]), json!({ "queue_url": URL }));
    let says = |statement: Value| verdict((QUEUE_ARN, json!({})), &[queue(json!({})), policy(statement)]);
    assert_eq!(says(allows("sqs:SendMessage", QUEUE_ARN, json!({}))), PASS);
    assert_eq!(says(allows("sqs:SendMessage", QUEUE_ARN, on("ArnEquals", "aws:SourceArn", RULE_ARN))), PASS);
    assert_eq!(says(allows("sqs:ReceiveMessage", QUEUE_ARN, json!({}))), FAIL);
    assert_eq!(verdict((QUEUE_ARN, json!({})), &[queue(json!({}))]), FAIL);
    let own = json!({ "Statement": [allows("SQS:SendMessage", QUEUE_ARN, json!({}))] }).to_string();
    assert_eq!(verdict((QUEUE_ARN, json!({})), &[queue(json!({ "policy": own }))]), PASS);
    assert_eq!(verdict((QUEUE_ARN, json!({})), &[]), UNDECIDED);
}

#[test]
fn a_fifo_queue_takes_only_messages_of_a_group() {
    let arn = "arn:aws:sqs:eu-west-1:123456789012:alerts.fifo";
    let own = json!({ "Statement": [allows("sqs:SendMessage", arn, json!({}))] }).to_string();
    let fifo = queue(json!({ "name": "alerts.fifo", "arn": arn, "fifo_queue": true, "policy": own }));
    let says = |attributes: Value| verdict((arn, attributes), std::slice::from_ref(&fifo));
    assert_eq!(says(json!({})), FAIL);
    assert_eq!(says(json!({ "sqs_target": [] })), FAIL);
    assert_eq!(says(json!({ "sqs_target": [{ "message_group_id": "guardduty" }] })), PASS);
    assert_eq!(run((arn, json!({})), &[]).verdict(ID), FAIL, "whatever queue it is");
}

#[test]
fn nothing_of_a_sensitive_policy_is_shown() {
    let secret = allows("sns:Publish", TOPIC_ARN, json!({ "Sid": "Secret", "Action": "sns:Subscribe" }));
    let text = json!({ "Statement": [secret] }).to_string();
    let arn = refers(&["aws_sns_topic.a.arn"]);
    let mut plan = plan_with(json!({ "policy": text }), &["arn"], json!({ "arn": arn }));
    plan["resource_changes"][4]["change"]["after_sensitive"] = json!({ "policy": true });
    let finding = check(&plan).finding(ID);
    assert!(!finding.message.contains("Secret"), "{}", finding.message);
    assert!(finding.related.iter().any(|related| related.anchor.sensitive));
}

#[test]
fn a_sound_state_passes() {
    assert_eq!(check(&sound(&[])).verdict(ID), PASS);
}
