//! What was read elsewhere is judged as if it had been read here: `--facts-out` and `--facts`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use common::{Run, fixtures, tfduty};

/// Runs `check` with a fixed date, and gives its JSON report.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let run = check(folder, arguments);
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: no JSON ({error}): {} {}", run.stdout, run.stderr))
}

fn check(folder: &Path, arguments: &[&str]) -> Run {
    tfduty(folder, &[&["check"], arguments, &["--format", "json", "--today", "2026-11-24"]].concat())
}

/// Every folder with cases, below the fixtures that real Terraform made or that are made from those.
fn estates() -> Vec<PathBuf> {
    fn below(folder: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        if entries.iter().any(|path| path.ends_with("cases.toml")) {
            found.push(folder.to_path_buf());
        }
        entries.iter().filter(|path| path.is_dir()).for_each(|path| below(path, found));
    }
    let mut found = Vec::new();
    below(&fixtures().join("estates"), &mut found);
    below(&fixtures().join("derived"), &mut found);
    found
}

/// The arguments of each run of `check` that a folder lists, behind the command.
fn cases(folder: &Path) -> Vec<Vec<String>> {
    let cases: toml::Value = toml::from_str(&fs::read_to_string(folder.join("cases.toml")).unwrap()).unwrap();
    let arguments = |case: &toml::Value| -> Vec<String> {
        let arguments = case["arguments"].as_array().unwrap().iter();
        arguments.map(|argument| argument.as_str().unwrap().to_owned()).collect()
    };
    let all = cases["case"].as_array().unwrap().iter().map(arguments);
    all.filter(|arguments| arguments[0] == "check").map(|arguments| arguments[1..].to_vec()).collect()
}

/// The options that say what is judged and how, and not what is read.
fn options(arguments: &[String]) -> Vec<&str> {
    let pairs = arguments.windows(2).filter(|pair| pair[0] == "--config");
    pairs.flatten().map(String::as_str).collect()
}

fn texts(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

/// A report without what only shows where the configuration is at hand.
fn without_sources(mut report: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                if members.contains_key("location") {
                    members.insert("source".into(), Value::Null);
                }
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut report);
    let is_of_sources = |note: &Value| note["code"] == "source-differs" || note["code"] == "source-unreadable";
    report["notes"].as_array_mut().unwrap().retain(|note| !is_of_sources(note));
    report
}

/// Whether a run on facts says that they leave something out.
fn leaves_out(report: &Value) -> bool {
    report["notes"].as_array().unwrap().iter().any(|note| note["code"] == "sensitive-left-out")
}

/// Asserts that a run on facts says what a run on the inputs says. What hangs on something sensitive is open: that is said,
/// nothing fails for it, and nothing passes.
fn assert_same(joined: &Value, direct: &Value, name: &str) {
    if !leaves_out(joined) {
        assert_eq!(joined, direct, "{name}");
        return;
    }
    assert_eq!((&joined["inputs"], &joined["problems"]), (&direct["inputs"], &direct["problems"]), "{name}");
    assert_ne!(joined["verdict"], "pass", "{name}");
    let known = direct["findings"].as_array().unwrap();
    let is_known = |finding: &Value| {
        known
            .iter()
            .any(|known| known["fingerprint"] == finding["fingerprint"] && known["verdict"] == finding["verdict"])
    };
    for finding in joined["findings"].as_array().unwrap().iter().filter(|finding| !is_known(finding)) {
        assert_eq!(finding["verdict"], "undecided", "{name}: {finding}");
        let message = finding["message"].as_str().unwrap();
        assert!(!message.contains("after apply"), "{name}: {message}");
    }
}

#[test]
fn facts_are_judged_as_the_inputs_are() {
    let mut runs = 0;
    for folder in estates() {
        for arguments in cases(&folder) {
            runs += 1;
            let work = tempfile::tempdir().unwrap();
            let file = work.path().join("facts.json");
            let file = file.to_str().unwrap();
            let name = format!("{} {arguments:?}", folder.display());
            let direct = report(&folder, &texts(&arguments));
            let writing = report(&folder, &[&texts(&arguments)[..], &["--facts-out", file]].concat());
            assert_eq!(writing, direct, "{name}: what is written changes nothing");
            let options = options(&arguments);
            let joined = report(&folder, &[&options[..], &["--facts", file]].concat());
            assert_same(&joined, &direct, &name);
            // Facts of facts are the same facts.
            let again = work.path().join("again.json");
            let rewritten =
                report(&folder, &[&options[..], &["--facts-out", again.to_str().unwrap(), "--facts", file]].concat());
            assert_eq!(rewritten, joined, "{name}");
            assert_eq!(fs::read_to_string(&again).unwrap(), fs::read_to_string(file).unwrap(), "{name}");
            // On a machine that has nothing but the facts.
            if options.is_empty() {
                let elsewhere = report(work.path(), &["--facts", file]);
                assert_same(&without_sources(elsewhere), &without_sources(direct), &name);
            }
        }
    }
    assert!(runs > 100, "{runs}");
}

