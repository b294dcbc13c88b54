//! `--format markdown`: for a comment on a pull request, or the summary of a job.

pub(crate) mod text;

use std::fmt::Write as _;

use tfduty_audit::{DestroySummary, Finding, FindingVerdict, Note, Problem, Remain, Report, Suppression};

use self::text::{block, cell, code, plain, shortened};
use crate::{
    Repository, Texts, graph,
    human::{
        destroy,
        group::{Group, groups},
        remarks::count,
        subject, suppressor,
    },
    places::Places,
    related::related,
    rule_url,
    spot::Spot,
    summary,
};

/// Bytes of a comment. GitHub counts characters, of which there are never more; GitLab takes a million.
pub(crate) const COMMENT: usize = 65_536;
/// What a report takes that leaves everything out.
pub(crate) const LEAST: usize = 2 * RESERVE;
/// Kept free for the sentence that says what is left out.
const RESERVE: usize = 512;
/// Characters of one text: a name without an end must not push the other findings out.
const LONGEST: usize = 1_000;

const FAILURES: &str = "| severity | rule | address | message | place |\n|---|---|---|---|---|\n";
const UNDECIDED: &str = "| rule | address | message |\n|---|---|---|\n";
const SUPPRESSED: &str = "| rule | address | by | until | reason |\n|---|---|---|---|---|\n";

/// The report in no more than `room` bytes, most severe first.
pub(crate) fn page(report: &Report, texts: &dyn Texts, repository: &Repository, room: usize) -> String {
    let mut page = Page { report, places: Places::new(texts), repository, room, text: String::new(), left_out: 0 };
    page.head();
    let problem = |page: &mut Page<'_>, index: usize| page.problem(&report.problems[index]);
    page.section("### Problems\n\n", (report.problems.len(), problem), "");
    page.failures();
    page.wiring();
    page.destroy();
    page.undecided();
    page.suppressed();
    let note = |page: &mut Page<'_>, index: usize| page.note(&report.notes[index]);
    page.section(&summarized(&count(report.notes.len() as u64, "note"), ""), (report.notes.len(), note), END);
    page.tail();
    page.text
}

struct Page<'a> {
    report: &'a Report,
    places: Places<'a>,
    repository: &'a Repository,
    room: usize,
    text: String,
    /// Entries that did not fit.
    left_out: usize,
}

impl<'a> Page<'a> {
    /// The heading, and the numbers. The comment before them tells a bot which comment to write anew.
    fn head(&mut self) {
        let report = self.report;
        self.text = format!(
            "<!-- tfduty {command} -->\n## tfduty {command}: {verdict}\n\n{numbers}\n",
            command = report.command,
            verdict = summary::verdict(report.verdict),
            numbers = summary::numbers(report)
        );
        if let Some(preface) = &report.preface {
            self.paragraph("", &format!("{}\n", text::text(&shortened(preface, LONGEST))), "");
        }
    }

    /// Adds a section of so many entries, as far as there is room. Once an entry is left out so is all that comes after it:
    /// what is shown is what is most severe. An entry is made when its turn comes, as of thousands few have room.
    fn section(&mut self, open: &str, (total, entry): (usize, impl Fn(&mut Self, usize) -> String), close: &str) {
        let taken = self.text.len() + "\n".len() + open.len() + close.len() + RESERVE;
        let mut free = self.room.saturating_sub(taken);
        let mut fitting = String::new();
        let mut shown = 0;
        while shown < total && self.left_out == 0 {
            let entry = entry(self, shown);
            if entry.len() > free {
                break;
            }
            free -= entry.len();
            fitting.push_str(&entry);
            shown += 1;
        }
        if shown > 0 {
            self.text.extend(["\n", open, &fitting, close]);
        }
        self.left_out += total - shown;
    }

    /// As [`Page::section`], of one entry.
    fn paragraph(&mut self, open: &str, entry: &str, close: &str) {
        self.section(open, (1, |_: &mut Self, _| entry.to_owned()), close);
    }

