//! Addresses that are never publicly routed: the entries have no effect.
//!
//! ## Why it matters
//!
//! GuardDuty's lists act on publicly routable addresses alone. `10.0.0.0/8` in a trusted list quiets nothing: whoever wrote
//! it believes that a scanner inside the network is trusted, and it is not.
//!
//! ## How to fix it
//!
//! Drop the entries. To quiet what is found about a private address, archive it with a filter:
//!
//! ```hcl
//! resource "aws_guardduty_filter" "scanner" {
//!   detector_id = aws_guardduty_detector.this.id
//!   name        = "scanner"
//!   action      = "ARCHIVE"
//!   rank        = 1
//!   finding_criteria {
//!     criterion {
//!       field  = "resource.instanceDetails.networkInterfaces.privateIpAddresses.privateIpAddress"
//!       equals = ["10.20.0.5"]
//!     }
//!   }
//! }
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
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "9.9.9.9\n10.0.0.0/8\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - An entry that only overlaps a special-purpose range, or holds one and more: `0.0.0.0/0` is `list-trusted-broad`'s.
//! - `192.0.0.9`, `192.0.0.10` and the blocks of AS112 and AMT: they are registered, but reachable.
//! - Content that is known only after apply, and a list without a valid entry: `list-empty` says so. This rule is
//!   never undecided.
//!
//! ## References
//!
//! - GuardDuty user guide, "Working with lists": publicly routable addresses
//! - IANA IPv4 Special-Purpose Address Registry

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
    id: "list-entry-private",
    severity: Severity::Warning,
    certainty: Certainty::Documented,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_entry_private.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    entries::judge(context, |list, known, (_, content)| private(known, content, list.may_be(SetKind::Trusted)));
}

fn private(known: &Known<'_>, list: &list::List, may_be_trusted: bool) -> Option<Said> {
    let private = || list.entries.iter().filter(|entry| !entries::is_public(entry));
    let (count, all) = (private().count(), list.entries.len());
    let message = if count == all && all == 1 {
        "the only entry is an address that is never publicly routed: the list has no effect at all".to_owned()
    } else if count == all {
        format!("all entries ({count}) are addresses that are never publicly routed: the list has no effect at all")
    } else {
        let (is, have) = if count == 1 { ("is", "it has") } else { ("are", "they have") };
        format!(
            "{count} of {all} entries {is} never publicly routed, and GuardDuty's lists act on public addresses alone: {have} no effect"
        )
    };
    let (drop, quiet) = (
        "drop what is not public: it counts toward the limit of entries",
        "drop what is not public; to quiet findings about a private address, archive them with an `aws_guardduty_filter`",
    );
    Said::of(private().map(|entry| label(known, entry)), message, if may_be_trusted { quiet } else { drop })
}

fn label(known: &Known<'_>, entry: &Entry) -> Anchor {
    known.line(entry.place, |text| match entry.special() {
        Some(row) => format!("{text}: {}, {}", row.name, row.rfc),
        None => text.to_owned(),
    })
}

#[cfg(test)]
mod tests;
