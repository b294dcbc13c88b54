//! Objects and blocks joined to a document.

use std::io::{Result, Write};

use serde_json::{Value, json};

use super::{
    render::Texts,
    stack::{Block, Call, Module},
};

/// Documents that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `terraform show -json` of a plan.
    Plan,
    /// A raw state of version 4.
    State,
}

/// What a document shows.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The root module's objects, and the modules below it.
    pub(super) root: Module,
    /// The blocks of the root module, and its module calls.
    pub(super) configuration: Call,
    /// Keys of provider configurations with their `expressions`.
    pub(super) providers: Vec<(String, Value)>,
    /// Items of `resource_drift`.
    pub(super) drift: Vec<String>,
    /// What a state says of itself: which stack's it is, and how often it has been written.
    pub(super) lineage: String,
    pub(super) serial: u64,
}

/// About how many bytes a module and its configuration take in a document.
pub(super) fn bytes(shape: Shape, module: &Module, call: &Call) -> u64 {
    let of = |texts: &Texts| match shape {
        Shape::Plan => texts.change.len() + texts.planned.len() + texts.prior.len(),
        Shape::State => texts.instance.len() + 150,
    };
    let mut sum = 0;
    let mut open = vec![module];
    while let Some(module) = open.pop() {
        sum += module.blocks.iter().flat_map(|block| &block.objects).map(of).sum::<usize>();
        open.extend(&module.children);
    }
    let mut open = vec![call];
    while let Some(call) = open.pop().filter(|_| shape == Shape::Plan) {
        sum += call.blocks.iter().map(String::len).sum::<usize>();
        open.extend(&call.calls);
    }
    sum as u64
}

impl Document {
    pub(super) fn write(&self, out: &mut impl Write, shape: Shape) -> Result<()> {
        match shape {
            Shape::Plan => plan(out, self),
            Shape::State => state(out, self),
        }
    }
}

fn plan(out: &mut impl Write, document: &Document) -> Result<()> {
    write!(
        out,
        "{{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",\"variables\":{{\"stage\":{{\"value\":\"production\"}}}}"
    )?;
    write!(out, ",\"planned_values\":{{\"outputs\":{{}},\"root_module\":")?;
    values(out, &document.root, |texts| &texts.planned)?;
    write!(out, "}},\"resource_drift\":[")?;
    each(out, &document.drift, |out, item| out.write_all(item.as_bytes()))?;
    write!(out, "],\"resource_changes\":[")?;
    let mut separator = "";
    each_object(std::slice::from_ref(&document.root), &mut |texts| {
        if texts.change.is_empty() {
            return Ok(());
        }
        write!(out, "{separator}{}", texts.change)?;
        separator = ",";
        Ok(())
    })?;
    write!(
        out,
        "],\"output_changes\":{{}},\"prior_state\":{{\"format_version\":\"1.0\",\"terraform_version\":\"1.11.4\""
    )?;
    write!(out, ",\"values\":{{\"outputs\":{{}},\"root_module\":")?;
    values(out, &document.root, |texts| &texts.prior)?;
    write!(out, "}}}},\"configuration\":{{\"provider_config\":{{")?;
    each(out, &document.providers, |out, (key, expressions)| {
        let alias = key.strip_prefix("aws.").map(|alias| format!(",\"alias\":\"{alias}\"")).unwrap_or_default();
        let name = "registry.terraform.io/hashicorp/aws";
        write!(out, "\"{key}\":{{\"name\":\"aws\",\"full_name\":\"{name}\"{alias},\"expressions\":{expressions}}}")
    })?;
    write!(out, "}},\"root_module\":")?;
    module(out, &document.configuration)?;
    write!(out, "}},\"timestamp\":\"2026-10-01T12:00:00Z\",\"applyable\":true")?;
    writeln!(out, ",\"complete\":true,\"errored\":false}}")
}

