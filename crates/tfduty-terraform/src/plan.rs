//! Plans as `terraform show -json` prints them.

mod in_pieces;

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::{
    address::Mode,
    decode::{attributes, last_of_each, value_or_null},
    detail::Detail,
    json::{self, Members, Record, Text, record},
    marks::{Tree, lay_sensitive, lay_unknown, mark_sensitive},
    parts::{Parts, PassedOver, mode},
    plan_configuration::{self, JsonConfiguration},
    recognise::Top,
    refusal::Refusal,
    show::{self, About, Planned, Reading},
    span::Span,
    unit::{Action, ActionCount, Before, Change, Deferred, PlanFlags, Unit, UnitKind},
};

pub(crate) use in_pieces::read as read_in_pieces;

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
    /// One item of `deferred_changes`.
    struct DeferredItem<'a> {
        reason: &'a RawValue = "reason",
        resource_change: DeferredChange<'a> = "resource_change",
    }
}

record! {
    /// The change that a deferred item puts off.
    struct DeferredChange<'a> { address: &'a RawValue = "address", }
}

record! {
    /// One root variable.
    struct Variable<'a> { value: &'a RawValue = "value", }
}

/// Reads a plan, member by member.
pub(crate) fn read(text: Text<'_>, top: &Top<'_>, wanted: &dyn Fn(&str) -> Detail) -> Result<Unit, Refusal> {
    let mut plan = Plan::new(wanted);
    if let Some(configuration) = top.configuration {
        plan.configuration(text, &text.read(configuration)?)?;
    }
    if let Some(changes) = top.resource_changes {
        let list = text.span(changes);
        text.each(changes, |position, item| plan.change(text, position, &item, list))?;
    }
    if let Some(drift) = top.resource_drift {
        let list = text.span(drift);
        text.each(drift, |position, item| plan.drift(text, position, &item, list))?;
    }
    if let Some(prior_state) = top.prior_state {
        let reading = Reading { text, wanted, told: Some(&plan.told) };
        let state = text.read(prior_state)?;
        plan.unit.actions.prior = show::read_prior(reading, &state, &mut plan.unit, &mut plan.of_prior_state)?;
    }
    if let Some(planned_values) = top.planned_values {
        plan.unit.actions.planned = text.read::<Planned<'_>>(planned_values)?.count_managed();
    }
    plan.finish(&Small {
        format_version: top.format_version.map(|raw| (text, raw)),
        terraform_version: top.terraform_version.map(|raw| (text, raw)),
        timestamp: top.timestamp.map(|raw| (text, raw)),
        variables: top.variables.map(|raw| (text, raw)),
        deferred_changes: top.deferred_changes.map(|raw| (text, raw)),
        errored: top.errored.map(|raw| (text, raw)),
        applyable: top.applyable.map(|raw| (text, raw)),
        complete: top.complete.map(|raw| (text, raw)),
    })
}

/// A member, and the text that it stands in.
type Member<'a> = Option<(Text<'a>, &'a RawValue)>;

/// The members of a plan that are small.
#[derive(Default)]
struct Small<'a> {
    format_version: Member<'a>,
    terraform_version: Member<'a>,
    timestamp: Member<'a>,
    variables: Member<'a>,
    deferred_changes: Member<'a>,
    errored: Member<'a>,
    applyable: Member<'a>,
    complete: Member<'a>,
}

/// A plan as far as it is read.
struct Plan<'w> {
    wanted: &'w dyn Fn(&str) -> Detail,
    unit: Unit,
    /// Names of the root module's sensitive variables: only the configuration says which they are.
    sensitive: BTreeSet<Box<str>>,
    /// What the items are about that tell enough of an object of the prior state.
    told: About,
    of_configuration: PassedOver,
    of_changes: PassedOver,
    of_drift: PassedOver,
    of_prior_state: PassedOver,
}

impl<'w> Plan<'w> {
    fn new(wanted: &'w dyn Fn(&str) -> Detail) -> Self {
        Self {
            wanted,
            unit: Unit { kind: UnitKind::Plan, ..Unit::default() },
            sensitive: BTreeSet::new(),
            told: About::default(),
            of_configuration: PassedOver::default(),
            of_changes: PassedOver::default(),
            of_drift: PassedOver::default(),
            of_prior_state: PassedOver::default(),
        }
    }

