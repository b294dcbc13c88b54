//! States as `terraform show -json` prints them: alone, as a plan's `prior_state`, and as its `planned_values`.

use std::{borrow::Cow, collections::HashSet};

use serde_json::value::RawValue;

use crate::{
    address::{Address, Mode},
    decode::attributes,
    detail::Detail,
    json::{self, Text, record, text},
    marks::{Tree, lay_sensitive},
    parts::{Parts, PassedOver, mode},
    recognise::Top,
    refusal::Refusal,
    span::Span,
    unit::{Instance, Unit, UnitKind},
};

record! {
    /// A whole state: a document's, or a plan's `prior_state`.
    struct State<'a> {
        values: Values<'a> = "values",
        checks: &'a RawValue = "checks",
    }
}

record! {
    struct Values<'a> {
        outputs: &'a RawValue = "outputs",
        root_module: Module<'a> = "root_module",
    }
}

record! {
    /// One module instance.
    struct Module<'a> {
        address: &'a RawValue = "address",
        resources: Vec<Object<'a>> = "resources",
        child_modules: Vec<Module<'a>> = "child_modules",
    }
}

record! {
    /// One object.
    struct Object<'a> {
        address: &'a RawValue = "address",
        mode: &'a RawValue = "mode",
        resource_type: &'a RawValue = "type",
        name: &'a RawValue = "name",
        index: &'a RawValue = "index",
        provider_name: &'a RawValue = "provider_name",
        values: &'a RawValue = "values",
        sensitive_values: &'a RawValue = "sensitive_values",
        depends_on: &'a RawValue = "depends_on",
        tainted: &'a RawValue = "tainted",
        deposed_key: &'a RawValue = "deposed_key",
    }
}

/// Reads a state as `terraform show -json` prints it. An empty state has no `values`.
pub(crate) fn read(text: Text<'_>, top: &Top<'_>, wanted: &dyn Fn(&str) -> Detail) -> Result<Unit, Refusal> {
    let mut unit = Unit {
        kind: UnitKind::StateJson,
        format_version: json::boxed(top.format_version),
        terraform_version: json::boxed(top.terraform_version),
        ..Unit::default()
    };
    unit.harmless.add(None, top.checks);
    if let Some(values) = top.values {
        let mut passed_over = PassedOver::default();
        let reading = Reading { text, wanted, told: None };
        let (managed, others) = read_values(reading, &text.read(values)?, ("/values", &mut passed_over), &mut unit)?;
        unit.resources = managed + others;
        unit.notes.extend(passed_over.into_notes());
    }
    Ok(unit)
}

/// What items of a plan are about: address and deposed key, as they stand in the text.
#[derive(Default)]
pub(crate) struct About(HashSet<Box<str>>);

impl About {
    pub(crate) fn add(&mut self, address: Option<&RawValue>, deposed: Option<&RawValue>) {
        self.0.insert(Self::key(address, deposed).into());
    }

    fn contains(&self, address: Option<&RawValue>, deposed: Option<&RawValue>) -> bool {
        self.0.contains(&*Self::key(address, deposed))
    }

    fn key<'a>(address: Option<&'a RawValue>, deposed: Option<&RawValue>) -> Cow<'a, str> {
        let address = address.map_or("", RawValue::get);
        match deposed {
            Some(deposed) => format!("{address},{deposed}").into(),
            None => address.into(),
        }
    }
}

/// How objects are read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a, 'w> {
    pub(crate) text: Text<'a>,
    pub(crate) wanted: &'w dyn Fn(&str) -> Detail,
    /// What items of the plan have told enough of: what it deletes, and what only some attributes are asked for of.
    pub(crate) told: Option<&'w About>,
}

/// Reads a plan's `prior_state`. Gives the number of its managed objects.
pub(crate) fn read_prior<'a>(
    reading: Reading<'a, '_>,
    state: &State<'a>,
    unit: &mut Unit,
    passed_over: &mut PassedOver,
) -> Result<u64, Refusal> {
    unit.harmless.add(None, state.checks);
    let Some(values) = &state.values else { return Ok(0) };
    read_values(reading, values, ("/prior_state/values", passed_over), unit).map(|(managed, _)| managed)
}

/// Reads one object of a plan's `prior_state`, which says its whole address. Gives the number of managed objects.
pub(crate) fn read_prior_object<'a>(
    reading: Reading<'a, '_>,
    object: &Object<'a>,
    pointer: &dyn Fn() -> String,
    (unit, passed_over): (&mut Unit, &mut PassedOver),
) -> Result<u64, Refusal> {
    let mut reader = Reader { reading, unit, passed_over, managed: 0, others: 0 };
    reader.resource(None, object, pointer)?;
    Ok(reader.managed)
}

