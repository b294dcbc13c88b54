use serde_json::{Value, json};

use crate::testing::{
    block, change, check, created, instance,
    lists::{object_at, other_stack, refers, set_at, with},
    plan, plan_of, resource, state, unchanged,
};

const RULE: &str = "list-limits";
const TRUSTED: &str = "aws_guardduty_ipset";
const THREAT: &str = "aws_guardduty_threatintelset";
const OBJECT: &str = "aws_s3_object.o";
const LINE: &str = "198.51.100.7\n";

/// A set's attributes: its name, its detector.
fn set(name: &str, detector: &str) -> Value {
    with(set_at(&format!("s3://lists/{name}")), json!({ "name": name, "detector_id": detector }))
}

/// So many sets of one detector.
fn sets(kind: &str, count: usize) -> Vec<Value> {
    (0..count).map(|index| resource(&format!("{kind}.t{index}"), set(&format!("list{index}"), "12ab"))).collect()
}

fn fails(addresses: &[&str]) -> Vec<String> {
    addresses.iter().map(|address| format!("fail {address}")).collect()
}

#[test]
fn one_trusted_and_six_threat_lists_are_accepted_for_a_detector() {
    for (kind, count, beyond) in [(TRUSTED, 1, None), (TRUSTED, 2, Some(1)), (THREAT, 6, None), (THREAT, 7, Some(6))] {
        let expected = beyond.map(|index| format!("fail {kind}.t{index}"));
        let document = state(&sets(kind, count));
        assert_eq!(check(&document).says(RULE), expected.into_iter().collect::<Vec<_>>(), "{kind} {count}");
        assert_eq!(check(&document).tally(RULE).0, u64::from(beyond.is_none()), "{kind} {count}");
    }
    // Each kind is a subject of its own.
    let both = [sets(TRUSTED, 1), sets(THREAT, 6)].concat();
    assert_eq!(check(&state(&both)).tally(RULE), (2, 0, 0, 0));
}

#[test]
fn entity_sets_are_not_counted() {
    let entity = resource("awscc_guardduty_trusted_entity_set.e", set("list1", "12ab"));
    assert_eq!(check(&state(&[sets(TRUSTED, 1), vec![entity]].concat())).tally(RULE), (1, 0, 0, 0));
}

fn detector(id: &str, region: &str) -> Value {
    json!({ "id": id, "arn": format!("arn:aws:guardduty:{region}:123456789012:detector/{id}") })
}

#[test]
fn sets_of_different_detectors_do_not_add_up() {
    let document = state(&[
        resource("aws_guardduty_detector.eu", detector("12ab", "eu-west-1")),
        resource("aws_guardduty_detector.us", detector("34cd", "us-west-2")),
        resource("aws_guardduty_ipset.eu", set("list", "12ab")),
        resource("aws_guardduty_ipset.us", set("list", "34cd")),
    ]);
    assert_eq!(check(&document).tally(RULE), (2, 0, 0, 0));
}

#[test]
fn sets_of_one_detector_add_up_however_each_names_it() {
    let managed = || resource("aws_guardduty_detector.d", detector("12ab", "eu-west-1"));
    let seen = || resource("data.aws_guardduty_detector.d", json!({ "id": "12ab", "status": "ENABLED" }));
    let one = |name: &str| resource(&format!("{TRUSTED}.{name}"), set(name, "12ab"));
    // By its id, by the object, by a data source of it in another unit.
    for (first, second) in
        [(vec![], vec![]), (vec![managed()], vec![]), (vec![managed()], vec![seen()]), (vec![], vec![seen()])]
    {
        let here = state(&[first, vec![one("a")]].concat());
        let there = other_stack(state(&[second, vec![one("b")]].concat()));
        let run = check(&here).and("b/input.json", &there);
        assert_eq!(run.says(RULE), fails(&["aws_guardduty_ipset.b"]), "{here} {there}");
    }
}

#[test]
fn sets_of_one_known_account_and_region_add_up() {
    let placed = |name: &str, id: &str, region: &str| {
        let arn = format!("arn:aws:guardduty:{region}:123456789012:detector/{id}/ipset/{name}");
        resource(&format!("{TRUSTED}.{name}"), with(set(name, id), json!({ "arn": arn })))
    };
    let same = state(&[placed("a", "12ab", "eu-west-1"), placed("b", "34cd", "eu-west-1")]);
    assert_eq!(check(&same).says(RULE), fails(&["aws_guardduty_ipset.b"]));
    let other = state(&[placed("a", "12ab", "eu-west-1"), placed("b", "34cd", "us-west-2")]);
    assert_eq!(check(&other).tally(RULE), (2, 0, 0, 0));
}

