use serde_json::{Value, json};

use crate::testing::{
    Run, destroy, detector_in,
    going::{going, keeping, stack_that_keeps, state_before, targeted},
    lists::{other_stack, with},
    shown_state,
};

const RULE: &str = "destroy-org-remains";
const DETECTOR: &str = "aws_guardduty_detector.security";
const MEMBERS_DETECTOR: &str = "aws_guardduty_detector.workload";
const MEMBER: &str = "aws_guardduty_member.workload";
const ACCEPTER: &str = "aws_guardduty_invite_accepter.workload";
const ORGANIZATION: &str = "aws_guardduty_organization_configuration.all";
const DELEGATION: &str = "aws_guardduty_organization_admin_account.security";
const ID: &str = "7175e0cc56f8f2b7575ea0c4de0d93df";

fn administrators() -> (&'static str, Value) {
    (DETECTOR, detector_in("eu-west-1", "222233334444", ID))
}

fn members() -> (&'static str, Value) {
    (MEMBERS_DETECTOR, detector_in("eu-west-1", "555566667777", "34cd"))
}

fn member() -> (&'static str, Value) {
    (MEMBER, json!({ "detector_id": ID, "account_id": "555566667777", "relationship_status": "Removed" }))
}

/// Another member of the same administrator, whose detector no input has.
fn second() -> (&'static str, Value) {
    ("aws_guardduty_member.second", with(member().1, json!({ "account_id": "888899990000" })))
}

fn accepter() -> (&'static str, Value) {
    (ACCEPTER, json!({ "id": "34cd", "detector_id": "34cd", "master_account_id": "222233334444" }))
}

fn organization(enables: &str) -> (&'static str, Value) {
    (ORGANIZATION, json!({ "detector_id": ID, "auto_enable_organization_members": enables }))
}

fn delegation() -> (&'static str, Value) {
    (DELEGATION, json!({ "id": "222233334444", "admin_account_id": "222233334444" }))
}

/// How plan and state of one destroy judge, which must be the same.
fn judges(objects: &[(&str, Value)]) -> (Vec<String>, (u64, u64, u64, u64)) {
    let [plan, state] = going(objects).map(|document| (destroy(&document).says(RULE), destroy(&document).tally(RULE)));
    assert_eq!(plan, state);
    plan
}

fn says(objects: &[(&str, Value)]) -> Vec<String> {
    judges(objects).0
}

fn fails(address: &str) -> Vec<String> {
    vec![format!("fail {address}")]
}

/// With accounts that the configuration expects.
fn expecting(run: Run, accounts: &[&str]) -> Run {
    run.with(|settings| settings.expect.accounts = accounts.iter().map(|account| (*account).to_owned()).collect())
}

#[test]
fn a_whole_organization_that_goes_passes() {
    let objects = [administrators(), members(), member(), accepter(), organization("ALL"), delegation()];
    assert_eq!(judges(&objects), (vec![], (4, 0, 0, 0)));
    assert_eq!(destroy(&shown_state(&objects)).tally(RULE), (4, 0, 0, 0));
}

#[test]
fn a_member_whose_detector_stays_fails() {
    let objects = [member(), administrators()];
    for document in keeping(&objects, &[members()]) {
        assert_eq!(destroy(&document).says(RULE), fails(MEMBER), "{document}");
    }
    for document in going(&objects) {
        let run = destroy(&document).and("b/input.json", &stack_that_keeps(&[members()]));
        assert_eq!(run.says(RULE), fails(MEMBER), "{document}");
    }
    let read = ("data.aws_guardduty_detector.workload", members().1);
    assert_eq!(says(&[member(), administrators(), read]), fails(MEMBER));
}

#[test]
fn a_member_whose_detector_is_not_among_the_inputs_fails() {
    assert_eq!(says(&[member(), administrators()]), fails(MEMBER));
}

#[test]
fn a_member_whose_detector_goes_with_another_stack_passes() {
    for document in going(&[member(), administrators()]) {
        let run = destroy(&document).and("b/input.json", &other_stack(state_before(&[members()])));
        assert_eq!(run.tally(RULE), (1, 0, 0, 0), "{document}");
    }
}

#[test]
fn a_detector_of_another_region_is_not_the_members() {
    let abroad = (MEMBERS_DETECTOR, detector_in("us-east-1", "555566667777", "34cd"));
    assert_eq!(says(&[member(), administrators(), abroad]), fails(MEMBER));
}

