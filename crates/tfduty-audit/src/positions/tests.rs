//! When configuration that lies beside an input is read, and what it is good for.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tfduty_terraform::{ModuleFile, Sources};

use crate::{
    Command, Report,
    estate::{Beside, FoundSources},
    finding::Exactness,
    testing::{Run, resource, state},
};

const BLOCK: &str = "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n";

/// The report on a state with a configuration beside it, and how often that was looked for.
fn report(state: &Value, configuration: &str) -> (Report, usize) {
    let looked = Arc::new(AtomicUsize::new(0));
    let file = ModuleFile { module: String::new(), path: "main.tf".into(), text: configuration.into() };
    let count = Arc::clone(&looked);
    let beside = Beside::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
        let sources = Arc::new(Sources::of_module_files(vec![file]));
        Some(FoundSources { sources, folder: "../live".into() })
    });
    let run = Run::of(Command::Check).and("state.json", state).with_beside(beside);
    let report = run.with(|settings| settings.only = vec!["detector-disabled".into()]).report();
    (report, looked.load(Ordering::Relaxed))
}

fn detectors(enable: bool, names: &[&str]) -> Value {
    let detector = |name: &&str| {
        let values = json!({ "id": name, "enable": enable, "region": "eu-west-1", "account_id": "111122223333" });
        resource(&format!("aws_guardduty_detector.{name}"), values)
    };
    state(&names.iter().map(detector).collect::<Vec<_>>())
}

#[test]
fn it_is_read_once_where_something_is_found_and_never_else() {
    let (report_of_good, looked) = report(&detectors(true, &["this"]), BLOCK);
    assert_eq!((report_of_good.findings.len(), looked), (0, 0));
    let (report, looked) = report(&detectors(false, &["this", "other"]), BLOCK);
    let places: Vec<_> = report.findings.iter().map(|finding| finding.source.as_ref()).collect();
    assert_eq!((places.len(), looked), (2, 1));
    let place = places.iter().flatten().next().map(|place| (&*place.path, place.line, place.exactness));
    assert_eq!(place, Some(("../live/main.tf", 2, Exactness::Attribute)));
}

#[test]
fn it_counts_where_it_declares_at_least_half_of_the_objects() {
    for (names, is_own) in [(&["this", "b"][..], true), (&["this", "b", "c"], false)] {
        let (report, _) = report(&detectors(false, names), BLOCK);
        assert_eq!(report.findings.iter().any(|finding| finding.source.is_some()), is_own, "{names:?}");
    }
}

#[test]
fn what_did_not_parse_is_a_place_and_said() {
    let (report, _) =
        report(&detectors(false, &["this"]), "\nresource \"aws_guardduty_detector\" \"this\" {\n  enable = \n}\n");
    let place = report.findings[0].source.as_ref().map(|place| (place.line, place.exactness));
    assert_eq!(place, Some((2, Exactness::Block)));
    let note = report.notes.iter().find(|note| note.code == "source-unreadable").unwrap();
    assert!(note.message.contains("main.tf:3:") && note.path.as_deref() == Some("../live"), "{note:?}");
}
