//! The rules that ran, with the pages of those that have something to say.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd, html::push_html};
use serde::Serialize;
use tfduty_audit::{Report, Rule, Tally};

use crate::rule_url;

/// How a rule judged, and its page.
#[derive(Serialize)]
struct RuleRow {
    id: &'static str,
    severity: String,
    summary: &'static str,
    passed: u64,
    failed: u64,
    undecided: u64,
    skipped: u64,
    url: Option<String>,
    /// Of a rule that failed or could not decide.
    page: Option<String>,
}

/// The rules of both reports, in the order of the catalogue.
#[derive(Serialize)]
pub(super) struct Rules {
    /// Those that failed or could not decide.
    telling: Vec<RuleRow>,
    silent: Vec<RuleRow>,
}

impl Rules {
    pub(super) fn of(main: &Report, destroy: Option<&Report>) -> Self {
        let of_destroy = destroy.into_iter().flat_map(|report| &report.rules);
        let added = of_destroy.filter(|tally| main.rules.iter().all(|known| known.rule != tally.rule));
        let rows = main.rules.iter().chain(added).map(row);
        let (telling, silent) = rows.partition(|row| row.page.is_some());
        Self { telling, silent }
    }
}

fn row(tally: &Tally) -> RuleRow {
    let Tally { rule, passed, failed, undecided, skipped } = *tally;
    RuleRow {
        id: rule.id,
        severity: rule.severity.to_string(),
        summary: rule.summary(),
        passed,
        failed,
        undecided,
        skipped,
        url: rule_url(rule.id),
        page: (failed + undecided > 0).then(|| page(rule)),
    }
}

/// The page of a rule as HTML, without its title. Pages are written in this repository: nothing in them comes from an
/// input.
fn page(rule: &Rule) -> String {
    let text = crate::page(rule);
    let body = text.split_once('\n').map_or("", |(_, body)| body);
    // The page stands below a heading of the third level.
    let lowered = Parser::new(body).map(|event| match event {
        Event::Start(Tag::Heading { id, classes, attrs, .. }) => {
            Event::Start(Tag::Heading { level: HeadingLevel::H4, id, classes, attrs })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(HeadingLevel::H4)),
        event => event,
    });
    let mut html = String::new();
    push_html(&mut html, lowered);
    html
}
