//! Which configuration belongs to which input.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use std::fs;

use serde_json::{Value, json};

use common::{fixtures, tfduty, tfduty_with};

#[test]
fn a_folder_of_sources_serves_the_stack_it_is_of() {
    let folder = tempfile::tempdir().unwrap();
    let estates = fixtures().join("estates");
    fs::create_dir(folder.path().join("source")).unwrap();
    for (from, to) in [
        ("broken-e-disabled-detector/source/main.tf", "source/main.tf"),
        ("broken-e-disabled-detector/plan.json", "e.json"),
        ("broken-f-inactive-set/plan.json", "f.json"),
    ] {
        fs::copy(estates.join(from), folder.path().join(to)).unwrap();
    }
    let run = tfduty(folder.path(), &["check", "e.json", "f.json", "--source", "source", "--format", "json"]);
    assert_eq!(run.stderr, "");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let line = |rule: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["rule"] == rule).unwrap()["source"]["path"].clone()
    };
    assert_eq!(line("detector-disabled"), "source/main.tf");
    assert_eq!(line("list-inactive"), Value::Null);
    let notes = report["notes"].as_array().unwrap();
    assert!(notes.iter().any(|note| note["code"] == "source-differs" && note["path"] == "f.json"), "{notes:?}");
}

#[test]
fn a_policy_that_stands_in_a_file_of_the_configuration_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let estate = fixtures().join("estates/broken-b-policy-denies");
    fs::copy(estate.join("plan.json"), folder.path().join("plan.json")).unwrap();
    let text = fs::read_to_string(estate.join("source/main.tf")).unwrap();
    let (before, rest) = text.split_once("jsonencode({").unwrap();
    let (policy, after) = rest.split_once("\n  })").unwrap();
    assert!(policy.contains("OnlyThePublisher"));
    let call = "templatefile(\"${path.module}/policy.tftpl\", { lists = aws_s3_bucket.lists.arn, publisher = aws_iam_role.publisher.arn })";
    fs::write(folder.path().join("main.tf"), [before, call, after].concat()).unwrap();
    let template = r#"{ "Statement": [{
        "Sid": "OnlyThePublisher", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "${lists}/*",
        "Condition": { "StringNotEquals": { "aws:PrincipalArn": "${publisher}" } }
    }] }"#;
    fs::write(folder.path().join("policy.tftpl"), template).unwrap();
    let run = tfduty(
        folder.path(),
        &["check", "plan.json", "--source", ".", "--only", "list-read-denied", "--format", "json"],
    );
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{findings:?}");
    for finding in findings {
        assert_eq!((&finding["verdict"], &finding["source"]["path"]), (&json!("fail"), &json!("main.tf")));
        assert!(finding["message"].as_str().unwrap().contains("OnlyThePublisher"), "{finding}");
    }
}

#[test]
fn a_saved_plan_of_another_configuration_is_refused() {
    let plan = fixtures().join("estates/broken-e-disabled-detector");
    let run = tfduty(&plan, &["check", "plan.json", "--plan-file", "../broken-f-inactive-set/tfplan"]);
    assert!(run.stdout.contains("no input is the JSON of this saved plan"), "{}", run.stdout);
    assert_eq!(run.status, 2);
}

/// A folder with a stack whose list stands in a file: plan, configuration and list.
fn stack_with_a_file() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let created = |resource_type: &str, after: Value| {
        json!({
            "address": format!("{resource_type}.trusted"), "mode": "managed", "type": resource_type, "name": "trusted",
            "change": { "actions": ["create"], "before": null, "after": after, "after_unknown": { "id": true } },
        })
    };
    let object = json!({ "bucket": "lists", "key": "k", "source": "./lists/trusted.txt" });
    let set = json!({ "detector_id": "12ab", "name": "trusted", "activate": true, "format": "TXT", "location": "s3://lists/k" });
    let changes = [created("aws_s3_object", object), created("aws_guardduty_ipset", set)];
    let plan = json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes });
    let text = "resource \"aws_s3_object\" \"trusted\" {\n  source = \"${path.module}/lists/trusted.txt\"\n}\n\
                resource \"aws_guardduty_ipset\" \"trusted\" {\n}\n";
    fs::create_dir_all(folder.path().join("stack/lists")).unwrap();
    fs::write(folder.path().join("stack/plan.json"), plan.to_string()).unwrap();
    fs::write(folder.path().join("stack/main.tf"), text).unwrap();
    fs::write(folder.path().join("stack/lists/trusted.txt"), "scanner.example.com\n198.51.100.7\\32\n").unwrap();
    folder
}

