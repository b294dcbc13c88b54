//! Sets whose location is known only after apply, by the references of a plan's configuration.

#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

use serde_json::{Value, json};

use super::{RULE, SET};
use crate::testing::{
    block, check, created,
    lists::{constant, module, object_at, plan_in, refers, set_at, with},
    plan, plan_of,
};

/// A set whose location is known only after apply.
fn set(address: &str) -> Value {
    created(address, set_at(""), &["location", "id", "arn"])
}

/// An object whose bucket is known only after apply.
fn object(address: &str) -> Value {
    let key = address.replace(['[', ']', '"'], "/");
    created(address, json!({ "key": key }), &["bucket", "id", "etag"])
}

fn set_block(location: &[&str]) -> Value {
    block("aws_guardduty_ipset.t", json!({ "location": refers(location) }))
}

fn object_block() -> Value {
    block("aws_s3_object.o", json!({ "bucket": refers(&["aws_s3_bucket.b.id"]) }))
}

/// A set `aws_guardduty_ipset.t` and objects `aws_s3_object.o`, of which these instances exist, all in the root module.
fn reads(location: &[&str], sets: &[&str], objects: &[&str]) -> Vec<String> {
    repeated(set_block(location), sets, objects)
}

fn repeated(set_block: Value, sets: &[&str], objects: &[&str]) -> Vec<String> {
    let mut changes: Vec<Value> = sets.iter().map(|key| set(&format!("{SET}{key}"))).collect();
    changes.extend(objects.iter().map(|key| object(&format!("aws_s3_object.o{key}"))));
    let read = check(&plan_of(&changes, &[set_block, object_block()])).reads();
    read.iter().map(|line| line.replace(SET, "t").replace("aws_s3_object.", "")).collect()
}

const AB: &[&str] = &["[\"a\"]", "[\"b\"]"];

#[test]
fn a_reference_leads_to_its_object() {
    for location in [
        &["aws_s3_object.o.key"][..],
        &["aws_s3_object.o.id"],
        &["aws_s3_bucket.b.id", "aws_s3_object.o.key"],
        &["aws_s3_object.o.bucket", "aws_s3_object.o.key"],
        &["data.aws_region.current.name", "aws_s3_bucket.b.bucket_regional_domain_name", "aws_s3_object.o.key"],
    ] {
        assert_eq!(reads(location, &[""], &[""]), ["t reads o"], "{location:?}");
    }
}

#[test]
fn count_and_for_each_with_equal_keys_lead_to_the_instance_of_the_same_key() {
    assert_eq!(
        reads(&["aws_s3_object.o", "count.index"], &["[0]", "[1]"], &["[0]", "[1]"]),
        ["t[0] reads o[0]", "t[1] reads o[1]"]
    );
    for each in ["each.key", "each.value", "each.value.name"] {
        assert_eq!(
            reads(&["aws_s3_object.o", each], AB, AB),
            ["t[\"a\"] reads o[\"a\"]", "t[\"b\"] reads o[\"b\"]"],
            "{each}"
        );
    }
}

#[test]
fn different_key_sets_are_undecided() {
    assert_eq!(reads(&["aws_s3_object.o", "each.key"], &AB[..1], AB), ["t[\"a\"] ?"]);
    assert_eq!(reads(&["aws_s3_object.o", "each.key"], AB, &["[\"a\"]", "[\"c\"]"]), ["t[\"a\"] ?", "t[\"b\"] ?"]);
    assert_eq!(reads(&["aws_s3_object.o", "count.index"], &["[0]"], &["[0]", "[1]"]), ["t[0] ?"]);
    // The index is not that of the instance.
    assert_eq!(reads(&["aws_s3_object.o", "var.index"], &["[0]", "[1]"], &["[0]", "[1]"]), ["t[0] ?", "t[1] ?"]);
}

#[test]
fn a_literal_index_leads_to_that_instance() {
    assert_eq!(reads(&["aws_s3_object.o[\"b\"].key"], &[""], AB), ["t reads o[\"b\"]"]);
    assert_eq!(
        reads(&["aws_s3_object.o[1].key"], &["[0]", "[1]"], &["[0]", "[1]"]),
        ["t[0] reads o[1]", "t[1] reads o[1]"]
    );
    // With `each.key` beside it, the literal still wins.
    assert_eq!(reads(&["aws_s3_object.o[\"b\"].key", "each.key"], AB, AB)[0], "t[\"a\"] reads o[\"b\"]");
    assert_eq!(reads(&["aws_s3_object.o[\"c\"].key"], &[""], AB), ["t ?"]);
}

