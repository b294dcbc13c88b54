//! Breaks that only a plan shows (drift, content that GuardDuty is not told of), and those of the limits.

use serde_json::{Value, json};

use super::{
    breaks::{
        BUCKET, Break, CREATES, DETECTOR, EXPORT, FEATURE, FILTER, LATER, SHOWN, STATE, THREAT_LIST, THREATS, TRUSTED,
        TRUSTED_LIST,
    },
    document::Document,
};

#[rustfmt::skip] // one row, one line where it fits
pub(crate) const BREAKS: &[Break] = &[
    // -------------------------------------------------------------- detector-drift
    Break { what: "suspended by hand, the plan repairs it", on: &[LATER],
        edit: |it| {
            it.drift(DETECTOR, &[("enable", json!(true), json!(false))]);
            it.act(DETECTOR, &["update"], &[("enable", json!(true))]);
        },
        expected: &[["detector-drift", "fail", DETECTOR]] },
    Break { what: "suspended by hand, the plan leaves it", on: &[LATER],
        edit: |it| it.drift(DETECTOR, &[("enable", json!(true), json!(false))]),
        expected: &[["detector-disabled", "fail", DETECTOR], ["detector-drift", "fail", DETECTOR]] },
    Break { what: "a data source switched off by hand", on: &[LATER],
        edit: |it| {
            let was = it.get(DETECTOR, "datasources");
            let mut is = was.clone();
            is[0]["s3_logs"][0]["enable"] = json!(false);
            it.drift(DETECTOR, &[("datasources", was, is)]);
        },
        expected: &[["detector-drift", "fail", DETECTOR]] },
    Break { what: "a protection plan switched off by hand, the plan repairs it", on: &[LATER],
        edit: |it| {
            it.drift(FEATURE, &[("status", json!("ENABLED"), json!("DISABLED"))]);
            it.act(FEATURE, &["update"], &[("status", json!("ENABLED"))]);
        },
        expected: &[["detector-drift", "fail", FEATURE]] },
    Break { what: "a set deactivated by hand, the plan repairs it", on: &[LATER],
        edit: |it| {
            it.drift(TRUSTED, &[("activate", json!(true), json!(false))]);
            it.act(TRUSTED, &["update"], &[("activate", json!(true))]);
        },
        expected: &[["detector-drift", "fail", TRUSTED]] },
    Break { what: "a set deactivated by hand, the plan leaves it", on: &[LATER],
        edit: |it| it.drift(THREATS, &[("activate", json!(true), json!(false))]),
        expected: &[["detector-drift", "fail", THREATS], ["list-inactive", "fail", THREATS]] },
    Break { what: "a set pointed elsewhere by hand, the plan repairs it", on: &[LATER],
        edit: |it| {
            let was = it.get(TRUSTED, "location");
            it.drift(TRUSTED, &[("location", was.clone(), json!("s3://gd-other/allowed.txt"))]);
            it.act(TRUSTED, &["update"], &[("location", was)]);
        },
        expected: &[["detector-drift", "fail", TRUSTED]] },
    Break { what: "a filter that archives since somebody's click", on: &[LATER],
        edit: |it| it.drift(FILTER, &[("action", json!("NOOP"), json!("ARCHIVE"))]),
        expected: &[["detector-drift", "fail", FILTER]] },
    Break { what: "a filter that matches more since somebody's click", on: &[LATER],
        edit: |it| {
            let was = it.get(FILTER, "finding_criteria");
            let mut is = was.clone();
            is[0]["criterion"].as_array_mut().unwrap().pop();
            it.drift(FILTER, &[("finding_criteria", was, is)]);
        },
        expected: &[["detector-drift", "fail", FILTER]] },
    Break { what: "another key of the export", on: &[LATER],
        edit: |it| {
            let is = it.get(EXPORT, "kms_key_arn");
            let was = json!("arn:aws:kms:eu-west-1:123456789012:key/0f5b1d36-8f4e-4c4e-9a4b-7f1b3d0c2a11");
            it.drift(EXPORT, &[("kms_key_arn", was, is)]);
        },
        expected: &[["detector-drift", "fail", EXPORT]] },
    Break { what: "another bucket of the export", on: &[LATER],
        edit: |it| {
            let is = it.get(EXPORT, "destination_arn");
            it.drift(EXPORT, &[("destination_arn", json!("arn:aws:s3:::gd-findings-of-old"), is)]);
        },
        expected: &[["detector-drift", "fail", EXPORT]] },
    Break { what: "the export deleted by hand, the plan makes it again", on: &[LATER], edit: |it| it.lose(EXPORT),
        expected: &[["detector-drift", "fail", EXPORT]] },
    Break { what: "the policy of the list bucket deleted by hand, the plan makes it again", on: &[LATER],
        edit: |it| it.lose("aws_s3_bucket_policy.lists"),
        expected: &[["detector-drift", "fail", "aws_s3_bucket_policy.lists"]] },
    Break { what: "a list deleted by hand, the plan makes it again", on: &[LATER], edit: |it| it.lose(TRUSTED_LIST),
        expected: &[["detector-drift", "fail", TRUSTED_LIST]] },
    Break { what: "a list deleted by hand, the plan leaves it", on: &[LATER],
        edit: |it| { it.lose(TRUSTED_LIST); it.forget_item(TRUSTED_LIST); },
        expected: &[["detector-drift", "fail", TRUSTED_LIST], ["list-object-missing", "fail", TRUSTED]] },
    Break { what: "a list rewritten by hand, the plan leaves it", on: &[LATER],
        edit: |it| {
            let was = it.get(THREAT_LIST, "etag");
            it.drift(THREAT_LIST, &[("etag", was, json!("0cc175b9c0f1b6a831c399e269772661"))]);
        },
        expected: &[["detector-drift", "fail", THREAT_LIST], ["list-stale", "fail", THREATS]] },

    // -------------------------------------------------------------- what the lists hold
    Break { what: "a text list declared as STIX", on: &[CREATES, STATE, SHOWN],
        edit: |it| it.set(TRUSTED, "format", &json!("STIX")),
        expected: &[["list-format-mismatch", "fail", TRUSTED_LIST]] },
    Break { what: "a list of nothing but a name", on: &[CREATES, STATE, SHOWN],
        edit: |it| it.set(TRUSTED_LIST, "content", &json!("scanner.example.com\n")),
        expected: &[["list-empty", "fail", TRUSTED_LIST]] },
    Break { what: "a list made of nothing", on: &[CREATES],
        edit: |it| it.set(TRUSTED_LIST, "content", &Value::Null),
        expected: &[["list-empty", "fail", TRUSTED_LIST]] },
    Break { what: "a list whose file is not at hand, and is to be uploaded", on: &[CREATES],
        edit: |it| {
            it.set(TRUSTED_LIST, "content", &Value::Null);
            it.set(TRUSTED_LIST, "source", &json!("trusted.txt"));
        },
        expected: &[["list-refresh-unwired", "fail", TRUSTED], ["list-source-missing", "undecided", TRUSTED_LIST]] },
    Break { what: "a list whose file is not at hand, and was uploaded", on: &[STATE, SHOWN],
        edit: |it| {
            it.set(TRUSTED_LIST, "content", &Value::Null);
            it.set(TRUSTED_LIST, "source", &json!("trusted.txt"));
        },
        expected: &[["list-empty", "undecided", TRUSTED_LIST]] },
    // -------------------------------------------------------------- list-stale
    Break { what: "the threat list's content changes, the set does not", on: &[LATER],
        edit: |it| it.act(THREAT_LIST, &["update"], &[("content", json!("45.155.205.233\n"))]),
        expected: &[["list-stale", "fail", THREATS]] },
    Break { what: "the trusted list's content changes, the set does not", on: &[LATER],
        edit: |it| it.act(TRUSTED_LIST, &["update"], &[("content", json!("9.9.9.9\n"))]),
        expected: &[["list-stale", "fail", TRUSTED]] },
    Break { what: "only the hash of the source changes", on: &[LATER],
        edit: |it| {
            it.set(THREAT_LIST, "content", &Value::Null);
            it.set(THREAT_LIST, "source", &json!("suspects.txt"));
            it.set(THREAT_LIST, "source_hash", &json!("92eb5ffee6ae2fec3ad71c777531578f"));
            it.act(THREAT_LIST, &["update"], &[("source_hash", json!("0cc175b9c0f1b6a831c399e269772661"))]);
        },
        expected: &[["list-stale", "fail", THREATS], ["list-empty", "undecided", THREAT_LIST]] },
    Break { what: "the object is replaced under the same key", on: &[LATER],
        edit: |it| it.act(THREAT_LIST, &["delete", "create"], &[("content", json!("45.155.205.233\n"))]),
        expected: &[["list-stale", "fail", THREATS]] },
    Break { what: "the set changes its tags alone", on: &[LATER],
        edit: |it| {
            it.act(THREAT_LIST, &["update"], &[("content", json!("45.155.205.233\n"))]);
            it.act(THREATS, &["update"], &[("tags", json!({ "Team": "soc" }))]);
        },
        expected: &[["list-stale", "fail", THREATS]] },

    // -------------------------------------------------------------- list-limits, at the last set by address
    Break { what: "a second trusted set", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| another(it, TRUSTED, TRUSTED_LIST, 1),
        expected: &[["list-limits", "fail", TRUSTED]] },
    Break { what: "the new trusted set is made while the old one lives", on: &[LATER],
        edit: |it| it.act(TRUSTED, &["create", "delete"], &[]),
        expected: &[["list-limits", "fail", TRUSTED]] },
    Break { what: "seven threat sets", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| (1..=6).for_each(|number| another(it, THREATS, THREAT_LIST, number)),
        expected: &[["list-limits", "fail", THREATS]] },
    Break { what: "two threat sets of one name", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| {
            another(it, THREATS, THREAT_LIST, 1);
            it.set("aws_guardduty_threatintelset.more_1", "name", &json!("suspects"));
        },
        expected: &[["list-limits", "fail", THREATS]] },
    Break { what: "2,001 trusted addresses", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| it.set(TRUSTED_LIST, "content", &addresses(2_001)),
        expected: &[["list-limits", "fail", TRUSTED_LIST]] },
    Break { what: "250,001 addresses of threats", on: &[STATE],
        edit: |it| it.set(THREAT_LIST, "content", &addresses(250_001)),
        expected: &[["list-limits", "fail", THREAT_LIST]] },
];

