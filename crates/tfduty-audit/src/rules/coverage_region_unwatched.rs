//! The configuration works in this region, but no detector watches it.
//!
//! ## Why it matters
//!
//! A detector watches one region. Where an account has detectors in some regions and resources in another, what happens in
//! that other region makes no finding, and nothing says so.
//!
//! ## How to fix it
//!
//! Add a detector with the provider of that region, or remove the provider configuration if nothing uses it:
//!
//! ```hcl
//! resource "aws_guardduty_detector" "virginia" {
//!   provider = aws.virginia   # with provider version 6 also: region = "us-east-1"
//! }
//! ```
//!
//! Where an administrator account or another stack owns the detectors, say so in `tfduty.toml`: `[expect]` with
//! `detectors = "elsewhere"`.
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "far", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].far",
//!    "instances": [{"attributes": {"id": "34cd", "arn": "arn:aws:guardduty:us-east-1:123456789012:detector/34cd"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic", "name": "far", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].far",
//!    "instances": [{"attributes": {"arn": "arn:aws:sns:us-east-1:123456789012:far"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic", "name": "far", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].far",
//!    "instances": [{"attributes": {"arn": "arn:aws:sns:us-east-1:123456789012:far"}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "other", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].other",
//!    "instances": [{"attributes": {"id": "34cd"}}]},
//!   {"mode": "managed", "type": "aws_sns_topic", "name": "far", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].far",
//!    "instances": [{"attributes": {"arn": "arn:aws:sns:us-east-1:123456789012:far"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The inputs show no detector of that account in another region: `coverage-detector-missing` speaks then.
//! - `[expect]` names the account and region, or says `detectors = "elsewhere"`.
//! - Only data sources, or only resources that say little are in that region: those of services without regions (IAM,
//!   Organizations, Route 53, `CloudFront`, web ACLs for `CloudFront` and the like), certificates, buckets with their settings
//!   and objects, keys of KMS, and what belongs to a detector.
//! - A provider configuration stands in that region, but no block under it has an instance.
//! - AWS does not list GuardDuty for that region.
//!
//! It is undecided when a detector's account or region is not known and it may be this one, when the organization's
//! administrator may have enabled the account, when a plan is targeted and may leave the detector out, and when it is not
//! known which account works there.
//!
//! ## References
//!
//! - GuardDuty user guide, "Regions and endpoints"; that resources in a region call for a detector is reasoned

use std::collections::BTreeMap;

use crate::{
    context::{Context, Draft, Label, Subject, provider_anchor},
    coverage::{self, Coverage, Seen},
    facts::{self, Fact},
    object::ObjectId,
    regional,
    rule::{Certainty, Command, Rule, Severity},
    settings::Regions,
};

pub(super) static RULE: Rule = Rule {
    id: "coverage-region-unwatched",
    severity: Severity::Warning,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check],
    file: include_str!("coverage_region_unwatched.rs"),
    check,
};

const HELP: &str = "add a detector with the provider of that region, or remove the provider configuration if nothing uses it; \
                    where others own the detectors, say so in tfduty.toml: `[expect]` with `detectors = \"elsewhere\"`";

/// Who works in a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    /// This account.
    Account(String),
    /// An account that is not known, and nothing says that it is another one than the detectors'.
    Unsaid,
    /// An account that is not known, by a provider configuration with credentials of its own.
    Stranger,
}

/// Where somebody works, each with what shows it.
type Places = BTreeMap<(Who, String), Label>;

fn check(context: &mut Context<'_>) {
    if context.settings.expect.elsewhere {
        return;
    }
    let (seen, has_several_accounts) = (Seen::of(context), has_several_accounts(context));
    for ((who, region), shows) in places(context) {
        let account = match &who {
            Who::Account(account) => Some(account.clone()),
            Who::Unsaid | Who::Stranger => None,
        };
        if is_expected(context, account.as_deref(), &region) || !has_detector_elsewhere(&seen, &who, &region) {
            continue;
        }
        let coverage = seen.coverage(context, account.as_deref(), Some(&region));
        judge(context, (who, &region), (account.as_deref(), has_several_accounts), (coverage, &shows));
    }
}

