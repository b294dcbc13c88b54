//! The wiring of an estate: what a detector needs, link by link, and which finding speaks of which link.
//!
//! Two paths lead through it: detector, list, object, bucket, policy and key; and detector, event rule, target and
//! subscriber, with the export beside it. A link is there because the configuration refers to its end; whether it holds is
//! for the findings to say, so that the picture never tells another story than the report.

use std::collections::BTreeMap;

use crate::{
    alerts::{self, EventTarget},
    encryption::{self, Algorithm},
    estate::Estate,
    exports::{self, Export},
    finding::{Finding, FindingVerdict},
    graph::{Bucket, Graph, SetKind, Target},
    keys::Named,
    object::ObjectId,
    policies,
    reading::Readings,
    rule::Severity,
};

/// What GuardDuty needs of an estate, as nodes and links.
#[derive(Debug, Clone, Default)]
pub struct Wiring {
    /// The ends of links, each once.
    pub nodes: Vec<WiringNode>,
    /// The links, in the order in which the paths run.
    pub links: Vec<WiringLink>,
}

/// An end of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WiringNode {
    /// The address of an object; else what is known of the end ("no subscription").
    pub name: String,
    /// Whether it is an object of the estate.
    pub is_object: bool,
    /// What the findings say of it that no link tells.
    pub told: Told,
}

/// Something that leads from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WiringLink {
    /// Where it begins, as an index into [`Wiring::nodes`].
    pub from: usize,
    /// Where it ends, likewise.
    pub to: usize,
    /// What it is: `reads`, `sends to`.
    pub what: &'static str,
    /// What the findings say of it.
    pub told: Told,
}

/// What findings say of a node or a link: the worst of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// None speaks of it: it holds.
    #[default]
    Holds,
    /// It works, and this advice of a finding is about it (index into the findings).
    Advised(usize),
    /// Whether it holds is not known, by this finding.
    Undecided(usize),
    /// It is broken, by this finding.
    Broken(usize),
}

impl Told {
    /// The finding that says so.
    pub fn finding(self) -> Option<usize> {
        match self {
            Told::Holds => None,
            Told::Advised(finding) | Told::Undecided(finding) | Told::Broken(finding) => Some(finding),
        }
    }

    fn rank(self) -> u8 {
        match self {
            Told::Holds => 0,
            Told::Advised(_) => 1,
            Told::Undecided(_) => 2,
            Told::Broken(_) => 3,
        }
    }

    fn hear(&mut self, other: Told) {
        if other.rank() > self.rank() {
            *self = other;
        }
    }
}

/// Draws the wiring of an estate, and what `findings` say of it.
pub fn wiring(estate: &Estate, findings: &[Finding]) -> Wiring {
    let graph = Graph::of(estate);
    let readings = Readings::of(estate, &graph);
    let mut drawing = Drawing {
        estate,
        graph: &graph,
        readings: &readings,
        wiring: Wiring::default(),
        ends: BTreeMap::new(),
        seen: BTreeMap::new(),
        rules: Vec::new(),
        about: BTreeMap::new(),
    };
    drawing.lists();
    drawing.exports();
    drawing.alerts();
    drawing.tell(findings);
    drawing.wiring
}

/// What identifies a node while it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Object(ObjectId),
    /// Something that is not among the inputs, by its name: one node for all who name it.
    Outside(String),
    /// What an object does not have, or what cannot be told of it.
    Lacking(ObjectId, &'static str),
}

struct Drawing<'a> {
    estate: &'a Estate,
    graph: &'a Graph,
    readings: &'a Readings<'a>,
    wiring: Wiring,
    ends: BTreeMap<End, usize>,
    /// Where each link is, by its ends and what it is.
    seen: BTreeMap<(usize, usize, &'static str), usize>,
    /// The rules that speak of each link.
    rules: Vec<&'static [&'static str]>,
    /// The links that are about an object: they begin or end there, or are what it is for.
    about: BTreeMap<ObjectId, Vec<usize>>,
}