/// What changes without a fault.
#[rustfmt::skip] // one row, one line where it fits
pub(crate) const HARMLESS: &[Break] = &[
    Break { what: "tags that the first refresh fills in", on: &[LATER],
        edit: |it| it.drift(DETECTOR, &[("tags", Value::Null, json!({}))]), expected: &[] },
    Break { what: "other tags", on: &[LATER],
        edit: |it| {
            let (was, is) = (json!({ "a": "b" }), json!({ "a": "c" }));
            it.drift(BUCKET, &[("tags", was.clone(), is.clone()), ("tags_all", was, is)]);
        },
        expected: &[] },
    Break { what: "drift that strengthens", on: &[LATER],
        edit: |it| {
            it.drift(TRUSTED, &[("activate", json!(false), json!(true))]);
            it.drift(FEATURE, &[("status", json!("DISABLED"), json!("ENABLED"))]);
        },
        expected: &[] },
    Break { what: "a filter that no longer archives", on: &[LATER],
        edit: |it| it.drift(FILTER, &[("action", json!("ARCHIVE"), json!("NOOP"))]), expected: &[] },
    Break { what: "drift of what is none of GuardDuty's", on: &[LATER],
        edit: |it| it.drift("aws_sns_topic.alerts", &[("display_name", json!("a"), json!("b"))]),
        expected: &[] },
    Break { what: "only metadata of the list changes", on: &[LATER],
        edit: |it| it.act(THREAT_LIST, &["update"], &[("metadata", json!({ "a": "b" })), ("tags", json!({}))]),
        expected: &[] },
    Break { what: "the set is replaced with its list", on: &[LATER],
        edit: |it| {
            it.act(TRUSTED_LIST, &["update"], &[("content", json!("9.9.9.9\n"))]);
            it.act(TRUSTED, &["delete", "create"], &[]);
        },
        expected: &[] },
    Break { what: "the set follows its list to another key", on: &[LATER],
        edit: |it| {
            let (key, new) = (it.get(THREAT_LIST, "key"), "guardduty/suspects-2.txt");
            let location = it.get(THREATS, "location").as_str().unwrap().replace(key.as_str().unwrap(), new);
            it.act(THREAT_LIST, &["delete", "create"], &[("content", json!("45.9.9.9\n")), ("key", json!(new))]);
            it.act(THREATS, &["update"], &[("location", json!(location))]);
        },
        expected: &[] },
    Break { what: "the set gets another name with its list", on: &[LATER],
        edit: |it| {
            it.act(THREAT_LIST, &["update"], &[("content", json!("45.155.205.233\n"))]);
            it.act(THREATS, &["update"], &[("name", json!("suspects-2"))]);
        },
        expected: &[] },
    Break { what: "2,000 trusted addresses", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| it.set(TRUSTED_LIST, "content", &addresses(2_000)), expected: &[] },
    Break { what: "2,001 addresses of threats", on: &[STATE],
        edit: |it| it.set(THREAT_LIST, "content", &addresses(2_001)), expected: &[] },
    Break { what: "six threat sets", on: &[CREATES, STATE, SHOWN, LATER],
        edit: |it| (1..=5).for_each(|number| another(it, THREATS, THREAT_LIST, number)), expected: &[] },
    Break { what: "a trusted set that is replaced counts once", on: &[LATER],
        edit: |it| it.act(TRUSTED, &["delete", "create"], &[]), expected: &[] },
];

