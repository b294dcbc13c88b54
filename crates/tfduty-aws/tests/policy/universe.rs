//! A small universe of statements, and a reading of them that knows everything: in each world every hole is filled and
//! every condition key has its value, so that two values do.

use proptest::prelude::*;
use proptest::sample::select;

use crate::json::Json;
use crate::maker::ACCOUNT;

const OTHER_ACCOUNT: &str = "444455556666";

/// Something that may not be known: what it is called in statements and in worlds, and what it may be. Nothing stands
/// for a condition key that is missing.
pub(crate) struct Unknown {
    pub(crate) name: &'static str,
    pub(crate) choices: &'static [Option<&'static str>],
}

/// Whatever may not be known in this universe. Holes are written as in `cases/README.md`.
pub(crate) const UNKNOWNS: &[Unknown] = &[
    Unknown { name: "<?who>", choices: &[Some("*"), Some("{R}"), Some("{A}"), Some("arn:aws:iam::{A}:role/Admin")] },
    Unknown { name: "<?what>", choices: &[Some("GetObject"), Some("PutObject"), Some("*")] },
    Unknown { name: "<?where>", choices: &[Some("arn:aws:s3:::lists"), Some("arn:aws:s3:::other")] },
    Unknown { name: "<?value>", choices: &[Some("{A}"), Some("o-abc"), Some("*")] },
    Unknown { name: "account", choices: &[Some(ACCOUNT), Some(OTHER_ACCOUNT)] },
    Unknown { name: "key", choices: &[Some("guardduty/trusted.txt"), Some("other.txt")] },
    Unknown { name: "aws:PrincipalOrgID", choices: &[None, Some("o-abc"), Some("o-zzz")] },
    Unknown { name: "aws:UserAgent", choices: &[None, Some("x"), Some("o-abc")] },
    Unknown { name: "s3:ExistingObjectTag/class", choices: &[None, Some("public"), Some("secret")] },
    Unknown { name: "aws:MultiFactorAuthPresent", choices: &[None, Some("false")] },
    Unknown { name: "aws:SourceVpce", choices: &[None, Some("vpce-of-guardduty")] },
];

/// Which of the facts that a caller may or may not know are known.
#[expect(clippy::struct_excessive_bools, reason = "each is known or not, whatever is known of the others")]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knowledge {
    pub(crate) account: bool,
    pub(crate) key: bool,
    pub(crate) organization: bool,
    pub(crate) tags: bool,
}

pub(crate) fn knowledge() -> impl Strategy<Value = Knowledge> {
    any::<[bool; 4]>().prop_map(|[account, key, organization, tags]| Knowledge { account, key, organization, tags })
}

/// What everything unknown is.
#[derive(Debug, Clone)]
pub(crate) struct World(Vec<(&'static str, Option<&'static str>)>);

impl World {
    /// The worlds that `statements` can tell apart and that agree with what is known.
    pub(crate) fn all(statements: &[Json], knowledge: Knowledge) -> Vec<Self> {
        let written = format!("{statements:?}");
        let mut worlds = vec![Self(Vec::new())];
        for Unknown { name, choices } in UNKNOWNS {
            let known = match *name {
                "account" => knowledge.account,
                "key" => knowledge.key,
                "aws:PrincipalOrgID" => knowledge.organization || !written.contains(name),
                "s3:ExistingObjectTag/class" => knowledge.tags || !written.contains(name),
                name => !written.contains(name),
            };
            // What is known is the second choice of an organization or tag, and the first of everything else.
            let choices = match (known, choices.len()) {
                (false, _) => choices,
                (true, 3) => &choices[1..2],
                (true, _) => &choices[..1],
            };
            worlds = worlds
                .iter()
                .flat_map(|world| choices.iter().map(|choice| Self([&world.0[..], &[(*name, *choice)]].concat())))
                .collect();
        }
        worlds
    }

