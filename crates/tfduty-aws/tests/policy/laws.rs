//! Laws that the engine keeps.

use proptest::prelude::*;
use proptest::sample::select;
use tfduty_aws::partition::Partition;
use tfduty_aws::policy::{
    Decision, Document, Effect, Fact, Glance, Grant, Key, Object, Outcome, Policy, PolicyKind, ReadFacts, Request,
    Resource, Role, Statement, Subject, access, key, read,
};
use tfduty_aws::truth::Truth;

use crate::json::Json;
use crate::maker::{ACCOUNT, ACCOUNT_ID, BUCKET, Maker};
use crate::universe::{Knowledge, UNKNOWNS, World, knowledge, statement, statement_to};

fn document(statements: &[Json], maker: &Maker) -> Document {
    let json = Json::object([("Version", Json::text("2012-10-17")), ("Statement", Json::List(statements.to_vec()))]);
    Document::read(&maker.node(&json), PolicyKind::Resource)
}

fn request(known: Knowledge) -> Request {
    let account = if known.account { Fact::known(ACCOUNT) } else { Fact::unknown() };
    let mut role = Role::new(Partition::Aws, account.being(ACCOUNT_ID));
    role.organization = known.organization.then(|| Fact::known("o-abc"));
    let object = Object {
        bucket: Fact::known("lists").being(BUCKET),
        key: if known.key { Fact::known("guardduty/trusted.txt") } else { Fact::unknown() },
        tags: known.tags.then(|| vec![("class".into(), Fact::known("public"))]),
        ..Object::default()
    };
    Request::read(&role, &object)
}

fn truth() -> impl Strategy<Value = Truth> {
    select(vec![Truth::False, Truth::Unknown, Truth::True])
}

fn facts() -> impl Strategy<Value = ReadFacts> {
    (truth(), truth(), truth()).prop_map(|(same_account, decryptable, restricts_public)| ReadFacts {
        same_account,
        decryptable,
        restricts_public,
    })
}

fn decide(statements: &[Json], known: Knowledge, facts: ReadFacts, maker: &Maker) -> Decision {
    let document = document(statements, maker);
    read(Policy::Known(&document), &request(known), facts, maker)
}

/// What every world says of a question, if they all say the same.
fn unanimous(answers: impl IntoIterator<Item = bool>) -> Truth {
    Truth::agreed(answers.into_iter().map(Truth::from)).unwrap_or(Truth::Unknown)
}

/// `known`, with what `more` knows.
fn refined(known: Knowledge, more: Knowledge) -> Knowledge {
    Knowledge {
        account: known.account || more.account,
        key: known.key || more.key,
        organization: known.organization || more.organization,
        tags: known.tags || more.tags,
    }
}

