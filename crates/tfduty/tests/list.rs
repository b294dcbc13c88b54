//! `tfduty list`, as a user runs it: what is a list and what is not, where findings point, and how a run ends.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{fs, path::PathBuf};

use serde_json::Value;

use common::{Run, fixtures, tfduty, tfduty_with};

fn lists() -> PathBuf {
    fixtures().join("lists")
}

/// Runs `list` in the folder of the fixtures.
fn list(arguments: &[&str]) -> Run {
    tfduty(&lists(), &[&["list"], arguments].concat())
}

/// The JSON report of a run in the folder of the fixtures, and its status.
fn report(arguments: &[&str]) -> (i32, Value) {
    let run = list(&[arguments, &["--format", "json"]].concat());
    (run.status, serde_json::from_str(&run.stdout).unwrap())
}

/// What a run says, on whichever stream, and its status.
fn says(arguments: &[&str], status: i32, sentence: &str) {
    let run = list(arguments);
    let said = [run.stdout, run.stderr].concat();
    assert!(said.contains(sentence), "{arguments:?} does not say {sentence:?}:\n{said}");
    assert_eq!(run.status, status, "{arguments:?}:\n{said}");
}

/// A good list in each format.
const GOOD: &[(&str, &str)] = &[
    ("threat.txt", "TXT"),
    ("stix.xml", "STIX"),
    ("otx.csv", "OTX_CSV"),
    ("alien-vault.txt", "ALIEN_VAULT"),
    ("proof-point.csv", "PROOF_POINT"),
    ("fire-eye.csv", "FIRE_EYE"),
];

#[test]
fn a_good_list_passes_in_every_format() {
    for (file, format) in GOOD {
        let lower = format.to_lowercase();
        for more in [&[][..], &["--list-format", format], &["--list-format", &lower], &["--kind", "threat"]] {
            let (status, report) = report(&[&[*file], more].concat());
            assert_eq!((status, &report["verdict"]), (0, &"pass".into()), "{file} {more:?}: {report:#}");
            assert_eq!(report["findings"], Value::Array(Vec::new()), "{file} {more:?}");
        }
    }
}

#[test]
fn a_report_names_each_file_once() {
    let (_, report) = report(&["threat.txt", "stix.xml", "./threat.txt"]);
    let inputs: Vec<_> = report["inputs"].as_array().unwrap().iter().map(|input| input["path"].clone()).collect();
    assert_eq!(inputs, ["stix.xml", "threat.txt"]);
    let bytes = fs::metadata(lists().join("stix.xml")).unwrap().len();
    let expected = serde_json::json!({
        "path": "stix.xml", "kind": "list", "role": "judged", "format_version": null, "terraform_version": null,
        "resources": 0, "bytes": bytes
    });
    assert_eq!(report["inputs"][0], expected);
    assert_eq!(report["command"], "list");
}

#[test]
fn what_is_no_list_is_a_problem_that_says_what_to_run() {
    let estate = fixtures().join("estates/minimal");
    for (file, what, help) in [
        ("plan.json", "this is a plan, and no list", "run `tfduty check plan.json`"),
        ("terraform.tfstate", "this is a state, and no list", "run `tfduty check terraform.tfstate`"),
        ("tfplan", "this is a saved plan, and no list", "run `tfduty check tfplan`"),
        ("plan.ndjson", "the message stream of `terraform plan -json`", "terraform show -json tfplan"),
    ] {
        let run = tfduty(&estate, &["list", file]);
        assert!(run.stdout.contains(what) && run.stdout.contains(help), "{file}: {}", run.stdout);
        assert_eq!(run.status, 2, "{file}");
    }
    says(&["."], 2, "name the files in it that are lists");
    says(&["nowhere.txt"], 2, "nowhere.txt: cannot be read");
}

#[test]
fn what_cannot_be_read_loses_no_other_file() {
    let (status, report) = report(&["nowhere.txt", "threat.txt", "."]);
    assert_eq!((status, &report["verdict"]), (2, &"error".into()));
    assert_eq!(report["problems"].as_array().unwrap().len(), 2);
    assert_eq!(report["inputs"][0]["path"], "threat.txt");
    assert!(report["rules"].as_array().unwrap().iter().all(|rule| rule["passed"] != 0), "{report:#}");
}

#[test]
fn standard_input_is_a_list_once() {
    let text = fs::read(lists().join("threat.txt")).unwrap();
    for name in ["-", "/dev/stdin"].iter().take(if cfg!(unix) { 2 } else { 1 }) {
        let run = tfduty_with(&lists(), &["list", name, "--format", "json"], Some(&text));
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((run.status, &report["inputs"][0]["path"]), (0, &(*name).into()), "{}", run.stdout);
        assert_eq!(report["inputs"][0]["bytes"], text.len());
    }
    says(&["-", "-"], 2, "standard input is given twice");
}

