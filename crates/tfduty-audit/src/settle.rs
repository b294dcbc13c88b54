//! The one place where precedence is applied: rules judge independently, then a verdict whose cause another rule explains
//! is dropped and counted as skipped. What is suppressed explains nothing.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use crate::{
    alerts,
    by_place::ByPlace,
    context::{Judgement, Outcome, Subject},
    estate::Estate,
    exports::Export,
    finding::{Finding, FindingVerdict},
    graph::{Bucket, Graph, Target},
    object::ObjectId,
    reading::Readings,
    report::Tally,
    rule::{Rule, Severity},
    settings::{Settings, selects},
};

/// How the subject of a loser hangs on the subject of its winner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// They are the same.
    Same,
    /// The loser's subject belongs to the detector that is the winner's subject.
    ChildOfDetector,
    /// The loser's subject is a list or a bucket, and the winner speaks of every set that reads it.
    ReadBySets,
    /// The winner speaks of something in the bucket of the loser's subject.
    InOneBucket,
    /// The loser's subject is a target or a topic, and the winner speaks of every rule that sends to it.
    SentByRules,
    /// The loser's subject is a topic, and the winner speaks of every detector whose findings come to it.
    TellsOfDetectors,
    /// The winner speaks of the input that the loser's subject is in, or is.
    InInput,
    /// The winner speaks of every destination that exports to the bucket, or with the key, that is the loser's subject.
    ExportedTo,
    /// The loser is about, or points at, what the winner is about or points at: both read one policy.
    OnePolicy,
    /// The loser points at the winner's subject: that is why it could not decide.
    PointsAt,
}

/// Which verdicts of a winner drop which of a loser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drops {
    /// Failed or undecided, all.
    All,
    /// Failed, all: what the winner could not decide, the loser may know.
    WhenFailed,
    /// Undecided, undecided: both hang on one unknown, which is said once.
    Undecided,
}

/// Winner, loser (an id or a family), how their subjects hang together, and what is dropped.
type Row = (&'static str, &'static str, Relation, Drops);

