use serde_json::{Value, json};

use super::*;
use crate::{
    Command, Settings, audit,
    testing::{
        Run, check, instance,
        lists::{inside, object_at, set_at, with},
        resource, state,
    },
};

/// The wiring of a run, and its report.
fn drawn(run: Run, change: impl FnOnce(&mut Settings)) -> (Wiring, Report) {
    let mut settings = Settings::new(Command::Check, "2026-11-24");
    change(&mut settings);
    let mut estate = run.estate();
    let report = audit(&mut estate, &settings);
    (wiring(&estate, &report), report)
}

/// The links of a wiring: `aws_guardduty_ipset.a reads no object list.txt: broken list-object-missing`.
fn lines((wiring, report): &(Wiring, Report)) -> Vec<String> {
    let line = |link: &WiringLink| {
        let rules = link.told.findings.iter().map(|finding| report.findings[*finding].rule.id);
        let rules: Vec<&str> = rules.collect();
        let (from, to) = (&wiring.nodes[link.from].name, &wiring.nodes[link.to].name);
        let verdict = link.told.standing.id().unwrap_or("not judged");
        format!("{from} {} {to}: {verdict} {}", link.what, rules.join(" ")).trim_end().to_owned()
    };
    wiring.links.iter().map(line).collect()
}

fn detector() -> Value {
    resource("aws_guardduty_detector.d", json!({ "id": "12ab", "enable": true }))
}

/// A detector with a list, its object and its bucket.
fn estate(location: &str) -> Value {
    state(&[
        detector(),
        instance("aws_guardduty_ipset.a", "", set_at(location), &["aws_s3_object.o"]),
        resource("aws_s3_object.o", object_at("lists", "list.txt")),
        resource("aws_s3_bucket.b", json!({ "bucket": "lists", "id": "lists" })),
    ])
}

#[test]
fn links_hold_where_a_rule_that_decides_has_passed() {
    assert_eq!(
        lines(&drawn(check(&estate("s3://lists/list.txt")), |_| {})),
        [
            "aws_guardduty_detector.d trusted list aws_guardduty_ipset.a: holds",
            "aws_guardduty_ipset.a reads aws_s3_object.o: holds",
            "aws_s3_object.o lies in aws_s3_bucket.b: holds",
        ]
    );
}

#[test]
fn what_another_rule_says_does_not_make_a_link_hold() {
    let off = |settings: &mut Settings| settings.skip = vec!["list-object-missing".into(), "list-inactive".into()];
    assert_eq!(
        lines(&drawn(check(&estate("s3://lists/list.txt")), off))[..2],
        [
            "aws_guardduty_detector.d trusted list aws_guardduty_ipset.a: not judged",
            "aws_guardduty_ipset.a reads aws_s3_object.o: not judged",
        ]
    );
}

#[test]
fn an_object_that_is_not_there_is_drawn_as_missing() {
    let drawn = drawn(check(&estate("s3://lists/lost.txt")), |_| {});
    assert!(
        lines(&drawn)
            .contains(&"aws_guardduty_ipset.a reads no object lost.txt: broken list-object-missing".to_owned()),
        "{:#?}",
        lines(&drawn)
    );
    let missing: Vec<&str> =
        drawn.0.nodes.iter().filter(|node| node.kind == NodeKind::Missing).map(|node| node.name.as_str()).collect();
    assert_eq!(missing, ["no object lost.txt"]);
}

#[test]
fn what_is_suppressed_is_not_judged() {
    let ignored = |settings: &mut Settings| {
        settings.ignores.push(crate::Ignore {
            rule: "list-object-missing".into(),
            path: Some("**".into()),
            reason: "made by hand".into(),
            ..crate::Ignore::default()
        });
    };
    let drawn = drawn(check(&estate("s3://lists/lost.txt")), ignored);
    assert!(
        lines(&drawn).contains(&"aws_guardduty_ipset.a reads no object lost.txt: not judged".to_owned()),
        "{:#?}",
        lines(&drawn)
    );
}

#[test]
fn a_name_that_is_sensitive_is_not_drawn() {
    let marked = |location: &str| {
        let mut document = estate(location);
        document["resources"][1]["instances"][0]["sensitive_attributes"] =
            json!([[{ "type": "get_attr", "value": "location" }]]);
        drawn(check(&document), |_| {})
    };
    for location in ["s3://lists/hidden.txt", "s3://hidden/hidden.txt"] {
        let (wiring, _) = marked(location);
        let names: Vec<&str> = wiring.nodes.iter().map(|node| node.name.as_str()).collect();
        assert!(names.contains(&"no object (sensitive)"), "{names:?}");
        assert!(names.iter().all(|name| !name.contains("hidden")), "{names:?}");
    }
}

