//! Units without anything that facts may not hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use crate::{
    address::{Address, Key, Mode},
    configuration::{Configuration, ConfigurationResource, Expression, Expressions, Module, ModuleCall},
    detail::Detail,
    unit::{Before, Change, Instance, Unit},
    value::{Kind, Value},
};

/// What rules read, as far as it decides what facts hold.
#[derive(Clone, Copy)]
pub struct Reads<'a> {
    /// How much of the objects of a resource type.
    pub detail: &'a (dyn Fn(&str) -> Detail + Sync),
    /// The attributes of a resource type that nobody reads, and that tend to hold secrets without a mark; in dotted form
    /// through nested blocks.
    pub unread: fn(&str) -> &'static [&'static str],
    /// The arguments of provider configurations that are read, at whatever depth.
    pub provider_arguments: &'static [&'static str],
    /// A text of the same length with nothing left but what rules look for in scripts. It leaves punctuation and spaces
    /// alone, and what it has made.
    pub redact: fn(&str) -> String,
    /// What comments are read for.
    pub directive: &'static str,
}

impl Unit {
    /// Takes out what facts may not hold: what is sensitive, and constants of the configuration that nothing shows and no rule
    /// reads. Of
    /// variables those are left that `variables` names, whatever their module. To be withheld is a value's end: where it
    /// stood a hole says that it was there ([`Value::is_withheld`]).
    pub fn withhold(&mut self, reads: &Reads<'_>, variables: &BTreeSet<Box<str>>) {
        let mut hider = Hider::default();
        for instance in &mut self.instances {
            let Instance { address, deposed, values, .. } = instance;
            hider.hide_in((address, deposed.as_deref()), values, reads);
        }
        for change in self.changes.iter_mut().chain(&mut self.drift) {
            let Change { address, deposed, before, after, .. } = change;
            if let Before::Other(before) = before {
                hider.hide_in((address, deposed.as_deref()), before, reads);
            }
            hider.hide_in((address, deposed.as_deref()), after, reads);
            shorten_paths(change);
        }
        let values = self.instances.iter().map(|instance| &instance.values);
        let changes = self.changes.iter().chain(&self.drift).flat_map(|change| [change.before(), &change.after]);
        self.withholds = values.chain(changes).any(Value::holds_withheld);
        let hidden = hidden(self);
        let mut numbers = Numbers::default();
        for (name, value) in &mut self.variables {
            if variables.contains(name) { hider.hide(value, &mut format!("var.{name}")) } else { numbers.hide(value) }
        }
        if let Some(configuration) = &mut self.configuration {
            let kept = Kept { reads, variables, hidden: &hidden };
            kept.withhold(configuration, &mut numbers);
        }
        self.keep_told_arns();
    }

    /// Leaves of the ARNs in outputs, which may be sensitive, those that an object shows as its own.
    fn keep_told_arns(&mut self) {
        let values = self.instances.iter().map(|instance| &instance.values);
        let values = values.chain(self.changes.iter().flat_map(|change| [change.before(), &change.after]));
        let shown: BTreeSet<Box<str>> = values
            .flat_map(Value::members)
            .filter(|(_, value)| !value.sensitive)
            .filter_map(|(_, value)| value.as_str().filter(|text| text.starts_with("arn:")).map(Into::into))
            .collect();
        self.harmless.output_arns.retain(|arn| shown.contains(arn));
    }
}

impl Configuration {
    /// The names of the variables that what is read of provider configurations is made from, through whatever calls. What is
    /// not read may be made from passwords.
    pub fn variables_of_providers(&self, reads: &Reads<'_>) -> BTreeSet<Box<str>> {
        let mut names = BTreeSet::new();
        let providers = self.providers.values();
        providers.for_each(|provider| collect_variables(&provider.expressions, reads, &mut names));
        loop {
            let before = names.len();
            collect_arguments(&self.root, &mut names);
            if names.len() == before {
                return names;
            }
        }
    }
}

/// Takes in what calls fill the variables of these names from.
fn collect_arguments(module: &Module, names: &mut BTreeSet<Box<str>>) {
    for call in module.calls.values() {
        let arguments = call.expressions.iter().filter(|(name, _)| names.contains(*name));
        let found: Vec<Box<str>> = arguments.flat_map(|(_, argument)| variables_in(argument)).collect();
        names.extend(found);
        collect_arguments(&call.module, names);
    }
}

fn collect_variables(expressions: &Expressions, reads: &Reads<'_>, names: &mut BTreeSet<Box<str>>) {
    for (name, expression) in expressions {
        if reads.provider_arguments.contains(&&**name) {
            names.extend(variables_in(expression));
        }
        expression.blocks.iter().for_each(|block| collect_variables(block, reads, names));
    }
}

