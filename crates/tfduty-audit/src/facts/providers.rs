//! Provider configurations: which one an object stands under, and what is known of it.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::truth::Truth;
use tfduty_aws::{
    arn::{Arn, is_account_id},
    partition::is_region,
};
use tfduty_terraform::{
    Configuration, Expression, Mode, ModulePath, ProviderConfiguration, Reference, Target, UnitKind, Value,
};

use super::{Fact, Place, told};
use crate::{
    estate::{Estate, JudgedUnit},
    evaluate,
    object::Object,
};

/// Provider arguments that may lead to another account than the one the rest of the unit shows.
const OTHER_ACCOUNT: &[&str] = &[
    "assume_role",
    "assume_role_with_web_identity",
    "profile",
    "access_key",
    "shared_credentials_files",
    "shared_config_files",
    "endpoints",
];

/// The provider configurations of all units, and which objects stand under them.
pub(super) struct Providers {
    /// For each object what it stands under.
    under: Vec<Under>,
    /// What is known of each provider configuration.
    places: Vec<Place>,
}

/// What an object stands under.
#[derive(Debug, Clone, Copy)]
struct Under {
    /// The number of the provider configuration; `None` where its input does not say.
    number: Option<usize>,
    /// Whether objects show all of what it says of itself.
    is_one: bool,
    has_own_credentials: Option<bool>,
}

impl Providers {
    pub(super) fn of(estate: &Estate) -> Self {
        let mut providers = Self::sorted_out(estate);
        for (object, under) in estate.object_slice().iter().zip(&providers.under) {
            let Under { number: Some(number), is_one: true, .. } = *under else { continue };
            let fallback = match (object.address.mode, object.resource_type()) {
                (Mode::Data, "aws_caller_identity") => Place { region: None, account: object.account.clone() },
                (Mode::Data, "aws_region") => Place { region: default_region(estate, object), account: None },
                _ => continue,
            };
            let place = &mut providers.places[number];
            place.region = place.region.take().or(fallback.region);
            place.account = place.account.take().or(fallback.account);
        }
        providers.vote(estate);
        providers
    }

