use serde_json::{Value, json};

use crate::testing::{
    Run, aliased, block_under, change, check, created, detector_in,
    lists::{other_stack, refers, with},
    plan, plan_of, put, resource, shown_state, state, unchanged, with_provider,
};

const RULE: &str = "org-config-wrong-account";
const DETECTOR: &str = "aws_guardduty_detector.security";
const CONFIGURATION: &str = "aws_guardduty_organization_configuration.all";
const FEATURE: &str = "aws_guardduty_organization_configuration_feature.rds";
const MEMBER_FEATURE: &str = "aws_guardduty_member_detector_feature.rds";
const DELEGATION: &str = "aws_guardduty_organization_admin_account.security";
const ADMINISTRATOR: &str = "222233334444";
const OTHER: &str = "111122223333";

fn detector(account: &str) -> (&'static str, Value) {
    (DETECTOR, detector_in("eu-west-1", account, "12ab"))
}

fn configuration() -> (&'static str, Value) {
    (CONFIGURATION, json!({ "id": "12ab", "detector_id": "12ab", "auto_enable_organization_members": "ALL" }))
}

fn feature() -> (&'static str, Value) {
    (FEATURE, json!({ "detector_id": "12ab", "name": "RDS_LOGIN_EVENTS", "auto_enable": "ALL" }))
}

fn member_feature() -> (&'static str, Value) {
    (MEMBER_FEATURE, json!({ "detector_id": "12ab", "account_id": "555566667777", "name": "RDS_LOGIN_EVENTS" }))
}

fn delegation(account: &str) -> (&'static str, Value) {
    (DELEGATION, json!({ "id": account, "admin_account_id": account }))
}

fn held(objects: &[(&str, Value)]) -> Value {
    state(&objects.iter().map(|(address, values)| resource(address, values.clone())).collect::<Vec<_>>())
}

fn made(objects: &[(&str, Value)]) -> Value {
    plan(&objects.iter().map(|(address, values)| created(address, values.clone(), &[])).collect::<Vec<_>>())
}

#[test]
fn settings_in_the_administrators_account_pass() {
    let objects = [detector(ADMINISTRATOR), configuration(), feature(), member_feature(), delegation(ADMINISTRATOR)];
    assert_eq!(check(&held(&objects)).tally(RULE), (4, 0, 0, 0));
    assert_eq!(check(&made(&objects)).tally(RULE), (4, 0, 0, 0));
    assert_eq!(check(&shown_state(&objects)).tally(RULE), (4, 0, 0, 0));
}

#[test]
fn settings_in_another_account_fail() {
    let objects = [detector(OTHER), configuration(), feature(), member_feature(), delegation(ADMINISTRATOR)];
    for document in [held(&objects), made(&objects), shown_state(&objects)] {
        let fails = [CONFIGURATION, FEATURE, MEMBER_FEATURE].map(|address| format!("fail {address}"));
        let mut says = check(&document).says(RULE);
        says.sort();
        let mut expected = fails.to_vec();
        expected.sort();
        assert_eq!(says, expected, "{document}");
    }
    let message = check(&held(&objects[..2])).and("b/input.json", &other_stack(held(&objects[4..])));
    assert_eq!(
        message.messages(RULE),
        ["the detector is in account 111122223333, and GuardDuty's delegated administrator is account 222233334444"]
    );
}

#[test]
fn a_delegation_of_another_region_counts_where_it_names_the_account() {
    let elsewhere = |account: &str| (DELEGATION, with(delegation(account).1, json!({ "region": "us-east-1" })));
    let right = [detector(ADMINISTRATOR), configuration(), elsewhere(ADMINISTRATOR)];
    assert_eq!(check(&held(&right)).tally(RULE), (2, 0, 0, 0));
    // Nothing shows who administers the settings' own region, where they have been accepted.
    let wrong = [detector(OTHER), configuration(), elsewhere(ADMINISTRATOR)];
    assert_eq!(check(&held(&wrong)).tally(RULE), (2, 0, 0, 0));
}

