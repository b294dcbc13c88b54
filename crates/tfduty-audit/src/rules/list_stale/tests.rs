use serde_json::{Value, json};

use crate::testing::{
    Run, block, change, check, created,
    lists::{module, object_at, other_stack, plan_in, refers, set_at, shown, with, with_drift, with_prior},
    plan, plan_of, resource, state, unchanged,
};

const RULE: &str = "list-stale";
const SET: &str = "aws_guardduty_ipset.t";
const OBJECT: &str = "aws_s3_object.o";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

fn set() -> Value {
    set_at("s3://lists/k")
}

/// The list with these attributes.
fn object(attributes: Value) -> Value {
    with(object_at("lists", "k"), attributes)
}

/// A plan that leaves the set alone and does this to the list.
fn to_list(actions: &[&str], before: Value, after: Value, unknown: Value) -> Value {
    plan(&[unchanged(SET, set()), change(OBJECT, actions, object(before), object(after), unknown)])
}

fn update(before: Value, after: Value) -> Value {
    to_list(&["update"], before, after, json!({}))
}

/// A plan that changes the list's content and does this to the set.
fn to_set(actions: &[&str], before: Value, after: Value) -> Value {
    plan(&[change(SET, actions, before, after, json!({})), new_content()])
}

fn new_content() -> Value {
    change(OBJECT, &["update"], object(json!({ "content": "a" })), object(json!({ "content": "b" })), json!({}))
}

#[test]
fn fails_when_what_shows_the_content_changes() {
    for name in [
        "content",
        "content_base64",
        "etag",
        "source_hash",
        "source",
        "checksum_crc32",
        "checksum_crc32c",
        "checksum_crc64nvme",
        "checksum_sha1",
        "checksum_sha256",
    ] {
        let document = update(json!({ name: "a" }), json!({ name: "b" }));
        assert_eq!(check(&document).tally(RULE), FAILED, "{name}");
        let [set, list] = [0, 1].map(|index| format!("/resource_changes/{index}/change/after"));
        assert_eq!(check(&document).places(RULE), [format!("{set}/location"), format!("{list}/{name}")]);
        assert_eq!(check(&update(json!({ name: "a" }), json!({ name: "a" }))).tally(RULE), PASSED, "{name}");
    }
    assert_eq!(check(&update(json!({ "source": "k" }), json!({ "content": "b" }))).tally(RULE), FAILED);
}

#[test]
fn fails_when_the_object_is_updated_or_replaced() {
    for actions in
        [&["update"][..], &["delete", "create"], &["create", "delete"], &["create", "forget"], &["forget", "create"]]
    {
        let document = to_list(actions, json!({ "content": "a" }), json!({ "content": "b" }), json!({}));
        assert_eq!(check(&document).says(RULE), [format!("fail {SET}")], "{actions:?}");
        let same = to_list(actions, json!({ "content": "a" }), json!({ "content": "a" }), json!({ "etag": true }));
        assert_eq!(check(&same).tally(RULE), PASSED, "{actions:?}");
    }
}

#[test]
fn every_resource_that_makes_an_object_counts() {
    for address in ["aws_s3_object.o", "aws_s3_bucket_object.o", "aws_s3_object_copy.o"] {
        let etag = |value: &str| object(json!({ "etag": value }));
        let changed = change(address, &["update"], etag("1"), etag("2"), json!({}));
        assert_eq!(check(&plan(&[unchanged(SET, set()), changed])).tally(RULE), FAILED, "{address}");
    }
}

#[test]
fn fails_when_the_set_is_left_alone() {
    let other = |name: &str, value: Value| with(set(), json!({ name: value }));
    for (actions, after) in
        [(&["no-op"][..], set()), (&["update"], other("tags", json!({ "a": "b" }))), (&["update"], set())]
    {
        assert_eq!(check(&to_set(actions, set(), after.clone())).tally(RULE), FAILED, "{actions:?} {after}");
    }
    // A plan that leaves unchanged objects out.
    let targeted = with_prior(plan(&[new_content()]), &[shown(SET, set(), &[])]);
    assert_eq!(check(&targeted).tally(RULE), FAILED);
}

#[test]
fn silent_when_the_set_is_created_replaced_or_its_location_or_name_changes() {
    let other = |name: &str, value: &str| with(set(), json!({ name: value }));
    for (actions, before, after) in [
        (&["create"][..], Value::Null, set()),
        (&["delete", "create"], set(), set()),
        (&["create", "delete"], set(), set()),
        (&["update"], other("location", "s3://lists/old"), set()),
        (&["update"], other("location", "https://s3.amazonaws.com/lists/k"), set()),
        (&["update"], other("name", "old"), set()),
        // And when it is activated again.
        (&["update"], with(set(), json!({ "activate": false })), set()),
    ] {
        assert_eq!(check(&to_set(actions, before.clone(), after)).says(RULE), [] as [&str; 0], "{actions:?} {before}");
    }
    // A hash in the key makes the location change, so that it is known only after apply.
    let location = change(SET, &["update"], set(), set_at(""), json!({ "location": true }));
    assert_eq!(check(&plan(&[location, new_content()])).says(RULE), [] as [&str; 0]);
}

