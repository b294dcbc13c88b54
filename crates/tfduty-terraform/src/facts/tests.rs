use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::{
    Detail, Document, ModuleFile, Sources,
    value::{Kind, Value},
};

/// Reads with which the attribute `password` of any type is one that nobody reads.
fn reads() -> Reads<'static> {
    fn redact(text: &str) -> String {
        text.chars().map(|c| if c.is_alphanumeric() { "x".repeat(c.len_utf8()) } else { c.to_string() }).collect()
    }
    Reads {
        detail: &|name| match name {
            "aws_read" => Detail::All,
            "aws_part" => Detail::Only(&["region"]),
            _ => Detail::Count,
        },
        unread: |_| &["password", "block.password"],
        provider_arguments: &["region", "role_arn"],
        redact,
        directive: "tfduty:",
    }
}

fn unit(document: &serde_json::Value) -> Unit {
    match Document::parse(document.to_string().as_bytes(), &|_| Detail::All) {
        Ok(Document::Unit(unit)) => *unit,
        other => panic!("{other:?}"),
    }
}

/// A unit as it comes out of facts.
fn through_facts(mut unit: Unit) -> (String, Unit) {
    unit.withhold(&reads(), &BTreeSet::from(["kept".into()]));
    let text = serde_json::to_string(&unit).unwrap();
    let read = serde_json::from_str(&text).unwrap();
    (text, read)
}

fn change(address: &str, before: &serde_json::Value, after: &serde_json::Value) -> serde_json::Value {
    let (kind, name) = address.split_once('.').unwrap();
    json!({ "address": address, "mode": "managed", "type": kind, "name": name, "change": {
        "actions": ["update"], "before": before, "after": after, "after_unknown": { "later": true, "secret_later": true },
        "before_sensitive": { "secret": true, "map": { "inner": true } },
        "after_sensitive": { "secret": true, "map": { "inner": true }, "secret_later": true, "gone": true }
    } })
}

fn plan() -> serde_json::Value {
    let values = |secret: &str| {
        json!({
            "id": "i", "number": 1.50, "big": 123_456_789_012_345_678_u64, "truth": true, "nothing": null, "gone": null,
            "list": [1, "two", [], {}], "secret": secret, "map": { "inner": { "hush-key": "hush-value" }, "outer": "shown" },
            "password": "hush-password", "block": [{ "password": "hush-block", "user": "u" }]
        })
    };
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "variables": {
            "kept": { "value": "kept-value" }, "other": { "value": "hush-other" }, "marked": { "value": "hush-marked" }
        },
        "resource_changes": [
            change("aws_read.same", &values("hush-same"), &values("hush-same")),
            change("aws_read.other", &values("hush-before"), &values("hush-after")),
        ],
        "configuration": {
            "provider_config": { "aws": { "name": "aws", "expressions": {
                "region": { "constant_value": "eu-west-1" }, "access_key": { "constant_value": "hush-access" },
                "secret_key": { "constant_value": "hush-access" }, "token": { "constant_value": "hush-token" },
                "assume_role": [{ "role_arn": { "constant_value": "arn:aws:iam::1:role/r" }, "external_id": { "constant_value": "hush-id" } }]
            } } },
            "root_module": {
                "variables": { "kept": {}, "marked": { "sensitive": true, "default": "hush-default" } },
                "outputs": { "o": { "expression": { "constant_value": "hush-output" } } },
                "resources": [{ "address": "aws_read.same", "mode": "managed", "type": "aws_read", "name": "same",
                    "expressions": {
                        "id": { "constant_value": "i" }, "secret": { "constant_value": "hush-constant" },
                        "password": { "constant_value": "hush-written" }
                    },
                    "provisioners": [{ "type": "local-exec", "expressions": { "command": { "constant_value": "hush-command" } } }]
                }],
                "module_calls": { "m": { "source": "git::https://user:hush-git@h.example/m.git?ref=1&sshkey=hushssh",
                    "expressions": { "kept": { "constant_value": "kept-argument" }, "other": { "constant_value": "hush-argument" } },
                    "module": {} } }
            }
        }
    })
}

