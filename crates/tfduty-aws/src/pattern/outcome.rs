//! Answers, and what decides them.

use std::fmt;

use crate::policy::Origin;
use crate::truth::Truth;

/// Whether a pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The answer.
    pub truth: Truth,
    /// What decides: of a miss, each field that is in the way, in the order of the pattern; of an unknown answer, all
    /// that would have to be known. Nothing where the pattern matches.
    pub reasons: Vec<Reason>,
}

/// A field that is in the way. As a text, a sentence about it, with values of the pattern and of the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The path of the field in the event; empty for the event itself.
    pub path: Box<str>,
    /// Where the pattern asks for it: the value that comes nearest to what the event has.
    pub origin: Origin,
    /// What is in the way.
    pub why: Why,
    /// How far the value is from what the event has.
    pub(super) distance: usize,
}

/// What is in the way of a match: see [`Reason`]. Values of the pattern are given as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The event does not have the field; it may have another one with nearly this name.
    Absent {
        /// The other name.
        nearest: Option<Box<str>>,
    },
    /// The event has the field, and must not.
    Present,
    /// The event has an object there, and the pattern compares only values.
    IsObject,
    /// The event has a value there, and the pattern wants fields of an object. With `operator`, it is most likely an
    /// operator that was meant, whose object must stand in a list.
    NotAnObject {
        /// What the event has there: "a number".
        found: &'static str,
        /// The operator's name.
        operator: Option<&'static str>,
    },
    /// The two are of different kinds, which are never equal.
    Kind {
        /// What the pattern wants.
        wanted: Box<str>,
        /// Its kind: "the string", "the number", "a string of".
        wanted_kind: &'static str,
        /// What the event has: "a number".
        found: &'static str,
    },
    /// The event has another value.
    Different {
        /// What the pattern wants.
        wanted: Box<str>,
        /// What the event has.
        found: Box<str>,
    },
    /// The event has a string of another form.
    Form {
        /// What the pattern wants.
        wanted: Box<str>,
        /// The form, with `*` where any characters stand.
        form: Box<str>,
    },
    /// All numbers that the field may have are outside of what the pattern wants.
    Outside {
        /// What the pattern wants.
        wanted: Box<str>,
        /// The least number of the field.
        low: Box<str>,
        /// The greatest number of the field.
        high: Box<str>,
    },
    /// `anything-but` leaves out all that the event may have.
    Excluded {
        /// What the pattern leaves out.
        wanted: Box<str>,
    },
    /// Unknown: this part of the pattern is not known.
    Hole,
    /// Unknown: no documented event has this field or value.
    Undocumented,
}

impl Match {
    pub(super) const YES: Self = Self { truth: Truth::True, reasons: Vec::new() };

    pub(super) fn no(reason: Reason) -> Self {
        Self { truth: Truth::False, reasons: vec![reason] }
    }

    pub(super) fn unknown(reason: Reason) -> Self {
        Self { truth: Truth::Unknown, reasons: vec![reason] }
    }

    /// All must match: what keeps one from it keeps the whole from it.
    pub(super) fn all(terms: impl IntoIterator<Item = Self>) -> Self {
        terms.into_iter().fold(Self::YES, |mut all, term| {
            match term.truth.cmp(&all.truth) {
                std::cmp::Ordering::Less => all = term,
                std::cmp::Ordering::Equal => all.reasons.extend(term.reasons),
                std::cmp::Ordering::Greater => {}
            }
            all
        })
    }

    /// One must match. Where none does, the reasons of the one that comes nearest stand for all; where that cannot be
    /// told, the reasons of each that might.
    pub(super) fn any(terms: impl IntoIterator<Item = Self>) -> Option<Self> {
        terms.into_iter().reduce(|mut best, term| {
            match (best.truth, term.truth) {
                (Truth::Unknown, Truth::Unknown) => best.reasons.extend(term.reasons),
                (one, other) if other > one || (one == other && term.remoteness() < best.remoteness()) => best = term,
                _ => {}
            }
            best
        })
    }

    /// How far a miss is from a match: the number of fields in the way, then how far their values are off.
    pub(super) fn remoteness(&self) -> (usize, usize) {
        let distances = self.reasons.iter().map(|reason| reason.distance);
        (self.reasons.len(), distances.fold(0, usize::saturating_add))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = &self.path;
        match &self.why {
            Why::Absent { nearest: None } => write!(f, "the event has no `{path}`"),
            Why::Absent { nearest: Some(nearest) } => write!(f, "the event has no `{path}`, but `{nearest}`"),
            Why::Present => write!(f, "the event has `{path}`, which `exists` forbids"),
            Why::IsObject => write!(f, "`{path}` is an object, and the pattern compares it with values"),
            Why::NotAnObject { found, operator: None } => {
                write!(f, "`{path}` is {found}, and the pattern wants an object with fields")
            }
            Why::NotAnObject { found, operator: Some(operator) } => {
                write!(
                    f,
                    "`{path}` is {found}, and `{operator}` is read as the name of a field: an operator's object stands \
                     in a list"
                )
            }
            Why::Kind { wanted, wanted_kind, found } => {
                write!(f, "`{path}` is {found}, which is never equal to {wanted_kind} `{wanted}`")
            }
            Why::Different { wanted, found } => {
                write!(f, "`{path}` is `{found}`, which does not match `{wanted}`")?;
                let is_same = wanted.trim_matches('"').to_lowercase() == found.trim_matches('"').to_lowercase();
                if is_same { write!(f, ": upper and lower case count") } else { Ok(()) }
            }
            Why::Form { wanted, form } => {
                write!(f, "`{path}` always has the form `{form}`, which does not match `{wanted}`")
            }
            Why::Outside { wanted, low, high } => {
                write!(f, "`{path}` is a number from {low} to {high}, which never matches `{wanted}`")
            }
            Why::Excluded { wanted } => write!(f, "`{wanted}` leaves out all that `{path}` may be"),
            Why::Hole if path.is_empty() => write!(f, "a part of the pattern is not known"),
            Why::Hole => write!(f, "what the pattern wants of `{path}` is not known"),
            Why::Undocumented => write!(f, "no documentation says whether `{path}` can be what the pattern wants"),
        }
    }
}
