#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

use std::slice;

use serde_json::{Value, json};

use crate::testing::{
    block, change, check, created, instance,
    lists::{constant, inside, module, object_at, other_stack, plan_in, refers, set_at, show, shown, with, with_prior},
    plan, plan_of, resource, state, unchanged,
};

const RULE: &str = "list-object-order";
const SET: &str = "aws_guardduty_ipset.t";
const OBJECT: &str = "aws_s3_object.o";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

/// A set and its list, both created, by their addresses. Location and key are known.
fn both(set: &str, object: &str) -> [Value; 2] {
    [created(set, set_at("s3://lists/k"), &["id"]), created(object, object_at("lists", "k"), &["id"])]
}

/// The verdict on a set and an object of the root module whose blocks are these; `more` stands beside them.
fn judged(set: Value, object: Value, more: &[Value]) -> (u64, u64, u64, u64) {
    let mut blocks = vec![with(block(SET, json!({})), set), with(block(OBJECT, json!({})), object)];
    blocks.extend(more.iter().cloned());
    check(&plan_of(&both(SET, OBJECT), &blocks)).tally(RULE)
}

fn location(references: &[&str]) -> Value {
    json!({ "expressions": { "location": refers(references) } })
}

#[test]
fn a_set_that_refers_to_its_list_passes() {
    for references in [
        &["aws_s3_object.o.key"][..],
        &["aws_s3_bucket.b.id", "aws_s3_object.o"],
        &["aws_s3_object.o[0].key"],
        &["aws_s3_object.o", "count.index"],
    ] {
        assert_eq!(judged(location(references), json!({}), &[]), PASSED, "{references:?}");
    }
    // In any argument, and in `for_each`.
    let in_name = json!({ "expressions": { "location": constant(json!("s3://lists/k")), "name": refers(&["aws_s3_object.o.etag"]) } });
    assert_eq!(judged(in_name, json!({}), &[]), PASSED);
    let in_for_each =
        with(location(&["each.value"]), json!({ "for_each_expression": refers(&["aws_s3_object.o.key"]) }));
    assert_eq!(judged(in_for_each, json!({}), &[]), PASSED);
}

#[test]
fn a_set_that_only_spells_the_key_fails() {
    let spelt = json!({ "expressions": { "location": constant(json!("s3://lists/k")) } });
    assert_eq!(judged(spelt.clone(), json!({}), &[]), FAILED);
    // Both refer to the bucket.
    let bucket = json!({ "expressions": { "bucket": refers(&["aws_s3_bucket.b.id"]) } });
    assert_eq!(
        judged(location(&["aws_s3_bucket.b.id", "var.key"]), bucket, &[block("aws_s3_bucket.b", json!({}))]),
        FAILED
    );
    // The list depends on the set.
    assert_eq!(judged(spelt, location(&["aws_guardduty_ipset.t.id"]), &[]), FAILED);
    let document = plan_of(&both(SET, OBJECT), &[block(SET, json!({})), block(OBJECT, json!({}))]);
    assert_eq!(
        check(&document).places(RULE),
        ["/resource_changes/0/change/after/location", "/resource_changes/1/change/after/key"]
    );
}

#[test]
fn every_resource_that_makes_an_object_counts() {
    for object in ["aws_s3_bucket_object.o", "aws_s3_object_copy.o"] {
        for (name, expected) in [(object, PASSED), ("aws_s3_bucket.b", FAILED)] {
            let set = with(block(SET, json!({})), json!({ "depends_on": [name] }));
            let document = plan_of(&both(SET, object), &[set, block(object, json!({}))]);
            assert_eq!(check(&document).tally(RULE), expected, "{object} {name}");
        }
    }
}

#[test]
fn depends_on_of_the_set_counts() {
    assert_eq!(judged(json!({ "depends_on": ["aws_s3_object.o"] }), json!({}), &[]), PASSED);
    assert_eq!(judged(json!({ "depends_on": ["aws_s3_object.o[0]"] }), json!({}), &[]), PASSED);
    assert_eq!(judged(json!({ "depends_on": ["aws_s3_bucket.b"] }), json!({}), &[]), FAILED);
}

