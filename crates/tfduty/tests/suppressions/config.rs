//! `[[ignore]]` and `[rules.…]` of `tfduty.toml`.

use super::*;

fn ignore(keys: &str) -> Stack {
    let stack = Stack::new();
    stack
        .write("tfduty.toml", &format!("[[ignore]]\nrule = \"detector-disabled\"\nreason = \"an exercise\"\n{keys}\n"));
    stack
}

#[test]
fn an_ignore_names_address_account_region_or_path() {
    for (keys, status) in [
        ("address = \"aws_guardduty_detector.*\"", 0),
        ("address = \"aws_guardduty_ipset.*\"", 1),
        ("account = \"123456789012\"", 0),
        ("account = \"210987654321\"", 1),
        ("region = \"eu-west-1\"", 0),
        ("region = \"us-east-1\"", 1),
        ("path = \"*.json\"", 0),
        ("path = \"main.t?\"", 0),
        ("path = \"lib/*\"", 1),
        ("region = \"eu-west-1\"\npath = \"lib/*\"", 1),
    ] {
        let (report, found) = ignore(keys).check(&[]);
        assert_eq!(found, status, "{keys}");
        assert_eq!(notes(&report, "ignore-unused").len(), usize::from(status == 1), "{keys}");
    }
}

#[test]
fn a_path_counts_from_the_folder_of_the_configuration() {
    let stack = Stack::new();
    let ignore = |path: &str| {
        let ignore = format!("[[ignore]]\nrule = \"detector-disabled\"\nreason = \"an exercise\"\npath = \"{path}\"\n");
        stack.write("tfduty.toml", &ignore);
    };
    let inner = stack.folder().join("envs/dev");
    fs::create_dir_all(&inner).unwrap();
    fs::copy(stack.folder().join("plan.json"), inner.join("plan.json")).unwrap();
    let status = |plan: &str, more: &[&str]| {
        let check = ["check", plan, "--only", "detector-disabled", "--today", "2026-11-24"];
        tfduty(&inner, &[&check, more].concat()).status
    };
    for (path, [own, outer]) in [("plan.json", [1, 0]), ("./plan.json", [1, 0]), ("envs/*/plan.json", [0, 1])] {
        ignore(path);
        assert_eq!([status("plan.json", &[]), status("../../plan.json", &[])], [own, outer], "{path}");
    }
    // A file that is named may lie anywhere: what it says counts from the working folder.
    ignore("plan.json");
    let named = ["--config", "../../tfduty.toml"];
    assert_eq!([status("plan.json", &named), status("../../plan.json", &named)], [0, 1]);
}

