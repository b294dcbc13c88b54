use serde_json::{Value, json};

use crate::testing::{
    aliased, block, block_under, bystander, change, check, created, detector_in, plan, plan_of, put, resource,
    shown_state, state, unchanged, with_prior, with_provider,
};

const RULE: &str = "detector-duplicate";
const ONE: &str = "aws_guardduty_detector.one";
const TWO: &str = "aws_guardduty_detector.two";
const ACCOUNT: &str = "111122223333";

fn ireland(id: &str) -> Value {
    detector_in("eu-west-1", ACCOUNT, id)
}

fn new(address: &str) -> Value {
    created(address, json!({ "enable": true }), &["id", "arn", "account_id"])
}

/// A plan with the two detectors, the second under the provider configuration `aws.two`.
fn two_providers(one: Value, two: Value, expressions: Value) -> Value {
    let blocks = [block(ONE, json!({})), block_under("aws.two", TWO, json!({}))];
    with_provider(plan_of(&[one, two], &blocks), "aws.two", expressions)
}

/// The same, both under provider configurations with these arguments.
fn equal_providers(expressions: &Value) -> Value {
    let document = two_providers(new(ONE), new(TWO), expressions.clone());
    with_provider(document, "aws", expressions.clone())
}

/// A provider configuration of one known account and region.
fn role() -> Value {
    json!({
        "region": { "constant_value": "eu-west-1" },
        "assume_role": [{ "role_arn": { "constant_value": "arn:aws:iam::111122223333:role/audit" } }],
    })
}

#[test]
fn passes_when_region_or_account_differs() {
    let other_region = detector_in("us-east-1", ACCOUNT, "34cd");
    let other_account = detector_in("eu-west-1", "444455556666", "34cd");
    for other in [other_region, other_account] {
        for document in [
            state(&[resource(ONE, ireland("12ab")), aliased("two", TWO, other.clone())]),
            shown_state(&[(ONE, ireland("12ab")), (TWO, other.clone())]),
            plan(&[unchanged(ONE, ireland("12ab")), unchanged(TWO, other.clone())]),
        ] {
            assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{document}");
        }
    }
    let us = json!({ "region": { "constant_value": "us-east-1" } });
    assert_eq!(check(&two_providers(new(ONE), new(TWO), us)).says(RULE), [""; 0]);
}

#[test]
fn fails_for_the_second_of_two_with_different_ids() {
    for document in [
        state(&[resource(TWO, ireland("34cd")), resource(ONE, ireland("12ab"))]),
        shown_state(&[(ONE, ireland("12ab")), (TWO, ireland("34cd"))]),
        plan(&[unchanged(ONE, ireland("12ab")), unchanged(TWO, ireland("34cd"))]),
        with_prior(plan(&[bystander()]), &[(ONE, ireland("12ab")), (TWO, ireland("34cd"))]),
    ] {
        assert_eq!(check(&document).says(RULE), [format!("fail {TWO}")], "{document}");
    }
}

#[test]
fn fails_across_units_with_known_accounts() {
    let two = put(state(&[resource(TWO, ireland("34cd"))]), "/lineage", json!("two"));
    let run = || check(&state(&[resource(ONE, ireland("12ab"))]));
    assert_eq!(run().and("b/input.json", &two).says(RULE), [format!("fail {TWO}")]);
    let three = put(state(&[resource("aws_guardduty_detector.three", ireland("56ef"))]), "/lineage", json!("three"));
    assert_eq!(run().and("b/input.json", &two).and("c/input.json", &three).tally(RULE), (0, 2, 0, 0));
}

#[test]
fn fails_when_one_of_the_two_is_created() {
    let blocks = [block(ONE, json!({})), block(TWO, json!({}))];
    let prior = [(ONE, ireland("12ab"))];
    for document in [
        plan_of(&[new(ONE), new(TWO)], &blocks),
        plan_of(&[unchanged(ONE, ireland("12ab")), new(TWO)], &blocks),
        // A targeted plan leaves the first one out.
        with_prior(plan_of(&[new(TWO)], &blocks), &prior),
    ] {
        assert_eq!(check(&document).says(RULE), [format!("fail {TWO}")], "{document}");
    }
    let existing_is_second = plan_of(&[new(ONE), unchanged(TWO, ireland("12ab"))], &blocks);
    assert_eq!(check(&existing_is_second).says(RULE), [format!("fail {TWO}")]);
}

#[test]
fn fails_under_two_names_of_one_place() {
    let identity =
        change("data.aws_caller_identity.me", &["read"], Value::Null, json!({ "account_id": ACCOUNT }), json!({}));
    let plain = two_providers(new(ONE), new(TWO), json!({ "region": { "constant_value": "eu-west-1" } }));
    let plain = put(plain, "/resource_changes/-", identity);
    let plain = put(plain, "/configuration/root_module/resources/-", block("data.aws_caller_identity.me", json!({})));
    assert_eq!(check(&plain).says(RULE), [format!("fail {TWO}")]);
    assert_eq!(check(&equal_providers(&role())).says(RULE), [format!("fail {TWO}")]);
}

