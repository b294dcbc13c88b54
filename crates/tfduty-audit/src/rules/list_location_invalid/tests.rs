use serde_json::{Value, json};

use crate::testing::{
    block, check, created,
    lists::{object_at, set_at, with},
    plan, plan_of, resource, state,
};

const RULE: &str = "list-location-invalid";

/// The location of [`KEY`] in [`BUCKET`] is known, and so are the regions of bucket and detector.
fn at(location: &str) -> Value {
    at_bucket(location, "lists", "eu-west-1")
}

fn at_bucket(location: &str, bucket: &str, region: &str) -> Value {
    state(&[
        resource("aws_guardduty_ipset.t", set_at(location)),
        resource("aws_s3_bucket.b", json!({ "id": bucket, "bucket": bucket, "region": region })),
        resource("aws_s3_object.o", object_at(bucket, "guardduty/my list.txt")),
    ])
}

/// A set of a detector with this ARN.
fn of_detector(arn: &str, location: &str) -> Value {
    state(&[
        resource("aws_guardduty_detector.d", json!({ "id": "12ab", "arn": arn })),
        resource("aws_guardduty_ipset.t", set_at(location)),
    ])
}

#[test]
fn every_form_of_the_table_names_bucket_and_key() {
    for location in [
        "s3://lists/guardduty/my list.txt",
        "S3://lists/guardduty/my list.txt",
        "https://s3.amazonaws.com/lists/guardduty/my%20list.txt",
        "http://s3.amazonaws.com/lists/guardduty/my%20list.txt",
        "HTTPS://S3.AmazonAWS.com/lists/guardduty%2Fmy%20list.txt",
        "https://s3-eu-west-1.amazonaws.com/lists/guardduty/my%20list.txt",
        "https://s3.eu-west-1.amazonaws.com/lists/guardduty/my%20list.txt",
        "https://s3.dualstack.eu-west-1.amazonaws.com/lists/guardduty/my%20list.txt",
        "http://lists.s3.amazonaws.com/guardduty/my%20list.txt",
        "http://lists.s3-eu-west-1.amazonaws.com/guardduty/my%20list.txt",
        "https://lists.s3.eu-west-1.amazonaws.com/guardduty/my%20list.txt",
        "https://lists.s3.dualstack.eu-west-1.amazonaws.com/guardduty/my%20list.txt",
        "https://s3.amazonaws.com/lists//guardduty/my%20list.txt",
    ] {
        assert_eq!(check(&at(location)).tally(RULE), (1, 0, 0, 0), "{location}");
        assert_eq!(check(&at(location)).reads(), ["aws_guardduty_ipset.t reads aws_s3_object.o"], "{location}");
    }
}

#[test]
fn the_host_is_split_at_its_last_s3() {
    for (location, bucket, region) in [
        ("https://s3-external-1.amazonaws.com/lists/guardduty/my%20list.txt", "lists", "us-east-1"),
        ("https://lists.s3-external-1.amazonaws.com/guardduty/my%20list.txt", "lists", "us-east-1"),
        ("https://my.s3.lists.s3.amazonaws.com/guardduty/my%20list.txt", "my.s3.lists", "eu-west-1"),
        ("https://my.s3-lists.s3-eu-west-1.amazonaws.com/guardduty/my%20list.txt", "my.s3-lists", "eu-west-1"),
        ("https://my.lists.s3.us-gov-west-1.amazonaws.com/guardduty/my%20list.txt", "my.lists", "us-gov-west-1"),
        ("https://s3.amazonaws.com/my.lists/guardduty/my%20list.txt", "my.lists", "eu-west-1"),
        ("s3://my.lists/guardduty/my list.txt", "my.lists", "eu-west-1"),
    ] {
        let document = at_bucket(location, bucket, region);
        assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0), "{location}");
        assert_eq!(check(&document).reads(), ["aws_guardduty_ipset.t reads aws_s3_object.o"], "{location}");
    }
}

#[test]
fn a_location_of_no_form_fails() {
    let too_long = format!("s3://lists/{}", "k".repeat(290));
    for location in [
        "",
        " s3://lists/k",
        "s3://lists/k\n",
        "lists/guardduty/k",
        "s3:/lists/k",
        "s3://lists",
        "s3://lists/",
        "s3://lists/guardduty/",
        "s3:///k",
        "https://s3.amazonaws.com/lists",
        "https://s3.amazonaws.com/lists/",
        "https://lists.s3.amazonaws.com/",
        "https://lists.s3.amazonaws.com/guardduty/",
        "s3://lists/k?versionId=1",
        "https://lists.s3.amazonaws.com/k?versionId=1",
        "https://lists.s3.amazonaws.com/k?X-Amz-Signature=ab",
        "https://lists.s3.amazonaws.com/k#top",
        "https://ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/k",
        "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/ap/k",
        "arn:aws:s3:::lists/k",
        "http://lists.s3-website-eu-west-1.amazonaws.com/k",
        "http://lists.s3-website.eu-central-1.amazonaws.com/k",
        "https://d111111abcdef8.cloudfront.net/k",
        "https://lists.example.com/k",
        "https://storage.googleapis.com/lists/k",
        "file:///srv/lists/k",
        &too_long,
    ] {
        let document = state(&[resource("aws_guardduty_ipset.t", with(set_at("x"), json!({ "location": location })))]);
        assert_eq!(check(&document).says(RULE), ["fail aws_guardduty_ipset.t"], "{location}");
    }
}

