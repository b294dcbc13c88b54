//! Two states of one stack are among the inputs: the older one is not judged.
//!
//! ## Why it matters
//!
//! All states of one stack have one `lineage`, and a `serial` that grows with every change. Two of them say different things
//! of the same objects, of which only the newer can be true. A forgotten copy hides what has been done since; and two
//! different states with one serial show that two runs have written at the same time, without a lock.
//!
//! ## How to fix it
//!
//! Give the state as the backend has it, and no copy beside it:
//!
//! ```console
//! $ terraform state pull > now.tfstate
//! $ tfduty check now.tfstate
//! ```
//!
//! Terraform writes `errored.tfstate` where it could not save a state: then that is the newest, and belongs into the
//! backend: `terraform state push errored.tfstate`.
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "4f2c", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]}]}
//!
//! {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "4f2c", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "4f2c", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]}]}
//!
//! {"version": 4, "terraform_version": "1.11.4", "serial": 9, "lineage": "4f2c", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - A walk found both states in one folder: a folder keeps its history, and a note names what is left out. The same goes
//!   for `*.backup` in a walk.
//! - The states are those of different workspaces: each has a lineage of its own.
//! - The states are in different folders and have no object in common: one stack was started from the other's file.
//! - They have the same serial and hold the same.
//!
//! It is never undecided.
//!
//! ## References
//!
//! - Terraform, "State": lineage and serial, and how `terraform state push` compares them
//! - Reasoned: that the older of two states is of no use follows from what they are. No document of AWS speaks of it.

use crate::{
    context::{Context, Draft, Subject},
    finding::Anchor,
    history::{Place, Standing, StateCopy, is_unsaved},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "state-stale-copy",
    severity: Severity::Warning,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check, Command::Destroy],
    file: include_str!("state_stale_copy.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    for copy in &context.estate.copies {
        let subject = Subject::File(copy.input.input);
        match copy.standing {
            Standing::Current => context.pass(subject),
            Standing::Kept => context.skip(subject),
            Standing::Older | Standing::Conflicting => {
                let draft = draft(context, copy);
                context.fail(subject, draft);
            }
        }
    }
}

fn draft(context: &Context<'_>, copy: &StateCopy) -> Draft {
    let path = |place: Place| &*context.estate.inputs[place.input].path;
    let (this, newest) = (path(copy.input), path(copy.newest));
    let (serial, newest_serial) = (copy.input.serial, copy.newest.serial);
    let is_older = copy.standing == Standing::Older;
    let mut message = if is_older {
        format!(
            "this state is older than `{newest}` of the same stack (serial {serial}, not {newest_serial}): it is not judged"
        )
    } else {
        format!(
            "`{newest}` and `{this}` are states of one stack with serial {serial}, but not the same content: two runs \
             wrote it, and only `{newest}` is judged"
        )
    };
    let mut help = String::from("give only the newest state: `terraform state pull > now.tfstate`");
    if is_unsaved(newest) {
        message.push_str("; `errored.tfstate` is what the last run could not save");
        help.push_str("; put what was not saved into the backend first: `terraform state push errored.tfstate`");
    }
    let (here, there) = if is_older { ("the older", "the newer") } else { ("the same serial", "as here") };
    Draft {
        message,
        help,
        attribute: "serial",
        discriminator: String::new(),
        anchor: serial_of(copy.input, here),
        related: vec![
            (None, lineage_of(copy.input, "the same lineage")),
            (None, serial_of(copy.newest, there)),
            (None, lineage_of(copy.newest, "the same lineage")),
        ],
    }
}

fn serial_of(place: Place, label: &str) -> Anchor {
    let span = place.identity.serial;
    Anchor { span, object: place.identity.document, pointer: "/serial".into(), ..Anchor::of_file(place.input, label) }
}

fn lineage_of(place: Place, label: &str) -> Anchor {
    let span = place.identity.lineage;
    Anchor { span, object: place.identity.document, pointer: "/lineage".into(), ..Anchor::of_file(place.input, label) }
}

#[cfg(test)]
mod tests;
