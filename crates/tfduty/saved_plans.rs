//! Saved plans, and which configuration belongs to which input.

use std::{
    collections::BTreeSet,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tfduty_audit::is_audited;
use tfduty_terraform::{Document, Files, Module, ModuleFile, Sources, Unit, UnitKind, escape};

use crate::{
    arguments::CheckArguments,
    inputs::{Gathered, InputFile, note, parse, problem, shown_path},
    texts::Kept,
};

/// How long `PROGRAM show -json` may take.
const PATIENCE: Duration = Duration::from_secs(120);

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
}

/// Gives every input its configuration, and saved plans their JSON.
pub(crate) fn resolve(arguments: &CheckArguments, gathered: &mut Gathered) -> Vec<Ready> {
    let files = std::mem::take(&mut gathered.files);
    let (saved, documents): (Vec<InputFile>, Vec<InputFile>) =
        files.into_iter().partition(|input| matches!(input.document, Document::SavedPlan(_)));
    let mut ready: Vec<Ready> = documents
        .into_iter()
        .map(|input| Ready { input, shown: false, sources: None, source_folder: String::new() })
        .collect();
    if let Some(file) = &arguments.plan_file {
        take_plan_file(file, &mut ready, gathered);
    }
    for input in saved {
        let Document::SavedPlan(plan) = &input.document else { continue };
        let sources = || Sources::of_module_files(plan.module_files.clone());
        if stands_beside(&input, &plan.module_files, &mut ready) {
            continue;
        }
        match &arguments.show_with {
            Some(program) => match show(program, &input, arguments) {
                Ok((size, text, document)) => {
                    let sources = Some(sources());
                    ready.push(Ready {
                        input: InputFile { size, kept: Kept::Text(text), document, ..input },
                        shown: true,
                        sources,
                        source_folder: String::new(),
                    });
                }
                Err(message) => {
                    let help = "run it by hand and audit its output: `terraform show -json tfplan > plan.json`";
                    gathered.problems.push(problem(&input.path, &message, help));
                }
            },
            None => refuse(&input, gathered),
        }
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
    let fitting = plans.iter().filter(|ready| unit_of(ready).is_some_and(|unit| declares(unit, &sources))).count();
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
        if unit_of(ready).is_some_and(|unit| declares(unit, &sources)) {
            ready.sources = Some(Sources::of_module_files(plan.module_files.clone()));
        }
    }
}

/// Whether a saved plan lies beside the JSON of a plan with the same configuration, and lends it the sources.
fn stands_beside(saved: &InputFile, files: &[ModuleFile], ready: &mut [Ready]) -> bool {
    let folder = |input: &InputFile| input.file.as_deref().and_then(Path::parent).map(Path::to_path_buf);
    let sources = Sources::of_module_files(files.to_vec());
    let mut found = false;
    for ready in ready.iter_mut().filter(|ready| is_plan(ready) && folder(&ready.input) == folder(saved)) {
        if unit_of(ready).is_some_and(|unit| declares(unit, &sources)) {
            found = true;
            if ready.sources.is_none() {
                ready.sources = Some(Sources::of_module_files(files.to_vec()));
            }
        }
    }
    found
}

fn refuse(input: &InputFile, gathered: &mut Gathered) {
    let path = &input.path;
    let message = "saved binary plan: its planned values are in no public format";
    let help = format!(
        "run `terraform show -json {path} > plan.json` and `tfduty check plan.json --plan-file {path}`, or add `--show-with terraform`"
    );
    gathered.problems.push(problem(path, message, &help));
}

/// `--source`: the configuration in a folder, for every input that has none.
fn take_source(folder: &Path, ready: &mut [Ready], gathered: &mut Gathered) {
    let path = shown_path(folder);
    if !folder.is_dir() {
        gathered.problems.push(problem(
            &path,
            "`--source` takes a folder, and there is none",
            "give the folder of the root module",
        ));
        return;
    }
    let reader = Folder { root: folder.to_path_buf() };
    let sources = Sources::load(&reader);
    if sources.is_empty() {
        gathered.problems.push(problem(
            &path,
            "the folder holds no Terraform configuration",
            "give the folder of the root module",
        ));
        return;
    }
    for broken in sources.notes() {
        let place = broken.place.map_or_else(String::new, |place| format!(":{}:{}", place.line, place.column));
        let text = format!("{}{place}: {}", broken.path, broken.message);
        gathered.notes.push(note(&path, "source-unreadable", &escape(text)));
    }
    for ready in ready.iter_mut().filter(|ready| ready.sources.is_none()) {
        if unit_of(ready).is_some_and(|unit| unit.configuration.is_some() && !declares(unit, &sources)) {
            let message = "the sources differ from the configuration of the plan: they are used as they are";
            gathered.notes.push(note(&ready.input.path, "source-differs", message));
        }
        ready.sources = Some(Sources::load(&reader));
        ready.source_folder.clone_from(&path);
    }
}

