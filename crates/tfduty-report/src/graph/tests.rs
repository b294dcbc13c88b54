use insta::assert_snapshot;
use tfduty_audit::{
    Finding, MOST_DRAWN, NodeKind, Report, Standing, Told, Wiring, WiringLink, WiringNode, WiringPlace,
};

use super::{GraphFormat, dot, flowchart, write_graph};
use crate::samples::{HOSTILE, hostile};

/// Names that mean something to Mermaid, Graphviz, HTML, Markdown or a terminal.
const NAMES: &[&str] = &[
    HOSTILE,
    "a\"] --> n9[\"b",
    "end",
    "click n0 \"javascript:alert(1)\"",
    "%%{init: {\"securityLevel\": \"loose\"}}%%",
    "<img src=x onerror=alert(1)></script>",
    "a\\",
    "\\\"; n9 -> n8; \"",
    "a\nb\rc\u{0}d\u{7f}e",
    "]",
    "&lt;b&gt;&#x27;",
    "#quot;#35;",
    "\\N\\G\\E\\T",
    "`x` **y** _z_",
    "1. x",
    "- x",
    "\u{202e}gnp.exe\u{2028}\u{feff}",
    "}",
    "|",
    ";",
    ":::broken",
];

fn told(standing: Standing, findings: &[usize]) -> Told {
    Told { standing, findings: findings.to_vec() }
}

fn node(name: &str, kind: NodeKind, told: Told) -> WiringNode {
    let resource_type = name.split_once('.').map(|(resource_type, _)| resource_type.to_owned());
    WiringNode { name: name.to_owned(), kind, resource_type, place: WiringPlace::default(), told }
}

fn link(from: usize, to: usize, told: Told) -> WiringLink {
    WiringLink { from, to, what: "reads", by: None, count: 1, told }
}

/// A wiring whose every name is hostile, in places whose every name is.
fn hostile_wiring() -> Wiring {
    let node = |name: &&str| {
        let place = WiringPlace {
            account: Some((*name).to_owned()),
            region: Some((*name).to_owned()),
            path: Some((*name).to_owned()),
            module: (*name).to_owned(),
        };
        WiringNode { place, ..node(name, NodeKind::Object, told(Standing::Broken, &[0])) }
    };
    // Twice, so that there are frames around modules too.
    let nodes: Vec<WiringNode> = NAMES.iter().chain(NAMES).map(node).collect();
    let links = (1..nodes.len()).map(|to| link(0, to, told(Standing::Broken, &[0, 1]))).collect();
    Wiring { nodes, links }
}

fn findings() -> Vec<Finding> {
    hostile().1.findings
}

/// The five looks of a link.
fn looks() -> Wiring {
    Wiring {
        nodes: vec![
            node("aws_guardduty_ipset.a[\"x\"]", NodeKind::Object, Told::default()),
            node("no object list.txt", NodeKind::Missing, Told::default()),
            node("aws_s3_bucket.b", NodeKind::Object, told(Standing::Broken, &[0])),
            node("bucket lists", NodeKind::Outside, Told::default()),
            node("an object that is not known", NodeKind::Unknown, Told::default()),
        ],
        links: vec![
            link(0, 1, told(Standing::Broken, &[0])),
            link(0, 2, told(Standing::Undecided, &[0])),
            link(2, 3, told(Standing::Holds, &[])),
            link(0, 4, Told::default()),
        ],
    }
}

/// Findings with a short message.
fn plain() -> Vec<Finding> {
    let mut findings = findings();
    findings.truncate(1);
    findings[0].message = "no object in bucket `lists` has the key `list.txt`".into();
    findings
}

