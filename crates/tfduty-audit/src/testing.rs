//! Documents, small enough to be read, for the tests of rules.

#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

pub(crate) mod access;
pub(crate) mod alerts;
pub(crate) mod content;
pub(crate) mod exports;
pub(crate) mod filters;
pub(crate) mod going;
pub(crate) mod lists;
pub(crate) mod reading;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tfduty_terraform::{Document, ModuleFile, Sources, Span};

use crate::{
    Beside, Command, Content, Estate, Finding, FindingVerdict, FoundFile, Input, ListFiles, LookUp, Matrix, Report,
    Settings, Side, Wanted, audit, detail, matrix,
};

/// Inputs of one run.
pub(crate) struct Run {
    inputs: Vec<Input>,
    /// Files beside the configuration of an input, by the input's path and their own.
    files: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    settings: Settings,
}

/// A run of `check` over one document.
pub(crate) fn check(document: &Value) -> Run {
    Run::of(Command::Check).and("a/input.json", document)
}

/// A run of `coverage` over one document.
pub(crate) fn coverage(document: &Value) -> Run {
    Run::of(Command::Coverage).and("a/input.json", document)
}

/// A run of `destroy` over one document.
pub(crate) fn destroy(document: &Value) -> Run {
    Run::of(Command::Destroy).and("a/input.json", document)
}

/// A destroy plan of these objects: addresses and what the state knows of them.
pub(crate) fn destroy_plan(objects: &[(&str, Value)]) -> Value {
    let gone = |(address, before): &(&str, Value)| deleted(address, before.clone());
    plan(&objects.iter().map(gone).collect::<Vec<_>>())
}

/// An object that a plan deletes.
pub(crate) fn deleted(address: &str, before: Value) -> Value {
    change(address, &["delete"], before, Value::Null, json!({}))
}

/// A run of `check` over one document, as text.
pub(crate) fn check_text(document: &str) -> Run {
    run_text(Command::Check, document)
}

/// A run of a command over one document, as text.
pub(crate) fn run_text(command: Command, document: &str) -> Run {
    Run::of(command).and("a/input.json", &serde_json::from_str(document).unwrap())
}

impl Run {
    /// A run of a command, without a document so far.
    pub(crate) fn of(command: Command) -> Self {
        Self { inputs: Vec::new(), files: BTreeMap::new(), settings: Settings::new(command, "2026-11-24") }
    }

    /// With another document. Documents in different folders are different stacks.
    pub(crate) fn and(mut self, path: &str, document: &Value) -> Self {
        let text = document.to_string();
        let Ok(Document::Unit(unit)) = Document::parse(text.as_bytes(), &|name| detail(self.settings.command, name))
        else {
            panic!("no unit: {text}");
        };
        self.inputs.push(Input {
            path: path.into(),
            folder: path.rsplit_once('/').map_or("", |(folder, _)| folder).into(),
            named: true,
            side: None,
            bytes: text.len() as u64,
            content: Content::Unit(unit),
            sources: None,
            source_folder: String::new(),
            beside: Beside::default(),
        });
        self
    }

    /// With the last document named as from before or after a destroy.
    pub(crate) fn from(mut self, side: Side) -> Self {
        if let Some(input) = self.inputs.last_mut() {
            input.side = Some(side);
        }
        self
    }

    /// With all documents found by a walk, and none named.
    pub(crate) fn walked(mut self) -> Self {
        for input in &mut self.inputs {
            input.named = false;
        }
        self
    }

    /// With the configuration of the last document: `(module, HCL)`, the root module being `""`.
    pub(crate) fn with_sources(self, modules: &[(&str, &str)]) -> Self {
        let files: Vec<_> = modules.iter().map(|(module, text)| (*module, "main.tf", *text)).collect();
        self.with_source_files(&files)
    }

    /// The same, with the names of the files: `(module, file, text)`.
    pub(crate) fn with_source_files(mut self, files: &[(&str, &str, &str)]) -> Self {
        let files = files.iter().map(|(module, name, text)| ModuleFile {
            module: (*module).into(),
            path: if module.is_empty() { (*name).into() } else { format!("modules/{module}/{name}") },
            text: (*text).into(),
        });
        if let Some(input) = self.inputs.last_mut() {
            input.sources = Some(Sources::of_module_files(files.collect()));
        }
        self
    }

    /// With a configuration that lies beside the last document.
    pub(crate) fn with_beside(mut self, beside: Beside) -> Self {
        if let Some(input) = self.inputs.last_mut() {
            input.beside = beside;
        }
        self
    }

