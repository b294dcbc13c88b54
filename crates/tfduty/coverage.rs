//! `tfduty coverage`: plans and states to a matrix.

use std::process::ExitCode;

use tfduty_audit::{Command, Settings, matrix};
use tfduty_report::{CoverageFormat, write_coverage};

use crate::{
    arguments::{CoverageArguments, CoverageFormatArgument},
    date, documents,
    inputs::Request,
    output,
    run::{configure, set_threads},
};

/// Reads the inputs, prints what GuardDuty has where, and gives the exit status.
pub(crate) fn run(arguments: &CoverageArguments) -> ExitCode {
    set_threads(&arguments.terminal);
    let today = date::today(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref());
    let mut settings = Settings::new(Command::Coverage, today);
    let mut problems = Vec::new();
    configure(&mut settings, arguments.config.as_deref(), &mut problems);
    let request = Request::new(Command::Coverage, &arguments.documents);
    let estate = documents::load(&request, arguments.terminal.verbose, None, problems).estate;
    let matrix = matrix(&estate, &settings);
    let format = match arguments.format {
        CoverageFormatArgument::Human => CoverageFormat::Human,
        CoverageFormatArgument::Json => CoverageFormat::Json,
        CoverageFormatArgument::Markdown => CoverageFormat::Markdown,
    };
    let mut bytes = Vec::new();
    match write_coverage(format, &matrix, &output::human_options(&arguments.terminal), &mut bytes) {
        Ok(()) => output::print(&bytes, ExitCode::from(matrix.exit_status())),
        Err(error) => {
            output::complain(&format!("the matrix cannot be made: {error}"));
            ExitCode::from(2)
        }
    }
}
