use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use quick_xml::{Reader, XmlVersion};
use tfduty_audit::{Finding, FindingVerdict, InputKind, Note, Problem, Severity, SuppressedBy, Suppression, Verdict};
use tfduty_terraform::Place;

use super::*;
use crate::{
    Format, HumanOptions,
    samples::{DETECTOR_DISABLED, LIST_ENTRY_PRIVATE, Sample, failure, hostile, notice, shown},
};

const PLAN: &str = "{\"a\":\n {\"enable\":false}}";

/// An element, with what is in it.
#[derive(Debug, Default, Clone)]
struct Node {
    name: String,
    attributes: BTreeMap<String, String>,
    children: Vec<Node>,
    text: String,
}

impl Node {
    fn at(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// The root of a document.
fn parse(text: &str) -> Node {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                let attributes = start.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let name = attribute.key.as_ref().to_owned();
                    (name, attribute.normalized_value(XmlVersion::Explicit1_0).unwrap().into_owned())
                });
                let name = start.name().as_ref().to_owned();
                open.push(Node { name, attributes: attributes.collect(), ..Node::default() });
            }
            Event::End(_) => {
                let node = open.pop().unwrap();
                open.last_mut().unwrap().children.push(node);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
            Event::GeneralRef(reference) => {
                let text = quick_xml::escape::resolve_xml_entity(&reference).unwrap();
                open.last_mut().unwrap().text.push_str(text);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    open.remove(0).children.into_iter().find(|node| !node.name.is_empty()).unwrap()
}

/// What the schema of Jenkins says of an element: its attributes, whether each must be there, and what may be in it.
struct Rule {
    attributes: BTreeMap<String, bool>,
    children: BTreeSet<String>,
}

fn schema() -> BTreeMap<String, Rule> {
    fn gather(node: &Node, rule: &mut Rule) {
        for child in &node.children {
            match (&*child.name, child.at("ref"), child.at("name")) {
                ("xs:attribute", _, name) => {
                    rule.attributes.insert(name.to_owned(), child.at("use") == "required");
                }
                ("xs:element", name, _) => {
                    rule.children.insert(name.to_owned());
                }
                _ => gather(child, rule),
            }
        }
    }
    let root = parse(include_str!("../../tests/schemas/junit-10.xsd"));
    let elements = root.all("xs:element").map(|element| {
        let mut rule = Rule { attributes: BTreeMap::new(), children: BTreeSet::new() };
        gather(element, &mut rule);
        (element.at("name").to_owned(), rule)
    });
    elements.collect()
}

fn check(node: &Node, schema: &BTreeMap<String, Rule>) {
    let rule = schema.get(&node.name).unwrap_or_else(|| panic!("no element {}", node.name));
    for name in node.attributes.keys() {
        assert!(rule.attributes.contains_key(name), "{}: {name}", node.name);
    }
    for (name, _) in rule.attributes.iter().filter(|(_, required)| **required) {
        assert!(node.attributes.contains_key(name), "{}: {name} is missing", node.name);
    }
    for child in &node.children {
        assert!(rule.children.contains(&child.name), "{} in {}", child.name, node.name);
        check(child, schema);
    }
}

/// What the schema of Ant asks for besides.
fn check_for_ant(root: &Node) {
    assert!(root.attributes.is_empty(), "{:?}", root.attributes);
    for (id, suite) in root.children.iter().enumerate() {
        assert_eq!(suite.at("id"), id.to_string());
        assert_eq!((suite.at("hostname"), suite.at("time")), ("localhost", "0"));
        assert!(!suite.at("name").is_empty() && !suite.at("package").is_empty());
        let timestamp = suite.at("timestamp").as_bytes();
        assert!(timestamp.len() == 19 && timestamp.ends_with(b"T00:00:00"), "{}", suite.at("timestamp"));
        let mut order: Vec<&str> = suite.children.iter().map(|child| &*child.name).collect();
        order.dedup();
        order.retain(|name| *name != "testcase");
        assert_eq!(order, ["properties", "system-out", "system-err"]);
        for case in suite.all("testcase") {
            assert!(case.children.len() <= 1, "{case:?}");
            assert!(!case.at("classname").is_empty() && case.at("time") == "0", "{case:?}");
            for outcome in &case.children {
                assert!(outcome.name == "skipped" || outcome.attributes.contains_key("type"), "{outcome:?}");
            }
        }
        let count = |name: &str| suite.all("testcase").filter(|case| case.all(name).next().is_some()).count();
        for (attribute, name) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
            assert_eq!(suite.at(attribute), count(name).to_string());
        }
        assert_eq!(suite.at("tests"), suite.all("testcase").count().to_string());
    }
}

