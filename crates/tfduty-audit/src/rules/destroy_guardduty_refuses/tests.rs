use serde_json::{Value, json};

use crate::testing::{
    Run, destroy, detector_in,
    going::{forgetting, going, going_in_order, keeping, stack_that_keeps, state_before, targeted},
    lists::{other_stack, with},
    shown_state,
};

const RULE: &str = "destroy-guardduty-refuses";
const DETECTOR: &str = "aws_guardduty_detector.security";
const MEMBER: &str = "aws_guardduty_member.workload";
const ACCEPTER: &str = "aws_guardduty_invite_accepter.workload";
const ORGANIZATION: &str = "aws_guardduty_organization_configuration.all";
const ROLE: &str = "aws_iam_service_linked_role.guardduty";
const LISTED: &str = "data.aws_organizations_organization.this";
const ID: &str = "7175e0cc56f8f2b7575ea0c4de0d93df";

fn administrators() -> (&'static str, Value) {
    (DETECTOR, detector_in("eu-west-1", "222233334444", ID))
}

fn members() -> (&'static str, Value) {
    ("aws_guardduty_detector.workload", detector_in("eu-west-1", "555566667777", "34cd"))
}

fn member(status: &str) -> (&'static str, Value) {
    (MEMBER, json!({ "detector_id": ID, "account_id": "555566667777", "relationship_status": status }))
}

/// Another member of the same administrator.
fn second(status: &str) -> (&'static str, Value) {
    let values = json!({ "detector_id": ID, "account_id": "888899990000", "relationship_status": status });
    ("aws_guardduty_member.second", values)
}

fn organization(enables: &str) -> (&'static str, Value) {
    (ORGANIZATION, json!({ "detector_id": ID, "auto_enable_organization_members": enables }))
}

fn accepter() -> (&'static str, Value) {
    (ACCEPTER, json!({ "id": "34cd", "detector_id": "34cd", "master_account_id": "222233334444" }))
}

fn role(service: &str) -> (&'static str, Value) {
    let arn = format!("arn:aws:iam::222233334444:role/aws-service-role/{service}/AWSServiceRoleForAmazonGuardDuty");
    (ROLE, json!({ "arn": arn, "aws_service_name": service }))
}

/// What the plan and the state of one destroy say, which must be the same.
fn says(objects: &[(&str, Value)]) -> Vec<String> {
    let [plan, state] = going(objects).map(|document| destroy(&document).says(RULE));
    assert_eq!(plan, state);
    plan
}

fn fails(address: &str) -> Vec<String> {
    vec![format!("fail {address}")]
}

#[test]
fn a_member_of_an_organization_that_enables_everyone_fails_whatever_its_status() {
    for status in ["Enabled", "Created", "Invited", "Removed", "Resigned"] {
        assert_eq!(says(&[member(status), organization("ALL")]), fails(MEMBER), "{status}");
    }
}

#[test]
fn an_enabled_member_fails_with_an_organization_whatever_that_says() {
    for enables in ["NEW", "NONE"] {
        for status in ["Enabled", "Disabled"] {
            let objects = [member(status), organization(enables), accepter(), administrators(), members()];
            let said = says(&objects);
            assert!(said.contains(&format!("fail {MEMBER}")), "{said:?}");
        }
    }
}

#[test]
fn the_flag_of_provider_version_5_means_new_accounts() {
    let flag =
        (ORGANIZATION, json!({ "detector_id": ID, "auto_enable": true, "auto_enable_organization_members": null }));
    assert_eq!(says(&[member("Enabled"), flag.clone()]), fails(MEMBER));
    assert_eq!(says(&[member("Created"), flag]), [""; 0]);
}

#[test]
fn an_organization_that_stays_or_is_in_another_stack_counts_as_well() {
    for document in keeping(&[member("Removed")], &[organization("ALL")]) {
        assert_eq!(destroy(&document).says(RULE), fails(MEMBER), "{document}");
    }
    for document in going(&[member("Removed")]) {
        for other in [stack_that_keeps(&[organization("ALL")]), other_stack(state_before(&[organization("ALL")]))] {
            assert_eq!(destroy(&document).and("b/input.json", &other).says(RULE), fails(MEMBER), "{document}");
        }
    }
}

#[test]
fn an_organization_of_another_detector_does_not_count() {
    let other = (ORGANIZATION, json!({ "detector_id": "99ff", "auto_enable_organization_members": "ALL" }));
    assert_eq!(says(&[member("Removed"), other]), [""; 0]);
}

#[test]
fn a_member_that_is_not_associated_passes() {
    for status in ["Created", "Invited", "Removed", "Resigned"] {
        for document in going(&[member(status), organization("NONE"), administrators()]) {
            assert_eq!(destroy(&document).tally(RULE), (2, 0, 0, 0), "{status} {document}");
        }
    }
}

#[test]
fn an_enabled_member_fails_while_its_accepter_stays() {
    let objects = [member("Enabled"), administrators()];
    for document in keeping(&objects, &[accepter(), members()]) {
        assert_eq!(destroy(&document).says(RULE), fails(MEMBER), "{document}");
    }
    for document in going(&objects) {
        let run = destroy(&document).and("b/input.json", &stack_that_keeps(&[accepter(), members()]));
        assert_eq!(run.says(RULE), fails(MEMBER), "{document}");
    }
}

