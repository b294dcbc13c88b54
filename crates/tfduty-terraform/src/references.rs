//! The references in a plan's `configuration`, without the rest of the expressions.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::json::Name;

/// Every string in a list named `references`, at whatever depth. Constants are not looked into.
pub(crate) struct References<'a>(pub(crate) Vec<Cow<'a, str>>);

impl<'de> Deserialize<'de> for References<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut found = Vec::new();
        Collect { found: &mut found, is_references: false }.deserialize(deserializer)?;
        Ok(Self(found))
    }
}

struct Collect<'f, 'de> {
    found: &'f mut Vec<Cow<'de, str>>,
    /// Whether the value is a member `references`, or an item of one.
    is_references: bool,
}

impl<'de> DeserializeSeed<'de> for Collect<'_, 'de> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Collect<'_, 'de> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an expression or a nested block")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            match &*name {
                "constant_value" => map.next_value::<IgnoredAny>().map(drop)?,
                name => {
                    let is_references = name == "references";
                    map.next_value_seed(Collect { found: self.found, is_references })?;
                }
            }
        }
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { found, is_references } = self;
        while items.next_element_seed(Collect { found: &mut *found, is_references })?.is_some() {}
        Ok(())
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        if self.is_references {
            self.found.push(Cow::Borrowed(text));
        }
        Ok(())
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.is_references {
            self.found.push(Cow::Owned(text.to_owned()));
        }
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_at_every_depth() {
        let text = r#"{
            "a": {"references": ["var.x", "data.q.r[\"k\"]"]},
            "b": [{"c": {"references": ["local.y"]}, "d": {"constant_value": {"references": ["no"]}}}],
            "e": {}, "f": 1, "g": null, "h": "no", "references": {"i": {"references": ["each.key"]}}
        }"#;
        let found: References<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(found.0, ["var.x", "data.q.r[\"k\"]", "local.y", "each.key"]);
    }

    #[test]
    fn deep_blocks_end_in_an_error_and_no_overflow() {
        let nested = |depth: usize| format!("{}{{}}{}", "{\"a\":[".repeat(depth), "]}".repeat(depth));
        assert!(serde_json::from_str::<References<'_>>(&nested(60)).is_ok());
        assert!(serde_json::from_str::<References<'_>>(&nested(10_000)).is_err());
    }
}
