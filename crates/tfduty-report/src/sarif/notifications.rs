//! What the run has to say besides its results.

use serde::Serialize;
use tfduty_audit::Problem;
use tfduty_terraform::escape;

use super::{
    Message, Scene,
    limits::Choice,
    locations::{self, Location},
    results::literal,
    rules,
};
use crate::human::remarks::count;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notification<'a> {
    level: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor: Option<Reference<'a>>,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location<'a>>,
}

/// The kind of a notification.
#[derive(Serialize)]
struct Reference<'a> {
    id: &'a str,
}

impl Notification<'_> {
    fn new(level: &'static str, text: &str) -> Self {
        Self { level, descriptor: None, message: Message::new(literal(text)), locations: Vec::new() }
    }
}

/// Problems, and what is not among the results.
pub(super) fn of_execution<'a>(scene: &Scene<'a>, choice: &Choice) -> Vec<Notification<'a>> {
    let mut notifications: Vec<Notification<'_>> =
        scene.report.problems.iter().map(|problem| of_problem(scene, problem)).collect();
    if let Some(preface) = &scene.report.preface {
        notifications.push(Notification::new("note", &escape(preface)));
    }
    if choice.left_out > 0 {
        let number = count(choice.left_out as u64, "finding");
        let text = format!(
            "{number} left out, the least severe: code scanning refuses a log with more results, or of more bytes; \
             `--output json=PATH` has all"
        );
        notifications.push(Notification::new("warning", &text));
    }
    if choice.undecided > 0 {
        let text = format!("{} undecided: with `--strict` it is among the results", choice.undecided);
        notifications.push(Notification::new("note", &text));
    }
    let crowded = choice.kept.iter().filter_map(|index| scene.report.findings.get(*index));
    let crowded = crowded.filter(|finding| locations::is_crowded(finding)).count() as u64;
    if crowded > 0 {
        let text = format!("not all related places of {} are shown", count(crowded, "result"));
        notifications.push(Notification::new("note", &text));
    }
    notifications
}

fn of_problem<'a>(scene: &Scene<'a>, problem: &Problem) -> Notification<'a> {
    let help = problem.help.as_ref().map(|help| format!("\nhelp: {}", escape(help))).unwrap_or_default();
    let mut notification = Notification::new("error", &format!("{}{help}", escape(&problem.message)));
    let line = problem.place.map_or(1, |place| place.line);
    let location = problem.path.as_ref().map(|path| locations::of_file(scene.repository, path, line));
    notification.locations.extend(location);
    notification
}

/// What a reader should know of the inputs.
pub(super) fn of_notes<'a>(scene: &Scene<'a>) -> Vec<Notification<'a>> {
    let notes = scene.report.notes.iter().map(|note| {
        // One that counts is as bad as a result of its severity.
        let mut notification = Notification::new(note.severity.map_or("note", rules::level), &escape(&note.message));
        notification.descriptor = Some(Reference { id: &note.code });
        let line = note.place.map_or(1, |place| place.line.max(1));
        notification.locations.extend(note.path.as_ref().map(|path| locations::of_file(scene.repository, path, line)));
        notification
    });
    notes.collect()
}
