//! The rules on where findings go.

use serde_json::{Value, json};

use super::{Mend, mend, references};
use crate::document::Document;

pub(super) const MENDS: &[Mend] = &[
    mend("findings-no-delivery", alert),
    mend("findings-export-denied", |document, _| {
        allow(document, "aws_s3_bucket_policy.export", "guardduty", &json!(["s3:PutObject", "s3:GetBucketLocation"]));
    }),
    mend("findings-target-denied", |document, _| {
        allow(document, "aws_sns_topic_policy.alerts", "events", &json!("sns:Publish"));
    }),
];

/// A policy that lets a service of AWS do something under a condition.
fn policy(service: &str, actions: &Value, condition: &Value) -> Value {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "Service": format!("{service}.amazonaws.com") }, "Action": actions,
        "Resource": "*", "Condition": condition,
    }] });
    json!(policy.to_string())
}

/// Lets a service do something for this account.
fn allow(document: &mut Document, address: &str, service: &str, actions: &Value) {
    let condition = json!({ "StringEquals": { "aws:SourceAccount": "123456789012" } });
    document.set_argument(address, "policy", &policy(service, actions, &condition));
}

/// An event rule sends the findings of a detector's region to a queue that lets it.
fn alert(document: &mut Document, detector: &str) {
    let module = &detector[..detector.rfind("aws_guardduty_detector").unwrap()];
    let region = if document.known(detector, "arn") { document.get(detector, "arn") } else { Value::Null };
    let region = region.as_str().map(|arn| arn.splitn(6, ':').skip(3).take(2).collect::<Vec<_>>().join(":"));
    let arn =
        |service: &str, name: &str| region.as_ref().map(|region| json!(format!("arn:aws:{service}:{region}:{name}")));
    let condition = json!({ "ArnLike": { "aws:SourceArn": "arn:aws:events:*:*:rule/findings-to-queue" } });
    let policy = policy("events", &json!("sqs:SendMessage"), &condition);
    let mut queue = json!({ "name": "findings", "policy": policy, "sqs_managed_sse_enabled": true });
    let mut rule = json!({
        "name": "findings-to-queue", "state": "ENABLED", "event_bus_name": "default",
        "event_pattern": json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"] }).to_string(),
    });
    let mut target = json!({ "rule": "findings-to-queue", "event_bus_name": "default" });
    if let Some((queue_arn, rule_arn)) = arn("sqs", "findings").zip(arn("events", "rule/findings-to-queue")) {
        target["arn"] = queue_arn.clone();
        queue["arn"] = queue_arn;
        rule["arn"] = rule_arn;
    }
    document.insert_beside(detector, "aws_sqs_queue", "findings", &queue);
    document.insert_beside(detector, "aws_cloudwatch_event_rule", "to_queue", &rule);
    document.insert_beside(detector, "aws_cloudwatch_event_target", "to_queue", &target);
    let address = format!("{module}aws_cloudwatch_event_target.to_queue");
    if region.is_none() {
        document.hide(&format!("{module}aws_sqs_queue.findings"), "arn");
        document.hide(&format!("{module}aws_cloudwatch_event_rule.to_queue"), "arn");
        document.hide(&address, "arn");
    }
    document.express(&address, "arn", references(&["aws_sqs_queue.findings.arn"]));
    document.express(&address, "rule", references(&["aws_cloudwatch_event_rule.to_queue.name"]));
}
