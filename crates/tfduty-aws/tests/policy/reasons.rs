//! What a decision tells those who show it.

use tfduty_aws::partition::Partition;
use tfduty_aws::policy::{
    Document, Effect, Element, Fact, HoleId, Judged, Key, Kind, Node, NothingKnown, Object, Origin, Outcome, Place,
    Policy, PolicyKind, Principals, ReadFacts, Reason, Request, Resource, Role, Statement, Text, Who, access, key,
    read,
};
use tfduty_aws::truth::Truth;

use crate::json::Json;
use crate::maker::{ACCOUNT, BUCKET, Maker};

const FACTS: ReadFacts =
    ReadFacts { same_account: Truth::True, decryptable: Truth::True, restricts_public: Truth::False };

fn node(json: &str, maker: &Maker) -> Node {
    let json: Json = serde_json::from_str(json).expect("JSON");
    maker.node(&json)
}

fn role() -> Role {
    Role::new(Partition::Aws, Fact::known(ACCOUNT))
}

fn object() -> Object {
    Object { bucket: Fact::known("lists").being(BUCKET), key: Fact::known("trusted.txt"), ..Object::default() }
}

/// The node at `path`: names of members and indexes of items.
fn at<'n>(node: &'n Node, path: &[&str]) -> &'n Node {
    path.iter().fold(node, |node, step| match &node.kind {
        Kind::Object(members) => {
            let is = |name: &Text| name.as_literal() == Some(step);
            &members.iter().find(|member| is(&member.name)).expect("a member").value
        }
        Kind::List(items) => &items[step.parse::<usize>().expect("an index")],
        other => panic!("nothing is inside {other:?}"),
    })
}

