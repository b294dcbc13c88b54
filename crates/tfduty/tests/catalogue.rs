//! The catalogue as users and programs read it: `tfduty rules` and `tfduty explain`.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod common;

use common::{fixtures, tfduty};
use serde_json::{Value, json};

fn rules() -> Vec<Value> {
    let run = tfduty(&fixtures(), &["rules", "--format", "json"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    serde_json::from_str(&run.stdout).unwrap()
}

fn page(rule: &str) -> String {
    let run = tfduty(&fixtures(), &["explain", rule]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{rule}");
    run.stdout
}

#[test]
fn the_table_names_for_each_rule_what_others_ask_for() {
    let rules = rules();
    let standards = |id: &str| &rules.iter().find(|rule| rule["id"] == id).unwrap()["standards"];
    let security_hub = json!({ "standard": "Security Hub", "id": "GuardDuty.1", "note": null });
    assert_eq!(standards("detector-disabled")[0], security_hub);
    let checkov = json!({ "standard": "checkov", "id": "CKV2_AWS_3", "note": "also asks for the detector beside it" });
    assert_eq!(standards("org-auto-enable-off")[0], checkov);
    assert_eq!(standards("detector-drift"), &json!([]));
}

#[test]
fn a_page_ends_with_what_others_ask_for_where_there_is_any() {
    for rule in rules() {
        let page = page(rule["id"].as_str().unwrap());
        let last = page.lines().last().unwrap();
        let standards = rule["standards"].as_array().unwrap();
        assert_eq!(last.starts_with("Also: "), !standards.is_empty(), "{page}");
        assert_eq!(page.matches("Also: ").count(), usize::from(!standards.is_empty()), "{page}");
        for counterpart in standards {
            let name =
                format!("{} `{}`", counterpart["standard"].as_str().unwrap(), counterpart["id"].as_str().unwrap());
            assert!(last.contains(&name), "{name}: {last}");
        }
    }
}

#[test]
fn a_page_is_laid_out_in_colours_and_else_is_markdown() {
    let run = tfduty(&fixtures(), &["explain", "list-inactive", "--color", "always"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.starts_with("\u{1b}[1mlist-inactive (warning)\u{1b}[0m\n\n"), "{}", run.stdout);
    assert!(run.stdout.contains("\n    resource \"aws_guardduty_ipset\""), "{}", run.stdout);
    let page = page("list-inactive");
    assert!(page.starts_with("# list-inactive (warning)\n") && page.contains("\n```hcl\n"), "{page}");
}
