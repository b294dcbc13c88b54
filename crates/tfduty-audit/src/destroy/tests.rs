use serde_json::{Value, json};

use super::{DestroyItem, DestroySummary, HarmlessKind, Remain};
use crate::{
    Side,
    settings::Ignore,
    testing::{
        Run, aliased, change, deleted, destroy, destroy_plan, detector_in, instance, plan, put, resource, shown_state,
        state, with_prior,
    },
};

const AWS: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";

fn summary(run: Run) -> DestroySummary {
    run.report().destroy.unwrap()
}

fn addresses(items: &[DestroyItem]) -> Vec<&str> {
    items.iter().map(|item| item.address.as_deref().unwrap_or(&item.path)).collect()
}

/// Each thing that stays: what, the address, the rules.
fn staying(summary: &DestroySummary) -> Vec<String> {
    let line = |remain: &Remain| {
        let what = remain.what.as_ref().map(|what| format!("{what} of ")).unwrap_or_default();
        let subject = remain.item.address.as_ref().unwrap_or(&remain.item.path);
        format!("{what}{subject}: {}", remain.item.rules.join(", "))
    };
    summary.remains.iter().map(line).collect()
}

fn only(summary: &DestroySummary) -> &Remain {
    assert_eq!(summary.remains.len(), 1, "{:#?}", summary.remains);
    &summary.remains[0]
}

fn after(document: &Value) -> Run {
    destroy(document).from(Side::After)
}

fn bucket(name: &str) -> Value {
    json!({ "id": name, "bucket": name, "arn": format!("arn:aws:s3:::{name}"), "region": "eu-west-1", "force_destroy": true })
}

#[test]
fn other_commands_have_none() {
    let document = state(&[resource("aws_guardduty_detector.x", detector_in("eu-west-1", "123456789012", "12ab"))]);
    assert!(crate::testing::check(&document).report().destroy.is_none());
}