const HAS_LIST: &[&str] = &["list-inactive", "list-limits"];
const READS: &[&str] = &["list-object-missing", "list-location-invalid", "list-object-order", "list-refresh-unwired"];
const LIES_IN: &[&str] = &["list-read-denied", "list-bucket-region"];
const DECRYPTS: &[&str] = &["list-undecryptable"];
const EXPORTS: &[&str] = &["findings-export-denied", "findings-export-order"];
const PICKS_UP: &[&str] = &["findings-rule-dead"];
const SENDS: &[&str] = &["findings-target-denied", "findings-target-key"];
const TELLS: &[&str] = &["findings-subscriber-missing"];

impl Drawing<'_> {
    /// Detector, list, object, bucket, its policy and the key.
    fn lists(&mut self) {
        let graph = self.graph;
        for set in &graph.sets {
            if let Some(detector) = graph.detector_of(set.id).object() {
                let what = match set.kind {
                    SetKind::Trusted => "trusted list",
                    SetKind::Threat => "threat list",
                };
                self.link(End::Object(detector), End::Object(set.id), (what, HAS_LIST));
            }
            let end = match &set.target {
                Target::Object(object) => End::Object(*object),
                Target::Missing { .. } => End::Lacking(set.id, "no object"),
                Target::Invalid(_) => End::Lacking(set.id, "no location"),
                Target::Unknown { .. } => End::Lacking(set.id, "not known"),
            };
            self.link(End::Object(set.id), end, ("reads", READS));
            if let Target::Object(object) = &set.target {
                self.object(*object);
            }
        }
    }

    fn object(&mut self, object: ObjectId) {
        let bucket = self.graph.bucket_of(object);
        if let Some(bucket) = bucket {
            self.link(End::Object(object), end_of(bucket), ("lies in", LIES_IN));
            self.policies(bucket);
        }
        if let Algorithm::Kms(kms) = encryption::of(self.readings, Some(object), bucket).algorithm
            && let Named::Object(key) = kms.key
        {
            self.link(End::Object(object), End::Object(key), ("encrypted with", DECRYPTS));
        }
    }

    fn policies(&mut self, bucket: &Bucket) {
        for holder in policies::holders_of_bucket_policy(self.estate, self.graph, bucket) {
            self.link(end_of(bucket), End::Object(*holder), ("policy", &[]));
        }
    }

    /// Detector, publishing destination, bucket, its policy and the key.
    fn exports(&mut self) {
        for export in Export::all(self.readings) {
            let destination = export.destination;
            if export.actor != destination {
                self.link(End::Object(export.actor), End::Object(destination), ("exports", &[]));
            }
            match &export.target {
                exports::Target::Bucket { bucket, .. } => {
                    self.link(End::Object(destination), end_of(bucket), ("writes to", EXPORTS));
                    self.policies(bucket);
                }
                exports::Target::Other(_) | exports::Target::Unknown => {
                    self.link(End::Object(destination), End::Lacking(destination, "not known"), ("writes to", EXPORTS));
                }
            }
            if let Some(key) = export.key_object() {
                self.link(End::Object(destination), End::Object(key), ("encrypts with", EXPORTS));
            }
        }
    }

    /// Detector, event rule, target, subscriber.
    fn alerts(&mut self) {
        let alerts = self.readings.alerts();
        let places = alerts::detectors_by_place(self.estate);
        for rule in alerts.rules.iter().filter(|rule| rule.is_alert() || rule.names_guardduty()) {
            for detector in alerts::detectors_of(self.estate, &places, rule.id) {
                self.link(End::Object(detector), End::Object(rule.id), ("picked up by", PICKS_UP));
            }
            for target in alerts.targets_of(rule.id) {
                self.target(rule.id, target);
            }
        }
    }

    fn target(&mut self, rule: ObjectId, target: &EventTarget) {
        let end = match (target.aim.object, &target.aim.arn) {
            (Some(object), _) => End::Object(object),
            (None, Some(arn)) if !self.estate.object(target.id).attribute(&["arn"]).is_sensitive() => {
                End::Outside(arn.clone())
            }
            (None, _) => End::Lacking(target.id, "not known"),
        };
        let link = self.link(End::Object(rule), end, ("sends to", SENDS));
        self.about.entry(target.id).or_default().push(link);
        let Some(topic) = target.aim.object.filter(|_| target.aim.kind == Some(alerts::Kind::Topic)) else { return };
        let subscribed = self.readings.alerts().subscriptions(self.estate).naming(self.estate, topic);
        if subscribed.is_empty() {
            self.link(End::Object(topic), End::Lacking(topic, "no subscription"), ("tells", TELLS));
        }
        for subscription in subscribed {
            self.link(End::Object(topic), End::Object(subscription), ("tells", TELLS));
        }
    }

    /// Adds a link if it is not there yet, and gives its place.
    fn link(&mut self, from: End, to: End, (what, rules): (&'static str, &'static [&'static str])) -> usize {
        let objects = [&from, &to].into_iter().filter_map(|end| match end {
            End::Object(id) | End::Lacking(id, _) => Some(*id),
            End::Outside(_) => None,
        });
        let objects: Vec<ObjectId> = objects.collect();
        let (from, to) = (self.node(from), self.node(to));
        if let Some(place) = self.seen.get(&(from, to, what)) {
            return *place;
        }
        let place = self.wiring.links.len();
        self.seen.insert((from, to, what), place);
        self.wiring.links.push(WiringLink { from, to, what, told: Told::Holds });
        self.rules.push(rules);
        for object in objects {
            self.about.entry(object).or_default().push(place);
        }
        place
    }

    fn node(&mut self, end: End) -> usize {
        let nodes = &mut self.wiring.nodes;
        let estate = self.estate;
        *self.ends.entry(end).or_insert_with_key(|end| {
            let (name, is_object) = match end {
                End::Object(id) => (estate.object(*id).name(), true),
                End::Outside(name) => (name.clone(), false),
                End::Lacking(_, what) => ((*what).to_owned(), false),
            };
            nodes.push(WiringNode { name, is_object, told: Told::Holds });
            nodes.len() - 1
        })
    }

    /// Puts each finding to the link that it is about, else to the node.
    fn tell(&mut self, findings: &[Finding]) {
        for (index, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.suppressed.is_none()) {
            let Some(object) = finding.object else { continue };
            let told = match (finding.verdict, finding.severity) {
                (FindingVerdict::Undecided, _) => Told::Undecided(index),
                (FindingVerdict::Fail, Severity::Advice) => Told::Advised(index),
                (FindingVerdict::Fail, _) => Told::Broken(index),
            };
            let about = self.about.get(&object).into_iter().flatten().copied();
            let links: Vec<usize> = about.filter(|link| self.rules[*link].contains(&finding.rule.id)).collect();
            // Of a bucket and a key that one rule speaks of, the one it points at.
            let points_at = |link: &&usize| {
                let end = self.wiring.links[**link].to;
                let is_end = |id: ObjectId| id != object && self.ends.get(&End::Object(id)) == Some(&end);
                finding.related.iter().filter_map(|related| related.object).any(is_end)
            };
            let pointed: Vec<usize> = links.iter().filter(points_at).copied().collect();
            for link in if pointed.is_empty() { &links } else { &pointed } {
                self.wiring.links[*link].told.hear(told);
            }
            if links.is_empty()
                && let Some(node) = self.ends.get(&End::Object(object))
            {
                self.wiring.nodes[*node].told.hear(told);
            }
        }
    }
}

fn end_of(bucket: &Bucket) -> End {
    match bucket {
        Bucket::Object(id) => End::Object(*id),
        Bucket::Name(name) => End::Outside(name.clone()),
    }
}