#[test]
fn usage() {
    says(&[], 2, "<FILE>...");
    says(&["threat.txt", "--kind", "both"], 2, "[possible values: trusted, threat]");
    says(&["threat.txt", "--list-format", "CSV"], 2, "[possible values: TXT, STIX, OTX_CSV");
    says(&["threat.txt", "--only", "detector-disabled"], 2, "no rule is left to run");
    says(&["threat.txt", "--only", "list-limit"], 2, "did you mean `list-limits`?");
    says(&["threat.txt", "--today", "tomorrow"], 2, "is no date");
    says(&["--hook"], 0, "no list among the files of this commit: nothing was audited");
    says(&["--hook", "threat.txt"], 0, "pass: 1 list");
    says(&["--hook", "nowhere.txt"], 2, "cannot be read");
}

/// Rule, verdict and place (line and column) of each finding.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let line = |finding: &Value| {
        let (rule, verdict) = (finding["rule"].as_str().unwrap(), finding["verdict"].as_str().unwrap());
        let place = &finding["location"];
        format!("{verdict} {rule} {}:{}:{}", place["path"].as_str().unwrap(), place["line"], place["column"])
    };
    findings.map(line).collect()
}

#[test]
fn lists_with_faults_fail_where_they_are_at_fault() {
    let cases: [(&str, &[&str]); 10] = [
        ("empty.txt", &["fail list-empty broken/empty.txt:1:1"]),
        ("blank.txt", &["fail list-empty broken/blank.txt:1:1"]),
        ("prose.txt", &["fail list-empty broken/prose.txt:1:1"]),
        ("utf16.txt", &["fail list-format-mismatch broken/utf16.txt:1:1"]),
        ("binary.dat", &["fail list-format-mismatch broken/binary.dat:3:1"]),
        ("bundle.json", &["fail list-format-mismatch broken/bundle.json:1:1"]),
        ("latin1.txt", &["fail list-entry-invalid broken/latin1.txt:3:1"]),
        (
            "lines.txt",
            &[
                "fail list-entry-invalid broken/lines.txt:1:1",
                "fail list-entry-private broken/lines.txt:3:1",
                "fail list-entry-untidy broken/lines.txt:7:1",
            ],
        ),
        ("proof-point-without-comma.csv", &["fail list-entry-invalid broken/proof-point-without-comma.csv:2:1"]),
        (
            "trusted-everything.txt",
            &[
                "fail list-entry-untidy broken/trusted-everything.txt:1:1",
                "fail list-trusted-broad broken/trusted-everything.txt:2:1",
            ],
        ),
    ];
    for (file, expected) in cases {
        let (status, report) = report(&[&format!("broken/{file}")]);
        assert_eq!(found(&report), expected, "{file}");
        assert_eq!(status, 1, "{file}");
    }
}

#[test]
fn rules_are_chosen_as_in_check() {
    let (file, invalid) = ("broken/lines.txt", "fail list-entry-invalid broken/lines.txt:1:1");
    for more in [["--only", "list-entry-invalid"], ["--skip", "list-entry-private,list-entry-untidy"]] {
        let (status, report) = report(&[&[file][..], &more].concat());
        assert_eq!(found(&report), [invalid], "{more:?}");
        assert_eq!(status, 1, "{more:?}");
    }
    says(&[file, "--skip", "list-entry-invalid"], 0, "pass: 1 warning, 1 advice; 1 list");
    says(&[file, "--skip", "list-entry-invalid", "--fail-on", "warning"], 1, "fail: 1 warning, 1 advice; 1 list");
    says(&[file, "--skip", "list-*"], 2, "no rule is left to run");
}

#[test]
fn several_files_are_checked_against_each_other() {
    let files = ["threat.txt", "otx.csv"];
    let (status, json) = report(&files);
    assert_eq!((status, &json["verdict"]), (0, &"undecided".into()));
    let overlaps = found(&json);
    assert!(
        overlaps.iter().all(|line| line.starts_with("undecided list-overlap ")) && !overlaps.is_empty(),
        "{json:#}"
    );
    says(&[&files[..], &["--strict"]].concat(), 1, "undecided[list-overlap]");
    // Lists of one kind may share what they like.
    says(&[&files[..], &["--kind", "threat"]].concat(), 0, "pass: 2 lists");
    says(&["threat.txt", "trusted.txt"], 0, "pass: 2 lists");
}

/// Every place of a report, the related ones too.
fn places(report: &Value) -> Vec<&Value> {
    let mut places = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        places.push(&finding["location"]);
        places.extend(finding["related"].as_array().unwrap().iter().map(|related| &related["location"]));
    }
    places
}

