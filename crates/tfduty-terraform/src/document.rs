//! Bytes to a [`Unit`], or a [`Refusal`] that says what the file is and what to run instead.

use crate::{saved_plan::SavedPlan, unit::Unit};

/// One input, parsed.
#[derive(Debug)]
pub enum Document {
    /// A plan or a state.
    Unit(Box<Unit>),
    /// A saved binary plan.
    SavedPlan(Box<SavedPlan>),
    /// A file of no bytes: Terraform reads it as a state without objects.
    Empty,
}

/// Why a file is not audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What this means for a file that was met in a folder.
    pub class: RefusalClass,
    /// What the file is, or what is wrong with it. Starts in lower case, without the file's name.
    pub message: String,
    /// What to run instead, or how to mend it.
    pub help: Option<String>,
    /// Where it goes wrong: offset in bytes, line and column (in bytes), both from 1.
    pub place: Option<Place>,
}

/// A place in a text that could not be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Offset in bytes.
    pub byte: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
}

/// What a refusal means for a file that was met in a folder. A named file that is refused is always a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalClass {
    /// It hides a stack that should have been audited: a problem.
    Problem,
    /// It is Terraform's, but hides nothing: a note.
    Note,
    /// It has nothing to do with Terraform: nothing is said.
    Foreign,
}