/// Single addresses of the public space, no two alike.
fn addresses(count: u32) -> Value {
    let lines = (0..count).map(|number| {
        let [_, high, middle, low] = number.to_be_bytes();
        format!("45.{}.{middle}.{low}", 100 + high)
    });
    json!(lines.collect::<Vec<_>>().join("\n"))
}

/// Adds a set with a name of its own, and with a list of its own.
fn another(document: &mut Document, set: &str, list: &str, number: u32) {
    let name = format!("more_{number}");
    let key = format!("guardduty/more-{number}.txt");
    let content = json!(format!("45.99.0.{number}\n"));
    let twin = format!("{}.{name}", list.rsplit_once('.').unwrap().0);
    if document.known(set, "location") {
        let old = document.get(list, "key");
        let kind = if set == TRUSTED { "ipset" } else { "threatintelset" };
        let id = format!("62ea278676da4b76a9cfe3f348ededd7:{number:032}");
        let arn =
            format!("arn:aws:guardduty:eu-west-1:123456789012:detector/{}", id.replace(':', &format!("/{kind}/")));
        let location = document.get(set, "location").as_str().unwrap().replace(old.as_str().unwrap(), &key);
        let object = format!("{}/{key}", document.get(BUCKET, "arn").as_str().unwrap());
        document.copy(
            list,
            &name,
            &[("id", json!(key)), ("key", json!(key)), ("content", content), ("arn", json!(object))],
        );
        document.copy(
            set,
            &name,
            &[("id", json!(id)), ("arn", json!(arn)), ("name", json!(name)), ("location", json!(location))],
        );
    } else {
        document.copy(list, &name, &[("key", json!(key)), ("content", content)]);
        document.copy(set, &name, &[("name", json!(name))]);
    }
    let copy = format!("{}.{name}", set.rsplit_once('.').unwrap().0);
    if document.is_plan() {
        document.express(
            &copy,
            "location",
            json!({ "references": [format!("{twin}.bucket"), twin, format!("{twin}.key"), twin] }),
        );
    } else {
        document.depend(&copy, Some(list), Some(&twin));
    }
}