/// A plan of trusted sets under provider keys (`aws` is in eu-west-1, `aws.us` in us-west-2, `aws.x` anywhere), their
/// detectors known only after apply from a local; before them a detector in eu-west-1 with a set.
fn of_unknown_detectors(keys: &[&str], first: bool) -> Value {
    let mut changes = vec![created("aws_guardduty_detector.d", json!({}), &["id", "arn"])];
    let mut blocks = vec![block("aws_guardduty_detector.d", json!({}))];
    let mut add = |name: &str, key: &str, detector: Value| {
        let address = format!("{TRUSTED}.{name}");
        changes.push(created(&address, with(set(name, ""), json!({ "detector_id": null })), &["detector_id"]));
        blocks.push(with(block(&address, json!({ "detector_id": detector })), json!({ "provider_config_key": key })));
    };
    if first {
        add("a", "aws", refers(&["aws_guardduty_detector.d.id"]));
    }
    for (name, key) in ["b", "c"].into_iter().zip(keys) {
        add(name, key, refers(&["local.detector"]));
    }
    let mut document = plan_of(&changes, &blocks);
    let providers = &mut document["configuration"]["provider_config"];
    providers["aws.us"] =
        json!({ "name": "aws", "alias": "us", "expressions": { "region": { "constant_value": "us-west-2" } } });
    providers["aws.x"] = json!({ "name": "aws", "alias": "x", "expressions": { "region": refers(&["local.region"]) } });
    document
}

#[test]
fn undecided_when_a_sets_detector_is_unknown_and_may_be_this_one() {
    for (keys, first, undecided) in [
        (&["aws"][..], true, true),
        (&["aws.x"], true, true),
        // Its region is another one.
        (&["aws.us"], true, false),
        (&["aws"], false, false),
        (&["aws", "aws"], false, true),
        (&["aws.x", "aws"], false, true),
        (&["aws", "aws.us"], false, false),
        (&["aws.us", "aws.us"], true, true),
    ] {
        let tally = check(&of_unknown_detectors(keys, first)).tally(RULE);
        assert_eq!((tally.1, tally.2), (0, u64::from(undecided)), "{keys:?} {first}");
    }
    // A known number beyond the limit fails whatever the others are.
    let mut resources = sets(TRUSTED, 2);
    resources.push(resource("aws_guardduty_ipset.u", with(set("u", ""), json!({ "detector_id": null }))));
    assert_eq!(check(&state(&resources)).says(RULE), fails(&["aws_guardduty_ipset.t1"]));
}

#[test]
fn two_sets_of_one_kind_and_detector_with_equal_names_fail() {
    let named = |kind: &str, block: &str, name: Value, detector: &str| {
        resource(&format!("{kind}.{block}"), with(set("x", detector), json!({ "name": name })))
    };
    for (second, expected) in [
        (named(THREAT, "b", json!("same"), "12ab"), fails(&["aws_guardduty_threatintelset.b"])),
        (named(THREAT, "b", json!("Same"), "12ab"), vec![]),
        (named(THREAT, "b", json!("same"), "34cd"), vec![]),
        (named(TRUSTED, "b", json!("same"), "12ab"), vec![]),
    ] {
        let document = state(&[named(THREAT, "a", json!("same"), "12ab"), second]);
        assert_eq!(check(&document).says(RULE), expected, "{document}");
    }
    let unknown = || with(set("x", "12ab"), json!({ "name": null }));
    let document = plan(&[
        created("aws_guardduty_threatintelset.a", unknown(), &["name"]),
        created("aws_guardduty_threatintelset.b", unknown(), &["name"]),
    ]);
    assert_eq!(check(&document).says(RULE), [] as [&str; 0]);
}

/// The verdict on an object with these attributes that is read by sets of these kinds and format.
fn content(attributes: Value, kinds: &[&str], format: &str) -> Vec<String> {
    let mut resources = vec![resource(OBJECT, with(object_at("lists", "k"), attributes))];
    for kind in kinds {
        let set = with(set("k", "12ab"), json!({ "format": format }));
        resources.push(resource(&format!("{kind}.t"), set));
    }
    check(&state(&resources)).says(RULE)
}

#[test]
fn entries_are_counted_as_written_duplicates_included() {
    let text = |lines: usize| json!({ "content": LINE.repeat(lines) });
    let fail = || fails(&[OBJECT]);
    assert_eq!(content(text(2000), &[TRUSTED], "TXT"), [] as [&str; 0]);
    assert_eq!(content(text(2001), &[TRUSTED], "TXT"), fail());
    assert_eq!(content(text(2001), &[THREAT], "TXT"), [] as [&str; 0]);
    assert_eq!(content(text(2001), &[THREAT, TRUSTED], "TXT"), fail());
    assert_eq!(content(text(250_000), &[THREAT], "TXT"), [] as [&str; 0]);
    assert_eq!(content(text(250_001), &[THREAT], "TXT"), fail());
    // Blank lines are no entries; the last one may have no end.
    let spaced = format!("{}198.51.100.8", "198.51.100.7\r\n\r\n".repeat(1999));
    assert_eq!(content(json!({ "content": spaced }), &[TRUSTED], "TXT"), [] as [&str; 0]);
    assert_eq!(content(json!({ "content": format!("{spaced}\n\n192.0.2.1") }), &[TRUSTED], "TXT"), fail());
    let reputation = "198.51.100.7#4#2#Malicious Host#US##0.0,0.0#3\n";
    assert_eq!(content(json!({ "content": reputation.repeat(2001) }), &[TRUSTED], "ALIEN_VAULT"), fail());
}