/// Writes items with commas between them.
fn each<W: Write, T>(out: &mut W, items: &[T], mut item: impl FnMut(&mut W, &T) -> Result<()>) -> Result<()> {
    for (position, one) in items.iter().enumerate() {
        if position > 0 {
            out.write_all(b",")?;
        }
        item(out, one)?;
    }
    Ok(())
}

fn each_object(modules: &[Module], act: &mut impl FnMut(&Texts) -> Result<()>) -> Result<()> {
    for module in modules {
        module.blocks.iter().flat_map(|block| &block.objects).try_for_each(&mut *act)?;
        each_object(&module.children, act)?;
    }
    Ok(())
}

/// A module as `planned_values` and `prior_state` show it.
fn values<W: Write>(out: &mut W, module: &Module, text: fn(&Texts) -> &str) -> Result<()> {
    let objects = module.blocks.iter().flat_map(|block| &block.objects).map(text);
    let shown: Vec<&str> = objects.filter(|text| !text.is_empty()).collect();
    write!(out, "{{\"resources\":[")?;
    each(out, &shown, |out, text| out.write_all(text.as_bytes()))?;
    write!(out, "]")?;
    if !module.address.is_empty() {
        write!(out, ",\"address\":{}", json!(module.address))?;
    }
    if !module.children.is_empty() {
        write!(out, ",\"child_modules\":[")?;
        each(out, &module.children, |out, child| values(out, child, text))?;
        write!(out, "]")?;
    }
    write!(out, "}}")
}

fn call<W: Write>(out: &mut W, call: &Call) -> Result<()> {
    let each_key = if call.repeats { ",\"for_each_expression\":{\"references\":[\"var.shards\"]}" } else { "" };
    let expressions = json!({"name": {"constant_value": call.name}});
    write!(
        out,
        "\"{0}\":{{\"source\":\"./modules/{0}\",\"expressions\":{expressions}{each_key},\"module\":",
        call.name
    )?;
    module(out, call)?;
    write!(out, "}}")
}

/// A module as `configuration` shows it.
fn module<W: Write>(out: &mut W, module: &Call) -> Result<()> {
    write!(out, "{{\"resources\":[")?;
    each(out, &module.blocks, |out, block| out.write_all(block.as_bytes()))?;
    write!(out, "],\"module_calls\":{{")?;
    each(out, &module.calls, call)?;
    write!(out, "}},\"variables\":{{\"instances\":{{}},\"name\":{{}},\"settings\":{{}},\"shards\":{{}}}}}}")
}

fn state(out: &mut impl Write, document: &Document) -> Result<()> {
    write!(
        out,
        "{{\"version\":4,\"terraform_version\":\"1.11.4\",\"serial\":{},\"lineage\":\"{}\"",
        document.serial, document.lineage
    )?;
    write!(out, ",\"outputs\":{{}},\"resources\":[")?;
    let mut open: Vec<&Module> = vec![&document.root];
    let mut separator = "";
    while let Some(module) = open.pop() {
        for block in &module.blocks {
            out.write_all(separator.as_bytes())?;
            state_block(out, &module.address, block)?;
            separator = ",";
        }
        open.extend(module.children.iter().rev());
    }
    writeln!(out, "],\"check_results\":null}}")
}

fn state_block(out: &mut impl Write, module: &str, block: &Block) -> Result<()> {
    let alias = block.provider.strip_prefix("aws").unwrap_or_default();
    let provider = format!("provider[\"registry.terraform.io/hashicorp/aws\"]{alias}");
    let mode = if block.data { "data" } else { "managed" };
    let module = if module.is_empty() { String::new() } else { format!("\"module\":{},", json!(module)) };
    let provider = json!(provider);
    write!(out, "{{{module}\"mode\":\"{mode}\",\"type\":\"{}\",\"name\":\"{}\"", block.resource_type, block.name)?;
    write!(out, ",\"provider\":{provider},\"instances\":[")?;
    each(out, &block.objects, |out, texts| out.write_all(texts.instance.as_bytes()))?;
    write!(out, "]}}")
}
