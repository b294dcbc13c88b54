use serde_json::{Value, json};

use crate::testing::{
    block, block_under, bystander, change, check, created, detector_in, plan, plan_of, put, resource, shown_state,
    state, unchanged, with_prior, with_provider,
};

const RULE: &str = "detector-removed";
const THIS: &str = "aws_guardduty_detector.this";
const TWICE: &str = "aws_guardduty_detector.twice";
const ACCOUNT: &str = "111122223333";

fn ireland(id: &str) -> Value {
    detector_in("eu-west-1", ACCOUNT, id)
}

fn goes(address: &str, action: &str) -> Value {
    change(address, &[action], ireland("12ab"), Value::Null, json!({}))
}

fn replaced(actions: &[&str]) -> Value {
    change(THIS, actions, ireland("12ab"), json!({ "enable": true }), json!({ "id": true, "arn": true }))
}

/// Items of a plan that is no destroy plan.
fn beside(items: &[Value]) -> Value {
    plan(&[items, &[bystander()]].concat())
}

#[test]
fn passes_where_another_stack_takes_over_what_this_one_forgets() {
    // The migration that the help recommends, whatever the names of the two plans.
    let leaves = beside(&[goes(THIS, "forget")]);
    let imports = plan(&[put(unchanged(TWICE, ireland("12ab")), "/change/importing", json!({ "id": "12ab" }))]);
    assert_eq!(check(&leaves).and("b/input.json", &imports).says(RULE), [""; 0]);
    assert_eq!(check(&imports).and("b/input.json", &leaves).says(RULE), [""; 0]);
}

#[test]
fn fails_when_the_actions_contain_delete_or_forget() {
    for document in [
        beside(&[goes(THIS, "delete")]),
        beside(&[goes(THIS, "forget")]),
        plan(&[replaced(&["delete", "create"])]),
        plan(&[replaced(&["create", "delete"])]),
        plan(&[replaced(&["create", "forget"])]),
        plan(&[replaced(&["forget", "create"])]),
        // A targeted plan has no item for what stays, and is no destroy plan.
        put(
            plan(&[goes(THIS, "delete")]),
            "/planned_values",
            shown_state(&[("aws_s3_bucket.b", json!({}))])["values"].clone(),
        ),
    ] {
        assert_eq!(check(&document).says(RULE), [format!("fail {THIS}")], "{document}");
    }
}