/// Reads configuration from a folder and the folders beside it that modules lie in: never outside the repository.
struct Folder {
    root: PathBuf,
}

impl Folder {
    fn inside(&self, path: &str) -> Option<PathBuf> {
        let path = self.root.join(path).canonicalize().ok()?;
        let root = self.root.canonicalize().ok()?;
        let top = root.ancestors().find(|ancestor| ancestor.join(".git").exists()).unwrap_or(&root);
        path.starts_with(top).then_some(path)
    }
}

impl Files for Folder {
    fn list(&self, folder: &str) -> Vec<String> {
        let Some(folder) = self.inside(folder) else { return Vec::new() };
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = entries.filter(|entry| entry.path().is_file());
        let mut names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        std::fs::read(self.inside(path)?).ok()
    }
}

fn unit_of(ready: &Ready) -> Option<&Unit> {
    match &ready.input.document {
        Document::Unit(unit) => Some(unit),
        _ => None,
    }
}

fn is_plan(ready: &Ready) -> bool {
    unit_of(ready).is_some_and(|unit| unit.kind == UnitKind::Plan)
}

/// Whether sources declare the same blocks as a plan's configuration.
fn declares(unit: &Unit, sources: &Sources) -> bool {
    let mut planned = BTreeSet::new();
    if let Some(configuration) = &unit.configuration {
        blocks(&configuration.root, "", &mut planned);
    }
    let mut declared = BTreeSet::new();
    for (module, block) in sources.resources() {
        let mut labels = block.labels();
        let (resource_type, name) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
        let mode = if block.kind() == "data" { "data." } else { "" };
        let module: String = module.names().map(|name| format!("module.{name}.")).collect();
        declared.insert(format!("{module}{mode}{resource_type}.{name}"));
    }
    planned == declared
}

fn blocks(module: &Module, prefix: &str, found: &mut BTreeSet<String>) {
    for block in &module.resources {
        let mode = if block.mode == tfduty_terraform::Mode::Data { "data." } else { "" };
        found.insert(format!("{prefix}{mode}{}.{}", block.resource_type, block.name));
    }
    for (name, call) in &module.calls {
        blocks(&call.module, &format!("{prefix}module.{name}."), found);
    }
}

/// Runs `PROGRAM show -json FILE`: no shell, its standard output only, and not for ever.
fn show(program: &Path, input: &InputFile, arguments: &CheckArguments) -> Result<(u64, String, Document), String> {
    let file = input.file.as_ref().ok_or("a saved plan on standard input cannot be shown: name the file")?;
    let absolute = file.canonicalize().map_err(|error| format!("cannot be read: {error}"))?;
    // A path such as `./terraform` means the working folder, not the plan's.
    let program = match program.components().count() {
        1 => program.to_path_buf(),
        _ => program.canonicalize().map_err(|error| format!("{} cannot be run: {error}", shown_path(program)))?,
    };
    let folder = arguments.source.clone().or_else(|| absolute.parent().map(Path::to_path_buf)).unwrap_or_default();
    let mut child = Command::new(&program)
        .args(["show", "-json"])
        .arg(&absolute)
        .current_dir(folder)
        .env("TF_IN_AUTOMATION", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{} cannot be run: {error}", shown_path(&program)))?;
    let stdout = child.stdout.take().map(drain);
    let stderr = child.stderr.take().map(drain);
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!(
                    "`{} show -json` did not end within {} seconds",
                    shown_path(&program),
                    PATIENCE.as_secs()
                ));
            }
        }
    };
    let collect = |reader: Option<std::thread::JoinHandle<Vec<u8>>>| {
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    let (stdout, stderr) = (collect(stdout), collect(stderr));
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(8).collect();
        return Err(format!("`{} show -json` failed ({status}): {}", shown_path(&program), escape(said.join(" "))));
    }
    let size = stdout.len() as u64;
    match parse(stdout) {
        Ok((Some(text), document @ Document::Unit(_))) => Ok((size, text, document)),
        Ok(_) => Err(format!("`{} show -json` printed no plan", shown_path(&program))),
        Err(refusal) => Err(format!("`{} show -json` printed no plan: {}", shown_path(&program), refusal.message)),
    }
}

/// Reads a pipe to its end in a thread of its own, so that neither of two pipes fills up.
fn drain(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        bytes
    })
}
