//! The wiring in the language of Graphviz.

use std::fmt::Write;

use tfduty_audit::{Finding, Fold, NodeKind, Standing, Told, Wiring, WiringNode};
use tfduty_terraform::escape;

use super::picture::{Frame, LONGEST, NOTHING, Picture, Room};

/// A graph, folded as far as it must be to be looked at. What a finding says in full is its tooltip. Ends with a newline.
pub(super) fn digraph(wiring: &Wiring, findings: &[Finding]) -> String {
    let mut folded = wiring.clone();
    for fold in Fold::ALL {
        if folded.is_small() {
            break;
        }
        folded = wiring.folded(fold);
    }
    draw(&Picture::of(&folded, findings, Room { columns: Some(COLUMNS), longest: LONGEST }))
}

/// Columns that messages are wrapped at: Graphviz does not wrap.
const COLUMNS: usize = 40;

const HEAD: &str = "digraph wiring {\n  rankdir=LR;\n  \
                    node [fontname=\"Helvetica\", fontsize=11, shape=box, style=rounded];\n  \
                    edge [fontname=\"Helvetica\", fontsize=10];\n";

fn draw(picture: &Picture<'_>) -> String {
    let mut text = String::from(HEAD);
    if picture.wiring.nodes.is_empty() {
        let _ = writeln!(text, "  n0 [label=\"{NOTHING}\", style=\"rounded,dotted\"];");
    }
    let mut frames = 0;
    for frame in &picture.frames {
        write_frame(picture, frame, (1, false), &mut frames, &mut text);
    }
    for (index, link) in picture.wiring.links.iter().enumerate() {
        let style = match link.told.standing {
            Standing::NotJudged => "",
            Standing::Holds => ", color=\"#1a7f37\"",
            Standing::Undecided => ", style=dashed, color=\"#9a6700\", fontcolor=\"#9a6700\", arrowhead=empty",
            Standing::Broken => ", style=bold, penwidth=3, color=\"#d1242f\", fontcolor=\"#d1242f\", arrowhead=tee",
        };
        let (said, why) = (label(&picture.link(index, link)), tooltip(picture, &link.told, "edgetooltip"));
        let _ = writeln!(text, "  n{} -> n{} [label=\"{said}\"{style}{why}];", link.from, link.to);
    }
    text.push_str("}\n");
    text
}

fn write_frame(
    picture: &Picture<'_>,
    frame: &Frame,
    (depth, is_module): (usize, bool),
    count: &mut usize,
    text: &mut String,
) {
    let indent = "  ".repeat(depth);
    let inside = if frame.title.is_some() { depth + 1 } else { depth };
    if let Some(title) = &frame.title {
        let title = label(&[picture.line(title)]);
        let _ = writeln!(text, "{indent}subgraph cluster_{count} {{\n{indent}  label=\"{title}\";");
        let _ = writeln!(text, "{indent}  fontname=\"Helvetica\"; color=\"#8c959f\";");
        *count += 1;
    }
    for index in &frame.nodes {
        let Some(node) = picture.wiring.nodes.get(*index) else { continue };
        let said = label(&picture.node(node, is_module));
        let why = tooltip(picture, &node.told, "tooltip");
        let _ = writeln!(text, "{}n{index} [label=\"{said}\"{}{why}];", "  ".repeat(inside), style(node));
    }
    for inner in &frame.frames {
        write_frame(picture, inner, (inside, true), count, text);
    }
    if frame.title.is_some() {
        let _ = writeln!(text, "{indent}}}");
    }
}

fn style(node: &WiringNode) -> String {
    let shape = match (node.kind, node.resource_type.as_deref()) {
        (NodeKind::Folded(_), _) => ", shape=box3d, style=\"\"",
        (NodeKind::Object, Some("aws_guardduty_detector")) => ", shape=hexagon, style=\"\"",
        (NodeKind::Object, Some("aws_s3_bucket")) => ", shape=cylinder, style=\"\"",
        _ => "",
    };
    let standing = match (node.told.standing, node.kind) {
        (Standing::Broken, NodeKind::Object | NodeKind::Folded(_)) => ", penwidth=3, color=\"#d1242f\"",
        (Standing::Broken, _) | (_, NodeKind::Missing) => ", style=\"rounded,dashed\", penwidth=3, color=\"#d1242f\"",
        (Standing::Undecided, _) | (_, NodeKind::Unknown) => ", style=dashed, color=\"#9a6700\"",
        (_, NodeKind::Outside) => ", style=\"rounded,dotted\"",
        _ => "",
    };
    format!("{shape}{standing}")
}

/// What findings say, where there are any.
fn tooltip(picture: &Picture<'_>, told: &Told, name: &str) -> String {
    let findings = told.findings.iter().filter_map(|place| picture.findings.get(*place));
    let said: Vec<String> =
        findings.map(|finding| format!("{}: {}", finding.rule.id, escape(&finding.message))).collect();
    if said.is_empty() { String::new() } else { format!(", {name}=\"{}\"", label(&said)) }
}

/// Lines within quotes: a backslash begins an escape, and an ampersand an entity of HTML.
fn label(lines: &[String]) -> String {
    let lines: Vec<String> =
        lines.iter().map(|line| line.replace('&', "&amp;").replace('\\', "\\\\").replace('"', "\\\"")).collect();
    lines.join("\\n")
}