    /// With files in the folder of the last document's configuration: paths relative to its root module's folder, bytes.
    /// Without any, that folder is known to hold no list.
    pub(crate) fn with_files(mut self, files: &[(&str, &[u8])]) -> Self {
        if let Some(input) = self.inputs.last() {
            let files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec()));
            self.files.entry(input.path.clone()).or_default().extend(files);
        }
        self
    }

    /// With other settings.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The report.
    pub(crate) fn report(self) -> Report {
        let settings = self.settings.clone();
        audit(&mut self.estate(), &settings)
    }

    /// What GuardDuty has where.
    pub(crate) fn matrix(self) -> Matrix {
        let settings = self.settings.clone();
        matrix(&self.estate(), &settings)
    }

    /// The estate of the inputs.
    pub(crate) fn estate(self) -> Estate {
        let mut estate = Estate::new(self.settings.command, self.inputs, Vec::new(), Vec::new());
        estate.read_uploads(&mut Files(self.files));
        estate
    }

    /// What one rule says, a line for each finding: `fail aws_guardduty_detector.this`, `undecided` for an absence, in the
    /// order of the report.
    pub(crate) fn says(self, rule: &str) -> Vec<String> {
        assert!(crate::rule(rule).is_some(), "{rule}");
        let report = self.report();
        let line = |finding: &Finding| {
            let verdict = match finding.verdict {
                FindingVerdict::Fail => "fail",
                FindingVerdict::Undecided => "undecided",
            };
            format!("{verdict} {}", finding.address.as_deref().unwrap_or_default()).trim_end().to_owned()
        };
        report.findings.iter().filter(|finding| finding.rule.id == rule).map(line).collect()
    }

    /// The only finding of one rule.
    pub(crate) fn finding(self, rule: &str) -> Finding {
        let mut findings = self.report().findings;
        findings.retain(|finding| finding.rule.id == rule);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        findings.remove(0)
    }

    /// How one rule judged: passed, failed, undecided, skipped.
    pub(crate) fn tally(self, rule: &str) -> (u64, u64, u64, u64) {
        let report = self.report();
        let tally = report.rules.iter().find(|tally| tally.rule.id == rule).unwrap();
        (tally.passed, tally.failed, tally.undecided, tally.skipped)
    }
}

/// Checks a finding's verdict and a part of its message.
pub(crate) fn finding_is(finding: &Finding, verdict: &str, part: &str) {
    let is = match finding.verdict {
        FindingVerdict::Fail => "fail",
        FindingVerdict::Undecided => "undecided",
    };
    assert_eq!(is, verdict, "{}", finding.message);
    assert!(finding.message.contains(part), "{}", finding.message);
}

/// What stands at the place of a finding in its document, and the pointer of that place.
pub(crate) fn pointed_at(finding: &Finding, document: &Value) -> (String, String) {
    let Span { start, len } = finding.anchor.span;
    let [start, len] = [start, len].map(|number| usize::try_from(number).unwrap());
    (finding.anchor.pointer.clone(), document.to_string()[start..start + len].to_owned())
}

/// Files beside the configuration of inputs.
struct Files(BTreeMap<String, BTreeMap<String, Vec<u8>>>);

impl ListFiles for Files {
    fn look_up(&mut self, wanted: &Wanted<'_>) -> LookUp {
        let Some(files) = self.0.get(wanted.input) else { return LookUp::NotAtHand };
        let mut parts: Vec<&str> = Vec::new();
        for part in wanted.path.split('/').filter(|part| *part != ".") {
            match part {
                ".." if parts.pop().is_none() => return LookUp::Outside,
                ".." => {}
                part => parts.push(part),
            }
        }
        if wanted.path.starts_with('/') {
            return LookUp::Outside;
        }
        let path = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
        let name = path.rsplit('/').next();
        match files.get(&path) {
            Some(bytes) => {
                let (bytes, size) = (bytes.clone(), bytes.len() as u64);
                LookUp::Found(FoundFile { path, folder: String::new(), size, bytes })
            }
            None => LookUp::Missing { similar: files.keys().find(|path| path.rsplit('/').next() == name).cloned() },
        }
    }
}

/// A raw state of version 4.
pub(crate) fn state(resources: &[Value]) -> Value {
    json!({ "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "lineage", "resources": resources })
}

/// A resource with one instance in a raw state, under the default provider of the root module.
pub(crate) fn resource(address: &str, attributes: Value) -> Value {
    instance(address, "provider[\"registry.terraform.io/hashicorp/aws\"]", attributes, &[])
}

/// A resource with one instance in a raw state: provider string and dependencies are given.
pub(crate) fn instance(address: &str, provider: &str, attributes: Value, dependencies: &[&str]) -> Value {
    let (mode, block) = match address.strip_prefix("data.") {
        Some(block) => ("data", block),
        None => ("managed", address),
    };
    let (resource_type, name) = block.split_once('.').unwrap();
    json!({
        "mode": mode, "type": resource_type, "name": name, "provider": provider,
        "instances": [{ "schema_version": 0, "attributes": attributes, "dependencies": dependencies }],
    })
}

/// A plan with these `resource_changes`.
pub(crate) fn plan(changes: &[Value]) -> Value {
    json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes })
}