/// The plans, states and saved plans of a folder.
fn inputs(folder: &Path) -> Vec<String> {
    fn below(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                below(&entry.path(), &format!("{name}/"), found);
            } else if [".json", ".tfstate", ".tfplan"].iter().any(|ending| name.ends_with(ending))
                || name.ends_with("tfplan")
            {
                found.push(name);
            }
        }
    }
    let mut found = Vec::new();
    below(folder, "", &mut found);
    found.sort();
    found
}

#[test]
fn shards_are_judged_as_one_estate_however_they_are_cut() {
    let mut cuts = 0;
    for folder in estates() {
        let inputs = inputs(&folder);
        let whole = report(&folder, &inputs.iter().map(String::as_str).collect::<Vec<_>>());
        // Every third to one side, both ways, and one by one where there are few.
        let by = |of: &dyn Fn(usize) -> usize| -> Vec<Vec<&str>> {
            let mut shards: Vec<Vec<&str>> = Vec::new();
            for (index, input) in inputs.iter().enumerate() {
                shards.resize(shards.len().max(of(index) + 1), Vec::new());
                shards[of(index)].push(input);
            }
            shards.retain(|shard| !shard.is_empty());
            shards
        };
        let mut all = vec![by(&|index| index % 2), by(&|index| usize::from(index % 3 == 0))];
        if inputs.len() <= 8 {
            all.push(by(&|index| index));
        }
        for shards in all {
            cuts += 1;
            let work = tempfile::tempdir().unwrap();
            let files: Vec<String> = (0..shards.len())
                .map(|index| work.path().join(format!("{index}.json")).to_str().unwrap().into())
                .collect();
            for (shard, file) in shards.iter().zip(&files) {
                check(&folder, &[&shard[..], &["--facts-out", file]].concat());
            }
            let files: Vec<&str> = files.iter().map(String::as_str).collect();
            let joined = report(&folder, &[&["--facts"], &files[..]].concat());
            assert_same(&joined, &whole, &format!("{} {shards:?}", folder.display()));
        }
    }
    assert!(cuts > 50, "{cuts}");
}

/// Marks an attribute of every object of a type as sensitive. Whether there was one.
fn mark(document: &mut Value, resource_type: &str, attribute: &str) -> bool {
    let mut has_marked = false;
    for change in document["resource_changes"].as_array_mut().into_iter().flatten() {
        if change["type"] == resource_type && !change["change"]["after"][attribute].is_null() {
            for side in ["before_sensitive", "after_sensitive"] {
                if !change["change"][side].is_object() {
                    change["change"][side] = json!({});
                }
                change["change"][side][attribute] = json!(true);
            }
            has_marked = true;
        }
    }
    let is_of_type = |resource: &&mut Value| resource["type"] == resource_type;
    for resource in document["resources"].as_array_mut().into_iter().flatten().filter(is_of_type) {
        for instance in resource["instances"].as_array_mut().unwrap() {
            if !instance["attributes"][attribute].is_null() {
                instance["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": attribute }]]);
                has_marked = true;
            }
        }
    }
    has_marked
}

