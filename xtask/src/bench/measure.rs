//! One run of a program, watched from outside.

use std::{
    io::Read,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use crate::Failure;

/// What one run took.
pub(super) struct Run {
    pub(super) wall_ms: f64,
    /// Time on processors, in all threads; not a number where the system does not tell.
    pub(super) cpu_ms: f64,
    /// Most memory held at once; not a number where the system does not tell.
    pub(super) peak_bytes: f64,
    /// Bytes printed to standard output.
    pub(super) printed: usize,
}

/// How often a running program is looked at.
const INTERVAL: Duration = Duration::from_millis(1);

/// Runs a program to its end. That it finds something is no failure; that it cannot audit is one.
pub(super) fn measure(command: &mut Command) -> Result<Run, Failure> {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let process = format!("/proc/{}", child.id());
    let mut stdout = child.stdout.take();
    let ended = AtomicBool::new(false);
    let (outcome, printed, (cpu_ms, peak_bytes)) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&process, &ended));
        let mut printed = Vec::new();
        let read = stdout.as_mut().map_or(Ok(0), |stdout| stdout.read_to_end(&mut printed));
        let outcome = read.and_then(|_| child.wait()).map(|status| (status, start.elapsed()));
        ended.store(true, Ordering::Relaxed);
        (outcome, printed.len(), watcher.join().unwrap_or((f64::NAN, f64::NAN)))
    });
    let (status, wall) = outcome?;
    if !matches!(status.code(), Some(0 | 1)) {
        return Err(format!("{} failed: {status}", command.get_program().display()).into());
    }
    Ok(Run { wall_ms: wall.as_secs_f64() * 1e3, cpu_ms, peak_bytes, printed })
}

/// Reads what Linux says of a process until it ends: both values only grow, so the last ones are nearly those of the end.
fn watch(process: &str, ended: &AtomicBool) -> (f64, f64) {
    let (mut cpu_ms, mut peak) = (f64::NAN, f64::NAN);
    while !ended.load(Ordering::Relaxed) {
        cpu_ms = cpu(process).unwrap_or(cpu_ms);
        peak = peak_of(process).unwrap_or(peak);
        std::thread::sleep(INTERVAL);
    }
    (cpu_ms, peak)
}

/// `VmHWM`, the most that was resident.
fn peak_of(process: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<f64>().ok().map(|kib| kib * 1024.0)
}

/// User and system time, which Linux counts in hundredths of a second here.
fn cpu(process: &str) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(ticks * 10.0)
}
