//! Plans as `terraform show -json` prints them.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::{
    address::Mode,
    decode::{last_of_each, value_or_null},
    json::{self, Members, Record, Text, record},
    marks::{Tree, lay_sensitive, lay_unknown, mark_sensitive},
    parts::{Parts, PassedOver, mode},
    plan_configuration,
    recognise::Top,
    refusal::Refusal,
    show,
    span::Span,
    unit::{Action, ActionCount, Change, PlanFlags, Unit, UnitKind},
};

record! {
    /// One item of `resource_changes` or `resource_drift`.
    struct Item<'a> {
        address: &'a RawValue = "address",
        previous_address: &'a RawValue = "previous_address",
        module_address: &'a RawValue = "module_address",
        mode: &'a RawValue = "mode",
        resource_type: &'a RawValue = "type",
        name: &'a RawValue = "name",
        index: &'a RawValue = "index",
        deposed: &'a RawValue = "deposed",
        action_reason: &'a RawValue = "action_reason",
        change: ItemChange<'a> = "change",
    }
}

record! {
    /// The `change` of an item.
    struct ItemChange<'a> {
        actions: &'a RawValue = "actions",
        before: &'a RawValue = "before",
        after: &'a RawValue = "after",
        after_unknown: &'a RawValue = "after_unknown",
        before_sensitive: &'a RawValue = "before_sensitive",
        after_sensitive: &'a RawValue = "after_sensitive",
        replace_paths: &'a RawValue = "replace_paths",
        importing: &'a RawValue = "importing",
    }
}

record! {
    /// One root variable.
    struct Variable<'a> { value: &'a RawValue = "value", }
}

/// Reads a plan.
pub(crate) fn read(text: Text<'_>, top: &Top<'_>, wanted: &dyn Fn(&str) -> bool) -> Result<Unit, Refusal> {
    let mut unit = Unit {
        kind: UnitKind::Plan,
        format_version: json::boxed(top.format_version),
        terraform_version: json::boxed(top.terraform_version),
        timestamp: json::boxed(top.timestamp),
        flags: PlanFlags {
            errored: flag(text, top.errored),
            applyable: flag(text, top.applyable),
            complete: flag(text, top.complete),
        },
        ..Unit::default()
    };
    let mut sensitive = BTreeSet::new();
    if let Some(configuration) = top.configuration {
        let (configuration, names) = plan_configuration::read(text, configuration, &mut unit.notes, wanted)?;
        unit.configuration = Some(configuration);
        sensitive = names;
    }
    read_variables(text, top.variables, &sensitive, &mut unit)?;
    read_changes(text, top, &mut unit, wanted)?;
    read_drift(text, top, &mut unit, wanted)?;
    if let Some(deferred) = top.deferred_changes {
        let deferred = text.read::<Vec<serde::de::IgnoredAny>>(deferred)?.len();
        if deferred > 0 {
            unit.notes.push(format!("{deferred} deferred changes are not audited: this plan does not decide them"));
        }
    }
    if let Some(prior_state) = top.prior_state {
        unit.actions.prior = show::read_prior(text, prior_state, &mut unit, wanted)?;
    }
    unit.actions.planned = show::count_planned(text, top.planned_values)?;
    Ok(unit)
}

fn flag(text: Text<'_>, raw: Option<&RawValue>) -> Option<(bool, Span)> {
    let raw = raw.filter(|raw| matches!(raw.get(), "true" | "false"))?;
    Some((raw.get() == "true", text.span(raw)))
}

/// Root variables. Only the configuration says which of them are sensitive.
fn read_variables(
    text: Text<'_>,
    variables: Option<&RawValue>,
    sensitive: &BTreeSet<Box<str>>,
    unit: &mut Unit,
) -> Result<(), Refusal> {
    let Some(variables) = variables else { return Ok(()) };
    let span = text.span(variables);
    for (name, variable) in last_of_each(text.read::<Members<'_, Variable<'_>>>(variables)?) {
        // An ephemeral variable has no value in a plan.
        let mut value = value_or_null(text, variable.value, span)?;
        if sensitive.contains(&*name) {
            mark_sensitive(&mut value);
        }
        unit.variables.insert(name.into(), value);
    }
    Ok(())
}

fn read_changes(text: Text<'_>, top: &Top<'_>, unit: &mut Unit, wanted: &dyn Fn(&str) -> bool) -> Result<(), Refusal> {
    let Some(changes) = top.resource_changes else { return Ok(()) };
    let mut passed_over = PassedOver::default();
    text.each(changes, |position, item: Item<'_>| {
        unit.resources += 1;
        let actions = actions(item.change.as_ref());
        let parts = item.parts();
        let Some((mode, resource_type)) = parts.kind() else {
            // Without a type, the mode alone says whether the item counts; a missing mode is managed.
            if mode(item.mode) == Some(Mode::Managed) {
                unit.actions.add(&actions);
            }
            passed_over.add(&format!("/resource_changes/{position}"));
            return Ok(());
        };
        unit.count(&resource_type, mode);
        if mode == Mode::Managed {
            unit.actions.add(&actions);
        }
        if wanted(&resource_type) {
            let pointer = format!("/resource_changes/{position}");
            match read_change(text, changes, &item, actions, &pointer)? {
                Some(change) => unit.changes.push(change),
                None => passed_over.add(&pointer),
            }
        }
        Ok(())
    })?;
    unit.notes.extend(passed_over.into_notes());
    Ok(())
}

