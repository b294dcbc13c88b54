//! `tfduty rules` and `tfduty explain`.

use std::{fmt::Write, process::ExitCode};

use tfduty_audit::{RULES, Rule, nearest_rule, rule};
use tfduty_terraform::escape;

use crate::{
    arguments::{RulesArguments, TableFormatArgument},
    output,
};

/// The rule table, or the schema of the report.
pub(crate) fn rules(arguments: &RulesArguments) -> ExitCode {
    if arguments.schema {
        return output::print(tfduty_report::SCHEMA.as_bytes(), ExitCode::SUCCESS);
    }
    let table = match arguments.format {
        TableFormatArgument::Human => table(),
        TableFormatArgument::Json => tfduty_report::rules_json(RULES),
    };
    output::print(table.as_bytes(), ExitCode::SUCCESS)
}

fn table() -> String {
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut table = String::new();
    for rule in RULES {
        let _ = writeln!(table, "{:width$}  {:7}  {}", rule.id, rule.severity.to_string(), rule.summary());
    }
    table
}

/// A rule's page.
pub(crate) fn explain(id: &str) -> ExitCode {
    if let Some(rule) = rule(id) {
        return output::print(page(rule).as_bytes(), ExitCode::SUCCESS);
    }
    let hint = match nearest_rule(id) {
        Some(rule) => format!("did you mean `{}`?", rule.id),
        None => "`tfduty rules` lists them".into(),
    };
    output::complain(&format!("error: no such rule: {}\n  help: {hint}", escape(id)));
    ExitCode::from(2)
}

/// The page without the documents that only tests read, and with what of other tools asks for the same.
fn page(rule: &Rule) -> String {
    let mut page = format!("# {} ({})\n\n", rule.id, rule.severity);
    let mut hidden = false;
    let mut blank = false;
    for line in rule.page().lines() {
        if line.starts_with("```json ") {
            hidden = true;
        } else if hidden {
            hidden = line != "```";
        } else if !(blank && line.is_empty()) {
            page.push_str(line);
            page.push('\n');
            blank = line.is_empty();
        }
    }
    let counterparts: Vec<String> = rule.counterparts().iter().map(ToString::to_string).collect();
    if !counterparts.is_empty() {
        let _ = writeln!(page, "\nAlso: {}", counterparts.join(", "));
    }
    page
}
