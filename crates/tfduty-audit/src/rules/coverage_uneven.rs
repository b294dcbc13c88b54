//! Lists or protection plans exist in one region of the account and not in another.
//!
//! ## Why it matters
//!
//! Lists, protection plans and exports belong to one detector, and a detector to one region. A threat list that was added in
//! one region finds nothing in the others, and whoever looks at the first region sees no sign of it.
//!
//! ## How to fix it
//!
//! Make all that belongs to a detector with one module, and call it for each region:
//!
//! ```hcl
//! module "guardduty" {
//!   source   = "./guardduty"
//!   for_each = toset(["eu-west-1", "us-east-1"])
//!   region   = each.key   # with provider version 6; before: one call with its own `providers` for each region
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "ireland", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "virginia", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].us",
//!    "instances": [{"attributes": {"id": "34cd", "arn": "arn:aws:guardduty:us-east-1:123456789012:detector/34cd"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "ireland", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "virginia", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"].us",
//!    "instances": [{"attributes": {"id": "34cd", "arn": "arn:aws:guardduty:us-east-1:123456789012:detector/34cd"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "feed", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://b/feed.txt"}}]}]}
//! ```
//!
//! ```json undecided
//! {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [
//!   {"address": "aws_guardduty_detector.ireland", "mode": "managed", "type": "aws_guardduty_detector", "name": "ireland", "change": {"actions": ["no-op"],
//!    "before": {}, "after": {"id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab"}, "after_unknown": {}}},
//!   {"address": "aws_guardduty_detector.virginia", "mode": "managed", "type": "aws_guardduty_detector", "name": "virginia", "change": {"actions": ["no-op"],
//!    "before": {}, "after": {"id": "34cd", "arn": "arn:aws:guardduty:us-east-1:123456789012:detector/34cd"}, "after_unknown": {}}},
//!   {"address": "aws_guardduty_threatintelset.feed", "mode": "managed", "type": "aws_guardduty_threatintelset", "name": "feed", "change": {"actions": ["create"],
//!    "before": null, "after": {"detector_id": "12ab", "location": "s3://b/feed.txt"}, "after_unknown": {"activate": true}}}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The account of the detectors is not known, or its detectors are in one region, or off in all others.
//! - A detector is only read here: its lists may be in the stack that manages it.
//! - A protection plan is on in some regions, not declared in the others, and off nowhere: `protection-undeclared` speaks.
//!   Whether AWS offers a plan in a region is not known here.
//!
//! It is undecided when it cannot be told to which detector an object belongs, or whether a list is active or a plan on, and
//! that decides.
//!
//! ## References
//!
//! - GuardDuty user guide, "Working with lists": lists work in the region where they are; that regions should be alike is
//!   reasoned

use std::collections::BTreeMap;

use tfduty_aws::truth::Truth;

use crate::{
    context::{Context, Draft},
    detectors::{self, DETECTOR, DetectorOf},
    facts::Fact,
    graph::{THREAT, TRUSTED},
    object::{Object, ObjectId, Presence},
    protection::{self, FEATURE},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "coverage-uneven",
    severity: Severity::Advice,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check],
    file: include_str!("coverage_uneven.rs"),
    check,
};

const DESTINATION: &str = "aws_guardduty_publishing_destination";

/// What detectors are compared by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    TrustedSet,
    ThreatSet,
    Destination,
    Feature(String),
}

impl Kind {
    /// The kind of an object, and whether it works: an active list, a plan that is on.
    fn of(object: &Object) -> Option<(Self, Truth)> {
        let activate = object.attribute(&["activate"]);
        let is_active =
            || if activate.is_unknown() { Truth::Unknown } else { Truth::from(activate.bool() == Some(true)) };
        match object.resource_type() {
            TRUSTED => Some((Self::TrustedSet, is_active())),
            THREAT => Some((Self::ThreatSet, is_active())),
            DESTINATION => Some((Self::Destination, Truth::True)),
            FEATURE => Some((Self::Feature(object.attribute(&["name"]).str()?.to_owned()), protection::is_on(object))),
            _ => None,
        }
    }

