//! `--format sarif`: SARIF 2.1.0, for code scanning.
//!
//! The log is written as it is made, so that a run with many findings needs no second copy of them. It is not laid out
//! over lines: nobody reads a log of this size, and code scanning counts its bytes.

mod limits;
mod locations;
mod notifications;
mod results;
mod rules;

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    io,
};

use serde::{Serialize, Serializer};
use tfduty_audit::{Report, Rule, Severity, Verdict};

use self::{
    limits::Choice,
    locations::{ArtifactLocation, ROOT},
    notifications::Notification,
    results::Results,
    rules::Descriptor,
};
use crate::{Repository, Texts, harmless::print, places::Places, summary};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    automation_details: AutomationDetails,
    column_kind: &'static str,
    original_uri_base_ids: BaseIds,
    artifacts: Vec<Artifact>,
    invocations: [Invocation<'a>; 1],
    results: Results<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<Descriptor>,
    notifications: Vec<NotificationDescriptor<'a>>,
}

/// A kind of notification.
#[derive(Serialize)]
struct NotificationDescriptor<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

#[derive(Serialize)]
struct BaseIds {
    #[serde(rename = "%SRCROOT%")]
    root: ArtifactLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    location: ArtifactLocation,
    length: u64,
    roles: [&'static str; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    exit_code: u8,
    exit_code_description: &'static str,
    rule_configuration_overrides: Vec<Override>,
    tool_execution_notifications: Vec<Notification<'a>>,
    tool_configuration_notifications: Vec<Notification<'a>>,
}

/// The severity that `tfduty.toml` gives a rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Override {
    descriptor: RuleReference,
    configuration: rules::Configuration,
}

#[derive(Serialize)]
struct RuleReference {
    id: &'static str,
    index: usize,
}

/// A text for people.
#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

/// What all parts of a log are made from.
struct Scene<'a> {
    report: &'a Report,
    repository: &'a Repository,
    /// The rules that ran, as [`Report::rules`] has them.
    rules: Vec<&'static Rule>,
    /// Their places in `rules`, and their severities in this run, as far as findings tell.
    indices: HashMap<&'static str, usize>,
    severities: HashMap<&'static str, Severity>,
    /// Shared, since results are made while they are written.
    places: RefCell<Places<'a>>,
}

impl<'a> Scene<'a> {
    fn new(report: &'a Report, texts: &'a dyn Texts, repository: &'a Repository) -> Self {
        let mut rules: Vec<&'static Rule> = report.rules.iter().map(|tally| tally.rule).collect();
        let mut indices: HashMap<&str, usize> =
            rules.iter().enumerate().map(|(index, rule)| (rule.id, index)).collect();
        let mut severities = HashMap::new();
        for finding in &report.findings {
            severities.entry(finding.rule.id).or_insert(finding.severity);
            indices.entry(finding.rule.id).or_insert_with(|| {
                rules.push(finding.rule);
                rules.len() - 1
            });
        }
        Self { report, repository, rules, indices, severities, places: RefCell::new(Places::new(texts)) }
    }

    fn index_of(&self, rule: &Rule) -> Option<usize> {
        self.indices.get(rule.id).copied()
    }

    /// The severity of a rule in this run, as far as findings tell.
    fn severity(&self, rule: &Rule) -> Severity {
        self.severities.get(rule.id).copied().unwrap_or(rule.severity)
    }
}

/// Writes the report as a log of one line.
pub(crate) fn write(
    report: &Report,
    texts: &dyn Texts,
    repository: &Repository,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let scene = Scene::new(report, texts, repository);
    let choice = limits::choose(&scene);
    let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run(&scene, &choice)] };
    print(&log, &mut *out)?;
    out.write_all(b"\n")
}

fn run<'a>(scene: &'a Scene<'a>, choice: &'a Choice) -> Run<'a> {
    let report = scene.report;
    let mut codes: Vec<&str> = report.notes.iter().map(|note| &*note.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let repository = env!("CARGO_PKG_REPOSITORY");
    Run {
        tool: Tool {
            driver: Driver {
                name: "tfduty",
                version: env!("CARGO_PKG_VERSION"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                information_uri: Some(repository).filter(|uri| !uri.is_empty()),
                rules: scene.rules.iter().map(|rule| rules::descriptor(rule, scene.severity(rule))).collect(),
                notifications: codes.into_iter().map(|id| NotificationDescriptor { id }).collect(),
            },
        },
        automation_details: AutomationDetails { id: automation_id(scene) },
        column_kind: "unicodeCodePoints",
        original_uri_base_ids: BaseIds { root: ROOT },
        artifacts: artifacts(scene),
        invocations: [invocation(scene, choice)],
        results: Results { scene, kept: &choice.kept },
    }
}

/// The inputs. The standard wants each once, and two outside of the repository may differ in nothing but their folders,
/// which are not told.
fn artifacts(scene: &Scene<'_>) -> Vec<Artifact> {
    let mut seen = HashSet::new();
    let inputs = scene.report.inputs.iter().map(|input| Artifact {
        location: locations::artifact(scene.repository, &input.path),
        length: input.bytes,
        roles: ["analysisTarget"],
    });
    inputs.filter(|artifact| seen.insert((artifact.location.clone(), artifact.length))).collect()
}

fn invocation<'a>(scene: &Scene<'a>, choice: &Choice) -> Invocation<'a> {
    let report = scene.report;
    Invocation {
        execution_successful: report.verdict != Verdict::Error,
        exit_code: report.exit_status(),
        exit_code_description: summary::verdict(report.verdict),
        rule_configuration_overrides: scene
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| scene.severity(rule) != rule.severity)
            .map(|(index, rule)| Override {
                descriptor: RuleReference { id: rule.id, index },
                configuration: rules::Configuration { level: rules::level(scene.severity(rule)) },
            })
            .collect(),
        tool_execution_notifications: notifications::of_execution(scene, choice),
        tool_configuration_notifications: notifications::of_notes(scene),
    }
}

/// What tells this log from others of the same commit: code scanning takes everything up to the last slash as the category
/// of an upload, and an upload replaces the one before it in its category. So the folder that all inputs lie in is part
/// of it: one job for each stack of a repository then needs no setting.
fn automation_id(scene: &Scene<'_>) -> String {
    let folder = |path: &String| {
        let path = scene.repository.path(path)?;
        Some(path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()))
    };
    let report = scene.report;
    let mut folders = report.inputs.iter().filter_map(|input| folder(&input.path));
    let first = folders.next().unwrap_or_else(|| scene.repository.folder.clone());
    let shared = folders.fold(first, |shared, folder| {
        let same = shared.split('/').zip(folder.split('/')).take_while(|(left, right)| left == right);
        same.map(|(step, _)| step).collect::<Vec<_>>().join("/")
    });
    let shared = shared.trim_matches('/');
    let separator = if shared.is_empty() { "" } else { "/" };
    format!("tfduty/{}/{shared}{separator}", report.command)
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

#[cfg(test)]
mod tests;