    /// Takes `configuration`.
    fn configuration<'a>(&mut self, text: Text<'a>, json: &JsonConfiguration<'a>) -> Result<(), Refusal> {
        let read = plan_configuration::read(text, json, &mut self.of_configuration, self.wanted)?;
        self.unit.configuration = Some(read);
        self.sensitive = plan_configuration::sensitive_root_variables(json);
        Ok(())
    }

    /// Takes an item of `resource_changes`, which has the span `list`.
    fn change<'a>(&mut self, text: Text<'a>, position: usize, item: &Item<'a>, list: Span) -> Result<(), Refusal> {
        self.unit.resources += 1;
        let actions = actions(item.change.as_ref());
        let parts = item.parts();
        let Some((mode, resource_type)) = parts.kind() else {
            // Without a type, the mode alone says whether the item counts; a missing mode is managed.
            if mode(item.mode) == Some(Mode::Managed) {
                self.unit.actions.add(&actions);
            }
            self.of_changes.add(&format!("/resource_changes/{position}"));
            return Ok(());
        };
        self.unit.count(&resource_type, mode);
        if mode == Mode::Managed {
            self.unit.actions.add(&actions);
        }
        let detail = (self.wanted)(&resource_type).of(mode);
        if detail == Detail::Count {
            return Ok(());
        }
        if detail != Detail::All || actions == [Action::Delete] {
            self.told.add(item.address, item.deposed);
            if item.previous_address.is_some() {
                self.told.add(item.previous_address, None);
            }
        }
        let pointer = format!("/resource_changes/{position}");
        match read_change(text, (item, list), (actions, &pointer), detail)? {
            Some(change) => self.unit.changes.push(change),
            None => self.of_changes.add(&pointer),
        }
        Ok(())
    }

    /// Takes an item of `resource_drift`, which has the span `list`.
    fn drift<'a>(&mut self, text: Text<'a>, position: usize, item: &Item<'a>, list: Span) -> Result<(), Refusal> {
        let pointer = format!("/resource_drift/{position}");
        match item.parts().kind() {
            Some((_, resource_type)) if (self.wanted)(&resource_type) != Detail::All => return Ok(()),
            Some(_) => {
                let actions = actions(item.change.as_ref());
                if let Some(change) = read_change(text, (item, list), (actions, &pointer), Detail::All)? {
                    self.unit.drift.push(change);
                    return Ok(());
                }
            }
            None => {}
        }
        self.of_drift.add(&pointer);
        Ok(())
    }

    /// Takes the small members, when all others were taken. Notes are in an order of their own, whatever the document's.
    fn finish(mut self, small: &Small<'_>) -> Result<Unit, Refusal> {
        self.read_variables(small.variables)?;
        let unit = &mut self.unit;
        unit.format_version = boxed(small.format_version);
        unit.terraform_version = boxed(small.terraform_version);
        unit.timestamp = boxed(small.timestamp);
        unit.flags = PlanFlags {
            errored: flag(small.errored),
            applyable: flag(small.applyable),
            complete: flag(small.complete),
        };
        unit.notes.extend(self.of_configuration.into_notes());
        unit.notes.extend(self.of_changes.into_notes());
        unit.notes.extend(self.of_drift.into_notes());
        if let Some((text, deferred)) = small.deferred_changes {
            let list = text.span(deferred);
            text.each(deferred, |_, item: DeferredItem<'_>| {
                unit.deferred.push(Deferred {
                    reason: json::boxed(item.reason),
                    address: json::boxed(item.resource_change.as_ref().and_then(|change| change.address)),
                    span: text.span_of(&item, list),
                });
                Ok(())
            })?;
            let deferred = unit.deferred.len();
            if deferred > 0 {
                unit.notes.push(format!("{deferred} deferred changes are not audited: this plan does not decide them"));
            }
        }
        unit.notes.extend(self.of_prior_state.into_notes());
        Ok(self.unit)
    }

    /// Root variables. Only the configuration says which of them are sensitive.
    fn read_variables(&mut self, variables: Member<'_>) -> Result<(), Refusal> {
        let Some((text, variables)) = variables else { return Ok(()) };
        let span = text.span(variables);
        for (name, variable) in last_of_each(text.read::<Members<'_, Variable<'_>>>(variables)?.0) {
            // An ephemeral variable has no value in a plan.
            let mut value = value_or_null(text, variable.value, span)?;
            if self.sensitive.contains(&*name) {
                mark_sensitive(&mut value);
            }
            self.unit.variables.insert(name.into(), value);
        }
        Ok(())
    }
}

fn boxed(member: Member<'_>) -> Option<Box<str>> {
    json::boxed(member.map(|(_, raw)| raw))
}

fn flag(member: Member<'_>) -> Option<(bool, Span)> {
    let (text, raw) = member.filter(|(_, raw)| matches!(raw.get(), "true" | "false"))?;
    Some((raw.get() == "true", text.span(raw)))
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

/// Decodes an item of the list with the span `list`; `None` where no address can be made of it.
fn read_change<'a>(
    text: Text<'a>,
    (item, list): (&Item<'a>, Span),
    (actions, item_pointer): (Vec<Action>, &str),
    detail: Detail,
) -> Result<Option<Change>, Refusal> {
    let Some(address) = item.parts().address() else { return Ok(None) };
    let item_span = || text.span_of(item, list);
    let Some(change) = item.change.as_ref().filter(|change| change.first_key().is_some()) else {
        return Ok(Some(without_change(item, address, item_span(), item_pointer)));
    };
    let span = text.span_of(change, Span::default());
    // What is unknown would come back into attributes that were not asked for.
    let unknown = Tree::read(text, change.after_unknown.filter(|_| detail == Detail::All))?;
    let sensitive = Tree::read(text, change.after_sensitive)?;
    let mut after = attributes(text, change.after, span, detail)?;
    lay_unknown(&mut after, &unknown);
    lay_sensitive(&mut after, &sensitive);
    let get = |raw: Option<&'a RawValue>| raw.map(RawValue::get);
    let is_same = matches!(unknown, Tree::Clear)
        && get(change.before) == get(change.after)
        && get(change.before_sensitive) == get(change.after_sensitive);
    let before = if is_same {
        Before::Same
    } else {
        let mut before = attributes(text, change.before, span, detail)?;
        lay_sensitive(&mut before, &Tree::read(text, change.before_sensitive)?);
        Before::Other(before)
    };
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
        before: Before::Same,
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
