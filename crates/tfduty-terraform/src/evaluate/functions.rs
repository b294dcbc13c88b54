//! Function calls.
//!
//! What is not in the list here gives a hole: functions of providers, hashes, everything that needs the time or the
//! network. What calls there are, holes or not, says [`crate::Sources::calls`].

mod collections;
mod format;
mod strings;

use hcl_edit::expr::FuncCall;

use super::{
    Evaluator, Fault, Frame, Outcome, Scope, json,
    template::Lines,
    text::{self, Stop},
    weight,
};
use crate::{
    address::ModulePath,
    sources::block::{Origin, Place},
    value::{Kind, Value},
};

pub(super) use collections::set_of;

/// What a function gives: a value, perhaps one of its arguments.
type Answer = Result<Value, Stop>;

/// A function of its arguments alone. The place is that of the call.
type Pure = fn(&[Value], Place) -> Answer;

/// The functions, and whether the result keeps the arguments' parts with their own marks. Any other result is made of
/// all arguments, and sensitive when a part of one is.
const FUNCTIONS: [(&str, Pure, bool); 39] = [
    ("basename", strings::basename, false),
    ("chomp", strings::chomp, false),
    ("coalesce", collections::coalesce, true),
    ("concat", collections::concat, true),
    ("contains", collections::contains, false),
    ("distinct", collections::distinct, true),
    ("element", collections::element, true),
    ("endswith", strings::ends_with, false),
    ("flatten", collections::flatten, true),
    ("format", format::format, false),
    ("formatlist", format::format_list, false),
    ("join", strings::join, false),
    ("jsondecode", json::decode, false),
    ("keys", collections::keys, true),
    ("length", collections::length, false),
    ("lookup", collections::lookup, true),
    ("lower", strings::lower, false),
    ("merge", collections::merge, true),
    ("nonsensitive", nonsensitive, true),
    ("one", collections::one, true),
    ("replace", strings::replace, false),
    ("reverse", collections::reverse, true),
    ("sensitive", sensitive, true),
    ("setunion", collections::set_union, true),
    ("sort", collections::sort, true),
    ("split", strings::split, false),
    ("startswith", strings::starts_with, false),
    ("tobool", strings::to_bool, true),
    ("tolist", collections::to_list, true),
    ("tomap", collections::to_map, true),
    ("tonumber", strings::to_number, true),
    ("toset", collections::to_set, true),
    ("tostring", strings::to_string, true),
    ("trim", strings::trim, false),
    ("trimprefix", strings::trim_prefix, false),
    ("trimspace", strings::trim_space, false),
    ("trimsuffix", strings::trim_suffix, false),
    ("upper", strings::upper, false),
    ("values", collections::values, true),
];

