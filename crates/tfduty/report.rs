//! `tfduty report`: plans and states to one HTML page.

use std::{path::Path, process::ExitCode};

use tfduty_audit::{Command, Estate, Matrix, Problem, Report, audit, matrix, wiring};
use tfduty_report::{HtmlReport, html, summary_line};

use crate::{
    arguments::ReportArguments,
    documents::{self, Loaded},
    inputs::{Request, STDIN},
    output,
    run::{begin, fail, texts},
    texts::LoadedTexts,
};

/// What one command says of the inputs.
struct Audited {
    report: Report,
    texts: LoadedTexts,
}

/// Audits the inputs, writes the page, and gives the exit status.
pub(crate) fn run(arguments: &ReportArguments) -> ExitCode {
    let (mut main, destroy, matrix) = judged(arguments);
    let page = HtmlReport {
        main: (&main.report, &main.texts),
        destroy: destroy.as_ref().map(|its| (&its.report, &its.texts as _)),
        matrix: &matrix,
    };
    let mut bytes = Vec::new();
    if let Err(error) = html(&page, &mut bytes) {
        output::complain(&format!("the report cannot be made: {error}"));
        return ExitCode::from(2);
    }
    finish(arguments, &mut main.report, &bytes)
}

/// What the page is about: what `check` says, with what `destroy` says of the destroy plans among the inputs; or the latter
/// alone, where there is nothing else to judge.
fn judged(arguments: &ReportArguments) -> (Audited, Option<Audited>, Matrix) {
    let (mut settings, problems) = begin(Command::Check, &arguments.judging);
    settings.is_partial |= arguments.documents.hook;
    let mut loaded = load(Command::Check, arguments, problems);
    // Standard input can be read once: a destroy plan there is refused, as by `check`.
    let is_rereadable = arguments.documents.inputs.iter().all(|path| path != Path::new(STDIN));
    let has_destroy = is_rereadable && loaded.estate.admit_destroy_plans();
    let is_judged = loaded.estate.judges_anything();
    let mut matrix = matrix(&loaded.estate, &settings);
    if has_destroy && !is_judged {
        matrix.rows.clear();
        return (destroy(arguments), None, matrix);
    }
    let checked = audited(loaded, |estate| {
        let mut report = audit(estate, &settings);
        report.wiring = Some(wiring(estate, &report));
        report
    });
    (checked, has_destroy.then(|| destroy(arguments)), matrix)
}

/// Writes the page, and says what it says in a line.
fn finish(arguments: &ReportArguments, report: &mut Report, bytes: &[u8]) -> ExitCode {
    let for_stdout = arguments.output == Path::new(STDIN);
    let mut written = Ok(());
    if !for_stdout {
        written = output::write_file(&arguments.output, bytes);
    }
    for problem in report.problems.iter().chain(written.as_ref().err()) {
        output::complain_of(problem);
    }
    let is_written = written.is_ok();
    if let Err(problem) = written {
        fail(report, problem);
    }
    let status = ExitCode::from(report.exit_status());
    if for_stdout {
        return output::print(bytes, status);
    }
    let mut said = format!("{}\n", summary_line(report));
    if is_written && !arguments.judging.terminal.quiet {
        let path = tfduty_terraform::escape(arguments.output.to_string_lossy()).into_owned();
        said = format!("written: {path}\n{said}");
    }
    output::print(said.as_bytes(), status)
}

/// What `destroy` says of the same inputs.
fn destroy(arguments: &ReportArguments) -> Audited {
    let (mut settings, problems) = begin(Command::Destroy, &arguments.judging);
    settings.is_partial |= arguments.documents.hook;
    audited(load(Command::Destroy, arguments, problems), |estate| audit(estate, &settings))
}

fn load(command: Command, arguments: &ReportArguments, problems: Vec<Problem>) -> Loaded {
    let facts: &[_] = if command == Command::Check { &arguments.facts } else { &[] };
    let request = Request { facts, ..Request::new(command, &arguments.documents) };
    documents::load(&request, arguments.judging.terminal.verbose, arguments.list_dir.as_deref(), problems)
}

fn audited(loaded: Loaded, judge: impl FnOnce(&mut Estate) -> Report) -> Audited {
    let Loaded { mut estate, kept, .. } = loaded;
    let report = judge(&mut estate);
    let kept = documents::texts(&mut estate, kept);
    let texts = texts(&estate, &report, kept);
    // To free every object of a large estate would take a twentieth of the run.
    std::mem::forget(estate);
    Audited { report, texts }
}
