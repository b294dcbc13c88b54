//! A topic or queue that an alert rule sends to: whether EventBridge may use its key.

#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

use serde_json::{Value, json};

use crate::testing::{
    Run,
    alerts::{ACCOUNT, QUEUE_ARN, RULE_ARN, TOPIC_ARN, allows, planned, rule, target, topic, topic_policy},
    block, check, created,
    lists::{refers, with},
    reading::{FAIL, PASS, UNDECIDED, elements},
    resource, state,
};

const ID: &str = "findings-target-key";
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const KEY_ARN: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A run in which EventBridge may publish to the topic, which names this key.
fn run(key: &str, more: &[Value]) -> Run {
    run_with((key, json!({})), more)
}

fn run_with((key, attributes): (&str, Value), more: &[Value]) -> Run {
    let mut resources = vec![
        rule(json!({})),
        target(TOPIC_ARN, attributes),
        topic(json!({ "kms_master_key_id": key })),
        topic_policy(&[allows("sns:Publish", TOPIC_ARN, json!({}))]),
    ];
    resources.extend_from_slice(more);
    check(&state(&resources))
}

fn key(statements: &[Value], others: Value) -> Value {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let own = json!({ "id": KEY_ID, "key_id": KEY_ID, "arn": KEY_ARN, "policy": policy, "is_enabled": true });
    resource("aws_kms_key.k", with(own, others))
}

fn lets(action: Value, others: Value) -> Value {
    elements(
        json!({ "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": action, "Resource": "*" }),
        others,
    )
}

fn root() -> Value {
    let own = json!({ "AWS": "arn:aws:iam::123456789012:root" });
    json!({ "Effect": "Allow", "Principal": own, "Action": "kms:*", "Resource": "*" })
}

/// The verdict where the key's policy has the root statement and this one.
fn with_statement(statement: Value) -> &'static str {
    run(KEY_ID, &[key(&[root(), statement], json!({}))]).verdict(ID)
}

#[test]
fn the_key_that_aws_manages_lets_no_other_service_in() {
    for name in ["alias/aws/sns", "arn:aws:kms:eu-west-1:123456789012:alias/aws/sns", "alias/aws/sqs"] {
        assert_eq!(run(name, &[]).verdict(ID), FAIL, "{name}");
    }
    let alias = json!({ "name": "alias/aws/sns", "target_key_arn": KEY_ARN, "target_key_id": KEY_ID });
    assert_eq!(run(KEY_ARN, &[resource("data.aws_kms_alias.sns", alias)]).verdict(ID), FAIL);
    let read = json!({ "key_id": KEY_ID, "arn": KEY_ARN, "id": KEY_ID, "key_manager": "AWS" });
    assert_eq!(run(KEY_ID, &[resource("data.aws_kms_key.k", read)]).verdict(ID), FAIL);
    let finding = run("alias/aws/sns", &[]).finding(ID);
    assert_eq!(
        finding.message,
        "EventBridge cannot send to aws_sns_topic.a: it is encrypted with the key that AWS manages for its service, which \
         lets no other service in, and whose policy nobody can change"
    );
    assert_eq!(finding.related[0].anchor.pointer, "/resources/2/instances/0/attributes/kms_master_key_id");
}

#[test]
fn what_to_do_fits_the_key() {
    let help = |run: Run| run.finding(ID).help;
    assert!(help(run("alias/aws/sns", &[])).starts_with("encrypt it with a customer key whose policy has `{"));
    let own = help(run(KEY_ID, &[key(&[root()], json!({}))]));
    assert!(own.starts_with("allow both in the policy of the key: `{\"Effect\":\"Allow\","), "{own}");
    let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*" });
    let all = lets(json!(["kms:Decrypt", "kms:GenerateDataKey*"]), json!({}));
    let denied = help(run(KEY_ID, &[key(&[root(), all, deny], json!({}))]));
    assert_eq!(denied, "exempt `events.amazonaws.com` in the Deny");
}

