//! Nothing makes Terraform upload the list before it creates the set.
//!
//! ## Why it matters
//!
//! Terraform orders what depends on each other and runs the rest at the same time. A set whose location merely *spells*
//! the object's key may be created before the upload: the first apply fails, and a later destroy may delete the object
//! first.
//!
//! ## How to fix it
//!
//! Refer to the object in `location`, or say it outright:
//!
//! ```hcl
//! resource "aws_guardduty_ipset" "trusted" {
//!   location   = "s3://lists/guardduty/trusted.txt"
//!   depends_on = [aws_s3_object.trusted]
//!   # …
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}, "dependencies": ["aws_s3_object.trusted"]}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}, "dependencies": ["aws_guardduty_detector.this"]}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The object is managed by another stack, or only read by a data source.
//! - The set depends on the module that holds the object, or on something else that depends on the object.
//! - A plan changes neither the set nor the object.
//! - A state that records no dependencies, as after an import: that proves nothing.
//!
//! It is undecided when the path between the two runs through a `local` and no sources are given, and when a state of
//! Terraform 0.x records that the set depends on a resource whose own dependencies tfduty does not read.
//!
//! ## References
//!
//! - Terraform language, "Resource dependencies"
//! - Terraform AWS provider, `ipset.go`

use tfduty_aws::truth::Truth;
use tfduty_terraform::UnitKind;

use crate::{
    context::{Context, Draft},
    dependencies,
    graph::Target,
    object::{ChangeKind, Object},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-object-order",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_object_order.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    let graph = context.graph;
    let estate = context.estate;
    for set in &graph.sets {
        let object = estate.object(set.id);
        let list = match &set.target {
            Target::Object(list) if estate.object(*list).is_present() && estate.object(*list).unit == object.unit => {
                *list
            }
            _ => {
                context.skip(set.id);
                continue;
            }
        };
        let is_made = |change: ChangeKind| change == ChangeKind::State || change.touches();
        let matters = is_made(object.change) || is_made(estate.object(list).change);
        if !matters || !dependencies::are_shown(estate, set.id) {
            context.skip(set.id);
            continue;
        }
        let location = object.attribute(&["location"]);
        let draft = |message: String, help: String| Draft {
            message,
            help,
            attribute: "location",
            discriminator: String::new(),
            anchor: context.anchor(object, &location, "only spells the key"),
            related: vec![context.label(list, &["key"], "the list, which nothing makes Terraform upload first")],
        };
        match dependencies::depends_on(estate, set.id, list) {
            Truth::True => context.pass(set.id),
            Truth::False => {
                let draft = draft(
                    "nothing makes Terraform upload the list before it creates the set: the first apply can fail, and destroy may \
                     delete the object first"
                        .into(),
                    help(object, estate.object(list)),
                );
                context.fail(set.id, draft);
            }
            Truth::Unknown => {
                let why = match estate.unit(object).kind {
                    UnitKind::Plan => "the path runs through a local, which plan JSON does not show",
                    _ => "it depends on resources that tfduty does not look into",
                };
                let message = format!("whether the set depends on its list is not visible: {why}");
                let draft = draft(message, context.what_would_decide(set.id));
                context.undecided(set.id, draft);
            }
        }
    }
}

/// What to write where, by the modules of the set and its list.
fn help(set: &Object, list: &Object) -> String {
    let (from, to) = (&set.address.module, &list.address.module);
    let name = list.address.relative_block();
    if from == to {
        return format!("refer to the object (`{name}.key`) in `location`, or add `depends_on = [{name}]`");
    }
    let shared = from.names().zip(to.names()).take_while(|(one, other)| one == other).count();
    let wanted = to.names().nth(shared).map_or(name, |module| format!("module.{module}"));
    let around = from.names().nth(shared).map(|module| format!(" to the call of `module.{module}`"));
    let around = around.unwrap_or_default();
    format!(
        "build `location` from the object's key, passed between the modules, or add `depends_on = [{wanted}]`{around}"
    )
}

#[cfg(test)]
mod tests;
