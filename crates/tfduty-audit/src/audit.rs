//! The audit itself: rules judge, precedence settles, settings apply, and a report comes out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use rayon::prelude::*;
use sha2::{Digest, Sha256};
use tfduty_terraform::{Address, escape};

use crate::{
    context::{Context, Draft, Judgement, Known, Outcome, Reasons, Subject},
    destroy, detectors,
    estate::Estate,
    facts::Fact,
    finding::{Anchor, Finding, FindingVerdict, Related},
    graph::{Graph, THREAT, TRUSTED},
    history::Part,
    lists,
    object::{Object, ObjectId},
    positions,
    reading::Readings,
    report::{InputKind, Note, Problem, Report, Summary, Tally, Verdict},
    rule::{Command, Rule, Severity},
    rules::RULES,
    settings::{Settings, selects},
    settle::{Said, drop_told, explained, said, settle, silenced},
    suppress::{Remarks, suppress},
    wiring, withheld,
};

/// Objects of an estate that threads are started for, to judge several rules at once: it takes longer to start them than to
/// judge a smaller one.
const MANY: usize = 4_000;

/// Judges an estate: every rule of the command that the settings leave on.
pub fn audit(estate: &mut Estate, settings: &Settings) -> Report {
    let reasons = reasons(estate, settings);
    let rules: Vec<&'static Rule> = RULES.iter().copied().filter(|rule| runs(rule, settings)).collect();
    let estate = &*estate;
    let mut problems = estate.problems.clone();
    problems.extend(rules.is_empty().then(no_rule_left));
    let run = (&*rules, problems.is_empty());
    let (told, remarks) = with_known(estate, &reasons, |known| {
        let (outcomes, remarks) = ask(known, settings, &rules);
        (tell(known, settings, run, &outcomes), remarks)
    });
    let Told { mut findings, mut tallies, passed, suppressed } = told;
    let mut notes = estate.notes.clone();
    notes.extend(remarks);
    notes.extend(positions::notes(estate, &findings));
    notes.extend(withheld::notes(estate));
    problems.extend(suppressed.problems);
    notes.extend(suppressed.notes);
    notes.sort();
    notes.dedup();
    let destroys = settings.command == Command::Destroy && !estate.units.is_empty();
    // What a plan proves does not hang on which finding says why.
    let destroy = destroys.then(|| destroy::summary(estate, &findings));
    drop_told(&mut findings, &mut tallies);
    let mut report = Report {
        command: settings.command,
        today: settings.today.clone(),
        verdict: Verdict::Error,
        strict: settings.strict,
        preface: preface(estate),
        summary: summary(estate, &findings),
        detectors: detectors::present(estate).count() as u64,
        lists: lists_of(estate),
        passed,
        destroy,
        wiring: None,
        inputs: estate.inputs.clone(),
        problems,
        notes,
        findings,
        rules: tallies,
    };
    report.verdict = verdict(&report, settings);
    report
}

fn no_rule_left() -> Problem {
    Problem {
        path: None,
        message: "no rule is left to run".into(),
        help: Some("`tfduty rules` lists them; `--only` and `--skip` take ids and families such as `list-*`".into()),
        place: None,
    }
}

/// What these rules say of an estate, after what another of them explains is dropped.
fn judge(
    estate: &Estate,
    settings: &Settings,
    rules: &[&'static Rule],
    reasons: &Reasons,
) -> (Vec<Outcome>, Vec<Note>) {
    with_known(estate, reasons, |known| run_rules(known, settings, rules))
}

/// Works out what is asked of an estate again and again, for as long as it is asked.
pub(crate) fn with_known<T>(estate: &Estate, reasons: &Reasons, ask: impl FnOnce(Known<'_>) -> T) -> T {
    let graph = Graph::of(estate);
    let lists = lists::lists(estate, &graph);
    let readings = Readings::of(estate, &graph);
    ask(Known { estate, graph: &graph, lists: &lists, readings: &readings, reasons })
}

/// As [`judge`], of what is worked out already.
pub(crate) fn run_rules(known: Known<'_>, settings: &Settings, rules: &[&'static Rule]) -> (Vec<Outcome>, Vec<Note>) {
    let (mut outcomes, notes) = ask(known, settings, rules);
    settle(&mut outcomes, known.readings, settings);
    (outcomes, notes)
}

/// What each rule says by itself.
fn ask(known: Known<'_>, settings: &Settings, rules: &[&'static Rule]) -> (Vec<Outcome>, Vec<Note>) {
    let at_once = known.estate.object_slice().len() >= MANY;
    ask_each(rules, at_once, &|rule| Context::new(known, settings, rule))
}