#[test]
fn a_customer_key_must_allow_two_actions() {
    assert_eq!(with_statement(lets(json!(["kms:Decrypt", "kms:GenerateDataKey*"]), json!({}))), PASS);
    assert_eq!(with_statement(lets(json!(["kms:Decrypt", "kms:GenerateDataKey"]), json!({}))), PASS);
    assert_eq!(with_statement(lets(json!("kms:*"), json!({}))), PASS);
    assert_eq!(with_statement(lets(json!("kms:GenerateDataKey*"), json!({}))), FAIL);
    assert_eq!(with_statement(lets(json!("kms:Decrypt"), json!({}))), FAIL);
    assert_eq!(with_statement(lets(json!("kms:*"), json!({ "Principal": { "Service": "sns.amazonaws.com" } }))), FAIL);
    assert_eq!(run(KEY_ID, &[key(&[root()], json!({}))]).verdict(ID), FAIL);
    assert_eq!(run(KEY_ID, &[key(&[], json!({ "policy": "" }))]).verdict(ID), FAIL);
}

#[test]
fn conditions_of_the_key_policy_count() {
    let on = |condition: Value| with_statement(lets(json!("kms:*"), json!({ "Condition": condition })));
    assert_eq!(on(json!({ "StringEquals": { "aws:SourceAccount": ACCOUNT } })), PASS);
    assert_eq!(on(json!({ "ArnLike": { "aws:SourceArn": RULE_ARN } })), PASS);
    assert_eq!(on(json!({ "StringEquals": { "aws:SourceAccount": "222222222222" } })), FAIL);
    let context = json!({ "StringEquals": { "kms:EncryptionContext:aws:sns:topicArn": TOPIC_ARN } });
    assert_eq!(on(context), UNDECIDED);
}

#[test]
fn a_key_that_is_disabled_encrypts_nothing() {
    let open = lets(json!("kms:*"), json!({}));
    assert_eq!(run(KEY_ID, &[key(&[open], json!({ "is_enabled": false }))]).verdict(ID), FAIL);
}

#[test]
fn a_key_policy_of_its_own_counts() {
    let policy = json!({ "Statement": [lets(json!("kms:*"), json!({}))] }).to_string();
    let own = resource("aws_kms_key_policy.k", json!({ "key_id": KEY_ID, "policy": policy }));
    assert_eq!(run(KEY_ID, &[key(&[root()], json!({})), own]).verdict(ID), PASS);
}

#[test]
fn a_key_that_is_not_among_the_inputs_is_undecided() {
    assert_eq!(run(KEY_ID, &[]).verdict(ID), UNDECIDED);
    assert_eq!(run("alias/alerts", &[]).verdict(ID), UNDECIDED);
}

#[test]
fn what_has_no_key_of_kms_is_no_subject() {
    assert_eq!(run("", &[]).tally(ID), (0, 0, 0, 0));
    let queue = json!({ "name": "alerts", "arn": QUEUE_ARN, "sqs_managed_sse_enabled": true, "kms_master_key_id": "" });
    let resources = [rule(json!({})), target(QUEUE_ARN, json!({})), resource("aws_sqs_queue.q", queue)];
    assert_eq!(check(&state(&resources)).tally(ID), (0, 0, 0, 0));
}

#[test]
fn a_queue_has_a_key_too() {
    let policy = json!({ "Statement": [allows("sqs:SendMessage", QUEUE_ARN, json!({}))] }).to_string();
    let queue = |key: &str| json!({ "name": "alerts", "arn": QUEUE_ARN, "policy": policy, "kms_master_key_id": key });
    let says = |key: &str| {
        let resources = [rule(json!({})), target(QUEUE_ARN, json!({})), resource("aws_sqs_queue.q", queue(key))];
        check(&state(&resources)).verdict(ID)
    };
    assert_eq!(says("alias/aws/sqs"), FAIL);
    assert_eq!(says("alias/alerts"), UNDECIDED);
}

const ROLE: &str = "arn:aws:iam::123456789012:role/events";

