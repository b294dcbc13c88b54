//! What is measured, and what it should cost.

use std::path::{Path, PathBuf};

use super::{
    generate::Size,
    group::{CPU, Case, Group, PEAK, WALL},
    inputs::Inputs,
    peers::Peer,
    report::{Limit, Target},
};
use crate::Failure;

/// What can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Part {
    Plans,
    States,
    Trees,
    Lists,
    Findings,
    Crowds,
}

const SMALL: u64 = 70_000;
const LARGE: u64 = 100_000_000;
const HUGE: u64 = 1_000_000_000;
/// Peers take as much memory as ten times a larger plan.
const MOST_FOR_PEERS: u64 = LARGE;
/// What takes milliseconds is run more often.
const SHORT: u64 = 2_000_000;
const MIB: f64 = 1_048_576.0;
const CHECK: &str = "`tfduty check`";

/// The programs, and what was measured so far.
pub(super) struct Bench {
    pub(super) tfduty: PathBuf,
    pub(super) baseline: PathBuf,
    pub(super) peers: Vec<Peer>,
    pub(super) rounds: usize,
    pub(super) inputs: Inputs,
    pub(super) groups: Vec<Group>,
    pub(super) targets: Vec<Target>,
}

impl Bench {
    /// Plans by their size, beside the baseline and the peers.
    pub(super) fn plans(&mut self, sizes: &[Size]) -> Result<(), Failure> {
        for &size in sizes {
            let plan = self.plan(size)?;
            let mut cases = vec![self.check(CHECK, &plan), self.least(&plan)];
            let peers = self.peers.iter().filter(|peer| size.0 <= MOST_FOR_PEERS && (size.0 >= SHORT || !peer.is_slow));
            cases.extend(peers.map(|peer| {
                let arguments: Vec<&str> =
                    peer.arguments.iter().map(String::as_str).chain([plan.name.as_str()]).collect();
                let case = Case::new(peer.name, &peer.program, &arguments, plan.bytes);
                if peer.is_slow { case.slow() } else { case }
            }));
            if size.0 == HUGE {
                let large = self.plan(Size(LARGE))?;
                cases.push(self.check("`tfduty check` on 100 MB", &large));
            }
            let rounds = match size.0 {
                ..SHORT => self.rounds * 5,
                HUGE.. => self.rounds.min(3),
                _ => self.rounds,
            };
            self.run(&format!("plan of {size}"), rounds, cases, |group, targets| of_plan(size.0, group, targets))?;
        }
        Ok(())
    }

    /// States by their size, beside the baseline.
    pub(super) fn states(&mut self, sizes: &[Size]) -> Result<(), Failure> {
        for &size in sizes {
            let name = format!("state-{}.tfstate", file_name(size));
            let state = self.input(&name, &["--state", "--size", &file_name(size)])?;
            let cases = vec![self.check(CHECK, &state), self.least(&state)];
            self.run(&format!("state of {size}"), self.rounds, cases, |_, _| {})?;
        }
        Ok(())
    }

    /// Trees by their number of stacks, beside what it takes to read all files that tfduty opens: all but those of
    /// `.terraform` and `.git`, and the backups of states.
    pub(super) fn trees(&mut self, numbers: &[u32]) -> Result<(), Failure> {
        for &stacks in numbers {
            let tree = self.input(&format!("tree-{stacks}"), &["--tree", &stacks.to_string()])?;
            let find = "-type f -not -path '*/.terraform/*' -not -path '*/.git/*' -not -name '*.tfstate.backup'";
            let cat = format!("find {} {find} -print0 | xargs -0 cat > /dev/null", tree.name);
            let cases = vec![
                self.check(CHECK, &tree),
                Case::new("`find … | xargs cat`", Path::new("sh"), &["-c", &cat], tree.bytes),
            ];
            let what = format!("tree of {} stacks", grouped(stacks));
            self.run(&what, self.rounds, cases, |group, targets| {
                let wall = group.ratio(0, 1, WALL);
                targets.push(Target::new(
                    format!("{what}: wall against `find … | xargs cat`"),
                    Limit::Most(1.3),
                    "×",
                    wall,
                ));
                let peak = group.median(0, PEAK) / MIB;
                targets.push(Target::new(
                    format!("{what}: peak memory, without findings"),
                    Limit::Most(64.0),
                    "MiB",
                    peak,
                ));
            })?;
        }
        Ok(())
    }

    /// Pairs of list files by their number of entries.
    pub(super) fn lists(&mut self, numbers: &[u32]) -> Result<(), Failure> {
        for &entries in numbers {
            let count = entries.to_string();
            let one = self.input(&format!("list-{entries}.txt"), &["--list", &count])?;
            let other = self.input(&format!("list-{entries}-other.txt"), &["--list", &count, "--seed", "1"])?;
            let arguments = ["list", &one.name, &other.name];
            let cases = vec![Case::new("`tfduty list`", &self.tfduty, &arguments, one.bytes + other.bytes)];
            let what = format!("two lists of {} entries", grouped(entries));
            self.run(&what, self.rounds * 2, cases, |group, targets| {
                if entries >= 250_000 {
                    let wall = group.median(0, WALL) / 1e3;
                    targets.push(Target::new(format!("{what}: wall"), Limit::Most(0.4), "s", wall));
                }
            })?;
        }
        Ok(())
    }

