//! What a destroy does and leaves: one paragraph, and what stays with the commands that remove it.

use std::{fmt::Write as _, io};

use tfduty_audit::{DestroyItem, DestroySummary, HarmlessKind, RULES, Remain, Report};
use tfduty_terraform::escape;

use super::{Page, Paint, count, diagnostic::wrapping};

/// How much of what stays is spelled out: a stack may be left as a whole.
pub(crate) const MOST: usize = 20;

impl Page<'_, '_> {
    /// Says what the destroy does and leaves, where the run was about one.
    pub(super) fn destroy(&mut self) -> io::Result<()> {
        let Some(summary) = &self.report.destroy else { return Ok(()) };
        let text = format!("{} {}", self.paint(Paint::Help, "destroy:"), said(summary, self.report));
        writeln!(self.out, "{}\n", textwrap::fill(&text, wrapping(self.options.width)))?;
        if summary.remains.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "what stays, in an order in which it can be removed:")?;
        for remain in summary.remains.iter().take(MOST) {
            writeln!(self.out, "  {}", headline(remain))?;
            for line in instructions(remain) {
                writeln!(self.out, "    {line}")?;
            }
        }
        if let Some(more) = summary.remains.len().checked_sub(MOST).filter(|more| *more > 0) {
            writeln!(self.out, "  and {more} more: --format json")?;
        }
        writeln!(self.out)
    }
}

/// What a destroy does and leaves, as a paragraph.
pub(crate) fn said(summary: &DestroySummary, report: &Report) -> String {
    paragraph(summary, is_whole(report))
}

/// Whether every rule of the command ran, on all that was given.
fn is_whole(report: &Report) -> bool {
    let all = RULES.iter().filter(|rule| rule.commands.contains(&report.command));
    report.problems.is_empty() && all.count() == report.rules.len()
}

/// `3 objects will be deleted, 1 stays, 1 blocks the destroy, 1 comes later.`, and what to make of it. That nothing stays
/// is said only where every rule ran on every input.
fn paragraph(summary: &DestroySummary, is_whole: bool) -> String {
    let DestroySummary { void, blocks, remains, .. } = summary;
    let mut parts = vec![lead(summary)];
    let leads_with_remains = is_verdict(summary);
    for (number, one, many) in [
        (if leads_with_remains { 0 } else { remains.len() }, "stays", "stay"),
        (blocks.len(), "blocks the destroy", "block the destroy"),
        (summary.delayed.len(), "comes later", "come later"),
        (summary.undecided.len(), "cannot be told", "cannot be told"),
        (summary.accepted.len(), "is left as accepted", "are left as accepted"),
    ] {
        parts.extend((number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many })));
    }
    if parts.len() == 1 && void.is_empty() && !leads_with_remains && is_whole {
        parts.push("and the inputs show nothing that stays".into());
    }
    let mut text = parts.join(", ");
    text.push('.');
    if blocks.iter().any(|item| item.rules.contains(&"destroy-prevented")) {
        text.push_str(" Nothing at all is deleted while `prevent_destroy` holds.");
    } else if !blocks.is_empty() {
        text.push_str(" The destroy stops at what blocks it, and then more stays.");
    }
    if !void.is_empty() {
        let paths: Vec<String> = void.iter().map(|path| format!("`{}`", escape(path))).collect();
        let says = if void.len() == 1 {
            "proves nothing and is not counted: see its finding"
        } else {
            "prove nothing and are not counted: see their findings"
        };
        let _ = write!(text, " {} {says}.", paths.join(", "));
    }
    text.push_str(&harmless(summary));
    text
}

/// Whether this is the verdict on a destroy that was done, and nothing is still to be deleted.
fn is_verdict(summary: &DestroySummary) -> bool {
    summary.is_done && summary.deletes.is_empty()
}

/// What is deleted; after a destroy, what is left.
fn lead(summary: &DestroySummary) -> String {
    let objects = |number: usize| match number {
        0 => "no object".to_owned(),
        number => count(number as u64, "object"),
    };
    if is_verdict(summary) {
        let left = summary.remains.len();
        if left == 0 && !summary.void.is_empty() {
            return "what is left is not known".into();
        }
        return format!("{} {} left", objects(left), if left > 1 { "are" } else { "is" });
    }
    let is_sure = summary.blocks.is_empty() && summary.void.is_empty();
    format!("{} {} be deleted", objects(summary.deletes.len()), if is_sure { "will" } else { "would" })
}

/// What is no leftover, as a sentence; nothing where there is none.
fn harmless(summary: &DestroySummary) -> String {
    let mut counted = Vec::new();
    for (kind, one, many) in [
        (HarmlessKind::Data, "data object", "data objects"),
        (HarmlessKind::Output, "output", "outputs"),
        (HarmlessKind::CheckResults, "check result", "check results"),
        (HarmlessKind::EmptyResource, "resource without instances", "resources without instances"),
    ] {
        let number: u64 = summary.harmless.iter().filter(|item| item.kind == kind).map(|item| item.count).sum();
        counted.extend((number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many })));
    }
    if counted.is_empty() { String::new() } else { format!(" Harmless, and no leftover: {}.", counted.join(", ")) }
}

/// `aws_db_instance.x: the final snapshot in 123456789012, eu-west-1 [destroy-keeps-copy]`
pub(crate) fn headline(remain: &Remain) -> String {
    let DestroyItem { path, address, account, region, rules, .. } = &remain.item;
    let subject = address.as_ref().unwrap_or(path);
    let mut text = match &remain.what {
        Some(what) => format!("{subject}: {what}"),
        None => subject.clone(),
    };
    let place: Vec<&str> = [account, region].into_iter().flatten().map(String::as_str).collect();
    if !place.is_empty() {
        let _ = write!(text, " in {}", place.join(", "));
    }
    if !rules.is_empty() {
        let _ = write!(text, " [{}]", rules.join(", "));
    }
    escape(text).into_owned()
}

/// The commands, and by what to find it where none removes it.
fn instructions(remain: &Remain) -> Vec<String> {
    let commands = remain.commands.iter().map(|command| escape(command).into_owned());
    search(remain).into_iter().chain(commands).collect()
}

/// `find it by arn:…`, for what no command removes.
pub(crate) fn search(remain: &Remain) -> Option<String> {
    let removes = remain.commands.iter().any(|command| !command.starts_with("terraform "));
    let is_aws = remain.item.resource_type.as_deref().is_some_and(|name| name.starts_with("aws"));
    remain.item.id.as_ref().filter(|_| !removes && is_aws).map(|id| format!("find it by {}", escape(id)))
}

#[cfg(test)]
mod tests;
