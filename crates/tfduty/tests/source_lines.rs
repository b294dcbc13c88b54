//! Where findings point in the configuration.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use common::{fixtures, tfduty, tfduty_with};

/// What was read off the files of an estate by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    input: String,
    source: String,
    finding: Vec<Place>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    rule: String,
    address: String,
    at: String,
}

#[test]
fn findings_point_where_a_reader_would() {
    let mut lists = 0;
    for estate in folders(&fixtures().join("estates")) {
        let Ok(text) = fs::read_to_string(estate.join("source-lines.toml")) else { continue };
        let by_hand: ByHand = toml::from_str(&text).unwrap();
        lists += 1;
        // Named, in the fixture as it lies there; and found beside the input.
        let named = check(&estate, &["check", &by_hand.input, "--source", &by_hand.source]);
        let beside = beside(&estate, &by_hand.source, &by_hand.input);
        let found = check(beside.path(), &["check", "input"]);
        for Place { rule, address, at } in &by_hand.finding {
            let place = |report: &Value| {
                let findings = report["findings"].as_array().unwrap();
                let finding =
                    findings.iter().find(|finding| finding["rule"] == **rule && finding["address"] == **address);
                finding.map(|finding| {
                    let source = &finding["source"];
                    format!("{}:{}", source["path"].as_str().unwrap_or_default(), source["line"])
                })
            };
            let context = format!("{} {rule} {address}", estate.display());
            assert_eq!(place(&named), Some(format!("{}/{at}", by_hand.source)), "{context}");
            assert_eq!(place(&found).as_ref(), Some(at), "{context}");
        }
    }
    assert!(lists >= 4, "only {lists} lists were found");
}

/// The block is known without the program: by the object that the finding's place in the input belongs to, and by a look
/// for the block's first and last line.
#[test]
fn nearly_all_findings_on_managed_objects_point_into_their_block() {
    let (mut all, mut right, mut wrong) = (0, 0, Vec::new());
    for estate in folders(&fixtures().join("estates")) {
        for (command, input) in [
            ("check", "plan.json"),
            ("check", "terraform.tfstate"),
            ("check", "state.json"),
            ("destroy", "plan-destroy.json"),
            ("destroy", "terraform.tfstate"),
        ] {
            if !estate.join("source").is_dir() || !estate.join(input).is_file() {
                continue;
            }
            let beside = beside(&estate, "source", input);
            let document: Value = serde_json::from_slice(&fs::read(estate.join(input)).unwrap()).unwrap();
            let report = check(beside.path(), &[command, "input"]);
            for finding in report["findings"].as_array().unwrap() {
                let Some(block) = block_of(finding, &document) else { continue };
                all += 1;
                if is_within(&finding["source"], &block, beside.path()) {
                    right += 1;
                } else {
                    wrong.push(format!("{} {input}: {finding:#}", estate.display()));
                }
            }
        }
    }
    assert!(all > 150, "only {all} findings");
    assert!(right * 100 >= all * 95, "{right} of {all}: {}", wrong.join("\n"));
}

/// Type and name of the managed object that the place of a finding belongs to.
fn block_of(finding: &Value, document: &Value) -> Option<(String, String)> {
    let pointer = finding["location"]["pointer"].as_str().unwrap();
    let list = ["/resource_changes/", "/resources/"].iter().find_map(|list| Some(pointer.rfind(list)? + list.len()));
    if let Some(begin) = list {
        let end = pointer[begin..].find('/').map_or(pointer.len(), |length| begin + length);
        let item = document.pointer(&pointer[..end]).unwrap();
        let text = |name: &str| item[name].as_str().unwrap().to_owned();
        return (item["mode"] == "managed").then(|| (text("type"), text("name")));
    }
    let address = finding["address"].as_str()?.split(" (").next()?;
    let mut parts = address.rsplit('.');
    let name = parts.next()?.split('[').next()?;
    let resource_type = parts.next()?;
    let is_managed = resource_type.starts_with("aws_") && parts.next() != Some("data");
    is_managed.then(|| (resource_type.to_owned(), name.to_owned()))
}