#[test]
fn undecided_once_for_each_detector_where_no_input_makes_the_delegation() {
    let objects = [detector(ADMINISTRATOR), configuration(), feature()];
    let finding = check(&made(&objects)).finding(RULE);
    assert_eq!(finding.address.as_deref(), Some(CONFIGURATION));
    assert_eq!(finding.related.len(), 1);
    // Perhaps it is made nowhere.
    let said = "whether the detector is in the delegated administrator's account is not known: no `aws_guardduty_";
    assert!(finding.message.starts_with(said), "{}", finding.message);
    assert_eq!(check(&made(&objects)).tally(RULE), (0, 0, 1, 1));
    let second = (FEATURE, with(feature().1, json!({ "detector_id": "34cd" })));
    assert_eq!(check(&made(&[configuration(), second])).tally(RULE), (0, 0, 2, 0));
}

#[test]
fn settings_that_exist_pass_without_a_delegation() {
    let objects = [detector(ADMINISTRATOR), configuration(), feature()];
    assert_eq!(check(&held(&objects)).tally(RULE), (2, 0, 0, 0));
    let kept: Vec<Value> = objects.iter().map(|(address, values)| unchanged(address, values.clone())).collect();
    assert_eq!(check(&plan(&kept)).tally(RULE), (2, 0, 0, 0));
}

#[test]
fn undecided_while_an_account_is_not_known() {
    let document = made(&[configuration(), delegation(ADMINISTRATOR)]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 1, 0));
    let open = created(DELEGATION, json!({}), &["admin_account_id"]);
    let document = plan(&[created(CONFIGURATION, configuration().1, &[]), open]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 1, 0));
    // What exists has been accepted.
    assert_eq!(check(&held(&[configuration(), delegation(ADMINISTRATOR)])).tally(RULE), (1, 0, 0, 1));
}

/// The only account that a state shows need not be that of an object under another provider.
#[test]
fn a_state_with_one_account_says_nothing_of_a_detector_that_it_only_names() {
    let identity = json!({ "id": OTHER, "account_id": OTHER });
    let objects = [("data.aws_caller_identity.management", identity), configuration(), delegation(ADMINISTRATOR)];
    for document in [held(&objects), shown_state(&objects)] {
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 1), "{document}");
    }
}

#[test]
fn an_administrator_by_invitation_may_set_its_members_features() {
    let member = json!({ "detector_id": "12ab", "account_id": "555566667777", "relationship_status": "Enabled" });
    let objects = [detector(OTHER), member_feature(), delegation(ADMINISTRATOR), ("aws_guardduty_member.m", member)];
    assert_eq!(check(&held(&objects)).tally(RULE), (1, 0, 0, 1));
    assert_eq!(check(&made(&[detector(OTHER), member_feature()])).tally(RULE), (1, 0, 0, 0));
}

/// A plan whose blocks stand under the provider configurations `aws` (management) and `aws.security`.
fn by_reference(key: &str) -> Value {
    let role = |account: &str| {
        json!({ "region": { "constant_value": "eu-west-1" },
                "assume_role": [{ "role_arn": { "constant_value": format!("arn:aws:iam::{account}:role/terraform") } }] })
    };
    let items = [
        created(DETECTOR, json!({ "enable": true }), &["id", "arn", "account_id"]),
        created(CONFIGURATION, json!({ "auto_enable_organization_members": "ALL" }), &["detector_id"]),
        created(DELEGATION, json!({}), &["admin_account_id"]),
    ];
    let blocks = [
        block_under(key, DETECTOR, json!({})),
        block_under(key, CONFIGURATION, json!({ "detector_id": refers(&["aws_guardduty_detector.security.id"]) })),
        block_under(
            "aws",
            DELEGATION,
            json!({ "admin_account_id": refers(&["data.aws_caller_identity.security.account_id"]) }),
        ),
        block_under("aws.security", "data.aws_caller_identity.security", json!({})),
    ];
    let identity = change(
        "data.aws_caller_identity.security",
        &["read"],
        Value::Null,
        json!({}),
        json!({ "account_id": true, "id": true }),
    );
    let document = plan_of(&[&items[..], &[identity]].concat(), &blocks);
    with_provider(with_provider(document, "aws.security", role(ADMINISTRATOR)), "aws.other", role(OTHER))
}

