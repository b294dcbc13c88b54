//! The one line that a code host shows a finding at.

use tfduty_audit::{Exactness, Finding, InputKind, Note, Problem, Report};
use tfduty_terraform::TextId;

use crate::places::Places;

/// A line, or several, of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spot<'a> {
    /// Path as reports show it.
    pub(crate) path: &'a str,
    /// First line, from 1; the first one where nothing tells.
    pub(crate) line: usize,
    /// Last line, from 1.
    pub(crate) end_line: usize,
    /// Column of the first character, from 1, in characters, where it is known.
    pub(crate) column: Option<usize>,
    /// What a reader must know who looks for the cause there, as a sentence without a full stop.
    pub(crate) remark: Option<String>,
}

impl<'a> Spot<'a> {
    /// Where a finding is to be shown: where the configuration writes what is meant, else in the input.
    pub(crate) fn of(finding: &'a Finding, report: &'a Report, places: &mut Places<'_>) -> Self {
        if let Some(source) = &finding.source {
            let column = places.column(source.input, source.text, source.span.start as usize);
            let (line, end_line) = (source.line, source.end_line.max(source.line));
            let remark = match source.exactness {
                Exactness::Attribute | Exactness::Block => None,
                Exactness::ModuleCall => Some("made by this module, whose files are not at hand".to_owned()),
                Exactness::Provider => {
                    Some("nothing can stand for what is absent: this is the provider of its region".to_owned())
                }
            };
            return Self { path: &source.path, line, end_line, column, remark };
        }
        let anchor = &finding.anchor;
        let Some(input) = report.inputs.get(anchor.input) else {
            return Self { path: "", line: 1, end_line: 1, column: None, remark: None };
        };
        let start = anchor.span.start as usize;
        let line = places.at(anchor.input, TextId::Document, start).map_or(1, |(line, _)| line);
        let column = places.column(anchor.input, TextId::Document, start);
        let remark = (input.kind != InputKind::List)
            .then(|| "no line of a `.tf` file is known: this is the place in the input".to_owned());
        Self { path: &input.path, line, end_line: line, column, remark }
    }

    /// Where a note is to be shown; `None` where it is about no file.
    pub(crate) fn of_note(note: &'a Note) -> Option<Self> {
        let line = note.place.map_or(1, |place| place.line.max(1));
        Some(Self { path: note.path.as_deref()?, line, end_line: line, column: None, remark: None })
    }

    /// Where a problem is to be shown; `None` where it is about no file.
    pub(crate) fn of_problem(problem: &'a Problem) -> Option<Self> {
        let line = problem.place.map_or(1, |place| place.line.max(1));
        Some(Self { path: problem.path.as_deref()?, line, end_line: line, column: None, remark: None })
    }
}