#[test]
fn every_list_has_its_objects_and_deletes_has_the_rest() {
    let objects = [
        ("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
        ("aws_vpc.v", json!({ "id": "vpc-1", "arn": "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1" })),
        ("aws_dynamodb_table.t", json!({ "id": "t", "deletion_protection_enabled": true })),
        ("aws_kms_key.k", json!({ "id": "k", "key_id": "k", "deletion_window_in_days": 7 })),
        ("aws_cloudwatch_log_group.l", json!({ "id": "/l", "name": "/l", "skip_destroy": true })),
        (
            "aws_guardduty_detector_feature.f",
            json!({ "id": "99/S3", "detector_id": "99", "name": "S3", "status": "ENABLED" }),
        ),
    ];
    let resources: Vec<Value> =
        objects.iter().map(|(address, attributes)| resource(address, attributes.clone())).collect();
    for document in [state(&resources), destroy_plan(&objects)] {
        let summary = summary(destroy(&document));
        assert!(!summary.is_done);
        assert_eq!(addresses(&summary.deletes), ["aws_guardduty_detector.d", "aws_vpc.v"]);
        assert_eq!(addresses(&summary.blocks), ["aws_dynamodb_table.t"]);
        assert_eq!(summary.blocks[0].rules, ["destroy-protected"]);
        assert_eq!(addresses(&summary.delayed), ["aws_kms_key.k"]);
        assert_eq!(
            staying(&summary),
            ["aws_guardduty_detector_feature.f: destroy-noop-delete", "aws_cloudwatch_log_group.l: destroy-keeps-copy"]
        );
        let vpc = &summary.deletes[1];
        assert_eq!(
            (
                vpc.account.as_deref(),
                vpc.region.as_deref(),
                vpc.id.as_deref(),
                vpc.resource_type.as_deref(),
                &*vpc.path
            ),
            (
                Some("123456789012"),
                Some("eu-west-1"),
                Some("arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1"),
                Some("aws_vpc"),
                "a/input.json"
            )
        );
    }
}

#[test]
fn an_old_copy_is_an_object_of_its_own() {
    let document = put(
        state(&[resource("aws_s3_bucket.b", bucket("new"))]),
        "/resources/0/instances/-",
        json!({ "deposed": "701a98cd", "attributes": bucket("old") }),
    );
    let predicted = summary(destroy(&document));
    assert_eq!(addresses(&predicted.deletes), ["aws_s3_bucket.b", "aws_s3_bucket.b (deposed 701a98cd)"]);
    let left = summary(after(&document));
    let state_rm = |remain: &Remain| remain.commands.iter().any(|command| command.starts_with("terraform state rm"));
    let told: Vec<(Option<&str>, bool)> =
        left.remains.iter().map(|remain| (remain.item.address.as_deref(), state_rm(remain))).collect();
    assert_eq!(told, [(Some("aws_s3_bucket.b"), true), (Some("aws_s3_bucket.b (deposed 701a98cd)"), false)]);
}

#[test]
fn after_a_destroy_nothing_is_to_be_deleted_and_the_rest_is_left() {
    let document = state(&[
        resource("aws_s3_bucket.b", bucket("lists")),
        resource("random_id.r", json!({ "id": "abc" })),
        resource("aws_vpc.v", json!({ "id": "vpc-1" })),
        resource("data.aws_region.r", json!({ "id": "eu-west-1" })),
    ]);
    let document = put(document, "/outputs", json!({ "lists": { "value": 1, "type": "number" } }));
    let document = put(document, "/check_results", json!([{}, {}]));
    let document = put(
        document,
        "/resources/-",
        json!({ "mode": "managed", "type": "aws_iam_role", "name": "gone", "provider": AWS, "instances": [] }),
    );
    let summary = summary(after(&document));
    assert!(summary.is_done);
    assert!(summary.deletes.is_empty() && summary.blocks.is_empty(), "{summary:#?}");
    let told: Vec<(&str, Vec<&str>)> = summary
        .remains
        .iter()
        .map(|remain| {
            let commands = remain.commands.iter().map(|command| command.split(" --").next().unwrap()).collect();
            (remain.item.address.as_deref().unwrap(), commands)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("aws_vpc.v", vec!["terraform state rm aws_vpc.v"]),
            ("random_id.r", vec!["terraform state rm random_id.r"]),
            ("aws_s3_bucket.b", vec!["while versions=\"$(aws", "aws", "terraform state rm aws_s3_bucket.b"]),
        ]
    );
    let harmless: Vec<_> =
        summary.harmless.iter().map(|item| (item.kind, item.name.as_deref().unwrap_or_default(), item.count)).collect();
    assert_eq!(
        harmless,
        [
            (HarmlessKind::Data, "aws_region", 1),
            (HarmlessKind::Output, "lists", 1),
            (HarmlessKind::CheckResults, "", 2),
            (HarmlessKind::EmptyResource, "aws_iam_role.gone", 1),
        ]
    );
}

#[test]
fn an_empty_state_leaves_nothing() {
    let summary = summary(after(&state(&[])));
    assert_eq!(summary, DestroySummary { is_done: true, ..DestroySummary::default() });
}

#[test]
fn what_a_plan_leaves_out_is_removed_and_then_forgotten() {
    let document = with_prior(
        plan(&[deleted("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab"))]),
        &[
            ("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab")),
            ("module.m[\"it's\"].aws_sns_topic.t", json!({ "arn": "arn:aws:sns:eu-west-1:123456789012:t" })),
        ],
    );
    let summary = summary(destroy(&document));
    assert_eq!(addresses(&summary.deletes), ["aws_guardduty_detector.d"]);
    assert_eq!(
        only(&summary).commands,
        [
            "aws --region eu-west-1 sns delete-topic --topic-arn arn:aws:sns:eu-west-1:123456789012:t",
            r#"terraform state rm 'module.m["it'\''s"].aws_sns_topic.t'"#,
        ]
    );
}

#[test]
fn a_plan_that_does_not_destroy_proves_nothing() {
    let document = plan(&[
        deleted("aws_s3_bucket.b", bucket("b")),
        change("aws_s3_bucket.c", &["no-op"], bucket("c"), bucket("c"), json!({})),
    ]);
    let summary = summary(destroy(&document));
    assert_eq!(summary.void, ["a/input.json"]);
    assert!(summary.deletes.is_empty() && summary.remains.is_empty(), "{summary:#?}");
}

#[test]
fn a_plan_that_failed_deletes_nothing() {
    let document = put(destroy_plan(&[("aws_s3_bucket.b", bucket("b"))]), "/errored", json!(true));
    let summary = summary(destroy(&document));
    assert_eq!(summary.void, ["a/input.json"]);
    assert!(summary.deletes.is_empty());
}

#[test]
fn states_that_do_not_belong_together_prove_nothing() {
    let before = put(state(&[resource("aws_s3_bucket.b", bucket("b"))]), "/lineage", json!("other"));
    let run = destroy(&before).from(Side::Before).and("a/after.json", &state(&[])).from(Side::After);
    assert_eq!(summary(run).void, ["a/after.json"]);
    let shown = shown_state(&[("aws_s3_bucket.b", bucket("b"))]);
    let run = destroy(&shown).from(Side::Before).and("a/after.json", &state(&[])).from(Side::After);
    let summary = summary(run);
    assert_eq!((addresses(&summary.undecided), summary.void.len()), (vec!["a/after.json"], 0));
}

