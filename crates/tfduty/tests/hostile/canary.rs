//! One word in every place that Terraform has for a secret: it must be in nothing that is written.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    FORMATS,
    common::{fixtures, tfduty, tfduty_with},
};

/// What is looked for.
const CANARY: &str = "CANARY";

/// The configuration beside the documents: findings point at the detector, the set and the objects, and around each there are
/// secrets.
const CONFIGURATION: &str = r#"# CANARY
terraform {
  backend "s3" {
    access_key = "CANARY" # CANARY
  }
}
provider "aws" {
  region     = "eu-west-1"
  secret_key = "CANARY" /* CANARY */
}
variable "password" {
  sensitive = true
  default   = "CANARY"
}
variable "session" {
  ephemeral = true
  default   = "CANARY"
}
locals { token = "CANARY" }
// CANARY
resource "aws_guardduty_detector" "this" { # CANARY
  enable = /* CANARY */ false // CANARY
  tags   = { token = "CANARY" }
}
resource "aws_guardduty_ipset" "set" {
  activate    = false # CANARY
  detector_id = aws_guardduty_detector.this.id /* CANARY
  CANARY */
  format      = "TXT"
  location    = /* CANARY */ "s3://gd-lists/missing.txt" # CANARY
  name        = "set"
  connection {
    password = "CANARY"
  }
  provisioner "local-exec" {
    command     = "curl -u CANARY:CANARY h"
    environment = { TOKEN = "CANARY" }
  }
}
resource "aws_s3_object" "list" {
  bucket  = "gd-lists"
  content = <<-EOT
    CANARY
    ${var.password}
  EOT
  key     = "list.txt"
}
resource "aws_lambda_function" "f" { environment { variables = { TOKEN = "CANARY" } } }
output "o" { value = "CANARY" }
"#;

/// A resource of a state in its two formats: with secrets where `secret` names attributes.
struct Object(&'static str, &'static str, Value, &'static [&'static str]);

fn objects() -> Vec<Object> {
    vec![
        Object(
            "aws_guardduty_detector",
            "this",
            json!({ "id": "d", "enable": false, "account_id": "123456789012", "tags": { "CANARY": "CANARY" },
                "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/d" }),
            &["tags"],
        ),
        Object(
            "aws_guardduty_ipset",
            "set",
            json!({ "id": "d:s", "detector_id": "d", "activate": false, "format": "TXT", "name": "CANARY", "location": "s3://gd-lists/CANARY.txt" }),
            &["location", "name"],
        ),
        Object("aws_s3_bucket", "lists", json!({ "id": "gd-lists", "bucket": "gd-lists", "region": "eu-west-1" }), &[]),
        Object(
            "aws_s3_object",
            "list",
            json!({ "id": "list.txt", "bucket": "gd-lists", "key": "list.txt", "content": "CANARY\n10.0.0.0/8\n" }),
            &["content"],
        ),
        // What the provider's schema calls sensitive, though nothing in the document does; and what nobody marks.
        Object("aws_db_instance", "db", json!({ "id": "db", "password": "CANARY", "password_wo": "CANARY" }), &[]),
        Object("aws_iam_access_key", "key", json!({ "id": "AK", "user": "u", "secret": "CANARY" }), &[]),
        Object(
            "aws_instance",
            "vm",
            json!({ "id": "i-1", "user_data": "CANARY", "user_data_base64": "Q0FOQVJZ" }),
            &[],
        ),
        Object("aws_ssm_parameter", "p", json!({ "id": "/p", "name": "/p", "value": "CANARY" }), &["value"]),
        Object(
            "aws_lambda_function",
            "f",
            json!({ "id": "f", "function_name": "f", "environment": [{ "variables": { "TOKEN": "CANARY" } }] }),
            &[],
        ),
        Object("local_sensitive_file", "f", json!({ "id": "f", "filename": "f", "content": "CANARY" }), &[]),
    ]
}

/// Marks as `show -json` has them.
fn marks(secret: &[&str]) -> Value {
    secret.iter().map(|name| ((*name).to_owned(), json!(true))).collect::<serde_json::Map<_, _>>().into()
}

const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";

