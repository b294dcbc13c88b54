//! Saved plans, and which configuration belongs to which input.

use std::path::{Path, PathBuf};

use tfduty_audit::{Beside, Command, Note, Problem, detail};
use tfduty_terraform::{Document, SavedPlan, Sources, Unit, UnitKind};

use crate::{
    beside::{place_saved, take_beside},
    configuration::{fits, take_source},
    facts::Print,
    inputs::{Gathered, InputFile, Request, STDIN, note, problem},
    limits::{DOCUMENT, remedy},
    paths::shown_path,
    show_with::show,
    texts::Kept,
};

/// An input that can be audited.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) input: InputFile,
    /// Whether the document came from a saved plan: through `--show-with`, or its state stands for it.
    pub(crate) from_saved_plan: bool,
    /// The configuration it was made from.
    pub(crate) sources: Option<Sources>,
    /// The folder that its paths are relative to; empty where a saved plan holds it.
    pub(crate) source_folder: String,
    /// The folder of the root module, where it is known to be the input's.
    pub(crate) root: Option<PathBuf>,
    /// The configuration beside it, where it has none.
    pub(crate) beside: Beside,
    /// Whether facts stand for it.
    pub(crate) is_from_facts: bool,
    /// SHA-256 of the files of the configuration, where facts hold it.
    pub(crate) prints: Vec<String>,
}

impl Ready {
    /// An input of which no configuration is known.
    pub(crate) fn new(input: InputFile) -> Self {
        Self {
            input,
            from_saved_plan: false,
            sources: None,
            source_folder: String::new(),
            root: None,
            beside: Beside::default(),
            is_from_facts: false,
            prints: Vec::new(),
        }
    }

    /// Whether there is a folder in which it lies, or would: what facts stand for may lie on another machine alone.
    pub(crate) fn has_folder(&self) -> bool {
        !self.is_from_facts || self.input.file.is_some() || self.input.path == STDIN
    }
}

/// Gives every input its configuration, and saved plans their JSON.
pub(crate) fn resolve(request: &Request<'_>, gathered: &mut Gathered) -> Vec<Ready> {
    let files = std::mem::take(&mut gathered.files);
    let (saved, documents): (Vec<InputFile>, Vec<InputFile>) =
        files.into_iter().partition(|input| matches!(input.document, Document::SavedPlan(_)));
    let mut ready: Vec<Ready> = documents.into_iter().map(Ready::new).collect();
    ready.append(&mut gathered.joined.inputs);
    if let Some(file) = &request.documents.plan_file {
        take_plan_file(file, request.command, &mut ready, gathered);
    }
    let (beside, alone) = lend(saved, &mut ready);
    gathered.notes.extend(beside);
    for input in alone {
        take_alone(input, request, &mut ready, gathered);
    }
    if let Some(folder) = &request.documents.source {
        take_source(folder, &mut ready, gathered);
    } else {
        gathered.notes.extend(take_beside(&mut ready));
    }
    place_saved(&mut ready);
    ready.sort_by(|left, right| left.input.path.cmp(&right.input.path));
    ready
}

/// `--plan-file`: the configuration of the plan it belongs to.
fn take_plan_file(file: &Path, command: Command, ready: &mut [Ready], gathered: &mut Gathered) {
    let path = shown_path(file);
    let bytes = match DOCUMENT.read_named(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let help = remedy(&error, "check the path given to `--plan-file`");
            gathered.problems.push(problem(&path, &format!("cannot be read: {error}"), help));
            return;
        }
    };
    let plan = match Document::parse(&bytes, &|name| detail(command, name)) {
        Ok(Document::SavedPlan(plan)) => plan,
        Ok(_) => {
            let help = "give the file that `terraform plan -out=tfplan` wrote; the JSON is an INPUT";
            gathered.problems.push(problem(&path, "`--plan-file` takes a saved binary plan, and this is none", help));
            return;
        }
        Err(refusal) => {
            let help = refusal.help.unwrap_or_default();
            gathered.problems.push(problem(&path, &format!("no saved plan: {}", refusal.message), &help));
            return;
        }
    };
    let sources = plan.sources();
    let mut plans: Vec<&mut Ready> = ready.iter_mut().filter(|ready| is_plan(ready)).collect();
    let fitting = plans.iter().filter(|ready| unit_of(ready).is_some_and(|unit| fits(unit, &sources))).count();
    if plans.is_empty() || fitting == 0 {
        let help = "give the saved plan that the JSON was made from: `terraform show -json tfplan > plan.json`";
        gathered.problems.push(problem(
            &path,
            "no input is the JSON of this saved plan: their configurations differ",
            help,
        ));
        return;
    }
    for ready in &mut plans {
        if unit_of(ready).is_some_and(|unit| fits(unit, &sources)) {
            ready.sources = Some(plan.sources());
        }
    }
}