#[test]
fn what_is_suppressed_is_accepted_and_not_deleted() {
    let document = state(&[resource("aws_cloudwatch_log_group.l", json!({ "name": "/l", "skip_destroy": true }))]);
    let ignore = Ignore {
        rule: "destroy-keeps-copy".into(),
        address: Some("aws_cloudwatch_log_group.l".into()),
        reason: "logs outlive the stack".into(),
        ..Ignore::default()
    };
    let summary = summary(destroy(&document).with(|settings| settings.ignores.push(ignore)));
    assert_eq!(addresses(&summary.accepted), ["aws_cloudwatch_log_group.l"]);
    assert!(summary.remains.is_empty() && summary.deletes.is_empty(), "{summary:#?}");
}

/// The addresses that are accepted and those that are deleted, with one rule ignored for an address.
fn accepting(rule: &str, address: &str, document: &Value) -> (Vec<String>, Vec<String>) {
    let ignore =
        Ignore { rule: rule.into(), address: Some(address.into()), reason: "meant".into(), ..Ignore::default() };
    let summary = summary(destroy(document).with(|settings| settings.ignores.push(ignore)));
    let [accepted, deletes] =
        [&summary.accepted, &summary.deletes].map(|items| addresses(items).into_iter().map(str::to_owned).collect());
    (accepted, deletes)
}

#[test]
fn an_object_goes_where_what_is_accepted_is_something_beside_it() {
    let database = "aws_db_instance.d";
    let deletes = |rule: &str, address: &str, document: &Value| {
        let (accepted, deletes) = accepting(rule, address, document);
        assert_eq!(accepted, [address]);
        deletes.iter().any(|deleted| deleted == address)
    };
    let function = json!({ "function_name": "triage", "arn": "arn:aws:lambda:eu-west-1:123456789012:function:triage" });
    let function = destroy_plan(&[("aws_lambda_function.f", function)]);
    assert!(deletes("destroy-service-made", "aws_lambda_function.f", &function));
    for (name, goes) in [(json!("last"), true), (Value::Null, false)] {
        let values = json!({ "id": "d", "skip_final_snapshot": false, "final_snapshot_identifier": name });
        assert_eq!(deletes("destroy-keeps-copy", database, &destroy_plan(&[(database, values)])), goes, "{name}");
    }
    let group = destroy_plan(&[("aws_cloudwatch_log_group.l", json!({ "name": "/l", "skip_destroy": true }))]);
    assert!(!deletes("destroy-keeps-copy", "aws_cloudwatch_log_group.l", &group));
}

#[test]
fn a_malware_plan_goes_where_only_its_rule_is_open() {
    let address = "aws_guardduty_malware_protection_plan.p";
    let values = json!({ "id": "56ef", "role": "arn:aws:iam::123456789012:role/scan",
        "arn": "arn:aws:guardduty:eu-west-1:123456789012:malware-protection-plan/56ef" });
    let role = ("aws_iam_role.scan", json!({ "name": "scan", "arn": "arn:aws:iam::123456789012:role/scan" }));
    let detector = ("aws_guardduty_detector.d", detector_in("eu-west-1", "123456789012", "12ab"));
    let objects = [detector, (address, values), role].map(|(address, values)| resource(address, values));
    let summary = summary(destroy(&state(&objects)));
    // Which of plan and role goes first is not known, but both go.
    assert_eq!(addresses(&summary.undecided), [address]);
    assert!(addresses(&summary.deletes).contains(&address), "{summary:#?}");
}

#[test]
fn what_cannot_be_told_is_not_deleted() {
    let feature = json!({ "id": "x", "name": "S3", "status": "ENABLED" });
    let summary = summary(destroy(&state(&[resource("aws_guardduty_detector_feature.f", feature)])));
    assert_eq!(addresses(&summary.undecided), ["aws_guardduty_detector_feature.f"]);
    assert_eq!(summary.undecided[0].rules, ["destroy-noop-delete"]);
    assert!(summary.remains.is_empty() && summary.deletes.is_empty(), "{summary:#?}");
}

