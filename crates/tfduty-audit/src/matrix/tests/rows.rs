use serde_json::json;

use super::*;
use crate::{
    settings::Regions,
    testing::{bystander, coverage, created, deleted, detector_in, plan, plan_of, put, resource, state, with_provider},
};

fn detector(region: &str, account: &str, id: &str) -> serde_json::Value {
    state(&[resource("aws_guardduty_detector.d", detector_in(region, account, id))])
}

/// Detectors of two accounts, one of them in two regions.
fn three_states() -> Run {
    coverage(&detector("eu-west-1", ONE, "1a"))
        .and("b/input.json", &detector("us-east-1", ONE, "1b"))
        .and("c/input.json", &detector("eu-west-1", TWO, "2a"))
}

fn expecting(run: Run, accounts: &[&str], regions: Regions) -> Run {
    run.with(|settings| {
        settings.expect.accounts = accounts.iter().map(ToString::to_string).collect();
        settings.expect.regions = regions;
    })
}

fn these(regions: &[&str]) -> Regions {
    Regions::These(regions.iter().map(ToString::to_string).collect())
}

#[test]
fn each_account_and_region_with_a_detector_has_a_row() {
    assert_eq!(
        detectors(three_states()),
        [format!("{ONE} eu-west-1: yes"), format!("{ONE} us-east-1: yes"), format!("{TWO} eu-west-1: yes"),]
    );
}

#[test]
fn what_is_expected_has_a_row_whether_an_input_shows_it_or_not() {
    let run = expecting(three_states(), &[TWO, THREE], these(&["eu-west-1", "us-east-1"]));
    let matrix = run.matrix();
    let expected: Vec<_> = matrix.rows.iter().filter(|row| row.expected).map(|row| row.account_name.as_str()).collect();
    assert_eq!(expected, [TWO, TWO, THREE, THREE]);
    let run = || expecting(three_states(), &[TWO, THREE], these(&["eu-west-1", "us-east-1"]));
    assert_eq!(
        detectors(run()),
        [
            format!("{ONE} eu-west-1: yes"),
            format!("{ONE} us-east-1: yes"),
            format!("{TWO} eu-west-1: yes"),
            format!("{TWO} us-east-1: no"),
            format!("{THREE} eu-west-1: ?"),
            format!("{THREE} us-east-1: ?"),
        ]
    );
    assert_eq!(
        cell(run(), (TWO, "us-east-1"), Column::Detector),
        "no: no input has a detector here, and tfduty.toml expects one"
    );
    assert_eq!(
        cell(run(), (THREE, "us-east-1"), Column::Detector),
        "?: no input has anything of account 888899990000: its plan or state would show a detector"
    );
}

#[test]
fn expected_regions_are_those_of_every_account_where_none_is_named() {
    let run = expecting(three_states(), &[], these(&["us-east-1"]));
    assert_eq!(
        detectors(run),
        [
            format!("{ONE} eu-west-1: yes"),
            format!("{ONE} us-east-1: yes"),
            format!("{TWO} eu-west-1: yes"),
            format!("{TWO} us-east-1: no"),
        ]
    );
    let nobody = coverage(&state(&[resource("aws_s3_bucket.b", json!({ "bucket": "b" }))]));
    assert_eq!(detectors(expecting(nobody, &[], these(&["us-east-1"]))), ["any us-east-1: no"]);
}

#[test]
fn an_account_without_expected_regions_has_a_row_of_its_own_only_where_it_has_no_other() {
    let run = expecting(three_states(), &[TWO, THREE], Regions::Unset);
    assert_eq!(detectors(run).last().unwrap(), &format!("{THREE} any: ?"));
}

#[test]
fn all_regions_are_those_that_are_on_by_default() {
    let rows = detectors(expecting(three_states(), &[ONE], Regions::All));
    assert!(rows.contains(&format!("{ONE} ap-northeast-1: no")), "{rows:#?}");
    assert!(!rows.iter().any(|row| row.contains("af-south-1")), "{rows:#?}");
}

#[test]
fn accounts_are_expected_in_regions_of_their_partition() {
    let china = put(
        detector("cn-north-1", TWO, "2a"),
        "/resources/0/instances/0/attributes/arn",
        json!(format!("arn:aws-cn:guardduty:cn-north-1:{TWO}:detector/2a")),
    );
    let run = || coverage(&detector("eu-west-1", ONE, "1a")).and("b/input.json", &china);
    assert_eq!(
        detectors(expecting(run(), &[], these(&["cn-north-1", "us-east-1"]))),
        [format!("{ONE} eu-west-1: yes"), format!("{ONE} us-east-1: no"), format!("{TWO} cn-north-1: yes")]
    );
    let all = detectors(expecting(run(), &[], Regions::All));
    assert_eq!(all.iter().filter(|row| row.starts_with(ONE)).count(), 17, "{all:#?}");
    assert_eq!(all.iter().filter(|row| row.starts_with(TWO)).count(), 2, "{all:#?}");
}

