//! What the commands that run rules have in common: the settings before, and the reports after.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use tfduty_audit::{Command, Estate, Problem, RULES, Report, Settings, Severity, Verdict, nearest_rule, wiring};
use tfduty_terraform::TextId;

use crate::{
    arguments::{FailOn, FormatArgument, JudgingArguments, RunArguments, TerminalArguments},
    baseline, config, date, output,
    paths::{shown_path, working_folder},
    texts::{Kept, LoadedTexts},
};

/// Sets up the threads, and works out what configuration and command line mean.
pub(crate) fn begin(command: Command, arguments: &JudgingArguments) -> (Settings, Vec<Problem>) {
    set_threads(&arguments.terminal);
    settings(command, arguments)
}

pub(crate) fn set_threads(arguments: &TerminalArguments) {
    if let Some(jobs) = arguments.jobs {
        // Fails only where a pool exists already, which nothing before this makes.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build_global();
    }
}

/// Takes over what the configuration file says, if there is one. The paths in one that is found count from its folder: in
/// whichever folder tfduty runs, they mean the same files. One that is named may lie anywhere, and its paths count from the
/// working folder.
pub(crate) fn configure(settings: &mut Settings, file: Option<&Path>, problems: &mut Vec<Problem>) {
    let here = working_folder();
    let found = file.map(Path::to_path_buf).or_else(|| config::find(here));
    if let Some(path) = found {
        let folder = path.parent().filter(|_| file.is_none()).and_then(|folder| here.strip_prefix(folder).ok());
        let working_folder = folder.map(|folder| folder.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        match config::read(&path, &shown_path(&path), file.is_some()) {
            Ok(config) => config.seen_from(&working_folder).apply(settings),
            Err(faults) => problems.extend(faults),
        }
    }
}

/// What configuration and command line mean; the command line has the last word.
fn settings(command: Command, arguments: &JudgingArguments) -> (Settings, Vec<Problem>) {
    let mut problems = Vec::new();
    let today = match &arguments.today {
        Some(text) => tfduty_audit::date(text).unwrap_or_else(|| {
            problems.push(usage(format!("`--today {text}` is no date"), "write YYYY-MM-DD"));
            text.clone()
        }),
        None => date::today(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref()),
    };
    let mut settings = Settings::new(command, today);
    configure(&mut settings, arguments.config.as_deref(), &mut problems);
    if let Some(fail_on) = arguments.fail_on {
        settings.fail_on = match fail_on {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Advice => Some(Severity::Advice),
            FailOn::Never => None,
        };
    }
    settings.strict |= arguments.strict;
    for selector in arguments.only.iter().chain(&arguments.skip) {
        problems.extend(unknown_rule(selector));
    }
    settings.only.clone_from(&arguments.only);
    settings.skip.clone_from(&arguments.skip);
    if let Some(file) = &arguments.baseline {
        match baseline::read(file) {
            Ok(baseline) => settings.baseline = Some(baseline),
            Err(problem) => problems.push(problem),
        }
    }
    (settings, problems)
}

fn unknown_rule(selector: &str) -> Option<Problem> {
    let known = match selector.strip_suffix('*') {
        Some(prefix) => RULES.iter().any(|rule| rule.id.starts_with(prefix)),
        None => tfduty_audit::rule(selector).is_some(),
    };
    let help = match nearest_rule(selector) {
        Some(rule) => format!("did you mean `{}`?", rule.id),
        None => "`tfduty rules` lists them".into(),
    };
    (!known).then(|| usage(format!("no such rule: {}", tfduty_terraform::escape(selector)), &help))
}

/// A problem with what was typed.
pub(crate) fn usage(message: String, help: &str) -> Problem {
    Problem { path: None, message, help: Some(help.into()), place: None }
}

/// Renders the report in every format asked for.
pub(crate) fn finish(arguments: &RunArguments, estate: &Estate, mut report: Report, kept: Vec<Kept>) -> ExitCode {
    let draws = |format: &FormatArgument| matches!(format, FormatArgument::Markdown | FormatArgument::Github);
    let formats = arguments.output.iter().map(|extra| &extra.format).chain([&arguments.format]);
    if report.command == Command::Check && formats.into_iter().any(draws) {
        report.wiring = Some(wiring(estate, &report));
    }
    let texts = texts(estate, &report, kept);
    let options = output::options(&arguments.judging.terminal);
    if let Some(file) = &arguments.write_baseline {
        match baseline::write(file, &report) {
            Ok(note) => {
                report.notes.push(note);
                report.notes.sort();
            }
            Err(problem) => fail(&mut report, problem),
        }
    }
    for extra in &arguments.output {
        let written = output::render(extra.format, &report, &texts, &options).map_err(|error| Problem {
            path: None,
            message: format!("the report cannot be made: {error}"),
            help: None,
            place: None,
        });
        if let Err(problem) = written.and_then(|bytes| output::write_file(&extra.path, &bytes)) {
            fail(&mut report, problem);
        }
    }
    if arguments.format == FormatArgument::Github
        && let Err(problem) = output::write_job_summary(&report, &texts, &options)
    {
        fail(&mut report, problem);
    }
    let status = ExitCode::from(report.exit_status());
    match output::render(arguments.format, &report, &texts, &options) {
        Ok(bytes) => output::print(&bytes, status),
        Err(error) => {
            output::complain(&format!("the report cannot be made: {error}"));
            ExitCode::from(2)
        }
    }
}

/// The texts that the findings of a report point into.
pub(crate) fn texts(estate: &Estate, report: &Report, kept: Vec<Kept>) -> LoadedTexts {
    let places = report.findings.iter().flat_map(|finding| {
        std::iter::once(&finding.anchor).chain(finding.related.iter().map(|related| &related.anchor))
    });
    let wanted = places.map(|anchor| anchor.input).collect();
    let sources = source_texts(estate, report, &kept);
    LoadedTexts::of(kept, &wanted, sources)
}

/// Takes a problem with what was to be written into a finished report.
pub(crate) fn fail(report: &mut Report, problem: Problem) {
    report.problems.push(problem);
    report.verdict = Verdict::Error;
}

/// The configuration files that findings point into.
fn source_texts(estate: &Estate, report: &Report, kept: &[Kept]) -> BTreeMap<(usize, TextId), String> {
    let sources = report.findings.iter().flat_map(|finding| {
        finding.source.iter().chain(finding.related.iter().filter_map(|related| related.source.as_ref()))
    });
    let mut texts = BTreeMap::new();
    for place in sources {
        let key = (place.input, place.text);
        if texts.contains_key(&key) {
            continue;
        }
        let text = match kept.get(place.input) {
            // What facts hold of it is not for people.
            Some(Kept::Elsewhere(elsewhere)) if !elsewhere.sources.is_empty() => elsewhere.source(&place.path),
            _ => estate.source_text(place.input, place.text).map(str::to_owned),
        };
        texts.extend(text.map(|text| (key, text)));
    }
    texts
}
