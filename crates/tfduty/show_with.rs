//! `--show-with`: a saved plan as JSON, by the program that made it.

use std::{
    io::Read,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use tfduty_audit::detail;
use tfduty_terraform::{Document, Unit, escape};

use crate::{
    inputs::{InputFile, Request},
    limits::{COMPLAINT, DOCUMENT, Limit},
    paths::shown_path,
};

/// How long `PROGRAM show -json` may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs `PROGRAM show -json FILE`: no shell, its standard output only, and not for ever.
pub(crate) fn show(program: &Path, input: &InputFile, request: &Request<'_>) -> Result<(Vec<u8>, Box<Unit>), String> {
    let file = input.file.as_ref().ok_or("a saved plan on standard input cannot be shown: name the file")?;
    let absolute = file.canonicalize().map_err(|error| format!("cannot be read: {error}"))?;
    // A path such as `./terraform` means the working folder, not the plan's.
    let program = match program.components().count() {
        1 => program.to_path_buf(),
        _ => program.canonicalize().map_err(|error| format!("{} cannot be run: {error}", shown_path(program)))?,
    };
    let folder =
        request.documents.source.clone().or_else(|| absolute.parent().map(Path::to_path_buf)).unwrap_or_default();
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
    let pipes =
        (child.stdout.take().map(|pipe| drain(pipe, DOCUMENT)), child.stderr.take().map(|pipe| drain(pipe, COMPLAINT)));
    let deadline = Instant::now() + PATIENCE;
    let late = || format!("`{} show -json` did not end within {} seconds", shown_path(&program), PATIENCE.as_secs());
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(late());
            }
        }
    };
    // A child of the program may hold the pipes open when it has ended.
    let collect = |pipe: Option<Receiver<Vec<u8>>>| {
        let rest = deadline.saturating_duration_since(Instant::now());
        pipe.map_or(Some(Vec::new()), |pipe| pipe.recv_timeout(rest).ok())
    };
    let (Some(stdout), Some(stderr)) = (collect(pipes.0), collect(pipes.1)) else { return Err(late()) };
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        let said: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).take(8).collect();
        return Err(format!("`{} show -json` failed ({status}): {}", shown_path(&program), escape(said.join(" "))));
    }
    match Document::parse(&stdout, &|name| detail(request.command, name)) {
        Ok(Document::Unit(unit)) => Ok((stdout, unit)),
        Ok(_) => Err(format!("`{} show -json` printed no plan", shown_path(&program))),
        Err(refusal) => Err(format!("`{} show -json` printed no plan: {}", shown_path(&program), refusal.message)),
    }
}

/// Reads a pipe in a thread of its own, so that neither of two pipes fills up. What is more than allowed is not read: the
/// program finds the pipe closed.
fn drain(mut pipe: impl Read + Send + 'static, limit: Limit) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = limit.read_to_end(&mut pipe, &mut bytes);
        // Nobody waits any more where the time is over.
        let _ = sender.send(bytes);
    });
    receiver
}
