//! Plans whose `format_version` is not there, or newer than anything that exists.

use super::json::{Json, object};
use crate::Failure;

/// A plan that lost its `format_version`.
pub(super) fn none(real: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut plan = Json::read(real)?;
    plan.remove("format_version");
    plan.on_one_line()
}

/// A plan of a later minor version: it says more than anybody can know today, and nothing that is known in another way.
pub(super) fn future_minor(real: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut plan = Json::read(real)?;
    plan.push("format_version", "1.99".into());
    plan.push("terraform_version", "1.99.0".into());
    plan.push("forecast", object([("confidence", Json::Number(7.into())), ("notes", Json::List(Vec::new()))]));
    for item in plan.items_mut("resource_changes") {
        item.push("provenance", object([("planned_by", "somebody".into())]));
        if item.get("action_reason").is_none() {
            item.push("action_reason", "create_because_of_the_future".into());
        }
        if let Some(change) = item.get_mut("change") {
            change.push("after_forecast", Json::List(vec![Json::Bool(true), Json::Null]));
        }
    }
    plan.on_one_line()
}
