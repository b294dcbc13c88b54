//! What mends each finding of the scenarios.

#[path = "mends/alerts.rs"]
mod alerts;
#[path = "mends/detectors.rs"]
mod detectors;
#[path = "mends/lists.rs"]
mod lists;
#[path = "mends/protection.rs"]
mod protection;

use serde_json::{Value, json};

use super::document::Document;

/// How one finding is mended.
#[derive(Debug)]
pub(crate) struct Mend {
    /// What the file's path starts with.
    pub(crate) file: &'static str,
    pub(crate) rule: &'static str,
    /// How the address ends.
    pub(crate) address: &'static str,
    /// Other findings that the same edit mends: rule and address.
    pub(crate) also: &'static [(&'static str, &'static str)],
    /// Findings that come to light with it: rule, and how the address ends.
    pub(crate) reveals: &'static [(&'static str, &'static str)],
    pub(crate) edit: fn(&mut Document, &str),
}

/// An edit that mends a rule's finding wherever it is, and nothing else.
const fn mend(rule: &'static str, edit: fn(&mut Document, &str)) -> Mend {
    Mend { file: "", rule, address: "", also: &[], reveals: &[], edit }
}

impl Mend {
    /// The first row that fits a finding.
    pub(crate) fn of(file: &str, rule: &str, address: &str) -> Option<&'static Self> {
        let tables = [detectors::MENDS, lists::MENDS, protection::MENDS, alerts::MENDS];
        tables.into_iter().flatten().find(|mend| mend.is_for(file, rule, address))
    }

    fn is_for(&self, file: &str, rule: &str, address: &str) -> bool {
        file.starts_with(self.file) && rule == self.rule && address.ends_with(self.address)
    }
}

const DETECTOR: &str = "aws_guardduty_detector.this";
const SET: &str = "aws_guardduty_ipset.trusted";
const OBJECT: &str = "aws_s3_object.trusted";

/// What is said of a detector that nobody can hear, and of one whose plans nobody has declared.
const OF_A_BARE_DETECTOR: &[(&str, &str)] = &[("findings-no-delivery", ""), ("protection-undeclared", "")];

/// The values that a reference to an attribute has in a plan's configuration.
fn references(attributes: &[&str]) -> Value {
    let names = attributes.iter().flat_map(|attribute| [*attribute, attribute.rsplit_once('.').unwrap().0]);
    json!({ "references": names.collect::<Vec<_>>() })
}
