//! JSON that keeps its order, and is written as Terraform writes it.
//!
//! `serde_json` has a feature for the order, but cargo would switch it on for every crate of the workspace.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde_json::Number;

use crate::Failure;

/// A JSON value; an object's members stay in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Failure> {
        Ok(serde_json::from_slice(bytes)?)
    }

    /// On one line, as `terraform show -json` writes it.
    pub(super) fn on_one_line(&self) -> Result<Vec<u8>, Failure> {
        Ok(as_go(&serde_json::to_string(self)?))
    }

    /// Indented, as Terraform writes states.
    pub(super) fn indented(&self, by: &str) -> Result<Vec<u8>, Failure> {
        let mut written = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(by.as_bytes());
        self.serialize(&mut serde_json::Serializer::with_formatter(&mut written, formatter))?;
        Ok(as_go(std::str::from_utf8(&written)?))
    }

    /// A member of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        self.members().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Json> {
        match self {
            Json::Object(members) => members.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn members(&self) -> &[(String, Json)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of the list that a member is, or none.
    pub(super) fn items(&self, key: &str) -> &[Json] {
        match self.get(key) {
            Some(Json::List(items)) => items,
            _ => &[],
        }
    }

    pub(super) fn items_mut(&mut self, key: &str) -> &mut [Json] {
        match self.get_mut(key) {
            Some(Json::List(items)) => items,
            _ => &mut [],
        }
    }

    /// Replaces a member, or puts a new one where it belongs among sorted members: attributes are sorted.
    pub(super) fn set(&mut self, key: &str, value: Json) {
        if let Some(old) = self.get_mut(key) {
            *old = value;
        } else if let Json::Object(members) = self {
            let place = members.iter().position(|(name, _)| name.as_str() > key).unwrap_or(members.len());
            members.insert(place, (key.to_owned(), value));
        }
    }

    /// Replaces a member, or puts a new one last.
    pub(super) fn push(&mut self, key: &str, value: Json) {
        if let Some(old) = self.get_mut(key) {
            *old = value;
        } else if let Json::Object(members) = self {
            members.push((key.to_owned(), value));
        }
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<Json> {
        match self {
            Json::Object(members) => {
                let place = members.iter().position(|(name, _)| name == key)?;
                Some(members.remove(place).1)
            }
            _ => None,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::Text(text.to_owned())
    }
}

/// An object of these members.
pub(super) fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Go escapes what HTML would take for markup, and ends the file with a line end. None of these characters can stand
/// outside of a JSON string.
fn as_go(json: &str) -> Vec<u8> {
    let mut escaped = json
        .replace('<', r"\u003c")
        .replace('>', r"\u003e")
        .replace('&', r"\u0026")
        .replace('\u{2028}', r"\u2028")
        .replace('\u{2029}', r"\u2029")
        .into_bytes();
    escaped.push(b'\n');
    escaped
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Number(number) => number.serialize(serializer),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(items) => serializer.collect_seq(items),
            Json::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, value))),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("no JSON number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terraform_wrote_comes_out_byte_for_byte() {
        let mut seen = 0;
        for entry in walkdir::WalkDir::new(crate::root().join("fixtures/estates")) {
            let path = entry.unwrap().into_path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let bytes = || std::fs::read(&path).unwrap();
            let written = if name.ends_with(".tfstate") {
                Json::read(&bytes()).unwrap().indented("  ").unwrap()
            } else if name == "state.json" || name == "plan.json" {
                Json::read(&bytes()).unwrap().on_one_line().unwrap()
            } else {
                continue;
            };
            assert!(written == bytes(), "{} comes out changed", path.display());
            seen += 1;
        }
        assert!(seen > 0);
    }
}