#[test]
fn silent_when_the_set_depends_on_another_resource_that_depends_on_the_object() {
    let on_policy = json!({ "depends_on": ["aws_s3_bucket_policy.p"] });
    for (others, expected) in [
        (vec![with(block("aws_s3_bucket_policy.p", json!({})), json!({ "depends_on": ["aws_s3_object.o"] }))], PASSED),
        (vec![block("aws_s3_bucket_policy.p", json!({ "policy": refers(&["aws_s3_object.o.arn"]) }))], PASSED),
        (
            vec![
                block("aws_s3_bucket_policy.p", json!({ "policy": refers(&["data.aws_iam_policy_document.d.json"]) })),
                block(
                    "data.aws_iam_policy_document.d",
                    json!({ "statement": [{ "resources": refers(&["random_id.r.hex"]) }] }),
                ),
                with(block("random_id.r", json!({})), json!({ "count_expression": refers(&["aws_s3_object.o.key"]) })),
            ],
            PASSED,
        ),
        (vec![block("aws_s3_bucket_policy.p", json!({ "bucket": refers(&["aws_s3_bucket.b.id"]) }))], FAILED),
    ] {
        assert_eq!(judged(on_policy.clone(), json!({}), &others), expected, "{others:?}");
    }
    // Through a provisioner's command.
    let upload = with(
        block("terraform_data.upload", json!({})),
        json!({ "provisioners": [{ "type": "local-exec", "expressions": { "command": refers(&["aws_s3_object.o.key"]) } }] }),
    );
    assert_eq!(judged(json!({ "depends_on": ["terraform_data.upload"] }), json!({}), &[upload]), PASSED);
}

/// A module whose set is `aws_guardduty_ipset.t`, its location known: `s3://lists/k`.
fn lists(set: Value) -> Value {
    module(&[with(block(SET, json!({})), set)], json!({}))
}

/// The verdict on a set in `module.lists`, called like this, and an object in `module.store`, or in the root module.
fn across(call: Value, called: Value, root_object: bool) -> (u64, u64, u64, u64) {
    let store = module(
        &[block(OBJECT, json!({}))],
        json!({ "outputs": { "key": { "expression": refers(&["aws_s3_object.o.key"]) }, "name": { "expression": constant(json!("k")) } } }),
    );
    let object = if root_object { OBJECT.to_owned() } else { format!("module.store.{OBJECT}") };
    let calls =
        json!({ "lists": with(json!({ "expressions": {}, "module": called }), call), "store": { "module": store } });
    let root = module(&[block(OBJECT, json!({}))], json!({ "module_calls": calls }));
    check(&plan_in(&both("module.lists.aws_guardduty_ipset.t", &object), root)).tally(RULE)
}

#[test]
fn variables_and_outputs_carry_the_dependency() {
    let taker = || lists(location(&["var.location"]));
    let argument = |references: &[&str]| json!({ "expressions": { "location": refers(references) } });
    assert_eq!(across(argument(&["aws_s3_object.o.key"]), taker(), true), PASSED);
    assert_eq!(across(argument(&["module.store.key"]), taker(), false), PASSED);
    assert_eq!(across(argument(&["module.store.name"]), taker(), false), FAILED);
    assert_eq!(across(argument(&["var.location"]), taker(), true), FAILED);
    // The argument takes it from `each.value` of the call.
    let each =
        with(argument(&["each.value.location"]), json!({ "for_each_expression": refers(&["aws_s3_object.o.key"]) }));
    assert_eq!(across(each, taker(), true), PASSED);
    // An argument that the set does not use.
    assert_eq!(across(json!({ "expressions": { "other": refers(&["aws_s3_object.o.key"]) } }), taker(), true), FAILED);
}

#[test]
fn depends_on_of_the_module_call_around_the_set_counts() {
    for (names, root_object, expected) in [
        (json!(["aws_s3_object.o"]), true, PASSED),
        (json!(["module.store"]), false, PASSED),
        (json!(["module.store.key"]), false, PASSED),
        (json!(["module.store"]), true, FAILED),
        (json!(["aws_s3_object.o"]), false, FAILED),
    ] {
        let verdict = across(json!({ "depends_on": names }), lists(json!({})), root_object);
        assert_eq!(verdict, expected, "{names} {root_object}");
    }
}

