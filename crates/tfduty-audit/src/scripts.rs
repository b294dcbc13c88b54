//! What provisioners run.

use std::cmp::Reverse;

use tfduty_aws::{
    cli::{self, Call},
    location::is_placeholder,
    truth::Truth,
};
use tfduty_terraform::{BlockRef, Expression, Kind, ModulePath, Part, Span, Value, escape};

use crate::{
    context::Context,
    estate::Estate,
    evaluate,
    finding::Anchor,
    object::{Object, ObjectId},
};

/// Provisioners that run commands, each with the argument that holds them.
const RUNNING: &[(&str, &str)] = &[("local-exec", "command"), ("remote-exec", "inline")];

/// Stands for a text of which nothing is known.
const UNKNOWN: &str = "\u{E000}";

/// Between the commands of a list.
const LINES: &str = "\n";

/// What the place of a script shows.
pub(crate) const LABEL: &str = "runs a script";

/// What a provisioner or an action runs.
pub(crate) struct Script {
    /// Its text, with placeholders where something is not known.
    pub(crate) text: String,
    /// Whether a part of it is marked sensitive.
    pub(crate) is_sensitive: bool,
    /// Whether it runs when the resource is destroyed; `None` where that is not told.
    pub(crate) at_destroy: Option<bool>,
    /// Where it stands. The command itself is never shown: it may hold credentials.
    pub(crate) anchor: Anchor,
}

impl Script {
    /// Whether it makes something that stays.
    pub(crate) fn creates(&self) -> Truth {
        Truth::any(cli::calls(&self.text).iter().map(Call::creates))
    }

    /// How long what it makes stays, as the end of a sentence.
    pub(crate) fn stays(&self) -> &'static str {
        let calls = cli::calls(&self.text);
        let mut making = calls.iter().filter(|call| call.creates() != Truth::False);
        if making.all(|call| call.goes_with_detector() == Truth::True) {
            "so it stays until its detector is deleted"
        } else {
            "so it stays"
        }
    }

    /// Whether it makes GuardDuty's findings go somewhere.
    pub(crate) fn delivers_findings(&self) -> Truth {
        Truth::any(cli::calls(&self.text).iter().map(Call::delivers_findings))
    }

    /// Whether it removes something.
    pub(crate) fn deletes(&self) -> Truth {
        Truth::any(cli::calls(&self.text).iter().map(Call::deletes))
    }

    /// What it does that makes something, or may.
    pub(crate) fn what(&self, who: &str) -> String {
        let calls = cli::calls(&self.text).into_iter().map(|call| (call.creates(), call));
        match calls.min_by_key(|(creates, _)| Reverse(*creates)) {
            Some((Truth::True, _)) if self.is_sensitive => format!("{who} makes something with the AWS CLI"),
            Some((Truth::True, call)) => format!("{who} calls `{}`", escape(call.to_string())),
            _ => format!("{who} runs a command that is not known, or not in full"),
        }
    }
}

/// What the provisioners of an object run: by its sources, else by its plan. `None` where neither shows its block.
pub(crate) fn of_object(context: &Context<'_>, id: ObjectId) -> Option<Vec<Script>> {
    let object = context.estate.object(id);
    written(context, id, object).or_else(|| planned(context, object))
}

/// What the provisioners of a unit run, by the addresses of their resources, as far as the sources tell: also those of
/// resources that rules do not look at.
pub(crate) fn of_sources(estate: &Estate, unit: usize) -> Vec<(String, Script)> {
    let Some(sources) = estate.units.get(unit).and_then(|unit| unit.sources.as_ref()) else { return Vec::new() };
    let of_block = |(module, block): (ModulePath, BlockRef<'_>)| {
        let name = block.labels().collect::<Vec<_>>().join(".");
        let address = if module.0.is_empty() { name } else { format!("{module}.{name}") };
        let scripts = block.blocks("provisioner").enumerate().filter_map(|(position, provisioner)| {
            let path = ["provisioner", &position.to_string(), running(provisioner.labels().next()?)?];
            let value = evaluate::of_block(estate, unit, (&module, block), &path);
            let script = Script {
                text: value.as_ref().map(|value| text(value, LINES)).unwrap_or_default(),
                is_sensitive: value.is_some_and(|value| value.sensitive),
                at_destroy: Some(provisioner.word("when").as_deref() == Some("destroy")),
                anchor: Anchor::of_file(estate.units[unit].input, LABEL),
            };
            Some((address.clone(), script))
        });
        scripts.collect::<Vec<_>>()
    };
    sources.resources().flat_map(of_block).collect()
}

