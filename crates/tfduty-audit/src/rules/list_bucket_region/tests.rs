use serde_json::{Value, json};

use crate::testing::{
    block, check, created, instance,
    lists::{object_at, other_stack, refers, set_at, show, shown, with},
    plan, plan_of, resource, state, unchanged,
};

const RULE: &str = "list-bucket-region";
const SET: &str = "aws_guardduty_ipset.t";
const BUCKET: &str = "aws_s3_bucket.b";

fn detector(id: &str, region: &str) -> Value {
    json!({ "id": id, "arn": format!("arn:aws:guardduty:{region}:123456789012:detector/{id}") })
}

fn bucket(region: &str) -> Value {
    resource(BUCKET, json!({ "id": "lists", "bucket": "lists", "region": region }))
}

/// A detector in eu-west-1, and a set of it in the bucket `lists`.
fn eu_list() -> [Value; 2] {
    [resource("aws_guardduty_detector.d", detector("12ab", "eu-west-1")), resource(SET, set_at("s3://lists/k"))]
}

fn with_bucket(bucket: Value) -> Value {
    let [detector, set] = eu_list();
    state(&[detector, set, bucket])
}

#[test]
fn fails_when_both_regions_are_known_and_differ() {
    assert_eq!(check(&with_bucket(bucket("eu-west-1"))).tally(RULE), (1, 0, 0, 0));
    let document = with_bucket(bucket("us-west-2"));
    assert_eq!(check(&document).says(RULE), [format!("fail {BUCKET}")]);
    assert_eq!(
        check(&document).places(RULE),
        ["/resources/2/instances/0/attributes/region", "/resources/1/instances/0/attributes/location"]
    );
}

#[test]
fn a_buckets_region_is_read_from_whatever_shows_it() {
    for (address, values, fails) in [
        // In provider v6 `region` is what was asked for and `bucket_region` what is.
        (BUCKET, json!({ "bucket": "lists", "bucket_region": "us-west-2", "region": "us-west-2" }), true),
        (BUCKET, json!({ "bucket": "lists", "bucket_region": "eu-west-1", "region": "eu-west-1" }), false),
        (BUCKET, json!({ "bucket": "lists", "bucket_regional_domain_name": "lists.s3.us-west-2.amazonaws.com" }), true),
        ("data.aws_s3_bucket.b", json!({ "bucket": "lists", "region": "us-west-2" }), true),
    ] {
        let expected = if fails { vec![format!("fail {address}")] } else { vec![] };
        assert_eq!(check(&with_bucket(resource(address, values.clone()))).says(RULE), expected, "{values}");
    }
}

#[test]
fn a_show_json_state_is_judged_too() {
    let document = show(&[
        shown("aws_guardduty_detector.d", detector("12ab", "eu-west-1"), &[]),
        shown(SET, set_at("s3://lists/k"), &[]),
        shown(BUCKET, json!({ "bucket": "lists", "region": "us-west-2" }), &[]),
    ]);
    assert_eq!(check(&document).says(RULE), [format!("fail {BUCKET}")]);
}

#[test]
fn in_a_plan_providers_tell_the_regions() {
    let under = |key: &str, block: Value| with(block, json!({ "provider_config_key": key }));
    for (key, expected) in [("aws", (1, 0, 0, 0)), ("aws.us", (0, 1, 0, 0))] {
        let changes = [
            created("aws_guardduty_detector.d", json!({}), &["id", "arn"]),
            created(SET, json!({ "activate": true }), &["id", "detector_id", "location"]),
            created(BUCKET, json!({}), &["id", "bucket", "region"]),
            created("aws_s3_object.o", json!({ "key": "k" }), &["bucket"]),
        ];
        let location = json!({ "detector_id": refers(&["aws_guardduty_detector.d.id"]), "location": refers(&["aws_s3_object.o.bucket", "aws_s3_object.o.key"]) });
        let mut document = plan_of(
            &changes,
            &[
                block("aws_guardduty_detector.d", json!({})),
                block(SET, location),
                under(key, block(BUCKET, json!({}))),
                under(key, block("aws_s3_object.o", json!({ "bucket": refers(&["aws_s3_bucket.b.id"]) }))),
            ],
        );
        let region = json!({ "region": { "constant_value": "us-west-2" } });
        document["configuration"]["provider_config"]["aws.us"] =
            json!({ "name": "aws", "alias": "us", "expressions": region });
        assert_eq!(check(&document).tally(RULE), expected, "{key}");
        if key == "aws.us" {
            let place = "/configuration/provider_config/aws.us/expressions/region/constant_value";
            assert_eq!(check(&document).places(RULE)[0], place);
        }
    }
}

