//! The formats for code hosts, through the binary: over every estate, and with an input that wants to write more than text.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use common::{Run, fixtures, tfduty};

/// What GitHub takes of a comment.
const COMMENT: usize = 65_536;

/// A repository with files of an estate in a folder.
fn repository(estate: &str, files: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join(".git")).unwrap();
    let folder = root.path().join("stacks/prod");
    fs::create_dir_all(&folder).unwrap();
    for file in files {
        fs::copy(fixtures().join("estates").join(estate).join(file), folder.join(file)).unwrap();
    }
    (root, folder)
}

/// Runs as a step of GitHub Actions does.
fn step(folder: &Path, arguments: &[&str], summary: &Path) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tfduty"));
    let output = command.args(arguments).current_dir(folder).env("GITHUB_STEP_SUMMARY", summary).output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A workflow command.
struct Annotation<'a> {
    level: &'a str,
    properties: Vec<(&'a str, &'a str)>,
    message: &'a str,
}

/// The commands of a stream, in which nothing else is but the summary.
fn commands(stdout: &str) -> Vec<Annotation<'_>> {
    let mut lines: Vec<&str> = stdout.lines().collect();
    let summary = lines.pop().unwrap();
    let verdict = summary.split_once(": ").map(|(verdict, _)| verdict);
    assert!(["pass", "fail", "undecided", "error"].map(Some).contains(&verdict), "{stdout}");
    assert!(!summary.contains("##[") && !summary.contains("::"), "{summary}");
    let commands: Vec<_> = lines
        .into_iter()
        .map(|line| {
            let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
            let (level, properties) = command.split_once(' ').unwrap();
            assert!(["error", "warning", "notice"].contains(&level), "{line}");
            let properties: Vec<(&str, &str)> =
                properties.split(',').map(|property| property.split_once('=').unwrap()).collect();
            let known = ["file", "line", "endLine", "col", "title"];
            assert!(properties.iter().all(|(name, _)| known.contains(name)), "{line}");
            Annotation { level, properties, message }
        })
        .collect();
    for level in ["error", "warning", "notice"] {
        assert!(commands.iter().filter(|command| command.level == level).count() <= 10, "{stdout}");
    }
    commands
}

/// Checks an array of Code Quality, and gives the paths in it.
fn paths(text: &str, place: &str) -> BTreeSet<String> {
    let issues: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut fingerprints = BTreeSet::new();
    let mut paths = BTreeSet::new();
    for issue in &issues {
        let text = |name: &str| issue[name].as_str().filter(|text| !text.is_empty()).unwrap().to_owned();
        assert!(fingerprints.insert(text("fingerprint")), "{place}: {issue}");
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&&*text("severity")), "{place}: {issue}");
        let _ = (text("description"), text("check_name"));
        assert!(issue["location"]["lines"]["begin"].as_u64() > Some(0), "{place}: {issue}");
        paths.insert(issue["location"]["path"].as_str().unwrap().to_owned());
    }
    paths
}

