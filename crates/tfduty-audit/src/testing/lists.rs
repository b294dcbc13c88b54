//! Documents for the tests of rules on lists, and what a run says of a set's wiring.

use serde_json::{Value, json};
use tfduty_aws::list::{self, ListFormat};
use tfduty_terraform::{Address, Mode};

use super::{Run, plan_of};
use crate::{
    Command, Content, Finding, Input, ListFile,
    graph::{Graph, Set, SetKind, Target},
};

impl Run {
    /// What the findings of one rule say, in the order of the report.
    pub(crate) fn messages(self, rule: &str) -> Vec<String> {
        let findings = self.report().findings.into_iter();
        findings.filter(|finding| finding.rule.id == rule).map(|finding| finding.message).collect()
    }

    /// Every label of the findings of one rule: the pointer of its place, the finding's own first.
    pub(crate) fn places(self, rule: &str) -> Vec<String> {
        let findings = self.report().findings.into_iter().filter(|finding| finding.rule.id == rule);
        let anchors = |finding: Finding| {
            std::iter::once(finding.anchor).chain(finding.related.into_iter().map(|related| related.anchor))
        };
        findings.flat_map(anchors).map(|anchor| anchor.pointer).collect()
    }

    /// Which list each set reads, a line for each set: `aws_guardduty_ipset.t reads aws_s3_object.o`, `… reads nothing`
    /// where no object has the key, `… ?` where it cannot be told.
    pub(crate) fn reads(self) -> Vec<String> {
        let estate = self.estate();
        let line = |set: &Set| {
            let name = estate.object(set.id).name();
            match &set.target {
                Target::Object(list) => format!("{name} reads {}", estate.object(*list).name()),
                Target::Missing { .. } => format!("{name} reads nothing"),
                Target::Invalid(_) => format!("{name} is invalid"),
                Target::Unknown { .. } => format!("{name} ?"),
            }
        };
        Graph::of(&estate).sets.iter().map(line).collect()
    }
}

/// A run of `list` over files: path, text, and kind where it was said. Their formats are taken from their looks.
pub(crate) fn list_files(files: &[(&str, &str, Option<SetKind>)]) -> Run {
    let mut run = Run::of(Command::List);
    for (path, text, kind) in files {
        let format = match list::sniff(text.as_bytes()).content {
            list::Content::Format(format) => format,
            _ => ListFormat::Txt,
        };
        run.inputs.push(Input {
            path: (*path).into(),
            folder: path.rsplit_once('/').map_or("", |(folder, _)| folder).into(),
            named: true,
            side: None,
            bytes: text.len() as u64,
            content: Content::List(ListFile {
                bytes: text.as_bytes().to_vec(),
                kind: *kind,
                format,
                is_declared: false,
            }),
            sources: None,
            source_folder: String::new(),
            beside: crate::Beside::default(),
        });
    }
    run
}

/// The attributes of an active trusted or threat list; without a location where `location` is empty.
pub(crate) fn set_at(location: &str) -> Value {
    let mut set = json!({ "detector_id": "12ab", "activate": true, "format": "TXT", "name": "list" });
    if !location.is_empty() {
        set["location"] = json!(location);
    }
    set
}

/// The attributes of an object in S3.
pub(crate) fn object_at(bucket: &str, key: &str) -> Value {
    json!({ "bucket": bucket, "key": key })
}

/// These attributes, and others that take their place.
pub(crate) fn with(mut attributes: Value, others: Value) -> Value {
    let others = others.as_object().cloned().unwrap_or_default();
    attributes.as_object_mut().unwrap().extend(others);
    attributes
}

/// A raw state of another lineage: that of another stack.
pub(crate) fn other_stack(mut state: Value) -> Value {
    state["lineage"] = json!("other");
    state
}

/// A plan with variables of the root module: names and values.
pub(crate) fn with_variables(mut plan: Value, variables: Value) -> Value {
    for (name, value) in variables.as_object().unwrap() {
        plan["variables"][name] = json!({ "value": value });
    }
    plan
}

/// A resource of a raw state, in a module instance (`module.a["x"]`).
pub(crate) fn inside(module: &str, mut resource: Value) -> Value {
    resource["module"] = json!(module);
    resource
}

/// A state as `terraform show -json` prints it.
pub(crate) fn show(resources: &[Value]) -> Value {
    json!({ "format_version": "1.0", "terraform_version": "1.11.4", "values": { "root_module": { "resources": resources } } })
}

/// An object of such a state: its whole address, what it depends on.
pub(crate) fn shown(address: &str, values: Value, depends_on: &[&str]) -> Value {
    let parsed: Address = address.parse().unwrap();
    let mode = if parsed.mode == Mode::Data { "data" } else { "managed" };
    json!({
        "address": address, "mode": mode, "type": parsed.resource_type, "name": parsed.name,
        "provider_name": "registry.terraform.io/hashicorp/aws", "values": values, "depends_on": depends_on,
    })
}

/// A plan with objects in its prior state, as [`shown`] makes them.
pub(crate) fn with_prior(mut plan: Value, resources: &[Value]) -> Value {
    plan["prior_state"] = show(resources);
    plan
}

/// A plan with items of `resource_drift`.
pub(crate) fn with_drift(mut plan: Value, changes: &[Value]) -> Value {
    plan["resource_drift"] = json!(changes);
    plan
}

/// A plan of a configuration with modules: its root module, as [`module`] makes one.
pub(crate) fn plan_in(changes: &[Value], root: Value) -> Value {
    let mut plan = plan_of(changes, &[]);
    plan["configuration"]["root_module"] = root;
    plan
}

/// A module of a plan's configuration: its blocks, and `outputs`, `module_calls`, `variables` where it has some.
pub(crate) fn module(blocks: &[Value], others: Value) -> Value {
    with(json!({ "resources": blocks }), others)
}

/// An expression of a plan's configuration with these references, each followed by its shorter forms as Terraform does.
pub(crate) fn refers(texts: &[&str]) -> Value {
    let mut references = Vec::new();
    for text in texts {
        let subject = if text.starts_with("data.") { 3 } else { 2 };
        let mut rest = *text;
        references.push(rest);
        while let Some(end) = rest.rfind(['.', '[']).filter(|end| rest[..*end].split('.').count() >= subject) {
            rest = &rest[..end];
            references.push(rest);
        }
    }
    json!({ "references": references })
}

/// An expression that is a constant.
pub(crate) fn constant(value: Value) -> Value {
    json!({ "constant_value": value })
}
