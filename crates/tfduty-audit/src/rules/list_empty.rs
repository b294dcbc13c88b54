//! The list holds no valid entry.
//!
//! ## Why it matters
//!
//! A set without an address does nothing: no trusted address is quiet, no threat is found. GuardDuty may not even activate
//! it, and then the apply fails.
//!
//! ## How to fix it
//!
//! Give it at least one IPv4 address or CIDR, one a line in a TXT list:
//!
//! ```hcl
//! resource "aws_s3_object" "trusted" {
//!   bucket  = aws_s3_bucket.lists.id
//!   key     = "trusted.txt"
//!   content = "198.51.100.7\n"
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "198.51.100.7/32\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "format": "TXT", "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "198.51.100.7\\32\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "format": "TXT", "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "source": "trusted.txt"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "format": "TXT", "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The file is in another format than the declared one: `list-format-mismatch` says so.
//! - The file of `source` is missing, or it cannot be told in a plan that uploads it: `list-source-missing` speaks.
//!
//! It is undecided when the content is not known: known only after apply, in a file that is not at hand or is not the one
//! that was uploaded, or compressed. All rules on content need it, and this is the one that says what is missing.
//!
//! ## References
//!
//! - GuardDuty user guide, "Adding and activating entity lists or IP address lists"

use tfduty_aws::list::{self, ListFormat};

use crate::{
    context::{Context, Draft},
    lists::{Bytes, Known, List},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-empty",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_empty.rs"),
    check,
};

/// How many invalid lines a finding labels.
const LABELLED: usize = 10;

fn check(context: &mut Context<'_>) {
    for list in context.lists {
        let subject = list.subject.clone();
        match &list.bytes {
            // That it is too large is for `list-limits` to say.
            Bytes::Unknown(unknown) if unknown.too_many.is_some() => context.skip(subject),
            Bytes::Unknown(unknown) => {
                let draft = Draft {
                    message: format!("what the list holds is not known: {}", unknown.why),
                    help: unknown.help.clone(),
                    attribute: list.attribute,
                    discriminator: String::new(),
                    anchor: unknown.anchor.clone(),
                    related: list.read_by(context),
                };
                context.undecided(subject, draft);
            }
            Bytes::Known(known) => match list.readings().find(|(_, parsed)| parsed.entries.is_empty()) {
                Some(reading) => {
                    let draft = draft(context, (list, known), reading);
                    context.fail(subject, draft);
                }
                None if list.readings().next().is_none() => context.skip(subject),
                None => context.pass(subject),
            },
        }
    }
}

fn draft(
    context: &Context<'_>,
    (list, known): (&List<'_>, &Known<'_>),
    (format, parsed): (ListFormat, &list::List),
) -> Draft {
    let mut invalid = parsed.invalid.iter().take(LABELLED).map(|invalid| known.invalid(invalid));
    let first = invalid.next().unwrap_or_else(|| known.whole("no valid entry"));
    let is_blank = known.bytes.iter().all(u8::is_ascii_whitespace);
    let why = match (parsed.invalid_count, parsed.skipped.iter().map(|skipped| skipped.count).sum::<usize>()) {
        _ if known.bytes.is_empty() => "it is empty".into(),
        _ if is_blank => "it is blank".into(),
        (0, 0) => format!("nothing in it is an entry of a {format} list"),
        (0, 1) => "its one row is not about an address".into(),
        (0, rows) => format!("none of its {rows} rows is about an address"),
        (1, 0) => "what it holds is no IPv4 address or CIDR".into(),
        (pieces, 0) => format!("none of {pieces} things in it is an IPv4 address or CIDR"),
        (pieces, rows) => format!("none of its {} rows is an address", pieces + rows),
    };
    Draft {
        message: format!("the list holds no valid entry: {why}"),
        help: "give at least one address, such as your own public one: GuardDuty has no use for a list without entries"
            .into(),
        attribute: list.attribute,
        discriminator: String::new(),
        anchor: first,
        related: invalid.map(|line| (list.object, line)).chain(list.read_by(context)).collect(),
    }
}

#[cfg(test)]
mod tests;
