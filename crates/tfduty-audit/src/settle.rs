//! The one place where precedence is applied: rules judge independently, then a verdict whose cause another rule explains
//! is dropped and counted as skipped.

use std::collections::BTreeSet;

use crate::{
    context::{Judgement, Outcome, Subject},
    graph::Graph,
    settings::selects,
};

/// How the subject of a loser hangs on the subject of its winner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    /// They are the same.
    Same,
    /// The loser's subject belongs to the detector that is the winner's subject.
    ChildOfDetector,
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
    ("list-inactive", "list-stale", Relation::Same),
    ("list-object-missing", "list-object-order", Relation::Same),
];

/// Drops what another rule explains.
pub(crate) fn settle(outcomes: &mut [Outcome], graph: &Graph) {
    let speaks: BTreeSet<(&str, Subject)> = outcomes
        .iter()
        .filter(|outcome| matches!(outcome.judgement, Judgement::Fail(_) | Judgement::Undecided(_)))
        .map(|outcome| (outcome.rule.id, outcome.subject.clone()))
        .collect();
    for outcome in outcomes {
        let explained = PRECEDENCE.iter().any(|(winner, loser, relation)| {
            *winner != outcome.rule.id
                && selects(loser, outcome.rule.id)
                && winning_subject(*relation, &outcome.subject, graph)
                    .is_some_and(|subject| speaks.contains(&(*winner, subject)))
        });
        if explained {
            outcome.judgement = Judgement::Skip;
        }
    }
}

/// The subject that a winner must have spoken of to explain a verdict on `subject`.
fn winning_subject(relation: Relation, subject: &Subject, graph: &Graph) -> Option<Subject> {
    match relation {
        Relation::Same => Some(subject.clone()),
        Relation::ChildOfDetector => {
            let Subject::Object(id) = subject else { return None };
            graph.detector_of(*id).object().map(Subject::Object)
        }
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
