//! Policies and event patterns that nobody wrote.

use tfduty_aws::pattern::Pattern;
use tfduty_aws::policy::{
    Document, Fact, Glance, Key, Object, Policy, PolicyKind, ReadFacts, Request, Role, key, read,
};
use tfduty_aws::{partition::Partition, truth::Truth};
use tfduty_fuzz::{Target, fixtures, fuzz, json};

use crate::json::Json;
use crate::maker::{ACCOUNT, Maker};

/// The texts of a kind in the plans and states of the fixtures.
fn texts(attributes: &[&str]) -> Vec<Vec<u8>> {
    fn collect(value: &serde_json::Value, attributes: &[&str], found: &mut Vec<Vec<u8>>) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, value) in members {
                    match value.as_str().filter(|text| text.starts_with('{')) {
                        Some(text) if attributes.contains(&name.as_str()) => found.push(text.as_bytes().to_vec()),
                        _ => collect(value, attributes, found),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, attributes, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for fixture in fixtures("estates") {
        if let Ok(document) = serde_json::from_slice(&fixture.bytes) {
            collect(&document, attributes, &mut found);
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn fuzz_policy() {
    let seeds = texts(&["policy", "assume_role_policy"]);
    fuzz(&Target { name: "policy", seeds, mutate: json, mutants: 600 }, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let Ok(policy) = serde_json::from_str::<Json>(&text) else {
            assert_eq!(Glance::of(&text), None, "what is no JSON is no ordinary policy");
            return "no JSON".to_owned();
        };
        // The maker takes these for holes.
        if format!("{policy:?}").contains('<') {
            return "holes".to_owned();
        }
        let maker = Maker::default();
        let node = maker.node(&policy);
        let kinds = [PolicyKind::Resource, PolicyKind::Trust, PolicyKind::Identity];
        let documents = kinds.map(|kind| Document::read(&node, kind));
        if let Some(glance) = Glance::of(&text) {
            for document in &documents {
                assert!(document.is_readable(), "an ordinary policy can be read");
                let is_about = |service: &str| {
                    document.statements().iter().any(|one| one.is_about_service(service, &maker) != Truth::False)
                };
                assert!(glance.may_be_about("guardduty") || !is_about("guardduty"));
            }
        }
        let role = Role::new(Partition::Aws, Fact::known(ACCOUNT));
        let object = Object { bucket: Fact::known("lists"), key: Fact::known("a.txt"), ..Object::default() };
        let facts = ReadFacts { same_account: Truth::True, decryptable: Truth::True, restricts_public: Truth::Unknown };
        let [resource, trust, _] = &documents;
        let decision = read(Policy::Known(resource), &Request::read(&role, &object), facts, &maker);
        let decrypt = Request::decrypt(&role, &object, &Key::default(), Truth::Unknown);
        let of_key = key(Policy::Known(trust), &[], Truth::True, &decrypt, &maker);
        let faults: Vec<String> = resource.faults().iter().take(4).map(|fault| fault.kind.to_string()).collect();
        format!("{:?} {:?} {faults:?}", decision.outcome, of_key.outcome)
    });
}

#[test]
fn fuzz_pattern() {
    let mut seeds = texts(&["event_pattern"]);
    seeds.push(OPERATORS.into());
    fuzz(&Target { name: "pattern", seeds, mutate: json, mutants: 1_500 }, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let pattern = match Pattern::parse(&text) {
            Ok(pattern) => pattern,
            Err(fault) => {
                assert!(fault.offset() <= text.len(), "{fault}: {} in {} bytes", fault.offset(), text.len());
                return fault.to_string();
            }
        };
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok(), "a pattern that is no JSON");
        let event = serde_json::json!({
            "source": "aws.guardduty", "detail-type": "GuardDuty Finding", "account": ACCOUNT,
            "detail": { "severity": 8.0, "type": "Recon:EC2/Portscan", "service": { "archived": false, "count": 1 } }
        });
        format!("{:?} {:?}", pattern.matches(&event), pattern.reach())
    });
}

/// Every operator that EventBridge has.
const OPERATORS: &str = r#"{
    "source": ["aws.guardduty", {"prefix": "aws."}, {"suffix": "y"}, {"wildcard": "aws.*d*"}],
    "detail-type": [{"equals-ignore-case": "guardduty finding"}, {"anything-but": ["x", 1]}],
    "account": [{"exists": true}],
    "detail": {
        "severity": [{"numeric": [">=", 4, "<", 1e2]}, 7, 7.5],
        "type": [{"anything-but": {"prefix": "Recon"}}, {"prefix": {"equals-ignore-case": "RECON"}}],
        "service": {"archived": [false, null, "x"], "ip": [{"cidr": "10.0.0.0/8"}]},
        "$or": [{"a": [1]}, {"b": [{"exists": false}], "c": {"d": [""]}}]
    }
}"#;
