//! What runs a target: so many mutants as a test, or for so long in a campaign.

use std::{
    collections::{HashSet, hash_map::DefaultHasher},
    env, fs,
    hash::{Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{Mutate, Random, fixtures};

/// The seed of the mutants that every test run makes.
const SEED: u64 = 8;
/// How many mutants with an outcome of their own are mutated further.
const MOST_KEPT: usize = 4_096;
/// The longest of them.
const LONGEST_KEPT: usize = 128 * 1024;
/// How often a law is asked while an input that breaks it is made smaller.
const MOST_CUTS: usize = 2_000;

/// What is fuzzed.
#[derive(Debug)]
pub struct Target {
    /// Its name: that of the test without `fuzz_`. Inputs that once broke a law lie in `fixtures/fuzz/NAME/`.
    pub name: &'static str,
    /// The inputs that are mutated.
    pub seeds: Vec<Vec<u8>>,
    /// How they are.
    pub mutate: Mutate,
    /// How many mutants are made where nothing else is said.
    pub mutants: u64,
}

/// Asks the law of the seeds, of what once broke it, and of mutants. It panics where it does not hold, and returns what
/// came out of the input: mutants with an outcome of their own are mutated further.
///
/// `cargo xtask fuzz` sets how long this goes on: see `Campaign`.
pub fn fuzz<O: Hash>(target: &Target, law: impl Fn(&[u8]) -> O) {
    let outcome = |input: &[u8]| {
        let mut hasher = DefaultHasher::new();
        law(input).hash(&mut hasher);
        hasher.finish()
    };
    match Campaign::of_environment() {
        None => test(target, &outcome),
        Some(Campaign::Input(file)) => {
            let input = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            outcome(&input);
        }
        Some(Campaign::Time { most, seed }) => campaign(target, &outcome, (most, seed)),
    }
}

type Law<'a> = dyn Fn(&[u8]) -> u64 + 'a;

/// What the environment asks for.
enum Campaign {
    /// `TFDUTY_FUZZ_INPUT=FILE`: this input alone.
    Input(PathBuf),
    /// `TFDUTY_FUZZ_SECONDS=N`, and `TFDUTY_FUZZ_SEED=S`: mutants for so long.
    Time { most: Duration, seed: u64 },
}

impl Campaign {
    fn of_environment() -> Option<Self> {
        if let Some(file) = env::var_os("TFDUTY_FUZZ_INPUT") {
            return Some(Self::Input(file.into()));
        }
        let number = |name| env::var(name).ok().and_then(|text| text.parse().ok());
        let most = Duration::from_secs(number("TFDUTY_FUZZ_SECONDS")?);
        Some(Self::Time { most, seed: number("TFDUTY_FUZZ_SEED").unwrap_or(SEED) })
    }
}

/// The mutants of a run.
struct Mutants<'t> {
    target: &'t Target,
    random: Random,
    kept: Vec<Vec<u8>>,
    outcomes: HashSet<u64>,
}

impl<'t> Mutants<'t> {
    fn new(target: &'t Target, seed: u64) -> Self {
        Self { target, random: Random::new(seed), kept: Vec::new(), outcomes: HashSet::new() }
    }

    fn next(&mut self) -> Vec<u8> {
        let Self { target, random, kept, .. } = self;
        let from = if kept.is_empty() || random.once_in(2) { &target.seeds } else { &*kept };
        let input = random.pick(from);
        (target.mutate)(random, input, &target.seeds)
    }

    /// Whether the outcome is a new one: then its input is mutated further.
    fn keep(&mut self, input: &[u8], outcome: u64) -> bool {
        let is_new = self.outcomes.len() < MOST_KEPT && self.outcomes.insert(outcome);
        if is_new && input.len() <= LONGEST_KEPT {
            self.kept.push(input.to_vec());
        }
        is_new
    }
}

fn test(target: &Target, law: &Law<'_>) {
    assert!(!target.seeds.is_empty(), "{} has no seeds", target.name);
    for fixture in fixtures(&format!("fuzz/{}", target.name)) {
        asked(law, &fixture.bytes, || format!("fixtures/{}", fixture.path));
    }
    let mut mutants = Mutants::new(target, SEED);
    for seed in &target.seeds {
        let outcome = asked(law, seed, || save(target.name, seed));
        mutants.outcomes.insert(outcome);
    }
    for _ in 0..target.mutants {
        let mutant = mutants.next();
        let outcome = asked(law, &mutant, || save(target.name, &mutant));
        mutants.keep(&mutant, outcome);
    }
}

/// Asks a law, and names the input where it does not hold.
#[expect(clippy::print_stderr, reason = "it is the one who runs the test that is told")]
fn asked(law: &Law<'_>, input: &[u8], name: impl FnOnce() -> String) -> u64 {
    catch_unwind(AssertUnwindSafe(|| law(input))).unwrap_or_else(|panic| {
        eprintln!("the law is broken by {}", name());
        resume_unwind(panic)
    })
}

#[expect(clippy::print_stderr, reason = "a campaign tells what it found as it finds it")]
fn campaign(target: &Target, law: &Law<'_>, (most, seed): (Duration, u64)) {
    let name = target.name;
    let begin = Instant::now();
    let mut mutants = Mutants::new(target, seed);
    let (mut count, mut broken) = (0_u64, HashSet::new());
    let mut slowest = (Duration::ZERO, Vec::new());
    let running = folder().join(format!("{name}-{seed}.running"));
    let mut seeds = target.seeds.iter();
    while begin.elapsed() < most {
        let mutant = seeds.next().cloned().unwrap_or_else(|| mutants.next());
        // What overflows the stack or the memory, or never ends, is found in this file.
        let _ = fs::write(&running, &mutant);
        let start = Instant::now();
        let outcome = quiet(law, &mutant);
        if start.elapsed() > slowest.0 {
            slowest = (start.elapsed(), mutant.clone());
        }
        count += 1;
        match outcome {
            Ok(outcome) => drop(mutants.keep(&mutant, outcome)),
            Err(place) => {
                if broken.insert(place.clone()) {
                    let file = save(name, &smaller(law, mutant, &place));
                    eprintln!("{name}: broken at {place}: cargo xtask fuzz --target {name} --input {file}");
                }
            }
        }
    }
    let _ = fs::remove_file(running);
    let slow = save(&format!("{name}-slowest"), &slowest.1);
    eprintln!(
        "{name}: {count} inputs in {} s from seed {seed}, {} outcomes, the slowest took {} ms ({slow})",
        begin.elapsed().as_secs(),
        mutants.outcomes.len(),
        slowest.0.as_millis(),
    );
    assert!(broken.is_empty(), "{name}: {} laws are broken", broken.len());
}

/// Asks a law without a word. Where it does not hold, gives the place that says so.
fn quiet(law: &Law<'_>, input: &[u8]) -> Result<u64, String> {
    use std::{cell::RefCell, panic, sync::Once};
    thread_local! { static PLACE: RefCell<String> = const { RefCell::new(String::new()) } }
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
            PLACE.set(place.unwrap_or_default());
        }));
    });
    catch_unwind(AssertUnwindSafe(|| law(input))).map_err(|_| PLACE.take())
}

