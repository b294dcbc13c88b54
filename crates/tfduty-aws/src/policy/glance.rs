//! What can be seen of a policy without reading it. Of the many policies of an estate few are about what is asked, and only
//! of those the place of each text is needed.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer},
    },
};

use super::judge::ACTIONS;
use super::plain;
use crate::truth::Truth;

/// What may begin a place that is to be filled in, by the policy language, by Terraform or by other template languages; and
/// what begins an escape, behind which one may hide.
const TEMPLATES: &[&str] = &["\\", "${", "%{", "{{", "<no value"];

/// How deep the elements of a statement are looked into: a condition lists its values under an operator and a key.
const LEVELS: usize = 3;

/// A policy that is written as nearly all are: a JSON text whose names are known and stand once each, with nothing in it
/// that is to be filled in. It can be read, whatever it is attached to, and each of its statements names actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance<'t> {
    /// The actions of all statements.
    actions: Vec<&'t str>,
}

impl<'t> Glance<'t> {
    /// Looks at a text. `None` where it is not written so: then it has to be read.
    pub fn of(text: &'t str) -> Option<Self> {
        if TEMPLATES.iter().any(|begin| text.contains(begin)) {
            return None;
        }
        let Object(policy): Object<Policy<'t>> = serde_json::from_str(text).ok()?;
        let actions = policy.statement.0.into_iter().flat_map(|Object(statement)| statement.action.0);
        Some(Self { actions: actions.collect() })
    }

    /// Whether a statement may be about an action of a service (`guardduty`).
    pub fn may_be_about(&self, service: &str) -> bool {
        let begin = [Some(service), Some(":"), None];
        self.actions.iter().any(|action| plain::compare(action, begin, ACTIONS) != Some(Truth::False))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy<'t> {
    #[serde(default, rename = "Version", deserialize_with = "skipped")]
    _version: (),
    #[serde(default, rename = "Id", deserialize_with = "skipped")]
    _id: (),
    #[serde(borrow, rename = "Statement")]
    statement: Listed<Object<Statement<'t>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement<'t> {
    #[serde(default, rename = "Sid", deserialize_with = "skipped")]
    _sid: (),
    #[serde(default, rename = "Effect", deserialize_with = "skipped")]
    _effect: (),
    #[serde(default, rename = "Principal", deserialize_with = "skipped")]
    _principal: (),
    #[serde(borrow, rename = "Action")]
    action: Listed<&'t str>,
    #[serde(default, rename = "Resource", deserialize_with = "skipped")]
    _resource: (),
    #[serde(default, rename = "Condition", deserialize_with = "skipped")]
    _condition: (),
}

/// An object. What is derived also reads a list of the values of its fields.
struct Object<T>(T);

/// What an element lists, at least one thing: one may be written without the list.
struct Listed<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Listed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListedVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListedVisitor<T> {
            type Value = Listed<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, or a list of at least one")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Listed<T>, E> {
                Ok(Listed(vec![T::deserialize(BorrowedStrDeserializer::new(text))?]))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Listed<T>, A::Error> {
                Ok(Listed(vec![T::deserialize(MapAccessDeserializer::new(map))?]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Listed<T>, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                if list.is_empty() { Err(A::Error::invalid_length(0, &self)) } else { Ok(Listed(list)) }
            }
        }
        deserializer.deserialize_any(ListedVisitor(PhantomData))
    }
}

/// Passes over a value of at most so many levels: JSON of any depth is not read as a policy.
struct Skip(usize);

fn skipped<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    Skip(LEVELS).deserialize(deserializer)
}

impl Skip {
    fn below<E: Error>(&self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Skip).ok_or_else(|| E::custom("nested deeper than the elements of a policy"))
    }
}

impl<'de> DeserializeSeed<'de> for Skip {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Skip {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self.below()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while members.next_key::<IgnoredAny>()?.is_some() {
            members.next_value_seed(self.below()?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_policies_tell_what_they_are_about() {
        let lists = r#""Sid": "s", "Effect": "Deny", "Principal": {"AWS": ["*"]}, "Resource": ["a", "b"], "#;
        let condition = r#""Condition": {"Bool": {"aws:SecureTransport": ["false", true, 1]}}, "#;
        for (rest, action, guardduty, s3) in [
            ("", r#""s3:GetObject""#, false, true),
            (lists, r#"["guardduty:Get*", "kms:*"]"#, true, false),
            (condition, r#"["G*", "k?s:x"]"#, true, false),
            ("", r#""*""#, true, true),
            ("", r#""?3:x""#, false, true),
        ] {
            let text =
                format!(r#"{{"Version": "2012-10-17", "Id": "i", "Statement": [{{{rest}"Action": {action}}}]}}"#);
            let glance = Glance::of(&text).expect("an ordinary policy");
            assert_eq!((glance.may_be_about("guardduty"), glance.may_be_about("s3")), (guardduty, s3), "{text}");
        }
        assert!(Glance::of(r#"{"Statement": {"Action": "s3:*"}}"#).is_some());
    }

    #[test]
    fn what_is_out_of_the_ordinary_has_to_be_read() {
        for text in [
            "",
            "[]",
            r#""{}""#,
            "{}",
            r#"{"Statement": []}"#,
            r#"{"Statement": "x"}"#,
            r#"[null, null, {"Action": "s3:*"}]"#,
            r#"{"Statement": [[null, null, null, "s3:*", null, null]]}"#,
            r#"{"Statement": {"Action": "s3:*"}, "Statement": {"Action": "s3:*"}}"#,
            r#"{"Statement": {"Action": "s3:*"}, "version": "2012-10-17"}"#,
            r#"{"Statement": {"Action": "s3:*"}} x"#,
            r#"{"Statement": {"Effect": "Allow"}}"#,
            r#"{"Statement": {"Action": []}}"#,
            r#"{"Statement": {"Action": {"a": "b"}}}"#,
            r#"{"Statement": {"Action": ["s3:*", 1]}}"#,
            r#"{"Statement": {"Action": "s3:*", "Action": "s3:*"}}"#,
            r#"{"Statement": {"NotAction": "s3:*"}}"#,
            r#"{"Statement": {"Action": "s3:*", "NotResource": "*"}}"#,
            r#"{"Statement": {"Action": "s3:*", "Resource": "a/${aws:username}"}}"#,
            r#"{"Statement": {"Action": "s3:*", "Resource": "a/{{ bucket }}"}}"#,
            r#"{"Statement": {"Action": "s3:*", "Resource": "a/\u0024{x}"}}"#,
            r#"{"Statement": {"Action": "s3:*", "Condition": {"a": {"b": {"c": {"d": "e"}}}}}}"#,
            r#"{"Statement": {"Action": "s3:*", "Condition": [[[["x"]]]]}}"#,
        ] {
            assert_eq!(Glance::of(text), None, "{text}");
        }
    }
}
