//! One topic that an alert rule sends to: who gets what comes to it.

use serde_json::{Value, json};

use crate::testing::{
    Run,
    alerts::{TOPIC_ARN, planned, rule, rule_of, sound, target, topic},
    block, check, created, detector_in,
    lists::{other_stack, refers, with},
    reading::{FAIL, PASS, SKIP, UNDECIDED},
    resource, state,
};

const ID: &str = "findings-subscriber-missing";

fn run(more: &[Value]) -> Run {
    check(&sound(more))
}

fn mail(name: &str, attributes: Value) -> Value {
    let own = json!({
        "topic_arn": TOPIC_ARN, "protocol": "email", "endpoint": "soc@example.com", "pending_confirmation": false,
    });
    resource(&format!("aws_sns_topic_subscription.{name}"), with(own, attributes))
}

#[test]
fn a_topic_needs_a_subscription() {
    assert_eq!(run(&[]).verdict(ID), FAIL);
    assert_eq!(run(&[mail("m", json!({}))]).verdict(ID), PASS);
    let other = json!({ "topic_arn": "arn:aws:sns:eu-west-1:123456789012:other" });
    assert_eq!(run(&[mail("m", other)]).verdict(ID), FAIL);
    // Old versions of the provider do not tell.
    assert_eq!(run(&[mail("m", json!({ "pending_confirmation": null }))]).verdict(ID), PASS);
}

#[test]
fn a_subscription_must_be_confirmed() {
    let pending = |name: &str| mail(name, json!({ "pending_confirmation": true }));
    assert_eq!(run(&[pending("m")]).verdict(ID), FAIL);
    assert_eq!(run(&[pending("m"), pending("n")]).verdict(ID), FAIL);
    assert_eq!(run(&[pending("m"), mail("n", json!({}))]).verdict(ID), PASS);
    let finding = run(&[pending("m")]).finding(ID);
    assert_eq!(
        finding.message,
        "nobody gets what comes to aws_sns_topic.a: aws_sns_topic_subscription.m was never confirmed"
    );
    assert_eq!(finding.related[0].anchor.pointer, "/resources/4/instances/0/attributes/pending_confirmation");
}

#[test]
fn a_chat_that_lists_the_topic_is_a_subscriber() {
    for name in [
        "aws_chatbot_slack_channel_configuration.c",
        "aws_chatbot_teams_channel_configuration.c",
        "awscc_chatbot_microsoft_teams_channel_configuration.c",
        "awscc_chatbot_slack_channel_configuration.c",
    ] {
        let chat = |arns: Value| resource(name, json!({ "configuration_name": "soc", "sns_topic_arns": arns }));
        assert_eq!(
            run(&[chat(json!(["arn:aws:sns:eu-west-1:123456789012:other", TOPIC_ARN]))]).verdict(ID),
            PASS,
            "{name}"
        );
        assert_eq!(run(&[chat(json!([]))]).verdict(ID), FAIL, "{name}");
    }
}

#[test]
fn a_subscription_in_another_stack_counts() {
    let other = other_stack(state(&[mail("m", json!({}))]));
    assert_eq!(run(&[]).and("b/mail.json", &other).verdict(ID), PASS);
}

#[test]
fn a_topic_that_others_are_told_of_is_undecided() {
    let mut document = sound(&[]);
    document["outputs"] = json!({ "topic": { "value": { "arns": [TOPIC_ARN] }, "type": "dynamic" } });
    assert_eq!(check(&document).verdict(ID), UNDECIDED);
    document["outputs"] = json!({ "topic": { "value": "arn:aws:sns:eu-west-1:123456789012:other", "type": "string" } });
    assert_eq!(check(&document).verdict(ID), FAIL);
    // Whom they have subscribed does not matter where nobody here confirmed.
    let mut pending = sound(&[mail("m", json!({ "pending_confirmation": true }))]);
    pending["outputs"] = json!({ "topic": { "value": TOPIC_ARN, "type": "string" } });
    assert_eq!(check(&pending).verdict(ID), FAIL);
}

