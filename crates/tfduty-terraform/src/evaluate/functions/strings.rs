//! Functions of strings.

use super::{Answer, only};
use crate::{
    evaluate::{
        number::Decimal,
        operators::truth,
        text::{self, Stop, Text, known},
    },
    limits::LONGEST_STRING,
    sources::block::Place,
    value::{Kind, Part, Value},
};

/// A function of one known string.
fn mapped(arguments: &[Value], at: Place, function: impl Fn(&str) -> String) -> Answer {
    Ok(at.string(function(known(only(arguments)?)?)))
}

/// A function of two known strings.
fn of_two(arguments: &[Value], at: Place, function: impl Fn(&str, &str) -> Kind) -> Answer {
    let [text, other] = arguments else { return Err(Stop::Fault) };
    Ok(at.value(function(known(text)?, known(other)?)))
}

/// A function that works on each character: known parts become known, holes lose their reference.
fn by_character(arguments: &[Value], at: Place, function: impl Fn(&str) -> String) -> Answer {
    let mut made = Text::default();
    for part in text::parts(only(arguments)?)? {
        match part {
            Part::Literal(literal) => made.literal(&function(&literal)),
            Part::Hole(_) => made.hole(None),
        }
    }
    Ok(at.value(made.finish()))
}

pub(super) fn lower(arguments: &[Value], at: Place) -> Answer {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    by_character(arguments, at, |text| text.chars().map(lower).collect())
}

pub(super) fn upper(arguments: &[Value], at: Place) -> Answer {
    let upper = |c: char| {
        let mut upper = c.to_uppercase();
        // Go changes one character into one: `ß` stays.
        if upper.len() == 1 { upper.next().unwrap_or(c) } else { c }
    };
    by_character(arguments, at, |text| text.chars().map(upper).collect())
}

pub(super) fn trim(arguments: &[Value], at: Place) -> Answer {
    of_two(arguments, at, |text, cut| Kind::String(text.trim_matches(|c| cut.contains(c)).into()))
}

pub(super) fn trim_space(arguments: &[Value], at: Place) -> Answer {
    mapped(arguments, at, |text| text.trim().to_owned())
}

pub(super) fn trim_prefix(arguments: &[Value], at: Place) -> Answer {
    of_two(arguments, at, |text, prefix| Kind::String(text.strip_prefix(prefix).unwrap_or(text).into()))
}

pub(super) fn trim_suffix(arguments: &[Value], at: Place) -> Answer {
    of_two(arguments, at, |text, suffix| Kind::String(text.strip_suffix(suffix).unwrap_or(text).into()))
}

pub(super) fn chomp(arguments: &[Value], at: Place) -> Answer {
    mapped(arguments, at, |text| text.trim_end_matches(['\r', '\n']).to_owned())
}

pub(super) fn basename(arguments: &[Value], at: Place) -> Answer {
    mapped(arguments, at, |path| match (path, path.trim_end_matches('/')) {
        ("", _) => ".".to_owned(),
        (_, "") => "/".to_owned(),
        (_, path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
    })
}

/// Whether a string begins with another; of one with holes the known beginning may say.
pub(super) fn starts_with(arguments: &[Value], at: Place) -> Answer {
    let [text, prefix] = arguments else { return Err(Stop::Fault) };
    let prefix = known(prefix)?;
    match text::parts(text)?.first() {
        Some(Part::Literal(start)) if start.len() >= prefix.len() || is_known(text) => {
            Ok(at.value(Kind::Bool(start.starts_with(prefix))))
        }
        _ => Err(Stop::Unknown),
    }
}

/// Whether a string ends with another; of one with holes the known end may say.
pub(super) fn ends_with(arguments: &[Value], at: Place) -> Answer {
    let [text, suffix] = arguments else { return Err(Stop::Fault) };
    let suffix = known(suffix)?;
    match text::parts(text)?.last() {
        Some(Part::Literal(end)) if end.len() >= suffix.len() || is_known(text) => {
            Ok(at.value(Kind::Bool(end.ends_with(suffix))))
        }
        _ => Err(Stop::Unknown),
    }
}

fn is_known(value: &Value) -> bool {
    known(value).is_ok()
}

/// `replace`. A pattern between slashes is a regular expression, which is not for here.
pub(super) fn replace(arguments: &[Value], at: Place) -> Answer {
    let [text, pattern, with] = arguments else { return Err(Stop::Fault) };
    let (text, pattern, with) = (known(text)?, known(pattern)?, known(with)?);
    if pattern.len() > 1 && pattern.starts_with('/') && pattern.ends_with('/') {
        return Err(Stop::Unknown);
    }
    let made = text.len().saturating_add(text.matches(pattern).count().saturating_mul(with.len()));
    if made > LONGEST_STRING { Err(Stop::Unknown) } else { Ok(at.string(text.replace(pattern, with))) }
}

pub(super) fn split(arguments: &[Value], at: Place) -> Answer {
    let [separator, text] = arguments else { return Err(Stop::Fault) };
    let (separator, text) = (known(separator)?, known(text)?);
    let pieces: Vec<Value> = if separator.is_empty() {
        text.chars().map(|c| at.string(String::from(c))).collect()
    } else {
        text.split(separator).map(|piece| at.string(piece)).collect()
    };
    Ok(at.value(Kind::List(pieces)))
}

pub(super) fn join(arguments: &[Value], at: Place) -> Answer {
    let Some((separator, lists)) = arguments.split_first() else { return Err(Stop::Fault) };
    let separator = known(separator)?;
    let mut text = Text::default();
    let mut first = true;
    for list in lists {
        let Kind::List(items) = &list.kind else {
            return Err(if list.is_unknown() { Stop::Unknown } else { Stop::Fault });
        };
        for item in items {
            if !first {
                text.literal(separator);
            }
            first = false;
            text.value(item)?;
        }
    }
    Ok(at.value(text.finish()))
}

/// `tostring`: a hole stays the same hole.
pub(super) fn to_string(arguments: &[Value], at: Place) -> Answer {
    let value = only(arguments)?;
    match &value.kind {
        Kind::Null | Kind::Unknown(_) | Kind::Template(_) => Ok(value.clone()),
        _ => known(value).map(|text| at.string(text)),
    }
}

/// `tonumber`: a hole stays the same hole.
pub(super) fn to_number(arguments: &[Value], at: Place) -> Answer {
    let value = only(arguments)?;
    match &value.kind {
        Kind::Null | Kind::Unknown(_) | Kind::Number(_) => Ok(value.clone()),
        _ => {
            let number = Decimal::parse(known(value)?).ok_or(Stop::Fault)?;
            Ok(at.value(Kind::Number(number.to_string().into())))
        }
    }
}

/// `tobool`: a hole stays the same hole.
pub(super) fn to_bool(arguments: &[Value], at: Place) -> Answer {
    let value = only(arguments)?;
    match &value.kind {
        Kind::Null | Kind::Unknown(_) => Ok(value.clone()),
        _ => truth(value).map(|truth| at.value(Kind::Bool(truth))),
    }
}