const ON_LISTS: &[&str] = &["--only", "list-empty,list-source-missing"];

#[test]
fn the_file_of_a_list_is_an_input_whose_lines_are_shown() {
    let folder = stack_with_a_file();
    for source in [&[][..], &["--source", "stack"]] {
        let arguments = [&["check", "stack/plan.json"], source, ON_LISTS].concat();
        let run = tfduty(folder.path(), &arguments);
        for shown in ["stack/lists/trusted.txt", "2 │ 198.51.100.7\\32", "`198.51.100.7/32`?"] {
            assert!(run.stdout.contains(shown), "{source:?} {shown}: {}", run.stdout);
        }
        let run = tfduty(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let inputs = report["inputs"].as_array().unwrap();
        let inputs: Vec<_> = inputs.iter().map(|input| (&input["path"], &input["kind"], &input["role"])).collect();
        let (list, plan) = (json!("stack/lists/trusted.txt"), json!("stack/plan.json"));
        assert_eq!(inputs, [(&list, &json!("list"), &json!("evidence")), (&plan, &json!("plan"), &json!("judged"))]);
        let location = &report["findings"][0]["related"][0]["location"];
        assert_eq!((&location["path"], &location["line"], &location["byte_start"]), (&list, &json!(2), &json!(20)));
    }
}

#[test]
fn a_list_that_is_not_in_the_folder_of_the_configuration_is_missing_there() {
    let folder = stack_with_a_file();
    fs::rename(folder.path().join("stack/lists"), folder.path().join("stack/files")).unwrap();
    let plan = fs::read(folder.path().join("stack/plan.json")).unwrap();
    let checked = |arguments: &[&str]| {
        let run = tfduty_with(folder.path(), &[arguments, ON_LISTS].concat(), Some(&plan));
        assert_eq!(run.stderr, "");
        run.stdout
    };
    let missing = checked(&["check", "stack/plan.json"]);
    assert!(missing.contains("error[list-source-missing]") && missing.contains("files/trusted.txt"), "{missing}");
    assert!(checked(&["check", "-", "--source", "stack"]).contains("error[list-source-missing]"));
    assert!(checked(&["check", "-"]).contains("undecided[list-source-missing]"));
    let found = checked(&["check", "-", "--list-dir", "stack/files"]);
    assert!(found.contains("error[list-empty]") && found.contains("stack/files/trusted.txt"), "{found}");
    assert!(checked(&["check", "-", "--list-dir", "none"]).contains("`--list-dir` takes a folder"));
}

/// What `check` says of one rule in a folder with this plan (changes, configuration) and these files: verdicts, without the
/// configuration and with it.
fn verdicts(rule: &str, (changes, configuration): (Value, Value), files: &[(&str, &str)]) -> [Vec<String>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let plan = json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "resource_changes": changes, "configuration": configuration,
    });
    fs::write(folder.path().join("plan.json"), plan.to_string()).unwrap();
    for (path, text) in files {
        let path = folder.path().join("stack").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    [&[][..], &["--source", "stack"]].map(|source| {
        let arguments = [&["check", "plan.json", "--only", rule, "--format", "json"], source].concat();
        let run = tfduty(folder.path(), &arguments);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let verdicts = findings.map(|finding| {
            format!("{} {}", finding["verdict"].as_str().unwrap(), finding["address"].as_str().unwrap())
        });
        let rules = report["rules"].as_array().unwrap();
        let passed = rules.iter().find(|found| found["id"] == rule).unwrap()["passed"].as_u64().unwrap();
        verdicts.chain((passed > 0).then(|| format!("pass {passed}"))).collect()
    })
}

