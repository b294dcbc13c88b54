//! `tfduty graph`: plans and states to a picture of the wiring.

use std::process::ExitCode;

use tfduty_audit::{Command, Problem, Report, Settings, Wiring, audit, suggest, wiring};
use tfduty_report::{GraphFormat, write_graph};

use crate::{
    arguments::{GraphArguments, GraphFormatArgument},
    date, documents,
    inputs::Request,
    output,
    run::{configure, fail, set_threads, usage},
};

/// Reads the inputs, prints the wiring, and gives the exit status. What cannot be read is told on standard error, and the
/// rest is drawn.
pub(crate) fn run(arguments: &GraphArguments) -> ExitCode {
    set_threads(&arguments.terminal);
    let today = date::today(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref());
    // The verdicts of links are those of `check`.
    let mut settings = Settings::new(Command::Check, today);
    let mut problems = Vec::new();
    configure(&mut settings, arguments.config.as_deref(), &mut problems);
    settings.is_partial |= arguments.documents.hook;
    let request = Request::new(Command::Check, &arguments.documents);
    let verbose = arguments.terminal.verbose;
    let mut estate = documents::load(&request, verbose, arguments.list_dir.as_deref(), problems).estate;
    let mut report = audit(&mut estate, &settings);
    let drawn = wiring(&estate, &report);
    let (drawn, unknown) = around(drawn, arguments.around.as_deref());
    report.wiring = Some(drawn);
    if let Some(problem) = unknown {
        fail(&mut report, problem);
    }
    for extra in &arguments.output {
        let written =
            render(extra.format, &report, arguments).and_then(|bytes| output::write_file(&extra.path, &bytes));
        if let Err(problem) = written {
            fail(&mut report, problem);
        }
    }
    let picture = render(arguments.format, &report, arguments);
    if let Err(problem) = &picture {
        fail(&mut report, problem.clone());
    }
    complain(&report, arguments);
    let status = ExitCode::from(if report.problems.is_empty() { 0 } else { 2 });
    output::print(&picture.unwrap_or_default(), status)
}

/// The part of the wiring that was asked for: nothing where there is no such part.
fn around(wiring: Wiring, address: Option<&str>) -> (Wiring, Option<Problem>) {
    let Some(address) = address else { return (wiring, None) };
    match wiring.around(address) {
        Ok(part) => (part, None),
        Err(nearest) => {
            let help = nearest.map_or_else(
                || "`--format json` lists what is drawn".to_owned(),
                |near| suggest::did_you_mean(&tfduty_terraform::escape(near)),
            );
            let problem = usage(format!("nothing that is drawn has the address {}", suggest::quoted(address)), &help);
            (Wiring::default(), Some(problem))
        }
    }
}

fn render(format: GraphFormatArgument, report: &Report, arguments: &GraphArguments) -> Result<Vec<u8>, Problem> {
    let format = match format {
        GraphFormatArgument::Mermaid => GraphFormat::Mermaid,
        GraphFormatArgument::Dot => GraphFormat::Dot,
        GraphFormatArgument::Json => GraphFormat::Json,
    };
    let mut bytes = Vec::new();
    match write_graph(format, report, arguments.around.as_deref(), &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => Err(usage(format!("the picture cannot be made: {error}"), "report this as a bug")),
    }
}

/// Says what could not be read and, for those who ask, what is worth knowing of the rest.
fn complain(report: &Report, arguments: &GraphArguments) {
    for problem in &report.problems {
        output::complain_of(problem);
    }
    for note in report.notes.iter().filter(|_| arguments.terminal.verbose) {
        let place = note.path.as_ref().map(|path| format!("{}: ", tfduty_terraform::escape(path)));
        output::complain(&format!("note: {}{}", place.unwrap_or_default(), note.message));
    }
}
