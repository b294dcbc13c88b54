//! The alert topic has no confirmed subscriber.
//!
//! ## Why it matters
//!
//! A topic takes every alert and keeps none. Without a subscriber they are gone, and a subscription by mail begins only when
//! somebody follows the link in the first mail.
//!
//! ## How to fix it
//!
//! Add a subscription, and confirm the mail; `https`, `lambda` and `sqs` need no human:
//!
//! ```hcl
//! resource "aws_sns_topic_subscription" "mail" {
//!   topic_arn = aws_sns_topic.alerts.arn
//!   protocol  = "email"
//!   endpoint  = "soc@example.com"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_cloudwatch_event_rule", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"name": "findings", "arn": "arn:aws:events:eu-west-1:123456789012:rule/findings", "event_pattern": "{\"source\":[\"aws.guardduty\"]}"}}]},
//!   {"mode": "managed", "type": "aws_cloudwatch_event_target", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"rule": "findings", "arn": "arn:aws:sns:eu-west-1:123456789012:alerts"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"name": "alerts", "arn": "arn:aws:sns:eu-west-1:123456789012:alerts"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic_policy", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"arn": "arn:aws:sns:eu-west-1:123456789012:alerts", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sns:Publish\",\"Resource\":\"arn:aws:sns:eu-west-1:123456789012:alerts\"}]}"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic_subscription", "name": "mail", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:alerts", "protocol": "email", "pending_confirmation": false}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_cloudwatch_event_rule", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"name": "findings", "arn": "arn:aws:events:eu-west-1:123456789012:rule/findings", "event_pattern": "{\"source\":[\"aws.guardduty\"]}"}}]},
//!   {"mode": "managed", "type": "aws_cloudwatch_event_target", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"rule": "findings", "arn": "arn:aws:sns:eu-west-1:123456789012:alerts"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"name": "alerts", "arn": "arn:aws:sns:eu-west-1:123456789012:alerts"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic_policy", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"arn": "arn:aws:sns:eu-west-1:123456789012:alerts", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sns:Publish\",\"Resource\":\"arn:aws:sns:eu-west-1:123456789012:alerts\"}]}"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic_subscription", "name": "mail", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:alerts", "protocol": "email", "pending_confirmation": true}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "outputs": {"alerts": {"value": "arn:aws:sns:eu-west-1:123456789012:alerts", "type": "string"}}, "resources": [
//!   {"mode": "managed", "type": "aws_cloudwatch_event_rule", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"name": "findings", "arn": "arn:aws:events:eu-west-1:123456789012:rule/findings", "event_pattern": "{\"source\":[\"aws.guardduty\"]}"}}]},
//!   {"mode": "managed", "type": "aws_cloudwatch_event_target", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"rule": "findings", "arn": "arn:aws:sns:eu-west-1:123456789012:alerts"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"name": "alerts", "arn": "arn:aws:sns:eu-west-1:123456789012:alerts"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic_policy", "name": "alerts", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"arn": "arn:aws:sns:eu-west-1:123456789012:alerts", "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"events.amazonaws.com\"},\"Action\":\"sns:Publish\",\"Resource\":\"arn:aws:sns:eu-west-1:123456789012:alerts\"}]}"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - A subscription is there, and whether it is confirmed is not known yet.
//! - A chat of Amazon Q Developer (AWS Chatbot) lists the topic: `aws_chatbot_slack_channel_configuration`,
//!   `aws_chatbot_teams_channel_configuration`.
//! - The topic is not managed here, or no rule that tells of findings sends to it.
//!
//! It is undecided when it cannot be told which topic a subscription is for, and when nothing subscribes to the topic and an
//! output of the root module tells its ARN to others.
//!
//! ## References
//!
//! - SNS developer guide, "Confirming the subscription"
//! - Terraform AWS provider, `aws_sns_topic_subscription`: `pending_confirmation`

use std::collections::BTreeSet;

use crate::{
    alerts::{EventRule, Kind, Subscribers},
    context::{self, Context, Draft, Label},
    object::ObjectId,
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "findings-subscriber-missing",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("findings_subscriber_missing.rs"),
    check,
};

const HELP: &str = "add an `aws_sns_topic_subscription` with `protocol = \"email\"` and confirm the mail, or with `https` or \
                    `lambda`, which need no human";

fn check(context: &mut Context<'_>) {
    for topic in topics(context) {
        let name = context.estate.object(topic).name();
        match context.readings.alerts().subscriptions(context.estate).subscribers(context.estate, topic) {
            Subscribers::Some => context.pass(topic),
            Subscribers::None => {
                let message = format!("nobody gets what comes to {name}: no subscription of the inputs is for it");
                let draft = draft(context, topic, (message, HELP.into()), Vec::new());
                context.fail(topic, draft);
            }
            Subscribers::Pending(pending) => {
                let names = context::names(context.estate, &pending);
                let message = format!("nobody gets what comes to {name}: {names} was never confirmed");
                let label = |id: &ObjectId| context.label(*id, &["pending_confirmation"], "not confirmed");
                let labels = pending.iter().map(label).collect();
                let help = "follow the link in the mail that SNS sent, or subscribe with `https` or `lambda`".into();
                let draft = draft(context, topic, (message, help), labels);
                context.fail(topic, draft);
            }
            Subscribers::Perhaps(id, attribute) => {
                let by = context.estate.object(id).name();
                let why = context.unknown(id, attribute);
                let message = format!(
                    "whether anybody gets what comes to {name} is not known: `{attribute}` of {by} decides, and {why}"
                );
                let labels = vec![context.label(id, &[attribute], "decides")];
                let draft = draft(context, topic, (message, context.what_would_decide(id)), labels);
                context.undecided(topic, draft);
            }
            Subscribers::Told => {
                let message = format!(
                    "whether anybody gets what comes to {name} is not known: an output tells its ARN to others, who may \
                     subscribe"
                );
                let help = format!("add the states or plans that read the output; or {HELP}");
                let draft = draft(context, topic, (message, help), Vec::new());
                context.undecided(topic, draft);
            }
        }
    }
}

/// The topics of the estate that a rule sends alerts to.
fn topics(context: &Context<'_>) -> BTreeSet<ObjectId> {
    let alerts = context.readings.alerts();
    let aimed = alerts.targets.iter().filter(|target| target.aim.kind == Some(Kind::Topic));
    let alerting = aimed.filter(|target| alerts.rule_of(target).is_some_and(EventRule::is_alert));
    let topics = alerting.filter_map(|target| target.aim.object);
    topics.filter(|id| context.estate.object(*id).is_present()).collect()
}

fn draft(context: &Context<'_>, topic: ObjectId, (message, help): (String, String), labels: Vec<Label>) -> Draft {
    let anchor = context.label(topic, &["name"], "the topic").1;
    let alerts = context.readings.alerts();
    let rules = alerts.rules_of_topic(topic).map(|rule| context.label(rule.id, &["name"], "sends alerts to it"));
    let related = labels.into_iter().chain(rules).collect();
    Draft { message, help, attribute: "name", discriminator: String::new(), anchor, related }
}

#[cfg(test)]
mod tests;
