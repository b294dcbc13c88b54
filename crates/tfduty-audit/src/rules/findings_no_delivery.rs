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

use tfduty_aws::truth::Truth;
use tfduty_terraform::escape;

use crate::{
    alerts::{self, EventRule},
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
    /// Perhaps: the object, its attribute, and why, as the second half of a sentence.
    Perhaps(ObjectId, &'static str, String),
}

fn check(context: &mut Context<'_>) {
    if context.settings.expect.elsewhere {
        return;
    }
    for (id, detector) in detectors::present(context.estate) {
        match detectors::is_on(detector) {
            Truth::False => {}
            Truth::Unknown => context.skip(id),
            Truth::True => judge(context, (id, detector)),
        }
    }
}

fn judge(context: &mut Context<'_>, (id, detector): (ObjectId, &Object)) {
    let paths = paths(context, (id, detector));
    if paths.iter().any(|path| matches!(path, Path::Known)) {
        return context.pass(id);
    }
    if let Some(administrator) = administrator(context, (id, detector)) {
        return member(context, id, &administrator);
    }
    let perhaps = paths.iter().find_map(|path| match path {
        Path::Perhaps(object, attribute, why) => Some((*object, *attribute, why.clone())),
        Path::Known | Path::Broken => None,
    });
    if let Some((object, attribute, why)) = perhaps {
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

/// The ways in which the findings of a detector may leave it.
fn paths(context: &Context<'_>, (id, detector): (ObjectId, &Object)) -> Vec<Path> {
    let estate = context.estate;
    let mut paths = Vec::new();
    for (destination, object) in DESTINATIONS.iter().flat_map(|name| context.present(name)) {
        match context.graph.detector_of(destination) {
            DetectorOf::Object(own) if *own == id => paths.push(Path::Known),
            DetectorOf::Unknown if alerts::fits(estate, detector, object) != Truth::False => {
                let why =
                    format!("{} may export them, and {}", object.name(), context.unknown(destination, "detector_id"));
                paths.push(Path::Perhaps(destination, "detector_id", why));
            }
            DetectorOf::Object(_) | DetectorOf::Elsewhere(_) | DetectorOf::Unknown => {}
        }
    }
    for (service, object) in SERVICES.iter().flat_map(|name| context.present(name)) {
        match alerts::fits(estate, detector, object) {
            Truth::True => paths.push(Path::Known),
            Truth::Unknown => {
                let why = format!("{} takes them in, if it is in the detector's account and region", object.name());
                paths.push(Path::Perhaps(service, "id", why));
            }
            Truth::False => {}
        }
    }
    paths.extend(context.readings.alerts().rules.iter().filter_map(|rule| by_rule(context, detector, rule)));
    let others = context.present(CLOUD_CONTROL_RULE).map(|(id, _)| EventRule::of(estate, id));
    let firing = others.filter(|rule| rule.is_on(estate) != Truth::False && !rule.is_dead());
    paths.extend(firing.filter_map(|rule| by_rule(context, detector, &rule)));
    paths
}

/// What an event rule does with the findings of a detector.
fn by_rule(context: &Context<'_>, detector: &Object, rule: &EventRule) -> Option<Path> {
    let object = context.estate.object(rule.id);
    let is_there = alerts::fits(context.estate, detector, object);
    if is_there == Truth::False {
        return None;
    }
    let name = object.name();
    let why = match (rule.findings(), is_there, &rule.pattern) {
        (Truth::True, Truth::True, _) => return Some(Path::Known),
        (Truth::True, _, _) => format!("{name} picks them up, if it is in the detector's account and region"),
        (Truth::Unknown, _, PatternText::Unknown(why)) => {
            format!("{name} may pick them up, `event_pattern` decides, and {why}")
        }
        (Truth::Unknown, ..) => format!("{name} may pick them up, and a part of its pattern decides"),
        (Truth::False, Truth::True, _) if !rule.is_alert() && is_meant(rule) => return Some(Path::Broken),
        (Truth::False, ..) => return None,
    };
    Some(Path::Perhaps(rule.id, "event_pattern", why))
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

/// The administrator of a detector's account: an accepter names it, or a member that another detector has.
fn administrator(context: &Context<'_>, (id, detector): (ObjectId, &Object)) -> Option<Administrator> {
    let estate = context.estate;
    let is_own = |holder: ObjectId| *context.graph.detector_of(holder) == DetectorOf::Object(id);
    let others = || detectors::present(estate).filter(|(other, _)| *other != id);
    let mut found = None;
    for (accepter, _) in context.present("aws_guardduty_invite_accepter").filter(|(accepter, _)| is_own(*accepter)) {
        let may_be = |(_, other): &(ObjectId, &Object)| {
            Truth::equal(other.region.as_deref(), detector.region.as_deref()) != Truth::False
        };
        let mut may_be = others().filter(may_be);
        if may_be.any(|other| names_account(estate, (accepter, "master_account_id"), other)) {
            return Some(Administrator::Here);
        }
        found = Some(Administrator::Elsewhere(accepter, "master_account_id"));
    }
    for (member, _) in context.present("aws_guardduty_member") {
        if !is_own(member) && names_account(estate, (member, "account_id"), (id, detector)) {
            if context.graph.detector_of(member).object().is_some() {
                return Some(Administrator::Here);
            }
            found = found.or(Some(Administrator::Elsewhere(member, "detector_id")));
        }
    }
    found
}

/// Whether an attribute is the account of a detector: by its value, else by reference.
fn names_account(estate: &Estate, (holder, attribute): (ObjectId, &str), (id, detector): (ObjectId, &Object)) -> bool {
    let own = detector.account.as_deref();
    if let Some(text) = estate.object(holder).attribute(&[attribute]).str() {
        return Truth::equal(Some(text), own) == Truth::True;
    }
    let reached = references::reached(estate, holder, attribute).unwrap_or_default();
    let is_its = |(other, name): &(ObjectId, Option<Box<str>>)| {
        let tells = matches!(name.as_deref(), Some("account_id" | "id"));
        *other == id || tells && Truth::equal(estate.object(*other).account.as_deref(), own) == Truth::True
    };
    reached.stops.is_empty() && reached.objects.iter().any(is_its)
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