fn read_drift(text: Text<'_>, top: &Top<'_>, unit: &mut Unit, wanted: &dyn Fn(&str) -> bool) -> Result<(), Refusal> {
    let Some(drift) = top.resource_drift else { return Ok(()) };
    let mut passed_over = PassedOver::default();
    text.each(drift, |position, item: Item<'_>| {
        let pointer = format!("/resource_drift/{position}");
        match item.parts().kind() {
            Some((_, resource_type)) if !wanted(&resource_type) => return Ok(()),
            Some(_) => {
                if let Some(change) = read_change(text, drift, &item, actions(item.change.as_ref()), &pointer)? {
                    unit.drift.push(change);
                    return Ok(());
                }
            }
            None => {}
        }
        passed_over.add(&pointer);
        Ok(())
    })?;
    unit.notes.extend(passed_over.into_notes());
    Ok(())
}

impl<'a> Item<'a> {
    fn parts(&self) -> Parts<'a> {
        Parts {
            address: self.address,
            module: self.module_address,
            mode: self.mode,
            resource_type: self.resource_type,
            name: self.name,
            index: self.index,
        }
    }
}

/// Decodes an item of the list `list`; `None` where no address can be made of it.
fn read_change<'a>(
    text: Text<'a>,
    list: &'a RawValue,
    item: &Item<'a>,
    actions: Vec<Action>,
    item_pointer: &str,
) -> Result<Option<Change>, Refusal> {
    let Some(address) = item.parts().address() else { return Ok(None) };
    let item_span = || text.span_of(item, text.span(list));
    let Some(change) = item.change.as_ref().filter(|change| change.first_key().is_some()) else {
        return Ok(Some(without_change(item, address, item_span(), item_pointer)));
    };
    let span = text.span_of(change, Span::default());
    let mut before = value_or_null(text, change.before, span)?;
    let mut after = value_or_null(text, change.after, span)?;
    if let Some(unknown) = change.after_unknown {
        lay_unknown(&mut after, &text.read::<Tree<'_>>(unknown)?);
    }
    for (value, sensitive) in [(&mut before, change.before_sensitive), (&mut after, change.after_sensitive)] {
        if let Some(sensitive) = sensitive {
            lay_sensitive(value, &text.read::<Tree<'_>>(sensitive)?);
        }
    }
    Ok(Some(Change {
        address,
        previous_address: json::boxed(item.previous_address),
        deposed: json::boxed(item.deposed),
        actions,
        action_reason: json::boxed(item.action_reason),
        before,
        after,
        importing: change.importing.is_some(),
        replace_paths: replace_paths(text, change.replace_paths)?,
        actions_span: change.actions.map_or_else(item_span, |raw| text.span(raw)),
        pointer: format!("{item_pointer}/change").into(),
        span,
    }))
}

/// An item that does not say what changes.
fn without_change(item: &Item<'_>, address: crate::Address, span: Span, pointer: &str) -> Change {
    let null = crate::Value::new(crate::Kind::Null, span);
    Change {
        address,
        previous_address: json::boxed(item.previous_address),
        deposed: json::boxed(item.deposed),
        actions: Vec::new(),
        action_reason: json::boxed(item.action_reason),
        before: null.clone(),
        after: null,
        importing: false,
        replace_paths: Vec::new(),
        actions_span: span,
        pointer: pointer.into(),
        span,
    }
}

fn actions(change: Option<&ItemChange<'_>>) -> Vec<Action> {
    let words = json::strings(change.and_then(|change| change.actions));
    words.iter().map(|word| Action::from_word(word)).collect()
}

/// `[["rule", 0, "x"]]` as `rule.0.x`.
fn replace_paths(text: Text<'_>, raw: Option<&RawValue>) -> Result<Vec<Box<str>>, Refusal> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let paths: Vec<Vec<&RawValue>> = text.read(raw)?;
    Ok(paths
        .into_iter()
        .map(|path| {
            let steps: Vec<_> = path.into_iter().map(|step| json::string(step).unwrap_or(step.get().into())).collect();
            steps.join(".").into()
        })
        .collect())
}

impl Action {
    fn from_word(word: &str) -> Self {
        match word {
            "no-op" => Self::NoOp,
            "create" => Self::Create,
            "read" => Self::Read,
            "update" => Self::Update,
            "delete" => Self::Delete,
            "forget" => Self::Forget,
            _ => Self::Other,
        }
    }
}

impl ActionCount {
    /// Counts one managed item.
    fn add(&mut self, actions: &[Action]) {
        match actions {
            [Action::Delete] => self.delete += 1,
            [Action::Forget] => self.forget += 1,
            [Action::NoOp] => self.no_op += 1,
            _ => self.other += 1,
        }
    }
}
