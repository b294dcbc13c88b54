//! Findings leave this detector by no path the inputs show.
//!
//! ## Why it matters
//!
//! GuardDuty keeps a finding for 90 days and tells nobody. Unless an event rule, an export or another service takes it up,
//! somebody has to look into the console of each account and region to learn of it.
//!
//! ## How to fix it
//!
//! Add an event rule with a target, or a publishing destination:
//!
//! ```hcl
//! resource "aws_cloudwatch_event_rule" "findings" {
//!   name          = "guardduty-findings"
//!   event_pattern = jsonencode({ source = ["aws.guardduty"], "detail-type" = ["GuardDuty Finding"] })
//! }
//!
//! resource "aws_cloudwatch_event_target" "findings" {
//!   rule = aws_cloudwatch_event_rule.findings.name
//!   arn  = aws_sns_topic.alerts.arn
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]},
//!   {"mode": "managed", "type": "aws_cloudwatch_event_rule", "name": "findings", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"name": "findings", "arn": "arn:aws:events:eu-west-1:123456789012:rule/findings", "event_pattern": "{\"source\":[\"aws.guardduty\"]}"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_guardduty_detector", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "12ab", "enable": true}}]},
//!   {"mode": "managed", "type": "aws_guardduty_invite_accepter", "name": "this", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "master_account_id": "999988887777"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The account and region has a publishing destination, an event rule that can match a finding, Security Hub
//!   (`aws_securityhub_account`) or Detective (`aws_detective_graph`), made by either provider of AWS.
//! - A rule that is meant to, but never fires: `findings-rule-dead` says so.
//! - The detector is off, or is only read by a data source.
//! - An `aws_guardduty_member` of the inputs has the account as a member of another detector of the inputs: the findings go
//!   there, and that detector is judged.
//! - `[expect]` says `detectors = "elsewhere"`.
//!
//! It is undecided when the account is a member and its administrator is not among the inputs, when it cannot be told what an
//! event rule picks up or where that is, and when the configuration is at hand and a provisioner in it calls `put-rule` or
//! `create-publishing-destination`.
//!
//! ## References
//!
//! - GuardDuty user guide, "Processing findings with EventBridge"; "Exporting findings"

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::truth::Truth;
use tfduty_terraform::escape;

use crate::{
    alerts::{self, EventRule},
    by_place::ByPlace,
    context::{Context, Draft, Label},
    detectors::{self, DetectorOf},
    estate::Estate,
    object::{Object, ObjectId},
    policies::PatternText,
    references,
    rule::{Certainty, Command, Rule, Severity},
    scripts::{self, Script},
};

pub(super) static RULE: Rule = Rule {
    id: "findings-no-delivery",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("findings_no_delivery.rs"),
    check,
};

/// Resource types that export the findings of the detector that they name.
const DESTINATIONS: [&str; 2] = ["aws_guardduty_publishing_destination", "awscc_guardduty_publishing_destination"];

/// Resource types of services that take the findings of their account and region in.
const SERVICES: [&str; 4] =
    ["aws_detective_graph", "aws_securityhub_account", "awscc_detective_graph", "awscc_securityhub_hub"];

/// The event rule of the Cloud Control provider. It holds its own targets, and no other rule judges it: one that never
/// fires counts for nothing here.
const CLOUD_CONTROL_RULE: &str = "awscc_events_rule";

const HELP: &str = "add an `aws_cloudwatch_event_rule` with `event_pattern = jsonencode({source = [\"aws.guardduty\"], \
                    \"detail-type\" = [\"GuardDuty Finding\"]})` and a target, or an `aws_guardduty_publishing_destination`";

