//! Facts as files: damaged, given twice, written by `xargs`, and from whoever it may be.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    assert_same, check,
    common::{fixtures, tfduty},
    report, write,
};

/// Facts of a state with a suspended detector, as the file `facts.json` in a folder of its own.
fn some_facts() -> (tempfile::TempDir, Value) {
    let work = tempfile::tempdir().unwrap();
    let state = fs::read_to_string(fixtures().join("estates/broken-e-disabled-detector/terraform.tfstate")).unwrap();
    write(work.path(), &[("a/terraform.tfstate", &state)]);
    let direct = report(work.path(), &["a/terraform.tfstate", "--facts-out", "facts.json"]);
    (work, direct)
}

#[test]
fn what_are_no_facts_of_this_version_are_a_problem() {
    let (work, direct) = some_facts();
    let text = fs::read_to_string(work.path().join("facts.json")).unwrap();
    let other = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        changed
    };
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    for (content, message) in [
        (other("{\"tfduty_facts\":1,", "{\"tfduty_facts\":2,"), "facts of tfduty"),
        (other(&version, "\"version\":\"0.0.9\""), "facts of tfduty 0.0.9"),
        (text[..text.len() / 2].to_owned(), "damaged facts: the end is missing"),
        (other("\"unit\":[", "\"unit\":[\"CANARY\","), "damaged facts"),
        (other("\"inputs\":[", "\"inputs\":\"CANARY\",\"more\":["), "damaged facts"),
        (other("\"command\":\"check\"", "\"command\":\"destroy\""), "facts for another command"),
        ("{}".into(), "`--facts` takes facts, and this is none"),
        (
            fs::read_to_string(work.path().join("a/terraform.tfstate")).unwrap(),
            "`--facts` takes facts, and this is none",
        ),
        (String::new(), "`--facts` takes facts, and this is none"),
    ] {
        fs::write(work.path().join("other.json"), content).unwrap();
        // What others hold is judged all the same.
        let report = report(work.path(), &["--facts", "other.json", "facts.json"]);
        let problems = report["problems"].as_array().unwrap();
        let [problem] = &problems[..] else { panic!("{message}: {problems:?}") };
        assert_eq!(problem["path"], "other.json");
        assert!(problem["message"].as_str().unwrap().starts_with(message), "{problem}");
        assert!(!problem.to_string().contains("CANARY") && problem["help"].is_string(), "{problem}");
        assert_eq!((&report["findings"], &report["exit_status"]), (&direct["findings"], &json!(2)));
    }
    let missing = report(work.path(), &["--facts", "missing.json"]);
    assert!(missing["problems"][0]["message"].as_str().unwrap().starts_with("cannot be read: "), "{missing}");
}

#[test]
fn facts_are_no_input() {
    let (work, _) = some_facts();
    let named = report(work.path(), &["facts.json"]);
    let problem = &named["problems"][0];
    assert!(problem["message"].as_str().unwrap().starts_with("facts that tfduty has written"), "{problem}");
    assert!(problem["help"].as_str().unwrap().contains("--facts FILE"), "{problem}");
    let walked = report(work.path(), &["."]);
    let skipped: Vec<&Value> =
        walked["notes"].as_array().unwrap().iter().filter(|note| note["code"] == "skipped").collect();
    assert_eq!(skipped.len(), 1, "{walked}");
    assert_eq!((&skipped[0]["path"], walked["problems"].as_array().unwrap().len()), (&json!("facts.json"), 0));
}

