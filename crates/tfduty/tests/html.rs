//! The page of `tfduty report`: one file that loads nothing, and in which nothing of the inputs is more than text.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use data_encoding::BASE64;
use serde_json::Value;
use sha2::{Digest, Sha256};

use common::{Run, fixtures, tfduty};

fn estate(name: &str) -> PathBuf {
    fixtures().join("estates").join(name)
}

/// The page of files in a folder, printed.
fn page(folder: &Path, arguments: &[&str]) -> String {
    let run = tfduty(folder, &[&["report", "--output", "-", "--today", "2026-11-25"], arguments].concat());
    assert!(run.stdout.ends_with("</html>"), "{arguments:?}: {}", run.stderr);
    run.stdout
}

/// Runs `tfduty report` on a document; gives the run and the page, if there is one.
fn report(document: &str, extra: &[&str]) -> (Run, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("input.json"), document).unwrap();
    let arguments = [&["report", "input.json", "--output", "page.html", "--today", "2026-11-24"], extra].concat();
    let run = tfduty(folder.path(), &arguments);
    (run, fs::read_to_string(folder.path().join("page.html")).ok())
}

fn plan(estate: &str) -> String {
    fs::read_to_string(fixtures().join("estates").join(estate).join("plan.json")).unwrap()
}

fn hostile() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("xtask/browser/hostile.tfstate")).unwrap()
}

/// The tags of a page, without what stands in the one script and the one style.
fn tags(page: &str) -> Vec<&str> {
    let mut tags: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start..=start + rest[start..].find('>').unwrap()];
        tags.push(tag);
        rest = &rest[start + tag.len()..];
        for end in ["script", "style"].iter().filter(|name| tag.starts_with(&format!("<{name}"))) {
            rest = &rest[rest.find(&format!("</{end}>")).unwrap()..];
        }
    }
    tags
}

#[test]
fn the_page_and_the_status_are_those_of_check() {
    for (estate, status, verdict) in [("broken-c-kms", 1, "fail"), ("minimal", 0, "pass")] {
        let (run, page) = report(&plan(estate), &[]);
        assert_eq!((run.status, &*run.stderr), (status, ""), "{}", run.stdout);
        let page = page.unwrap();
        assert!(page.contains(&format!("<title>{verdict}: tfduty check, 2026-11-24</title>")), "{estate}");
        assert_eq!(page.contains("whose policy does not let GuardDuty"), estate == "broken-c-kms");
    }
    let (run, page) = report("{", &[]);
    assert_eq!(run.status, 2, "{}", run.stdout);
    assert!(page.is_some_and(|page| page.contains("<title>error:")));
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let one = report(&plan("wired"), &["--jobs", "1"]).1.unwrap();
    assert!(one == report(&plan("wired"), &["--jobs", "4"]).1.unwrap());
}

#[test]
fn nothing_is_loaded_and_one_script_runs() {
    let page = report(&plan("broken-c-kms"), &[]).1.unwrap();
    assert!(page.contains("content=\"default-src 'none'; script-src 'sha256-"));
    assert!(!page.contains("unsafe-"));
    let tags = tags(&page);
    assert_eq!(tags.iter().filter(|tag| tag.starts_with("<script")).collect::<Vec<_>>(), [&"<script>"]);
    for tag in tags {
        let bare: String = tag.split('"').step_by(2).collect();
        assert!(!bare.contains(" src=") && !bare.contains(" style=") && !bare.contains(" on"), "{tag}");
        let link = tag.split_once("href=\"").map(|(_, link)| link);
        assert!(link.is_none_or(|link| link.starts_with(['#', 'h'])), "{tag}");
    }
}

#[test]
fn what_a_document_says_is_nothing_but_text() {
    let page = report(&hostile(), &[]).1.unwrap();
    let known = report(&plan("broken-c-kms"), &[]).1.unwrap();
    assert!(page.contains("harm=1"), "the names are there, as text");
    assert!(!page.contains(['\u{7}', '\u{1b}', '\u{202e}']));
    assert_eq!(page.matches("<script").count(), known.matches("<script").count());
    assert!(!page.contains("<img") && !page.contains("<script>harm"));
    assert!(!page.contains("canary-secret-4711") && !page.contains("canary-user-4711"));
    for tag in tags(&page) {
        let name = tag.trim_start_matches(['<', '/']).split([' ', '>', '\n', '/']).next().unwrap();
        assert!(!["img", "iframe", "object", "embed", "base"].contains(&name), "{tag}");
        // Attributes hold names in quotes; outside of quotes there is none of a document's.
        let bare: String = tag.split('"').step_by(2).collect();
        assert!(!bare.contains("harm") && !bare.contains("onerror") && !bare.contains("onclick"), "{tag}");
        assert!(!tag.contains("href=\"javascript"), "{tag}");
    }
}

