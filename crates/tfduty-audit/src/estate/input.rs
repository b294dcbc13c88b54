//! What the binary hands over of an input.

use std::sync::{Arc, LazyLock, OnceLock};

use tfduty_aws::list::ListFormat;
use tfduty_terraform::{Sources, Unit, UnitKind};

use crate::{
    graph::SetKind,
    history::Side,
    report::{InputKind, InputRole, InputSummary},
};

/// One input, as the binary hands it over.
#[derive(Debug)]
pub struct Input {
    /// Path relative to the working folder, with `/`; `-` for standard input.
    pub path: String,
    /// The folder of the input, relative to the repository root, with `/`: the *unit* of fingerprints. Empty for standard
    /// input.
    pub folder: String,
    /// Whether the user named it; otherwise a walk found it.
    pub named: bool,
    /// Which side of a destroy it is said to be from.
    pub side: Option<Side>,
    /// Size in bytes.
    pub bytes: u64,
    /// What it holds.
    pub content: Content,
    /// The configuration it was made from, where that is known well enough to state facts.
    pub sources: Option<Sources>,
    /// The folder that the paths of `sources` are relative to, relative to the working folder; empty where it is not known.
    pub source_folder: String,
    /// Where there are none: what lies beside the input.
    pub beside: Beside,
}

/// What an [`Input`] holds.
#[derive(Debug)]
pub enum Content {
    /// A plan or a state.
    Unit(Box<Unit>),
    /// A saved binary plan that no plan JSON stands for.
    SavedPlan(Box<Unit>),
    /// A state of no bytes.
    Empty,
    /// A list file.
    List(ListFile),
}

/// A file with a list, as `tfduty list` is given it.
#[derive(Debug)]
pub struct ListFile {
    /// Its bytes. None need be given where they are more than GuardDuty accepts: that is all that is said of them.
    pub bytes: Vec<u8>,
    /// Whether it is a trusted or a threat list, where that was said.
    pub kind: Option<SetKind>,
    /// The format that it is read in.
    pub format: ListFormat,
    /// Whether that format was said, and not taken from the looks of the file.
    pub is_declared: bool,
}

/// The configuration that lies beside an input. Whether the input was made from it does not show, so it tells where things
/// are written, and no facts. It is looked for when something is first to be placed in it: a tree of stacks without
/// findings is not to be read twice.
#[derive(Debug)]
pub struct Beside {
    found: LazyLock<Option<FoundSources>, Find>,
    /// Whether it is the input's own.
    is_own: OnceLock<bool>,
}

/// Looks for a configuration.
type Find = Box<dyn FnOnce() -> Option<FoundSources> + Send>;

/// A configuration, and where it was found.
#[derive(Debug)]
pub struct FoundSources {
    /// The configuration. Several inputs may lie beside one.
    pub sources: Arc<Sources>,
    /// Its folder, relative to the working folder.
    pub folder: String,
}

impl Beside {
    /// What `find` finds.
    pub fn new(find: impl FnOnce() -> Option<FoundSources> + Send + 'static) -> Self {
        Self { found: LazyLock::new(Box::new(find)), is_own: OnceLock::new() }
    }

    /// The configuration, looked for and judged by `is_own` now if it was not before.
    pub(crate) fn found(&self, is_own: impl FnOnce(&Sources) -> bool) -> Option<&FoundSources> {
        let found = self.found.as_ref()?;
        self.is_own.get_or_init(|| is_own(&found.sources)).then_some(found)
    }
}

impl Default for Beside {
    /// Nothing.
    fn default() -> Self {
        Self::new(|| None)
    }
}

/// What the report says of an input, before it is known what becomes of it.
pub(super) fn summary(input: &Input) -> InputSummary {
    let (kind, unit) = match &input.content {
        Content::Unit(unit) => {
            let kind = match unit.kind {
                UnitKind::Plan => InputKind::Plan,
                UnitKind::State => InputKind::State,
                UnitKind::StateJson => InputKind::StateJson,
            };
            (kind, Some(unit))
        }
        Content::SavedPlan(unit) => (InputKind::SavedPlan, Some(unit)),
        Content::Empty => (InputKind::State, None),
        Content::List(_) => (InputKind::List, None),
    };
    InputSummary {
        path: input.path.clone(),
        kind,
        role: InputRole::LeftOut,
        format_version: unit.and_then(|unit| unit.format_version.as_deref().map(str::to_owned)),
        terraform_version: unit.and_then(|unit| unit.terraform_version.as_deref().map(str::to_owned)),
        resources: unit.map_or(0, |unit| unit.resources),
        bytes: input.bytes,
    }
}