/// Asks rules in turn or at once, each in a context of its own. What they say is in the order of the rules.
fn ask_each<'a>(
    rules: &[&'static Rule],
    at_once: bool,
    context: &(dyn Fn(&'static Rule) -> Context<'a> + Sync),
) -> (Vec<Outcome>, Vec<Note>) {
    let judged = |rule: &&'static Rule| {
        let mut context = context(rule);
        (rule.check)(&mut context);
        context.into_parts()
    };
    let each: Vec<_> =
        if at_once { rules.par_iter().map(judged).collect() } else { rules.iter().map(judged).collect() };
    let (outcomes, notes): (Vec<_>, Vec<_>) = each.into_iter().unzip();
    (outcomes.into_iter().flatten().collect(), notes.into_iter().flatten().collect())
}

/// Findings with what suppresses them, and what goes with them.
struct Told {
    findings: Vec<Finding>,
    tallies: Vec<Tally>,
    passed: Vec<(&'static str, ObjectId)>,
    suppressed: Remarks,
}

/// Settles the verdicts and applies what suppresses findings. What is suppressed explains no other finding, so that this is
/// done again until nothing more comes to light. `run` is what [`suppress`] takes.
fn tell(known: Known<'_>, settings: &Settings, run: (&[&'static Rule], bool), outcomes: &[Outcome]) -> Told {
    let estate = known.estate;
    let mut silent = BTreeSet::new();
    let mut is_explained = explained(outcomes, known.readings, settings, &silent);
    loop {
        let left = outcomes.iter().zip(&is_explained).filter(|(_, explained)| !**explained);
        let told = left.filter_map(|(outcome, _)| Some((finding(estate, settings, outcome.clone())?, said(outcome)?)));
        let mut told: Vec<(Finding, Said)> = told.collect();
        sort(estate, &mut told);
        let (mut findings, said): (Vec<Finding>, Vec<Said>) = told.into_iter().unzip();
        tell_apart(&mut findings);
        let suppressed = suppress(estate, settings, run, &mut findings);
        let before = silent.len();
        silent.extend(silenced(&findings, &said));
        let remaining = (silent.len() > before).then(|| explained(outcomes, known.readings, settings, &silent));
        let Some(remaining) = remaining.filter(|remaining| *remaining != is_explained) else {
            let tallies = tally(run.0, outcomes.iter().zip(&is_explained));
            return Told { findings, tallies, passed: passed(outcomes, &is_explained), suppressed };
        };
        is_explained = remaining;
    }
}

/// The objects that passed a rule by which links of the wiring hold.
fn passed(outcomes: &[Outcome], is_explained: &[bool]) -> Vec<(&'static str, ObjectId)> {
    let judged = outcomes.iter().zip(is_explained).filter(|(outcome, explained)| {
        matches!(outcome.judgement, Judgement::Pass) && !**explained && wiring::decides(outcome.rule.id)
    });
    let objects = judged.filter_map(|(outcome, _)| match outcome.subject {
        Subject::Object(id) => Some((outcome.rule.id, id)),
        _ => None,
    });
    objects.collect()
}

/// Rules that predict that a delete fails, and so know why one has failed.
const REASONS: &[&str] = &[
    "destroy-prevented",
    "destroy-bucket-not-empty",
    "destroy-bucket-locked",
    "destroy-protected",
    "destroy-guardduty-refuses",
];

