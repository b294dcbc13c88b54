//! What a rule says of one subject.

use tfduty_terraform::{Span, TextId};

use crate::{
    object::ObjectId,
    rule::{Rule, Severity},
};

/// A verdict that is worth telling: *fail* or *undecided*. What passed or was skipped is only counted.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule that speaks.
    pub rule: &'static Rule,
    /// The rule's severity, after the configuration had its say.
    pub severity: Severity,
    /// Fail or undecided.
    pub verdict: FindingVerdict,
    /// Full instance address, with ` (deposed 701a98cd)` for an old copy. `None` for an absence: no resource can carry
    /// it, so account and region do.
    pub address: Option<String>,
    /// The object of the estate that it is about, where it is about one.
    pub object: Option<ObjectId>,
    /// What the rule names inside one address, where that is more than one thing: part of the finding's identity.
    pub discriminator: String,
    /// Account id, where known.
    pub account: Option<String>,
    /// Region, where known.
    pub region: Option<String>,
    /// What is wrong, or which value would decide. One sentence or two, nothing sensitive, control characters escaped.
    pub message: String,
    /// A concrete fix, or what to add to the run.
    pub help: String,
    /// The place the finding is about. Never optional: one result without a location makes GitHub refuse a whole upload.
    pub anchor: Anchor,
    /// Address of the object that the place belongs to, where that is not the one the finding is about: a policy.
    pub holder: Option<String>,
    /// Where the configuration writes that place, when sources are at hand.
    pub source: Option<SourcePlace>,
    /// The block that makes the object, where the configuration in a plan shows it: two calls of one module make objects
    /// of one block. No address, but a text to compare.
    pub block: Option<String>,
    /// Related places, each with what it is there for.
    pub related: Vec<Related>,
    /// Identity across runs, `sha256:` and hexadecimal digits: rule, unit, address, attribute, discriminator. Never a line
    /// or an offset.
    pub fingerprint: String,
    /// Why the finding does not count, where something suppresses it.
    pub suppressed: Option<Suppression>,
}

/// Verdicts a [`Finding`] can bear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingVerdict {
    /// The rule failed.
    Fail,
    /// A value outside the inputs, or known only after apply, would decide.
    Undecided,
}

/// A place in an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Index into [`crate::Report::inputs`].
    pub input: usize,
    /// Bytes of the value that is meant, in the document as it was read.
    pub span: Span,
    /// Bytes of the object that holds the value: the excerpt shows this object, with nothing but labelled attributes.
    pub object: Span,
    /// JSON pointer of the value (RFC 6901); empty for the whole input.
    pub pointer: String,
    /// What the place shows, in a few words ("suspended"). Shown as a label under the value.
    pub label: String,
    /// Whether the value is sensitive: its text is then never shown.
    pub sensitive: bool,
    /// A place inside the decoded string at `span` (a line of a list, a statement of a policy).
    pub inner: Option<Inner>,
    /// Where the configuration writes what is meant, where that is known better than by the attribute that holds it: a
    /// statement inside `jsonencode`.
    pub written: Option<(TextId, Span)>,
}

impl Anchor {
    /// A whole file among the inputs.
    pub(crate) fn of_file(input: usize, label: impl Into<String>) -> Self {
        let span = Span::default();
        Self {
            input,
            span,
            object: span,
            pointer: String::new(),
            label: label.into(),
            sensitive: false,
            inner: None,
            written: None,
        }
    }
}

/// A place inside a decoded string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inner {
    /// Offset in bytes of the decoded string.
    pub byte: usize,
    /// Number of bytes of the decoded string.
    pub len: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in bytes.
    pub column: usize,
}

/// A place in the Terraform configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePlace {
    /// The input whose configuration this is.
    pub input: usize,
    /// Which of its files.
    pub text: TextId,
    /// Path relative to the working folder, with `/`; of a saved plan whose folder is not known, relative to its root module.
    pub path: String,
    /// Bytes in the file.
    pub span: Span,
    /// First line, from 1.
    pub line: usize,
    /// Column of the first byte, from 1, in bytes.
    pub column: usize,
    /// Last line, from 1.
    pub end_line: usize,
    /// Column behind the last byte, from 1, in bytes.
    pub end_column: usize,
    /// How near it comes to what is meant.
    pub exactness: Exactness,
}

/// How near a [`SourcePlace`] comes to what a finding means. A format that points there says so where it is not near.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exactness {
    /// The attribute, nested block or statement itself.
    Attribute,
    /// The block of the object: the attribute is not written, or none is meant.
    Block,
    /// The `module` block that makes the object: the files of the module are not at hand.
    ModuleCall,
    /// The `provider` block of the region in which something is absent: no block can stand for what there is not.
    Provider,
}

/// A place that helps to understand a finding.
#[derive(Debug, Clone)]
pub struct Related {
    /// The object of the estate that it belongs to, where there is one.
    pub object: Option<ObjectId>,
    /// Address of that object.
    pub address: Option<String>,
    /// What it is there for.
    pub message: String,
    /// Where it is; its `label` repeats the message.
    pub anchor: Anchor,
    /// Where the configuration writes it, when sources are at hand.
    pub source: Option<SourcePlace>,
}

/// Why a finding does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// What suppresses it.
    pub by: SuppressedBy,
    /// The reason given.
    pub reason: String,
    /// The last day it holds, `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// What can suppress a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressedBy {
    /// `tfduty.toml`.
    Config,
    /// A comment in the Terraform configuration.
    Comment,
    /// A baseline file.
    Baseline,
}
