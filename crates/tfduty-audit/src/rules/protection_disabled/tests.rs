#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

use serde_json::{Value, json};

use crate::testing::{
    block, change, check, created, detector_in, finding_is, plan, plan_of, resource, state, unchanged,
};

const RULE: &str = "protection-disabled";
const FEATURE: &str = "aws_guardduty_detector_feature.f";
const DETECTOR: &str = "aws_guardduty_detector.d";
const DATA: &str = "data.aws_guardduty_detector.d";

fn detector() -> Value {
    resource(DETECTOR, detector_in("eu-west-1", "123456789012", "12ab"))
}

fn feature(block: &str, name: &str, status: &str) -> Value {
    let attributes = json!({ "detector_id": "12ab", "name": name, "status": status });
    resource(&format!("aws_guardduty_detector_feature.{block}"), attributes)
}

fn flags(s3: Value) -> Value {
    json!([{ "s3_logs": [{ "enable": s3 }] }])
}

/// A plan that creates a detector with these values, and the arguments of its block.
fn new_detector(after: Value, unknown: &[&str], expressions: Value) -> Value {
    plan_of(&[created(DETECTOR, after, unknown)], &[block(DETECTOR, expressions)])
}

fn written(s3: Value) -> Value {
    json!({ "datasources": [{ "s3_logs": [{ "enable": s3 }] }] })
}

#[test]
fn a_feature_fails_when_it_is_off() {
    for name in ["S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RUNTIME_MONITORING", "SOMETHING_NEW"] {
        let finding = check(&state(&[detector(), feature("f", name, "DISABLED")])).finding(RULE);
        assert_eq!(finding.address.as_deref(), Some(FEATURE));
        assert!(finding.message.contains(name), "{}", finding.message);
        assert_eq!(finding.related.len(), 1);
        assert_eq!(check(&state(&[detector(), feature("f", name, "ENABLED")])).tally(RULE), (1, 0, 0, 0));
    }
}

#[test]
fn a_members_feature_fails_when_it_is_off() {
    let member =
        json!({ "detector_id": "12ab", "account_id": "222233334444", "name": "S3_DATA_EVENTS", "status": "DISABLED" });
    let document = state(&[detector(), resource("aws_guardduty_member_detector_feature.m", member)]);
    assert_eq!(check(&document).says(RULE), ["fail aws_guardduty_member_detector_feature.m"]);
    finding_is(&check(&document).finding(RULE), "fail", "of account `222233334444`");
}

#[test]
fn undecided_when_the_status_is_unknown() {
    let after = json!({ "detector_id": "12ab", "name": "S3_DATA_EVENTS" });
    let document = plan(&[created(FEATURE, after, &["status"])]);
    let finding = check(&document).finding(RULE);
    finding_is(&finding, "undecided", "`status` decides");
    let after = json!({ "detector_id": "12ab", "name": "S3_DATA_EVENTS", "status": "DISABLED" });
    assert_eq!(check(&plan(&[created(FEATURE, after, &["id"])])).says(RULE), [format!("fail {FEATURE}")]);
}

#[test]
fn a_name_that_is_unknown_or_sensitive_is_not_told() {
    let document = plan(&[created(FEATURE, json!({ "detector_id": "12ab", "status": "DISABLED" }), &["name"])]);
    finding_is(&check(&document).finding(RULE), "fail", "a protection plan is switched off");
    let secret = crate::testing::put(
        feature("f", "S3_DATA_EVENTS", "DISABLED"),
        "/instances/0/sensitive_attributes",
        json!([[{ "type": "get_attr", "value": "name" }]]),
    );
    let finding = check(&state(&[secret])).finding(RULE);
    assert!(!finding.message.contains("`S3_DATA_EVENTS`"), "{}", finding.message);
}

