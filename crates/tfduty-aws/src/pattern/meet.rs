//! Whether a value that a pattern lists meets a value of an event.

use super::matcher::{Matcher, TextMatcher, folded};
use super::number::Range;
use super::operator::Operator;
use super::outcome::Why;
use super::read::Listed;
use super::shape::Shape;
use crate::symbols::{Symbol, matches};
use crate::truth::Truth;

/// Whether `matcher` matches the value `shape`: of a wild one, whether it matches any value that it may be. Fields that
/// are not there, and objects and lists, are not for here.
pub(super) fn meets(matcher: &Matcher, shape: &Shape) -> Truth {
    match (matcher, shape) {
        (_, Shape::Anything) | (Matcher::Bool(_), Shape::AnyBool) | (Matcher::Null, Shape::Null) => Truth::True,
        (Matcher::Exists(exists), _) => Truth::from(*exists),
        // What is written in place of any string is most likely one.
        (Matcher::Unknown, shape) => Truth::from(shape.is_any_text()).or(Truth::Unknown),
        (Matcher::AnythingBut(excluded), shape) => leaves(excluded, shape),
        (Matcher::Text(text), Shape::Word(words)) => {
            // Another case or other separators are a slip of the pen; anything else may be documented tomorrow.
            let is_slip = |literal: &str| words.iter().any(|word| plain(word) == plain(literal));
            let undocumented = Truth::from(!text.literal.as_deref().is_some_and(is_slip)).and(Truth::Unknown);
            Truth::any(words.iter().map(|word| text.meets(&characters(word)))).or(undocumented)
        }
        (Matcher::Text(text), Shape::Text(symbols)) => text.meets(symbols),
        (Matcher::Cidr(range), Shape::Text(_)) => match shape.literal() {
            Some(literal) => Truth::from(literal.parse().is_ok_and(|address| range.contains(address))),
            None => Truth::True,
        },
        (Matcher::Number(one), Shape::Number(other)) => Truth::from(one.equals(other)),
        (Matcher::Number(number), Shape::AnyNumber(range)) | (Matcher::Numeric(range), Shape::Number(number)) => {
            Truth::from(number.value().is_some_and(|value| range.has(value)))
        }
        (Matcher::Numeric(one), Shape::AnyNumber(other)) => Truth::from(one.and(*other).has_numbers()),
        (Matcher::Bool(one), Shape::Bool(other)) => Truth::from(one == other),
        _ => Truth::False,
    }
}

fn characters(text: &str) -> Vec<Symbol> {
    text.chars().map(Symbol::Char).collect()
}

/// A word without what is easily mistaken: case and separators.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl TextMatcher {
    fn compare(&self, text: &[Symbol]) -> Truth {
        if let Some(address) = self.address
            && Shape::Text(text.to_vec()).literal().and_then(|literal| literal.parse().ok()) == Some(address)
        {
            return Truth::True;
        }
        if self.any_case { matches(&self.symbols, &folded(text)) } else { matches(&self.symbols, text) }
    }

    /// Whether it matches the string, or of a wild one any that it may be.
    fn meets(&self, text: &[Symbol]) -> Truth {
        let is_wild = !self.has_holes() || matches!(text, [Symbol::Free(_)]);
        match self.compare(text) {
            Truth::Unknown if is_wild => Truth::True,
            answer => answer,
        }
    }

    /// Whether the string is another one, or of a wild one any that it may be.
    fn misses(&self, text: &[Symbol]) -> Truth {
        let is_one = self.operator == Operator::Exactly || self.operator == Operator::EqualsIgnoreCase;
        let is_wild = text.iter().any(|symbol| matches!(symbol, Symbol::Free(_)));
        match self.compare(text) {
            Truth::Unknown if is_wild && (is_one || !self.has_holes()) => Truth::True,
            answer => !answer,
        }
    }
}

/// Whether a value is none of `excluded`: of a wild one, whether any is left that is none of them.
fn leaves(excluded: &[Matcher], shape: &Shape) -> Truth {
    let misses = |matcher: &Matcher, text: &[Symbol]| match matcher {
        Matcher::Text(matcher) => matcher.misses(text),
        Matcher::Unknown => Truth::from(matches!(text, [Symbol::Free(_)])).or(Truth::Unknown),
        _ => Truth::True,
    };
    match shape {
        Shape::Text(symbols) => Truth::all(excluded.iter().map(|matcher| misses(matcher, symbols))),
        Shape::Word(words) => {
            let is_left = |word: &&str| Truth::all(excluded.iter().map(|matcher| misses(matcher, &characters(word))));
            Truth::any(words.iter().map(is_left)).or(Truth::Unknown)
        }
        Shape::Number(number) => Truth::all(excluded.iter().map(|matcher| match matcher {
            Matcher::Number(other) => Truth::from(!number.equals(other)),
            Matcher::Unknown => Truth::Unknown,
            _ => Truth::True,
        })),
        _ => Truth::True,
    }
}

/// Why a value that a pattern lists does not meet a value of an event, and how far the two are from each other.
pub(super) fn why(listed: &Listed, shape: &Shape) -> (Why, usize) {
    let wanted = listed.written.clone();
    let far = usize::from(u16::MAX);
    let wanted_kind = match &listed.matcher {
        Matcher::AnythingBut(_) => return (Why::Excluded { wanted }, far),
        Matcher::Unknown | Matcher::Exists(_) => return (Why::Hole, far),
        Matcher::Null => ("the value", "null"),
        Matcher::Bool(_) => ("the value", "true or false"),
        Matcher::Number(_) => ("the number", "a number"),
        Matcher::Numeric(_) => ("a number of", "a number"),
        Matcher::Text(text) if text.operator == Operator::Exactly => ("the string", "a string"),
        Matcher::Text(_) | Matcher::Cidr(_) => ("a string of", "a string"),
    };
    if wanted_kind.1 != shape.kind() {
        return (Why::Kind { wanted, wanted_kind: wanted_kind.0, found: shape.kind() }, 0);
    }
    let literal = if let Matcher::Text(text) = &listed.matcher { text.literal.as_deref() } else { None };
    let distance = |found: &str| literal.map_or(far, |literal| strsim::damerau_levenshtein(literal, found));
    match shape {
        Shape::AnyNumber(Range { low: Some(low), high: Some(high) }) => {
            let (low, high) = (low.value.to_string().into(), high.value.to_string().into());
            (Why::Outside { wanted, low, high }, far)
        }
        Shape::Word(words) => {
            let nearest = words.iter().min_by_key(|word| distance(word)).copied().unwrap_or_default();
            (Why::Different { wanted, found: nearest.into() }, distance(nearest))
        }
        _ => match (shape.literal(), shape) {
            (Some(found), _) => {
                let distance = distance(&found);
                (Why::Different { wanted, found: found.into() }, distance)
            }
            (None, Shape::Text(symbols)) => {
                let form = symbols.iter().map(|symbol| if let Symbol::Char(c) = symbol { *c } else { '*' });
                (Why::Form { wanted, form: form.collect::<String>().into() }, far)
            }
            _ => (Why::Different { wanted, found: shape.kind().into() }, far),
        },
    }
}