fn is_within(source: &Value, (resource_type, name): &(String, String), folder: &Path) -> bool {
    let (Some(path), Some(line)) = (source["path"].as_str(), source["line"].as_u64()) else { return false };
    let text = fs::read_to_string(folder.join(path)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|line| line.starts_with(&format!("resource \"{resource_type}\" \"{name}\"")));
    let Some(first) = first else { return false };
    let last = first + lines[first..].iter().position(|line| line.ends_with('}') && !line.starts_with(' ')).unwrap();
    (first..=last).contains(&(usize::try_from(line).unwrap() - 1))
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// A folder with a configuration and an input beside it.
fn beside(estate: &Path, source: &str, input: &str) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        for path in folders(from) {
            let to = to.join(path.file_name().unwrap());
            if path.is_dir() {
                fs::create_dir(&to).unwrap();
                copy(&path, &to);
            } else if path.extension().is_some_and(|extension| extension == "tf") {
                fs::copy(&path, &to).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&estate.join(source), folder.path());
    fs::copy(estate.join(input), folder.path().join("input")).unwrap();
    folder
}

fn check(folder: &Path, arguments: &[&str]) -> Value {
    let run = tfduty(folder, &[arguments, &["--format", "json", "--today", "2026-11-24"]].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {} {}", run.stdout, run.stderr))
}

/// Writes files below a folder.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// A state with a suspended detector at each of these addresses: module, name, key.
fn suspended(detectors: &[(&str, &str, Value)]) -> String {
    let resource = |(module, name, key): &(&str, &str, Value)| {
        let attributes = json!({ "id": format!("{module}{name}{key}"), "enable": false });
        let mut resource = json!({
            "mode": "managed", "type": "aws_guardduty_detector", "name": name,
            "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "index_key": key, "schema_version": 0, "attributes": attributes }],
        });
        if !module.is_empty() {
            resource["module"] = json!(module);
        }
        resource
    };
    let resources: Vec<Value> = detectors.iter().map(resource).collect();
    json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "outputs": {}, "resources": resources,
    })
    .to_string()
}

const ONLY: &[&str] = &["--only", "detector-disabled"];

/// `path:line exactness` of every finding, or `-`, in the order of the report.
fn places(report: &Value) -> Vec<String> {
    let place = |finding: &Value| match finding["source"]["path"].as_str() {
        Some(path) => {
            format!("{path}:{} {}", finding["source"]["line"], finding["source"]["exactness"].as_str().unwrap())
        }
        None => "-".to_owned(),
    };
    report["findings"].as_array().unwrap().iter().map(place).collect()
}

fn noted(report: &Value, code: &str) -> Vec<String> {
    let notes = report["notes"].as_array().unwrap().iter().filter(|note| note["code"] == code);
    notes.map(|note| format!("{} {}", note["path"].as_str().unwrap(), note["message"].as_str().unwrap())).collect()
}