#[test]
fn one_input_in_two_shards_is_judged_once_or_refused() {
    let (work, direct) = some_facts();
    fs::copy(work.path().join("facts.json"), work.path().join("same.json")).unwrap();
    assert_eq!(report(work.path(), &["--facts", "facts.json", "--facts", "same.json"]), direct);
    // Nothing else is read but what is named.
    assert_eq!(report(work.path(), &["--facts", "facts.json", "facts.json"]), direct);
    let state = fs::read_to_string(work.path().join("a/terraform.tfstate")).unwrap();
    fs::write(work.path().join("a/terraform.tfstate"), format!("{state}\n")).unwrap();
    report(work.path(), &["a/terraform.tfstate", "--facts-out", "changed.json"]);
    let both = report(work.path(), &["--facts", "facts.json", "changed.json"]);
    let message = both["problems"][0]["message"].as_str().unwrap();
    assert_eq!(message, "facts.json and changed.json both hold facts of it, and they differ");
    // What is at hand itself is newer than any facts.
    let own = report(work.path(), &["a/terraform.tfstate", "--facts", "facts.json", "changed.json"]);
    assert_eq!((own["problems"].as_array().unwrap().len(), own["inputs"].as_array().unwrap().len()), (0, 1));
}

#[test]
fn excerpts_are_shown_where_the_input_is_at_hand() {
    let (work, _) = some_facts();
    let human =
        |arguments: &[&str]| tfduty(work.path(), &[&["check", "--only", "detector-disabled"], arguments].concat());
    let direct = human(&["a/terraform.tfstate"]);
    assert!(direct.stdout.contains("enable\": false"), "{}", direct.stdout);
    assert_eq!(human(&["--facts", "facts.json"]).stdout, direct.stdout);
    // Changed since, or gone: the place alone, which is the same.
    let place = "a/terraform.tfstate:68:23";
    assert!(direct.stdout.contains(place), "{}", direct.stdout);
    let state = fs::read_to_string(work.path().join("a/terraform.tfstate")).unwrap();
    fs::write(work.path().join("a/terraform.tfstate"), state.replace("false", "fals3")).unwrap();
    let changed = human(&["--facts", "facts.json"]);
    assert!(changed.stdout.contains(place) && !changed.stdout.contains("fals"), "{}", changed.stdout);
    fs::remove_dir_all(work.path().join("a")).unwrap();
    assert_eq!(human(&["--facts", "facts.json"]).stdout, changed.stdout);
    for format in ["sarif", "junit", "github", "gitlab", "markdown"] {
        let run = human(&["--facts", "facts.json", "--format", format]);
        assert!(run.status == 1 && run.stdout.contains("detector"), "{format}: {} {}", run.stdout, run.stderr);
    }
}

#[test]
fn source_lines_are_never_shown_slimmed() {
    let work = tempfile::tempdir().unwrap();
    let secrets = fixtures().join("estates/broken-e-disabled-detector");
    let facts = work.path().join("facts.json");
    let human = |folder: &Path, arguments: &[&str]| tfduty(folder, &[&["check"], arguments].concat()).stdout;
    let direct = human(&secrets, &["plan.json", "--plan-file", "tfplan"]);
    human(&secrets, &["plan.json", "--plan-file", "tfplan", "--facts-out", facts.to_str().unwrap()]);
    assert!(!human(work.path(), &["--facts", "facts.json"]).contains("xxx"));
    assert!(!direct.is_empty());
}

#[test]
fn facts_that_cannot_be_written_fail_the_run() {
    let (work, _) = some_facts();
    let run = check(work.path(), &["a/terraform.tfstate", "--facts-out", "missing/facts.json"]);
    assert!(run.status == 2 && run.stdout.contains("cannot be written"), "{}", run.stdout);
}

#[test]
fn facts_of_nothing_are_nothing_to_audit() {
    let work = tempfile::tempdir().unwrap();
    write(work.path(), &[("notes.md", "nothing")]);
    let empty = check(work.path(), &[".", "--facts-out", "facts.json"]);
    assert_eq!(empty.status, 2, "{}", empty.stdout);
    let joined = report(work.path(), &["--facts", "facts.json"]);
    assert_eq!(joined["problems"][0]["message"], "nothing to audit: the facts hold no plan and no state");
}

