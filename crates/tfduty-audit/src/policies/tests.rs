mod blocks;
mod fixtures;
mod holders;
mod identities;
mod inline;
mod texts;
mod written;

use tfduty_aws::policy::{Document, Effect, Holes, Part, Statement, Text};

use super::{KnownPolicy, PolicyText, policy_of};
use crate::{estate::Estate, graph::Graph, object::ObjectId, testing::Run};

/// The object with an address.
fn object(estate: &Estate, address: &str) -> ObjectId {
    let found = estate.objects().find(|(_, object)| object.name() == address);
    found.unwrap_or_else(|| panic!("no {address}")).0
}

/// What the `policy` of an object says, a line for each statement: effect, `Sid`, texts, conditions.
fn says(run: Run, address: &str) -> Vec<String> {
    let estate = run.estate();
    let text = policy_of(&estate, object(&estate, address), "policy");
    lines(&text)
}

/// The same for the policy of a bucket.
fn of_bucket(run: Run, address: &str) -> Vec<String> {
    let estate = run.estate();
    let bucket = crate::graph::Bucket::Object(object(&estate, address));
    lines(&super::bucket_policy(&estate, &Graph::of(&estate), &bucket))
}

/// The same for the policy of a key.
fn of_key(run: Run, address: &str) -> Vec<String> {
    let estate = run.estate();
    lines(&super::key_policy(&estate, &Graph::of(&estate), object(&estate, address)))
}

fn lines(text: &PolicyText) -> Vec<String> {
    match text {
        PolicyText::None => vec!["none".into()],
        PolicyText::Unknown(unknown) => vec![format!("unknown: {}", unknown.why)],
        PolicyText::Known(known) => {
            known.document().statements().iter().map(|statement| line(known, statement)).collect()
        }
    }
}

fn line(known: &KnownPolicy, statement: &Statement) -> String {
    let effect = match statement.effect() {
        Some(Effect::Allow) => "Allow",
        Some(Effect::Deny) => "Deny",
        None => "?",
    };
    let mut words = vec![effect.to_owned(), statement.sid().unwrap_or("-").to_owned()];
    words.extend(statement.texts().map(|(element, value)| format!("{element}={}", shown(known, &value.text))));
    let conditions = statement.conditions().unwrap_or_default().iter();
    words.extend(conditions.flat_map(|condition| [shown(known, &condition.operator), shown(known, &condition.key)]));
    words.join(" ")
}

fn shown(known: &KnownPolicy, text: &Text) -> String {
    let part = |part: &Part| match part {
        Part::Literal(text) => text.to_string(),
        Part::Hole(hole) => format!("{{{} {:?}}}", known.hole(*hole), known.identity(*hole)),
    };
    text.parts().iter().map(part).collect()
}

/// The faults of a document.
fn faults(document: &Document) -> Vec<String> {
    document.faults().iter().map(|fault| fault.kind.to_string()).collect()
}
