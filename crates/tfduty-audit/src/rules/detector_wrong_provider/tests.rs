use serde_json::{Value, json};

use crate::testing::{
    aliased, block, block_under, bystander, change, check, created, detector_in, plan_of, put, resource, shown_state,
    state, unchanged, with_provider,
};

const RULE: &str = "detector-wrong-provider";
const DETECTOR: &str = "aws_guardduty_detector.this";
const FILTER: &str = "aws_guardduty_filter.f";
const ACCOUNT: &str = "111122223333";
const OTHER_ACCOUNT: &str = "444455556666";

fn ireland() -> Value {
    detector_in("eu-west-1", ACCOUNT, "12ab")
}

/// A filter of the detector `12ab`, made in this region and account.
fn filter_in(region: &str, account: &str) -> Value {
    json!({
        "id": "12ab:f", "detector_id": "12ab", "name": "f",
        "arn": format!("arn:aws:guardduty:{region}:{account}:detector/12ab/filter/f"),
    })
}

fn region(name: &str) -> Value {
    json!({ "region": { "constant_value": name } })
}

fn role(account: &str) -> Value {
    let role = format!("arn:aws:iam::{account}:role/audit");
    json!({ "region": { "constant_value": "eu-west-1" }, "assume_role": [{ "role_arn": { "constant_value": role } }] })
}

fn this_detector() -> Value {
    json!({ "detector_id": { "references": ["aws_guardduty_detector.this.id", "aws_guardduty_detector.this"] } })
}

/// A plan that makes a detector, and under the provider configuration `aws.two` a child that refers to it.
fn referring(child: &str, expressions: Value) -> Value {
    let blocks = [block(DETECTOR, json!({})), block_under("aws.two", child, this_detector())];
    let new = [created(DETECTOR, json!({}), &["id", "arn"]), created(child, json!({}), &["id", "detector_id"])];
    with_provider(plan_of(&new, &blocks), "aws.two", expressions)
}

#[test]
fn passes_in_one_account_and_region() {
    let (detector, filter) = (ireland(), filter_in("eu-west-1", ACCOUNT));
    for document in [
        state(&[resource(DETECTOR, detector.clone()), resource(FILTER, filter.clone())]),
        state(&[resource(DETECTOR, detector.clone()), aliased("main", FILTER, filter.clone())]),
        shown_state(&[(DETECTOR, detector.clone()), (FILTER, filter.clone())]),
        plan_of(&[unchanged(DETECTOR, detector), unchanged(FILTER, filter)], &[]),
    ] {
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{document}");
    }
}