#[test]
fn silent_when_only_metadata_or_tags_change() {
    let same = json!({ "content": "a", "etag": "1", "source_hash": "x" });
    for (name, value) in [
        ("tags", json!({ "a": "b" })),
        ("metadata", json!({ "a": "b" })),
        ("content_type", json!("text/plain")),
        ("acl", json!("private")),
        ("storage_class", json!("STANDARD_IA")),
    ] {
        let document = update(same.clone(), with(same.clone(), json!({ name: value })));
        assert_eq!(check(&document).tally(RULE), PASSED, "{name}");
    }
}

/// A plan whose refresh found that the list changed like this.
fn drifted(document: Value, before: Value, after: Value) -> Run {
    check(&with_drift(document, &[change(OBJECT, &["update"], object(before), object(after), json!({}))]))
}

#[test]
fn fails_when_drift_shows_other_content_that_the_plan_leaves() {
    let left = || plan(&[unchanged(SET, set()), unchanged(OBJECT, object(json!({ "etag": "2" })))]);
    assert_eq!(drifted(left(), json!({ "etag": "1" }), json!({ "etag": "2" })).says(RULE), [format!("fail {SET}")]);
    let tags = |value: &str| json!({ "etag": "2", "tags": { "a": value } });
    assert_eq!(drifted(left(), tags("a"), tags("b")).tally(RULE), PASSED);
    assert_eq!(check(&left()).tally(RULE), PASSED);
    // The plan updates something else of the object, and leaves the content.
    let update = update(json!({ "etag": "2" }), json!({ "etag": "2", "tags": { "a": "b" } }));
    assert_eq!(drifted(update, json!({ "etag": "1" }), json!({ "etag": "2" })).tally(RULE), FAILED);
    // An object that the plan leaves out.
    let prior = [shown(SET, set(), &[]), shown(OBJECT, object(json!({ "etag": "2" })), &[])];
    let targeted = with_prior(plan(&[unchanged("aws_s3_bucket.b", json!({ "bucket": "lists" }))]), &prior);
    assert_eq!(drifted(targeted, json!({ "etag": "1" }), json!({ "etag": "2" })).tally(RULE), FAILED);
}

#[test]
fn undecided_when_only_etag_or_version_id_is_unknown_and_so_is_the_content() {
    let judged =
        |before: Value, after: Value, unknown: Value| check(&to_list(&["update"], before, after, unknown)).tally(RULE);
    let source = || json!({ "source": "lists/k.txt" });
    let old = || with(source(), json!({ "etag": "1", "version_id": "a" }));
    assert_eq!(judged(old(), with(source(), json!({ "version_id": "a" })), json!({ "etag": true })), UNDECIDED);
    assert_eq!(judged(old(), with(source(), json!({ "etag": "1" })), json!({ "version_id": true })), UNDECIDED);
    assert_eq!(judged(old(), source(), json!({ "etag": true, "version_id": true })), UNDECIDED);
    assert_eq!(judged(json!({ "content": "a" }), json!({}), json!({ "content": true, "etag": true })), UNDECIDED);
    let metadata = |value: &str| with(old(), json!({ "metadata": { "a": value } }));
    assert_eq!(judged(metadata("x"), metadata("x"), json!({ "version_id": true })), UNDECIDED);
    // Other metadata explain a new version; the content is known, and the same.
    assert_eq!(judged(metadata("x"), metadata("y"), json!({ "version_id": true })), PASSED);
    let content = || json!({ "content": "a", "etag": "1" });
    assert_eq!(judged(content(), json!({ "content": "a" }), json!({ "etag": true, "version_id": true })), PASSED);
    // What is known to change decides.
    let hashed = |hash: &str| with(source(), json!({ "source_hash": hash }));
    assert_eq!(judged(hashed("x"), hashed("y"), json!({ "etag": true, "version_id": true })), FAILED);
}

#[test]
fn a_set_is_a_subject_when_it_is_active_and_its_object_is_in_the_same_plan() {
    let inactive = with(set(), json!({ "activate": false }));
    assert_eq!(check(&to_set(&["no-op"], inactive.clone(), inactive)).tally(RULE), SKIPPED);
    let unknown =
        change(SET, &["update"], set(), with(set(), json!({ "activate": null })), json!({ "activate": true }));
    assert_eq!(check(&plan(&[unknown, new_content()])).tally(RULE), SKIPPED);
    let alone = || check(&plan(&[unchanged(SET, set())]));
    let other = other_stack(state(&[resource(OBJECT, object(json!({ "content": "b" })))]));
    assert_eq!(alone().and("b/input.json", &other).tally(RULE), SKIPPED);
    assert_eq!(alone().and("b/input.json", &plan(&[new_content()])).tally(RULE), SKIPPED);
    let read = change("data.aws_s3_object.o", &["read"], Value::Null, object(json!({})), json!({ "body": true }));
    assert_eq!(check(&plan(&[unchanged(SET, set()), read])).tally(RULE), SKIPPED);
    let both = state(&[resource(SET, set()), resource(OBJECT, object(json!({ "content": "b" })))]);
    assert_eq!(check(&both).tally(RULE), SKIPPED);
    // A new object is the business of other rules: the location is as it was.
    let new = created(OBJECT, object(json!({ "content": "b" })), &["etag"]);
    assert_eq!(check(&plan(&[unchanged(SET, set()), new])).says(RULE), [] as [&str; 0]);
}

