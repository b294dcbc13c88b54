//! What code scanning takes of a log: it refuses a larger one as a whole, with all that it says.

use std::{cmp::Reverse, io};

use tfduty_audit::{Finding, FindingVerdict};

use super::{Scene, results::result};
use crate::harmless::print;

/// Results of one run. Of these GitHub shows the 5,000 most severe.
const RESULTS: usize = 25_000;

/// Related places of one result, which leaves one of the thousand for its own.
pub(super) const RELATED: usize = 999;

/// Tags of one rule.
pub(super) const TAGS: usize = 20;

/// Bytes of all results. GitHub takes 10 MB of a log that is compressed with gzip. That makes a tenth of results as they are,
/// and an eighth where every name is a random one; for this many bytes a third would do.
const BYTES: usize = 36 << 20;

/// The results that are shown, and what is said of the others.
pub(super) struct Choice {
    /// Indices into the report's findings, in its order.
    pub(super) kept: Vec<usize>,
    /// Findings that have no room.
    pub(super) left_out: usize,
    /// Undecided ones that are not asked for.
    pub(super) undecided: usize,
}

/// The findings that are shown: the most severe ones, if not all have room. What is undecided fails nobody, and is an open
/// alert for ever where a value is known only after apply: it is shown to those who ask for it with `--strict`.
pub(super) fn choose(scene: &Scene<'_>) -> Choice {
    choose_within(scene, (RESULTS, BYTES))
}

pub(super) fn choose_within(scene: &Scene<'_>, (results, bytes): (usize, usize)) -> Choice {
    let findings = &scene.report.findings;
    let is_shown = |finding: &Finding| finding.verdict == FindingVerdict::Fail || scene.report.strict;
    let mut kept: Vec<usize> = (0..findings.len()).filter(|index| is_shown(&findings[*index])).collect();
    let shown = kept.len();
    kept.sort_by_key(|index| weight(&findings[*index]));
    kept.truncate(results);
    let mut room = bytes;
    let fitting = kept.iter().take_while(|index| {
        let rest = room.checked_sub(size(scene, &findings[**index]));
        room = rest.unwrap_or_default();
        rest.is_some()
    });
    let fitting = fitting.count();
    kept.truncate(fitting);
    kept.sort_unstable();
    Choice { left_out: shown - kept.len(), undecided: findings.len() - shown, kept }
}

/// What comes first where not all have room.
fn weight(finding: &Finding) -> impl Ord {
    (finding.suppressed.is_some(), Reverse(finding.verdict == FindingVerdict::Fail), finding.severity)
}

/// Bytes of a result in the log.
fn size(scene: &Scene<'_>, finding: &Finding) -> usize {
    let mut counter = Counter(1);
    // Neither counting nor a result can fail.
    let _ = print(&result(scene, finding), &mut counter);
    counter.0
}

/// Counts what is written to it.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
