//! The file is not in the declared `format`.
//!
//! ## Why it matters
//!
//! GuardDuty reads a list in the format that its set declares, and in no other. A text file declared as `STIX`, or a CSV
//! declared as `TXT`, holds no entry for it: the set ends in the status ERROR, and the apply fails.
//!
//! ## How to fix it
//!
//! Declare the format that the file is in, or convert the file. A changed `format` replaces the set.
//!
//! ```hcl
//! resource "aws_guardduty_threatintelset" "feed" {
//!   format = "OTX_CSV"
//!   # …
//! }
//! ```
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "feed", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "feed.csv", "content": "Indicator type,Indicator,Description\nIPv4,192.0.2.7,scanner\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "feed", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "feed", "activate": true, "format": "OTX_CSV", "location": "s3://lists/feed.csv"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_object", "name": "feed", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "feed.csv", "content": "Indicator type,Indicator,Description\nIPv4,192.0.2.7,scanner\n"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_threatintelset", "name": "feed", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "name": "feed", "activate": true, "format": "TXT", "location": "s3://lists/feed.csv"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - The file has an entry in the declared format: what else it holds, `list-entry-invalid` judges. A TXT list with a stray
//!   header is such a one. UTF-16, NUL bytes and JSON are a mismatch all the same.
//! - An empty file, and a TXT list whose lines look like no format at all: both are for `list-empty`.
//! - Content that is not known: `list-empty` says so.
//! - `tfduty list` without `--list-format` takes the format from the looks of a file; only UTF-16, NUL bytes and JSON fail.
//!
//! It is undecided when `format` is known only after apply.
//!
//! ## References
//!
//! - GuardDuty user guide, "Adding and activating entity lists or IP address lists"

use tfduty_aws::list::{Content, ListFormat, Sniffed};

use crate::{
    context::{Context, Draft},
    lists::{Known, List, Reader},
    object::ObjectId,
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-format-mismatch",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check, Command::List],
    file: include_str!("list_format_mismatch.rs"),
    check,
};

fn check(context: &mut Context<'_>) {
    for list in context.lists {
        let subject = list.subject.clone();
        let (Some(known), Some(sniffed)) = (list.known(), list.sniffed()) else {
            context.skip(subject);
            continue;
        };
        let wrong: Vec<&Reader> = list.readers.iter().filter(|reader| is_wrong(list, reader, sniffed)).collect();
        let open = list.readers.iter().find(|reader| reader.format.is_none()).and_then(|reader| reader.set);
        match open {
            _ if !wrong.is_empty() => {
                let draft = mismatch(context, (list, known), sniffed, &wrong);
                context.fail(subject, draft);
            }
            Some(set) => {
                let draft = unknown_format(context, set);
                context.undecided(subject, draft);
            }
            None => context.pass(subject),
        }
    }
}

/// Whether the bytes are not in the format that a reader declares.
fn is_wrong(list: &List<'_>, reader: &Reader, sniffed: &Sniffed) -> bool {
    let declared = reader.format.filter(|_| reader.is_declared);
    let is_other = match sniffed.content {
        Content::Utf16 | Content::Nul | Content::Json => return true,
        Content::Empty => false,
        Content::Format(format) => declared.is_some_and(|declared| declared != format),
        Content::Other => declared.is_some_and(|declared| declared != ListFormat::Txt),
    };
    is_other && declared.and_then(|declared| list.parsed(declared)).is_some_and(|parsed| parsed.entries.is_empty())
}

fn mismatch(
    context: &Context<'_>,
    (list, known): (&List<'_>, &Known<'_>),
    sniffed: &Sniffed,
    wrong: &[&Reader],
) -> Draft {
    let mut declared: Vec<ListFormat> = wrong.iter().filter_map(|reader| reader.format).collect();
    declared.sort();
    declared.dedup();
    let declared: Vec<String> = declared.iter().map(|format| format!("`{format}`")).collect();
    let declared = declared.join(" and ");
    let first = sniffed.place.and_then(|place| known.shown(place));
    let message = match (sniffed.content, first) {
        (Content::Utf16 | Content::Nul, _) => format!("the list {sniffed}: GuardDuty reads UTF-8 alone"),
        (Content::Json, _) => format!("the list {sniffed}: none of GuardDuty's list formats is JSON, STIX 2 included"),
        (Content::Other, Some(first)) => {
            format!(
                "the list has no entry as {declared}, which it is declared as: it begins with {first}, and {sniffed}"
            )
        }
        _ => format!("the list has no entry as {declared}, which it is declared as: it {sniffed}"),
    };
    let help = match sniffed.content {
        Content::Utf16 | Content::Nul => "save the file as UTF-8".into(),
        Content::Json => "convert the file to one of the formats: `TXT` takes one address or CIDR a line".into(),
        Content::Format(format) => {
            format!("declare `format = \"{format}\"`, which replaces the set, or convert the file")
        }
        Content::Empty | Content::Other => format!("convert the file to {declared}"),
    };
    let label = "the list begins like this";
    let formats = wrong.iter().filter_map(|reader| {
        let format = if reader.is_declared { "declared here" } else { "taken from the looks" };
        Some(context.label(reader.set?, &["format"], format))
    });
    Draft {
        message,
        help,
        attribute: list.attribute,
        discriminator: String::new(),
        anchor: sniffed.place.map_or_else(|| known.whole(label), |place| known.anchor(place, label)),
        related: formats.collect(),
    }
}

fn unknown_format(context: &Context<'_>, set: ObjectId) -> Draft {
    let object = context.estate.object(set);
    let format = object.attribute(&["format"]);
    let why = if format.is_unknown() { context.unknown(set, "format") } else { "it is none of GuardDuty's".into() };
    Draft {
        message: format!("whether the list is in its declared `format` is not known: {why}"),
        help: context.what_would_decide(set),
        attribute: "format",
        discriminator: String::new(),
        anchor: context.anchor(object, &format, "decides how the list is read"),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
