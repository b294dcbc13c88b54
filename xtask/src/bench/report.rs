//! What was measured, as Markdown and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::{
    group::{CPU, Group, PEAK, WALL},
    machine::Machine,
};

/// A bound that was set beforehand.
#[derive(Debug, Clone, Copy)]
pub(super) enum Limit {
    Most(f64),
    Least(f64),
}

/// A bound, and what was measured.
pub(super) struct Target {
    what: String,
    limit: Limit,
    unit: &'static str,
    /// Not a number where it was not measured.
    measured: f64,
}

impl Target {
    pub(super) fn new(what: impl Into<String>, limit: Limit, unit: &'static str, measured: f64) -> Self {
        Self { what: what.into(), limit, unit, measured }
    }

    /// Whether it is met; nothing where it was not measured.
    fn is_met(&self) -> Option<bool> {
        let met = match self.limit {
            Limit::Most(most) => self.measured <= most,
            Limit::Least(least) => self.measured >= least,
        };
        self.measured.is_finite().then_some(met)
    }
}

/// All that a run tells.
pub(super) struct Report {
    /// What was run.
    pub(super) command: String,
    pub(super) machine: Machine,
    /// Names of the other programs, with their versions.
    pub(super) peers: Vec<String>,
    pub(super) groups: Vec<Group>,
    pub(super) targets: Vec<Target>,
}

impl Report {
    pub(super) fn markdown(&self) -> String {
        let Machine { date, processor, cores, kernel, rustc } = &self.machine;
        let peers: String = self.peers.iter().map(|peer| ["; ", peer].concat()).collect();
        let mut text = format!(
            "`{}` on {date}: {cores} cores of {processor}, {kernel}, {rustc}{peers}.\n\n\
             | input | program | wall | processor time | peak memory | of the input | wall, processor time: times the first |\n\
             |---|---|---:|---:|---:|---:|---:|\n",
            self.command
        );
        for group in &self.groups {
            for (position, (case, _)) in group.cases.iter().enumerate() {
                let peak = group.median(position, PEAK);
                let (title, against) = if position == 0 {
                    (group.title.as_str(), String::new())
                } else {
                    let [wall, cpu] = [WALL, CPU].map(|of| number(group.ratio(position, 0, of)));
                    ("", format!("{wall}, {cpu}"))
                };
                let _ = writeln!(
                    text,
                    "| {title} | {} | {} | {} | {} MB | {} × | {against} |",
                    cell(&case.name),
                    time(group.median(position, WALL)),
                    time(group.median(position, CPU)),
                    number(peak / 1e6),
                    number(peak / case.bytes()),
                );
            }
        }
        text.push_str("\n| target | | measured | |\n|---|---:|---:|---|\n");
        for target in &self.targets {
            let (sign, limit) = match target.limit {
                Limit::Most(limit) => ("≤", limit),
                Limit::Least(limit) => ("≥", limit),
            };
            let measured = match target.is_met() {
                Some(_) => format!("{} {}", number(target.measured), target.unit),
                None => "–".into(),
            };
            let met = target.is_met().map_or("not measured", |met| if met { "met" } else { "**not met**" });
            let _ = writeln!(text, "| {} | {sign} {limit} {} | {measured} | {met} |", cell(&target.what), target.unit);
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let groups = self.groups.iter().map(|group| {
            let cases = group.cases.iter().enumerate().map(|(position, (case, runs))| {
                let median = |of| group.median(position, of);
                json!({
                    "program": case.name, "command": case.command(), "input_bytes": case.input, "runs": runs,
                    "median": {"wall_ms": median(WALL), "cpu_ms": median(CPU), "peak_bytes": median(PEAK)},
                    "times_the_first": {"wall": group.ratio(position, 0, WALL), "cpu": group.ratio(position, 0, CPU)},
                })
            });
            json!({"input": group.title, "programs": cases.collect::<Vec<_>>()})
        });
        let targets = self.targets.iter().map(|target| {
            let (bound, limit) = match target.limit {
                Limit::Most(limit) => ("at-most", limit),
                Limit::Least(limit) => ("at-least", limit),
            };
            json!({
                "target": target.what, "bound": bound, "limit": limit, "unit": target.unit, "measured": target.measured,
                "met": target.is_met(),
            })
        });
        json!({
            "command": self.command, "machine": self.machine, "peers": self.peers, "inputs": groups.collect::<Vec<_>>(),
            "targets": targets.collect::<Vec<_>>(),
        })
    }
}

/// Text in a cell of a table, where a bar would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Milliseconds as people read them.
fn time(milliseconds: f64) -> String {
    if milliseconds >= 10_000.0 {
        format!("{:.1} s", milliseconds / 1e3)
    } else if milliseconds >= 1_000.0 {
        format!("{:.2} s", milliseconds / 1e3)
    } else {
        format!("{} ms", number(milliseconds))
    }
}

/// A number with as many decimals as say something.
fn number(value: f64) -> String {
    match value.abs() {
        _ if !value.is_finite() => "–".into(),
        10_000.0.. => format!("{:.1} k", value / 1e3),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_met_on_their_side_of_the_limit() {
        let met = |limit, measured| Target::new("", limit, "×", measured).is_met();
        assert_eq!((met(Limit::Most(1.3), 1.3), met(Limit::Most(1.3), 1.31)), (Some(true), Some(false)));
        assert_eq!((met(Limit::Least(12.0), 12.0), met(Limit::Least(12.0), 11.9)), (Some(true), Some(false)));
        assert_eq!(met(Limit::Most(1.0), f64::NAN), None);
    }

    #[test]
    fn numbers_have_the_decimals_that_say_something() {
        assert_eq!([0.256, 12.34, 345.6, f64::NAN].map(number), ["0.26", "12.3", "346", "–"]);
        assert_eq!([4.2, 1_234.0, 45_678.0].map(time), ["4.20 ms", "1.23 s", "45.7 s"]);
    }
}
