//! Plans and states to an estate, and to the report of `tfduty check` and `tfduty destroy`.

use std::{path::Path, process::ExitCode};

use tfduty_audit::{Command, Content, Estate, Input, Note, Problem, audit};
use tfduty_terraform::Document;

use crate::{
    arguments::{CheckArguments, DestroyArguments, RunArguments},
    inputs::{self, Gathered, Request, problem},
    paths::shown_path,
    run::{begin, finish, usage},
    saved_plans::{self, Ready},
    texts::Kept,
    uploads::Uploads,
};

/// `tfduty check`: audits the inputs, writes the reports, and gives the exit status.
pub(crate) fn check(arguments: &CheckArguments) -> ExitCode {
    let documents = &arguments.documents;
    let request = Request { command: Command::Check, documents, before: &[], after: &[] };
    run(&request, &arguments.run, arguments.list_dir.as_deref())
}

/// `tfduty destroy`: the same of a destroy.
pub(crate) fn destroy(arguments: &DestroyArguments) -> ExitCode {
    let DestroyArguments { documents, before, after, run: options } = arguments;
    run(&Request { command: Command::Destroy, documents, before, after }, options, None)
}

fn run(request: &Request<'_>, options: &RunArguments, list_dir: Option<&Path>) -> ExitCode {
    let (mut settings, problems) = begin(request.command, options);
    // The files of one commit.
    settings.is_partial |= request.documents.hook;
    let (mut estate, kept) = estate(request, options.terminal.verbose, list_dir, problems);
    let report = audit(&mut estate, &settings);
    let kept = texts(&mut estate, kept);
    let status = finish(options, &estate, report, kept);
    // The process ends here: to free every object of a large estate would take a twentieth of the run.
    std::mem::forget(estate);
    status
}

/// Reads the inputs of a command. With the problems of the settings come those of the inputs.
pub(crate) fn estate(
    request: &Request<'_>,
    verbose: bool,
    list_dir: Option<&Path>,
    mut problems: Vec<Problem>,
) -> (Estate, Vec<Kept>) {
    let mut gathered = inputs::gather(request);
    let ready = saved_plans::resolve(request, &mut gathered);
    problems.extend(std::mem::take(&mut gathered.problems));
    if ready.is_empty() && problems.is_empty() && !request.documents.hook {
        problems.push(nothing_found(request, &gathered));
    }
    let notes = notes(request, verbose, &ready, &mut gathered);
    if let Some(folder) = list_dir.filter(|folder| !folder.is_dir()) {
        let message = "`--list-dir` takes a folder, and there is none";
        problems.push(problem(&shown_path(folder), message, "give the folder of the list files"));
    }
    let mut uploads = Uploads::new(list_dir);
    for ready in &ready {
        uploads.add(&ready.input.path, ready.input.file.as_deref(), ready.root.clone());
    }
    let (inputs, kept): (_, Vec<Kept>) = ready.into_iter().map(input).unzip();
    let mut estate = Estate::new(request.command, inputs, problems, notes);
    if request.command == Command::Check {
        estate.read_uploads(&mut uploads);
    }
    (estate, kept)
}

/// Where the texts of all inputs come from, in their order: those of lists, which lie between the documents, from the
/// estate.
fn texts(estate: &mut Estate, documents: Vec<Kept>) -> Vec<Kept> {
    let mut uploaded = std::mem::take(&mut estate.uploaded);
    let mut documents = documents.into_iter();
    let text = |input| uploaded.remove(&input).map(Kept::List).or_else(|| documents.next());
    (0..estate.inputs.len()).filter_map(text).collect()
}

fn nothing_found(request: &Request<'_>, gathered: &Gathered) -> Problem {
    let places: Vec<String> = request.documents.inputs.iter().map(|path| shown_path(path)).collect();
    let place = match &places[..] {
        [] => "this folder".into(),
        places => places.join(", "),
    };
    let commands = match request.command {
        Command::Destroy => {
            "`terraform plan -destroy -out=tfdestroy`, then `terraform show -json tfdestroy | tfduty destroy -`".into()
        }
        command => {
            format!("`terraform plan -out=tfplan`, then `terraform show -json tfplan | tfduty {command} -`")
        }
    };
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

fn notes(request: &Request<'_>, verbose: bool, ready: &[Ready], gathered: &mut Gathered) -> Vec<Note> {
    let mut notes = std::mem::take(&mut gathered.notes);
    for ready in ready {
        if let Document::Unit(unit) = &ready.input.document {
            notes.extend(unit.notes.iter().map(|text| inputs::note(&ready.input.path, "passed-over", text)));
        }
    }
    if gathered.foreign > 0 && verbose {
        let message = format!("{} files have nothing to do with Terraform", gathered.foreign);
        notes.push(Note::new(None, "foreign-files", message));
    }
    if request.documents.hook && ready.is_empty() {
        let message = "no plan and no state among the files of this commit: nothing was audited";
        notes.push(Note::new(None, "hook-without-files", message));
    }
    notes
}

/// What the estate needs of an input, and where its text comes from.
fn input(ready: Ready) -> (Input, Kept) {
    let Ready { input, from_saved_plan, sources, source_folder, root: _, beside } = ready;
    let content = match input.document {
        Document::Unit(unit) if from_saved_plan => Content::SavedPlan(unit),
        Document::Unit(unit) => Content::Unit(unit),
        Document::Empty | Document::SavedPlan(_) => Content::Empty,
    };
    let (path, folder, named, side, bytes) = (input.path, input.folder, input.named, input.side, input.size);
    (Input { path, folder, named, side, bytes, content, sources, source_folder, beside }, input.kept)
}
