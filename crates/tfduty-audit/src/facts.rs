//! Account and region of every object: first what the object says itself, then its provider, then its neighbours.

mod fact;
mod providers;

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::truth::Truth;
use tfduty_aws::{
    arn::{Arn, is_account_id},
    partition::{Partition, is_region},
};
use tfduty_terraform::{ProviderConfiguration, Value};

pub use self::fact::Fact;
use self::providers::{Providers, accounts_shown, configured, one_provider};
pub(crate) use self::providers::{
    has_own_credentials, provider_of, providers_differ, says_credentials, without_blocks,
};
use crate::{
    detectors::{self, DetectorOf},
    estate::Estate,
    object::{Object, ObjectId},
    shared::Shared,
};

/// Types whose `arn` is that of another object: it tells neither account nor region, and is no identity.
const FOREIGN_ARN: &[&str] = &[
    "aws_cloudwatch_event_target",
    "aws_sns_topic_policy",
    "aws_sns_topic_data_protection_policy",
    "aws_organizations_resource_policy",
    "aws_lb_target_group_attachment",
];

/// What makes two objects of one type the same object: the ARN, else id, account and region together.
pub(crate) fn identity(object: &Object) -> Option<String> {
    if let Some(arn) = own_arn(object) {
        return Some(arn.to_owned());
    }
    let id = object.attribute(&["id"]).str()?;
    Some(format!("{id} {} {}", object.account.as_deref()?, object.region.as_deref()?))
}

/// Whether the `arn` of an object is its own.
pub(crate) fn has_own_arn(object: &Object) -> bool {
    own_arn(object).is_some()
}

fn own_arn(object: &Object) -> Option<&str> {
    if FOREIGN_ARN.contains(&object.resource_type()) {
        return None;
    }
    object.attribute(&["arn"]).str()
}

/// Types whose `region` is that of something else, in provider version 5: it is not where they are.
const FOREIGN_REGION: &[&str] =
    &["aws_cloudformation_stack_set_instance", "aws_config_aggregate_authorization", "aws_region"];

/// Takes what a new object says itself of its account and region for that of the object, until [`settle_places`].
pub(crate) fn take_said(object: &mut Object, texts: &mut Shared) {
    Place { region: object.region, account: object.account } = Place::said_by(object, texts);
}

/// Fills in `account`, `region` and `own_region` of every object, which has what it says itself.
pub(crate) fn settle_places(estate: &mut Estate) {
    let providers = Providers::of(estate);
    let shown = accounts_shown(estate, &providers);
    let others = estate.object_slice().iter().enumerate().map(|(index, object)| {
        let provider = providers.place(index);
        let of_provider = || provider?.region.clone().filter(|_| !is_region_open(estate, object));
        let alone = || shown[object.unit].clone().filter(|_| providers.stays_in_account(estate, index));
        let of_account = || provider.and_then(|provider| provider.account.clone()).or_else(alone);
        Place {
            region: if object.region.is_none() { of_provider() } else { None },
            account: if object.account.is_none() { of_account() } else { None },
        }
    });
    let others: Vec<Place> = others.collect();
    for (object, other) in estate.objects_mut().iter_mut().zip(others) {
        object.region = object.region.take().or(other.region);
        object.account = object.account.take().or(other.account);
        object.own_region.clone_from(&object.region);
    }
    regions_of_detectors(estate);
}

/// A child of a detector is where its detector is, unless it says a region itself. Where that is not among the inputs,
/// and nothing else is known of the child, its siblings tell.
fn regions_of_detectors(estate: &mut Estate) {
    let children: Vec<(ObjectId, DetectorOf)> = estate
        .objects()
        .filter(|(_, object)| detectors::is_child(object))
        .map(|(id, _)| (id, detectors::detector_of(estate, id)))
        .collect();
    let said = |id: ObjectId| Place::said_by(estate.object(id), &mut Shared::default()).region;
    let mut by_siblings: BTreeMap<&str, Option<Fact>> = BTreeMap::new();
    for (id, detector) in &children {
        if let (DetectorOf::Elsewhere(detector), Some(region)) = (detector, said(*id)) {
            let told = by_siblings.entry(detector).or_insert_with(|| Some(region.clone()));
            told.take_if(|other| *other != region);
        }
    }
    let settled = children.iter().filter(|(id, _)| said(*id).is_none()).filter_map(|(id, detector)| {
        let own = &estate.object(*id).region;
        let region = match detector {
            DetectorOf::Object(detector) => estate.object(*detector).own_region.clone()?,
            DetectorOf::Elsewhere(detector) if own.is_none() => by_siblings.get(&**detector)?.clone()?,
            DetectorOf::Elsewhere(_) | DetectorOf::Unknown => return None,
        };
        (own.as_ref() != Some(&region)).then_some((id.0, region))
    });
    let settled: Vec<(usize, Fact)> = settled.collect();
    for (index, region) in settled {
        estate.objects_mut()[index].region = Some(region);
    }
}

/// Where an object, or what a provider configuration makes, is.
#[derive(Debug, Clone, Default)]
struct Place {
    region: Option<Fact>,
    account: Option<Fact>,
}

impl Place {
    /// What the object's own attributes say.
    fn said_by(object: &Object, texts: &mut Shared) -> Self {
        let arn = own_arn(object).and_then(Arn::parse);
        let of_arn = |field: fn(Arn<'_>) -> &str| {
            let field = field(arn?);
            Some((object.attribute(&["arn"]).known()?, field)).filter(|_| !field.is_empty())
        };
        let region = if object.resource_type() == "aws_s3_bucket" {
            bucket_region(object)
        } else {
            // `data.aws_region` names the region that was asked for, which need not be the provider's.
            let stated = region_in(object, "region").filter(|_| !FOREIGN_REGION.contains(&object.resource_type()));
            stated.or_else(|| of_arn(|arn| arn.region))
        };
        let account = of_arn(|arn| arn.account).or_else(|| account_attribute(object));
        let mut fact = |(source, text): Told<'_>| Fact::shared(source, text, texts);
        Self { region: region.map(&mut fact), account: account.filter(|(_, account)| is_account_id(account)).map(fact) }
    }
}