/// A way out, or what may be one.
enum Path {
    /// There is one.
    Known,
    /// One that does not work, of which another rule speaks.
    Broken,
    /// Perhaps: the object, and its attribute that decides.
    Perhaps(ObjectId, &'static str),
}

fn check(context: &mut Context<'_>) {
    if context.settings.expect.elsewhere {
        return;
    }
    let (outlets, ties) = (Outlets::of(context), Ties::of(context));
    for (id, detector) in detectors::present(context.estate) {
        match detectors::is_on(detector) {
            Truth::False => {}
            Truth::Unknown => context.skip(id),
            Truth::True => judge(context, (id, detector), &outlets, &ties),
        }
    }
}

fn judge(context: &mut Context<'_>, (id, detector): (ObjectId, &Object), outlets: &Outlets<'_>, ties: &Ties) {
    let paths = outlets.paths(context, (id, detector));
    if paths.iter().any(|path| matches!(path, Path::Known)) {
        return context.pass(id);
    }
    if let Some(administrator) = ties.administrator(context, (id, detector)) {
        return member(context, id, &administrator);
    }
    let perhaps = paths.iter().find_map(|path| match path {
        Path::Perhaps(object, attribute) => Some((*object, *attribute)),
        Path::Known | Path::Broken => None,
    });
    if let Some((object, attribute)) = perhaps {
        let why = outlets.why(context, detector, object);
        let message = format!("whether findings leave this detector is not known: {why}");
        let mut draft = draft(context, id, message, context.what_would_decide(object));
        draft.related.push(context.label(object, &[attribute], "decides"));
        return context.undecided(id, draft);
    }
    if paths.iter().any(|path| matches!(path, Path::Broken)) {
        return context.skip(id);
    }
    if let Some((says, label)) = script(context) {
        let message = format!("whether findings leave this detector is not known: {says}");
        let mut draft = draft(context, id, message, "make a resource of what the script makes".into());
        draft.related.push(label);
        return context.undecided(id, draft);
    }
    let message =
        "findings leave this detector by no path the inputs show: no event rule matches them, and nothing exports \
                   or collects them"
            .into();
    let draft = draft(context, id, message, HELP.into());
    context.fail(id, draft);
}

/// Everything by which findings may leave a detector, by its place: an estate may have thousands of detectors.
struct Outlets<'a> {
    /// Destinations of which the detector cannot be told, by the type.
    destinations: [ByPlace<'a>; 2],
    services: [ByPlace<'a>; 4],
    /// The event rules that stay.
    rules: ByPlace<'a>,
    /// The rules of the Cloud Control provider that are on.
    others: BTreeMap<ObjectId, EventRule>,
    others_by_place: ByPlace<'a>,
}

impl<'a> Outlets<'a> {
    fn of(context: &Context<'a>) -> Self {
        let estate = context.estate;
        let by_place = |ids: &mut dyn Iterator<Item = ObjectId>| {
            let mut places = ByPlace::default();
            ids.for_each(|id| places.add(id, estate.object(id)));
            places
        };
        let is_loose = |id: &ObjectId| *context.graph.detector_of(*id) == DetectorOf::Unknown;
        let of_type = |name: &str| context.present(name).map(|(id, _)| id);
        let others = of_type(CLOUD_CONTROL_RULE).map(|id| EventRule::of(estate, id));
        let others = others.filter(|rule| rule.is_on(estate) != Truth::False && !rule.is_dead());
        let others: BTreeMap<ObjectId, EventRule> = others.map(|rule| (rule.id, rule)).collect();
        Self {
            destinations: DESTINATIONS.map(|name| by_place(&mut of_type(name).filter(is_loose))),
            services: SERVICES.map(|name| by_place(&mut of_type(name))),
            rules: by_place(&mut context.readings.alerts().rules.iter().map(|rule| rule.id)),
            others_by_place: by_place(&mut others.keys().copied()),
            others,
        }
    }

    /// The ways in which the findings of a detector may leave it.
    fn paths(&self, context: &Context<'_>, (id, detector): (ObjectId, &Object)) -> Vec<Path> {
        let estate = context.estate;
        let is_destination = |id: &ObjectId| DESTINATIONS.contains(&estate.object(*id).resource_type());
        if context.graph.children(id).iter().any(is_destination) {
            return vec![Path::Known];
        }
        let mut paths = Vec::new();
        for destination in self.destinations.iter().flat_map(|places| beside(places, detector)) {
            paths.push(Path::Perhaps(destination, "detector_id"));
        }
        for service in self.services.iter().flat_map(|places| beside(places, detector)) {
            match alerts::fits(estate, detector, estate.object(service)) {
                Truth::True => paths.push(Path::Known),
                Truth::Unknown => paths.push(Path::Perhaps(service, "id")),
                Truth::False => {}
            }
        }
        let rules = beside(&self.rules, detector).into_iter().chain(beside(&self.others_by_place, detector));
        paths.extend(rules.filter_map(|rule| by_rule(context, detector, self.rule(context, rule)?)));
        paths
    }

    fn rule<'r>(&'r self, context: &Context<'r>, id: ObjectId) -> Option<&'r EventRule> {
        context.readings.alerts().rule(id).or_else(|| self.others.get(&id))
    }

    /// Why findings may leave a detector by an object, as the second half of a sentence.
    fn why(&self, context: &Context<'_>, detector: &Object, id: ObjectId) -> String {
        let object = context.estate.object(id);
        let name = object.name();
        let Some(rule) = self.rule(context, id) else {
            return if DESTINATIONS.contains(&object.resource_type()) {
                format!("{name} may export them, and {}", context.unknown(id, "detector_id"))
            } else {
                format!("{name} takes them in, if it is in the detector's account and region")
            };
        };
        match (rule.findings(), alerts::fits(context.estate, detector, object), &rule.pattern) {
            (Truth::Unknown, _, PatternText::Unknown(why)) => {
                format!("{name} may pick them up, `event_pattern` decides, and {why}")
            }
            (Truth::Unknown, ..) => format!("{name} may pick them up, and a part of its pattern decides"),
            _ => format!("{name} picks them up, if it is in the detector's account and region"),
        }
    }
}

/// What may be in the account and region of a detector, in the order of the estate.
fn beside(places: &ByPlace<'_>, detector: &Object) -> Vec<ObjectId> {
    let mut beside: Vec<ObjectId> = places.beside(detector).flatten().copied().collect();
    beside.sort_unstable();
    beside
}

/// What an event rule does with the findings of a detector.
fn by_rule(context: &Context<'_>, detector: &Object, rule: &EventRule) -> Option<Path> {
    let is_there = alerts::fits(context.estate, detector, context.estate.object(rule.id));
    match (rule.findings(), is_there) {
        (Truth::True, Truth::True) => Some(Path::Known),
        (Truth::False, Truth::True) if !rule.is_alert() && is_meant(rule) => Some(Path::Broken),
        (_, Truth::False) | (Truth::False, _) => None,
        (Truth::True | Truth::Unknown, _) => Some(Path::Perhaps(rule.id, "event_pattern")),
    }
}

/// Whether a rule that matches nothing of GuardDuty's is meant to.
fn is_meant(rule: &EventRule) -> bool {
    rule.is_dead() && rule.names_guardduty()
}

/// Where a detector's findings go whose account is a member of another one.
enum Administrator {
    /// It is among the inputs.
    Here,
    /// It is not; the object that names it, and its attribute.
    Elsewhere(ObjectId, &'static str),
}

/// What ties the accounts of detectors to those of administrators.
struct Ties {
    /// The detectors of each known account.
    detectors: BTreeMap<String, Vec<ObjectId>>,
    /// The members that name each account, and those that read it off an object.
    members_of: BTreeMap<String, Vec<ObjectId>>,
    members_by: BTreeMap<ObjectId, Vec<ObjectId>>,
}

impl Ties {
    fn of(context: &Context<'_>) -> Self {
        let estate = context.estate;
        let mut ties = Self { detectors: BTreeMap::new(), members_of: BTreeMap::new(), members_by: BTreeMap::new() };
        for (id, detector) in detectors::present(estate) {
            if let Some(account) = detector.account.as_deref() {
                ties.detectors.entry(account.to_owned()).or_default().push(id);
            }
        }
        for (member, _) in context.present("aws_guardduty_member") {
            let named = Named::by(estate, member, "account_id");
            for account in named.accounts {
                ties.members_of.entry(account).or_default().push(member);
            }
            for object in named.objects {
                ties.members_by.entry(object).or_default().push(member);
            }
        }
        ties
    }

    /// The administrator of a detector's account: an accepter names it, or a member that another detector has.
    fn administrator(&self, context: &Context<'_>, (id, detector): (ObjectId, &Object)) -> Option<Administrator> {
        let estate = context.estate;
        let is_accepter = |id: &&ObjectId| estate.object(**id).resource_type() == "aws_guardduty_invite_accepter";
        let mut found = None;
        for accepter in context.graph.children(id).iter().filter(is_accepter) {
            let named = Named::by(estate, *accepter, "master_account_id");
            let of_account = named.accounts.iter().filter_map(|account| self.detectors.get(account)).flatten();
            let mut others = of_account.chain(&named.objects).map(|other| (*other, estate.object(*other)));
            let is_it = |(other, object): (ObjectId, &Object)| {
                other != id
                    && object.resource_type() == detectors::DETECTOR
                    && object.is_present()
                    && Truth::equal(object.region.as_deref(), detector.region.as_deref()) != Truth::False
            };
            if others.any(is_it) {
                return Some(Administrator::Here);
            }
            found = Some(Administrator::Elsewhere(*accepter, "master_account_id"));
        }
        let of_account = detector.account.as_deref().and_then(|account| self.members_of.get(account));
        let members: BTreeSet<&ObjectId> = of_account.into_iter().chain(self.members_by.get(&id)).flatten().collect();
        for member in members {
            match context.graph.detector_of(*member) {
                DetectorOf::Object(own) if *own == id => {}
                DetectorOf::Object(_) => return Some(Administrator::Here),
                DetectorOf::Elsewhere(_) | DetectorOf::Unknown => {
                    found = found.or(Some(Administrator::Elsewhere(*member, "detector_id")));
                }
            }
        }
        found
    }
}

/// The accounts that an attribute names: by its value, else by reference to something in them.
#[derive(Default)]
struct Named {
    accounts: BTreeSet<String>,
    /// The objects of which it reads something.
    objects: Vec<ObjectId>,
}

impl Named {
    fn by(estate: &Estate, holder: ObjectId, attribute: &str) -> Self {
        if let Some(text) = estate.object(holder).attribute(&[attribute]).str() {
            return Self { accounts: [text.to_owned()].into(), objects: Vec::new() };
        }
        let reached = references::reached(estate, holder, attribute).unwrap_or_default();
        if !reached.stops.is_empty() {
            return Self::default();
        }
        let tells = |name: &Option<Box<str>>| matches!(name.as_deref(), Some("account_id" | "id"));
        let telling = reached.objects.iter().filter(|(_, name)| tells(name));
        let accounts = telling.filter_map(|(id, _)| estate.object(*id).account.as_deref().map(str::to_owned));
        Self { accounts: accounts.collect(), objects: reached.objects.iter().map(|(id, _)| *id).collect() }
    }
}

/// What becomes of a member's findings its administrator decides.
fn member(context: &mut Context<'_>, id: ObjectId, administrator: &Administrator) {
    let Administrator::Elsewhere(by, attribute) = administrator else { return context.skip(id) };
    let message =
        "whether findings leave this detector is not known: its account is a member, and what becomes of them its \
                   administrator decides, who is not among the inputs"
            .into();
    let mut draft = draft(context, id, message, "add the state or plan of the administrator account".into());
    draft.related.push(context.label(*by, &[attribute], "names the administrator"));
    context.undecided(id, draft);
}

/// A provisioner that makes findings go somewhere, as far as the sources tell.
fn script(context: &Context<'_>) -> Option<(String, Label)> {
    let units = 0..context.estate.units.len();
    let mut scripts = units.flat_map(|unit| scripts::of_sources(context.estate, unit));
    let makes = |script: &Script| script.at_destroy != Some(true) && script.delivers_findings() == Truth::True;
    let (address, script) = scripts.find(|(_, script)| makes(script))?;
    let says = format!("a provisioner of {} makes an event rule or a destination with the AWS CLI", escape(&*address));
    Some((says, (None, script.anchor)))
}

fn draft(context: &Context<'_>, id: ObjectId, message: String, help: String) -> Draft {
    let anchor = context.label(id, &[], "its findings").1;
    Draft { message, help, attribute: "", discriminator: String::new(), anchor, related: Vec::new() }
}

#[cfg(test)]
mod tests;
