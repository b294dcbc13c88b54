//! The audit: an estate of Terraform units and what GuardDuty needs of it.
//!
//! The crate knows GuardDuty: the graph of its resources, the rules, verdicts and suppression. It does no I/O, knows no
//! output format, and nothing of it is serializable.

mod context;
mod finding;
mod report;
mod rule;
mod rules;

pub use context::Context;
pub use finding::{Anchor, Finding, FindingVerdict, Inner, Related, SourcePlace, SuppressedBy, Suppression};
pub use report::{InputKind, InputRole, InputSummary, Note, Problem, Report, Summary, Tally, Verdict};
pub use rule::{Certainty, Command, Rule, Severity};
pub use rules::RULES;
