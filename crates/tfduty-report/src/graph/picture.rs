//! What pictures of the wiring say, whichever language they are written in.

use std::{borrow::Cow, collections::BTreeMap};

use tfduty_audit::{Finding, FindingVerdict, NodeKind, Standing, Told, Wiring, WiringLink, WiringNode};
use tfduty_terraform::escape;

use crate::{human::wrapping, markdown::text::shortened};

/// Characters of a line: an address without an end would push everything else out of the picture.
pub(super) const LONGEST: usize = 120;
/// Characters of a message: the report has all of it.
const MESSAGE: usize = 140;
/// Rules that one label names.
const MOST_RULES: usize = 3;
/// Nodes of a module that a frame is drawn around: a frame around less says nothing that the name does not say.
const FRAMED: usize = 2;

/// What is said where there is nothing to draw.
pub(super) const NOTHING: &str = "nothing to draw";

/// A picture: the wiring, and the frames around its nodes.
pub(super) struct Picture<'a> {
    pub(super) wiring: &'a Wiring,
    pub(super) findings: &'a [Finding],
    /// The link on which each message stands: once is enough.
    shown: BTreeMap<&'a str, usize>,
    room: Room,
    /// Frames around accounts, or around the whole, each with nodes and frames around modules.
    pub(super) frames: Vec<Frame>,
}

/// The room that labels have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Columns that messages are wrapped at, where the language does not do so itself.
    pub(super) columns: Option<usize>,
    /// Characters of a line.
    pub(super) longest: usize,
}

/// A frame around nodes.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// What stands on it; nothing where there is none.
    pub(super) title: Option<String>,
    /// Nodes that lie in it, and in no frame inside.
    pub(super) nodes: Vec<usize>,
    /// Frames inside.
    pub(super) frames: Vec<Frame>,
}

impl<'a> Picture<'a> {
    pub(super) fn of(wiring: &'a Wiring, findings: &'a [Finding], room: Room) -> Self {
        let mut shown = BTreeMap::new();
        for (place, link) in wiring.links.iter().enumerate() {
            if let Some(finding) = worst(&link.told, findings) {
                shown.entry(finding.message.as_str()).or_insert(place);
            }
        }
        Self { wiring, findings, shown, room, frames: frames(wiring) }
    }

    /// A text of an input on one line.
    pub(super) fn line(&self, text: &str) -> String {
        shortened(&escape(text), self.room.longest).into_owned()
    }

    /// What stands on a node, line by line; in a frame around its module without the module.
    pub(super) fn node(&self, node: &WiringNode, is_framed: bool) -> Vec<String> {
        let module = Some(&node.place.module).filter(|module| !module.is_empty());
        let own = module.and_then(|module| node.name.strip_prefix(module.as_str())?.strip_prefix('.'));
        let mut lines = match (module, own) {
            (Some(module), Some(own)) if !is_framed => vec![self.line(module), self.line(own)],
            (_, Some(own)) => vec![self.line(own)],
            _ => vec![self.line(&node.name)],
        };
        match node.kind {
            NodeKind::Folded(count) => lines.push(format!("{count} nodes")),
            NodeKind::Missing => lines.push("✗ missing".to_owned()),
            NodeKind::Unknown => lines.push("? not known".to_owned()),
            NodeKind::Outside => lines.push("outside the inputs".to_owned()),
            NodeKind::Object => {}
        }
        lines.extend(self.said(&node.told));
        lines
    }

    /// What stands on a link, line by line.
    pub(super) fn link(&self, place: usize, link: &WiringLink) -> Vec<String> {
        let mut lines = self.label(link);
        lines.extend(self.message(&link.told, place));
        lines
    }

    /// The same without the message.
    pub(super) fn label(&self, link: &WiringLink) -> Vec<String> {
        let count = if link.count > 1 { format!(" ×{}", link.count) } else { String::new() };
        let mark = match link.told.standing {
            Standing::Holds => " ✓",
            // What is wrong has a mark of its own.
            Standing::NotJudged | Standing::Undecided | Standing::Broken => "",
        };
        let mut lines = vec![format!("{}{count}{mark}", link.what)];
        lines.extend(self.said(&link.told));
        lines
    }

