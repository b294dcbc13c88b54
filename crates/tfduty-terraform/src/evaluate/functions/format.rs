//! `format` and `formatlist`.

use super::Answer;
use crate::{
    evaluate::{
        json,
        operators::number,
        text::{Stop, Text, known},
    },
    sources::block::Place,
    value::{Kind, Value},
};

/// A wider field is taken for unknown.
const WIDEST: usize = 1024;

pub(super) fn format(arguments: &[Value], at: Place) -> Answer {
    let Some((pattern, values)) = arguments.split_first() else { return Err(Stop::Fault) };
    let mut text = Text::default();
    write(known(pattern)?, values, &mut text)?;
    Ok(at.value(text.finish()))
}

/// `formatlist`: once for each item of the lists, which must be of one length.
pub(super) fn format_list(arguments: &[Value], at: Place) -> Answer {
    let Some((pattern, values)) = arguments.split_first() else { return Err(Stop::Fault) };
    if values.iter().any(Value::is_unknown) {
        return Err(Stop::Unknown);
    }
    let pattern = known(pattern)?;
    let lengths = values.iter().filter_map(|value| match &value.kind {
        Kind::List(items) => Some(items.len()),
        _ => None,
    });
    let count = lengths.clone().next().unwrap_or(1);
    if lengths.into_iter().any(|length| length != count) {
        return Err(Stop::Fault);
    }
    let mut made = Vec::with_capacity(count);
    for index in 0..count {
        let row = values.iter().map(|value| match &value.kind {
            Kind::List(items) => items.get(index).unwrap_or(value).clone(),
            _ => value.clone(),
        });
        let row = row.collect::<Vec<_>>();
        let mut text = Text::default();
        write(pattern, &row, &mut text)?;
        let sensitive = row.iter().any(Value::holds_sensitive);
        made.push(at.value(text.finish()).marked(sensitive));
    }
    Ok(at.value(Kind::List(made)))
}

/// One verb, as Go writes them: `%05d`, `%-10s`, `%[2]q`.
struct Verb {
    zeros: bool,
    left: bool,
    width: usize,
    /// Whether anything is asked for that is not done here.
    odd: bool,
    letter: char,
}

fn write(pattern: &str, values: &[Value], text: &mut Text) -> Result<(), Stop> {
    let mut rest = pattern;
    let mut next = 0;
    while let Some(at) = rest.find('%') {
        text.literal(&rest[..at]);
        rest = &rest[at + 1..];
        let (verb, index, behind) = verb(rest).ok_or(Stop::Fault)?;
        rest = behind;
        if verb.letter == '%' {
            text.literal("%");
            continue;
        }
        let position = index.unwrap_or(next);
        next = position + 1;
        let value = values.get(position).ok_or(Stop::Fault)?;
        verb.write(value, text)?;
    }
    text.literal(rest);
    Ok(())
}

/// The verb at the beginning of a text, the argument that it names, and what follows.
fn verb(text: &str) -> Option<(Verb, Option<usize>, &str)> {
    let mut verb = Verb { zeros: false, left: false, width: 0, odd: false, letter: '%' };
    let mut index = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '0' if verb.width == 0 => verb.zeros = true,
            '0'..='9' => verb.width = verb.width.saturating_mul(10).saturating_add(c.to_digit(10)? as usize),
            '-' => verb.left = true,
            '+' | ' ' | '#' | '.' | '*' => verb.odd = true,
            '[' => {
                let (number, _) = text[at + 1..].split_once(']')?;
                index = Some(number.parse::<usize>().ok()?.checked_sub(1)?);
                chars.nth(number.chars().count());
            }
            letter => {
                verb.letter = letter;
                return Some((verb, index, chars.as_str()));
            }
        }
    }
    None
}

impl Verb {
    fn write(&self, value: &Value, text: &mut Text) -> Result<(), Stop> {
        text.sensitive |= value.holds_sensitive();
        let plain = self.width == 0 && !self.odd;
        match (self.letter, &value.kind) {
            ('s' | 'v', Kind::Unknown(_) | Kind::Template(_)) if plain => return text.value(value),
            ('v', Kind::Null | Kind::List(_) | Kind::Object(_)) if plain => {
                let at = Place { text: value.text, span: value.span };
                return text.value(&at.value(json::encode(value)));
            }
            (_, Kind::Unknown(_) | Kind::Template(_)) => {
                text.hole(None);
                return Ok(());
            }
            _ => {}
        }
        let written = match self.letter {
            's' | 'v' => known(value)?.to_owned(),
            'd' => number(value)?.as_i64().ok_or(Stop::Fault)?.to_string(),
            'q' => match json::encode(&Value { kind: Kind::String(known(value)?.into()), ..value.clone() }) {
                Kind::String(quoted) => quoted.into(),
                _ => return Err(Stop::Unknown),
            },
            _ => return Err(Stop::Unknown),
        };
        if self.odd || self.width > WIDEST || (self.zeros && (self.left || written.starts_with('-'))) {
            text.hole(None);
            return Ok(());
        }
        let padding = self.width.saturating_sub(written.chars().count());
        let fill = if self.zeros { "0" } else { " " }.repeat(padding);
        if self.left {
            text.literal(&written);
            text.literal(&fill);
        } else {
            text.literal(&fill);
            text.literal(&written);
        }
        Ok(())
    }
}
