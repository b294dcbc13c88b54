//! What the sources of a plan say of values that the plan itself does not know yet.

use tfduty_terraform::{ModulePath, ProviderConfiguration, Value};

use crate::{
    dependencies::Block,
    estate::{Estate, JudgedUnit},
    finding::SourcePlace,
    object::ObjectId,
    references::Reached,
};

/// A text that is known in parts: holes stand in it as private-use characters, the n-th hole as U+E000 + n.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) holes: Vec<Hole>,
}

/// What fills a hole of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hole {
    /// The object whose attribute fills it, where it is one of the estate.
    pub(crate) object: Option<ObjectId>,
    /// The attribute.
    pub(crate) attribute: Option<Box<str>>,
}

pub(crate) fn provider_argument(
    _: &Estate,
    _: usize,
    _: (&ModulePath, &ProviderConfiguration),
    _: &[&str],
) -> Option<Value> {
    None
}

pub(crate) fn reached(_: &Estate, _: ObjectId, _: &str) -> Option<Reached> {
    None
}

pub(crate) fn pattern(_: &Estate, _: ObjectId, _: &str) -> Option<Pattern> {
    None
}

/// The text of a block, where the unit's sources are at hand.
pub(crate) fn block_text(_: &JudgedUnit, _: &Block) -> Option<String> {
    None
}

pub(crate) fn source_place(_: &Estate, _: ObjectId, _: &str) -> Option<SourcePlace> {
    None
}
