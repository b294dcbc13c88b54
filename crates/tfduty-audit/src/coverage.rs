//! Which accounts and regions have a detector.

use std::collections::BTreeSet;

use tfduty_aws::{
    partition::{self, Partition},
    truth::Truth,
};
use tfduty_terraform::{Kind, Value};

use crate::{
    accounts::{self, CONFIGURATION, MEMBER},
    context::{self, Context},
    detectors::{self, DETECTOR, DetectorOf},
    facts::Fact,
    object::{Object, ObjectId, Presence},
    organization::{self, DELEGATION},
    settings::Regions,
};

/// Whether an account and region has a detector.
#[derive(Debug)]
pub(crate) enum Coverage {
    /// It has.
    Covered,
    /// It has none.
    Missing,
    /// It cannot be told: why, and the object that may be or name the detector.
    Unknown { because: String, near: Option<ObjectId> },
}

/// Whether there is a detector for an account and region; a side that is `None` is not compared.
pub(crate) fn of(context: &Context<'_>, account: Option<&str>, region: Option<&str>) -> Coverage {
    let mut may_be = None;
    for (id, object) in seen(context) {
        let compare = |wanted: Option<&str>, found: Option<&str>| match wanted {
            None => Truth::True,
            Some(wanted) => Truth::equal(Some(wanted), found),
        };
        let truths = [compare(account, object.account.as_deref()), compare(region, object.region.as_deref())];
        match truths.into_iter().min() {
            Some(Truth::True) => return Coverage::Covered,
            Some(Truth::Unknown) => may_be = may_be.or(Some(id)),
            _ => {}
        }
    }
    if let Some(id) = may_be {
        let object = context.estate.object(id);
        let because = format!("account or region of {} is not known{}", object.name(), context::under_provider(object));
        return Coverage::Unknown { because, near: Some(id) };
    }
    if let Some(id) = organization(context, account, region) {
        let name = context.estate.object(id).name();
        return Coverage::Unknown {
            because: format!("the organization may have enabled it ({name}), which no input shows"),
            near: Some(id),
        };
    }
    Coverage::Missing
}

/// Everything that shows a detector: managed and read ones, and objects that name one that is not among the inputs.
pub(crate) fn seen<'a>(context: &Context<'a>) -> impl Iterator<Item = (ObjectId, &'a Object)> {
    let graph = context.graph;
    context.estate.objects().filter(move |(id, object)| {
        let stays = object.presence != Presence::Going;
        let names = || object.is_present() && matches!(graph.detector_of(*id), DetectorOf::Elsewhere(_));
        stays && (object.resource_type() == DETECTOR || names())
    })
}

/// The organization's resource that may cover an account and region: a member of that account, a configuration that enables
/// accounts without being asked (this one may be new), or the delegation to that account, which enables GuardDuty in it.
fn organization(context: &Context<'_>, account: Option<&str>, region: Option<&str>) -> Option<ObjectId> {
    let estate = context.estate;
    let may_be = |wanted: Option<&str>, found: Option<&str>| {
        wanted.is_none_or(|wanted| Truth::equal(Some(wanted), found) != Truth::False)
    };
    let in_region = |object: &Object| may_be(region, object.region.as_deref());
    let names = |object: &Object, attribute: &str| may_be(account, object.attribute(&[attribute]).str());
    let enables = |object: &Object| accounts::enables_somebody(estate, object) != Truth::False;
    let find = |resource_type: &str, covers: &dyn Fn(&Object) -> bool| {
        let mut there = organization::staying(estate, resource_type).filter(|(_, object)| in_region(object));
        there.find(|(_, object)| covers(object)).map(|(id, _)| id)
    };
    find(MEMBER, &|member| names(member, "account_id"))
        .or_else(|| find(CONFIGURATION, &enables))
        .or_else(|| find(DELEGATION, &|delegation| names(delegation, "admin_account_id")))
}

/// Whether any input shows a detector, or an object that names one.
pub(crate) fn has_any(context: &Context<'_>) -> bool {
    context.estate.objects().any(|(_, object)| {
        let stays = object.presence != Presence::Going;
        stays && (object.resource_type() == DETECTOR || (object.is_managed() && detectors::is_child(object)))
    })
}

/// The resource that delegates the organization's administration: its detectors, which delegation enables, are in another
/// account.
pub(crate) fn delegation(context: &Context<'_>) -> Option<ObjectId> {
    organization::staying(context.estate, DELEGATION).next().map(|(id, _)| id)
}

