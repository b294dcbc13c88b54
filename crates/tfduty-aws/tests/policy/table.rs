//! Runs the table in `cases/`: see the `README.md` there.

use tfduty_aws::policy::{Document, Effect, FaultKind, Judged, Outcome, Place, Reason, condition_keys};
use tfduty_aws::truth::Truth;

use crate::case::{Case, cases};
use crate::json::Json;
use crate::maker::Maker;

fn place(place: &Place, maker: &Maker) -> String {
    match place {
        Place::Element(element) => element.to_string(),
        Place::Condition { key, .. } => maker.written(key),
        Place::Unknown(name) => name.to_string(),
    }
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Statement(judged) => format!("statement {}", judged.statement),
        Reason::NoAllow => "no allow".to_owned(),
        Reason::PolicyUnknown(_) => "policy".to_owned(),
        Reason::Decryption => "key".to_owned(),
        Reason::SameAccount => "account".to_owned(),
        Reason::RestrictedPublic => "public".to_owned(),
        Reason::KeyAccount => "key account".to_owned(),
        Reason::Grant(index) => format!("grant {index}"),
    }
}

fn fault(kind: &FaultKind) -> String {
    match kind {
        FaultKind::EncodedTwice => "EncodedTwice".to_owned(),
        FaultKind::NotAnObject => "NotAnObject".to_owned(),
        FaultKind::NoStatements => "NoStatements".to_owned(),
        FaultKind::UnknownVersion => "UnknownVersion".to_owned(),
        FaultKind::UnknownEffect => "UnknownEffect".to_owned(),
        FaultKind::Duplicate(name) => format!("Duplicate {name}"),
        FaultKind::UnknownElement(name) => format!("UnknownElement {name}"),
        FaultKind::UnknownPrincipal(name) => format!("UnknownPrincipal {name}"),
        FaultKind::Missing(element) => format!("Missing {element}"),
        FaultKind::Forbidden(element) => format!("Forbidden {element}"),
        FaultKind::Both(one, other) => format!("Both {one} {other}"),
        FaultKind::WrongType(element) => format!("WrongType {element}"),
        FaultKind::Empty(element) => format!("Empty {element}"),
    }
}

/// What is wrong with a case's answer.
fn check(case: &Case) -> Result<(), String> {
    let maker = Maker::default();
    let document = case.request.policy.is_none().then(|| case.document(&maker));
    let faults: Vec<_> = document.iter().flat_map(Document::faults).map(|found| fault(&found.kind)).collect();
    if faults != case.faults {
        return Err(format!("faults {faults:?}, not {:?}", case.faults));
    }
    let (answer, expected, mut decides) = if let Some(verdict) = &case.verdict {
        let decision = case.decision(document.as_ref(), &maker);
        let outcome = match decision.outcome {
            Outcome::Allow => "allow",
            Outcome::Deny => "deny",
            Outcome::Undecided => "undecided",
        };
        (outcome.to_owned(), verdict.clone(), decision.reasons.iter().map(reason).collect::<Vec<_>>())
    } else {
        let statement = document.as_ref().and_then(|document| document.statements().first()).ok_or("no statement")?;
        let effect = statement.effect().unwrap_or(Effect::Deny);
        let Judged { truth, grounds, .. } = statement.judge(effect, &case.request.request(), &maker);
        let letter = match truth {
            Truth::True => "T",
            Truth::False => "F",
            Truth::Unknown => "U",
        };
        let places = grounds.iter().map(|ground| place(&ground.place, &maker)).collect();
        (letter.to_owned(), case.expect.clone().ok_or("nothing is expected")?, places)
    };
    let mut wanted = case.decides.clone();
    if case.expect.as_deref() == Some("T") {
        decides.retain(|place| wanted.contains(place));
    }
    decides.sort_unstable();
    wanted.sort_unstable();
    if (&answer, &decides) == (&expected, &wanted) {
        Ok(())
    } else {
        Err(format!("{answer} by {decides:?}, not {expected} by {wanted:?}"))
    }
}

#[test]
fn every_case() {
    let wrong: Vec<_> =
        cases().filter_map(|(name, case)| check(&case).err().map(|error| format!("{name}: {error}"))).collect();
    assert!(wrong.is_empty(), "{} cases are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn there_are_enough_cases() {
    let undecided = |case: &Case| case.expect.as_deref() == Some("U") || case.verdict.as_deref() == Some("undecided");
    assert!(cases().count() >= 150);
    assert!(cases().filter(|(_, case)| undecided(case)).count() >= 30);
}

/// Each row of the table of condition keys is asked for, in each kind of request that it distinguishes.
#[test]
fn every_condition_key_occurs() {
    let used: Vec<String> = cases()
        .filter_map(|(_, case)| case.condition)
        .filter_map(|condition| if let Json::Object(operators) = condition { Some(operators) } else { None })
        .flatten()
        .filter_map(|(_, keys)| if let Json::Object(keys) = keys { Some(keys) } else { None })
        .flatten()
        .map(|(key, _)| key.to_ascii_lowercase())
        .collect();
    for key in condition_keys() {
        let key = key.to_ascii_lowercase();
        let found = match key.strip_suffix('*') {
            Some(begin) => used.iter().any(|used| used.starts_with(begin)),
            None => used.contains(&key),
        };
        assert!(found, "{key}");
    }
}

/// Each form of a principal occurs, in `Principal` and in `NotPrincipal` where it makes a difference.
#[test]
fn every_form_of_principal_occurs() {
    let all: Vec<_> = cases().map(|(_, case)| case).collect();
    let texts = |json: &Option<Json>| format!("{:?}", json.as_ref()).replace("Text(", "").replace(')', "");
    for form in [
        r#""*""#,
        r#"("AWS", "*""#,
        r#""{R}""#,
        r#""{A}""#,
        r"arn:aws:iam::{A}:root",
        r#""444455556666""#,
        r"arn:aws:iam::444455556666:root",
        r":role/Admin",
        r":user/alice",
        r":assumed-role/AWSServiceRoleForAmazonGuardDuty/",
        r":assumed-role/Admin/",
        "AROA",
        "AIDA",
        "CanonicalUser",
        "Service",
        "Federated",
        "arn:aws-cn:",
        "arn:aws:iam::{A}:role/*",
        r#""<?>""#,
        "<role.arn>",
        "<R>",
        "iam::<?>:root",
    ] {
        assert!(all.iter().any(|case| texts(&case.principal).contains(form)), "{form}");
    }
    for (form, effect) in [
        ("{R}", "Deny"),
        ("{A}", "Deny"),
        (":root", "Deny"),
        ("AROA", "Deny"),
        ("assumed-role/AWSService", "Deny"),
        ("CanonicalUser", "Deny"),
        ("<?>", "Deny"),
        ("\"*\"", "Deny"),
        (":role/Admin", "Deny"),
        ("Service", "Deny"),
        ("{R}", "Allow"),
        (":root", "Allow"),
        ("\"*\"", "Allow"),
        (":role/Admin", "Allow"),
    ] {
        let of = |case: &&Case| case.effect.as_deref() == Some(effect) && texts(&case.not_principal).contains(form);
        assert!(all.iter().any(|case| of(&case)), "NotPrincipal {form} ({effect})");
    }
}