/// Another provider than the detector's: nothing tells its region.
const OTHER: &str = "provider[\"registry.terraform.io/hashicorp/aws\"].other";

#[test]
fn never_undecided_an_unknown_side_passes() {
    // "Unknown side: pass" is counted as skipped.
    let nowhere = instance(BUCKET, OTHER, json!({ "bucket": "lists" }), &[]);
    assert_eq!(check(&with_bucket(nowhere)).tally(RULE), (0, 0, 0, 1));
    let set = resource(SET, set_at("s3://lists/k"));
    let us = instance(BUCKET, OTHER, json!({ "bucket": "lists", "region": "us-west-2" }), &[]);
    assert_eq!(check(&state(&[set, us])).tally(RULE), (0, 0, 0, 1));
    // Of two detectors one is unknown: so is what the state will say.
    let [detector, set] = eu_list();
    let threat = with(set_at("s3://lists/k"), json!({ "detector_id": "34cd" }));
    let threat = instance("aws_guardduty_threatintelset.t", OTHER, threat, &[]);
    assert_eq!(check(&state(&[detector, set, threat, bucket("eu-west-1")])).tally(RULE), (0, 0, 0, 1));
}

#[test]
fn a_location_that_is_not_known_or_none_passes() {
    let unknown = plan(&[created(SET, set_at(""), &["location"])]);
    let none = state(&[resource(SET, set_at("s3://lists"))]);
    for document in [unknown, none] {
        assert_eq!(check(&document).tally(RULE), (0, 0, 0, 1), "{document}");
    }
}

#[test]
fn silent_when_the_bucket_is_not_in_the_estate() {
    assert_eq!(check(&state(&eu_list())).tally(RULE), (0, 0, 0, 1));
}

#[test]
fn a_bucket_of_another_unit_counts() {
    let run = check(&state(&eu_list())).and("b/input.json", &other_stack(state(&[bucket("us-west-2")])));
    assert_eq!(run.says(RULE), [format!("fail {BUCKET}")]);
}

#[test]
fn silent_but_once_when_one_bucket_is_shared_by_detectors_in_several_regions() {
    let unit = |name: &str, region: &str| {
        let set = with(set_at("s3://lists/k"), json!({ "detector_id": name }));
        [
            resource(&format!("aws_guardduty_detector.{name}"), detector(name, region)),
            resource(&format!("aws_guardduty_ipset.{name}"), set),
        ]
    };
    let mut resources = vec![bucket("eu-west-1")];
    resources
        .extend(unit("here", "eu-west-1").into_iter().chain(unit("us", "us-west-2")).chain(unit("ap", "ap-south-1")));
    let run = || check(&state(&resources));
    assert_eq!(run().says(RULE), [format!("fail {BUCKET}")]);
    // The sets of the other regions are labels, in the order of their addresses.
    let places = run().places(RULE);
    assert_eq!(
        places[1..],
        ["/resources/6/instances/0/attributes/location", "/resources/4/instances/0/attributes/location"]
    );
}

#[test]
fn a_region_named_in_the_url_is_the_business_of_list_location_invalid() {
    let [detector, _] = eu_list();
    let set = resource(SET, set_at("https://s3-eu-west-1.amazonaws.com/lists/k"));
    let document = state(&[detector, set, bucket("us-west-2")]);
    assert_eq!(check(&document).says(RULE), [] as [&str; 0]);
    assert_eq!(check(&document).says("list-location-invalid"), [format!("fail {SET}")]);
}

#[test]
fn sets_that_go_do_not_count() {
    let gone = crate::testing::change(SET, &["delete"], set_at("s3://lists/k"), Value::Null, json!({}));
    let document = plan(&[
        gone,
        unchanged("aws_guardduty_detector.d", detector("12ab", "eu-west-1")),
        unchanged(BUCKET, json!({ "bucket": "lists", "region": "us-west-2" })),
        unchanged("aws_s3_object.o", object_at("lists", "k")),
    ]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 0));
}