#[test]
fn an_absence_is_ignored_by_its_account_and_region() {
    let expect = "[expect]\naccounts = [\"123456789012\"]\nregions = [\"eu-west-1\", \"us-east-1\"]\n";
    let missing = |more: &str| {
        let stack = Stack::new();
        stack.write("tfduty.toml", &format!("{expect}{more}"));
        let run = stack.run(&["check", "plan.json", "--only", "coverage-detector-missing", "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["region"] == "us-east-1");
        (run.status, found.unwrap_or_else(|| panic!("{report:#}"))["suppressed"]["by"].clone())
    };
    let ignore = |key: &str| format!("[[ignore]]\nrule = \"coverage-detector-missing\"\nreason = \"unused\"\n{key}\n");
    assert_eq!(missing(""), (1, Value::Null));
    assert_eq!(missing(&ignore("region = \"us-east-1\"")), (0, "config".into()));
    assert_eq!(missing(&ignore("region = \"eu-west-1\"")), (1, Value::Null));
    assert_eq!(missing(&ignore("account = \"123456789012\"")), (0, "config".into()));
    assert_eq!(missing(&ignore("account = \"210987654321\"")), (1, Value::Null));
}

#[test]
fn notices_count_against_the_threshold_and_say_where() {
    let expired = ignore("region = \"us-east-1\"\nuntil = 2026-01-01");
    let unused = ignore("region = \"us-east-1\"");
    for (stack, code, statuses) in
        [(&expired, "ignore-expired", [0, 1, 1, 0]), (&unused, "ignore-unused", [0, 0, 1, 0])]
    {
        let plan = stack.folder().join("plan.json");
        edit(&plan, "\"after\":{\"enable\":false", "\"after\":{\"enable\":true");
        stack.edit("enable = false", "enable = true");
        for (level, status) in ["error", "warning", "advice", "never"].into_iter().zip(statuses) {
            let (report, found) = stack.check(&["--fail-on", level]);
            assert_eq!((found, report["findings"].as_array().unwrap().len()), (status, 0), "{code} {level}");
            let note = notes(&report, code)[0];
            assert_eq!((&note["path"], &note["line"]), (&"tfduty.toml".into(), &1.into()));
        }
        for quiet in [&[][..], &["--quiet"]] {
            let run = stack.run(&[&["check", "plan.json", "--only", "detector-disabled"], quiet].concat());
            assert!(
                run.stdout.contains(&format!("[{code}] tfduty.toml:1:1: the ignore of `detector-disabled`")),
                "{}",
                run.stdout
            );
            let summary = run.stdout.lines().last().unwrap();
            assert!(summary.contains(&format!("1 {} ignore; ", code.trim_start_matches("ignore-"))), "{summary}");
        }
    }
    // Of rules that do not run, and of the files of one commit, nothing is said.
    let other = unused.run(&["check", "plan.json", "--only", "list-*", "--format", "json"]);
    assert!(!other.stdout.contains("ignore-unused"), "{}", other.stdout);
    assert!(notes(&unused.check(&["--hook"]).0, "ignore-unused").is_empty());
}

#[test]
fn severities_are_what_the_configuration_says() {
    for (severity, [error, warning, advice]) in [("error", [1, 1, 1]), ("warning", [0, 1, 1]), ("advice", [0, 0, 1])] {
        let stack = Stack::new();
        stack.write("tfduty.toml", &format!("[rules.detector-disabled]\nseverity = \"{severity}\"\n"));
        for (level, status) in [("error", error), ("warning", warning), ("advice", advice), ("never", 0)] {
            let (report, found) = stack.check(&["--fail-on", level]);
            assert_eq!((found, &report["findings"][0]["severity"]), (status, &severity.into()), "{severity} {level}");
            assert_eq!(report["summary"][severity], 1);
        }
    }
    let stack = Stack::new();
    stack.write("tfduty.toml", "[rules.detector-disabled]\nseverity = \"off\"\n");
    let run = stack.run(&["check", "plan.json", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let named = |part: &str| {
        report[part]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["rule"] == "detector-disabled" || one["id"] == "detector-disabled")
    };
    assert_eq!((run.status, named("findings"), named("rules")), (0, false, false));
    assert_eq!(stack.check(&[]).1, 2, "no rule is left");
}

#[test]
fn the_nearest_to_the_thing_is_what_suppresses() {
    let stack = ignore("region = \"eu-west-1\"");
    stack.run(&["check", "plan.json", "--config", "/dev/null", "--write-baseline", "baseline.json"]);
    let by = |arguments: &[&str]| suppressed(&stack.check(arguments).0)[0].map(str::to_owned);
    assert_eq!(by(&["--baseline", "baseline.json"]).as_deref(), Some("config"));
    stack.edit(
        "resource \"aws_guardduty_detector\"",
        "# tfduty:ignore[detector-disabled] reason=x\nresource \"aws_guardduty_detector\"",
    );
    let (report, status) = stack.check(&["--baseline", "baseline.json"]);
    assert_eq!((status, suppressed(&report)), (0, vec![Some("comment")]));
    assert!(notes(&report, "ignore-unused").is_empty(), "what a comment covers too is not unused");
}
