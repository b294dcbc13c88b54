//! Where a result is: the line in the configuration, else the place in the input.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use tfduty_audit::{Anchor, Finding, InputKind, InputSummary, SourcePlace};
use tfduty_terraform::{Span, TextId, escape};

use super::{Message, Scene, limits, results::literal};
use crate::{Repository, places::Places};

/// What is encoded in the path of a URI: everything but the characters that mean themselves everywhere, and slashes.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What paths are relative to. Its own URI stays unsaid: it is another one on each machine.
pub(super) const ROOT: ArtifactLocation = ArtifactLocation {
    uri: None,
    uri_base_id: None,
    description: Some(Description { text: "the root of the repository, or the working folder where there is none" }),
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Description>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
struct Description {
    text: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the names of the standard")]
pub(super) struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

/// A part of a file. Code scanning asks for a line, always.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_offset: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_length: Option<usize>,
}

impl Region {
    fn line(line: usize) -> Self {
        Self { start_line: line.max(1), ..Self::default() }
    }

    /// These bytes of a text; `None` where it is not at hand.
    fn of(places: &mut Places<'_>, (input, text): (usize, TextId), (start, end): (usize, usize)) -> Option<Self> {
        let (line, _) = places.at(input, text, start)?;
        let (end_line, _) = places.at(input, text, end)?;
        Some(Self {
            start_line: line,
            start_column: Some(places.column(input, text, start)?),
            end_line: Some(end_line),
            end_column: Some(places.column(input, text, end)?),
            byte_offset: Some(start),
            byte_length: Some(end.checked_sub(start)?),
        })
    }
}

/// A file as reports show it. Standard input and what lies outside of the repository have no place in it, and only a name:
/// the rest of their path is a matter of the machine.
pub(super) fn artifact(repository: &Repository, shown: &str) -> ArtifactLocation {
    let encode = |path: &str| Some(utf8_percent_encode(path, ENCODED).to_string());
    if let Some(path) = repository.path(shown) {
        return ArtifactLocation { uri: encode(&path), uri_base_id: Some("%SRCROOT%"), description: None };
    }
    let text = if shown == "-" { "standard input" } else { "a file outside of the repository" };
    let name = shown.rsplit('/').next().unwrap_or_default();
    ArtifactLocation { uri: encode(name), uri_base_id: None, description: Some(Description { text }) }
}

/// A place of a problem or a note.
pub(super) fn of_file<'a>(repository: &Repository, shown: &str, line: usize) -> Location<'a> {
    let physical_location =
        PhysicalLocation { artifact_location: artifact(repository, shown), region: Region::line(line) };
    Location { id: None, physical_location, logical_locations: Vec::new(), message: None }
}

/// The place of a finding.
pub(super) fn of_finding<'a>(scene: &Scene<'_>, places: &mut Places<'_>, finding: &'a Finding) -> Location<'a> {
    let physical_location = match &finding.source {
        Some(source) => in_source(scene, places, source),
        None => in_input(scene, places, &finding.anchor),
    };
    let names = [finding.address.as_deref(), finding.holder.as_deref()];
    let message = if finding.source.is_none() { part(&finding.anchor) } else { None };
    Location { id: None, physical_location, logical_locations: logical(&names), message }
}

/// The places that help: the value that the configuration led to, then those that the rule names.
pub(super) fn related<'a>(scene: &Scene<'_>, places: &mut Places<'_>, finding: &'a Finding) -> Vec<Location<'a>> {
    let anchor = &finding.anchor;
    let mut locations = Vec::new();
    if shows_value(finding) {
        let label = if anchor.label.is_empty() { "the value in the input" } else { &*anchor.label };
        let names = [finding.holder.as_deref().or(finding.address.as_deref())];
        locations.push(Location {
            id: None,
            physical_location: in_input(scene, places, anchor),
            logical_locations: logical(&names),
            message: Some(labelled(label, anchor)),
        });
    }
    for related in finding.related.iter().take(limits::RELATED - locations.len()) {
        let (physical_location, message) = match &related.source {
            Some(source) => (in_source(scene, places, source), Message::new(literal(&escape(&related.message)))),
            None => (in_input(scene, places, &related.anchor), labelled(&related.message, &related.anchor)),
        };
        locations.push(Location {
            id: None,
            physical_location,
            logical_locations: logical(&[related.address.as_deref()]),
            message: Some(message),
        });
    }
    for (index, location) in locations.iter_mut().enumerate() {
        location.id = Some(index + 1);
    }
    locations
}

/// Whether a finding has more related places than are shown.
pub(super) fn is_crowded(finding: &Finding) -> bool {
    finding.related.len() + usize::from(shows_value(finding)) > limits::RELATED
}

/// Whether the value in the input is a related place: where the finding is in the configuration.
fn shows_value(finding: &Finding) -> bool {
    finding.source.is_some() && !finding.anchor.pointer.is_empty()
}

/// A label, with the place inside the value where that is a document of its own.
fn labelled(label: &str, anchor: &Anchor) -> Message {
    let part = part(anchor).map(|part| format!(" ({})", part.text)).unwrap_or_default();
    Message::new(format!("{}{part}", literal(&escape(label))))
}

/// The place inside a value.
fn part(anchor: &Anchor) -> Option<Message> {
    anchor.inner.map(|inner| Message::new(format!("line {}, column {} of the text", inner.line, inner.column)))
}

fn logical<'a>(names: &[Option<&'a str>]) -> Vec<LogicalLocation<'a>> {
    let mut names: Vec<&str> = names.iter().copied().flatten().collect();
    names.dedup();
    names.into_iter().map(|name| LogicalLocation { fully_qualified_name: name, kind: "resource" }).collect()
}

fn in_source(scene: &Scene<'_>, places: &mut Places<'_>, source: &SourcePlace) -> PhysicalLocation {
    let bytes = (source.span.start as usize, source.span.end());
    // Without the text columns are not known: those of the place count bytes.
    let region = Region::of(places, (source.input, source.text), bytes)
        .unwrap_or_else(|| Region { end_line: Some(source.end_line.max(source.line)), ..Region::line(source.line) });
    PhysicalLocation { artifact_location: artifact(scene.repository, &source.path), region }
}

fn in_input(scene: &Scene<'_>, places: &mut Places<'_>, anchor: &Anchor) -> PhysicalLocation {
    let Some(input) = scene.report.inputs.get(anchor.input) else {
        return PhysicalLocation { artifact_location: artifact(scene.repository, "-"), region: Region::line(1) };
    };
    let region = region(input, places, anchor).unwrap_or_else(|| Region::line(1));
    PhysicalLocation { artifact_location: artifact(scene.repository, &input.path), region }
}

fn region(input: &InputSummary, places: &mut Places<'_>, anchor: &Anchor) -> Option<Region> {
    // An archive has no lines, and its documents have no place in it.
    if input.kind == InputKind::SavedPlan || anchor.span == Span::default() {
        return None;
    }
    let bytes = (anchor.span.start as usize, anchor.span.end());
    let mut region = Region::of(places, (anchor.input, TextId::Document), bytes)?;
    // A text that was not UTF-8 has other offsets than its file.
    if places.text(anchor.input, TextId::Document).map(|text| text.len() as u64) != Some(input.bytes) {
        (region.byte_offset, region.byte_length) = (None, None);
    }
    Some(region)
}