#[test]
fn an_enabled_member_passes_when_its_accepter_goes() {
    let objects = [member("Enabled"), administrators()];
    for document in going(&[objects.clone().as_slice(), &[accepter(), members()]].concat()) {
        assert_eq!(destroy(&document).tally(RULE), (3, 0, 0, 0), "{document}");
    }
    for document in going(&objects) {
        let run = destroy(&document).and("b/input.json", &other_stack(state_before(&[accepter(), members()])));
        assert_eq!(run.tally(RULE), (3, 0, 0, 0), "{document}");
    }
}

#[test]
fn an_enabled_member_is_undecided_where_nothing_tells_who_disassociates_it() {
    for document in going(&[member("Enabled"), administrators()]) {
        let run = destroy(&document);
        assert_eq!(run.says(RULE), [format!("undecided {MEMBER}")]);
        // The detector hangs on what is said of its member.
        assert_eq!(destroy(&document).tally(RULE), (0, 0, 1, 1), "{document}");
    }
    let unsaid = (MEMBER, json!({ "detector_id": ID, "account_id": "555566667777" }));
    assert_eq!(says(&[unsaid]), [format!("undecided {MEMBER}")]);
}

#[test]
fn an_accepter_of_another_administrator_or_region_is_not_the_members() {
    let elsewhere = with(accepter().1, json!({ "master_account_id": "999900001111" }));
    let objects = [member("Enabled"), administrators(), members(), (ACCEPTER, elsewhere)];
    assert_eq!(says(&objects), [format!("undecided {MEMBER}")]);
    let abroad = ("aws_guardduty_detector.workload", detector_in("us-east-1", "555566667777", "34cd"));
    let objects = [member("Enabled"), administrators(), abroad, accepter()];
    assert_eq!(says(&objects), [format!("undecided {MEMBER}")]);
}

#[test]
fn an_old_copy_of_a_member_is_judged_too() {
    let copy = format!("{MEMBER} (deposed 701a98cd)");
    let objects = [member("Removed"), (copy.as_str(), member("Enabled").1), organization("NONE")];
    assert_eq!(says(&objects), fails(&copy));
}

#[test]
fn a_detector_fails_when_a_member_of_it_stays() {
    for document in keeping(&[administrators()], &[member("Enabled")]) {
        assert_eq!(destroy(&document).says(RULE), fails(DETECTOR), "{document}");
    }
    for document in going(&[administrators()]) {
        for status in ["Enabled", "Invited"] {
            let run = destroy(&document).and("b/input.json", &stack_that_keeps(&[member(status)]));
            assert_eq!(run.says(RULE), fails(DETECTOR), "{document}");
        }
    }
}

#[test]
fn a_member_that_has_left_or_was_never_asked_does_not_keep_its_detector() {
    for status in ["Created", "Removed", "Resigned"] {
        let run = destroy(&targeted(&[administrators()], &[member(status)]));
        assert_eq!(run.tally(RULE), (1, 0, 0, 0), "{status}");
    }
}

#[test]
fn a_detector_fails_for_the_accounts_that_its_organization_lists() {
    let listed = json!({ "id": "o-1", "accounts": [{ "id": "222233334444" }, { "id": "555566667777" }] });
    for enables in ["ALL", "NEW"] {
        assert_eq!(says(&[administrators(), organization(enables), (LISTED, listed.clone())]), fails(DETECTOR));
    }
    assert_eq!(says(&[administrators(), organization("NONE"), (LISTED, listed)]), [""; 0]);
}

#[test]
fn without_a_list_of_its_accounts_an_organization_leaves_its_detector_undecided() {
    let alone = json!({ "id": "o-1", "accounts": [{ "id": "222233334444" }] });
    for enables in ["ALL", "NEW"] {
        let undecided = [format!("undecided {DETECTOR}")];
        assert_eq!(says(&[administrators(), organization(enables)]), undecided);
        assert_eq!(says(&[administrators(), organization(enables), (LISTED, alone.clone())]), undecided);
    }
}

#[test]
fn a_detector_whose_members_all_fail_is_not_reported_again() {
    let objects = [administrators(), organization("ALL"), member("Enabled")];
    for document in going(&objects) {
        assert_eq!(destroy(&document).says(RULE), fails(MEMBER), "{document}");
        assert_eq!(destroy(&document).tally(RULE), (0, 1, 0, 1), "{document}");
    }
    let labels = destroy(&targeted(&objects, &[])).places(RULE);
    assert_eq!(
        labels,
        [
            "/resource_changes/2/change/before/relationship_status",
            "/resource_changes/1/change/before/auto_enable_organization_members",
            "/resource_changes/0/change/before/id",
        ]
    );
}

#[test]
fn a_detector_with_some_members_that_do_not_fail_is_reported_with_those_that_do() {
    let objects = [administrators(), organization("NEW"), member("Enabled"), second("Removed")];
    assert_eq!(says(&objects), [fails(DETECTOR), fails(MEMBER)].concat());
    assert_eq!(says(&[administrators(), organization("NEW"), second("Removed")]), [""; 0]);
}

