//! A case: one row of the table.

use serde::Deserialize;
use tfduty_aws::policy::{Constraint, Decision, Document, Grant, Policy, PolicyKind, ReadFacts, access, key, read};

use crate::json::Json;
use crate::maker::Maker;
use crate::request::{RequestColumns, pairs, truth};

const FILES: &[(&str, &str)] = &[
    ("principal", include_str!("cases/principal.toml")),
    ("principal_holes", include_str!("cases/principal_holes.toml")),
    ("not_principal", include_str!("cases/not_principal.toml")),
    ("action", include_str!("cases/action.toml")),
    ("resource", include_str!("cases/resource.toml")),
    ("condition_operators", include_str!("cases/condition_operators.toml")),
    ("condition_values", include_str!("cases/condition_values.toml")),
    ("condition_keys", include_str!("cases/condition_keys.toml")),
    ("condition_keys_network", include_str!("cases/condition_keys_network.toml")),
    ("condition_keys_kms", include_str!("cases/condition_keys_kms.toml")),
    ("read", include_str!("cases/read.toml")),
    ("read_elsewhere", include_str!("cases/read_elsewhere.toml")),
    ("key", include_str!("cases/key.toml")),
    ("service", include_str!("cases/service.toml")),
    ("identity", include_str!("cases/identity.toml")),
    ("faults", include_str!("cases/faults.toml")),
];

#[derive(Deserialize)]
pub(crate) struct File {
    pub(crate) case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) rests: String,
    pub(crate) version: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) effect: Option<String>,
    pub(crate) principal: Option<Json>,
    pub(crate) not_principal: Option<Json>,
    pub(crate) action: Option<Json>,
    pub(crate) not_action: Option<Json>,
    pub(crate) resource: Option<Json>,
    pub(crate) not_resource: Option<Json>,
    pub(crate) condition: Option<Json>,
    pub(crate) policy: Option<String>,
    #[serde(default)]
    pub(crate) grants: Vec<GrantColumns>,
    #[serde(default)]
    pub(crate) request: RequestColumns,
    pub(crate) expect: Option<String>,
    pub(crate) verdict: Option<String>,
    pub(crate) decides: Vec<String>,
    #[serde(default)]
    pub(crate) faults: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantColumns {
    pub(crate) grantee: String,
    pub(crate) operations: Vec<String>,
    pub(crate) equals: Option<Json>,
    pub(crate) subset: Option<Json>,
}

pub(crate) fn cases() -> impl Iterator<Item = (String, Case)> {
    FILES.iter().flat_map(|(file, text)| {
        let cases: File = toml::from_str(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        cases.case.into_iter().enumerate().map(move |(index, case)| {
            let name = format!("{file} {index} ({})", case.rests);
            (name, case)
        })
    })
}

impl Case {
    pub(crate) fn document(&self, maker: &Maker) -> Document {
        let version = self.version.as_deref().unwrap_or("2012-10-17");
        let in_document = |statements: Json| {
            let mut members = vec![("Statement".to_owned(), statements)];
            if !version.is_empty() {
                members.push(("Version".to_owned(), Json::text(version)));
            }
            Json::Object(members)
        };
        let json = match self.policy.as_deref().map(serde_json::from_str) {
            None => in_document(self.statement()),
            Some(Ok(list @ Json::List(_))) => in_document(list),
            Some(Ok(whole)) => whole,
            Some(Err(error)) => panic!("{}: {error}", self.rests),
        };
        let kind = match self.kind.as_deref() {
            Some("trust") => PolicyKind::Trust,
            Some("identity") => PolicyKind::Identity,
            Some("resource") => PolicyKind::Resource,
            Some(other) => panic!("{other} is no kind"),
            None => self.request.kind(),
        };
        Document::read(&maker.node(&json), kind)
    }

    pub(crate) fn statement(&self) -> Json {
        let text = |text: &str| Some(Json::text(text));
        // The usual value stands unless the opposite is there; an empty text leaves the element out.
        let usual = |value: &Option<Json>, opposite: &Option<Json>, usual: &str| match value {
            Some(Json::Text(empty)) if empty.is_empty() => None,
            Some(value) => Some(value.clone()),
            None if opposite.is_none() => text(usual),
            None => None,
        };
        let action = match self.request.name() {
            "export" => "s3:PutObject",
            "decrypt" => "kms:Decrypt",
            "target" => "sns:Publish",
            "trust" => "sts:AssumeRole",
            "identity" => "guardduty:DeleteDetector",
            _ => "s3:GetObject",
        };
        let members = [
            ("Effect", text(self.effect.as_deref().unwrap_or("Deny"))),
            ("Principal", usual(&self.principal, &self.not_principal, "*")),
            ("NotPrincipal", self.not_principal.clone()),
            ("Action", usual(&self.action, &self.not_action, action)),
            ("NotAction", self.not_action.clone()),
            ("Resource", usual(&self.resource, &self.not_resource, "*")),
            ("NotResource", self.not_resource.clone()),
            ("Condition", self.condition.clone()),
        ];
        let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Json::Object(present.collect())
    }

    pub(crate) fn decision(&self, document: Option<&Document>, maker: &Maker) -> Decision {
        let request = self.request.request();
        let policy = match (document, self.request.policy.as_deref()) {
            (Some(document), None) => Policy::Known(document),
            (None, Some("none")) => Policy::None,
            (None, Some("unknown")) => Policy::Unknown,
            _ => panic!("{}: no policy", self.rests),
        };
        let said = |column: &Option<String>, usual| truth(column.as_deref().unwrap_or(usual));
        match self.request.name() {
            "read" => {
                let facts = ReadFacts {
                    same_account: said(&self.request.same, "T"),
                    decryptable: said(&self.request.key_usable, "T"),
                    restricts_public: said(&self.request.restricts_public, "F"),
                };
                read(policy, &request, facts, maker)
            }
            "decrypt" => {
                let grants: Vec<_> = self.grants.iter().map(|grant| grant.grant(maker)).collect();
                key(policy, &grants, said(&self.request.own_key, "T"), &request, maker)
            }
            _ => access(&[policy], &request, maker),
        }
    }
}

impl GrantColumns {
    fn grant(&self, maker: &Maker) -> Grant {
        let texts = |json: &Json| pairs(json).map(|(name, value)| (maker.text(name), maker.text(value))).collect();
        let equals = self.equals.as_ref().map(|json| Constraint::Equals(texts(json)));
        let subset = self.subset.as_ref().map(|json| Constraint::Subset(texts(json)));
        Grant {
            grantee: maker.text(&self.grantee),
            operations: self.operations.iter().map(|operation| maker.text(operation)).collect(),
            constraints: equals.into_iter().chain(subset).collect(),
        }
    }
}
