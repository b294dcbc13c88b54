//! Account and region of every object: first what the object says itself, then its provider, then its neighbours.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::{
    arn::{Arn, is_account_id},
    partition::{Partition, is_region},
};
use tfduty_terraform::{
    Configuration, Expression, Mode, ModulePath, ProviderConfiguration, Reference, Target, UnitKind, Value,
};

use crate::{
    detectors,
    estate::Estate,
    evaluate,
    object::{Object, ObjectId},
    truth::Truth,
};

/// Types whose `arn` is that of another object: it tells neither account nor region, and is no identity.
const FOREIGN_ARN: &[&str] = &[
    "aws_cloudwatch_event_target",
    "aws_sns_topic_policy",
    "aws_sns_topic_data_protection_policy",
    "aws_organizations_resource_policy",
    "aws_lb_target_group_attachment",
];

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

/// What makes two objects of one type the same object: the ARN, else id, account and region together.
pub(crate) fn identity(object: &Object) -> Option<String> {
    if let Some(arn) = own_arn(object) {
        return Some(arn.to_owned());
    }
    let id = object.attribute(&["id"]).str()?;
    Some(format!("{id} {} {}", object.account.as_deref()?, object.region.as_deref()?))
}

fn own_arn(object: &Object) -> Option<&str> {
    if FOREIGN_ARN.contains(&object.resource_type()) {
        return None;
    }
    object.attribute(&["arn"]).str()
}

/// Fills in `account`, `region` and `own_region` of every object.
pub(crate) fn settle_places(estate: &mut Estate) {
    let said: Vec<Place> = estate.object_slice().iter().map(Place::said_by).collect();
    let providers = Providers::of(estate, &said);
    let shown = accounts_shown(estate, &said, &providers);
    let mut places: Vec<Place> = Vec::with_capacity(said.len());
    for (object, said) in estate.object_slice().iter().zip(said) {
        let provider = providers.place(object);
        let alone = || shown[object.unit].clone().filter(|_| stays_in_account(estate, object));
        places.push(Place {
            region: said.region.or(provider.region.filter(|_| !is_region_open(estate, object))),
            account: said.account.or(provider.account).or_else(alone),
        });
    }
    for (object, place) in estate.objects_mut().iter_mut().zip(&places) {
        object.own_region.clone_from(&place.region);
        object.region.clone_from(&place.region);
        object.account.clone_from(&place.account);
    }
    regions_of_detectors(estate);
}

/// A child of a detector is where its detector is, unless it says a region itself.
fn regions_of_detectors(estate: &mut Estate) {
    let children: Vec<(usize, String)> = estate
        .objects()
        .filter(|(_, object)| detectors::is_child(object) && Place::said_by(object).region.is_none())
        .filter_map(|(ObjectId(index), object)| {
            let detector = detectors::detector_of(estate, ObjectId(index)).object()?;
            let region = estate.object(detector).own_region.clone()?;
            (object.region.as_ref() != Some(&region)).then_some((index, region))
        })
        .collect();
    for (index, region) in children {
        estate.objects_mut()[index].region = Some(region);
    }
}

/// Where an object, or what a provider configuration makes, is.
#[derive(Debug, Clone, Default)]
struct Place {
    region: Option<String>,
    account: Option<String>,
}

impl Place {
    /// What the object's own attributes say.
    fn said_by(object: &Object) -> Self {
        let arn = own_arn(object).and_then(Arn::parse);
        let of_arn = |field: &str| (!field.is_empty()).then(|| field.to_owned());
        let region = if object.resource_type() == "aws_s3_bucket" {
            bucket_region(object)
        } else {
            let stated = object.attribute(&["region"]).str().filter(|region| is_region(region)).map(str::to_owned);
            // `data.aws_region` names the region that was asked for, which need not be the provider's.
            stated.filter(|_| object.resource_type() != "aws_region").or_else(|| arn.and_then(|arn| of_arn(arn.region)))
        };
        let account = arn.and_then(|arn| of_arn(arn.account)).or_else(|| account_attribute(object));
        Self { region, account: account.filter(|account| is_account_id(account)) }
    }
}

