//! Protection plans of GuardDuty, and what the inputs say of each for a detector.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use tfduty_aws::truth::Truth;
use tfduty_terraform::{Expressions, UnitKind, Value};

use crate::{
    accounts::{self, ACCEPTER, MEMBER},
    by_place::ByPlace,
    detectors::DetectorOf,
    encryption::Spot,
    estate::Estate,
    facts,
    graph::Graph,
    object::{Attribute, ChangeKind, Object, ObjectId},
    organization,
};

/// The resource type of a plan's switch.
pub(crate) const FEATURE: &str = "aws_guardduty_detector_feature";

/// The resource type of the switch that an administrator has for a member.
pub(crate) const MEMBER_FEATURE: &str = "aws_guardduty_member_detector_feature";

/// The resource type of what an administrator does for all accounts of its organization.
pub(crate) const ORGANIZATION_FEATURE: &str = "aws_guardduty_organization_configuration_feature";

/// The older plan for the runtime of EKS alone, which [`Plan::RuntimeMonitoring`] includes.
pub(crate) const EKS_RUNTIME_MONITORING: &str = "EKS_RUNTIME_MONITORING";

/// What every detector does: `GetDetector` lists these among the features, but nobody can set them.
pub(crate) const FOUNDATIONAL: &[&str] = &["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];

/// A protection plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Plan {
    /// `S3_DATA_EVENTS`.
    S3DataEvents,
    /// `EKS_AUDIT_LOGS`.
    EksAuditLogs,
    /// `EBS_MALWARE_PROTECTION`.
    EbsMalwareProtection,
    /// `RDS_LOGIN_EVENTS`.
    RdsLoginEvents,
    /// `LAMBDA_NETWORK_LOGS`.
    LambdaNetworkLogs,
    /// `RUNTIME_MONITORING`.
    RuntimeMonitoring,
}

impl Plan {
    /// Every plan, in the order of AWS's documentation.
    pub(crate) const ALL: [Self; 6] = [
        Self::S3DataEvents,
        Self::EksAuditLogs,
        Self::EbsMalwareProtection,
        Self::RdsLoginEvents,
        Self::LambdaNetworkLogs,
        Self::RuntimeMonitoring,
    ];

    /// The name of its feature.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::S3DataEvents => "S3_DATA_EVENTS",
            Self::EksAuditLogs => "EKS_AUDIT_LOGS",
            Self::EbsMalwareProtection => "EBS_MALWARE_PROTECTION",
            Self::RdsLoginEvents => "RDS_LOGIN_EVENTS",
            Self::LambdaNetworkLogs => "LAMBDA_NETWORK_LOGS",
            Self::RuntimeMonitoring => "RUNTIME_MONITORING",
        }
    }

    /// The plan of a feature.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.name() == name)
    }

    /// What GuardDuty looks at with it, as the end of a sentence.
    pub(crate) fn watches(self) -> &'static str {
        match self {
            Self::S3DataEvents => "data events of S3",
            Self::EksAuditLogs => "audit logs of EKS",
            Self::EbsMalwareProtection => "volumes of EC2 for malware",
            Self::RdsLoginEvents => "logins to RDS",
            Self::LambdaNetworkLogs => "network traffic of Lambda",
            Self::RuntimeMonitoring => "what runs on EC2, ECS and EKS",
        }
    }

    /// The flag in the detector's own `datasources` block, which knows three of the plans.
    pub(crate) fn flag_path(self) -> Option<&'static [&'static str]> {
        match self {
            Self::S3DataEvents => Some(&["datasources", "s3_logs", "enable"]),
            Self::EksAuditLogs => Some(&["datasources", "kubernetes", "audit_logs", "enable"]),
            Self::EbsMalwareProtection => {
                Some(&["datasources", "malware_protection", "scan_ec2_instance_with_findings", "ebs_volumes", "enable"])
            }
            Self::RdsLoginEvents | Self::LambdaNetworkLogs | Self::RuntimeMonitoring => None,
        }
    }
}

/// What is known of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// It is on.
    On,
    /// It is off.
    Off,
    /// Nothing says: it is as AWS has it, which differs with the age of the detector.
    Undeclared,
    /// What says so is not known yet, two things say the opposite, or it is said to an organization that the account may
    /// not belong to.
    Unknown,
}

/// What is known of a plan, with the attribute that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) setting: Setting,
    pub(crate) spot: Option<Spot>,
}