#[test]
fn nothing_sensitive_is_written() {
    let (text, _) = through_facts(unit(&plan()));
    assert!(!text.contains("hush"), "{text}");
    for kept in
        ["kept-value", "kept-argument", "eu-west-1", "arn:aws:iam::1:role/r", "shown", "1.5", "123456789012345678"]
    {
        assert!(text.contains(kept), "{kept} {text}");
    }
    let mut state = json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "resources": [{
            "mode": "managed", "type": "aws_read", "name": "r", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
            "instances": [{ "attributes": { "id": "i", "arn": "arn:shown", "secret": "hush" }, "private": "hush",
                "sensitive_attributes": [[{ "type": "get_attr", "value": "secret" }]] }]
        }],
        "outputs": { "told": { "value": "arn:shown" }, "hidden": { "value": ["arn:hush"], "sensitive": true } }
    });
    let (text, read) = through_facts(unit(&state));
    assert!(!text.contains("hush"), "{text}");
    assert_eq!(read.harmless.output_arns, ["arn:shown".into()]);
    // Whoever forgets to withhold writes nothing all the same.
    state["outputs"] = json!({});
    let forgotten = serde_json::to_string(&unit(&state)).unwrap();
    assert!(!forgotten.contains("hush"), "{forgotten}");
}

#[test]
fn what_is_left_out_says_so_and_whether_it_changes() {
    let (_, unit) = through_facts(unit(&plan()));
    for (change, is_same) in unit.changes.iter().zip([true, false]) {
        let (before, after) = (change.before().get("secret").unwrap(), change.after.get("secret").unwrap());
        assert!(before.is_withheld() && before.sensitive && after.is_withheld());
        assert_eq!(before.kind == after.kind, is_same);
        assert!(change.after.get("map").unwrap().get("inner").unwrap().is_withheld());
        // What is not known yet was not known, and what is not set is no secret.
        let is = |name: &str| change.after.get(name).unwrap();
        assert!(is("later").is_unknown() && !is("later").is_withheld() && !is("later").sensitive);
        assert!(is("secret_later").is_unknown() && !is("secret_later").is_withheld() && is("secret_later").sensitive);
        assert!(is("gone").is_null() && is("gone").sensitive);
        assert!(change.after.get("password").is_none());
        assert_eq!(change.after.get("block").unwrap().get("user").and_then(Value::as_str), Some("u"));
    }
    // Equal constants are equal holes, and others are others.
    let expressions = &unit.configuration.as_ref().unwrap().providers["aws"].expressions;
    let constant = |name: &str| expressions[name].constant.clone().unwrap().kind;
    assert_eq!(constant("access_key"), constant("secret_key"));
    assert_ne!(constant("access_key"), constant("token"));
}

#[test]
fn what_is_read_back_is_what_was_written() {
    let documents = [
        plan(),
        json!({ "version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "l", "outputs": {}, "resources": [{
            "mode": "data", "type": "aws_read", "name": "r", "module": "module.a[\"x.y\"]", "provider": "p", "instances": [
                { "index_key": "ü\"\n", "deposed": "12ab", "status": "tainted", "attributes": { "id": "i" }, "dependencies": ["aws_x.y"] },
                { "index_key": -3, "attributes": {} }
            ]
        }] }),
        json!({ "format_version": "1.0", "terraform_version": "1.11.4", "values": { "root_module": { "resources": [
            { "address": "", "mode": "managed", "type": "aws read", "name": "an odd.name", "index": 0, "values": { "id": "i" } }
        ] } } }),
    ];
    for document in documents {
        let (text, read) = through_facts(unit(&document));
        let mut written = unit(&document);
        written.withhold(&reads(), &BTreeSet::from(["kept".into()]));
        assert_eq!(format!("{read:?}"), format!("{written:?}"));
        // Facts of facts are the same.
        assert_eq!(through_facts(read).0, text);
    }
}

#[test]
fn documents_as_deep_as_can_be_read_can_be_read_again() {
    let depth = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let text = |levels: usize| {
        let state = json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "resources": [{
            "mode": "managed", "type": "aws_read", "name": "r", "provider": "p", "instances": [{ "attributes": { "a": "DEEP" } }]
        }] });
        state.to_string().replace("\"DEEP\"", &depth(levels))
    };
    let parse = |levels: usize| Document::parse(text(levels).as_bytes(), &|_| Detail::All);
    let deepest = (1..200).rev().find(|levels| parse(*levels).is_ok()).unwrap();
    let Ok(Document::Unit(unit)) = parse(deepest) else { panic!() };
    through_facts(*unit);
}

