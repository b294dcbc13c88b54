//! The pages of rules, as people read them.

use std::fmt::Write;

use tfduty_audit::Rule;

/// A rule's page in Markdown: its header, without the documents that only tests read, and with what of other tools asks
/// for the same. Ends with a newline.
pub fn page(rule: &Rule) -> String {
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