    /// Numbers the provider configurations, and finds the one of each object. Most objects stand under that of the object
    /// before them, and are in its module: then nothing has to be looked for.
    fn sorted_out(estate: &Estate) -> Self {
        let mut providers = Self { under: Vec::with_capacity(estate.object_slice().len()), places: Vec::new() };
        let mut numbers: BTreeMap<(usize, Which<'_>), usize> = BTreeMap::new();
        let mut before: Option<(&Object, Under)> = None;
        for object in estate.object_slice() {
            let is_same = |other: &Object| {
                (other.unit, &other.provider) == (object.unit, &object.provider)
                    && other.address.module == object.address.module
            };
            let under = match before {
                Some((other, under)) if is_same(other) => under,
                _ => {
                    let which = which(estate, object);
                    let provider = provider_of(estate, object);
                    let number = which.clone().map(|which| {
                        *numbers.entry((object.unit, which)).or_insert_with(|| {
                            let configured = |provider| configured(estate, object.unit, provider);
                            providers.places.push(provider.map_or_else(Place::default, configured));
                            providers.places.len() - 1
                        })
                    });
                    let is_one = !matches!(which, Some(Which::OneOf(_)));
                    Under { number, is_one, has_own_credentials: provider.map(says_credentials) }
                }
            };
            providers.under.push(under);
            before = Some((object, under));
        }
        providers
    }

    /// In a raw state a provider string gives only an alias: what the objects under it say, and none disagrees with, holds
    /// for all of them. Data sources are asked for a region only where no managed object says one.
    fn vote(&mut self, estate: &Estate) {
        let [mut of_managed, mut of_data, mut accounts] = [const { Votes::new() }; 3];
        for (object, under) in estate.object_slice().iter().zip(&self.under) {
            if estate.unit(object).kind != UnitKind::State {
                continue;
            }
            let Some(number) = under.number else { continue };
            let regions = if object.is_managed() { &mut of_managed } else { &mut of_data };
            if let Some(region) = region_vote(object) {
                regions.entry(number).or_default().insert(region);
            }
            let votes = object.is_managed() || object.resource_type() == "aws_caller_identity";
            if let Some(account) = object.account.clone().filter(|_| votes) {
                accounts.entry(number).or_default().insert(account);
            }
        }
        let only = |votes: &BTreeSet<Fact>| if votes.len() == 1 { votes.first().cloned() } else { None };
        for (number, place) in self.places.iter_mut().enumerate() {
            let regions = of_managed.get(&number).or_else(|| of_data.get(&number));
            place.region = place.region.take().or_else(|| regions.and_then(only));
            place.account = place.account.take().or_else(|| accounts.get(&number).and_then(only));
        }
    }

    /// What is known of the provider configuration of an object, by the place of that among the objects.
    pub(super) fn place(&self, object: usize) -> Option<&Place> {
        self.places.get(self.under.get(object)?.number?)
    }

    /// Whether nothing of an object's provider configuration may lead to another account than the unit's.
    pub(super) fn stays_in_account(&self, estate: &Estate, object: usize) -> bool {
        match self.has_own_credentials(object) {
            Some(own) => !own,
            None => estate.unit(&estate.object_slice()[object]).kind != UnitKind::Plan,
        }
    }

    fn has_own_credentials(&self, object: usize) -> Option<bool> {
        self.under.get(object)?.has_own_credentials
    }
}

/// What the objects under each provider configuration say.
type Votes = BTreeMap<usize, BTreeSet<Fact>>;

/// The region that an object of a raw state says of its provider: not one that it may have been asked for.
fn region_vote(object: &Object) -> Option<Fact> {
    match (object.resource_type(), object.is_managed()) {
        ("aws_region", _) => named_region(object),
        // A bucket can be read from any region.
        ("aws_s3_bucket", false) => None,
        ("aws_s3_bucket", true) => object.region.clone(),
        _ if object.attribute(&["region"]).str().is_some() => None,
        _ => object.region.clone(),
    }
}

/// Whether the object's provider configuration may lead to another account than the unit's others; `None` where the unit
/// does not show it.
pub(crate) fn has_own_credentials(estate: &Estate, object: &Object) -> Option<bool> {
    Some(says_credentials(provider_of(estate, object)?))
}

/// Whether a provider configuration may lead to another account than the unit's others.
pub(crate) fn says_credentials(provider: &ProviderConfiguration) -> bool {
    OTHER_ACCOUNT.iter().any(|name| provider.expressions.contains_key(*name))
}

/// The one account that each unit shows, apart from what stands under provider configurations with credentials of their
/// own. Where those do not show, an account is no evidence, but it may still disagree.
pub(super) fn accounts_shown(estate: &Estate, providers: &Providers) -> Vec<Option<Fact>> {
    let mut shown: Vec<BTreeMap<Fact, bool>> = vec![BTreeMap::new(); estate.units.len()];
    for (index, object) in estate.object_slice().iter().enumerate() {
        if providers.has_own_credentials(index) == Some(true) {
            continue;
        }
        // The ARN of somebody else's organization or key says nothing of this unit's account.
        let counts = object.is_managed() || object.resource_type() == "aws_caller_identity";
        let own = object.account.as_ref().filter(|_| counts);
        let Some(account) = own.or_else(|| providers.place(index)?.account.as_ref()) else { continue };
        *shown[object.unit].entry(account.clone()).or_default() |= providers.stays_in_account(estate, index);
    }
    let only = |accounts: BTreeMap<Fact, bool>| {
        let mut accounts = accounts.into_iter();
        let (account, is_evidence) = accounts.next()?;
        (is_evidence && accounts.next().is_none()).then_some(account)
    };
    shown.into_iter().map(only).collect()
}

/// Which provider configuration an object stands under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Which<'a> {
    /// The one with this key (in a plan), or with this string (in a raw state).
    One(&'a str),
    /// The one that this key means within this module: before version 1.2 keys hold the name of the call alone, and do
    /// not tell what the call passes; nor does the key of a block that only announces it.
    Within(String, &'a str),
    /// One of those that the configuration with this key makes (OpenTofu's `for_each`): which one does not show.
    OneOf(&'a str),
}

/// Which provider configuration an object stands under; `None` where its input does not say.
pub(super) fn which<'a>(estate: &'a Estate, object: &'a Object) -> Option<Which<'a>> {
    let key = object.provider.as_deref()?;
    let unit = estate.unit(object);
    let Some(configuration) = &unit.configuration else { return Some(Which::One(key)) };
    let module = &object.address.module;
    Some(match key_of(unit, configuration, module, key) {
        Some(key) if configuration.providers.get(key).is_some_and(is_many) => Which::OneOf(key),
        Some(key) => Which::One(key),
        None => Which::Within(without_keys(module), key),
    })
}

/// Whether two objects stand under one provider configuration.
pub(super) fn one_provider(estate: &Estate, one: &Object, other: &Object) -> Truth {
    if one.unit != other.unit {
        return Truth::Unknown;
    }
    match (which(estate, one), which(estate, other)) {
        (Some(Which::OneOf(one)), Some(Which::OneOf(other))) if one == other => Truth::Unknown,
        (Some(one), Some(other)) if one == other => Truth::True,
        (Some(Which::Within(..)) | None, _) | (_, Some(Which::Within(..)) | None) => Truth::Unknown,
        _ => Truth::False,
    }
}

/// Whether a provider configuration makes several providers that differ.
fn is_many(provider: &ProviderConfiguration) -> bool {
    provider.expressions.values().any(names_each)
}

fn names_each(expression: &Expression) -> bool {
    expression.all_references().iter().any(|reference| reference.starts_with("each."))
}

/// Whether two objects of one unit are shown to stand under different provider configurations.
pub(crate) fn providers_differ(estate: &Estate, one: &Object, other: &Object) -> bool {
    one_provider(estate, one, other) == Truth::False
}

/// The provider configuration that an object of a plan stands under.
pub(crate) fn provider_of<'a>(estate: &'a Estate, object: &'a Object) -> Option<&'a ProviderConfiguration> {
    let unit = estate.unit(object);
    let configuration = unit.configuration.as_ref()?;
    configuration.providers.get(key_of(unit, configuration, &object.address.module, object.provider.as_deref()?)?)
}

/// The key that names an object's provider configuration among those of the plan; `None` where it cannot be told.
fn key_of<'a>(
    unit: &'a JudgedUnit,
    configuration: &'a Configuration,
    module: &ModulePath,
    key: &'a str,
) -> Option<&'a str> {
    let key = key_said(configuration, module, key)?;
    match configuration.providers.get_key_value(key) {
        Some((key, provider)) => passed(unit, configuration, (key, provider)),
        None => Some(key),
    }
}

/// The key of what a call passes for a provider configuration, where that is a block of the called module which only
/// announces it: the document shows such a block without arguments, and not what is passed. `None` where that cannot be
/// told; any other configuration is itself.
fn passed<'a>(
    unit: &'a JudgedUnit,
    configuration: &'a Configuration,
    (key, provider): (&'a str, &ProviderConfiguration),
) -> Option<&'a str> {
    if provider.module_address.is_none() || !provider.expressions.is_empty() {
        return Some(key);
    }
    let alias = provider.alias.as_deref();
    let sources = unit.sources.as_ref();
    let Some((module, block)) =
        sources.and_then(|sources| sources.provider(&module_of(provider), &provider.name, alias))
    else {
        // Without an alias it may as well be a provider that the module only requires, and inherits.
        return alias.is_none().then_some(key);
    };
    if !block.is_readable() {
        return None;
    }
    let name = block.labels().next().unwrap_or_default();
    let name = block.word("alias").map_or_else(|| name.to_owned(), |alias| format!("{name}.{alias}"));
    let module = without_keys(&module);
    let key = if module.is_empty() { name } else { format!("{module}:{name}") };
    configuration.providers.get_key_value(key.as_str()).map(|(key, _)| &**key)
}