/// The first policy of the inputs that names GuardDuty as a principal: the root may be the one of a central account that
/// keeps findings, while the detectors are elsewhere.
pub(crate) fn named_in_policy(context: &Context<'_>) -> Option<ObjectId> {
    const POLICIES: &[(&str, &str)] = &[
        ("aws_s3_bucket_policy", "policy"),
        ("aws_s3_bucket", "policy"),
        ("aws_kms_key", "policy"),
        ("aws_kms_key_policy", "policy"),
        ("aws_iam_policy_document", "statement"),
    ];
    POLICIES.iter().find_map(|(resource_type, attribute)| {
        let mut objects =
            context.estate.of_type(resource_type).filter(|(_, object)| object.presence != Presence::Going);
        objects
            .find(|(_, object)| object.attribute(&[attribute]).known().is_some_and(names_guardduty))
            .map(|(id, _)| id)
    })
}

/// Whether a policy (its JSON text, or the statements of a policy document) has `guardduty.amazonaws.com`, or its name in an
/// opt-in region, as a whole string. The service-linked role's ARN holds that name too, but as a part.
fn names_guardduty(value: &Value) -> bool {
    let is_service = |text: &str| {
        text == "guardduty.amazonaws.com"
            || (text.starts_with("guardduty.") && text.ends_with(".amazonaws.com") && !text.contains('/'))
    };
    match &value.kind {
        Kind::String(text) if text.trim_start().starts_with('{') => text.split('"').any(is_service),
        Kind::String(text) => is_service(text),
        Kind::List(items) => items.iter().any(names_guardduty),
        Kind::Object(members) => members.iter().any(|(_, value)| names_guardduty(value)),
        _ => false,
    }
}

/// Those accounts that can be in a region: of those that the inputs show, only those of its partition. Where none is left,
/// somebody has made a mistake, and nothing is left out.
pub(crate) fn possible<'x, A>(
    context: &Context<'_>,
    accounts: &'x [A],
    region: &str,
    number: impl Fn(&A) -> Option<&str>,
) -> Vec<&'x A> {
    let wanted = Partition::of_region(region);
    let is_possible = |account: &&A| {
        let Some(account) = number(account) else { return true };
        let own = context.estate.objects().filter(|(_, object)| object.account.as_deref() == Some(account));
        let mut partitions = own.filter_map(|(_, object)| Partition::of_region(object.region.as_deref()?)).peekable();
        partitions.peek().is_none() || partitions.any(|partition| Some(partition) == wanted)
    };
    let possible: Vec<&A> = accounts.iter().filter(is_possible).collect();
    if possible.is_empty() { accounts.iter().collect() } else { possible }
}

/// The regions that `[expect]` names; none where it names no region.
pub(crate) fn expected_regions(context: &Context<'_>) -> Vec<String> {
    match &context.settings.expect.regions {
        Regions::Unset => Vec::new(),
        Regions::These(regions) => regions.clone(),
        Regions::All => all_regions(context),
    }
}

/// Every region that is on by default in the partitions of the inputs, and each opt-in region that they use.
fn all_regions(context: &Context<'_>) -> Vec<String> {
    let used: BTreeSet<&Fact> = context.estate.objects().filter_map(|(_, object)| object.region.as_ref()).collect();
    let is_used = |partition: &Partition| used.iter().any(|region| Partition::of_region(region) == Some(*partition));
    let mut partitions: Vec<Partition> = Partition::ALL.into_iter().filter(is_used).collect();
    if partitions.is_empty() {
        partitions.push(Partition::Aws);
    }
    let mut regions: Vec<String> =
        partitions.into_iter().flat_map(partition::default_regions).map(str::to_owned).collect();
    let shown = used.into_iter().filter_map(Fact::shown);
    regions.extend(shown.filter(|region| partition::OPT_IN_REGIONS.contains(region)).map(str::to_owned));
    regions
}

/// Whether AWS lists GuardDuty for a region.
pub(crate) fn is_offered(region: &str) -> bool {
    Partition::of_region(region).is_some_and(|its| partition::guardduty_regions(its).contains(&region))
}

/// Whether a plan says that it leaves something out.
pub(crate) fn is_targeted(context: &Context<'_>) -> bool {
    context.estate.units.iter().any(|unit| unit.flags.complete.is_some_and(|(is_complete, _)| !is_complete))
}
