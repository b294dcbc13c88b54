//! Which accounts and regions have a detector.

use std::collections::{BTreeSet, HashMap};

use tfduty_aws::{
    partition::{self, Partition},
    truth::Truth,
};
use tfduty_terraform::{Kind, Value};

use crate::{
    accounts::{self, CONFIGURATION, MEMBER},
    by_place::ByPlace,
    context::{self, Context},
    detectors::{self, DETECTOR, DetectorOf},
    estate::Estate,
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

/// Where detectors are, and where an organization may have made some: what is asked of each account and region.
pub(crate) struct Seen<'a> {
    /// Everything that shows a detector.
    detectors: ByPlace<'a>,
    /// For each account, and for all together, the regions with something that shows a detector.
    regions: HashMap<Option<&'a str>, BTreeSet<&'a str>>,
    /// Members and delegations, by the accounts that they name, and what enables accounts without being asked.
    members: ByPlace<'a>,
    enabling: ByPlace<'a>,
    delegations: ByPlace<'a>,
}

impl<'a> Seen<'a> {
    pub(crate) fn of(context: &Context<'a>) -> Self {
        let estate = context.estate;
        let (mut detectors, mut regions) = (ByPlace::default(), HashMap::<_, BTreeSet<&str>>::new());
        for (id, object) in seen(context) {
            detectors.add(id, object);
            if let Some(region) = object.region.as_deref() {
                for account in BTreeSet::from([None, object.account.as_deref()]) {
                    regions.entry(account).or_default().insert(region);
                }
            }
        }
        let naming = |resource_type: &str, attribute: &str| {
            let mut places = ByPlace::default();
            for (id, object) in organization::staying(estate, resource_type) {
                places.add_at(id, object.attribute(&[attribute]).str(), object.region.as_deref());
            }
            places
        };
        let mut enabling = ByPlace::default();
        for (id, configuration) in organization::staying(estate, CONFIGURATION) {
            if accounts::enables_somebody(estate, configuration) != Truth::False {
                enabling.add(id, configuration);
            }
        }
        let (members, delegations) = (naming(MEMBER, "account_id"), naming(DELEGATION, "admin_account_id"));
        Self { detectors, regions, members, enabling, delegations }
    }

    /// Whether there is a detector for an account and region; a side that is `None` is not compared.
    pub(crate) fn coverage(&self, context: &Context<'_>, account: Option<&str>, region: Option<&str>) -> Coverage {
        match self.detectors.first_in(account, region) {
            (Some(_), _) => return Coverage::Covered,
            (None, Some(id)) => {
                let object = context.estate.object(id);
                let under = context::under_provider(object);
                let because = format!("account or region of {} is not known{under}", object.name());
                return Coverage::Unknown { because, near: Some(id) };
            }
            (None, None) => {}
        }
        let Some(id) = self.organization(account, region) else { return Coverage::Missing };
        let name = context.estate.object(id).name();
        let because = format!("the organization may have enabled it ({name}), which no input shows");
        Coverage::Unknown { because, near: Some(id) }
    }

    /// The organization's resource that may cover an account and region: a member of that account, a configuration that
    /// enables accounts without being asked (this one may be new), or the delegation to that account, which enables
    /// GuardDuty in it.
    fn organization(&self, account: Option<&str>, region: Option<&str>) -> Option<ObjectId> {
        let first = |(sure, open): (Option<ObjectId>, Option<ObjectId>)| sure.into_iter().chain(open).min();
        first(self.members.first_in(account, region))
            .or_else(|| first(self.enabling.first_in(None, region)))
            .or_else(|| first(self.delegations.first_in(account, region)))
    }

    /// Whether a detector of an account, or any where that is `None`, is in another region.
    pub(crate) fn has_in_another_region(&self, account: Option<&str>, region: &str) -> bool {
        self.regions.get(&account).is_some_and(|regions| regions.iter().any(|other| *other != region))
    }
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

/// The partitions in which the inputs show each account.
pub(crate) struct Partitions<'a>(HashMap<&'a str, BTreeSet<Partition>>);

impl<'a> Partitions<'a> {
    pub(crate) fn of(estate: &'a Estate) -> Self {
        let mut partitions: HashMap<&str, BTreeSet<Partition>> = HashMap::new();
        for (_, object) in estate.objects() {
            let partition = object.region.as_deref().and_then(Partition::of_region);
            if let Some((account, partition)) = object.account.as_deref().zip(partition) {
                partitions.entry(account).or_default().insert(partition);
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
            let shown = number(account).and_then(|account| self.0.get(account));
            shown.is_none_or(|partitions| wanted.is_some_and(|wanted| partitions.contains(&wanted)))
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