#[test]
fn detectors_that_are_owned_elsewhere_are_not_missing() {
    let run = expecting(three_states(), &[TWO], these(&["us-east-1"]));
    let run = run.with(|settings| settings.expect.elsewhere = true);
    assert_eq!(
        cell(run, (TWO, "us-east-1"), Column::Detector),
        "?: tfduty.toml says that the detectors are owned elsewhere: the plan or state of their owner would show this one"
    );
}

#[test]
fn a_provider_configuration_has_a_row_and_tells_which_block_has_no_instance() {
    let detector = created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "account_id", "arn"]);
    let mut elsewhere = crate::testing::block("aws_guardduty_detector.tokyo", json!({}));
    elsewhere["provider_config_key"] = json!("aws.tokyo");
    let blocks = [crate::testing::block("aws_guardduty_detector.d", json!({})), elsewhere];
    let document = with_provider(
        plan_of(&[detector], &blocks),
        "aws.tokyo",
        json!({ "region": { "constant_value": "ap-northeast-1" } }),
    );
    let document = with_provider(document, "aws.ohio", json!({ "region": { "constant_value": "us-east-2" } }));
    let unknown = "not known (a/input.json)";
    assert_eq!(
        detectors(coverage(&document)),
        [
            format!("{unknown} ap-northeast-1: no"),
            format!("{unknown} eu-west-1: yes"),
            format!("{unknown} us-east-2: no"),
        ]
    );
    assert_eq!(
        cell(coverage(&document), (unknown, "ap-northeast-1"), Column::Detector),
        "no: no input has a detector here: aws_guardduty_detector.tokyo (provider aws.tokyo) has no instance"
    );
    assert_eq!(
        cell(coverage(&document), (unknown, "us-east-2"), Column::Detector),
        "no: no input has a detector here: nothing makes one under provider aws.ohio"
    );
}

#[test]
fn providers_with_credentials_of_their_own_are_accounts_of_their_own() {
    let detector = created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "account_id", "arn"]);
    let role = json!({ "region": { "constant_value": "eu-west-1" }, "assume_role": [{ "role_arn": { "references": ["var.role"] } }] });
    let document = with_provider(
        plan_of(&[detector], &[crate::testing::block("aws_guardduty_detector.d", json!({}))]),
        "aws.other",
        role,
    );
    assert_eq!(
        detectors(coverage(&document)),
        [
            "not known (a/input.json) eu-west-1: yes".to_owned(),
            "not known (a/input.json, provider aws.other) eu-west-1: ?".to_owned(),
        ]
    );
}

#[test]
fn a_detector_that_the_plan_deletes_leaves_a_row() {
    let gone = deleted("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "12ab"));
    let run = coverage(&plan(&[gone, bystander()]));
    assert_eq!(
        only(run, Column::Detector),
        "no: no input has a detector here: aws_guardduty_detector.d is deleted by this plan"
    );
}

#[test]
fn objects_that_work_in_a_region_have_a_row_and_copies_have_none() {
    let topic = json!({ "arn": "arn:aws:sns:eu-west-2:111111111111:t", "name": "t" });
    let bucket = json!({ "bucket": "b", "region": "us-west-2" });
    let document = state(&[resource("aws_sns_topic.t", topic), resource("aws_s3_bucket.b", bucket)]);
    assert_eq!(detectors(coverage(&document)), [format!("{ONE} eu-west-2: no")]);
}

#[test]
fn a_run_with_nothing_to_audit_has_a_problem_and_no_row() {
    let matrix = coverage(&state(&[resource("random_id.r", json!({ "id": "r" }))])).matrix();
    assert_eq!((matrix.exit_status(), matrix.rows.len(), matrix.problems.len()), (2, 0, 1));
    assert!(matrix.problems[0].help.as_ref().unwrap().contains("tfduty coverage -"), "{:?}", matrix.problems);
}

#[test]
fn sensitive_accounts_are_compared_and_never_shown() {
    let mut resource = resource("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "12ab"));
    resource["instances"][0]["sensitive_attributes"] =
        json!([[{ "type": "get_attr", "value": "account_id" }], [{ "type": "get_attr", "value": "arn" }]]);
    let run = expecting(coverage(&state(&[resource])), &[ONE], these(&["eu-west-1"]));
    let matrix = run.matrix();
    assert_eq!(matrix.detectors(State::Yes), 1);
    assert_eq!(matrix.rows.len(), 1);
    assert!(!format!("{:?}", matrix.rows).contains(ONE), "{:#?}", matrix.rows);
}
