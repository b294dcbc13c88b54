//! Texts of a request: what a policy's texts are compared with.

use super::holes::Thing;
use crate::symbols::Symbol;

/// A text of the request that stands for itself: an account number, a region, a bucket's name, an ARN. It may be
/// unknown, and may be known to be the same as the text of a hole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Fact {
    text: Option<Box<str>>,
    thing: Option<Thing>,
}

impl Fact {
    /// A known text.
    pub fn known(text: &str) -> Self {
        Self { text: Some(text.into()), thing: None }
    }

    /// An unknown text.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Says which thing it is, so that a hole which is the same thing equals it.
    #[must_use]
    pub fn being(self, thing: Thing) -> Self {
        Self { thing: Some(thing), ..self }
    }

    /// The text, where it is known.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// A text of the request, put together from known texts and facts: `arn:aws:guardduty:eu-west-1:` + an account +
/// `:detector/` + an id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Subject {
    parts: Vec<Part>,
    whole: Whole,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Text(Box<str>),
    Word(Fact),
    Bucket(Fact),
    Free(Fact),
}

/// What a subject is as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) enum Whole {
    /// Nothing more than its parts.
    #[default]
    Parts,
    /// A thing that a hole may be too.
    Thing(Thing),
    /// The ARN of GuardDuty's role.
    Role,
    /// The unique id of GuardDuty's role and of its session.
    RoleId,
}

impl Subject {
    /// The empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a known text.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// Adds a fact that has no colon or slash, known or not: an account, a region, an id.
    #[must_use]
    pub fn fact(mut self, fact: &Fact) -> Self {
        self.parts.push(Part::Word(fact.clone()));
        self
    }

    /// Adds a fact that may have any characters: the key of an object, the value of a tag.
    #[must_use]
    pub fn free(mut self, fact: &Fact) -> Self {
        self.parts.push(Part::Free(fact.clone()));
        self
    }

    /// Adds a bucket's name, behind `arn:PARTITION:s3:::` and before nothing or a slash.
    #[must_use]
    pub fn bucket(mut self, name: &Fact) -> Self {
        self.parts.push(Part::Bucket(name.clone()));
        self
    }

    /// Says which thing the whole text is, so that a hole which is the same thing equals it.
    #[must_use]
    pub fn being(self, thing: Thing) -> Self {
        self.with_whole(Whole::Thing(thing))
    }

    pub(super) fn with_whole(self, whole: Whole) -> Self {
        Self { whole, ..self }
    }

    pub(super) fn whole(&self) -> Whole {
        self.whole
    }

    /// The text, where it is known.
    pub(super) fn as_literal(&self) -> Option<String> {
        self.parts.iter().map(Part::known).collect()
    }

    /// The parts of the text, each where it is known.
    pub(super) fn known_parts(&self) -> impl Iterator<Item = Option<&str>> {
        self.parts.iter().map(Part::known)
    }

    /// The symbols of the text: an unknown fact is one symbol that equals itself alone.
    pub(super) fn symbols(&self) -> Vec<Symbol> {
        (0..self.parts.len()).flat_map(|index| self.symbols_of(index)).collect()
    }

    /// The symbols of the part that is the fact `thing`, or of the whole text if it is.
    pub(super) fn symbols_of_thing(&self, thing: Thing) -> Option<Vec<Symbol>> {
        if self.whole == Whole::Thing(thing) {
            return Some(self.symbols());
        }
        let is = |part: &Part| matches!(part, Part::Word(fact) | Part::Free(fact) if fact.thing == Some(thing));
        self.parts.iter().position(is).map(|index| self.symbols_of(index))
    }

    /// The place of the bucket's name among the parts, and which bucket it is, if that is known.
    pub(super) fn bucket_part(&self) -> Option<(usize, Option<Thing>)> {
        self.parts.iter().enumerate().find_map(|(index, part)| match part {
            Part::Bucket(name) => Some((index, name.thing)),
            _ => None,
        })
    }

    /// The symbols of the part at `index`.
    pub(super) fn symbols_of(&self, index: usize) -> Vec<Symbol> {
        match self.parts.get(index) {
            None => Vec::new(),
            Some(part) => match (part.known(), part) {
                (Some(text), _) => text.chars().map(Symbol::Char).collect(),
                (None, Part::Free(_)) => vec![Symbol::Free(index)],
                (None, _) => vec![Symbol::Word(index)],
            },
        }
    }
}

impl Part {
    fn known(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Word(fact) | Self::Bucket(fact) | Self::Free(fact) => fact.text(),
        }
    }
}

impl From<&Fact> for Subject {
    fn from(fact: &Fact) -> Self {
        Self::new().fact(fact)
    }
}

impl From<&str> for Subject {
    fn from(text: &str) -> Self {
        Self::new().text(text)
    }
}