#[test]
fn only_managed_topics_of_alert_rules_are_subjects() {
    let tally = |resources: &[Value]| check(&state(resources)).tally(ID);
    assert_eq!(tally(&[rule(json!({})), topic(json!({}))]), (0, 0, 0, 0));
    let other = rule_of(json!({ "source": ["aws.s3"] }));
    assert_eq!(tally(&[other, target(TOPIC_ARN, json!({})), topic(json!({}))]), (0, 0, 0, 0));
    let read = resource("data.aws_sns_topic.a", json!({ "name": "alerts", "arn": TOPIC_ARN }));
    assert_eq!(tally(&[rule(json!({})), target(TOPIC_ARN, json!({})), read]), (0, 0, 0, 0));
}

#[test]
fn the_topic_of_a_detector_that_is_off_is_passed_over() {
    let detector = |enable: bool| {
        let own = detector_in("eu-west-1", "123456789012", "12ab");
        resource("aws_guardduty_detector.d", with(own, json!({ "enable": enable })))
    };
    assert_eq!(run(&[detector(false)]).verdict(ID), SKIP);
    assert_eq!(run(&[detector(true)]).verdict(ID), FAIL);
}

/// A plan that makes the topic, and a subscription for what this refers to.
fn plan(reference: &str) -> Value {
    planned(
        "aws_sns_topic.a.arn",
        &[
            created("aws_sns_topic.a", json!({ "name": "alerts" }), &["arn", "id", "policy"]),
            created("aws_sns_topic.b", json!({ "name": "b" }), &["arn", "id", "policy"]),
            created(
                "aws_sns_topic_subscription.m",
                json!({ "protocol": "email" }),
                &["topic_arn", "pending_confirmation", "arn"],
            ),
        ],
        &[
            block("aws_sns_topic.a", json!({})),
            block("aws_sns_topic.b", json!({})),
            block("aws_sns_topic_subscription.m", json!({ "topic_arn": refers(&[reference]) })),
        ],
    )
}

#[test]
fn a_plan_tells_the_topic_of_a_subscription_by_reference() {
    // Whether it will be confirmed nobody knows.
    assert_eq!(check(&plan("aws_sns_topic.a.arn")).verdict(ID), PASS);
    assert_eq!(check(&plan("aws_sns_topic.b.arn")).verdict(ID), FAIL);
}

#[test]
fn a_subscription_whose_topic_cannot_be_told_is_undecided() {
    assert_eq!(check(&plan("local.topic")).verdict(ID), UNDECIDED);
}

#[test]
fn an_arn_that_is_written_down_has_the_name_of_the_topic() {
    let says = |arn: &str| {
        let mut document = plan("local.topic");
        document["resource_changes"][5]["change"]["after"]["topic_arn"] = json!(arn);
        document["resource_changes"][5]["change"]["after_unknown"] = json!({ "pending_confirmation": true });
        check(&document).verdict(ID)
    };
    assert_eq!(says(TOPIC_ARN), PASS);
    assert_eq!(says("arn:aws:sns:us-east-1:123456789012:alerts"), FAIL);
    assert_eq!(says("arn:aws:sns:eu-west-1:123456789012:other"), FAIL);
}

#[test]
fn an_output_of_a_plan_that_refers_to_the_topic_is_undecided() {
    let says = |reference: &str| {
        let mut document = plan("aws_sns_topic.b.arn");
        document["configuration"]["root_module"]["outputs"] =
            json!({ "topic": { "expression": { "references": [reference, "aws_sns_topic.a"] } } });
        check(&document).verdict(ID)
    };
    assert_eq!(says("aws_sns_topic.a.arn"), UNDECIDED);
    assert_eq!(says("aws_sns_topic.a.name"), FAIL);
}

#[test]
fn a_chat_of_a_plan_lists_topics_by_reference() {
    let chat = |references: &[&str]| {
        let mut document = plan("aws_sns_topic.b.arn");
        document = crate::testing::put(
            document,
            "/resource_changes/-",
            created("aws_chatbot_slack_channel_configuration.c", json!({}), &["sns_topic_arns"]),
        );
        let written =
            block("aws_chatbot_slack_channel_configuration.c", json!({ "sns_topic_arns": refers(references) }));
        check(&crate::testing::put(document, "/configuration/root_module/resources/-", written)).verdict(ID)
    };
    assert_eq!(chat(&["aws_sns_topic.b.arn", "aws_sns_topic.a.arn"]), PASS);
    assert_eq!(chat(&["aws_sns_topic.b.arn"]), FAIL);
    assert_eq!(chat(&["local.topics"]), UNDECIDED);
}
