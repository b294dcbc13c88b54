//! Known JSON texts.

use serde_json::json;

use super::{super::policy_of, KnownPolicy, PolicyText, faults, object, says};
use crate::{
    estate::Estate,
    testing::{check, check_text, created, plan, resource, state},
};

fn known(estate: &Estate) -> Box<KnownPolicy> {
    match policy_of(estate, object(estate, "aws_s3_bucket_policy.p"), "policy") {
        PolicyText::Known(known) => known,
        other => panic!("{other:?}"),
    }
}

fn policy(text: &str) -> serde_json::Value {
    state(&[resource("aws_s3_bucket_policy.p", json!({ "bucket": "b", "policy": text }))])
}

#[test]
fn a_statement_has_its_place_in_the_text() {
    let text = "{\n \"Statement\": [\n  {\"Effect\": \"Deny\"},\n  {\"Sid\": \"é\", \"Effect\": \"Allow\"}\n ]\n}";
    let estate = check(&policy(text)).estate();
    let known = known(&estate);
    let (holder, anchor) = known.label(&estate, known.document().statements()[1].origin(), "allowed");
    assert_eq!(holder, Some(object(&estate, "aws_s3_bucket_policy.p")));
    assert_eq!(anchor.pointer, "/resources/0/instances/0/attributes/policy");
    let inner = anchor.inner.unwrap();
    assert_eq!(text.get(inner.byte..inner.byte + inner.len), Some("{\"Sid\": \"é\", \"Effect\": \"Allow\"}"));
    assert_eq!((inner.line, inner.column), (4, 3));
    assert_eq!((anchor.label.as_str(), anchor.written), ("allowed", None));
}

#[test]
fn objects_with_one_text_each_have_their_places() {
    let text = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}"#;
    let values = json!({ "policy": text });
    let resources = ["a", "b"].map(|name| resource(&format!("aws_s3_bucket_policy.{name}"), values.clone()));
    let estate = check(&state(&resources)).estate();
    for (index, name) in ["a", "b"].into_iter().enumerate() {
        let id = object(&estate, &format!("aws_s3_bucket_policy.{name}"));
        let PolicyText::Known(known) = policy_of(&estate, id, "policy") else { panic!("{name} is known") };
        assert!(known.is_readable() && !known.may_be_about_guardduty());
        let (holder, anchor) = known.label(&estate, known.document().statements()[0].origin(), "");
        assert_eq!(holder, Some(id));
        assert_eq!(anchor.pointer, format!("/resources/{index}/instances/0/attributes/policy"));
        assert_eq!(anchor.inner.map(|inner| text[inner.byte..].starts_with("{\"Effect\"")), Some(true));
    }
}

#[test]
fn names_that_stand_twice_are_reported() {
    let estate = check(&policy(r#"{"Statement": [{"Effect": "Deny", "Effect": "Allow"}], "Id": 1, "Id": 2}"#)).estate();
    let found = faults(known(&estate).document());
    assert!(found.contains(&"`Effect` is there twice".into()), "{found:?}");
}

#[test]
fn what_is_no_json_is_not_known() {
    let says = |text: &str| says(check(&policy(text)), "aws_s3_bucket_policy.p");
    assert_eq!(says(""), ["none"]);
    assert_eq!(says("${file(\"policy.json\")}"), ["unknown: it is no JSON"]);
    assert_eq!(says("{\"Statement\": ["), ["unknown: it is no JSON"]);
    assert_eq!(says(&"[".repeat(100_000)), ["unknown: it is no JSON"]);
    // Twice encoded, no object, no statement: the document has that as its fault.
    for text in ["\"{}\"", "1", "{}", "{\"Statement\": []}"] {
        let estate = check(&policy(text)).estate();
        let known = known(&estate);
        assert!(!known.is_readable() && known.document().faults().len() == 1, "{text}");
    }
}

#[test]
fn a_sensitive_policy_says_so_at_every_place() {
    let document = r#"{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "resources": [{
        "mode": "managed", "type": "aws_s3_bucket_policy", "name": "p",
        "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
        "instances": [{"attributes": {"bucket": "b", "policy": "{\"Statement\": {\"Effect\": \"Deny\"}}"},
            "sensitive_attributes": [[{"type": "get_attr", "value": "policy"}]]}]}]}"#;
    let estate = check_text(document).estate();
    let known = known(&estate);
    assert!(known.sensitive);
    assert!(known.label(&estate, known.document().statements()[0].origin(), "").1.sensitive);
}

#[test]
fn what_is_known_only_after_apply_names_what_it_comes_from() {
    let run = check(&plan(&[created("aws_s3_bucket_policy.p", json!({ "bucket": "b" }), &["policy"])]));
    assert_eq!(says(run, "aws_s3_bucket_policy.p"), ["unknown: it is known only after apply"]);
}
