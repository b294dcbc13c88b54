//! `--write-baseline` and `--baseline`.

use super::*;

fn read(stack: &Stack) -> Value {
    serde_json::from_str(&fs::read_to_string(stack.folder().join("baseline.json")).unwrap()).unwrap()
}

/// Suspends the detector, or resumes it. What the plan shows of its configuration stays, so that it fits `main.tf`.
fn enable(stack: &Stack, from: bool, to: bool) {
    let plan = stack.folder().join("plan.json");
    edit(&plan, &format!("\"after\":{{\"enable\":{from}"), &format!("\"after\":{{\"enable\":{to}"));
}

#[test]
fn what_was_known_passes_and_what_is_new_fails() {
    let stack = Stack::new();
    enable(&stack, false, true);
    let all = ["check", "plan.json", "--fail-on", "advice"];
    let json = |arguments: &[&str]| {
        let run = stack.run(&[&all[..], &["--format", "json"], arguments].concat());
        (serde_json::from_str::<Value>(&run.stdout).unwrap(), run.status)
    };
    let (before, status) = json(&[]);
    let count = before["findings"].as_array().unwrap().len();
    assert_eq!((status, suppressed(&before)), (1, vec![None; count]));
    let written = stack.run(&[&all[..], &["--write-baseline", "baseline.json"]].concat());
    assert_eq!(written.status, 0, "{}", written.stdout);
    assert!(written.stdout.contains(&format!("note: baseline.json: baseline of {count} findings written")));
    let baseline = read(&stack);
    assert_eq!((&baseline["schema_version"], &baseline["kind"]), (&"1".into(), &"baseline".into()));
    let known = baseline["findings"].as_array().unwrap();
    let rules: Vec<&str> = known.iter().map(|entry| entry["rule"].as_str().unwrap()).collect();
    assert!(rules.len() == count && rules.is_sorted(), "{rules:?}");

    let (report, status) = json(&["--baseline", "baseline.json"]);
    assert_eq!((status, suppressed(&report)), (0, vec![Some("baseline"); count]));
    assert!(notes(&report, "baseline-stale").is_empty());
    // The same again, byte for byte.
    let bytes = fs::read(stack.folder().join("baseline.json")).unwrap();
    json(&["--baseline", "baseline.json", "--write-baseline", "baseline.json"]);
    assert_eq!(fs::read(stack.folder().join("baseline.json")).unwrap(), bytes);

    enable(&stack, true, false);
    let (report, status) = json(&["--baseline", "baseline.json"]);
    let is_new = |finding: &&Value| finding["suppressed"].is_null() && finding["verdict"] == "fail";
    let new: Vec<&Value> = report["findings"].as_array().unwrap().iter().filter(is_new).collect();
    assert_eq!((status, new.len(), &new[0]["rule"]), (1, 1, &"detector-disabled".into()));
}

#[test]
fn what_is_gone_is_told_once_and_dropped_when_the_baseline_is_written_again() {
    let stack = Stack::new();
    let check = |arguments: &[&str]| {
        let run = stack.run(&[&["check", "plan.json", "--format", "json"], arguments].concat());
        serde_json::from_str::<Value>(&run.stdout).unwrap()
    };
    check(&["--write-baseline", "baseline.json"]);
    let knows = || fs::read_to_string(stack.folder().join("baseline.json")).unwrap().contains("detector-disabled");
    assert!(knows());
    enable(&stack, false, true);
    let report = check(&["--baseline", "baseline.json"]);
    let stale = notes(&report, "baseline-stale");
    assert_eq!((stale.len(), &stale[0]["path"], &stale[0]["severity"]), (1, &"baseline.json".into(), &Value::Null));
    let message = stale[0]["message"].as_str().unwrap();
    assert!(message.starts_with("1 entry matches nothing any more"), "{message}");
    // Not where its rule did not run, nor for the files of one commit.
    for partly in [&["--skip", "detector-*"][..], &["--hook"]] {
        let report = check(&[&["--baseline", "baseline.json"], partly].concat());
        assert!(notes(&report, "baseline-stale").is_empty(), "{partly:?}");
    }
    check(&["--baseline", "baseline.json", "--write-baseline", "baseline.json"]);
    let report = check(&["--baseline", "baseline.json"]);
    assert!(!knows() && notes(&report, "baseline-stale").is_empty());
    assert!(suppressed(&report).iter().all(|by| *by == Some("baseline")), "what is still there was kept");
}

