//! What rules say of the links.

use std::collections::{BTreeMap, BTreeSet};

use tfduty_terraform::Address;

use super::{
    Standing, Told,
    drawing::{Drawing, End},
};
use crate::{
    finding::{Finding, FindingVerdict},
    graph::OBJECTS,
    object::ObjectId,
    report::Report,
    rule::Severity,
};

/// Families of rules about the wiring: what they speak of is drawn, whether anything leads there or not.
const DRAWN: [&str; 3] = ["detector", "list", "findings"];
/// The rule that speaks of detectors that are not there.
const ABSENT: &str = "coverage-detector-missing";

impl Told {
    fn hear(&mut self, standing: Standing, finding: usize) {
        // What is worse goes to the front: findings come in the order of the report.
        let worse = standing > self.standing;
        self.standing = self.standing.max(standing);
        if !self.findings.contains(&finding) {
            let place = if worse { 0 } else { self.findings.len() };
            self.findings.insert(place, finding);
        }
    }
}

impl Drawing<'_> {
    /// Puts each finding to the links that it is about, else to the node.
    pub(super) fn tell(&mut self, report: &Report) {
        let nodes = self.by_name();
        let (silenced, told): (Vec<_>, Vec<_>) =
            report.findings.iter().enumerate().partition(|(_, finding)| finding.suppressed.is_some());
        let silenced: BTreeSet<usize> =
            silenced.into_iter().flat_map(|(_, finding)| self.links_of(finding, &nodes)).collect();
        for (rule, object) in &report.passed {
            for link in self.about.get(object).into_iter().flatten() {
                if self.kinds[*link].decides.contains(rule) && !silenced.contains(link) {
                    let standing = &mut self.wiring.links[*link].told.standing;
                    *standing = (*standing).max(Standing::Holds);
                }
            }
        }
        for (index, finding) in told {
            let standing = match (finding.verdict, finding.severity) {
                (FindingVerdict::Undecided, _) => Standing::Undecided,
                // It works.
                (FindingVerdict::Fail, Severity::Advice) => Standing::NotJudged,
                (FindingVerdict::Fail, _) => Standing::Broken,
            };
            let links = self.links_of(finding, &nodes);
            for link in &links {
                self.wiring.links[*link].told.hear(standing, index);
            }
            // Advice on other things than the wiring is not for a picture of it.
            let is_told = standing.is_open() || DRAWN.contains(&finding.rule.family());
            if links.is_empty()
                && is_told
                && let Some(node) = self.node_for(finding, &nodes)
            {
                self.wiring.nodes[node].told.hear(standing, index);
            }
        }
    }

    /// The nodes of objects by their inputs and addresses.
    fn by_name(&self) -> BTreeMap<(usize, String), usize> {
        let named = self.ends.iter().filter_map(|(end, node)| {
            let End::Object(id) = end else { return None };
            let object = self.estate.object(*id);
            Some(((self.estate.input(object), object.name()), *node))
        });
        named.collect()
    }

    /// The links that a finding is about: of a bucket and a key that one rule speaks of, the one it points at.
    fn links_of(&self, finding: &Finding, nodes: &BTreeMap<(usize, String), usize>) -> Vec<usize> {
        let Some(object) = finding.object else { return Vec::new() };
        let about = self.about.get(&object).into_iter().flatten().copied();
        let about = about.filter(|link| self.kinds[*link].hears(finding.rule.id));
        let (causes, effects): (Vec<usize>, Vec<usize>) = about.partition(|link| self.kinds[*link].is_cause);
        let related = finding.related.iter().filter_map(|related| related.object).filter(|id| *id != object);
        let related = related.filter_map(|id| self.ends.get(&End::Object(id)).copied());
        let holder = finding.holder.as_ref().and_then(|name| nodes.get(&(finding.anchor.input, name.clone())));
        let pointed: BTreeSet<usize> = related.chain(holder.copied()).collect();
        let links = &self.wiring.links;
        let causes: Vec<usize> = causes.into_iter().filter(|link| pointed.contains(&links[*link].to)).collect();
        let is_cause_of = |link: &usize| causes.iter().any(|cause| links[*cause].from == links[*link].to);
        let is_pointed_at = |link: &usize| pointed.contains(&links[*link].to);
        let mut chosen: Vec<usize> = effects.iter().copied().filter(is_cause_of).collect();
        if chosen.is_empty() {
            chosen = effects.iter().copied().filter(is_pointed_at).collect();
        }
        if chosen.is_empty() {
            chosen = effects;
        }
        chosen.extend(causes);
        chosen
    }

    /// The node that a finding is about, which is drawn for it where it is about the wiring.
    fn node_for(&mut self, finding: &Finding, nodes: &BTreeMap<(usize, String), usize>) -> Option<usize> {
        let is_drawn = DRAWN.contains(&finding.rule.family());
        match (finding.object, &finding.address) {
            (Some(id), _) => match self.ends.get(&End::Object(id)) {
                Some(node) => Some(*node),
                None if is_drawn => Some(self.alone(id)),
                None => None,
            },
            // What has drifted is told by its address.
            (None, Some(address)) => match nodes.get(&(finding.anchor.input, address.clone())) {
                Some(node) => Some(*node),
                None if is_drawn => Some(self.drifted(finding.anchor.input, address)),
                None => None,
            },
            (None, None) if finding.rule.id == ABSENT => {
                Some(self.node(End::Absent(finding.account.clone(), finding.region.clone())))
            }
            (None, None) => None,
        }
    }

    /// Draws what has drifted, and perhaps away.
    fn drifted(&mut self, input: usize, address: &str) -> usize {
        let estate = self.estate;
        let unit = estate.units.iter().position(|unit| unit.input == input);
        let stays = unit.zip(address.parse::<Address>().ok());
        match stays.and_then(|(unit, address)| estate.at(unit, &address).next()) {
            Some((id, _)) => self.alone(id),
            None => self.node(End::Gone(input, address.to_owned())),
        }
    }

    /// Draws an object that nothing leads to; one in S3 with what it needs.
    fn alone(&mut self, id: ObjectId) -> usize {
        let node = self.node(End::Object(id));
        if OBJECTS.contains(&self.estate.object(id).resource_type()) {
            self.object(id);
        }
        node
    }
}