const PRECEDENCE: &[Row] = &[
    ("coverage-detector-missing", "coverage-region-unwatched", Relation::Same, Drops::All),
    ("detector-removed", "*", Relation::ChildOfDetector, Drops::All),
    ("detector-disabled", "list-inactive", Relation::ChildOfDetector, Drops::All),
    ("detector-disabled", "protection-*", Relation::Same, Drops::All),
    ("detector-disabled", "protection-*", Relation::ChildOfDetector, Drops::All),
    ("detector-duplicate", "detector-wrong-provider", Relation::ChildOfDetector, Drops::All),
    ("list-location-invalid", "list-object-missing", Relation::Same, Drops::All),
    ("list-location-invalid", "list-object-order", Relation::Same, Drops::All),
    ("list-location-invalid", "list-stale", Relation::Same, Drops::All),
    ("list-location-invalid", "list-refresh-unwired", Relation::Same, Drops::All),
    ("list-location-invalid", "list-limits", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-bucket-region", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-read-denied", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-undecryptable", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-public", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-format-mismatch", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-empty", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-entry-*", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-trusted-broad", Relation::ReadBySets, Drops::All),
    ("list-location-invalid", "list-overlap", Relation::Same, Drops::All),
    ("list-location-invalid", "list-source-missing", Relation::ReadBySets, Drops::All),
    ("list-inactive", "list-stale", Relation::Same, Drops::All),
    ("list-inactive", "list-refresh-unwired", Relation::Same, Drops::All),
    ("list-object-missing", "list-object-order", Relation::Same, Drops::All),
    ("list-object-missing", "list-refresh-unwired", Relation::Same, Drops::All),
    ("list-object-missing", "list-read-denied", Relation::ReadBySets, Drops::WhenFailed),
    ("list-object-missing", "list-undecryptable", Relation::ReadBySets, Drops::WhenFailed),
    ("list-object-missing", "list-format-mismatch", Relation::ReadBySets, Drops::All),
    ("list-object-missing", "list-empty", Relation::ReadBySets, Drops::All),
    ("list-object-missing", "list-entry-*", Relation::ReadBySets, Drops::All),
    ("list-object-missing", "list-trusted-broad", Relation::ReadBySets, Drops::All),
    ("list-object-missing", "list-overlap", Relation::Same, Drops::All),
    ("list-object-missing", "list-source-missing", Relation::ReadBySets, Drops::All),
    ("list-object-missing", "list-unused", Relation::PointsAt, Drops::Undecided),
    ("list-source-missing", "list-format-mismatch", Relation::Same, Drops::All),
    ("list-source-missing", "list-empty", Relation::Same, Drops::All),
    ("list-format-mismatch", "list-empty", Relation::Same, Drops::All),
    ("list-format-mismatch", "list-entry-*", Relation::Same, Drops::All),
    ("list-format-mismatch", "list-trusted-broad", Relation::Same, Drops::All),
    ("list-empty", "list-entry-invalid", Relation::Same, Drops::All),
    ("list-stale", "list-refresh-unwired", Relation::Same, Drops::All),
    ("list-read-denied", "list-public", Relation::InOneBucket, Drops::Undecided),
    ("detector-disabled", "findings-no-delivery", Relation::Same, Drops::All),
    ("detector-disabled", "findings-subscriber-missing", Relation::TellsOfDetectors, Drops::All),
    ("findings-rule-dead", "findings-target-denied", Relation::SentByRules, Drops::All),
    ("findings-rule-dead", "findings-target-key", Relation::SentByRules, Drops::All),
    ("findings-rule-dead", "findings-subscriber-missing", Relation::SentByRules, Drops::All),
    ("findings-target-denied", "findings-target-key", Relation::Same, Drops::Undecided),
    ("findings-export-denied", "findings-export-order", Relation::Same, Drops::WhenFailed),
    ("findings-export-denied", "access-export-unconditional", Relation::ExportedTo, Drops::WhenFailed),
    ("findings-export-denied", "access-export-unconditional", Relation::ExportedTo, Drops::Undecided),
    ("detector-wrong-provider", "org-config-wrong-account", Relation::Same, Drops::WhenFailed),
    ("org-link-mismatch", "org-member-not-enabled", Relation::Same, Drops::WhenFailed),
    ("list-location-invalid", "access-list-writers", Relation::ReadBySets, Drops::All),
    ("list-read-denied", "access-list-writers", Relation::InOneBucket, Drops::Undecided),
    ("access-can-blind", "access-list-manager-incomplete", Relation::OnePolicy, Drops::Undecided),
    ("access-can-blind", "access-read-missing", Relation::OnePolicy, Drops::Undecided),
    ("access-literal-interpolation", "list-read-denied", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "list-undecryptable", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "list-public", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "access-can-blind", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "access-list-writers", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "access-list-manager-incomplete", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "access-read-missing", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "findings-target-denied", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "findings-target-key", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "findings-export-denied", Relation::OnePolicy, Drops::All),
    ("access-literal-interpolation", "access-export-unconditional", Relation::OnePolicy, Drops::All),
    ("destroy-plan-unusable", "destroy-plan-incomplete", Relation::InInput, Drops::All),
    ("destroy-prevented", "destroy-bucket-not-empty", Relation::Same, Drops::WhenFailed),
    ("destroy-prevented", "destroy-bucket-not-empty", Relation::Same, Drops::Undecided),
    ("destroy-protected", "destroy-bucket-not-empty", Relation::Same, Drops::All),
    ("destroy-bucket-locked", "destroy-bucket-not-empty", Relation::Same, Drops::WhenFailed),
    ("destroy-bucket-locked", "destroy-bucket-not-empty", Relation::Same, Drops::Undecided),
    ("destroy-forgets", "destroy-plan-incomplete", Relation::Same, Drops::All),
];

