use serde_json::{Value, json};

use super::*;
use crate::testing::{
    alerts, block, coverage, created, detector_in, exports,
    lists::{set_at, with},
    plan_of, reading, resource, state,
};

/// A state of a detector with what hangs on it.
fn holding(more: &[Value]) -> Run {
    let mut resources = vec![resource("aws_guardduty_detector.d", detector_in("eu-west-1", alerts::ACCOUNT, "12ab"))];
    resources.extend_from_slice(more);
    coverage(&state(&resources))
}

fn feature(name: &str, more: Value) -> Value {
    let attributes = with(json!({ "detector_id": "12ab", "name": name, "status": "ENABLED" }), more);
    resource("aws_guardduty_detector_feature.f", attributes)
}

#[test]
fn a_plan_is_on_or_off_as_its_feature_says() {
    assert_eq!(
        only(holding(&[feature("S3_DATA_EVENTS", json!({}))]), Column::S3),
        "yes: on by aws_guardduty_detector_feature.f"
    );
    assert_eq!(
        only(holding(&[feature("S3_DATA_EVENTS", json!({ "status": "DISABLED" }))]), Column::S3),
        "no: off by aws_guardduty_detector_feature.f"
    );
}

#[test]
fn a_plan_that_nothing_declares_is_as_aws_has_it() {
    assert_eq!(
        only(holding(&[]), Column::Rds),
        "?: nothing declares it: it is as AWS has it, which differs with the age of the detector"
    );
    let echo = json!({ "datasources": [{ "s3_logs": [{ "enable": true }] }] });
    let document =
        state(&[resource("aws_guardduty_detector.d", with(detector_in("eu-west-1", alerts::ACCOUNT, "12ab"), echo))]);
    assert_eq!(
        only(coverage(&document), Column::S3),
        "yes: nothing declares it; `datasources` shows what AWS has set: on"
    );
}

#[test]
fn a_status_that_is_known_only_after_apply_leaves_a_plan_open() {
    let detector = created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "account_id", "arn"]);
    let feature = created(
        "aws_guardduty_detector_feature.f",
        json!({ "name": "RDS_LOGIN_EVENTS" }),
        &["id", "detector_id", "status"],
    );
    let refers = json!({ "detector_id": { "references": ["aws_guardduty_detector.d.id", "aws_guardduty_detector.d"] }, "status": { "references": ["var.s"] } });
    let blocks = [block("aws_guardduty_detector.d", json!({})), block("aws_guardduty_detector_feature.f", refers)];
    let run = coverage(&plan_of(&[detector, feature], &blocks));
    assert_eq!(
        only(run, Column::Rds),
        "?: known only after apply, or told in two ways, by aws_guardduty_detector_feature.f"
    );
}

#[test]
fn agents_are_asked_for_where_runtime_monitoring_is_on() {
    let runtime = |more: Value| holding(&[feature("RUNTIME_MONITORING", more)]);
    assert_eq!(
        only(runtime(json!({})), Column::Agents),
        "no: GuardDuty manages none by aws_guardduty_detector_feature.f"
    );
    let agent = json!({ "additional_configuration": [
        { "name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED" }, { "name": "EKS_ADDON_MANAGEMENT", "status": "DISABLED" },
    ] });
    assert_eq!(
        only(runtime(agent), Column::Agents),
        "yes: EC2_AGENT_MANAGEMENT, not EKS_ADDON_MANAGEMENT, ECS_FARGATE_AGENT_MANAGEMENT by aws_guardduty_detector_feature.f"
    );
    assert_eq!(only(runtime(json!({ "status": "DISABLED" })), Column::Agents), "–: Runtime Monitoring is off");
    assert_eq!(only(holding(&[]), Column::Agents), "?: whether Runtime Monitoring is on is not known");
    let addon = resource("aws_eks_addon.a", json!({ "addon_name": "aws-guardduty-agent" }));
    let by_hand = holding(&[feature("RUNTIME_MONITORING", json!({})), addon]);
    assert_eq!(only(by_hand, Column::Agents), "yes: on EKS by aws_eks_addon.a");
    let older = holding(&[feature("EKS_RUNTIME_MONITORING", json!({}))]);
    assert_eq!(only(older, Column::Agents), "no: GuardDuty manages none by aws_guardduty_detector_feature.f");
}

#[test]
fn a_data_source_tells_of_agents_too() {
    let read = |agents: Value| {
        let features =
            json!([{ "name": "RUNTIME_MONITORING", "status": "ENABLED", "additional_configuration": agents }]);
        let values = json!({ "id": "12ab", "status": "ENABLED", "region": "eu-west-1", "features": features });
        coverage(&state(&[resource("data.aws_guardduty_detector.d", values)]))
    };
    let agent = |status: &str| json!([{ "name": "EC2_AGENT_MANAGEMENT", "status": status }]);
    assert_eq!(
        only(read(agent("ENABLED")), Column::Agents),
        "yes: EC2_AGENT_MANAGEMENT, not EKS_ADDON_MANAGEMENT, ECS_FARGATE_AGENT_MANAGEMENT by data.aws_guardduty_detector.d"
    );
    assert_eq!(
        only(read(agent("DISABLED")), Column::Agents),
        "no: GuardDuty manages none by data.aws_guardduty_detector.d"
    );
    assert_eq!(only(read(json!([])), Column::Agents), "?: no input shows its agents");
}