fn state() -> Value {
    let resources: Vec<Value> = objects()
        .into_iter()
        .map(|Object(kind, name, attributes, secret)| {
            let paths: Vec<Value> = secret.iter().map(|name| json!([{ "type": "get_attr", "value": name }])).collect();
            json!({ "mode": "managed", "type": kind, "name": name, "provider": format!("provider[\"{PROVIDER}\"]"),
                "instances": [{ "schema_version": 0, "attributes": attributes, "sensitive_attributes": paths, "private": "CANARY" }] })
        })
        .collect();
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "resources": resources,
        "outputs": { "o": { "value": "CANARY", "type": "string", "sensitive": true }, "p": { "value": "CANARY", "type": "string" } },
        "check_results": [{ "object_kind": "output", "config_addr": "output.o", "status": "fail",
            "objects": [{ "object_addr": "output.o", "status": "fail", "failure_messages": ["CANARY"] }] }] })
}

fn state_json() -> Value {
    let resources: Vec<Value> = objects()
        .into_iter()
        .map(|Object(kind, name, values, secret)| {
            json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "provider_name": PROVIDER,
                "schema_version": 0, "values": values, "sensitive_values": marks(secret) })
        })
        .collect();
    json!({ "format_version": "1.0", "terraform_version": "1.11.4",
        "values": { "outputs": { "o": { "value": "CANARY", "type": "string", "sensitive": true } }, "root_module": { "resources": resources } } })
}

/// What the configuration says of a resource: secrets as literals, and references where marks come from.
fn expressions(kind: &str) -> Value {
    match kind {
        "aws_lambda_function" => {
            json!({ "environment": [{ "variables": { "constant_value": { "TOKEN": "CANARY" } } }] })
        }
        "aws_db_instance" => json!({ "password": { "constant_value": "CANARY" } }),
        "aws_instance" => json!({ "user_data": { "constant_value": "CANARY" } }),
        "aws_s3_object" => json!({ "content": { "references": ["var.password"] } }),
        _ => json!({}),
    }
}

/// A plan that does `action` with every object.
fn plan(action: &str) -> Value {
    let changes: Vec<Value> = objects()
        .into_iter()
        .map(|Object(kind, name, values, secret)| {
            let (before, after) = if action == "delete" { (values, Value::Null) } else { (Value::Null, values) };
            json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "provider_name": PROVIDER,
                "change": { "actions": [action], "before": before, "after": after, "after_unknown": {},
                    "before_sensitive": marks(secret), "after_sensitive": marks(secret) } })
        })
        .collect();
    let resources: Vec<Value> = objects()
        .into_iter()
        .map(|Object(kind, name, ..)| {
            json!({ "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "provider_config_key": "aws",
                "expressions": expressions(kind), "schema_version": 0,
                "provisioners": [{ "type": "local-exec", "expressions": { "command": { "constant_value": "CANARY" } } }] })
        })
        .collect();
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "applyable": true, "complete": true, "errored": false,
        "variables": { "password": { "value": "CANARY" }, "session": { "value": "CANARY" } },
        "planned_values": { "outputs": { "o": { "value": "CANARY", "sensitive": true } }, "root_module": {} },
        "resource_changes": changes,
        "output_changes": { "o": { "actions": ["create"], "before": null, "after": "CANARY", "after_sensitive": true } },
        "prior_state": state_json(),
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "full_name": PROVIDER,
                "expressions": { "region": { "constant_value": "eu-west-1" }, "secret_key": { "constant_value": "CANARY" } } } },
            "root_module": { "resources": resources,
                "outputs": { "o": { "sensitive": true, "expression": { "constant_value": "CANARY" } } },
                "variables": { "password": { "default": "CANARY", "sensitive": true }, "session": { "default": "CANARY" } } } } })
}

/// A folder with everything in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("main.tf", CONFIGURATION);
    write("terraform.tfvars", "password = \"CANARY\"\n");
    write("x.auto.tfvars", "password = \"CANARY\"\n");
    write("terraform.tfstate", &state().to_string());
    write("state.json", &state_json().to_string());
    write("plan.json", &plan("create").to_string());
    write("destroy.json", &plan("delete").to_string());
    write("pretty.json", &serde_json::to_string_pretty(&plan("create")).unwrap());
    folder
}

fn assert_silent(written: &str, place: &str) {
    let found = written.lines().find(|line| line.contains(CANARY) || line.contains("Q0FOQVJZ"));
    assert!(found.is_none(), "{place}: {found:?}");
}