#[test]
fn what_hangs_on_something_sensitive_is_open() {
    let mut runs = 0;
    for name in ["broken-d-bad-lines", "broken-h-overlap", "broken-c-kms", "wired", "org", "secrets"] {
        for file in ["plan.json", "terraform.tfstate"] {
            let text = fs::read_to_string(fixtures().join("estates").join(name).join(file)).unwrap();
            for (resource_type, attribute) in [
                ("aws_s3_object", "content"),
                ("aws_s3_object", "server_side_encryption"),
                ("aws_s3_object", "kms_key_id"),
                ("aws_s3_bucket_policy", "policy"),
                ("aws_s3_bucket_policy", "bucket"),
                ("aws_kms_key", "policy"),
                ("aws_guardduty_ipset", "location"),
                ("aws_guardduty_ipset", "format"),
                ("aws_guardduty_ipset", "activate"),
                ("aws_guardduty_detector", "enable"),
                ("aws_guardduty_detector", "finding_publishing_frequency"),
                ("aws_guardduty_detector", "id"),
                ("aws_guardduty_detector_feature", "name"),
                ("aws_guardduty_publishing_destination", "destination_arn"),
                ("aws_cloudwatch_event_rule", "name"),
                ("aws_cloudwatch_event_rule", "event_pattern"),
                ("aws_cloudwatch_event_target", "arn"),
                ("aws_sns_topic_policy", "arn"),
                ("aws_sns_topic_subscription", "endpoint"),
                ("aws_iam_role", "assume_role_policy"),
            ] {
                let mut document: Value = serde_json::from_str(&text).unwrap();
                if !mark(&mut document, resource_type, attribute) {
                    continue;
                }
                runs += 1;
                let work = tempfile::tempdir().unwrap();
                fs::write(work.path().join(file), document.to_string()).unwrap();
                let direct = report(work.path(), &[file, "--facts-out", "facts.json"]);
                let joined = report(work.path(), &["--facts", "facts.json"]);
                let name = format!("{name} {file} {resource_type}.{attribute}");
                assert!(leaves_out(&joined), "{name}");
                assert_same(&joined, &direct, &name);
                // The input itself, beside its facts, leaves nothing open.
                assert_eq!(report(work.path(), &[file, "--facts", "facts.json"]), direct, "{name}");
            }
        }
    }
    assert!(runs > 60, "{runs}");
}

/// Writes files below a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A state with a set, and the object that it reads, which has these attributes besides.
fn state(object: &Value) -> String {
    let instance = |kind: &str, name: &str, attributes: Value| {
        json!({ "mode": "managed", "type": kind, "name": name, "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "attributes": attributes }] })
    };
    let mut list = json!({ "bucket": "lists", "key": "list.txt", "id": "list.txt" });
    list.as_object_mut().unwrap().extend(object.as_object().unwrap().clone());
    let resources = [
        instance(
            "aws_guardduty_ipset",
            "set",
            json!({ "activate": true, "detector_id": "12ab", "format": "TXT",
            "id": "12ab:34cd", "location": "s3://lists/list.txt", "name": "set" }),
        ),
        instance("aws_s3_object", "list", list),
    ];
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {}, "resources": resources })
        .to_string()
}

#[test]
fn list_files_go_with_the_facts() {
    let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(
        here.path(),
        &[
            (".git/HEAD", ""),
            ("stack/terraform.tfstate", &state(&json!({ "source": "lists/list.txt" }))),
            ("stack/main.tf", "resource \"aws_s3_object\" \"list\" {\n  source = \"lists/list.txt\"\n}\n"),
            ("stack/lists/list.txt", "198.51.100.0/24\nno address\n"),
        ],
    );
    let facts = elsewhere.path().join("facts.json");
    let direct = report(here.path(), &["stack", "--facts-out", facts.to_str().unwrap()]);
    assert!(direct["findings"].to_string().contains("stack/lists/list.txt"), "{direct}");
    let joined = report(elsewhere.path(), &["--facts", "facts.json"]);
    assert_eq!(without_sources(joined), without_sources(direct));
    // What was not found then is not found now, whatever lies here.
    fs::remove_file(here.path().join("stack/lists/list.txt")).unwrap();
    let direct = report(here.path(), &["stack", "--facts-out", facts.to_str().unwrap()]);
    write(elsewhere.path(), &[("stack/lists/list.txt", "9.9.9.9\n")]);
    let joined = report(elsewhere.path(), &["--facts", "facts.json"]);
    assert_eq!(without_sources(joined), without_sources(direct));
}

/// A plan whose object gets its content during the apply, and a set that reads the object.
fn plan() -> String {
    let change = |kind: &str, name: &str, after: Value, unknown: Value| {
        json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": unknown } })
    };
    let set = json!({ "activate": true, "detector_id": "12ab", "format": "TXT", "location": "s3://lists/list.txt", "name": "set" });
    let list = json!({ "bucket": "lists", "key": "list.txt" });
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
        change("aws_guardduty_ipset", "set", set, json!({ "id": true })),
        change("aws_s3_object", "list", list, json!({ "content": true, "id": true })),
    ] })
    .to_string()
}

