//! The wiring of an estate: what a detector needs, link by link, and which finding speaks of which link.
//!
//! Two paths lead through it: detector, list, object, bucket, policy and key; and detector, event rule, target and
//! subscriber, with the export beside it. A link is there because the configuration refers to its end; whether it holds is
//! for the rules to say, so that the picture never tells another story than the report.

mod around;
mod drawing;
mod fold;
mod kinds;
mod telling;
#[cfg(test)]
mod tests;

use self::drawing::Drawing;
pub use self::fold::{Fold, MOST_DRAWN};
pub(crate) use self::kinds::decides;
use crate::{estate::Estate, graph::Graph, reading::Readings, report::Report};

/// What GuardDuty needs of an estate, as nodes and links.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wiring {
    /// The ends of links, each once.
    pub nodes: Vec<WiringNode>,
    /// The links, in the order in which the paths run.
    pub links: Vec<WiringLink>,
}

/// An end of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WiringNode {
    /// The address of an object; else what is known of the end ("no subscription"). Not escaped.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// The resource type of an object.
    pub resource_type: Option<String>,
    /// Where it is. What is no object is where that is which leads to it.
    pub place: WiringPlace,
    /// What the findings say of it that no link tells.
    pub told: Told,
}

/// What a node of the wiring is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    /// An object of the estate.
    Object,
    /// Something that exists, but not among the inputs.
    Outside,
    /// Something that should be there and is not.
    Missing,
    /// Something of which cannot be told what it is.
    Unknown,
    /// So many nodes as one: [`Wiring::folded`].
    Folded(usize),
}

/// Where a node is, as far as it is known and may be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct WiringPlace {
    /// Account id.
    pub account: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Path of the input that holds it.
    pub path: Option<String>,
    /// The module instance that holds it; empty for the root module.
    pub module: String,
}

/// Something that leads from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WiringLink {
    /// Where it begins, as an index into [`Wiring::nodes`].
    pub from: usize,
    /// Where it ends, likewise.
    pub to: usize,
    /// What it is: `reads`, `sends to`.
    pub what: &'static str,
    /// The address of the object that makes the link, where that is neither of its ends: the target of an event rule.
    pub by: Option<String>,
    /// How many links of the estate it stands for: more than one where nodes are folded.
    pub count: usize,
    /// What rules say of it.
    pub told: Told,
}

/// What rules say of a node or a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The worst of it.
    pub standing: Standing,
    /// The findings that speak of it, as indexes into [`Report::findings`]: first those that say the worst. Of one that
    /// holds they are advice.
    pub findings: Vec<usize>,
}

/// Whether a link works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// No rule judged it, or a finding of it is suppressed.
    #[default]
    NotJudged,
    /// A rule judged it, and it passed.
    Holds,
    /// A rule could not decide it.
    Undecided,
    /// A rule failed.
    Broken,
}

impl Standing {
    /// Its name for programs; none where nothing judged.
    pub fn id(self) -> Option<&'static str> {
        match self {
            Self::NotJudged => None,
            Self::Holds => Some("holds"),
            Self::Undecided => Some("undecided"),
            Self::Broken => Some("broken"),
        }
    }

    /// Whether it asks for a reader's attention.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Undecided | Self::Broken)
    }
}

/// Draws the wiring of an estate, and what a report says of it.
pub fn wiring(estate: &Estate, report: &Report) -> Wiring {
    let graph = Graph::of(estate);
    let readings = Readings::of(estate, &graph);
    let mut drawing = Drawing::of(estate, &graph, &readings);
    drawing.draw();
    drawing.tell(report);
    drawing.wiring
}
