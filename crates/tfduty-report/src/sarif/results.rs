//! Findings as results.

use serde::Serialize;
use tfduty_audit::{Finding, FindingVerdict, Report, SuppressedBy, Suppression};
use tfduty_terraform::escape;

use super::{
    Message, Scene,
    locations::{self, Location},
    rules,
};
use crate::{human::subject, spot::Spot};

/// The results of a run, each made when it is written.
pub(super) struct Results<'a> {
    pub(super) scene: &'a Scene<'a>,
    /// Indices into the report's findings.
    pub(super) kept: &'a [usize],
}

impl<'a> Results<'a> {
    pub(super) fn iter(&self) -> impl Iterator<Item = SarifResult<'a>> {
        let scene = self.scene;
        self.kept.iter().filter_map(|index| scene.report.findings.get(*index)).map(|finding| result(scene, finding))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'a> {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    kind: &'static str,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: Fingerprints<'a>,
    suppressions: Vec<SarifSuppression<'a>>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Fingerprints<'a> {
    #[serde(rename = "tfduty/v1")]
    own: &'a str,
    /// The one key by which code scanning follows an alert. It is meant for a hash of the line, which all instances of a
    /// block share: only the first of them would be shown.
    #[serde(rename = "primaryLocationLineHash")]
    github: String,
}

#[derive(Serialize)]
struct SarifSuppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: &'a str,
    properties: SuppressionProperties<'a>,
}

#[derive(Serialize)]
struct SuppressionProperties<'a> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
}

#[derive(Serialize)]
struct Properties<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
}

/// A finding as a result.
pub(super) fn result<'a>(scene: &Scene<'_>, finding: &'a Finding) -> SarifResult<'a> {
    let places = &mut scene.places.borrow_mut();
    let remark = Spot::of(finding, scene.report, places).remark;
    let (kind, level) = match finding.verdict {
        FindingVerdict::Fail => ("fail", rules::level(finding.severity)),
        FindingVerdict::Undecided => ("open", "none"),
    };
    let hash = finding.fingerprint.strip_prefix("sha256:").unwrap_or(&finding.fingerprint);
    SarifResult {
        rule_id: finding.rule.id,
        rule_index: scene.index_of(finding.rule),
        kind,
        level,
        message: message(finding, scene.report, remark),
        locations: [locations::of_finding(scene, places, finding)],
        related_locations: locations::related(scene, places, finding),
        partial_fingerprints: Fingerprints { own: &finding.fingerprint, github: format!("{hash}:1") },
        suppressions: finding.suppressed.iter().map(suppression).collect(),
        properties: Properties { account: finding.account.as_deref(), region: finding.region.as_deref() },
    }
}

/// What is wrong with what, what to know of the place, and the way out.
fn message(finding: &Finding, report: &Report, remark: Option<String>) -> Message {
    let remark = remark.map(|remark| format!(" ({remark})")).unwrap_or_default();
    let text = format!("{}: {}{remark}", subject(finding, report), escape(&finding.message));
    let help = if finding.help.is_empty() { String::new() } else { format!("\nhelp: {}", escape(&finding.help)) };
    Message::new(literal(&format!("{text}{help}")))
}

/// A text that viewers show as it is. They take `[a](b)` for a link and `{0}` for a placeholder. The standard has every
/// brace doubled; viewers that know of no arguments show what is doubled twice, which would spoil all HCL in a help, so
/// that only what looks like a placeholder is doubled.
pub(super) fn literal(text: &str) -> String {
    // Most texts have neither.
    if !text.contains(['{', ']']) {
        return text.to_owned();
    }
    let text = text.replace("](", "] (");
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, behind)) = rest.split_once('{') {
        shown.push_str(before);
        let digits = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, closing) = behind.split_at(digits);
        rest = match closing.strip_prefix('}') {
            Some(closed) if digits > 0 => {
                shown.push_str("{{");
                shown.push_str(number);
                shown.push_str("}}");
                closed
            }
            _ => {
                shown.push('{');
                behind
            }
        };
    }
    shown + rest
}

fn suppression(suppression: &Suppression) -> SarifSuppression<'_> {
    let (kind, by) = match suppression.by {
        SuppressedBy::Comment => ("inSource", "comment"),
        SuppressedBy::Config => ("external", "config"),
        SuppressedBy::Baseline => ("external", "baseline"),
    };
    let properties = SuppressionProperties { by, until: suppression.until.as_deref() };
    SarifSuppression { kind, status: "accepted", justification: &suppression.reason, properties }
}
