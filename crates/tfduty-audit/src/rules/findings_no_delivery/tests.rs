//! One detector `d`: whether its findings go anywhere.

use serde_json::{Value, json};

use crate::testing::{
    Run,
    alerts::{RULE_ARN, every, rule, rule_of},
    aliased, block, block_under, change, check, created, detector_in,
    lists::{constant, other_stack, refers, with},
    plan_of,
    reading::{FAIL, PASS, SKIP, UNDECIDED},
    resource, shown_state, state, with_provider,
};

const ID: &str = "findings-no-delivery";
const A: &str = "123456789012";

fn detector(attributes: Value) -> Value {
    resource("aws_guardduty_detector.d", with(detector_in("eu-west-1", A, "12ab"), attributes))
}

fn run(more: &[Value]) -> Run {
    let mut resources = vec![detector(json!({}))];
    resources.extend_from_slice(more);
    check(&state(&resources))
}

fn verdict(more: &[Value]) -> &'static str {
    run(more).verdict(ID)
}

#[test]
fn findings_go_nowhere_by_themselves() {
    assert_eq!(verdict(&[]), FAIL);
    let finding = run(&[]).finding(ID);
    assert_eq!(finding.address.as_deref(), Some("aws_guardduty_detector.d"));
    assert_eq!(finding.region.as_deref(), Some("eu-west-1"));
}

#[test]
fn a_destination_takes_the_findings_of_its_detector() {
    let to = |id: &str| {
        let own = json!({ "detector_id": id, "destination_arn": "arn:aws:s3:::b" });
        resource("aws_guardduty_publishing_destination.p", own)
    };
    assert_eq!(verdict(&[to("12ab")]), PASS);
    assert_eq!(verdict(&[to("34cd")]), FAIL);
}

