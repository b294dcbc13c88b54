//! `tfduty check`.

use std::process::ExitCode;

use tfduty_audit::{Command, Content, Estate, Input, Note, Problem, audit};
use tfduty_terraform::Document;

use crate::{
    arguments::CheckArguments,
    inputs::{self, Gathered, problem, shown_path},
    run::{begin, finish, usage},
    saved_plans::{self, Ready},
    texts::Kept,
    uploads::Uploads,
};

/// Audits the inputs, writes the reports, and gives the exit status.
pub(crate) fn run(arguments: &CheckArguments) -> ExitCode {
    let (settings, mut problems) = begin(Command::Check, &arguments.run);
    let mut gathered = inputs::gather(arguments);
    let ready = saved_plans::resolve(arguments, &mut gathered);
    problems.extend(std::mem::take(&mut gathered.problems));
    if ready.is_empty() && problems.is_empty() && !arguments.hook {
        problems.push(nothing_found(arguments, &gathered));
    }
    let notes = notes(arguments, &ready, &mut gathered);
    if let Some(folder) = arguments.list_dir.as_deref().filter(|folder| !folder.is_dir()) {
        let message = "`--list-dir` takes a folder, and there is none";
        problems.push(problem(&shown_path(folder), message, "give the folder of the list files"));
    }
    let mut uploads = Uploads::new(arguments.list_dir.as_deref());
    for ready in &ready {
        uploads.add(&ready.input.path, ready.input.file.as_deref(), ready.root.clone());
    }
    let (inputs, kept): (_, Vec<Kept>) = ready.into_iter().map(input).unzip();
    let mut estate = Estate::new(Command::Check, inputs, problems, notes);
    estate.read_uploads(&mut uploads);
    let report = audit(&estate, &settings);
    let kept = texts(&mut estate, kept);
    finish(&arguments.run, &estate, report, kept)
}

/// Where the texts of all inputs come from, in their order: those of lists, which lie between the documents, from the
/// estate.
fn texts(estate: &mut Estate, documents: Vec<Kept>) -> Vec<Kept> {
    let mut uploaded = std::mem::take(&mut estate.uploaded);
    let mut documents = documents.into_iter();
    let text = |input| uploaded.remove(&input).map(Kept::List).or_else(|| documents.next());
    (0..estate.inputs.len()).filter_map(text).collect()
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
    if gathered.foreign > 0 && arguments.run.terminal.verbose {
        let message = format!("{} files have nothing to do with Terraform", gathered.foreign);
        notes.push(Note { path: None, code: "foreign-files", message });
    }
    if arguments.hook && ready.is_empty() {
        let message = "no plan and no state among the files of this commit: nothing was audited".into();
        notes.push(Note { path: None, code: "hook-without-files", message });
    }
    notes
}

/// What the estate needs of an input, and where its text comes from.
fn input(ready: Ready) -> (Input, Kept) {
    let Ready { input, shown, sources, source_folder, root: _ } = ready;
    let folder = input.file.as_deref().map(inputs::repository_folder).unwrap_or_default();
    let content = match input.document {
        Document::Unit(unit) if shown => Content::SavedPlan(unit),
        Document::Unit(unit) => Content::Unit(unit),
        Document::Empty | Document::SavedPlan(_) => Content::Empty,
    };
    let (path, named, bytes) = (input.path, input.named, input.size);
    (Input { path, folder, named, bytes, content, sources, source_folder }, input.kept)
}
