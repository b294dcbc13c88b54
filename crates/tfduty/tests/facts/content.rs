//! What is in facts beside the inputs, and what is not.

use std::fs;

use serde_json::{Value, json};

use super::{common::fixtures, report, without_sources, write};

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
