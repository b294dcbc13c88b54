//! README.md shows what the current binary prints. `cargo xtask readme` rewrites it: the generated parts stand between
//! `<!-- NAME -->` and `<!-- end -->`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use serde_json::Value;

use common::{fixtures, tfduty};

#[test]
fn the_generated_parts_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let fresh = rewritten(&text, root);
    if std::env::var_os("TFDUTY_REWRITE").is_some() {
        std::fs::write(path, fresh).unwrap();
    } else {
        assert!(text == fresh, "README.md is out of date: run `cargo xtask readme`");
    }
}

/// The page with its generated parts made anew.
fn rewritten(text: &str, root: &Path) -> String {
    let mut page = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(page, "{line}");
        let Some(name) = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->")) else { continue };
        let part = match name {
            "rules" => rules(root),
            "undecided" => undecided(),
            _ => match (name.strip_prefix("run: tfduty "), name.strip_prefix("picture: tfduty ")) {
                (Some(arguments), _) => run(arguments, root),
                (_, Some(arguments)) => picture(arguments, root),
                _ => String::new(),
            },
        };
        page.push_str(&part);
        let end = lines.by_ref().find(|line| *line == "<!-- end -->");
        let _ = writeln!(page, "{}", end.unwrap());
    }
    page
}

/// What a command prints. A page that it writes goes to a folder of its own.
fn run(arguments: &str, root: &Path) -> String {
    const PAGE: &str = "guardduty.html";
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join(PAGE);
    let page = page.to_str().unwrap();
    let words: Vec<&str> = arguments.split(' ').map(|word| if word == PAGE { page } else { word }).collect();
    let mut output = tfduty(root, &words);
    output.stdout = output.stdout.replace(page, PAGE);
    // What is audited are failures; a matrix is none.
    let status = i32::from(words[0] != "coverage");
    assert_eq!((output.status, output.stderr.as_str()), (status, ""), "{arguments}");
    format!("\n```console\n$ tfduty {arguments}\n{}```\n\n", output.stdout)
}

/// The picture that a command prints, which code hosts draw.
fn picture(arguments: &str, root: &Path) -> String {
    let output = tfduty(root, &arguments.split(' ').collect::<Vec<_>>());
    assert_eq!((output.status, output.stderr.as_str()), (0, ""), "{arguments}");
    format!("\n```mermaid\n{}```\n\n", output.stdout)
}

fn rules(root: &Path) -> String {
    let rules: Value = serde_json::from_str(&tfduty(root, &["rules", "--format", "json"]).stdout).unwrap();
    let mut table = String::from("\n| rule | severity | |\n|---|---|---|\n");
    for rule in rules.as_array().unwrap() {
        let text = |name: &str| rule[name].as_str().unwrap().to_owned();
        let _ = writeln!(table, "| `{}` | {} | {} |", text("id"), text("severity"), text("summary"));
    }
    table.push('\n');
    table
}

/// How much of what is asked stays open, over the plan of every estate, and why.
fn undecided() -> String {
    let mut text = String::from("\n| | undecided | most in one estate |\n|---|---|---|\n");
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, with_sources, most) in [("plan JSON alone", false, 0.30), ("with `--plan-file tfplan`", true, 0.05)] {
        let (mut open, mut all, mut worst) = (0, 0, 0.0_f64);
        for folder in estates() {
            let report = audit(&folder, with_sources);
            let count = |name: &str| {
                report["rules"].as_array().unwrap().iter().map(|rule| rule[name].as_u64().unwrap()).sum::<u64>()
            };
            let subjects = count("passed") + count("failed") + count("undecided");
            open += count("undecided");
            all += subjects;
            worst = worst.max(percent(count("undecided"), subjects));
            for finding in report["findings"].as_array().unwrap() {
                if finding["verdict"] == "undecided" && !with_sources {
                    *reasons.entry(reason(finding["message"].as_str().unwrap())).or_default() += 1;
                }
            }
        }
        assert!(worst <= most * 100.0, "{name}: {worst} % of one estate is undecided");
        let _ = writeln!(text, "| {name} | {open} of {all} subjects ({:.1} %) | {worst:.1} % |", percent(open, all));
    }
    let mut ranked: Vec<(&str, u64)> = reasons.into_iter().collect();
    ranked.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
    text.push_str("\nThe commonest reasons: ");
    let listed: Vec<String> = ranked.iter().take(3).map(|(reason, count)| format!("{reason} ({count})")).collect();
    let _ = writeln!(text, "{}.\n", listed.join("; "));
    text
}

/// The reason behind an undecided finding, in the words of its message.
fn reason(message: &str) -> &'static str {
    const REASONS: &[(&str, &str)] = &[
        ("`local.", "plan JSON does not show what a local holds"),
        ("the key is not known", "the location names the bucket, and its text is known only after apply"),
        ("is not among the inputs", "the bucket belongs to another stack"),
    ];
    REASONS
        .iter()
        .find(|(part, _)| message.contains(part))
        .map_or("a value is known only after apply", |(_, reason)| reason)
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn percent(part: u64, whole: u64) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn audit(folder: &Path, with_sources: bool) -> Value {
    let mut arguments = vec!["check", "plan.json", "--format", "json"];
    if with_sources {
        arguments.extend(["--plan-file", "tfplan"]);
    }
    serde_json::from_str(&tfduty(folder, &arguments).stdout).unwrap()
}

/// The folders that hold a plan and its saved plan.
fn estates() -> Vec<PathBuf> {
    let mut open = vec![fixtures().join("estates")];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        open.extend(entries.filter(|path| path.is_dir()));
        if folder.join("plan.json").exists() && folder.join("tfplan").exists() {
            found.push(folder);
        }
    }
    found.sort();
    found
}