#[test]
fn a_members_detector_is_undecided_while_the_region_is_not_known() {
    let abroad = ("aws_guardduty_detector.us", detector_in("us-east-1", "555566667777", "77aa"));
    let run = destroy(&targeted(&[member(), members()], &[abroad]));
    assert_eq!(run.says(RULE), [format!("undecided {MEMBER}")]);
    assert_eq!(destroy(&targeted(&[member(), members()], &[])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_member_that_the_configuration_expects_is_undecided() {
    for document in going(&[member(), administrators()]) {
        let run = expecting(destroy(&document), &["222233334444", "555566667777"]);
        assert_eq!(run.says(RULE), [format!("undecided {MEMBER}")], "{document}");
        assert_eq!(expecting(destroy(&document), &["222233334444"]).says(RULE), fails(MEMBER), "{document}");
    }
}

#[test]
fn an_accepted_invitation_fails_while_its_own_detector_stays() {
    for document in keeping(&[accepter()], &[members()]) {
        assert_eq!(destroy(&document).says(RULE), fails(ACCEPTER), "{document}");
    }
    assert_eq!(says(&[accepter()]), fails(ACCEPTER));
    assert_eq!(judges(&[accepter(), members()]), (vec![], (1, 0, 0, 0)));
}

#[test]
fn an_administrator_takes_members_with_it_that_stay_in_the_state() {
    let going = [administrators(), organization("NEW")];
    for document in keeping(&going, &[member(), members()]) {
        assert_eq!(destroy(&document).says(RULE), fails(DETECTOR), "{document}");
    }
}

#[test]
fn an_administrator_without_an_organization_is_no_subject() {
    assert_eq!(judges(&[administrators()]).1, (0, 0, 0, 0));
    assert_eq!(judges(&[administrators(), organization("NONE")]).1, (0, 0, 0, 0));
}

#[test]
fn the_flag_of_provider_version_5_makes_an_administrator() {
    let flag = (ORGANIZATION, json!({ "detector_id": ID, "auto_enable": true }));
    assert_eq!(says(&[administrators(), flag]), fails(DETECTOR));
}

#[test]
fn an_administrator_fails_where_no_member_is_known() {
    assert_eq!(says(&[administrators(), organization("ALL")]), fails(DETECTOR));
    for document in going(&[administrators(), organization("ALL")]) {
        let run = expecting(destroy(&document), &["222233334444", "555566667777"]);
        assert_eq!(run.says(RULE), [format!("undecided {DETECTOR}")], "{document}");
    }
}

#[test]
fn accounts_that_the_organization_lists_are_members() {
    let accounts = json!({ "id": "o-1", "accounts": [{ "id": "222233334444" }, { "id": "555566667777" }] });
    let listed = ("data.aws_organizations_organization.this", accounts);
    assert_eq!(says(&[administrators(), organization("ALL"), listed.clone()]), fails(DETECTOR));
    assert_eq!(judges(&[administrators(), organization("ALL"), listed, members()]), (vec![], (1, 0, 0, 0)));
}

#[test]
fn an_administrator_has_one_finding_with_its_members_as_labels() {
    let objects = [administrators(), organization("ALL"), member(), second(), accepter(), delegation()];
    let (said, tally) = judges(&objects);
    assert_eq!(said, fails(DETECTOR));
    assert_eq!(tally, (0, 1, 0, 4));
    let finding = destroy(&targeted(&objects, &[])).finding(RULE);
    assert!(finding.message.contains("2 member accounts"), "{}", finding.message);
    let labels: Vec<&str> = finding.related.iter().filter_map(|related| related.address.as_deref()).collect();
    assert_eq!(labels, [DELEGATION, "aws_guardduty_member.second", MEMBER, ACCEPTER]);
}

#[test]
fn of_several_members_those_whose_detectors_go_pass() {
    let objects = [member(), second(), administrators(), members()];
    assert_eq!(judges(&objects), (fails("aws_guardduty_member.second"), (1, 1, 0, 0)));
}

#[test]
fn members_of_two_administrators_have_a_finding_each() {
    let abroad = ("aws_guardduty_detector.us", detector_in("us-east-1", "222233334444", "77aa"));
    let second = (second().0, with(second().1, json!({ "detector_id": "77aa" })));
    let (mut said, tally) = judges(&[administrators(), abroad, member(), second]);
    said.sort();
    assert_eq!(said, ["fail aws_guardduty_member.second".to_owned(), format!("fail {MEMBER}")]);
    assert_eq!(tally, (0, 2, 0, 0));
}

#[test]
fn an_invitation_is_of_the_administrators_detector_in_its_own_region() {
    let abroad = ("aws_guardduty_detector.us", detector_in("us-east-1", "222233334444", "77aa"));
    let read = ("data.aws_guardduty_detector.read", administrators().1);
    let invited = (ACCEPTER, with(accepter().1, json!({ "region": "eu-west-1" })));
    // One administrator has one finding, which its first member carries.
    for others in [vec![abroad.clone()], vec![read.clone()], vec![abroad, read]] {
        let objects = [&others[..], &[administrators(), second(), invited.clone()]].concat();
        assert_eq!(judges(&objects), (fails("aws_guardduty_member.second"), (0, 1, 0, 1)), "{others:?}");
    }
    // A plan does not tell the region of what has no ARN.
    let anywhere = ("aws_guardduty_detector.anywhere", json!({ "id": "99ff", "account_id": "222233334444" }));
    let plan = targeted(&[anywhere, administrators(), second(), invited], &[]);
    assert_eq!(destroy(&plan).tally(RULE), (0, 1, 0, 1));
}

#[test]
fn the_end_of_a_delegation_fails_unless_members_are_known_to_go() {
    assert_eq!(says(&[delegation()]), fails(DELEGATION));
    assert_eq!(says(&[delegation(), administrators()]), fails(DELEGATION));
    for document in keeping(&[delegation()], &[administrators(), member(), members()]) {
        assert_eq!(destroy(&document).says(RULE), fails(DELEGATION), "{document}");
    }
    for document in going(&[delegation()]) {
        let stack = other_stack(state_before(&[administrators(), member(), members()]));
        assert_eq!(destroy(&document).and("b/input.json", &stack).tally(RULE), (2, 0, 0, 0), "{document}");
    }
}

#[test]
fn a_delegation_is_about_the_members_of_its_own_administrator_in_its_region() {
    let region =
        |(address, values): (&'static str, Value), region: &str| (address, with(values, json!({ "region": region })));
    let whole = [administrators(), members(), member(), delegation()];
    let goes = |objects: &[(&str, Value)]| says(objects).iter().all(|line| *line != format!("fail {DELEGATION}"));
    assert!(goes(&whole));
    let elsewhere = with(delegation().1, json!({ "id": "999900001111", "admin_account_id": "999900001111" }));
    assert!(!goes(&[administrators(), members(), member(), (DELEGATION, elsewhere)]));
    let [here, abroad] = ["eu-west-1", "us-east-1"].map(|name| region(delegation(), name));
    assert!(goes(&[administrators(), members(), region(member(), "eu-west-1"), here]));
    assert!(!goes(&[administrators(), members(), region(member(), "eu-west-1"), abroad]));
}

#[test]
fn what_a_finding_points_at_says_what_it_is() {
    for (subject, attribute, label) in [
        (member(), "account_id", "a member"),
        (accepter(), "master_account_id", "the administrator of this member"),
        (delegation(), "admin_account_id", "the administrator"),
    ] {
        let finding = destroy(&targeted(&[subject], &[])).finding(RULE);
        assert_eq!((finding.anchor.pointer.rsplit('/').next(), &*finding.anchor.label), (Some(attribute), label));
    }
}

#[test]
fn the_end_of_a_delegation_is_undecided_for_accounts_that_the_configuration_expects() {
    for document in going(&[delegation()]) {
        let run = expecting(destroy(&document), &["555566667777"]);
        assert_eq!(run.says(RULE), [format!("undecided {DELEGATION}")], "{document}");
        // Nothing shows that the account is a member: there may be others.
        let run = destroy(&document).and("b/input.json", &other_stack(state_before(&[members()])));
        assert_eq!(expecting(run, &["555566667777"]).says(RULE), fails(DELEGATION), "{document}");
    }
}

#[test]
fn an_old_copy_is_judged_too() {
    let copy = format!("{MEMBER} (deposed 701a98cd)");
    let objects = [member(), (copy.as_str(), second().1), administrators(), members()];
    assert_eq!(judges(&objects), (fails(&copy), (1, 1, 0, 0)));
}

#[test]
fn what_stays_is_no_subject() {
    let kept = [administrators(), organization("ALL"), member(), accepter(), delegation()];
    for document in keeping(&[("aws_sns_topic.t", json!({ "id": "t" }))], &kept) {
        assert_eq!(destroy(&document).tally(RULE), (0, 0, 0, 0), "{document}");
    }
}

#[test]
fn silent_for_an_account_that_was_never_invited() {
    let created = (MEMBER, with(member().1, json!({ "relationship_status": "Created" })));
    assert_eq!(judges(&[administrators(), created.clone()]), (vec![], (0, 0, 0, 0)));
    // Another member's detector stays all the same.
    assert_eq!(says(&[administrators(), created, second()]), fails("aws_guardduty_member.second"));
}

#[test]
fn silent_for_suspended_accounts_of_the_organization() {
    let organization = |status: &str| {
        let accounts = json!([{ "id": "222233334444", "status": "ACTIVE" }, { "id": "555566667777", "status": "ACTIVE" },
            { "id": "999900001111", "status": status }]);
        shown_state(&[("data.aws_organizations_organization.this", json!({ "id": "o-1", "accounts": accounts }))])
    };
    let run = |status: &str| {
        let [plan, _] = going(&[delegation(), members()]);
        destroy(&plan).and("org/state.json", &organization(status)).says(RULE)
    };
    assert_eq!(run("ACTIVE"), fails(DELEGATION));
    assert_eq!(run("SUSPENDED"), Vec::<String>::new());
}