#[test]
fn silent_when_depends_on_names_the_module_that_holds_the_object() {
    // Directly, or in a module of that module.
    for object in ["module.store.aws_s3_object.o", "module.store[\"a\"].module.inner.aws_s3_object.o"] {
        let inner = json!({ "module": module(&[block(OBJECT, json!({}))], json!({})) });
        let store = module(&[block(OBJECT, json!({}))], json!({ "module_calls": { "inner": inner } }));
        let set = with(block(SET, json!({})), json!({ "depends_on": ["module.store"] }));
        let root = module(&[set], json!({ "module_calls": { "store": { "module": store } } }));
        assert_eq!(check(&plan_in(&both(SET, object), root)).tally(RULE), PASSED, "{object}");
    }
}

#[test]
fn undecided_when_the_path_runs_through_a_local_and_there_are_no_sources() {
    assert_eq!(judged(location(&["local.location"]), json!({}), &[]), UNDECIDED);
    assert_eq!(
        judged(
            json!({ "depends_on": ["aws_s3_bucket_policy.p"] }),
            json!({}),
            &[block("aws_s3_bucket_policy.p", json!({ "bucket": refers(&["local.bucket"]) }))]
        ),
        UNDECIDED
    );
    // Another path decides.
    let both = with(location(&["local.location"]), json!({ "depends_on": ["aws_s3_object.o"] }));
    assert_eq!(judged(both, json!({}), &[]), PASSED);
}

#[test]
fn with_sources_locals_are_followed() {
    let document = plan_of(
        &both(SET, OBJECT),
        &[with(block(SET, json!({})), location(&["local.location"])), block(OBJECT, json!({}))],
    );
    for (local, expected) in [
        ("location = \"s3://lists/${aws_s3_object.o.key}\"", PASSED),
        ("location = \"s3://lists/${local.key}\"\n key = aws_s3_object.o.key", PASSED),
        ("location = \"s3://lists/k\"", FAILED),
    ] {
        let text = format!(
            "locals {{\n {local}\n}}\nresource \"aws_s3_object\" \"o\" {{}}\nresource \"aws_guardduty_ipset\" \"t\" {{\n location = local.location\n}}"
        );
        assert_eq!(check(&document).with_sources(&[("", &text)]).tally(RULE), expected, "{local}");
    }
}

#[test]
fn with_sources_replace_triggered_by_is_a_reference_too() {
    let document = plan_of(&both(SET, OBJECT), &[block(SET, json!({})), block(OBJECT, json!({}))]);
    let text = r#"
resource "aws_s3_object" "o" {}
resource "aws_guardduty_ipset" "t" {
  location = "s3://lists/k"
  lifecycle { replace_triggered_by = [aws_s3_object.o] }
}"#;
    assert_eq!(check(&document).with_sources(&[("", text)]).tally(RULE), PASSED);
}

#[test]
fn in_a_plan_only_when_the_set_or_the_object_is_created_or_updated() {
    let values = [set_at("s3://lists/k"), object_at("lists", "k")];
    let item = |index: usize, actions: &[&str]| {
        change([SET, OBJECT][index], actions, values[index].clone(), values[index].clone(), json!({}))
    };
    let blocks = [block(SET, json!({})), block(OBJECT, json!({}))];
    for (set, object, expected) in [
        (&["no-op"][..], &["no-op"][..], SKIPPED),
        (&["update"], &["no-op"], FAILED),
        (&["no-op"], &["update"], FAILED),
        (&["delete", "create"], &["no-op"], FAILED),
        (&["no-op"], &["create", "delete"], FAILED),
        (&["create"], &["no-op"], FAILED),
        (&["no-op"], &["create"], FAILED),
    ] {
        assert_eq!(
            check(&plan_of(&[item(0, set), item(1, object)], &blocks)).tally(RULE),
            expected,
            "{set:?} {object:?}"
        );
    }
}

#[test]
fn a_plan_without_configuration_has_no_subject() {
    assert_eq!(check(&plan(&both(SET, OBJECT))).tally(RULE), SKIPPED);
}

