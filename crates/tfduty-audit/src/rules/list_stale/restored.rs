//! Content that was rewritten outside Terraform, and hashes beside known content.

use serde_json::{Value, json};

use crate::testing::{
    change, check,
    lists::{object_at, set_at, with, with_drift},
    plan, unchanged,
};

const RULE: &str = "list-stale";
const OBJECT: &str = "aws_s3_object.o";

fn object(content: &str, etag: &str, hash: &str) -> Value {
    with(object_at("lists", "k"), json!({ "content": content, "etag": etag, "source_hash": hash }))
}

fn updates(before: &Value, after: &Value) -> Value {
    change(OBJECT, &["update"], before.clone(), after.clone(), json!({}))
}

/// The verdict on a plan that takes the object from `before` to `after`, where refresh found `before` instead of `loaded`.
fn judged(loaded: Option<&Value>, before: &Value, after: &Value) -> (u64, u64, u64, u64) {
    let item = if before == after { unchanged(OBJECT, after.clone()) } else { updates(before, after) };
    let plan = plan(&[unchanged("aws_guardduty_ipset.t", set_at("s3://lists/k")), item]);
    let drift: Vec<Value> = loaded.map(|loaded| updates(loaded, before)).into_iter().collect();
    check(&with_drift(plan, &drift)).tally(RULE)
}

#[test]
fn what_the_plan_sets_back_is_what_guardduty_has_loaded() {
    let (mine, evil, new) = (object("1.1.1.1", "aaa", ""), object("1.1.1.1", "evil", ""), object("2.2.2.2", "bbb", ""));
    assert_eq!(judged(Some(&mine), &evil, &mine), (1, 0, 0, 0));
    assert_eq!(judged(Some(&mine), &evil, &new), (0, 1, 0, 0));
    assert_eq!(judged(Some(&mine), &evil, &evil), (0, 1, 0, 0));
    // That it was once something else is nothing that the plan tells.
    assert_eq!(judged(None, &evil, &mine), (0, 1, 0, 0));
}

#[test]
fn a_hash_beside_content_that_is_the_same_changes_no_byte() {
    assert_eq!(judged(None, &object("1.1.1.1", "aaa", "one"), &object("1.1.1.1", "aaa", "two")), (1, 0, 0, 0));
    assert_eq!(judged(None, &object("", "aaa", "one"), &object("", "aaa", "two")), (0, 1, 0, 0));
}
