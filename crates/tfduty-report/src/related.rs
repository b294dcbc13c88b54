//! What a finding points at besides its own place, in words: for formats that show one place alone.

use tfduty_audit::{Anchor, Finding, InputKind, Report};
use tfduty_terraform::{TextId, escape};

use crate::places::Places;

/// Places that are told; of more, the number.
const MOST: usize = 5;

/// A line for each place: ``line 6: `# paris` is a comment``, `aws_guardduty_ipset.trusted (main.tf:71): read by this set`.
pub(crate) fn related(finding: &Finding, report: &Report, places: &mut Places<'_>) -> Vec<String> {
    // Of a list or a document in a string the place itself says which piece is meant.
    let label = finding.anchor.label.as_str();
    let own = match line(&finding.anchor, report, places) {
        Some(line) if !label.is_empty() => Some(format!("line {line}: {label}")),
        _ => label.starts_with("line ").then(|| label.to_owned()),
    };
    let mut told: Vec<String> = own.into_iter().collect();
    for related in &finding.related {
        let address = related.address.as_deref().filter(|_| related.address != finding.address);
        let at = match (&related.source, line(&related.anchor, report, places)) {
            (_, Some(line)) => Some(format!("line {line}")),
            (Some(source), None) => Some(format!("{}:{}", source.path, source.line)),
            (None, None) => None,
        };
        let subject = match (address, at) {
            (Some(address), Some(at)) => format!("{address} ({at}): "),
            (Some(subject), None) => format!("{subject}: "),
            (None, Some(at)) => format!("{at}: "),
            (None, None) => String::new(),
        };
        told.push(format!("{subject}{}", related.message));
    }
    let more = told.len().saturating_sub(MOST);
    told.truncate(MOST);
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told.into_iter().map(|line| escape(line).into_owned()).collect()
}

/// The line that is meant of a list, or of a text in a document.
fn line(anchor: &Anchor, report: &Report, places: &mut Places<'_>) -> Option<usize> {
    if anchor.written.is_some() {
        return None;
    }
    if let Some(inner) = anchor.inner {
        return Some(inner.line);
    }
    let is_list = report.inputs.get(anchor.input).is_some_and(|input| input.kind == InputKind::List);
    let place = places.at(anchor.input, TextId::Document, anchor.span.start as usize).filter(|_| is_list);
    place.map(|(line, _)| line)
}