#[test]
fn an_event_rule_takes_findings_up() {
    assert_eq!(verdict(&[rule(json!({}))]), PASS);
    assert_eq!(verdict(&[rule_of(json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"] }))]), PASS);
    assert_eq!(verdict(&[rule_of(json!({ "source": [{ "prefix": "aws." }] }))]), PASS);
    let scans =
        json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Object Scan Result"] });
    assert_eq!(verdict(&[rule_of(scans)]), FAIL);
    let calls = json!({ "source": ["aws.guardduty"], "detail-type": ["AWS API Call via CloudTrail"] });
    assert_eq!(verdict(&[rule_of(calls)]), FAIL);
    assert_eq!(verdict(&[rule_of(json!({ "source": ["aws.s3"] }))]), FAIL);
    let away = json!({ "arn": "arn:aws:events:us-east-1:123456789012:rule/alerts" });
    assert_eq!(verdict(&[rule(away)]), FAIL);
    let other = json!({ "arn": "arn:aws:events:eu-west-1:222222222222:rule/alerts" });
    assert_eq!(verdict(&[rule(other)]), FAIL);
}

#[test]
fn services_take_the_findings_of_their_account_and_region() {
    let hub = |region: &str| {
        resource(
            "aws_securityhub_account.h",
            json!({ "id": A, "arn": format!("arn:aws:securityhub:{region}:{A}:hub/default") }),
        )
    };
    assert_eq!(verdict(&[hub("eu-west-1")]), PASS);
    assert_eq!(verdict(&[hub("us-east-1")]), FAIL);
    let graph = json!({ "graph_arn": "arn:aws:detective:eu-west-1:123456789012:graph:1" });
    assert_eq!(verdict(&[resource("aws_detective_graph.g", graph)]), PASS);
}

#[test]
fn resources_of_the_cloud_control_provider_count_too() {
    let rule = |source: &str| {
        let pattern = json!({ "source": [source] }).to_string();
        let own = json!({ "name": "alerts", "arn": RULE_ARN, "event_pattern": pattern, "state": "ENABLED" });
        resource("awscc_events_rule.r", own)
    };
    assert_eq!(verdict(&[rule("aws.guardduty")]), PASS);
    // No other rule tells of one that never fires.
    for source in ["aws.s3", "guardduty"] {
        assert_eq!(verdict(&[rule(source)]), FAIL, "{source}");
    }
    let off = json!({ "name": "alerts", "arn": RULE_ARN, "event_pattern": every(), "state": "DISABLED" });
    assert_eq!(verdict(&[resource("awscc_events_rule.r", off)]), FAIL);
    let hub = json!({ "arn": format!("arn:aws:securityhub:eu-west-1:{A}:hub/default") });
    assert_eq!(verdict(&[resource("awscc_securityhub_hub.h", hub)]), PASS);
    let graph = json!({ "arn": format!("arn:aws:detective:eu-west-1:{A}:graph:1") });
    assert_eq!(verdict(&[resource("awscc_detective_graph.g", graph)]), PASS);
}

#[test]
fn a_rule_that_never_fires_is_told_of_by_another_rule() {
    let dead = rule_of(json!({ "source": ["aws.guardduty"], "detail": { "severity": ["8"] } }));
    assert_eq!(verdict(std::slice::from_ref(&dead)), SKIP);
    assert_eq!(run(&[dead]).says("findings-rule-dead"), ["fail aws_cloudwatch_event_rule.r"]);
    assert_eq!(verdict(&[rule(json!({ "event_pattern": "{\"source\":[\"aws.guardduty\"" }))]), SKIP);
    let off = || run(&[rule(json!({ "state": "DISABLED" }))]);
    assert_eq!(off().verdict(ID), PASS);
    assert_eq!(off().says("findings-rule-dead"), ["fail aws_cloudwatch_event_rule.r"]);
}

#[test]
fn a_detector_that_is_off_is_no_subject() {
    assert_eq!(check(&state(&[detector(json!({ "enable": false }))])).tally(ID), (0, 0, 0, 0));
    let read = resource("data.aws_guardduty_detector.d", json!({ "id": "12ab", "status": "ENABLED" }));
    assert_eq!(check(&state(&[read])).tally(ID), (0, 0, 0, 0));
    let elsewhere = run(&[]).with(|settings| settings.expect.elsewhere = true);
    assert_eq!(elsewhere.tally(ID), (0, 0, 0, 0));
    let going = change("aws_guardduty_detector.d", &["delete"], json!({ "id": "12ab" }), Value::Null, json!({}));
    assert_eq!(check(&plan_of(&[going, crate::testing::bystander()], &[])).tally(ID), (0, 0, 0, 0));
}

fn administrator() -> Value {
    resource("aws_guardduty_detector.admin", detector_in("eu-west-1", "222222222222", "34cd"))
}

#[test]
fn a_members_findings_go_to_its_administrator() {
    let accepter = resource(
        "aws_guardduty_invite_accepter.a",
        json!({ "detector_id": "12ab", "master_account_id": "222222222222" }),
    );
    assert_eq!(verdict(std::slice::from_ref(&accepter)), UNDECIDED);
    // The administrator's own detector is judged.
    assert_eq!(run(&[accepter.clone(), administrator()]).tally(ID), (0, 1, 0, 1));
    // With a path of its own it passes, whatever the administrator does.
    assert_eq!(verdict(&[accepter, rule(json!({}))]), PASS);
    let member = |id: &str| resource("aws_guardduty_member.m", json!({ "detector_id": id, "account_id": A }));
    assert_eq!(verdict(&[member("34cd")]), UNDECIDED);
    assert_eq!(run(&[member("34cd"), administrator()]).tally(ID), (0, 1, 0, 1));
    let other = with(json!({ "detector_id": "34cd" }), json!({ "account_id": "333333333333" }));
    assert_eq!(verdict(&[resource("aws_guardduty_member.m", other)]), FAIL);
}

#[test]
fn an_administrator_in_another_stack_is_among_the_inputs() {
    let member = resource("aws_guardduty_member.m", json!({ "detector_id": "34cd", "account_id": A }));
    let other = other_stack(state(&[administrator(), member]));
    assert_eq!(run(&[]).and("b/admin.json", &other).says(ID), ["fail aws_guardduty_detector.admin"]);
}

/// A plan of a detector and a rule, each under a provider.
fn plan(rule: Value, unknown: &[&str], key: &str) -> Value {
    let document = plan_of(
        &[
            created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "arn", "account_id"]),
            created("aws_cloudwatch_event_rule.r", rule, unknown),
        ],
        &[
            block("aws_guardduty_detector.d", json!({ "enable": constant(json!(true)) })),
            block_under(key, "aws_cloudwatch_event_rule.r", json!({ "event_pattern": refers(&["local.pattern"]) })),
        ],
    );
    let document = with_provider(document, "aws.us", json!({ "region": { "constant_value": "us-east-1" } }));
    with_provider(document, "aws.any", json!({ "region": refers(&["var.region"]) }))
}

#[test]
fn a_plan_that_makes_all_of_it_passes() {
    let known = json!({ "name": "alerts", "event_pattern": every() });
    assert_eq!(check(&plan(known.clone(), &["arn"], "aws")).verdict(ID), PASS);
    assert_eq!(check(&plan(known, &["arn"], "aws.us")).verdict(ID), FAIL);
}

#[test]
fn a_pattern_or_a_region_that_is_not_known_is_undecided() {
    let open = json!({ "name": "alerts" });
    assert_eq!(check(&plan(open.clone(), &["arn", "event_pattern"], "aws")).verdict(ID), UNDECIDED);
    assert_eq!(check(&plan(open, &["arn", "event_pattern"], "aws.us")).verdict(ID), FAIL);
    let known = json!({ "name": "alerts", "event_pattern": every() });
    assert_eq!(check(&plan(known, &["arn"], "aws.any")).verdict(ID), UNDECIDED);
    let other = json!({ "name": "alerts", "event_pattern": "{\"source\":[\"aws.s3\"]}" });
    assert_eq!(check(&plan(other, &["arn"], "aws.any")).verdict(ID), FAIL);
}

#[test]
fn a_destination_whose_detector_cannot_be_told_is_undecided() {
    let says = |reference: &str| {
        let document = plan_of(
            &[
                created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "arn", "account_id"]),
                created("aws_guardduty_publishing_destination.p", json!({}), &["detector_id"]),
            ],
            &[
                block("aws_guardduty_detector.d", json!({})),
                block("aws_guardduty_publishing_destination.p", json!({ "detector_id": refers(&[reference]) })),
            ],
        );
        check(&document).verdict(ID)
    };
    assert_eq!(says("aws_guardduty_detector.d.id"), PASS);
    assert_eq!(says("local.detector"), UNDECIDED);
}

