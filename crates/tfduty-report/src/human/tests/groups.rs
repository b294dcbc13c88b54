//! Findings of one block, and long names of them.

use insta::assert_snapshot;
use tfduty_audit::Finding;

use super::disabled;
use crate::{HumanOptions, samples::human};

#[test]
fn instances_of_one_block_are_one_diagnostic() {
    let mut sample = disabled();
    let first = sample.findings[0].clone();
    let address = |address: &str| Finding { address: Some(address.into()), ..first.clone() };
    sample.findings = (0..13).map(|index| address(&format!("module.m.aws_x.y[{index}]"))).collect();
    // Two causes in one instance, and one of another block, stand for themselves.
    sample.findings.push(address("module.m.aws_x.y[0]"));
    sample.findings.push(address("module.m.aws_x.z[\"k\"]"));
    sample.findings.push(address("module.m.aws_x.z[\"\u{1b}[2J\"] (deposed 701a98cd)"));
    let report = sample.report();
    let shown = human(&report, &sample, HumanOptions::default());
    let notes: Vec<_> = shown.lines().filter(|line| !line.contains(['│', '·', '─'])).collect();
    assert_snapshot!(notes.join("\n"), @r#"
    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
      help: set enable = true
      note: and 12 more instances: [1], [2], [3], [4], [5], [6], [7], [8], [9], [10], and 2 others

    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
      help: set enable = true

    error[detector-disabled]

      × GuardDuty is suspended in account 123456789012, eu-west-1: this detector analyses nothing
      help: set enable = true
      note: and 1 more instance: ["\u001b[2J"] (deposed 701a98cd)

    fail: 16 errors; 1 detector, 2 lists, 2 checks
    "#);
}

#[test]
fn instances_of_one_block_in_several_calls_of_its_module_are_one_diagnostic() {
    let mut sample = disabled();
    let first = sample.findings[0].clone();
    let finding = |address: &str, block: Option<&str>| Finding {
        address: Some(address.into()),
        block: block.map(str::to_owned),
        ..first.clone()
    };
    let mut notes = |findings: Vec<Finding>| -> Vec<String> {
        sample.findings = findings;
        let shown = human(&sample.report(), &sample, HumanOptions::default());
        shown.lines().filter_map(|line| line.trim().strip_prefix("note: ")).map(str::to_owned).collect()
    };
    let block = Some("aws_x.y modules/baseline");
    let calls = || ["module.eu.aws_x.y[0]", "module.eu.aws_x.y[1]", "module.us.aws_x.y[1]"];
    // The key alone tells what is beside the first, and nothing else.
    let of_block = calls().map(|address| finding(address, block)).to_vec();
    assert_eq!(notes(of_block), ["and 2 more instances: [1], module.us.aws_x.y[1]"]);
    // Of a state nobody knows what module a call takes.
    assert_eq!(notes(calls().map(|address| finding(address, None)).to_vec()), ["and 1 more instance: [1]"]);
    // Another block, or another module.
    let others = ["aws_x.z modules/baseline", "aws_x.y modules/other"];
    let others = others.map(|block| finding("module.us.aws_x.y[1]", Some(block)));
    assert!(notes([&[finding(calls()[0], block)], &others[..]].concat()).is_empty());
}

#[test]
fn what_is_longer_than_a_line_is_never_broken() {
    let long = |name: &str| format!("module.{}.aws_guardduty_detector.{name}", "a_long_name_".repeat(12));
    let mut sample = disabled();
    let mut finding = sample.findings[0].clone();
    finding.message = format!("nothing reads what {} makes", long("message"));
    finding.help = format!("look at {}", long("help"));
    finding.anchor.label = format!("see {}", long("label"));
    let other = |name: &str| Finding { address: Some(long(name)), block: Some("b".into()), ..finding.clone() };
    sample.findings = vec![other("first"), other("second"), other("third")];
    let shown = sample.human(HumanOptions { width: 80, ..HumanOptions::default() });
    for name in ["message", "help", "label", "second", "third"] {
        assert!(shown.contains(&long(name)), "{name}: {shown}");
    }
}