#[test]
fn every_way_to_write_a_block_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let detector = |name: &str, rest: &str| format!("resource \"aws_guardduty_detector\" \"{name}\" {{\n{rest}}}\n");
    let disabled = "  enable = false\n";
    write(
        folder.path(),
        &[
            (".git/HEAD", ""),
            (
                "live/prod/main.tf",
                &[
                    "module \"local\" {\n  source   = \"../../modules/detector\"\n  for_each = toset([\"a\"])\n}\n",
                    "module \"installed\" {\n  source = \"org/detector/aws\"\n}\n",
                    "module \"far\" {\n  source = \"org/far/aws\"\n}\n",
                    &detector("laid_over", "  enable = true\n"),
                    &detector("silent", "  count = 1\n"),
                ]
                .concat(),
            ),
            ("live/prod/override.tf", &format!("\n\n{}", detector("laid_over", disabled))),
            (
                "live/prod/more.tf.json",
                "{\n  \"resource\": { \"aws_guardduty_detector\": { \"in_json\": {\n    \"enable\": false\n  } } }\n}\n",
            ),
            ("live/prod/gone.tf", "removed {\n  from = aws_guardduty_detector.removed\n}\n"),
            ("live/prod/twice.tf", &detector("open", disabled)),
            ("live/prod/twice.tofu", &format!("\n{}", detector("open", disabled))),
            (
                "live/prod/.terraform/modules/modules.json",
                r#"{"Modules":[{"Key":"installed","Dir":".terraform/modules/installed"}]}"#,
            ),
            ("live/prod/.terraform/modules/installed/main.tf", &detector("it", disabled)),
            ("modules/detector/main.tf", &detector("it", &format!("  count = 1\n{disabled}"))),
            (
                "live/prod/terraform.tfstate",
                &suspended(&[
                    ("module.local[\"a\"]", "it", json!(0)),
                    ("module.installed", "it", Value::Null),
                    ("module.far", "it", Value::Null),
                    ("", "laid_over", Value::Null),
                    ("", "silent", json!(0)),
                    ("", "in_json", Value::Null),
                    ("", "open", Value::Null),
                    ("", "removed", Value::Null),
                    ("", "gone", Value::Null),
                ]),
            ),
        ],
    );
    let from = |here: &str, arguments: &[&str]| places(&check(&folder.path().join(here), &[arguments, ONLY].concat()));
    let expected = |root: &str, modules: &str| {
        [
            format!("{modules}/detector/main.tf:3 attribute"),
            format!("{root}.terraform/modules/installed/main.tf:2 attribute"),
            format!("{root}main.tf:8 module-call"),
            format!("{root}override.tf:4 attribute"),
            format!("{root}main.tf:14 block"),
            format!("{root}more.tf.json:3 attribute"),
            format!("{root}twice.tofu:3 attribute"),
            format!("{root}gone.tf:1 block"),
            "-".to_owned(),
        ]
    };
    // From `modules`, the way to its own folder leads through the one above: what a name in a path stands for is not known.
    let outside = "../live/prod/terraform.tfstate";
    for (here, arguments, root, modules) in [
        ("", &["check", "live/prod/terraform.tfstate"][..], "live/prod/", "modules"),
        ("", &["check", "live/prod/terraform.tfstate", "--source", "./live/prod"], "live/prod/", "modules"),
        ("live/prod", &["check", "terraform.tfstate"], "", "../../modules"),
        ("live/prod", &["check", "terraform.tfstate", "--source", "."], "", "../../modules"),
        ("modules", &["check", outside], "../live/prod/", "../modules"),
        ("modules", &["check", outside, "--source", "../live/prod"], "../live/prod/", "../modules"),
    ] {
        assert_eq!(from(here, arguments), expected(root, modules), "{here} {arguments:?}");
    }
}

#[test]
fn only_the_nearest_configuration_inside_the_repository_counts_and_only_if_it_is_the_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let block = "resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n";
    let state = suspended(&[("", "this", Value::Null)]);
    write(
        folder.path(),
        &[
            ("main.tf", block),
            ("stack/.git/HEAD", ""),
            ("stack/out/a.tfstate", &state),
            ("stack/other/main.tf", "resource \"aws_guardduty_detector\" \"another\" {\n}\n"),
            ("stack/other/b.tfstate", &state),
        ],
    );
    let found =
        |here: &str, input: &str| places(&check(&folder.path().join(here), &[&["check", input], ONLY].concat()));
    assert_eq!(found("stack", "out/a.tfstate"), ["-"], "outside the repository");
    write(folder.path(), &[("stack/main.tf", &format!("\n{block}"))]);
    assert_eq!(found("stack", "out/a.tfstate"), ["main.tf:3 attribute"]);
    assert_eq!(found("stack/out", "a.tfstate"), ["../main.tf:3 attribute"]);
    assert_eq!(found("stack", "other/b.tfstate"), ["-"], "another stack's");
    let run = tfduty_with(
        &folder.path().join("stack"),
        &["check", "-", "--only", "detector-disabled"],
        Some(state.as_bytes()),
    );
    assert!(run.stdout.contains("[main.tf:3:3]"), "{}", run.stdout);
}

