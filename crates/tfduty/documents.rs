//! Plans and states to an estate, and to the report of `tfduty check` and `tfduty destroy`.

use std::{path::Path, process::ExitCode};

use tfduty_audit::{Command, Content, Estate, Input, Note, Problem, audit};
use tfduty_terraform::Document;

use crate::{
    arguments::{CheckArguments, DestroyArguments, RunArguments},
    facts::Facts,
    inputs::{self, Gathered, Request, problem},
    output,
    paths::shown_path,
    run::{begin, fail, finish, usage},
    saved_plans::{self, Ready},
    texts::Kept,
    uploads::Uploads,
};

#[cfg(test)]
mod fuzz;

/// `tfduty check`: audits the inputs, writes the reports, and gives the exit status.
pub(crate) fn check(arguments: &CheckArguments) -> ExitCode {
    let CheckArguments { documents, list_dir, facts, facts_out, run: options } = arguments;
    let request = Request { facts, keeps_facts: facts_out.is_some(), ..Request::new(Command::Check, documents) };
    run(&request, options, (list_dir.as_deref(), facts_out.as_deref()))
}

/// `tfduty destroy`: the same of a destroy.
pub(crate) fn destroy(arguments: &DestroyArguments) -> ExitCode {
    let DestroyArguments { documents, before, after, run: options } = arguments;
    run(&Request { before, after, ..Request::new(Command::Destroy, documents) }, options, (None, None))
}

fn run(
    request: &Request<'_>,
    options: &RunArguments,
    (list_dir, facts_out): (Option<&Path>, Option<&Path>),
) -> ExitCode {
    let (mut settings, problems) = begin(request.command, &options.judging);
    settings.writes_baseline = options.write_baseline.is_some();
    // The files of one commit.
    settings.is_partial |= request.documents.hook;
    let Loaded { mut estate, kept, facts } = load(request, options.judging.terminal.verbose, list_dir, problems);
    let mut report = audit(&mut estate, &settings);
    if let (Some(path), Some(facts)) = (facts_out, facts)
        && let Err(problem) = facts.finish(&estate).and_then(|bytes| output::write_file(path, &bytes))
    {
        fail(&mut report, problem);
    }
    let kept = texts(&mut estate, kept);
    let status = finish(options, &estate, report, kept);
    // The process ends here: to free every object of a large estate would take a twentieth of the run.
    std::mem::forget(estate);
    status
}

/// What was read.
pub(crate) struct Loaded {
    pub(crate) estate: Estate,
    /// Where the text of each document comes from.
    pub(crate) kept: Vec<Kept>,
    /// What is to be written of them for other runs, if that is wanted.
    facts: Option<Facts>,
}

/// Reads the inputs of a command. With the problems of the settings come those of the inputs.
pub(crate) fn load(
    request: &Request<'_>,
    verbose: bool,
    list_dir: Option<&Path>,
    mut problems: Vec<Problem>,
) -> Loaded {
    let mut gathered = inputs::gather(request);
    let mut ready = saved_plans::resolve(request, &mut gathered);
    let mut facts = request.keeps_facts.then(|| Facts::of(&gathered, &mut ready));
    let refused = gathered.unread.iter().map(saved_plans::refuse);
    gathered.problems.extend(refused);
    gathered.problems.sort_by(|left, right| (&left.path, &left.message).cmp(&(&right.path, &right.message)));
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
    uploads.recall(std::mem::take(&mut gathered.joined.look_ups), facts.is_some());
    for ready in ready.iter().filter(|ready| ready.has_folder()) {
        uploads.add(&ready.input.path, ready.input.file.as_deref(), ready.root.clone());
    }
    let (inputs, kept): (_, Vec<Kept>) = ready.into_iter().map(input).unzip();
    let mut estate = Estate::new(request.command, inputs, problems, notes);
    if request.command == Command::Check {
        estate.read_uploads(&mut uploads);
    }
    if let Some(facts) = &mut facts {
        facts.look_ups = uploads.into_look_ups();
    }
    Loaded { estate, kept, facts }
}

/// Where the texts of all inputs come from, in their order: those of lists, which lie between the documents, from the
/// estate.
pub(crate) fn texts(estate: &mut Estate, documents: Vec<Kept>) -> Vec<Kept> {
    let mut uploaded = std::mem::take(&mut estate.uploaded);
    let mut documents = documents.into_iter();
    let text = |input| uploaded.remove(&input).map(Kept::List).or_else(|| documents.next());
    (0..estate.inputs.len()).filter_map(text).collect()
}

fn nothing_found(request: &Request<'_>, gathered: &Gathered) -> Problem {
    if !request.facts.is_empty() && request.documents.inputs.is_empty() {
        let help = "write them of plans and states: `tfduty check INPUT… --facts-out FILE`";
        return usage("nothing to audit: the facts hold no plan and no state".into(), help);
    }
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
    if verbose {
        notes.append(&mut gathered.joined.remarks);
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
    let Ready { input, from_saved_plan, sources, source_folder, beside, .. } = ready;
    let content = match input.document {
        Document::Unit(unit) if from_saved_plan => Content::SavedPlan(unit),
        Document::Unit(unit) => Content::Unit(unit),
        Document::Empty | Document::SavedPlan(_) => Content::Empty,
    };
    let (path, folder, named, side, bytes) = (input.path, input.folder, input.named, input.side, input.size);
    (Input { path, folder, named, side, bytes, content, sources, source_folder, beside }, input.kept)
}