#[test]
fn every_estate_in_every_format() {
    let scratch = tempfile::tempdir().unwrap();
    let (gitlab, markdown) = (scratch.path().join("quality.json"), scratch.path().join("comment.md"));
    let outputs = [format!("gitlab={}", gitlab.display()), format!("markdown={}", markdown.display())];
    let mut runs = 0;
    for entry in walkdir::WalkDir::new(fixtures().join("estates")).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        if !["cases.toml", "destroy-cases.toml"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        let folder = path.parent().unwrap();
        let cases: toml::Table = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases["case"].as_array().unwrap() {
            let mut arguments: Vec<&str> =
                case["arguments"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
            arguments.extend(["--today", "2026-11-24", "--format", "github"]);
            arguments.extend(outputs.iter().flat_map(|output| ["--output", output]));
            let run = tfduty(folder, &arguments);
            let place = format!("{} {arguments:?}", folder.display());
            assert_eq!(i64::from(run.status), case["status"].as_integer().unwrap(), "{place}");
            let commands = commands(&run.stdout);
            let has_errors = commands.iter().any(|command| command.level == "error");
            // Otherwise the threshold is lower, or what is undecided fails the run.
            let is_stricter = ["--strict", "--fail-on"].iter().any(|option| arguments.contains(option));
            assert!(run.status == 0 || has_errors || is_stricter, "{place}: {}", run.stdout);
            let issues = fs::read_to_string(&gitlab).unwrap();
            for path in paths(&issues, &place) {
                assert!(!path.starts_with(['/', '.']), "{place}: {path}");
                // The folder of a saved plan's sources is in no document.
                let exists = fixtures().parent().unwrap().join(&path).exists();
                assert!(
                    exists || Path::new(&path).extension().is_some_and(|end| end == "tf") || run.status == 2,
                    "{place}: {path}"
                );
            }
            assert_eq!(issues.contains("\"critical\"") || issues.contains("\"blocker\""), has_errors, "{place}");
            let comment = fs::read_to_string(&markdown).unwrap();
            assert!(comment.starts_with("<!-- tfduty ") && comment.len() <= COMMENT, "{place}");
            assert_eq!(comment.matches("<details").count(), comment.matches("</details>").count(), "{place}");
            assert_eq!(comment.contains("\n| error | ") || comment.contains("\n### Problems"), has_errors, "{place}");
            runs += 1;
        }
    }
    assert!(runs > 100, "{runs} runs");
}

/// A name that wants to be a command, a row, a tag, a mention and a link.
const HOSTILE: &str = "::error file=a,line=1::x\n::warning::y\r\n##[error]z%0A::notice::]]><script>|`\u{1b}[31m\u{202e}@octocat https://e.example";

/// The plan with a suspended detector, of which every name is [`HOSTILE`].
fn hostile_plan() -> String {
    fn rename(value: &mut Value) {
        match value {
            Value::Object(members) => {
                let is_detector = members.get("type") == Some(&json!("aws_guardduty_detector"));
                if is_detector && (members.contains_key("change") || members.contains_key("values")) {
                    members.insert("address".into(), json!(format!("aws_guardduty_detector.this[\"{HOSTILE}\"]")));
                    members.insert("index".into(), json!(HOSTILE));
                }
                members.values_mut().for_each(rename);
            }
            Value::Array(items) => items.iter_mut().for_each(rename),
            _ => {}
        }
    }
    let path = fixtures().join("estates/broken-e-disabled-detector/plan.json");
    let mut plan: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    rename(&mut plan);
    plan.to_string()
}

#[test]
fn a_hostile_plan_writes_no_command() {
    let (_root, folder) = repository("minimal", &[]);
    // What a file name may hold on every system.
    let name = "a,b %0A@x`.json";
    fs::write(folder.join(name), hostile_plan()).unwrap();
    let run = tfduty(&folder, &["check", name, "--format", "github"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let commands = commands(&run.stdout);
    let Annotation { level, properties, message } = &commands[0];
    assert_eq!(
        (*level, properties[0]),
        ("error", ("file", "stacks/prod/a%2Cb %250A@x`.json")),
        "a comma would end the property"
    );
    assert_eq!(properties.last(), Some(&("title", "detector-disabled")));
    assert!(message.starts_with("aws_guardduty_detector.this[\"::error file=a,line=1::x\\n::warning::y"), "{message}");
    assert!(message.contains("z%250A::notice"), "{message}");
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}', '\r']));
}

#[test]
fn a_hostile_plan_writes_nothing_but_text_anywhere_else() {
    let (_root, folder) = repository("minimal", &[]);
    fs::write(folder.join("plan.json"), hostile_plan()).unwrap();
    let gitlab = tfduty(&folder, &["check", "plan.json", "--format", "gitlab"]).stdout;
    assert_eq!(paths(&gitlab, "gitlab"), BTreeSet::from(["stacks/prod/plan.json".to_owned()]));
    let issues: Value = serde_json::from_str(&gitlab).unwrap();
    let description = issues[0]["description"].as_str().unwrap();
    assert!(description.contains("::warning::y") && !description.contains(['\n', '\r', '\u{1b}', '\u{202e}']));
    let comment = tfduty(&folder, &["check", "plan.json", "--format", "markdown"]).stdout;
    let row = comment.lines().find(|line| line.starts_with("| error | ")).unwrap();
    assert_eq!(row.replace("\\|", "").matches('|').count(), 6, "{row}");
    for part in ["<script", "@octocat", "https://e", "\u{1b}", "\u{202e}"] {
        assert!(!comment.replace("\\<", "\\").contains(part), "{part}: {comment}");
    }
}

#[test]
fn a_hostile_list_writes_no_command() {
    let (_root, folder) = repository("minimal", &[]);
    fs::write(folder.join("list.txt"), "9.9.9.9\n::error::x\n##[error]y%0A::z\n\u{1b}]0;\u{202e}\n").unwrap();
    let run = tfduty(&folder, &["list", "--kind", "threat", "list.txt", "--format", "github"]);
    let commands = commands(&run.stdout);
    assert_eq!(commands[0].properties[..2], [("file", "stacks/prod/list.txt"), ("line", "2")]);
    assert!(commands[0].message.contains("%0Aline 3: ") && commands[0].message.contains("%250A"), "{}", run.stdout);
}

#[test]
fn annotations_stand_at_the_lines_of_the_configuration() {
    let (_root, folder) = repository("broken-d-bad-lines", &["plan.json", "tfplan"]);
    let run = tfduty(&folder, &["check", "plan.json", "--plan-file", "tfplan", "--format", "github"]);
    let first = run.stdout.lines().next().unwrap();
    assert_eq!(
        first,
        "::error file=stacks/prod/main.tf,line=46,endLine=46,col=3,title=list-entry-invalid::aws_s3_object.trusted: 3 lines are no \
         valid entries of a TXT list: AWS does not document whether GuardDuty skips them or refuses the list%0Aline 4: \
         `office-vpn.example.net` is a domain name: IP lists hold IPv4 addresses and CIDRs alone%0Aline 5: `1.1.1.0/33` has a \
         prefix over 32%0Aline 6: `# paris` is a comment, which list formats do not have%0Ahelp: write one IPv4 address or CIDR a \
         line, and nothing else"
    );
    let last = run.stdout.lines().last().unwrap();
    assert!(last.starts_with("fail: 1 error, 2 warnings, 4 advice; 1 detector, 2 lists, "), "{last}");
}

/// The links of the picture in a comment: `from what to`, with the arrow's middle.
fn links(comment: &str) -> BTreeSet<String> {
    let chart = comment.split_once("```mermaid\n").unwrap().1.split_once("```").unwrap().0;
    let label = |text: &str| text.split('"').nth(1).unwrap().to_owned();
    let name = |line| label(line).split("<br>").next().map(str::to_owned);
    // Of what stands on a link what it is, and the first rule with its mark.
    let said = |line| {
        let label = label(line);
        let lines: Vec<&str> = label.split("<br>").take(2).collect();
        lines.join("<br>").replace(" ✓", "")
    };
    let names: BTreeMap<&str, String> =
        chart.lines().filter_map(|line| Some((line.trim().split_once(['[', '(', '{'])?.0, name(line)?))).collect();
    let links = chart.lines().filter_map(|line| {
        let [from, arrow, ..] = line.split_whitespace().collect::<Vec<_>>()[..] else { return None };
        let arrow = arrow.split_once('|')?.0;
        let to = line.split_whitespace().last()?;
        Some(format!("{} {arrow} {} {}", names[from], said(line), names[to]))
    });
    links.collect()
}

#[test]
fn a_comment_draws_the_wiring_and_what_is_broken_in_it() {
    let drawn = |estate: &str, file: &str| {
        let (_root, folder) = repository(estate, &[file]);
        links(&tfduty(&folder, &["check", file, "--format", "markdown"]).stdout)
    };
    let sound = [
        "aws_cloudwatch_event_rule.findings --> sends to aws_lambda_function.triage",
        "aws_cloudwatch_event_rule.findings --> sends to aws_sns_topic.alerts",
        "aws_guardduty_detector.this --> filtered by aws_guardduty_filter.quiet",
        "aws_guardduty_detector.this --> exports aws_guardduty_publishing_destination.export",
        "aws_guardduty_detector.this --> picked up by aws_cloudwatch_event_rule.findings",
        "aws_guardduty_detector.this --> threat list aws_guardduty_threatintelset.suspects",
        "aws_guardduty_detector.this --> trusted list aws_guardduty_ipset.trusted",
        "aws_guardduty_ipset.trusted --> reads aws_s3_object.trusted",
        "aws_guardduty_publishing_destination.export --> encrypts with aws_kms_key.export",
        "aws_guardduty_publishing_destination.export --> writes to aws_s3_bucket.export",
        "aws_guardduty_threatintelset.suspects --> reads aws_s3_object.suspects",
        "aws_s3_bucket.export --> policy aws_s3_bucket_policy.export",
        "aws_s3_bucket.lists --> policy aws_s3_bucket_policy.lists",
        "aws_s3_object.suspects --> lies in aws_s3_bucket.lists",
        "aws_s3_object.trusted --> lies in aws_s3_bucket.lists",
        "aws_sns_topic.alerts --> policy aws_sns_topic_policy.alerts",
        "aws_sns_topic.alerts --> tells aws_sns_topic_subscription.mail",
    ];
    assert_eq!(drawn("wired", "terraform.tfstate"), sound.map(str::to_owned).into());
    for (estate, file, broken) in [
        (
            "wired",
            "plan.json",
            &["aws_cloudwatch_event_rule.findings -.-> sends to<br>? findings-target-denied aws_sns_topic.alerts"][..],
        ),
        (
            "broken-a-missing-key",
            "terraform.tfstate",
            &["aws_guardduty_ipset.trusted --x reads<br>✗ list-object-missing no object guardduty/trusted-v2.txt"],
        ),
        (
            "broken-b-policy-denies",
            "terraform.tfstate",
            &[
                "aws_s3_object.suspects --x lies in<br>✗ list-read-denied aws_s3_bucket.lists",
                "aws_s3_object.trusted --x lies in<br>✗ list-read-denied aws_s3_bucket.lists",
                "aws_s3_bucket.lists --x policy<br>✗ list-read-denied ×2 aws_s3_bucket_policy.lists",
            ],
        ),
        (
            "broken-c-kms",
            "terraform.tfstate",
            &["aws_s3_object.trusted --x encrypted with<br>✗ list-undecryptable aws_kms_key.lists"],
        ),
        (
            "broken-f-inactive-set",
            "terraform.tfstate",
            &["aws_guardduty_detector.this --x trusted list<br>✗ list-inactive aws_guardduty_ipset.trusted"],
        ),
    ] {
        let drawn = drawn(estate, file);
        for link in broken {
            assert!(drawn.contains(*link), "{estate}: {drawn:#?}");
        }
    }
}

#[test]
fn a_comment_on_a_destroy_holds_the_commands() {
    let (_root, folder) = repository("destroy-stuck-bucket", &["partial.tfstate"]);
    let run = tfduty(&folder, &["destroy", "--after", "partial.tfstate", "--format", "markdown"]);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[..2], ["<!-- tfduty destroy -->", "## tfduty destroy: fail"]);
    for line in [
        "### What the destroy does",
        "1 object is left.",
        "   ```sh",
        "   aws --region eu-west-1 s3api delete-bucket --bucket gd-lists-20261124072405156200000001",
        "   terraform state rm aws_s3_bucket.lists",
    ] {
        assert!(lines.contains(&line), "{line}: {}", run.stdout);
    }
}

#[test]
fn the_summary_of_the_job_is_appended() {
    let (root, folder) = repository("broken-e-disabled-detector", &["plan.json"]);
    let file = root.path().join("summary.md");
    fs::write(&file, "# before\n").unwrap();
    let arguments = ["check", "plan.json", "--format", "github"];
    let run = step(&folder, &arguments, &file);
    assert_eq!(run.status, 1);
    let comment = tfduty(&folder, &["check", "plan.json", "--format", "markdown"]).stdout;
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("# before\n{comment}"));
    // Only where annotations are asked for.
    step(&folder, &["check", "plan.json", "--format", "markdown"], &file);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("# before\n{comment}"));
}

#[test]
fn a_summary_that_cannot_be_written_is_a_problem() {
    let (root, folder) = repository("minimal", &["plan.json"]);
    let arguments = ["check", "plan.json", "--format", "github"];
    assert_eq!(step(&folder, &arguments, &root.path().join("summary.md")).status, 0);
    let full = root.path().join("full.md");
    fs::write(&full, vec![b'x'; (1 << 20) - 100]).unwrap();
    for file in [root.path().to_path_buf(), root.path().join("missing/summary.md"), full.clone()] {
        let run = step(&folder, &arguments, &file);
        assert_eq!(run.status, 2, "{}", file.display());
        let commands = commands(&run.stdout);
        assert_eq!(commands[0].level, "error");
        assert!(commands[0].message.contains("(`GITHUB_STEP_SUMMARY`) cannot be written"), "{}", run.stdout);
    }
    assert_eq!(fs::read(&full).unwrap().len(), (1 << 20) - 100, "GitHub refuses a longer file as a whole");
}

#[test]
fn the_table_of_rules_has_no_such_formats() {
    for format in ["sarif", "junit", "github", "gitlab", "markdown"] {
        assert_eq!(tfduty(&fixtures(), &["rules", "--format", format]).status, 2, "{format}");
    }
}
