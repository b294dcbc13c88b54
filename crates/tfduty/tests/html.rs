//! The page of `tfduty report`: one file that loads nothing, and in which nothing of the inputs is more than text.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{fs, path::Path};

use common::{Run, fixtures, tfduty};

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

#[test]
fn a_page_that_cannot_be_written_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("input.json"), plan("minimal")).unwrap();
    let run = tfduty(folder.path(), &["report", "input.json", "--output", "missing/page.html"]);
    assert_eq!(run.status, 2, "{}{}", run.stdout, run.stderr);
}
