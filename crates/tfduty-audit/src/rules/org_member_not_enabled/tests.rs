use serde_json::{Value, json};

use crate::testing::{
    change, check, created, detector_in,
    lists::{other_stack, with},
    plan, resource, shown_state, state, unchanged,
};

const RULE: &str = "org-member-not-enabled";
const MEMBER: &str = "aws_guardduty_member.workload";
const ACCOUNT: &str = "555566667777";
const ADMINISTRATOR: &str = "222233334444";

type Object = (&'static str, Value);

fn member(status: &str) -> Value {
    let invited = ["Enabled", "Disabled", "Invited", "EmailVerificationInProgress"].contains(&status);
    json!({ "detector_id": "12ab", "account_id": ACCOUNT, "invite": invited, "relationship_status": status })
}

fn administrators() -> Object {
    ("aws_guardduty_detector.security", detector_in("eu-west-1", ADMINISTRATOR, "12ab"))
}

fn members() -> Object {
    ("aws_guardduty_detector.workload", detector_in("eu-west-1", ACCOUNT, "34cd"))
}

fn accepter() -> Object {
    let values = json!({ "detector_id": "34cd", "master_account_id": ADMINISTRATOR });
    ("aws_guardduty_invite_accepter.workload", values)
}

fn held(objects: &[Object]) -> Value {
    state(&objects.iter().map(|(address, values)| resource(address, values.clone())).collect::<Vec<_>>())
}

/// A member that is made, beside what exists.
fn made(beside: &[Object]) -> Value {
    let mut items: Vec<Value> = beside.iter().map(|(address, values)| unchanged(address, values.clone())).collect();
    let values = json!({ "detector_id": "12ab", "account_id": ACCOUNT, "invite": true });
    items.push(created(MEMBER, values, &["relationship_status"]));
    plan(&items)
}

#[test]
fn an_enabled_member_passes() {
    assert_eq!(check(&held(&[(MEMBER, member("Enabled"))])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn every_status_that_is_not_monitored_fails() {
    for status in [
        "Created",
        "Invited",
        "Disabled",
        "Removed",
        "Resigned",
        "EmailVerificationInProgress",
        "EmailVerificationFailed",
        "RegionDisabled",
        "AccountSuspended",
        "CannotCreateDetectorInOrganizationMasterAccount",
    ] {
        let objects = [(MEMBER, member(status))];
        for document in [held(&objects), shown_state(&objects), plan(&[unchanged(MEMBER, member(status))])] {
            assert_eq!(check(&document).says(RULE), [format!("fail {MEMBER}")], "{status}");
        }
    }
    // Whatever enables it: it does not.
    let objects = [administrators(), members(), (MEMBER, member("Invited")), accepter()];
    assert_eq!(check(&held(&objects)).says(RULE), [format!("fail {MEMBER}")]);
    assert_eq!(
        check(&held(&objects)).messages(RULE),
        ["the member account is not monitored: it has not accepted the invitation"]
    );
}

#[test]
fn silent_on_a_status_that_is_new_or_missing() {
    assert_eq!(check(&held(&[(MEMBER, member("Deleted"))])).tally(RULE), (0, 0, 0, 1));
    let without = json!({ "detector_id": "12ab", "account_id": ACCOUNT });
    assert_eq!(check(&held(&[(MEMBER, without)])).tally(RULE), (0, 0, 0, 1));
}

#[test]
fn undecided_once_for_each_detector_where_nothing_enables_new_members() {
    assert_eq!(check(&made(&[administrators()])).tally(RULE), (0, 0, 1, 0));
    let member = |name: &str, detector: &str| {
        let values = json!({ "detector_id": detector, "account_id": ACCOUNT });
        created(name, values, &["relationship_status", "invite"])
    };
    let document = plan(&[
        member("aws_guardduty_member.a", "12ab"),
        member("aws_guardduty_member.b", "12ab"),
        member("aws_guardduty_member.c", "56ef"),
    ]);
    assert_eq!(check(&document).says(RULE), ["undecided aws_guardduty_member.a", "undecided aws_guardduty_member.c"]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 2, 1));
}

#[test]
fn a_member_that_is_made_is_passed_over_with_its_accepter() {
    assert_eq!(check(&made(&[administrators(), members(), accepter()])).tally(RULE), (0, 0, 0, 1));
    let apart = check(&made(&[administrators()])).and("b/input.json", &other_stack(held(&[members(), accepter()])));
    assert_eq!(apart.tally(RULE), (0, 0, 0, 1));
    // That of another account, of another administrator, in another region.
    let other = ("aws_guardduty_detector.workload", detector_in("eu-west-1", "888899990000", "34cd"));
    assert_eq!(check(&made(&[administrators(), other, accepter()])).tally(RULE), (0, 0, 1, 0));
    let other = (accepter().0, with(accepter().1, json!({ "master_account_id": "888899990000" })));
    assert_eq!(check(&made(&[administrators(), members(), other])).tally(RULE), (0, 0, 1, 0));
    let other = ("aws_guardduty_detector.workload", detector_in("us-east-1", ACCOUNT, "34cd"));
    assert_eq!(check(&made(&[administrators(), other, accepter()])).tally(RULE), (0, 0, 1, 0));
}

#[test]
fn a_member_that_is_made_is_passed_over_with_anything_of_an_organization() {
    for (address, values) in [
        ("aws_guardduty_organization_configuration.o", json!({ "detector_id": "12ab" })),
        (
            "aws_guardduty_organization_configuration_feature.o",
            json!({ "detector_id": "12ab", "name": "RDS_LOGIN_EVENTS" }),
        ),
        (
            "aws_guardduty_organization_admin_account.o",
            json!({ "admin_account_id": ADMINISTRATOR, "region": "eu-west-1" }),
        ),
        ("aws_guardduty_organization_admin_account.o", json!({ "admin_account_id": ADMINISTRATOR })),
    ] {
        assert_eq!(check(&made(&[administrators(), (address, values)])).tally(RULE), (0, 0, 0, 1), "{address}");
    }
    let elsewhere = json!({ "admin_account_id": ADMINISTRATOR, "region": "us-east-1" });
    let delegation = ("aws_guardduty_organization_admin_account.o", elsewhere);
    assert_eq!(check(&made(&[administrators(), delegation])).tally(RULE), (0, 0, 1, 0));
}

#[test]
fn a_plan_that_invites_or_accepts_is_not_judged_by_the_status_before() {
    let [before, after] = [false, true].map(|invite| with(member("Created"), json!({ "invite": invite })));
    let invites = change(MEMBER, &["update"], before, after, json!({}));
    assert_eq!(check(&plan(&[invites])).tally(RULE), (0, 0, 1, 0));
    let items = [
        unchanged(administrators().0, administrators().1),
        unchanged(members().0, members().1),
        unchanged(MEMBER, member("Invited")),
        created(accepter().0, accepter().1, &[]),
    ];
    assert_eq!(check(&plan(&items)).tally(RULE), (0, 0, 0, 1));
    assert_eq!(check(&plan(&items[..3])).tally(RULE), (0, 1, 0, 0));
    // An update of something else leaves the status as it is.
    let [before, after] = ["old", "new"].map(|text| with(member("Resigned"), json!({ "invitation_message": text })));
    assert_eq!(check(&plan(&[change(MEMBER, &["update"], before, after, json!({}))])).tally(RULE), (0, 1, 0, 0));
}
