//! No detector in an account and region where one is expected.
//!
//! ## Why it matters
//!
//! GuardDuty works for each account and region by itself: where there is no detector, nothing is watched, and no resource
//! can say so. AWS recommends a detector in every region, used or not.
//!
//! ## How to fix it
//!
//! Add a detector with the provider of that account and region. Where an administrator account or another stack owns the
//! detectors, say so in `tfduty.toml`:
//!
//! ```toml
//! [expect]
//! detectors = "elsewhere"
//! ```
//!
//! ```hcl
//! resource "aws_guardduty_detector" "this" {
//!   region = "us-east-1"   # with provider version 6; before: provider = aws.us_east_1
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "b", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "b", "bucket": "b"}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket_policy", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "b", "policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"guardduty.amazonaws.com\"},\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::b/*\"}]}"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - `[expect]` says `detectors = "elsewhere"`.
//! - `[expect]` names regions of several partitions (`cn-*` beside others): an account that the inputs show is asked only for
//!   those of its own.
//! - The inputs hold nothing but a destroy plan, or no object of the aws provider: there is nothing to audit then.
//! - Without `[expect]`: any input has a detector, reads one, or has an object that names one.
//!
//! It is undecided when a detector's account or region is not known and it may be this one, when the organization may have
//! enabled the account (as a member, as one of all or of new accounts, or as the delegated administrator), when a plan is targeted and may leave the detector out, and, without
//! `[expect]`, when a policy of the inputs names GuardDuty or they delegate its administration: they may be a central
//! account's, and the detector elsewhere.
//!
//! ## References
//!
//! - GuardDuty user guide, "Regions and endpoints"

use std::collections::HashMap;

use crate::{
    context::{Context, Draft, Subject},
    coverage::{self, Coverage, Partitions, Seen},
    facts::Fact,
    finding::Anchor,
    object::ObjectId,
    rule::{Certainty, Command, Rule, Severity},
    settings::Regions,
};

pub(crate) static RULE: Rule = Rule {
    id: "coverage-detector-missing",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("coverage_detector_missing.rs"),
    check,
};

const HELP: &str = "if an administrator account or another stack owns the detectors, say so in tfduty.toml: `[expect]` with \
                    `detectors = \"elsewhere\"`; else add `resource \"aws_guardduty_detector\" \"this\"` with the provider of that \
                    account and region";

fn check(context: &mut Context<'_>) {
    let expect = &context.settings.expect;
    if expect.elsewhere || !context.estate.holds_aws_objects() {
        return;
    }
    if expect.regions == Regions::Unset && expect.accounts.is_empty() {
        return estate(context);
    }
    let regions = coverage::expected_regions(context);
    let mut shown = Shown { seen: Seen::of(context), anchors: HashMap::new() };
    let partitions = Partitions::of(context.estate);
    let accounts: Vec<Option<String>> = match &expect.accounts[..] {
        [] => vec![None],
        accounts => accounts.iter().cloned().map(Some).collect(),
    };
    if regions.is_empty() {
        for account in &accounts {
            pair(context, &mut shown, (account.as_deref(), None));
        }
    }
    for region in &regions {
        for account in partitions.possible(&accounts, region, Option::as_deref) {
            pair(context, &mut shown, (account.as_deref(), Some(region)));
        }
    }
}

/// What the inputs show, worked out once for all accounts and regions.
struct Shown<'a> {
    seen: Seen<'a>,
    /// Where an absence is shown, by the region.
    anchors: HashMap<Option<String>, Anchor>,
}

impl Shown<'_> {
    fn anchor(&mut self, context: &Context<'_>, region: Option<&str>, label: &str) -> Anchor {
        let found = self.anchors.entry(region.map(str::to_owned)).or_insert_with(|| anchor(context, region, ""));
        Anchor { label: label.to_owned(), ..found.clone() }
    }
}

/// Judges one expected account and region.
fn pair(context: &mut Context<'_>, shown: &mut Shown<'_>, (account, region): (Option<&str>, Option<&str>)) {
    let place = match (account, region) {
        (Some(account), Some(region)) => format!("account {account} in {region}"),
        (Some(account), None) => format!("account {account}"),
        (None, Some(region)) => region.to_owned(),
        (None, None) => "the inputs".into(),
    };
    let coverage = shown.seen.coverage(context, account, region);
    let subject = Subject::Pair { account: account.map(str::to_owned), region: region.map(str::to_owned) };
    match coverage {
        Coverage::Covered => context.pass(subject),
        Coverage::Missing => {
            let anchor = shown.anchor(context, region, "no detector for this region");
            let draft = draft(format!("no detector for {place}: nothing is watched there"), HELP.into(), anchor);
            context.fail(subject, draft);
        }
        Coverage::Unknown { because, near } => {
            let anchor = match near {
                Some(id) => whole(context, id, "may be the one"),
                None => shown.anchor(context, region, "may have one"),
            };
            let help = "add the state or plan that shows it, or give the provider a literal region".into();
            let draft = draft(format!("whether there is a detector for {place} is not known: {because}"), help, anchor);
            context.undecided(subject, draft);
        }
    }
}

/// Judges the estate as a whole: there should be a detector somewhere.
fn estate(context: &mut Context<'_>) {
    let subject = Subject::Pair { account: None, region: None };
    if coverage::has_any(context) {
        return context.pass(subject);
    }
    let doubt = coverage::named_in_policy(context)
        .map(|id| {
            (
                "a policy names GuardDuty as principal: the detectors may be in another account",
                whole(context, id, "names GuardDuty"),
            )
        })
        .or_else(|| {
            let id = coverage::delegation(context)?;
            Some((
                "the organization's administration is delegated to another account",
                whole(context, id, "delegates it"),
            ))
        })
        .or_else(|| {
            let input = context
                .estate
                .units
                .iter()
                .find(|unit| unit.flags.complete.is_some_and(|(complete, _)| !complete))?
                .input;
            Some(("a targeted plan may leave the detector out", Anchor::of_file(input, "not complete")))
        });
    if let Some((because, anchor)) = doubt {
        let help = format!("add the state or plan that holds the detectors; {HELP}");
        let draft = draft(format!("no input has a detector, but {because}"), help, anchor);
        return context.undecided(subject, draft);
    }
    let anchor = anchor(context, None, "no detector here");
    let draft = draft("no input has a detector: GuardDuty watches nothing here".into(), HELP.into(), anchor);
    context.fail(subject, draft);
}

fn draft(message: String, help: String, anchor: Anchor) -> Draft {
    Draft { message, help, attribute: "", discriminator: String::new(), anchor, related: Vec::new() }
}

/// Where an absence is shown: the provider configuration of the region, else the first object there, else the first input.
fn anchor(context: &Context<'_>, region: Option<&str>, label: &str) -> Anchor {
    let estate = context.estate;
    let provider = region.and_then(|region| context.provider_of_region(region, label));
    let object = || {
        let region = region?;
        let there = estate.objects().filter(|(_, object)| object.region.as_ref().and_then(Fact::shown) == Some(region));
        there.min_by_key(|(_, object)| object.address.to_string()).map(|(id, _)| whole(context, id, label))
    };
    provider
        .or_else(object)
        .unwrap_or_else(|| Anchor::of_file(estate.units.first().map_or(0, |unit| unit.input), label))
}

fn whole(context: &Context<'_>, id: ObjectId, label: &str) -> Anchor {
    context.label(id, &[], label).1
}

#[cfg(test)]
mod tests;
