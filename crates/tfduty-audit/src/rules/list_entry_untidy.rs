//! Duplicate, covered or non-canonical entries.
//!
//! ## Why it matters
//!
//! A duplicate, or an address inside a network that is listed too, adds nothing, but counts toward GuardDuty's limit of
//! entries. `149.112.112.9/24` means the whole network `149.112.112.0/24`: perhaps one address was meant. And of two threat
//! lists with the same addresses one is a copy that somebody will forget to update.
//!
//! ## How to fix it
//!
//! Write the address of the network, and every network once:
//!
//! ```hcl
//! content = join("\n", distinct([for cidr in var.cidrs : "${cidrhost(cidr, 0)}/${split("/", cidr)[1]}"]))
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "9.9.9.9\n149.112.112.0/24\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "149.112.112.0/24\n149.112.112.9\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "one", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "one.txt", "content": "9.9.9.9\n149.112.112.0/24\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "one", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "one", "activate": true, "location": "s3://lists/one.txt"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "two", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "two.txt", "content": "149.112.112.0/24\n9.9.9.9\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "two", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "two", "activate": true, "location": "s3://lists/two.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - Entries that merely touch, and could be written as one.
//! - Equal lists of different detectors, an inactive one, or one trusted and one threat list (`list-overlap` says that).
//! - Content that is known only after apply, and a list without a valid entry: `list-empty` says so. This rule is
//!   never undecided.
//!
//! ## References
//!
//! - GuardDuty user guide, "Quotas": entries count as they are written

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::list::{self, Covered, Entry};

use crate::{
    context::{Context, Draft},
    entries::{self, Said},
    finding::Anchor,
    graph::SetKind,
    lists::Known,
    object::ObjectId,
    rule::{Certainty, Command, Rule, Severity},
    same_detector::{self, Kin, SameDetector},
};

pub(super) static RULE: Rule = Rule {
    id: "list-entry-untidy",
    severity: Severity::Advice,
    certainty: Certainty::Reasoned,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_entry_untidy.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    entries::judge(context, |_, known, (_, list)| untidy(known, list));
    equal_lists(context);
}

/// An entry that could be written better, or left out.
struct Untidy<'a> {
    entry: &'a Entry,
    by: Option<Covered<'a>>,
}

fn untidy(known: &Known<'_>, list: &list::List) -> Option<Said> {
    let ranges = list.ranges();
    let mut covered = ranges.covered().peekable();
    // Both are in the order of the file.
    let entries = list.entries.iter().filter_map(|entry| {
        let by = covered.next_if(|covered| std::ptr::eq(covered.entry, entry));
        (by.is_some() || entry.host_bits).then_some(Untidy { entry, by })
    });
    let untidy: Vec<Untidy<'_>> = entries.collect();
    let duplicates = ranges.covered().filter(Covered::is_duplicate).count();
    let inside = ranges.covered().len() - duplicates;
    let host_bits = list.entries.iter().filter(|entry| entry.host_bits).count();
    let counts = [
        (duplicates, "duplicate", "duplicates"),
        (inside, "entry inside another one", "entries inside others"),
        (host_bits, "CIDR with host bits set", "CIDRs with host bits set"),
    ];
    let counts = counts.into_iter().filter(|(number, ..)| *number > 0);
    let counts: Vec<String> = counts.map(|(number, one, many)| entries::count(number, one, many)).collect();
    let message = format!("the list has {}", counts.join(" and "));
    let help = match (host_bits, ranges.covered().len()) {
        (_, 0) => "write the address of the network, or the one address that is meant",
        (0, _) => "drop what other lines hold already: every line counts toward the limit of entries",
        _ => {
            "write the address of the network, and drop what other lines hold already: every line counts toward the limit of entries"
        }
    };
    Said::of(untidy.iter().map(|untidy| label(known, untidy)), message, help)
}

fn label(known: &Known<'_>, untidy: &Untidy<'_>) -> Anchor {
    let Untidy { entry, by } = untidy;
    known.line(entry.place, |text| {
        let means = entry.host_bits.then(|| format!("means `{entry}`"));
        let covered = by.map(|covered| {
            let line = covered.by.place.line;
            if covered.is_duplicate() {
                format!("repeats line {line}")
            } else {
                format!("lies inside `{}` of line {line}", covered.by)
            }
        });
        let says: Vec<String> = means.into_iter().chain(covered).collect();
        format!("{text} {}", says.join(" and "))
    })
}

/// Judges whether threat lists of one detector hold the same addresses. The verdict is given to the later one.
fn equal_lists(context: &mut Context<'_>) {
    let estate = context.estate;
    let alike = alike(context);
    let same_detector = SameDetector::of(context);
    // Of each detector the first list with the same addresses: there may be very many lists.
    let mut firsts: BTreeMap<(Kin, usize), ObjectId> = BTreeMap::new();
    let kins: BTreeSet<Kin> = alike.keys().filter_map(|set| same_detector.kin(*set)).collect();
    for kin in kins {
        for set in same_detector.sets(kin) {
            if let Some(number) = alike.get(set) {
                firsts.entry((kin, *number)).or_insert(*set);
            }
        }
    }
    let first = |set: &ObjectId, number: &usize| firsts.get(&(same_detector.kin(*set)?, *number)).copied();
    let pairs: Vec<(ObjectId, ObjectId)> =
        alike.iter().filter_map(|(set, number)| Some((*set, first(set, number)?))).collect();
    for (set, first) in pairs.into_iter().filter(|(set, first)| first < set) {
        let name = estate.object(first).name();
        let draft = Draft {
            message: format!("the list holds the same addresses as `{name}`, a threat list of the same detector"),
            help: "drop one of the two: a detector takes six threat lists".into(),
            attribute: "location",
            discriminator: "equal".into(),
            anchor: context.label(set, &["location"], "the same addresses").1,
            related: vec![context.label(first, &["location"], "as in this list")],
        };
        context.fail(set, draft);
    }
}

/// The active threat lists, with a number that is the same for those that hold the same addresses.
fn alike(context: &Context<'_>) -> BTreeMap<ObjectId, usize> {
    let mut numbers: BTreeMap<Vec<(u32, u32)>, usize> = BTreeMap::new();
    let mut alike = BTreeMap::new();
    for list in context.lists {
        for (format, content) in list.readings().filter(|(_, content)| !content.entries.is_empty()) {
            let next = numbers.len();
            let number = *numbers.entry(content.ranges().merged().to_vec()).or_insert(next);
            let threat = list.readers.iter().filter(|it| it.kind == Some(SetKind::Threat) && it.format == Some(format));
            let active = threat.filter_map(|reader| reader.set).filter(|set| same_detector::is_active(context, *set));
            alike.extend(active.map(|set| (set, number)));
        }
    }
    alike
}

#[cfg(test)]
mod tests;
