//! Nodes and links, by what the configuration refers to.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::location;

use super::{
    NodeKind, Told, Wiring, WiringLink, WiringNode, WiringPlace,
    kinds::{self, LinkKind},
};
use crate::{
    alerts::{self, Bus, EventTarget},
    by_place::ByPlace,
    detectors::{self, DetectorOf},
    encryption::{self, Algorithm},
    estate::Estate,
    exports::{self, Export},
    facts::Fact,
    graph::{self, Bucket, ENTITY_SETS, Graph, Set, SetKind, Target},
    keys::Named,
    object::ObjectId,
    policies,
    reading::Readings,
};

/// The resource type of filters.
const FILTER: &str = "aws_guardduty_filter";
/// Why something is not named.
const SENSITIVE: &str = "(sensitive)";

/// What identifies a node while it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Object(ObjectId),
    /// Something that is not among the inputs, by its name: one node for all who name it.
    Outside(String),
    /// What an object leads to that is no object, by what is known of it.
    Of(ObjectId, NodeKind, String),
    /// What an absence is about: account and region.
    Absent(Option<String>, Option<String>),
    /// What an input says was deleted, by its address.
    Gone(usize, String),
}

pub(super) struct Drawing<'a> {
    pub(super) estate: &'a Estate,
    graph: &'a Graph,
    readings: &'a Readings<'a>,
    pub(super) wiring: Wiring,
    pub(super) ends: BTreeMap<End, usize>,
    /// Where each link is, by its ends, what it is, and what makes it.
    seen: BTreeMap<(usize, usize, &'static str, Option<ObjectId>), usize>,
    /// The kind of each link.
    pub(super) kinds: Vec<LinkKind>,
    /// The links that are about an object: they begin or end there, or are what it is for.
    pub(super) about: BTreeMap<ObjectId, BTreeSet<usize>>,
}

impl<'a> Drawing<'a> {
    pub(super) fn of(estate: &'a Estate, graph: &'a Graph, readings: &'a Readings<'a>) -> Self {
        Self {
            estate,
            graph,
            readings,
            wiring: Wiring::default(),
            ends: BTreeMap::new(),
            seen: BTreeMap::new(),
            kinds: Vec::new(),
            about: BTreeMap::new(),
        }
    }

    pub(super) fn draw(&mut self) {
        for (detector, _) in detectors::present(self.estate) {
            self.node(End::Object(detector));
        }
        let graph = self.graph;
        for set in &graph.sets {
            self.set(set);
        }
        self.entity_sets();
        self.filters();
        for export in Export::all(self.readings) {
            self.export(&export);
        }
        self.alerts();
    }

    /// Detector, list, object, bucket, its policy and the key.
    fn set(&mut self, set: &Set) {
        let kind = match set.kind {
            SetKind::Trusted => kinds::TRUSTED_LIST,
            SetKind::Threat => kinds::THREAT_LIST,
        };
        self.part(set.id, kind);
        let shown = |text: &str| if set.is_sensitive { SENSITIVE.to_owned() } else { text.to_owned() };
        let (end, bucket) = match &set.target {
            Target::Object(object) => (End::Object(*object), None),
            Target::Missing { bucket, key } => {
                (End::Of(set.id, NodeKind::Missing, format!("no object {}", shown(key))), Some(bucket))
            }
            Target::Invalid(_) => (End::Of(set.id, NodeKind::Missing, "no location".into()), None),
            Target::Unknown { bucket, .. } => {
                (End::Of(set.id, NodeKind::Unknown, "an object that is not known".into()), bucket.as_ref())
            }
        };
        self.link((End::Object(set.id), end.clone()), kinds::READS, None);
        if let Target::Object(object) = &set.target {
            let links = self.object(*object);
            // Of an object that is only read, or not Terraform's any more, rules speak as of the list.
            self.concern(set.id, &links);
        }
        if let Some(bucket) = bucket {
            let holder = bucket_end(bucket, (set.id, set.is_sensitive));
            let link = self.link((end, holder.clone()), kinds::WOULD_LIE_IN, None);
            self.concern(set.id, &[link]);
            let policies = self.bucket_policies(bucket, &holder, kinds::LIST_POLICY);
            self.concern(set.id, &policies);
        }
    }

