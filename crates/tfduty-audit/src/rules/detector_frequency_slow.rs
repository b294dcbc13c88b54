//! Repeated findings are published only every six hours.
//!
//! ## Why it matters
//!
//! New findings always go out within about five minutes. When the same thing happens again, GuardDuty updates the finding
//! and publishes the update at this interval: to EventBridge, to the export bucket, to Detective. Six hours is the
//! default, and a long time while an attack goes on.
//!
//! ## How to fix it
//!
//! ```hcl
//! resource "aws_guardduty_detector" "this" {
//!   finding_publishing_frequency = "FIFTEEN_MINUTES"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "finding_publishing_frequency": "FIFTEEN_MINUTES"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "finding_publishing_frequency": "SIX_HOURS"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - `FIFTEEN_MINUTES` or `ONE_HOUR`.
//! - The detector is suspended, or may be.
//! - The detector's account is a member account: its administrator's value is imposed.
//!
//! It is undecided when the value is set from a reference and known only after apply.
//!
//! ## References
//!
//! - GuardDuty user guide, "Exporting findings"
//! - GuardDuty API, `CreateDetector`

use tfduty_aws::truth::Truth;

use crate::{
    context::{Context, Draft},
    detectors::{self, Members},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "detector-frequency-slow",
    severity: Severity::Advice,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("detector_frequency_slow.rs"),
    check,
};

const ATTRIBUTE: &str = "finding_publishing_frequency";

fn check(context: &mut Context<'_>) {
    let estate = context.estate;
    let members = Members::of(estate);
    for (id, detector) in detectors::present(estate).filter(|(_, detector)| detectors::is_on(detector) != Truth::False)
    {
        // Where it is not known whether the detector is on, detector-disabled says so.
        if detectors::is_on(detector) == Truth::Unknown || members.has(estate, id) {
            context.skip(id);
            continue;
        }
        let attribute = detector.attribute(&[ATTRIBUTE]);
        let slow = match (attribute.str(), attribute.is_unknown()) {
            (Some(value), _) => Truth::from(value == "SIX_HOURS"),
            // What nobody sets is left to GuardDuty, whose default for a new detector is six hours.
            (None, true) if estate.sets(detector, ATTRIBUTE) == Some(false) => Truth::True,
            (None, true) => Truth::Unknown,
            (None, false) => {
                context.skip(id);
                continue;
            }
        };
        let draft = |message: String, help: String, label: &str| Draft {
            message,
            help,
            attribute: ATTRIBUTE,
            discriminator: String::new(),
            anchor: context.anchor(detector, &attribute, label),
            related: Vec::new(),
        };
        match slow {
            Truth::False => context.pass(id),
            Truth::True => {
                let draft = draft(
                    "repeated findings are published only every six hours".into(),
                    "set `finding_publishing_frequency = \"FIFTEEN_MINUTES\"`; new findings always go out within about five \
                     minutes, this is about repeats"
                        .into(),
                    if attribute.is_unknown() { "not set: the default is SIX_HOURS" } else { "every six hours" },
                );
                context.fail(id, draft);
            }
            Truth::Unknown => {
                let message = format!("`{ATTRIBUTE}` decides, and {}", context.unknown(id, ATTRIBUTE));
                let draft = draft(message, context.what_would_decide(id), "not known yet");
                context.undecided(id, draft);
            }
        }
    }
}

#[cfg(test)]
mod tests;