/// Whether an object sets a region of its own (provider version 6) that is not known yet: the provider's is not meant.
fn is_region_open(estate: &Estate, object: &Object) -> bool {
    object.attribute(&["region"]).is_unknown() && estate.sets(object, "region") == Some(true)
}

/// In provider v5 `region` of a bucket is the bucket's region, in v6 it is an override and `bucket_region` is the bucket's.
fn bucket_region(object: &Object) -> Option<String> {
    let named = |name| object.attribute(&[name]).str().filter(|region| is_region(region)).map(str::to_owned);
    named("bucket_region").or_else(|| named("region")).or_else(|| {
        let domain = object.attribute(&["bucket_regional_domain_name"]);
        let (_, rest) = domain.str()?.rsplit_once(".s3.")?;
        let region = rest.split('.').next()?;
        is_region(region).then(|| region.to_owned())
    })
}

fn account_attribute(object: &Object) -> Option<String> {
    let name = match object.resource_type() {
        "aws_guardduty_detector" | "aws_caller_identity" => "account_id",
        "aws_sns_topic" => "owner",
        _ => "owner_account_id",
    };
    object.attribute(&[name]).str().map(str::to_owned)
}

/// What is known of each provider configuration, by unit and key.
struct Providers {
    places: BTreeMap<(usize, Box<str>), Place>,
}

impl Providers {
    fn of(estate: &Estate, said: &[Place]) -> Self {
        let mut places: BTreeMap<(usize, Box<str>), Place> = BTreeMap::new();
        for (index, object) in estate.object_slice().iter().enumerate() {
            let Some(key) = &object.provider else { continue };
            let place =
                places.entry((object.unit, key.clone())).or_insert_with(|| configured(estate, object.unit, key));
            if object.address.mode == Mode::Data {
                let fallback = match object.resource_type() {
                    "aws_caller_identity" => Place { region: None, account: said[index].account.clone() },
                    "aws_region" => Place { region: default_region(estate, object), account: None },
                    _ => Place::default(),
                };
                place.region = place.region.take().or(fallback.region);
                place.account = place.account.take().or(fallback.account);
            }
        }
        let mut providers = Self { places };
        providers.vote(estate, said);
        providers
    }

    /// In a raw state a provider string gives only an alias: what the objects under it say, and none disagrees with, holds
    /// for all of them.
    fn vote(&mut self, estate: &Estate, said: &[Place]) {
        let mut regions: BTreeMap<(usize, Box<str>), BTreeSet<&str>> = BTreeMap::new();
        let mut accounts: BTreeMap<(usize, Box<str>), BTreeSet<&str>> = BTreeMap::new();
        for (object, said) in estate.object_slice().iter().zip(said) {
            let Some(key) = &object.provider else { continue };
            if estate.units[object.unit].kind != UnitKind::State {
                continue;
            }
            let key = (object.unit, key.clone());
            let overrides = object.resource_type() != "aws_s3_bucket" && object.attribute(&["region"]).str().is_some();
            if let Some(region) = said.region.as_deref().filter(|_| !overrides) {
                regions.entry(key.clone()).or_default().insert(region);
            }
            let votes = object.is_managed() || object.resource_type() == "aws_caller_identity";
            if let Some(account) = said.account.as_deref().filter(|_| votes) {
                accounts.entry(key).or_default().insert(account);
            }
        }
        let only = |votes: &BTreeSet<&str>| (votes.len() == 1).then(|| votes.iter().map(ToString::to_string).collect());
        for (key, place) in &mut self.places {
            place.region = place.region.take().or_else(|| regions.get(key).and_then(only));
            place.account = place.account.take().or_else(|| accounts.get(key).and_then(only));
        }
    }

    fn place(&self, object: &Object) -> Place {
        let key = object.provider.clone().map(|key| (object.unit, key));
        key.and_then(|key| self.places.get(&key)).cloned().unwrap_or_default()
    }
}

/// Whether the object's provider configuration may lead to another account than the unit's others; `None` where the unit
/// does not show it.
fn has_own_credentials(estate: &Estate, object: &Object) -> Option<bool> {
    let configuration = estate.unit(object).configuration.as_ref()?;
    let provider = provider_of(configuration, object.provider.as_deref()?)?;
    Some(OTHER_ACCOUNT.iter().any(|name| provider.expressions.contains_key(*name)))
}

