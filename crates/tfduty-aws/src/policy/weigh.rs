//! How values decide together.

use super::document::Value;
use super::holes::HoleId;
use super::node::Origin;
use crate::truth::Truth;

/// What values come to together, and which of them decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Weighed {
    pub(super) truth: Truth,
    /// Where the deciding value comes from, if one alone decides.
    pub(super) origin: Option<Origin>,
    /// The holes that keep it from being told.
    pub(super) holes: Vec<HoleId>,
}

impl Weighed {
    /// An answer for which no single value speaks.
    pub(super) fn plain(truth: Truth) -> Self {
        Self { truth, origin: None, holes: Vec::new() }
    }

    /// The opposite, decided by the same value.
    pub(super) fn negated(self) -> Self {
        Self { truth: !self.truth, ..self }
    }

    /// Whether any of `values` is as `holds` says. The first that is decides, else the first that cannot be told.
    pub(super) fn any<'v>(values: impl Iterator<Item = &'v Value>, mut holds: impl FnMut(&Value) -> Truth) -> Self {
        let mut weighed = Self::plain(Truth::False);
        for value in values {
            let truth = holds(value);
            if truth > weighed.truth {
                weighed.truth = truth;
                weighed.origin = Some(value.origin);
            }
            if truth == Truth::Unknown {
                weighed.holes.extend(value.holes());
            }
        }
        if weighed.truth != Truth::Unknown {
            weighed.holes.clear();
        }
        weighed
    }
}
