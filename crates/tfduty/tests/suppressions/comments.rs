//! `# tfduty:ignore[…]` in `.tf` files.

use std::io::{Read, Write};

use super::*;

const BLOCK: &str = "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n";
const SAYS: &str = "tfduty:ignore[detector-disabled] until=2027-01-01 reason=\"an exercise\"";

/// The block of the detector with `comment` at `@`.
fn with(comment: &str, block: &str) -> Stack {
    let stack = Stack::new();
    stack.edit(BLOCK, &block.replace('@', comment));
    stack
}

#[test]
fn a_comment_on_the_block_or_its_attribute_suppresses() {
    for block in [
        "#@\nresource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n",
        "/* @ */\n// an exercise\nresource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n",
        "resource \"aws_guardduty_detector\" \"this\" { // @\n  enable = false\n}\n",
        "resource \"aws_guardduty_detector\" \"this\" {\n  # @\n  enable = false\n}\n",
        "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false # @\n}\n",
        "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n} # @\n",
    ] {
        let (report, status) = with(SAYS, block).check(&["--source", "."]);
        assert_eq!((status, &report["verdict"]), (0, &"pass".into()), "{block}");
        let expected = serde_json::json!({ "by": "comment", "reason": "an exercise", "until": "2027-01-01" });
        assert_eq!(report["findings"][0]["suppressed"], expected, "{block}");
        assert_eq!((&report["summary"]["suppressed"], report["notes"].as_array().unwrap().len()), (&1.into(), 0));
    }
}

#[test]
fn a_comment_elsewhere_suppresses_nothing_and_is_told() {
    for block in [
        "# @\n\nresource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n",
        "# @\nlocals {}\nresource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n",
        "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n  tags = {} # @\n}\n",
        "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n  # @\n}\n",
    ] {
        let (report, status) = with(SAYS, block).check(&["--source", "."]);
        assert_eq!((status, suppressed(&report)), (1, vec![None]), "{block}");
        let unused = notes(&report, "ignore-unused");
        assert_eq!(
            (unused.len(), &unused[0]["severity"], &unused[0]["path"]),
            (1, &"advice".into(), &"main.tf".into())
        );
    }
}

#[test]
fn what_only_looks_like_a_comment_is_none() {
    for block in [
        "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n  x = \"# @\"\n}\n",
        "locals {\n  x = <<-EOT\n    # @\n    EOT\n}\nresource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n",
        "# one could write @\nresource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n",
    ] {
        let comment = SAYS.replace("\"an exercise\"", "ours");
        let (report, status) = with(&comment, block).check(&["--source", "."]);
        assert_eq!((status, suppressed(&report), report["problems"].as_array().unwrap().len()), (1, vec![None], 0));
        assert!(notes(&report, "ignore-unused").is_empty(), "{block}");
    }
    let stack = Stack::new();
    let json = serde_json::json!({ "//": format!("# {SAYS}"), "resource": { "aws_guardduty_detector": { "this": { "enable": false } } } });
    stack.edit(BLOCK, "").write("detector.tf.json", &serde_json::to_string_pretty(&json).unwrap());
    assert_eq!(stack.check(&["--source", "."]).1, 1);
}

#[test]
fn families_are_taken_and_other_rules_are_not() {
    for (rules, status) in
        [("detector-*", 0), ("list-*, detector-disabled", 0), ("*", 0), ("list-*", 1), ("detector-drift", 1)]
    {
        let comment = format!("tfduty:ignore[{rules}] reason=ours");
        let stack = with(&comment, &format!("# @\n{BLOCK}"));
        assert_eq!(stack.check(&["--source", "."]).1, status, "{rules}");
    }
}

#[test]
fn comments_hold_wherever_the_configuration_comes_from() {
    let block = format!("# {SAYS}\n{BLOCK}");
    let stack = Stack::new();
    stack.edit(BLOCK, &block);
    assert_eq!(stack.check(&[]).1, 0, "beside the input");
    save_into_plan(&stack);
    fs::remove_file(stack.folder().join("main.tf")).unwrap();
    assert_eq!(stack.check(&[]).1, 1, "there is no configuration");
    let (report, status) = stack.check(&["--plan-file", "saved.bin"]);
    assert_eq!((status, suppressed(&report)), (0, vec![Some("comment")]), "in a saved plan");
    fs::rename(stack.folder().join("saved.bin"), stack.folder().join("tfplan")).unwrap();
    let run = stack.run(&["check", ".", "--only", "detector-disabled"]);
    assert_eq!(run.status, 0, "in a saved plan beside its JSON: {}", run.stdout);
}

/// Puts the configuration of a stack into its saved plan.
fn save_into_plan(stack: &Stack) {
    let path = stack.folder().join("saved.bin");
    let mut plan = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
    let mut files = Vec::new();
    for index in 0..plan.len() {
        let mut file = plan.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        if name.ends_with("main.tf") {
            bytes = fs::read(stack.folder().join("main.tf")).unwrap();
        }
        files.push((name, bytes));
    }
    let mut changed = zip::ZipWriter::new(fs::File::create(path).unwrap());
    for (name, bytes) in files {
        changed.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        changed.write_all(&bytes).unwrap();
    }
    changed.finish().unwrap();
}

