//! Lines that are no IPv4 address or CIDR.
//!
//! ## Why it matters
//!
//! GuardDuty's IP lists hold IPv4 addresses and CIDRs, one a line in the plain format. AWS does not document what becomes of
//! a list with anything else in it: the line may be skipped, or the whole list end in status `ERROR`. Either way what the
//! line was meant to trust, or to warn of, is not in force.
//!
//! ## How to fix it
//!
//! Write addresses and CIDRs alone, and comments elsewhere:
//!
//! ```hcl
//! resource "aws_s3_object" "trusted" {
//!   bucket  = aws_s3_bucket.lists.id
//!   key     = "trusted.txt"
//!   content = join("\n", [for office in var.offices : office.cidr])
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
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "content": "9.9.9.9\n149.112.112.0\\24\n# office\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "trusted", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - Blank lines, CRLF, white space around an entry, no newline at the end.
//! - Rows of `OTX_CSV` and `FIRE_EYE` lists that are about domains, hashes and the like, as long as others hold addresses.
//! - No line is a valid entry: `list-empty` says so, or `list-format-mismatch`.
//! - Content that is known only after apply: `list-empty` says so. This rule is never undecided.
//!
//! ## References
//!
//! - GuardDuty user guide, "Adding and activating an entity list or IP list"

use tfduty_aws::list::{self, Invalid, ListFormat, Reason, Skipped};

use crate::{
    context::Context,
    entries::{self, Said},
    finding::Anchor,
    lists::Known,
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-entry-invalid",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_entry_invalid.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    entries::judge(context, |_, known, (format, list)| {
        invalid(known, format, list).or_else(|| no_address(known, list))
    });
}

fn invalid(known: &Known<'_>, format: ListFormat, list: &list::List) -> Option<Said> {
    let (one, many) = match format {
        ListFormat::Txt => ("line", "lines"),
        ListFormat::Stix => ("element", "elements"),
        ListFormat::OtxCsv | ListFormat::AlienVault | ListFormat::ProofPoint | ListFormat::FireEye => ("row", "rows"),
    };
    let (is, such) =
        if list.invalid_count == 1 { ("is no valid entry", "it") } else { ("are no valid entries", "them") };
    let message = format!(
        "{} {is} of a {format} list: AWS does not document whether GuardDuty skips {such} or refuses the list",
        entries::count(list.invalid_count, one, many)
    );
    let help = match format {
        ListFormat::Txt => "write one IPv4 address or CIDR a line, and nothing else".into(),
        _ => format!("mend these {many} or drop them: the entries of a list are IPv4 addresses and CIDRs"),
    };
    Said::of(labels(known, &list.invalid), message, help)
}

/// A label for each piece. That GuardDuty takes no IPv6 is said once.
fn labels<'a>(known: &'a Known<'_>, invalid: &'a [Invalid]) -> impl Iterator<Item = Anchor> + use<'a> {
    let first_ipv6 = invalid.iter().position(|invalid| invalid.reason == Reason::Ipv6);
    invalid.iter().enumerate().map(move |(index, invalid)| {
        let is_said = invalid.reason == Reason::Ipv6 && first_ipv6 != Some(index);
        if is_said { known.line(invalid.place, |text| format!("{text} is IPv6 too")) } else { known.invalid(invalid) }
    })
}

/// What to say of a feed whose rows are all about something else.
fn no_address(known: &Known<'_>, list: &list::List) -> Option<Said> {
    if !list.entries.is_empty() {
        return None;
    }
    let rows = |count: usize| entries::count(count, "row", "rows");
    let label = |skipped: &Skipped| {
        let label = format!("not an address, but {} ({})", skipped.indicator, rows(skipped.count));
        known.line(skipped.place, |_| label)
    };
    let all = list.skipped.iter().map(|skipped| skipped.count).sum();
    let message = format!("of {} none is about an address", rows(all));
    Said::of(list.skipped.iter().map(label), message, "give rows of IPv4 addresses and CIDRs: IP lists take no others")
}

#[cfg(test)]
mod tests;
