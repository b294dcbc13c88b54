//! The zip that `terraform plan -out` writes.

use crate::{sources::Sources, unit::Unit};

/// What a saved binary plan shows without Terraform: the state it was made from, and the configuration.
#[derive(Debug)]
pub struct SavedPlan {
    /// The refreshed prior state (member `tfstate`).
    pub prior_state: Option<Unit>,
    /// The configuration of every module (members `tfconfig/…`).
    pub sources: Sources,
}
