use serde_json::{Value, json};

use crate::testing::{
    Run, block, change, check,
    content::{FORMATS, OBJECT, THREAT, TRUSTED, written},
    created,
    lists::{object_at, other_stack, refers, set_at, with},
    plan, plan_of, resource, state, unchanged,
};

const RULE: &str = "list-unused";
const OTHER: &str = "aws_s3_object.p";
const NOTHING: [&str; 0] = [];

/// An object with this content.
fn holds(bucket: &str, key: &str, content: &str) -> Value {
    with(object_at(bucket, key), json!({ "content": content }))
}

/// A trusted list that is read, and its set.
fn read() -> [Value; 2] {
    [resource(OBJECT, holds("lists", "k", "8.8.8.8\n")), resource(TRUSTED, set_at("s3://lists/k"))]
}

/// A state with that list, and these beside it.
fn beside(others: &[Value]) -> Value {
    state(&[&read(), others].concat())
}

#[test]
fn fails_when_an_object_beside_a_list_looks_like_one_and_no_set_uses_it() {
    let document = beside(&[resource(OTHER, holds("lists", "other.txt", "1.1.1.1\n"))]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OTHER}")]);
    let places = check(&document).places(RULE);
    assert!(places.iter().any(|place| place == "/resources/2/instances/0/attributes/key"), "{places:?}");
    // In every format.
    for format in FORMATS {
        let text = written(format, &["198.51.100.7", "203.0.113.0/24", "8.8.8.8", "1.1.1.1"]);
        let document = beside(&[resource(OTHER, holds("lists", "other.txt", &text))]);
        assert_eq!(check(&document).says(RULE), [format!("fail {OTHER}")], "{format}");
    }
    // It may be in another stack.
    let other = other_stack(state(&[resource(OTHER, holds("lists", "other.txt", "1.1.1.1\n"))]));
    assert_eq!(check(&state(&read())).and("b/input.json", &other).says(RULE), [format!("fail {OTHER}")]);
}

#[test]
fn a_telling_key_or_name_makes_an_object_of_any_bucket_a_subject() {
    for (address, key, subject) in [
        ("aws_s3_object.p", "lists/ipset.txt", true),
        ("aws_s3_object.p", "ip_set.txt", true),
        ("aws_s3_object.p", "threat.txt", true),
        ("aws_s3_object.p", "trusted/office.txt", true),
        ("aws_s3_object.p", "guardduty/office.txt", true),
        ("aws_s3_object.trusted", "office.txt", true),
        ("aws_s3_object.threat_list", "office.txt", true),
        ("aws_s3_object.p", "office.txt", false),
    ] {
        let document = beside(&[resource(address, holds("elsewhere", key, "1.1.1.1\n"))]);
        let expected = if subject { vec![format!("fail {address}")] } else { vec![] };
        assert_eq!(check(&document).says(RULE), expected, "{address} {key}");
    }
}

#[test]
fn silent_when_the_content_does_not_look_like_a_list() {
    for (content, fails) in [
        ("hello world\nthis is no list\n", false),
        ("{\"addresses\": [\"1.1.1.1\"]}", false),
        ("\n\n", false),
        // Looks like a list of addresses, but none is valid.
        ("2001:db8::1\n2001:db8::2\n", false),
        // "At least half its lines are valid entries."
        ("1.1.1.1\nhello world\n", true),
        ("1.1.1.1\nhello world\nthis is no list\n", false),
        ("1.1.1.1\n8.8.4.4\nscanner.example.com\nscanner.example.org\n", true),
        ("1.1.1.1\nscanner.example.com\nscanner.example.org\n", false),
    ] {
        let document = beside(&[resource(OTHER, holds("lists", "trusted.txt", content))]);
        assert_eq!(!check(&document).says(RULE).is_empty(), fails, "{content:?}");
    }
}

#[test]
fn an_object_that_a_set_reads_is_used() {
    let both = [
        resource(OTHER, holds("lists", "threat.txt", "1.1.1.1\n")),
        resource(THREAT, with(set_at("s3://lists/threat.txt"), json!({ "name": "threat" }))),
    ];
    assert_eq!(check(&beside(&both)).says(RULE), NOTHING);
    // Though it is inactive.
    let inactive = with(set_at("s3://lists/threat.txt"), json!({ "name": "threat", "activate": false }));
    assert_eq!(check(&beside(&[both[0].clone(), resource(THREAT, inactive)])).says(RULE), NOTHING);
}

#[test]
fn a_set_whose_location_is_known_counts_as_resolved_though_it_is_invalid_or_names_another_key() {
    for location in ["nowhere", "s3://lists/quite/another", "s3://elsewhere/k"] {
        let other = resource(OTHER, holds("lists", "threat.txt", "1.1.1.1\n"));
        let set = resource(THREAT, with(set_at(location), json!({ "name": "threat" })));
        assert_eq!(check(&beside(&[other, set])).says(RULE), [format!("fail {OTHER}")], "{location}");
    }
}

/// A plan with the list that is read, another object, and these changes; their blocks.
fn planned(more: &[Value], blocks: &[Value]) -> Value {
    let changes = [
        unchanged(OBJECT, holds("lists", "k", "8.8.8.8\n")),
        unchanged(TRUSTED, set_at("s3://lists/k")),
        unchanged(OTHER, holds("lists", "threat.txt", "1.1.1.1\n")),
    ];
    let known = [block(OBJECT, json!({})), block(TRUSTED, json!({})), block(OTHER, json!({}))];
    plan_of(&[&changes, more].concat(), &[&known, blocks].concat())
}

/// This rule alone, without those that speak first.
fn alone(document: &Value) -> Run {
    check(document).with(|settings| settings.only = vec![RULE.to_owned()])
}

