//! The `configuration` of a plan document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use crate::{
    configuration::{
        ActionBlock, Configuration, ConfigurationResource, Expression, Expressions, Module, ModuleCall, Output,
        ProviderConfiguration, Provisioner,
    },
    decode::{last_of_each, value},
    detail::Detail,
    json::{self, Members, Text, pointer, record},
    marks::mark_sensitive,
    parts::{Parts, PassedOver},
    references::References,
    refusal::Refusal,
    span::Span,
    value::Value,
};

record! {
    /// A plan's `configuration`.
    struct JsonConfiguration<'a> {
        provider_config: Members<'a, &'a RawValue> = "provider_config",
        root_module: JsonModule<'a> = "root_module",
    }
}

record! {
    struct JsonProvider<'a> {
        name: &'a RawValue = "name",
        alias: &'a RawValue = "alias",
        module_address: &'a RawValue = "module_address",
        expressions: &'a RawValue = "expressions",
    }
}

record! {
    struct JsonModule<'a> {
        resources: Vec<JsonResource<'a>> = "resources",
        module_calls: Members<'a, JsonCall<'a>> = "module_calls",
        outputs: Members<'a, JsonOutput<'a>> = "outputs",
        variables: Members<'a, JsonVariable<'a>> = "variables",
        actions: Vec<&'a RawValue> = "actions",
    }
}

record! {
    struct JsonResource<'a> {
        address: &'a RawValue = "address",
        mode: &'a RawValue = "mode",
        resource_type: &'a RawValue = "type",
        name: &'a RawValue = "name",
        provider_config_key: &'a RawValue = "provider_config_key",
        expressions: &'a RawValue = "expressions",
        provisioners: &'a RawValue = "provisioners",
        count_expression: &'a RawValue = "count_expression",
        for_each_expression: &'a RawValue = "for_each_expression",
        depends_on: &'a RawValue = "depends_on",
    }
}

record! {
    struct JsonProvisioner<'a> { kind: &'a RawValue = "type", expressions: &'a RawValue = "expressions", }
}

record! {
    struct JsonAction<'a> {
        kind: &'a RawValue = "type",
        name: &'a RawValue = "name",
        expressions: &'a RawValue = "expressions",
    }
}

record! {
    struct JsonCall<'a> {
        source: &'a RawValue = "source",
        version: &'a RawValue = "version_constraint",
        expressions: &'a RawValue = "expressions",
        count_expression: &'a RawValue = "count_expression",
        for_each_expression: &'a RawValue = "for_each_expression",
        depends_on: &'a RawValue = "depends_on",
        module: JsonModule<'a> = "module",
    }
}

record! {
    struct JsonOutput<'a> { expression: &'a RawValue = "expression", depends_on: &'a RawValue = "depends_on", }
}

record! {
    struct JsonVariable<'a> { default: &'a RawValue = "default", sensitive: &'a RawValue = "sensitive", }
}

/// Reads a plan's `configuration`.
pub(crate) fn read<'a>(
    text: Text<'a>,
    json: &JsonConfiguration<'a>,
    passed_over: &mut PassedOver,
    wanted: &dyn Fn(&str) -> Detail,
) -> Result<Configuration, Refusal> {
    let mut reader = Reader { text, wanted, passed_over };
    let mut configuration = Configuration::default();
    for (key, raw) in json.provider_config.iter().flat_map(|providers| &providers.0) {
        let pointer = pointer("/configuration/provider_config", key);
        configuration.providers.insert(key.as_ref().into(), reader.provider(raw, pointer)?);
    }
    if let Some(root) = &json.root_module {
        configuration.root = reader.module(root, "/configuration/root_module")?;
    }
    Ok(configuration)
}

/// The names of the root module's sensitive variables.
pub(crate) fn sensitive_root_variables(json: &JsonConfiguration<'_>) -> BTreeSet<Box<str>> {
    json.root_module.as_ref().map(sensitive_variables).unwrap_or_default()
}

fn sensitive_variables(module: &JsonModule<'_>) -> BTreeSet<Box<str>> {
    let variables = module.variables.iter().flat_map(|variables| &variables.0);
    let sensitive = variables.filter(|(_, variable)| json::is_true(variable.sensitive));
    sensitive.map(|(name, _)| name.as_ref().into()).collect()
}

struct Reader<'a, 'w> {
    text: Text<'a>,
    wanted: &'w dyn Fn(&str) -> Detail,
    passed_over: &'w mut PassedOver,
}