fn variables_in(expression: &Expression) -> Vec<Box<str>> {
    let name = |reference: &str| Some(reference.strip_prefix("var.")?.split(['.', '[']).next()?.into());
    expression.all_references().into_iter().filter_map(name).collect()
}

/// Attributes of objects: the key of the module, the name of the block in it, and that of the attribute.
pub(super) type Hidden = BTreeSet<(Box<str>, String, Box<str>)>;

/// The attributes of a unit's objects that hold something sensitive.
pub(super) fn hidden(unit: &Unit) -> Hidden {
    let instances = unit.instances.iter().map(|instance| (&instance.address, &instance.values));
    let changes = unit.changes.iter().chain(&unit.drift);
    let changes = changes.flat_map(|change| [(&change.address, change.before()), (&change.address, &change.after)]);
    let attributes = instances.chain(changes).flat_map(|(address, values)| {
        let members = values.members().iter().filter(|(_, value)| value.holds_sensitive());
        members.map(move |(name, _)| (address, name))
    });
    let hidden = attributes.map(|(address, name)| {
        let module = address.module.names().collect::<Vec<_>>().join(".");
        (module.into(), address.relative_block(), name.clone())
    });
    hidden.collect()
}

/// A path into something sensitive may name a key of it.
fn shorten_paths(change: &mut Change) {
    let mut replace_paths = std::mem::take(&mut change.replace_paths);
    for path in &mut replace_paths {
        let shown = harmless_length(path, change.before()).min(harmless_length(path, &change.after));
        if shown < path.len() {
            *path = path[..shown].into();
        }
    }
    change.replace_paths = replace_paths;
}

/// How much of a path leads to what is withheld, or to what may hold it: a step that leads nowhere may be a part of a key. The
/// name of the attribute is always told.
fn harmless_length(path: &str, values: &Value) -> usize {
    let (mut value, mut shown) = (values, 0);
    for step in path.split('.') {
        let next = match &value.kind {
            Kind::Object(members) => members.iter().find(|(name, _)| **name == *step).map(|(_, member)| member),
            Kind::List(items) => step.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        let end = shown + usize::from(shown > 0) + step.len();
        match next {
            None if shown > 0 && value.holds_withheld() => return shown,
            None => return path.len(),
            Some(next) if next.is_withheld() => return end,
            Some(next) => (value, shown) = (next, end),
        }
    }
    path.len()
}

/// Puts holes in the place of what is sensitive. Whether the same stood at one place before and after shows in the numbers
/// of the holes, and nothing else does.
#[derive(Default)]
struct Hider {
    /// What stood at each place, once.
    seen: BTreeMap<String, Vec<Kind>>,
}

impl Hider {
    /// Hides what is sensitive in the attributes of an object, and removes those that nobody reads.
    fn hide_in(&mut self, (address, deposed): (&Address, Option<&str>), values: &mut Value, reads: &Reads<'_>) {
        self.hide(values, &mut format!("{address} {}", deposed.unwrap_or_default()));
        for path in (reads.unread)(&address.resource_type) {
            remove(values, &path.split('.').collect::<Vec<_>>());
        }
    }

    /// The same of a value that stands at `place`. That something is not set is no secret.
    fn hide(&mut self, value: &mut Value, place: &mut String) {
        let length = place.len();
        match &mut value.kind {
            Kind::Null | Kind::Unknown(_) => {}
            _ if value.sensitive => {
                let seen = self.seen.entry(place.clone()).or_default();
                let kind = std::mem::replace(&mut value.kind, Kind::Null);
                let number = seen.iter().position(|known| *known == kind).unwrap_or_else(|| {
                    seen.push(kind);
                    seen.len() - 1
                });
                value.kind = Kind::withheld(i64::try_from(number).ok().map(Key::Int));
            }
            Kind::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let _ = write!(place, "/{index}");
                    self.hide(item, place);
                    place.truncate(length);
                }
            }
            Kind::Object(members) => {
                for (name, member) in members {
                    place.push('/');
                    place.push_str(name);
                    self.hide(member, place);
                    place.truncate(length);
                }
            }
            _ => {}
        }
    }
}

/// Removes what stands at a path, but for what says of itself that it is sensitive.
fn remove(value: &mut Value, path: &[&str]) {
    let Some((first, rest)) = path.split_first() else { return };
    match &mut value.kind {
        Kind::List(items) => items.iter_mut().for_each(|item| remove(item, path)),
        Kind::Object(members) if rest.is_empty() => {
            members.retain(|(name, member)| **name != **first || member.sensitive || member.is_null());
        }
        Kind::Object(members) => {
            members.iter_mut().filter(|(name, _)| **name == **first).for_each(|(_, member)| remove(member, rest));
        }
        _ => {}
    }
}