#[test]
fn a_comment_on_a_module_covers_what_the_module_makes() {
    let folder = tempfile::tempdir().unwrap();
    let estate = fixtures().join("estates/modules");
    for entry in walkdir::WalkDir::new(estate.join("source")) {
        let entry = entry.unwrap();
        let to = folder.path().join(entry.path().strip_prefix(estate.join("source")).unwrap());
        if entry.path().is_dir() {
            fs::create_dir_all(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    fs::copy(estate.join("plan.json"), folder.path().join("plan.json")).unwrap();
    let ignored = || {
        let run = tfduty(folder.path(), &["check", "plan.json", "--only", "detector-*,list-*", "--format", "json"]);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let ignored =
            report["findings"].as_array().unwrap().iter().filter(|finding| finding["suppressed"] != Value::Null);
        ignored.map(|finding| finding["address"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let comment = "# tfduty:ignore[list-*] reason=ours\n";
    edit(&folder.path().join("main.tf"), "module \"ireland\" {", &format!("{comment}module \"ireland\" {{"));
    let found = ignored();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|address| address.starts_with("module.ireland.module.list[")), "{found:?}");

    // In the module itself it covers what every call of it makes.
    edit(&folder.path().join("main.tf"), comment, "");
    let block = "resource \"aws_guardduty_detector\" \"it\"";
    let comment = "# tfduty:ignore[detector-frequency-slow] reason=ours\n";
    edit(&folder.path().join("modules/detector/main.tf"), block, &format!("{comment}{block}"));
    let detectors =
        ["ireland", "virginia"].map(|name| format!("module.{name}.module.detector[0].aws_guardduty_detector.it"));
    assert_eq!(ignored(), detectors);
}

#[test]
fn what_is_wrong_with_a_comment_is_shown_in_its_file() {
    for (comment, place, message, help) in [
        ("tfduty:ignore[detector-disabled]", (24, 3), "`reason` is missing", "say why"),
        (
            "tfduty:ignore[detector-disable] reason=x",
            (24, 17),
            "unknown rule `detector-disable`",
            "did you mean `detector-disabled`?",
        ),
        (
            "tfduty:ignore[detector-disabled] until=2027-13-01 reason=x",
            (24, 42),
            "`2027-13-01` is not a date",
            "such as",
        ),
        (
            "tfduty:skip[detector-disabled] reason=x",
            (24, 3),
            "`tfduty:skip` is no comment of tfduty",
            "write `tfduty:ignore[",
        ),
    ] {
        let stack = with(comment, &format!("# @\n{BLOCK}"));
        let (report, status) = stack.check(&["--source", "."]);
        assert_eq!((status, suppressed(&report)), (2, vec![None]), "{comment}");
        let problem = &report["problems"][0];
        assert_eq!((&problem["path"], &problem["message"]), (&"main.tf".into(), &message.into()));
        assert_eq!((&problem["line"], &problem["column"]), (&place.0.into(), &place.1.into()), "{comment}");
        assert!(problem["help"].as_str().unwrap().contains(help), "{problem}");
        let human = stack.run(&["check", "plan.json"]).stdout;
        assert!(human.contains(&format!("error: main.tf:{}:{}: {message}", place.0, place.1)), "{human}");
    }
    // Who uses a module of others cannot mend it.
    let stack = Stack::new();
    fs::create_dir_all(stack.folder().join(".terraform/modules/far")).unwrap();
    let manifest = "{\"Modules\":[{\"Key\":\"far\",\"Dir\":\".terraform/modules/far\"}]}";
    stack.write(".terraform/modules/modules.json", manifest);
    stack.write(
        ".terraform/modules/far/main.tf",
        "# tfduty:ignore[of-the-future]\n# tfduty:ignore[list-*] reason=x\nlocals {}\n",
    );
    stack.edit(BLOCK, &format!("{BLOCK}module \"far\" {{\n  source = \"org/far/aws\"\n}}\n"));
    let (report, status) = stack.check(&["--source", "."]);
    assert_eq!(
        (status, report["problems"].as_array().unwrap().len(), notes(&report, "ignore-unused").len()),
        (1, 0, 0)
    );
}

#[test]
fn a_comment_that_has_run_out_is_a_warning_and_suppresses_nothing() {
    let comment = SAYS.replace("2027-01-01", "2026-11-23");
    let stack = with(&comment, &format!("# @\n{BLOCK}"));
    let (report, status) = stack.check(&["--source", "."]);
    assert_eq!((status, suppressed(&report)), (1, vec![None]));
    let expired = notes(&report, "ignore-expired")[0];
    assert_eq!(
        (&expired["severity"], &expired["path"], &expired["line"]),
        (&"warning".into(), &"main.tf".into(), &24.into())
    );
    // Its last day is its own.
    let stack = with(&SAYS.replace("2027-01-01", "2026-11-24"), &format!("# @\n{BLOCK}"));
    assert_eq!(stack.check(&["--source", "."]).1, 0);
}