    fn of(&self, name: &str) -> Option<&'static str> {
        self.0.iter().find(|(its, _)| *its == name).and_then(|(_, choice)| *choice)
    }

    fn account(&self) -> &'static str {
        self.of("account").unwrap_or(ACCOUNT)
    }

    fn role(&self) -> String {
        let path = "aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
        format!("arn:aws:iam::{}:role/{path}", self.account())
    }

    /// `text` with everything filled in.
    fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for Unknown { name, .. } in UNKNOWNS.iter().filter(|unknown| unknown.name.starts_with('<')) {
            text = text.replace(name, self.of(name).unwrap_or_default());
        }
        // Accounts that are written are written as they are; the holes follow the account of the world.
        let text = text.replace("{R}", crate::maker::ROLE).replace("{A}", ACCOUNT);
        text.replace("<R>", &self.role())
            .replace("<A>", self.account())
            .replace("<role.arn>", &format!("arn:aws:iam::{}:role/Admin", self.account()))
            .replace("<B.arn>", "arn:aws:s3:::lists")
            .replace("<C.arn>", "arn:aws:s3:::other")
    }

    /// The value of a condition key.
    fn context(&self, key: &str) -> Option<String> {
        match key {
            "aws:PrincipalAccount" => Some(self.account().to_owned()),
            "aws:PrincipalArn" => Some(self.role()),
            "aws:SecureTransport" => Some("true".to_owned()),
            "aws:PrincipalType" => Some("AssumedRole".to_owned()),
            key => self.of(key).map(str::to_owned),
        }
    }

    /// Whether `statement` denies what it matches.
    pub(crate) fn is_deny(statement: &Json) -> bool {
        texts(member(statement, "Effect")) == ["Deny"]
    }

    /// Whether `statement` matches R's read.
    pub(crate) fn matches(&self, statement: &Json) -> bool {
        let listed = |name: &str, meets: &dyn Fn(&str) -> bool| {
            let of = |name: &str| texts(member(statement, name)).iter().any(|text| meets(&self.fill(text)));
            if member(statement, name).is_some() { of(name) } else { !of(&format!("Not{name}")) }
        };
        let resource = format!("arn:aws:s3:::lists/{}", self.of("key").unwrap_or_default());
        let conditions = members(member(statement, "Condition"));
        self.is_about_role(member(statement, "Principal"))
            && listed("Action", &|pattern| glob(&pattern.to_lowercase(), "s3:getobject"))
            && listed("Resource", &|pattern| glob(pattern, &resource))
            && conditions.iter().all(|(operator, keys)| {
                members(Some(keys)).iter().all(|(key, values)| self.meets(operator, key, &texts(Some(values))))
            })
    }

    fn is_about_role(&self, principal: Option<&Json>) -> bool {
        let root = format!("arn:aws:iam::{}:root", self.account());
        let is = |text: &str| {
            let text = self.fill(text);
            text == "*" || text == self.role() || text == self.account() || text == root
        };
        match principal {
            Some(Json::Text(text)) => text == "*",
            Some(Json::Object(kinds)) => {
                kinds.iter().any(|(kind, values)| kind == "AWS" && texts(Some(values)).iter().any(|text| is(text)))
            }
            _ => false,
        }
    }

    fn meets(&self, operator: &str, key: &str, values: &[String]) -> bool {
        let values: Vec<_> = values.iter().map(|value| self.fill(value)).collect();
        let actual = self.context(key);
        let any = |meets: fn(&str, &str) -> bool| {
            let actual = actual.as_deref()?;
            Some(values.iter().any(|value| meets(value, actual)))
        };
        let equal = |value: &str, actual: &str| value == actual;
        match operator {
            "Null" => values.contains(&actual.is_none().to_string()),
            "StringEquals" | "ForAnyValue:StringEquals" | "Bool" => any(equal).unwrap_or(false),
            "StringEqualsIfExists" | "ForAllValues:StringEquals" | "BoolIfExists" => any(equal).unwrap_or(true),
            "StringNotEquals" | "StringNotEqualsIfExists" => !any(equal).unwrap_or(false),
            "StringLike" => any(glob).unwrap_or(false),
            "StringLikeIfExists" => any(glob).unwrap_or(true),
            "StringNotLike" => !any(glob).unwrap_or(false),
            "ArnLike" => any(arn_glob).unwrap_or(false),
            "ArnNotEquals" => !any(arn_glob).unwrap_or(false),
            other => panic!("{other} is no operator of this universe"),
        }
    }
}

/// Every way to read the pattern, one after the other.
fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| glob(rest.as_str(), &text[at..]))
        }
        Some(c) => text.strip_prefix(c).is_some_and(|behind| glob(rest.as_str(), behind)),
    }
}

fn arn_glob(pattern: &str, text: &str) -> bool {
    let fields = |text: &str| text.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
    pattern == "*" || fields(pattern).iter().zip(fields(text)).all(|(pattern, text)| glob(pattern, &text))
}

fn member<'j>(object: &'j Json, name: &str) -> Option<&'j Json> {
    members(Some(object)).iter().find(|(its, _)| its == name).map(|(_, value)| value)
}

fn members(object: Option<&Json>) -> &[(String, Json)] {
    if let Some(Json::Object(members)) = object { members } else { &[] }
}

fn texts(json: Option<&Json>) -> Vec<String> {
    match json {
        Some(Json::Text(text)) => vec![text.clone()],
        Some(Json::List(items)) => items.iter().flat_map(|item| texts(Some(item))).collect(),
        _ => Vec::new(),
    }
}

