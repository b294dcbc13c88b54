//! Strings in the making, with holes.

use super::Fault;
use crate::{
    limits::LONGEST_STRING,
    reference::Reference,
    value::{Kind, Part, Value},
};

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// It hangs on something unknown.
    Unknown,
    /// Terraform would report an error.
    Fault,
}

impl From<Fault> for Stop {
    fn from(Fault: Fault) -> Self {
        Stop::Fault
    }
}

/// A string that is put together from known text and holes. Texts side by side become one.
#[derive(Debug, Default)]
pub(super) struct Text {
    parts: Vec<Part>,
    last: String,
    length: usize,
    pub(super) sensitive: bool,
}

impl Text {
    pub(super) fn literal(&mut self, text: &str) {
        self.length += text.len();
        // Past the bound only the length still counts.
        if self.length <= LONGEST_STRING {
            self.last.push_str(text);
        }
    }

    pub(super) fn hole(&mut self, reference: Option<Box<Reference>>) {
        self.length += 1;
        if self.length <= LONGEST_STRING {
            if !self.last.is_empty() {
                self.parts.push(Part::Literal(std::mem::take(&mut self.last).into()));
            }
            self.parts.push(Part::Hole(reference));
        }
    }

    /// Adds a value as a template or `join` does.
    pub(super) fn value(&mut self, value: &Value) -> Result<(), Stop> {
        self.sensitive |= value.holds_sensitive();
        match &value.kind {
            Kind::String(text) | Kind::Number(text) => self.literal(text),
            Kind::Bool(truth) => self.literal(if *truth { "true" } else { "false" }),
            Kind::Unknown(reference) => self.hole(reference.clone()),
            Kind::Template(parts) => {
                for part in parts {
                    match part {
                        Part::Literal(text) => self.literal(text),
                        Part::Hole(reference) => self.hole(reference.clone()),
                    }
                }
            }
            Kind::Null | Kind::List(_) | Kind::Object(_) => return Err(Stop::Fault),
        }
        Ok(())
    }

    /// The whole. What is nothing but one hole is that hole: as a string it is the same attribute. What has become too
    /// long is a hole too.
    pub(super) fn finish(mut self) -> Kind {
        if self.length > LONGEST_STRING {
            return Kind::Unknown(None);
        }
        if self.parts.is_empty() {
            return Kind::String(self.last.into());
        }
        if !self.last.is_empty() {
            self.parts.push(Part::Literal(self.last.into()));
        }
        match self.parts.as_mut_slice() {
            [Part::Hole(reference)] => Kind::Unknown(reference.take()),
            _ => Kind::Template(self.parts),
        }
    }
}

/// The text of a wholly known string, or of what Terraform turns into a string by itself.
pub(super) fn known(value: &Value) -> Result<&str, Stop> {
    match &value.kind {
        Kind::String(text) | Kind::Number(text) => Ok(text),
        Kind::Bool(true) => Ok("true"),
        Kind::Bool(false) => Ok("false"),
        Kind::Unknown(_) | Kind::Template(_) => Err(Stop::Unknown),
        Kind::Null | Kind::List(_) | Kind::Object(_) => Err(Stop::Fault),
    }
}

/// The parts of a string: of a known one, itself.
pub(super) fn parts(value: &Value) -> Result<Vec<Part>, Stop> {
    match &value.kind {
        Kind::Template(parts) => Ok(parts.clone()),
        Kind::Unknown(_) => Err(Stop::Unknown),
        _ => known(value).map(|text| vec![Part::Literal(text.into())]),
    }
}