/// Numbers for constants that are taken out: rules compare them within one configuration, whatever they are.
#[derive(Default)]
struct Numbers(BTreeMap<String, i64>);

impl Numbers {
    fn hide(&mut self, value: &mut Value) {
        if value.is_null() || value.is_unknown() {
            return;
        }
        let next = i64::try_from(self.0.len()).unwrap_or(i64::MAX);
        let number = *self.0.entry(format!("{:?}", value.kind)).or_insert(next);
        value.kind = Kind::withheld(Some(Key::Int(number)));
        value.sensitive = true;
    }

    /// As [`Numbers::hide`]; a truth is no secret.
    fn hide_constant(&mut self, constant: &mut Value) {
        if !matches!(constant.kind, Kind::Bool(_)) || constant.sensitive {
            self.hide(constant);
        }
    }
}

/// What is kept of a configuration.
struct Kept<'k> {
    reads: &'k Reads<'k>,
    variables: &'k BTreeSet<Box<str>>,
    hidden: &'k Hidden,
}

impl Kept<'_> {
    fn withhold(&self, configuration: &mut Configuration, numbers: &mut Numbers) {
        for provider in configuration.providers.values_mut() {
            let is_read = |name: &str| self.reads.provider_arguments.contains(&name);
            withhold_but(&mut provider.expressions, &is_read, numbers);
        }
        self.withhold_module("", &mut configuration.root, numbers);
    }

    /// Whether constants of an argument stay: what a document shows of the object itself is no secret of its configuration.
    fn shows(&self, module: &str, block: &ConfigurationResource, name: &str) -> bool {
        let data = if block.mode == Mode::Data { "data." } else { "" };
        let place = (module.into(), format!("{data}{}.{}", block.resource_type, block.name), name.into());
        let mut unread = (self.reads.unread)(&block.resource_type).iter();
        !self.hidden.contains(&place) && !unread.any(|path| path.split('.').next() == Some(name))
    }

    fn withhold_module(&self, key: &str, module: &mut Module, numbers: &mut Numbers) {
        let none = &|_: &str| false;
        for block in &mut module.resources {
            let mut expressions = std::mem::take(&mut block.expressions);
            for (name, expression) in &mut expressions {
                if !self.shows(key, block, name) {
                    withhold_expression(expression, none, numbers);
                }
            }
            block.expressions = expressions;
            let repetition = block.count.iter_mut().chain(&mut block.for_each);
            repetition.for_each(|expression| withhold_expression(expression, none, numbers));
            let provisioners = block.provisioners.iter_mut().map(|provisioner| &mut provisioner.expressions);
            provisioners.for_each(|expressions| withhold_but(expressions, none, numbers));
        }
        for action in &mut module.actions {
            withhold_but(&mut action.expressions, none, numbers);
        }
        for output in module.outputs.values_mut() {
            withhold_expression(&mut output.expression, none, numbers);
        }
        for (name, default) in &mut module.variables {
            let is_kept = |default: &Value| self.variables.contains(name) && !default.holds_sensitive();
            default.iter_mut().filter(|default| !is_kept(default)).for_each(|default| numbers.hide(default));
        }
        for (name, call) in &mut module.calls {
            let ModuleCall { source, expressions, count, for_each, module, .. } = call;
            *source = source.take().map(|source| without_credentials(&source).into());
            withhold_but(expressions, &|name| self.variables.contains(name), numbers);
            count.iter_mut().chain(for_each).for_each(|expression| withhold_expression(expression, none, numbers));
            let key = if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
            self.withhold_module(&key, module, numbers);
        }
    }
}

/// Takes out the constants of all arguments but of those that are read.
fn withhold_but(expressions: &mut Expressions, is_read: &dyn Fn(&str) -> bool, numbers: &mut Numbers) {
    for (name, expression) in expressions {
        match &mut expression.constant {
            Some(constant) if is_read(name) && !constant.holds_sensitive() => {}
            _ => withhold_expression(expression, is_read, numbers),
        }
    }
}

fn withhold_expression(expression: &mut Expression, is_read: &dyn Fn(&str) -> bool, numbers: &mut Numbers) {
    expression.constant.iter_mut().for_each(|constant| numbers.hide_constant(constant));
    for block in &mut expression.blocks {
        withhold_but(block, is_read, numbers);
    }
}