#[test]
fn files_that_expressions_name_go_with_the_facts_unless_they_are_sensitive() {
    for (content, is_kept) in [("file(\"list.txt\")", true), ("sensitive(file(\"list.txt\"))", false)] {
        let (here, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let source = format!(
            "resource \"aws_s3_object\" \"list\" {{\n  bucket = \"lists\"\n  key = \"list.txt\"\n  content = {content}\n}}\n"
        );
        write(here.path(), &[("plan.json", &plan()), ("src/main.tf", &source), ("src/list.txt", "10.0.0.0/8\n")]);
        let facts = elsewhere.path().join("facts.json");
        let direct = report(here.path(), &["plan.json", "--source", "src", "--facts-out", facts.to_str().unwrap()]);
        let finds = |report: &Value| report["findings"].to_string().contains("list-entry-private");
        assert!(finds(&direct), "{direct}");
        let text = fs::read_to_string(&facts).unwrap();
        assert_eq!(text.contains("MTAuMC4wLjAvOAo="), is_kept, "{content}: {text}");
        let joined = report(elsewhere.path(), &["--facts", "facts.json"]);
        assert_eq!(finds(&joined), is_kept, "{content}: {joined}");
        if is_kept {
            assert_eq!(without_sources(joined), without_sources(direct));
        }
    }
}

/// Secrets in every place that a document or configuration has for them.
#[test]
fn no_secret_is_in_the_facts() {
    let work = tempfile::tempdir().unwrap();
    let secrets = fixtures().join("estates/secrets");
    for (name, arguments) in [("plan", &["plan.json", "--plan-file", "tfplan"][..]), ("state", &["terraform.tfstate"])]
    {
        let file = work.path().join(format!("{name}.json"));
        report(&secrets, &[arguments, &["--facts-out", file.to_str().unwrap()]].concat());
        let text = fs::read_to_string(file).unwrap();
        for secret in ["hooks.example.com", "192.0.2", "198.51.100", "SECRET", "AKIA"] {
            assert!(!text.contains(secret), "{name}: {secret}");
        }
    }
    let mut list = json!({ "content": "198.51.100.7\n" });
    list["tags"] = json!({ "CANARY-key": "CANARY-tag" });
    let mut document: Value = serde_json::from_str(&state(&list)).unwrap();
    document["outputs"] = json!({ "o": { "value": "arn:aws:CANARY", "type": "string", "sensitive": true } });
    document["resources"][1]["instances"][0]["private"] = json!("CANARY");
    document["resources"][1]["instances"][0]["sensitive_attributes"] =
        json!([[{ "type": "get_attr", "value": "tags" }]]);
    let other = |kind: &str, attributes: Value| json!({ "mode": "managed", "type": kind, "name": "other", "provider": "p", "instances": [{ "attributes": attributes }] });
    document["resources"].as_array_mut().unwrap().extend([
        other("aws_db_instance", json!({ "password": "CANARY" })),
        other(
            "aws_lambda_function",
            json!({ "function_name": "f", "environment": [{ "variables": { "TOKEN": "CANARY" } }] }),
        ),
        other("aws_kms_external_key", json!({ "id": "k", "key_material_base64": "CANARY" })),
        other("local_sensitive_file", json!({ "filename": "f", "content": "CANARY" })),
    ]);
    let configuration = "provider \"aws\" {\n  region = \"eu-west-1\"\n  secret_key = \"CANARY\"\n}\nterraform {\n  backend \"s3\" {\n    access_key = \
                         \"CANARY\"\n  }\n}\n# CANARY\nresource \"aws_s3_object\" \"list\" {\n  content = \"198.51.100.7\\n\"\n  tags = { CANARY_key = \
                         \"CANARY\" }\n  connection {\n    password = \"CANARY\"\n  }\n  provisioner \"local-exec\" {\n    command = \"curl -u \
                         CANARY:CANARY h\"\n  }\n}\nresource \"aws_db_instance\" \"other\" {\n  password = \"CANARY\"\n}\nlocals {\n  password = \
                         \"CANARY\"\n}\nvariable \"v\" {\n  sensitive = true\n  default = \"CANARY\"\n}\n";
    // A key of a map is no literal, so the map as a whole is in quotes here.
    let configuration = configuration.replace("CANARY_key", "\"CANARY-key\"");
    write(work.path(), &[("x/terraform.tfstate", &document.to_string()), ("x/main.tf", &configuration)]);
    let arguments = ["x/terraform.tfstate", "--source", "x", "--facts-out", "facts.json"];
    report(work.path(), &arguments);
    let text = fs::read_to_string(work.path().join("facts.json")).unwrap();
    assert!(text.contains("198.51.100.7") && text.contains("secret_key"), "{text}");
    assert!(!text.contains("CANARY"), "{text}");
}

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
