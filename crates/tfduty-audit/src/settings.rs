//! What configuration and options mean.

use tfduty_terraform::Place;

use crate::{
    finding::FindingVerdict,
    positions::under,
    rule::{Command, Rule, Severity},
    rules::rule,
};

/// Everything that configuration and command line say about an audit. Applied once, after the rules have judged.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The command that runs.
    pub command: Command,
    /// The run's date, `YYYY-MM-DD`.
    pub today: String,
    /// The lowest severity that fails the run; `None`: nothing does.
    pub fail_on: Option<Severity>,
    /// Whether what is undecided fails the run.
    pub strict: bool,
    /// Rules that run, by id or family (`list-*`); empty: all.
    pub only: Vec<String>,
    /// Rules that do not run, by id or family.
    pub skip: Vec<String>,
    /// Severities that the configuration changes, by rule id; `None` switches the rule off.
    pub severities: Vec<(String, Option<Severity>)>,
    /// What must exist beyond what the inputs show.
    pub expect: Expect,
    /// Findings that do not count.
    pub ignores: Vec<Ignore>,
    /// Findings that were known before.
    pub baseline: Option<Baseline>,
    /// Whether what is left becomes a new baseline, and does not count therefore.
    pub writes_baseline: bool,
    /// Whether the inputs are only some of those that the configuration speaks of, as those of one commit are. What it names
    /// in vain is not told then.
    pub is_partial: bool,
}

/// A baseline file.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    /// The file, as reports show it.
    pub path: String,
    /// What it knows.
    pub entries: Vec<BaselineEntry>,
}

/// A finding that a baseline knows.
#[derive(Debug, Clone)]
pub struct BaselineEntry {
    /// The finding's fingerprint.
    pub fingerprint: String,
    /// Id of its rule. What rules say that do not run is not missed.
    pub rule: String,
    /// What it was.
    pub verdict: FindingVerdict,
}

/// `[expect]` of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// Accounts that must have detectors; empty: accounts are not compared.
    pub accounts: Vec<String>,
    /// Regions that must have detectors; empty: nothing beyond the inputs is expected.
    pub regions: Regions,
    /// Whether detectors are owned elsewhere, so that their absence is no finding.
    pub elsewhere: bool,
}

/// `regions` of `[expect]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Regions {
    /// Not said.
    #[default]
    Unset,
    /// These.
    These(Vec<String>),
    /// `"all"`: every region that is on by default, and each opt-in region that the estate uses.
    All,
}

/// `[[ignore]]` of the configuration. At least one of `address`, `account`, `region`, `path` is set.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    /// A rule, or a family (`list-*`).
    pub rule: String,
    /// Glob over the finding's address.
    pub address: Option<String>,
    /// The finding's account.
    pub account: Option<String>,
    /// The finding's region.
    pub region: Option<String>,
    /// Glob over the path of the input, or of the file of the configuration that the finding points to.
    pub path: Option<String>,
    /// The working folder, seen from the folder that `path` counts from; empty where it is the same.
    pub working_folder: String,
    /// Why.
    pub reason: String,
    /// The last day it holds, `YYYY-MM-DD`.
    pub until: Option<String>,
    /// The file that says so.
    pub file: Option<String>,
    /// Where in the file.
    pub place: Option<Place>,
}

impl Settings {
    /// The defaults of a command on the day `today` (`YYYY-MM-DD`).
    pub fn new(command: Command, today: impl Into<String>) -> Self {
        Self {
            command,
            today: today.into(),
            fail_on: Some(Severity::Error),
            strict: false,
            only: Vec::new(),
            skip: Vec::new(),
            severities: Vec::new(),
            expect: Expect::default(),
            ignores: Vec::new(),
            baseline: None,
            writes_baseline: false,
            is_partial: command == Command::List,
        }
    }