fn written(context: &Context<'_>, id: ObjectId, object: &Object) -> Option<Vec<Script>> {
    let estate = context.estate;
    let block = estate.unit(object).sources.as_ref()?.block(&object.address).filter(|block| block.is_readable())?;
    let planned = estate.block(object).map_or(&[][..], |block| &block.provisioners);
    let scripts = block.blocks("provisioner").enumerate().filter_map(|(position, provisioner)| {
        let argument = running(provisioner.labels().next()?)?;
        let value = evaluate::value(estate, id, &["provisioner", &position.to_string(), argument]);
        let input = estate.input(object);
        let place = planned.get(position).map(|own| of_type(input, (own.kind_span, own.span), &own.pointer));
        let place = place.unwrap_or_else(|| context.anchor(object, &object.attribute(&[]), LABEL));
        Some(Script {
            text: value.as_ref().map(|value| text(value, LINES)).unwrap_or_default(),
            is_sensitive: value.is_some_and(|value| value.sensitive),
            at_destroy: Some(provisioner.word("when").as_deref() == Some("destroy")),
            anchor: Anchor { written: Some((provisioner.text(), provisioner.header())), ..place },
        })
    });
    Some(scripts.collect())
}

fn planned(context: &Context<'_>, object: &Object) -> Option<Vec<Script>> {
    let (block, input) = (context.estate.block(object)?, context.estate.input(object));
    let scripts = block.provisioners.iter().filter_map(|provisioner| {
        Some(Script {
            text: constant(provisioner.expressions.get(running(&provisioner.kind)?), LINES),
            is_sensitive: false,
            at_destroy: None,
            anchor: of_type(input, (provisioner.kind_span, provisioner.span), &provisioner.pointer),
        })
    });
    Some(scripts.collect())
}

/// The argument that holds what a provisioner runs.
fn running(kind: &str) -> Option<&'static str> {
    RUNNING.iter().find(|(name, _)| *name == kind).map(|(_, argument)| *argument)
}

/// The place of the member `type` of an item of a plan.
pub(crate) fn of_type(input: usize, (span, object): (Span, Span), pointer: &str) -> Anchor {
    Anchor { span, object, pointer: format!("{pointer}/type"), ..Anchor::of_file(input, LABEL) }
}

/// The text of an argument in a plan's configuration, as [`text`]; nothing where it is not set.
pub(crate) fn constant(argument: Option<&Expression>, between: &str) -> String {
    let Some(argument) = argument else { return String::new() };
    argument.constant.as_ref().map_or_else(|| UNKNOWN.into(), |value| text(value, between))
}

/// A text, or the texts of a list with something between them, with placeholders for what is not known.
pub(crate) fn text(value: &Value, between: &str) -> String {
    // A private-use character of its own must not pass for a placeholder.
    let literal = |text: &str| text.replace(is_placeholder, "\u{FFFD}");
    match &value.kind {
        Kind::Null => String::new(),
        Kind::String(text) => literal(text),
        Kind::Template(parts) => parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => literal(text),
                Part::Hole(_) => UNKNOWN.to_owned(),
            })
            .collect(),
        Kind::List(items) => items.iter().map(|item| text(item, between)).collect::<Vec<_>>().join(between),
        _ => UNKNOWN.to_owned(),
    }
}
