//! The wiring as boxes and lines with places, for a page that draws them itself.

use serde::Serialize;
use tfduty_audit::{Finding, Fold, NodeKind, Standing, Told, Wiring, WiringNode};

use super::{
    layers::{Layout, Parts, layout},
    picture::{Picture, Room},
};

/// Characters of a line in a box.
const LONGEST: usize = 48;
/// Findings that are told of a link: one that stands for a module may have thousands.
const TOLD: usize = 5;
/// Pixels that a character takes, at most.
const CHARACTER: usize = 7;
/// Pixels of a line.
const LINE: usize = 16;
/// Pixels between text and border.
const PADDING: usize = 10;
/// Pixels at the node that a link needs for two lines of label.
const PORT: usize = 34;

/// A picture that is laid out, and the same in words.
#[derive(Debug, Serialize)]
pub(crate) struct Scene {
    width: usize,
    height: usize,
    /// Whether boxes stand for several objects.
    folded: bool,
    nodes: Vec<Box>,
    links: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Box {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    /// How it looks: `broken`, `undecided`, `outside`, or nothing special.
    class: &'static str,
    lines: Vec<Label>,
}

#[derive(Debug, Serialize)]
struct Label {
    x: usize,
    y: usize,
    /// `type` for the resource type above a name, else nothing special.
    class: &'static str,
    text: String,
}

#[derive(Debug, Serialize)]
struct Line {
    /// The path, in the language of SVG.
    path: String,
    class: &'static str,
    labels: Vec<Label>,
    from: String,
    to: String,
    what: &'static str,
    by: Option<String>,
    count: usize,
    /// What the rules say, in a word; none where none judged.
    verdict: Option<&'static str>,
    /// Indexes into the findings of the report, worst first, and how many more there are.
    findings: Vec<usize>,
    more: usize,
}

/// The wiring, folded as far as it must be to be looked at; `None` where there is nothing to draw.
pub(crate) fn scene(wiring: &Wiring, findings: &[Finding]) -> Option<Scene> {
    if wiring.nodes.is_empty() {
        return None;
    }
    let fold = Fold::ALL.into_iter().find(|fold| wiring.folded(*fold).is_small()).unwrap_or(Fold::Most);
    let folded = wiring.folded(fold);
    let picture = Picture::of(&folded, findings, Room { columns: None, longest: LONGEST });
    let said: Vec<Vec<(&str, String)>> = folded.nodes.iter().map(|node| node_lines(&picture, node)).collect();
    let labels: Vec<Vec<String>> = folded.links.iter().map(|link| shortened(picture.label(link))).collect();
    let parts = Parts {
        nodes: said.iter().enumerate().map(|(node, lines)| size(&folded, node, lines)).collect(),
        links: folded.links.iter().zip(&labels).map(|(link, lines)| (link.from, link.to, label_width(lines))).collect(),
    };
    let layout = layout(&parts);
    let nodes = folded.nodes.iter().zip(said).enumerate();
    let nodes = nodes.map(|(place, (node, lines))| box_of(node, lines, layout.nodes[place], parts.nodes[place]));
    let links = labels.into_iter().enumerate().map(|(place, lines)| line(&picture, place, lines, &layout));
    let (width, height) = layout.size;
    Some(Scene { width, height, folded: fold > Fold::Nothing, nodes: nodes.collect(), links: links.collect() })
}

impl Scene {
    /// What the links rest on, and how they stand, for a list.
    pub(crate) fn links(&self) -> impl Iterator<Item = (&[usize], Option<&'static str>)> {
        self.links.iter().map(|link| (link.findings.as_slice(), link.verdict))
    }
}

/// What stands in a box. The type of a resource has a line of its own: names tell more, and are to be read first.
fn node_lines(picture: &Picture<'_>, node: &WiringNode) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    for line in picture.node(node, false) {
        let kind = node.resource_type.as_deref().map(|kind| format!("{kind}."));
        let split = kind.and_then(|kind| Some(line.find(&kind)? + kind.len()));
        match split.filter(|_| lines.iter().all(|(class, _)| *class != "type")).and_then(|at| line.split_at_checked(at))
        {
            Some((kind, name)) => {
                lines.push(("type", kind.trim_end_matches('.').to_owned()));
                lines.push(("name", name.to_owned()));
            }
            None => lines.push(("", line)),
        }
    }
    let is_alone = picture.frames.len() < 2;
    lines.extend(node.place.label().filter(|_| !is_alone).map(|place| ("type", picture.line(&place))));
    lines
}

