//! How a text of a policy compares with a text of the request.

use super::holes::{Holes, Identity};
use super::plain;
use super::subject::{Subject, Whole};
use super::text::{Part, Text};
use crate::symbols::{Symbol, matches};
use crate::truth::Truth;

/// How the texts of a document are read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) holes: &'a dyn Holes,
    /// Whether `${…}` is a policy variable.
    pub(super) variables: Truth,
}

/// How characters are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// `*` and `?` are wildcards.
    pub(super) wild: bool,
    /// Upper and lower case are the same.
    pub(super) folded: bool,
}

impl Style {
    pub(super) const EXACT: Self = Self { wild: false, folded: false };
    pub(super) const WILD: Self = Self { wild: true, folded: false };
}

/// A policy's text, as it is compared with one subject.
enum Pattern {
    /// It never equals the subject, whatever it is.
    Never,
    /// What it comes to cannot be told.
    Unclear,
    Symbols(Vec<Symbol>),
}

impl Reading<'_> {
    /// Whether `text` holds a policy variable. What one resolves to is not known, nor whether it resolves at all: "If
    /// AWS cannot resolve a variable, this might cause the entire statement to be invalid" (IAM User Guide, "IAM policy
    /// elements: Variables and tags").
    pub(super) fn has_variable(self, text: &Text) -> bool {
        self.variables != Truth::False
            && text.parts().iter().any(|part| match part {
                Part::Literal(literal) => holds_variable(literal),
                Part::Hole(hole) => matches!(self.holes.identity(*hole), Identity::Text(text) if holds_variable(&text)),
            })
    }

    /// The text, where holes do not keep it from being known.
    pub(super) fn resolve(self, text: &Text) -> Option<String> {
        text.parts()
            .iter()
            .map(|part| match part {
                Part::Literal(literal) => Some(literal.clone()),
                Part::Hole(hole) => match self.holes.identity(*hole) {
                    Identity::Text(text) => Some(text),
                    _ => None,
                },
            })
            .collect()
    }

    /// Whether the whole of `text` equals, or as a pattern matches, the whole of `subject`.
    pub(super) fn compare(self, text: &Text, subject: &Subject, style: Style) -> Truth {
        self.plainly(text, subject.known_parts(), style).unwrap_or_else(|| self.by_symbols(text, subject, style))
    }

    /// As [`Reading::compare`], with a subject that is known.
    pub(super) fn compare_known(self, text: &Text, subject: &str, style: Style) -> Truth {
        let by_symbols = || self.by_symbols(text, &Subject::from(subject), style);
        self.plainly(text, [Some(subject)], style).unwrap_or_else(by_symbols)
    }

    /// The answer for a text without holes, where its characters tell.
    fn plainly<'s>(
        self,
        text: &Text,
        subject: impl IntoIterator<Item = Option<&'s str>>,
        style: Style,
    ) -> Option<Truth> {
        let text = text.as_literal()?;
        if self.variables != Truth::False && holds_variable(text) {
            return Some(Truth::Unknown);
        }
        plain::compare(text, subject, style)
    }

    /// The answer for any texts.
    pub(super) fn by_symbols(self, text: &Text, subject: &Subject, style: Style) -> Truth {
        match self.pattern(text, subject, style) {
            Pattern::Never => Truth::False,
            Pattern::Unclear => Truth::Unknown,
            Pattern::Symbols(symbols) => matches(&symbols, &fold(subject.symbols(), style)),
        }
    }

    /// Whether `text`, an ARN with wildcards, matches `subject` field by field: "Each of the six colon-delimited
    /// components of the ARN is checked separately and each can include multi-character match wildcards (*) or
    /// single-character match wildcards (?)" (IAM User Guide, "IAM JSON policy elements: Condition operators").
    pub(super) fn compare_arn(self, text: &Text, subject: &Subject) -> Truth {
        let symbols = match self.pattern(text, subject, Style::WILD) {
            Pattern::Never => return Truth::False,
            Pattern::Unclear => return Truth::Unknown,
            Pattern::Symbols(symbols) => symbols,
        };
        if symbols == [Symbol::Many] {
            return Truth::True;
        }
        let subject = subject.symbols();
        if symbols.contains(&Symbol::Gap) {
            // Where the fields begin is not known, but what does not match as a whole does not match by fields either.
            return matches(&symbols, &subject);
        }
        match (arn_fields(&symbols), arn_fields(&subject)) {
            (Some(pattern), Some(subject)) => {
                Truth::all(pattern.into_iter().zip(subject).map(|(pattern, subject)| matches(pattern, subject)))
            }
            _ => Truth::Unknown,
        }
    }

    /// Whether the resource `text` of a key's policy matches the key `subject`. Such a policy can only be about its own
    /// key, so that what is not known of region and account does not count against it, nor do missing fields.
    pub(super) fn compare_own_key(self, text: &Text, subject: &Subject) -> Truth {
        let symbols = match self.pattern(text, subject, Style::WILD) {
            Pattern::Never => return Truth::False,
            Pattern::Unclear => return Truth::Unknown,
            Pattern::Symbols(symbols) => symbols,
        };
        let subject = subject.symbols();
        let whole = matches(&symbols, &subject);
        if whole != Truth::Unknown || symbols.contains(&Symbol::Gap) {
            return whole;
        }
        let (Some(pattern), Some(subject)) = (arn_fields(&symbols), arn_fields(&subject)) else {
            return Truth::True;
        };
        let fields = pattern.into_iter().zip(subject).enumerate().map(|(index, (pattern, subject))| {
            let field = matches(pattern, subject);
            if index < 5 { Truth::from(field != Truth::False) } else { field }
        });
        Truth::all(fields)
    }

    /// `text` as it is compared with `subject`: a hole that is a part of the subject becomes that part's symbols.
    fn pattern(self, text: &Text, subject: &Subject, style: Style) -> Pattern {
        if self.has_variable(text) {
            return Pattern::Unclear;
        }
        let mut symbols = Vec::new();
        for (index, part) in text.parts().iter().enumerate() {
            let behind = &text.parts()[index + 1..];
            let identity = match part {
                Part::Literal(literal) => Identity::Text(literal.clone()),
                Part::Hole(hole) => self.holes.identity(*hole),
            };
            match identity {
                Identity::Text(literal) => symbols.extend(literal.chars().map(|c| style.symbol(c))),
                identity if never(&identity, subject, &symbols, behind) => return Pattern::Never,
                identity => match same(&identity, subject) {
                    Some(same) => symbols.extend(same),
                    None => symbols.push(Symbol::Gap),
                },
            }
        }
        Pattern::Symbols(fold(symbols, style))
    }
}

