//! Which accounts and regions have a detector.

use std::collections::BTreeSet;

use tfduty_aws::{
    partition::{self, Partition},
    truth::Truth,
};
use tfduty_terraform::{Kind, Value};

use crate::{
    context::{self, Context},
    detectors::{self, DETECTOR, DetectorOf},
    facts::Fact,
    object::{Object, ObjectId, Presence},
    organization::DELEGATION,
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

/// The organization's resource that may cover an account and region: a member of that account, or an organization
/// configuration that enables all of them.
fn organization(context: &Context<'_>, account: Option<&str>, region: Option<&str>) -> Option<ObjectId> {
    let may_be = |wanted: Option<&str>, found: Option<&str>| {
        wanted.is_none_or(|wanted| Truth::equal(Some(wanted), found) != Truth::False)
    };
    let in_region = |object: &Object| may_be(region, object.region.as_deref());
    let member = context
        .present("aws_guardduty_member")
        .find(|(_, member)| in_region(member) && may_be(account, member.attribute(&["account_id"]).str()));
    let everyone = || {
        context.present("aws_guardduty_organization_configuration").find(|(_, configuration)| {
            in_region(configuration)
                && configuration.attribute(&["auto_enable_organization_members"]).str() == Some("ALL")
        })
    };
    member.or_else(everyone).map(|(id, _)| id)
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
    context.present(DELEGATION).next().map(|(id, _)| id)
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

/// The regions that `[expect]` names; none where it names no region.
pub(crate) fn expected_regions(context: &Context<'_>) -> Vec<String> {
    match &context.settings.expect.regions {
        Regions::Unset => Vec::new(),
        Regions::These(regions) => regions.clone(),
        Regions::All => all_regions(context),
    }
}

/// Every region that is on by default in the partition of the inputs, and each opt-in region that they use.
fn all_regions(context: &Context<'_>) -> Vec<String> {
    let used = context.estate.objects().filter_map(|(_, object)| object.region.as_ref());
    let used: BTreeSet<&Fact> = used.collect();
    let here = used.iter().find_map(|region| Partition::of_region(region)).unwrap_or(Partition::Aws);
    let mut regions: Vec<String> = partition::default_regions(here).map(str::to_owned).collect();
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
