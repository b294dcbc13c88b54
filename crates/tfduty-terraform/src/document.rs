//! One input, parsed.

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
