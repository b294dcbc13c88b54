//! Functions of lists, sets and maps. A set is a list without duplicates, strings in their order.

use super::{Answer, only};
use crate::{
    evaluate::{
        expression::{last_of_each, sorted},
        operators::{self, is_empty_text, number},
        text::{self, Stop},
    },
    reference::Reference,
    sources::block::Place,
    value::{Kind, Part, Value},
};

type Members = Vec<(Box<str>, Value)>;

/// The items of a list, each sensitive where the list is.
fn items(value: &Value) -> Result<Vec<Value>, Stop> {
    match &value.kind {
        Kind::List(items) => Ok(items.iter().map(|item| item.clone().marked(value.sensitive)).collect()),
        Kind::Unknown(_) => Err(Stop::Unknown),
        _ => Err(Stop::Fault),
    }
}

/// The members of an object or map, each sensitive where the whole is.
fn members(value: &Value) -> Result<Members, Stop> {
    match &value.kind {
        Kind::Object(members) => {
            let marked = |(name, member): &(Box<str>, Value)| (name.clone(), member.clone().marked(value.sensitive));
            Ok(members.iter().map(marked).collect())
        }
        Kind::Unknown(_) => Err(Stop::Unknown),
        _ => Err(Stop::Fault),
    }
}

fn list(at: Place, items: Vec<Value>) -> Value {
    at.value(Kind::List(items))
}

pub(super) fn concat(arguments: &[Value], at: Place) -> Answer {
    let lists = arguments.iter().map(items).collect::<Result<Vec<_>, _>>()?;
    Ok(list(at, lists.into_iter().flatten().collect()))
}

pub(super) fn merge(arguments: &[Value], at: Place) -> Answer {
    let mut merged = Vec::new();
    for argument in arguments.iter().filter(|argument| !argument.is_null()) {
        merged.extend(members(argument)?);
    }
    Ok(at.value(Kind::Object(last_of_each(merged))))
}

/// A hole with a reference counts as one item: a list hidden behind an attribute is rare, an attribute in a list of
/// lists is not.
pub(super) fn flatten(arguments: &[Value], at: Place) -> Answer {
    fn add(value: Value, flat: &mut Vec<Value>) -> Result<(), Stop> {
        match value.kind {
            Kind::List(items) => items.into_iter().try_for_each(|item| add(item.marked(value.sensitive), flat)),
            Kind::Unknown(None) => Err(Stop::Unknown),
            _ => {
                flat.push(value);
                Ok(())
            }
        }
    }
    let mut flat = Vec::new();
    for item in items(only(arguments)?)? {
        add(item, &mut flat)?;
    }
    Ok(list(at, flat))
}

/// `compact`. What is unknown may be empty, unless `is_never_empty` says that what fills the hole is not.
pub(super) fn compact(arguments: &[Value], at: Place, is_never_empty: impl Fn(&Reference) -> bool) -> Answer {
    let mut kept = items(only(arguments)?)?;
    let fills = |reference: Option<&Reference>| reference.is_some_and(&is_never_empty);
    let may_be_empty = |item: &Value| match &item.kind {
        Kind::Unknown(reference) => !fills(reference.as_deref()),
        Kind::Template(parts) => !parts.iter().any(|part| match part {
            Part::Literal(text) => !text.is_empty(),
            Part::Hole(reference) => fills(reference.as_deref()),
        }),
        _ => false,
    };
    if kept.iter().any(may_be_empty) {
        return Err(Stop::Unknown);
    }
    kept.retain(|item| !item.is_null() && !is_empty_text(item));
    Ok(list(at, kept))
}

pub(super) fn distinct(arguments: &[Value], at: Place) -> Answer {
    let items = items(only(arguments)?)?;
    if !items.iter().all(Value::is_wholly_known) {
        return Err(Stop::Unknown);
    }
    Ok(list(at, without_repeats(items)))
}

/// Leaves out what is equal to an earlier item; strings by a sorted list, so that long ones take no square of time.
fn without_repeats(items: Vec<Value>) -> Vec<Value> {
    let mut seen = std::collections::HashSet::new();
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        let new = match &item.kind {
            Kind::String(text) => seen.insert(text.clone()),
            Kind::Unknown(_) | Kind::Template(_) => true,
            _ => !kept.iter().any(|other| operators::equal(other, &item) == Some(true)),
        };
        if new {
            kept.push(item);
        }
    }
    kept
}