fn only_statement(decision: &[Reason]) -> &Judged {
    match decision {
        [Reason::Statement(judged)] => judged,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_denial_points_at_the_values_that_deny() {
    let maker = Maker::default();
    let policy = node(
        r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "*"},
            {"Sid": "Office", "Effect": "Deny", "Principal": {"AWS": ["444455556666", "*"]},
             "Action": ["s3:PutObject", "s3:Get*", "s3:*"], "Resource": ["arn:aws:s3:::lists", "arn:aws:s3:::lists/*"],
             "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "security"}}}]}"#,
        &maker,
    );
    let document = Document::read(&policy, PolicyKind::Resource);
    let decision = read(Policy::Known(&document), &Request::read(&role(), &object()), FACTS, &maker);
    assert_eq!(decision.outcome, Outcome::Deny);
    let judged = only_statement(&decision.reasons);
    assert_eq!((judged.policy, judged.statement, judged.sid.as_deref()), (0, 1, Some("Office")));
    assert_eq!((judged.effect, judged.truth), (Effect::Deny, Truth::True));
    let statement = at(&policy, &["Statement", "1"]);
    assert_eq!(judged.origin, statement.origin);
    assert_eq!(document.statements().iter().map(Statement::index).collect::<Vec<_>>(), [0, 1]);
    let origin_of = |place: Element| {
        judged.grounds.iter().find(|ground| ground.place == Place::Element(place)).map(|ground| ground.origin)
    };
    for (element, path) in [
        (Element::Principal, &["Principal", "AWS", "1"][..]),
        (Element::Action, &["Action", "1"]),
        (Element::Resource, &["Resource", "1"]),
    ] {
        assert_eq!(origin_of(element), Some(at(statement, path).origin), "{element}");
    }
    let condition = judged.grounds.iter().find_map(|ground| match &ground.place {
        Place::Condition { operator, key } => Some((operator.as_literal(), key.as_literal())),
        _ => None,
    });
    assert_eq!(condition, Some((Some("StringNotEquals"), Some("aws:PrincipalTag/team"))));
}

#[test]
fn an_undecided_read_names_the_holes_that_would_decide() {
    let maker = Maker::default();
    let policy = node(
        r#"{"Version": "2012-10-17", "Statement":
            {"Effect": "Deny", "Principal": "*", "Action": ["s3:PutObject", "s3:<?first>"], "Resource": "<B.arn>/*",
             "Condition": {"StringEquals": {"aws:PrincipalAccount": ["<?second>", "444455556666"]}}}}"#,
        &maker,
    );
    let document = Document::read(&policy, PolicyKind::Resource);
    let decision = read(Policy::Known(&document), &Request::read(&role(), &object()), FACTS, &maker);
    assert_eq!(decision.outcome, Outcome::Undecided);
    let judged = only_statement(&decision.reasons);
    // The hole of the resource is known to be the bucket, and so decides nothing more.
    let holes: Vec<_> = judged.grounds.iter().map(|ground| ground.holes.clone()).collect();
    let hole = |path: &[&str]| match &at(&policy, path).kind {
        Kind::Hole(hole) => *hole,
        Kind::Text(text) => text.holes().next().expect("a hole"),
        other => panic!("{other:?} is no hole"),
    };
    let action = hole(&["Statement", "Action", "1"]);
    let value = hole(&["Statement", "Condition", "StringEquals", "aws:PrincipalAccount", "0"]);
    assert_eq!(holes, [vec![action], vec![value]]);
}

#[test]
fn wherever_a_hole_keeps_a_statement_open_it_is_named() {
    for element in [
        r#""Effect": "<?>""#,
        r#""NotPrincipal": {"AWS": "<?>"}"#,
        r#""Condition": "<?>""#,
        r#""Condition": {"<?>": {"aws:PrincipalAccount": "444455556666"}}"#,
        r#""Condition": {"StringEquals": {"<?>": "444455556666"}}"#,
        r#""Condition": {"StringEquals": {"s3:ExistingObjectTag/team": "<?>"}}"#,
    ] {
        let maker = Maker::default();
        let usual = [
            ("Effect", r#""Effect": "Deny""#),
            ("Principal", r#""Principal": "*""#),
            ("Action", r#""Action": "*""#),
            ("Resource", r#""Resource": "*""#),
        ];
        let usual = usual.iter().filter(|(name, _)| !element.contains(name)).map(|(_, text)| *text);
        let members: Vec<&str> = usual.chain([element]).collect();
        let policy = node(&format!(r#"{{"Statement": {{{}}}}}"#, members.join(", ")), &maker);
        let document = Document::read(&policy, PolicyKind::Resource);
        let judged = document.statements()[0].judge(Effect::Deny, &Request::read(&role(), &object()), &maker);
        let holes: Vec<HoleId> = judged.grounds.iter().flat_map(|ground| ground.holes.clone()).collect();
        assert_eq!((judged.truth, holes), (Truth::Unknown, vec![HoleId(0)]), "{element}");
    }
    // `*` leaves nobody in, whatever else is listed.
    let maker = Maker::default();
    let json =
        r#"{"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": ["*", "<?>"]}, "Action": "*", "Resource": "*"}}"#;
    let document = Document::read(&node(json, &maker), PolicyKind::Resource);
    let judged = document.statements()[0].judge(Effect::Deny, &Request::read(&role(), &object()), &maker);
    assert_eq!(judged.truth, Truth::False);
    assert!(judged.grounds.iter().all(|ground| ground.holes.is_empty()));
}

#[test]
fn what_decides_without_its_holes_names_none() {
    let maker = Maker::default();
    let policy = node(
        r#"[{"Effect": "Deny", "Principal": "*", "Action": ["<?>", "s3:GetObject"], "Resource": ["<?>", "*"]}]"#,
        &maker,
    );
    let statements = Node {
        kind: Kind::Object(vec![tfduty_aws::policy::Member {
            name: Text::from("Statement"),
            origin: policy.origin,
            value: policy,
        }]),
        origin: Origin(0),
    };
    let document = Document::read(&statements, PolicyKind::Resource);
    let judged = document.statements()[0].judge(Effect::Deny, &Request::read(&role(), &object()), &maker);
    assert_eq!(judged.truth, Truth::True);
    assert!(judged.grounds.iter().all(|ground| ground.holes.is_empty()));
}

#[test]
fn whole_documents_that_are_holes_are_unknown_policies() {
    for kind in [Kind::Hole(HoleId(0)), Kind::Text(Text::from(HoleId(0)))] {
        let document = Document::read(&Node { kind, origin: Origin(3) }, PolicyKind::Resource);
        assert!(!document.is_readable() && document.faults().is_empty());
        let decision = access(
            &[Policy::None, Policy::Known(&document)],
            &Request::identity("s3:GetObject", Resource::Unnamed),
            &NothingKnown,
        );
        assert_eq!((decision.outcome, decision.reasons), (Outcome::Undecided, vec![Reason::PolicyUnknown(1)]));
    }
}

#[test]
fn several_policies_are_asked_together() {
    let maker = Maker::default();
    let allow = r#"{"Statement": {"Effect": "Allow", "Action": "guardduty:*", "Resource": "*"}}"#;
    let deny = r#"{"Statement": {"Effect": "Deny", "Action": "guardduty:Delete*", "Resource": "*"}}"#;
    let documents = [allow, deny].map(|json| Document::read(&node(json, &maker), PolicyKind::Identity));
    let policies = documents.each_ref().map(Policy::Known);
    // A policy that names resources cannot be asked about none.
    let unnamed = Request::identity("guardduty:DeleteDetector", Resource::Unnamed);
    assert_eq!(access(&policies, &unnamed, &maker).outcome, Outcome::Undecided);
    let any = Resource::Arn("arn:aws:guardduty:eu-west-1:111122223333:detector/1".into());
    let decide = |action| access(&policies, &Request::identity(action, any.clone()), &maker);
    let denied = decide("guardduty:DeleteDetector");
    assert_eq!(denied.outcome, Outcome::Deny);
    assert_eq!(only_statement(&denied.reasons).policy, 1);
    let allowed = decide("guardduty:GetDetector");
    assert_eq!(allowed.outcome, Outcome::Allow);
    assert_eq!(only_statement(&allowed.reasons).policy, 0);
    assert_eq!(decide("ec2:RunInstances").reasons, [Reason::NoAllow]);
}

#[test]
fn a_key_of_which_nothing_is_set_lets_nobody_in() {
    let request = Request::decrypt(&role(), &object(), &Key::default(), Truth::False);
    let decision = key(Policy::None, &[], Truth::True, &request, &NothingKnown);
    assert_eq!((decision.outcome, decision.reasons), (Outcome::Deny, vec![Reason::NoAllow]));
}

#[test]
fn a_statement_tells_whom_it_names() {
    let maker = Maker::default();
    let policy = node(
        r#"{"Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal":
                {"AWS": ["*", "{A}", "arn:aws:iam::444455556666:role/x", "<role.arn>", "<R>", "<?>", "AROAX", "x"],
                 "Service": "s3.amazonaws.com", "Federated": "accounts.google.com", "CanonicalUser": "79a5"}},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "NotPrincipal": {"AWS": "{A}"}},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#,
        &maker,
    );
    let document = Document::read(&policy, PolicyKind::Resource);
    let who = |index: usize| document.statements()[index].principals(&maker);
    let Principals::Named(named) = who(0) else { panic!("{:?}", who(0)) };
    let identity = Who::Identity { account: "444455556666".into(), arn: "arn:aws:iam::444455556666:role/x".into() };
    assert_eq!(
        named.into_iter().map(|(who, _)| who).collect::<Vec<_>>(),
        [
            Who::Everyone,
            Who::Account(ACCOUNT.into()),
            identity,
            Who::SomeIdentity,
            Who::GuardDutyRole,
            Who::Unclear,
            Who::Unclear,
            Who::Unclear,
            Who::Service("s3.amazonaws.com".into()),
            Who::Federated("accounts.google.com".into()),
            Who::Unclear,
        ]
    );
    assert!(matches!(who(1), Principals::AllBut(named) if named[0].0 == Who::Account(ACCOUNT.into())));
    assert_eq!(who(2), Principals::Unreadable);
}

#[test]
fn a_public_statement_allows_everyone_without_fixing_who() {
    let everyone = r#""Principal": "*""#;
    for (effect, principal, condition, expected) in [
        ("Allow", everyone, "{}", Truth::True),
        ("Allow", r#""Principal": {"AWS": ["{A}", "*"]}"#, "{}", Truth::True),
        ("Allow", r#""NotPrincipal": {"AWS": "{A}"}"#, "{}", Truth::True),
        ("Allow", r#""Principal": {"AWS": "{A}"}"#, "{}", Truth::False),
        ("Allow", r#""Principal": {"AWS": "<?>"}"#, "{}", Truth::Unknown),
        ("Allow", r#""Principal": {"Service": "s3.amazonaws.com"}"#, "{}", Truth::False),
        ("Allow", r#""Principal": {"Everyone": "*"}"#, "{}", Truth::Unknown),
        ("Deny", everyone, "{}", Truth::False),
        ("Allow", everyone, r#"{"Bool": {"aws:SecureTransport": "true"}}"#, Truth::True),
        ("Allow", everyone, r#"{"StringEquals": {"AWS:PrincipalOrgID": "o-abc"}}"#, Truth::False),
        ("Allow", everyone, r#"{"StringLike": {"aws:PrincipalOrgID": "o-*"}}"#, Truth::Unknown),
        ("Allow", everyone, r#"{"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}"#, Truth::Unknown),
        ("Allow", everyone, r#"{"StringEquals": {"<?>": "o-abc"}}"#, Truth::Unknown),
        ("Allow", everyone, r#""x""#, Truth::Unknown),
    ] {
        let maker = Maker::default();
        let json = format!(
            r#"{{"Statement": {{"Effect": "{effect}", {principal}, "Action": "s3:*", "Resource": "*",
                "Condition": {condition}}}}}"#
        );
        let document = Document::read(&node(&json, &maker), PolicyKind::Resource);
        assert_eq!(document.statements()[0].is_public(&maker), expected, "{effect} {principal} {condition}");
    }
}

#[test]
fn a_statement_tells_what_it_is_about() {
    let maker = Maker::default();
    let json =
        r#"{"Statement": {"Effect": "Allow", "Principal": "*", "NotAction": "s3:Get*", "Resource": "<B.arn>/*"}}"#;
    let document = Document::read(&node(json, &maker), PolicyKind::Resource);
    let statement = &document.statements()[0];
    assert_eq!(statement.is_about_action("s3:PutObject", &maker), Truth::True);
    assert_eq!(statement.is_about_action("s3:GetObject", &maker), Truth::False);
    assert_eq!(statement.is_about_service("s3", &maker), Truth::Unknown);
    assert_eq!(statement.is_about_service("kms", &maker), Truth::True);
    assert_eq!(statement.is_about_resource(&object().resource(Partition::Aws), &maker), Truth::True);
    assert_eq!(statement.is_about_resource(&Resource::Arn("arn:aws:s3:::x/y".into()), &maker), Truth::Unknown);
    assert_eq!(statement.conditions(), Some(&[][..]));
}

#[test]
fn every_text_in_which_something_may_have_been_meant_is_told() {
    let maker = Maker::default();
    let json = r#"{"Statement": {"Sid": "s", "Effect": "Allow", "Principal": "${aws_iam_role.x.arn}",
        "Action": ["s3:*"], "Resource": ["${var.bucket}/*"], "Condition": {"StringLike": {"aws:x": ["a", "${b}"]}}}}"#;
    let document = Document::read(&node(json, &maker), PolicyKind::Resource);
    let texts: Vec<_> = document.statements()[0]
        .texts()
        .map(|(element, value)| (element, value.text.as_literal().unwrap_or_default()))
        .collect();
    assert_eq!(
        texts,
        [
            (Element::Principal, "${aws_iam_role.x.arn}"),
            (Element::Action, "s3:*"),
            (Element::Resource, "${var.bucket}/*"),
            (Element::Condition, "a"),
            (Element::Condition, "${b}"),
        ]
    );
}

#[test]
fn faults_say_what_is_wrong_and_where() {
    let maker = Maker::default();
    let policy = node(r#"{"Statement": [{}, {"Effect": "No", "Action": 7, "Resource": "*"}]}"#, &maker);
    let document = Document::read(&policy, PolicyKind::Resource);
    let faults: Vec<_> =
        document.faults().iter().map(|fault| (fault.statement, fault.kind.to_string(), fault.origin)).collect();
    let origin = |path: &[&str]| at(&policy, path).origin;
    let (first, second) = (origin(&["Statement", "0"]), origin(&["Statement", "1"]));
    assert_eq!(
        faults,
        [
            (Some(0), "`Effect` is missing".to_owned(), first),
            (Some(0), "`Principal` is missing".to_owned(), first),
            (Some(0), "`Action` is missing".to_owned(), first),
            (Some(0), "`Resource` is missing".to_owned(), first),
            (Some(1), "`Effect` is neither Allow nor Deny".to_owned(), origin(&["Statement", "1", "Effect"])),
            (Some(1), "`Action` has a value of the wrong type".to_owned(), origin(&["Statement", "1", "Action"])),
            (Some(1), "`Principal` is missing".to_owned(), second),
        ]
    );
}
