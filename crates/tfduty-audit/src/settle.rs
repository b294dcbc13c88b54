//! The one place where precedence is applied: rules judge independently, then a verdict whose cause another rule explains
//! is dropped and counted as skipped.

use std::collections::BTreeSet;

use crate::{
    context::{Judgement, Outcome, Subject},
    estate::Estate,
    graph::{Bucket, Graph, Set, Target},
    settings::selects,
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
}

/// Winner, loser (an id or a family), and how their subjects hang together. A winner that failed or could not decide
/// drops the loser's verdict.
const PRECEDENCE: &[(&str, &str, Relation)] = &[
    ("detector-removed", "*", Relation::ChildOfDetector),
    ("detector-disabled", "list-inactive", Relation::ChildOfDetector),
    ("detector-duplicate", "detector-wrong-provider", Relation::ChildOfDetector),
    ("list-location-invalid", "list-object-missing", Relation::Same),
    ("list-location-invalid", "list-object-order", Relation::Same),
    ("list-location-invalid", "list-stale", Relation::Same),
    ("list-location-invalid", "list-refresh-unwired", Relation::Same),
    ("list-location-invalid", "list-limits", Relation::ReadBySets),
    ("list-location-invalid", "list-bucket-region", Relation::ReadBySets),
    ("list-location-invalid", "list-format-mismatch", Relation::ReadBySets),
    ("list-location-invalid", "list-empty", Relation::ReadBySets),
    ("list-location-invalid", "list-source-missing", Relation::ReadBySets),
    ("list-inactive", "list-stale", Relation::Same),
    ("list-inactive", "list-refresh-unwired", Relation::Same),
    ("list-object-missing", "list-object-order", Relation::Same),
    ("list-object-missing", "list-refresh-unwired", Relation::Same),
    ("list-stale", "list-refresh-unwired", Relation::Same),
    ("list-object-missing", "list-format-mismatch", Relation::ReadBySets),
    ("list-object-missing", "list-empty", Relation::ReadBySets),
    ("list-object-missing", "list-source-missing", Relation::ReadBySets),
    ("list-source-missing", "list-format-mismatch", Relation::Same),
    ("list-source-missing", "list-empty", Relation::Same),
    ("list-format-mismatch", "list-empty", Relation::Same),
];

/// Drops what another rule explains.
pub(crate) fn settle(outcomes: &mut [Outcome], estate: &Estate, graph: &Graph) {
    let speaks: BTreeSet<(&str, Subject)> = outcomes
        .iter()
        .filter(|outcome| matches!(outcome.judgement, Judgement::Fail(_) | Judgement::Undecided(_)))
        .map(|outcome| (outcome.rule.id, outcome.subject.clone()))
        .collect();
    let winners: BTreeSet<&str> = speaks.iter().map(|(rule, _)| *rule).collect();
    for outcome in outcomes {
        let explained = PRECEDENCE.iter().any(|(winner, loser, relation)| {
            let explains = |subject: &Subject| speaks.contains(&(*winner, subject.clone()));
            let concerns = *winner != outcome.rule.id && selects(loser, outcome.rule.id);
            concerns && winners.contains(winner) && {
                let subjects = winning_subjects(*relation, &outcome.subject, estate, graph);
                !subjects.is_empty() && subjects.iter().all(explains)
            }
        });
        if explained {
            outcome.judgement = Judgement::Skip;
        }
    }
}

/// The subjects that a winner must all have spoken of to explain a verdict on `subject`.
fn winning_subjects(relation: Relation, subject: &Subject, estate: &Estate, graph: &Graph) -> Vec<Subject> {
    match (relation, subject) {
        (Relation::Same, _) => vec![subject.clone()],
        (Relation::ChildOfDetector, Subject::Object(id)) => {
            graph.detector_of(*id).object().into_iter().map(Subject::Object).collect()
        }
        (Relation::ReadBySets, Subject::Object(id)) => {
            let reads = |set: &&Set| {
                matches!(set.target, Target::Object(list) if list == *id)
                    || graph.bucket_of_set(estate, set) == Some(Bucket::Object(*id))
            };
            graph.sets.iter().filter(reads).map(|set| Subject::Object(set.id)).collect()
        }
        (Relation::ChildOfDetector | Relation::ReadBySets, _) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::PRECEDENCE;
    use crate::{rules::RULES, settings::selects};

    #[test]
    fn every_row_names_rules_that_exist() {
        for (winner, loser, _) in PRECEDENCE {
            assert!(RULES.iter().any(|rule| rule.id == *winner), "{winner}");
            assert!(RULES.iter().any(|rule| selects(loser, rule.id)), "{loser}");
        }
    }
}