#[test]
fn a_location_of_300_characters_passes() {
    let location = format!("s3://lists/{}", "k".repeat(289));
    assert_eq!(check(&at(&location)).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_region_in_the_url_that_is_not_the_buckets_fails() {
    for location in [
        "https://s3-us-west-2.amazonaws.com/lists/k",
        "https://s3.us-west-2.amazonaws.com/lists/k",
        "https://s3.dualstack.us-west-2.amazonaws.com/lists/k",
        "https://lists.s3-us-west-2.amazonaws.com/k",
        "https://lists.s3.us-west-2.amazonaws.com/k",
        "https://lists.s3.dualstack.us-west-2.amazonaws.com/k",
        "https://s3-external-1.amazonaws.com/lists/k",
        "https://lists.s3-external-1.amazonaws.com/k",
    ] {
        assert_eq!(check(&at(location)).says(RULE), ["fail aws_guardduty_ipset.t"], "{location}");
        let places = check(&at(location)).places(RULE);
        let [set, bucket] = [0, 1].map(|index| format!("/resources/{index}/instances/0/attributes"));
        assert_eq!(places, [format!("{set}/location"), format!("{bucket}/bucket")], "{location}");
    }
}

#[test]
fn the_buckets_region_is_read_from_whatever_shows_it() {
    let location = "https://s3-us-west-2.amazonaws.com/lists/k";
    for (address, bucket, expected) in [
        ("aws_s3_bucket.b", json!({ "bucket": "lists", "region": "us-west-2" }), (1, 0, 0, 0)),
        // Provider v6: the region of the bucket, and the argument that made it.
        ("aws_s3_bucket.b", json!({ "bucket": "lists", "bucket_region": "eu-west-1" }), (0, 1, 0, 0)),
        (
            "aws_s3_bucket.b",
            json!({ "bucket": "lists", "bucket_regional_domain_name": "lists.s3.eu-west-1.amazonaws.com" }),
            (0, 1, 0, 0),
        ),
        ("data.aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists", "region": "eu-west-1" }), (0, 1, 0, 0)),
    ] {
        let document = state(&[resource(address, bucket), resource("aws_guardduty_ipset.t", set_at(location))]);
        assert_eq!(check(&document).tally(RULE), expected, "{document}");
    }
}

#[test]
fn a_suffix_of_another_partition_than_the_detectors_fails() {
    for (partition, region, suffix, expected) in [
        ("aws", "eu-west-1", "amazonaws.com", (1, 0, 0, 0)),
        ("aws", "eu-west-1", "amazonaws.com.cn", (0, 1, 0, 0)),
        ("aws-cn", "cn-north-1", "amazonaws.com.cn", (1, 0, 0, 0)),
        ("aws-cn", "cn-north-1", "amazonaws.com", (0, 1, 0, 0)),
        ("aws-us-gov", "us-gov-west-1", "amazonaws.com", (1, 0, 0, 0)),
        // In isolated partitions any suffix is accepted.
        ("aws-iso", "us-iso-east-1", "c2s.ic.gov", (1, 0, 0, 0)),
    ] {
        let arn = format!("arn:{partition}:guardduty:{region}:123456789012:detector/12ab");
        for location in [format!("https://s3.{suffix}/lists/k"), format!("https://lists.s3.{suffix}/k")] {
            assert_eq!(check(&of_detector(&arn, &location)).tally(RULE), expected, "{partition} {location}");
        }
    }
}