#[test]
fn an_administrator_of_a_plan_is_told_by_reference() {
    let provider = |account: &str| {
        json!({
            "region": { "constant_value": "eu-west-1" },
            "assume_role": [{ "role_arn": { "constant_value": format!("arn:aws:iam::{account}:role/ci") } }],
        })
    };
    let says = |reference: &str| {
        let document = plan_of(
            &[
                created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "arn", "account_id"]),
                created("aws_guardduty_detector.admin", json!({ "enable": true }), &["id", "arn", "account_id"]),
                created("aws_guardduty_invite_accepter.a", json!({}), &["detector_id", "master_account_id"]),
            ],
            &[
                block_under("aws.member", "aws_guardduty_detector.d", json!({})),
                block_under("aws.admin", "aws_guardduty_detector.admin", json!({})),
                block_under(
                    "aws.member",
                    "aws_guardduty_invite_accepter.a",
                    json!({
                        "detector_id": refers(&["aws_guardduty_detector.d.id"]),
                        "master_account_id": refers(&[reference]),
                    }),
                ),
            ],
        );
        let document = with_provider(document, "aws.member", provider(A));
        check(&with_provider(document, "aws.admin", provider("222222222222"))).tally(ID)
    };
    assert_eq!(says("aws_guardduty_detector.admin.account_id"), (0, 1, 0, 1));
    assert_eq!(says("local.administrator"), (0, 1, 1, 0));
}

#[test]
fn what_show_json_leaves_out_of_a_state_is_no_difference() {
    let hub = ("aws_securityhub_account.h", json!({ "id": A }));
    let objects = [("aws_guardduty_detector.d", detector_in("eu-west-1", A, "12ab")), hub];
    assert_eq!(check(&shown_state(&objects)).verdict(ID), PASS);
}

#[test]
fn each_region_needs_a_path_of_its_own() {
    let us = aliased("us", "aws_guardduty_detector.us", detector_in("us-east-1", A, "34cd"));
    assert_eq!(run(&[rule(json!({})), us]).says(ID), ["fail aws_guardduty_detector.us"]);
}

#[test]
fn a_script_that_makes_a_rule_or_a_destination_is_undecided() {
    let says = |command: &str, when: &str| {
        let document = plan_of(
            &[created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "arn", "account_id"])],
            &[block("aws_guardduty_detector.d", json!({}))],
        );
        let hcl = format!(
            r#"
            resource "aws_guardduty_detector" "d" {{}}
            resource "terraform_data" "s" {{
              provisioner "local-exec" {{
                {when}
                command = "{command}"
              }}
            }}
            "#
        );
        check(&document).with_sources(&[("", &hcl)])
    };
    let export = "aws guardduty create-publishing-destination --detector-id ${aws_guardduty_detector.d.id}";
    assert_eq!(says(export, "").verdict(ID), UNDECIDED);
    assert_eq!(says("aws events put-rule --name x", "").verdict(ID), UNDECIDED);
    assert_eq!(says("aws events put-rule --name x", "when = destroy").verdict(ID), FAIL);
    assert_eq!(says("aws guardduty list-findings", "").verdict(ID), FAIL);
    let finding = says(export, "").finding(ID);
    assert!(finding.message.contains("terraform_data.s"), "{}", finding.message);
}