/// Reads the objects below `values`, whose JSON pointer is `pointer`, into the unit's types and instances. Gives the
/// numbers of managed objects and of others.
fn read_values<'a>(
    reading: Reading<'a, '_>,
    values: &Values<'a>,
    (pointer, passed_over): (&str, &mut PassedOver),
    unit: &mut Unit,
) -> Result<(u64, u64), Refusal> {
    unit.harmless.add(values.outputs, None);
    let mut reader = Reader { reading, unit, passed_over, managed: 0, others: 0 };
    if let Some(root) = &values.root_module {
        reader.module(root, &format!("{pointer}/root_module"))?;
    }
    Ok((reader.managed, reader.others))
}

struct Reader<'a, 'u> {
    reading: Reading<'a, 'u>,
    unit: &'u mut Unit,
    passed_over: &'u mut PassedOver,
    managed: u64,
    others: u64,
}

impl<'a> Reader<'a, '_> {
    /// Recursion ends where `serde_json` stopped reading: at 128 levels of nesting.
    fn module(&mut self, module: &Module<'a>, module_pointer: &str) -> Result<(), Refusal> {
        for (position, resource) in module.resources.iter().flatten().enumerate() {
            self.resource(module.address, resource, &|| format!("{module_pointer}/resources/{position}"))?;
        }
        for (position, child) in module.child_modules.iter().flatten().enumerate() {
            self.module(child, &format!("{module_pointer}/child_modules/{position}"))?;
        }
        Ok(())
    }

    fn resource(
        &mut self,
        module: Option<&'a RawValue>,
        resource: &Object<'a>,
        pointer: &dyn Fn() -> String,
    ) -> Result<(), Refusal> {
        let parts = Parts {
            address: resource.address,
            module,
            mode: resource.mode,
            resource_type: resource.resource_type,
            name: resource.name,
            index: resource.index,
        };
        let kind = parts.kind();
        match &kind {
            Some((Mode::Managed, _)) => self.managed += 1,
            _ => self.others += 1,
        }
        let Some((mode, resource_type)) = kind else {
            self.passed_over.add(&pointer());
            return Ok(());
        };
        self.unit.count(&resource_type, mode);
        let Reading { text, wanted, told } = self.reading;
        let detail = wanted(&resource_type).of(mode);
        if detail != Detail::All && self.unit.kind == UnitKind::StateJson && mode == Mode::Managed {
            self.unit.depend(&resource_type, json::strings(resource.depends_on), wanted);
        }
        let is_told = || told.is_some_and(|told| told.contains(resource.address, resource.deposed_key));
        let detail = match detail {
            Detail::Count => return Ok(()),
            Detail::Only(_) if is_told() => return Ok(()),
            // What it depends on is said here alone.
            Detail::All if is_told() => Detail::Only(&["id"]),
            detail => detail,
        };
        match parts.address() {
            Some(address) => {
                let instance = read_instance(text, resource, (address, &pointer()), detail)?;
                self.unit.instances.push(instance);
            }
            None => self.passed_over.add(&pointer()),
        }
        Ok(())
    }
}

fn read_instance<'a>(
    text: Text<'a>,
    resource: &Object<'a>,
    (address, pointer): (Address, &str),
    detail: Detail,
) -> Result<Instance, Refusal> {
    let span = text.span_of(resource, resource.values.map_or(Span::default(), |raw| text.span(raw)));
    let mut values = attributes(text, resource.values, span, detail)?;
    lay_sensitive(&mut values, &Tree::read(text, resource.sensitive_values)?);
    Ok(Instance {
        address,
        deposed: json::boxed(resource.deposed_key),
        tainted: json::is_true(resource.tainted),
        provider: json::boxed(resource.provider_name),
        values,
        dependencies: json::strings(resource.depends_on),
        skip_destroy: false,
        pointer: format!("{pointer}/values").into(),
        span,
    })
}

record! {
    /// `planned_values`, of which only the number of managed objects is of use.
    struct Planned<'a> { root_module: PlannedModule<'a> = "root_module", }
}

record! {
    /// One module instance of `planned_values`.
    struct PlannedModule<'a> {
        resources: Vec<PlannedResource<'a>> = "resources",
        child_modules: Vec<PlannedModule<'a>> = "child_modules",
    }
}

record! {
    /// One object of `planned_values`.
    struct PlannedResource<'a> { mode: &'a RawValue = "mode", }
}

impl Object<'_> {
    /// Whether the object says what it is by itself, without the module that holds it.
    pub(crate) fn says_its_address(&self) -> bool {
        let parses = || text(self.address).is_some_and(|address| address.parse::<Address>().is_ok());
        self.mode.is_some() && text(self.resource_type).is_some() && parses()
    }
}

impl PlannedResource<'_> {
    /// Whether the object is managed.
    pub(crate) fn is_managed(&self) -> bool {
        mode(self.mode) == Some(Mode::Managed)
    }
}

impl Planned<'_> {
    /// The number of managed objects.
    pub(crate) fn count_managed(&self) -> u64 {
        self.root_module.as_ref().map_or(0, count_managed)
    }
}

fn count_managed(module: &PlannedModule<'_>) -> u64 {
    let managed = module.resources.iter().flatten().filter(|resource| resource.is_managed()).count();
    managed as u64 + module.child_modules.iter().flatten().map(count_managed).sum::<u64>()
}
