use serde_json::json;

use super::*;
use crate::testing::{
    block, bystander, coverage, created, detector_in, lists::with, plan_of, put, resource, state, unchanged,
};

fn with_detector(attributes: serde_json::Value) -> Run {
    let detector = with(detector_in("eu-west-1", ONE, "12ab"), attributes);
    coverage(&state(&[resource("aws_guardduty_detector.d", detector)]))
}

#[test]
fn a_detector_is_on_unless_it_is_switched_off() {
    assert_eq!(only(with_detector(json!({})), Column::Detector), "yes: aws_guardduty_detector.d is on");
    assert_eq!(
        only(with_detector(json!({ "enable": false })), Column::Detector),
        "no: aws_guardduty_detector.d is suspended"
    );
}

#[test]
fn what_hangs_on_a_suspended_detector_does_not_matter() {
    let run = with_detector(json!({ "enable": false }));
    let cells = table(run, &[Column::S3, Column::Agents, Column::TrustedList, Column::Alerts, Column::Export]);
    assert_eq!(cells, [format!("{ONE} eu-west-1: – – – – –")]);
}

#[test]
fn a_switch_that_is_known_only_after_apply_leaves_it_open() {
    let detector = created("aws_guardduty_detector.d", json!({}), &["id", "enable", "account_id", "arn"]);
    let blocks = [block(
        "aws_guardduty_detector.d",
        json!({ "enable": { "references": ["random_integer.r.result", "random_integer.r"] } }),
    )];
    assert_eq!(
        only(coverage(&plan_of(&[detector], &blocks)), Column::Detector),
        "?: `enable` of aws_guardduty_detector.d decides, and it is known only after apply, from `random_integer.r.result`"
    );
}

#[test]
fn a_detector_that_is_only_read_says_what_its_data_source_says() {
    let read = |status: serde_json::Value| {
        let data =
            with(json!({ "id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:111111111111:detector/12ab" }), status);
        coverage(&state(&[resource("data.aws_guardduty_detector.d", data)]))
    };
    assert_eq!(
        only(read(json!({ "status": "ENABLED" })), Column::Detector),
        "yes: data.aws_guardduty_detector.d is on"
    );
    assert_eq!(
        only(read(json!({ "status": "DISABLED" })), Column::Detector),
        "no: data.aws_guardduty_detector.d is suspended"
    );
    assert_eq!(
        only(read(json!({})), Column::Detector),
        "?: data.aws_guardduty_detector.d reads a detector: the state of its own stack tells whether it is on"
    );
    // Its lists are in another stack.
    assert!(only(read(json!({ "status": "ENABLED" })), Column::TrustedList).starts_with("?: no input has one"));
}

#[test]
fn a_detector_that_is_only_named_exists() {
    let feature =
        json!({ "detector_id": "77ff", "name": "S3_DATA_EVENTS", "status": "ENABLED", "region": "eu-west-1" });
    let run = || coverage(&state(&[resource("aws_guardduty_detector_feature.f", feature.clone())]));
    assert_eq!(
        only(run(), Column::Detector),
        "?: aws_guardduty_detector_feature.f names a detector that no input has: on or off is not known"
    );
    assert_eq!(only(run(), Column::S3), "yes: on by aws_guardduty_detector_feature.f");
    assert_eq!(only(run(), Column::Rds), "?: the plan or state that manages the detector would tell");
}

#[test]
fn the_data_source_of_a_managed_detector_is_no_second_one() {
    let document = state(&[
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "12ab")),
        resource("data.aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "12ab")),
    ]);
    assert_eq!(only(coverage(&document), Column::Detector), "yes: aws_guardduty_detector.d is on");
}

#[test]
fn a_detector_of_an_account_that_is_not_known_may_be_the_one_expected() {
    let detector = created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "account_id", "arn"]);
    let document = plan_of(&[detector], &[block("aws_guardduty_detector.d", json!({}))]);
    let run = coverage(&document).with(|settings| {
        settings.expect.accounts = vec![ONE.into()];
        settings.expect.regions = crate::settings::Regions::These(vec!["eu-west-1".into()]);
    });
    assert_eq!(
        cell(run, (ONE, "eu-west-1"), Column::Detector),
        "?: account or region of aws_guardduty_detector.d (provider aws) is not known, and may be these"
    );
}

#[test]
fn a_targeted_plan_may_leave_the_detector_out() {
    let topic = unchanged("aws_sns_topic.t", json!({ "arn": "arn:aws:sns:eu-west-2:111111111111:t" }));
    let document = plan_of(&[topic, bystander()], &[]);
    let cell_of = |document: &serde_json::Value| cell(coverage(document), (ONE, "eu-west-2"), Column::Detector);
    assert!(cell_of(&document).starts_with("no: "), "{}", cell_of(&document));
    assert_eq!(
        cell_of(&put(document.clone(), "/complete", json!(false))),
        "?: a targeted plan may leave the detector out: a full one would show it"
    );
}

#[test]
fn a_region_without_guardduty_asks_for_nothing() {
    let run = with_detector(json!({})).with(|settings| {
        settings.expect.accounts = vec![ONE.into()];
        settings.expect.regions = crate::settings::Regions::These(vec!["mars-north-1".into()]);
    });
    assert_eq!(cell(run, (ONE, "mars-north-1"), Column::Detector), "–: AWS does not list GuardDuty for mars-north-1");
}