    /// How people call it, with an article.
    fn words(&self) -> String {
        match self {
            Self::TrustedSet => "an active trusted IP list".into(),
            Self::ThreatSet => "an active threat list".into(),
            Self::Destination => "a publishing destination".into(),
            Self::Feature(name) => format!("the protection plan `{name}`"),
        }
    }

    /// What tells the findings of one detector apart.
    fn discriminator(&self) -> &str {
        match self {
            Self::TrustedSet => "trusted set",
            Self::ThreatSet => "threat set",
            Self::Destination => "publishing destination",
            Self::Feature(name) => name,
        }
    }
}

/// The detectors of an account that are on, one for each region.
type Regions<'a> = BTreeMap<&'a str, ObjectId>;

/// What the regions of an account have of one kind.
#[derive(Clone, Default)]
struct Spread<'a> {
    /// For each region that has any: whether one works, and the object that says so.
    of: BTreeMap<&'a str, (Truth, ObjectId)>,
    /// Objects that may belong to any of the detectors.
    loose: Vec<ObjectId>,
}

fn check(context: &mut Context<'_>) {
    let mut accounts = accounts(context);
    accounts.retain(|_, regions| regions.len() > 1);
    for (account, spreads) in spreads(context, &accounts) {
        for (kind, spread) in spreads {
            judge(context, &kind, &spread, &accounts[account]);
        }
    }
}

/// The detectors of each known account that are on and whose region is known.
fn accounts<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Regions<'a>> {
    let mut accounts: BTreeMap<&str, Regions<'_>> = BTreeMap::new();
    for (id, detector) in context.estate.of_type(DETECTOR) {
        let stays = detector.presence != Presence::Going && detectors::is_on(detector) == Truth::True;
        let place = detector.account.as_ref().zip(detector.region.as_ref().and_then(Fact::shown));
        if let Some((account, region)) = place.filter(|_| stays) {
            // A managed one stands before a data source that reads it.
            let regions = accounts.entry(account).or_default();
            let kept = regions.entry(region).or_insert(id);
            if !context.estate.object(*kept).is_managed() {
                *kept = id;
            }
        }
    }
    accounts
}

/// What the detectors of each account have, by kind.
fn spreads<'a>(
    context: &Context<'a>,
    accounts: &BTreeMap<&'a str, Regions<'a>>,
) -> BTreeMap<&'a str, BTreeMap<Kind, Spread<'a>>> {
    let estate = context.estate;
    let always = [Kind::TrustedSet, Kind::ThreatSet, Kind::Destination];
    let none: BTreeMap<Kind, Spread<'a>> = always.map(|kind| (kind, Spread::default())).into();
    let mut spreads: BTreeMap<&str, _> = accounts.keys().map(|account| (*account, none.clone())).collect();
    let objects = [TRUSTED, THREAT, DESTINATION, FEATURE].into_iter().flat_map(|name| context.present(name));
    for (id, object) in objects {
        let Some((kind, works)) = Kind::of(object) else { continue };
        match context.graph.detector_of(id) {
            DetectorOf::Object(detector) => {
                let detector = estate.object(*detector);
                let Some(account) = detector.account.as_deref() else { continue };
                let region = accounts.get(account).zip(detector.region.as_deref());
                let region = region.and_then(|(regions, region)| regions.get_key_value(region));
                if let Some((spreads, (region, _))) = spreads.get_mut(account).zip(region) {
                    let found = spreads.entry(kind).or_default().of.entry(region).or_insert((works, id));
                    if works > found.0 {
                        *found = (works, id);
                    }
                }
            }
            DetectorOf::Unknown => match object.account.as_deref() {
                Some(account) => {
                    if let Some(spreads) = spreads.get_mut(account) {
                        spreads.entry(kind).or_default().loose.push(id);
                    }
                }
                // It may be of any account.
                None => {
                    for spreads in spreads.values_mut() {
                        spreads.entry(kind.clone()).or_default().loose.push(id);
                    }
                }
            },
            DetectorOf::Elsewhere(_) => {}
        }
    }
    spreads
}

