//! Programs that are run in turn.
//!
//! A time says as much about the machine as about the program, and others may run beside it. Programs that take turns
//! share that luck: what counts is the ratio of neighbours.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use super::measure::{Run, measure};
use crate::Failure;

/// A program with what it is run on.
pub(super) struct Case {
    /// What it is called in the table.
    pub(super) name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    /// Bytes that it reads.
    pub(super) input: u64,
    /// Exit statuses that it may end with.
    statuses: &'static [i32],
    /// How often it is run at most, and without a run to warm up: it takes minutes.
    most: Option<usize>,
}

impl Case {
    /// A program that succeeds.
    pub(super) fn new(name: impl Into<String>, program: &Path, arguments: &[&str], input: u64) -> Self {
        let arguments = arguments.iter().map(OsString::from).collect();
        Self { name: name.into(), program: program.to_owned(), arguments, input, statuses: &[0], most: None }
    }

    /// Bytes that it reads.
    #[expect(clippy::cast_precision_loss, reason = "sizes of files")]
    pub(super) fn bytes(&self) -> f64 {
        self.input as f64
    }

    /// What is typed to run it.
    pub(super) fn command(&self) -> String {
        let words = self.arguments.iter().map(|word| word.to_string_lossy());
        [self.program.file_name().unwrap_or_default().to_string_lossy()]
            .into_iter()
            .chain(words)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// One that ends with 1: it finds something.
    pub(super) fn finding(self) -> Self {
        Self { statuses: &[1], ..self }
    }

    /// One that finds something or nothing, and takes so long that it is run but once.
    pub(super) fn slow(self) -> Self {
        Self { statuses: &[0, 1], most: Some(1), ..self }
    }
}

/// What a value of a run is called, and how it is got.
pub(super) type Of = fn(&Run) -> f64;

pub(super) const WALL: Of = |run| run.wall_ms;
pub(super) const CPU: Of = |run| run.cpu_ms;
pub(super) const PEAK: Of = |run| run.peak_bytes;

/// Programs that were run in turn, the first of which the others are compared with.
pub(super) struct Group {
    pub(super) title: String,
    pub(super) cases: Vec<(Case, Vec<Run>)>,
}

impl Group {
    /// Runs all programs in turn in a folder, as often as that. A round before the first one warms up.
    pub(super) fn run(title: &str, rounds: usize, folder: &Path, cases: Vec<Case>) -> Result<Self, Failure> {
        eprintln!("running {title}");
        let mut cases: Vec<(Case, Vec<Run>)> = cases.into_iter().map(|case| (case, Vec::new())).collect();
        let out = folder.join("printed");
        for round in 0..=rounds {
            for (case, runs) in &mut cases {
                if case.most.is_some_and(|most| round == 0 || round > most) {
                    continue;
                }
                let mut command = Command::new(&case.program);
                let run = measure(command.args(&case.arguments).current_dir(folder), case.statuses, &out)?;
                if round > 0 {
                    runs.push(run);
                }
            }
        }
        Ok(Self { title: title.to_owned(), cases })
    }

    /// The median of a program's runs; not a number where there is no such program.
    pub(super) fn median(&self, case: usize, of: Of) -> f64 {
        median(self.runs(case).iter().map(of))
    }

    /// How many times another program's value a program's value is: the ratio of neighbours, then the median.
    pub(super) fn ratio(&self, case: usize, other: usize, of: Of) -> f64 {
        median(self.runs(case).iter().zip(self.runs(other)).map(|(one, other)| of(one) / of(other)))
    }

    /// How much more a program's value is than another one's: the difference of neighbours, then the median.
    pub(super) fn difference(&self, case: usize, other: usize, of: Of) -> f64 {
        median(self.runs(case).iter().zip(self.runs(other)).map(|(one, other)| of(one) - of(other)))
    }

    /// Which program has a name.
    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.cases.iter().position(|(case, _)| case.name == name)
    }

    fn runs(&self, case: usize) -> &[Run] {
        self.cases.get(case).map_or(&[], |(_, runs)| runs.as_slice())
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.as_slice() {
        [] => f64::NAN,
        values if values.len() % 2 == 0 => f64::midpoint(values[middle - 1], values[middle]),
        values => values[middle],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_neighbours() {
        let run = |wall_ms| Run { wall_ms, cpu_ms: 1.0, peak_bytes: 1.0, printed_bytes: 0 };
        let case = |name| Case::new(name, Path::new("true"), &[], 1);
        // The machine was slow in the second round.
        let cases =
            vec![(case("a"), vec![run(2.0), run(20.0), run(2.2)]), (case("b"), vec![run(1.0), run(10.0), run(1.0)])];
        let group = Group { title: String::new(), cases };
        assert!((group.ratio(0, 1, WALL) - 2.0).abs() < 1e-9);
        assert!((group.difference(0, 1, WALL) - 1.2).abs() < 1e-9);
        assert!(group.ratio(0, 2, WALL).is_nan());
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert!((median([4.0, 1.0, f64::NAN, 2.0, 3.0].into_iter()) - 2.5).abs() < 1e-9);
        assert!(median(std::iter::empty()).is_nan());
    }
}