#[test]
fn the_only_instance_of_a_count_is_meant() {
    assert_eq!(reads(&["aws_s3_object.o"], &[""], &["[0]"]), ["t reads o[0]"]);
}

#[test]
fn several_instances_are_undecided_and_named() {
    let changes = [set(SET), object("aws_s3_object.o[\"a\"]"), object("aws_s3_object.o[\"b\"]")];
    let document = plan_of(&changes, &[set_block(&["aws_s3_object.o"]), object_block()]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
    let message = check(&document).messages(RULE).remove(0);
    for part in ["`aws_s3_object.o`", "aws_s3_object.o[\"a\"]", "aws_s3_object.o[\"b\"]"] {
        assert!(message.contains(part), "{message}");
    }
}

/// A set with `for_each`, its location `each.value`.
fn each_value(for_each: &[&str], sets: &[&str], objects: &[&str]) -> Vec<String> {
    let block = with(set_block(&["each.value.location"]), json!({ "for_each_expression": refers(for_each) }));
    repeated(block, sets, objects)
}

#[test]
fn each_value_leads_to_the_one_object_of_for_each() {
    assert_eq!(each_value(&["aws_s3_bucket.b.id", "aws_s3_object.o.key"], &AB[..1], &[""]), ["t[\"a\"] reads o"]);
    assert_eq!(each_value(&["aws_s3_object.o[\"a\"].key"], &["[\"x\"]"], AB), ["t[\"x\"] reads o[\"a\"]"]);
    // Chained: `for_each = aws_s3_object.o`.
    assert_eq!(each_value(&["aws_s3_object.o"], AB, AB), ["t[\"a\"] reads o[\"a\"]", "t[\"b\"] reads o[\"b\"]"]);
}

#[test]
fn each_value_with_several_objects_is_undecided_and_names_them() {
    let two = ["aws_s3_object.o[\"a\"].key", "aws_s3_object.o[\"b\"].key"];
    assert_eq!(each_value(&two, &["[\"x\"]", "[\"y\"]"], AB), ["t[\"x\"] ?", "t[\"y\"] ?"]);
    let block = with(set_block(&["each.value"]), json!({ "for_each_expression": refers(&two) }));
    let changes = [set(&format!("{SET}[\"x\"]")), object("aws_s3_object.o[\"a\"]"), object("aws_s3_object.o[\"b\"]")];
    let message = check(&plan_of(&changes, &[block, object_block()])).messages(RULE).remove(0);
    assert!(message.contains("aws_s3_object.o[\"a\"], aws_s3_object.o[\"b\"]"), "{message}");
}

#[test]
fn a_local_stops_and_is_named() {
    let document = plan_of(&[set(SET), object("aws_s3_object.o")], &[set_block(&["local.location"]), object_block()]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
    let message = check(&document).messages(RULE).remove(0);
    assert!(message.contains("`local.location`"), "{message}");
}

#[test]
fn the_only_object_beside_is_a_hint_and_no_resolution() {
    let document = plan_of(&[set(SET), object("aws_s3_object.o")], &[set_block(&["var.location"]), object_block()]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {SET}")]);
    let message = check(&document).messages(RULE).remove(0);
    assert!(message.contains("`var.location`") && message.contains("aws_s3_object.o"), "{message}");
    // Without a configuration there is nothing to follow.
    assert_eq!(check(&plan(&[set(SET), object("aws_s3_object.o")])).says(RULE), [format!("undecided {SET}")]);
}

#[test]
fn a_bucket_alone_is_known_and_the_key_is_not() {
    let bucket = created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id"]);
    for attribute in ["id", "bucket", "arn", "bucket_domain_name", "bucket_regional_domain_name"] {
        let changes = [set(SET), object("aws_s3_object.o"), bucket.clone()];
        let location = format!("aws_s3_bucket.b.{attribute}");
        let document = plan_of(&changes, &[set_block(&[&location, "var.key"]), object_block()]);
        let message = check(&document).messages(RULE).remove(0);
        assert!(message.contains("the bucket is `lists`, the key is not known"), "{message}");
    }
}

#[test]
fn a_data_object_can_be_referred_to() {
    let read = crate::testing::change(
        "data.aws_s3_object.o",
        &["read"],
        Value::Null,
        json!({ "key": "k" }),
        json!({ "bucket": true }),
    );
    let blocks = [set_block(&["data.aws_s3_object.o.key"]), block("data.aws_s3_object.o", json!({}))];
    assert_eq!(check(&plan_of(&[set(SET), read], &blocks)).reads(), [format!("{SET} reads data.aws_s3_object.o")]);
}

/// A call of a module with these arguments.
fn call(arguments: Value, called: Value) -> Value {
    json!({ "expressions": arguments, "module": called })
}

/// What the sets of a configuration with modules read.
fn wired(sets: &[&str], objects: &[&str], root: Value) -> Vec<String> {
    let changes: Vec<Value> =
        sets.iter().map(|address| set(address)).chain(objects.iter().map(|address| object(address))).collect();
    check(&plan_in(&changes, root)).reads()
}

/// A module whose set takes its location from a variable.
fn taker() -> Value {
    module(&[set_block(&["var.location"])], json!({ "variables": { "location": {} } }))
}

#[test]
fn variables_lead_to_the_arguments_of_the_call() {
    let inner = call(json!({ "location": refers(&["var.where"]) }), taker());
    let outer = call(
        json!({ "where": refers(&["aws_s3_object.o.key", "aws_s3_object.o.bucket"]) }),
        module(&[], json!({ "module_calls": { "inner": inner } })),
    );
    let root = module(&[object_block()], json!({ "module_calls": { "outer": outer } }));
    assert_eq!(
        wired(&["module.outer.module.inner.aws_guardduty_ipset.t"], &["aws_s3_object.o"], root),
        ["module.outer.module.inner.aws_guardduty_ipset.t reads aws_s3_object.o"]
    );
}

#[test]
fn a_variable_without_argument_is_its_default_and_refers_to_nothing() {
    let mut called = module(&[set_block(&["var.location"]), object_block()], json!({}));
    called["variables"] = json!({ "location": { "default": "s3://lists/k" } });
    let root = module(&[], json!({ "module_calls": { "m": call(json!({}), called) } }));
    let read = wired(&["module.m.aws_guardduty_ipset.t"], &["module.m.aws_s3_object.o"], root);
    assert_eq!(read, ["module.m.aws_guardduty_ipset.t ?"]);
    let called = call(json!({ "location": constant(json!("s3://lists/k")) }), taker());
    let root = module(&[], json!({ "module_calls": { "m": called } }));
    assert_eq!(wired(&["module.m.aws_guardduty_ipset.t"], &[], root), ["module.m.aws_guardduty_ipset.t ?"]);
}

/// A module with objects `o` whose output `key` refers to them.
fn giver(key: &[&str]) -> Value {
    module(&[object_block()], json!({ "outputs": { "key": { "expression": refers(key) } } }))
}

#[test]
fn outputs_lead_into_the_called_module() {
    let inner = call(json!({}), giver(&["aws_s3_object.o.key"]));
    let outer = module(
        &[],
        json!({
            "outputs": { "file": { "expression": refers(&["module.inner.key"]) } },
            "module_calls": { "inner": inner },
        }),
    );
    let root = module(
        &[set_block(&["aws_s3_bucket.b.id", "module.outer.file"])],
        json!({ "module_calls": { "outer": call(json!({}), outer) } }),
    );
    let object = "module.outer.module.inner.aws_s3_object.o";
    assert_eq!(wired(&[SET], &[object], root), [format!("{SET} reads {object}")]);
}

#[test]
fn an_output_leads_through_a_variable_of_another_module() {
    let lists = call(json!({ "location": refers(&["module.store.key"]) }), taker());
    let calls = json!({ "lists": lists, "store": call(json!({}), giver(&["aws_s3_object.o.key"])) });
    let root = module(&[], json!({ "module_calls": calls }));
    assert_eq!(
        wired(&["module.lists.aws_guardduty_ipset.t"], &["module.store.aws_s3_object.o"], root),
        ["module.lists.aws_guardduty_ipset.t reads module.store.aws_s3_object.o"]
    );
}

#[test]
fn references_stay_in_the_same_module_instance() {
    let called = module(&[set_block(&["aws_s3_object.o.key"]), object_block()], json!({}));
    let root = module(&[], json!({ "module_calls": { "a": call(json!({}), called) } }));
    let sets = ["module.a[\"x\"].aws_guardduty_ipset.t", "module.a[\"y\"].aws_guardduty_ipset.t"];
    let objects = ["module.a[\"x\"].aws_s3_object.o", "module.a[\"y\"].aws_s3_object.o"];
    let read = wired(&sets, &objects, root);
    assert_eq!(read, [0, 1].map(|index| format!("{} reads {}", sets[index], objects[index])));
}

#[test]
fn an_instance_of_a_module_call_is_chosen_like_one_of_a_resource() {
    let store = || call(json!({}), giver(&["aws_s3_object.o.key"]));
    let objects = ["module.store[\"a\"].aws_s3_object.o", "module.store[\"b\"].aws_s3_object.o"];
    let literal = module(&[set_block(&["module.store[\"b\"].key"])], json!({ "module_calls": { "store": store() } }));
    assert_eq!(wired(&[SET], &objects, literal), [format!("{SET} reads {}", objects[1])]);
    let open = module(&[set_block(&["module.store.key"])], json!({ "module_calls": { "store": store() } }));
    assert_eq!(wired(&[SET], &objects, open), [format!("{SET} ?")]);
    // The call of the set's module repeats as the objects do.
    let lists = call(json!({ "location": refers(&["aws_s3_object.o", "each.key"]) }), taker());
    let root = module(&[object_block()], json!({ "module_calls": { "lists": lists } }));
    let sets = ["module.lists[\"a\"].aws_guardduty_ipset.t", "module.lists[\"b\"].aws_guardduty_ipset.t"];
    assert_eq!(
        wired(&sets, &["aws_s3_object.o[\"a\"]", "aws_s3_object.o[\"b\"]"], root),
        [format!("{} reads aws_s3_object.o[\"a\"]", sets[0]), format!("{} reads aws_s3_object.o[\"b\"]", sets[1])]
    );
}

#[test]
fn each_value_of_a_module_call_leads_to_its_for_each() {
    let lists = with(
        call(json!({ "location": refers(&["each.value"]) }), taker()),
        json!({ "for_each_expression": refers(&["aws_s3_object.o.key"]) }),
    );
    let root = module(&[object_block()], json!({ "module_calls": { "lists": lists } }));
    let set = "module.lists[\"a\"].aws_guardduty_ipset.t";
    assert_eq!(wired(&[set], &["aws_s3_object.o"], root), [format!("{set} reads aws_s3_object.o")]);
}

#[test]
fn for_each_over_a_variable_leads_to_the_instance_of_the_same_key() {
    let each = with(set_block(&["each.value.key"]), json!({ "for_each_expression": refers(&["var.objects"]) }));
    for block in [each, set_block(&["var.objects", "each.key"])] {
        let lists = call(json!({ "objects": refers(&["aws_s3_object.o"]) }), module(&[block], json!({})));
        let root = module(&[object_block()], json!({ "module_calls": { "lists": lists } }));
        let sets = ["module.lists.aws_guardduty_ipset.t[\"a\"]", "module.lists.aws_guardduty_ipset.t[\"b\"]"];
        let objects = ["aws_s3_object.o[\"a\"]", "aws_s3_object.o[\"b\"]"];
        assert_eq!(
            wired(&sets, &objects, root),
            [0, 1].map(|index| format!("{} reads {}", sets[index], objects[index]))
        );
    }
}

#[test]
fn more_than_32_steps_are_not_followed() {
    let nested = |depth: usize| {
        let wrap = |inner: Value, _| {
            module(
                &[],
                json!({ "module_calls": { "m": call(json!({ "location": refers(&["var.location"]) }), inner) } }),
            )
        };
        let inner = (1..depth).fold(taker(), wrap);
        let outermost = call(json!({ "location": refers(&["aws_s3_object.o.key"]) }), inner);
        let root = module(&[object_block()], json!({ "module_calls": { "m": outermost } }));
        let set = format!("{}aws_guardduty_ipset.t", "module.m.".repeat(depth));
        let read = wired(&[&set], &["aws_s3_object.o"], root);
        read[0].strip_prefix(&set).unwrap().to_owned()
    };
    assert_eq!(nested(30), " reads aws_s3_object.o");
    assert_eq!(nested(40), " ?");
}

#[test]
fn a_set_without_instances_is_no_subject() {
    let document = plan_of(&[object("aws_s3_object.o")], &[set_block(&["aws_s3_object.o.key"]), object_block()]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn a_known_location_is_judged_by_its_value_and_not_by_references() {
    let known = created(SET, set_at("s3://lists/k"), &[]);
    let changes = [known, object("aws_s3_object.o"), created("aws_s3_object.other", object_at("lists", "k"), &[])];
    let document = plan_of(&changes, &[set_block(&["aws_s3_object.o.key"]), object_block()]);
    assert_eq!(check(&document).reads(), [format!("{SET} reads aws_s3_object.other")]);
}

/// What a set reads whose location refers to these: `o` is in `b`, `unplaced` in a local.
fn reads_beside_buckets(location: &[&str]) -> Vec<String> {
    let bucket = |name: &str| created(name, json!({}), &["id", "bucket", "arn"]);
    let changes = [
        set(SET),
        object("aws_s3_object.o"),
        object("aws_s3_object.unplaced"),
        object("aws_s3_object.other"),
        bucket("aws_s3_bucket.b"),
        bucket("aws_s3_bucket.logs"),
    ];
    let object = |name: &str, bucket: &str| block(name, json!({ "bucket": refers(&[bucket]) }));
    let blocks = [
        set_block(location),
        object_block(),
        object("aws_s3_object.unplaced", "local.bucket"),
        object("aws_s3_object.other", "aws_s3_bucket.logs.id"),
    ];
    check(&plan_of(&changes, &blocks)).reads()
}

#[test]
fn an_object_beside_another_bucket_than_its_own_is_not_the_list() {
    for (location, expected) in [
        (&["aws_s3_bucket.b.id", "aws_s3_object.o.key"][..], "reads aws_s3_object.o"),
        (&["aws_s3_bucket.b", "aws_s3_object.o"], "reads aws_s3_object.o"),
        (&["aws_s3_bucket.logs.region", "aws_s3_object.o.key"], "reads aws_s3_object.o"),
        (&["aws_s3_bucket.logs.id", "aws_s3_object.o.key"], "?"),
        (&["aws_s3_object.other.bucket", "aws_s3_object.o.key"], "?"),
        (&["aws_s3_bucket.b.id", "aws_s3_bucket.logs.id", "aws_s3_object.o.key"], "?"),
        (&["aws_s3_bucket.b.id", "aws_s3_object.unplaced.key"], "?"),
    ] {
        assert_eq!(reads_beside_buckets(location), [format!("{SET} {expected}")], "{location:?}");
    }
}

#[test]
fn an_object_of_which_only_the_bucket_is_read_is_not_the_list() {
    for (location, expected) in [
        (&["aws_s3_object.o.bucket"][..], "?"),
        (&["aws_s3_object.o.bucket", "aws_s3_object.other.key"], "?"),
        (&["aws_s3_object.o.bucket", "aws_s3_object.o.key"], "reads aws_s3_object.o"),
        (&["aws_s3_object.o.etag", "aws_s3_bucket.b.id"], "?"),
    ] {
        assert_eq!(reads_beside_buckets(location), [format!("{SET} {expected}")], "{location:?}");
    }
    // What is known of the bucket is said.
    let changes = [set(SET), object("aws_s3_object.o"), created("aws_s3_bucket.b", json!({}), &["id", "bucket"])];
    let document = plan_of(&changes, &[set_block(&["aws_s3_object.o.bucket"]), object_block()]);
    let message = check(&document).messages(RULE).remove(0);
    assert!(message.contains("the bucket is aws_s3_bucket.b, the key is not known"), "{message}");
}

#[test]
fn undecided_when_an_object_may_have_bucket_and_key() {
    let judged = |key: Value, unknown: &[&str], bucket: &str| {
        let changes = [
            created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "arn"]),
            created("aws_s3_bucket.logs", json!({ "bucket": "logs" }), &["id", "arn"]),
            created("aws_s3_object.readme", json!({ "key": "README.md" }), &["bucket", "id"]),
            created("aws_s3_object.o", key, unknown),
            created(SET, set_at("https://s3.amazonaws.com/lists/trusted.txt"), &["id"]),
        ];
        let object = |name: &str, bucket: &str| block(name, json!({ "bucket": refers(&[bucket]) }));
        let blocks = [object("aws_s3_object.readme", "aws_s3_bucket.b.id"), object("aws_s3_object.o", bucket)];
        check(&plan_of(&changes, &blocks))
    };
    let named = || json!({ "key": "trusted.txt" });
    let (undecided, fail) = (format!("undecided {SET}"), format!("fail {SET}"));
    for (key, unknown, bucket, expected) in [
        (named(), &["bucket"][..], "local.bucket", &undecided),
        (json!({}), &["bucket", "key"], "local.bucket", &undecided),
        (json!({}), &["bucket", "key"], "aws_s3_bucket.b.id", &undecided),
        (json!({}), &["bucket", "key"], "aws_s3_bucket.logs.id", &fail),
        (named(), &["bucket"], "aws_s3_bucket.logs.id", &fail),
        (json!({ "key": "else.md" }), &["bucket"], "local.bucket", &fail),
    ] {
        assert_eq!(judged(key, unknown, bucket).says(RULE), [expected.as_str()], "{unknown:?} {bucket}");
    }
    let message = judged(named(), &["bucket"], "local.bucket").messages(RULE).remove(0);
    assert!(message.contains("it may be aws_s3_object.o"), "{message}");
}