#[test]
fn places_are_those_of_the_file() {
    let folder = lists().join("broken");
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let run = tfduty(&folder, &["list", name, "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        for place in places(&report) {
            let number = |name: &str| usize::try_from(place[name].as_u64().unwrap()).unwrap();
            let before = &bytes[..number("byte_start")];
            assert!(number("byte_end") <= bytes.len(), "{name}: {place}");
            assert_eq!(number("line"), before.split(|byte| *byte == b'\n').count(), "{name}: {place}");
            let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
            assert_eq!(number("column"), before.len() - start + 1, "{name}: {place}");
            assert_eq!((&place["pointer"], &place["inner"]), (&"".into(), &Value::Null), "{name}");
        }
        let human = tfduty(&folder, &["list", name, "-v"]);
        assert_eq!((human.status, human.stderr.as_str()), (run.status, ""), "{name}: {}", human.stdout);
        assert!(human.stdout.contains(&format!("input: {name}: list, judged\n")), "{}", human.stdout);
    }
}

#[test]
fn a_format_that_is_declared_is_the_one_that_is_judged() {
    let (status, report) = report(&["threat.txt", "--list-format", "STIX"]);
    assert_eq!(found(&report), ["fail list-format-mismatch threat.txt:1:1"]);
    assert_eq!(status, 1);
}

#[test]
fn the_kind_decides_how_many_entries_there_may_be() {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = (0..2001).map(|entry| format!("20.0.{}.{}\n", entry / 256, entry % 256)).collect();
    fs::write(folder.path().join("many.txt"), lines.concat()).unwrap();
    for (more, status, sentence) in [
        (&["--kind", "trusted"][..], 1, "many.txt:2001:1"),
        (&["--kind", "threat"], 0, "pass: 1 list"),
        (&[], 0, "undecided[list-limits] many.txt"),
        (&["--strict"], 1, "`--kind`"),
        (&["--kind", "trusted", "--fail-on", "never"], 0, "1 error; 1 list"),
        (&["--kind", "trusted", "--skip", "list-limits"], 0, "pass: 1 list"),
    ] {
        let run = tfduty(folder.path(), &[&["list", "many.txt"], more].concat());
        assert!(run.stdout.contains(sentence), "{more:?}: {}", run.stdout);
        assert_eq!(run.status, status, "{more:?}: {}", run.stdout);
    }
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    // A file of holes: it takes no room, and no time unless it is read.
    let file = fs::File::create(folder.path().join("huge.txt")).unwrap();
    file.set_len(1 << 31).unwrap();
    let run = tfduty(folder.path(), &["list", "huge.txt", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found(&report), ["fail list-limits huge.txt:1:1"]);
    assert_eq!(run.status, 1);
    assert_eq!(report["inputs"][0]["bytes"], 1_u64 << 31);
    let run = tfduty(folder.path(), &["list", "huge.txt"]);
    assert!(run.stdout.contains("note: at huge.txt: too large"), "{}", run.stdout);
}

#[test]
fn a_stream_that_is_too_large_is_counted() {
    let bytes = b"45.9.20.17\n".repeat(3_400_000);
    let run = tfduty_with(&lists(), &["list", "-", "--format", "json"], Some(&bytes));
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found(&report), ["fail list-limits -:1:1"]);
    assert_eq!(run.status, 1);
    assert_eq!(report["inputs"][0]["bytes"], bytes.len());
}

#[test]
fn an_ignore_of_another_file_is_no_matter_here() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("empty.txt"), "").unwrap();
    fs::write(folder.path().join("other.txt"), "8.8.8.8\n").unwrap();
    let ignore = "[[ignore]]\nrule = \"list-empty\"\npath = \"empty.txt\"\nreason = \"filled by a job\"\n";
    fs::write(folder.path().join("tfduty.toml"), ignore).unwrap();
    for (file, sentence) in [("empty.txt", "1 suppressed"), ("other.txt", "pass: 1 list")] {
        let run = tfduty(folder.path(), &["list", file]);
        assert!(run.stdout.contains(sentence) && !run.stdout.contains("matches nothing"), "{file}: {}", run.stdout);
        assert_eq!(run.status, 0, "{file}");
    }
}

#[test]
fn a_report_goes_to_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let output = format!("json={}", folder.path().join("report.json").display());
    let run = list(&["broken/empty.txt", "--output", &output]);
    let report: Value = serde_json::from_str(&fs::read_to_string(folder.path().join("report.json")).unwrap()).unwrap();
    assert_eq!(found(&report), ["fail list-empty broken/empty.txt:1:1"]);
    assert_eq!(run.status, 1);
}