/// What a rule says of a subject: its id, and whether it failed.
pub(crate) type Said = (&'static str, bool, Subject);

/// Drops what another rule explains.
pub(crate) fn settle(outcomes: &mut [Outcome], readings: &Readings<'_>, settings: &Settings) {
    let explained = explained(outcomes, readings, settings, &BTreeSet::new());
    for outcome in outcomes.iter_mut().zip(explained).filter_map(|(outcome, explained)| explained.then_some(outcome)) {
        outcome.judgement = Judgement::Skip;
    }
}

/// Of each verdict whether another one explains it. Those of `silent` are suppressed and explain nothing: who ignores a
/// cause, since it is no fault or is mended elsewhere, has not been told what else is wrong. So it is with one that the
/// configuration makes less severe than what it would explain.
pub(crate) fn explained(
    outcomes: &[Outcome],
    readings: &Readings<'_>,
    settings: &Settings,
    silent: &BTreeSet<Said>,
) -> Vec<bool> {
    let heard = |outcome: &Outcome| said(outcome).filter(|said| !silent.contains(said));
    let speaks: BTreeSet<Said> = outcomes.iter().filter_map(heard).collect();
    let winners: BTreeSet<&str> = speaks.iter().map(|(rule, ..)| *rule).collect();
    let exports = if winners.contains("findings-export-denied") { Export::all(readings) } else { Vec::new() };
    let wiring = Wiring::of(readings, &exports);
    let buckets: BTreeSet<(&str, bool, Bucket)> = speaks
        .iter()
        .filter(|(rule, ..)| PRECEDENCE.iter().any(|row| row.0 == *rule && row.2 == Relation::InOneBucket))
        .filter_map(|(rule, failed, subject)| Some((*rule, *failed, wiring.bucket_of(subject)?)))
        .collect();
    let policies: BTreeSet<(&str, bool, ObjectId)> = outcomes
        .iter()
        .filter(|outcome| PRECEDENCE.iter().any(|row| row.0 == outcome.rule.id && row.2 == Relation::OnePolicy))
        .filter_map(|outcome| Some((outcome, heard(outcome)?.1)))
        .flat_map(|(outcome, failed)| judged(outcome).map(move |id| (outcome.rule.id, failed, id)))
        .collect();
    // What may explain what a rule says hangs on the rule alone.
    let mut rows: HashMap<&str, Vec<&Row>> = HashMap::new();
    for outcome in outcomes {
        rows.entry(outcome.rule.id).or_insert_with(|| explaining(outcome.rule, &winners, settings));
    }
    let is_explained = |outcome: &Outcome| {
        rows.get(outcome.rule.id).into_iter().flatten().any(|(winner, _, relation, drops)| {
            let verdicts: &[bool] = match drops {
                Drops::All => &[true, false],
                Drops::WhenFailed => &[true],
                Drops::Undecided => &[false],
            };
            let explains =
                |subject: &Subject| verdicts.iter().any(|failed| speaks.contains(&(*winner, *failed, subject.clone())));
            let concerns = *drops != Drops::Undecided || has_failed(&outcome.judgement) == Some(false);
            concerns && {
                if *relation == Relation::InOneBucket {
                    let bucket = wiring.bucket_of(&outcome.subject);
                    let spoken =
                        |its: Bucket| verdicts.iter().any(|failed| buckets.contains(&(*winner, *failed, its.clone())));
                    return explains(&outcome.subject) || bucket.is_some_and(spoken);
                }
                if *relation == Relation::OnePolicy {
                    let spoken = |id| verdicts.iter().any(|failed| policies.contains(&(*winner, *failed, id)));
                    return judged(outcome).chain(pointed_at(outcome)).any(spoken);
                }
                if *relation == Relation::PointsAt {
                    return pointed_at(outcome).map(Subject::Object).any(|subject| explains(&subject));
                }
                let subjects = wiring.winning_subjects(*relation, &outcome.subject);
                match drops {
                    // One that says what is not known is enough.
                    Drops::Undecided => subjects.iter().any(explains),
                    Drops::All | Drops::WhenFailed => !subjects.is_empty() && subjects.iter().all(explains),
                }
            }
        })
    };
    outcomes.iter().map(is_explained).collect()
}

/// The rows by which one of these winners may explain what a rule says.
fn explaining(rule: &Rule, winners: &BTreeSet<&str>, settings: &Settings) -> Vec<&'static Row> {
    let explains = |(winner, loser, ..): &&Row| {
        *winner != rule.id && selects(loser, rule.id) && winners.contains(winner) && !settings.is_weakened(winner, rule)
    };
    PRECEDENCE.iter().filter(explains).collect()
}