#[test]
fn what_is_suppressed_already_is_left_out() {
    let stack = Stack::new();
    stack.write("tfduty.toml", "[[ignore]]\nrule = \"list-*\"\npath = \"*\"\nreason = \"ours\"\n");
    stack.run(&["check", "plan.json", "--write-baseline", "baseline.json"]);
    let rules: Vec<Value> =
        read(&stack)["findings"].as_array().unwrap().iter().map(|entry| entry["rule"].clone()).collect();
    assert_eq!(rules, ["detector-disabled"]);
}

#[test]
fn equal_addresses_in_two_stacks_are_not_taken_for_each_other() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    for stack in ["envs/dev", "envs/prod"] {
        fs::create_dir_all(root.path().join(stack)).unwrap();
        let plan = root.path().join(stack).join("plan.json");
        fs::copy(fixtures().join("estates/broken-e-disabled-detector/plan.json"), plan).unwrap();
    }
    let check = |arguments: &[&str]| {
        let run =
            tfduty(root.path(), &[&["check", "--only", "detector-disabled", "--format", "json"], arguments].concat());
        (serde_json::from_str::<Value>(&run.stdout).unwrap(), run.status)
    };
    assert_eq!(check(&["envs/dev/plan.json", "--write-baseline", "baseline.json"]).1, 0);
    assert_eq!(check(&["envs/dev/plan.json", "--baseline", "baseline.json"]).1, 0);
    assert_eq!(check(&["envs/prod/plan.json", "--baseline", "baseline.json"]).1, 1);
    let (report, status) = check(&["envs", "--baseline", "baseline.json"]);
    assert_eq!((status, suppressed(&report)), (1, vec![Some("baseline"), None]));
}

#[test]
fn an_absence_in_an_unknown_account_is_that_of_its_stack() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    fs::write(root.path().join("tfduty.toml"), "[expect]\nregions = [\"eu-west-1\"]\n").unwrap();
    let queue = serde_json::json!({ "address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "name": "q",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": { "actions": ["create"], "before": null, "after": { "name": "q" }, "after_unknown": { "id": true } } });
    let plan =
        serde_json::json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [queue] });
    for stack in ["envs/dev", "envs/prod"] {
        fs::create_dir_all(root.path().join(stack)).unwrap();
        fs::write(root.path().join(stack).join("plan.json"), plan.to_string()).unwrap();
    }
    let check = |stack: &str, more: &[&str]| {
        tfduty(root.path(), &[&["check", stack, "--only", "coverage-detector-missing"], more].concat()).status
    };
    assert_eq!([check("envs/dev", &[]), check("envs/prod", &[])], [1, 1]);
    assert_eq!(check("envs/dev", &["--write-baseline", "baseline.json"]), 0);
    assert_eq!(check("envs/dev", &["--baseline", "baseline.json"]), 0);
    assert_eq!(check("envs/prod", &["--baseline", "baseline.json"]), 1);
}

#[test]
fn undecided_is_not_failed() {
    let stack = Stack::new();
    stack.run(&["check", "plan.json", "--write-baseline", "baseline.json"]);
    let with_verdict = |verdict: &str| {
        let text = fs::read_to_string(stack.folder().join("baseline.json")).unwrap();
        let changed = text.replacen("\"verdict\": \"fail\"", &format!("\"verdict\": \"{verdict}\""), 1);
        stack.write("other.json", &changed);
        stack.check(&["--baseline", "other.json"]).1
    };
    assert_eq!((with_verdict("fail"), with_verdict("undecided")), (0, 1));
}

