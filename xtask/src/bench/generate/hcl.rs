//! The configuration that a plan shows, as a person wrote it.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::stack::Call;

/// Text of `main.tf`: the blocks of a root module.
pub(super) fn main(call: &Call) -> String {
    let mut text = String::new();
    for block in &call.blocks {
        let block: Value = serde_json::from_str(block).unwrap_or_default();
        let name = |member: &str| block[member].as_str().unwrap_or_default().to_owned();
        let kind = if name("mode") == "data" { "data" } else { "resource" };
        let _ = writeln!(text, "{kind} \"{}\" \"{}\" {{", name("type"), name("name"));
        if let Some(reference) = block["for_each_expression"]["references"][0].as_str() {
            let _ = writeln!(text, "  for_each = {reference}");
        }
        if let Some(expressions) = block["expressions"].as_object() {
            body(&mut text, expressions, 1);
        }
        let follows: Vec<&str> =
            block["depends_on"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !follows.is_empty() {
            let _ = writeln!(text, "  depends_on = [{}]", follows.join(", "));
        }
        // A plan does not show `lifecycle`; without it a changed list would not reach GuardDuty.
        if ["aws_guardduty_ipset", "aws_guardduty_threatintelset"].contains(&name("type").as_str()) {
            text.push_str("  lifecycle {\n    replace_triggered_by = [aws_s3_object.list]\n  }\n");
        }
        text.push_str("}\n\n");
    }
    text
}

/// Text of `variables.tf` and `versions.tf`: what every root module declares.
pub(super) fn rest(region: &str) -> String {
    let variable = |name| format!("variable \"{name}\" {{\n  type = any\n}}\n\n");
    let variables = ["instances", "name", "settings"].map(variable).concat();
    format!(
        "terraform {{\n  required_providers {{\n    aws = {{\n      source  = \"hashicorp/aws\"\n      version = \"~> 5.0\"\n    }}\n  }}\n}}\n\n\
         provider \"aws\" {{\n  region = \"{region}\"\n}}\n\n{variables}locals {{\n  name = \"${{var.name}}-production\"\n}}\n"
    )
}

/// The arguments and nested blocks of a body.
fn body(text: &mut String, expressions: &Map<String, Value>, depth: usize) {
    let indent = "  ".repeat(depth);
    for (name, expression) in expressions {
        let blocks = expression.as_array().map(Vec::as_slice).unwrap_or_default();
        for block in blocks.iter().filter_map(Value::as_object) {
            let _ = writeln!(text, "{indent}{name} {{");
            body(text, block, depth + 1);
            let _ = writeln!(text, "{indent}}}");
        }
        if blocks.is_empty() {
            let _ = writeln!(text, "{indent}{name} = {}", argument(name, expression));
        }
    }
}

/// An expression: a plan tells constants and what is referred to, not how.
fn argument(name: &str, expression: &Value) -> String {
    let references: Vec<&str> =
        expression["references"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match (name, references.as_slice()) {
        (_, []) if expression.get("constant_value").is_some() => constant(&expression["constant_value"]),
        // Of a call whose arguments are all constants a plan tells nothing.
        (_, []) => format!("file(\"{name}.json\")"),
        ("location", [bucket, _, key, ..]) => format!("\"https://s3.amazonaws.com/${{{bucket}}}/${{{key}}}\""),
        ("source_hash", ["each.key"]) => "filemd5(\"lists/${each.key}.txt\")".into(),
        ("key" | "source", ["each.key"]) => "\"lists/${each.key}.txt\"".into(),
        (_, [reference, ..]) => (*reference).to_owned(),
    }
}

/// A constant: JSON is HCL but for what begins a template.
fn constant(value: &Value) -> String {
    value.to_string().replace("${", "$${").replace("%{", "%%{")
}