/// What suppressed findings say, where none that is told says the same of the same subject. `said` goes with `findings`.
pub(crate) fn silenced(findings: &[Finding], said: &[Said]) -> BTreeSet<Said> {
    let of = |is_suppressed: bool| {
        let meant = move |finding: &Finding| finding.suppressed.is_some() == is_suppressed;
        findings.iter().zip(said).filter(move |(finding, _)| meant(finding)).map(|(_, said)| said)
    };
    let told: BTreeSet<&Said> = of(false).collect();
    of(true).filter(|said| !told.contains(said)).cloned().collect()
}

/// Winner and loser, where the loser's failure points at that of the winner as its reason, and only a failure that people
/// are shown explains it: what is ignored is not.
const TOLD: &[(&str, &str)] = &[("destroy-prevented", "destroy-plan-unusable")];

/// Drops failures whose reason another one tells that nothing suppresses and that is no less severe, and counts them as
/// skipped. A plan that failed is not passed over because somebody ignores why.
pub(crate) fn drop_told(findings: &mut Vec<Finding>, tallies: &mut [Tally]) {
    let fails = |finding: &Finding| finding.verdict == FindingVerdict::Fail && finding.suppressed.is_none();
    // What tells of an object, by the worst of it.
    let mut told: BTreeMap<(&str, ObjectId), Severity> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| fails(finding)) {
        let Some(id) = finding.object.filter(|_| TOLD.iter().any(|(winner, _)| *winner == finding.rule.id)) else {
            continue;
        };
        let worst = told.entry((finding.rule.id, id)).or_insert(finding.severity);
        *worst = finding.severity.min(*worst);
    }
    findings.retain(|finding| {
        let pointed_at = || finding.related.iter().filter_map(|related| related.object);
        let is_told = fails(finding)
            && TOLD.iter().filter(|(_, loser)| *loser == finding.rule.id).any(|(winner, _)| {
                let mut reasons = pointed_at().filter_map(|id| told.get(&(*winner, id)));
                reasons.any(|severity| *severity <= finding.severity)
            });
        if let Some(tally) = tallies.iter_mut().find(|tally| is_told && tally.rule.id == finding.rule.id) {
            tally.failed -= 1;
            tally.skipped += 1;
        }
        !is_told
    });
}

/// What a verdict says, if it is told.
pub(crate) fn said(outcome: &Outcome) -> Option<Said> {
    Some((outcome.rule.id, has_failed(&outcome.judgement)?, outcome.subject.clone()))
}

/// Whether a verdict that is told is a failure; `None` for those that are only counted.
fn has_failed(judgement: &Judgement) -> Option<bool> {
    match judgement {
        Judgement::Fail(_) => Some(true),
        Judgement::Undecided(_) => Some(false),
        Judgement::Pass | Judgement::Skip => None,
    }
}

/// The objects that a verdict is about: its subject, and the one that its place belongs to.
fn judged(outcome: &Outcome) -> impl Iterator<Item = ObjectId> + use<> {
    let subject = match outcome.subject {
        Subject::Object(id) => Some(id),
        _ => None,
    };
    subject.into_iter().chain(outcome.holder)
}

/// The objects that the labels of a verdict point at.
fn pointed_at(outcome: &Outcome) -> impl Iterator<Item = ObjectId> {
    let related = match &outcome.judgement {
        Judgement::Fail(draft) | Judgement::Undecided(draft) => &draft.related[..],
        Judgement::Pass | Judgement::Skip => &[],
    };
    related.iter().filter_map(|(object, _)| *object)
}

/// How subjects hang together.
struct Wiring<'a> {
    readings: &'a Readings<'a>,
    estate: &'a Estate,
    graph: &'a Graph,
    /// The sets that read a list, or a list of a bucket.
    readers: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// The bucket of each set that names one.
    buckets: BTreeMap<ObjectId, Bucket>,
    /// The destinations that export to a bucket, or with a key.
    exports: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// The present detectors, where they are asked for.
    detectors: OnceCell<ByPlace<'a>>,
}

