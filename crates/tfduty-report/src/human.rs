//! `--format human`.

pub(crate) mod destroy;
mod diagnostic;
pub(crate) mod group;
mod gutter;
pub(crate) mod remarks;
pub(crate) mod sheets;

use std::io::{self, Write};

use miette::Severity as Level;
use tfduty_audit::{Finding, FindingVerdict, InputKind, InputRole, Note, Report, Severity, SuppressedBy, Verdict};
use tfduty_terraform::escape;

pub(crate) use self::diagnostic::{Sheet, wrapping};
use self::{
    diagnostic::{Sheets, Shown},
    group::{Group, groups},
    remarks::{Paint, count, paint},
};
use crate::{Detail, HumanOptions, Style, Texts, places::Places, rule_url, summary};

/// Columns that miette can lay a report out in.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=300;

/// Writes what a person reads, worst first, and a summary line last, whatever the report holds.
pub(crate) fn write(report: &Report, texts: &dyn Texts, options: HumanOptions, out: &mut dyn Write) -> io::Result<()> {
    let options = HumanOptions { width: options.width.clamp(*WIDTHS.start(), *WIDTHS.end()), ..options };
    let mut page = Page { report, places: Places::new(texts), options, out };
    page.preface()?;
    page.failures()?;
    // What is undecided is what fails a strict run.
    if options.detail >= Detail::Normal || report.strict {
        page.undecided()?;
    }
    // Notes that count may be what fails the run.
    let shown = |note: &&Note| options.detail >= Detail::Normal || note.severity.is_some();
    remarks::notes(report.notes.iter().filter(shown), options.color, page.out)?;
    remarks::problems(&report.problems, options.color, page.out)?;
    if options.detail >= Detail::Verbose {
        page.suppressed()?;
        page.inputs()?;
        page.rules()?;
    }
    if options.detail >= Detail::Normal {
        page.destroy()?;
    }
    page.summary()
}

struct Page<'a, 'o> {
    report: &'a Report,
    places: Places<'a>,
    options: HumanOptions,
    out: &'o mut dyn Write,
}