#[test]
fn what_is_sensitive_is_not_in_the_page() {
    let (plan, page) = (plan("secrets"), report(&plan("secrets"), &[]).1.unwrap());
    assert!(plan.contains("very-secret") && !page.contains("very-secret"));
    // A list with a secret in place of an address, marked as sensitive.
    let state = hostile().replacen("10.0.0.1", "canary-9f3a", 1);
    assert!(
        report(&state, &[]).1.unwrap().contains("canary-9f3a"),
        "a list is shown where a finding is about its lines"
    );
    let marks = "\"sensitive_attributes\": [[{\"type\": \"get_attr\", \"value\": \"content\"}]]";
    let marked = state.replace("\"sensitive_attributes\": []", marks);
    assert!(marked != state && !report(&marked, &[]).1.unwrap().contains("canary-9f3a"));
}

/// Names of elements, and of attributes with their values, in the order of the page: what a browser would make of it.
fn elements(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, behind)) = rest.split_once('<') {
        rest = behind;
        if rest.starts_with(['/', '!']) {
            continue;
        }
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
        let name = rest[..end].to_owned();
        rest = &rest[end..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start();
            if let Some(behind) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
                rest = behind;
                break;
            }
            let end = rest.find(['=', ' ', '>', '/']).unwrap();
            assert!(end > 0, "{name}: {}", &rest[..40.min(rest.len())]);
            let (key, behind) = rest.split_at(end);
            let (value, behind) = match behind.strip_prefix("=\"") {
                Some(behind) => behind.split_once('"').unwrap(),
                None => ("", behind),
            };
            attributes.push((key.to_owned(), value.to_owned()));
            rest = behind;
        }
        // What is in these is no markup.
        if name == "script" || name == "style" {
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
        }
        found.push((name, attributes));
    }
    found
}

#[test]
fn notes_reasons_and_names_of_files_are_text_too() {
    let folder = tempfile::tempdir().unwrap();
    let evil = "a<img src=x onerror=alert(1)>'\".tfstate";
    fs::copy(estate("broken-a-missing-key").join("terraform.tfstate"), folder.path().join(evil)).unwrap();
    fs::write(folder.path().join("\"><script>.json"), "{\"format_version\": ").unwrap();
    let config =
        "[[ignore]]\nrule = \"list-object-missing\"\naddress = \"*\"\nreason = \"<script>x</script> \\\"onload=\"\n";
    fs::write(folder.path().join("tfduty.toml"), config).unwrap();
    let run = tfduty(folder.path(), &["report", ".", "--output", "-"]);
    assert_eq!(run.status, 2, "a damaged file");
    let found = elements(&run.stdout);
    assert!(
        found
            .iter()
            .all(|(name, attributes)| name != "img" && attributes.iter().all(|(key, _)| !key.starts_with("on")))
    );
    assert_eq!(found.iter().filter(|(name, _)| name == "script").count(), 1);
    for text in ["a&lt;img src", "&quot;&gt;&lt;script&gt;.json", "suppressed by tfduty.toml: &lt;script&gt;x"] {
        assert!(run.stdout.contains(text), "{text}");
    }
}

#[test]
fn the_policy_names_the_style_and_the_script_and_lets_nothing_else_run() {
    let page = page(&estate("wired"), &["terraform.tfstate"]);
    let inside = |name: &str| {
        let (_, behind) = page.split_once(&format!("<{name}>")).unwrap();
        behind.split_once(&format!("</{name}>")).unwrap().0
    };
    let hash = |name: &str| format!("sha256-{}", BASE64.encode(&Sha256::digest(inside(name))));
    let policy = format!(
        "content=\"default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'\"",
        hash("script"),
        hash("style")
    );
    assert!(page.contains(&policy), "{policy}");
    assert!(!inside("style").contains("url(") && !inside("style").contains("@import"));
    assert!(!inside("script").contains("innerHTML") && !inside("script").contains("fetch"));
}