/// What the address of a module may say behind its `?` that is no secret.
const HARMLESS: [&str; 4] = ["ref", "depth", "archive", "checksum"];

/// The address of a module without what may be a password in it: `git::https://user:password@host/x?sshkey=…`. As long as
/// it was.
pub(super) fn without_credentials(source: &str) -> String {
    let mut hidden = source.to_owned();
    let mut hide = |start: usize, length: usize| hidden.replace_range(start..start + length, &"x".repeat(length));
    if let Some(start) = source.find("://").map(|at| at + 3) {
        let host = source[start..].find('/').map_or(source.len(), |slash| start + slash);
        if let Some(length) = source[start..host].rfind('@') {
            hide(start, length);
        }
    }
    let scheme = source.rfind("::").map_or(0, |at| at + 2);
    if let Some(length) = source[scheme..].find('@').filter(|_| !source.contains("://")) {
        // As `scp` takes it, where a mere user such as `git` is no secret.
        if source[scheme..scheme + length].contains(':') {
            hide(scheme, length);
        }
    }
    let mut start = source.find('?').map_or(source.len(), |at| at + 1);
    while start < source.len() {
        let end = source[start..].find(['&', '"']).map_or(source.len(), |at| start + at);
        if let Some((name, value)) = source[start..end].split_once('=')
            // An escape may stand for the `&` before the next one.
            && (!HARMLESS.contains(&name) || value.contains('\\'))
        {
            hide(end - value.len(), value.len());
        }
        start = end + 1;
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ProviderConfiguration;

    #[test]
    fn the_address_of_a_module_holds_no_password() {
        for (source, hidden) in [
            ("git::https://user:hush@h/x.git?ref=v1&sshkey=hush", "git::https://xxxxxxxxx@h/x.git?ref=v1&sshkey=xxxx"),
            ("\"git::https://h/x.git?ref=v1&sshkey=hush\"", "\"git::https://h/x.git?ref=v1&sshkey=xxxx\""),
            (
                "s3::https://h/x.zip?aws_access_token=hush&archive=zip",
                "s3::https://h/x.zip?aws_access_token=xxxx&archive=zip",
            ),
            ("https://h/x.zip?ref=a\\u0026token=hush", "https://h/x.zip?ref=xxxxxxxxxxxxxxxxx"),
            ("git::user:hush@host:x.git?depth=1", "git::xxxxxxxxx@host:x.git?depth=1"),
            ("git@github.com:org/x.git", "git@github.com:org/x.git"),
            ("terraform-aws-modules/s3-bucket/aws//modules/x", "terraform-aws-modules/s3-bucket/aws//modules/x"),
        ] {
            assert_eq!(without_credentials(source), hidden);
        }
    }

    #[test]
    fn a_path_ends_where_something_is_withheld() {
        let value = |kind| Value::new(kind, crate::Span::default());
        let withheld = || value(Kind::withheld(None));
        let block = value(Kind::Object(vec![("s".into(), withheld()), ("open".into(), value(Kind::Bool(true)))]));
        let values =
            value(Kind::Object(vec![("list".into(), value(Kind::List(vec![block]))), ("all".into(), withheld())]));
        for (path, shown) in [
            ("list.0.s.hush", "list.0.s"),
            ("list.0.open", "list.0.open"),
            ("list.0.hush.key", "list.0"),
            ("list.7.hush", "list"),
            ("all.hush", "all"),
            ("all", "all"),
            ("other.key", "other.key"),
        ] {
            assert_eq!(&path[..harmless_length(path, &values)], shown);
        }
    }

    #[test]
    fn a_variable_of_a_provider_is_kept_where_it_is_read() {
        let of = |name: &str| Expression { references: vec![format!("var.{name}").into()], ..Expression::default() };
        let mut provider = ProviderConfiguration::default();
        provider.expressions.insert("region".into(), of("region"));
        provider.expressions.insert("secret_key".into(), of("key"));
        let role: Expressions = [("role_arn".into(), of("role")), ("external_id".into(), of("id"))].into();
        provider.expressions.insert("assume_role".into(), Expression { blocks: vec![role], ..Expression::default() });
        let configuration = Configuration { providers: [("aws".into(), provider)].into(), root: Module::default() };
        let reads = Reads {
            detail: &|_| crate::Detail::All,
            unread: |_| &[],
            provider_arguments: &["region", "role_arn"],
            redact: |text| text.to_owned(),
            directive: "",
        };
        let names = configuration.variables_of_providers(&reads);
        assert_eq!(names.iter().map(|name| &**name).collect::<Vec<_>>(), ["region", "role"]);
    }
}
