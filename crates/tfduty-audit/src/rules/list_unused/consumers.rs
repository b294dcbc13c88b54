//! What makes use of a list besides sets of GuardDuty.

use serde_json::{Value, json};

use crate::testing::{
    block, check, created, instance,
    lists::{module, object_at, plan_in, refers, set_at, show, shown, with},
    plan_of, resource, state, unchanged,
};

const RULE: &str = "list-unused";
const LIST: &str = "aws_s3_object.trusted";
const PROVIDER: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";
const NOTHING: [&str; 0] = [];

fn list() -> Value {
    with(object_at("lists", "trusted.txt"), json!({ "content": "8.8.8.8\n" }))
}

#[test]
fn what_depends_on_it_in_a_state_uses_it() {
    let said = |consumer: &str, dependency: &str| {
        let consumer = instance(consumer, PROVIDER, json!({ "id": "1" }), &[dependency]);
        check(&state(&[resource(LIST, list()), consumer])).says(RULE)
    };
    // Attributes of these are not read, but what they depend on is.
    for consumer in ["aws_wafv2_ip_set.w", "aws_networkfirewall_rule_group.n", "aws_iam_role.r"] {
        assert_eq!(said(consumer, LIST), NOTHING, "{consumer}");
        assert_eq!(said(consumer, "aws_s3_bucket.lists"), [format!("fail {LIST}")], "{consumer}");
    }
    for setting in ["aws_s3_bucket_notification.n", "aws_s3_bucket_policy.p", "data.aws_wafv2_ip_set.w"] {
        assert_eq!(said(setting, LIST), [format!("fail {LIST}")], "{setting}");
    }
    let waf = shown("aws_wafv2_ip_set.w", json!({ "id": "1" }), &[LIST]);
    assert_eq!(check(&show(&[shown(LIST, list(), &[]), waf])).says(RULE), NOTHING);
}

#[test]
fn what_reads_it_through_another_module_uses_it() {
    let changes = [unchanged("module.m.aws_s3_object.trusted", list())];
    let own = module(
        &[block(LIST, json!({}))],
        json!({ "outputs": { "key": { "expression": refers(&["aws_s3_object.trusted.key"]) } } }),
    );
    let calls = json!({ "module_calls": { "m": { "source": "./m", "module": own } } });
    let reader = block("aws_wafv2_ip_set.w", json!({ "description": refers(&["module.m.key"]) }));
    let used = plan_in(&changes, module(&[reader], calls.clone()));
    assert_eq!(check(&used).says(RULE), NOTHING);
    let unused = plan_in(&changes, module(&[block("aws_wafv2_ip_set.w", json!({}))], calls));
    assert_eq!(check(&unused).says(RULE), ["fail module.m.aws_s3_object.trusted"]);
}

#[test]
fn an_entity_set_that_names_it_uses_it() {
    let said = |key: &str| {
        let location = format!("https://s3.amazonaws.com/lists/{key}");
        let set = resource("awscc_guardduty_trusted_entity_set.e", json!({ "location": location, "activate": true }));
        check(&state(&[resource(LIST, list()), set])).says(RULE)
    };
    assert_eq!(said("trusted.txt"), NOTHING);
    assert_eq!(said("other.txt"), [format!("fail {LIST}")]);
}

#[test]
fn a_set_that_reads_it_through_a_data_source_uses_it() {
    let document = state(&[
        resource("data.aws_s3_object.o", object_at("lists", "trusted.txt")),
        resource(LIST, list()),
        resource("aws_guardduty_ipset.t", set_at("s3://lists/trusted.txt")),
    ]);
    assert_eq!(check(&document).says(RULE), NOTHING);
}

#[test]
fn an_object_whose_key_is_not_known_may_be_what_a_set_names() {
    let said = |named: &str| {
        let object = json!({ "bucket": "lists", "content": "8.8.8.8\n" });
        let changes = [created(LIST, object, &["key"]), created("aws_guardduty_ipset.t", set_at(named), &["id"])];
        let run = check(&plan_of(&changes, &[block(LIST, json!({ "key": refers(&["random_id.r.hex"]) }))]));
        run.with(|settings| settings.only = vec![RULE.to_owned()]).says(RULE)
    };
    assert_eq!(said("s3://lists/k"), [format!("undecided {LIST}")]);
    assert_eq!(said("s3://elsewhere/k"), [format!("fail {LIST}")]);
}

#[test]
fn a_copy_uses_what_it_is_made_from_and_is_a_list_itself() {
    const COPY: &str = "aws_s3_object_copy.trusted";
    let copy = with(object_at("lists", "trusted-copy.txt"), json!({ "source": "lists/trusted.txt" }));
    let blocks = [
        block(LIST, json!({})),
        block(COPY, json!({ "source": refers(&["aws_s3_object.trusted.bucket", "aws_s3_object.trusted.key"]) })),
    ];
    let document = plan_of(&[unchanged(LIST, list()), unchanged(COPY, copy)], &blocks);
    assert_eq!(check(&document).says(RULE), [format!("fail {COPY}")]);
}