/// Why objects of a state from after a destroy have stayed, as far as a rule would have predicted it.
fn reasons(estate: &mut Estate, settings: &Settings) -> Reasons {
    let holds = |estate: &Estate| {
        estate.objects().any(|(_, object)| object.is_managed() && estate.unit(object).part == Some(Part::After))
    };
    if settings.command != Command::Destroy || !holds(estate) {
        return Reasons::new();
    }
    let rules: Vec<&'static Rule> = RULES.iter().copied().filter(|rule| REASONS.contains(&rule.id)).collect();
    estate.predict(true);
    let (outcomes, _) = judge(estate, settings, &rules, &Reasons::new());
    estate.predict(false);
    let mut reasons = Reasons::new();
    for outcome in outcomes {
        let Subject::Object(id) = outcome.subject else { continue };
        let (label, anchor) = match outcome.judgement {
            Judgement::Fail(draft) => (format!("perhaps the reason: {}", draft.message), draft.anchor),
            Judgement::Undecided(draft) => (format!("perhaps the reason (`{}`)", outcome.rule.id), draft.anchor),
            Judgement::Pass | Judgement::Skip => continue,
        };
        if estate.unit(estate.object(id)).part == Some(Part::After) {
            reasons.entry(id).or_insert(Anchor { label, ..anchor });
        }
    }
    reasons
}

/// What is said first of all: that nothing has been destroyed yet.
fn preface(estate: &Estate) -> Option<String> {
    let predicted: Vec<&str> = estate
        .units
        .iter()
        .filter(|unit| unit.part == Some(Part::Before))
        .map(|unit| estate.inputs[unit.input].path.as_str())
        .collect();
    let states = match predicted[..] {
        [] => return None,
        [state] => format!("{state}, a state from before the destroy"),
        _ => format!("{} states from before the destroy", predicted.len()),
    };
    Some(format!(
        "prediction from {states}, as if all of it were to be destroyed; for the verdict give the state that the destroy left: `--after STATE`"
    ))
}

/// The sets that stay, and the list files.
fn lists_of(estate: &Estate) -> u64 {
    let sets = [TRUSTED, THREAT].iter().flat_map(|name| estate.of_type(name));
    (sets.filter(|(_, set)| set.is_present()).count() + estate.files.len()) as u64
}

/// Whether a rule runs in this command and with these settings.
fn runs(rule: &Rule, settings: &Settings) -> bool {
    let named = |selectors: &[String]| selectors.iter().any(|selector| selects(selector, rule.id));
    let off = settings.severities.iter().any(|(id, severity)| id == rule.id && severity.is_none());
    rule.commands.contains(&settings.command)
        && (settings.only.is_empty() || named(&settings.only))
        && !named(&settings.skip)
        && !off
}

/// Counts verdicts, each with whether another one explains it.
fn tally<'o>(rules: &[&'static Rule], outcomes: impl Iterator<Item = (&'o Outcome, &'o bool)>) -> Vec<Tally> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for (outcome, is_explained) in outcomes {
        let tally = tallies.entry(outcome.rule.id).or_insert(empty(outcome.rule));
        *match outcome.judgement {
            _ if *is_explained => &mut tally.skipped,
            Judgement::Pass => &mut tally.passed,
            Judgement::Skip => &mut tally.skipped,
            Judgement::Fail(_) => &mut tally.failed,
            Judgement::Undecided(_) => &mut tally.undecided,
        } += 1;
    }
    rules.iter().map(|rule| tallies.get(rule.id).copied().unwrap_or(empty(rule))).collect()
}

fn empty(rule: &'static Rule) -> Tally {
    Tally { rule, passed: 0, failed: 0, undecided: 0, skipped: 0 }
}

