//! The findings of the page: those of one cause together, each with its excerpts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use tfduty_audit::{Finding, FindingVerdict, Report};

use super::shown;
use crate::{
    Texts,
    human::{
        Sheet,
        group::{self, groups},
        sheets, subject, suppressor,
    },
    places::Places,
};

/// Columns that labels would be wrapped at; the page does that itself.
const WIDTH: usize = 300;
/// Groups that are open at once: more would hide each other.
const OPEN: usize = 12;
/// Groups with excerpts in which marks are drawn. A browser takes a second for a hundred thousand elements, so those behind
/// them have the same as plain text.
const DRAWN: usize = 300;
/// Digits of a fingerprint that name a finding in the page.
const DIGITS: usize = 16;

/// All findings, and where each is.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) groups: Vec<Group>,
    /// The id of the group of each finding, in the order of the reports.
    pub(super) group_of: Vec<String>,
}

/// Findings of one cause.
#[derive(Serialize)]
pub(super) struct Group {
    id: String,
    rule: &'static str,
    severity: String,
    /// `fail`, `undecided` or `suppressed`.
    verdict: &'static str,
    /// What stands on its mark: the severity of what fails.
    mark: String,
    subject: String,
    message: String,
    help: String,
    open: bool,
    /// Whether its excerpts are plain text.
    brief: bool,
    sheets: Vec<Excerpt>,
    elsewhere: Vec<String>,
    instances: Vec<Instance>,
}

/// One finding of a group.
#[derive(Serialize)]
struct Instance {
    subject: String,
    account: String,
    region: String,
    path: String,
    /// Where it says something else than the first.
    message: Option<String>,
    suppressed: Option<String>,
}

/// A sheet, line by line.
#[derive(Serialize)]
struct Excerpt {
    name: String,
    /// Whether its lines have numbers: those of a plan on one line have none.
    numbered: bool,
    lines: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    number: Option<usize>,
    parts: Vec<Part>,
    labels: Vec<String>,
}

#[derive(Serialize)]
struct Part {
    text: String,
    marked: bool,
}

/// What findings can be filtered by, each with how many there are.
#[derive(Serialize)]
pub(super) struct Filters {
    severities: Vec<(String, usize)>,
    verdicts: Vec<(String, usize)>,
    rules: Vec<(String, usize)>,
    accounts: Vec<(String, usize)>,
    regions: Vec<(String, usize)>,
}

impl Findings {
    /// Adds the findings of a report: what fails, worst first, then what is undecided, then what is suppressed.
    pub(super) fn take(&mut self, report: &Report, texts: &dyn Texts) {
        let mut places = Places::new(texts);
        let mut known: BTreeMap<&str, String> = BTreeMap::new();
        let standings: [fn(&&Finding) -> bool; 3] = [
            |its| its.suppressed.is_none() && its.verdict == FindingVerdict::Fail,
            |its| its.suppressed.is_none() && its.verdict == FindingVerdict::Undecided,
            |its| its.suppressed.is_some(),
        ];
        for standing in standings {
            let mut ranked = groups(report.findings.iter().filter(standing));
            ranked.sort_by_key(|group| group.first.severity);
            for found in ranked {
                let mut group = Group::of(&found, report, &mut places);
                group.open = self.groups.len() < OPEN && group.verdict == "fail";
                group.brief = self.groups.len() >= DRAWN;
                for finding in std::iter::once(found.first).chain(found.others.iter().copied()) {
                    known.insert(&finding.fingerprint, group.id.clone());
                }
                self.groups.push(group);
            }
        }
        let ids = report.findings.iter().map(|finding| known.get(&*finding.fingerprint).cloned().unwrap_or_default());
        self.group_of.extend(ids);
    }

    pub(super) fn count(&self) -> usize {
        self.group_of.len()
    }

    pub(super) fn filters(&self) -> Filters {
        let by_group = |name: fn(&Group) -> &str| self.counted(|group, _| name(group).to_owned());
        // Errors first, and what fails first: neither is in the order of the alphabet.
        let ranked = |mut counted: Vec<(String, usize)>, order: [&str; 3]| {
            counted.sort_by_key(|(name, _)| order.iter().position(|its| its == name));
            counted
        };
        Filters {
            severities: ranked(by_group(|group| &group.severity), ["error", "warning", "advice"]),
            verdicts: ranked(by_group(|group| group.verdict), ["fail", "undecided", "suppressed"]),
            rules: by_group(|group| group.rule),
            accounts: self.counted(|_, instance| instance.account.clone()),
            regions: self.counted(|_, instance| instance.region.clone()),
        }
    }

