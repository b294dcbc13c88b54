//! One event rule: whether it ever fires.

use serde_json::{Value, json};

use crate::testing::{
    Run,
    alerts::{RULE, RULE_ARN, TOPIC_ARN, allows, every, planned, rule, rule_of, target, topic, topic_policy},
    block, change, check, created,
    lists::{constant, other_stack, refers, with},
    plan_of,
    reading::{FAIL, PASS, SKIP, UNDECIDED},
    resource, shown_state, state,
};

const ID: &str = "findings-rule-dead";

/// The verdict on the rule beside `more`, with one target.
fn with_target(rule: Value, more: &[Value]) -> &'static str {
    let mut resources = vec![rule, target(TOPIC_ARN, json!({}))];
    resources.extend_from_slice(more);
    check(&state(&resources)).verdict(ID)
}

fn pattern(pattern: Value) -> &'static str {
    with_target(rule_of(pattern), &[])
}

fn finding(resources: &[Value]) -> (String, String) {
    let finding = check(&state(resources)).finding(ID);
    (finding.message, finding.anchor.pointer)
}

#[test]
fn a_severity_is_a_number() {
    assert_eq!(pattern(json!({ "source": ["aws.guardduty"], "detail": { "severity": ["8"] } })), FAIL);
    assert_eq!(pattern(json!({ "source": ["aws.guardduty"], "detail": { "severity": [{ "prefix": "8" }] } })), FAIL);
    let numeric = |bounds: Value| {
        pattern(json!({ "source": ["aws.guardduty"], "detail": { "severity": [{ "numeric": bounds }] } }))
    };
    assert_eq!(numeric(json!([">=", 7])), PASS);
    assert_eq!(numeric(json!([">", 10])), FAIL);
    assert_eq!(numeric(json!(["<", 1])), FAIL);
    assert_eq!(pattern(json!({ "source": ["aws.guardduty"], "detail": { "severity": [0, 11] } })), FAIL);
}

#[test]
fn the_reason_stands_at_its_place_in_the_pattern() {
    let text = r#"{"source":["aws.guardduty"],"detail":{"severity":["8"]}}"#;
    let run = check(&state(&[rule(json!({ "event_pattern": text })), target(TOPIC_ARN, json!({}))]));
    let finding = run.finding(ID);
    assert_eq!(
        finding.message,
        "the rule never fires: `detail.severity` is a number, which is never equal to the string `\"8\"`"
    );
    assert_eq!(finding.anchor.pointer, "/resources/0/instances/0/attributes/event_pattern");
    let inner = finding.anchor.inner.unwrap();
    assert_eq!(text.get(inner.byte..inner.byte + inner.len), Some("\"8\""));
}

#[test]
fn a_pattern_that_eventbridge_refuses_never_fires() {
    for text in ["{\"source\":[\"aws.guardduty\"]", "[\"guardduty\"]", "\"aws.guardduty\"", "guardduty"] {
        assert_eq!(with_target(rule(json!({ "event_pattern": text })), &[]), FAIL, "{text}");
    }
    assert_eq!(pattern(json!({ "source": "aws.guardduty" })), FAIL);
    assert_eq!(
        pattern(json!({ "source": ["aws.guardduty"], "detail": { "severity": { "numeric": [">=", 7] } } })),
        FAIL
    );
    let (message, pointer) =
        finding(&[rule(json!({ "event_pattern": "{\n\"source\":[\"aws.guardduty\"" })), target(TOPIC_ARN, json!({}))]);
    assert!(message.starts_with("the rule never fires: the pattern is no JSON: "), "{message}");
    assert_eq!(pointer, "/resources/0/instances/0/attributes/event_pattern");
}