/// A plan that makes a threat list, whose location is that of these references.
fn located(references: &[&str]) -> Value {
    let set = created(THREAT, with(set_at(""), json!({ "name": "threat" })), &["location", "id"]);
    planned(&[set], &[block(THREAT, json!({ "location": refers(references) }))])
}

#[test]
fn undecided_when_some_sets_location_is_unknown_and_may_point_at_it() {
    assert_eq!(alone(&located(&["local.location"])).says(RULE), [format!("undecided {OTHER}")]);
    // By reference it is the object's own.
    assert_eq!(alone(&located(&["aws_s3_object.p.key"])).says(RULE), NOTHING);
    assert_eq!(alone(&planned(&[], &[])).says(RULE), [format!("fail {OTHER}")]);
}

#[test]
fn a_location_that_is_not_known_is_said_of_the_set_alone() {
    let document = || located(&["local.location"]);
    assert_eq!(check(&document()).says("list-object-missing"), [format!("undecided {THREAT}")]);
    assert_eq!(check(&document()).tally(RULE), (0, 0, 0, 1));
    // Whatever another set hides, an object that no set can name is told.
    let elsewhere = planned(&[created(THREAT, set_at("s3://elsewhere/k"), &[])], &[]);
    assert_eq!(check(&elsewhere).says("list-object-missing"), [format!("undecided {THREAT}")]);
    assert_eq!(check(&elsewhere).says(RULE), [format!("fail {OTHER}")]);
}

#[test]
fn of_several_sets_the_message_names_each_and_whose_location_it_speaks_of() {
    let set = |address: &str| created(address, set_at(""), &["location", "id"]);
    let from = |address: &str, local: &str| block(address, json!({ "location": refers(&[local]) }));
    let another = "aws_guardduty_threatintelset.another";
    let one = alone(&located(&["local.location"])).finding(RULE).message;
    assert!(
        one.starts_with(&format!(
            "whether {THREAT} reads this list is not known: `location` of {THREAT} decides, and it is known only after apply, \
             from `local.location`; "
        )),
        "{one}"
    );
    let document =
        planned(&[set(another), set(THREAT)], &[from(another, "local.another"), from(THREAT, "local.location")]);
    let finding = alone(&document).finding(RULE);
    assert!(
        finding.message.starts_with(&format!(
            "whether any of {another}, {THREAT} reads this list is not known: `location` of {another} decides, and it is \
             known only after apply, from `local.another`; "
        )),
        "{}",
        finding.message
    );
    let labelled: Vec<_> = finding.related.iter().filter_map(|related| related.address.as_deref()).collect();
    assert_eq!(labelled, [another, THREAT]);
}

#[test]
fn silent_when_the_content_is_unknown() {
    for others in [json!({}), json!({ "source": "threat.txt" }), json!({ "content": "x", "content_encoding": "gzip" })]
    {
        let object = resource(OTHER, with(object_at("lists", "threat.txt"), others));
        assert_eq!(check(&beside(&[object])).says(RULE), NOTHING);
    }
    let unknown = created("aws_s3_object.q", object_at("lists", "trusted.txt"), &["content"]);
    let said = check(&planned(&[unknown], &[])).says(RULE);
    assert!(!said.iter().any(|line| line.contains("aws_s3_object.q")), "{said:?}");
}

#[test]
fn silent_when_other_consumers_refer_to_it() {
    for (consumer, reference) in [
        ("aws_wafv2_ip_set.w", "aws_s3_object.p.content"),
        ("aws_networkfirewall_rule_group.n", "aws_s3_object.p.key"),
        ("aws_lambda_function.l", "aws_s3_object.p.key"),
    ] {
        let blocks = [block(consumer, json!({ "description": refers(&[reference]) }))];
        let changes = [unchanged(consumer, json!({ "id": "1" }))];
        assert_eq!(check(&planned(&changes, &blocks)).says(RULE), NOTHING, "{consumer}");
    }
    // Settings of the bucket are no consumers; neither is what refers to another object.
    for (consumer, reference) in
        [("aws_s3_bucket_policy.b", "aws_s3_object.p.arn"), ("aws_wafv2_ip_set.w", "aws_s3_object.o.content")]
    {
        let blocks = [block(consumer, json!({ "policy": refers(&[reference]) }))];
        let changes = [unchanged(consumer, json!({ "id": "1", "bucket": "lists" }))];
        assert_eq!(check(&planned(&changes, &blocks)).says(RULE), [format!("fail {OTHER}")], "{consumer}");
    }
}

#[test]
fn only_present_managed_objects_are_subjects() {
    let read_only = with(object_at("lists", "threat.txt"), json!({ "body": "1.1.1.1\n" }));
    assert_eq!(check(&beside(&[resource("data.aws_s3_object.p", read_only)])).says(RULE), NOTHING);
    let list = holds("lists", "threat.txt", "1.1.1.1\n");
    let document = plan(&[
        unchanged(OBJECT, holds("lists", "k", "8.8.8.8\n")),
        unchanged(TRUSTED, set_at("s3://lists/k")),
        change(OTHER, &["delete"], list, Value::Null, json!({})),
    ]);
    assert_eq!(check(&document).says(RULE), NOTHING);
}

#[test]
fn of_sensitive_content_no_entry_is_shown() {
    let mut other = resource(OTHER, holds("lists", "threat.txt", "10.9.8.7\n"));
    other["instances"][0]["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": "content" }]]);
    let document = beside(&[other]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OTHER}")]);
    let texts = check(&document).texts(RULE);
    assert!(!texts.iter().any(|text| text.contains("10.9.8.7")), "{texts:#?}");
}
