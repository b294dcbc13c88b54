//! Rules, with their pages.

use serde::Serialize;
use tfduty_audit::{Certainty, Rule, Severity};

use super::{Message, limits};
use crate::{page, rule_url};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
pub(super) struct Configuration {
    pub(super) level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    precision: &'static str,
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
    tags: Vec<String>,
}

/// A rule, with the severity it has in this run: code scanning reads `security-severity` of the rule alone.
pub(super) fn descriptor(rule: &Rule, severity: Severity) -> Descriptor {
    let page = page(rule);
    Descriptor {
        id: rule.id,
        short_description: Message::new(rule.summary()),
        full_description: Message::new(why(rule)),
        help: Help { text: page.clone(), markdown: page },
        help_uri: rule_url(rule.id),
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Properties {
            precision: match rule.certainty {
                Certainty::Documented => "very-high",
                Certainty::Reasoned => "high",
            },
            security_severity: security_severity(severity),
            tags: tags(rule),
        },
    }
}

/// The `level` of a severity.
pub(super) fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "note",
    }
}

/// The score that code scanning makes one of its four words of. A watch that does not watch hands nobody the account: an
/// attack is still needed, which then goes unseen. So an error is `high` (from 7.0) and never `critical` (over 9.0), a watch
/// that is weakened `medium` (from 4.0), and advice `low`. Each is the middle of its range: there is nothing to tell two
/// rules of one severity apart by.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.5",
        Severity::Advice => "2.0",
    }
}

/// The first paragraph on why the rule matters, on one line; the rule's one sentence where there is none.
fn why(rule: &Rule) -> String {
    let page = rule.page();
    let section = page.split_once("## Why it matters\n\n").map_or(rule.summary(), |(_, section)| section);
    let paragraph = section.split("\n\n").next().unwrap_or_default();
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Family, certainty, and the controls of others that ask for the same. The tag `security` makes an alert a security
/// alert: what a destroy leaves behind is none.
fn tags(rule: &Rule) -> Vec<String> {
    let own = (rule.family() != "destroy").then_some("security");
    let certainty = match rule.certainty {
        Certainty::Documented => "documented",
        Certainty::Reasoned => "reasoned",
    };
    let own = own.into_iter().chain([rule.family(), certainty]).map(str::to_owned);
    let counterparts = rule.counterparts().iter().map(|counterpart| {
        let standard = counterpart.standard.to_string().to_lowercase().replace(' ', "-");
        format!("{standard}/{}", counterpart.id)
    });
    own.chain(counterparts).take(limits::TAGS).collect()
}