impl<'a> Reader<'a, '_> {
    fn provider(&self, raw: &'a RawValue, pointer: String) -> Result<ProviderConfiguration, Refusal> {
        let provider: JsonProvider<'_> = self.text.read(raw)?;
        Ok(ProviderConfiguration {
            name: json::boxed(provider.name).unwrap_or_default(),
            alias: json::boxed(provider.alias),
            module_address: json::boxed(provider.module_address),
            expressions: self.expressions(provider.expressions)?,
            span: self.text.span(raw),
            pointer: pointer.into(),
        })
    }

    /// Recursion ends where `serde_json` stopped reading: at 128 levels of nesting.
    fn module(&mut self, json: &JsonModule<'a>, module_pointer: &str) -> Result<Module, Refusal> {
        let mut module = Module::default();
        for (position, resource) in json.resources.iter().flatten().enumerate() {
            let pointer = format!("{module_pointer}/resources/{position}");
            match self.resource(resource, &pointer)? {
                Some(resource) => module.resources.push(resource),
                None => self.passed_over.add(&pointer),
            }
        }
        for (name, call) in json.module_calls.iter().flat_map(|calls| &calls.0) {
            let pointer = pointer(&format!("{module_pointer}/module_calls"), name);
            module.calls.insert(name.as_ref().into(), self.call(call, &pointer)?);
        }
        for (name, output) in json.outputs.iter().flat_map(|outputs| &outputs.0) {
            let expression = self.optional(output.expression)?.unwrap_or_default();
            let output = Output { expression, depends_on: json::strings(output.depends_on) };
            module.outputs.insert(name.as_ref().into(), output);
        }
        for (name, variable) in json.variables.iter().flat_map(|variables| &variables.0) {
            module.variables.insert(name.as_ref().into(), self.default(variable)?);
        }
        for (position, raw) in json.actions.iter().flatten().enumerate() {
            module.actions.push(self.action(raw, format!("{module_pointer}/actions/{position}"))?);
        }
        Ok(module)
    }

    fn default(&self, variable: &JsonVariable<'a>) -> Result<Option<Value>, Refusal> {
        let Some(default) = variable.default else { return Ok(None) };
        let mut default = value(self.text, default)?;
        if json::is_true(variable.sensitive) {
            mark_sensitive(&mut default);
        }
        Ok(Some(default))
    }

    fn call(&mut self, json: &JsonCall<'a>, pointer: &str) -> Result<ModuleCall, Refusal> {
        let mut expressions = self.expressions(json.expressions)?;
        let mut module = Module::default();
        if let Some(called) = &json.module {
            module = self.module(called, &format!("{pointer}/module"))?;
            // A constant that fills a sensitive variable is as sensitive as the variable.
            for name in sensitive_variables(called) {
                let constant = expressions.get_mut(&name).and_then(|expression| expression.constant.as_mut());
                constant.into_iter().for_each(mark_sensitive);
            }
        }
        Ok(ModuleCall {
            source: json::boxed(json.source),
            version: json::boxed(json.version),
            expressions,
            count: self.optional(json.count_expression)?,
            for_each: self.optional(json.for_each_expression)?,
            depends_on: json::strings(json.depends_on),
            module,
        })
    }

    /// `None` where the block has neither an address nor the parts of one.
    fn resource(&self, json: &JsonResource<'a>, pointer: &str) -> Result<Option<ConfigurationResource>, Refusal> {
        let parts = Parts {
            address: json.address,
            mode: json.mode,
            resource_type: json.resource_type,
            name: json.name,
            ..Parts::default()
        };
        let Some(address) = parts.address() else { return Ok(None) };
        let mut references = Vec::new();
        let all = [json.expressions, json.provisioners, json.count_expression, json.for_each_expression];
        for raw in all.into_iter().flatten() {
            references.extend(self.text.read::<References<'_>>(raw)?.0);
        }
        references.sort_unstable();
        references.dedup();
        let is_wanted = (self.wanted)(&address.resource_type) == Detail::All;
        Ok(Some(ConfigurationResource {
            mode: address.mode,
            resource_type: address.resource_type,
            name: address.name,
            provider_key: json::boxed(json.provider_config_key),
            expressions: self.expressions(json.expressions.filter(|_| is_wanted))?,
            references: references.iter().map(|reference| reference.as_ref().into()).collect(),
            count: self.optional(json.count_expression)?,
            for_each: self.optional(json.for_each_expression)?,
            depends_on: json::strings(json.depends_on),
            provisioners: self.provisioners(json.provisioners, pointer)?,
            // It takes a second look at the whole block to see where it ends.
            span: if is_wanted { self.text.span_of(json, Span::default()) } else { Span::default() },
            pointer: pointer.into(),
        }))
    }

    fn provisioners(&self, raw: Option<&'a RawValue>, resource_pointer: &str) -> Result<Vec<Provisioner>, Refusal> {
        let items = raw.map_or_else(|| Ok(Vec::new()), |raw| self.text.read::<Vec<&RawValue>>(raw))?;
        let read = items.into_iter().enumerate().map(|(position, raw)| {
            let json: JsonProvisioner<'_> = self.text.read(raw)?;
            Ok(Provisioner {
                kind: json::boxed(json.kind).unwrap_or_default(),
                expressions: self.expressions(json.expressions)?,
                kind_span: self.text.span(json.kind.unwrap_or(raw)),
                span: self.text.span(raw),
                pointer: format!("{resource_pointer}/provisioners/{position}").into(),
            })
        });
        read.collect()
    }

    fn action(&self, raw: &'a RawValue, pointer: String) -> Result<ActionBlock, Refusal> {
        let json: JsonAction<'_> = self.text.read(raw)?;
        Ok(ActionBlock {
            kind: json::boxed(json.kind).unwrap_or_default(),
            name: json::boxed(json.name).unwrap_or_default(),
            expressions: self.expressions(json.expressions)?,
            kind_span: self.text.span(json.kind.unwrap_or(raw)),
            span: self.text.span(raw),
            pointer: pointer.into(),
        })
    }

    fn optional(&self, raw: Option<&'a RawValue>) -> Result<Option<Expression>, Refusal> {
        raw.map(|raw| self.expression(raw, DEPTH)).transpose()
    }

    fn expressions(&self, raw: Option<&'a RawValue>) -> Result<Expressions, Refusal> {
        raw.map_or_else(|| Ok(Expressions::new()), |raw| self.block(raw, DEPTH))
    }

    /// The arguments and nested blocks of a block.
    fn block(&self, raw: &'a RawValue, depth: usize) -> Result<Expressions, Refusal> {
        let members = last_of_each(self.text.read::<Members<'_, &RawValue>>(raw)?.0);
        let named = members.into_iter().map(|(name, raw)| Ok((name.into(), self.expression(raw, depth)?)));
        named.collect()
    }

    /// One member of a block: an expression, a list of nested blocks, or a single nested block, which is told from an
    /// expression by its members.
    fn expression(&self, raw: &'a RawValue, depth: usize) -> Result<Expression, Refusal> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.text.unexpected(raw, "a configuration of at most 64 levels of blocks"));
        };
        match raw.get().as_bytes().first() {
            Some(b'[') => {
                let blocks = self.text.read::<Vec<&RawValue>>(raw)?;
                let blocks = blocks.into_iter().filter(|raw| raw.get().starts_with('{'));
                let blocks = blocks.map(|raw| self.block(raw, depth)).collect::<Result<_, _>>()?;
                Ok(Expression { blocks, ..Expression::default() })
            }
            Some(b'{') => {
                let members = self.text.read::<Members<'_, &RawValue>>(raw)?;
                if members.0.iter().all(|(name, raw)| is_part_of_expression(name, raw)) {
                    return self.leaf(members);
                }
                Ok(Expression { blocks: vec![self.block(raw, depth)?], ..Expression::default() })
            }
            _ => Ok(Expression::default()),
        }
    }

    fn leaf(&self, members: Members<'a, &'a RawValue>) -> Result<Expression, Refusal> {
        let members: BTreeMap<_, _> = members.0.into_iter().collect();
        let constant = members.get("constant_value");
        Ok(Expression {
            constant: constant.map(|raw| value(self.text, raw)).transpose()?,
            references: json::strings(members.get("references").copied()),
            blocks: Vec::new(),
        })
    }
}

/// How deep blocks may be nested.
const DEPTH: usize = 64;

/// Whether a member of an object makes that object an expression. A nested block may have an argument of either name,
/// but the argument's value is an object.
fn is_part_of_expression(name: &str, raw: &RawValue) -> bool {
    match name {
        "constant_value" => true,
        "references" => raw.get().starts_with('['),
        _ => false,
    }
}