#[test]
fn a_target_with_a_role_uses_the_key_as_that_role() {
    let trust = json!({ "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sts:AssumeRole",
    }]});
    let policy = json!({ "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let role = json!({
        "name": "events", "arn": ROLE, "assume_role_policy": trust.to_string(), "managed_policy_arns": [],
        "inline_policy": [{ "name": "all", "policy": policy.to_string() }],
    });
    let says = |key_id: &str, more: &[Value]| {
        let mut all = vec![resource("aws_iam_role.r", role.clone())];
        all.extend_from_slice(more);
        run_with((key_id, json!({ "role_arn": ROLE })), &all).verdict(ID)
    };
    assert_eq!(says("alias/aws/sns", &[]), PASS);
    assert_eq!(says(KEY_ID, &[key(&[root()], json!({}))]), UNDECIDED);
}

/// Whoever mends the policy alone still gets no alert.
#[test]
fn a_target_that_is_denied_already_is_told_of_its_key_too() {
    let resources =
        [rule(json!({})), target(TOPIC_ARN, json!({})), topic(json!({ "kms_master_key_id": "alias/aws/sns" }))];
    let run = || check(&state(&resources));
    assert_eq!(run().says("findings-target-denied"), ["fail aws_cloudwatch_event_target.t"]);
    assert_eq!(run().says(ID), ["fail aws_cloudwatch_event_target.t"]);
}

/// A plan whose topic policy is not known, and whose topic has this key.
fn plan(after: Value, unknown: &[&str], written: Value) -> Value {
    let unknown: Vec<&str> = ["arn", "id", "policy"].into_iter().chain(unknown.iter().copied()).collect();
    planned(
        "aws_sns_topic.a.arn",
        &[
            created("aws_sns_topic.a", with(json!({ "name": "alerts" }), after), &unknown),
            created("aws_sns_topic_policy.a", json!({}), &["arn", "policy"]),
            created("aws_kms_key.k", json!({}), &["arn", "id", "key_id", "policy"]),
        ],
        &[
            block("aws_sns_topic.a", written),
            block(
                "aws_sns_topic_policy.a",
                json!({ "arn": refers(&["aws_sns_topic.a.arn"]), "policy": refers(&["local.policy"]) }),
            ),
            block("aws_kms_key.k", json!({ "policy": refers(&["local.policy"]) })),
        ],
    )
}

#[test]
fn a_sure_fault_of_the_key_is_told_beside_an_undecided_policy() {
    let document = plan(json!({ "kms_master_key_id": "alias/aws/sns" }), &[], json!({}));
    let run = || check(&document);
    assert_eq!(run().says("findings-target-denied"), ["undecided aws_cloudwatch_event_target.t"]);
    assert_eq!(run().says(ID), ["fail aws_cloudwatch_event_target.t"]);
}

#[test]
fn two_unknowns_of_one_target_are_undecided_once() {
    let key = json!({ "kms_master_key_id": refers(&["aws_kms_key.k.id"]) });
    let document = plan(json!({}), &["kms_master_key_id"], key);
    let run = || check(&document);
    assert_eq!(run().says("findings-target-denied"), ["undecided aws_cloudwatch_event_target.t"]);
    assert_eq!(run().tally(ID), (0, 0, 0, 1));
}

#[test]
fn a_key_that_is_known_by_reference_is_undecided_by_its_policy_alone() {
    let key = json!({ "kms_master_key_id": refers(&["aws_kms_key.k.id"]) });
    let mut document = plan(json!({}), &["kms_master_key_id"], key);
    let policy = json!({ "Statement": [allows("sns:Publish", "*", json!({}))] }).to_string();
    document["resource_changes"][4]["change"]["after"]["policy"] = json!(policy);
    document["resource_changes"][4]["change"]["after_unknown"] = json!({ "arn": true });
    assert_eq!(check(&document).verdict(ID), UNDECIDED);
    let key_policy = json!({ "Statement": [lets(json!("kms:*"), json!({}))] }).to_string();
    document["resource_changes"][5]["change"]["after"]["policy"] = json!(key_policy);
    document["resource_changes"][5]["change"]["after_unknown"] = json!({ "arn": true, "id": true, "key_id": true });
    assert_eq!(check(&document).verdict(ID), PASS);
}