fn refined_truth(known: Truth, more: Truth) -> Truth {
    if known == Truth::Unknown { more } else { known }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// A statement's answer is right in every world, and where there is but one world there is an answer.
    #[test]
    fn a_statement_is_read_as_in_every_world(statement in statement(), known in knowledge()) {
        let maker = Maker::default();
        let statements = [statement];
        let document = document(&statements, &maker);
        prop_assert!(document.faults().is_empty());
        let effect = document.statements()[0].effect().unwrap_or(Effect::Deny);
        let judged = document.statements()[0].judge(effect, &request(known), &maker);
        let worlds = World::all(&statements, known);
        let actual = unanimous(worlds.iter().map(|world| world.matches(&statements[0])));
        prop_assert!(judged.truth == actual || judged.truth == Truth::Unknown, "{:?}, but {actual:?}", judged);
        if worlds.len() == 1 {
            prop_assert_eq!(judged.truth, actual);
        }
        prop_assert!(!judged.grounds.is_empty());
    }

    /// A decision is right in every world.
    #[test]
    fn a_read_is_decided_as_in_every_world(
        statements in prop::collection::vec(statement(), 1..4),
        known in knowledge(),
        same: bool,
    ) {
        let facts = ReadFacts {
            same_account: same.into(),
            decryptable: Truth::True,
            restricts_public: Truth::False,
        };
        let decision = decide(&statements, known, facts, &Maker::default());
        let worlds = World::all(&statements, known);
        let actual = unanimous(worlds.iter().map(|world| {
            let matched = |deny: bool| statements.iter().any(|s| World::is_deny(s) == deny && world.matches(s));
            !matched(true) && (same || matched(false))
        }));
        match decision.outcome {
            Outcome::Allow => prop_assert_eq!(actual, Truth::True),
            Outcome::Deny => prop_assert_eq!(actual, Truth::False),
            Outcome::Undecided => prop_assert!(worlds.len() > 1 && !decision.reasons.is_empty()),
        }
    }

    /// Whatever more becomes known, a definite decision stays.
    #[test]
    fn definite_decisions_are_stable(
        statements in prop::collection::vec(statement(), 1..4),
        [known, more] in [knowledge(), knowledge()],
        [facts, more_facts] in [facts(), facts()],
        filled in prop::collection::vec((0..4_usize, 0..4_usize), 0..4),
    ) {
        let before = decide(&statements, known, facts, &Maker::default()).outcome;
        let fillings = filled.into_iter().map(|(hole, choice)| {
            let unknown = &UNKNOWNS[hole];
            let text = unknown.choices[choice % unknown.choices.len()].unwrap_or_default();
            let text = text.replace("{R}", crate::maker::ROLE).replace("{A}", ACCOUNT);
            (unknown.name.trim_matches(['<', '>']).to_owned(), text)
        });
        let maker = Maker::filling(fillings.collect());
        let more_facts = ReadFacts {
            same_account: refined_truth(facts.same_account, more_facts.same_account),
            decryptable: refined_truth(facts.decryptable, more_facts.decryptable),
            restricts_public: refined_truth(facts.restricts_public, more_facts.restricts_public),
        };
        let after = decide(&statements, refined(known, more), more_facts, &maker).outcome;
        prop_assert!(before == Outcome::Undecided || before == after, "{before:?} became {after:?}");
    }

    /// Another Deny makes nothing readable, and leaves what is denied denied.
    #[test]
    fn a_deny_never_lets_in(
        statements in prop::collection::vec(statement(), 1..4),
        another in statement_to("Deny"),
        at in 0..4_usize,
        known in knowledge(),
        facts in facts(),
    ) {
        let before = decide(&statements, known, facts, &Maker::default()).outcome;
        let mut more = statements.clone();
        more.insert(at.min(statements.len()), another);
        let after = decide(&more, known, facts, &Maker::default()).outcome;
        prop_assert!(after <= before, "{before:?} became {after:?}");
    }

    /// Another Allow keeps nobody out, unless it makes a policy public for which that counts.
    #[test]
    fn an_allow_never_keeps_out(
        statements in prop::collection::vec(statement(), 1..4),
        another in statement_to("Allow"),
        known in knowledge(),
        facts in facts(),
    ) {
        let facts = ReadFacts { restricts_public: Truth::False, ..facts };
        let before = decide(&statements, known, facts, &Maker::default()).outcome;
        let more = [&statements[..], &[another]].concat();
        let after = decide(&more, known, facts, &Maker::default()).outcome;
        prop_assert!(after >= before, "{before:?} became {after:?}");
    }

    /// What is seen at a glance is what is read.
    #[test]
    fn a_glance_sees_what_is_read(text in policy_text()) {
        let maker = Maker::default();
        if let (Some(glance), Ok(json)) = (Glance::of(&text), serde_json::from_str::<Json>(&text)) {
            let document = Document::read(&maker.node(&json), PolicyKind::Identity);
            prop_assert!(document.is_readable(), "{text}");
            let is_about = |s: &Statement| s.is_about_service("s3", &maker) != Truth::False;
            prop_assert!(glance.may_be_about("s3") || !document.statements().iter().any(is_about), "{text}");
        }
    }

    /// What holds for a service holds for each of its actions.
    #[test]
    fn a_service_stands_for_its_actions(
        element in select(vec!["Action", "NotAction"]),
        actions in prop::collection::vec("\\*|S3:\\*|<[?]>|[sx*?<][3*?]?:?[gG*?]?[x*?>]?\\$?\\{?", 1..4),
        asked in "s3:[gGx]{0,3}",
    ) {
        let maker = Maker::default();
        // Of `<…>` only a whole one is a hole.
        let texts = actions.iter().map(|action| match action.as_str() {
            "<?>" => Json::text("<?>"),
            action => Json::text(&action.replace(['<', '>'], "k")),
        });
        let statement = Json::object([("Effect", Json::text("Allow")), (element, Json::List(texts.collect()))]);
        let document = document(&[statement], &maker);
        let statement = &document.statements()[0];
        let service = statement.is_about_service("s3", &maker);
        let action = statement.is_about_action(&asked, &maker);
        prop_assert!(service == Truth::Unknown || service == action, "{service:?}, but {action:?} of {asked}");
    }

    /// Whatever comes in, something comes out, and it is the same as often as it is asked.
    #[test]
    fn nothing_panics(
        policy in prop_oneof![anything(), statements_of_anything()],
        kind in select(vec![PolicyKind::Resource, PolicyKind::Trust, PolicyKind::Identity]),
    ) {
        let maker = Maker::default();
        let document = Document::read(&maker.node(&policy), kind);
        let policy = Policy::Known(&document);
        let role = Role::new(Partition::Aws, Fact::known(ACCOUNT));
        let object = Object { key: Fact::known("k"), ..Object::default() };
        let facts = ReadFacts {
            same_account: Truth::Unknown,
            decryptable: Truth::True,
            restricts_public: Truth::Unknown,
        };
        let request = Request::read(&role, &object);
        let decision = read(policy, &request, facts, &maker);
        prop_assert_eq!(&decision, &read(policy, &request, facts, &maker));
        prop_assert!(document.is_readable() || decision.outcome != Outcome::Allow);
        let decrypt = Request::decrypt(&role, &object, &Key::default(), Truth::Unknown);
        let grant = Grant { grantee: maker.text("<?>"), operations: Vec::new(), constraints: Vec::new() };
        key(policy, &[grant], Truth::True, &decrypt, &maker);
        access(&[policy, Policy::None], &Request::identity("s3:GetObject", Resource::Unnamed), &maker);
        for statement in document.statements() {
            statement.principals(&maker);
            statement.is_public(&maker);
            statement.texts().count();
            statement.is_about_action("s3:GetObject", &maker);
            statement.is_about_service("s3", &maker);
            statement.is_about_resource(&Resource::OwnKey(Subject::new()), &maker);
        }
    }
}

