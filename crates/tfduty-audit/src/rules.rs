//! The catalogue.

use crate::rule::Rule;

/// Every rule, in the order of the catalogue.
pub static RULES: &[&Rule] = &[];
