//! Something was made by a script, not by Terraform: destroy does not know it.
//!
//! ## Why it matters
//!
//! A provisioner that calls the AWS CLI makes what is in no state. Terraform deletes what is in the state; the bucket policy
//! or the key that the script made is still there afterwards, and goes on working and costing. So does a list or a publishing
//! destination, until its detector is deleted too.
//!
//! ## How to fix it
//!
//! Make it a resource, or let the same resource undo it when it is destroyed:
//!
//! ```hcl
//! resource "terraform_data" "export" {
//!   input = aws_guardduty_detector.this.id
//!
//!   provisioner "local-exec" {
//!     command = "aws guardduty create-publishing-destination --detector-id ${self.input} …"
//!   }
//!
//!   provisioner "local-exec" {
//!     when    = destroy
//!     command = "aws guardduty delete-publishing-destination --detector-id ${self.input} …"
//!   }
//! }
//! ```
//!
//! Only the configuration says when a provisioner runs, and plan JSON does not: add `--plan-file` (the saved plan holds the
//! configuration) or `--source`.
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "resources": [
//!   {"mode": "managed", "type": "terraform_data", "name": "export", "provider": "provider[\"terraform.io/builtin/terraform\"]",
//!    "instances": [{"schema_version": 0, "attributes": {"id": "1"}}]}]}
//!
//! resource "terraform_data" "export" {
//!   provisioner "local-exec" {
//!     command = "aws guardduty create-publishing-destination --detector-id 12ab"
//!   }
//!   provisioner "local-exec" {
//!     when    = destroy
//!     command = "aws guardduty delete-publishing-destination --detector-id 12ab --destination-id 34cd"
//!   }
//! }
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "l", "resources": [
//!   {"mode": "managed", "type": "terraform_data", "name": "export", "provider": "provider[\"terraform.io/builtin/terraform\"]",
//!    "instances": [{"schema_version": 0, "attributes": {"id": "1"}}]}]}
//!
//! resource "terraform_data" "export" {
//!   provisioner "local-exec" {
//!     command = "aws guardduty create-publishing-destination --detector-id 12ab"
//!   }
//! }
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "terraform_data.export", "mode": "managed", "type": "terraform_data", "name": "export",
//!    "change": {"actions": ["delete"], "before": {"id": "1"}, "after": null}}],
//!  "configuration": {"root_module": {"resources": [
//!   {"address": "terraform_data.export", "mode": "managed", "type": "terraform_data", "name": "export",
//!    "provisioners": [{"type": "local-exec", "expressions": {"command": {"references": ["local.command"]}}}]}]}}}
//! ```
//!
//! ## When it keeps quiet
//!
//! - No command calls the AWS CLI to make something of GuardDuty, S3, KMS, IAM, EventBridge or SNS. Reading, copying out of S3,
//!   sending events, making sample findings and changing settings of a detector make nothing that stays.
//! - The resource has a provisioner with `when = destroy` that calls the AWS CLI to delete or turn off something. It does not
//!   count where the state says that the resource is tainted: Terraform does not run it then.
//! - A script calls AWS in another form: an SDK such as `boto3`, a cmdlet of PowerShell, another program. What a script file
//!   holds is not read.
//! - `aws_cloudformation_stack` and `aws_cloudcontrolapi_resource`: what they make goes with them.
//! - `aws_lambda_invocation`, and actions other than `local_command`: what they set off no input shows, so that they are not
//!   evaluated.
//!
//! An `action "local_command"` counts like a provisioner. No released version runs one in a destroy, so that only a provisioner
//! with `when = destroy` in the same module undoes it; where another action there deletes something, it is undecided.
//!
//! It is undecided when only a plan is at hand and a command in it makes something or is not constant, and when the sources do
//! not tell a command.
//!
//! ## References
//!
//! - Terraform documentation, "Provisioners", "Invoke actions"
//! - Reasoned: that what a script makes stays follows from what a state holds.

mod actions;

use std::{cmp::Reverse, collections::BTreeSet};

use tfduty_aws::truth::Truth;

use crate::{
    context::{Context, Draft},
    going,
    object::{Object, ObjectId},
    rule::{Certainty, Command, Rule, Severity},
    scripts::{self, Script},
};

pub(super) static RULE: Rule = Rule {
    id: "destroy-untracked",
    severity: Severity::Warning,
    certainty: Certainty::Reasoned,
    commands: &[Command::Destroy],
    file: include_str!("destroy_untracked.rs"),
    check,
};

/// Resource types that are made to hold provisioners, and those that keep track of what they make.
const PASSING: &[&str] =
    &["aws_cloudcontrolapi_resource", "aws_cloudformation_stack", "null_resource", "terraform_data"];

/// Sets off what no input shows.
const INVOCATION: &str = "aws_lambda_invocation";

const REPLACE: &str = "make a resource of it, or add a provisioner with `when = destroy` that removes it";

const WRITE_OUT: &str = "write the call of the AWS CLI out in the command, or give the saved destroy plan, which tells more \
                         values (`--plan-file tfdestroy`)";

const WITH_SOURCES: &str =
    "add the configuration: `--plan-file tfdestroy` (the saved plan that this JSON shows), or `--source`";

/// A module of a unit: the place of the unit, and the names of the calls that lead to the module.
type Module = (usize, Vec<String>);

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let (mut units, mut undoing): (BTreeSet<usize>, BTreeSet<Module>) = (BTreeSet::new(), BTreeSet::new());
    for (id, object) in estate.objects().filter(|(_, object)| going::goes(object)) {
        units.insert(object.unit);
        let Some(scripts) = scripts::of_object(context, id) else { continue };
        if undone(object, &scripts) == Truth::True {
            undoing.insert((object.unit, object.address.module.names().map(str::to_owned).collect()));
        }
        match object.resource_type() {
            _ if !scripts.is_empty() => judge(context, (id, object), &scripts),
            INVOCATION => context.skip(id),
            name if PASSING.contains(&name) => context.pass(id),
            _ => {}
        }
    }
    for unit in units {
        actions::judge(context, unit, &undoing);
    }
}

/// Whether a provisioner of an object removes something when the object is destroyed. Terraform runs none of a tainted
/// object then.
fn undone(object: &Object, scripts: &[Script]) -> Truth {
    let last = scripts.iter().filter(|script| script.at_destroy == Some(true) && !object.tainted);
    Truth::any(last.map(Script::deletes))
}

fn judge(context: &mut Context<'_>, (id, object): (ObjectId, &Object), scripts: &[Script]) {
    let making = scripts.iter().filter(|script| script.at_destroy != Some(true));
    let worst = making.map(|script| (script.creates(), script)).min_by_key(|(creates, _)| Reverse(*creates));
    let Some((creates, script)) = worst else {
        context.pass(id);
        return;
    };
    let is_told = script.at_destroy.is_some();
    let what = script.what("a provisioner");
    let (message, help) = match (creates, undone(object, scripts)) {
        (Truth::False, _) | (_, Truth::True) => {
            context.pass(id);
            return;
        }
        (Truth::True, Truth::False) if is_told => {
            let why = if object.tainted {
                "the object is tainted in the state, so that no provisioner with `when = destroy` runs"
            } else {
                "no provisioner with `when = destroy` removes it"
            };
            let message = format!("{what}: no state knows what that made, and {why}, {}", script.stays());
            context.fail(id, draft(script, message, REPLACE));
            return;
        }
        _ if is_told => (format!("{what}: whether anything stays is not known"), WRITE_OUT),
        _ => (format!("{what}, and a plan does not show whether another one undoes it"), WITH_SOURCES),
    };
    context.undecided(id, draft(script, message, help));
}

fn draft(script: &Script, message: String, help: &str) -> Draft {
    Draft {
        message,
        help: help.into(),
        attribute: "provisioner",
        discriminator: String::new(),
        anchor: script.anchor.clone(),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod from_the_page;
#[cfg(test)]
mod tests;