/// A statement that can match R's read in some world, and fail to in another.
pub(crate) fn statement() -> impl Strategy<Value = Json> {
    let effect = select(vec!["Allow", "Deny"]).prop_map(Json::text);
    let conditions = prop::collection::vec(condition(), 0..3);
    (effect, principal(), action(), resource(), conditions).prop_map(|(effect, principal, action, resource, all)| {
        let mut conditions: Vec<(String, Json)> = Vec::new();
        for (operator, keys) in all {
            // An operator stands once.
            if !conditions.iter().any(|(its, _)| *its == operator) {
                conditions.push((operator, keys));
            }
        }
        let members = [("Effect".to_owned(), effect), ("Principal".to_owned(), principal), action, resource];
        Json::Object(members.into_iter().chain([("Condition".to_owned(), Json::Object(conditions))]).collect())
    })
}

/// The same, always with this effect.
pub(crate) fn statement_to(effect: &'static str) -> impl Strategy<Value = Json> {
    statement().prop_map(move |statement| {
        let others = members(Some(&statement)).iter().filter(|(name, _)| name != "Effect").cloned();
        Json::Object([("Effect".to_owned(), Json::text(effect))].into_iter().chain(others).collect())
    })
}

fn list(choices: &[&'static str]) -> impl Strategy<Value = Json> + use<> {
    prop::collection::vec(select(choices.to_vec()), 1..3)
        .prop_map(|texts| Json::List(texts.into_iter().map(Json::text).collect()))
}

fn principal() -> impl Strategy<Value = Json> {
    let role = "arn:aws:iam::{A}:role/Admin";
    let aws = ["*", "{R}", "{A}", OTHER_ACCOUNT, "arn:aws:iam::{A}:root", role, "<role.arn>", "<R>", "<?who>"];
    let holes = ["arn:aws:iam::<A>:root", "<A>"];
    prop_oneof![
        Just(Json::text("*")),
        list(&[&aws[..], &holes].concat()).prop_map(|values| Json::object([("AWS", values)])),
        Just(Json::object([("Service", Json::text("guardduty.amazonaws.com"))])),
    ]
}

fn action() -> impl Strategy<Value = (String, Json)> {
    let actions = ["s3:GetObject", "S3:get*", "s3:*", "s3:Put*", "*", "s3:<?what>", "s3:GetObjectVersion"];
    (select(vec!["Action", "NotAction"]), list(&actions)).prop_map(|(name, values)| (name.to_owned(), values))
}

fn resource() -> impl Strategy<Value = (String, Json)> {
    let written = ["*", "arn:aws:s3:::lists/*", "arn:aws:s3:::lists", "arn:aws:s3:::lists/guardduty/*"];
    let holes = ["<B.arn>/*", "<C.arn>/*", "<?where>/*", "<B.arn>", "<B.arn>/other*"];
    (select(vec!["Resource", "NotResource"]), list(&[&written[..], &holes].concat()))
        .prop_map(|(name, values)| (name.to_owned(), values))
}

fn condition() -> impl Strategy<Value = (String, Json)> {
    let strings = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIfExists"];
    let quantified = ["StringNotEqualsIfExists", "StringLikeIfExists", "ForAnyValue:StringEquals"];
    let texts: &[&str] = &[&strings[..], &quantified, &["ForAllValues:StringEquals"]].concat();
    let of = |operators: &[&'static str], keys: &[&'static str], values: &[&'static str]| {
        (select(operators.to_vec()), select(keys.to_vec()), list(values))
            .prop_map(|(operator, key, values)| (operator.to_owned(), Json::object([(key, values)])))
            .boxed()
    };
    let unknown_texts = ["aws:PrincipalOrgID", "aws:UserAgent", "s3:ExistingObjectTag/class", "aws:username"];
    let arns = ["{R}", "<R>", "<role.arn>", "arn:aws:iam::*:role/aws-service-role/*", "arn:aws:iam::{A}:role/Admin*"];
    let all_keys = [&unknown_texts[..], &["aws:PrincipalArn", "aws:SourceVpce", "aws:MultiFactorAuthPresent"]].concat();
    prop_oneof![
        of(texts, &unknown_texts, &["o-abc", "o-zzz", "x", "public", "o-*", "<?value>"]),
        of(texts, &["aws:PrincipalAccount"], &["{A}", OTHER_ACCOUNT, "<A>", "1*", "<?value>"]),
        of(texts, &["aws:SourceVpce"], &["vpce-1", "vpce-2"]),
        of(&["ArnLike", "ArnNotEquals"], &["aws:PrincipalArn"], &arns),
        of(&["Bool", "BoolIfExists"], &["aws:SecureTransport", "aws:MultiFactorAuthPresent"], &["true", "false"]),
        of(&["Null"], &all_keys, &["true", "false"]),
    ]
}
