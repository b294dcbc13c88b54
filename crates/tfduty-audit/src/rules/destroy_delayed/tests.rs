use serde_json::{Value, json};

use crate::{
    retain::{self, Effect},
    testing::{change, deleted, destroy, destroy_plan, plan},
};

const RULE: &str = "destroy-delayed";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/12ab";

fn message(address: &str, values: Value) -> String {
    destroy(&destroy_plan(&[(address, values)])).finding(RULE).message
}

#[test]
fn every_window_of_the_table_is_told() {
    for (name, row, values) in retain::cases(&[Effect::Delays]) {
        let address = format!("{name}.this");
        let says = destroy(&destroy_plan(&[(&address, values.on)])).says(RULE);
        assert_eq!(says, [format!("fail {address}")], "{}", row.path);
    }
}

#[test]
fn a_window_that_is_not_set_is_thirty_days() {
    assert!(message("aws_kms_key.this", json!({ "deletion_window_in_days": 0 })).contains("30 days"));
    assert!(message("aws_secretsmanager_secret.this", json!({ "recovery_window_in_days": null })).contains("30 days"));
    assert!(message("aws_kms_key.this", json!({ "deletion_window_in_days": 7 })).contains("7 days"));
}

#[test]
fn the_shortest_window_cannot_be_made_shorter() {
    let help = |days: u64| {
        let values = json!({ "deletion_window_in_days": days });
        destroy(&destroy_plan(&[("aws_kms_key.this", values)])).finding(RULE).help
    };
    assert!(help(7).starts_with("this is the shortest window already"), "{}", help(7));
    assert!(help(8).starts_with("`deletion_window_in_days = 7` is the shortest window"), "{}", help(8));
}

#[test]
fn a_secret_without_a_window_goes_at_once() {
    let values = json!({ "recovery_window_in_days": 0 });
    assert_eq!(destroy(&destroy_plan(&[("aws_secretsmanager_secret.this", values)])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_replica_is_not_told_beside_its_primary_key() {
    let primary = ("aws_kms_key.this", json!({ "arn": KEY, "deletion_window_in_days": 7 }));
    let replica = ("aws_kms_replica_key.this", json!({ "primary_key_arn": KEY, "deletion_window_in_days": 7 }));
    assert_eq!(destroy(&destroy_plan(&[primary, replica.clone()])).says(RULE), ["fail aws_kms_key.this"]);
    assert_eq!(destroy(&destroy_plan(&[replica])).says(RULE), ["fail aws_kms_replica_key.this"]);
}

#[test]
fn what_outlives_its_key_is_named() {
    let topic = json!({ "arn": "arn:aws:sns:eu-west-1:111122223333:alerts", "kms_master_key_id": KEY });
    let plan = plan(&[
        deleted("aws_kms_key.this", json!({ "arn": KEY, "key_id": "12ab" })),
        change("aws_sns_topic.alerts", &["forget"], topic, Value::Null, json!({})),
    ]);
    assert!(destroy(&plan).finding(RULE).message.contains("`aws_sns_topic.alerts` stays"));
}

#[test]
fn a_primary_key_waits_for_its_replicas() {
    let primary = ("aws_kms_key.this", json!({ "arn": KEY, "deletion_window_in_days": 7 }));
    let replica = ("aws_kms_replica_key.this", json!({ "primary_key_arn": KEY, "deletion_window_in_days": 30 }));
    let run = |objects: &[(&str, Value)]| destroy(&destroy_plan(objects)).finding(RULE).message;
    assert!(run(&[primary.clone(), replica]).ends_with("after 7 days from the end of its last replica"));
    assert!(run(&[primary]).ends_with("after 7 days"));
}

#[test]
fn the_help_names_the_shortest_window_of_each_service() {
    let help = |address: &str, values: Value| destroy(&destroy_plan(&[(address, values)])).finding(RULE).help;
    let thirty = json!({ "deletion_window_in_days": 30, "recovery_window_in_days": 30 });
    assert!(help("aws_kms_key.this", thirty.clone()).starts_with("`deletion_window_in_days = 7` is the shortest"));
    let payment = help("aws_paymentcryptography_key.this", thirty.clone());
    assert!(payment.starts_with("`deletion_window_in_days = 3` is the shortest"), "{payment}");
    assert!(help("aws_secretsmanager_secret.this", thirty).contains("deletes it at once"));
}

#[test]
fn an_alias_is_found_by_arn_and_by_id_of_its_key() {
    let key = ("aws_kms_key.this", json!({ "arn": KEY, "key_id": "12ab" }));
    let alias = |values: Value| {
        let plan = destroy_plan(&[("aws_kms_alias.this", values), key.clone()]);
        destroy(&plan).finding(RULE).related.len()
    };
    assert_eq!(alias(json!({ "name": "alias/a", "target_key_arn": KEY, "target_key_id": "12ab" })), 1);
    assert_eq!(alias(json!({ "name": "alias/a", "target_key_arn": null, "target_key_id": "12ab" })), 1);
    assert_eq!(alias(json!({ "name": "alias/a", "target_key_arn": null, "target_key_id": "34cd" })), 0);
}

#[test]
fn what_outlives_its_key_is_labelled_up_to_ten_times() {
    let topic = |name: usize| {
        let arn = format!("arn:aws:sns:eu-west-1:111122223333:t{name}");
        let topic = json!({ "arn": arn, "kms_master_key_id": KEY });
        change(&format!("aws_sns_topic.t{name}"), &["forget"], topic, Value::Null, json!({}))
    };
    let key = deleted("aws_kms_key.this", json!({ "arn": KEY, "key_id": "12ab" }));
    let changes: Vec<Value> = (0..30).map(topic).chain([key]).collect();
    assert_eq!(destroy(&plan(&changes)).finding(RULE).related.len(), 10);
}
