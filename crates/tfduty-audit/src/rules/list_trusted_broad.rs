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

use std::cmp::Reverse;

use tfduty_aws::list::{self, Entry};

use crate::{
    context::Context,
    entries::{self, Said},
    finding::Anchor,
    graph::SetKind,
    lists::Known,
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
            let is_read = |format| {
                let mut readers = list.readers.iter().filter(|reader| reader.format == Some(format));
                readers.any(|reader| reader.kind.is_none_or(|its| its == kind))
            };
            // Each format once: many sets may read one list.
            let mut contents = list.readings().filter(|(format, _)| is_read(*format));
            contents.find_map(|(_, content)| broad(list.known()?, content, kind))
        };
        let (trusted, threat) = (as_kind(SetKind::Trusted), as_kind(SetKind::Threat));
        let is_open = list.readers.iter().any(|reader| reader.kind.is_none());
        let is_undecided = is_open && threat.is_none();
        let as_what = match (is_open, is_undecided) {
            (false, _) => "",
            (true, true) => "fails as a trusted list, not as a threat list: ",
            (true, false) => "fails as a trusted and as a threat list: ",
        };
        match trusted.or(threat) {
            Some(mut said) => {
                said.message.insert_str(0, as_what);
                if is_undecided {
                    said.help = "`--kind` decides".into();
                    let draft = entries::draft(context, list, said, true);
                    context.undecided(list.subject.clone(), draft);
                } else {
                    let draft = entries::draft(context, list, said, true);
                    context.fail(list.subject.clone(), draft);
                }
            }
            None if entries::is_read(list) => context.pass(list.subject.clone()),
            None => context.skip(list.subject.clone()),
        }
    }
}

/// What is too wide in a list of this kind.
fn broad(known: &Known<'_>, list: &list::List, kind: SetKind) -> Option<Said> {
    match kind {
        SetKind::Trusted => {
            let help = "trust single addresses or small networks that are your own; AWS documents no limit, this one is tfduty's";
            let effect = "wider than /16: GuardDuty makes no finding about any of these addresses";
            wide(known, list, TRUSTED_ENTRY, (effect, help)).or_else(|| together(known, list, help))
        }
        SetKind::Threat => {
            let help = "list the addresses that are known to be malicious, not the networks around them; AWS documents no limit, this \
                        one is tfduty's";
            let effect = "wider than /8: GuardDuty then makes findings about a great part of the internet";
            wide(known, list, THREAT_ENTRY, (effect, help))
        }
    }
}

/// Entries with more than `most` addresses.
fn wide(known: &Known<'_>, list: &list::List, most: u64, (effect, help): (&str, &str)) -> Option<Said> {
    let wide = || list.entries.iter().filter(|entry| entry.addresses() > most && entries::is_public(entry));
    let number = entries::count(wide().count(), "entry is", "entries are");
    Said::of(wide().map(|entry| label(known, entry)), format!("{number} {effect}"), help)
}

/// Entries that are narrow, and so many that they add up to too much: the widest are shown.
fn together(known: &Known<'_>, list: &list::List, help: &str) -> Option<Said> {
    let addresses = list.ranges().public_addresses();
    if addresses < TRUSTED_LIST {
        return None;
    }
    let addresses = entries::grouped(addresses);
    let message = format!(
        "the list trusts {addresses} public addresses, 1 in 256 of all IPv4 addresses or more: GuardDuty makes no finding about \
         any of them"
    );
    let mut widest: Vec<&Entry> = list.entries.iter().filter(|entry| entries::is_public(entry)).collect();
    widest.sort_by_key(|entry| Reverse(entry.addresses()));
    Said::of(widest.into_iter().map(|entry| label(known, entry)), message, help)
}

fn label(known: &Known<'_>, entry: &Entry) -> Anchor {
    let addresses = entries::grouped(entry.addresses());
    known.line(entry.place, |text| format!("{text} has {addresses} addresses"))
}

#[cfg(test)]
mod tests;