#[test]
fn what_is_no_address_is_no_entry() {
    let of = |lines: usize, more: &str| json!({ "content": format!("{}{}", more.repeat(20), LINE.repeat(lines)) });
    let others = [
        "# comment\n",
        "; 198.51.100.7\n",
        "\t\r\n",
        "2001:db8::/32\n",
        "198.51.100.7/33\n",
        "198.51.100.7/08\n",
        "198.51.100\n",
        "7.example.com\n",
    ];
    for more in others {
        assert_eq!(content(of(2000, more), &[TRUSTED], "TXT"), [] as [&str; 0], "{more}");
        assert_eq!(content(of(2001, more), &[TRUSTED], "TXT"), fails(&[OBJECT]), "{more}");
    }
    for more in ["198.51.100.0/24\n", " 0.0.0.0/0\t\r\n"] {
        assert_eq!(content(of(1981, more), &[TRUSTED], "TXT"), fails(&[OBJECT]), "{more}");
    }
    let head = "# 198.51.100.7#4#2\n";
    let lines =
        |count: usize| json!({ "content": format!("{head}{}", "198.51.100.7#4#2#Host#US##0,0#3\n".repeat(count)) });
    assert_eq!(content(lines(2000), &[TRUSTED], "ALIEN_VAULT"), [] as [&str; 0]);
    assert_eq!(content(lines(2001), &[TRUSTED], "ALIEN_VAULT"), fails(&[OBJECT]));
}

#[test]
fn the_first_line_beyond_the_limit_is_labelled() {
    let text = format!("{}192.0.2.9\n", LINE.repeat(2000));
    let document = state(&[
        resource(OBJECT, with(object_at("lists", "k"), json!({ "content": text }))),
        resource("aws_guardduty_ipset.t", set("k", "12ab")),
    ]);
    let report = check(&document).report();
    let finding = report.findings.iter().find(|finding| finding.rule.id == RULE).unwrap();
    let inner = finding.anchor.inner.unwrap();
    assert_eq!((inner.line, inner.byte, inner.len), (2001, 2000 * LINE.len(), 9));
    assert_eq!(finding.anchor.pointer, "/resources/0/instances/0/attributes/content");
}

#[test]
fn more_than_35_megabytes_fail() {
    let one_line = |bytes: usize| json!({ "content": "1".repeat(bytes) });
    assert_eq!(content(one_line(36_700_160), &[TRUSTED], "TXT"), [] as [&str; 0]);
    assert_eq!(content(one_line(36_700_161), &[TRUSTED, THREAT], "TXT"), fails(&[OBJECT]));
}

#[test]
fn what_a_data_source_read_is_counted() {
    let mut resources = vec![resource("aws_guardduty_ipset.t", set("k", "12ab"))];
    let read = with(object_at("lists", "k"), json!({ "body": LINE.repeat(2001) }));
    resources.push(resource("data.aws_s3_object.o", read));
    assert_eq!(check(&state(&resources)).says(RULE), fails(&["aws_guardduty_ipset.t"]));
}

#[test]
fn content_unknown_passes() {
    // "Pass (not undecided)" is counted as skipped: the pass is that of the count of sets.
    let judged =
        |change: Value| check(&plan(&[created("aws_guardduty_ipset.t", set("k", "12ab"), &[]), change])).tally(RULE);
    let attributes = |others: Value| with(object_at("lists", "k"), others);
    for others in [json!({ "source": "lists/k.txt" }), json!({ "content": "", "source": "k" })] {
        assert_eq!(judged(created(OBJECT, attributes(others), &[])), (1, 0, 0, 1));
    }
    // An object that is made of nothing is empty: that is known.
    assert_eq!(judged(created(OBJECT, attributes(json!({})), &[])), (2, 0, 0, 0));
    assert_eq!(judged(created(OBJECT, attributes(json!({})), &["content"])), (1, 0, 0, 1));
}