    /// The link from the detector of a part to the part, which stands alone where its detector is not among the inputs.
    fn part(&mut self, id: ObjectId, kind: LinkKind) {
        let sensitive = detectors::detector_id(self.estate.object(id)).is_sensitive();
        let detector = match self.graph.detector_of(id) {
            DetectorOf::Object(detector) => End::Object(*detector),
            DetectorOf::Elsewhere(name) if !sensitive => End::Outside(format!("detector {name}")),
            DetectorOf::Elsewhere(_) => End::Of(id, NodeKind::Outside, format!("detector {SENSITIVE}")),
            DetectorOf::Unknown => End::Of(id, NodeKind::Unknown, "a detector that is not known".into()),
        };
        self.link((detector, End::Object(id)), kind, None);
    }

    /// An object in S3, its bucket and its key; the links to them.
    pub(super) fn object(&mut self, object: ObjectId) -> Vec<usize> {
        let bucket = self.graph.bucket_of(object);
        let mut links = Vec::new();
        if let Some(bucket) = bucket {
            let sensitive = self.estate.object(object).attribute(&["bucket"]).is_sensitive();
            let end = bucket_end(bucket, (object, sensitive));
            links.push(self.link((End::Object(object), end.clone()), kinds::LIES_IN, None));
            links.extend(self.bucket_policies(bucket, &end, kinds::LIST_POLICY));
        }
        let outside = |name: &str| End::Of(object, NodeKind::Outside, name.to_owned());
        let end = match encryption::of(self.readings, Some(object), bucket).algorithm {
            // What cannot be told is no link: a finding says it of the object.
            Algorithm::S3Managed | Algorithm::Unknown(_) => None,
            Algorithm::CustomerProvided => Some(outside("a key that the uploader keeps")),
            Algorithm::Kms(kms) => Some(key_end(object, &kms.key)),
        };
        if let Some(end) = end {
            links.push(self.link((End::Object(object), end.clone()), kinds::ENCRYPTED, None));
            links.extend(self.key_policies(&end, kinds::LIST_POLICY));
        }
        self.concern(object, &links);
        links
    }

    fn bucket_policies(&mut self, bucket: &Bucket, end: &End, kind: LinkKind) -> Vec<usize> {
        let holders = policies::holders_of_bucket_policy(self.estate, self.graph, bucket);
        self.policies(end, holders, kind)
    }

    fn key_policies(&mut self, end: &End, kind: LinkKind) -> Vec<usize> {
        let End::Object(key) = end else { return Vec::new() };
        self.policies(end, policies::holders_of_key_policy(self.estate, self.graph, *key), kind)
    }

    fn policies(&mut self, end: &End, holders: &[ObjectId], kind: LinkKind) -> Vec<usize> {
        holders.iter().map(|holder| self.link((end.clone(), End::Object(*holder)), kind, None)).collect()
    }

    /// The sets of the awscc provider.
    fn entity_sets(&mut self) {
        let estate = self.estate;
        let present = |name| estate.of_type(name).filter(|(_, set)| set.is_present());
        for (id, set) in ENTITY_SETS.iter().flat_map(|name| present(name)) {
            let is_trusted = set.resource_type() == ENTITY_SETS[0];
            self.part(id, if is_trusted { kinds::TRUSTED_LIST } else { kinds::THREAT_LIST });
            let attribute = set.attribute(&["location"]);
            let named = attribute.str().and_then(|text| location::parse(text).ok());
            let Some(named) = named else {
                let name = "an object that is not known".to_owned();
                self.link((End::Object(id), End::Of(id, NodeKind::Unknown, name)), kinds::ENTITY_READS, None);
                continue;
            };
            let bucket = graph::bucket_named(estate, &named.bucket);
            let held = self.graph.held_as(&bucket, &named.key).iter().copied();
            let end = match held.clone().find(|id| estate.object(*id).is_present()) {
                Some(object) => End::Object(object),
                None if attribute.is_sensitive() => End::Of(id, NodeKind::Outside, format!("object {SENSITIVE}")),
                None => End::Outside(format!("object s3://{}/{}", named.bucket, named.key)),
            };
            self.link((End::Object(id), end), kinds::ENTITY_READS, None);
        }
    }

    fn filters(&mut self) {
        let estate = self.estate;
        for (id, _) in estate.of_type(FILTER).filter(|(_, filter)| filter.is_present()) {
            self.part(id, kinds::FILTERED);
        }
    }