#[test]
fn silent_when_the_older_runtime_plan_is_off_beside_the_newer_one_or_alone() {
    let old = || feature("eks", "EKS_RUNTIME_MONITORING", "DISABLED");
    let new = |status: &str| feature("new", "RUNTIME_MONITORING", status);
    for more in [vec![], vec![new("ENABLED")]] {
        let all: Vec<Value> = [vec![detector(), old()], more].concat();
        assert_eq!(check(&state(&all)).says(RULE), [""; 0]);
    }
    let says = check(&state(&[detector(), old(), new("DISABLED")])).says(RULE);
    assert_eq!(says, ["fail aws_guardduty_detector_feature.eks", "fail aws_guardduty_detector_feature.new"]);
    // Another detector's newer plan says nothing of this one.
    let other = json!({ "detector_id": "34cd", "name": "RUNTIME_MONITORING", "status": "DISABLED" });
    let document = state(&[detector(), old(), resource("aws_guardduty_detector_feature.new", other)]);
    assert_eq!(check(&document).says(RULE), ["fail aws_guardduty_detector_feature.new"]);
}

#[test]
fn silent_about_what_nobody_can_set_and_about_agents() {
    for name in ["FLOW_LOGS", "CLOUD_TRAIL", "DNS_LOGS"] {
        assert_eq!(check(&state(&[detector(), feature("f", name, "DISABLED")])).tally(RULE).3, 1);
    }
    let agents = json!([{ "name": "EC2_AGENT_MANAGEMENT", "status": "DISABLED" }]);
    let runtime = json!({ "detector_id": "12ab", "name": "RUNTIME_MONITORING", "status": "ENABLED", "additional_configuration": agents });
    assert_eq!(check(&state(&[detector(), resource(FEATURE, runtime)])).says(RULE), [""; 0]);
}

#[test]
fn a_flag_fails_when_the_configuration_sets_it_to_false() {
    let off = json!({ "enable": true, "datasources": flags(json!(false)) });
    let constant = written(json!({ "constant_value": false }));
    // What a new object is to have counts also where a `dynamic` block writes it, which does not show.
    for expressions in [constant.clone(), json!({})] {
        let document = new_detector(off.clone(), &["id", "arn"], expressions);
        let finding = check(&document).finding(RULE);
        assert_eq!(finding.address.as_deref(), Some(DETECTOR));
        assert_eq!((finding.discriminator.as_str(), finding.anchor.label.as_str()), ("S3_DATA_EVENTS", "switched off"));
        assert!(finding.anchor.pointer.ends_with("/datasources/0/s3_logs/0/enable"), "{}", finding.anchor.pointer);
    }
    let updated = change(
        DETECTOR,
        &["update"],
        json!({ "id": "12ab" }),
        crate::testing::lists::with(
            detector_in("eu-west-1", "123456789012", "12ab"),
            json!({ "datasources": flags(json!(false)) }),
        ),
        json!({}),
    );
    assert_eq!(
        check(&plan_of(std::slice::from_ref(&updated), &[block(DETECTOR, constant)])).says(RULE),
        [format!("fail {DETECTOR}")]
    );
    // Of an older object `after` is what AWS says where the configuration sets nothing.
    assert_eq!(check(&plan_of(&[updated], &[block(DETECTOR, json!({}))])).says(RULE), [""; 0]);
}

#[test]
fn each_flag_is_one_finding() {
    let all = json!([{
        "s3_logs": [{ "enable": false }],
        "kubernetes": [{ "audit_logs": [{ "enable": false }] }],
        "malware_protection": [{ "scan_ec2_instance_with_findings": [{ "ebs_volumes": [{ "enable": false }] }] }],
    }]);
    let document = new_detector(json!({ "datasources": all }), &["id"], json!({}));
    let report = check(&document).report();
    let mut told: Vec<&str> =
        report.findings.iter().filter(|its| its.rule.id == RULE).map(|its| its.discriminator.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "S3_DATA_EVENTS"]);
}