#[test]
fn entries_of_every_format_are_counted() {
    let judged = |format: &str, text: String| {
        let document = state(&[
            resource(OBJECT, with(object_at("lists", "k"), json!({ "content": text }))),
            resource("aws_guardduty_ipset.t", with(set("k", "12ab"), json!({ "format": format }))),
        ]);
        check(&document).tally(RULE)
    };
    for (format, header, row, footer) in [
        ("TXT", "", LINE, ""),
        ("OTX_CSV", "Indicator type, Indicator, Description\n", "IPv4, 198.51.100.7, example\n", ""),
        ("ALIEN_VAULT", "", "198.51.100.7#4#2#Malicious Host#US##0.0,0.0#3\n", ""),
        (
            "PROOF_POINT",
            "ip, category, score, first_seen, last_seen, ports (|)\n",
            "198.51.100.7, 1, 100, 2000-01-01, 2000-01-01,\n",
            "",
        ),
        ("FIRE_EYE", "reportId, cidr, ip\n", "r, 198.51.100.7/32,\n", ""),
        ("STIX", "<STIX_Package>", "<Address_Value>198.51.100.7</Address_Value>", "</STIX_Package>"),
    ] {
        let list = |rows: usize| format!("{header}{}{footer}", row.repeat(rows));
        assert_eq!(judged(format, list(2000)), (2, 0, 0, 0), "{format}");
        assert_eq!(judged(format, list(2001)), (1, 1, 0, 0), "{format}");
    }
    // What is not counted does not pass.
    assert_eq!(judged("SOMETHING_NEW", LINE.repeat(2001)), (1, 0, 0, 1));
}

/// A plan that does this to so many sets.
fn planned(kind: &str, actions: &[&[&str]]) -> Value {
    let item = |(index, actions): (usize, &&[&str])| {
        let values = set(&format!("list{index}"), "12ab");
        let [before, after] = match **actions {
            ["create"] => [Value::Null, values],
            ["delete" | "forget"] => [values, Value::Null],
            _ => [values.clone(), values],
        };
        change(&format!("{kind}.t{index}"), actions, before, after, json!({}))
    };
    let mut changes: Vec<Value> = actions.iter().enumerate().map(item).collect();
    changes.push(unchanged("aws_s3_bucket.b", json!({ "bucket": "lists" })));
    plan(&changes)
}

#[test]
fn silent_when_sets_are_being_replaced_they_count_once() {
    assert_eq!(check(&planned(TRUSTED, &[&["delete", "create"]])).tally(RULE), (1, 0, 0, 0));
    assert_eq!(check(&planned(TRUSTED, &[&["delete"], &["create"]])).tally(RULE), (1, 0, 0, 0));
    assert_eq!(check(&planned(THREAT, &[&["delete", "create"][..]; 6])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn the_old_object_of_a_create_before_destroy_replacement_counts() {
    let replaced: &[&str] = &["create", "delete"];
    assert_eq!(check(&planned(TRUSTED, &[replaced])).says(RULE), fails(&["aws_guardduty_ipset.t0"]));
    let document = planned(TRUSTED, &[replaced]);
    assert_eq!(check(&document).places(RULE), ["/resource_changes/0/change/actions"]);
    let six = |first| [first, &["no-op"][..], &["no-op"], &["no-op"], &["no-op"], &["no-op"]];
    assert_eq!(check(&planned(THREAT, &six(replaced))).says(RULE), fails(&["aws_guardduty_threatintelset.t0"]));
    assert_eq!(check(&planned(THREAT, &six(replaced)[..5])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn a_set_that_is_only_forgotten_is_still_present() {
    assert_eq!(check(&planned(TRUSTED, &[&["create", "forget"]])).says(RULE), fails(&["aws_guardduty_ipset.t0"]));
    assert_eq!(check(&planned(TRUSTED, &[&["forget"], &["create"]])).says(RULE), fails(&["aws_guardduty_ipset.t1"]));
    assert_eq!(check(&planned(TRUSTED, &[&["create"], &["forget"]])).says(RULE), fails(&["aws_guardduty_ipset.t0"]));
    assert_eq!(check(&planned(TRUSTED, &[&["forget"]])).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn deposed_objects_of_a_state_do_not_count() {
    let mut list = resource("aws_guardduty_ipset.t", Value::Null);
    list["instances"] = json!([
        { "attributes": set("a", "12ab") },
        { "deposed": "701a98cd", "attributes": set("b", "12ab") },
    ]);
    assert_eq!(check(&state(&[list])).tally(RULE), (1, 0, 0, 0));
}

#[test]
fn sets_of_unknown_place_in_two_units_are_told_apart_by_their_detector() {
    let other = "provider[\"registry.terraform.io/hashicorp/aws\"].other";
    let one = |id: &str| state(&[instance("aws_guardduty_ipset.t", other, set("list", id), &[])]);
    let run = |second: &str| check(&one("12ab")).and("b/input.json", &other_stack(one(second)));
    assert_eq!(run("34cd").tally(RULE), (2, 0, 0, 0));
    assert_eq!(run("12ab").tally(RULE).1, 2); // too many, and of one name
}