#[test]
fn a_configuration_that_differs_from_the_plan_shows_lines_and_states_no_facts() {
    let estate = fixtures().join("estates/broken-b-policy-denies");
    let beside = beside(&estate, "source", "plan.json");
    let text = fs::read_to_string(beside.path().join("main.tf")).unwrap();
    let says = |text: &str| {
        fs::write(beside.path().join("main.tf"), text).unwrap();
        let report = check(beside.path(), &["check", "input"]);
        let findings = report["findings"].as_array().unwrap();
        let denied = findings.iter().find(|finding| finding["rule"] == "list-read-denied");
        let denied = denied.map(|finding| (finding["verdict"].clone(), finding["source"]["line"].clone()));
        (denied, noted(&report, "source-differs"), noted(&report, "source-unreadable"), places(&report))
    };
    let (denied, differs, unreadable, _) = says(&text);
    assert_eq!((denied, differs.len(), unreadable.len()), (Some((json!("fail"), json!(45))), 0, 0));
    let (denied, differs, unreadable, found) = says(&text.replace("aws_iam_role.publisher.arn }", "local.slr_arn }"));
    assert_ne!(denied.map(|(verdict, _)| verdict), Some(json!("fail")));
    assert_eq!((differs.len(), unreadable.len()), (1, 0), "{differs:?}");
    assert!(found.contains(&"main.tf:24 block".to_owned()), "{found:?}");
    // What a damaged block says is unknown, and never that it says nothing.
    let (denied, differs, unreadable, found) = says(&text.replace("Sid       = \"OnlyThePublisher\"", "Sid = "));
    assert_ne!(denied.map(|(verdict, _)| verdict), Some(json!("fail")));
    assert_eq!((differs.len(), unreadable.len()), (0, 1), "{unreadable:?}");
    assert!(unreadable[0].contains("main.tf:40:") && unreadable[0].contains("is unknown"), "{unreadable:?}");
    assert!(found.contains(&"main.tf:24 block".to_owned()), "{found:?}");
    // One that refers to nothing in the plan either is no reason to mistrust the others.
    let (denied, differs, unreadable, _) = says(&text.replace("  force_destroy = true\n", "  force_destroy = \n"));
    assert_eq!((denied, differs.len(), unreadable.len()), (Some((json!("fail"), json!(45))), 0, 1));
}

#[test]
fn a_plan_finds_its_configuration_above_a_folder_with_files_of_its_own() {
    let estate = fixtures().join("estates/broken-b-policy-denies");
    let beside = beside(&estate, "source", "plan.json");
    fs::create_dir_all(beside.path().join(".git")).unwrap();
    write(beside.path(), &[("ci/versions.tf", "terraform {\n  required_version = \">= 1.5\"\n}\n")]);
    fs::rename(beside.path().join("input"), beside.path().join("ci/plan.json")).unwrap();
    let report = check(beside.path(), &["check", "ci/plan.json"]);
    let findings = report["findings"].as_array().unwrap();
    let denied = findings.iter().find(|finding| finding["rule"] == "list-read-denied").unwrap();
    assert_eq!((&denied["verdict"], &denied["source"]["path"]), (&json!("fail"), &json!("main.tf")), "{denied}");
}

#[test]
fn instances_of_one_block_are_shown_once() {
    let folder = tempfile::tempdir().unwrap();
    let keys: Vec<Value> = (0..40).map(|index| json!(format!("r{index:02}"))).collect();
    let detectors: Vec<(&str, &str, Value)> = keys.into_iter().map(|key| ("", "all", key)).collect();
    let block = "resource \"aws_guardduty_detector\" \"all\" {\n  for_each = var.regions\n  enable   = false\n}\n";
    write(folder.path(), &[("main.tf", block), ("terraform.tfstate", &suspended(&detectors))]);
    let run = tfduty(folder.path(), &[&["check", "terraform.tfstate"], ONLY].concat());
    assert_eq!((run.status, run.stdout.matches("[main.tf:3:3]").count()), (1, 1), "{}", run.stdout);
    assert!(run.stdout.contains("and 39 more instances: [\"r01\"], [\"r02\"]"), "{}", run.stdout);
    let report = check(folder.path(), &[&["check", "terraform.tfstate"], ONLY].concat());
    assert_eq!(places(&report), vec!["main.tf:3 attribute"; 40]);
}

#[test]
fn an_absence_points_at_the_provider_of_its_region() {
    let folder = tempfile::tempdir().unwrap();
    let main = "provider \"aws\" {\n  region = \"eu-west-1\"\n}\nprovider \"aws\" {\n  alias  = \"us\"\n  region = \"us-east-1\"\n}\n\
                resource \"aws_guardduty_detector\" \"this\" {\n  enable = false\n}\n";
    let state =
        suspended(&[("", "this", Value::Null)]).replace("\"enable\":false", "\"enable\":true,\"region\":\"eu-west-1\"");
    let expect = "[expect]\nregions = [\"us-east-1\", \"ap-south-1\"]\n";
    write(folder.path(), &[("main.tf", main), ("terraform.tfstate", &state), ("tfduty.toml", expect)]);
    let report = check(folder.path(), &["check", "terraform.tfstate", "--only", "coverage-detector-missing"]);
    let regions: Vec<&Value> =
        report["findings"].as_array().unwrap().iter().map(|finding| &finding["region"]).collect();
    assert_eq!(regions, ["ap-south-1", "us-east-1"]);
    assert_eq!(places(&report), ["-", "main.tf:6 provider"]);
}

