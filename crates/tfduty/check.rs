//! `tfduty check`.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use tfduty_audit::{
    Command, Content, Estate, Input, Note, Problem, RULES, Report, Settings, Severity, audit, nearest_rule,
};
use tfduty_terraform::{Document, TextId};

use crate::{
    arguments::{CheckArguments, FailOn},
    config, date,
    inputs::{self, Gathered, InputFile},
    output,
    saved_plans::{self, Ready},
    texts::{self, Kept},
};

/// Audits the inputs, writes the reports, and gives the exit status.
pub(crate) fn run(arguments: &CheckArguments) -> ExitCode {
    if let Some(jobs) = arguments.terminal.jobs {
        // Fails only where a pool exists already, which nothing before this makes.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.into()).build_global();
    }
    let (settings, mut problems) = settings(arguments);
    let mut gathered = inputs::gather(arguments);
    let ready = saved_plans::resolve(arguments, &mut gathered);
    problems.extend(std::mem::take(&mut gathered.problems));
    if ready.is_empty() && problems.is_empty() && !arguments.hook {
        problems.push(nothing_found(arguments, &gathered));
    }
    let notes = notes(arguments, &ready, &mut gathered);
    let (inputs, kept) = ready.into_iter().map(input).unzip();
    let estate = Estate::new(Command::Check, inputs, problems, notes);
    let report = audit(&estate, &settings);
    let status = finish(arguments, &estate, report, kept);
    // The process ends here: nothing needs the memory that freeing every attribute by itself would give back.
    std::mem::forget(estate);
    status
}

/// Renders the report in every format asked for.
fn finish(arguments: &CheckArguments, estate: &Estate, mut report: Report, kept: Vec<Kept>) -> ExitCode {
    let places = || {
        report.findings.iter().flat_map(|finding| {
            std::iter::once(&finding.anchor).chain(finding.related.iter().map(|related| &related.anchor))
        })
    };
    let wanted: BTreeSet<usize> = places().map(|anchor| anchor.input).collect();
    let texts = texts::load(kept, &wanted, source_texts(estate, &report));
    let options = output::human_options(&arguments.terminal);
    for extra in &arguments.output {
        let written = output::render(extra.format, &report, &texts, &options).map_err(|error| Problem {
            path: None,
            message: format!("the report cannot be made: {error}"),
            help: None,
            place: None,
        });
        if let Err(problem) = written.and_then(|bytes| output::write_file(&extra.path, &bytes)) {
            report.problems.push(problem);
            report.verdict = tfduty_audit::Verdict::Error;
        }
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

/// The configuration files that findings point into.
fn source_texts(estate: &Estate, report: &Report) -> BTreeMap<(usize, TextId), String> {
    let sources = report.findings.iter().flat_map(|finding| {
        finding.source.iter().chain(finding.related.iter().filter_map(|related| related.source.as_ref()))
    });
    let mut texts = BTreeMap::new();
    for place in sources {
        let unit = estate.units.iter().find(|unit| unit.input == place.input);
        let TextId::Source(index) = place.text else { continue };
        let file =
            unit.and_then(|unit| unit.sources.as_ref()).and_then(|sources| sources.files.get(usize::from(index)));
        if let Some(file) = file {
            texts.entry((place.input, place.text)).or_insert_with(|| file.text.clone());
        }
    }
    texts
}

/// What configuration and command line mean; the command line has the last word.
fn settings(arguments: &CheckArguments) -> (Settings, Vec<Problem>) {
    let mut problems = Vec::new();
    let today = match &arguments.today {
        Some(text) => date::parse(text).unwrap_or_else(|| {
            problems.push(usage(format!("`--today {text}` is no date"), "write YYYY-MM-DD"));
            text.clone()
        }),
        None => date::today(std::env::var("SOURCE_DATE_EPOCH").ok().as_deref()),
    };
    let mut settings = Settings::new(Command::Check, today);
    let found = arguments.config.clone().or_else(|| config::find(&std::env::current_dir().unwrap_or_default()));
    if let Some(path) = found {
        match config::read(&path, &inputs::shown_path(&path)) {
            Ok(config) => config.apply(&mut settings),
            Err(faults) => problems.extend(faults),
        }
    }
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

fn usage(message: String, help: &str) -> Problem {
    Problem { path: None, message, help: Some(help.into()), place: None }
}

fn nothing_found(arguments: &CheckArguments, gathered: &Gathered) -> Problem {
    let places: Vec<String> = arguments.inputs.iter().map(|path| inputs::shown_path(path)).collect();
    let place = match &places[..] {
        [] => "this folder".into(),
        places => places.join(", "),
    };
    let commands = "`terraform plan -out=tfplan`, then `terraform show -json tfplan | tfduty check -`";
    if gathered.has_sources {
        usage(
            format!("nothing to audit: {place} holds Terraform configuration, but no plan and no state"),
            &format!("make a plan and audit it: {commands}"),
        )
    } else {
        usage(
            format!("nothing to audit: no plan and no state in {place}"),
            &format!("name one, or make one: {commands}"),
        )
    }
}

fn notes(arguments: &CheckArguments, ready: &[Ready], gathered: &mut Gathered) -> Vec<Note> {
    let mut notes = std::mem::take(&mut gathered.notes);
    for ready in ready {
        if let Document::Unit(unit) = &ready.input.document {
            notes.extend(unit.notes.iter().map(|text| inputs::note(&ready.input.path, "passed-over", text)));
        }
    }
    if gathered.foreign > 0 && arguments.terminal.verbose {
        let message = format!("{} files have nothing to do with Terraform", gathered.foreign);
        notes.push(Note { path: None, code: "foreign-files", message });
    }
    if arguments.hook && ready.is_empty() {
        let message = "no plan and no state among the files of this commit: nothing was audited".into();
        notes.push(Note { path: None, code: "hook-without-files", message });
    }
    notes
}

/// An input as the audit takes it, and what is kept of its text.
fn input(ready: Ready) -> (Input, Kept) {
    let Ready { input, shown, sources, source_folder } = ready;
    let folder = input.file.as_deref().map(inputs::repository_folder).unwrap_or_default();
    let content = match input.document {
        Document::Unit(unit) if shown => Content::SavedPlan(unit),
        Document::Unit(unit) => Content::Unit(unit),
        Document::Empty | Document::SavedPlan(_) => Content::Empty,
    };
    let InputFile { path, named, size: bytes, kept, .. } = input;
    (Input { path, folder, named, bytes, content, sources, source_folder }, kept)
}
