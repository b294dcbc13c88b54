//! Bytes to a [`Unit`], or a [`Refusal`] that says what the file is and what to run instead.

use std::io::Read;

use serde::Deserialize as _;

use crate::{
    detail::Detail,
    json::{Text, complaint},
    legacy_state,
    pieces::Pieces,
    plan,
    recognise::{Shape, Top, is_document, is_message, recognise},
    refusal::Refusal,
    saved_plan::SavedPlan,
    show,
    sniff::{holds_damaged_terraform, is_plan_text, is_zip, names_terraform, old_binary},
    state,
    text::{head_of, json_start, text_of, valid_prefix},
    unit::Unit,
};

/// One input, parsed.
#[derive(Debug)]
pub enum Document {
    /// A plan or a state.
    Unit(Box<Unit>),
    /// A saved binary plan.
    SavedPlan(Box<SavedPlan>),
    /// A file of no bytes: Terraform reads it as a state without objects.
    Empty,
}

impl Document {
    /// Parses a file. What it is, is decided by its content and never by its name.
    ///
    /// `wanted` says of a resource type how much of its objects is read. Spans in the result are
    /// offsets in the text that [`text_of`] gives for `bytes`.
    pub fn parse(bytes: &[u8], wanted: &(dyn Fn(&str) -> Detail + Sync)) -> Result<Self, Refusal> {
        if let Some(binary) = Self::parse_binary(bytes, wanted) {
            return binary;
        }
        match text_of(bytes) {
            Some(text) => parse_text(&text, wanted).map(|unit| Self::Unit(Box::new(unit))),
            None => Err(not_text(bytes)),
        }
    }

    /// The same of a file's text, as [`text_of`] gives it: for those who hold on to it.
    pub fn parse_text(text: &str, wanted: &(dyn Fn(&str) -> Detail + Sync)) -> Result<Self, Refusal> {
        match Self::parse_binary(text.as_bytes(), wanted) {
            Some(binary) => binary,
            None => parse_text(text, wanted).map(|unit| Self::Unit(Box::new(unit))),
        }
    }

    /// Reads a plan from a source piece by piece: what lies in memory at a time is a small part of the text. Gives the plan
    /// and its size in bytes, or `None` for anything that [`Document::parse`] has to be asked about; some of the source is
    /// read by then.
    pub fn read_plan(
        source: &mut (dyn Read + Send),
        wanted: &(dyn Fn(&str) -> Detail + Sync),
    ) -> Option<(Self, usize)> {
        let (unit, size) = Pieces::ahead(source, |pieces| plan::read_in_pieces(pieces, wanted))?;
        Some((Self::Unit(Box::new(unit)), size))
    }

    /// A file that is not to be read as text.
    fn parse_binary(bytes: &[u8], wanted: &(dyn Fn(&str) -> Detail + Sync)) -> Option<Result<Self, Refusal>> {
        if bytes.is_empty() {
            return Some(Ok(Self::Empty));
        }
        if is_zip(bytes) {
            return Some(SavedPlan::parse(bytes, wanted).map(|plan| Self::SavedPlan(Box::new(plan))));
        }
        old_binary(bytes).map(Err)
    }
}

/// Parses the text of a plan or state.
pub(crate) fn parse_text(text: &str, wanted: &dyn Fn(&str) -> Detail) -> Result<Unit, Refusal> {
    // Spans have 32 bits.
    if u32::try_from(text.len()).is_err() {
        return Err(Refusal::too_large());
    }
    let Some(start) = json_start(text) else {
        return Err(match head_of(text) {
            head if is_plan_text(head) => Refusal::plan_text(),
            head if head.trim_start_matches('\u{feff}').trim().is_empty() => {
                Refusal::foreign("nothing but white space")
            }
            _ => Refusal::foreign("no plan and no state"),
        });
    };
    if is_facts(&text[start..]) {
        return Err(Refusal::facts());
    }
    if text[start..].starts_with('[') {
        return Err(array(&text[start..]));
    }
    match plan::read_in_pieces(&mut Pieces::new(&mut text.as_bytes()), wanted) {
        Some((unit, _)) => Ok(unit),
        None => parse_with_care(text, start, wanted),
    }
}

/// Parses the document that begins at `start`: first what it is, then what it holds.
pub(crate) fn parse_with_care(text: &str, start: usize, wanted: &dyn Fn(&str) -> Detail) -> Result<Unit, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_str(&text[start..]);
    let outcome = Top::deserialize(&mut deserializer);
    if outcome.as_ref().is_ok_and(is_message) {
        return Err(Refusal::message_stream());
    }
    let top =
        outcome.and_then(|top| deserializer.end().map(|()| top)).map_err(|error| malformed(text, start, &error))?;
    let document = Text::new(text);
    match recognise(document, &top)? {
        Shape::Plan => plan::read(document, &top, wanted),
        Shape::StateJson => show::read(document, &top, wanted),
        Shape::State => state::read(document, &top, wanted),
        Shape::LegacyState => legacy_state::read(document, &top, wanted),
    }
}

/// A text whose JSON is broken: damaged Terraform, a plan for people in which a line starts with a brace, or foreign.
fn malformed(text: &str, start: usize, error: &serde_json::Error) -> Refusal {
    let (what, byte) = complaint(&text[start..], error);
    if holds_damaged_terraform(text, start, error) {
        Refusal::damaged(&what).at(text, start + byte)
    } else if is_plan_text(head_of(text)) {
        Refusal::plan_text()
    } else {
        Refusal::foreign(&format!("broken JSON ({what})")).at(text, start + byte)
    }
}

/// Whether a text begins as facts do, which tfduty has written of documents that lie elsewhere.
fn is_facts(json: &str) -> bool {
    json.starts_with("{\"tfduty_facts\":")
}

/// Bytes that are no text: a plan or state that was damaged, or some other file.
fn not_text(bytes: &[u8]) -> Refusal {
    let text = valid_prefix(bytes);
    let json = json_start(text).map(|start| head_of(&text[start..]));
    if json.is_some_and(names_terraform) {
        Refusal::damaged("UTF-8 was expected").at(text, text.len())
    } else {
        Refusal::foreign("neither text nor a saved plan")
    }
}

/// A JSON array: no document of Terraform's is one.
fn array(json: &str) -> Refusal {
    let items = json.strip_prefix('[').unwrap_or(json);
    let first = Top::deserialize(&mut serde_json::Deserializer::from_str(items));
    match first {
        Ok(top) if is_message(&top) => Refusal::message_stream(),
        Ok(top) if is_document(&top) => Refusal::array_of_documents(),
        _ => Refusal::foreign("a JSON array"),
    }
}