/// The key among those of the plan that an object's key leads to.
fn key_said<'a>(configuration: &'a Configuration, module: &ModulePath, key: &'a str) -> Option<&'a str> {
    if configuration.providers.contains_key(key) {
        return Some(key);
    }
    match key.rsplit_once(':') {
        // The root module's own, which needs no block.
        None => Some(key),
        Some((caller, name)) if caller.starts_with("module.") => key_above(configuration, caller, name),
        Some((_, name)) => {
            let own = configuration.providers.get_key_value(format!("{}:{name}", without_keys(module)).as_str());
            // A block without arguments may only announce what the call passes.
            let own = own.filter(|(_, provider)| !provider.expressions.is_empty()).map(|(key, _)| &**key);
            own.or_else(|| only_key(configuration, name))
        }
    }
}

/// A key of a module without a configuration of its own is that of the nearest ancestor that has one.
fn key_above<'a>(configuration: &'a Configuration, mut module: &str, name: &str) -> Option<&'a str> {
    while let Some((parent, _)) =
        module.rsplit_once(".module.").or_else(|| module.strip_prefix("module.").map(|_| ("", "")))
    {
        let key = if parent.is_empty() { name.to_owned() } else { format!("{parent}:{name}") };
        if let Some((found, _)) = configuration.providers.get_key_value(key.as_str()) {
            return Some(found);
        }
        module = parent;
    }
    None
}