#[test]
fn a_file_that_is_no_baseline_is_a_problem() {
    let stack = Stack::new();
    stack.run(&["check", "plan.json", "--write-baseline", "baseline.json"]);
    stack.run(&["check", "plan.json", "--output", "json=report.json"]);
    let good = fs::read_to_string(stack.folder().join("baseline.json")).unwrap();
    for (text, message) in [
        (None, "the baseline cannot be read"),
        (Some(""), "the baseline is damaged: it is not JSON"),
        (Some(&good[..good.len() / 2]), "the baseline is damaged: it is not JSON"),
        (Some("[]"), "this is no baseline of tfduty"),
        (Some("{\"schema_version\": \"1\", \"kind\": \"report\"}"), "this is no baseline of tfduty"),
        (
            Some(&*good.replace("\"schema_version\": \"1\"", "\"schema_version\": \"2\"")),
            "has schema version 2, and this tfduty reads 1",
        ),
        (Some(&*good.replace("\"fingerprint\"", "\"finger\"")), "its findings are incomplete"),
        (Some(&*fs::read_to_string(stack.folder().join("report.json")).unwrap()), "this is no baseline of tfduty"),
    ] {
        match text {
            Some(text) => drop(stack.write("given.json", text)),
            None => drop(fs::remove_file(stack.folder().join("given.json"))),
        }
        let (report, status) = stack.check(&["--baseline", "given.json"]);
        assert_eq!((status, suppressed(&report)), (2, vec![None]), "{text:?}");
        let problem = &report["problems"][0];
        assert_eq!(problem["path"], "given.json");
        assert!(problem["message"].as_str().unwrap().contains(message), "{problem}");
        assert!(!problem["help"].as_str().unwrap().is_empty());
    }
}

#[test]
fn a_baseline_is_written_as_a_whole_or_not_at_all() {
    let stack = Stack::new();
    stack.write("baseline.json", "as it was");
    let run = stack.run(&["check", "plan.json", "nowhere.json", "--write-baseline", "baseline.json"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stdout.contains("the baseline is not written") && run.stdout.contains("error[detector-disabled]"),
        "{}",
        run.stdout
    );
    assert_eq!(fs::read_to_string(stack.folder().join("baseline.json")).unwrap(), "as it was");
    let run = stack.run(&["check", "plan.json", "--write-baseline", "no/folder/baseline.json"]);
    assert_eq!(run.status, 2);
    assert!(run.stdout.contains("no/folder/baseline.json: cannot be written"), "{}", run.stdout);
    let left: Vec<_> = fs::read_dir(stack.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("partial"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn links_and_pipes_stay_what_they_are() {
    use std::os::unix::fs::{FileTypeExt, symlink};

    let stack = Stack::new();
    let write = |name: &str| stack.run(&["check", "plan.json", "--write-baseline", name]).status;
    let kind = |name: &str| fs::symlink_metadata(stack.folder().join(name)).unwrap().file_type();
    stack.write("baseline.json", "as it was");
    symlink("baseline.json", stack.folder().join("link.json")).unwrap();
    assert_eq!((write("link.json"), kind("link.json").is_symlink()), (0, true));
    assert_eq!(read(&stack)["kind"], "baseline");

    let pipe = stack.folder().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn(move || fs::read_to_string(pipe).unwrap());
    assert_eq!((write("pipe"), kind("pipe").is_fifo()), (0, true));
    assert!(reader.join().unwrap().contains("\"baseline\""));
}

#[test]
fn destroy_and_list_have_baselines_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let plan = fixtures().join("estates/destroy-prevented/terraform.tfstate");
    fs::copy(plan, folder.path().join("terraform.tfstate")).unwrap();
    fs::copy(fixtures().join("lists/broken/lines.txt"), folder.path().join("list.txt")).unwrap();
    for command in [&["destroy", "terraform.tfstate"][..], &["list", "list.txt", "--kind", "threat"]] {
        let run = |arguments: &[&str]| tfduty(folder.path(), &[command, &["--fail-on", "advice"], arguments].concat());
        let before = run(&[]);
        assert_eq!(before.status, 1, "{command:?}: {}", before.stdout);
        assert_eq!(run(&["--write-baseline", "baseline.json"]).status, 0, "{command:?}");
        let after = run(&["--baseline", "baseline.json", "-v"]);
        assert_eq!(after.status, 0, "{command:?}: {}", after.stdout);
        assert!(after.stdout.contains(" by the baseline"), "{}", after.stdout);
    }
}