#[test]
fn links_look_as_they_are_in_mermaid() {
    assert_snapshot!(flowchart(&looks(), &plain()), @r##"
    flowchart LR
      n0["aws_guardduty_ipset.a#91;#34;x#34;#93;"]
      n1(["no object list.txt<br>✗ missing"]):::broken
      n2[("aws_s3_bucket.b<br>✗ detector-disabled")]:::broken
      n3(["bucket lists<br>outside the inputs"]):::outside
      n4(["an object that is not known<br>? not known"]):::undecided
      n0 --x|"reads<br>✗ detector-disabled<br>no object in bucket #96;lists#96; has the key #96;list.txt#96;"| n1
      n0 -.->|"reads<br>✗ detector-disabled"| n2
      n2 -->|"reads ✓"| n3
      n0 -->|"reads"| n4
      classDef broken stroke:#d1242f,stroke-width:3px
      classDef undecided stroke:#9a6700,stroke-width:2px,stroke-dasharray:6 3
      classDef outside stroke-dasharray:2 2
      linkStyle 2 stroke:#1a7f37
      linkStyle 1 stroke:#9a6700,stroke-width:2px
      linkStyle 0 stroke:#d1242f,stroke-width:3px
    "##);
}

#[test]
fn links_look_as_they_are_in_dot() {
    assert_snapshot!(dot::digraph(&looks(), &plain()), @r##"
    digraph wiring {
      rankdir=LR;
      node [fontname="Helvetica", fontsize=11, shape=box, style=rounded];
      edge [fontname="Helvetica", fontsize=10];
      n0 [label="aws_guardduty_ipset.a[\"x\"]"];
      n1 [label="no object list.txt\n✗ missing", style="rounded,dashed", penwidth=3, color="#d1242f"];
      n2 [label="aws_s3_bucket.b\n✗ detector-disabled", shape=cylinder, style="", penwidth=3, color="#d1242f", tooltip="detector-disabled: no object in bucket `lists` has the key `list.txt`"];
      n3 [label="bucket lists\noutside the inputs", style="rounded,dotted"];
      n4 [label="an object that is not known\n? not known", style=dashed, color="#9a6700"];
      n0 -> n1 [label="reads\n✗ detector-disabled\nno object in bucket `lists` has the key\n`list.txt`", style=bold, penwidth=3, color="#d1242f", fontcolor="#d1242f", arrowhead=tee, edgetooltip="detector-disabled: no object in bucket `lists` has the key `list.txt`"];
      n0 -> n2 [label="reads\n✗ detector-disabled", style=dashed, color="#9a6700", fontcolor="#9a6700", arrowhead=empty, edgetooltip="detector-disabled: no object in bucket `lists` has the key `list.txt`"];
      n2 -> n3 [label="reads ✓", color="#1a7f37"];
      n0 -> n4 [label="reads"];
    }
    "##);
}

#[test]
fn an_empty_wiring_is_still_a_picture() {
    assert_eq!(flowchart(&Wiring::default(), &[]), "flowchart LR\n  n0([\"nothing to draw\"])\n");
    assert!(
        dot::digraph(&Wiring::default(), &[])
            .ends_with("  n0 [label=\"nothing to draw\", style=\"rounded,dotted\"];\n}\n")
    );
}

/// A line of a chart without what stands between quotes; whether that is harmless.
fn without_labels(line: &str) -> (String, bool) {
    let parts: Vec<&str> = line.split('"').collect();
    let bare: Vec<&str> = parts.iter().copied().step_by(2).collect();
    let is_harmless = |label: &&str| {
        label.replace("<br>", "").split('#').enumerate().all(|(place, piece)| {
            let rest = if place == 0 {
                Some(piece)
            } else {
                piece.split_once(';').filter(|(code, _)| code.parse::<u32>().is_ok()).map(|(_, rest)| rest)
            };
            rest.is_some_and(|rest| rest.chars().all(|c| c.is_alphanumeric() || " ,._-/:?✓✗×…".contains(c)))
        })
    };
    (bare.join("\"\""), parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(is_harmless))
}

#[test]
fn a_hostile_name_stays_a_name_in_mermaid() {
    let chart = flowchart(&hostile_wiring(), &findings());
    for line in chart.lines() {
        let (bare, is_harmless) = without_labels(line);
        assert!(is_harmless, "{line}");
        let bare = bare.trim();
        let is_ours = ["flowchart LR", "direction LR", "end"].contains(&bare)
            || ["classDef ", "linkStyle "].iter().any(|word| bare.starts_with(word))
            || bare.strip_prefix('f').is_none()
                && bare
                    .replace(|c: char| c.is_ascii_digit(), "")
                    .trim_end_matches(":::broken")
                    .chars()
                    .all(|c| "subgraph fn[]{}()\"|-x> ".contains(c));
        assert!(is_ours, "{line}");
    }
    let count = |start: &str| chart.lines().filter(|line| line.trim_start().starts_with(start)).count();
    assert_eq!(count("subgraph "), count("end"));
}

#[test]
fn a_hostile_name_stays_a_name_in_dot() {
    let graph = dot::digraph(&hostile_wiring(), &findings());
    let mut bare = String::new();
    let mut rest = graph.chars();
    while let Some(c) = rest.next() {
        bare.push(c);
        if c != '"' {
            continue;
        }
        // Between quotes: a backslash takes the next character along.
        loop {
            match rest.next().unwrap() {
                '"' => break,
                '\\' => assert!(['\\', '"', 'n'].contains(&rest.next().unwrap())),
                c => assert!(!c.is_control(), "{c:?}"),
            }
        }
    }
    let words = |c: char| c.is_ascii_alphanumeric() || " \n_=,;{}[]->\"".contains(c);
    assert!(bare.chars().all(words), "{bare}");
    let edges = bare.lines().filter(|line| line.contains(" -> ")).count();
    assert!(edges <= MOST_DRAWN && edges > 0, "{bare}");
}

#[test]
fn json_has_every_name_as_it_is_and_nothing_that_moves_a_cursor() {
    let (_, report) = hostile();
    let wiring = hostile_wiring();
    let report = Report { wiring: Some(wiring.clone()), ..report };
    let mut bytes = Vec::new();
    write_graph(GraphFormat::Json, &report, Some(HOSTILE), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.chars().all(|c| c == '\n' || !tfduty_terraform::is_hazard(c)));
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["around"], HOSTILE);
    let names: Vec<&str> =
        document["nodes"].as_array().unwrap().iter().map(|node| node["name"].as_str().unwrap()).collect();
    assert_eq!(names, wiring.nodes.iter().map(|node| node.name.as_str()).collect::<Vec<_>>());
}

#[test]
fn a_picture_stays_small_enough_to_be_drawn() {
    let name = "é\"".repeat(500);
    let nodes: Vec<WiringNode> = (0..5_000)
        .map(|index| {
            let place = WiringPlace { account: Some(format!("{index}{name}")), ..WiringPlace::default() };
            WiringNode { place, ..node(&name, NodeKind::Object, told(Standing::Broken, &[0])) }
        })
        .collect();
    let links = (1..nodes.len()).map(|to| link(to - 1, to, Told::default())).collect();
    let wiring = Wiring { nodes, links };
    let chart = flowchart(&wiring, &findings());
    assert!(chart.len() < 50_000, "{}", chart.len());
    assert!(chart.lines().count() < 500, "{}", chart.lines().count());
}