fn finding(estate: &Estate, settings: &Settings, outcome: Outcome) -> Option<Finding> {
    let (verdict, draft) = match outcome.judgement {
        Judgement::Fail(draft) => (FindingVerdict::Fail, draft),
        Judgement::Undecided(draft) => {
            (FindingVerdict::Undecided, withheld::mend(estate, (&outcome.subject, outcome.holder), draft))
        }
        Judgement::Pass | Judgement::Skip => return None,
    };
    let who = Who::of(estate, &outcome.subject);
    let object = match outcome.subject {
        Subject::Object(id) => Some(id),
        _ => None,
    };
    let message = match verdict {
        FindingVerdict::Fail => draft.message.clone(),
        // What could not be decided is shown on one line, which ends with what to add to the run.
        FindingVerdict::Undecided => format!("{}; {}", draft.message, draft.help),
    };
    let stack = input_of(estate, &outcome.subject).unwrap_or(draft.anchor.input);
    let fingerprint = fingerprint(&estate.folders[stack], outcome.rule, &who, &draft);
    let holder = outcome.holder.map(|holder| estate.object(holder).name());
    let holder = holder.filter(|holder| who.address.as_ref() != Some(holder));
    let source = match (outcome.holder, outcome.subject) {
        (Some(id), _) | (None, Subject::Object(id)) => positions::of_object(estate, id, &draft.anchor, draft.attribute),
        (None, Subject::Drift { unit, item }) => {
            let address = &estate.units[unit].drift[item].address;
            positions::of_address(estate, unit, address, draft.attribute)
        }
        (None, Subject::Pair { region, .. }) => positions::of_absence(estate, &draft.anchor, region.as_deref()),
        (None, Subject::File(_)) => None,
    };
    let related = draft.related.into_iter().map(|(object, anchor)| Related {
        object,
        address: object.map(|id| estate.object(id).name()),
        message: anchor.label.clone(),
        source: object
            .filter(|_| estate.inputs[anchor.input].kind != InputKind::List)
            .and_then(|id| positions::of_object(estate, id, &anchor, last_name(&anchor))),
        anchor,
    });
    Some(Finding {
        rule: outcome.rule,
        severity: settings.severity_of(outcome.rule),
        verdict,
        address: who.address,
        object,
        discriminator: draft.discriminator,
        account: who.account,
        region: who.region,
        message: escape(message).into_owned(),
        help: escape(draft.help).into_owned(),
        source,
        block: object.and_then(|id| block_of(estate, estate.object(id))),
        related: related.collect(),
        holder,
        anchor: draft.anchor,
        fingerprint,
        suppressed: None,
    })
}

/// The block that makes an object: the address in its module, and where the module is taken from.
fn block_of(estate: &Estate, object: &Object) -> Option<String> {
    let configuration = estate.unit(object).configuration.as_ref()?;
    let Address { mode, resource_type, name, .. } = &object.address;
    Some(format!("{mode:?} {resource_type}.{name} {}", configuration.origin(&object.address.module)?))
}

/// The input that holds a subject. What a finding points at may stand in another one.
fn input_of(estate: &Estate, subject: &Subject) -> Option<usize> {
    match subject {
        Subject::Object(id) => Some(estate.input(estate.object(*id))),
        Subject::Drift { unit, .. } => Some(estate.units[*unit].input),
        Subject::File(input) => Some(*input),
        Subject::Pair { .. } => None,
    }
}

/// The attribute that a pointer ends with; empty for an object as a whole.
fn last_name(anchor: &Anchor) -> &str {
    let name = anchor.pointer.rsplit('/').next().unwrap_or_default();
    if ["attributes", "values", "after", "before"].contains(&name) { "" } else { name }
}

/// Whom a finding is about.
#[derive(Default)]
struct Who {
    address: Option<String>,
    /// The name of a file.
    file: Option<String>,
    account: Option<String>,
    region: Option<String>,
}

impl Who {
    /// Where an object is, as far as that may be shown.
    fn at(object: &Object) -> Self {
        let shown = |fact: &Option<Fact>| fact.as_ref().and_then(Fact::shown).map(str::to_owned);
        Self { address: None, file: None, account: shown(&object.account), region: shown(&object.region) }
    }

