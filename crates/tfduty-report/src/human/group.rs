//! Findings that have one cause: instances of one block.

use std::collections::HashMap;

use tfduty_audit::{Finding, FindingVerdict, Severity};
use tfduty_terraform::{Address, escape};

/// Instances that are named; of more, the number.
const NAMED: usize = 10;

/// A finding, and those that say the same of other instances of its block.
pub(crate) struct Group<'a> {
    pub(crate) first: &'a Finding,
    pub(crate) others: Vec<&'a Finding>,
}

/// What findings of one group have in common.
#[derive(PartialEq, Eq, Hash)]
struct Cause<'a> {
    rule: &'static str,
    severity: Severity,
    verdict: FindingVerdict,
    input: usize,
    block: Block<'a>,
}

#[derive(PartialEq, Eq, Hash)]
enum Block<'a> {
    /// Path, line and column in the configuration.
    Source(&'a str, usize, usize),
    /// The block in its module, where no source is known, but the module is.
    Module(&'a str),
    /// Address without instance keys, where the module is not known either.
    Address(String),
    /// No block at all: what is absent, for example. Such findings stand alone.
    None(usize),
}

/// Groups findings by rule and block, in the order of the report. Two findings of one instance are never of one group:
/// they are two causes (statements of a policy, for example) and each is shown.
pub(crate) fn groups<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut known: HashMap<Cause<'a>, Known<'a>> = HashMap::new();
    for (position, finding) in findings.enumerate() {
        let address = finding.address.as_deref().unwrap_or_default();
        let Known { groups: candidates, met } = known.entry(cause(finding, position)).or_default();
        // An instance is in as many groups, from the first on, as it has been met before.
        let met = met.entry(address).or_default();
        if let Some(index) = candidates.get(*met) {
            groups[*index].others.push(finding);
        } else {
            candidates.push(groups.len());
            groups.push(Group { first: finding, others: Vec::new() });
        }
        *met += 1;
    }
    groups
}

/// The groups of one cause, and how often each instance has been met.
#[derive(Default)]
struct Known<'a> {
    groups: Vec<usize>,
    met: HashMap<&'a str, usize>,
}

fn cause(finding: &Finding, position: usize) -> Cause<'_> {
    let block = match (&finding.source, address_of(finding)) {
        (_, None) => Block::None(position),
        (Some(place), Some(_)) => Block::Source(&place.path, place.line, place.column),
        (None, Some((address, _))) => match &finding.block {
            Some(block) => Block::Module(block),
            None => Block::Address(address.configuration_address()),
        },
    };
    Cause {
        rule: finding.rule.id,
        severity: finding.severity,
        verdict: finding.verdict,
        input: finding.anchor.input,
        block,
    }
}

/// The address, and what stands behind it (` (deposed 701a98cd)`).
fn address_of(finding: &Finding) -> Option<(Address, &str)> {
    let text = finding.address.as_deref()?;
    let (address, rest) = text.find(" (deposed ").map_or((text, ""), |at| text.split_at(at));
    Some((address.parse().ok()?, rest))
}

impl Group<'_> {
    /// `39 more instances: ["a"], ["b"], …`, or `None` where there is one.
    pub(crate) fn more(&self) -> Option<String> {
        let mut names: Vec<String> = self.others.iter().take(NAMED).map(|finding| self.instance(finding)).collect();
        let count = self.others.len();
        if count > NAMED {
            names.push(format!("and {} others", count - NAMED));
        }
        let noun = if count == 1 { "instance" } else { "instances" };
        (count > 0).then(|| format!("{count} more {noun}: {}", names.join(", ")))
    }

    /// What tells an instance from the first: its key, or its whole address where its module has keys or is another one.
    fn instance(&self, finding: &Finding) -> String {
        let first = address_of(self.first).map(|(address, _)| address.configuration_address());
        let is_beside = |address: &Address| {
            address.module.0.iter().all(|step| step.key.is_none()) && first == Some(address.configuration_address())
        };
        let name = match address_of(finding) {
            Some((address, rest)) if is_beside(&address) => address.key.map(|key| format!("{key}{rest}")),
            _ => None,
        };
        escape(name.or_else(|| finding.address.clone()).unwrap_or_default()).into_owned()
    }
}
