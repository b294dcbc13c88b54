use serde_json::{Value, json};

use super::*;
use crate::{
    settings::Regions,
    testing::{alerts, coverage, detector_in, resource, state},
};

/// An administrator's state: its detector, and more.
fn administrator(more: &[Value]) -> Value {
    let mut resources = vec![resource("aws_guardduty_detector.d", detector_in("eu-west-1", TWO, "2a"))];
    resources.extend_from_slice(more);
    state(&resources)
}

fn configuration(enables: &str) -> Value {
    let attributes = json!({ "detector_id": "2a", "auto_enable_organization_members": enables });
    resource("aws_guardduty_organization_configuration.o", attributes)
}

fn member(account: &str) -> Value {
    resource("aws_guardduty_member.m", json!({ "detector_id": "2a", "account_id": account }))
}

fn expecting(run: Run, account: &str, region: &str) -> Run {
    run.with(|settings| {
        settings.expect.accounts = vec![account.into()];
        settings.expect.regions = Regions::These(vec![region.into()]);
    })
}

#[test]
fn an_organization_may_have_enabled_an_account_that_no_input_has() {
    for (enables, whom) in [("ALL", "all accounts"), ("NEW", "new accounts")] {
        let run = || expecting(coverage(&administrator(&[configuration(enables)])), THREE, "eu-west-1");
        assert_eq!(
            cell(run(), (THREE, "eu-west-1"), Column::Detector),
            format!(
                "?: no input has the state of account {THREE}; the organization of {TWO} enables {whom}: on or off is not known"
            )
        );
        assert_eq!(cell(run(), (THREE, "eu-west-1"), Column::S3), cell(run(), (THREE, "eu-west-1"), Column::Detector),);
        assert!(cell(run(), (TWO, "eu-west-1"), Column::Organization).contains(whom));
    }
}

#[test]
fn an_organization_works_in_its_region_alone_and_may_enable_nobody() {
    let run = expecting(coverage(&administrator(&[configuration("ALL")])), TWO, "us-east-1");
    assert!(cell(run, (TWO, "us-east-1"), Column::Detector).starts_with("no: "));
    let run = expecting(coverage(&administrator(&[configuration("NONE")])), THREE, "eu-west-1");
    assert!(cell(run, (THREE, "eu-west-1"), Column::Detector).starts_with("?: no input has anything of"));
}

#[test]
fn a_member_has_a_row_though_no_input_has_its_state() {
    let run = || coverage(&administrator(&[member(THREE)]));
    assert_eq!(
        cell(run(), (THREE, "eu-west-1"), Column::Detector),
        format!(
            "?: no input has the state of account {THREE}; aws_guardduty_member.m makes it a member: on or off is not known"
        )
    );
    assert_eq!(cell(run(), (THREE, "eu-west-1"), Column::Organization), "yes: it is a member: aws_guardduty_member.m");
    assert_eq!(
        cell(run(), (TWO, "eu-west-1"), Column::Organization),
        "yes: it is an administrator: aws_guardduty_member.m"
    );
}

#[test]
fn the_accounts_that_an_organization_lists_have_rows() {
    let organization = json!({ "accounts": [{ "id": TWO }, { "id": THREE }, { "id": ONE, "status": "SUSPENDED" }] });
    let organization = resource("data.aws_organizations_organization.o", organization);
    let rows = table(
        coverage(&administrator(&[configuration("NONE"), organization])),
        &[Column::Detector, Column::Organization],
    );
    assert_eq!(rows, [format!("{TWO} eu-west-1: yes yes"), format!("{THREE} eu-west-1: ? yes")]);
}

#[test]
fn the_appointed_administrator_has_a_row() {
    let delegation = json!({ "admin_account_id": TWO, "region": "eu-west-1" });
    let document = state(&[
        resource("aws_guardduty_organization_admin_account.a", delegation),
        resource("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "1a")),
    ]);
    assert_eq!(
        cell(coverage(&document), (TWO, "eu-west-1"), Column::Organization),
        "yes: aws_guardduty_organization_admin_account.a makes it the administrator"
    );
}

#[test]
fn a_member_has_the_lists_and_alerts_of_its_administrator() {
    let own = state(&[resource("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "1a"))]);
    let run = |administrator: Value| coverage(&administrator).and("b/input.json", &own);
    let columns = [Column::TrustedList, Column::Alerts, Column::Export];
    let nothing = table(run(administrator(&[member(ONE)])), &columns);
    assert_eq!(nothing, [format!("{ONE} eu-west-1: no no no"), format!("{TWO} eu-west-1: no no no")]);

    let arn = |text: String| text.replace(alerts::ACCOUNT, TWO);
    let subscription =
        json!({ "topic_arn": alerts::TOPIC_ARN, "protocol": "https", "endpoint": "https://alerts.example" });
    let sound = alerts::sound(&[resource("aws_sns_topic_subscription.s", subscription)]);
    let sound: Value = serde_json::from_str(&arn(sound.to_string())).unwrap();
    let mut more: Vec<Value> = sound["resources"].as_array().unwrap().clone();
    more.push(member(ONE));
    let rows = table(run(administrator(&more)), &columns);
    assert_eq!(rows, [format!("{ONE} eu-west-1: no yes no"), format!("{TWO} eu-west-1: no yes no")]);
    assert!(
        cell(run(administrator(&more)), (ONE, "eu-west-1"), Column::Alerts).starts_with("yes: by the administrator: "),
    );
}

#[test]
fn the_administrator_of_a_member_may_be_elsewhere() {
    let accepter =
        resource("aws_guardduty_invite_accepter.a", json!({ "detector_id": "1a", "master_account_id": TWO }));
    let document = state(&[resource("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "1a")), accepter]);
    assert_eq!(
        only(coverage(&document), Column::TrustedList),
        "?: the account is a member (aws_guardduty_invite_accepter.a), and its administrator, of whom no input has the \
         detector, decides on lists"
    );
    assert_eq!(only(coverage(&document), Column::Organization), "yes: it is a member: aws_guardduty_invite_accepter.a");
}

#[test]
fn who_belongs_to_an_organization_is_not_known_of_everybody() {
    let run = expecting(coverage(&administrator(&[configuration("NEW")])), THREE, "eu-west-1");
    assert_eq!(
        cell(run, (THREE, "eu-west-1"), Column::Organization),
        format!("?: no input tells whether it is in the organization of {TWO}")
    );
    let alone = coverage(&administrator(&[]));
    assert_eq!(only(alone, Column::Organization), "no: no input shows an organization or an administrator for it");
}