#[test]
fn the_files_of_a_saved_plan_lie_where_its_configuration_does() {
    let estate = fixtures().join("estates/workspaces");
    let arguments =
        ["check", "envs/prod/plan.json", "--plan-file", "envs/prod/tfplan", "--only", "list-refresh-unwired"];
    assert_eq!(places(&check(&estate, &arguments)), ["envs/prod/main.tf:44 attribute"]);
    let folder = tempfile::tempdir().unwrap();
    for name in ["plan.json", "tfplan"] {
        fs::copy(estate.join("envs/prod").join(name), folder.path().join(name)).unwrap();
    }
    let report =
        check(folder.path(), &["check", "plan.json", "--plan-file", "tfplan", "--only", "list-refresh-unwired"]);
    assert_eq!(places(&report), ["main.tf:44 attribute"], "there is nothing but the plan");
}

#[test]
fn what_lies_beside_a_destroy_plan_tells_what_it_prevents() {
    let estate = fixtures().join("estates/destroy-prevented");
    let beside = beside(&estate, "source", "plan-destroy.json");
    let report = check(beside.path(), &["destroy", "input", "--only", "destroy-prevented"]);
    assert_eq!(places(&report), ["main.tf:20 attribute", "main.tf:28 attribute"]);
    assert!(noted(&report, "prevent-destroy-not-visible").is_empty());
}

#[test]
fn the_file_of_a_list_lies_with_the_configuration_that_is_the_plans() {
    let estate = fixtures().join("estates/workspaces");
    let folder = tempfile::tempdir().unwrap();
    let mut plan: Value = serde_json::from_slice(&fs::read(estate.join("envs/prod/plan.json")).unwrap()).unwrap();
    let lists = plan["resource_changes"].as_array_mut().unwrap().iter_mut();
    for object in lists.filter(|change| change["type"] == "aws_s3_object") {
        object["change"]["after"]["content"] = Value::Null;
        object["change"]["after"]["source"] = json!("trusted.txt");
    }
    let blocks = plan["configuration"]["root_module"]["resources"].as_array_mut().unwrap().iter_mut();
    for block in blocks.filter(|block| block["type"] == "aws_s3_object") {
        let expressions = block["expressions"].as_object_mut().unwrap();
        expressions.remove("content").unwrap();
        expressions.insert("source".into(), json!({ "constant_value": "trusted.txt" }));
    }
    let main = fs::read_to_string(estate.join("envs/prod/main.tf")).unwrap();
    let main = main.replace("content = \"1.1.1.0/24\\n9.9.9.9\\n\"", "source = \"trusted.txt\"");
    write(folder.path(), &[(".git/HEAD", ""), ("stack/main.tf", &main), ("stack/trusted.txt", "no address\n")]);
    write(folder.path(), &[("stack/out/plan.json", &plan.to_string())]);
    for (here, input, list) in
        [("", "stack/out/plan.json", "stack/trusted.txt"), ("stack/out", "plan.json", "../trusted.txt")]
    {
        let report = check(&folder.path().join(here), &["check", input, "--only", "list-empty"]);
        let paths: Vec<&Value> = report["inputs"].as_array().unwrap().iter().map(|input| &input["path"]).collect();
        assert!(paths.contains(&&json!(list)), "{here}: {paths:?} {:#}", report["findings"]);
    }
}

/// Elsewhere a backslash separates folders.
#[cfg(unix)]
#[test]
fn a_backslash_in_a_name_stays() {
    let estate = beside(&fixtures().join("estates/broken-c-kms"), "source", "plan.json");
    let parent = tempfile::tempdir().unwrap();
    fs::rename(estate.path(), parent.path().join("a\\b")).unwrap();
    let report = check(parent.path(), &["check", "a\\b/input"]);
    assert_eq!(report["inputs"][0]["path"], "a\\b/input");
    assert_eq!(report["findings"][0]["source"]["path"], "a\\b/main.tf");
}
