//! Documents for the tests of rules on the content of lists, and what their findings show.

use serde_json::{Value, json};

use super::{
    Run,
    lists::{object_at, set_at, with},
    resource, state,
};
use crate::{Anchor, Finding};

/// The object that holds the list of [`read_by`].
pub(crate) const OBJECT: &str = "aws_s3_object.o";
/// A trusted list.
pub(crate) const TRUSTED: &str = "aws_guardduty_ipset.t";
/// A threat list.
pub(crate) const THREAT: &str = "aws_guardduty_threatintelset.t";
/// Every format that GuardDuty takes.
pub(crate) const FORMATS: [&str; 6] = ["TXT", "STIX", "OTX_CSV", "PROOF_POINT", "FIRE_EYE", "ALIEN_VAULT"];

/// A state with an object of these attributes and the sets that read it: addresses and formats.
pub(crate) fn read_by(sets: &[(&str, &str)], object: Value) -> Value {
    let mut resources = vec![resource(OBJECT, with(object_at("lists", "k"), object))];
    resources.extend(sets.iter().map(|(address, format)| {
        resource(address, with(set_at("s3://lists/k"), json!({ "format": format, "name": address })))
    }));
    state(&resources)
}

/// A state with an active trusted list of this format and content.
pub(crate) fn list_of(format: &str, text: &str) -> Value {
    read_by(&[(TRUSTED, format)], json!({ "content": text }))
}

/// A document of [`list_of`] or [`read_by`] whose content is marked sensitive.
pub(crate) fn kept_secret(mut state: Value) -> Value {
    state["resources"][0]["instances"][0]["sensitive_attributes"] =
        json!([[{ "type": "get_attr", "value": "content" }]]);
    state
}

/// A list with these entries in a format, an entry a line. The header, if the format has one, is the first line.
pub(crate) fn written(format: &str, entries: &[&str]) -> String {
    let (header, footer) = match format {
        "STIX" => (
            "<s:STIX_Package xmlns:s=\"http://stix.mitre.org/stix-1\" xmlns:a=\"http://cybox.mitre.org/objects#AddressObject-2\">\n",
            "</s:STIX_Package>\n",
        ),
        "OTX_CSV" => ("Indicator type, Indicator, Description\n", ""),
        "PROOF_POINT" => ("ip, category, score, first_seen, last_seen, ports (|)\n", ""),
        "FIRE_EYE" => ("reportId, title, cidr, ip, domain\n", ""),
        _ => ("", ""),
    };
    let row = |entry: &&str| match format {
        "STIX" => format!("<a:Address_Value>{entry}</a:Address_Value>\n"),
        "OTX_CSV" if entry.contains('/') => format!("CIDR, {entry}, example\n"),
        "OTX_CSV" => format!("IPv4, {entry}, example\n"),
        "PROOF_POINT" => format!("{entry}, 1, 100, 2000-01-01, 2000-01-02,\n"),
        "FIRE_EYE" if entry.contains('/') => format!("00-1, Example, {entry}, ,\n"),
        "FIRE_EYE" => format!("00-1, Example, , {entry},\n"),
        "ALIEN_VAULT" => format!("{entry}#4#2#Malicious Host#US##0.0,0.0#3\n"),
        _ => format!("{entry}\n"),
    };
    format!("{header}{}{footer}", entries.iter().map(row).collect::<Vec<_>>().concat())
}

impl Run {
    /// The lines of contents that the findings of one rule label, each once and in order, with the input and the pointer
    /// of the text.
    pub(crate) fn labelled(self, rule: &str) -> Vec<(usize, String, usize)> {
        let anchors = self.anchors(rule);
        let place = |anchor: Anchor| anchor.inner.map(|inner| (anchor.input, anchor.pointer, inner.line));
        let mut places: Vec<_> = anchors.into_iter().filter_map(place).collect();
        places.sort();
        places.dedup();
        places
    }

    /// The lines alone.
    pub(crate) fn lines(self, rule: &str) -> Vec<usize> {
        self.labelled(rule).into_iter().map(|(_, _, line)| line).collect()
    }

    /// Every text that the findings of one rule show: messages, helps, labels.
    pub(crate) fn texts(self, rule: &str) -> Vec<String> {
        let findings = self.report().findings.into_iter().filter(|finding| finding.rule.id == rule);
        let texts = |finding: Finding| {
            let labels = finding.related.into_iter().flat_map(|related| [related.message, related.anchor.label]);
            [finding.message, finding.help, finding.anchor.label].into_iter().chain(labels)
        };
        findings.flat_map(texts).collect()
    }

    /// With inputs that nobody named.
    pub(crate) fn found_by_a_walk(mut self) -> Self {
        for input in &mut self.inputs {
            input.named = false;
        }
        self
    }

    fn anchors(self, rule: &str) -> Vec<Anchor> {
        let findings = self.report().findings.into_iter().filter(|finding| finding.rule.id == rule);
        let anchors = |finding: Finding| {
            std::iter::once(finding.anchor).chain(finding.related.into_iter().map(|related| related.anchor))
        };
        findings.flat_map(anchors).collect()
    }
}