impl Told {
    fn at(on: Truth, object: ObjectId, path: &'static [&'static str]) -> Self {
        let setting = match on {
            Truth::True => Setting::On,
            Truth::False => Setting::Off,
            Truth::Unknown => Setting::Unknown,
        };
        Self { setting, spot: Some(Spot { object, path }) }
    }

    /// Whether something declares the plan, be it on or off. Where that is not known, it may be.
    pub(crate) fn is_declared(self) -> Truth {
        match self {
            Told { spot: Some(_), .. } => Truth::True,
            Told { setting: Setting::Undeclared, .. } => Truth::False,
            Told { .. } => Truth::Unknown,
        }
    }
}

/// Everything that speaks of protection plans.
pub(crate) struct Protection<'a> {
    estate: &'a Estate,
    graph: &'a Graph,
    /// Features of which the detector cannot be told, by their name, where that is known.
    loose: HashMap<Option<&'a str>, ByPlace<'a>>,
    /// What administrators set for an account.
    for_members: HashMap<&'a str, Vec<ObjectId>>,
    /// What organizations switch on for all accounts, by its name.
    for_all: HashMap<&'a str, Vec<ObjectId>>,
    /// Administrators, and the accounts that they name as members that are enabled, as far as is known.
    members: BTreeSet<(&'a DetectorOf, &'a str)>,
    /// The accounts of the organizations of administrators, each read once.
    listed: RefCell<BTreeMap<Option<&'a str>, BTreeSet<&'a str>>>,
}

impl<'a> Protection<'a> {
    pub(crate) fn of(estate: &'a Estate, graph: &'a Graph) -> Self {
        let mut loose: HashMap<Option<&str>, ByPlace<'a>> = HashMap::new();
        for (id, feature) in present(estate, FEATURE).filter(|(id, _)| *graph.detector_of(*id) == DetectorOf::Unknown) {
            let name = feature.attribute(&["name"]);
            if name.is_unknown() || name.str().is_some() {
                loose.entry(name.str()).or_default().add(id, feature);
            }
        }
        let mut for_members: HashMap<&str, Vec<ObjectId>> = HashMap::new();
        for (id, feature) in present(estate, MEMBER_FEATURE) {
            if let Some(account) = feature.attribute(&["account_id"]).str() {
                for_members.entry(account).or_default().push(id);
            }
        }
        let mut for_all: HashMap<&str, Vec<ObjectId>> = HashMap::new();
        for (id, feature) in present(estate, ORGANIZATION_FEATURE) {
            let is_for_all = feature.attribute(&["auto_enable"]).str() == Some("ALL");
            if let Some(name) = feature.attribute(&["name"]).str().filter(|_| is_for_all) {
                for_all.entry(name).or_default().push(id);
            }
        }
        let is_enabled = |member: &Object| matches!(organization::status(member), None | Some("Enabled"));
        let members = present(estate, MEMBER)
            .filter(|(_, member)| is_enabled(member))
            .filter_map(|(id, member)| Some((graph.detector_of(id), member.attribute(&["account_id"]).str()?)));
        let members = members.collect();
        Self { estate, graph, loose, for_members, for_all, members, listed: RefCell::default() }
    }

    /// What is known of a plan for a detector.
    pub(crate) fn told(&self, detector: ObjectId, plan: Plan) -> Told {
        self.declared(detector, plan).unwrap_or_else(|| {
            let setting = if self.may_be_declared(detector, plan) { Setting::Unknown } else { Setting::Undeclared };
            Told { setting, spot: None }
        })
    }

    /// What is declared of a plan for a detector: by its own feature, by the detector itself, or by its administrator.
    fn declared(&self, detector: ObjectId, plan: Plan) -> Option<Told> {
        let own = || self.by_features(self.features(detector), plan.name());
        let flag = || Some(Told::at(flag(self.estate, detector, plan)?, detector, plan.flag_path()?));
        let read =
            || Some(Told::at(is_on_as_read(self.estate.object(detector), plan.name())?, detector, &["features"]));
        let member = || self.by_features(self.features_as_member(detector), plan.name());
        let organization = || self.by_organization(detector, plan.name());
        let stand_in = || self.eks_runtime(detector).filter(|_| plan == Plan::RuntimeMonitoring);
        own().or_else(flag).or_else(read).or_else(member).or_else(organization).or_else(stand_in)
    }

    /// Whether something that cannot be told apart may declare a plan for a detector.
    fn may_be_declared(&self, detector: ObjectId, plan: Plan) -> bool {
        let own = self.estate.object(detector);
        let unnamed = self.features(detector).any(|id| self.estate.object(id).attribute(&["name"]).is_unknown());
        let is_beside = |places: &ByPlace<'_>| places.beside(own).flatten().next().is_some();
        let is_loose = || [None, Some(plan.name())].iter().filter_map(|name| self.loose.get(name)).any(is_beside);
        let deferred = || {
            let mut addresses =
                self.estate.unit(own).deferred.iter().filter_map(|deferred| deferred.address.as_deref());
            addresses.any(|address| address.contains("aws_guardduty_detector_feature."))
        };
        unnamed || is_loose() || deferred()
    }

