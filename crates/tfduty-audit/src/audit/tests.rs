use serde_json::{Value, json};

use super::{ask_each, with_known};
use crate::{
    Command, RULES, Settings,
    context::{Context, Reasons},
    testing::{check, created, plan, put},
};

#[test]
fn rules_that_are_asked_at_once_say_the_same_in_the_same_order() {
    let lists = ["a", "b"].map(|name| {
        let values = json!({ "location": format!("s3://lists/{name}.txt"), "format": "TXT", "activate": false });
        created(&format!("aws_guardduty_ipset.{name}"), values, &["id"])
    });
    let detectors = ["c", "d"].map(|name| {
        created(&format!("aws_guardduty_detector.{name}"), json!({ "enable": false }), &["id", "account_id"])
    });
    let estate = check(&plan(&[lists, detectors].concat())).estate();
    let settings = Settings::new(Command::Check, "2026-01-01");
    with_known(&estate, &Reasons::new(), |known| {
        let context = |rule| Context::new(known, &settings, rule);
        let [in_turn, at_once] = [false, true].map(|at_once| ask_each(RULES, at_once, &context));
        assert!(in_turn.0.len() > 10, "{in_turn:?}");
        assert_eq!(format!("{in_turn:?}"), format!("{at_once:?}"));
    });
}

/// The blocks of the detectors that two calls make, each with its source.
fn blocks(sources: [&str; 2]) -> Vec<Option<String>> {
    let addresses = ["module.eu.aws_guardduty_detector.d[0]", "module.us.aws_guardduty_detector.d[0]"];
    let call = |source: &str| {
        let block = json!({ "address": "aws_guardduty_detector.d", "mode": "managed", "type": "aws_guardduty_detector",
            "name": "d" });
        json!({ "source": source, "module": { "resources": [block] } })
    };
    let calls: Value = json!({ "eu": call(sources[0]), "us": call(sources[1]) });
    let changes = addresses.map(|address| created(address, json!({ "enable": false }), &["id"]));
    let document = put(plan(&changes), "/configuration", json!({ "root_module": { "module_calls": calls } }));
    let findings = check(&document).report().findings.into_iter();
    findings.filter(|finding| finding.rule.id == "detector-disabled").map(|finding| finding.block).collect()
}

#[test]
fn two_calls_of_one_module_make_objects_of_one_block() {
    let [one, other] = &blocks(["./baseline", "./baseline"])[..] else { panic!("not two findings") };
    assert!(one.is_some() && one == other, "{one:?} {other:?}");
    let [one, other] = &blocks(["./baseline", "./other"])[..] else { panic!("not two findings") };
    assert!(one.is_some() && other.is_some() && one != other, "{one:?} {other:?}");
}