#[test]
fn undecided_when_a_flag_that_is_set_is_unknown() {
    let unknown = created(DETECTOR, json!({ "datasources": [{ "s3_logs": [{}] }] }), &["id"]);
    let unknown = crate::testing::put(unknown, "/change/after_unknown/datasources", flags(json!(true)));
    let variable = written(json!({ "references": ["var.s3"] }));
    let document = plan_of(std::slice::from_ref(&unknown), &[block(DETECTOR, variable)]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {DETECTOR}")]);
    // Nobody sets it: AWS will.
    assert_eq!(check(&plan_of(&[unknown], &[block(DETECTOR, json!({}))])).says(RULE), [""; 0]);
    assert_eq!(check(&new_detector(json!({}), &["id", "datasources"], json!({}))).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn silent_about_the_flags_of_a_state() {
    let echo = crate::testing::lists::with(
        detector_in("eu-west-1", "123456789012", "12ab"),
        json!({ "datasources": flags(json!(false)) }),
    );
    let document = state(&[resource(DETECTOR, echo.clone())]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 1));
    let document = state(&[resource(DETECTOR, echo), feature("s3", "S3_DATA_EVENTS", "ENABLED")]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 1));
}

fn read(entries: &[(&str, &str)]) -> Value {
    let features: Vec<Value> = entries.iter().map(|(name, status)| json!({ "name": name, "status": status })).collect();
    resource(DATA, json!({ "id": "12ab", "status": "ENABLED", "features": features }))
}

#[test]
fn what_a_data_source_reads_fails_for_each_plan_that_is_off() {
    let entries = [
        ("CLOUD_TRAIL", "DISABLED"),
        ("S3_DATA_EVENTS", "DISABLED"),
        ("RDS_LOGIN_EVENTS", "ENABLED"),
        ("EKS_RUNTIME_MONITORING", "DISABLED"),
        ("RUNTIME_MONITORING", "ENABLED"),
    ];
    let finding = check(&state(&[read(&entries)])).finding(RULE);
    assert_eq!((finding.address.as_deref(), finding.discriminator.as_str()), (Some(DATA), "S3_DATA_EVENTS"));
    assert!(finding.anchor.pointer.ends_with("/features/1/status"), "{}", finding.anchor.pointer);
    let both = [("EKS_RUNTIME_MONITORING", "DISABLED"), ("RUNTIME_MONITORING", "DISABLED")];
    assert_eq!(check(&state(&[read(&both)])).tally(RULE), (0, 2, 0, 0));
    assert_eq!(check(&state(&[read(&both[..1])])).tally(RULE), (0, 0, 0, 1));
}

#[test]
fn silent_about_what_a_data_source_reads_of_something_managed_here() {
    let entries = [("S3_DATA_EVENTS", "DISABLED")];
    assert_eq!(check(&state(&[detector(), read(&entries)])).says(RULE), [""; 0]);
    // The feature is managed here, the detector is not: what was read is from before the plan.
    let document = state(&[read(&entries), feature("s3", "S3_DATA_EVENTS", "ENABLED")]);
    assert_eq!(check(&document).says(RULE), [""; 0]);
    assert_eq!(
        check(&state(&[resource(DATA, json!({ "id": "12ab", "status": "ENABLED" }))])).tally(RULE),
        (0, 0, 0, 0)
    );
}

#[test]
fn a_detector_that_is_off_has_no_findings_about_its_plans() {
    let off = crate::testing::lists::with(detector_in("eu-west-1", "123456789012", "12ab"), json!({ "enable": false }));
    let document = state(&[resource(DETECTOR, off), feature("s3", "S3_DATA_EVENTS", "DISABLED")]);
    assert_eq!(check(&document).says(RULE), [""; 0]);
    let off = json!({ "enable": false, "datasources": flags(json!(false)) });
    assert_eq!(check(&new_detector(off, &["id"], json!({}))).says(RULE), [""; 0]);
}

#[test]
fn features_that_go_or_are_forgotten_are_no_subjects() {
    let values = json!({ "detector_id": "12ab", "name": "S3_DATA_EVENTS", "status": "DISABLED" });
    for actions in ["delete", "forget"] {
        let gone = change(FEATURE, &[actions], values.clone(), Value::Null, json!({}));
        let kept = unchanged(DETECTOR, detector_in("eu-west-1", "123456789012", "12ab"));
        assert_eq!(check(&plan(&[gone, kept])).tally(RULE), (0, 0, 0, 0), "{actions}");
    }
}