#[test]
fn no_command_shows_a_secret_in_any_format() {
    let folder = folder();
    let mut told = 0;
    for (command, inputs) in [
        ("check", &["plan.json", "pretty.json", "terraform.tfstate", "state.json"][..]),
        ("destroy", &["destroy.json", "terraform.tfstate", "state.json"]),
    ] {
        for input in inputs {
            for source in [&[][..], &["--source", "."]] {
                for format in FORMATS {
                    let arguments = [&[command, input, "--strict", "--format", format], source].concat();
                    let more: &[&str] = if format == "human" { &["-v", "--color", "always"] } else { &[] };
                    let run = tfduty(folder.path(), &[&arguments, more].concat());
                    assert!(run.status == 1, "{arguments:?}: {} {}", run.stdout, run.stderr);
                    told += run.stdout.matches("main.tf").count();
                    assert_silent(&(run.stdout + &run.stderr), &format!("{arguments:?}"));
                }
            }
        }
    }
    assert!(told > 100, "findings point into the configuration: {told}");
    let after = tfduty(folder.path(), &["destroy", "--before", "terraform.tfstate", "--after", "state.json"]);
    assert_silent(&(after.stdout + &after.stderr), "destroy --after");
    for format in ["human", "json", "markdown"] {
        let run = tfduty(folder.path(), &["coverage", "plan.json", "terraform.tfstate", "--format", format]);
        assert_silent(&(run.stdout + &run.stderr), format);
    }
}

#[test]
fn files_that_are_written_hold_no_secret() {
    let folder = folder();
    // Facts keep what rules read of configuration that states facts, which this one is not said to do.
    for input in ["plan.json", "terraform.tfstate", "state.json", "destroy.json"] {
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        let run = tfduty(folder.path(), &["check", input, "--write-baseline", "b.json", "--facts-out", "f.json"]);
        assert_silent(&(run.stdout + &run.stderr), input);
        let facts = fs::read_to_string(folder.path().join("f.json")).unwrap();
        assert!(facts.contains("aws_guardduty_detector") || input == "destroy.json", "{input}: {facts}");
        assert_silent(&facts, &format!("facts of {input}"));
        if input != "destroy.json" {
            assert_silent(&read("b.json"), &format!("baseline of {input}"));
        }
    }
}

#[test]
fn damage_shows_no_secret_wherever_it_is() {
    for (name, text) in [
        ("plan", plan("create").to_string()),
        ("state", state().to_string()),
        ("state json", state_json().to_string()),
        ("plan on many lines", serde_json::to_string_pretty(&plan("create")).unwrap()),
    ] {
        for cut in (1..text.len()).step_by(200) {
            let spoilt = format!("{}\u{1}{}", &text[..cut], &text[cut..]);
            for (damaged, is_refused) in [(&text[..cut], true), (&spoilt, false)] {
                let parsed =
                    tfduty_terraform::Document::parse(damaged.as_bytes(), &|_| tfduty_terraform::Detail::Count);
                assert!(!is_refused || parsed.is_err(), "{name} cut at {cut}");
                if let Err(refusal) = parsed {
                    assert_silent(&format!("{}{:?}", refusal.message, refusal.help), &format!("{name} at {cut}"));
                }
            }
        }
        // And as a user sees it.
        let run = tfduty_with(Path::new("."), &["check", "-", "-v"], Some(&text.as_bytes()[..text.len() / 2]));
        assert!(run.status == 2 && run.stdout.contains("damaged Terraform"), "{name}: {}", run.stdout);
        assert_silent(&(run.stdout + &run.stderr), name);
    }
}

#[test]
fn a_saved_plan_shows_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let original = fs::read(fixtures().join("estates/broken-e-disabled-detector/tfplan")).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(original)).unwrap();
    let mut zip = zip::ZipWriter::new(fs::File::create(folder.path().join("tfplan")).unwrap());
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        let (name, mut bytes) = (member.name().unwrap().into_owned(), Vec::new());
        std::io::Read::read_to_end(&mut member, &mut bytes).unwrap();
        if Path::new(&name).extension().is_some_and(|extension| extension == "tf") {
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace(" = ", " = /* CANARY */ ").replace('\n', " # CANARY\n").into_bytes();
        }
        if name == "tfplan" || name == "tfstate" {
            bytes = if name == "tfstate" { state().to_string().into_bytes() } else { b"CANARY".to_vec() };
        }
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, &bytes).unwrap();
    }
    zip.finish().unwrap();
    fs::copy(fixtures().join("estates/broken-e-disabled-detector/plan.json"), folder.path().join("plan.json")).unwrap();
    for format in FORMATS {
        for arguments in
            [&["check", "plan.json", "--plan-file", "tfplan"][..], &["check", "tfplan"], &["destroy", "tfplan"]]
        {
            let run = tfduty(folder.path(), &[arguments, &["--strict", "--format", format]].concat());
            assert_silent(&(run.stdout + &run.stderr), &format!("{arguments:?} {format}"));
        }
    }
}
