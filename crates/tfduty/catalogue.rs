//! `tfduty rules` and `tfduty explain`.

use std::{fmt::Write, process::ExitCode};

use tfduty_audit::{RULES, nearest_rule, rule};
use tfduty_terraform::escape;

use crate::{
    arguments::{ExplainArguments, RulesArguments, TableFormatArgument},
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

/// A rule's page: laid out for a terminal, and in Markdown for a file or a program.
pub(crate) fn explain(arguments: &ExplainArguments) -> ExitCode {
    let id = &arguments.rule;
    if let Some(rule) = rule(id) {
        let color = output::color(arguments.color);
        let page = match output::width() {
            None if !color => tfduty_report::page(rule),
            width => tfduty_report::page_for_terminal(rule, width.unwrap_or(100), color),
        };
        return output::print(page.as_bytes(), ExitCode::SUCCESS);
    }
    let hint = match nearest_rule(id) {
        Some(rule) => format!("did you mean `{}`?", rule.id),
        None => "`tfduty rules` lists them".into(),
    };
    output::complain(&format!("error: no such rule: {}\n  help: {hint}", escape(id)));
    ExitCode::from(2)
}
