//! The wiring as a Mermaid flowchart, which GitHub and GitLab draw in comments.

use std::fmt::Write;

use tfduty_audit::{Finding, Fold, NodeKind, Standing, Wiring, WiringNode};

use super::picture::{Frame, LONGEST, NOTHING, Picture, Room};

/// Bytes of a chart: Mermaid draws no more than 50,000 characters, and GitHub leaves that as it is.
const MOST_BYTES: usize = 48_000;

/// Characters of a line where long names fill the chart, each of which may take eight bytes.
const SHORT: usize = 24;

/// A flowchart, folded as far as it must be to be drawn and looked at. What holds is a green arrow, what is undecided a
/// dotted one, what is broken a red one that ends in a cross; what no rule judged is plain. Ends with a newline.
pub(crate) fn flowchart(wiring: &Wiring, findings: &[Finding]) -> String {
    let room = |longest| Room { columns: None, longest };
    for fold in Fold::ALL {
        let folded = wiring.folded(fold);
        if !folded.is_small() {
            continue;
        }
        let chart = draw(&Picture::of(&folded, findings, room(LONGEST)));
        if chart.len() <= MOST_BYTES {
            return chart;
        }
    }
    draw(&Picture::of(&wiring.folded(Fold::Most), findings, room(SHORT)))
}

fn draw(picture: &Picture<'_>) -> String {
    let mut text = String::from("flowchart LR\n");
    if picture.wiring.nodes.is_empty() {
        let _ = writeln!(text, "  n0([\"{NOTHING}\"])");
        return text;
    }
    let mut frames = 0;
    for frame in &picture.frames {
        write_frame(picture, frame, (1, false), &mut frames, &mut text);
    }
    let mut standing =
        [(Standing::Holds, Vec::new()), (Standing::Undecided, Vec::new()), (Standing::Broken, Vec::new())];
    for (index, link) in picture.wiring.links.iter().enumerate() {
        let arrow = match link.told.standing {
            Standing::NotJudged | Standing::Holds => "-->",
            Standing::Undecided => "-.->",
            Standing::Broken => "--x",
        };
        let said = label(&picture.link(index, link));
        let _ = writeln!(text, "  n{} {arrow}|\"{said}\"| n{}", link.from, link.to);
        for (_, links) in standing.iter_mut().filter(|(its, _)| *its == link.told.standing) {
            links.push(index.to_string());
        }
    }
    text.push_str(CLASSES);
    for (standing, links) in standing.iter().filter(|(_, links)| !links.is_empty()) {
        let style = match standing {
            Standing::Broken => "stroke:#d1242f,stroke-width:3px",
            Standing::Undecided => "stroke:#9a6700,stroke-width:2px",
            Standing::Holds | Standing::NotJudged => "stroke:#1a7f37",
        };
        let _ = writeln!(text, "  linkStyle {} {style}", links.join(","));
    }
    text
}

const CLASSES: &str = "  classDef broken stroke:#d1242f,stroke-width:3px\n  \
                       classDef undecided stroke:#9a6700,stroke-width:2px,stroke-dasharray:6 3\n  \
                       classDef outside stroke-dasharray:2 2\n";

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
        let _ = writeln!(text, "{indent}subgraph f{count}[\"{}\"]", label(&[picture.line(title)]));
        // A frame that no link leaves is laid out by itself, and else from top to bottom.
        let _ = writeln!(text, "{indent}  direction LR");
        *count += 1;
    }
    for index in &frame.nodes {
        let Some(node) = picture.wiring.nodes.get(*index) else { continue };
        let (open, close) = shape(node);
        let said = label(&picture.node(node, is_module));
        let _ = writeln!(text, "{}n{index}{open}\"{said}\"{close}{}", "  ".repeat(inside), class(node));
    }
    for inner in &frame.frames {
        write_frame(picture, inner, (inside, true), count, text);
    }
    if frame.title.is_some() {
        let _ = writeln!(text, "{indent}end");
    }
}

fn shape(node: &WiringNode) -> (&'static str, &'static str) {
    match (node.kind, node.resource_type.as_deref()) {
        (NodeKind::Folded(_), _) => ("[[", "]]"),
        (NodeKind::Object, Some("aws_guardduty_detector")) => ("{{", "}}"),
        (NodeKind::Object, Some("aws_s3_bucket")) => ("[(", ")]"),
        (NodeKind::Object, _) => ("[", "]"),
        (NodeKind::Outside | NodeKind::Missing | NodeKind::Unknown, _) => ("([", "])"),
    }
}

fn class(node: &WiringNode) -> &'static str {
    match (node.told.standing, node.kind) {
        (Standing::Broken, _) | (_, NodeKind::Missing) => ":::broken",
        (Standing::Undecided, _) | (_, NodeKind::Unknown) => ":::undecided",
        (_, NodeKind::Outside) => ":::outside",
        _ => "",
    }
}

/// Lines within quotes. What is no letter and no digit could be Mermaid's, Markdown's or HTML's: but for what addresses,
/// ARNs and our own words are made of it becomes an entity, as Mermaid writes them.
fn label(lines: &[String]) -> String {
    let mut label = String::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            label.push_str("<br>");
        }
        // What begins as an item of a list does is one to Mermaid, which then draws none of the label.
        let behind_number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_item = line.starts_with('-') || (behind_number.len() < line.len() && behind_number.starts_with(". "));
        for (place, c) in line.chars().enumerate() {
            if (c.is_alphanumeric() || " ,._-/:?✓✗×…".contains(c)) && !(is_item && place == 0) {
                label.push(c);
            } else {
                let _ = write!(label, "#{};", u32::from(c));
            }
        }
    }
    label
}