#[test]
fn passes_under_one_provider_of_which_nothing_is_known() {
    let blocks = [block(DETECTOR, json!({})), block(FILTER, this_detector())];
    let new = [created(DETECTOR, json!({}), &["id"]), created(FILTER, json!({}), &["detector_id"])];
    let document =
        with_provider(plan_of(&new, &blocks), "aws", json!({ "region": { "references": ["local.region"] } }));
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0));
    let feature = resource("aws_guardduty_detector_feature.f", json!({ "detector_id": "12ab" }));
    let document = state(&[resource(DETECTOR, json!({ "id": "12ab" })), feature]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn fails_when_the_known_region_or_account_differs() {
    for filter in [filter_in("us-east-1", ACCOUNT), filter_in("eu-west-1", OTHER_ACCOUNT)] {
        for document in [
            state(&[resource(DETECTOR, ireland()), aliased("two", FILTER, filter.clone())]),
            shown_state(&[(DETECTOR, ireland()), (FILTER, filter.clone())]),
            plan_of(&[unchanged(DETECTOR, ireland()), unchanged(FILTER, filter.clone())], &[]),
        ] {
            assert_eq!(check(&document).says(RULE), [format!("fail {FILTER}")], "{document}");
        }
        let detector = put(state(&[resource(DETECTOR, ireland())]), "/lineage", json!("hub"));
        let run = check(&state(&[resource(FILTER, filter)])).and("b/hub.json", &detector);
        assert_eq!(run.says(RULE), [format!("fail {FILTER}")]);
    }
}

#[test]
fn fails_by_the_vote_of_the_objects_under_a_provider_string() {
    let bucket = aliased("us", "aws_s3_bucket.b", json!({ "bucket": "b", "region": "us-east-1" }));
    let feature = aliased("us", "aws_guardduty_detector_feature.f", json!({ "detector_id": "12ab", "name": "RDS" }));
    let document = state(&[resource(DETECTOR, ireland()), bucket, feature]);
    assert_eq!(check(&document).says(RULE), ["fail aws_guardduty_detector_feature.f"]);
}

#[test]
fn fails_for_every_kind_of_child() {
    for child in [
        "aws_guardduty_detector_feature.c",
        "aws_guardduty_filter.c",
        "aws_guardduty_invite_accepter.c",
        "aws_guardduty_ipset.c",
        "aws_guardduty_member.c",
        "aws_guardduty_organization_configuration.c",
        "aws_guardduty_publishing_destination.c",
        "aws_guardduty_threatintelset.c",
        "awscc_guardduty_threat_entity_set.c",
        "awscc_guardduty_trusted_entity_set.c",
    ] {
        assert_eq!(check(&referring(child, region("us-east-1"))).says(RULE), [format!("fail {child}")]);
    }
}

#[test]
fn fails_by_reference_when_region_or_role_differs() {
    assert_eq!(check(&referring(FILTER, region("us-east-1"))).says(RULE), [format!("fail {FILTER}")]);
    let roles = with_provider(referring(FILTER, role(OTHER_ACCOUNT)), "aws", role(ACCOUNT));
    assert_eq!(check(&roles).says(RULE), [format!("fail {FILTER}")]);
    let by_variable = referring(FILTER, json!({ "region": { "references": ["var.region"] } }));
    let by_variable = put(by_variable, "/variables", json!({ "region": { "value": "us-east-1" } }));
    assert_eq!(check(&by_variable).says(RULE), [format!("fail {FILTER}")]);
}

#[test]
fn the_region_of_a_provider_is_resolved() {
    let reads = |name: &str, key: &str, values: Value| {
        let address = format!("data.aws_region.{name}");
        (change(&address, &["read"], Value::Null, values, json!({})), block_under(key, &address, json!({})))
    };
    let by_data = json!({ "region": { "references": ["data.aws_region.us.name", "data.aws_region.us"] } });
    for (two, (item, block)) in [
        // From a data source that the expression names, in provider versions 5 and 6.
        (by_data, reads("us", "aws.us", json!({ "name": "us-east-1", "id": "us-east-1" }))),
        (
            json!({ "region": { "references": ["data.aws_region.us.region", "data.aws_region.us"] } }),
            reads("us", "aws.us", json!({ "region": "us-east-1" })),
        ),
        // From the data source under the provider itself, where nothing else tells.
        (json!({}), reads("here", "aws.two", json!({ "name": "us-east-1" }))),
        (
            json!({ "region": { "references": ["local.region"] } }),
            reads("here", "aws.two", json!({ "region": "us-east-1" })),
        ),
    ] {
        let document = put(referring(FILTER, two.clone()), "/resource_changes/-", item);
        let document = put(document, "/configuration/root_module/resources/-", block);
        assert_eq!(check(&document).says(RULE), [format!("fail {FILTER}")], "{two}");
    }
    let local = referring(FILTER, json!({ "region": { "references": ["local.region"] } }));
    let sources =
        "locals { region = \"us-east-1\" }\nprovider \"aws\" {\n  alias = \"two\"\n  region = local.region\n}\n";
    let local = put(local, "/configuration/provider_config/aws.two/alias", json!("two"));
    assert_eq!(check(&local).with_sources(&[("", sources)]).says(RULE), [format!("fail {FILTER}")]);
}

#[test]
fn what_names_a_region_of_its_own_says_nothing_of_its_provider() {
    // A data source that asks for a region shows that region, not the provider's.
    let data = "data.aws_region.asked";
    let asks = block_under("aws.two", data, json!({ "region": { "constant_value": "us-east-1" } }));
    let document = referring(FILTER, json!({}));
    let item = change(data, &["read"], Value::Null, json!({ "region": "us-east-1" }), json!({}));
    let document = put(document, "/resource_changes/-", item);
    let document = put(document, "/configuration/root_module/resources/-", asks);
    assert_eq!(check(&document).says(RULE), [format!("undecided {FILTER}")]);
    // Nor does an object with the argument of provider version 6.
    let key = aliased("two", "aws_kms_key.k", json!({ "id": "k", "region": "us-east-1" }));
    let feature = aliased("two", "aws_guardduty_detector_feature.f", json!({ "detector_id": "12ab" }));
    let document = state(&[resource(DETECTOR, ireland()), key, feature]);
    assert_eq!(check(&document).says(RULE), ["undecided aws_guardduty_detector_feature.f"]);
}

#[test]
fn a_deposed_copy_of_the_detector_does_not_make_its_reference_ambiguous() {
    let old = put(change(DETECTOR, &["delete"], ireland(), Value::Null, json!({})), "/deposed", json!("701a98cd"));
    let document = put(referring(FILTER, region("us-east-1")), "/resource_changes/-", old);
    assert_eq!(check(&document).says(RULE), [format!("fail {FILTER}")]);
}

#[test]
fn fails_when_a_module_is_given_another_provider() {
    let child = format!("module.lists.{FILTER}");
    let detector_id = json!({ "detector_id": { "references": ["var.detector"] } });
    let call = json!({
        "expressions": { "detector": { "references": ["aws_guardduty_detector.this.id", "aws_guardduty_detector.this"] } },
        "module": { "resources": [block_under("aws.us", FILTER, detector_id)], "variables": { "detector": {} } },
    });
    let new = [created(DETECTOR, json!({}), &["id"]), created(&child, json!({}), &["detector_id"])];
    let document = put(
        plan_of(&new, &[block(DETECTOR, json!({}))]),
        "/configuration/root_module/module_calls",
        json!({ "lists": call }),
    );
    let elsewhere = with_provider(document.clone(), "aws.us", region("us-east-1"));
    assert_eq!(check(&elsewhere).says(RULE), [format!("fail {child}")]);
    assert_eq!(check(&with_provider(document.clone(), "aws.us", region("eu-west-1"))).tally(RULE), (1, 0, 0, 0));
    // Older versions name a configuration that the module inherits.
    let key = "/configuration/root_module/module_calls/lists/module/resources/0/provider_config_key";
    let inherited = put(document, key, json!("module.lists:aws"));
    assert_eq!(check(&inherited).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_region_of_its_own_decides_in_provider_version_6() {
    for (child, detector, expected) in [
        (Some("us-east-1"), None, (0, 1, 0, 0)),
        (None, Some("us-east-1"), (0, 1, 0, 0)),
        (Some("us-east-1"), Some("us-east-1"), (1, 0, 0, 0)),
        (Some("eu-west-1"), None, (1, 0, 0, 0)),
    ] {
        let blocks = [block(DETECTOR, json!({})), block(FILTER, this_detector())];
        let new = [
            created(DETECTOR, json!({ "region": detector }), &["id"]),
            created(FILTER, json!({ "region": child }), &["detector_id"]),
        ];
        assert_eq!(check(&plan_of(&new, &blocks)).tally(RULE), expected, "{child:?} {detector:?}");
    }
}

#[test]
fn detectors_of_data_sources_are_compared_too() {
    let data = "data.aws_guardduty_detector.this";
    for (two, expected) in [("us-east-1", (0, 1, 0, 0)), ("eu-west-1", (1, 0, 0, 0))] {
        let detector_id = json!({ "detector_id": { "references": [format!("{data}.id"), data] } });
        let blocks = [block(data, json!({})), block_under("aws.two", FILTER, detector_id)];
        let read = change(data, &["read"], Value::Null, json!({}), json!({ "id": true }));
        let new = [read, created(FILTER, json!({}), &["detector_id"])];
        let document = with_provider(plan_of(&new, &blocks), "aws.two", region(two));
        assert_eq!(check(&document).tally(RULE), expected, "{two}");
    }
}

#[test]
fn undecided_when_one_side_is_unknown_and_the_providers_differ() {
    let region = json!({ "region": { "references": ["local.region"] } });
    let role = json!({
        "region": { "constant_value": "eu-west-1" },
        "assume_role": [{ "role_arn": { "references": ["local.role"] } }],
    });
    let profile = json!({ "region": { "constant_value": "eu-west-1" }, "profile": { "constant_value": "audit" } });
    for two in [region, role, profile] {
        assert_eq!(check(&referring(FILTER, two.clone())).says(RULE), [format!("undecided {FILTER}")], "{two}");
    }
    let feature = aliased("two", "aws_guardduty_detector_feature.f", json!({ "detector_id": "12ab" }));
    let document = state(&[resource(DETECTOR, ireland()), feature]);
    assert_eq!(check(&document).says(RULE), ["undecided aws_guardduty_detector_feature.f"]);
}

#[test]
fn undecided_when_one_side_alone_has_a_role() {
    assert_eq!(check(&referring(FILTER, role(OTHER_ACCOUNT))).says(RULE), [format!("undecided {FILTER}")]);
    let other_way = with_provider(referring(FILTER, region("eu-west-1")), "aws", role(OTHER_ACCOUNT));
    assert_eq!(check(&other_way).says(RULE), [format!("undecided {FILTER}")]);
}

#[test]
fn nothing_is_said_when_detector_id_leads_to_no_detector() {
    let elsewhere = resource(FILTER, filter_in("us-east-1", OTHER_ACCOUNT));
    assert_eq!(check(&state(&[elsewhere])).tally(RULE), (0, 0, 0, 1));
    let other = detector_in("eu-west-1", ACCOUNT, "34cd");
    let document = state(&[resource(DETECTOR, other), aliased("two", FILTER, filter_in("us-east-1", ACCOUNT))]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 1));
    let unresolved = block_under("aws.two", FILTER, json!({ "detector_id": { "references": ["local.detector"] } }));
    let new = [created(DETECTOR, json!({}), &["id"]), created(FILTER, json!({}), &["detector_id"])];
    let document =
        with_provider(plan_of(&new, &[block(DETECTOR, json!({})), unresolved]), "aws.two", region("us-east-1"));
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 1));
}

