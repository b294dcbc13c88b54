use serde_json::{Value, json};

use super::*;
use crate::{
    settings::Regions,
    testing::{alerts, change, coverage, created, detector_in, plan, resource, state, unchanged},
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
    assert_eq!(
        only(alone, Column::Organization),
        "?: no input shows an organization or an administrator for it: the plan or state of either would"
    );
    // Where there is no detector, nobody administers it.
    let run = expecting(coverage(&administrator(&[configuration("ALL")])), TWO, "us-east-1");
    assert_eq!(cell(run, (TWO, "us-east-1"), Column::Organization), "–: there is no detector");
}

#[test]
fn whom_an_organization_enables_may_be_known_only_after_apply() {
    let document = plan(&[
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", TWO, "2a")),
        created(
            "aws_guardduty_organization_configuration.o",
            json!({ "detector_id": "2a" }),
            &["auto_enable_organization_members"],
        ),
    ]);
    assert_eq!(
        cell(expecting(coverage(&document), THREE, "eu-west-1"), (THREE, "eu-west-1"), Column::Detector),
        format!(
            "?: no input has the state of account {THREE}; whom the organization of {TWO} enables is known only after apply: \
             on or off is not known"
        )
    );
}

#[test]
fn a_delegation_enables_the_administrator_in_its_region() {
    let documents = |region: &str| {
        let delegation = json!({ "admin_account_id": TWO, "region": region });
        let own = resource("aws_guardduty_detector.d", detector_in("us-east-1", TWO, "2a"));
        coverage(&state(&[resource("aws_guardduty_organization_admin_account.a", delegation)]))
            .and("b/input.json", &state(&[own]))
    };
    assert_eq!(
        cell(documents("eu-west-1"), (TWO, "eu-west-1"), Column::Detector),
        format!(
            "?: no input has a detector of account {TWO}; aws_guardduty_organization_admin_account.a makes it the \
             administrator, which enables it there: on or off is not known"
        )
    );
    assert!(cell(documents("us-east-1"), (TWO, "us-east-1"), Column::Detector).starts_with("yes"));
}

#[test]
fn a_delegation_of_an_unknown_region_makes_no_row_where_the_administrator_has_one() {
    let delegation = resource("aws_guardduty_organization_admin_account.a", json!({ "admin_account_id": TWO }));
    let run = || coverage(&administrator(&[])).and("b/input.json", &state(std::slice::from_ref(&delegation)));
    assert_eq!(
        only(run(), Column::Organization),
        "?: aws_guardduty_organization_admin_account.a makes it the administrator, in a region that is not known"
    );
    assert_eq!(detectors(coverage(&state(&[delegation]))), [format!("{TWO} not known (aws): ?")]);
}

#[test]
fn an_account_whose_member_is_not_enabled_is_no_member() {
    let own = state(&[resource("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "1a"))]);
    let said = |status: &str, column: Column| {
        let values = json!({ "account_id": ONE, "detector_id": "2a", "relationship_status": status });
        let set = json!({ "detector_id": "2a", "activate": true, "format": "TXT", "location": "s3://b/k" });
        let more = [resource("aws_guardduty_member.m", values), resource("aws_guardduty_threatintelset.t", set)];
        cell(coverage(&administrator(&more)).and("b/input.json", &own), (ONE, "eu-west-1"), column)
    };
    assert_eq!(said("Enabled", Column::Organization), "yes: it is a member: aws_guardduty_member.m");
    assert!(said("Enabled", Column::ThreatList).contains("by the administrator"));
    for status in ["Removed", "Resigned", "Disabled", "Invited", "Created"] {
        assert_eq!(
            said(status, Column::Organization),
            format!("no: aws_guardduty_member.m names it, with `relationship_status` `{status}`")
        );
        assert_eq!(said(status, Column::ThreatList), "no: no input has one for this detector");
    }
}

#[test]
fn a_plan_of_an_organization_is_on_in_accounts_that_belong_to_it() {
    let feature = json!({ "detector_id": "2a", "name": "S3_DATA_EVENTS", "auto_enable": "ALL" });
    let feature = resource("aws_guardduty_organization_configuration_feature.f", feature);
    let own = state(&[resource("aws_guardduty_detector.d", detector_in("eu-west-1", ONE, "1a"))]);
    let said = |more: &[Value]| {
        let more: Vec<Value> = more.iter().cloned().chain([feature.clone()]).collect();
        cell(coverage(&administrator(&more)).and("b/input.json", &own), (ONE, "eu-west-1"), Column::S3)
    };
    let on = "yes: on by aws_guardduty_organization_configuration_feature.f";
    let lists = json!({ "accounts": [{ "id": TWO }, { "id": ONE }] });
    assert_eq!(said(&[member(ONE)]), on);
    assert_eq!(said(&[resource("data.aws_organizations_organization.o", lists)]), on);
    assert_eq!(
        said(&[]),
        "?: no input tells whether this account is of the organization in which it is switched on by \
         aws_guardduty_organization_configuration_feature.f"
    );
}

#[test]
fn a_member_of_an_unknown_account_may_be_any() {
    let detectors = [
        unchanged("aws_guardduty_detector.d", detector_in("eu-west-1", TWO, "2a")),
        unchanged("aws_guardduty_detector.far", detector_in("us-east-1", ONE, "1a")),
    ];
    let run = |more: Value| {
        let items: Vec<Value> = detectors.iter().cloned().chain([more]).collect();
        expecting(coverage(&plan(&items)), ONE, "eu-west-1")
    };
    let member = created("aws_guardduty_member.m", json!({ "detector_id": "2a" }), &["account_id"]);
    assert_eq!(
        cell(run(member), (ONE, "eu-west-1"), Column::Detector),
        format!(
            "?: no input has a detector of account {ONE}; which account aws_guardduty_member.m names is not known: on or off \
             is not known"
        )
    );
    // What is forgotten stays as it is.
    let values = json!({ "detector_id": "2a", "account_id": ONE });
    let forgotten = change("aws_guardduty_member.m", &["forget"], values, Value::Null, json!({}));
    assert!(cell(run(forgotten), (ONE, "eu-west-1"), Column::Detector).contains("aws_guardduty_member.m makes it"));
}