/// What an object says, and the value that tells it.
type Told<'a> = (&'a Value, &'a str);

/// The text of an attribute.
fn told<'a>(object: &'a Object, name: &str) -> Option<Told<'a>> {
    let attribute = object.attribute(&[name]);
    Some((attribute.known()?, attribute.str()?))
}

/// The region that an attribute names.
fn region_in<'a>(object: &'a Object, name: &str) -> Option<Told<'a>> {
    told(object, name).filter(|(_, region)| is_region(region))
}

/// Whether an object sets a region of its own (provider version 6) that is not known yet: the provider's is not meant.
fn is_region_open(estate: &Estate, object: &Object) -> bool {
    object.attribute(&["region"]).is_unknown() && estate.sets(object, "region") == Some(true)
}

/// In provider v5 `region` of a bucket is the bucket's region, in v6 it is an override and `bucket_region` is the bucket's.
fn bucket_region(object: &Object) -> Option<Told<'_>> {
    region_in(object, "bucket_region").or_else(|| region_in(object, "region")).or_else(|| {
        let domain = object.attribute(&["bucket_regional_domain_name"]);
        let (_, rest) = domain.str()?.rsplit_once(".s3.")?;
        let region = rest.split('.').next()?;
        Some((domain.known()?, region)).filter(|_| is_region(region))
    })
}

fn account_attribute(object: &Object) -> Option<Told<'_>> {
    let name = match object.resource_type() {
        "aws_guardduty_detector" | "aws_caller_identity" => "account_id",
        "aws_sns_topic" => "owner",
        _ => "owner_account_id",
    };
    told(object, name)
}

/// Account and region of a provider configuration that no object stands under.
pub(crate) fn place_of_provider(
    estate: &Estate,
    unit: usize,
    provider: &ProviderConfiguration,
) -> (Option<Fact>, Option<Fact>) {
    let place = configured(estate, unit, provider);
    let alone = || {
        let beside = estate.of_unit(unit).filter(|object| has_own_credentials(estate, object) != Some(true));
        let accounts: BTreeSet<&Fact> = beside.filter_map(|object| object.account.as_ref()).collect();
        let mut accounts = accounts.into_iter();
        accounts.next().filter(|_| accounts.next().is_none() && !says_credentials(provider)).cloned()
    };
    (place.account.or_else(alone), place.region)
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
    same_account(estate, one, other).min(same_region(estate, (one, other), region))
}

/// As [`same_place`], with the region that the object's own provider says. Two provider configurations without credentials
/// of their own count as one account here: a detector and its child stand under both to save a line, not to cross accounts.
pub(crate) fn same_place_by_provider(estate: &Estate, one: &Object, detector: &Object) -> Truth {
    let region = Truth::equal(one.own_region.as_deref(), detector.region.as_deref());
    same_account_by_provider(estate, one, detector).min(same_region(estate, (one, detector), region))
}

/// As [`same_account`], where two provider configurations without credentials of their own count as one account.
pub(crate) fn same_account_by_provider(estate: &Estate, one: &Object, other: &Object) -> Truth {
    match same_account(estate, one, other) {
        Truth::Unknown if share_credentials(estate, one, other) => Truth::True,
        truth => truth,
    }
}

/// Whether two objects are in one account.
pub(crate) fn same_account(estate: &Estate, one: &Object, other: &Object) -> Truth {
    match Truth::equal(one.account.as_deref(), other.account.as_deref()) {
        Truth::Unknown if one_provider(estate, one, other) == Truth::True => Truth::True,
        truth => truth,
    }
}

/// Whether two objects are in one region, where `known` is what their own regions say.
fn same_region(estate: &Estate, (one, other): (&Object, &Object), known: Truth) -> Truth {
    let overrides = |object: &Object| object.attribute(&["region"]).known().is_some() || is_region_open(estate, object);
    let inherit = || !overrides(one) && !overrides(other);
    match known {
        Truth::Unknown if one_provider(estate, one, other) == Truth::True && inherit() => Truth::True,
        truth => truth,
    }
}

/// Whether two provider configurations of one plan show the same credentials: neither says anything of its own.
fn share_credentials(estate: &Estate, one: &Object, other: &Object) -> bool {
    let plain = |object: &Object| has_own_credentials(estate, object) == Some(false);
    one.unit == other.unit && plain(one) && plain(other)
}

/// Whether two objects whose places are not known to be equal hang on equal expressions that nothing resolves.
pub(crate) fn may_be_one_place(estate: &Estate, one: &Object, other: &Object) -> bool {
    if !providers_differ(estate, one, other) || same_place(estate, one, other) != Truth::Unknown {
        return false;
    }
    let arguments = |object| providers::arguments(estate, object);
    arguments(one).is_some_and(|own| arguments(other) == Some(own))
}

/// Whether two objects are in one region under two provider configurations that show no credentials of their own, so that
/// one account is likely: `dynamic` blocks, which may hold a role, never show.
pub(crate) fn may_be_one_account(estate: &Estate, one: &Object, other: &Object) -> bool {
    providers_differ(estate, one, other)
        && share_credentials(estate, one, other)
        && same_account(estate, one, other) == Truth::Unknown
        && Truth::equal(one.region.as_deref(), other.region.as_deref()) == Truth::True
}

#[cfg(test)]
mod tests;