/// A document with statements, whatever they are.
fn statements_of_anything() -> impl Strategy<Value = Json> {
    let statements = prop::collection::vec(anything(), 1..3).prop_map(Json::List);
    statements.prop_map(|statements| Json::object([("Version", Json::text("2012-10-17")), ("Statement", statements)]))
}

/// JSON that looks like a policy here and there.
fn anything() -> impl Strategy<Value = Json> {
    let words = vec![
        "*",
        "Allow",
        "Deny",
        "s3:*",
        "<?>",
        "<R>",
        "<B.arn>/*",
        "${aws:username}",
        "true",
        "2012-10-17",
        "0.0.0.0/0",
        "arn:aws:s3:::b/k",
        "arn:aws:iam::111122223333:root",
        "AROA",
        "::/0",
        "1.2",
        "",
    ];
    let names = vec![
        "Version",
        "Statement",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "AWS",
        "Service",
        "Bool",
        "NotIpAddress",
        "StringNotLike",
        "ForAnyValue:ArnLike",
        "NumericLessThan",
        "Null",
        "aws:SourceIp",
        "aws:SourceVpce",
        "s3:TlsVersion",
        "aws:userid",
        "<?>",
        "é",
        "",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<f64>().prop_map(|number| Json::Number(number.to_string())),
        select(words).prop_map(Json::text),
        "[^<>]{0,8}".prop_map(Json::Text),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::List),
            prop::collection::vec((select(names.clone()).prop_map(str::to_owned), inner), 0..6).prop_map(Json::Object),
        ]
    })
}

/// A policy as people write one, or nearly.
fn policy_text() -> impl Strategy<Value = String> {
    let members = |pool: &[&'static str]| prop::collection::vec(select(pool.to_vec()), 1..5);
    let statement = members(&[
        r#""Effect": "Allow""#,
        r#""Action": "kms:*""#,
        r#""Action": ["kms:*", "ec2:*"]"#,
        r#""Action": ["kms:*", "S*"]"#,
        r#""Action": ["kms:${x}"]"#,
        r#""Action": []"#,
        r#""NotAction": "kms:*""#,
        r#""Resource": "*""#,
        r#""Condition": {"Bool": {"aws:SecureTransport": "true"}}"#,
        r#""Sid": 1"#,
        r#""Strange": null"#,
    ]);
    let statement = statement.prop_map(|members| format!("{{{}}}", members.join(", ")));
    let statements = prop::collection::vec(statement, 0..3).prop_map(|statements| match &statements[..] {
        [only] => format!(r#""Statement": {only}"#),
        statements => format!(r#""Statement": [{}]"#, statements.join(", ")),
    });
    let others = members(&[r#""Version": "2012-10-17""#, r#""Id": "i""#, r#""version": "2012-10-17""#]);
    let all = (prop::collection::vec(statements, 1..3), others);
    all.prop_map(|(statements, others)| format!("{{{}, {}}}", others.join(", "), statements.join(", ")))
}
