//! The wiring as a Mermaid flowchart, which GitHub and GitLab draw in comments.

use std::fmt::Write;

use tfduty_audit::{Finding, Told, Wiring};
use tfduty_terraform::escape;

/// Characters of a name: an address without an end would push everything else out of the picture.
const LONGEST: usize = 120;

/// A flowchart: what holds is a plain arrow, what is undecided a dotted one, what is broken a red one that ends in a cross,
/// with the rule that says so. Ends with a newline.
pub(crate) fn flowchart(wiring: &Wiring, findings: &[Finding]) -> String {
    let rule = |told: Told| told.finding().and_then(|finding| findings.get(finding)).map(|finding| finding.rule.id);
    let mut text = String::from("flowchart LR\n");
    for (index, node) in wiring.nodes.iter().enumerate() {
        let rule = rule(node.told).map(|rule| format!("<br>{rule}")).unwrap_or_default();
        let (open, close) = if node.is_object { ("[", "]") } else { ("([", "])") };
        let class = match node.told {
            Told::Holds | Told::Advised(_) => "",
            Told::Undecided(_) => ":::undecided",
            Told::Broken(_) => ":::broken",
        };
        let _ = writeln!(text, "  n{index}{open}\"{}{rule}\"{close}{class}", label(&node.name));
    }
    let mut broken = Vec::new();
    for (index, link) in wiring.links.iter().enumerate() {
        let arrow = match link.told {
            Told::Holds | Told::Advised(_) => "-->",
            Told::Undecided(_) => "-.->",
            Told::Broken(_) => {
                broken.push(index.to_string());
                "--x"
            }
        };
        let rule = rule(link.told).map(|rule| format!("<br>{rule}")).unwrap_or_default();
        let _ = writeln!(text, "  n{} {arrow}|\"{}{rule}\"| n{}", link.from, link.what, link.to);
    }
    text.push_str("  classDef broken stroke:#d1242f,stroke-width:2px\n  classDef undecided stroke-dasharray:4\n");
    if !broken.is_empty() {
        let _ = writeln!(text, "  linkStyle {} stroke:#d1242f,stroke-width:2px", broken.join(","));
    }
    text
}

/// A name within quotes. What is no letter and no digit could be Mermaid's or HTML's: but for what addresses and ARNs are
/// made of it becomes an entity, as Mermaid writes them.
fn label(name: &str) -> String {
    let name = escape(name);
    let mut label = String::new();
    for c in name.chars().take(LONGEST) {
        if c.is_alphanumeric() || " ._-/:".contains(c) {
            label.push(c);
        } else {
            let _ = write!(label, "#{};", u32::from(c));
        }
    }
    if name.chars().nth(LONGEST).is_some() {
        label.push('…');
    }
    label
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use tfduty_audit::{WiringLink, WiringNode};

    use super::*;
    use crate::samples::{HOSTILE, hostile};

    fn node(name: &str, is_object: bool, told: Told) -> WiringNode {
        WiringNode { name: name.to_owned(), is_object, told }
    }

    #[test]
    fn links_look_as_they_are() {
        let wiring = Wiring {
            nodes: vec![
                node("aws_guardduty_ipset.a[\"x\"]", true, Told::Holds),
                node("no object", false, Told::Holds),
                node("aws_s3_object.b", true, Told::Broken(0)),
            ],
            links: vec![
                WiringLink { from: 0, to: 1, what: "reads", told: Told::Broken(0) },
                WiringLink { from: 0, to: 2, what: "reads", told: Told::Undecided(0) },
                WiringLink { from: 2, to: 1, what: "lies in", told: Told::Holds },
            ],
        };
        assert_snapshot!(flowchart(&wiring, &hostile().1.findings), @r##"
        flowchart LR
          n0["aws_guardduty_ipset.a#91;#34;x#34;#93;"]
          n1(["no object"])
          n2["aws_s3_object.b<br>detector-disabled"]:::broken
          n0 --x|"reads<br>detector-disabled"| n1
          n0 -.->|"reads<br>detector-disabled"| n2
          n2 -->|"lies in"| n1
          classDef broken stroke:#d1242f,stroke-width:2px
          classDef undecided stroke-dasharray:4
          linkStyle 0 stroke:#d1242f,stroke-width:2px
        "##);
    }

    #[test]
    fn a_hostile_name_stays_a_name() {
        let name = format!("{HOSTILE}\"] --> n9\n%%{{init: x}}%% ``` <script>{}", "é".repeat(500));
        let wiring = Wiring { nodes: vec![node(&name, true, Told::Holds)], links: Vec::new() };
        let text = flowchart(&wiring, &[]);
        let line = text.lines().nth(1).unwrap();
        assert_eq!(line.matches('"').count(), 2, "{line}");
        for piece in ["`", "%", "<", ">", "{", "]]"] {
            assert!(!line[6..line.len() - 2].contains(piece), "{piece}: {line}");
        }
        assert_eq!(text.lines().count(), 4);
    }
}
