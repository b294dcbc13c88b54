//! `--format junit`: JUnit XML, for the test reports of CI servers.
//!
//! There is no one standard of it, so this keeps to what the schemas of Ant and of Jenkins both take. An input is a suite,
//! and what a rule says of one subject in it a test case. What passes is only counted, by rule and over all inputs
//! together: those test cases are in a suite of the run's own, one for each rule.

mod suites;

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};
use tfduty_audit::Report;
use tfduty_terraform::escape;

use self::suites::{Case, Outcome, Suite, suites};
use crate::Texts;

/// Writes a suite for the run, and one for each file.
pub(crate) fn write(report: &Report, texts: &dyn Texts, out: &mut dyn io::Write) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.write_event(Event::Start(BytesStart::new("testsuites")))?;
    let timestamp = timestamp(&report.today);
    for (id, suite) in suites(report, texts).iter().enumerate() {
        write_suite(&mut writer, (id, suite), &timestamp)?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    out.write_all(b"\n")
}

/// The run's date; a report is the same whenever it is made.
fn timestamp(today: &str) -> String {
    let is_date = today.len() == 10
        && today
            .chars()
            .enumerate()
            .all(|(index, c)| if matches!(index, 4 | 7) { c == '-' } else { c.is_ascii_digit() });
    format!("{}T00:00:00", if is_date { today } else { "1970-01-01" })
}

fn write_suite<W: io::Write>(writer: &mut Writer<W>, (id, suite): (usize, &Suite), timestamp: &str) -> io::Result<()> {
    let count = |is_one: fn(&Outcome) -> bool| suite.cases.iter().filter(|case| is_one(&case.outcome)).count();
    let element = element(
        "testsuite",
        &[
            ("name", &suite.name),
            ("package", "tfduty"),
            ("id", &id.to_string()),
            ("timestamp", timestamp),
            ("hostname", "localhost"),
            ("tests", &suite.cases.len().to_string()),
            ("failures", &count(|outcome| matches!(outcome, Outcome::Failed { .. })).to_string()),
            ("errors", &count(|outcome| matches!(outcome, Outcome::Error { .. })).to_string()),
            ("skipped", &count(|outcome| matches!(outcome, Outcome::Skipped { .. })).to_string()),
            ("time", "0"),
        ],
    );
    writer.write_event(Event::Start(element))?;
    writer.write_event(Event::Start(BytesStart::new("properties")))?;
    for (name, value) in &suite.properties {
        writer.write_event(Event::Empty(self::element("property", &[("name", name), ("value", value)])))?;
    }
    writer.write_event(Event::End(BytesEnd::new("properties")))?;
    for case in &suite.cases {
        write_case(writer, case)?;
    }
    let notes = suite.notes.iter().map(|note| clean(note)).collect::<Vec<_>>().join("\n");
    write_text(writer, BytesStart::new("system-out"), &notes)?;
    write_text(writer, BytesStart::new("system-err"), "")?;
    writer.write_event(Event::End(BytesEnd::new("testsuite")))
}

fn write_case<W: io::Write>(writer: &mut Writer<W>, case: &Case) -> io::Result<()> {
    let start = element("testcase", &[("name", &case.name), ("classname", &case.class), ("time", "0")]);
    if case.outcome == Outcome::Passed {
        return writer.write_event(Event::Empty(start));
    }
    writer.write_event(Event::Start(start))?;
    match &case.outcome {
        Outcome::Passed => {}
        Outcome::Skipped { why } => {
            writer.write_event(Event::Empty(element("skipped", &[("message", why)])))?;
        }
        Outcome::Failed { severity, message, lines } => {
            write_lines(writer, element("failure", &[("type", severity), ("message", message)]), lines)?;
        }
        Outcome::Error { message, lines } => {
            write_lines(writer, element("error", &[("type", "problem"), ("message", message)]), lines)?;
        }
    }
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

fn write_lines<W: io::Write>(writer: &mut Writer<W>, start: BytesStart<'_>, lines: &[String]) -> io::Result<()> {
    let text = lines.iter().map(|line| clean(line)).collect::<Vec<_>>().join("\n");
    write_text(writer, start, &text)
}

/// An element with nothing but text in it.
fn write_text<W: io::Write>(writer: &mut Writer<W>, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return writer.write_event(Event::Empty(start));
    }
    let end = start.to_end().into_owned();
    writer.write_event(Event::Start(start.borrow()))?;
    writer.write_event(Event::Text(BytesText::new(text)))?;
    writer.write_event(Event::End(end))
}

/// An element with attributes.
fn element<'a>(name: &'a str, attributes: &[(&str, &str)]) -> BytesStart<'a> {
    let mut element = BytesStart::new(name);
    for (name, value) in attributes {
        element.push_attribute((*name, &*clean(value)));
    }
    element
}

/// A text that may stand in XML 1.0, on one line: control characters show as escapes, and the two code points that are no
/// characters as what stands for one.
fn clean(text: &str) -> String {
    match escape(text) {
        text if text.is_ascii() => text.into_owned(),
        text => text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}"),
    }
}

#[cfg(test)]
mod tests;
