//! The address of an item of a document, from the parts that the item says.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::{
    address::{Address, Key, Mode, ModulePath},
    json::{string, text},
};

/// What an item says of its address. Everything may be missing.
#[derive(Default, Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// The whole address, as a string.
    pub(crate) address: Option<&'a RawValue>,
    /// The module instance.
    pub(crate) module: Option<&'a RawValue>,
    /// `managed` or `data`.
    pub(crate) mode: Option<&'a RawValue>,
    /// The resource type.
    pub(crate) resource_type: Option<&'a RawValue>,
    /// The name of the block.
    pub(crate) name: Option<&'a RawValue>,
    /// The instance key: a number, or a string.
    pub(crate) index: Option<&'a RawValue>,
}

impl<'a> Parts<'a> {
    /// The address, from its text where that can be parsed, else from the parts; `None` where neither will do.
    pub(crate) fn address(self) -> Option<Address> {
        text(self.address).and_then(|address| address.parse().ok()).or_else(|| self.assembled())
    }

    /// Mode and resource type, which every item is counted by; `None` for an item of neither mode, or without a type.
    pub(crate) fn kind(self) -> Option<(Mode, Cow<'a, str>)> {
        match (self.mode, text(self.resource_type)) {
            (Some(_), Some(resource_type)) => Some((mode(self.mode)?, resource_type)),
            _ => self.address().map(|address| (address.mode, Cow::Owned(address.resource_type.into()))),
        }
    }

    fn assembled(self) -> Option<Address> {
        let module = match text(self.module) {
            Some(module) => module.parse().ok()?,
            None => ModulePath::default(),
        };
        let key = match self.index {
            Some(index) => Some(key(index)?),
            None => None,
        };
        let resource_type = text(self.resource_type)?.into();
        Some(Address { module, mode: mode(self.mode)?, resource_type, name: text(self.name)?.into(), key })
    }
}

/// The mode of an object; a missing one is managed, an unknown one `None`.
pub(crate) fn mode(raw: Option<&RawValue>) -> Option<Mode> {
    match text(raw).as_deref() {
        None | Some("managed") => Some(Mode::Managed),
        Some("data") => Some(Mode::Data),
        Some(_) => None,
    }
}

/// An instance key; `None` for what is neither an integer nor a string.
pub(crate) fn key(raw: &RawValue) -> Option<Key> {
    match string(raw) {
        Some(text) => Some(Key::String(text.into())),
        None => raw.get().parse().ok().map(Key::Int),
    }
}

/// Items of a document that no object could be made of, to be said in the unit's notes.
#[derive(Default)]
pub(crate) struct PassedOver {
    listed: Vec<String>,
    count: usize,
}

impl PassedOver {
    /// How many are listed: a document that is wrong throughout need not be listed throughout.
    const LISTED: usize = 20;

    /// Takes the JSON pointer of the item. It may hold any text of the document, so it is escaped.
    pub(crate) fn add(&mut self, pointer: &str) {
        self.count += 1;
        if self.count <= Self::LISTED {
            let shown: String = pointer.chars().take(200).flat_map(char::escape_debug).collect();
            self.listed.push(format!("passed over {shown}: no resource address can be made of it"));
        }
    }

    /// One note for each, and one for all beyond the limit.
    pub(crate) fn into_notes(mut self) -> Vec<String> {
        if self.count > Self::LISTED {
            self.listed.push(format!("passed over {} more items without an address", self.count - Self::LISTED));
        }
        self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_address_is_assembled_where_its_text_is_missing() {
        let parts = Parts {
            address: Some(raw("\"\"")),
            module: Some(raw(r#""module.a[\"x\"]""#)),
            mode: Some(raw("\"data\"")),
            resource_type: Some(raw("\"aws_s3_object\"")),
            name: Some(raw("\"list\"")),
            index: Some(raw("\"eu\"")),
        };
        let address = parts.address().map(|address| address.to_string());
        assert_eq!(address.as_deref(), Some(r#"module.a["x"].data.aws_s3_object.list["eu"]"#));
        assert!(Parts { name: None, ..parts }.address().is_none());
        assert!(Parts { mode: Some(raw("\"ephemeral\"")), ..parts }.address().is_none());
        assert!(Parts { index: Some(raw("[1]")), ..parts }.address().is_none());
    }

    #[test]
    fn the_text_of_an_address_is_believed_first() {
        let parts = Parts { address: Some(raw(r#""aws_x.y[0]""#)), index: Some(raw("1")), ..Parts::default() };
        assert_eq!(parts.address().map(|address| address.to_string()).as_deref(), Some("aws_x.y[0]"));
        assert_eq!(parts.kind(), Some((Mode::Managed, "aws_x".into())));
        assert_eq!(Parts::default().kind(), None);
    }

    #[test]
    fn what_is_passed_over_is_listed_up_to_a_limit() {
        let mut passed_over = PassedOver::default();
        (0..25).for_each(|position| passed_over.add(&format!("/x\n/{position}")));
        let notes = passed_over.into_notes();
        assert_eq!(notes[0], "passed over /x\\n/0: no resource address can be made of it");
        assert_eq!(notes.len(), 21);
        assert_eq!(notes[20], "passed over 5 more items without an address");
    }
}
