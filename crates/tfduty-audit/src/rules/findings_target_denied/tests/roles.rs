//! What takes a role: whether there is one, whether EventBridge may take it on, and what it may do.

use serde_json::{Value, json};

use super::{ID, holder, refers, resource, rule, run, verdict, with};
use crate::testing::{
    alerts::{RULE_ARN, TARGET, planned_with, topic},
    block, check, created,
    lists::other_stack,
    reading::{FAIL, PASS, SKIP, UNDECIDED},
    state,
};

const STREAM: &str = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/findings";
const ROLE: &str = "arn:aws:iam::123456789012:role/events";
const TOPIC: &str = crate::testing::alerts::TOPIC_ARN;

fn stream() -> Value {
    resource("aws_kinesis_firehose_delivery_stream.s", json!({ "name": "findings", "arn": STREAM }))
}

fn trust(others: Value) -> Value {
    let own = json!({
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sts:AssumeRole",
    });
    with(own, others)
}

fn role(statement: Value, others: Value) -> Value {
    let own = json!({ "name": "events", "arn": ROLE, "inline_policy": [], "managed_policy_arns": [] });
    holder("aws_iam_role.r", ("assume_role_policy", &[statement]), with(own, others))
}

fn put(others: Value) -> Value {
    with(
        json!({ "Effect": "Allow", "Action": ["firehose:PutRecord", "firehose:PutRecordBatch"], "Resource": STREAM }),
        others,
    )
}

fn policy(statement: Value) -> Value {
    holder("aws_iam_role_policy.p", ("policy", &[statement]), json!({ "role": "events", "name": "put" }))
}

fn as_role(more: &[Value]) -> &'static str {
    verdict((STREAM, json!({ "role_arn": ROLE })), more)
}

#[test]
fn a_stream_takes_a_role() {
    assert_eq!(verdict((STREAM, json!({ "role_arn": "" })), &[stream()]), FAIL);
    // Whatever stream it is.
    assert_eq!(verdict((STREAM, json!({})), &[]), FAIL);
    for arn in [
        "arn:aws:kinesis:eu-west-1:123456789012:stream/findings",
        "arn:aws:states:eu-west-1:123456789012:stateMachine:triage",
        "arn:aws:ecs:eu-west-1:123456789012:cluster/tools",
        "arn:aws:codebuild:eu-west-1:123456789012:project/triage",
        "arn:aws:codepipeline:eu-west-1:123456789012:triage",
        "arn:aws:batch:eu-west-1:123456789012:job-queue/triage",
        "arn:aws:ssm:eu-west-1:123456789012:automation-definition/Isolate:1",
        "arn:aws:ssm:eu-west-1:123456789012:document/Isolate",
        "arn:aws:events:eu-west-1:123456789012:api-destination/chat/1234",
    ] {
        assert_eq!(verdict((arn, json!({})), &[]), FAIL, "{arn}");
    }
    let finding = run((STREAM, json!({})), &[stream()]).finding(ID);
    assert_eq!(
        finding.message,
        "EventBridge cannot send to aws_kinesis_firehose_delivery_stream.s: it sends to a delivery stream as a role, and \
         the target has none"
    );
}

#[test]
fn what_tfduty_does_not_know_is_passed_over() {
    let arn = "arn:aws:inspector:eu-west-1:123456789012:target/x/template/y";
    assert_eq!(verdict((arn, json!({})), &[]), SKIP);
    let with_role = |statement: Value| verdict((arn, json!({ "role_arn": ROLE })), &[role(statement, json!({}))]);
    assert_eq!(with_role(trust(json!({}))), PASS);
    assert_eq!(with_role(trust(json!({ "Principal": { "Service": "lambda.amazonaws.com" } }))), FAIL);
}

#[test]
fn the_role_must_let_eventbridge_take_it_on() {
    let says = |statement: Value| as_role(&[stream(), role(statement, json!({})), policy(put(json!({})))]);
    assert_eq!(says(trust(json!({}))), PASS);
    assert_eq!(says(trust(json!({ "Condition": { "ArnEquals": { "aws:SourceArn": RULE_ARN } } }))), PASS);
    assert_eq!(says(trust(json!({ "Principal": { "Service": "lambda.amazonaws.com" } }))), FAIL);
    assert_eq!(says(trust(json!({ "Condition": { "StringEquals": { "aws:SourceAccount": "222222222222" } } }))), FAIL);
    assert_eq!(says(trust(json!({ "Condition": { "StringEquals": { "sts:ExternalId": "x" } } }))), UNDECIDED);
}