#[test]
fn dependencies_decide_the_order_then_types_do() {
    let named =
        |name: &str, dependencies: &[&str]| instance(name, AWS, json!({ "id": name, "arn": name }), dependencies);
    let document = state(&[
        named("aws_kms_key.a", &[]),
        named("aws_guardduty_detector.b", &[]),
        named("aws_guardduty_ipset.c", &["aws_guardduty_detector.b"]),
        // A topic that the log group depends on: by type alone, it would go first.
        named("aws_sns_topic.d", &[]),
        named("aws_cloudwatch_log_group.e", &["aws_sns_topic.d"]),
        // Something else does too, and goes late: the topic waits for both.
        named("aws_guardduty_detector.h", &["aws_sns_topic.d"]),
        // Two that depend on each other, and on the key.
        named("aws_x.f", &["aws_x.g", "aws_kms_key.a"]),
        named("aws_x.g", &["aws_x.f", "aws_x.g"]),
    ]);
    let summary = summary(after(&document));
    let order: Vec<&str> = summary.remains.iter().filter_map(|remain| remain.item.address.as_deref()).collect();
    assert_eq!(
        order,
        [
            "aws_guardduty_ipset.c",
            "aws_cloudwatch_log_group.e",
            "aws_guardduty_detector.b",
            "aws_guardduty_detector.h",
            "aws_sns_topic.d",
            "aws_x.f",
            "aws_x.g",
            "aws_kms_key.a",
        ]
    );
}

#[test]
fn a_sensitive_id_is_not_shown_and_gives_no_command() {
    let document = put(
        state(&[resource("aws_guardduty_detector.d", json!({ "id": "12ab" }))]),
        "/resources/0/instances/0/sensitive_attributes",
        json!([[{ "type": "get_attr", "value": "id" }]]),
    );
    let summary = summary(after(&document));
    assert_eq!(only(&summary).item.id, None);
    assert_eq!(only(&summary).commands, ["terraform state rm aws_guardduty_detector.d"]);
    assert!(!format!("{summary:?}").contains("12ab"));
}

#[test]
fn stacks_keep_their_accounts_and_regions_apart() {
    let one = |alias: &str, region: &str, id: &str| {
        state(&[aliased(alias, "aws_guardduty_detector.d", detector_in(region, "123456789012", id))])
    };
    let run = destroy(&one("eu", "eu-west-1", "12ab")).from(Side::After);
    let summary = summary(run.and("b/input.json", &one("us", "us-east-1", "34cd")).from(Side::After));
    let commands: Vec<&str> = summary.remains.iter().map(|remain| &*remain.commands[0]).collect();
    assert_eq!(
        commands,
        [
            "aws --region eu-west-1 guardduty delete-detector --detector-id 12ab",
            "aws --region us-east-1 guardduty delete-detector --detector-id 34cd",
        ]
    );
}

#[test]
fn where_nothing_was_judged_nothing_is_said() {
    let ordinary = plan(&[change("aws_s3_bucket.c", &["create"], Value::Null, bucket("c"), json!({}))]);
    assert!(destroy(&ordinary).walked().report().destroy.is_none());
}

#[test]
fn what_inputs_keep_stays_whichever_rules_run() {
    let left = state(&[resource("aws_s3_bucket.b", bucket("b"))]);
    let incomplete = with_prior(
        plan(&[deleted("aws_s3_bucket.c", bucket("c"))]),
        &[("aws_s3_bucket.b", bucket("b")), ("aws_s3_bucket.c", bucket("c"))],
    );
    for run in [after(&left), destroy(&incomplete)] {
        let summary = summary(run.with(|settings| settings.only = vec!["destroy-keeps-copy".into()]));
        assert_eq!(staying(&summary), ["aws_s3_bucket.b: "]);
        assert_eq!(only(&summary).commands.last().map(String::as_str), Some("terraform state rm aws_s3_bucket.b"));
    }
}

#[test]
fn what_is_forgotten_stays_and_is_in_no_state() {
    let forgotten = change("aws_s3_bucket.b", &["forget"], bucket("b"), Value::Null, json!({}));
    let default = change("aws_default_vpc.v", &["forget"], json!({ "id": "vpc-1" }), Value::Null, json!({}));
    let document = plan(&[forgotten, default, deleted("aws_s3_bucket.c", bucket("c"))]);
    let summary = summary(destroy(&document));
    assert_eq!(staying(&summary), ["aws_s3_bucket.b: destroy-forgets"]);
    assert!(only(&summary).commands.iter().all(|command| !command.contains("terraform")));
    assert_eq!(addresses(&summary.deletes), ["aws_s3_bucket.c"]);
}

#[test]
fn an_unconfirmed_subscription_has_no_command() {
    let arn = "arn:aws:sns:eu-west-1:123456789012:t:ffbd8964";
    let values = json!({ "id": arn, "arn": arn, "pending_confirmation": true, "topic_arn": "arn:aws:sns:eu-west-1:123456789012:t" });
    let summary = summary(destroy(&destroy_plan(&[("aws_sns_topic_subscription.s", values)])));
    assert_eq!(staying(&summary), ["aws_sns_topic_subscription.s: destroy-subscription-pending"]);
    assert!(only(&summary).commands.is_empty());
    assert_eq!(only(&summary).item.id.as_deref(), Some(arn));
}