    fn features(&self, detector: ObjectId) -> impl Iterator<Item = ObjectId> + use<'a> {
        features(self.estate, self.graph, detector)
    }

    /// What an administrator sets for the account of a detector, if that is a member.
    fn features_as_member(&self, detector: ObjectId) -> impl Iterator<Item = ObjectId> {
        let (estate, own) = (self.estate, self.estate.object(detector));
        let is_there = move |id: &ObjectId| {
            Truth::equal(estate.object(*id).region.as_deref(), own.region.as_deref()) == Truth::True
        };
        let named = own.account.as_deref().and_then(|account| self.for_members.get(account));
        named.into_iter().flatten().copied().filter(is_there)
    }

    /// What features say of a name.
    fn by_features(&self, features: impl Iterator<Item = ObjectId>, name: &str) -> Option<Told> {
        let object = |id: ObjectId| self.estate.object(id);
        let mut named = features.filter(|id| object(*id).attribute(&["name"]).str() == Some(name));
        let first = named.next()?;
        let on = is_on(object(first));
        let agree = named.all(|other| is_on(object(other)) == on);
        Some(Told::at(if agree { on } else { Truth::Unknown }, first, &["status"]))
    }

    /// What an administrator of the same region switches on for every account of its organization, its own included. Where
    /// no input shows that the detector's account is one of them, it may be.
    fn by_organization(&self, detector: ObjectId, name: &str) -> Option<Told> {
        let region = self.estate.object(detector).region.as_deref();
        let may_be = |id: &ObjectId| Truth::equal(self.estate.object(*id).region.as_deref(), region) != Truth::False;
        let features = || self.for_all.get(name).into_iter().flatten().copied().filter(may_be);
        // Of those that tell equally much the first.
        let belongs = |id: &ObjectId| self.belongs_to(detector, *id) == Truth::True;
        let (belongs, id) = match features().find(belongs) {
            Some(id) => (Truth::True, id),
            None => (Truth::Unknown, features().next()?),
        };
        Some(Told::at(belongs, id, &["auto_enable"]))
    }

    /// Whether a detector is in the organization whose administrator sets a feature: its own, or one of an account that the
    /// organization lists, or that is its member.
    fn belongs_to(&self, detector: ObjectId, feature: ObjectId) -> Truth {
        let (estate, graph) = (self.estate, self.graph);
        let administrator = graph.detector_of(feature);
        if *administrator == DetectorOf::Object(detector) {
            return Truth::True;
        }
        let account = estate.object(detector).account.as_deref();
        let Some(account) = account else { return Truth::Unknown };
        let number = accounts::account_of(estate, graph, feature);
        let is_member = || self.members.contains(&(administrator, account));
        let is_listed = || {
            let mut listed = self.listed.borrow_mut();
            let accounts = || accounts::listed(estate, number).into_iter().collect();
            listed.entry(number).or_insert_with(accounts).contains(account)
        };
        let accepts = || {
            children(estate, graph, detector, ACCEPTER)
                .any(|id| estate.object(id).attribute(&["master_account_id"]).str() == number && number.is_some())
        };
        let belongs = number == Some(account) || is_listed() || is_member() || accepts();
        if belongs { Truth::True } else { Truth::Unknown }
    }

    /// The older plan for EKS, where it is on.
    fn eks_runtime(&self, detector: ObjectId) -> Option<Told> {
        let own = self.by_features(self.features(detector), EKS_RUNTIME_MONITORING);
        let member = || self.by_features(self.features_as_member(detector), EKS_RUNTIME_MONITORING);
        let organization = || self.by_organization(detector, EKS_RUNTIME_MONITORING);
        own.or_else(member).or_else(organization).filter(|told| told.setting != Setting::Off)
    }
}

/// The features that hang on a detector and stay.
pub(crate) fn features<'a>(
    estate: &'a Estate,
    graph: &'a Graph,
    detector: ObjectId,
) -> impl Iterator<Item = ObjectId> + use<'a> {
    children(estate, graph, detector, FEATURE)
}

fn children<'a>(
    estate: &'a Estate,
    graph: &'a Graph,
    detector: ObjectId,
    resource_type: &'static str,
) -> impl Iterator<Item = ObjectId> + use<'a> {
    let children = graph.children(detector).iter().copied();
    children.filter(move |id| estate.object(*id).resource_type() == resource_type)
}

