//! Resource and the detector it names live in different accounts or regions.
//!
//! ## Why it matters
//!
//! A detector exists in one account and one region. A resource that names it under a provider of another account or
//! region is refused by the API ("the input detectorId is not owned by the current account"), in the middle of an apply.
//!
//! ## How to fix it
//!
//! Put both under one provider: `provider = aws.eu` on the resource, or `region = "eu-west-1"` with provider version 6.
//!
//! ```hcl
//! resource "aws_guardduty_ipset" "trusted" {
//!   provider    = aws.eu
//!   detector_id = aws_guardduty_detector.eu.id
//!   # …
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_filter", "name": "quiet", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab:quiet", "detector_id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab/filter/quiet"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_filter", "name": "quiet", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].us",
//!    "instances": [{"attributes": {"id": "12ab:quiet", "detector_id": "12ab", "arn": "arn:aws:guardduty:us-east-1:123456789012:detector/12ab/filter/quiet"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - Two provider configurations of different names have the same region and no role.
//! - `account_id` of an `aws_guardduty_member`: it is meant to differ.
//! - `detector_id` leads to no detector of the inputs, or the inputs do not show providers (`terraform show -json` of a
//!   state) or which of several a module is given (plans of Terraform before 1.2).
//! - Both stand under one provider configuration with `for_each` (OpenTofu), and nothing says where each of them is.
//!
//! It is undecided when a plan or raw state shows different provider configurations and the account or region of one
//! side is not known.
//!
//! ## References
//!
//! - GuardDuty API: "The request is rejected because the input detectorId is not owned by the current account"
//! - Terraform AWS provider, `detector.go`

use tfduty_aws::truth::Truth;

use crate::{
    context::{self, Context, Draft},
    detectors::DetectorOf,
    facts::{self, Fact},
    object::{Object, ObjectId},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "detector-wrong-provider",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("detector_wrong_provider.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    for (id, object) in estate.objects().filter(|(_, object)| object.is_present() && crate::detectors::is_child(object))
    {
        let DetectorOf::Object(detector_id) = *context.graph.detector_of(id) else {
            context.skip(id);
            continue;
        };
        let detector = estate.object(detector_id);
        match facts::same_place_by_provider(estate, object, detector) {
            Truth::True => context.pass(id),
            Truth::False => {
                let message = format!(
                    "the resource is {}, but its detector is {}",
                    place(object.own_region.as_ref(), object),
                    place(detector.region.as_ref(), detector)
                );
                let draft = draft(context, (id, object), detector_id, message);
                context.fail(id, draft);
            }
            Truth::Unknown if facts::providers_differ(estate, object, detector) => {
                let message = format!(
                    "the resource and its detector stand under different provider configurations{}{}, and account or region of one \
                     of them is not known",
                    context::under_provider(object),
                    context::under_provider(detector)
                );
                let mut draft = draft(context, (id, object), detector_id, message);
                draft.help = context.what_would_decide(id);
                context.undecided(id, draft);
            }
            Truth::Unknown => context.skip(id),
        }
    }
}

fn place(region: Option<&Fact>, object: &Object) -> String {
    let region = region.map_or("an unknown region", |region| region.shown_or("a region that is not shown (sensitive)"));
    match object.account.as_ref().map(Fact::shown) {
        Some(Some(account)) => format!("in {region} of account {account}"),
        Some(None) => format!("in {region} of an account that is not shown (sensitive)"),
        None => format!("in {region}"),
    }
}

fn draft(context: &Context<'_>, (id, object): (ObjectId, &Object), detector: ObjectId, message: String) -> Draft {
    let attribute = object.attribute(&["detector_id"]);
    let detector_label = format!("the detector{}", context::under_provider(context.estate.object(detector)));
    let mut related = vec![context.label(detector, &[], detector_label)];
    related.extend(context.provider_block(id, "provider configuration of the resource").map(|anchor| (None, anchor)));
    Draft {
        message,
        help: "put both under one provider: `provider = aws.eu` on the resource, or `region = \"eu-west-1\"` with provider version 6".into(),
        attribute: "detector_id",
        discriminator: String::new(),
        anchor: context.anchor(object, &attribute, format!("names a detector elsewhere{}", context::under_provider(object))),
        related,
    }
}

#[cfg(test)]
mod tests;