#[test]
fn one_policy_of_the_role_must_allow_it() {
    let own = || role(trust(json!({})), json!({}));
    let says = |statement: Value| as_role(&[stream(), own(), policy(statement)]);
    assert_eq!(says(put(json!({ "Action": "firehose:PutRecord" }))), PASS);
    assert_eq!(says(put(json!({ "Action": "firehose:*", "Resource": "*" }))), PASS);
    assert_eq!(says(put(json!({ "Action": "firehose:DescribeDeliveryStream" }))), FAIL);
    assert_eq!(says(put(json!({ "Resource": "arn:aws:firehose:eu-west-1:123456789012:deliverystream/other" }))), FAIL);
    assert_eq!(says(put(json!({ "Condition": { "StringEquals": { "aws:x": "y" } } }))), UNDECIDED);
    assert_eq!(as_role(&[stream(), own()]), FAIL);
    let deny = holder(
        "aws_iam_role_policy.deny",
        ("policy", &[put(json!({ "Effect": "Deny" }))]),
        json!({ "role": "events", "name": "deny" }),
    );
    assert_eq!(as_role(&[stream(), own(), policy(put(json!({}))), deny]), FAIL);
    let others =
        holder("aws_iam_role_policy.o", ("policy", &[put(json!({}))]), json!({ "role": "other", "name": "put" }));
    assert_eq!(as_role(&[stream(), own(), others]), FAIL);
}

#[test]
fn a_task_is_run_by_its_definition() {
    let definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/triage";
    let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/tools";
    let runs = |definition: &str, on: &str| {
        let run = json!({ "Effect": "Allow", "Action": "ecs:RunTask", "Resource": on });
        let task = json!({ "role_arn": ROLE, "ecs_target": [{ "task_definition_arn": definition }] });
        verdict((cluster, task), &[role(trust(json!({})), json!({})), policy(run)])
    };
    assert_eq!(runs(&format!("{definition}:3"), "*"), PASS);
    assert_eq!(runs(&format!("{definition}:3"), &format!("{definition}:*")), PASS);
    assert_eq!(runs(&format!("{definition}:3"), &format!("{definition}:3")), PASS);
    assert_eq!(runs(&format!("{definition}:3"), "arn:aws:ecs:eu-west-1:123456789012:task-definition/other:*"), FAIL);
    assert_eq!(runs(&format!("{definition}:3"), cluster), FAIL, "the call is about the definition");
    // The latest revision, whichever that is.
    assert_eq!(runs(definition, &format!("{definition}:*")), PASS);
    assert_eq!(runs(definition, &format!("{definition}:3")), UNDECIDED);
    assert_eq!(runs("", &format!("{definition}:*")), UNDECIDED);
    // The policy of AWS for this.
    let own =
        json!({ "managed_policy_arns": ["arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceEventsRole"] });
    assert_eq!(verdict((cluster, json!({ "role_arn": ROLE })), &[role(trust(json!({})), own)]), PASS);
}

#[test]
fn policies_come_to_a_role_in_many_ways() {
    let arn = "arn:aws:iam::123456789012:policy/put";
    let text = json!({ "Version": "2012-10-17", "Statement": [put(json!({}))] }).to_string();
    let managed = holder("aws_iam_policy.p", ("policy", &[put(json!({}))]), json!({ "arn": arn }));
    let own = |others: Value| role(trust(json!({})), others);
    let says = |more: &[Value]| {
        let mut all = vec![stream()];
        all.extend_from_slice(more);
        as_role(&all)
    };
    assert_eq!(says(&[own(json!({ "inline_policy": [{ "name": "put", "policy": text }] }))]), PASS);
    assert_eq!(says(&[own(json!({ "inline_policy": [{ "name": "", "policy": "" }] }))]), FAIL);
    assert_eq!(says(&[own(json!({ "managed_policy_arns": [arn] })), managed.clone()]), PASS);
    let attachment = |name: &str, attributes: Value| resource(name, with(json!({ "policy_arn": arn }), attributes));
    for attached in [
        attachment("aws_iam_role_policy_attachment.a", json!({ "role": "events" })),
        attachment("aws_iam_policy_attachment.a", json!({ "roles": ["other", "events"] })),
        attachment(
            "aws_iam_role_policy_attachments_exclusive.a",
            json!({ "role_name": "events", "policy_arns": [arn] }),
        ),
    ] {
        assert_eq!(says(&[own(json!({})), managed.clone(), attached.clone()]), PASS, "{attached}");
    }
}