#[test]
fn a_region_of_its_own_decides_in_provider_version_6() {
    let blocks = [block(ONE, json!({})), block(TWO, json!({}))];
    let in_region = |address: &str, region: &str| put(new(address), "/change/after/region", json!(region));
    for (one, two, expected) in [
        ("eu-west-1", "us-east-1", vec![]),
        ("us-east-1", "us-east-1", vec![format!("fail {TWO}")]),
        ("eu-central-1", "us-east-1", vec![]),
    ] {
        let document = plan_of(&[in_region(ONE, one), in_region(TWO, two)], &blocks);
        assert_eq!(check(&document).says(RULE), expected, "{one} {two}");
        let half = plan_of(&[new(ONE), in_region(TWO, one)], &blocks);
        let same = one == "eu-west-1";
        assert_eq!(check(&half).says(RULE).len(), usize::from(same), "provider eu-west-1, region {one}");
    }
}

#[test]
fn a_region_that_is_set_and_not_known_is_not_the_providers() {
    let set = json!({ "region": { "references": ["terraform_data.where.output", "terraform_data.where"] } });
    let blocks = [block(ONE, json!({})), block(TWO, set)];
    let elsewhere = created(TWO, json!({ "enable": true }), &["id", "arn", "region"]);
    assert_eq!(check(&plan_of(&[new(ONE), elsewhere], &blocks)).says(RULE), [""; 0]);
    // What nobody sets is the provider's, even where the plan does not say so.
    let blocks = [block(ONE, json!({})), block(TWO, json!({}))];
    let here = created(TWO, json!({ "enable": true }), &["id", "arn", "region"]);
    assert_eq!(check(&plan_of(&[new(ONE), here], &blocks)).says(RULE), [format!("fail {TWO}")]);
}

#[test]
fn undecided_when_equal_expressions_are_not_resolved() {
    let region = json!({ "region": { "references": ["local.region"] } });
    let role = json!({
        "region": { "constant_value": "eu-west-1" },
        "assume_role": [{ "role_arn": { "references": ["local.role"] } }],
    });
    for expressions in [region, role] {
        assert_eq!(check(&equal_providers(&expressions)).says(RULE), [format!("undecided {TWO}")], "{expressions}");
    }
}

#[test]
fn not_undecided_when_different_expressions_are_not_resolved() {
    let two = json!({ "region": { "references": ["local.second"] } });
    let document = two_providers(new(ONE), new(TWO), two);
    let document = with_provider(document, "aws", json!({ "region": { "references": ["local.first"] } }));
    assert_eq!(check(&document).says(RULE), [""; 0]);
}

#[test]
fn what_is_not_known_to_differ_has_not_passed() {
    let two = json!({ "region": { "references": ["local.second"] } });
    assert_eq!(check(&two_providers(new(ONE), new(TWO), two)).tally(RULE).0, 0);
}

#[test]
fn never_across_units_with_unknown_accounts() {
    let one = plan_of(&[new(ONE)], &[block(ONE, json!({}))]);
    let two = plan_of(&[new(TWO)], &[block(TWO, json!({}))]);
    assert_eq!(check(&one).and("b/input.json", &two).says(RULE), [""; 0]);
    let unresolved = |plan: Value| with_provider(plan, "aws", json!({ "region": { "references": ["local.region"] } }));
    assert_eq!(check(&unresolved(one)).and("b/input.json", &unresolved(two)).says(RULE), [""; 0]);
    let region_alone =
        |address: &str, id: &str| state(&[resource(address, json!({ "id": id, "region": "eu-west-1" }))]);
    let other = put(region_alone(TWO, "34cd"), "/lineage", json!("two"));
    assert_eq!(check(&region_alone(ONE, "12ab")).and("b/input.json", &other).says(RULE), [""; 0]);
}

#[test]
fn silent_for_the_same_object_seen_in_a_plan_and_its_state() {
    let document = plan(&[unchanged(ONE, ireland("12ab")), bystander()]);
    let now = state(&[resource(ONE, ireland("12ab"))]);
    for path in ["a/terraform.tfstate", "b/terraform.tfstate"] {
        assert_eq!(check(&document).and(path, &now).says(RULE), [""; 0], "{path}");
    }
    let renamed = state(&[resource(TWO, ireland("12ab"))]);
    assert_eq!(check(&document).and("b/terraform.tfstate", &renamed).says(RULE), [""; 0]);
    let planned = plan_of(&[new(ONE)], &[block(ONE, json!({}))]);
    assert_eq!(check(&planned).and("a/terraform.tfstate", &now).says(RULE), [""; 0]);
}

#[test]
fn silent_for_one_identity_at_two_addresses_of_a_unit() {
    let document = state(&[resource(ONE, ireland("12ab")), resource(TWO, ireland("12ab"))]);
    assert_eq!(check(&document).says(RULE), [""; 0]);
}

