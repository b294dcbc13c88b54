use serde_json::json;

use crate::testing::{destroy, destroy_plan, going::forgetting, pointed_at, put};

const RULE: &str = "destroy-plan-unusable";

const SOURCES: &str = "resource \"aws_s3_bucket\" \"lists\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n";

#[test]
fn what_has_probably_failed_the_planning_is_shown() {
    let buckets = [("aws_s3_bucket.lists", json!({ "id": "lists" })), ("aws_s3_bucket.logs", json!({ "id": "logs" }))];
    let plan = put(destroy_plan(&buckets), "/errored", json!(true));
    // Where `destroy-prevented` runs, it tells that itself.
    let run = destroy(&plan).with(|settings| settings.skip = vec!["destroy-prevented".into()]);
    let finding = run.with_sources(&[("", SOURCES)]).finding(RULE);
    let [related] = finding.related.as_slice() else { panic!("{:?}", finding.related) };
    assert_eq!(related.address.as_deref(), Some("aws_s3_bucket.lists"));
    assert_eq!(related.source.as_ref().map(|source| source.line), Some(3));
    assert!(destroy(&plan).finding(RULE).related.is_empty());
}

#[test]
fn a_plan_that_cannot_be_applied_fails_where_it_has_anything_to_delete() {
    let bucket = [("aws_s3_bucket.lists", json!({ "id": "lists" }))];
    let unusable = |plan| put(plan, "/applyable", json!(false));
    for document in [destroy_plan(&bucket), forgetting(&[], &bucket)].map(unusable) {
        let finding = destroy(&document).finding(RULE);
        assert_eq!(pointed_at(&finding, &document), ("/applyable".into(), "false".into()));
        assert_eq!(finding.anchor.object, finding.anchor.span);
    }
}