impl<'a> Page<'a, '_> {
    fn preface(&mut self) -> io::Result<()> {
        match &self.report.preface {
            Some(preface) if self.options.detail >= Detail::Normal => writeln!(self.out, "{}\n", escape(preface)),
            _ => Ok(()),
        }
    }

    fn told(&self, verdict: FindingVerdict) -> Vec<Group<'a>> {
        let told = self.report.findings.iter();
        groups(told.filter(|finding| finding.verdict == verdict && finding.suppressed.is_none()))
    }

    fn failures(&mut self) -> io::Result<()> {
        for group in self.told(FindingVerdict::Fail) {
            let text = self.failure(&group);
            writeln!(self.out, "{text}")?;
        }
        Ok(())
    }

    fn failure(&mut self, group: &Group<'_>) -> String {
        let finding = group.first;
        let spread = sheets::spread(finding, self.report, &mut self.places, self.options.width);
        let id = finding.rule.id;
        let shown = Shown {
            code: match self.options.style {
                Style::Graphical => format!("{}[{id}]", finding.severity),
                // Said on a line of its own there.
                Style::Narrated => id.to_owned(),
            },
            severity: match finding.severity {
                Severity::Error => Level::Error,
                Severity::Warning => Level::Warning,
                Severity::Advice => Level::Advice,
            },
            message: escape(&finding.message).into_owned(),
            help: escape(&finding.help).into_owned(),
            url: rule_url(id).filter(|_| self.options.hyperlinks),
            sheets: Sheets(spread.sheets),
        };
        let mut text = match shown.render(self.options) {
            Some(rendered) => gutter::renumber(&rendered, &shown.sheets.0, self.options.style),
            None => format!("{}: {}\n", shown.code, shown.message),
        };
        for note in group.more().into_iter().map(|more| format!("and {more}")).chain(spread.elsewhere) {
            let lead = self.paint(Paint::Help, "  note: ");
            let wrap = wrapping(self.options.width).initial_indent(&lead).subsequent_indent("        ");
            text.push_str(&textwrap::fill(&note, wrap));
            text.push('\n');
        }
        text
    }

    fn undecided(&mut self) -> io::Result<()> {
        let groups = self.told(FindingVerdict::Undecided);
        for group in &groups {
            let finding = group.first;
            let code = self.paint(Paint::Undecided, &format!("undecided[{}]", finding.rule.id));
            let more = group.more().map(|more| format!(" (and {more})")).unwrap_or_default();
            writeln!(self.out, "{code} {}: {}{more}", subject(finding, self.report), escape(&finding.message))?;
        }
        self.space(groups.is_empty())
    }

    fn suppressed(&mut self) -> io::Result<()> {
        let suppressed =
            || self.report.findings.iter().filter_map(|finding| Some((finding, finding.suppressed.as_ref()?)));
        for (finding, suppression) in suppressed() {
            let by = suppressor(suppression.by);
            let until = suppression.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
            let subject = subject(finding, self.report);
            let reason =
                if suppression.reason.is_empty() { String::new() } else { format!(": {}", suppression.reason) };
            writeln!(self.out, "suppressed[{}] {subject} by {by}{}{}", finding.rule.id, escape(until), escape(reason))?;
        }
        self.space(suppressed().next().is_none())
    }

    fn inputs(&mut self) -> io::Result<()> {
        for input in &self.report.inputs {
            let kind = match input.kind {
                InputKind::Plan => "plan",
                InputKind::SavedPlan => "saved plan",
                InputKind::State => "state",
                InputKind::StateJson => "state as JSON",
                InputKind::List => "list",
                InputKind::Facts => "facts",
            };
            let role = match input.role {
                InputRole::Judged => "judged",
                InputRole::Evidence => "evidence",
                InputRole::LeftOut => "left out",
            };
            let resources = if input.kind == InputKind::List {
                String::new()
            } else {
                format!(", {}", count(input.resources, "resource"))
            };
            writeln!(self.out, "input: {}: {kind}, {role}{resources}", escape(&input.path))?;
        }
        self.space(self.report.inputs.is_empty())
    }

    fn rules(&mut self) -> io::Result<()> {
        let width = self.report.rules.iter().map(|tally| tally.rule.id.len()).max().unwrap_or_default();
        for tally in &self.report.rules {
            let counts = [
                (tally.passed, "passed"),
                (tally.failed, "failed"),
                (tally.undecided, "undecided"),
                (tally.skipped, "skipped"),
            ];
            let counts: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
            let counts = if counts.is_empty() { "no subject".to_owned() } else { counts.join(", ") };
            writeln!(self.out, "rule: {:width$}  {counts}", tally.rule.id)?;
        }
        self.space(self.report.rules.is_empty())
    }

    fn summary(&mut self) -> io::Result<()> {
        let paint = match self.report.verdict {
            Verdict::Pass => Paint::Pass,
            Verdict::Undecided => Paint::Undecided,
            Verdict::Fail | Verdict::Error => Paint::Error,
        };
        let verdict = self.paint(paint, &format!("{}:", summary::verdict(self.report.verdict)));
        writeln!(self.out, "{verdict} {}", summary::numbers(self.report))
    }

    fn space(&mut self, empty: bool) -> io::Result<()> {
        remarks::space(empty, self.out)
    }

    fn paint(&self, color: Paint, text: &str) -> String {
        paint(self.options.color, color, text)
    }
}

/// What a line is about: an address; of an absence the account and region, or the input.
pub(crate) fn subject(finding: &Finding, report: &Report) -> String {
    let subject = match (&finding.address, &finding.account, &finding.region) {
        (Some(address), _, _) => address.clone(),
        (None, Some(account), Some(region)) => format!("{account} {region}"),
        (None, Some(place), None) | (None, None, Some(place)) => place.clone(),
        (None, None, None) => {
            report.inputs.get(finding.anchor.input).map(|input| input.path.clone()).unwrap_or_default()
        }
    };
    escape(subject).into_owned()
}

/// What suppresses a finding.
pub(crate) fn suppressor(by: SuppressedBy) -> &'static str {
    match by {
        SuppressedBy::Config => "tfduty.toml",
        SuppressedBy::Comment => "a comment",
        SuppressedBy::Baseline => "the baseline",
    }
}

#[cfg(test)]
mod tests;