/// The provider configurations of the root module that no block stands under, in a plan whose blocks all say under which
/// they stand: nothing else tells of them where they work.
pub(crate) fn without_blocks(unit: &JudgedUnit) -> Vec<&ProviderConfiguration> {
    let Some(configuration) = &unit.configuration else { return Vec::new() };
    let (mut said, mut modules) = (BTreeSet::new(), vec![&configuration.root]);
    while let Some(module) = modules.pop() {
        said.extend(module.resources.iter().filter_map(|block| block.provider_key.as_deref()));
        modules.extend(module.calls.values().map(|call| &call.module));
    }
    let found = said.into_iter().map(|key| {
        let provider = configuration.providers.get(key)?;
        passed(unit, configuration, (key, provider))
    });
    let Some(used) = found.collect::<Option<BTreeSet<&str>>>() else { return Vec::new() };
    let unused = configuration.providers.iter().filter(|(key, provider)| {
        &*provider.name == "aws" && provider.module_address.is_none() && !used.contains(&***key) && !is_many(provider)
    });
    unused.map(|(_, provider)| provider).collect()
}

/// The key of a provider's default configuration, where the plan has no other configuration of that provider.
fn only_key<'a>(configuration: &'a Configuration, name: &str) -> Option<&'a str> {
    let mut all = configuration.providers.iter().filter(|(_, provider)| *provider.name == *name);
    let (key, _) = all.next()?;
    (all.next().is_none() && **key == *name).then_some(key)
}

/// The path of a module in the configuration: `module.a.module.b`.
fn without_keys(module: &ModulePath) -> String {
    module.names().map(|name| format!("module.{name}")).collect::<Vec<_>>().join(".")
}

/// What a plan's provider block says of region and account.
pub(super) fn configured(estate: &Estate, unit: usize, provider: &ProviderConfiguration) -> Place {
    let module = module_of(provider);
    let value = |path: &[&str]| -> Option<Value> {
        let expression = nested(&provider.expressions, path).filter(|expression| !names_each(expression))?;
        let known = constant(estate, unit, &module, expression, 0);
        known.or_else(|| evaluate::provider_argument(estate, unit, (&module, provider), path))
    };
    let allowed = provider.expressions.get("allowed_account_ids").and_then(|expression| expression.constant.as_ref());
    let allowed = allowed.map(Value::items).and_then(|ids| if let [only] = ids { Some(only) } else { None });
    let allowed = allowed.and_then(|id| Some(Fact::told_by(id, id.as_str()?)));
    // Of several roles each assumes the next: the last one is who acts.
    let roles = provider.expressions.get("assume_role").map_or(0, |roles| roles.blocks.len());
    let last = roles.saturating_sub(1).to_string();
    let role = if roles > 1 { value(&["assume_role", &last, "role_arn"]) } else { value(&["assume_role", "role_arn"]) };
    let role_account = role.and_then(|role| Some(Fact::told_by(&role, Arn::parse(role.as_str()?)?.account)));
    let region = value(&["region"]).and_then(|region| Some(Fact::told_by(&region, region.as_str()?)));
    Place {
        region: region.filter(|region| is_region(region)),
        account: role_account.or(allowed).filter(|account| is_account_id(account)),
    }
}

/// The argument at a path of names; where there are several blocks of one name, its number comes behind.
fn nested<'a>(expressions: &'a tfduty_terraform::Expressions, path: &[&str]) -> Option<&'a Expression> {
    let (first, mut rest) = path.split_first()?;
    let expression = expressions.get(*first)?;
    if rest.is_empty() {
        return Some(expression);
    }
    let mut block = expression.blocks.first();
    if let Some(number) = rest.first().and_then(|step| step.parse::<usize>().ok()) {
        (block, rest) = (expression.blocks.get(number), &rest[1..]);
    }
    nested(block?, rest)
}