    /// A path as seen from the root of the repository, where it is inside.
    fn path(&self, shown: &str) -> String {
        self.repository.path(shown).unwrap_or_else(|| shown.to_owned())
    }

    fn problem(&self, problem: &Problem) -> String {
        let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        let place = problem.path.as_ref().map(|path| format!("{}{place}", self.path(path))).unwrap_or_default();
        Self::item(&place, &problem.message, problem.help.as_deref())
    }

    /// A note, with its line and severity where it has them.
    fn note(&self, note: &Note) -> String {
        let line = note.place.map(|place| format!(":{}", place.line)).unwrap_or_default();
        let severity = note.severity.map(|severity| format!("{severity}: ")).unwrap_or_default();
        let path = note.path.as_ref().map(|path| format!("{}{line}", self.path(path))).unwrap_or_default();
        Self::item(&path, &format!("{severity}{}", note.message), None)
    }

    /// A text with its place, which is as seen from the root. Each is escaped alone: a backquote in one must not find its
    /// partner in the next.
    fn item(place: &str, message: &str, help: Option<&str>) -> String {
        let place = match place {
            "" => String::new(),
            place => format!("{}: ", code(&shortened(place, LONGEST))),
        };
        let help = help.map(|help| format!("<br>**Help:** {}", text::text(&shortened(help, LONGEST))));
        format!("- {place}{}{}\n", text::text(&shortened(message, LONGEST)), help.unwrap_or_default())
    }

    fn told(&self, verdict: FindingVerdict) -> Vec<Group<'a>> {
        let told = self.report.findings.iter();
        groups(told.filter(|finding| finding.verdict == verdict && finding.suppressed.is_none()))
    }

    fn failures(&mut self) {
        let mut groups = self.told(FindingVerdict::Fail);
        groups.sort_by_key(|group| group.first.severity);
        let row = |page: &mut Self, index: usize| page.failure(&groups[index]);
        self.section(&format!("### Failures\n\n{FAILURES}"), (groups.len(), row), "");
    }

    fn failure(&mut self, group: &Group<'_>) -> String {
        let finding = group.first;
        let spot = Spot::of(finding, self.report, &mut self.places);
        let place = code(&shortened(&format!("{}:{}", self.path(spot.path), spot.line), LONGEST));
        let remark = spot.remark.map(|remark| format!("<br>{}", cell(&remark))).unwrap_or_default();
        let mut message = said(group);
        for line in related(finding, self.report, &mut self.places) {
            message.push_str("<br>");
            message.push_str(&cell(&shortened(&line, LONGEST)));
        }
        if !finding.help.is_empty() {
            message.push_str("<br>**Help:** ");
            message.push_str(&cell(&shortened(&finding.help, LONGEST)));
        }
        let (severity, rule, address) = (finding.severity, rule(finding), address(finding, self.report));
        format!("| {severity} | {rule} | {address} | {message} | {place}{remark} |\n")
    }

    fn undecided(&mut self) {
        let groups = self.told(FindingVerdict::Undecided);
        let report = self.report;
        let row = |_: &mut Self, index: usize| {
            let group = &groups[index];
            format!("| {} | {} | {} |\n", rule(group.first), address(group.first, report), said(group))
        };
        let number: usize = groups.iter().map(|group| 1 + group.others.len()).sum();
        // What is undecided is what fails a strict run.
        let mut open = summarized(&format!("{number} undecided"), UNDECIDED);
        if self.report.strict {
            open = open.replacen("<details>", "<details open>", 1);
        }
        self.section(&open, (groups.len(), row), END);
    }

    fn suppressed(&mut self) {
        let report = self.report;
        let suppressed = report.findings.iter().filter_map(|finding| Some((finding, finding.suppressed.as_ref()?)));
        let suppressed: Vec<(&Finding, &Suppression)> = suppressed.collect();
        let row = |_: &mut Self, index: usize| {
            let (finding, suppression) = suppressed[index];
            let until = cell(&shortened(suppression.until.as_deref().unwrap_or_default(), LONGEST));
            let reason = cell(&shortened(&suppression.reason, LONGEST));
            let by = suppressor(suppression.by);
            format!("| {} | {} | {by} | {until} | {reason} |\n", rule(finding), address(finding, report))
        };
        let number = suppressed.len();
        self.section(&summarized(&format!("{number} suppressed"), SUPPRESSED), (number, row), END);
    }

    /// The wiring as a picture, where there is room for it.
    fn wiring(&mut self) {
        let Some(wiring) = self.report.wiring.as_ref().filter(|wiring| !wiring.links.is_empty()) else { return };
        let chart = (self.left_out == 0)
            .then(|| format!("```mermaid\n{}```\n", graph::flowchart(wiring, &self.report.findings)));
        let fits = |chart: &String| self.text.len() + chart.len() + RESERVE < self.room;
        let shown = chart.filter(fits).unwrap_or_else(|| "Too large to be drawn here.\n".to_owned());
        self.paragraph(&summarized("Wiring", ""), &shown, END);
    }

    /// What the destroy does and leaves, and the commands that remove what it leaves.
    fn destroy(&mut self) {
        let Some(summary) = &self.report.destroy else { return };
        let paragraph = text::text(&destroy::said(summary, self.report));
        self.paragraph("### What the destroy does\n\n", &format!("{paragraph}\n"), "");
        let lead = "What stays, in an order in which it can be removed";
        let remains = remains(summary);
        let remain = |_: &mut Self, index: usize| remains[index].clone();
        self.section(&summarized(lead, ""), (remains.len(), remain), END);
    }

    fn tail(&mut self) {
        if self.left_out > 0 {
            let entries =
                if self.left_out == 1 { "1 entry is".to_owned() } else { format!("{} entries are", self.left_out) };
            let (command, room) = (self.report.command, self.room);
            let _ = writeln!(
                self.text,
                "\n**Cut short:** {entries} left out, since this place takes no more than {room} bytes. \
                 `tfduty {command} --format human` shows everything."
            );
        }
    }
}