fn size(wiring: &Wiring, node: usize, lines: &[(&str, String)]) -> (usize, usize) {
    let longest = lines.iter().map(|(_, line)| line.chars().count()).max().unwrap_or(0);
    let ends = |is_end: fn(&tfduty_audit::WiringLink) -> usize| {
        wiring.links.iter().filter(|link| is_end(link) == node).count()
    };
    let ports = ends(|link| link.to).max(1) * PORT;
    (longest * CHARACTER + 2 * PADDING, (lines.len() * LINE + PADDING).max(ports))
}

/// The first two lines of a label, with the number of the others: the list beside the picture has all.
fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(2);
    lines.truncate(2);
    if let Some(last) = lines.last_mut().filter(|_| more > 0) {
        *last = format!("{last} +{more}");
    }
    lines
}

fn label_width(lines: &[String]) -> usize {
    lines.iter().map(|line| line.chars().count()).max().unwrap_or(0) * CHARACTER + 2 * PADDING
}

fn box_of(
    node: &WiringNode,
    lines: Vec<(&'static str, String)>,
    (x, y): (usize, usize),
    (width, height): (usize, usize),
) -> Box {
    let first = y + (height - lines.len() * LINE) / 2 + LINE - 4;
    let text = |(place, (class, text))| Label { x: x + PADDING, y: first + place * LINE, class, text };
    Box { x, y, width, height, class: node_class(node), lines: lines.into_iter().enumerate().map(text).collect() }
}

fn line(picture: &Picture<'_>, place: usize, lines: Vec<String>, layout: &Layout) -> Line {
    let link = &picture.wiring.links[place];
    let route = layout.links[place];
    let ((x0, y0), (x1, y1), (x2, y2)) = (route.begin, route.level, route.end);
    // Out of the box and into the level part without a corner.
    let (bend, reach) = (route.bend, route.bend.abs_diff(x1) / 2);
    let path =
        format!("M{x0} {y0}L{bend} {y0}C{} {y0} {} {y1} {x1} {y1}L{x2} {y2}", bend + reach, x1.saturating_sub(reach));
    let above = |(row, text): (usize, String)| {
        // The first line stands on the link, the others hang beneath.
        let y = if row == 0 { y1.saturating_sub(4) } else { y1 + 13 + (row - 1) * LINE };
        Label { x: x1 + PADDING / 2, y, class: if row == 0 { "what" } else { "why" }, text }
    };
    let name = |node: usize| picture.line(&picture.wiring.nodes[node].name);
    let Told { standing, findings } = &link.told;
    Line {
        path,
        class: standing.id().unwrap_or("plain"),
        labels: lines.into_iter().enumerate().map(above).collect(),
        from: name(link.from),
        to: name(link.to),
        what: link.what,
        by: link.by.as_ref().map(|by| picture.line(by)),
        count: link.count,
        verdict: standing.id(),
        findings: findings.iter().copied().take(TOLD).collect(),
        more: findings.len().saturating_sub(TOLD),
    }
}

fn node_class(node: &WiringNode) -> &'static str {
    match (node.told.standing, node.kind) {
        (Standing::Broken, _) | (_, NodeKind::Missing) => "broken",
        (Standing::Undecided, _) | (_, NodeKind::Unknown) => "undecided",
        (_, NodeKind::Outside) => "outside",
        _ => "plain",
    }
}