/// Cuts pieces out of an input that breaks a law, for as long as what is left breaks it at the same place.
fn smaller(law: &Law<'_>, mut input: Vec<u8>, place: &str) -> Vec<u8> {
    let (mut piece, mut cuts) = (input.len() / 2, 0);
    while piece > 0 {
        let mut at = 0;
        while at < input.len() {
            if cuts == MOST_CUTS {
                return input;
            }
            cuts += 1;
            let mut cut = input.clone();
            cut.drain(at..cut.len().min(at + piece));
            if quiet(law, &cut).is_err_and(|other| other == place) { input = cut } else { at += piece }
        }
        piece /= 2;
    }
    input
}

/// Writes an input beside the built programs, and gives the path.
fn save(name: &str, input: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    input.hash(&mut hasher);
    let is_one_of_its_kind = name.ends_with("-slowest");
    let name = if is_one_of_its_kind { name.to_owned() } else { format!("{name}-{:016x}", hasher.finish()) };
    let path = folder().join(name);
    match fs::write(&path, input) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("an input that cannot be written: {error}"),
    }
}

/// `fuzz` in the folder of what is built.
fn folder() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let folder = program.ancestors().nth(3).unwrap_or(Path::new(".")).join("fuzz");
    let _ = fs::create_dir_all(&folder);
    folder
}
