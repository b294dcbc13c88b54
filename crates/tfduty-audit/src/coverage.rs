//! Which accounts and regions have a detector.

use std::collections::{BTreeMap, BTreeSet};

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

/// Where detectors are: looked up once for all accounts and regions that are asked about.
pub(crate) struct Detectors<'a> {
    accounts: BTreeSet<&'a str>,
    regions: BTreeSet<&'a str>,
    /// Both, where both are known.
    places: BTreeSet<(&'a str, &'a str)>,
    /// What shows a detector whose account or region is not known.
    open: Vec<(ObjectId, &'a Object)>,
    is_any: bool,
}

impl<'a> Detectors<'a> {
    /// Those that the inputs show.
    pub(crate) fn of(context: &Context<'a>) -> Self {
        let (accounts, regions, places) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut detectors = Self { accounts, regions, places, open: Vec::new(), is_any: false };
        for (id, object) in seen(context) {
            let (account, region) = (object.account.as_deref(), object.region.as_deref());
            detectors.is_any = true;
            detectors.accounts.extend(account);
            detectors.regions.extend(region);
            match account.zip(region) {
                Some(place) => drop(detectors.places.insert(place)),
                None => detectors.open.push((id, object)),
            }
        }
        detectors
    }

    /// Whether one is known to be in an account and region; a side that is `None` is not compared.
    fn are_in(&self, account: Option<&str>, region: Option<&str>) -> bool {
        match (account, region) {
            (Some(account), Some(region)) => self.places.contains(&(account, region)),
            (Some(account), None) => self.accounts.contains(account),
            (None, Some(region)) => self.regions.contains(region),
            (None, None) => self.is_any,
        }
    }

    /// The first that may be there, for all that is known.
    fn may_be_in(&self, account: Option<&str>, region: Option<&str>) -> Option<(ObjectId, &'a Object)> {
        let compare = |wanted: Option<&str>, found: Option<&str>| match wanted {
            None => Truth::True,
            Some(wanted) => Truth::equal(Some(wanted), found),
        };
        let is_here = |object: &Object| {
            compare(account, object.account.as_deref()).and(compare(region, object.region.as_deref()))
        };
        self.open.iter().copied().find(|(_, object)| is_here(object) == Truth::Unknown)
    }

    /// Whether one of an account, or of any where that is `None`, is in another region than this one.
    pub(crate) fn are_outside(&self, account: Option<&str>, region: &str) -> bool {
        match account {
            Some(account) => {
                let mut own = self.places.range((account, "")..).take_while(|(other, _)| *other == account);
                own.any(|(_, other)| *other != region)
            }
            None => self.regions.iter().any(|other| *other != region),
        }
    }
}

/// Whether there is a detector for an account and region; a side that is `None` is not compared.
pub(crate) fn of(
    context: &Context<'_>,
    detectors: &Detectors<'_>,
    account: Option<&str>,
    region: Option<&str>,
) -> Coverage {
    if detectors.are_in(account, region) {
        return Coverage::Covered;
    }
    if let Some((id, object)) = detectors.may_be_in(account, region) {
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

/// The partitions of the accounts that the inputs show.
pub(crate) struct Partitions<'a>(BTreeMap<&'a str, BTreeSet<Partition>>);

impl<'a> Partitions<'a> {
    pub(crate) fn of(context: &Context<'a>) -> Self {
        let mut partitions: BTreeMap<&str, BTreeSet<Partition>> = BTreeMap::new();
        for (_, object) in context.estate.objects() {
            if let (Some(account), Some(region)) = (&object.account, &object.region) {
                partitions.entry(account).or_default().extend(Partition::of_region(region));
            }
        }
        Self(partitions)
    }

    /// Those accounts that can be in a region: of those that the inputs show, only those of its partition. Where none is
    /// left, somebody has made a mistake, and nothing is left out.
    pub(crate) fn possible<'x, A>(
        &self,
        accounts: &'x [A],
        region: &str,
        number: impl Fn(&A) -> Option<&str>,
    ) -> Vec<&'x A> {
        let wanted = Partition::of_region(region);
        let is_possible = |account: &&A| {
            let shown = number(account).and_then(|account| self.0.get(account)).filter(|shown| !shown.is_empty());
            shown.is_none_or(|shown| shown.iter().any(|partition| Some(*partition) == wanted))
        };
        let possible: Vec<&A> = accounts.iter().filter(is_possible).collect();
        if possible.is_empty() { accounts.iter().collect() } else { possible }
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
