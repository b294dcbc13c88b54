use serde_json::{Value, json};

use crate::testing::{change, deleted, destroy, destroy_plan, detector_in, plan, resource, state, with_prior};

const RULE: &str = "destroy-noop-delete";
const FEATURE: &str = "aws_guardduty_detector_feature.s3";
const MEMBERS: &str = "aws_guardduty_member_detector_feature.s3";
const ORGANIZATION: &str = "aws_guardduty_organization_configuration.this";
const DETECTOR: &str = "aws_guardduty_detector.this";

fn feature(status: &str) -> Value {
    json!({ "detector_id": "12ab", "name": "S3_DATA_EVENTS", "status": status })
}

fn members(status: &str) -> Value {
    json!({ "detector_id": "12ab", "account_id": "555566667777", "name": "S3_DATA_EVENTS", "status": status })
}

fn administrators() -> Value {
    detector_in("eu-west-1", "222233334444", "12ab")
}

/// What a destroy that leaves the administrator's detector out says of one setting.
fn targeted(address: &str, values: Value) -> Vec<String> {
    let plan = with_prior(plan(&[deleted(address, values)]), &[(DETECTOR, administrators())]);
    destroy(&plan).says(RULE)
}

#[test]
fn a_feature_stays_on_where_its_detector_is_forgotten() {
    let detector = change(DETECTOR, &["forget"], administrators(), Value::Null, json!({}));
    let run = destroy(&plan(&[detector, deleted(FEATURE, feature("ENABLED"))]));
    assert_eq!(run.says(RULE), [format!("fail {FEATURE}")]);
}

#[test]
fn a_feature_stays_on_where_its_detector_is_left_out_or_only_read() {
    assert_eq!(targeted(FEATURE, feature("ENABLED")), [format!("fail {FEATURE}")]);
    let read = resource("data.aws_guardduty_detector.this", administrators());
    let run = destroy(&state(&[resource(FEATURE, feature("ENABLED")), read]));
    assert_eq!(run.says(RULE), [format!("fail {FEATURE}")]);
}

#[test]
fn what_is_off_passes() {
    for (address, values) in [
        (FEATURE, feature("DISABLED")),
        (MEMBERS, members("DISABLED")),
        (ORGANIZATION, json!({ "detector_id": "12ab", "auto_enable_organization_members": "NONE" })),
        (ORGANIZATION, json!({ "detector_id": "12ab", "auto_enable": false })),
    ] {
        assert_eq!(targeted(address, values.clone()), [""; 0], "{values}");
        assert_eq!(destroy(&state(&[resource(address, values)])).tally(RULE), (1, 0, 0, 0));
    }
}

#[test]
fn without_a_detector_to_ask_it_is_undecided() {
    let values = json!({ "detector_id": null, "name": "S3_DATA_EVENTS", "status": "ENABLED" });
    assert_eq!(destroy(&destroy_plan(&[(FEATURE, values)])).says(RULE), [format!("undecided {FEATURE}")]);
}

#[test]
fn a_detector_that_no_input_has_stays() {
    assert_eq!(destroy(&destroy_plan(&[(FEATURE, feature("ENABLED"))])).says(RULE), [format!("fail {FEATURE}")]);
}

#[test]
fn a_detector_of_another_stack_decides() {
    let feature = destroy_plan(&[(FEATURE, feature("ENABLED"))]);
    let goes = destroy(&feature).and("b/input.json", &destroy_plan(&[(DETECTOR, administrators())]));
    assert_eq!(goes.tally(RULE), (1, 0, 0, 0));
    let bucket = deleted("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b" }));
    let stays = with_prior(plan(&[bucket]), &[(DETECTOR, administrators())]);
    assert_eq!(destroy(&feature).and("b/input.json", &stays).says(RULE), [format!("fail {FEATURE}")]);
}