    /// Detector, publishing destination, bucket, its policy and the key.
    fn export(&mut self, export: &Export) {
        let destination = export.destination;
        self.part(destination, kinds::EXPORTS);
        let begin = End::Object(destination);
        let sensitive = self.estate.object(destination).attribute(&["destination_arn"]).is_sensitive();
        let mut links = Vec::new();
        let end = match &export.target {
            exports::Target::Bucket { bucket, .. } => bucket_end(bucket, (destination, sensitive)),
            exports::Target::Other(what) => End::Of(destination, NodeKind::Outside, (*what).into()),
            exports::Target::Unknown => End::Of(destination, NodeKind::Unknown, "a bucket that is not known".into()),
        };
        links.push(self.link((begin.clone(), end.clone()), kinds::WRITES_TO, None));
        if let Some(bucket) = export.bucket() {
            links.extend(self.bucket_policies(bucket, &end, kinds::EXPORT_POLICY));
        }
        let end = match &export.key {
            exports::Key::Alias => Some(End::Of(destination, NodeKind::Outside, "an alias, which is no key".into())),
            exports::Key::Named(named) => Some(key_end(destination, named)),
        };
        if let Some(end) = end {
            links.push(self.link((begin, end.clone()), kinds::ENCRYPTS, None));
            links.extend(self.key_policies(&end, kinds::EXPORT_POLICY));
        }
        self.concern(destination, &links);
    }

    /// Detector, event rule, target, subscriber.
    fn alerts(&mut self) {
        let alerts = self.readings.alerts();
        let places = alerts::detectors_by_place(self.estate);
        for rule in alerts.rules.iter().filter(|rule| rule.is_alert() || rule.names_guardduty()) {
            self.picked_up(rule, &places);
            for target in alerts.targets_of(rule.id) {
                self.target(rule.id, target);
            }
        }
    }

    /// The link from what an event rule listens to.
    fn picked_up(&mut self, rule: &alerts::EventRule, places: &ByPlace<'_>) {
        let sensitive = self.estate.object(rule.id).attribute(&["event_bus_name"]).is_sensitive();
        let begins = match &rule.bus {
            Bus::Default => alerts::detectors_of(self.estate, places, rule.id).into_iter().map(End::Object).collect(),
            Bus::Object(bus) => vec![End::Object(*bus)],
            Bus::Elsewhere(name) if !sensitive => vec![End::Outside(format!("event bus {name}"))],
            Bus::Elsewhere(_) => vec![End::Of(rule.id, NodeKind::Outside, format!("event bus {SENSITIVE}"))],
            Bus::Unknown => vec![End::Of(rule.id, NodeKind::Unknown, "an event bus that is not known".into())],
        };
        self.node(End::Object(rule.id));
        for begin in begins {
            self.link((begin, End::Object(rule.id)), kinds::PICKED_UP, None);
        }
    }

    fn target(&mut self, rule: ObjectId, target: &EventTarget) {
        let estate = self.estate;
        let sensitive = estate.object(target.id).attribute(&["arn"]).is_sensitive();
        let end = match (target.aim.object, &target.aim.arn) {
            (Some(object), _) => End::Object(object),
            (None, Some(arn)) if !sensitive => End::Outside(arn.clone()),
            (None, Some(_)) => End::Of(target.id, NodeKind::Outside, SENSITIVE.into()),
            (None, None) => End::Of(target.id, NodeKind::Unknown, "a target that is not known".into()),
        };
        let mut links = vec![self.link((End::Object(rule), end.clone()), kinds::SENDS, Some(target.id))];
        if let Some(object) = target.aim.object {
            let holders = policies::holders_of_target_policy(estate, self.graph, object);
            links.extend(self.policies(&end, holders, kinds::TARGET_POLICY));
        }
        if let Some(owner) = alerts::key_attribute(estate, target) {
            let named = alerts::key_of(estate, self.readings.keys(), owner);
            let key = key_end(owner, &named);
            links.push(self.link((End::Object(owner), key.clone()), kinds::TARGET_KEY, None));
            links.extend(self.key_policies(&key, kinds::TARGET_POLICY));
        }
        self.concern(target.id, &links);
        if target.aim.kind == Some(alerts::Kind::Topic)
            && let Some(topic) = target.aim.object
        {
            self.subscribers(topic);
        }
    }

    fn subscribers(&mut self, topic: ObjectId) {
        let subscribed = self.readings.alerts().subscriptions(self.estate).naming(self.estate, topic);
        if subscribed.is_empty() {
            let nobody = End::Of(topic, NodeKind::Missing, "no subscription".into());
            self.link((End::Object(topic), nobody), kinds::TELLS, None);
        }
        for subscription in subscribed {
            let pending = self.estate.object(subscription).attribute(&["pending_confirmation"]).bool() == Some(true);
            let kind = if pending { kinds::WOULD_TELL } else { kinds::TELLS };
            self.link((End::Object(topic), End::Object(subscription)), kind, None);
        }
    }