/// Whether a text holds a policy variable.
fn holds_variable(text: &str) -> bool {
    text.split('$').skip(1).any(|behind| behind.starts_with('{'))
}

/// The symbols of the part of `subject` that `identity` is.
fn same(identity: &Identity, subject: &Subject) -> Option<Vec<Symbol>> {
    match identity {
        Identity::Same(thing) => subject.symbols_of_thing(*thing),
        Identity::Role if subject.whole() == Whole::Role => Some(subject.symbols()),
        Identity::BucketName(thing) | Identity::BucketArn(thing) => {
            let (index, bucket) = subject.bucket_part()?;
            // A bucket's ARN ends with its name.
            let first = if matches!(identity, Identity::BucketArn(_)) { 0 } else { index };
            (bucket == Some(*thing)).then(|| (first..=index).flat_map(|part| subject.symbols_of(part)).collect())
        }
        _ => None,
    }
}

/// Whether a text that has `identity` between `before` and `behind` differs from `subject` for sure.
fn never(identity: &Identity, subject: &Subject, before: &[Symbol], behind: &[Part]) -> bool {
    match identity {
        Identity::OtherIdentity => subject.whole() == Whole::Role && before.is_empty() && behind.is_empty(),
        Identity::OtherIdentityId => subject.whole() == Whole::RoleId && before.is_empty() && ends(behind, ':'),
        Identity::BucketArn(thing) => before.is_empty() && ends(behind, '/') && is_other_bucket(*thing, subject),
        Identity::BucketName(thing) => {
            // Only here is it sure to stand in the place of the subject's bucket, whose key may hold colons too.
            let is_prefix = before.iter().all(|symbol| matches!(symbol, Symbol::Char(_)))
                && before.iter().filter(|&&symbol| symbol == Symbol::Char(':')).count() == 5
                && before.ends_with(&[Symbol::Char(':')]);
            is_prefix && ends(behind, '/') && is_other_bucket(*thing, subject)
        }
        _ => false,
    }
}

fn is_other_bucket(thing: super::Thing, subject: &Subject) -> bool {
    matches!(subject.bucket_part(), Some((_, Some(bucket))) if bucket != thing)
}

/// Whether the text ends here, or goes on with `delimiter`: what stands before is a whole name.
fn ends(behind: &[Part], delimiter: char) -> bool {
    match behind.first() {
        None => true,
        Some(Part::Literal(literal)) => literal.starts_with(delimiter),
        Some(Part::Hole(_)) => false,
    }
}

impl Style {
    fn symbol(self, c: char) -> Symbol {
        match c {
            '*' if self.wild => Symbol::Many,
            '?' if self.wild => Symbol::One,
            c => Symbol::Char(c),
        }
    }
}

fn fold(symbols: Vec<Symbol>, style: Style) -> Vec<Symbol> {
    if !style.folded {
        return symbols;
    }
    let fold = |symbol| match symbol {
        Symbol::Char(c) => c.to_lowercase().map(Symbol::Char).collect(),
        other => vec![other],
    };
    symbols.into_iter().flat_map(fold).collect()
}

/// The six fields of an ARN, the last of which may hold colons; `None` if there are fewer.
fn arn_fields(symbols: &[Symbol]) -> Option<[&[Symbol]; 6]> {
    let fields: Vec<_> = symbols.splitn(6, |&symbol| symbol == Symbol::Char(':')).collect();
    fields.try_into().ok()
}
