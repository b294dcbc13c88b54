//! Tables of expressions and what they give.

mod instances;
mod language;
mod positions;
mod robustness;
mod scenarios;

use std::collections::BTreeMap;

use super::*;
use crate::{address::Mode, reference::Step, saved_plan::ModuleFile, value::Part};

/// A world made of tables. Values are written as JSON.
#[derive(Default)]
struct Known {
    /// By module path and reference: `aws_s3_bucket.b.id`, `module.m aws_x.y["k"].id`.
    resources: BTreeMap<&'static str, &'static str>,
    variables: BTreeMap<&'static str, &'static str>,
    /// By module path and address without keys.
    keys: BTreeMap<&'static str, Vec<Key>>,
    defaults: bool,
}

impl World for Known {
    fn resource(&self, reference: &Reference) -> Option<Value> {
        assert!(matches!(reference.target, Target::Resource { .. }), "{reference}");
        assert!(matches!(reference.path.as_slice(), [Step::Attribute(_)]), "{reference}");
        self.resources.get(&*named(&reference.module, &reference.to_string())).map(|text| json(text))
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.variables.get(name).map(|text| json(text))
    }

    fn keys(&self, module: &ModulePath, target: &Target) -> Option<Vec<Key>> {
        let reference = Reference { module: module.clone(), target: target.clone(), path: Vec::new() };
        self.keys.get(&*named(module, &reference.to_string())).cloned()
    }

    fn is_never_empty(&self, reference: &Reference) -> bool {
        reference.attribute() == Some("filled")
    }

    fn defaults(&self) -> bool {
        self.defaults
    }
}

fn named(module: &ModulePath, rest: &str) -> String {
    if module.0.is_empty() { rest.to_owned() } else { format!("{module} {rest}") }
}

/// A value of the audited document. `"?"` is a hole.
fn json(text: &str) -> Value {
    fn holes(value: &mut Value) {
        match &mut value.kind {
            Kind::String(text) if &**text == "?" => value.kind = Kind::Unknown(None),
            Kind::List(items) => items.iter_mut().for_each(holes),
            Kind::Object(members) => members.iter_mut().for_each(|(_, member)| holes(member)),
            _ => {}
        }
    }
    let mut value = decode_json(&Value::new(Kind::String(text.into()), Span::default())).unwrap();
    holes(&mut value);
    value
}

/// The sources of a configuration whose files are given as (module, path, text).
fn sources(files: &[(&str, &str, &str)]) -> Sources {
    let file = |&(module, path, text): &(&str, &str, &str)| ModuleFile {
        module: module.to_owned(),
        path: path.to_owned(),
        text: text.to_owned(),
    };
    Sources::of_module_files(files.iter().map(file).collect())
}

/// One file in the root module.
fn root(text: &str) -> Sources {
    sources(&[("", "main.tf", text)])
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// A value as a line: strings in quotes, holes as `?`, with the reference that fills them.
fn show(value: &Value) -> String {
    let mark = if value.sensitive { "!" } else { "" };
    let shown = match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(truth) => truth.to_string(),
        Kind::Number(text) => text.to_string(),
        Kind::String(text) => format!("{text:?}"),
        Kind::Template(parts) => {
            let part = |part: &Part| match part {
                Part::Literal(text) => {
                    let quoted = format!("{text:?}");
                    quoted[1..quoted.len() - 1].to_owned()
                }
                Part::Hole(reference) => format!("<{}>", show_hole(reference.as_deref())),
            };
            format!("\"{}\"", parts.iter().map(part).collect::<String>())
        }
        Kind::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", ")),
        Kind::Object(members) => {
            let member = |(name, value): &(Box<str>, Value)| format!("{name}: {}", show(value));
            format!("{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        Kind::Unknown(reference) => format!("?{}", show_hole(reference.as_deref())),
    };
    format!("{mark}{shown}")
}

fn show_hole(reference: Option<&Reference>) -> String {
    reference.map(|reference| named(&reference.module, &reference.to_string())).unwrap_or_default()
}

/// What a place in a file covers.
fn text_of(sources: &Sources, text: TextId, span: Span) -> &str {
    let TextId::Source(index) = text else { return "in the document" };
    span.of(&sources.files[usize::from(index)].text).unwrap()
}

fn eval(sources: &Sources, at: &str, path: &[&str], world: &Known) -> Option<String> {
    sources.evaluate(&address(at), path, world).map(|value| show(&value))
}

/// Evaluates expressions in a root module with these other blocks.
fn check(blocks: &str, world: &Known, table: &[(&str, &str)]) {
    for (expression, expected) in table {
        let text = format!("{blocks}\nresource \"x\" \"it\" {{\n  it = {expression}\n}}\n");
        let sources = root(&text);
        assert_eq!(sources.notes(), [], "{expression}");
        assert_eq!(eval(&sources, "x.it", &["it"], world).as_deref(), Some(*expected), "{expression}");
    }
}