fn judge(context: &mut Context<'_>, kind: &Kind, spread: &Spread<'_>, regions: &Regions<'_>) {
    let works = |region: &str| spread.of.get(region).map_or(Truth::False, |(works, _)| *works);
    let loose_in = |region: &str| {
        let may_be = |id: &&ObjectId| {
            let own = context.estate.object(**id).region.as_deref();
            Truth::equal(own, Some(region)) != Truth::False
        };
        spread.loose.iter().find(may_be).copied()
    };
    let having = regions.keys().find(|region| works(region) == Truth::True);
    // What a detector has that is only read here, the stack that manages it may say.
    let tells = |region: &str| regions.get(region).is_some_and(|id| context.estate.object(*id).is_managed());
    let (without, silent): (Vec<&str>, Vec<&str>) =
        regions.keys().copied().filter(|region| works(region) == Truth::False).partition(|region| tells(region));
    let lacking: Vec<&str> = without.iter().copied().filter(|region| loose_in(region).is_none()).collect();
    let Some(first) = lacking.first().or(without.first()).or(regions.keys().next()).and_then(|its| regions.get(its))
    else {
        return;
    };
    let is_plan = matches!(kind, Kind::Feature(_));
    if is_plan && !without.iter().any(|region| spread.of.contains_key(region)) {
        // Nowhere off: protection-undeclared speaks of the regions that do not declare it.
        return if without.is_empty() { context.pass(*first) } else { context.skip(*first) };
    }
    let open = regions.keys().find_map(|region| match works(region) {
        Truth::True => None,
        Truth::Unknown => spread.of.get(region).map(|(_, id)| *id),
        Truth::False => loose_in(region).filter(|_| tells(region)),
    });
    match (having, open) {
        (Some(region), _) if !lacking.is_empty() => {
            let holder = spread.of.get(region).map(|(_, id)| *id);
            let draft = uneven(context, kind, (*first, &lacking), holder);
            context.fail(*first, draft);
        }
        // What is known of a plan is told by the rules on plans.
        (_, Some(_)) if is_plan => context.skip(*first),
        (_, Some(open)) => {
            let draft = undecided(context, kind, *first, open);
            context.undecided(*first, draft);
        }
        (Some(_), None) if !silent.is_empty() => context.skip(*first),
        (_, None) => context.pass(*first),
    }
}

fn uneven(
    context: &Context<'_>,
    kind: &Kind,
    (first, lacking): (ObjectId, &[&str]),
    holder: Option<ObjectId>,
) -> Draft {
    let regions = lacking.join(", ");
    let label = |id: ObjectId| {
        let name = if matches!(kind, Kind::Destination) { "destination_arn" } else { "name" };
        context.label(id, &[name], "this region has one")
    };
    Draft {
        message: format!("another region of this account has {}, but {regions} has not", kind.words()),
        help: "make what belongs to a detector with one module, and call it for each region: with `for_each` over the regions \
               (provider version 6), or with one `providers` map for each call"
            .into(),
        attribute: "",
        discriminator: kind.discriminator().to_owned(),
        anchor: context.label(first, &[], "this region has none").1,
        related: holder.map(label).into_iter().collect(),
    }
}

fn undecided(context: &Context<'_>, kind: &Kind, first: ObjectId, open: ObjectId) -> Draft {
    let object = context.estate.object(open);
    let (name, why) = match context.graph.detector_of(open) {
        DetectorOf::Unknown => ("detector_id", "to which detector it belongs cannot be told".to_owned()),
        _ => ("activate", format!("whether it is active {}", object.attribute(&["activate"]).why_unknown())),
    };
    Draft {
        message: format!(
            "whether each region of this account has {} is not known: {} decides, and {why}",
            kind.words(),
            object.name()
        ),
        help: context.what_would_decide(open),
        attribute: "",
        discriminator: kind.discriminator().to_owned(),
        anchor: context.label(first, &[], "may have none").1,
        related: vec![context.label(open, &[name], "decides")],
    }
}

#[cfg(test)]
mod tests;