    /// Plans by their number of findings, beside the same plan without them.
    pub(super) fn findings(&mut self, numbers: &[u32]) -> Result<(), Failure> {
        let mut cases = Vec::new();
        for &findings in numbers {
            let count = findings.to_string();
            let healthy = self.input(&format!("findings-0-of-{count}.json"), &["--findings", &count, "--healthy"])?;
            let failing = self.input(&format!("findings-{count}.json"), &["--findings", &count])?;
            let shown = grouped(findings);
            let sarif = ["check", "--format", "sarif", failing.name.as_str()];
            cases.extend([
                self.check(&format!("{CHECK}, none of {shown}"), &healthy),
                self.check(&format!("{CHECK}, {shown}"), &failing).finding(),
                Case::new(format!("{CHECK}, {shown} as SARIF"), &self.tfduty, &sarif, failing.bytes).finding(),
            ]);
        }
        self.run("plans with findings", self.rounds, cases, |group, targets| {
            for (format, offset) in [("human", 1), ("SARIF", 2)] {
                // What one finding costs, in microseconds, beyond the same plan without findings.
                let cost = |index: usize| {
                    let findings = numbers.get(index).copied().unwrap_or_default();
                    group.difference(3 * index + offset, 3 * index, CPU) * 1e3 / f64::from(findings)
                };
                let last = numbers.len().saturating_sub(1);
                let most = grouped(numbers.last().copied().unwrap_or_default());
                let what = format!("{most} findings in one plan, {format}: processor time of one");
                targets.push(Target::new(what, Limit::Most(50.0), "µs", cost(last)));
                if let Some(before) = last.checked_sub(1) {
                    let what = format!("the same, against one of {}", grouped(numbers[before]));
                    targets.push(Target::new(what, Limit::Most(1.2), "×", cost(last) / cost(before)));
                }
            }
        })
    }

    /// Crowds of objects that rules relate to each other, by their number of lists: what is quadratic shows.
    pub(super) fn crowds(&mut self, numbers: &[u32]) -> Result<(), Failure> {
        let mut cases = Vec::new();
        for &lists in numbers {
            let crowd = self.input(&format!("crowd-{lists}.json"), &["--lists", &lists.to_string()])?;
            cases.push(self.check(&format!("{CHECK}, {} lists", grouped(lists)), &crowd).finding());
        }
        self.run("plans with a crowd of lists", self.rounds, cases, |_, _| {})
    }

    /// Runs programs in turn, and takes what is to be compared with a target.
    fn run(
        &mut self,
        title: &str,
        rounds: usize,
        cases: Vec<Case>,
        compare: impl FnOnce(&Group, &mut Vec<Target>),
    ) -> Result<(), Failure> {
        let group = Group::run(title, rounds, self.inputs.folder(), cases)?;
        compare(&group, &mut self.targets);
        self.groups.push(group);
        Ok(())
    }

    fn check(&self, name: &str, input: &Input) -> Case {
        Case::new(name, &self.tfduty, &["check", &input.name], input.bytes)
    }

    fn least(&self, input: &Input) -> Case {
        Case::new("baseline", &self.baseline, &[&input.name], input.bytes)
    }

    fn plan(&self, size: Size) -> Result<Input, Failure> {
        self.input(&format!("plan-{}.json", file_name(size)), &["--size", &file_name(size)])
    }

    fn input(&self, name: &str, arguments: &[&str]) -> Result<Input, Failure> {
        let path = self.inputs.get(name, arguments)?;
        let files =
            walkdir::WalkDir::new(path).into_iter().filter_map(Result::ok).filter(|file| file.file_type().is_file());
        let bytes = files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum();
        Ok(Input { name: name.to_owned(), bytes })
    }
}

/// A file or folder in the folder of the inputs.
struct Input {
    name: String,
    bytes: u64,
}

/// What a plan of some size should cost.
fn of_plan(size: u64, group: &Group, targets: &mut Vec<Target>) {
    let mut add = |what: &str, limit, measured| targets.push(Target::new(what, limit, "×", measured));
    // How many times tfduty's the value of another program is; not a number where it was not run.
    let other = |name: &str, of| group.position(name).map_or(f64::NAN, |other| group.ratio(other, 0, of));
    let peak = group.median(0, PEAK) / group.cases.first().map_or(f64::NAN, |(case, _)| case.bytes());
    match size {
        SMALL => add("70 KB plan: wall against `jq`", Limit::Most(0.25), 1.0 / other("jq", WALL)),
        LARGE => {
            add("100 MB plan: wall against the baseline", Limit::Most(1.3), group.ratio(0, 1, WALL));
            add("100 MB plan: processor time against the baseline", Limit::Most(1.8), group.ratio(0, 1, CPU));
            add("100 MB plan: wall of `jq` against it", Limit::Least(12.0), other("jq", WALL));
            add("100 MB plan: wall of the Rego engine against it", Limit::Least(8.0), other("regorus", WALL));
            add("100 MB plan: processor time of checkov against it", Limit::Least(500.0), other("checkov", CPU));
            add("100 MB plan: peak memory against the input", Limit::Most(1.25), peak);
        }
        HUGE => {
            let growth = group.ratio(0, group.cases.len() - 1, WALL);
            add("1 GB plan: wall against the 100 MB plan", Limit::Most(10.5), growth);
            add("1 GB plan: peak memory against the input", Limit::Most(1.25), peak);
        }
        _ => {}
    }
}

/// A size as part of a file name, and as an option takes it.
fn file_name(size: Size) -> String {
    size.to_string().replace(' ', "")
}

/// A number with commas between its thousands.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([7, 2_000, 250_000, 1_000_000].map(grouped), ["7", "2,000", "250,000", "1,000,000"]);
    }
}