#[test]
fn silent_when_the_object_is_in_another_unit_or_a_data_object() {
    let blocks = [block(SET, json!({}))];
    let beside = |others: &[Value]| {
        let [set, _] = both(SET, OBJECT);
        check(&plan_of(&[slice::from_ref(&set), others].concat(), &blocks))
    };
    let elsewhere = other_stack(state(&[resource(OBJECT, object_at("lists", "k"))]));
    assert_eq!(beside(&[]).and("b/input.json", &elsewhere).tally(RULE), SKIPPED);
    let read = change("data.aws_s3_object.o", &["read"], Value::Null, object_at("lists", "k"), json!({}));
    assert_eq!(beside(&[read]).tally(RULE), SKIPPED);
    // One that goes, or that no object has.
    let gone = change(OBJECT, &["delete"], object_at("lists", "k"), Value::Null, json!({}));
    assert_eq!(beside(&[gone]).tally(RULE), SKIPPED);
    assert_eq!(beside(&[]).tally(RULE), SKIPPED);
}

const AWS: &str = "provider[\"registry.terraform.io/hashicorp/aws\"]";

/// The verdict on a raw state whose set and object are in these modules, and whose set has these dependencies.
fn stored(set_module: &str, object_module: &str, dependencies: &[&str], more: &[Value]) -> (u64, u64, u64, u64) {
    let mut resources = vec![
        inside(set_module, instance(SET, AWS, set_at("s3://lists/k"), dependencies)),
        inside(object_module, instance(OBJECT, AWS, object_at("lists", "k"), &["aws_s3_bucket.b"])),
    ];
    resources.extend(more.iter().cloned());
    check(&state(&resources)).tally(RULE)
}

#[test]
fn in_a_state_always_by_its_dependencies() {
    assert_eq!(stored("", "", &["aws_s3_object.o"], &[]), PASSED);
    assert_eq!(stored("", "", &["aws_guardduty_detector.d", "aws_s3_bucket.b"], &[]), FAILED);
    assert_eq!(stored("module.m[\"a\"]", "module.m[\"a\"]", &["module.m.aws_s3_object.o"], &[]), PASSED);
    assert_eq!(stored("module.m", "module.n", &["module.m.aws_s3_object.o"], &[]), FAILED);
    assert_eq!(stored("module.m", "", &["aws_s3_object.o"], &[]), PASSED);
    // Through another resource, one that no rule looks at included.
    let policy = instance("aws_s3_bucket_policy.p", AWS, json!({ "bucket": "lists" }), &["aws_s3_object.o"]);
    assert_eq!(stored("", "", &["aws_s3_bucket_policy.p"], &[policy]), PASSED);
}

#[test]
fn a_show_json_state_tells_depends_on() {
    let judged = |set: &str, object: &str, depends_on: &[&str]| {
        let resources = [
            shown(set, set_at("s3://lists/k"), depends_on),
            shown(object, object_at("lists", "k"), &["aws_s3_bucket.b"]),
        ];
        check(&show(&resources)).tally(RULE)
    };
    assert_eq!(judged(SET, OBJECT, &["aws_s3_object.o"]), PASSED);
    assert_eq!(judged(SET, OBJECT, &["aws_s3_bucket.b"]), FAILED);
    assert_eq!(judged(SET, OBJECT, &[]), FAILED);
    let [set, object] = ["module.m.aws_guardduty_ipset.t", "module.m.aws_s3_object.o"];
    assert_eq!(judged(set, object, &["module.m.aws_s3_object.o"]), PASSED);
    // Old versions write the address as the module sees it.
    assert_eq!(judged(set, object, &["aws_s3_object.o"]), PASSED);
}

#[test]
fn silent_when_a_state_has_no_dependencies_at_all_for_that_instance() {
    let imported = |dependencies: &[&str]| {
        let set = instance(SET, AWS, set_at("s3://lists/k"), &[]);
        let object = instance(OBJECT, AWS, object_at("lists", "k"), dependencies);
        check(&state(&[set, object])).tally(RULE)
    };
    assert_eq!(imported(&[]), SKIPPED);
    // "Unless another instance of the same unit has some."
    assert_eq!(imported(&["aws_s3_bucket.b"]), FAILED);
    // Those of another unit do not count.
    let set = instance(SET, AWS, set_at("s3://lists/k"), &[]);
    let object = instance(OBJECT, AWS, object_at("lists", "k"), &[]);
    let other = other_stack(state(&[instance("aws_s3_bucket.b", AWS, json!({}), &["random_id.r"])]));
    assert_eq!(check(&state(&[set, object])).and("b/input.json", &other).tally(RULE), SKIPPED);
}

