//! From the places of a finding to the sheets that show them.

use tfduty_audit::{Anchor, Exactness, Finding, InputKind, Related, Report, SourcePlace};
use tfduty_terraform::{Excerpt, Label, Origin, Span, TextId, escape};

use super::diagnostic::{Sheet, wrapping};
use crate::places::Places;

/// Sheets of one finding; related places that would need more are only counted.
const SHEETS: usize = 7;
/// Labels of one sheet, as many as an excerpt takes: the finding's own, and the ten lines that content rules name.
const LABELS: usize = 12;

/// The sheets of a finding, and what could not be put on one.
pub(crate) struct Spread {
    pub(crate) sheets: Vec<Sheet>,
    /// Places in words: of texts that are not at hand, and those that are too many.
    pub(crate) elsewhere: Vec<String>,
}

/// What one sheet is an excerpt of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// The lines of a list file.
    File { input: usize },
    /// The document in a string.
    Decoded { input: usize, string: Span },
    /// An object.
    Object { input: usize, object: Span },
    /// A file of the configuration.
    Source { input: usize, text: TextId },
}

impl Spot {
    /// The text it is in.
    fn text(self) -> (usize, TextId) {
        match self {
            Spot::Source { input, text } => (input, text),
            Spot::File { input } | Spot::Decoded { input, .. } | Spot::Object { input, .. } => {
                (input, TextId::Document)
            }
        }
    }
}

/// A sheet to be: labels that came to one spot.
struct Draft {
    spot: Spot,
    name: String,
    labels: Vec<Label>,
}

struct Binder<'a, 'p> {
    report: &'a Report,
    places: &'p mut Places<'a>,
    width: usize,
    drafts: Vec<Draft>,
    elsewhere: Vec<String>,
}

/// Makes the sheets of a finding: first the configuration, then the value, then related places. Places in one object
/// share a sheet.
pub(crate) fn spread<'a>(finding: &Finding, report: &'a Report, places: &mut Places<'a>, width: usize) -> Spread {
    let mut binder = Binder { report, places, width, drafts: Vec::new(), elsewhere: Vec::new() };
    let holder = finding.holder.as_deref().or(finding.address.as_deref());
    let anchor = &finding.anchor;
    // What makes a text makes all of it, and a call all of its module: what is meant is shown in the value.
    let is_piece = is_piece(anchor);
    let is_call = finding.source.as_ref().is_some_and(|place| place.exactness == Exactness::ModuleCall);
    let label = match (is_call, is_piece) {
        (true, _) => "made by this module, whose files are not at hand",
        (false, true) => "the text that is shown below",
        (false, false) => &anchor.label,
    };
    let in_source = finding.source.as_ref().is_some_and(|place| binder.source(place, label, anchor.sensitive));
    if let Some(SourcePlace { path, line, column, .. }) = finding.source.as_ref().filter(|_| !in_source) {
        binder.elsewhere.push(escape(format!("written at {path}:{line}:{column}")).into_owned());
    }
    let note = if in_source && !is_piece && !is_call { binder.view(anchor) } else { &anchor.label };
    // What the input does not spell out, such as a value known only after apply, shows in the configuration alone.
    if !in_source || is_call || anchor.span != anchor.object {
        binder.value(anchor, holder, note);
    }
    let hidden = finding.related.iter().filter(|related| !binder.related(related)).count();
    if hidden > 0 {
        let noun = if hidden == 1 { "place" } else { "places" };
        binder.elsewhere.push(format!("{hidden} more related {noun}"));
    }
    binder.bind()
}

/// Whether an anchor means a piece of a text, such as a line of a list, and nobody knows where that is written.
fn is_piece(anchor: &Anchor) -> bool {
    anchor.inner.is_some() && anchor.written.is_none()
}