fn present<'a>(estate: &'a Estate, resource_type: &str) -> impl Iterator<Item = (ObjectId, &'a Object)> + use<'a> {
    estate.of_type(resource_type).filter(|(_, object)| object.is_present())
}

/// Whether a feature is on: a detector's own, or an organization's for new or all accounts.
pub(crate) fn is_on(feature: &Object) -> Truth {
    let (attribute, on): (_, &[&str]) = if feature.resource_type() == ORGANIZATION_FEATURE {
        (feature.attribute(&["auto_enable"]), &["ALL", "NEW"])
    } else {
        (feature.attribute(&["status"]), &["ENABLED"])
    };
    attribute.str().map_or(Truth::Unknown, |value| Truth::from(on.contains(&value)))
}

/// What a data source has read of a feature.
fn is_on_as_read(detector: &Object, name: &str) -> Option<Truth> {
    let entries = detector.holders(&["features"]).into_iter().filter(|_| !detector.is_managed());
    let mut named = entries.filter(|(entry, _)| entry.get("name").and_then(Value::as_str) == Some(name));
    let (entry, _) = named.next()?;
    let status = entry.get("status").and_then(Value::as_str);
    Some(status.map_or(Truth::Unknown, |status| Truth::from(status == "ENABLED")))
}

/// What the `datasources` block of a detector says of a plan: `None` where nobody has written it. Provider and AWS fill the
/// block in by themselves, and a state does not tell that from what was written. So it counts where the configuration shows
/// it, and where a new object is to have it, since of `dynamic` blocks a plan shows nothing else.
pub(crate) fn flag(estate: &Estate, detector: ObjectId, plan: Plan) -> Option<Truth> {
    let object = estate.object(detector);
    let path = plan.flag_path()?;
    let is_new = object.change == ChangeKind::Create || object.change.replaces();
    if estate.unit(object).kind != UnitKind::Plan || !object.is_managed() {
        return None;
    }
    let attribute = object.attribute(path);
    let is_written = estate.block(object).is_some_and(|block| writes(&block.expressions, path));
    match attribute.bool() {
        Some(on) if is_written || is_new => Some(Truth::from(on)),
        None if is_written => Some(Truth::Unknown),
        _ => None,
    }
}

/// Whether blocks of a configuration have an argument.
fn writes(expressions: &Expressions, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    expressions.get(*first).is_some_and(|found| rest.is_empty() || found.blocks.iter().any(|block| writes(block, rest)))
}

/// Whether two objects belong to one detector. Where that cannot be told of one of them, both stand for the detector of
/// their account and region, which has only one.
pub(crate) fn same_detector(estate: &Estate, graph: &Graph, one: ObjectId, other: ObjectId) -> Truth {
    match (graph.detector_of(one), graph.detector_of(other)) {
        (DetectorOf::Unknown, _) | (_, DetectorOf::Unknown) => {
            facts::same_place(estate, estate.object(one), estate.object(other))
        }
        (one, other) => Truth::from(one == other),
    }
}

/// A block `additional_configuration` of a feature: an agent that GuardDuty can manage.
pub(crate) struct Agent<'a> {
    /// Its name, where that is known.
    pub(crate) name: Option<&'a str>,
    /// Whether GuardDuty manages it.
    pub(crate) is_managed: Truth,
}

/// The agents of a feature (`status`), or of an organization's (`auto_enable`).
pub(crate) fn agents(feature: &Object) -> Vec<Agent<'_>> {
    feature.holders(&["additional_configuration"]).into_iter().map(|(block, _)| agent(block)).collect()
}

/// The agents that a data source has read of a feature.
pub(crate) fn agents_as_read<'a>(detector: &'a Object, name: &str) -> Vec<Agent<'a>> {
    let entries = detector.holders(&["features"]).into_iter().map(|(entry, _)| entry);
    let named = entries.filter(|entry| entry.get("name").and_then(Value::as_str) == Some(name));
    named.filter_map(|entry| entry.get("additional_configuration")).flat_map(Value::items).map(agent).collect()
}

fn agent(block: &Value) -> Agent<'_> {
    let says = |name: &str| match block.get(name) {
        Some(value) if value.is_unknown() => Truth::Unknown,
        value => Truth::from(matches!(value.and_then(Value::as_str), Some("ENABLED" | "ALL" | "NEW"))),
    };
    Agent { name: block.get("name").and_then(Value::as_str), is_managed: says("status").or(says("auto_enable")) }
}

/// Why it cannot be told which plan of which detector a feature of a unit is for, as the end of a sentence.
pub(crate) fn why_open(estate: &Estate, unit: usize) -> &'static str {
    let features = estate.of_type(FEATURE).filter(|(_, feature)| feature.unit == unit);
    let mut attributes =
        features.flat_map(|(_, feature)| ["name", "detector_id"].map(|name| feature.attribute(&[name])));
    attributes.find(Attribute::is_withheld).map_or("is known only after apply", |attribute| attribute.why_unknown())
}

#[cfg(test)]
mod tests;