fn set(attributes: Value) -> Value {
    resource("aws_guardduty_ipset.t", with(set_at("s3://lists/trusted.txt"), attributes))
}

#[test]
fn a_list_counts_where_guardduty_can_read_it() {
    let object = resource("aws_s3_object.o", json!({ "bucket": "lists", "key": "trusted.txt" }));
    let bucket = resource("aws_s3_bucket.b", reading::bucket());
    let readable = [
        set(json!({})),
        object.clone(),
        resource("aws_s3_bucket.lists", json!({ "id": "lists", "bucket": "lists", "region": "eu-west-1" })),
    ];
    assert_eq!(only(holding(&readable), Column::TrustedList), "yes: aws_guardduty_ipset.t");
    assert_eq!(only(holding(&readable), Column::ThreatList), "no: no input has one for this detector");
    let said = only(holding(&[set(json!({ "activate": false })), object, bucket]), Column::TrustedList);
    assert!(said.starts_with("no: aws_guardduty_ipset.t: ") && said.ends_with("(list-inactive)"), "{said}");
}

#[test]
fn a_list_without_its_object_does_not_count() {
    let bucket = resource("aws_s3_bucket.lists", json!({ "id": "lists", "bucket": "lists", "region": "eu-west-1" }));
    let unseen = only(holding(&[set(json!({})), bucket.clone()]), Column::TrustedList);
    assert!(unseen.starts_with("?: ") && unseen.ends_with("(list-object-missing)"), "{unseen}");
    let other = resource("aws_s3_object.o", json!({ "bucket": "lists", "key": "other.txt" }));
    let said = only(holding(&[set(json!({})), other, bucket]), Column::TrustedList);
    assert!(said.starts_with("no: ") && said.ends_with("(list-object-missing)"), "{said}");
}

#[test]
fn one_list_that_works_is_enough() {
    let bucket = resource("aws_s3_bucket.lists", json!({ "id": "lists", "bucket": "lists", "region": "eu-west-1" }));
    let object = resource("aws_s3_object.o", json!({ "bucket": "lists", "key": "trusted.txt" }));
    let broken = resource("aws_guardduty_ipset.a", set_at("s3://lists/missing.txt"));
    assert_eq!(
        only(holding(&[broken, set(json!({})), object, bucket]), Column::TrustedList),
        "yes: aws_guardduty_ipset.t"
    );
}

#[test]
fn an_alert_path_is_one_whose_every_link_holds() {
    let detector = resource("aws_guardduty_detector.d", detector_in("eu-west-1", alerts::ACCOUNT, "12ab"));
    let subscription = resource(
        "aws_sns_topic_subscription.s",
        json!({ "topic_arn": alerts::TOPIC_ARN, "protocol": "lambda", "endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:f" }),
    );
    let sound = coverage(&alerts::sound(&[detector.clone(), subscription.clone()]));
    assert_eq!(only(sound, Column::Alerts), "yes: by aws_cloudwatch_event_rule.r to aws_cloudwatch_event_target.t");
    let unheard = only(coverage(&alerts::sound(std::slice::from_ref(&detector))), Column::Alerts);
    assert!(unheard.starts_with("no: ") && unheard.ends_with("(findings-subscriber-missing)"), "{unheard}");
    let denied = state(&[
        alerts::rule(json!({})),
        alerts::target(alerts::TOPIC_ARN, json!({})),
        alerts::topic(json!({})),
        subscription,
        detector,
    ]);
    let denied = only(coverage(&denied), Column::Alerts);
    assert!(denied.starts_with("no: ") && denied.ends_with("(findings-target-denied)"), "{denied}");
}

#[test]
fn a_rule_that_is_off_or_about_something_else_is_no_path() {
    let off = only(holding(&[alerts::rule(json!({ "state": "DISABLED" }))]), Column::Alerts);
    assert!(off.starts_with("no: ") && off.ends_with("(findings-rule-dead)"), "{off}");
    let other = holding(&[alerts::rule_of(json!({ "source": ["aws.ec2"] }))]);
    assert_eq!(only(other, Column::Alerts), "no: no event rule of the inputs picks its findings up");
}

#[test]
fn an_export_counts_where_guardduty_may_write() {
    let sound = coverage(&exports::exported(&exports::into_bucket(), &exports::with_key()));
    assert_eq!(only(sound, Column::Export), "yes: aws_guardduty_publishing_destination.e");
    let denied = only(coverage(&exports::exported(&[exports::unrelated()], &exports::with_key())), Column::Export);
    assert!(denied.starts_with("no: ") && denied.ends_with("(findings-export-denied)"), "{denied}");
    assert_eq!(only(holding(&[]), Column::Export), "no: no input has a publishing destination for this detector");
}
