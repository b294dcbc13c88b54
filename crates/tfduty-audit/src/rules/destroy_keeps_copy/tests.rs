use serde_json::{Value, json};

use crate::{
    retain::{self, Effect},
    testing::{change, deleted, destroy, destroy_plan, plan},
};

const RULE: &str = "destroy-keeps-copy";

fn says(address: &str, values: Value) -> Vec<String> {
    destroy(&destroy_plan(&[(address, values)])).says(RULE)
}

#[test]
fn everything_of_the_table_that_leaves_something_fails_and_its_other_value_passes() {
    for (name, row, values) in retain::cases(&[Effect::Keeps, Effect::Copies]) {
        let address = format!("{name}.this");
        assert_eq!(says(&address, values.on), [format!("fail {address}")], "{}", row.path);
        assert!(says(&address, values.off).is_empty(), "{}", row.path);
    }
}

#[test]
fn a_snapshot_without_a_name_makes_the_destroy_fail() {
    let run = |name: Value| {
        let values = json!({ "skip_final_snapshot": false, "final_snapshot_identifier": name });
        destroy(&destroy_plan(&[("aws_db_instance.this", values)])).finding(RULE).message
    };
    assert!(run(Value::Null).contains("destroy fails"));
    assert!(!run(json!("last")).contains("destroy fails"));
}

#[test]
fn backups_are_not_taken_for_the_snapshot_without_a_name() {
    let values = json!({
        "skip_final_snapshot": false, "final_snapshot_identifier": null, "delete_automated_backups": false,
    });
    let report = destroy(&destroy_plan(&[("aws_db_instance.this", values)])).report();
    let messages = report.findings.iter().filter(|finding| finding.rule.id == RULE).map(|finding| &*finding.message);
    let mut messages: Vec<&str> = messages.collect();
    messages.sort_unstable();
    let [backups, snapshot] = messages[..] else { panic!("{messages:?}") };
    assert!(backups.starts_with("`delete_automated_backups` in the state"), "{backups}");
    assert!(snapshot.ends_with("destroy fails"), "{snapshot}");
}

#[test]
fn each_volume_that_stays_is_a_finding_of_its_own() {
    let volume = |goes: bool| json!({ "delete_on_termination": goes });
    let values = json!({ "ebs_block_device": [volume(false), volume(true), volume(false)] });
    assert_eq!(says("aws_instance.this", values).len(), 2);
}

/// What is said of a part with these attributes, beside a whole that goes and beside one that is forgotten.
fn of_part((part, values): (&str, Value), (whole, its): (&str, Value)) -> [usize; 2] {
    let going = deleted(part, values);
    let run = |whole: Value| destroy(&plan(&[going.clone(), whole])).says(RULE).len();
    [run(deleted(whole, its.clone())), run(change(whole, &["forget"], its, Value::Null, json!({})))]
}

#[test]
fn a_part_goes_with_its_whole() {
    const GUARDRAIL: &str = "arn:aws:bedrock:eu-west-1:111122223333:guardrail/12ab";
    const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:triage";
    let function = json!({ "arn": FUNCTION, "function_name": "triage" });
    let concurrency = |name: &str| json!({ "function_name": name, "skip_destroy": true });
    for (part, whole) in [
        (
            ("aws_bedrock_guardrail_version.this", json!({ "guardrail_arn": GUARDRAIL, "skip_destroy": true })),
            ("aws_bedrock_guardrail.this", json!({ "guardrail_arn": GUARDRAIL })),
        ),
        (
            ("aws_eks_addon.this", json!({ "cluster_name": "main", "preserve": true })),
            ("aws_eks_cluster.this", json!({ "name": "main" })),
        ),
        (
            ("aws_lambda_provisioned_concurrency_config.this", concurrency("triage")),
            ("aws_lambda_function.this", function.clone()),
        ),
        (
            ("aws_lambda_provisioned_concurrency_config.this", concurrency(FUNCTION)),
            ("aws_lambda_function.this", function),
        ),
        (
            ("aws_s3_bucket_public_access_block.this", json!({ "bucket": "lists", "skip_destroy": true })),
            ("aws_s3_bucket.this", json!({ "bucket": "lists", "force_destroy": true })),
        ),
        (
            ("aws_volume_attachment.this", json!({ "instance_id": "i-1", "skip_destroy": true })),
            ("aws_instance.this", json!({ "id": "i-1" })),
        ),
    ] {
        let name = part.0;
        assert_eq!(of_part(part, whole), [0, 1], "{name}");
    }
}

#[test]
fn a_part_does_not_go_with_another_whole() {
    let addon = |region: &str| {
        let arn = format!("arn:aws:eks:{region}:111122223333:addon/main/coredns/12ab");
        json!({ "cluster_name": "main", "preserve": true, "arn": arn })
    };
    let cluster = json!({ "name": "main", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/main" });
    let run = |region: &str| {
        let plan = destroy_plan(&[("aws_eks_addon.this", addon(region)), ("aws_eks_cluster.this", cluster.clone())]);
        destroy(&plan).says(RULE).len()
    };
    assert_eq!([run("eu-west-1"), run("us-east-1")], [0, 1]);
    let (addon, other) = (addon("eu-west-1"), json!({ "name": "other" }));
    assert_eq!(of_part(("aws_eks_addon.this", addon), ("aws_eks_cluster.this", other)), [1, 1]);
}

#[test]
fn a_volume_with_a_resource_of_its_own_is_not_the_instances() {
    let block = json!([{ "volume_id": "vol-1", "delete_on_termination": false }]);
    let instance = deleted("aws_instance.this", json!({ "id": "i-1", "ebs_block_device": block }));
    let run = |other: Value| destroy(&plan(&[instance.clone(), other])).says(RULE).len();
    assert_eq!(run(deleted("aws_ebs_volume.this", json!({ "id": "vol-1", "final_snapshot": false }))), 0);
    let attachment = |volume: &str| json!({ "instance_id": "i-1", "volume_id": volume, "skip_destroy": false });
    assert_eq!(run(deleted("aws_volume_attachment.this", attachment("vol-1"))), 0);
    assert_eq!(run(deleted("aws_volume_attachment.this", attachment("vol-2"))), 1);
}

#[test]
fn an_instance_is_not_to_be_replaced_to_lose_a_volume() {
    let values = json!({ "ebs_block_device": [{ "volume_id": "vol-1", "delete_on_termination": false }] });
    let help = destroy(&destroy_plan(&[("aws_instance.this", values)])).finding(RULE).help;
    assert!(help.contains("modify-instance-attribute") && !help.contains("and apply"), "{help}");
}