#[test]
fn what_is_no_unit_is_refused() {
    for text in ["", "[]", "{}", "[9]", "[[1,2,9]]", "null"] {
        assert!(serde_json::from_str::<Unit>(text).is_err(), "{text}");
        assert!(serde_json::from_str::<Value>(text).is_err() || text == "[]", "{text}");
    }
    assert!(serde_json::from_str::<Value>("[1,2,2,\"a\"]").is_err());
    assert_eq!(serde_json::from_str::<Value>("[1,2]").unwrap().kind, Kind::Null);
}

fn sources(files: &[(&str, &str, &str)]) -> Sources {
    let file = |(module, path, text): &(&str, &str, &str)| ModuleFile {
        module: (*module).into(),
        path: (*path).into(),
        text: (*text).into(),
    };
    Sources::of_module_files(files.iter().map(file).collect())
}

/// The texts of a configuration as facts hold them; places must be where they were.
fn slim(files: &[(&str, &str, &str)]) -> Vec<String> {
    let sources = sources(files);
    let slim = sources.slim(&reads(), None);
    let again = slim.clone().into_sources(None).slim(&reads(), None);
    assert_eq!(again, slim, "facts of facts are the same");
    let texts: Vec<String> = slim.files.into_iter().map(|file| file.text).collect();
    for (text, (_, path, written)) in texts.iter().zip(files) {
        let newlines = |text: &str| text.match_indices('\n').map(|(at, _)| at).collect::<Vec<_>>();
        assert_eq!((text.len(), newlines(text)), (written.len(), newlines(written)), "{path}");
    }
    texts
}

#[test]
fn of_a_configuration_only_what_is_read_is_kept() {
    let text = r#"# a comment
# tfduty:ignore[rule] reason="why"
terraform {
  backend "s3" { bucket = "hush" }
}
provider "aws" {
  region     = "eu-west-1"
  access_key = "hush"
  assume_role {
    role_arn    = "arn:aws:iam::1:role/r"
    external_id = "hush"
  }
}
resource "aws_read" "r" {
  name     = "shown-${local.used}-${var.open}"
  list     = ["a", 1]
  password = "hush"
  secret   = sensitive("hush")
  block {
    user     = "u"
    password = "hush"
  }
  provisioner "local-exec" {
    command = "hush ${local.used} $${KEEP}"
  }
  connection { password = "hush" }
}
resource "aws_part" "p" {
  region = "eu-west-2"
  name   = "hush"
}
resource "aws_other" "o" {
  depends_on = [aws_read.r]
  name       = "hush-${aws_read.r.list["key"]}-${file("${path.module}/f")}"
  size       = 42
  text       = <<-EOT
    hush ${aws_read.r.name}
  EOT
}
locals {
  used     = "used-${local.deep}"
  deep     = "deep"
  password = "hush"
}
variable "open" { default = "open" }
variable "unused" { default = "hush" }
variable "secret" {
  default   = "hush"
  sensitive = true
}
output "o" { value = "hush" }
module "m" {
  source = "git::https://user:hush@h.example/m.git"
  open   = "argument"
  secret = "hush"
  other  = "hush"
}
"#;
    let module = "variable \"open\" {}\nvariable \"secret\" { sensitive = true }\noutput \"o\" { value = \"value\" }\n";
    let texts = slim(&[("", "main.tf", text), ("m", "m/main.tf", module)]);
    assert!(!texts.concat().contains("hush"), "{}", texts[0]);
    for kept in [
        "# tfduty:ignore[rule] reason=\"why\"",
        "\"eu-west-1\"",
        "\"arn:aws:iam::1:role/r\"",
        "\"shown-${local.used}-${var.open}\"",
        "[\"a\", 1]",
        "user     = \"u\"",
        "\"eu-west-2\"",
        "[\"key\"]",
        "/f\")}",
        "\"used-${local.deep}\"",
        "\"deep\"",
        "\"open\"",
        "\"argument\"",
        "$${KEEP}".to_lowercase().as_str(),
        "xxxx ${aws_read.r.name}",
        "# x xxxxxxx",
    ] {
        let kept = if kept.contains("keep") { "$${xxxx}" } else { kept };
        assert!(texts[0].contains(kept), "{kept}: {}", texts[0]);
    }
    assert!(texts[1].contains("\"value\""));
}