    /// Adds a link if it is not there yet, and gives its place.
    fn link(&mut self, (from, to): (End, End), kind: LinkKind, by: Option<ObjectId>) -> usize {
        let objects: BTreeSet<ObjectId> = [owner(&from), owner(&to)].into_iter().flatten().collect();
        let place = self.wiring.links.len();
        let beside = owner(&from);
        let from = self.node(from);
        let to = self.node_of(to, beside);
        if let Some(place) = self.seen.get(&(from, to, kind.what, by)) {
            return *place;
        }
        self.seen.insert((from, to, kind.what, by), place);
        let by = by.map(|by| self.estate.object(by).name());
        self.wiring.links.push(WiringLink { from, to, what: kind.what, by, count: 1, told: Told::default() });
        self.kinds.push(kind);
        for object in objects {
            self.about.entry(object).or_default().insert(place);
        }
        place
    }

    /// Says that links are about an object.
    fn concern(&mut self, object: ObjectId, links: &[usize]) {
        self.about.entry(object).or_default().extend(links);
    }

    pub(super) fn node(&mut self, end: End) -> usize {
        self.node_of(end, None)
    }

    /// A node, beside an object where it has no place of its own.
    fn node_of(&mut self, end: End, beside: Option<ObjectId>) -> usize {
        if let Some(place) = self.ends.get(&end) {
            return *place;
        }
        let (name, kind) = match &end {
            End::Object(id) => (self.estate.object(*id).name(), NodeKind::Object),
            End::Outside(name) => (name.clone(), NodeKind::Outside),
            End::Of(_, kind, name) => (name.clone(), *kind),
            End::Absent(..) => ("no detector".to_owned(), NodeKind::Missing),
            End::Gone(_, address) => (address.clone(), NodeKind::Missing),
        };
        let resource_type = match &end {
            End::Object(id) => Some(self.estate.object(*id).resource_type().to_owned()),
            _ => None,
        };
        let place = match &end {
            End::Absent(account, region) => {
                WiringPlace { account: account.clone(), region: region.clone(), ..WiringPlace::default() }
            }
            End::Gone(input, _) => WiringPlace { path: self.path(*input), ..WiringPlace::default() },
            end => owner(end).or(beside).map(|id| self.place(id)).unwrap_or_default(),
        };
        let nodes = &mut self.wiring.nodes;
        nodes.push(WiringNode { name, kind, resource_type, place, told: Told::default() });
        self.ends.insert(end, nodes.len() - 1);
        nodes.len() - 1
    }

    fn place(&self, id: ObjectId) -> WiringPlace {
        let object = self.estate.object(id);
        let shown = |fact: &Option<Fact>| fact.as_ref().and_then(Fact::shown).map(str::to_owned);
        WiringPlace {
            account: shown(&object.account),
            region: shown(&object.region),
            path: self.path(self.estate.input(object)),
            module: object.address.module.to_string(),
        }
    }

    fn path(&self, input: usize) -> Option<String> {
        self.estate.inputs.get(input).map(|input| input.path.clone())
    }
}

/// The object that an end is, or that leads to it.
fn owner(end: &End) -> Option<ObjectId> {
    match end {
        End::Object(id) | End::Of(id, ..) => Some(*id),
        End::Outside(_) | End::Absent(..) | End::Gone(..) => None,
    }
}

/// A key that an object names.
fn key_end(owner: ObjectId, key: &Named) -> End {
    let outside = |name: &str| End::Of(owner, NodeKind::Outside, name.to_owned());
    match key {
        Named::Object(key) => End::Object(*key),
        Named::AwsManaged => outside("a key of AWS"),
        Named::Elsewhere { .. } => outside("a key outside the inputs"),
        Named::Unknown { .. } => End::Of(owner, NodeKind::Unknown, "a key that is not known".into()),
    }
}

/// A bucket that something names, which is sensitive or not.
fn bucket_end(bucket: &Bucket, (by, sensitive): (ObjectId, bool)) -> End {
    match bucket {
        Bucket::Object(id) => End::Object(*id),
        Bucket::Name(name) if !sensitive => End::Outside(format!("bucket {name}")),
        Bucket::Name(_) => End::Of(by, NodeKind::Outside, format!("bucket {SENSITIVE}")),
    }
}