/// Account and region of every object and provider configuration that says where somebody works.
fn places(context: &Context<'_>) -> Places {
    let estate = context.estate;
    let mut places = Places::new();
    let working = estate.objects().filter(|(_, object)| object.is_present() && regional::says_where(object));
    let mut before = None;
    for (id, object) in working {
        let its_place = (
            (object.unit, &object.address.module, &object.provider),
            (object.account.as_ref().map(Fact::shown), object.region.as_ref().and_then(Fact::shown)),
        );
        // Most objects follow one of their place.
        if before.replace(its_place) == Some(its_place) {
            continue;
        }
        let has_credentials = facts::has_own_credentials(estate, object) == Some(true);
        let who = who(object.account.as_ref(), has_credentials);
        if let Some(region) = object.region.as_ref().and_then(Fact::shown) {
            places.entry((who, region.to_owned())).or_insert_with(|| shown_by(context, id));
        }
    }
    for (index, unit) in estate.units.iter().enumerate() {
        for provider in facts::without_blocks(unit) {
            let (account, region) = facts::place_of_provider(estate, index, provider);
            if let Some(region) = region.as_ref().and_then(Fact::shown) {
                let who = who(account.as_ref(), facts::says_credentials(provider));
                let label = || (None, provider_anchor(unit.input, provider, NO_DETECTOR));
                places.entry((who, region.to_owned())).or_insert_with(label);
            }
        }
    }
    places.retain(|(_, region), _| coverage::is_offered(region));
    places
}

const NO_DETECTOR: &str = "no detector for this region";

fn who(account: Option<&Fact>, has_credentials: bool) -> Who {
    match account.and_then(Fact::shown) {
        Some(account) => Who::Account(account.to_owned()),
        None if has_credentials || account.is_some() => Who::Stranger,
        None => Who::Unsaid,
    }
}

/// The provider configuration of an object, else the object.
fn shown_by(context: &Context<'_>, id: ObjectId) -> Label {
    match context.provider_block(id, NO_DETECTOR) {
        Some(provider) => (None, provider),
        None => context.label(id, &[], "in a region without a detector"),
    }
}

/// Whether `coverage-detector-missing` judges an account and region.
fn is_expected(context: &Context<'_>, account: Option<&str>, region: &str) -> bool {
    let expect = &context.settings.expect;
    let names_region = match &expect.regions {
        Regions::Unset => false,
        Regions::These(regions) => regions.iter().any(|its| its == region),
        Regions::All => true,
    };
    names_region && (expect.accounts.is_empty() || expect.accounts.iter().any(|its| Some(&**its) == account))
}

/// Whether a detector of an account, or of what may be that account, is in another region.
fn has_detector_elsewhere(seen: &Seen<'_>, who: &Who, region: &str) -> bool {
    match who {
        Who::Account(account) => seen.has_in_another_region(Some(account), region),
        Who::Unsaid | Who::Stranger => seen.has_in_another_region(None, region),
    }
}

fn judge(
    context: &mut Context<'_>,
    (who, region): (Who, &str),
    (account, has_several_accounts): (Option<&str>, bool),
    (coverage, shows): (Coverage, &Label),
) {
    let place = account.map_or_else(String::new, |account| format!(" of account {account}"));
    let subject = Subject::Pair { account: account.map(str::to_owned), region: Some(region.to_owned()) };
    let draft = |message: String, help: &str, related| Draft {
        message,
        help: help.to_owned(),
        attribute: "",
        discriminator: String::new(),
        anchor: shows.1.clone(),
        related,
    };
    let unknown = |because: &str, related| {
        let message = format!("whether a detector watches {region}{place} is not known: {because}");
        draft(message, "add the state or plan that shows it, or give the provider a literal region", related)
    };
    match coverage {
        // Another account's detector may be the one that is there.
        Coverage::Covered if account.is_none() && has_several_accounts => context.skip(subject),
        Coverage::Covered => context.pass(subject),
        Coverage::Unknown { because, near } => {
            let related = near.map(|id| context.label(id, &[], "may be the one")).into_iter().collect();
            context.undecided(subject, unknown(&because, related));
        }
        Coverage::Missing if who == Who::Stranger || (account.is_none() && has_several_accounts) => {
            context.undecided(subject, unknown("which account works there cannot be told", Vec::new()));
        }
        Coverage::Missing if coverage::is_targeted(context) => {
            context.undecided(subject, unknown("a targeted plan may leave the detector out", Vec::new()));
        }
        Coverage::Missing => {
            let message = format!("the configuration works in {region}{place}, but no detector watches that region");
            context.fail(subject, draft(message, HELP, Vec::new()));
        }
    }
}

/// Whether the inputs show more than one account.
fn has_several_accounts(context: &Context<'_>) -> bool {
    let mut accounts = context.estate.objects().filter_map(|(_, object)| object.account.as_ref());
    accounts.next().is_some_and(|first| accounts.any(|other| other != first))
}

#[cfg(test)]
mod tests;