    /// The rules that speak, each with a mark.
    fn said(&self, told: &Told) -> Vec<String> {
        let findings: Vec<&Finding> = told.findings.iter().filter_map(|place| self.findings.get(*place)).collect();
        let mut counted: Vec<(&str, &str, usize)> = Vec::new();
        for finding in &findings {
            let mark = mark(finding);
            match counted.iter_mut().find(|(its, rule, _)| (*its, *rule) == (mark, finding.rule.id)) {
                Some((.., count)) => *count += 1,
                None => counted.push((mark, finding.rule.id, 1)),
            }
        }
        let rule = |(mark, rule, count): &(&str, &str, usize)| match count {
            1 => format!("{mark} {rule}"),
            _ => format!("{mark} {rule} ×{count}"),
        };
        let mut lines: Vec<String> = counted.iter().take(MOST_RULES).map(rule).collect();
        if counted.len() > lines.len() {
            lines.push(format!("and {} more rules", counted.len() - lines.len()));
        }
        lines
    }

    /// What the worst finding of a link says, where the link is the first to show that.
    fn message(&self, told: &Told, link: usize) -> Vec<String> {
        let finding = worst(told, self.findings);
        let Some(finding) = finding.filter(|finding| self.shown.get(finding.message.as_str()) == Some(&link)) else {
            return Vec::new();
        };
        let message = escape(&finding.message);
        let message = shortened(&message, if self.room.longest < LONGEST { self.room.longest } else { MESSAGE });
        match self.room.columns {
            Some(columns) => textwrap::wrap(&message, wrapping(columns)).into_iter().map(Cow::into_owned).collect(),
            None => vec![message.into_owned()],
        }
    }
}

/// The finding that says why a link is not known to work.
fn worst<'a>(told: &Told, findings: &'a [Finding]) -> Option<&'a Finding> {
    told.findings.first().filter(|_| told.standing.is_open()).and_then(|place| findings.get(*place))
}

/// What a finding says in one sign.
fn mark(finding: &Finding) -> &'static str {
    match (finding.verdict, finding.severity) {
        (FindingVerdict::Undecided, _) => "?",
        (FindingVerdict::Fail, tfduty_audit::Severity::Advice) => "advice:",
        (FindingVerdict::Fail, _) => "✗",
    }
}

/// The frames: around accounts where there are several, and around the modules of each.
fn frames(wiring: &Wiring) -> Vec<Frame> {
    let mut places: Vec<(Option<String>, Vec<usize>)> = Vec::new();
    for (index, node) in wiring.nodes.iter().enumerate() {
        // What stands for all of an account needs no frame.
        let is_account = matches!(node.kind, NodeKind::Folded(_)) && node.place.module.is_empty();
        let place = if is_account { None } else { node.place.label() };
        match places.iter_mut().find(|(its, _)| *its == place) {
            Some((_, nodes)) => nodes.push(index),
            None => places.push((place, vec![index])),
        }
    }
    let named = places.iter().filter(|(place, _)| place.is_some()).count();
    places.into_iter().map(|(title, nodes)| frame(wiring, title.filter(|_| named > 1), &nodes)).collect()
}

/// The frame around an account, with frames around its modules.
fn frame(wiring: &Wiring, title: Option<String>, nodes: &[usize]) -> Frame {
    let module = |node: usize| wiring.nodes.get(node).map_or("", |node| node.place.module.as_str());
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for node in nodes {
        *sizes.entry(module(*node)).or_default() += 1;
    }
    let mut frame = Frame { title, ..Frame::default() };
    for node in nodes {
        let module = module(*node);
        if module.is_empty() || sizes[module] < FRAMED {
            frame.nodes.push(*node);
            continue;
        }
        if let Some(inner) = frame.frames.iter_mut().find(|inner| inner.title.as_deref() == Some(module)) {
            inner.nodes.push(*node);
        } else {
            frame.frames.push(Frame { title: Some(module.to_owned()), nodes: vec![*node], frames: Vec::new() });
        }
    }
    frame
}