impl<'a> Binder<'a, '_> {
    fn draft(&mut self, spot: Spot) -> Option<&mut Draft> {
        self.drafts.iter_mut().find(|draft| draft.spot == spot)
    }

    /// Whether there is room for a place.
    fn has_room(&mut self, spot: Spot) -> bool {
        let sheets = self.drafts.len();
        self.draft(spot).map_or(sheets < SHEETS, |draft| draft.labels.len() < LABELS)
    }

    /// Labels a related place: beside another one, else in the configuration, else in its input. `false` where there is
    /// no room for it.
    fn related(&mut self, related: &Related) -> bool {
        let spot = self.spot(&related.anchor);
        let shared = spot.is_some_and(|spot| self.draft(spot).is_some());
        if let (false, Some(place)) = (shared || is_piece(&related.anchor), &related.source)
            && self.has_room(Spot::Source { input: place.input, text: place.text })
            && self.source(place, &related.message, related.anchor.sensitive)
        {
            return true;
        }
        let room = spot.map_or(self.elsewhere.len() < SHEETS, |spot| self.has_room(spot));
        if room {
            self.value(&related.anchor, related.address.as_deref(), &related.message);
        }
        room
    }

    fn add(&mut self, spot: Spot, name: String, label: Label) {
        match self.draft(spot) {
            Some(draft) => draft.labels.push(label),
            None => self.drafts.push(Draft { spot, name, labels: vec![label] }),
        }
    }

    /// Labels a place in the configuration, where its text is at hand.
    fn source(&mut self, place: &SourcePlace, note: &str, sensitive: bool) -> bool {
        let known = self.places.text(place.input, place.text).is_some();
        if known {
            let spot = Spot::Source { input: place.input, text: place.text };
            let label = Label { span: place.span, inner: None, text: note.into(), sensitive, open: false };
            self.add(spot, escape(&place.path).into_owned(), label);
        }
        known
    }

    /// Labels a place in an input, or says where it is.
    fn value(&mut self, anchor: &Anchor, address: Option<&str>, note: &str) {
        let Some(spot) = self.spot(anchor) else {
            let place = self.place(anchor);
            let subject = address.map(|address| format!("{address} ")).unwrap_or_default();
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            self.elsewhere.push(escape(format!("{subject}at {place}{note}")).into_owned());
            return;
        };
        let span = anchor.span;
        let (span, inner) = match (spot, anchor.inner) {
            (Spot::Decoded { .. }, Some(inner)) => (Span::new(inner.byte, inner.byte.saturating_add(inner.len)), None),
            (_, inner) => (span, inner.map(|inner| inner.byte..inner.byte.saturating_add(inner.len))),
        };
        let name = self.name(spot, anchor, address);
        // Words of Terraform's own.
        let open = anchor.pointer.ends_with("/change/actions");
        self.add(spot, name, Label { span, inner, text: note.into(), sensitive: anchor.sensitive, open });
    }

    /// A place whose text is not at hand, or the whole input.
    fn place(&mut self, anchor: &Anchor) -> String {
        let path = self.path(anchor.input);
        if anchor.pointer.is_empty() {
            return path.to_owned();
        }
        match self.places.at(anchor.input, TextId::Document, anchor.span.start as usize) {
            Some((line, column)) => format!("{path}:{line}:{column}"),
            None => format!("{path}#{}", anchor.pointer),
        }
    }

    /// Where a place is to be shown; `None` where its text is not at hand, or it is the whole input.
    fn spot(&self, anchor: &Anchor) -> Option<Spot> {
        let Anchor { input, span, object, .. } = *anchor;
        let text = self.places.text(input, TextId::Document)?;
        if self.report.inputs.get(input)?.kind == InputKind::List {
            return (span != Span::default()).then_some(Spot::File { input });
        }
        if anchor.pointer.is_empty() {
            return None;
        }
        let decoded = anchor.inner.is_some() && Excerpt::of_decoded(text, span, &[]).is_some();
        Some(if decoded { Spot::Decoded { input, string: span } } else { Spot::Object { input, object } })
    }

    fn path(&self, input: usize) -> &'a str {
        self.report.inputs.get(input).map_or("", |input| &input.path)
    }

    /// `policy of aws_s3_bucket_policy.lists in plan.json`; miette writes line and column behind it.
    fn name(&self, spot: Spot, anchor: &Anchor, address: Option<&str>) -> String {
        let path = self.path(anchor.input);
        let attribute = anchor.pointer.rsplit('/').find(|part| part.parse::<usize>().is_err());
        let name = match (spot, address, attribute) {
            (Spot::Decoded { .. }, Some(address), Some(attribute)) => format!("{attribute} of {address} in {path}"),
            (Spot::File { .. }, _, _) | (_, None, _) => path.to_owned(),
            (_, Some(address), _) => format!("{address} in {path}"),
        };
        escape(name).into_owned()
    }

    /// What a value is, said where the configuration that makes it bears the label. An object stands there for something
    /// that it lacks: then the label is said again.
    fn view<'f>(&self, anchor: &'f Anchor) -> &'f str {
        let text = self.places.text(anchor.input, TextId::Document).unwrap_or_default();
        if text.as_bytes().get(anchor.span.start as usize) == Some(&b'{') {
            return &anchor.label;
        }
        if anchor.pointer.contains("/change/before") || anchor.pointer.starts_with("/prior_state") {
            return "value before the plan";
        }
        match self.report.inputs.get(anchor.input).map(|input| input.kind) {
            Some(InputKind::Plan | InputKind::SavedPlan) => "planned value",
            Some(InputKind::List) => &anchor.label,
            _ => "value in the state",
        }
    }

    fn bind(mut self) -> Spread {
        let drafts = std::mem::take(&mut self.drafts);
        let sheets = drafts.into_iter().filter_map(|draft| self.sheet(draft)).collect();
        Spread { sheets, elsewhere: self.elsewhere }
    }

    fn sheet(&mut self, draft: Draft) -> Option<Sheet> {
        let (input, text) = match draft.spot {
            Spot::Source { input, text } => (input, text),
            Spot::File { input } | Spot::Decoded { input, .. } | Spot::Object { input, .. } => {
                (input, TextId::Document)
            }
        };
        let source = self.places.text(input, text)?;
        let excerpt = match draft.spot {
            Spot::Source { .. } => Excerpt::of_source(source, &draft.labels),
            Spot::File { .. } => Excerpt::of_lines(source, &draft.labels),
            Spot::Decoded { string, .. } => Excerpt::of_decoded(source, string, &draft.labels)?,
            Spot::Object { object, .. } => Excerpt::of_value(source, object, &draft.labels),
        };
        let first = excerpt.marks().first().map_or(0, |mark| mark.range.start);
        let byte = excerpt.original(first);
        let labels = excerpt
            .marks()
            .iter()
            .map(|mark| (mark.range.clone(), wrapped(&mark.text, room(excerpt.text(), &mark.range, self.width))));
        Some(Sheet {
            name: draft.name,
            place: self.places.at(input, text, byte).unwrap_or((1, 1)),
            text: excerpt.text().trim_end_matches('\n').to_owned(),
            labels: labels.collect(),
            numbers: self.numbers(&excerpt, draft.spot),
        })
    }

    /// The lines' numbers in their text. A document that lies on one line has none.
    fn numbers(&mut self, excerpt: &Excerpt, spot: Spot) -> Vec<Option<usize>> {
        let (input, text) = spot.text();
        let mut numbers: Vec<Option<usize>> = excerpt
            .lines()
            .iter()
            .map(|line| match line.origin {
                Origin::Nowhere => None,
                Origin::Line(line) => Some(line),
                Origin::Byte(byte) => self.places.at(input, text, byte).map(|(line, _)| line),
            })
            .collect();
        let known: Vec<usize> = numbers.iter().flatten().copied().collect();
        let one_line = matches!(spot, Spot::Object { .. }) && known.last() == Some(&1);
        if one_line || !known.is_sorted_by(|line, next| line < next) {
            numbers.fill(None);
        }
        numbers
    }
}

/// Columns for a label's text: miette does not wrap it, and writes it behind the middle of what is labelled.
fn room(text: &str, range: &std::ops::Range<usize>, width: usize) -> usize {
    const GUTTER: usize = 14;
    const LEAST: usize = 32;
    let line = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let labelled = &text[range.clone()];
    // The text of a label over several lines stands at the margin.
    let before = if labelled.contains('\n') { 0 } else { range.start - line + labelled.chars().count() / 2 };
    width.saturating_sub(before + GUTTER).max(LEAST)
}

fn wrapped(text: &str, columns: usize) -> String {
    textwrap::wrap(text, wrapping(columns)).join("\n")
}
