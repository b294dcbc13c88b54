//! Where the rules on what is around a detector keep quiet. `alert_path.rs` has more of it, all in one scenario.

use super::breaks::Break;

pub(crate) const HARMLESS: &[Break] = &[];
