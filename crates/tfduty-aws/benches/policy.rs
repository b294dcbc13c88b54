//! Policies, read and asked: `cargo bench -p tfduty-aws`.

use divan::Bencher;
use serde_json::{Value, json};
use tfduty_aws::{
    partition::Partition,
    policy::{
        Decision, Document, Fact, Kind, Member, Node, NothingKnown, Object, Origin, Part, Policy, PolicyKind,
        ReadFacts, Request, Resource, Role, Subject, Text, access, read,
    },
    truth::Truth,
};

const ACCOUNT: &str = "123456789012";

fn main() {
    divan::main();
}

/// May GuardDuty's role read the list? Statements with conditions decide.
#[divan::bench]
fn bucket_policy(bencher: Bencher<'_, '_>) {
    let document = Document::read(&node(&bucket()), PolicyKind::Resource);
    let request = read_request();
    bencher.bench(|| decide(&document, &request));
}

#[divan::bench]
fn read_bucket_policy(bencher: Bencher<'_, '_>) {
    let node = node(&bucket());
    bencher.bench(|| Document::read(&node, PolicyKind::Resource));
}

/// May somebody delete the detector? None of fifty actions says so.
#[divan::bench]
fn identity_policy(bencher: Bencher<'_, '_>) {
    let document = Document::read(&node(&identity()), PolicyKind::Identity);
    let detector = Subject::new().text("arn:aws:guardduty:eu-west-1:123456789012:detector/12ab");
    let request = Request::identity("guardduty:DeleteDetector", Resource::Arn(detector));
    bencher.bench(|| access(&[Policy::Known(&document)], &request, &NothingKnown));
}

/// Is it about an action at all? Asked before anything else.
#[divan::bench]
fn identity_policy_about_action(bencher: Bencher<'_, '_>) {
    let document = Document::read(&node(&identity()), PolicyKind::Identity);
    let about = |action| {
        document.statements().iter().any(|statement| statement.is_about_action(action, &NothingKnown) != Truth::False)
    };
    bencher.bench(|| about(divan::black_box("guardduty:DeleteDetector")));
}

fn decide(document: &Document, request: &Request) -> Decision {
    let facts = ReadFacts { same_account: Truth::True, decryptable: Truth::True, restricts_public: Truth::True };
    read(Policy::Known(document), request, facts, &NothingKnown)
}

fn read_request() -> Request {
    let role = Role::new(Partition::Aws, Fact::known(ACCOUNT));
    let object = Object { bucket: Fact::known("lists"), key: Fact::known("trusted.txt"), ..Object::default() };
    Request::read(&role, &object)
}

/// A bucket for TLS alone, for one organization, and but for its publisher and GuardDuty closed.
fn bucket() -> Value {
    let resources = json!(["arn:aws:s3:::lists", "arn:aws:s3:::lists/*"]);
    let roles = json!([
        "arn:aws:iam::123456789012:role/publisher",
        "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/*",
    ]);
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Tls", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources,
         "Condition": {"StringNotEquals": {"aws:PrincipalAccount": [ACCOUNT]}, "Bool": {"aws:PrincipalIsAWSService": "false"}}},
        {"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject*", "s3:PutObject*"], "Resource": "arn:aws:s3:::lists/*",
         "Condition": {"ArnNotLike": {"aws:PrincipalArn": roles}}},
        {"Sid": "Reads", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lists/*"},
    ]})
}

/// What an application may do, with fifty actions.
fn identity() -> Value {
    let services = ["dynamodb", "ecs", "lambda", "s3", "sqs"];
    let verbs = ["Batch*", "Create*", "Delete*", "Describe*", "Get*", "List*", "Put*", "Tag*", "Untag*", "Update*"];
    let actions: Vec<String> =
        services.iter().flat_map(|service| verbs.iter().map(move |verb| format!("{service}:{verb}"))).collect();
    json!({"Version": "2012-10-17", "Statement": [{"Sid": "Works", "Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

/// A policy without holes.
fn node(json: &Value) -> Node {
    let literal = |text: &str| Text::new([Part::Literal(text.into())]);
    let kind = match json {
        Value::Null => Kind::Null,
        Value::Bool(holds) => Kind::Bool(*holds),
        Value::Number(number) => Kind::Number(number.to_string().into()),
        Value::String(text) => Kind::Text(literal(text)),
        Value::Array(items) => Kind::List(items.iter().map(node).collect()),
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| Member {
                name: literal(name),
                origin: Origin(0),
                value: node(value),
            };
            Kind::Object(members.iter().map(member).collect())
        }
    };
    Node { kind, origin: Origin(0) }
}