/// Whether nothing of the object's provider configuration may lead to another account than the unit's.
fn stays_in_account(estate: &Estate, object: &Object) -> bool {
    match has_own_credentials(estate, object) {
        Some(own) => !own,
        None => estate.unit(object).kind != UnitKind::Plan,
    }
}

/// The one account that a whole unit shows, for each unit. What is shown under a role alone says nothing of the others.
fn accounts_shown(estate: &Estate, said: &[Place], providers: &Providers) -> Vec<Option<String>> {
    let mut shown: Vec<BTreeSet<String>> = vec![BTreeSet::new(); estate.units.len()];
    let mut holds_for_others = vec![false; estate.units.len()];
    for (object, said) in estate.object_slice().iter().zip(said) {
        // The ARN of somebody else's organization or key says nothing of this unit's account.
        let counts = object.is_managed() || object.resource_type() == "aws_caller_identity";
        let account = said.account.clone().filter(|_| counts).or_else(|| providers.place(object).account);
        holds_for_others[object.unit] |= account.is_some() && has_own_credentials(estate, object) != Some(true);
        shown[object.unit].extend(account);
    }
    let only = |(accounts, holds): (BTreeSet<String>, bool)| {
        if accounts.len() == 1 && holds { accounts.into_iter().next() } else { None }
    };
    shown.into_iter().zip(holds_for_others).map(only).collect()
}

/// The provider configuration that a key names. A key of a module without a configuration of its own, as older versions
/// write it, falls back to the nearest ancestor's.
pub(crate) fn provider_of<'a>(configuration: &'a Configuration, key: &str) -> Option<&'a ProviderConfiguration> {
    if let Some(found) = configuration.providers.get(key) {
        return Some(found);
    }
    let (mut module, name) = key.rsplit_once(':')?;
    while let Some((parent, _)) =
        module.rsplit_once(".module.").or_else(|| module.strip_prefix("module.").map(|_| ("", "")))
    {
        let key = if parent.is_empty() { name.to_owned() } else { format!("{parent}:{name}") };
        if let Some(found) = configuration.providers.get(key.as_str()) {
            return Some(found);
        }
        if parent.is_empty() {
            return configuration.providers.get(name.split('.').next().unwrap_or(name));
        }
        module = parent;
    }
    None
}

/// What a plan's provider block says of region and account.
fn configured(estate: &Estate, unit: usize, key: &str) -> Place {
    let Some(configuration) = &estate.units[unit].configuration else { return Place::default() };
    let Some(provider) = provider_of(configuration, key) else { return Place::default() };
    let module: ModulePath = provider.module_address.as_deref().unwrap_or_default().parse().unwrap_or_default();
    let value = |path: &[&str]| -> Option<String> {
        let expression = nested(&provider.expressions, path)?;
        let known = constant(estate, unit, &module, expression, 0);
        let known = known.or_else(|| evaluate::provider_argument(estate, unit, (&module, provider), path));
        known.as_ref().and_then(Value::as_str).map(str::to_owned)
    };
    let allowed = provider.expressions.get("allowed_account_ids").and_then(|expression| expression.constant.as_ref());
    let allowed = allowed.map(Value::items).filter(|ids| ids.len() == 1).and_then(|ids| ids[0].as_str());
    let role = value(&["assume_role", "role_arn"]);
    let role_account = role.as_deref().and_then(Arn::parse).map(|arn| arn.account.to_owned());
    Place {
        region: value(&["region"]).filter(|region| is_region(region)),
        account: role_account.or_else(|| allowed.map(str::to_owned)).filter(|account| is_account_id(account)),
    }
}

fn nested<'a>(expressions: &'a tfduty_terraform::Expressions, path: &[&str]) -> Option<&'a Expression> {
    let (first, rest) = path.split_first()?;
    let expression = expressions.get(*first)?;
    if rest.is_empty() { Some(expression) } else { nested(expression.blocks.first()?, rest) }
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
            let [only] = *estate.instances(unit, module, format!("data.{resource_type}.{name}")) else { return None };
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

