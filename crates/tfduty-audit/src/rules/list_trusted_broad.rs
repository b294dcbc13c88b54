//! An entry so wide that it silences GuardDuty, or floods it.
//!
//! ## Why it matters
//!
//! GuardDuty makes no finding about an address that is trusted: `0.0.0.0/0` in a trusted list turns off every finding that
//! depends on an address, and nothing shows it. In a threat list a network of that size gives findings about everybody.
//!
//! AWS documents no limit. This rule draws the line at entries wider than /16 in a trusted list, at lists that trust 1 in
//! 256 of all addresses (16,777,216), and at entries wider than /8 in a threat list.
//!
//! ## How to fix it
//!
//! Trust single addresses or small networks that are your own:
//!
//! ```hcl
//! content = join("\n", [for gateway in aws_nat_gateway.this : gateway.public_ip])
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "9.9.9.9\n149.112.0.0/16\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "9.9.9.9\n0.0.0.0/0\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "threat", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "threat.txt", "content": "149.0.0.0/8\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "threat", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "threat", "activate": true, "location": "s3://lists/threat.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - Special-purpose ranges, which `list-entry-private` speaks of; they do not count in the sum either.
//! - Content that is known only after apply, and a list without a valid entry: `list-empty` says so.
//!
//! It is undecided in `tfduty list` without `--kind`, when a trusted list would fail and a threat list would not.
//!
//! ## References
//!
//! - GuardDuty user guide, "Working with lists": no findings for trusted addresses

use tfduty_aws::list::{self, Entry};

use crate::{
    context::Context,
    entries::{self, Said},
    graph::SetKind,
    lists::{Known, List},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-trusted-broad",
    severity: Severity::Error,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_trusted_broad.rs"),
    check,
};

/// Addresses of the widest entry that a trusted list may have: a /16.
const TRUSTED_ENTRY: u64 = 1 << 16;
/// Addresses that a trusted list must not reach: 1 in 256 of all.
const TRUSTED_LIST: u64 = 1 << 24;
/// Addresses of the widest entry that a threat list may have: a /8.
const THREAT_ENTRY: u64 = 1 << 24;

fn check(context: &mut Context<'_>) {
    for list in context.lists {
        let as_kind = |kind: SetKind| {
            let known = list.known()?;
            let readers = list.readers.iter().filter(|reader| reader.kind.is_none_or(|its| its == kind));
            let mut contents = readers.filter_map(|reader| list.parsed(reader.format?));
            contents.find_map(|content| broad(known, content, kind))
        };
        let is_open = list.readers.iter().any(|reader| reader.kind.is_none());
        match (as_kind(SetKind::Trusted), as_kind(SetKind::Threat)) {
            (None, None) if entries::is_read(list) => context.pass(list.subject.clone()),
            (None, None) => context.skip(list.subject.clone()),
            (Some(said), None) if is_open => undecided(context, list, said),
            (Some(said), _) | (None, Some(said)) => {
                let draft = entries::draft(context, list, said, true);
                context.fail(list.subject.clone(), draft);
            }
        }
    }
}

/// A file of unknown kind that is too wide for a trusted list, and not for a threat list.
fn undecided(context: &mut Context<'_>, list: &List<'_>, mut said: Said) {
    said.message = format!("fails as a trusted list, not as a threat list: {}", said.message);
    said.help = "`--kind` decides".into();
    let draft = entries::draft(context, list, said, true);
    context.undecided(list.subject.clone(), draft);
}

/// What is too wide in a list of this kind.
fn broad(known: &Known<'_>, list: &list::List, kind: SetKind) -> Option<Said> {
    let (most, width) = match kind {
        SetKind::Trusted => (TRUSTED_ENTRY, "/16"),
        SetKind::Threat => (THREAT_ENTRY, "/8"),
    };
    let wide = || list.entries.iter().filter(|entry| entry.addresses() > most && entries::is_public(entry));
    let label = |entry: &Entry| {
        let addresses = entries::grouped(entry.addresses());
        known.line(entry.place, |text| format!("{text} has {addresses} addresses"))
    };
    let help = match kind {
        SetKind::Trusted => "trust single addresses or small networks that are your own",
        SetKind::Threat => "list the addresses that are known to be malicious, not the network around them",
    };
    match (wide().count(), kind) {
        (0, SetKind::Trusted) => {
            let addresses = list.ranges().public_addresses();
            let message = format!(
                "the list trusts {} public addresses, 1 in 256 of all IPv4 addresses or more: GuardDuty makes no finding about any of them",
                entries::grouped(addresses)
            );
            let mut widest: Vec<&Entry> = list.entries.iter().filter(|entry| entries::is_public(entry)).collect();
            widest.sort_by_key(|entry| std::cmp::Reverse(entry.addresses()));
            (addresses >= TRUSTED_LIST).then(|| Said::of(widest.into_iter().map(label), message, help))?
        }
        (count, _) => {
            let number = entries::count(count, "entry is", "entries are");
            let effect = match kind {
                SetKind::Trusted => "GuardDuty makes no finding about any of these addresses",
                SetKind::Threat => "GuardDuty then makes findings about a great part of the internet",
            };
            Said::of(wide().map(label), format!("{number} wider than {width}: {effect}"), help)
        }
    }
}

#[cfg(test)]
mod tests;
