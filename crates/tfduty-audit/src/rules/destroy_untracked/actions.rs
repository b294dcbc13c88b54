//! Actions: blocks that run something beside the resources (Terraform 1.14 and later).

use std::collections::BTreeSet;

use tfduty_aws::truth::Truth;
use tfduty_terraform::{BlockRef, Configuration, ModulePath, Sources, escape};

use super::{Module, REPLACE, WITH_SOURCES, WRITE_OUT, draft};
use crate::{
    context::{Context, Draft, Subject},
    estate::JudgedUnit,
    evaluate,
    finding::Anchor,
    scripts::{LABEL, Script, constant, of_type, text},
};

/// The action that runs a command.
const COMMAND: &str = "local_command";

/// What an action's `config` says of the command, each with what is to follow in its text: the program gets its arguments as
/// they are, but they read like one line.
const ARGUMENTS: [(&str, char); 3] = [("command", ' '), ("arguments", '\n'), ("stdin", '\n')];

/// One `action` block.
struct Action {
    module: ModulePath,
    kind: String,
    name: String,
    script: Script,
}

/// Judges the actions of a unit. `undoing` are the modules in which a provisioner removes something at destroy. An action is
/// no object: the subject is the input.
pub(super) fn judge(context: &mut Context<'_>, unit: usize, undoing: &BTreeSet<Module>) {
    let judged = &context.estate.units[unit];
    let subject = Subject::File(judged.input);
    let actions = match (&judged.sources, &judged.configuration) {
        (Some(sources), _) if !sources.is_empty() => written(context, unit, sources),
        (_, Some(configuration)) => planned(judged, configuration),
        _ => Vec::new(),
    };
    for action in &actions {
        let creates = action.script.creates();
        let is_undone = undoing.contains(&(unit, action.module.names().map(str::to_owned).collect()));
        let address = action.address();
        let what = action.script.what(&format!("`{}`", escape(&*address)));
        let draft = |message: String, help: &str| Draft {
            attribute: "action",
            discriminator: address.clone(),
            ..draft(&action.script, message, help)
        };
        let is_told = action.script.at_destroy.is_some();
        if action.kind != COMMAND {
            context.skip(subject.clone());
        } else if creates == Truth::False || is_undone {
            context.pass(subject.clone());
        } else if !is_told {
            let message = format!("{what}, and a plan does not show whether a provisioner undoes it");
            context.undecided(subject.clone(), draft(message, WITH_SOURCES));
        } else if creates == Truth::Unknown {
            context
                .undecided(subject.clone(), draft(format!("{what}: whether anything stays is not known"), WRITE_OUT));
        } else if let Some(other) = actions.iter().find(|other| other.may_undo(action)) {
            let other = other.address();
            let message = format!("{what}, and `{}` removes something, but no destroy runs it", escape(&*other));
            let help = format!("run it before the destroy: `terraform apply -invoke={other}`");
            context.undecided(subject.clone(), draft(message, &help));
        } else {
            let stays = action.script.stays();
            let message =
                format!("{what}: no state knows what that made, and nothing in its module removes it, {stays}");
            context.fail(subject.clone(), draft(message, REPLACE));
        }
    }
}

impl Action {
    fn address(&self) -> String {
        let block = format!("action.{}.{}", self.kind, self.name);
        if self.module.0.is_empty() { block } else { format!("{}.{block}", self.module) }
    }

    fn may_undo(&self, other: &Action) -> bool {
        self.module == other.module && self.script.deletes() == Truth::True
    }
}

fn written(context: &Context<'_>, unit: usize, sources: &Sources) -> Vec<Action> {
    let judged = &context.estate.units[unit];
    let action = |(module, block): (ModulePath, BlockRef<'_>)| {
        let mut labels = block.labels();
        let (kind, name) = (labels.next()?.to_owned(), labels.next()?.to_owned());
        let values = ARGUMENTS.map(|(name, _)| evaluate::of_action(context.estate, unit, (&module, block), name));
        let is_sensitive = values.iter().flatten().any(|value| value.sensitive);
        let planned = judged.configuration.as_ref().and_then(|configuration| {
            let mut actions = configuration.module(&module)?.actions.iter();
            actions.find(|action| *action.kind == *kind && *action.name == *name)
        });
        let place = planned.map(|own| of_type(judged.input, (own.kind_span, own.span), &own.pointer));
        let script = Script {
            text: command(&values.map(|value| value.map(|value| text(&value, " ")).unwrap_or_default())),
            is_sensitive,
            at_destroy: Some(false),
            anchor: place.unwrap_or_else(|| Anchor::of_file(judged.input, LABEL)),
        };
        Some(Action { module, kind, name, script })
    };
    sources.actions().filter_map(action).collect()
}

fn planned(unit: &JudgedUnit, configuration: &Configuration) -> Vec<Action> {
    let (mut found, mut open) = (Vec::new(), vec![ModulePath::default()]);
    while let Some(path) = open.pop() {
        let Some(module) = configuration.module(&path) else { continue };
        open.extend(module.calls.keys().map(|name| path.child(name, None)));
        found.extend(module.actions.iter().map(|action| Action {
            module: path.clone(),
            kind: action.kind.to_string(),
            name: action.name.to_string(),
            script: Script {
                text: command(&ARGUMENTS.map(|(name, _)| constant(action.expressions.get(name), " "))),
                is_sensitive: false,
                at_destroy: None,
                anchor: of_type(unit.input, (action.kind_span, action.span), &action.pointer),
            },
        }));
    }
    found
}

/// The command of an action, from the texts of [`ARGUMENTS`].
fn command(texts: &[String; 3]) -> String {
    let mut command = String::new();
    for (text, (_, behind)) in texts.iter().zip(ARGUMENTS) {
        command.push_str(text);
        command.push(behind);
    }
    command
}
