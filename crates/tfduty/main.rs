//! `tfduty`: argv to exit status. Files, environment, terminal and processes are known here and nowhere else.

mod arguments;
mod baseline;
mod beside;
mod catalogue;
mod config;
mod configuration;
mod coverage;
mod date;
mod documents;
mod facts;
mod graph;
mod inputs;
mod limits;
mod list;
mod output;
mod paths;
mod reader;
mod report;
mod run;
mod saved_plans;
mod show_with;
mod texts;
mod uploads;
mod walk;

use std::{ffi::OsString, panic, process::ExitCode};

use clap::{CommandFactory, Parser};
use tfduty_terraform::escape;

use crate::arguments::{Arguments, Command};

fn main() -> ExitCode {
    panic::set_hook(Box::new(|place| {
        // The message of a panic may hold a piece of an input: only the place is shown.
        let place = place.location().map_or_else(String::new, |place| format!(" at {}:{}", place.file(), place.line()));
        let version = env!("CARGO_PKG_VERSION");
        output::complain(&format!(
            "tfduty {version} crashed{place}: this is a bug. Please report it with this line and, if you can, with a small input \
             that shows it"
        ));
    }));
    panic::catch_unwind(|| run(arguments())).unwrap_or(ExitCode::from(2))
}

/// What was typed. What clap says of a mistake repeats it, and a shell or a hook may have typed the names of files: it is said
/// of the same arguments with control characters escaped.
fn arguments() -> Arguments {
    Arguments::try_parse().unwrap_or_else(|error| {
        let escaped = |argument: OsString| escape(argument.to_string_lossy()).into_owned();
        Arguments::try_parse_from(std::env::args_os().map(escaped)).err().unwrap_or(error).exit()
    })
}

fn run(arguments: Arguments) -> ExitCode {
    match arguments.command {
        Command::Check(arguments) => documents::check(&arguments),
        Command::Destroy(arguments) => documents::destroy(&arguments),
        Command::List(arguments) => list::run(&arguments),
        Command::Coverage(arguments) => coverage::run(&arguments),
        Command::Graph(arguments) => graph::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Rules(arguments) => catalogue::rules(&arguments),
        Command::Explain(arguments) => catalogue::explain(&arguments),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "tfduty", &mut script);
            output::print(&script, ExitCode::SUCCESS)
        }
        Command::Man => {
            let mut page = Vec::new();
            match clap_mangen::Man::new(Arguments::command()).render(&mut page) {
                Ok(()) => output::print(&page, ExitCode::SUCCESS),
                Err(_) => ExitCode::from(2),
            }
        }
    }
}
