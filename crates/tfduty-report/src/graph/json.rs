//! `--format json`: the wiring as one object, never folded. Its shape is an API, described in `report.schema.json`.

use std::io;

use serde::Serialize;
use tfduty_audit::{FindingVerdict, NodeKind, Report, Standing, Told, Wiring, WiringLink, WiringNode};

use crate::{
    harmless::print_pretty,
    json::{self, SCHEMA_VERSION, TOOL},
};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: json::Tool,
    command: &'static str,
    exit_status: u8,
    around: Option<&'a str>,
    inputs: Vec<json::Input<'a>>,
    problems: Vec<json::Problem<'a>>,
    notes: Vec<json::Note<'a>>,
    nodes: Vec<Node<'a>>,
    edges: Vec<Edge<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Node<'a> {
    id: String,
    kind: &'static str,
    name: &'a str,
    r#type: Option<&'a str>,
    path: Option<&'a str>,
    module: &'a str,
    account: Option<&'a str>,
    region: Option<&'a str>,
    verdict: Option<&'static str>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Edge<'a> {
    from: String,
    to: String,
    relation: &'static str,
    by: Option<&'a str>,
    verdict: Option<&'static str>,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'static str,
    severity: String,
    verdict: &'static str,
    address: Option<&'a str>,
    message: &'a str,
    fingerprint: &'a str,
}

#[derive(Serialize)]
struct Summary {
    nodes: usize,
    edges: usize,
    holds: usize,
    undecided: usize,
    broken: usize,
    not_judged: usize,
}

/// Writes the wiring as pretty-printed JSON with a newline at its end.
pub(super) fn write(wiring: &Wiring, report: &Report, around: Option<&str>, out: &mut dyn io::Write) -> io::Result<()> {
    let count = |standing: Standing| wiring.links.iter().filter(|link| link.told.standing == standing).count();
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        command: "graph",
        exit_status: if report.problems.is_empty() { 0 } else { 2 },
        around,
        inputs: report.inputs.iter().map(json::input).collect(),
        problems: report.problems.iter().map(json::problem).collect(),
        notes: report.notes.iter().map(json::note).collect(),
        nodes: wiring.nodes.iter().enumerate().map(|(index, its)| node(index, its, report)).collect(),
        edges: wiring.links.iter().map(|its| edge(its, report)).collect(),
        summary: Summary {
            nodes: wiring.nodes.len(),
            edges: wiring.links.len(),
            holds: count(Standing::Holds),
            undecided: count(Standing::Undecided),
            broken: count(Standing::Broken),
            not_judged: count(Standing::NotJudged),
        },
    };
    print_pretty(&document, out)
}

fn node<'a>(index: usize, node: &'a WiringNode, report: &'a Report) -> Node<'a> {
    Node {
        id: format!("n{index}"),
        kind: match node.kind {
            NodeKind::Object | NodeKind::Folded(_) => "object",
            NodeKind::Outside => "outside",
            NodeKind::Missing => "missing",
            NodeKind::Unknown => "unknown",
        },
        name: &node.name,
        r#type: node.resource_type.as_deref(),
        path: node.place.path.as_deref(),
        module: &node.place.module,
        account: node.place.account.as_deref(),
        region: node.place.region.as_deref(),
        verdict: node.told.standing.id(),
        findings: findings(&node.told, report),
    }
}

fn edge<'a>(link: &'a WiringLink, report: &'a Report) -> Edge<'a> {
    Edge {
        from: format!("n{}", link.from),
        to: format!("n{}", link.to),
        relation: link.what,
        by: link.by.as_deref(),
        verdict: link.told.standing.id(),
        findings: findings(&link.told, report),
    }
}

fn findings<'a>(told: &Told, report: &'a Report) -> Vec<Finding<'a>> {
    let findings = told.findings.iter().filter_map(|place| report.findings.get(*place));
    findings
        .map(|finding| Finding {
            rule: finding.rule.id,
            severity: finding.severity.to_string(),
            verdict: match finding.verdict {
                FindingVerdict::Fail => "fail",
                FindingVerdict::Undecided => "undecided",
            },
            address: finding.address.as_deref(),
            message: &finding.message,
            fingerprint: &finding.fingerprint,
        })
        .collect()
}