#[test]
fn names_that_only_look_like_guardduty_match_nothing() {
    for source in ["guardduty", "aws.GuardDuty", "aws.guard-duty", "guardduty.amazonaws.com"] {
        assert_eq!(pattern(json!({ "source": [source] })), FAIL, "{source}");
    }
    for detail_type in ["GuardDuty Findings", "guardduty finding", "GuardDutyFinding"] {
        assert_eq!(
            pattern(json!({ "source": ["aws.guardduty"], "detail-type": [detail_type] })),
            FAIL,
            "{detail_type}"
        );
    }
    assert_eq!(pattern(json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"] })), PASS);
    // Misspelled so that the name is in it no more.
    assert_eq!(pattern(json!({ "source": ["aws.gaurdduty"] })), FAIL);
}

#[test]
fn what_has_nothing_to_do_with_guardduty_is_no_subject() {
    for other in [json!({ "source": ["aws.s3"] }), json!({ "source": [{ "prefix": "aws.ec" }] })] {
        assert_eq!(check(&state(&[rule_of(other.clone())])).tally(ID), (0, 0, 0, 0), "{other}");
    }
    let schedule = rule(json!({ "event_pattern": "", "schedule_expression": "rate(1 hour)" }));
    assert_eq!(check(&state(&[schedule])).tally(ID), (0, 0, 0, 0));
}

#[test]
fn calls_of_guarddutys_are_meant_to_tell_of_no_finding() {
    let calls = json!({
        "source": ["aws.guardduty"], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": { "eventSource": ["guardduty.amazonaws.com"] },
    });
    assert_eq!(pattern(calls.clone()), PASS);
    assert_eq!(
        check(&state(&[rule(json!({ "event_pattern": calls.to_string(), "state": "DISABLED" }))])).verdict(ID),
        PASS
    );
}

#[test]
fn a_pattern_about_other_sources_is_alive_elsewhere() {
    let both = json!({ "source": ["aws.guardduty", "aws.s3"], "detail-type": ["Object Created"] });
    assert_eq!(pattern(both), PASS);
}

#[test]
fn whole_numbers_are_noted() {
    let says = |severities: Value| {
        let pattern = json!({ "source": ["aws.guardduty"], "detail": { "severity": severities } });
        let report = check(&state(&[rule_of(pattern), target(TOPIC_ARN, json!({}))])).report();
        report.notes.iter().filter(|note| note.code == "severity-whole-numbers").count()
    };
    assert_eq!(says(json!([7, 8])), 1);
    assert_eq!(says(json!([7, 7.5])), 0);
    assert_eq!(says(json!([{ "numeric": [">=", 7] }])), 0);
    assert_eq!(says(json!([0])), 0);
    assert_eq!(pattern(json!({ "source": ["aws.guardduty"], "detail": { "severity": [7, 8] } })), PASS);
}

#[test]
fn what_aws_documents_nowhere_is_passed_over() {
    let new = json!({ "source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Tape Scan Result"] });
    assert_eq!(pattern(new), SKIP);
}

#[test]
fn a_disabled_rule_never_fires() {
    for off in [json!({ "state": "DISABLED" }), json!({ "is_enabled": false })] {
        assert_eq!(with_target(rule(off.clone()), &[]), FAIL, "{off}");
    }
    let on = json!({ "state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "is_enabled": true });
    assert_eq!(with_target(rule(on), &[]), PASS);
    let finding = check(&state(&[rule(json!({ "state": "DISABLED" }))])).finding(ID);
    assert_eq!(finding.anchor.pointer, "/resources/0/instances/0/attributes/state");
}

#[test]
fn a_state_that_is_not_known_yet_is_undecided() {
    let says = |after: Value, unknown: &[&str], written: Value| {
        let own = json!({ "name": "alerts", "event_pattern": every() });
        let aim = json!({ "rule": "alerts", "arn": TOPIC_ARN });
        let changes =
            [created(RULE, with(own, after), unknown), created("aws_cloudwatch_event_target.t", aim, &["id"])];
        check(&plan_of(&changes, &[block(RULE, written)])).verdict(ID)
    };
    assert_eq!(says(json!({}), &["arn", "state"], json!({ "state": refers(&["local.state"]) })), UNDECIDED);
    // What the configuration leaves out is on.
    assert_eq!(says(json!({}), &["arn", "state"], json!({})), PASS);
    assert_eq!(says(json!({ "state": "DISABLED" }), &["arn"], json!({ "state": constant(json!("DISABLED")) })), FAIL);
}

#[test]
fn the_attribute_that_the_configuration_sets_counts() {
    let says = |values: Value, written: Value| {
        let own = json!({ "name": "alerts", "arn": RULE_ARN, "event_pattern": every() });
        let changes = [
            crate::testing::unchanged(RULE, with(own, values)),
            crate::testing::unchanged("aws_cloudwatch_event_target.t", json!({ "rule": "alerts", "arn": TOPIC_ARN })),
        ];
        check(&plan_of(&changes, &[block(RULE, written)])).verdict(ID)
    };
    // The other one shows what was before the change.
    let values = json!({ "state": "DISABLED", "is_enabled": true });
    assert_eq!(says(values.clone(), json!({ "is_enabled": constant(json!(true)) })), PASS);
    assert_eq!(says(values.clone(), json!({ "state": constant(json!("DISABLED")) })), FAIL);
    assert_eq!(says(values, json!({})), FAIL);
    let values = json!({ "state": "ENABLED", "is_enabled": false });
    assert_eq!(says(values.clone(), json!({ "state": constant(json!("ENABLED")) })), PASS);
    assert_eq!(says(values, json!({ "is_enabled": constant(json!(false)) })), FAIL);
}

fn bus(attributes: Value) -> Value {
    let own = json!({ "name": "security", "arn": "arn:aws:events:eu-west-1:123456789012:event-bus/security" });
    resource("aws_cloudwatch_event_bus.b", with(own, attributes))
}

/// The rule and its target on another bus.
fn on_bus(more: &[Value]) -> &'static str {
    let arn = "arn:aws:events:eu-west-1:123456789012:rule/security/alerts";
    let mut resources = vec![
        rule(json!({ "event_bus_name": "security", "arn": arn })),
        target(TOPIC_ARN, json!({ "event_bus_name": "security" })),
    ];
    resources.extend_from_slice(more);
    let report = check(&state(&resources)).report();
    let verdicts: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.rule.id == ID && finding.address.as_deref() == Some(RULE))
        .map(|finding| finding.verdict)
        .collect();
    match verdicts[..] {
        [] => PASS,
        [crate::FindingVerdict::Fail] => FAIL,
        _ => UNDECIDED,
    }
}

/// A rule of the default bus that sends to the other one.
fn forwards(rule: Value, target: Value) -> [Value; 2] {
    let own = json!({ "name": "forward", "event_pattern": every(), "event_bus_name": "default" });
    let to = json!({ "rule": "forward", "arn": "arn:aws:events:eu-west-1:123456789012:event-bus/security" });
    [
        resource("aws_cloudwatch_event_rule.forward", with(own, rule)),
        resource("aws_cloudwatch_event_target.forward", with(to, target)),
    ]
}

#[test]
fn guardduty_sends_to_the_default_bus() {
    assert_eq!(on_bus(&[bus(json!({}))]), FAIL);
    let with_forward = |rule: Value, target: Value| {
        let [rule, target] = forwards(rule, target);
        on_bus(&[bus(json!({})), rule, target])
    };
    assert_eq!(with_forward(json!({}), json!({})), PASS);
    assert_eq!(with_forward(json!({ "state": "DISABLED" }), json!({})), FAIL);
    assert_eq!(with_forward(json!({ "event_pattern": "{\"source\":[\"aws.s3\"]}" }), json!({})), FAIL);
    assert_eq!(with_forward(json!({ "event_bus_name": "security" }), json!({ "event_bus_name": "security" })), FAIL);
    let elsewhere = json!({ "arn": "arn:aws:events:us-east-1:123456789012:event-bus/security" });
    assert_eq!(with_forward(json!({}), elsewhere), FAIL);
    // The default bus by its ARN.
    let default = json!({ "event_bus_name": "arn:aws:events:eu-west-1:123456789012:event-bus/default" });
    assert_eq!(with_target(rule(default), &[]), PASS);
}

#[test]
fn a_bus_that_is_not_among_the_inputs_is_undecided() {
    assert_eq!(on_bus(&[]), UNDECIDED);
}

#[test]
fn a_bus_that_others_may_send_to_is_undecided() {
    let permission = json!({ "event_bus_name": "security", "principal": "222222222222", "statement_id": "member" });
    assert_eq!(on_bus(&[bus(json!({})), resource("aws_cloudwatch_event_permission.p", permission)]), UNDECIDED);
    let policy = json!({ "event_bus_name": "security", "policy": "{}" });
    assert_eq!(on_bus(&[bus(json!({})), resource("aws_cloudwatch_event_bus_policy.p", policy.clone())]), UNDECIDED);
    let default = with(policy, json!({ "event_bus_name": "default" }));
    assert_eq!(on_bus(&[bus(json!({})), resource("aws_cloudwatch_event_bus_policy.p", default)]), FAIL);
}

#[test]
fn a_bus_that_is_not_known_yet_is_undecided() {
    let own = json!({ "name": "alerts", "event_pattern": every() });
    let aim = json!({ "rule": "alerts", "arn": TOPIC_ARN });
    let says = |reference: &str| {
        let bus = json!({ "event_bus_name": refers(&[reference]) });
        let changes = [
            created("aws_cloudwatch_event_bus.b", json!({}), &["name", "arn"]),
            created(RULE, own.clone(), &["arn", "event_bus_name"]),
            created("aws_cloudwatch_event_target.t", aim.clone(), &["event_bus_name"]),
        ];
        let blocks = [
            block("aws_cloudwatch_event_bus.b", json!({})),
            block(RULE, bus.clone()),
            block("aws_cloudwatch_event_target.t", bus),
        ];
        check(&plan_of(&changes, &blocks)).verdict(ID)
    };
    assert_eq!(says("aws_cloudwatch_event_bus.b.name"), FAIL);
    assert_eq!(says("local.bus"), UNDECIDED);
}

#[test]
fn a_rule_without_a_target_fires_at_nothing() {
    assert_eq!(check(&state(&[rule(json!({}))])).verdict(ID), FAIL);
    let says = |attributes: Value| check(&state(&[rule(json!({})), target(TOPIC_ARN, attributes)])).verdict(ID);
    assert_eq!(says(json!({})), PASS);
    assert_eq!(says(json!({ "rule": "other" })), FAIL);
    assert_eq!(says(json!({ "event_bus_name": "security" })), FAIL);
    assert_eq!(says(json!({ "region": "us-east-1" })), FAIL);
    // A target that goes is none.
    let aim = json!({ "rule": "alerts", "arn": TOPIC_ARN });
    let going = change("aws_cloudwatch_event_target.t", &["delete"], aim, Value::Null, json!({}));
    let own = json!({ "name": "alerts", "arn": RULE_ARN, "event_pattern": every() });
    let changes = [crate::testing::unchanged(RULE, own), going];
    assert_eq!(check(&plan_of(&changes, &[block(RULE, json!({}))])).verdict(ID), FAIL);
}

#[test]
fn a_target_whose_rule_cannot_be_told_is_undecided() {
    let says = |references: &[&str]| {
        let own = json!({ "name_prefix": "alerts", "event_pattern": every() });
        let changes = [
            created(RULE, own, &["arn", "name"]),
            created("aws_cloudwatch_event_target.t", json!({ "arn": TOPIC_ARN }), &["rule"]),
        ];
        let blocks =
            [block(RULE, json!({})), block("aws_cloudwatch_event_target.t", json!({ "rule": refers(references) }))];
        check(&plan_of(&changes, &blocks)).verdict(ID)
    };
    assert_eq!(says(&["aws_cloudwatch_event_rule.r.name"]), PASS);
    assert_eq!(says(&["local.rule"]), UNDECIDED);
}

#[test]
fn a_target_of_another_stack_may_be_the_rules() {
    let beside = |rest: Value| {
        let other = state(&[target(TOPIC_ARN, json!({})), rest]);
        check(&state(&[rule(json!({}))])).and("b/targets.json", &other_stack(other)).tally(ID)
    };
    // A state does not tell the region of a target, but for what stands beside it.
    assert_eq!(beside(resource("aws_s3_bucket.b", json!({ "bucket": "b" }))), (0, 0, 1, 0));
    // One that has a rule of that name beside it is that one's.
    let own = rule(json!({ "arn": "arn:aws:events:us-east-1:123456789012:rule/alerts" }));
    assert_eq!(beside(own), (1, 1, 0, 0));
}

#[test]
fn what_show_json_leaves_out_of_a_state_is_no_difference() {
    let rule = json!({ "name": "alerts", "arn": RULE_ARN, "event_bus_name": "default", "event_pattern": every() });
    let aim = json!({ "rule": "alerts", "event_bus_name": "default", "arn": TOPIC_ARN });
    let says = |more: &[(&str, Value)]| {
        let mut objects = vec![(RULE, rule.clone()), ("aws_cloudwatch_event_target.t", aim.clone())];
        objects.extend_from_slice(more);
        check(&shown_state(&objects)).tally(ID)
    };
    assert_eq!(says(&[]), (1, 0, 0, 0));
    // Two rules of one name: whose the target is, nothing tells.
    let us = with(rule.clone(), json!({ "arn": "arn:aws:events:us-east-1:123456789012:rule/alerts" }));
    assert_eq!(says(&[("aws_cloudwatch_event_rule.us", us)]), (0, 0, 2, 0));
}

#[test]
fn a_rule_and_its_target_in_one_module_belong_together() {
    let rule = json!({ "name": "alerts", "event_pattern": every() });
    let aim = json!({ "rule": "alerts", "arn": TOPIC_ARN });
    let objects = [
        ("module.eu.aws_cloudwatch_event_rule.r", rule.clone()),
        ("module.eu.aws_cloudwatch_event_target.t", aim.clone()),
        ("module.us.aws_cloudwatch_event_rule.r", rule),
        ("module.us.aws_cloudwatch_event_target.t", aim),
    ];
    assert_eq!(check(&shown_state(&objects)).tally(ID), (2, 0, 0, 0));
}

#[test]
fn a_pattern_that_is_known_only_after_apply_is_no_subject() {
    let says = |hcl: Option<&str>| {
        let run = check(&plan_of(
            &[
                created(RULE, json!({ "name": "alerts" }), &["arn", "event_pattern"]),
                created("aws_cloudwatch_event_target.t", json!({ "rule": "alerts", "arn": TOPIC_ARN }), &["id"]),
                created("aws_s3_bucket.b", json!({}), &["id"]),
            ],
            &[block(RULE, json!({ "event_pattern": refers(&["aws_s3_bucket.b.id"]) }))],
        ));
        match hcl {
            Some(pattern) => run.with_sources(&[(
                "",
                &format!(
                    "resource \"aws_cloudwatch_event_rule\" \"r\" {{\n  event_pattern = jsonencode({pattern})\n}}\n"
                ),
            )]),
            None => run,
        }
    };
    assert_eq!(says(None).tally(ID), (0, 0, 0, 0));
    // With the configuration only a part of it is not known.
    let open = r#"{ source = ["aws.guardduty"], detail = { severity = [aws_s3_bucket.b.id] } }"#;
    assert_eq!(says(Some(open)).tally(ID), (0, 0, 1, 0));
    let open = r#"{ source = ["aws.guardduty"], detail-type = [aws_s3_bucket.b.id] }"#;
    assert_eq!(says(Some(open)).tally(ID), (0, 0, 1, 0));
    let dead = r#"{ source = ["aws.GuardDuty"], resources = [aws_s3_bucket.b.id] }"#;
    let finding = says(Some(dead)).finding(ID);
    assert_eq!(finding.source.map(|source| source.line), Some(2));
}

#[test]
fn nothing_of_a_sensitive_pattern_is_shown() {
    for pattern in ["{\"source\":[\"aws.guardduty\"],\"detail\":{\"severity\":[\"8\"]}}", "{\"guardduty\": 8"] {
        let own = json!({ "name": "alerts", "event_pattern": pattern });
        let mut changed = created(RULE, own, &["arn"]);
        changed["change"]["after_sensitive"] = json!({ "event_pattern": true });
        let run = check(&plan_of(&[changed], &[block(RULE, json!({}))]));
        let finding = run.finding(ID);
        assert!(finding.anchor.sensitive);
        assert!(!finding.message.contains('8') && !finding.anchor.label.contains('8'), "{}", finding.message);
    }
}

#[test]
fn what_a_dead_rule_sends_to_is_not_judged_besides() {
    // The pattern is alive, so that the targets are judged but for the rule being off.
    let resources = [rule(json!({ "state": "DISABLED" })), target(TOPIC_ARN, json!({})), topic(json!({}))];
    let run = || -> Run { check(&state(&resources)) };
    assert_eq!(run().says(ID), ["fail aws_cloudwatch_event_rule.r"]);
    for other in ["findings-target-denied", "findings-target-key", "findings-subscriber-missing"] {
        assert!(run().says(other).is_empty(), "{other}");
    }
    // On a bus of another stack it is undecided, and so are its targets, once.
    let away = [
        rule(json!({ "event_bus_name": "security" })),
        target(TOPIC_ARN, json!({ "event_bus_name": "security" })),
        topic(json!({ "kms_master_key_id": "alias/aws/sns" })),
    ];
    let run = || -> Run { check(&state(&away)) };
    assert_eq!(run().says(ID), ["undecided aws_cloudwatch_event_rule.r"]);
    for other in ["findings-target-denied", "findings-target-key", "findings-subscriber-missing"] {
        assert!(run().says(other).is_empty(), "{other}");
    }
}

#[test]
fn a_topic_that_another_rule_sends_to_is_judged() {
    let second = resource(
        "aws_cloudwatch_event_rule.s",
        json!({ "name": "second", "event_bus_name": "default", "event_pattern": every() }),
    );
    let aim = resource("aws_cloudwatch_event_target.s", json!({ "rule": "second", "arn": TOPIC_ARN }));
    let policy = topic_policy(&[allows("sns:Publish", TOPIC_ARN, json!({}))]);
    let resources =
        [rule(json!({ "state": "DISABLED" })), target(TOPIC_ARN, json!({})), topic(json!({})), policy, second, aim];
    let run = || -> Run { check(&state(&resources)) };
    assert_eq!(run().says("findings-subscriber-missing"), ["fail aws_sns_topic.a"]);
    assert_eq!(run().says(ID), ["fail aws_cloudwatch_event_rule.r"]);
}

#[test]
fn a_plan_that_makes_all_of_it_passes() {
    let topic = created("aws_sns_topic.a", json!({ "name": "alerts" }), &["arn", "id", "policy"]);
    let run = check(&planned("aws_sns_topic.a.arn", &[topic], &[block("aws_sns_topic.a", json!({}))]));
    assert_eq!(run.verdict(ID), PASS);
}