#[test]
fn silent_for_several_states_of_one_stack() {
    let older = state(&[resource(ONE, ireland("12ab"))]);
    let newer = put(state(&[resource(TWO, ireland("34cd"))]), "/serial", json!(2));
    assert_eq!(check(&older).and("a/newer.json", &newer).says(RULE), [""; 0]);
    let shown = shown_state(&[(ONE, ireland("12ab"))]);
    assert_eq!(check(&older).and("a/shown.json", &shown).says(RULE), [""; 0]);
}

#[test]
fn silent_for_a_replacement() {
    let replaced =
        change(ONE, &["delete", "create"], ireland("12ab"), json!({ "enable": true }), json!({ "id": true }));
    assert_eq!(check(&plan_of(&[replaced], &[block(ONE, json!({}))])).says(RULE), [""; 0]);
}

#[test]
fn create_before_delete_fails() {
    for address in [ONE, TWO] {
        let unknown = json!({ "id": true, "arn": true });
        let replaced = change(address, &["create", "delete"], ireland("12ab"), json!({ "enable": true }), unknown);
        let finding = check(&plan_of(&[replaced], &[block(address, json!({}))])).finding(RULE);
        assert_eq!(finding.address.as_deref(), Some(address));
        assert_eq!(finding.anchor.pointer, "/resource_changes/0/change/actions");
    }
}

#[test]
fn silent_for_going_deposed_and_data_objects() {
    let blocks = [block(ONE, json!({})), block(TWO, json!({})), block("data.aws_guardduty_detector.two", json!({}))];
    let gone = change(ONE, &["delete"], ireland("12ab"), Value::Null, json!({}));
    assert_eq!(check(&plan_of(&[gone.clone(), new(TWO)], &blocks)).says(RULE), [""; 0]);
    let deposed = put(gone, "/deposed", json!("701a98cd"));
    assert_eq!(check(&plan_of(&[deposed, unchanged(ONE, ireland("34cd"))], &blocks)).says(RULE), [""; 0]);
    let old = json!({ "schema_version": 0, "deposed": "701a98cd", "attributes": ireland("34cd") });
    let both = put(resource(ONE, ireland("12ab")), "/instances/-", old);
    assert_eq!(check(&state(&[both])).says(RULE), [""; 0]);
    let data = resource("data.aws_guardduty_detector.two", ireland("34cd"));
    assert_eq!(check(&state(&[resource(ONE, ireland("12ab")), data])).says(RULE), [""; 0]);
}

#[test]
fn silent_for_moved_and_imported_detectors() {
    let moved = put(unchanged(TWO, ireland("12ab")), "/previous_address", json!(ONE));
    assert_eq!(check(&with_prior(plan(&[moved]), &[(ONE, ireland("12ab"))])).says(RULE), [""; 0]);
    let imported = put(unchanged(TWO, ireland("12ab")), "/change/importing", json!({ "id": "12ab" }));
    let owner = put(state(&[resource(ONE, ireland("12ab"))]), "/lineage", json!("owner"));
    assert_eq!(check(&plan(&[imported, bystander()])).and("b/owner.json", &owner).says(RULE), [""; 0]);
}

#[test]
fn labels_name_both_and_their_providers() {
    let finding = check(&equal_providers(&role())).finding(RULE);
    assert_eq!(finding.address.as_deref(), Some(TWO));
    assert!(finding.anchor.label.contains("aws.two"), "{}", finding.anchor.label);
    assert_eq!(finding.related[0].address.as_deref(), Some(ONE));
    assert!(finding.related[0].message.contains("(provider aws)"), "{}", finding.related[0].message);
}

#[test]
fn of_two_that_states_record_one_does_not_exist() {
    let two = put(state(&[resource(TWO, ireland("34cd"))]), "/lineage", json!("two"));
    let recorded = || check(&state(&[resource(ONE, ireland("12ab"))]));
    let finding = recorded().and("b/input.json", &two).finding(RULE);
    assert!(finding.message.contains("only one of the two can exist"), "{}", finding.message);
    assert!(!finding.help.contains("import"), "{}", finding.help);
    let blocks = [block(ONE, json!({})), block(TWO, json!({}))];
    let finding = check(&plan_of(&[unchanged(ONE, ireland("12ab")), new(TWO)], &blocks)).finding(RULE);
    assert!(finding.message.contains("creating it is refused"), "{}", finding.message);
}

#[test]
fn what_is_forgotten_is_still_in_the_way() {
    let forgets = change(ONE, &["forget"], ireland("12ab"), Value::Null, json!({}));
    let new = created(TWO, json!({ "enable": true }), &["id", "arn"]);
    let blocks = [block(TWO, json!({})), block("data.aws_caller_identity.me", json!({}))];
    let me = change("data.aws_caller_identity.me", &["read"], Value::Null, json!({ "account_id": ACCOUNT }), json!({}));
    assert_eq!(check(&plan_of(&[forgets, new, me], &blocks)).says(RULE), [format!("fail {TWO}")]);
    let replaced =
        change(ONE, &["create", "forget"], ireland("12ab"), json!({ "enable": true }), json!({ "id": true }));
    let finding = check(&plan_of(&[replaced], &[block(ONE, json!({}))])).finding(RULE);
    assert!(finding.message.contains("lives on"), "{}", finding.message);
}