#[test]
fn a_policy_that_is_not_among_the_inputs_is_undecided() {
    let own = role(trust(json!({})), json!({ "managed_policy_arns": ["arn:aws:iam::aws:policy/Something"] }));
    assert_eq!(as_role(&[stream(), own]), UNDECIDED);
    assert_eq!(as_role(&[stream()]), UNDECIDED, "nor is the role");
}

#[test]
fn topics_and_functions_may_do_with_a_role() {
    let publish = |action: &str| {
        let statement = json!({ "Effect": "Allow", "Action": action, "Resource": TOPIC });
        verdict(
            (TOPIC, json!({ "role_arn": ROLE })),
            &[topic(json!({})), role(trust(json!({})), json!({})), policy(statement)],
        )
    };
    assert_eq!(publish("sns:Publish"), PASS);
    assert_eq!(publish("sns:Subscribe"), FAIL);
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:triage";
    let invoke = json!({ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function });
    let all = [role(trust(json!({})), json!({})), policy(invoke)];
    assert_eq!(verdict((function, json!({ "role_arn": ROLE })), &all), PASS);
}

#[test]
fn a_role_of_the_rule_alone_is_undecided() {
    let resources = [rule(json!({ "role_arn": ROLE })), crate::testing::alerts::target(STREAM, json!({})), stream()];
    assert_eq!(check(&state(&resources)).verdict(ID), UNDECIDED);
}

#[test]
fn a_policy_of_another_stack_counts() {
    let run = run((STREAM, json!({ "role_arn": ROLE })), &[stream(), role(trust(json!({})), json!({}))]);
    let other = other_stack(state(&[policy(put(json!({})))]));
    assert_eq!(run.and("b/policies.json", &other).verdict(ID), PASS);
}

/// A plan that makes stream, role and policy: what the policy is known to say.
fn plan((after, unknown): (Value, &[&str]), role_arn: &str) -> Value {
    let assume = json!({ "Statement": [trust(json!({}))] }).to_string();
    let mut plan = planned_with(
        json!({}),
        "aws_kinesis_firehose_delivery_stream.s.arn",
        &[
            created("aws_kinesis_firehose_delivery_stream.s", json!({ "name": "findings" }), &["arn"]),
            created(
                "aws_iam_role.r",
                json!({ "name_prefix": "events", "assume_role_policy": assume }),
                &["arn", "id", "name", "inline_policy", "managed_policy_arns"],
            ),
            created("aws_iam_role_policy.p", after, unknown),
        ],
        &[
            block("aws_kinesis_firehose_delivery_stream.s", json!({})),
            block("aws_iam_role.r", json!({})),
            block(
                "aws_iam_role_policy.p",
                json!({
                    "role": refers(&["aws_iam_role.r.id"]),
                    "policy": refers(&["aws_kinesis_firehose_delivery_stream.s.arn"]),
                }),
            ),
        ],
    );
    plan["resource_changes"][1]["change"]["after_unknown"]["role_arn"] = json!(true);
    plan["configuration"]["root_module"]["resources"][1]["expressions"]["role_arn"] = refers(&[role_arn]);
    assert_eq!(plan["resource_changes"][1]["address"], TARGET);
    plan
}

#[test]
fn a_plan_tells_the_role_and_its_policies_by_reference() {
    let text = |statement: Value| json!({ "Statement": [statement] }).to_string();
    let says = |statement: Value| {
        check(&plan((json!({ "policy": text(statement) }), &["role"]), "aws_iam_role.r.arn")).verdict(ID)
    };
    assert_eq!(says(put(json!({ "Resource": "*" }))), PASS);
    assert_eq!(says(put(json!({}))), PASS);
    assert_eq!(says(put(json!({ "Action": "s3:PutObject" }))), FAIL);
    let unknown = plan((json!({}), &["role", "policy"]), "aws_iam_role.r.arn");
    assert_eq!(check(&unknown).verdict(ID), UNDECIDED);
    // For which role the policy is cannot be told.
    let mut loose = plan((json!({ "policy": text(put(json!({}))) }), &["role"]), "aws_iam_role.r.arn");
    loose["configuration"]["root_module"]["resources"][5]["expressions"]["role"] = refers(&["local.role"]);
    assert_eq!(check(&loose).verdict(ID), UNDECIDED);
    let untold = plan((json!({ "policy": text(put(json!({}))) }), &["role"]), "local.role");
    assert_eq!(check(&untold).verdict(ID), UNDECIDED);
}
