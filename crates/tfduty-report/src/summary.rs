//! The last line of a report: its verdict, and what it rests on. It holds numbers alone, and nothing of an input.

use tfduty_audit::{Command, InputRole, Report, Verdict};

use crate::human::remarks::count;

/// A verdict in a word.
pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Undecided => "undecided",
        Verdict::Fail => "fail",
        Verdict::Error => "error",
    }
}

/// `1 error; 2 detectors, 3 lists, 41 checks, 2 undecided, 1 skipped input`
pub(crate) fn numbers(report: &Report) -> String {
    let summary = report.summary;
    let mut failed = Vec::new();
    for (number, what) in [(summary.error, "error"), (summary.warning, "warning")] {
        failed.extend((number > 0).then(|| count(number, what)));
    }
    failed.extend((summary.advice > 0).then(|| format!("{} advice", summary.advice)));
    for (code, what) in [("ignore-expired", "expired ignore"), ("ignore-unused", "unused ignore")] {
        let number = report.notes.iter().filter(|note| note.code == code).count() as u64;
        failed.extend((number > 0).then(|| count(number, what)));
    }

    let checks = report.rules.iter().map(|tally| tally.passed + tally.failed + tally.undecided).sum();
    let mut examined = vec![count(report.lists, "list"), count(checks, "check")];
    match report.command {
        Command::Check => examined.insert(0, count(report.detectors, "detector")),
        // Nothing is to stay.
        Command::Destroy => drop(examined.remove(0)),
        Command::List | Command::Coverage => {}
    }
    let skipped = report.inputs.iter().filter(|input| input.role == InputRole::LeftOut).count() as u64;
    let counted = [
        (summary.undecided, format!("{} undecided", summary.undecided)),
        (summary.suppressed, format!("{} suppressed", summary.suppressed)),
        (skipped, count(skipped, "skipped input")),
        (report.problems.len() as u64, count(report.problems.len() as u64, "problem")),
    ];
    examined.extend(counted.into_iter().filter(|(number, _)| *number > 0).map(|(_, text)| text));
    let failed = if failed.is_empty() { String::new() } else { format!("{}; ", failed.join(", ")) };
    format!("{failed}{}", examined.join(", "))
}