#[test]
fn around_an_address_is_what_leads_to_it_and_what_it_leads_to() {
    let second = with(set_at("s3://lists/other.txt"), json!({ "name": "second" }));
    let document = state(&[
        detector(),
        inside("module.m[\"a\"]", resource("aws_guardduty_ipset.a", set_at("s3://lists/list.txt"))),
        inside("module.m[\"b\"]", resource("aws_guardduty_threatintelset.b", second)),
        resource("aws_s3_object.o", object_at("lists", "list.txt")),
        resource("aws_s3_object.p", object_at("lists", "other.txt")),
    ]);
    let (wiring, _) = drawn(check(&document), |_| {});
    let around = |address: &str| {
        wiring.around(address).map(|part| part.nodes.into_iter().map(|node| node.name).collect::<Vec<_>>())
    };
    let path = ["aws_guardduty_detector.d", "module.m[\"a\"].aws_guardduty_ipset.a", "aws_s3_object.o", "bucket lists"];
    assert_eq!(around("module.m[\"a\"].aws_guardduty_ipset.a").unwrap(), path);
    assert_eq!(around("module.m.aws_guardduty_ipset.a").unwrap(), path);
    assert_eq!(around("aws_s3_object.o").unwrap(), path);
    assert_eq!(around("aws_guardduty_detector.d").unwrap().len(), wiring.nodes.len());
    assert_eq!(around("aws_s3_object.q"), Err(Some("aws_s3_object.o".into())));
    assert_eq!(around("what is this?"), Err(None));
    let part = wiring.around("aws_s3_object.p").unwrap();
    assert!(part.links.iter().all(|link| link.from < part.nodes.len() && link.to < part.nodes.len()));
}

#[test]
fn keys_of_instances_may_be_left_out_of_an_address() {
    for (address, short) in [
        ("aws_s3_object.a[0]", "aws_s3_object.a"),
        ("module.a[\"x\"].module.b[1].aws_s3_object.a[\"]\"]", "module.a.module.b.aws_s3_object.a"),
        ("aws_s3_object.a", "aws_s3_object.a"),
        ("aws_s3_object.a[", "aws_s3_object.a"),
    ] {
        assert_eq!(around::without_keys(address), short);
    }
}

/// Many lists in modules of their own, of which one in `every` is broken.
fn many(count: usize, every: usize) -> Wiring {
    let lists = (0..count).flat_map(|list| {
        let key = if list % every == 0 { "lost" } else { "list" };
        let module = format!("module.m[{list}]");
        let set = with(set_at(&format!("s3://lists-{list}/{key}.txt")), json!({ "name": format!("list{list}") }));
        [
            inside(&module, resource("aws_guardduty_threatintelset.t", set)),
            inside(&module, resource("aws_s3_object.o", object_at(&format!("lists-{list}"), "list.txt"))),
        ]
    });
    let resources: Vec<Value> = std::iter::once(detector()).chain(lists).collect();
    // More lists than a detector may have are another matter.
    drawn(check(&state(&resources)), |settings| settings.only = vec!["list-object-missing".into()]).0
}

fn count(wiring: &Wiring, kind: impl Fn(NodeKind) -> bool) -> usize {
    wiring.nodes.iter().filter(|node| kind(node.kind)).count()
}

#[test]
fn modules_fold_first_where_everything_holds() {
    let wiring = many(40, 20);
    assert!(!wiring.is_small());
    let folded = wiring.folded(Fold::SoundModules);
    assert_eq!(count(&folded, |kind| matches!(kind, NodeKind::Folded(_))), 38);
    let broken = folded.links.iter().filter(|link| link.told.standing == Standing::Broken).count();
    assert_eq!(broken, 2);
}

#[test]
fn however_much_is_folded_nothing_broken_is_lost() {
    for (size, every) in [(1, 1), (40, 20), (200, 3)] {
        let wiring = many(size, every);
        let findings = |wiring: &Wiring| {
            let told = wiring.nodes.iter().map(|node| &node.told).chain(wiring.links.iter().map(|link| &link.told));
            let open = told.filter(|told| told.standing == Standing::Broken);
            open.flat_map(|told| told.findings.clone()).collect::<std::collections::BTreeSet<usize>>()
        };
        let nodes = |wiring: &Wiring| wiring.nodes.iter().map(|node| node.kind.count()).sum::<usize>();
        for fold in Fold::ALL {
            let folded = wiring.folded(fold);
            assert_eq!(findings(&folded), findings(&wiring), "{size} {fold:?}");
            assert_eq!(nodes(&folded), wiring.nodes.len(), "{size} {fold:?}");
        }
        assert!(wiring.folded(Fold::Most).nodes.len() <= MOST_DRAWN);
    }
}
