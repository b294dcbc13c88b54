//! Every option that the commands promise is there, is in `--help`, and does what it says.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{fs, process::Command};

use serde_json::Value;

use common::{fixtures, tfduty};

/// What the commands that run rules take alike.
const RUN: &[&str] = &[
    "--format",
    "--output",
    "--fail-on",
    "--strict",
    "--only",
    "--skip",
    "--config",
    "--baseline",
    "--write-baseline",
    "--today",
    "--color",
    "--quiet",
    "--verbose",
    "--jobs",
    "--hook",
];
const DOCUMENTS: &[&str] = &["--source", "--plan-file", "--show-with", "--follow-links"];

/// The options of each command.
const OPTIONS: &[(&str, &[&[&str]])] = &[
    ("check", &[RUN, DOCUMENTS, &["--list-dir", "--facts", "--facts-out"]]),
    ("destroy", &[RUN, DOCUMENTS, &["--before", "--after"]]),
    ("list", &[RUN, &["--kind", "--list-format"]]),
    ("rules", &[&["--format", "--schema"]]),
    ("explain", &[&["--color"]]),
];

#[test]
fn every_option_is_in_the_help_and_no_other() {
    for (command, groups) in OPTIONS {
        let run = tfduty(&fixtures(), &[command, "--help"]);
        assert_eq!((run.status, &*run.stderr), (0, ""));
        let is_option = |word: &&str| word.starts_with("--") && word.len() > 2;
        let first_words = run.stdout.lines().filter_map(|line| {
            let line = line
                .trim_start()
                .split_once(", ")
                .map_or(line.trim_start(), |(short, rest)| if short.len() == 2 { rest } else { line.trim_start() });
            line.split_whitespace().next().filter(is_option)
        });
        let mut shown: Vec<&str> = first_words.filter(|option| *option != "--help").collect();
        let mut expected: Vec<&str> = groups.iter().copied().flatten().copied().collect();
        shown.sort_unstable();
        expected.sort_unstable();
        assert_eq!(shown, expected, "{command}");
    }
}

/// Runs `check` on a suspended detector with variables set.
fn with_variables(arguments: &[&str], variables: &[(&str, &str)]) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfduty"));
    command.current_dir(fixtures().join("estates/broken-e-disabled-detector")).env_clear();
    command.args(["check", "plan.json", "--only", "detector-disabled"]).args(arguments);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn colours_and_links_are_as_the_environment_says() {
    let colored =
        |arguments: &[&str], variables: &[(&str, &str)]| with_variables(arguments, variables).0.contains("\u{1b}[");
    assert!(!colored(&[], &[]), "what is piped has no colours");
    assert!(colored(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "0")]));
    assert!(!colored(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(colored(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["--color", "auto"], &[]));
    // Without an address of the repository there is nothing to link to, and the variable must do no harm.
    let plain = with_variables(&["--color", "always"], &[]);
    let linked = with_variables(&["--color", "always"], &[("FORCE_HYPERLINK", "1")]);
    assert_eq!(linked.1, plain.1);
    let has_address = !env!("CARGO_PKG_REPOSITORY").is_empty();
    assert_eq!(linked.0.contains("\u{1b}]8;;"), has_address, "{}", linked.0);
}

#[test]
fn the_date_comes_from_the_option_or_the_environment() {
    let today = |arguments: &[&str], variables: &[(&str, &str)]| {
        let report = with_variables(&[arguments, &["--format", "json"]].concat(), variables).0;
        serde_json::from_str::<Value>(&report).unwrap()["today"].clone()
    };
    let epoch = ("SOURCE_DATE_EPOCH", "1709164800");
    assert_eq!(today(&[], &[epoch]), "2024-02-29");
    assert_eq!(today(&["--today", "2026-11-24"], &[epoch]), "2026-11-24");
}

#[test]
fn quiet_and_verbose_say_less_and_more() {
    let said = |option: &str| with_variables(&[option], &[]).0;
    for (short, long) in [("-q", "--quiet"), ("-v", "--verbose")] {
        assert_eq!(said(short), said(long));
    }
    assert!(said("-v").contains("input: plan.json: plan, judged") && said("-v").contains("rule: detector-disabled"));
    let quiet = said("-q");
    assert!(
        quiet.contains("error[detector-disabled]") && quiet.lines().last().unwrap().starts_with("fail: "),
        "{quiet}"
    );
    assert_eq!(with_variables(&["-q", "-v"], &[]).1, Some(2));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    for (arguments, folder) in [(["check", "estates"], fixtures()), (["list", "threat.txt"], fixtures().join("lists"))]
    {
        let run = |jobs: &str| {
            tfduty(&folder, &[&arguments[..], &["--jobs", jobs, "--format", "json", "--today", "2026-11-24"]].concat())
        };
        assert_eq!(run("1").stdout, run("4").stdout, "{arguments:?}");
    }
    let refused = tfduty(&fixtures(), &["check", "--jobs", "0"]);
    assert_eq!(refused.status, 2);
}

#[test]
fn a_threshold_is_one_of_four_words() {
    let status = |arguments: &[&str]| with_variables(arguments, &[]).1;
    for (level, expected) in [("error", 1), ("warning", 1), ("advice", 1), ("never", 0), ("all", 2)] {
        assert_eq!(status(&["--fail-on", level]), Some(expected), "{level}");
    }
    let destroy = |level: &str| {
        let folder = fixtures().join("estates/destroy-prevented");
        tfduty(&folder, &["destroy", "terraform.tfstate", "--fail-on", level]).status
    };
    assert_eq!((destroy("advice"), destroy("never")), (1, 0));
}

#[cfg(unix)]
#[test]
fn links_are_followed_if_that_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let stack = fixtures().join("estates/broken-e-disabled-detector");
    fs::create_dir(folder.path().join("outside")).unwrap();
    fs::create_dir(folder.path().join("inside")).unwrap();
    fs::copy(stack.join("plan.json"), folder.path().join("outside/plan.json")).unwrap();
    std::os::unix::fs::symlink("../outside", folder.path().join("inside/link")).unwrap();
    let run = |more: &[&str]| tfduty(folder.path(), &[&["check", "inside"], more].concat());
    let without = run(&[]);
    assert!(without.status == 2 && without.stdout.contains("nothing to audit"), "{}", without.stdout);
    let followed = run(&["--follow-links"]);
    assert!(followed.status == 1 && followed.stdout.contains("error[detector-disabled]"), "{}", followed.stdout);
    std::os::unix::fs::symlink("..", folder.path().join("outside/loop")).unwrap();
    let looped = tfduty(folder.path(), &["check", "outside", "--follow-links"]);
    assert!(looped.stdout.contains("loop"), "{}", looped.stdout);
}
