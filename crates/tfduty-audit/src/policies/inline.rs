//! The policies that a role has as blocks of its own.

use std::sync::Arc;

use super::{PolicyText, UnknownPolicy, spot::Spot, text_of};
use crate::{
    context::is_unknown,
    estate::Estate,
    object::{ObjectId, attribute},
};

/// The name of the blocks.
const BLOCK: &str = "inline_policy";

/// A policy that a role has as a block of its own.
#[derive(Debug)]
pub(crate) struct InlinePolicy<'a> {
    /// Its name, where that is known.
    pub(crate) name: Option<&'a str>,
    /// The policy.
    pub(crate) text: PolicyText,
}

/// The policies of a role that stand in blocks of it. A state also shows there what resources of their own have set.
pub(crate) fn inline_policies(estate: &Estate, role: ObjectId) -> Vec<InlinePolicy<'_>> {
    let object = estate.object(role);
    let blocks = object.attribute(&[BLOCK]);
    if blocks.is_unknown() {
        if estate.sets(object, BLOCK) == Some(false) {
            return Vec::new();
        }
        let why = format!("it {}", is_unknown(estate, role, BLOCK));
        let unknown = UnknownPolicy { attribute: BLOCK, ..UnknownPolicy::new(Some(role), why) };
        return vec![InlinePolicy { name: None, text: PolicyText::Unknown(unknown) }];
    }
    let holders = object.holders(&[BLOCK]);
    let is_only = holders.len() == 1;
    let policies = holders.into_iter().enumerate().map(|(index, (block, pointer))| {
        let value = attribute(block, &pointer, &["policy"]);
        let index = index.to_string();
        let spot = Spot { path: Arc::from([BLOCK.into(), (*index).into(), "policy".into()]), ..Spot::of(role, BLOCK) };
        let text = if value.is_absent() {
            // A role that is to have no such policy has one empty block.
            PolicyText::None
        } else if value.is_unknown() && !is_only {
            // Blocks have no order: which of them the configuration writes this one in cannot be told.
            let why = "one of several blocks is known only after apply".into();
            PolicyText::Unknown(UnknownPolicy { attribute: BLOCK, ..UnknownPolicy::new(Some(role), why) })
        } else {
            text_of(estate, &value, (BLOCK, &[BLOCK, "policy"]), &spot)
        };
        InlinePolicy { name: block.get("name").and_then(tfduty_terraform::Value::as_str), text }
    });
    policies.filter(|policy| !matches!(policy.text, PolicyText::None)).collect()
}