#[test]
fn silent_when_the_keys_have_different_names_but_the_same_region_and_no_role() {
    assert_eq!(check(&referring(FILTER, region("eu-west-1"))).tally(RULE), (1, 0, 0, 0));
    let by_variable = referring(FILTER, json!({ "region": { "references": ["var.region"] } }));
    let by_variable = put(by_variable, "/variables", json!({ "region": { "value": "eu-west-1" } }));
    assert_eq!(check(&by_variable).tally(RULE), (1, 0, 0, 0));
    let one_role = with_provider(referring(FILTER, role(ACCOUNT)), "aws", role(ACCOUNT));
    assert_eq!(check(&one_role).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn silent_for_the_account_id_of_a_member_but_not_for_its_detector_id() {
    let member = json!({ "id": "12ab:444455556666", "detector_id": "12ab", "account_id": OTHER_ACCOUNT });
    let address = "aws_guardduty_member.m";
    for document in [
        state(&[resource(DETECTOR, ireland()), resource(address, member.clone())]),
        plan_of(
            &[unchanged(DETECTOR, ireland()), unchanged(address, member.clone())],
            &[block(DETECTOR, json!({})), block(address, json!({}))],
        ),
    ] {
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{document}");
    }
    let us = aliased("us", "aws_guardduty_filter.us", filter_in("us-east-1", ACCOUNT));
    let document = state(&[resource(DETECTOR, ireland()), aliased("us", address, member), us]);
    assert!(check(&document).says(RULE).contains(&format!("fail {address}")));
}

#[test]
fn silent_for_going_children_and_unknown_places_of_a_shown_state() {
    let gone = change(FILTER, &["delete"], filter_in("us-east-1", ACCOUNT), Value::Null, json!({}));
    let document = plan_of(&[unchanged(DETECTOR, ireland()), gone, bystander()], &[]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 0));
    let feature = json!({ "detector_id": "12ab", "name": "RDS_LOGIN_EVENTS" });
    let document = shown_state(&[(DETECTOR, ireland()), ("aws_guardduty_detector_feature.f", feature)]);
    assert_eq!(check(&document).says(RULE), [""; 0]);
}

#[test]
fn silent_for_children_of_a_detector_that_is_a_duplicate() {
    let blocks = [
        block("aws_guardduty_detector.first", json!({})),
        block(DETECTOR, json!({})),
        block_under("aws.two", FILTER, this_detector()),
    ];
    let new = [
        created("aws_guardduty_detector.first", json!({}), &["id"]),
        created(DETECTOR, json!({}), &["id"]),
        created(FILTER, json!({}), &["detector_id"]),
    ];
    let document = with_provider(plan_of(&new, &blocks), "aws.two", region("us-east-1"));
    assert_eq!(check(&document).says("detector-duplicate"), [format!("fail {DETECTOR}")]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 1));
}

#[test]
fn labels_show_the_provider_of_both() {
    let finding = check(&referring(FILTER, region("us-east-1"))).finding(RULE);
    assert_eq!(finding.anchor.pointer, "/resource_changes/1/change/after");
    assert!(finding.message.contains("us-east-1") && finding.message.contains("eu-west-1"), "{}", finding.message);
    assert_eq!(finding.related[0].address.as_deref(), Some(DETECTOR));
    assert!(finding.related[0].message.contains("(provider aws)"), "{}", finding.related[0].message);
    let provider = "/configuration/provider_config/aws.two/expressions/region/constant_value";
    assert_eq!(finding.related[1].anchor.pointer, provider);
}