/// The report, which fits both schemas and names no test case twice.
fn written(sample: &Sample, report: &Report) -> (String, Node) {
    let text = shown(Format::Junit, report, sample, HumanOptions::default());
    assert!(text.chars().all(|c| c == '\n' || !tfduty_terraform::is_hazard(c)), "{text}");
    let root = parse(&text);
    assert_eq!(root.name, "testsuites");
    check(&root, &schema());
    check_for_ant(&root);
    let mut names = BTreeSet::new();
    for case in root.children.iter().flat_map(|suite| suite.all("testcase")) {
        assert!(names.insert((case.at("classname"), case.at("name"))), "{case:?}");
    }
    (text, root)
}

fn sample() -> Sample {
    let mut sample = Sample::new(InputKind::Plan, "plan.json", PLAN);
    sample.source = Some("resource \"aws_x\" \"y\" {\n  enable = false\n}\n".into());
    sample
}

fn found(sample: &Sample, address: &str) -> Finding {
    failure(&DETECTOR_DISABLED, address, "it is <off>", sample.anchor("/a", "/a/enable", "off"))
}

#[test]
fn what_fails_passes_and_is_left_open() {
    let mut sample = sample();
    let mut error = found(&sample, "aws_x.y");
    error.source = Some(sample.place("main.tf", "enable = false"));
    let mut warning = failure(&LIST_ENTRY_PRIVATE, "aws_x.z", "private", sample.anchor("/a", "/a/enable", ""));
    warning.severity = Severity::Warning;
    let mut undecided = found(&sample, "aws_x.later");
    (undecided.verdict, undecided.address, undecided.region) = (FindingVerdict::Undecided, None, None);
    let mut suppressed = found(&sample, "aws_x.known");
    suppressed.suppressed =
        Some(Suppression { by: SuppressedBy::Comment, reason: "on purpose".into(), until: Some("2027-01-01".into()) });
    sample.findings = vec![error, warning, undecided, suppressed];
    let mut report = sample.report();
    report.preface = Some("a prediction".into());
    report.notes =
        vec![Note::new(Some("plan.json".into()), "x", "of the plan"), Note::new(Some("y.json".into()), "x", "skipped")];
    assert_snapshot!(written(&sample, &report).0, @r##"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="tfduty check" package="tfduty" id="0" timestamp="2026-11-24T00:00:00" hostname="localhost" tests="1" failures="0" errors="0" skipped="0" time="0">
        <properties>
          <property name="detector-disabled" value="1 passed, 1 failed, 0 undecided, 0 skipped"/>
        </properties>
        <testcase name="what passes" classname="tfduty.detector-disabled" time="0"/>
        <system-out>a prediction
    y.json: skipped</system-out>
        <system-err/>
      </testsuite>
      <testsuite name="plan.json" package="tfduty" id="1" timestamp="2026-11-24T00:00:00" hostname="localhost" tests="5" failures="2" errors="0" skipped="2" time="0">
        <properties>
          <property name="kind" value="plan"/>
          <property name="role" value="judged"/>
          <property name="format_version" value="1.2"/>
          <property name="terraform_version" value="1.11.4"/>
          <property name="resources" value="3"/>
        </properties>
        <testcase name="plan.json" classname="tfduty.input" time="0"/>
        <testcase name="aws_x.y" classname="tfduty.detector-disabled" time="0">
          <failure type="error" message="it is &lt;off&gt;">error[detector-disabled] aws_x.y
    main.tf:2:3
    it is &lt;off&gt;
    help: set enable = true</failure>
        </testcase>
        <testcase name="aws_x.z" classname="tfduty.list-entry-private" time="0">
          <failure type="warning" message="private">warning[list-entry-private] aws_x.z
    plan.json:2:12 (no line of a `.tf` file is known: this is the place in the input)
    private
    help: set enable = true</failure>
        </testcase>
        <testcase name="123456789012" classname="tfduty.detector-disabled" time="0">
          <skipped message="undecided: it is &lt;off&gt;"/>
        </testcase>
        <testcase name="aws_x.known" classname="tfduty.detector-disabled" time="0">
          <skipped message="suppressed by a comment until 2027-01-01: on purpose"/>
        </testcase>
        <system-out>of the plan</system-out>
        <system-err/>
      </testsuite>
    </testsuites>
    "##);
}

#[test]
fn problems_are_errors_of_their_files() {
    let sample = sample();
    let mut report = sample.report();
    report.verdict = Verdict::Error;
    let problem = |path: Option<&str>, message: &str| Problem {
        path: path.map(str::to_owned),
        message: message.into(),
        help: Some("mend it".into()),
        place: path.map(|_| Place { byte: 9, line: 4, column: 7 }),
    };
    report.problems = vec![
        problem(None, "no rule is left"),
        problem(Some("x.json"), "not JSON"),
        problem(Some("x.json"), "nor anything else"),
        problem(Some("plan.json"), "newer"),
    ];
    let (_, root) = written(&sample, &report);
    let cases = root.children.iter().flat_map(|suite| {
        suite.all("testcase").map(|case| {
            let error = case.all("error").next();
            let outcome = error.map(|error| (error.at("message"), &*error.text));
            (suite.at("name"), case.at("classname"), case.at("name"), outcome)
        })
    });
    assert_eq!(
        cases.collect::<Vec<_>>(),
        [
            (
                "tfduty check",
                "tfduty.input",
                "tfduty check",
                Some(("no rule is left", "no rule is left\nhelp: mend it"))
            ),
            ("tfduty check", "tfduty.detector-disabled", "what passes", None),
            ("plan.json", "tfduty.input", "plan.json", Some(("newer", "plan.json:4:7\nnewer\nhelp: mend it"))),
            ("x.json", "tfduty.input", "x.json", Some(("not JSON", "x.json:4:7\nnot JSON\nhelp: mend it"))),
            (
                "x.json",
                "tfduty.input",
                "x.json (2)",
                Some(("nor anything else", "x.json:4:7\nnor anything else\nhelp: mend it"))
            ),
        ]
    );
}

#[test]
fn subjects_of_one_name_are_told_apart_by_their_identity() {
    let mut sample = sample();
    let finding = |address: &str, fingerprint: &str| Finding {
        fingerprint: format!("sha256:{fingerprint}"),
        ..found(&sample, address)
    };
    sample.findings =
        vec![finding("aws_x.a", "0123456789"), finding("aws_x.a", "abcdef0123"), finding("aws_x.b", "99887766")];
    let (_, root) = written(&sample, &sample.report());
    let names: Vec<&str> = root.children[1].all("testcase").map(|case| case.at("name")).collect();
    assert_eq!(names, ["plan.json", "aws_x.a [01234567]", "aws_x.a [abcdef01]", "aws_x.b"]);
}

#[test]
fn a_note_that_counts_is_a_failure_of_the_run() {
    let sample = sample();
    let mut report = sample.report();
    report.notes = vec![notice()];
    let (text, root) = written(&sample, &report);
    let case = root.children[0].all("testcase").find(|case| case.at("classname") == "tfduty.ignore-expired").unwrap();
    assert_eq!(case.all("failure").next().unwrap().at("type"), "warning");
    assert!(case.at("name").starts_with("main.tf:3 the ignore ran out"), "{text}");
    assert!(!text.contains("<system-out>"), "{text}");
}

#[test]
fn hostile_names_stay_text() {
    let (sample, report) = hostile();
    let (text, root) = written(&sample, &report);
    assert!(!text.contains("]]>") && !text.contains("<script>"), "{text}");
    let escaped = clean(crate::samples::HOSTILE);
    let failure =
        root.children.iter().flat_map(|suite| suite.all("testcase")).find_map(|case| case.all("failure").next());
    assert_eq!(failure.unwrap().at("message"), escaped);
    let noncharacters = failure_with("\u{fffe}\u{ffff}\u{0}\t");
    assert!(noncharacters.contains("message=\"\u{fffd}\u{fffd}\\u{0}\\t\""), "{noncharacters}");
}

/// The report of a failure with a message.
fn failure_with(message: &str) -> String {
    let mut sample = sample();
    let anchor = sample.anchor("/a", "/a/enable", "");
    sample.findings = vec![failure(&DETECTOR_DISABLED, "aws_x.y", message, anchor)];
    written(&sample, &sample.report()).0
}

#[test]
fn a_date_that_is_none_is_no_timestamp() {
    assert_eq!(timestamp("2026-11-24"), "2026-11-24T00:00:00");
    for today in ["", "yesterday", "2026-11-2\u{e9}", "2026/11/24"] {
        assert_eq!(timestamp(today), "1970-01-01T00:00:00", "{today}");
    }
}
