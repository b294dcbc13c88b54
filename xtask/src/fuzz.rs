//! `cargo xtask fuzz`: the fuzz targets, for as long as there is time.
//!
//! Targets are the tests named `fuzz_…`. Each runs in a process of its own, since what overflows the stack or the memory
//! takes a process with it; one that never ends is ended.
#![expect(clippy::print_stdout, reason = "a chore says what it does")]

use std::{
    collections::BTreeMap,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;

use crate::{Failure, root};

/// The packages that have targets, and the kinds of tests they are among.
const TESTS: &[&str] = &[
    "--package=tfduty-terraform",
    "--package=tfduty-aws",
    "--package=tfduty-report",
    "--package=tfduty",
    "--lib",
    "--bins",
    "--test=fuzz",
    "--test=policy",
    "--test=properties",
];
/// How long an input may take: a target that is not done by then hangs.
const GRACE: Duration = Duration::from_mins(1);

/// Run the fuzz targets for long, on all cores
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long it takes in all, builds not counted
    #[arg(long, value_name = "N", default_value_t = 10)]
    minutes: u64,
    /// Another seed makes other mutants [default: the time]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// These targets alone
    #[arg(long, value_delimiter = ',', value_name = "T,…")]
    target: Vec<String>,
    /// Ask the law of one target of this input alone
    #[arg(long, value_name = "FILE", requires = "target")]
    input: Option<PathBuf>,
}

/// A fuzz target: a test of a built program.
#[derive(Clone)]
struct Target {
    program: PathBuf,
    test: String,
}

impl Target {
    /// `plan` of `fuzz::fuzz_plan`.
    fn name(&self) -> &str {
        self.test.rsplit_once("fuzz_").map_or(&self.test, |(_, name)| name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--exact", &self.test, "--nocapture"]).current_dir(root()).stdout(Stdio::null());
        command
    }
}

/// Runs the targets: each as often at once as there are cores to spare, so that none stands idle.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let mut targets = targets()?;
    if !options.target.is_empty() {
        let known: Vec<String> = targets.iter().map(|target| target.name().to_owned()).collect();
        if let Some(unknown) = options.target.iter().find(|name| !known.contains(name)) {
            return Err(format!("no such target: {unknown} (there are {})", known.join(", ")).into());
        }
        targets.retain(|target| options.target.iter().any(|name| name == target.name()));
    }
    if let Some(input) = &options.input {
        return ask(&targets, &input.canonicalize()?);
    }
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let seed = options.seed.unwrap_or_else(now);
    let runs = runs(&targets, cores, seed);
    let each = Duration::from_secs(options.minutes * 60 * cores as u64 / runs.len().max(1) as u64);
    println!("{} targets from seed {seed}, {} s each", targets.len(), each.as_secs());
    let (queue, broken) = (Mutex::new(runs.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                let next = || queue.lock().ok()?.next();
                while let Some((target, seed)) = next() {
                    if let (Err(failure), Ok(mut broken)) = (campaign(&target, seed, each), broken.lock()) {
                        broken.push(failure.to_string());
                    }
                }
            });
        }
    });
    let broken = broken.into_inner()?;
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n").into()) }
}

/// Each target once; and as long as that leaves cores without work, each once more with the next seed.
fn runs(targets: &[Target], cores: usize, seed: u64) -> Vec<(Target, u64)> {
    let rounds = cores.div_ceil(targets.len().max(1)) as u64;
    (0..rounds).flat_map(|round| targets.iter().map(move |target| (target.clone(), seed + round))).collect()
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Asks targets of one input.
fn ask(targets: &[Target], input: &std::path::Path) -> Result<(), Failure> {
    for target in targets {
        let status = target.command().env("TFDUTY_FUZZ_INPUT", input).stdout(Stdio::inherit()).status()?;
        if !status.success() {
            return Err(format!("{} breaks a law of {}", input.display(), target.name()).into());
        }
    }
    Ok(())
}

/// Runs a target for so long. It tells itself what it did and found.
fn campaign(target: &Target, seed: u64, each: Duration) -> Result<(), Failure> {
    let name = target.name();
    let mut command = target.command();
    command.env("TFDUTY_FUZZ_SECONDS", each.as_secs().to_string()).env("TFDUTY_FUZZ_SEED", seed.to_string());
    let mut child = command.spawn()?;
    let running = format!("its last input is {name}-{seed}.running in the folder `fuzz` of what is built");
    match wait(&mut child, each + GRACE)? {
        None => Err(format!("{name} hangs; {running}").into()),
        Some(status) if status.success() => Ok(()),
        Some(status) => match status.code() {
            Some(_) => Err(format!("{name} breaks a law").into()),
            None => Err(format!("{name} ended with {status}; {running}").into()),
        },
    }
}

/// Waits for a process, and ends it where it takes longer.
fn wait(child: &mut Child, most: Duration) -> Result<Option<std::process::ExitStatus>, Failure> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if begin.elapsed() > most {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// Builds the tests, and finds the targets among them.
fn targets() -> Result<Vec<Target>, Failure> {
    /// What cargo says of a program it has built.
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--profile=fuzz", "--no-run", "--message-format=json-render-diagnostics"]).args(TESTS);
    let built = cargo.current_dir(root()).stderr(Stdio::inherit()).output()?;
    if !built.status.success() {
        return Err("the targets cannot be built".into());
    }
    let mut found = BTreeMap::new();
    for line in String::from_utf8(built.stdout)?.lines() {
        let Ok(Message { executable: Some(program) }) = serde_json::from_str(line) else { continue };
        let listed = Command::new(&program).args(["--list", "--format=terse"]).output()?;
        for test in String::from_utf8(listed.stdout)?.lines().filter_map(|line| line.strip_suffix(": test")) {
            if test.rsplit("::").next().is_some_and(|name| name.starts_with("fuzz_")) {
                found.insert(test.to_owned(), Target { program: program.clone(), test: test.to_owned() });
            }
        }
    }
    Ok(found.into_values().collect())
}
