use serde_json::{Value, json};

use crate::testing::{
    change, deleted, destroy, destroy_plan, lists::other_stack, plan, put, resource, state, with_prior,
};

const RULE: &str = "destroy-subscription-pending";
const SUBSCRIPTION: &str = "aws_sns_topic_subscription.mail";
const TOPIC: &str = "aws_sns_topic.alerts";

fn subscription(is_pending: bool) -> Value {
    json!({ "topic_arn": "arn:aws:sns:eu-west-1:111122223333:alerts", "pending_confirmation": is_pending })
}

fn topic() -> Value {
    json!({ "arn": "arn:aws:sns:eu-west-1:111122223333:alerts" })
}

#[test]
fn it_fails_where_the_topic_stays() {
    let fails = [format!("fail {SUBSCRIPTION}")];
    let forgotten = change(TOPIC, &["forget"], topic(), Value::Null, json!({}));
    assert_eq!(destroy(&plan(&[forgotten, deleted(SUBSCRIPTION, subscription(true))])).says(RULE), fails);
    let alone = destroy_plan(&[(SUBSCRIPTION, subscription(true))]);
    assert_eq!(destroy(&alone).says(RULE), fails);
    assert_eq!(destroy(&with_prior(alone.clone(), &[(TOPIC, topic())])).says(RULE), fails);
    assert_eq!(destroy(&with_prior(alone, &[("data.aws_sns_topic.alerts", topic())])).says(RULE), fails);
    assert_eq!(destroy(&state(&[resource(SUBSCRIPTION, subscription(true))])).says(RULE), fails);
}

#[test]
fn a_confirmed_one_passes() {
    assert_eq!(destroy(&destroy_plan(&[(SUBSCRIPTION, subscription(false))])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn it_goes_with_its_topic() {
    let both = [(SUBSCRIPTION, subscription(true)), (TOPIC, topic())];
    assert_eq!(destroy(&destroy_plan(&both)).tally(RULE), (1, 0, 0, 0));
    // That it is also read makes no difference.
    let read = with_prior(destroy_plan(&both), &[("data.aws_sns_topic.alerts", topic()), (TOPIC, topic())]);
    assert_eq!(destroy(&read).tally(RULE), (1, 0, 0, 0));
    let stack = state(&[resource(SUBSCRIPTION, subscription(true))]);
    let of_topic = other_stack(state(&[resource(TOPIC, topic())]));
    assert_eq!(destroy(&stack).and("b/terraform.tfstate", &of_topic).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_deposed_one_is_a_subject_of_its_own() {
    let old = put(deleted(SUBSCRIPTION, subscription(true)), "/deposed", json!("701a98cd"));
    let run = destroy(&plan(&[deleted(SUBSCRIPTION, subscription(false)), old]));
    assert_eq!(run.says(RULE), [format!("fail {SUBSCRIPTION} (deposed 701a98cd)")]);
}

#[test]
fn one_that_stays_is_no_subject() {
    let plan = with_prior(destroy_plan(&[(TOPIC, topic())]), &[(SUBSCRIPTION, subscription(true))]);
    assert_eq!(destroy(&plan).tally(RULE), (0, 0, 0, 0));
}
