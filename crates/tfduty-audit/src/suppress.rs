//! The one place where findings are suppressed. What speaks first is shown as what suppresses: a comment, which stands at
//! the thing itself, then `tfduty.toml`, then the baseline, which gives no reason.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use tfduty_terraform::{Place, escape};

use crate::{
    comments::{self, CommentIgnore, Commented},
    estate::Estate,
    finding::{Finding, FindingVerdict, SuppressedBy, Suppression},
    report::{Note, Problem},
    rule::{Rule, Severity},
    rules::RULES,
    settings::{Baseline, Ignore, IgnoreSubject, Settings, selects},
};

/// What is left to say when findings are suppressed.
pub(crate) struct Remarks {
    /// Of ignores that have run out or match nothing, and of baselines that hold what is gone.
    pub(crate) notes: Vec<Note>,
    /// Comments that cannot be understood.
    pub(crate) problems: Vec<Problem>,
}

/// Suppresses what comments, `tfduty.toml` and the baseline know. `rules` are those that have run, and `is_whole` says that
/// the run had no problem: only then is what is left taken into a new baseline.
pub(crate) fn suppress(
    estate: &Estate,
    settings: &Settings,
    (rules, is_whole): (&[&'static Rule], bool),
    findings: &mut [Finding],
) -> Remarks {
    let (comments, problems) = comments::read(estate, findings);
    let mut notes = Vec::new();
    let near =
        if comments.is_empty() && settings.ignores.is_empty() { Near::default() } else { Near::of(estate, findings) };
    let ignores = comments.iter().map(Entry::of_comment).chain(settings.ignores.iter().map(Entry::of_config));
    for entry in ignores {
        let is_used = apply(&entry, estate, settings, (&near, findings));
        notes.extend(entry.note(is_used, settings, rules));
    }
    if let Some(baseline) = &settings.baseline {
        notes.extend(apply_baseline(baseline, settings, rules, findings));
    }
    if settings.writes_baseline && is_whole && problems.is_empty() {
        findings.iter_mut().filter(|finding| finding.suppressed.is_none()).for_each(take_into_baseline);
    }
    Remarks { notes, problems }
}

/// An ignore, wherever it is written.
struct Entry<'a> {
    what: What<'a>,
    rule: &'a str,
    reason: &'a str,
    until: Option<&'a str>,
    /// Where it is written.
    path: Option<&'a str>,
    place: Option<Place>,
}

enum What<'a> {
    Comment(&'a CommentIgnore),
    Config(&'a Ignore),
}

impl<'a> Entry<'a> {
    fn of_comment(comment: &'a CommentIgnore) -> Self {
        Self {
            rule: &comment.rule,
            reason: &comment.reason,
            until: comment.until.as_deref(),
            path: Some(&comment.path),
            place: Some(comment.place),
            what: What::Comment(comment),
        }
    }

    fn of_config(ignore: &'a Ignore) -> Self {
        Self {
            rule: &ignore.rule,
            reason: &ignore.reason,
            until: ignore.until.as_deref(),
            path: ignore.file.as_deref(),
            place: ignore.place,
            what: What::Config(ignore),
        }
    }

    fn covers(&self, estate: &Estate, finding: &Finding) -> bool {
        selects(self.rule, finding.rule.id)
            && match self.what {
                What::Comment(comment) => comment.covers(estate, finding),
                What::Config(ignore) => ignore.covers(&IgnoreSubject {
                    address: finding.address.as_deref(),
                    account: finding.account.as_deref(),
                    region: finding.region.as_deref(),
                    paths: [
                        Some(&*estate.inputs[finding.anchor.input].path),
                        finding.source.as_ref().map(|place| &*place.path),
                    ],
                }),
            }
    }

    fn is_expired(&self, settings: &Settings) -> bool {
        self.until.is_some_and(|until| until < settings.today.as_str())
    }

    fn suppression(&self) -> Suppression {
        Suppression {
            by: match self.what {
                What::Comment(_) => SuppressedBy::Comment,
                What::Config(_) => SuppressedBy::Config,
            },
            reason: self.reason.to_owned(),
            until: self.until.map(str::to_owned),
        }
    }

    /// What is to be said of the ignore itself. That it matches nothing shows only if all rules that it names have run, over
    /// all inputs that it may speak of.
    fn note(&self, is_used: bool, settings: &Settings, rules: &[&'static Rule]) -> Option<Note> {
        if matches!(self.what, What::Comment(comment) if !comment.is_own) {
            return None;
        }
        let about = format!("the ignore of `{}` ({})", escape(self.rule), escape(self.reason));
        let note = |code, severity, message| Note {
            path: self.path.map(str::to_owned),
            place: self.place,
            code: Cow::Borrowed(code),
            severity: Some(severity),
            message,
        };
        if self.is_expired(settings) {
            let until = self.until.unwrap_or_default();
            let message = format!("{about} ran out on {until}: mend what it hides, or give it a new date");
            return Some(note("ignore-expired", Severity::Warning, message));
        }
        let has_run = |rule: &Rule| rules.iter().any(|run| run.id == rule.id);
        let could_be_used = RULES.iter().filter(|rule| selects(self.rule, rule.id)).all(|rule| has_run(rule));
        (!is_used && could_be_used && !settings.is_partial).then(|| {
            note(
                "ignore-unused",
                Severity::Advice,
                format!("{about} matches nothing: delete it, or correct what it names"),
            )
        })
    }
}

/// Findings by what ignores name, so that each of many ignores is compared with few of many findings: places among them.
#[derive(Default)]
struct Near {
    by_rule: BTreeMap<&'static str, Vec<usize>>,
    by_address: HashMap<String, Vec<usize>>,
    by_account: HashMap<String, Vec<usize>>,
    commented: Commented,
}

impl Near {
    fn of(estate: &Estate, findings: &[Finding]) -> Self {
        let mut near = Self { commented: Commented::of(estate, findings), ..Self::default() };
        for (index, finding) in findings.iter().enumerate() {
            near.by_rule.entry(finding.rule.id).or_default().push(index);
            if let Some(address) = &finding.address {
                near.by_address.entry(address.clone()).or_default().push(index);
            }
            if let Some(account) = &finding.account {
                near.by_account.entry(account.clone()).or_default().push(index);
            }
        }
        near
    }

    /// The findings that an ignore may cover, and perhaps others, in their order.
    fn to(&self, entry: &Entry<'_>) -> Vec<usize> {
        let ignore = match entry.what {
            What::Comment(comment) => return self.commented.near(comment).into_iter().collect(),
            What::Config(ignore) => ignore,
        };
        let exact = ignore.address.as_ref().filter(|address| !address.contains(['*', '?']));
        if let Some(address) = exact {
            return self.by_address.get(address).cloned().unwrap_or_default();
        }
        if let Some(account) = &ignore.account {
            return self.by_account.get(account).cloned().unwrap_or_default();
        }
        let of_rules = self.by_rule.iter().filter(|(id, _)| selects(entry.rule, id));
        of_rules.flat_map(|(_, findings)| findings).copied().collect()
    }
}

/// Suppresses what an ignore covers, unless it has run out. Whether it covers anything.
fn apply(entry: &Entry<'_>, estate: &Estate, settings: &Settings, (near, findings): (&Near, &mut [Finding])) -> bool {
    let mut is_used = false;
    for index in near.to(entry) {
        let Some(finding) = findings.get_mut(index).filter(|finding| entry.covers(estate, finding)) else { continue };
        is_used = true;
        if finding.suppressed.is_none() && !entry.is_expired(settings) {
            finding.suppressed = Some(entry.suppression());
        }
    }
    is_used
}

/// Suppresses what the baseline knows. What it knows as undecided is new when it fails.
fn apply_baseline(
    baseline: &Baseline,
    settings: &Settings,
    rules: &[&'static Rule],
    findings: &mut [Finding],
) -> Option<Note> {
    let mut known: BTreeMap<&str, (FindingVerdict, bool)> = BTreeMap::new();
    for entry in baseline.entries.iter().filter(|entry| rules.iter().any(|rule| rule.id == entry.rule)) {
        let verdict = known.entry(&entry.fingerprint).or_insert((entry.verdict, false));
        verdict.0 = verdict.0.min(entry.verdict);
    }
    for finding in findings {
        let Some((verdict, is_found)) = known.get_mut(finding.fingerprint.as_str()) else { continue };
        *is_found = true;
        if finding.suppressed.is_none() && *verdict <= finding.verdict {
            take_into_baseline(finding);
        }
    }
    let gone = known.values().filter(|(_, is_found)| !is_found).count();
    let entries = if gone == 1 { "1 entry matches" } else { &format!("{gone} entries match") };
    let message = format!("{entries} nothing any more: write the baseline again to drop what is gone");
    (gone > 0 && !settings.is_partial).then(|| Note::new(Some(baseline.path.clone()), "baseline-stale", message))
}

fn take_into_baseline(finding: &mut Finding) {
    finding.suppressed = Some(Suppression { by: SuppressedBy::Baseline, reason: String::new(), until: None });
}