#[test]
fn passes_over_what_stays() {
    for item in [
        unchanged(THIS, ireland("12ab")),
        created(THIS, json!({}), &["id"]),
        change(THIS, &["update"], ireland("12ab"), ireland("12ab"), json!({})),
        put(unchanged(THIS, ireland("12ab")), "/change/importing", json!({ "id": "12ab" })),
    ] {
        assert_eq!(check(&beside(&[item])).tally(RULE), (0, 0, 0, 0));
    }
    assert_eq!(check(&state(&[resource(THIS, ireland("12ab"))])).tally(RULE), (0, 0, 0, 0));
    let data = change("data.aws_guardduty_detector.this", &["delete"], ireland("12ab"), Value::Null, json!({}));
    assert_eq!(check(&beside(&[data])).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn what_a_targeted_or_refresh_only_plan_leaves_out_stays() {
    let prior = [(THIS, ireland("12ab"))];
    for document in [plan(&[]), plan(&[bystander()])] {
        assert_eq!(check(&with_prior(document, &prior)).tally(RULE), (0, 0, 0, 0));
    }
}

#[test]
fn never_undecided() {
    let nothing_known = change(THIS, &["delete"], json!({}), Value::Null, json!({}));
    assert_eq!(check(&beside(&[nothing_known])).says(RULE), [format!("fail {THIS}")]);
    // A second detector that may be in the same place decides nothing.
    let blocks = [block(THIS, json!({})), block_under("aws.two", TWICE, json!({}))];
    let document = plan_of(&[goes(THIS, "delete"), unchanged(TWICE, json!({ "id": "34cd" }))], &blocks);
    let document = with_provider(document, "aws.two", json!({ "region": { "references": ["local.region"] } }));
    assert_eq!(check(&document).says(RULE), [format!("fail {THIS}")]);
}

#[test]
fn silent_when_the_plan_is_a_destroy_plan() {
    let bucket = change("aws_s3_bucket.b", &["delete"], json!({ "id": "b" }), Value::Null, json!({}));
    for items in [vec![goes(THIS, "delete")], vec![goes(THIS, "forget")], vec![goes(THIS, "delete"), bucket]] {
        assert_eq!(check(&plan(&items)).tally(RULE), (0, 0, 0, 0));
        let beside_a_state =
            check(&plan(&items)).and("a/terraform.tfstate", &state(&[resource(THIS, ireland("12ab"))]));
        assert_eq!(beside_a_state.tally(RULE), (0, 0, 0, 0));
    }
}

#[test]
fn silent_for_deposed_entries() {
    let deposed = put(goes(THIS, "delete"), "/deposed", json!("701a98cd"));
    assert_eq!(check(&beside(std::slice::from_ref(&deposed))).tally(RULE), (0, 0, 0, 0));
    assert_eq!(check(&beside(&[deposed, unchanged(THIS, ireland("34cd"))])).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn silent_for_moves_with_no_op_or_update() {
    for item in
        [unchanged(TWICE, ireland("12ab")), change(TWICE, &["update"], ireland("12ab"), ireland("12ab"), json!({}))]
    {
        let moved = put(item, "/previous_address", json!(THIS));
        assert_eq!(check(&with_prior(plan(&[moved]), &[(THIS, ireland("12ab"))])).tally(RULE), (0, 0, 0, 0));
    }
    let moved_and_replaced = put(replaced(&["delete", "create"]), "/previous_address", json!(TWICE));
    assert_eq!(check(&plan(&[moved_and_replaced])).says(RULE), [format!("fail {THIS}")]);
}

#[test]
fn silent_when_another_managed_detector_of_the_same_account_and_region_stays() {
    let both = [(THIS, ireland("12ab")), (TWICE, ireland("34cd"))];
    // Terraform lists in `planned_values` what it forgets, and not what it deletes.
    for (action, planned) in [("delete", &both[1..]), ("forget", &both)] {
        let whole = plan(&[goes(THIS, action), unchanged(TWICE, ireland("34cd"))]);
        assert_eq!(check(&whole).tally(RULE), (1, 0, 0, 0), "{action}");
        let targeted = with_prior(plan(&[goes(THIS, action)]), &both);
        let targeted = put(targeted, "/planned_values", shown_state(planned)["values"].clone());
        assert_eq!(check(&targeted).tally(RULE), (1, 0, 0, 0), "{action}");
    }
}

#[test]
fn not_silent_when_the_other_detector_is_no_such_one() {
    for other in [
        unchanged(TWICE, detector_in("us-east-1", ACCOUNT, "34cd")),
        unchanged(TWICE, detector_in("eu-west-1", "444455556666", "34cd")),
        change(TWICE, &["update"], ireland("34cd"), ireland("34cd"), json!({})),
        created(TWICE, json!({}), &["id", "arn"]),
        put(goes(TWICE, "delete"), "/deposed", json!("701a98cd")),
        unchanged("data.aws_guardduty_detector.twice", ireland("34cd")),
    ] {
        let document = beside(&[goes(THIS, "delete"), other]);
        assert_eq!(check(&document).says(RULE), [format!("fail {THIS}")], "{document}");
    }
}

#[test]
fn a_plan_that_was_applied_removes_nothing_any_more() {
    let replaces = with_prior(plan(&[replaced(&["delete", "create"])]), &[(THIS, ireland("12ab"))]);
    let run = |id: &str| check(&replaces).and("a/terraform.tfstate", &state(&[resource(THIS, ireland(id))]));
    assert_eq!(run("12ab").says(RULE), [format!("fail {THIS}")]);
    let applied = state(&[resource(THIS, ireland("34cd")), resource("aws_s3_bucket.b", json!({ "id": "b" }))]);
    let prior = [(THIS, ireland("12ab")), ("aws_s3_bucket.b", json!({ "id": "b" }))];
    let stale = check(&with_prior(replaces, &prior)).and("a/terraform.tfstate", &applied);
    assert_eq!(stale.says(RULE), [""; 0]);
}

#[test]
fn labels_and_message_say_why_and_what_goes_along() {
    let item = put(replaced(&["delete", "create"]), "/action_reason", json!("replace_because_cannot_update"));
    let item = put(item, "/change/replace_paths", json!([["region"]]));
    let set = json!({ "activate": true, "location": "s3://b/k" });
    let detector_id = json!({ "detector_id": { "references": [format!("{THIS}.id"), THIS] } });
    let blocks = [block(THIS, json!({})), block("aws_guardduty_ipset.t", detector_id)];
    let document = plan_of(&[item, created("aws_guardduty_ipset.t", set, &["detector_id"])], &blocks);
    let finding = check(&document).finding(RULE);
    assert_eq!(finding.anchor.pointer, "/resource_changes/0/change/actions");
    assert!(finding.message.contains("replace because cannot update"), "{}", finding.message);
    assert!(finding.message.contains("`region`"), "{}", finding.message);
    assert_eq!(finding.related[0].address.as_deref(), Some("aws_guardduty_ipset.t"));
}

#[test]
fn every_rule_is_quiet_on_the_children_of_a_removed_detector() {
    let set = json!({ "detector_id": "12ab", "activate": false, "location": "s3://b/k", "format": "TXT" });
    let child = unchanged("aws_guardduty_ipset.t", set);
    let rules_that_speak = |detector: Value| -> Vec<&str> {
        check(&beside(&[detector, child.clone()])).report().findings.iter().map(|finding| finding.rule.id).collect()
    };
    assert_eq!(rules_that_speak(goes(THIS, "delete")), [RULE]);
    assert!(rules_that_speak(unchanged(THIS, ireland("12ab"))).contains(&"list-inactive"));
}

#[test]
fn what_is_said_fits_what_the_plan_does() {
    let set = unchanged("aws_guardduty_ipset.t", json!({ "detector_id": "12ab", "location": "s3://b/k" }));
    for (item, message, label, help) in [
        (goes(THIS, "delete"), "go with it", "goes with it", "moved {"),
        (replaced(&["delete", "create"]), "go with it", "goes with it", "what forces the replacement"),
        (
            goes(THIS, "forget"),
            "it runs on, but nothing",
            "hangs on the forgotten detector",
            "audit both plans together",
        ),
        (replaced(&["create", "forget"]), "the old one runs on", "hangs on the forgotten detector", "not forget it"),
    ] {
        let finding = check(&beside(&[item, set.clone()])).finding(RULE);
        assert!(finding.message.contains(message), "{}", finding.message);
        assert!(finding.help.contains(help), "{}", finding.help);
        // The id of the new detector is not known: nothing hangs on it by its value.
        let expected = if help.starts_with(['m', 'a']) { vec![label] } else { Vec::new() };
        let labels: Vec<&str> = finding.related.iter().map(|related| &*related.anchor.label).collect();
        assert_eq!(labels, expected, "{message}");
    }
}