#[test]
fn attributes_that_a_provider_calls_sensitive_are_hidden() {
    let text = "resource \"aws_read\" \"same\" {\n  secret = \"hush\"\n  id     = \"shown\"\n}\n";
    let slim = sources(&[("", "main.tf", text)]).slim(&reads(), Some(&unit(&plan())));
    assert!(!slim.files[0].text.contains("hush") && slim.files[0].text.contains("\"shown\""), "{slim:?}");
}

#[test]
fn json_syntax_is_slimmed_as_well() {
    let text = r#"{"//": "hush", "provider": {"aws": {"region": "eu-west-1", "access_key": "hush",
        "assume_role": [{"role_arn": "arn:aws:iam::1:role/r", "external_id": "hush"}]}},
        "locals": {"used": "used", "unused": "hush"}, "terraform": {"backend": {"s3": {"key": "hush\n\u0068ush"}}},
        "resource": {"aws_read": {"r": {"name": "${local.used} shown", "password": "hush", "n": 5}},
        "aws_other": {"o": {"name": "hush ${aws_read.r.list[\"k\"]}", "size": 42}}}}"#;
    let texts = slim(&[("", "main.tf.json", text)]);
    assert!(!texts[0].contains("ush"), "{}", texts[0]);
    for kept in [
        "eu-west-1",
        "role/r",
        "\"used\": \"used\"",
        "${local.used} shown",
        "\"n\": 5",
        "${aws_read.r.list[\\\"k\\\"]}",
    ] {
        assert!(texts[0].contains(kept), "{kept}: {}", texts[0]);
    }
    assert!(!slim(&[("", "x.tf.json", "{\"resource\": hush")])[0].contains("hush"));
}

#[test]
fn of_what_does_not_parse_only_headers_are_kept() {
    let text = "hush {\nresource \"aws_read\" \"r\" {\n  name = \"shown\"\n}\n<<<<<<< hush\nresource \"aws_read\" \"broken\" {\n  a = \"hush\n  \
                hush =\n}\nlocals {\n  x = 1\n}\n";
    let texts = slim(&[("", "main.tf", text)]);
    assert!(!texts[0].contains("hush") && texts[0].contains("\"shown\""), "{}", texts[0]);
    let (was, is) = (sources(&[("", "main.tf", text)]), sources(&[("", "main.tf", &texts[0])]));
    let blocks = |sources: &Sources| -> Vec<(String, bool, Span)> {
        let block = |(_, block): (_, crate::BlockRef<'_>)| {
            (block.labels().collect::<Vec<_>>().join("."), block.is_readable(), block.span())
        };
        sources.resources().map(block).collect()
    };
    assert_eq!(blocks(&is), blocks(&was));
    assert_eq!(blocks(&is).iter().filter(|(_, readable, _)| !readable).count(), 1);
}

#[test]
fn what_the_configuration_marks_is_a_hole_in_slim_sources() {
    struct Nothing;
    impl crate::World for Nothing {
        fn resource(&self, _: &crate::Reference) -> Option<Value> {
            None
        }
        fn variable(&self, _: &str) -> Option<Value> {
            None
        }
    }
    let text = "resource \"aws_read\" \"r\" {\n  a = sensitive(\"hush\")\n  b = module.m.secret\n  c = module.m.open\n  d = \"x${module.m.secret}\"\n  \
                e = nonsensitive(sensitive(\"hush\"))\n}\nmodule \"m\" {\n  source = \"./m\"\n  in = \"hush\"\n}\n";
    let module = "variable \"in\" { sensitive = true }\noutput \"secret\" {\n  value = \"hush\"\n  sensitive = true\n}\noutput \"open\" { value = var.in }\n";
    let files = [("", "main.tf", text), ("m", "m/main.tf", module)];
    let slim = sources(&files).slim(&reads(), None).into_sources(None);
    let address = "aws_read.r".parse().unwrap();
    for name in ["a", "b", "c", "e"] {
        let value = slim.evaluate(&address, &[name], &Nothing).unwrap();
        assert!(value.is_withheld(), "{name} {value:?}");
    }
    let value = slim.evaluate(&address, &["d"], &Nothing).unwrap();
    assert!(value.sensitive && !value.is_wholly_known());
    assert_eq!(sources(&files).evaluate(&address, &["a"], &Nothing).unwrap().as_str(), Some("hush"));
}