impl Evaluator<'_> {
    pub(super) fn call(&mut self, scope: &Scope<'_>, node: &FuncCall, at: Place) -> Outcome {
        let name = if node.name.is_namespaced() { "" } else { node.name.name.as_str() };
        match name {
            "try" => return self.attempt(scope, node),
            "can" => return Ok(self.can(scope, node, at)),
            _ => {}
        }
        let function = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        if function.is_none() && !matches!(name, "compact" | "file" | "jsonencode" | "templatefile") {
            return Ok(at.hole(None));
        }
        let Some(arguments) = self.arguments(scope, node)? else { return Ok(at.hole(None)) };
        let marked = arguments.iter().any(|argument| argument.sensitive);
        let any = || marked || arguments.iter().any(Value::holds_sensitive);
        let (answer, marked) = match (name, function) {
            ("compact", _) => {
                let is_never_empty = |reference: &_| self.world.is_never_empty(reference);
                (collections::compact(&arguments, at, is_never_empty), marked)
            }
            ("file", _) => (self.file_text(&arguments, at), any()),
            ("templatefile", _) => (self.template_file(&arguments, at), any()),
            ("jsonencode", _) => (self.json_text(&arguments, at), any()),
            (_, Some((_, pure, keeps))) => (pure(&arguments, at), if *keeps { marked } else { any() }),
            _ => (Err(Stop::Unknown), marked),
        };
        let value = match answer {
            Ok(value) if self.charge(weight(&value)) => self.secured(value, name == "sensitive"),
            Ok(_) | Err(Stop::Unknown) => at.hole(None),
            Err(Stop::Fault) => return Err(Fault),
        };
        Ok(value.marked(marked && name != "nonsensitive"))
    }

    /// The arguments; `None` where a list that is spread out with `...` is unknown.
    fn arguments(&mut self, scope: &Scope<'_>, node: &FuncCall) -> Result<Option<Vec<Value>>, Fault> {
        let mut arguments = Vec::with_capacity(node.args.len());
        for argument in &node.args {
            let value = self.expression(scope, argument)?;
            arguments.push(self.instances_of(value));
        }
        if node.args.expand_final()
            && let Some(last) = arguments.pop()
        {
            match last.kind {
                Kind::List(items) => arguments.extend(items.into_iter().map(|item| item.marked(last.sensitive))),
                Kind::Unknown(_) => return Ok(None),
                _ => return Err(Fault),
            }
        }
        Ok(Some(arguments))
    }

    /// `try`: the first argument without a fault. A hole is none: it may come out well.
    fn attempt(&mut self, scope: &Scope<'_>, node: &FuncCall) -> Outcome {
        for argument in &node.args {
            if let Ok(value) = self.catching(scope, argument) {
                return Ok(value);
            }
        }
        Err(Fault)
    }

    fn can(&mut self, scope: &Scope<'_>, node: &FuncCall, at: Place) -> Value {
        let value = node.args.get(0).map(|argument| self.catching(scope, argument));
        match value {
            Some(Ok(value)) if value.is_wholly_known() => at.value(Kind::Bool(true)),
            Some(Ok(_)) => at.hole(None),
            Some(Err(Fault)) | None => at.value(Kind::Bool(false)),
        }
    }

    fn catching(&mut self, scope: &Scope<'_>, argument: &hcl_edit::expr::Expression) -> Outcome {
        let caught = std::mem::replace(&mut self.caught, true);
        let outcome = self.expression(scope, argument);
        self.caught = caught;
        outcome
    }

    fn json_text(&mut self, arguments: &[Value], at: Place) -> Answer {
        let [document] = arguments else { return Err(Stop::Fault) };
        let text = json::encode(document);
        if self.charge(weight(document)) {
            self.encoded.push((at, document.clone()));
        }
        Ok(at.value(text))
    }

    fn file_text(&mut self, arguments: &[Value], at: Place) -> Answer {
        let [path] = arguments else { return Err(Stop::Fault) };
        self.file(text::known(path)?).map(|text| at.string(text)).ok_or(Stop::Unknown)
    }

    /// `templatefile`: the text of a file with the members of an object as its names.
    fn template_file(&mut self, arguments: &[Value], at: Place) -> Answer {
        let [path, Value { kind: Kind::Object(names), .. }] = arguments else { return Err(Stop::Unknown) };
        let text = self.file(text::known(path)?).ok_or(Stop::Unknown)?;
        let template = hcl_edit::parser::parse_template(&text).map_err(|_| Stop::Unknown)?;
        let frame = Frame { names, ..Frame::of_module(ModulePath::default()) };
        let scope = Scope { frame: &frame, origin: Origin::Place(at), bound: None };
        self.template(&scope, &template, Lines::Each, at).map_err(Stop::from)
    }
}

fn sensitive(arguments: &[Value], _: Place) -> Answer {
    Ok(only(arguments)?.clone().marked(true))
}

fn nonsensitive(arguments: &[Value], _: Place) -> Answer {
    let mut value = only(arguments)?.clone();
    unmark(&mut value);
    Ok(value)
}

fn unmark(value: &mut Value) {
    value.sensitive = false;
    match &mut value.kind {
        Kind::List(items) => items.iter_mut().for_each(unmark),
        Kind::Object(members) => members.iter_mut().for_each(|(_, value)| unmark(value)),
        _ => {}
    }
}

/// The one argument of a function.
pub(super) fn only(arguments: &[Value]) -> Result<&Value, Stop> {
    match arguments {
        [value] => Ok(value),
        _ => Err(Stop::Fault),
    }
}