/// A plan with these `resource_changes` and the blocks of its root module.
pub(crate) fn plan_of(changes: &[Value], blocks: &[Value]) -> Value {
    let mut plan = plan(changes);
    plan["configuration"] = json!({
        "provider_config": { "aws": { "name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": { "region": { "constant_value": "eu-west-1" } } } },
        "root_module": { "resources": blocks },
    });
    plan
}

/// A block of a plan's configuration, under the default provider: `expressions` as plan JSON has them.
pub(crate) fn block(address: &str, expressions: Value) -> Value {
    let (mode, block) = match address.strip_prefix("data.") {
        Some(block) => ("data", block),
        None => ("managed", address),
    };
    let (resource_type, name) = block.split_once('.').unwrap();
    json!({
        "address": address, "mode": mode, "type": resource_type, "name": name,
        "provider_config_key": "aws", "expressions": expressions,
    })
}

/// A created object: what is known of it, and the names of attributes that are known only after apply.
pub(crate) fn created(address: &str, after: Value, unknown: &[&str]) -> Value {
    let unknown: serde_json::Map<String, Value> = unknown.iter().map(|name| ((*name).into(), json!(true))).collect();
    change(address, &["create"], Value::Null, after, Value::Object(unknown))
}

/// An object that a plan leaves alone.
pub(crate) fn unchanged(address: &str, values: Value) -> Value {
    change(address, &["no-op"], values.clone(), values, json!({}))
}

/// An item of `resource_changes` or `resource_drift`.
pub(crate) fn change(address: &str, actions: &[&str], before: Value, after: Value, unknown: Value) -> Value {
    let parsed: tfduty_terraform::Address = address.parse().unwrap();
    let mode = if parsed.mode == tfduty_terraform::Mode::Data { "data" } else { "managed" };
    json!({
        "address": address, "mode": mode, "type": parsed.resource_type, "name": parsed.name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": { "actions": actions, "before": before, "after": after, "after_unknown": unknown },
    })
}

/// A document, or a part of one, with one value set. The last step of the JSON pointer may be new; `-` appends to a list.
pub(crate) fn put(mut document: Value, pointer: &str, value: Value) -> Value {
    let (holder, name) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(holder).unwrap() {
        Value::Array(items) if name == "-" => items.push(value),
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        holder => holder[name] = value,
    }
    document
}

/// Something else that a plan leaves alone, so that a plan that only deletes is no destroy plan.
pub(crate) fn bystander() -> Value {
    unchanged("aws_s3_bucket.bystander", json!({ "id": "bystander", "bucket": "bystander" }))
}

/// A resource with one instance in a raw state, under the provider configuration `aws.ALIAS` of the root module.
pub(crate) fn aliased(alias: &str, address: &str, attributes: Value) -> Value {
    instance(address, &format!("provider[\"registry.terraform.io/hashicorp/aws\"].{alias}"), attributes, &[])
}

/// A state as `show -json` prints it, with addresses and values.
pub(crate) fn shown_state(objects: &[(&str, Value)]) -> Value {
    let object = |(address, values): &(&str, Value)| {
        let parsed: tfduty_terraform::Address = address.parse().unwrap();
        let mode = if parsed.mode == tfduty_terraform::Mode::Data { "data" } else { "managed" };
        json!({
            "address": address, "mode": mode, "type": parsed.resource_type, "name": parsed.name,
            "provider_name": "registry.terraform.io/hashicorp/aws", "values": values,
        })
    };
    let objects: Vec<Value> = objects.iter().map(object).collect();
    json!({ "format_version": "1.0", "terraform_version": "1.11.4", "values": { "root_module": { "resources": objects } } })
}

/// A plan with what refresh found before it.
pub(crate) fn with_prior(plan: Value, objects: &[(&str, Value)]) -> Value {
    put(plan, "/prior_state", shown_state(objects))
}

/// A plan with what refresh found changed outside Terraform.
pub(crate) fn with_drift(plan: Value, drift: &[Value]) -> Value {
    put(plan, "/resource_drift", json!(drift))
}

/// A plan with one more provider configuration (`aws.us`, `module.m:aws`): `expressions` as plan JSON has them.
pub(crate) fn with_provider(plan: Value, key: &str, expressions: Value) -> Value {
    let provider =
        json!({ "name": "aws", "full_name": "registry.terraform.io/hashicorp/aws", "expressions": expressions });
    put(plan, &format!("/configuration/provider_config/{key}"), provider)
}

/// A block of a plan's configuration under the provider configuration with this key.
pub(crate) fn block_under(key: &str, address: &str, expressions: Value) -> Value {
    put(block(address, expressions), "/provider_config_key", json!(key))
}

/// What a state knows of a detector that is on.
pub(crate) fn detector_in(region: &str, account: &str, id: &str) -> Value {
    json!({
        "id": id, "account_id": account, "arn": format!("arn:aws:guardduty:{region}:{account}:detector/{id}"),
        "enable": true, "finding_publishing_frequency": "FIFTEEN_MINUTES",
    })
}
