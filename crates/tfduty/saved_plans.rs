//! Saved plans, and which configuration belongs to which input.

use std::path::{Path, PathBuf};

use tfduty_audit::{Note, is_audited};
use tfduty_terraform::{Document, ModuleFile, Sources, Unit, UnitKind};

use crate::{
    arguments::CheckArguments,
    configuration::{fits, take_source},
    inputs::{Gathered, InputFile, note, problem, shown_path},
    show_with::show,
    texts::Kept,
};

/// An input that can be audited.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) input: InputFile,
    /// Whether the document came from a saved plan, through `--show-with`.
    pub(crate) shown: bool,
    /// The configuration it was made from.
    pub(crate) sources: Option<Sources>,
    /// The folder that its paths are relative to; empty where a saved plan holds it.
    pub(crate) source_folder: String,
    /// The folder of the root module, where `--source` says it.
    pub(crate) root: Option<PathBuf>,
}

/// Gives every input its configuration, and saved plans their JSON.
pub(crate) fn resolve(arguments: &CheckArguments, gathered: &mut Gathered) -> Vec<Ready> {
    let files = std::mem::take(&mut gathered.files);
    let (saved, documents): (Vec<InputFile>, Vec<InputFile>) =
        files.into_iter().partition(|input| matches!(input.document, Document::SavedPlan(_)));
    let mut ready: Vec<Ready> = documents
        .into_iter()
        .map(|input| Ready { input, shown: false, sources: None, source_folder: String::new(), root: None })
        .collect();
    if let Some(file) = &arguments.plan_file {
        take_plan_file(file, &mut ready, gathered);
    }
    let (beside, alone) = lend(saved, &mut ready);
    gathered.notes.extend(beside);
    for input in alone {
        take_alone(input, arguments, &mut ready, gathered);
    }
    if let Some(folder) = &arguments.source {
        take_source(folder, &mut ready, gathered);
    }
    ready.sort_by(|left, right| left.input.path.cmp(&right.input.path));
    ready
}

/// `--plan-file`: the configuration of the plan it belongs to.
fn take_plan_file(file: &Path, ready: &mut [Ready], gathered: &mut Gathered) {
    let path = shown_path(file);
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            gathered.problems.push(problem(
                &path,
                &format!("cannot be read: {error}"),
                "check the path given to `--plan-file`",
            ));
            return;
        }
    };
    let plan = match Document::parse(&bytes, &is_audited) {
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
    let sources = Sources::of_module_files(plan.module_files.clone());
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
            ready.sources = Some(Sources::of_module_files(plan.module_files.clone()));
        }
    }
}

/// Lends the sources of saved plans to the JSON beside them that has the same configuration. Gives the notes on plans that
/// several different saved plans fit, and the saved plans that stand alone.
fn lend(saved: Vec<InputFile>, ready: &mut [Ready]) -> (Vec<Note>, Vec<InputFile>) {
    let folder = |input: &InputFile| input.file.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let files = |input: &InputFile| -> Vec<ModuleFile> {
        match &input.document {
            Document::SavedPlan(plan) => plan.module_files.clone(),
            _ => Vec::new(),
        }
    };
    let mut used = vec![false; saved.len()];
    let mut notes = Vec::new();
    for plan in ready.iter_mut().filter(|ready| is_plan(ready)) {
        let Some(unit) = unit_of(plan) else { continue };
        let fitting: Vec<usize> = (0..saved.len())
            .filter(|index| folder(&saved[*index]) == folder(&plan.input))
            .filter(|index| fits(unit, &Sources::of_module_files(files(&saved[*index]))))
            .collect();
        for index in &fitting {
            used[*index] = true;
        }
        let Some(first) = fitting.first().map(|index| files(&saved[*index])).filter(|_| plan.sources.is_none()) else {
            continue;
        };
        if fitting.iter().all(|index| files(&saved[*index]) == first) {
            plan.sources = Some(Sources::of_module_files(first));
        } else {
            let message = "several saved plans beside it fit, with different configurations: none is used (`--plan-file` chooses one)";
            notes.push(note(&plan.input.path, "saved-plan-ambiguous", message));
        }
    }
    let alone = saved.into_iter().zip(used).filter(|(_, used)| !used).map(|(input, _)| input).collect();
    (notes, alone)
}

/// A saved plan without its JSON: shown by a program where one is named, else a problem.
fn take_alone(input: InputFile, arguments: &CheckArguments, ready: &mut Vec<Ready>, gathered: &mut Gathered) {
    let Document::SavedPlan(plan) = &input.document else { return };
    let Some(program) = &arguments.show_with else { return refuse(&input, gathered) };
    let sources = Sources::of_module_files(plan.module_files.clone());
    let shown = show(program, &input, arguments).and_then(|(bytes, unit)| {
        let is_this_plan = unit.kind == UnitKind::Plan && fits(&unit, &sources);
        is_this_plan.then_some((bytes, unit)).ok_or_else(|| {
            "the program printed no plan, or another one: its configuration is not that of the saved plan".to_owned()
        })
    });
    match shown {
        Ok((bytes, unit)) => ready.push(Ready {
            input: InputFile { kept: Kept::Bytes(bytes), document: Document::Unit(unit), ..input },
            shown: true,
            sources: Some(sources),
            source_folder: String::new(),
            root: None,
        }),
        Err(message) => {
            let help = "run it by hand and audit its output: `terraform show -json tfplan > plan.json`";
            gathered.problems.push(problem(&input.path, &message, help));
        }
    }
}

fn refuse(input: &InputFile, gathered: &mut Gathered) {
    let path = &input.path;
    let message = "saved binary plan: its planned values are in no public format";
    let help = format!(
        "run `terraform show -json {path} > plan.json` and `tfduty check plan.json --plan-file {path}`, or add `--show-with terraform`"
    );
    gathered.problems.push(problem(path, message, &help));
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
