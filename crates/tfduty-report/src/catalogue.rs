//! The rule table as JSON, for programs.

use serde::Serialize;
use tfduty_audit::{Certainty, Rule};

use crate::rule_url;

#[derive(Serialize)]
struct Entry {
    id: &'static str,
    summary: &'static str,
    severity: String,
    certainty: &'static str,
    commands: Vec<String>,
    url: Option<String>,
}

/// An array with one object for each rule: id, summary, severity, certainty (`documented` or `reasoned`), the commands it
/// runs in, and its page (`null` while the repository has no address). Ends with a newline.
pub fn rules_json(rules: &[&Rule]) -> String {
    let entries: Vec<Entry> = rules
        .iter()
        .map(|rule| Entry {
            id: rule.id,
            summary: rule.summary(),
            severity: rule.severity.to_string(),
            certainty: match rule.certainty {
                Certainty::Documented => "documented",
                Certainty::Reasoned => "reasoned",
            },
            commands: rule.commands.iter().map(ToString::to_string).collect(),
            url: rule_url(rule.id),
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&entries).unwrap_or_default();
    text.push('\n');
    text
}
