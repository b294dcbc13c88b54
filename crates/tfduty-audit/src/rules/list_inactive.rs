//! The list is uploaded but not active: GuardDuty does not use it.
//!
//! ## Why it matters
//!
//! A list does nothing until it is activated. In a state, `activate: false` is also what a list in status `ERROR` looks
//! like, because the provider reads "active" back as true and everything else as false.
//!
//! ## How to fix it
//!
//! ```hcl
//! resource "aws_guardduty_ipset" "trusted" {
//!   activate = true
//!   # …
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab:1", "detector_id": "12ab", "activate": true, "location": "s3://b/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab:1", "detector_id": "12ab", "activate": false, "location": "s3://b/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The detector itself is suspended: `detector-disabled` says so.
//! - The plan activates the list again after it was found inactive: `detector-drift` says so.
//!
//! It is undecided when `activate` is known only after apply.
//!
//! ## References
//!
//! - GuardDuty API, `CreateIPSet`
//! - Terraform AWS provider, `ipset.go`

use crate::{
    context::{Context, Draft},
    graph::{ENTITY_SETS, THREAT, TRUSTED},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-inactive",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_inactive.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    for name in [TRUSTED, THREAT].iter().chain(ENTITY_SETS) {
        for (id, set) in context.present(name) {
            let activate = set.attribute(&["activate"]);
            let draft = |message: String, help: String, label: &str| Draft {
                message,
                help,
                attribute: "activate",
                discriminator: String::new(),
                anchor: context.anchor(set, &activate, label),
                related: Vec::new(),
            };
            if activate.is_unknown() {
                let message = format!(
                    "`activate` decides whether GuardDuty uses the list, and {}",
                    context.unknown(id, "activate")
                );
                let draft = draft(message, context.what_would_decide(id), "not known yet");
                context.undecided(id, draft);
            } else if activate.bool() == Some(false) {
                let draft = draft(
                    "the list is not active: GuardDuty does not use it".into(),
                    "set `activate = true`; in a state this is also what a list in status ERROR looks like: check that \
                     GuardDuty can read it"
                        .into(),
                    "not active",
                );
                context.fail(id, draft);
            } else {
                context.pass(id);
            }
        }
    }
}

#[cfg(test)]
mod tests;