#[test]
fn accounts_are_taken_from_references_and_providers() {
    assert_eq!(check(&by_reference("aws.security")).tally(RULE), (2, 0, 0, 0));
    assert_eq!(check(&by_reference("aws.other")).says(RULE), [format!("fail {CONFIGURATION}")]);
}

fn two_delegations(accounts: [&str; 2]) -> Value {
    let [first, second] =
        ["aws_guardduty_organization_admin_account.eu", "aws_guardduty_organization_admin_account.us"];
    let items = [created(first, delegation(accounts[0]).1, &[]), created(second, delegation(accounts[1]).1, &[])];
    let document = plan_of(&items, &[block_under("aws", first, json!({})), block_under("aws.us", second, json!({}))]);
    with_provider(document, "aws.us", json!({ "region": { "constant_value": "us-east-1" } }))
}

#[test]
fn two_delegations_of_one_organization_name_one_account() {
    assert_eq!(check(&two_delegations([ADMINISTRATOR, ADMINISTRATOR])).tally(RULE), (2, 0, 0, 0));
    let document = two_delegations([ADMINISTRATOR, OTHER]);
    assert_eq!(check(&document).says(RULE), ["fail aws_guardduty_organization_admin_account.us"]);
    // Another role may well lead into another organization.
    let role = json!([{ "role_arn": { "constant_value": "arn:aws:iam::999900001111:role/terraform" } }]);
    let apart = put(document, "/configuration/provider_config/aws.us/expressions/assume_role", role);
    assert_eq!(check(&apart).tally(RULE), (2, 0, 0, 0));
}

fn delegated_by(account: &str, management: &str) -> Run {
    let organization = json!({ "id": "o-abc", "master_account_id": management });
    let document = plan_of(
        &[
            created(DELEGATION, delegation(ADMINISTRATOR).1, &[]),
            unchanged("aws_organizations_organization.o", organization),
        ],
        &[block_under("aws.own", DELEGATION, json!({}))],
    );
    let role = json!([{ "role_arn": { "constant_value": format!("arn:aws:iam::{account}:role/terraform") } }]);
    check(&with_provider(document, "aws.own", json!({ "assume_role": role })))
}

#[test]
fn a_delegation_from_the_account_that_it_names_fails_unless_that_is_the_management_account() {
    assert_eq!(delegated_by(ADMINISTRATOR, OTHER).says(RULE), [format!("fail {DELEGATION}")]);
    assert_eq!(delegated_by(ADMINISTRATOR, ADMINISTRATOR).tally(RULE), (1, 0, 0, 0));
    assert_eq!(delegated_by(OTHER, OTHER).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn numbers_that_are_sensitive_are_compared_and_not_shown() {
    let mut document = held(&[detector(OTHER), configuration(), delegation(ADMINISTRATOR)]);
    document["resources"][2]["instances"][0]["sensitive_attributes"] =
        json!([[{ "type": "get_attr", "value": "admin_account_id" }]]);
    let texts = check(&document).texts(RULE);
    assert!(!texts.is_empty() && texts.iter().all(|text| !text.contains(ADMINISTRATOR)), "{texts:?}");
}

#[test]
fn providers_of_raw_states_need_not_be_one() {
    let document = state(&[
        aliased("security", DETECTOR, detector(ADMINISTRATOR).1),
        aliased("security", CONFIGURATION, configuration().1),
        resource(DELEGATION, delegation(ADMINISTRATOR).1),
    ]);
    assert_eq!(check(&document).tally(RULE), (2, 0, 0, 0));
}