    /// The severity of a rule, after the configuration had its say.
    pub(crate) fn severity_of(&self, rule: &Rule) -> Severity {
        let changed = self.severities.iter().find(|(id, _)| id == rule.id);
        changed.and_then(|(_, severity)| *severity).unwrap_or(rule.severity)
    }

    /// Whether the configuration makes a rule, `weakened`, less severe than it is, and than `other`.
    pub(crate) fn is_weakened(&self, weakened: &str, other: &Rule) -> bool {
        self.severities.iter().any(|(id, severity)| {
            let by_itself = rule(id).map(|rule| rule.severity);
            id == weakened && *severity > by_itself && *severity > Some(self.severity_of(other))
        })
    }
}

/// Whether a rule is named by `selector`: its id, or a family such as `list-*`.
pub(crate) fn selects(selector: &str, id: &str) -> bool {
    match selector.strip_suffix('*') {
        Some(prefix) => id.starts_with(prefix),
        None => selector == id,
    }
}

impl Ignore {
    /// Whether the ignore covers a finding with these properties; rule and expiry are not considered.
    pub(crate) fn covers(&self, subject: &IgnoreSubject<'_>) -> bool {
        let equal =
            |wanted: &Option<String>, found: Option<&str>| wanted.as_deref().is_none_or(|wanted| found == Some(wanted));
        let matches = |pattern: &Option<String>, found: Option<&str>| {
            pattern.as_deref().is_none_or(|pattern| found.is_some_and(|found| glob(pattern, found)))
        };
        // Standard input lies in no folder.
        let from_there = |path: &&str| if *path == "-" { "-".to_owned() } else { under(&self.working_folder, path) };
        let named = self.path.as_deref().map(|pattern| pattern.strip_prefix("./").unwrap_or(pattern));
        matches(&self.address, subject.address)
            && equal(&self.account, subject.account)
            && equal(&self.region, subject.region)
            && named
                .is_none_or(|pattern| subject.paths.iter().flatten().map(from_there).any(|path| glob(pattern, &path)))
    }
}

/// What an [`Ignore`] is compared with.
pub(crate) struct IgnoreSubject<'a> {
    pub(crate) address: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    /// Of the input, and of the file of the configuration.
    pub(crate) paths: [Option<&'a str>; 2],
}

/// Whether `text` matches `pattern` as a whole, where `*` stands for any run of characters and `?` for one. Brackets
/// are literal: addresses hold them. Linear in `text` for each star.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    // Most texts end otherwise than the pattern.
    let end = pattern.rfind(['*', '?']).map_or(pattern, |last| &pattern[last + 1..]);
    if !text.ends_with(end) {
        return false;
    }
    if pattern.is_ascii() && text.is_ascii() {
        return matches(pattern.as_bytes(), text.as_bytes(), (b'*', b'?'));
    }
    let [pattern, text] = [pattern, text].map(|text| text.chars().collect::<Vec<char>>());
    matches(&pattern, &text, ('*', '?'))
}

/// The same of characters, of which one stands for any run of them, and one for any one.
fn matches<T: Copy + PartialEq>(pattern: &[T], text: &[T], (run, any): (T, T)) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(c) if *c == run => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == any || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts_and_take_brackets_literally() {
        for (pattern, text, expected) in [
            ("module.logs[*].aws_s3_bucket.this", "module.logs[\"eu\"].aws_s3_bucket.this", true),
            ("module.logs[*].aws_s3_bucket.this", "module.logs.aws_s3_bucket.this", false),
            ("aws_s3_bucket.?", "aws_s3_bucket.b", true),
            ("aws_s3_bucket.?", "aws_s3_bucket.bb", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("envs/*/plan.json", "envs/dev/plan.json", true),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_selector_is_an_id_or_a_family() {
        assert!(selects("list-*", "list-inactive"));
        assert!(selects("list-inactive", "list-inactive"));
        assert!(!selects("list-*", "detector-disabled"));
        assert!(!selects("list", "list-inactive"));
    }
}