#[test]
fn the_partition_is_that_of_the_region_or_the_data_source_where_no_arn_tells_it() {
    let location = "https://s3.amazonaws.com.cn/lists/k";
    let set = || created("aws_guardduty_ipset.t", set_at(location), &["arn", "id"]);
    let mut in_china = plan_of(&[set()], &[block("aws_guardduty_ipset.t", json!({}))]);
    in_china["configuration"]["provider_config"]["aws"]["expressions"]["region"]["constant_value"] =
        json!("cn-north-1");
    assert_eq!(check(&in_china).tally(RULE), (1, 0, 0, 0));
    let partition =
        resource("data.aws_partition.p", json!({ "partition": "aws-cn", "dns_suffix": "amazonaws.com.cn" }));
    let document = state(&[partition, resource("aws_guardduty_ipset.t", set_at(location))]);
    assert_eq!(check(&document).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn never_undecided_an_unknown_location_is_list_object_missings() {
    let document = plan(&[created("aws_guardduty_ipset.t", set_at(""), &["location"])]);
    assert_eq!(check(&document).tally(RULE), (0, 0, 0, 1));
    assert_eq!(check(&document).says("list-object-missing"), ["undecided aws_guardduty_ipset.t"]);
}

#[test]
fn region_named_but_the_buckets_region_unknown_passes() {
    // "Unknown: pass" is counted as skipped: the state that the plan makes may fail.
    let location = "https://s3-us-west-2.amazonaws.com/lists/k";
    let set = || created("aws_guardduty_ipset.t", set_at(location), &[]);
    let bucket = created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id", "region"]);
    for document in [plan(&[set(), bucket]), plan(&[set()])] {
        assert_eq!(check(&document).tally(RULE), (0, 0, 0, 1), "{document}");
    }
}

#[test]
fn silent_when_the_dotted_and_dualstack_forms_http_and_s3() {
    for location in [
        "https://s3.eu-west-1.amazonaws.com/lists/k",
        "https://lists.s3.eu-west-1.amazonaws.com/k",
        "https://s3.dualstack.eu-west-1.amazonaws.com/lists/k",
        "https://lists.s3.dualstack.eu-west-1.amazonaws.com/k",
        "http://lists.s3.amazonaws.com/k",
        "s3://lists/k",
    ] {
        assert_eq!(check(&at(location)).tally(RULE), (1, 0, 0, 0), "{location}");
    }
}

#[test]
fn of_entity_sets_only_the_five_documented_forms_pass() {
    let kinds = ["awscc_guardduty_trusted_entity_set.t", "awscc_guardduty_threat_entity_set.t"];
    for (location, passes) in [
        ("https://s3.amazonaws.com/lists/k", true),
        ("https://s3-eu-west-1.amazonaws.com/lists/k", true),
        ("http://lists.s3.amazonaws.com/k", true),
        ("http://lists.s3-eu-west-1.amazonaws.com/k", true),
        ("s3://lists/k", true),
        ("https://s3.eu-west-1.amazonaws.com/lists/k", false),
        ("https://lists.s3.eu-west-1.amazonaws.com/k", false),
        ("https://s3.dualstack.eu-west-1.amazonaws.com/lists/k", false),
        ("https://lists.s3.dualstack.eu-west-1.amazonaws.com/k", false),
        ("https://s3-external-1.amazonaws.com/lists/k", false),
        ("https://lists.s3-external-1.amazonaws.com/k", false),
        ("s3://lists", false),
        // Well-formed, and wrong in another way.
        ("https://s3.amazonaws.com.cn/lists/k", false),
    ] {
        for kind in kinds {
            let document = state(&[
                resource(kind, set_at(location)),
                resource("aws_s3_bucket.b", json!({ "bucket": "lists", "region": "eu-west-1" })),
            ]);
            let expected = if passes { vec![] } else { vec![format!("fail {kind}")] };
            assert_eq!(check(&document).says(RULE), expected, "{location}");
        }
    }
}

#[test]
fn it_speaks_for_all_other_rules_of_the_sets_object() {
    // The bucket is in another region than the detector, and the list has too many entries.
    let detector = json!({ "id": "12ab", "arn": "arn:aws:guardduty:us-west-2:123456789012:detector/12ab" });
    let others = |location: &str| {
        let document = state(&[
            resource("aws_guardduty_detector.d", detector.clone()),
            resource("aws_s3_bucket.b", json!({ "bucket": "lists", "region": "eu-west-1" })),
            resource(
                "aws_s3_object.o",
                with(object_at("lists", "k"), json!({ "content": "192.0.2.1\n".repeat(2001) })),
            ),
            resource("aws_guardduty_ipset.t", set_at(location)),
        ]);
        let said = |rule: &&str| !check(&document).says(rule).is_empty();
        let rules = ["list-object-missing", "list-object-order", "list-bucket-region", "list-limits"];
        rules.into_iter().filter(said).collect::<Vec<_>>()
    };
    assert_eq!(others("https://s3-us-west-2.amazonaws.com/lists/k"), [] as [&str; 0]);
    assert_eq!(others("https://s3.amazonaws.com.cn/lists/k"), [] as [&str; 0]);
    assert_eq!(others("https://s3.amazonaws.com/lists/k"), ["list-bucket-region", "list-limits"]);
}

#[test]
fn the_label_says_what_is_wrong_with_the_place() {
    for (document, label) in [
        (at("arn:aws:s3:::lists/k"), "names no object"),
        (at("https://s3.us-west-2.amazonaws.com/lists/k"), "names another region"),
        (at("https://s3.amazonaws.com.cn/lists/k"), "names another domain"),
    ] {
        assert_eq!(check(&document).finding(RULE).anchor.label, label);
    }
}