/// The value of an expression that is a constant, or exactly one reference that leads to one: through variables and
/// the calls that set them, or to a `data.aws_region`.
fn constant(estate: &Estate, unit: usize, module: &ModulePath, expression: &Expression, steps: usize) -> Option<Value> {
    if let Some(value) = &expression.constant {
        return Some(value.clone());
    }
    let [reference] = expression.longest_references()[..] else { return None };
    let reference = Reference::parse(module.clone(), reference).ok()?;
    let name = match &reference.target {
        Target::Variable(name) if reference.path.is_empty() && steps < 32 => name,
        Target::Resource { mode: Mode::Data, resource_type, name, .. } if &**resource_type == "aws_region" => {
            let attribute = reference.attribute().filter(|name| ["name", "region", "id"].contains(name))?;
            let [only] = *estate.instances(unit, module, &format!("data.{resource_type}.{name}")) else { return None };
            return estate.object(only).attribute(&[attribute]).known().cloned();
        }
        _ => return None,
    };
    let Some(parent) = module.parent() else { return estate.units[unit].variables.get(name).cloned() };
    let call = estate.units[unit].configuration.as_ref()?.module(&parent)?.calls.get(&module.0.last()?.name)?;
    match call.expressions.get(name) {
        Some(argument) => constant(estate, unit, &parent, argument, steps + 1),
        None => call.module.variables.get(name)?.clone(),
    }
}

/// The provider's region that a `data.aws_region` without arguments shows. A state does not tell whether it had any.
fn default_region(estate: &Estate, object: &Object) -> Option<Fact> {
    let block = estate.block(object)?;
    if block.expressions.is_empty() { named_region(object) } else { None }
}

/// The region that a `data.aws_region` names.
fn named_region(object: &Object) -> Option<Fact> {
    let (source, region) = ["region", "name", "id"].iter().find_map(|name| told(object, name))?;
    is_region(region).then(|| Fact::told_by(source, region))
}

/// A module (without keys) and a text in it that stands for a value.
type Origin = (String, String);

/// Where a provider configuration's region and credentials come from, to compare two of them.
pub(super) fn arguments(estate: &Estate, object: &Object) -> Option<Vec<BTreeSet<Origin>>> {
    let configuration = estate.unit(object).configuration.as_ref()?;
    let provider = provider_of(estate, object)?;
    let module = module_of(provider);
    let origins_of = |name: &&str| {
        let (mut origins, mut seen) = (BTreeSet::new(), BTreeSet::new());
        if let Some(expression) = provider.expressions.get(*name) {
            collect_origins(configuration, (&module, expression), &mut seen, &mut origins);
        }
        origins
    };
    Some(OTHER_ACCOUNT.iter().chain(&["region"]).map(origins_of).collect())
}

/// The constants and references of an expression, variables followed up through the calls that set them: equal names in
/// two modules may be two values.
fn collect_origins(
    configuration: &Configuration,
    (module, expression): (&ModulePath, &Expression),
    seen: &mut BTreeSet<Origin>,
    origins: &mut BTreeSet<Origin>,
) {
    origins.extend(expression.constant.iter().map(|value| (String::new(), format!("{:?}", value.kind))));
    for reference in expression.longest_references() {
        let origin = (without_keys(module), reference.to_owned());
        let Some((parent, argument)) = argument(configuration, module, reference) else {
            origins.insert(origin);
            continue;
        };
        if seen.insert(origin) {
            collect_origins(configuration, (&parent, argument), seen, origins);
        }
    }
    for nested in expression.blocks.iter().flat_map(|block| block.values()) {
        collect_origins(configuration, (module, nested), seen, origins);
    }
}

/// What the call of a module sets a variable to, with the calling module.
fn argument<'a>(
    configuration: &'a Configuration,
    module: &ModulePath,
    reference: &str,
) -> Option<(ModulePath, &'a Expression)> {
    let reference = Reference::parse(module.clone(), reference).ok().filter(|reference| reference.path.is_empty())?;
    let Target::Variable(name) = &reference.target else { return None };
    let parent = module.parent()?;
    let call = configuration.module(&parent)?.calls.get(&module.0.last()?.name)?;
    Some((parent, call.expressions.get(name)?))
}

/// The module that declares a provider configuration.
fn module_of(provider: &ProviderConfiguration) -> ModulePath {
    provider.module_address.as_deref().unwrap_or_default().parse().unwrap_or_default()
}