/// The provider's region that a `data.aws_region` without arguments shows.
fn default_region(estate: &Estate, object: &Object) -> Option<String> {
    let asks = estate.block(object).is_some_and(|block| !block.expressions.is_empty());
    if asks {
        return None;
    }
    ["region", "name", "id"]
        .iter()
        .find_map(|name| object.attribute(&[name]).str())
        .filter(|region| is_region(region))
        .map(str::to_owned)
}

/// The partition an object is in: by its ARN, by its region, by its unit's `data.aws_partition`, else the commercial one.
pub(crate) fn partition(estate: &Estate, object: &Object) -> Partition {
    let by_arn = own_arn(object).and_then(Arn::parse).and_then(|arn| arn.partition.parse().ok());
    let by_region = || object.region.as_deref().and_then(Partition::of_region);
    let by_data = || {
        let mut seen = estate.of_type("aws_partition").filter(|(_, partition)| partition.unit == object.unit);
        seen.find_map(|(_, partition)| partition.attribute(&["partition"]).str()?.parse().ok())
    };
    by_arn.or_else(by_region).or_else(by_data).unwrap_or(Partition::Aws)
}

/// Whether two objects are in one account and region, the detector they belong to not considered.
pub(crate) fn same_place(estate: &Estate, one: &Object, other: &Object) -> Truth {
    let region = Truth::equal(one.region.as_deref(), other.region.as_deref());
    both(estate, one, other, region)
}

/// As [`same_place`], with the region that the object's own provider says.
pub(crate) fn same_place_by_provider(estate: &Estate, one: &Object, detector: &Object) -> Truth {
    let region = Truth::equal(one.own_region.as_deref(), detector.region.as_deref());
    both(estate, one, detector, region)
}

fn both(estate: &Estate, one: &Object, other: &Object, region: Truth) -> Truth {
    let overrides = |object: &Object| object.attribute(&["region"]).known().is_some() || is_region_open(estate, object);
    let one_provider = one.unit == other.unit && one.provider.is_some() && one.provider == other.provider;
    let account = match Truth::equal(one.account.as_deref(), other.account.as_deref()) {
        Truth::Unknown if one_provider || share_credentials(estate, one, other) => Truth::True,
        truth => truth,
    };
    let region = match region {
        Truth::Unknown if one_provider && !overrides(one) && !overrides(other) => Truth::True,
        truth => truth,
    };
    account.min(region)
}

/// Whether two provider configurations of one plan use the same credentials: neither says anything of its own.
fn share_credentials(estate: &Estate, one: &Object, other: &Object) -> bool {
    let plain = |object: &Object| has_own_credentials(estate, object) == Some(false);
    one.unit == other.unit && plain(one) && plain(other)
}

/// Whether two objects of one unit are shown to stand under different provider configurations.
pub(crate) fn providers_differ(one: &Object, other: &Object) -> bool {
    one.unit == other.unit && one.provider.is_some() && other.provider.is_some() && one.provider != other.provider
}

/// Whether two objects whose places are not known to be equal hang on equal expressions that nothing resolves.
pub(crate) fn may_be_one_place(estate: &Estate, one: &Object, other: &Object) -> bool {
    if !providers_differ(one, other) || same_place(estate, one, other) != Truth::Unknown {
        return false;
    }
    let arguments = |object: &Object| {
        let configuration = estate.unit(object).configuration.as_ref()?;
        let provider = provider_of(configuration, object.provider.as_deref()?)?;
        let names = OTHER_ACCOUNT.iter().chain(&["region"]);
        Some(names.map(|name| provider.expressions.get(*name).map(said).unwrap_or_default()).collect::<Vec<_>>())
    };
    arguments(one).is_some_and(|own| arguments(other) == Some(own))
}

/// What an expression says, to compare two of them: its constant and its references.
fn said(expression: &Expression) -> Vec<String> {
    let constant = expression.constant.iter().map(|value| format!("{:?}", value.kind));
    let references = expression.all_references().into_iter().map(str::to_owned);
    let nested = expression.blocks.iter().flat_map(|block| block.values()).flat_map(said);
    constant.chain(references).chain(nested).collect()
}