#[test]
fn every_set_of_the_object_is_told() {
    let threat = "aws_guardduty_threatintelset.t";
    let document = plan(&[unchanged(SET, set()), unchanged(threat, set()), new_content()]);
    assert_eq!(check(&document).says(RULE), [format!("fail {SET}"), format!("fail {threat}")]);
}

/// A plan that changes the list's content only, with these blocks beside it; `text` is their source.
fn beside(blocks: &[Value], text: &str) -> Run {
    let changes = [unchanged(SET, set()), new_content()];
    let blocks = [&[block(SET, json!({})), block(OBJECT, json!({}))], blocks].concat();
    check(&plan_of(&changes, &blocks)).with_sources(&[("", text)])
}

#[test]
fn silent_when_something_that_depends_on_the_object_runs_the_update() {
    let on_object = || refers(&["aws_s3_object.o.etag"]);
    let triggered = |address: &str| block(address, json!({ "triggers_replace": on_object() }));
    let depends = |address: &str| with(block(address, json!({})), json!({ "depends_on": ["aws_s3_object.o"] }));
    let provisioned = |address: &str| {
        let command = json!([{ "type": "local-exec", "expressions": { "command": on_object() } }]);
        with(block(address, json!({})), json!({ "provisioners": command }))
    };
    for call in ["update-ip-set", "update-threat-intel-set"] {
        for resource_type in ["terraform_data", "null_resource"] {
            let address = format!("{resource_type}.load");
            let text = format!(
                "resource \"{resource_type}\" \"load\" {{\n  provisioner \"local-exec\" {{\n    command = \"aws guardduty {call} --activate\"\n  }}\n}}"
            );
            for block in [triggered(&address), depends(&address), provisioned(&address)] {
                assert_eq!(beside(&[block], &text).tally(RULE), PASSED, "{text}");
            }
        }
    }
    // The name says it.
    let named = "resource \"terraform_data\" \"update-ip-set\" {\n  provisioner \"local-exec\" {\n    command = \"./load.sh\"\n  }\n}";
    assert_eq!(beside(&[triggered("terraform_data.update-ip-set")], named).tally(RULE), PASSED);
}

#[test]
fn what_does_not_depend_on_the_object_or_runs_something_else_does_not_silence_it() {
    let script = |command: &str| {
        format!(
            "resource \"terraform_data\" \"load\" {{\n  provisioner \"local-exec\" {{\n    command = \"{command}\"\n  }}\n}}"
        )
    };
    let on = |reference: &str| block("terraform_data.load", json!({ "triggers_replace": refers(&[reference]) }));
    let update = script("aws guardduty update-ip-set");
    assert_eq!(beside(&[on("aws_s3_object.o.etag")], &script("echo done")).tally(RULE), FAILED);
    assert_eq!(
        beside(&[on("aws_s3_object.other.etag"), block("aws_s3_object.other", json!({}))], &update).tally(RULE),
        FAILED
    );
    assert_eq!(beside(&[on("aws_guardduty_ipset.t.id")], &update).tally(RULE), FAILED);
    assert_eq!(beside(&[], &update).tally(RULE), FAILED);
}

#[test]
fn an_update_in_another_module_is_seen() {
    let load = block("terraform_data.load", json!({ "triggers_replace": refers(&["var.etag"]) }));
    let call = json!({ "expressions": { "etag": refers(&["aws_s3_object.o.etag"]) }, "module": module(&[load], json!({ "variables": { "etag": {} } })) });
    let root = module(&[block(SET, json!({})), block(OBJECT, json!({}))], json!({ "module_calls": { "load": call } }));
    let text = "variable \"etag\" {}\nresource \"terraform_data\" \"load\" {\n  triggers_replace = var.etag\n  provisioner \"local-exec\" { command = \"aws guardduty update-ip-set\" }\n}";
    let run = check(&plan_in(&[unchanged(SET, set()), new_content()], root)).with_sources(&[("", ""), ("load", text)]);
    assert_eq!(run.tally(RULE), PASSED);
}

#[test]
fn undecided_when_an_aws_lambda_invocation_has_the_object_in_its_triggers() {
    let invocation = |reference: &str| block("aws_lambda_invocation.load", json!({ "triggers": refers(&[reference]) }));
    assert_eq!(beside(&[invocation("aws_s3_object.o.etag")], "").says(RULE), [format!("undecided {SET}")]);
    assert_eq!(beside(&[invocation("aws_s3_bucket.b.id")], "").tally(RULE), FAILED);
    let message = beside(&[invocation("aws_s3_object.o.etag")], "").messages(RULE).remove(0);
    assert!(message.contains("aws_lambda_invocation.load"), "{message}");
}