#[test]
fn links_within_the_page_lead_somewhere_and_ids_are_of_one_element() {
    for (folder, arguments) in [
        (estate("wired"), &["terraform.tfstate", "plan-destroy.json"][..]),
        (estate("broken-a-missing-key"), &["terraform.tfstate"]),
        (estate("org-three-states"), &["."]),
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("xtask/browser"), &["hostile.tfstate"]),
    ] {
        let elements = elements(&page(&folder, arguments));
        let all = |wanted: &str| {
            let attributes = elements.iter().flat_map(|(_, attributes)| attributes);
            attributes.filter(|(key, _)| key == wanted).map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let mut ids = all("id");
        for link in all("href").iter().filter_map(|link| link.strip_prefix('#')) {
            assert!(ids.iter().any(|id| id == link), "{link}");
        }
        ids.sort();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{ids:#?}");
    }
}

#[test]
fn every_finding_of_check_is_there_and_the_status_is_that_of_check() {
    for name in ["wired", "broken-a-missing-key", "broken-b-policy-denies", "broken-d-bad-lines", "modules"] {
        let folder = estate(name);
        let check = tfduty(&folder, &["check", "plan.json", "--format", "json"]);
        let report: Value = serde_json::from_str(&check.stdout).unwrap();
        let run = tfduty(&folder, &["report", "plan.json", "--output", "-"]);
        assert_eq!(run.status, check.status, "{name}");
        let findings = report["findings"].as_array().unwrap();
        // What stands in the page as data for its filters, one for each finding.
        assert_eq!(run.stdout.matches(" data-a=\"").count(), findings.len(), "{name}");
        for finding in findings {
            let message = minimal(finding["message"].as_str().unwrap());
            assert!(run.stdout.contains(&message), "{name}: {message}");
        }
    }
}

/// A text as the page writes it.
fn minimal(text: &str) -> String {
    let pairs = [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#x27;"), ("/", "&#x2f;")];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[test]
fn what_is_broken_is_broken_in_the_picture_and_in_the_list() {
    let page = page(&estate("broken-a-missing-key"), &["terraform.tfstate"]);
    assert!(page.contains("<path class=\"link broken\"") && page.contains("marker-end=\"url(#end-broken)\""));
    assert!(page.contains(">✗ list-object-missing</text>"));
    assert!(page.contains("<span class=\"stands\">✗ broken</span>"));
    assert!(page.contains("<h3>What does not hold</h3>"));
    // Excerpt, matrix and page of the rule.
    assert!(page.contains("<mark>") && page.contains("id=\"rule-list-object-missing\""));
    assert!(page.contains("<th scope=\"row\">123456789012</th><th scope=\"row\">eu-west-1</th>"));
}

#[test]
fn a_destroy_plan_adds_what_destroy_says() {
    let folder = estate("destroy-prevented");
    let alone = tfduty(&folder, &["report", "plan-destroy.json", "--output", "-"]);
    let destroy = tfduty(&folder, &["destroy", "plan-destroy.json"]);
    assert_eq!(alone.status, destroy.status);
    assert!(alone.stdout.contains("<h2 id=\"destroy-head\">") && alone.stdout.contains("destroy-prevented"));
    let both = tfduty(&folder, &["report", "terraform.tfstate", "plan-destroy.json", "--output", "-"]);
    let check = tfduty(&folder, &["check", "terraform.tfstate"]);
    assert_eq!(both.status, check.status, "{}", both.stderr);
    assert!(both.stdout.contains("tfduty destroy: fail: ") && both.stdout.contains("id=\"wiring\""));
    let without = tfduty(&folder, &["report", "terraform.tfstate", "--output", "-"]);
    assert!(!without.stdout.contains("<h2 id=\"destroy-head\">"));
}

#[test]
fn the_file_is_written_as_a_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let plan = estate("wired").join("plan.json");
    let plan = plan.to_str().unwrap();
    let run = tfduty(folder.path(), &["report", plan, "--output", "report.html"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.ends_with("</html>"));
    assert!(run.stdout.starts_with("written: report.html\nundecided: "), "{}", run.stdout);
    let run = tfduty(folder.path(), &["report", plan, "--output", "no/such/folder/report.html"]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("cannot be written") && run.stdout.starts_with("error: "),
        "{}{}",
        run.stderr,
        run.stdout
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let run = tfduty(folder.path(), &["report", plan]);
    assert_eq!(run.status, 2, "--output is required");
}