fn created(address: &str, after: Value, unknown: Value) -> Value {
    let (_, block) = address.rsplit_once("module.m.").unwrap_or(("", address));
    let (mode, block) = block.strip_prefix("data.").map_or(("managed", block), |block| ("data", block));
    let (resource_type, name) = block.split_once('.').unwrap();
    let actions = if mode == "data" { ["read"] } else { ["create"] };
    let mut item = json!({ "address": address, "mode": mode, "type": resource_type, "name": name });
    item["change"] = json!({ "actions": actions, "before": null });
    item["change"]["after"] = after;
    item["change"]["after_unknown"] = unknown;
    item
}

fn block(address: &str, key: &str, expressions: Value) -> Value {
    let (mode, block) = address.strip_prefix("data.").map_or(("managed", address), |block| ("data", block));
    let (resource_type, name) = block.split_once('.').unwrap();
    let mut block = json!({ "address": address, "mode": mode, "type": resource_type, "name": name });
    block["provider_config_key"] = json!(key);
    block["expressions"] = expressions;
    block
}

#[test]
fn a_provider_that_a_module_only_announces_is_what_its_call_passes() {
    let role = |account: &str| format!("arn:aws:iam::{account}:role/terraform");
    let provider = |account: &str| {
        json!({ "name": "aws", "expressions": {
            "region": { "constant_value": "eu-west-1" },
            "assume_role": [{ "role_arn": { "constant_value": role(account) } }],
        } })
    };
    let (detector, settings) = ("aws_guardduty_detector.d", "aws_guardduty_organization_configuration.all");
    let delegation = "aws_guardduty_organization_admin_account.a";
    let plan = || {
        let changes = json!([
            created(delegation, json!({ "admin_account_id": "333333333333" }), json!({ "id": true })),
            created(&format!("module.m.{detector}"), json!({ "enable": true }), json!({ "id": true })),
            created(
                &format!("module.m.{settings}"),
                json!({ "auto_enable_organization_members": "ALL" }),
                json!({ "detector_id": true }),
            ),
        ]);
        let refers =
            json!({ "detector_id": { "references": ["aws_guardduty_detector.d.id", "aws_guardduty_detector.d"] } });
        let resources = [block(detector, "module.m:aws.dst", json!({})), block(settings, "module.m:aws.dst", refers)];
        let configuration = json!({
            "provider_config": {
                "aws": provider("111111111111"),
                "aws.admin": provider("333333333333"),
                "module.m:aws.dst": { "name": "aws", "alias": "dst", "module_address": "module.m" },
            },
            "root_module": {
                "resources": [block(delegation, "aws", json!({}))],
                "module_calls": { "m": { "module": { "resources": resources } } },
            },
        });
        (changes, configuration)
    };
    let says = |passed: &str| {
        let root = format!(
            "provider \"aws\" {{\n  region = \"eu-west-1\"\n}}\nprovider \"aws\" {{\n  alias = \"admin\"\n}}\n\
             resource \"aws_guardduty_organization_admin_account\" \"a\" {{\n  admin_account_id = \"333333333333\"\n}}\n\
             module \"m\" {{\n  source = \"./m\"\n  providers = {{ aws.dst = {passed} }}\n}}\n"
        );
        let module = "provider \"aws\" {\n  alias = \"dst\"\n}\n\
                      resource \"aws_guardduty_detector\" \"d\" {\n  provider = aws.dst\n}\n\
                      resource \"aws_guardduty_organization_configuration\" \"all\" {\n  provider = aws.dst\n  \
                      detector_id = aws_guardduty_detector.d.id\n}\n";
        verdicts("org-config-wrong-account", plan(), &[("main.tf", &root), ("m/main.tf", module)])
    };
    let open = format!("undecided module.m.{settings}");
    let [one, two] = ["pass 1", "pass 2"].map(str::to_owned);
    assert_eq!(says("aws.admin"), [vec![open.clone(), one.clone()], vec![two]]);
    assert_eq!(says("aws"), [vec![open, one.clone()], vec![format!("fail module.m.{settings}"), one]]);
}