#[test]
fn an_unchanged_set_whose_list_is_unchanged_and_left_out_of_the_plan_is_skipped() {
    let prior = [shown(SET, set_at("s3://lists/k"), &[]), shown(OBJECT, object_at("lists", "k"), &[])];
    let other = unchanged("aws_s3_bucket.b", json!({ "bucket": "lists" }));
    let plan = with_prior(plan_of(&[other], &[block(SET, json!({})), block(OBJECT, json!({}))]), &prior);
    assert_eq!(check(&plan).tally(RULE), SKIPPED);
}

/// The verdict on a state of Terraform 0.11 whose set and object are in these modules.
fn stored_by_0_11(object_module: &[&str], depends_on: &[&str]) -> (u64, u64, u64, u64) {
    let resource = |name: &str, id: &str, attributes: Value, depends_on: &[&str]| {
        let resource_type = name.split('.').next().unwrap();
        json!({ name: { "type": resource_type, "depends_on": depends_on, "provider": "provider.aws",
            "primary": { "id": id, "attributes": attributes } } })
    };
    let set = with(
        resource("aws_guardduty_ipset.t", "12ab:1", set_at("s3://lists/k"), depends_on),
        resource("null_resource.wait", "1", json!({ "id": "1" }), &["aws_s3_bucket_object.o"]),
    );
    let object = resource("aws_s3_bucket_object.o", "k", object_at("lists", "k"), &["aws_s3_bucket.b"]);
    let mut modules = vec![json!({ "path": ["root"], "resources": set })];
    if object_module.is_empty() {
        modules[0]["resources"] = with(modules[0]["resources"].clone(), object);
    } else {
        let path = [&["root"], object_module].concat();
        modules.push(json!({ "path": path, "resources": object }));
    }
    let document =
        json!({ "version": 3, "terraform_version": "0.11.14", "serial": 1, "lineage": "a", "modules": modules });
    check(&document).tally(RULE)
}

#[test]
fn a_state_of_0_11_tells_direct_dependencies_as_it_wrote_them() {
    for (module, depends_on, expected) in [
        (&[][..], &["aws_s3_bucket_object.o"][..], PASSED),
        (&[], &["aws_s3_bucket_object.o.*"], PASSED),
        (&[], &["aws_s3_bucket_object.o.0"], PASSED),
        (&[], &["aws_s3_bucket_object.other.*"], FAILED),
        (&["up"], &["module.up"], PASSED),
        (&["up", "inner"], &["module.up"], PASSED),
        (&["upper"], &["module.up"], FAILED),
        (&[], &["null_resource.wait"], UNDECIDED),
        (&[], &["aws_s3_bucket.b"], FAILED),
        // There is no such thing.
        (&[], &["random_id.r"], FAILED),
    ] {
        assert_eq!(stored_by_0_11(module, depends_on), expected, "{module:?} {depends_on:?}");
    }
    // Later versions record all that a resource depends on.
    assert_eq!(stored("", "", &["null_resource.wait"], &[instance("null_resource.wait", AWS, json!({}), &[])]), FAILED);
}

#[test]
fn the_help_says_what_depends_on_what_across_modules() {
    let help = |set: &str, object: &str| {
        let [set, object] = [format!("{set}{SET}"), format!("{object}{OBJECT}")];
        let document = plan_in(&both(&set, &object), module(&[], json!({})));
        check(&document).finding(RULE).help
    };
    for (set, object, expected) in [
        ("", "", "add `depends_on = [aws_s3_object.o]`"),
        ("module.m.", "module.m.", "add `depends_on = [aws_s3_object.o]`"),
        ("", "module.store.", "add `depends_on = [module.store]`"),
        ("module.m.", "module.m.module.store[\"a\"].", "add `depends_on = [module.store]`"),
        ("module.lists.", "", "add `depends_on = [aws_s3_object.o]` to the call of `module.lists`"),
        ("module.lists.", "module.store.", "add `depends_on = [module.store]` to the call of `module.lists`"),
    ] {
        let said = help(set, object);
        assert!(said.ends_with(expected), "{set} {object}: {said}");
    }
}