    fn counted(&self, name: impl Fn(&Group, &Instance) -> String) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for group in &self.groups {
            for instance in &group.instances {
                *counts.entry(name(group, instance)).or_default() += 1;
            }
        }
        counts.remove("");
        counts.into_iter().collect()
    }
}

/// What names a finding in the page: a part of its fingerprint, so that a link to it stays good.
fn id(finding: &Finding) -> String {
    let digits = finding.fingerprint.rsplit(':').next().unwrap_or_default();
    format!("f-{}", digits.chars().take(DIGITS).collect::<String>())
}

impl Group {
    fn of<'a>(found: &group::Group<'_>, report: &'a Report, places: &mut Places<'a>) -> Self {
        let finding = found.first;
        let spread = sheets::spread(finding, report, places, WIDTH);
        let verdict = match (&finding.suppressed, finding.verdict) {
            (Some(_), _) => "suppressed",
            (None, FindingVerdict::Fail) => "fail",
            (None, FindingVerdict::Undecided) => "undecided",
        };
        let severity = finding.severity.to_string();
        let all = std::iter::once(finding).chain(found.others.iter().copied());
        Self {
            id: id(finding),
            rule: finding.rule.id,
            mark: if verdict == "fail" { severity.clone() } else { verdict.to_owned() },
            severity,
            verdict,
            subject: subject(finding, report),
            message: shown(&finding.message),
            help: shown(&finding.help),
            open: false,
            brief: false,
            sheets: spread.sheets.iter().map(Excerpt::of).collect(),
            elsewhere: spread.elsewhere,
            instances: all.map(|its| Instance::of(its, finding, report)).collect(),
        }
    }
}

impl Instance {
    fn of(finding: &Finding, first: &Finding, report: &Report) -> Self {
        let suppressed = finding.suppressed.as_ref().map(|suppression| {
            let until = suppression.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
            let reason = Some(&suppression.reason).filter(|reason| !reason.is_empty());
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            shown(&format!("suppressed by {}{until}{reason}", suppressor(suppression.by)))
        });
        Self {
            subject: subject(finding, report),
            account: finding.account.as_deref().map(shown).unwrap_or_default(),
            region: finding.region.as_deref().map(shown).unwrap_or_default(),
            path: report.inputs.get(finding.anchor.input).map(|input| shown(&input.path)).unwrap_or_default(),
            message: (finding.message != first.message).then(|| shown(&finding.message)),
            suppressed,
        }
    }
}

impl Excerpt {
    fn of(sheet: &Sheet) -> Self {
        let (line, column) = sheet.place;
        let mut start = 0;
        let mut lines = Vec::new();
        for (row, text) in sheet.text.split('\n').enumerate() {
            let number = sheet.numbers.get(row).copied().flatten();
            lines.push(Line::of(text, start, &sheet.labels, number));
            start += text.len() + 1;
        }
        let numbered = sheet.numbers.iter().any(Option::is_some);
        Self { name: format!("{}:{line}:{column}", sheet.name), numbered, lines }
    }
}

impl Line {
    /// The line that begins at `start` of a sheet, cut where labels begin and end. A label is told where it ends.
    fn of(text: &str, start: usize, labels: &[(std::ops::Range<usize>, String)], number: Option<usize>) -> Self {
        let inside = |at: usize| at.saturating_sub(start).min(text.len());
        let mut cuts = BTreeSet::from([0, text.len()]);
        for (range, _) in labels {
            cuts.extend([inside(range.start), inside(range.end)]);
        }
        let cuts: Vec<usize> = cuts.into_iter().collect();
        let part = |ends: &[usize]| {
            let (from, to) = (ends[0], ends[1]);
            let is_marked = |range: &std::ops::Range<usize>| range.start < start + to && start + from < range.end;
            let marked = labels.iter().any(|(range, _)| is_marked(range));
            Some(Part { text: text.get(from..to)?.to_owned(), marked })
        };
        let ends_here = |range: &std::ops::Range<usize>| {
            let last = range.end.saturating_sub(1).max(range.start);
            (start..=start + text.len()).contains(&last)
        };
        let told = labels.iter().filter(|(range, label)| ends_here(range) && !label.is_empty());
        Self {
            number,
            parts: cuts.windows(2).filter_map(part).collect(),
            labels: told.map(|(_, label)| label.replace('\n', " ")).collect(),
        }
    }
}