#[test]
fn the_feature_of_a_member_stays_whatever_happens_to_the_administrator() {
    let plan = destroy_plan(&[(DETECTOR, administrators()), (MEMBERS, members("ENABLED"))]);
    assert_eq!(destroy(&plan).says(RULE), [format!("fail {MEMBERS}")]);
    let alone = destroy_plan(&[(MEMBERS, members("ENABLED"))]);
    assert_eq!(destroy(&alone).says(RULE), [format!("fail {MEMBERS}")]);
}

#[test]
fn the_feature_of_a_member_goes_with_the_members_detector() {
    let says = |region: &str| {
        let plan = destroy_plan(&[(DETECTOR, administrators()), (MEMBERS, members("ENABLED"))]);
        let members = state(&[resource("aws_guardduty_detector.member", detector_in(region, "555566667777", "34cd"))]);
        destroy(&plan).and("b/input.json", &members).says(RULE)
    };
    assert_eq!(says("eu-west-1"), [""; 0]);
    assert_eq!(says("us-east-1"), [format!("fail {MEMBERS}")]);
}

#[test]
fn the_detector_in_which_it_stays_is_shown() {
    let shown = |plan: &Value, others: &[Value]| {
        let run = others.iter().fold(destroy(plan), |run, other| run.and("b/input.json", other));
        let related = run.finding(RULE).related;
        related.into_iter().filter_map(|related| related.address).collect::<Vec<_>>()
    };
    let members_own = ("aws_guardduty_detector.member", detector_in("eu-west-1", "555566667777", "34cd"));
    let bucket = deleted("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b" }));
    let stays = with_prior(plan(&[bucket]), &[members_own]);
    let both = destroy_plan(&[(DETECTOR, administrators()), (MEMBERS, members("ENABLED"))]);
    assert_eq!(shown(&both, &[stays]), ["aws_guardduty_detector.member"]);
    assert_eq!(shown(&both, &[]), [DETECTOR]);
}

#[test]
fn without_a_region_it_takes_all_detectors_of_the_members_account_to_go() {
    let plan = destroy_plan(&[(MEMBERS, members("ENABLED"))]);
    let one = |name: &str, region: &str| (name.to_owned(), detector_in(region, "555566667777", region));
    let (near, far) = (one("aws_guardduty_detector.near", "eu-west-1"), one("aws_guardduty_detector.far", "us-east-1"));
    let stays = with_prior(destroy_plan(&[(&near.0, near.1.clone())]), &[(&far.0, far.1.clone())]);
    assert_eq!(destroy(&plan).and("b/input.json", &stays).says(RULE), [format!("undecided {MEMBERS}")]);
    let both = destroy_plan(&[(&near.0, near.1), (&far.0, far.1)]);
    assert_eq!(destroy(&plan).and("b/input.json", &both).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn an_organization_that_enables_members_fails_unless_the_administrators_detector_goes() {
    for value in [
        json!({ "auto_enable_organization_members": "ALL" }),
        json!({ "auto_enable_organization_members": "NEW" }),
        json!({ "auto_enable_organization_members": null, "auto_enable": true }),
    ] {
        let mut values = value.clone();
        values["detector_id"] = json!("12ab");
        assert_eq!(targeted(ORGANIZATION, values.clone()), [format!("fail {ORGANIZATION}")], "{value}");
        let both = destroy_plan(&[(DETECTOR, administrators()), (ORGANIZATION, values)]);
        assert_eq!(destroy(&both).tally(RULE), (1, 0, 0, 0), "{value}");
    }
}

#[test]
fn the_help_says_what_the_attribute_at_hand_takes() {
    let help = |values: Value| {
        let plan = with_prior(plan(&[deleted(ORGANIZATION, values)]), &[(DETECTOR, administrators())]);
        destroy(&plan).finding(RULE).help
    };
    let flag = help(json!({ "detector_id": "12ab", "auto_enable": true }));
    assert!(flag.contains("`auto_enable = false`"), "{flag}");
    let word = help(json!({ "detector_id": "12ab", "auto_enable_organization_members": "ALL" }));
    assert!(word.contains("`auto_enable_organization_members = \"NONE\"`"), "{word}");
}