    fn of(estate: &Estate, subject: &Subject) -> Self {
        match subject {
            Subject::Object(id) => {
                let object = estate.object(*id);
                Self { address: Some(object.name()), ..Self::at(object) }
            }
            Subject::Drift { unit, item } => {
                let change = &estate.units[*unit].drift[*item];
                let now = estate.at(*unit, &change.address).next();
                let at = now.map(|(_, object)| Self::at(object)).unwrap_or_default();
                Self { address: Some(change.address.to_string()), ..at }
            }
            Subject::File(input) => {
                let path = &estate.inputs[*input].path;
                let name = path.rsplit('/').next().unwrap_or(path);
                Self { file: Some(name.to_owned()), ..Self::default() }
            }
            Subject::Pair { account, region } => {
                Self { account: account.clone(), region: region.clone(), ..Self::default() }
            }
        }
    }
}

/// Rule, unit, address (or the name of a file), attribute and discriminator; of an absence, rule, account and region, with
/// the unit in place of an account that is not known: it may be another one in each. Never a line or an offset, so that a
/// finding keeps its identity while the file around it changes.
fn fingerprint(folder: &str, rule: &Rule, who: &Who, draft: &Draft) -> String {
    let region = who.region.as_deref().unwrap_or_default();
    let parts: Vec<&str> = match (who.address.as_ref().or(who.file.as_ref()), &who.account) {
        (Some(address), _) => vec![rule.id, folder, address, draft.attribute, &draft.discriminator],
        (None, Some(account)) => vec![rule.id, account, region],
        (None, None) => vec![rule.id, "", region, folder],
    };
    digest(&parts)
}

fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().fold(String::from("sha256:"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn sort(estate: &Estate, findings: &mut [(Finding, Said)]) {
    fn key<'a>(estate: &'a Estate, finding: &'a Finding) -> impl Ord + use<'a> {
        let Finding { anchor, rule, address, account, region, fingerprint, .. } = finding;
        let path = &estate.inputs[anchor.input].path;
        (path, anchor.span.start, rule.id, (address, account, region), fingerprint)
    }
    findings.sort_by(|(left, _), (right, _)| key(estate, left).cmp(&key(estate, right)));
}

/// Two stacks of one folder may have equal addresses. Their findings are told apart by order, since a baseline, and
/// GitLab, take one of two equal fingerprints for both.
fn tell_apart(findings: &mut [Finding]) {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = digest(&[&finding.fingerprint, &count.to_string()]);
        }
    }
}

fn summary(estate: &Estate, findings: &[Finding]) -> Summary {
    let mut summary = Summary {
        files: estate.inputs.len() as u64,
        resources: estate.inputs.iter().map(|input| input.resources).sum(),
        ..Summary::default()
    };
    for finding in findings {
        match (&finding.suppressed, finding.verdict) {
            (Some(_), _) => summary.suppressed += 1,
            (None, FindingVerdict::Undecided) => summary.undecided += 1,
            (None, FindingVerdict::Fail) => *summary.of(finding.severity) += 1,
        }
    }
    summary
}

fn verdict(report: &Report, settings: &Settings) -> Verdict {
    let counts = |severity: Severity| settings.fail_on.is_some_and(|threshold| severity <= threshold);
    let fails = |finding: &Finding| {
        finding.verdict == FindingVerdict::Fail && finding.suppressed.is_none() && counts(finding.severity)
    };
    // Who writes a baseline is told, and starts from it.
    let asks = |note: &Note| note.severity.is_some_and(counts) && !settings.writes_baseline;
    if !report.problems.is_empty() {
        Verdict::Error
    } else if report.findings.iter().any(fails) || report.notes.iter().any(asks) {
        Verdict::Fail
    } else if report.summary.undecided > 0 || report.notes.iter().any(|note| note.code == withheld::LEFT_OUT) {
        Verdict::Undecided
    } else {
        Verdict::Pass
    }
}

#[cfg(test)]
mod tests;
