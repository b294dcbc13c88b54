//! The `configuration` of a plan document: references between blocks, without their instance keys and without locals.

use std::{collections::BTreeMap, sync::OnceLock};

use crate::{address::Mode, address::ModulePath, span::Span, value::Value};

/// The configuration a plan was made from, as far as plan JSON shows it.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    /// Provider configurations by their key: `aws`, `aws.eu`, `module.m:aws`.
    pub providers: BTreeMap<Box<str>, ProviderConfiguration>,
    /// The root module.
    pub root: Module,
}

/// One provider configuration.
#[derive(Debug, Clone, Default)]
pub struct ProviderConfiguration {
    /// The provider's local name: `aws`.
    pub name: Box<str>,
    /// `alias`, where it has one.
    pub alias: Option<Box<str>>,
    /// The module call that declares it (`module.m`, without keys), where that is not the root module.
    pub module_address: Option<Box<str>>,
    /// Its arguments; none for a provider that is only required, without a block of its own.
    pub expressions: Expressions,
    /// Span of the entry's value.
    pub span: Span,
    /// JSON pointer of the entry.
    pub pointer: Box<str>,
}

/// One module of the configuration.
#[derive(Debug, Clone, Default)]
pub struct Module {
    /// Resources and data sources, in the order of the document.
    pub resources: Vec<ConfigurationResource>,
    /// The same in the order of what they are looked up by; made when one is looked up.
    pub(crate) sorted: OnceLock<Vec<usize>>,
    /// Module calls by name.
    pub calls: BTreeMap<Box<str>, ModuleCall>,
    /// Outputs by name.
    pub outputs: BTreeMap<Box<str>, Output>,
    /// Variables by name, with their default where they have one.
    pub variables: BTreeMap<Box<str>, Option<Value>>,
    /// `action` blocks (Terraform 1.14 and later), in the order of the document.
    pub actions: Vec<ActionBlock>,
}

/// One `resource` or `data` block.
#[derive(Debug, Clone)]
pub struct ConfigurationResource {
    /// Managed or data.
    pub mode: Mode,
    /// Resource type.
    pub resource_type: Box<str>,
    /// Name of the block.
    pub name: Box<str>,
    /// Key into [`Configuration::providers`]. Older versions may name a key that is not there.
    pub provider_key: Option<Box<str>>,
    /// Its arguments and nested blocks. Empty for resource types that were not asked for: of those only
    /// `references` is kept. `dynamic` blocks are missing from plan JSON.
    pub expressions: Expressions,
    /// All references of all its expressions, `count`, `for_each` and provisioners included, each once, sorted.
    pub references: Vec<Box<str>>,
    /// `count`.
    pub count: Option<Expression>,
    /// `for_each`.
    pub for_each: Option<Expression>,
    /// `depends_on`, as written.
    pub depends_on: Vec<Box<str>>,
    /// `provisioner` blocks, in the order of the configuration.
    pub provisioners: Vec<Provisioner>,
    /// Span of the item; empty for resource types that were not asked for.
    pub span: Span,
    /// JSON pointer of the item.
    pub pointer: Box<str>,
}

/// One `provisioner` block. Plan JSON does not say when it runs.
#[derive(Debug, Clone)]
pub struct Provisioner {
    /// `local-exec`, `remote-exec`, `file`.
    pub kind: Box<str>,
    /// Its arguments, without `connection`.
    pub expressions: Expressions,
    /// Span of `type`, or of the item where it is missing.
    pub kind_span: Span,
    /// Span of the item.
    pub span: Span,
    /// JSON pointer of the item.
    pub pointer: Box<str>,
}

/// One `action` block. Plan JSON does not say what triggers it.
#[derive(Debug, Clone)]
pub struct ActionBlock {
    /// The type of the action: `local_command`, `aws_lambda_invoke`.
    pub kind: Box<str>,
    /// Name of the block.
    pub name: Box<str>,
    /// What its `config` block sets.
    pub expressions: Expressions,
    /// Span of `type`, or of the item where it is missing.
    pub kind_span: Span,
    /// Span of the item.
    pub span: Span,
    /// JSON pointer of the item.
    pub pointer: Box<str>,
}

/// One `module` block.
#[derive(Debug, Clone, Default)]
pub struct ModuleCall {
    /// `source`, as written.
    pub source: Option<Box<str>>,
    /// `version`, as written: which versions of a registry's module will do.
    pub version: Option<Box<str>>,
    /// The arguments.
    pub expressions: Expressions,
    /// `count`.
    pub count: Option<Expression>,
    /// `for_each`.
    pub for_each: Option<Expression>,
    /// `depends_on`, as written.
    pub depends_on: Vec<Box<str>>,
    /// The called module.
    pub module: Module,
}

/// One `output` block.
#[derive(Debug, Clone, Default)]
pub struct Output {
    /// Its value.
    pub expression: Expression,
    /// `depends_on`, as written.
    pub depends_on: Vec<Box<str>>,
}

/// Arguments and nested blocks by name.
pub type Expressions = BTreeMap<Box<str>, Expression>;

/// One expression, or nested blocks of one name. A call of functions on literals alone has neither constant nor
/// references nor blocks.
#[derive(Debug, Clone, Default)]
pub struct Expression {
    /// `constant_value`.
    pub constant: Option<Value>,
    /// `references`, in the order of the document: each reference from its longest form to its shortest
    /// (`aws_s3_bucket.b.id`, `aws_s3_bucket.b`).
    pub references: Vec<Box<str>>,
    /// Nested blocks.
    pub blocks: Vec<Expressions>,
}