const END: &str = "\n</details>\n";

/// The beginning of a collapsed section. Markdown inside needs the empty line.
fn summarized(summary: &str, table: &str) -> String {
    format!("<details>\n<summary>{summary}</summary>\n\n{table}")
}

/// The rule, which leads to its page where that has an address.
fn rule(finding: &Finding) -> String {
    let id = finding.rule.id;
    rule_url(id).map_or_else(|| format!("`{id}`"), |url| format!("[`{id}`]({url})"))
}

fn address(finding: &Finding, report: &Report) -> String {
    code(&shortened(&subject(finding, report), LONGEST))
}

/// What a group says, and of which other instances.
fn said(group: &Group<'_>) -> String {
    let mut said = cell(&shortened(&group.first.message, LONGEST));
    if let Some(more) = group.more() {
        said.push_str("<br>and ");
        said.push_str(&plain(&shortened(&more, LONGEST)));
    }
    said
}

/// What stays, each with its commands.
fn remains(summary: &DestroySummary) -> Vec<String> {
    let mut entries: Vec<String> = summary.remains.iter().take(destroy::MOST).map(remain).collect();
    if let Some(more) = summary.remains.len().checked_sub(destroy::MOST).filter(|more| *more > 0) {
        entries.push(format!("\nand {more} more\n"));
    }
    entries
}

fn remain(remain: &Remain) -> String {
    let mut entry = format!("1. {}\n", plain(&shortened(&destroy::headline(remain), LONGEST)));
    if let Some(search) = destroy::search(remain) {
        let _ = writeln!(entry, "   {}", plain(&shortened(&search, LONGEST)));
    }
    if !remain.commands.is_empty() {
        // Never shortened: half a command is another one.
        entry.push('\n');
        entry.push_str(&block(remain.commands.iter().map(String::as_str), "   "));
    }
    entry
}

#[cfg(test)]
mod tests;
