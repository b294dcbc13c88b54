//! Which of GuardDuty's events a pattern can match.

use super::matcher::{Matcher, TextMatcher};
use super::matching::matches;
use super::meet::plain;
use super::operator::Operator;
use super::outcome::{Match, Reason, Why};
use super::read::{Condition, Fields, Listed, Want};
use super::samples::{SOURCE, detail_types, samples};
use crate::policy::Origin;
use crate::truth::Truth;

/// Which of the events that GuardDuty sends a pattern can match. An answer is about what is possible at all: accounts,
/// regions, ids, resources and types of findings are free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// What that comes to.
    pub verdict: Verdict,
    /// Whether it can match a finding.
    pub findings: Truth,
    /// Whether it can match what GuardDuty tells of itself: of scans, agents and protected buckets.
    pub notices: Truth,
    /// Whether it can match what CloudTrail recorded of calls to GuardDuty.
    pub calls: Truth,
    /// The kinds of events that it can match, by name.
    pub matched: Vec<&'static str>,
    /// Where it matches none: what keeps it from the kind of event that it comes nearest to. Where that cannot be told:
    /// what would have to be known.
    pub reasons: Vec<Reason>,
}

/// What a [`Reach`] comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The pattern can match an event of GuardDuty's.
    Alive,
    /// That cannot be told.
    Unknown,
    /// It matches no event of GuardDuty's, and it is about nothing else.
    Dead,
    /// It matches no event of GuardDuty's, but those of other sources.
    Elsewhere,
}

pub(super) fn reach(pattern: &Fields) -> Reach {
    let mut groups = [Truth::False; 3];
    let mut matched = Vec::new();
    let mut nearest: Option<Match> = None;
    for sample in samples() {
        let answer = matches(pattern, &sample.event);
        let group = &mut groups[sample.group as usize];
        *group = group.or(answer.truth);
        if answer.truth == Truth::True {
            matched.push(sample.name);
        }
        let is_nearer = |best: &Match| {
            answer.truth > best.truth || (answer.truth == best.truth && remoteness(&answer) < remoteness(best))
        };
        if nearest.as_ref().is_none_or(is_nearer) {
            nearest = Some(answer);
        }
    }
    let nearest = nearest.unwrap_or(Match::YES);
    let new = new_detail_type(pattern).filter(|_| nearest.truth == Truth::False);
    let verdict = match nearest.truth {
        Truth::True => Verdict::Alive,
        Truth::Unknown => Verdict::Unknown,
        Truth::False if new.is_some() => Verdict::Unknown,
        Truth::False if is_about_guardduty(pattern) => Verdict::Dead,
        Truth::False => Verdict::Elsewhere,
    };
    let [findings, notices, calls] = groups;
    let reasons = match new {
        Some(origin) => vec![Reason { path: "detail-type".into(), origin, why: Why::Undocumented, distance: 0 }],
        None => nearest.reasons,
    };
    Reach { verdict, findings, notices, calls, matched, reasons }
}

/// How far a kind of event is from what a pattern matches. One that the pattern names is nearer than any other: of several
/// fields, its name is the one that nobody writes down for another kind.
fn remoteness(answer: &Match) -> (bool, (usize, usize)) {
    let is_another_kind = answer.reasons.iter().any(|reason| &*reason.path == "detail-type");
    (is_another_kind, answer.remoteness())
}

/// Whether the pattern can match nothing but what GuardDuty sends, or is meant to: its source or its `detail-type` says
/// so, even if it is misspelled.
fn is_about_guardduty(fields: &Fields) -> bool {
    fields.0.iter().any(|condition| match condition {
        Condition::Field { name, want: Want::Values(listed), .. } => match &**name {
            "source" => texts(listed).is_some_and(|texts| texts.into_iter().all(is_source)),
            "detail-type" => {
                texts(listed).is_some_and(|texts| texts.into_iter().all(|text| is_named(&text.characters())))
            }
            _ => false,
        },
        Condition::Any(alternatives) => alternatives.iter().all(is_about_guardduty),
        _ => false,
    })
}

/// The texts of a list that has nothing else.
fn texts(listed: &[Listed]) -> Option<Vec<&TextMatcher>> {
    listed
        .iter()
        .map(|listed| match &listed.matcher {
            Matcher::Text(text) if !text.has_holes() => Some(text),
            _ => None,
        })
        .collect()
}

fn is_named(text: &str) -> bool {
    plain(text).contains("guardduty")
}

/// Whether a text of `source` is GuardDuty's name for itself, or what is easily taken for it. Somebody's own
/// `myapp.guardduty` is not.
fn is_source(text: &TextMatcher) -> bool {
    let characters = text.characters();
    if text.literal.is_none() {
        return text.operator != Operator::Suffix && is_named(&characters);
    }
    let mut name = plain(&characters);
    for part in ["amazonaws", "amazon", "aws", "com"] {
        name = name.replace(part, "");
    }
    name == "guardduty" || strsim::damerau_levenshtein(&characters.to_lowercase(), SOURCE) <= 2
}

/// Where the pattern asks for a `detail-type` that AWS may have added: GuardDuty tells of more scans than the list of
/// its events names (GuardDuty User Guide, "Malware Protection for AWS Backup"). What is nearly a name of the list is
/// most likely misspelled.
fn new_detail_type(fields: &Fields) -> Option<Origin> {
    fields.0.iter().find_map(|condition| match condition {
        Condition::Field { name, want: Want::Values(listed), .. } if &**name == "detail-type" => {
            listed.iter().find(|listed| is_new(&listed.matcher)).map(|listed| listed.origin)
        }
        Condition::Any(alternatives) => alternatives.iter().find_map(new_detail_type),
        _ => None,
    })
}

fn is_new(matcher: &Matcher) -> bool {
    let Matcher::Text(TextMatcher { literal: Some(literal), .. }) = matcher else { return false };
    let is_near = |known| strsim::damerau_levenshtein(known, literal) <= 3 || plain(known) == plain(literal);
    literal.starts_with("GuardDuty Malware Protection ") && !detail_types().any(is_near)
}
