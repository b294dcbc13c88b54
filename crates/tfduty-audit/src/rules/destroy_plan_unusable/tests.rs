use serde_json::json;

use crate::testing::{destroy, destroy_plan, put};

const SOURCES: &str = "resource \"aws_s3_bucket\" \"lists\" {\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n";

#[test]
fn what_has_probably_failed_the_planning_is_shown() {
    let buckets = [("aws_s3_bucket.lists", json!({ "id": "lists" })), ("aws_s3_bucket.logs", json!({ "id": "logs" }))];
    let plan = put(destroy_plan(&buckets), "/errored", json!(true));
    // Where `destroy-prevented` runs, it tells that itself.
    let run = destroy(&plan).with(|settings| settings.skip = vec!["destroy-prevented".into()]);
    let finding = run.with_sources(&[("", SOURCES)]).finding("destroy-plan-unusable");
    let [related] = finding.related.as_slice() else { panic!("{:?}", finding.related) };
    assert_eq!(related.address.as_deref(), Some("aws_s3_bucket.lists"));
    assert_eq!(related.source.as_ref().map(|source| source.line), Some(3));
    assert!(destroy(&plan).finding("destroy-plan-unusable").related.is_empty());
}