#[test]
fn what_a_bucket_module_makes_by_conditions_and_dynamic_blocks_is_read() {
    let (policy, default) = ("aws_s3_bucket_policy.b", "aws_s3_bucket_server_side_encryption_configuration.b");
    let (all, deny) = ("data.aws_iam_policy_document.all", "data.aws_iam_policy_document.deny");
    let key_policy = r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"guardduty.amazonaws.com"},"Action":"kms:GenerateDataKey","Resource":"*"}]}"#;
    let denied = json!([{
        "sid": "none", "effect": "Deny", "actions": ["s3:GetObject"], "resources": ["*"],
        "principals": [{ "type": "*", "identifiers": ["*"] }],
    }]);
    let plan = || {
        let changes = json!([
            created("aws_s3_bucket.b", json!({ "bucket": "lists" }), json!({ "id": true })),
            created("aws_kms_key.k", json!({ "policy": key_policy, "is_enabled": true }), json!({ "arn": true })),
            created(default, json!({ "bucket": "lists" }), json!({ "rule": true })),
            created(all, json!({ "statement": [] }), json!({ "json": true, "source_policy_documents": true })),
            created(deny, json!({ "statement": denied }), json!({ "json": true })),
            created(policy, json!({ "bucket": "lists" }), json!({ "policy": true })),
            created("aws_s3_object.o", json!({ "bucket": "lists", "key": "k" }), json!({ "id": true })),
            created(
                "aws_guardduty_ipset.s",
                json!({ "location": "s3://lists/k", "activate": true, "format": "TXT" }),
                json!({})
            ),
        ]);
        let refers = json!({ "policy": { "references": ["data.aws_iam_policy_document.all.json"] } });
        let names =
            ["aws_s3_bucket.b", "aws_kms_key.k", default, all, deny, "aws_s3_object.o", "aws_guardduty_ipset.s"];
        let mut blocks = names.map(|name| block(name, "aws", json!({}))).to_vec();
        blocks.push(block(policy, "aws", refers));
        (changes, json!({ "provider_config": { "aws": { "name": "aws" } }, "root_module": { "resources": blocks } }))
    };
    let text = r#"
locals {
  strict = true
  rule   = { algorithm = "aws:kms", key = aws_kms_key.k.arn }
}
resource "aws_s3_bucket" "b" {}
resource "aws_kms_key" "k" {}
resource "aws_s3_object" "o" {}
resource "aws_guardduty_ipset" "s" {}
data "aws_iam_policy_document" "deny" {}
data "aws_iam_policy_document" "all" {
  source_policy_documents = compact([
    local.strict ? "" : data.aws_iam_policy_document.other[0].json,
    local.strict ? data.aws_iam_policy_document.deny.json : "",
  ])
}
resource "aws_s3_bucket_policy" "b" {
  policy = data.aws_iam_policy_document.all.json
}
resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  dynamic "rule" {
    for_each = [local.rule]
    content {
      apply_server_side_encryption_by_default {
        sse_algorithm     = rule.value.algorithm
        kms_master_key_id = rule.value.key
      }
    }
  }
}
"#;
    for rule in ["list-undecryptable", "list-read-denied"] {
        let expected = [vec!["undecided aws_s3_object.o".to_owned()], vec!["fail aws_s3_object.o".to_owned()]];
        assert_eq!(verdicts(rule, plan(), &[("main.tf", text)]), expected, "{rule}");
    }
}