/// The example of the README.
#[cfg(unix)]
#[test]
fn xargs_is_a_distributed_engine() {
    let folder = tempfile::tempdir().unwrap();
    for (index, name) in ["broken-e-disabled-detector", "wired", "modules", "minimal", "org"].iter().enumerate() {
        let state = fs::read_to_string(fixtures().join("estates").join(name).join("terraform.tfstate")).unwrap();
        write(folder.path(), &[(&format!("stacks/{index}/terraform.tfstate"), &state)]);
    }
    let script = "mkdir shards && find stacks -name '*.tfstate' -print0 | xargs -0 -n 2 -P 4 sh -c \
                  '\"$TFDUTY\" check \"$@\" --facts-out \"shards/$$.json\" --fail-on never --quiet' tfduty";
    let run = std::process::Command::new("sh")
        .args(["-c", script])
        .current_dir(folder.path())
        .env("TFDUTY", env!("CARGO_BIN_EXE_tfduty"))
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let mut shards: Vec<String> = fs::read_dir(folder.path().join("shards"))
        .unwrap()
        .map(|entry| entry.unwrap().path().to_str().unwrap().to_owned())
        .collect();
    shards.sort();
    assert_eq!(shards.len(), 3);
    let shards: Vec<&str> = shards.iter().map(String::as_str).collect();
    let paths: Vec<String> = (0..5).map(|index| format!("stacks/{index}/terraform.tfstate")).collect();
    let whole = report(folder.path(), &paths.iter().map(String::as_str).collect::<Vec<_>>());
    assert_same(&report(folder.path(), &[&["--facts"], &shards[..]].concat()), &whole, "xargs");
}

#[test]
fn facts_lead_nowhere_outside_of_the_working_folder() {
    let work = tempfile::tempdir().unwrap();
    let list = json!({ "bucket": "lists", "key": "list.txt", "id": "list.txt", "source": "secret.txt" });
    let set = json!({ "activate": true, "detector_id": "12ab", "format": "TXT", "id": "12ab:34cd", "location": "s3://lists/list.txt" });
    let instance = |kind: &str, attributes: &Value| json!({ "mode": "managed", "type": kind, "name": "it", "provider": "p", "instances": [{ "attributes": attributes }] });
    let resources = [instance("aws_guardduty_ipset", &set), instance("aws_s3_object", &list)];
    let state = json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {}, "resources": resources });
    write(work.path(), &[("in/stack/terraform.tfstate", &state.to_string()), ("out/.keep", "")]);
    let inside = work.path().join("in");
    report(&inside, &["stack/terraform.tfstate", "--facts-out", "facts.json"]);
    // What the facts did not see, and where somebody would like it to be looked for.
    let text = fs::read_to_string(inside.join("facts.json")).unwrap();
    let text = text.replace("\"not-at-hand\"", "\"outside\"");
    let outside = work.path().join("out");
    write(
        &outside,
        &[("secret.txt", "CANARY\n"), ("main.tf", "resource \"aws_s3_object\" \"it\" {\n  key = \"CANARY\"\n}\n")],
    );
    let question = text.find("\"look_ups\":[").unwrap();
    let lists = text.find("],\"lists\"").unwrap();
    for file in [format!("{}/terraform.tfstate", outside.display()), "../out/terraform.tfstate".into()] {
        let text = format!("{}\"look_ups\":[{}", &text[..question], &text[lists..])
            .replace("\"file\":\"stack/terraform.tfstate\"", &format!("\"file\":{}", json!(file)));
        fs::write(inside.join("hostile.json"), text).unwrap();
        let run = tfduty(&inside, &["check", "--facts", "hostile.json"]);
        assert!(run.stdout.contains("aws_s3_object.it") && !run.stdout.contains("CANARY"), "{}", run.stdout);
        assert!(!run.stdout.contains("main.tf"), "{}", run.stdout);
    }
}
