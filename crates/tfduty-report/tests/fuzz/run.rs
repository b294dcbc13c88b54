//! One input, judged as the binary judges it.

use tfduty_audit::{
    Beside, Command, Content, Estate, Input, Problem, Report, Settings, Verdict, audit, matrix, wiring,
};
use tfduty_report::{CoverageFormat, Format, HumanOptions, Options, Texts, write, write_coverage};
use tfduty_terraform::{Refusal, Sources, TextId};

use crate::laws;

/// A name that is one in no format by itself.
const PATH: &str = "a b/<x>%0A::plan.json";
const FORMATS: [Format; 7] =
    [Format::Human, Format::Json, Format::Sarif, Format::Junit, Format::Github, Format::Gitlab, Format::Markdown];

/// An estate of one input, and its report.
pub(crate) struct Run {
    estate: Estate,
    report: Report,
    text: String,
}

impl Texts for Run {
    fn text(&self, _: usize) -> Option<&str> {
        Some(&self.text)
    }

    fn source(&self, input: usize, text: TextId) -> Option<&str> {
        self.estate.source_text(input, text)
    }
}

fn settings(command: Command) -> Settings {
    Settings::new(command, "2026-11-24")
}

impl Run {
    pub(crate) fn of(command: Command, content: Content, text: String, sources: Option<Sources>) -> Self {
        let input = Input {
            path: PATH.into(),
            folder: String::new(),
            named: true,
            side: None,
            bytes: text.len() as u64,
            content,
            sources,
            source_folder: String::new(),
            beside: Beside::default(),
        };
        Self::new(Estate::new(command, vec![input], Vec::new(), Vec::new()), command, text)
    }

    /// The report of an input that is not audited.
    pub(crate) fn refused(command: Command, refusal: Refusal) -> Self {
        let Refusal { message, help, place, .. } = refusal;
        let problem = Problem { path: Some(PATH.into()), message, help, place };
        Self::new(Estate::new(command, Vec::new(), vec![problem], Vec::new()), command, String::new())
    }

    fn new(mut estate: Estate, command: Command, text: String) -> Self {
        let mut report = audit(&mut estate, &settings(command));
        if command == Command::Check {
            report.wiring = Some(wiring(&estate, &report));
        }
        Self { estate, report, text }
    }

    /// Checks the report and what each format makes of it. Gives what came out, in short.
    pub(crate) fn judged(self) -> (Verdict, Vec<(&'static str, bool)>, Vec<String>) {
        laws::of_report(&self.report, &self.text, &|input, text| self.source(input, text).map(str::to_owned));
        for format in FORMATS {
            let mut out = Vec::new();
            write(format, &self.report, &self, &Options::default(), &mut out).unwrap();
            laws::of_output(format, &self.report, str::from_utf8(&out).unwrap());
        }
        let Report { verdict, findings, problems, .. } = self.report;
        let mut said: Vec<_> = findings.iter().map(|one| (one.rule.id, one.suppressed.is_some())).collect();
        said.sort_unstable();
        said.dedup();
        (verdict, said, problems.into_iter().map(|problem| problem.message).collect())
    }

    /// Checks what `tfduty coverage` says of the same.
    pub(crate) fn covered(&self) {
        let matrix = matrix(&self.estate, &settings(Command::Coverage));
        for format in [CoverageFormat::Human, CoverageFormat::Json, CoverageFormat::Markdown] {
            let mut out = Vec::new();
            write_coverage(format, &matrix, &HumanOptions::default(), &mut out).unwrap();
            let out = String::from_utf8(out).unwrap();
            laws::assert_harmless(&out);
            if format == CoverageFormat::Json {
                serde_json::from_str::<serde_json::Value>(&out).unwrap();
            }
        }
    }
}
