//! One run of a program, watched from outside.

use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use serde::Serialize;
use wait4::Wait4;

use crate::Failure;

/// What one run took.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Run {
    pub(super) wall_ms: f64,
    /// User and system time, in all threads and all processes that it waited for.
    pub(super) cpu_ms: f64,
    /// Most memory that one of these processes held at once. Linux counts what the parent held when it started the
    /// program, so that a program which needs less than this chore, some 8 MB, shows as much.
    pub(super) peak_bytes: f64,
    /// Bytes printed to standard output.
    pub(super) printed_bytes: u64,
}

/// Runs a program to its end, which is one of these exit statuses. It prints into a file, as it would in a pipeline: to
/// the null device some programs print nothing at all.
pub(super) fn measure(command: &mut Command, statuses: &[i32], out: &Path) -> Result<Run, Failure> {
    let printed = File::create(out)?;
    command.stdin(Stdio::null()).stdout(printed.try_clone()?);
    let start = Instant::now();
    let ended = command.spawn().and_then(Wait4::wait4);
    let wall = start.elapsed();
    let program = command.get_program().display();
    let ended = ended.map_err(|error| format!("{program} cannot be run: {error}"))?;
    if !ended.status.code().is_some_and(|status| statuses.contains(&status)) {
        return Err(
            format!("{program} ended with {}, which is not expected; see {}", ended.status, out.display()).into()
        );
    }
    #[expect(clippy::cast_precision_loss, reason = "sizes of memory")]
    let peak_bytes = ended.rusage.maxrss as f64;
    let cpu = ended.rusage.utime + ended.rusage.stime;
    Ok(Run {
        wall_ms: wall.as_secs_f64() * 1e3,
        cpu_ms: cpu.as_secs_f64() * 1e3,
        peak_bytes,
        printed_bytes: printed.metadata()?.len(),
    })
}