impl<'a> Wiring<'a> {
    fn of(readings: &'a Readings<'a>, all_exports: &[Export]) -> Self {
        let (estate, graph) = (readings.estate, readings.graph);
        let (readers, buckets) = (BTreeMap::new(), BTreeMap::new());
        let mut exports: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
        for export in all_exports {
            for object in export.objects() {
                exports.entry(object).or_default().push(export.destination);
            }
        }
        let mut wiring = Self { readings, estate, graph, readers, buckets, exports, detectors: OnceCell::new() };
        for set in &graph.sets {
            let bucket = graph.bucket_of_set(estate, set);
            let held_in = bucket.iter().filter_map(|bucket| match bucket {
                Bucket::Object(id) => Some(*id),
                Bucket::Name(_) => None,
            });
            let list = match set.target {
                Target::Object(list) => Some(list),
                _ => None,
            };
            for read in list.into_iter().chain(held_in) {
                wiring.readers.entry(read).or_default().push(set.id);
            }
            wiring.buckets.extend(bucket.map(|bucket| (set.id, bucket)));
        }
        wiring
    }

    /// The bucket of a list, or of a set that reads one.
    fn bucket_of(&self, subject: &Subject) -> Option<Bucket> {
        let Subject::Object(id) = subject else { return None };
        self.graph.bucket_of(*id).or_else(|| self.buckets.get(id)).cloned()
    }

    /// The event rules that send to a target, or alerts to a topic.
    fn rules_of(&self, id: ObjectId) -> Vec<ObjectId> {
        let alerts = self.readings.alerts();
        match alerts.target(id) {
            Some(target) => alerts.rule_of(target).map(|rule| rule.id).into_iter().collect(),
            None => alerts.rules_of_topic(id).map(|rule| rule.id).collect(),
        }
    }

    /// The subjects that a winner must all have spoken of to explain a verdict on `subject`.
    fn winning_subjects(&self, relation: Relation, subject: &Subject) -> Vec<Subject> {
        match (relation, subject) {
            (Relation::Same, _) | (Relation::InInput, Subject::File(_)) => vec![subject.clone()],
            (Relation::InInput, Subject::Object(id)) => {
                vec![Subject::File(self.estate.input(self.estate.object(*id)))]
            }
            (Relation::ChildOfDetector, Subject::Object(id)) => {
                self.graph.detector_of(*id).object().into_iter().map(Subject::Object).collect()
            }
            (Relation::ReadBySets, Subject::Object(id)) => {
                // What Terraform does not manage is told of the first set that reads it.
                let own = self.graph.sets.binary_search_by_key(id, |set| set.id).is_ok().then_some(*id);
                let readers = self.readers.get(id).into_iter().flatten().copied();
                own.into_iter().chain(readers).map(Subject::Object).collect()
            }
            (Relation::SentByRules, Subject::Object(id)) => {
                self.rules_of(*id).into_iter().map(Subject::Object).collect()
            }
            (Relation::TellsOfDetectors, Subject::Object(id)) => {
                let rules = self.rules_of(*id).into_iter();
                let places = self.detectors.get_or_init(|| alerts::detectors_by_place(self.estate));
                let detectors = rules.flat_map(|rule| alerts::detectors_of(self.estate, places, rule));
                detectors.map(Subject::Object).collect()
            }
            (Relation::ExportedTo, Subject::Object(id)) => {
                self.exports.get(id).into_iter().flatten().copied().map(Subject::Object).collect()
            }
            (
                Relation::ChildOfDetector
                | Relation::ReadBySets
                | Relation::InOneBucket
                | Relation::SentByRules
                | Relation::TellsOfDetectors
                | Relation::InInput
                | Relation::ExportedTo
                | Relation::OnePolicy
                | Relation::PointsAt,
                _,
            ) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PRECEDENCE, TOLD};
    use crate::{rules::RULES, settings::selects};

    #[test]
    fn every_row_names_rules_that_exist() {
        for (winner, loser) in PRECEDENCE.iter().map(|row| (row.0, row.1)).chain(TOLD.iter().copied()) {
            assert!(RULES.iter().any(|rule| rule.id == winner), "{winner}");
            assert!(RULES.iter().any(|rule| selects(loser, rule.id)), "{loser}");
        }
    }
}