#[test]
fn a_member_that_stays_keeps_a_detector_whose_other_members_fail() {
    let going = [administrators(), organization("NEW"), member("Enabled")];
    let run = destroy(&forgetting(&going, &[second("Enabled")]));
    let messages = run.messages(RULE);
    assert!(messages.iter().any(|message| message.contains("leaves aws_guardduty_member.second")), "{messages:?}");
}

#[test]
fn a_detector_without_members_passes() {
    for document in going(&[administrators(), members()]) {
        assert_eq!(destroy(&document).tally(RULE), (2, 0, 0, 0), "{document}");
    }
}

#[test]
fn the_role_fails_while_a_detector_of_its_account_stays_in_any_region() {
    for service in ["guardduty.amazonaws.com", "malware-protection.guardduty.amazonaws.com"] {
        let abroad = ("aws_guardduty_detector.us", detector_in("us-east-1", "222233334444", "77aa"));
        for document in keeping(&[role(service)], std::slice::from_ref(&abroad)) {
            assert_eq!(destroy(&document).says(RULE), fails(ROLE), "{document}");
            let message = destroy(&document).finding(RULE).message;
            assert!(message.ends_with(" aws_guardduty_detector.us stays"), "{message}");
        }
        for document in going(&[role(service)]) {
            let run = destroy(&document).and("b/input.json", &stack_that_keeps(std::slice::from_ref(&abroad)));
            assert_eq!(run.says(RULE), fails(ROLE), "{document}");
        }
    }
}

#[test]
fn the_role_fails_while_a_detector_that_is_only_read_is_on() {
    let read = ("data.aws_guardduty_detector.this", administrators().1);
    assert_eq!(says(&[role("guardduty.amazonaws.com"), read.clone()]), fails(ROLE));
    // Where it is the one that another stack destroys, the detector itself counts.
    for document in going(&[role("guardduty.amazonaws.com"), read]) {
        let run = destroy(&document).and("b/input.json", &other_stack(state_before(&[administrators()])));
        let message = run.finding(RULE).message;
        assert!(message.contains("nothing makes aws_guardduty_detector.security go first"), "{message}");
    }
}

#[test]
fn a_detector_that_depends_on_the_role_goes_first() {
    let in_order = |depends_on: &[&str]| {
        let ((detector, detectors), (role, roles)) = (administrators(), role("guardduty.amazonaws.com"));
        let bucket = ("aws_s3_bucket.b", json!({ "id": "b" }), &[DETECTOR][..]);
        let [plan, state] = going_in_order(&[(detector, detectors, depends_on), (role, roles, &[]), bucket])
            .map(|document| destroy(&document).says(RULE));
        assert_eq!(plan, state);
        plan
    };
    assert_eq!(in_order(&[ROLE]), [""; 0]);
    assert_eq!(in_order(&[]), fails(ROLE));
}

#[test]
fn the_role_is_undecided_where_the_order_is_not_told() {
    let undecided = [format!("undecided {ROLE}")];
    let objects = [role("guardduty.amazonaws.com"), administrators()];
    // A plan without configuration, a state without dependencies.
    assert_eq!(says(&objects), undecided);
    // A plan whose configuration has lost the detector's block.
    let [mut plan, _] = going_in_order(&[(ROLE, objects[0].1.clone(), &[]), (DETECTOR, objects[1].1.clone(), &[])]);
    plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap().pop();
    assert_eq!(destroy(&plan).says(RULE), undecided);
}

#[test]
fn a_role_of_another_service_or_account_is_not_kept() {
    let kept = [administrators()];
    assert_eq!(destroy(&targeted(&[role("elasticloadbalancing.amazonaws.com")], &kept)).tally(RULE), (0, 0, 0, 0));
    let others = [members()];
    assert_eq!(destroy(&targeted(&[role("guardduty.amazonaws.com")], &others)).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn what_stays_is_no_subject() {
    for document in keeping(&[("aws_sns_topic.t", json!({ "id": "t" }))], &[administrators(), member("Enabled")]) {
        assert_eq!(destroy(&document).tally(RULE), (0, 0, 0, 0), "{document}");
    }
}

#[test]
fn a_sensitive_status_is_compared_and_never_shown() {
    let mut plan = targeted(&[member("Enabled"), organization("NONE")], &[]);
    plan["resource_changes"][0]["change"]["before_sensitive"] = json!({ "relationship_status": true });
    let finding = destroy(&plan).finding(RULE);
    assert!(!finding.anchor.label.contains("Enabled"), "{}", finding.anchor.label);
}

#[test]
fn a_state_as_show_json_prints_it_says_the_same() {
    let run = |objects: &[(&str, Value)]| -> Run { destroy(&shown_state(objects)) };
    assert_eq!(run(&[member("Enabled"), organization("NONE")]).says(RULE), fails(MEMBER));
    assert_eq!(run(&[member("Enabled"), administrators(), accepter(), members()]).says(RULE), [""; 0]);
}