/// Items as a set holds them, strings and numbers in their order. Holes stay: what they are equal to cannot be told.
pub(in crate::evaluate) fn set_of(items: Vec<Value>) -> Vec<Value> {
    let mut kept = without_repeats(items);
    // Only an order: two long numbers may change places.
    let number = |value: &Value| if let Kind::Number(text) = &value.kind { text.parse::<f64>().ok() } else { None };
    kept.sort_by(|a, b| match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.cmp(b),
        (None, None) => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        },
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    kept
}

pub(super) fn to_set(arguments: &[Value], at: Place) -> Answer {
    Ok(list(at, set_of(items(only(arguments)?)?)))
}

pub(super) fn set_union(arguments: &[Value], at: Place) -> Answer {
    let sets = arguments.iter().map(items).collect::<Result<Vec<_>, _>>()?;
    Ok(list(at, set_of(sets.into_iter().flatten().collect())))
}

pub(super) fn to_list(arguments: &[Value], _: Place) -> Answer {
    let value = only(arguments)?;
    items(value).map(|_| value.clone())
}

pub(super) fn to_map(arguments: &[Value], _: Place) -> Answer {
    let value = only(arguments)?;
    members(value).map(|_| value.clone())
}

pub(super) fn reverse(arguments: &[Value], at: Place) -> Answer {
    let mut items = items(only(arguments)?)?;
    items.reverse();
    Ok(list(at, items))
}

pub(super) fn sort(arguments: &[Value], at: Place) -> Answer {
    let mut items = items(only(arguments)?)?;
    for item in &items {
        text::known(item)?;
    }
    items.sort_by(|a, b| text::known(a).unwrap_or("").cmp(text::known(b).unwrap_or("")));
    Ok(list(at, items))
}

pub(super) fn keys(arguments: &[Value], at: Place) -> Answer {
    let names = sorted(members(only(arguments)?)?).into_iter().map(|(name, _)| at.string(name));
    Ok(list(at, names.collect()))
}

pub(super) fn values(arguments: &[Value], at: Place) -> Answer {
    let values = sorted(members(only(arguments)?)?).into_iter().map(|(_, value)| value);
    Ok(list(at, values.collect()))
}

pub(super) fn lookup(arguments: &[Value], _: Place) -> Answer {
    let (map, key, default) = match arguments {
        [map, key] => (map, key, None),
        [map, key, default] => (map, key, Some(default)),
        _ => return Err(Stop::Fault),
    };
    let members = members(map)?;
    let key = text::known(key)?;
    let found = members.into_iter().find(|(name, _)| **name == *key).map(|(_, value)| value);
    found.or_else(|| default.cloned()).ok_or(Stop::Fault)
}

pub(super) fn length(arguments: &[Value], at: Place) -> Answer {
    let value = only(arguments)?;
    let length = match &value.kind {
        Kind::List(items) => items.len(),
        Kind::Object(members) => members.len(),
        // Terraform counts what people see as one character; code points are the nearest that is at hand.
        _ => text::known(value)?.chars().count(),
    };
    Ok(at.value(Kind::Number(length.to_string().into())))
}

pub(super) fn element(arguments: &[Value], _: Place) -> Answer {
    let [list, index] = arguments else { return Err(Stop::Fault) };
    let items = items(list)?;
    let index = number(index)?.as_i64().ok_or(Stop::Fault)?;
    let length = i64::try_from(items.len()).map_err(|_| Stop::Unknown)?;
    let index = index.checked_rem_euclid(length).and_then(|index| usize::try_from(index).ok()).ok_or(Stop::Fault)?;
    items.into_iter().nth(index).ok_or(Stop::Fault)
}

pub(super) fn one(arguments: &[Value], at: Place) -> Answer {
    let mut items = items(only(arguments)?)?;
    match (items.pop(), items.is_empty()) {
        (None, _) => Ok(at.value(Kind::Null)),
        (Some(only), true) => Ok(only),
        (Some(_), false) => Err(Stop::Fault),
    }
}

pub(super) fn coalesce(arguments: &[Value], _: Place) -> Answer {
    for argument in arguments {
        if argument.is_unknown() {
            return Err(Stop::Unknown);
        }
        if !argument.is_null() && !is_empty_text(argument) {
            return Ok(argument.clone());
        }
    }
    Err(Stop::Fault)
}

pub(super) fn contains(arguments: &[Value], at: Place) -> Answer {
    let [list, wanted] = arguments else { return Err(Stop::Fault) };
    let answers = items(list)?.iter().map(|item| operators::equal(item, wanted)).collect::<Vec<_>>();
    if answers.contains(&Some(true)) {
        return Ok(at.value(Kind::Bool(true)));
    }
    if answers.contains(&None) { Err(Stop::Unknown) } else { Ok(at.value(Kind::Bool(false))) }
}