impl Configuration {
    /// The module at `path`, instance keys not considered; `None` where no such call exists.
    pub fn module(&self, path: &ModulePath) -> Option<&Module> {
        path.names().try_fold(&self.root, |module, name| module.calls.get(name).map(|call| &call.module))
    }

    /// What the calls that lead to a module take it from, in one text: equal for two modules that are written in one
    /// place. `None` where a call does not exist or has no source.
    pub fn origin(&self, path: &ModulePath) -> Option<String> {
        // A folder is named from the module that calls; what is taken from elsewhere begins anew.
        let (mut from, mut folders) = (String::new(), Vec::new());
        let mut module = &self.root;
        for name in path.names() {
            let call = module.calls.get(name)?;
            let source = call.source.as_deref()?;
            if !source.starts_with("./") && !source.starts_with("../") {
                from = format!("{source} {}", call.version.as_deref().unwrap_or_default());
                folders.clear();
            } else {
                for step in source.split('/') {
                    match (step, folders.last()) {
                        ("" | ".", _) => {}
                        ("..", Some(&last)) if last != ".." => drop(folders.pop()),
                        _ => folders.push(step),
                    }
                }
            }
            module = &call.module;
        }
        Some(format!("{from} {}", folders.join("/")))
    }
}

impl Module {
    /// The block `mode`, `resource_type`, `name` of this module.
    pub fn resource(&self, mode: Mode, resource_type: &str, name: &str) -> Option<&ConfigurationResource> {
        fn key(resource: &ConfigurationResource) -> (Mode, &str, &str) {
            (resource.mode, &resource.resource_type, &resource.name)
        }
        let sorted = self.sorted.get_or_init(|| {
            let mut sorted: Vec<usize> = (0..self.resources.len()).collect();
            sorted.sort_by_key(|index| key(&self.resources[*index]));
            sorted
        });
        let wanted = (mode, resource_type, name);
        // The first in the document, should there be two.
        let first = sorted.partition_point(|index| key(&self.resources[*index]) < wanted);
        let found = &self.resources[*sorted.get(first)?];
        (key(found) == wanted).then_some(found)
    }
}

impl Expression {
    /// Every reference of the expression and of the blocks in it.
    pub fn all_references(&self) -> Vec<&str> {
        let mut found: Vec<&str> = self.references.iter().map(|reference| &**reference).collect();
        for expression in self.blocks.iter().flat_map(BTreeMap::values) {
            found.extend(expression.all_references());
        }
        found
    }

    /// The references, each in its longest form only: `aws_s3_bucket.b.id` without the `aws_s3_bucket.b` that plan
    /// JSON lists behind it.
    pub fn longest_references(&self) -> Vec<&str> {
        let mut longest: Vec<&str> = Vec::new();
        let mut before: Option<&str> = None;
        for reference in self.references.iter().map(|reference| &**reference) {
            let shortens =
                |longer: &str| longer.strip_prefix(reference).is_some_and(|rest| rest.starts_with(['.', '[']));
            if before.is_some_and(shortens) {
                continue;
            }
            before = Some(reference);
            if !longest.contains(&reference) {
                longest.push(reference);
            }
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A configuration in which each of these sources calls the next one.
    fn calling(sources: &[(&str, &str)]) -> (Configuration, ModulePath) {
        let (mut module, mut path) = (Module::default(), ModulePath::default());
        for (source, version) in sources.iter().rev() {
            let (source, version) = (Some((*source).into()), Some((*version).into()));
            let call = ModuleCall { source, version, module, ..ModuleCall::default() };
            module = Module { calls: BTreeMap::from([("m".into(), call)]), ..Module::default() };
        }
        for _ in sources {
            path = path.child("m", None);
        }
        (Configuration { root: module, ..Configuration::default() }, path)
    }

    #[test]
    fn modules_are_of_one_origin_where_they_are_written_in_one_place() {
        let origin = |sources: &[(&str, &str)]| {
            let (configuration, path) = calling(sources);
            configuration.origin(&path)
        };
        let sources =
            |sources: &[&'static str]| origin(&sources.iter().map(|source| (*source, "")).collect::<Vec<_>>());
        assert_eq!(sources(&["./modules/a"]), sources(&["./modules/b", "../a"]));
        assert_eq!(sources(&["../a"]), sources(&["./b", "../../a/"]));
        assert_ne!(sources(&["./a"]), sources(&["./b", "./a"]));
        assert_ne!(sources(&["../a"]), sources(&["../../a"]));
        assert_ne!(sources(&["./a"]), sources(&["a/b/c", "./a"]));
        assert_eq!(sources(&["a/b/c"]), sources(&["./x", "a/b/c"]));
        assert_eq!(sources(&["a/b/c", "./x"]), sources(&["./y", "a/b/c", "./x"]));
        assert_ne!(sources(&["git::https://h/r.git?ref=1", "./x"]), sources(&["git::https://h/r.git?ref=2", "./x"]));
        assert_eq!(origin(&[("a/b/c", "1")]), origin(&[("./x", ""), ("a/b/c", "1")]));
        assert_ne!(origin(&[("a/b/c", "1")]), origin(&[("a/b/c", "2")]));
        let (configuration, _) = calling(&[]);
        assert_eq!(configuration.origin(&ModulePath::default().child("m", None)), None);
    }

    #[test]
    fn a_reference_that_is_made_twice_is_there_once() {
        let references = ["aws_x.y.a", "aws_x.y", "local.z", "aws_x.y.a", "aws_x.y", "aws_x.y"];
        let references = references.map(Into::into).to_vec();
        let expression = Expression { references, ..Expression::default() };
        assert_eq!(expression.longest_references(), ["aws_x.y.a", "local.z"]);
    }
}
