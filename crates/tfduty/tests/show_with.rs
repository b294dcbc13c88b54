//! `--show-with` runs a program on a saved plan. The program here is a script that insists on how it is called.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use serde_json::Value;

use common::{Run, fixtures, tfduty};

/// A saved plan, and beside it, in a folder of its own, a program that is asked to show it.
struct Scene {
    root: tempfile::TempDir,
}

impl Scene {
    fn of(estate: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let from = fixtures().join("estates").join(estate);
        for folder in [".git", "stack", "tools"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        fs::copy(from.join("tfplan"), root.path().join("stack/tfplan")).unwrap();
        fs::copy(from.join("plan.json"), root.path().join("tools/printed")).unwrap();
        Self { root }
    }

    fn stack(&self) -> PathBuf {
        self.root.path().join("stack")
    }

    fn tool(&self) -> String {
        self.root.path().join("tools/terraform").display().to_string()
    }

    /// Writes the program: the checks of how it is called, then what it does.
    fn program(&self, does: &str) {
        let path = self.root.path().join("tools/terraform");
        let calls = r#"
            [ $# -eq 3 ] || { echo "called with $#: $*" >&2; exit 64; }
            [ "$1" = show ] && [ "$2" = -json ] || { echo "called with $*" >&2; exit 65; }
            cmp -s "$3" tfplan || { echo "not called in the folder of the plan, or not on it: $3" >&2; exit 66; }
        "#;
        let printed = self.root.path().join("tools/printed");
        fs::write(&path, format!("#!/bin/sh\nprinted='{}'\n{calls}\n{does}\n", printed.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn check(&self, arguments: &[&str]) -> Run {
        tfduty(&self.stack(), &[&["check", "tfplan", "--today", "2026-11-24"], arguments].concat())
    }
}

/// Of each finding what does not hang on the name of the input.
fn findings(run: &Run) -> Vec<Vec<Value>> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let names = ["rule", "severity", "verdict", "address", "account", "region", "message", "source", "fingerprint"];
    let all = report["findings"].as_array().unwrap().iter();
    let mut all: Vec<Vec<Value>> = all.map(|finding| names.map(|name| finding[name].clone()).to_vec()).collect();
    all.sort_by_key(|finding| format!("{finding:?}"));
    all
}

/// What the JSON and its saved plan give when both are named.
fn beside(estate: &str) -> Run {
    let scene = Scene::of(estate);
    fs::copy(scene.root.path().join("tools/printed"), scene.stack().join("plan.json")).unwrap();
    let arguments = ["check", "plan.json", "--plan-file", "tfplan", "--format", "json", "--today", "2026-11-24"];
    tfduty(&scene.stack(), &arguments)
}

#[test]
fn a_saved_plan_shown_is_the_plan() {
    for estate in ["broken-a-missing-key", "broken-g-other-region", "modules", "secrets", "wired"] {
        let scene = Scene::of(estate);
        scene.program("cat \"$printed\"");
        let expected = beside(estate);
        let run = scene.check(&["--show-with", &scene.tool(), "--format", "json"]);
        assert_eq!(findings(&run), findings(&expected), "{estate}");
        assert_eq!(run.status, expected.status, "{estate}");
        assert_eq!(run.stderr, "", "{estate}");
    }
}

#[test]
fn a_program_by_a_relative_path_is_one_of_the_working_folder() {
    let scene = Scene::of("minimal");
    scene.program("cat \"$printed\"");
    let run = scene.check(&["--show-with", "../tools/terraform"]);
    assert_eq!(run.status, 0, "{run:?}");
    let run = tfduty(scene.root.path(), &["check", "stack/tfplan", "--show-with", "tools/terraform"]);
    assert_eq!(run.status, 0, "{run:?}");
    let run = tfduty(scene.root.path(), &["check", "--show-with", "./tools/terraform"]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn its_messages_are_no_part_of_the_plan() {
    let scene = Scene::of("minimal");
    scene.program("echo 'Warning: something' >&2; cat \"$printed\"");
    let run = scene.check(&["--show-with", &scene.tool()]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(run.stdout.contains("1 detector"), "{run:?}");
}

/// A run that must end with a problem.
fn problem(run: &Run, sentences: &[&str]) {
    assert_eq!(run.status, 2, "{run:?}");
    for sentence in sentences {
        assert!(run.stdout.contains(sentence), "{sentence:?} is not said: {run:?}");
    }
    assert!(!run.stdout.contains(['\u{1b}', '\u{7}', '\r']), "control characters: {run:?}");
    assert_eq!(run.stderr, "", "{run:?}");
}

#[test]
fn a_program_that_fails_is_a_problem_and_what_it_said_is_shown_escaped() {
    let scene = Scene::of("minimal");
    scene.program("printf 'Error: \\033[31mplan of another version\\033[0m\\007\\r\\n' >&2; exit 1");
    for format in ["human", "json"] {
        let run = scene.check(&["--show-with", &scene.tool(), "--format", format, "--color", "never"]);
        problem(&run, &["tfplan", "failed", "plan of another version"]);
    }
}

#[test]
fn a_program_that_prints_no_plan_is_a_problem() {
    for (does, sentence) in [
        ("echo 'Success! The configuration is valid.'", "printed no plan"),
        (":", "printed no plan"),
        ("echo '{\"format_version\":\"1.0\",\"valid\":true,\"diagnostics\":[]}'", "printed no plan"),
        ("head -c 900 \"$printed\"", "printed no plan"),
    ] {
        let scene = Scene::of("minimal");
        scene.program(does);
        problem(&scene.check(&["--show-with", &scene.tool()]), &["tfplan", sentence]);
    }
}

#[test]
fn a_program_that_is_not_there_is_a_problem() {
    let scene = Scene::of("minimal");
    for (program, name) in
        [("no-such-terraform", "no-such-terraform"), ("./no-such-tool", "no-such-tool"), (&scene.tool(), "terraform")]
    {
        problem(&scene.check(&["--show-with", program]), &["tfplan", name, "cannot be run"]);
    }
}

#[test]
fn one_saved_plan_that_cannot_be_shown_loses_no_other_input() {
    let scene = Scene::of("broken-e-disabled-detector");
    scene.program("exit 3");
    let state = fixtures().join("estates/broken-e-disabled-detector/terraform.tfstate");
    fs::copy(state, scene.stack().join("terraform.tfstate")).unwrap();
    let run = scene.check(&["terraform.tfstate", "--show-with", &scene.tool()]);
    problem(&run, &["detector-disabled", "failed"]);
}

#[test]
fn a_program_that_prints_a_state_shows_no_plan() {
    let scene = Scene::of("minimal");
    scene.program("cat \"$(dirname \"$printed\")/state\"");
    fs::copy(fixtures().join("estates/minimal/state.json"), scene.root.path().join("tools/state")).unwrap();
    problem(&scene.check(&["--show-with", &scene.tool()]), &["tfplan", "printed no plan"]);
}

#[test]
fn a_program_that_shows_another_plan_is_a_problem() {
    let scene = Scene::of("minimal");
    scene.program("cat \"$(dirname \"$printed\")/other\"");
    let other = fixtures().join("estates/broken-e-disabled-detector/plan.json");
    fs::copy(other, scene.root.path().join("tools/other")).unwrap();
    problem(&scene.check(&["--show-with", &scene.tool()]), &["tfplan"]);
}

#[test]
fn a_saved_plan_shown_reads_like_the_plan() {
    let scene = Scene::of("broken-e-disabled-detector");
    scene.program("cat \"$printed\"");
    let shown = scene.check(&["--show-with", &scene.tool()]);
    fs::copy(scene.root.path().join("tools/printed"), scene.stack().join("plan.json")).unwrap();
    let beside = tfduty(&scene.stack(), &["check", "plan.json", "--plan-file", "tfplan"]);
    assert_eq!(shown.stdout.replace(" in tfplan:", " in plan.json:"), beside.stdout);
}
