//! Where a run writes.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use tfduty_audit::{Problem, Report};
use tfduty_report::{Detail, Format, HumanOptions, Options, Repository, Style, Texts};

use crate::{
    arguments::{ColorArgument, FormatArgument, TerminalArguments},
    paths::{repository_root, shown_path, slashed, working_folder},
};

/// Bytes that GitHub takes of the summary of one step: it refuses a longer one as a whole.
const JOB_SUMMARY: usize = 1 << 20;

/// How many characters of a file's name are in that of the temporary file beside it, which may not be too long for a name.
const NAMED: usize = 50;

/// Prints bytes to standard output. A closed pipe ends quietly, with the status the run would have had anyway.
pub(crate) fn print(bytes: &[u8], status: ExitCode) -> ExitCode {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => status,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => status,
        Err(error) => {
            complain(&format!("standard output cannot be written: {error}"));
            ExitCode::from(2)
        }
    }
}

/// Says something on standard error, if that can still be written.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Says a problem on standard error, for what prints no report there.
pub(crate) fn complain_of(problem: &Problem) {
    let line = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
    let place = problem.path.as_ref().map(|path| format!("{}{line}: ", tfduty_terraform::escape(path)));
    complain(&format!("error: {}{}", place.unwrap_or_default(), problem.message));
    if let Some(help) = &problem.help {
        complain(&format!("  help: {help}"));
    }
}

/// Writes a report in `format` to memory.
pub(crate) fn render(
    format: FormatArgument,
    report: &Report,
    texts: &dyn Texts,
    options: &Options,
) -> io::Result<Vec<u8>> {
    let format = match format {
        FormatArgument::Human => Format::Human,
        FormatArgument::Json => Format::Json,
        FormatArgument::Sarif => Format::Sarif,
        FormatArgument::Junit => Format::Junit,
        FormatArgument::Github => Format::Github,
        FormatArgument::Gitlab => Format::Gitlab,
        FormatArgument::Markdown => Format::Markdown,
    };
    let mut bytes = Vec::new();
    tfduty_report::write(format, report, texts, options, &mut bytes)?;
    Ok(bytes)
}

/// Writes a file as a whole or not at all. What is no file, a pipe or `/dev/null`, is written into: renaming would put a
/// file in its place.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let is_special = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    let written = if is_special {
        fs::OpenOptions::new().write(true).open(path).and_then(|mut special| special.write_all(bytes))
    } else {
        replace(path, bytes)
    };
    written.map_err(|error| Problem {
        path: Some(slashed(path).into_owned()),
        message: format!("cannot be written: {error}"),
        help: Some("check that the folder exists and has room".into()),
        place: None,
    })
}

/// Writes to a temporary file beside a file, and renames it. A link stays one: what it leads to is replaced.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    has_limit_for(bytes.len())?;
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let name: String = path.file_name().unwrap_or_default().to_string_lossy().chars().take(NAMED).collect();
    let temporary = path.with_file_name(format!(".{name}.{}.partial", std::process::id()));
    // A new file: in a folder that others may write into, a link of this name would lead wherever they want.
    let _ = fs::remove_file(&temporary);
    let mut file = fs::File::create_new(&temporary)?;
    let written = file.write_all(bytes).and_then(|()| fs::rename(&temporary, &path));
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// Whether a file may be so large. Where a limit of the process forbids it (`ulimit -f`), to try is to be killed, and to leave a
/// part of the file behind.
#[cfg(unix)]
fn has_limit_for(size: usize) -> io::Result<()> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Fsize).current;
    if limit.is_some_and(|limit| size as u64 > limit) { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(()) }
}

#[cfg(not(unix))]
fn has_limit_for(_: usize) -> io::Result<()> {
    Ok(())
}

/// Appends the report to the summary of the job, where the run is a step of GitHub Actions: annotations are few and short.
pub(crate) fn write_job_summary(report: &Report, texts: &dyn Texts, options: &Options) -> Result<(), Problem> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    let path = Path::new(&path);
    let append = || {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(path)?;
        let taken = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        let summary = tfduty_report::job_summary(report, texts, options, JOB_SUMMARY.saturating_sub(taken));
        let full = || io::Error::other("GitHub takes no more than 1 MiB, and earlier commands of the step filled it");
        file.write_all(summary.ok_or_else(full)?.as_bytes())
    };
    append().map_err(|error| Problem {
        path: Some(shown_path(path)),
        message: format!("the job summary (`GITHUB_STEP_SUMMARY`) cannot be written: {error}"),
        help: Some("unset the variable, or use another format".into()),
        place: None,
    })
}

/// What reports are written for.
pub(crate) fn options(arguments: &TerminalArguments) -> Options {
    Options { human: human_options(arguments), repository: repository() }
}

/// The repository of the working folder: the first of its parents with a `.git` (a file in worktrees and submodules).
fn repository() -> Repository {
    let here = working_folder();
    let root = repository_root(here).unwrap_or(here);
    let text = |path: &Path| slashed(path).trim_end_matches('/').to_owned();
    Repository { root: text(root), folder: here.strip_prefix(root).map(text).unwrap_or_default() }
}

/// What standard output can show, by options and environment.
pub(crate) fn human_options(arguments: &TerminalArguments) -> HumanOptions {
    HumanOptions {
        style: if variable("NO_GRAPHICS").is_none_or(|value| value == "0") {
            Style::Graphical
        } else {
            Style::Narrated
        },
        detail: match arguments {
            TerminalArguments { quiet: true, .. } => Detail::Quiet,
            TerminalArguments { verbose: true, .. } => Detail::Verbose,
            _ => Detail::Normal,
        },
        color: color(arguments.color),
        hyperlinks: variable("FORCE_HYPERLINK").is_some_and(|value| value != "0"),
        width: width().unwrap_or(100),
    }
}

/// A variable of the environment that is not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether standard output takes colours.
pub(crate) fn color(choice: ColorArgument) -> bool {
    match choice {
        ColorArgument::Always => true,
        ColorArgument::Never => false,
        ColorArgument::Auto if variable("NO_COLOR").is_some() => false,
        ColorArgument::Auto if variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorArgument::Auto => io::stdout().is_terminal() && variable("TERM").is_none_or(|value| value != "dumb"),
    }
}

/// The columns of standard output; `None` where it is no terminal.
pub(crate) fn width() -> Option<usize> {
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    width.filter(|_| io::stdout().is_terminal())
}