/// Lends the sources of saved plans to the JSON beside them that has the same configuration. Gives the notes on plans that
/// several different saved plans fit, and the saved plans that stand alone.
fn lend(saved: Vec<InputFile>, ready: &mut [Ready]) -> (Vec<Note>, Vec<InputFile>) {
    let folder = |input: &InputFile| input.file.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let plan_of = |index: usize| match &saved[index].document {
        Document::SavedPlan(plan) => Some(&**plan),
        _ => None,
    };
    let files = |index: usize| plan_of(index).map(|plan| &plan.module_files);
    let mut used = vec![false; saved.len()];
    let mut notes = Vec::new();
    for plan in ready.iter_mut().filter(|ready| is_plan(ready)) {
        let Some(unit) = unit_of(plan) else { continue };
        let fitting: Vec<usize> = (0..saved.len())
            .filter(|index| folder(&saved[*index]) == folder(&plan.input))
            .filter(|index| plan_of(*index).is_some_and(|saved| fits(unit, &saved.sources())))
            .collect();
        for index in &fitting {
            used[*index] = true;
        }
        let Some(first) = fitting.first().copied().filter(|_| plan.sources.is_none()) else { continue };
        if fitting.iter().all(|index| files(*index) == files(first)) {
            plan.sources = plan_of(first).map(SavedPlan::sources);
        } else {
            let message = "several saved plans beside it fit, with different configurations: none is used (`--plan-file` chooses one)";
            notes.push(note(&plan.input.path, "saved-plan-ambiguous", message));
        }
    }
    let alone = saved.into_iter().zip(used).filter(|(_, used)| !used).map(|(input, _)| input).collect();
    (notes, alone)
}

/// A saved plan without its JSON: shown by a program where one is named. Else its state says to `destroy` what there is
/// to go, and to `check` it is a problem.
fn take_alone(input: InputFile, request: &Request<'_>, ready: &mut Vec<Ready>, gathered: &mut Gathered) {
    let Document::SavedPlan(plan) = &input.document else { return };
    let Some(program) = &request.documents.show_with else {
        match request.command {
            Command::Destroy => take_state(input, ready, gathered),
            _ => gathered.unread.push(input),
        }
        return;
    };
    let sources = plan.sources();
    let shown = show(program, &input, request).and_then(|(bytes, unit)| {
        let is_this_plan = unit.kind == UnitKind::Plan && fits(&unit, &sources);
        is_this_plan.then_some((bytes, unit)).ok_or_else(|| {
            "the program printed no plan, or another one: its configuration is not that of the saved plan".to_owned()
        })
    });
    match shown {
        Ok((bytes, unit)) => {
            let print = request.keeps_facts.then(|| Print::of(&bytes));
            let input = InputFile { kept: Kept::Bytes(bytes), print, document: Document::Unit(unit), ..input };
            ready.push(Ready { from_saved_plan: true, sources: Some(sources), ..Ready::new(input) });
        }
        Err(message) => {
            let help = "run it by hand and audit its output: `terraform show -json tfplan > plan.json`";
            gathered.problems.push(problem(&input.path, &message, help));
        }
    }
}

/// Takes the state that a saved plan was made from. What the plan does with it is in no public format: if it holds
/// nothing, the plan may be any plan.
fn take_state(input: InputFile, ready: &mut Vec<Ready>, gathered: &mut Gathered) {
    let InputFile { file, path, folder, named, side, size, kept, print, document } = input;
    let Document::SavedPlan(plan) = document else { return };
    let sources = Some(plan.sources());
    let unit = plan.prior_state.filter(|unit| unit.types.values().any(|count| count.managed > 0));
    let text = match kept {
        Kept::Bytes(bytes) | Kept::List(bytes) => SavedPlan::state_text(&bytes),
        Kept::File { file, .. } => DOCUMENT.read_found(&file).ok().and_then(|bytes| SavedPlan::state_text(&bytes)),
        Kept::Elsewhere(_) => None,
    };
    let (Some(unit), Some(text)) = (unit, text) else {
        let message =
            "saved binary plan, made from a state without managed objects: whether it is a destroy plan does not show";
        let help = format!("run `terraform show -json {path} > plan.json` and `tfduty destroy plan.json`");
        gathered.problems.push(problem(&path, message, &help));
        return;
    };
    let message = "of a saved plan alone only the state it was made from can be read: predicted as if all of it were to be destroyed \
                   (`terraform show -json` tells what the plan does)";
    gathered.notes.push(note(&path, "saved-plan-alone", message));
    let (kept, document) = (Kept::Bytes(text.into_bytes()), Document::Unit(Box::new(unit)));
    let input = InputFile { file, path, folder, named, side, size, kept, print, document };
    ready.push(Ready { from_saved_plan: true, sources, ..Ready::new(input) });
}

/// Why a saved plan alone is not audited.
pub(crate) fn refuse(input: &InputFile) -> Problem {
    let path = &input.path;
    let message = "saved binary plan: its planned values are in no public format";
    let help = format!(
        "run `terraform show -json {path} > plan.json` and `tfduty check plan.json --plan-file {path}`, or add `--show-with terraform`"
    );
    problem(path, message, &help)
}

pub(crate) fn unit_of(ready: &Ready) -> Option<&Unit> {
    match &ready.input.document {
        Document::Unit(unit) => Some(unit),
        _ => None,
    }
}

pub(crate) fn is_plan(ready: &Ready) -> bool {
    unit_of(ready).is_some_and(|unit| unit.kind == UnitKind::Plan)
}
