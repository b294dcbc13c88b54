//! Walking a JSON text with `serde_json`: every value of interest stays a slice of the text, so that its span is known.
//!
//! Records are read by [`record!`] and not by a derive: a derive fails on duplicate keys, which Terraform's own decoder
//! lets pass (the last one wins).

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{refusal::Refusal, span::Span};

/// A text that holds JSON, and what values that are slices of it are in terms of the document.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    text: &'a str,
    /// Offset of the text in the document.
    base: usize,
}

impl<'a> Text<'a> {
    /// The text of a whole document.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, base: 0 }
    }

    /// A part of a document, which begins at the offset `base`. Of what is refused in one the place is not known.
    pub(crate) fn within(text: &'a str, base: usize) -> Self {
        Self { text, base }
    }

    /// The text itself.
    pub(crate) fn as_str(self) -> &'a str {
        self.text
    }

    /// Offset of a slice in the text.
    fn offset(self, slice: &str) -> usize {
        (slice.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize)
    }

    /// Span of a run of the text.
    fn run(self, start: usize, end: usize) -> Span {
        Span::new(self.base + start, self.base + end)
    }

    /// Span of a value.
    pub(crate) fn span(self, raw: &RawValue) -> Span {
        self.span_at(raw.get())
    }

    /// Span of a slice of the text.
    pub(crate) fn span_at(self, slice: &str) -> Span {
        let start = self.offset(slice);
        self.run(start, start + slice.len())
    }

    /// Span of the object that a record was read from, or `or` for an object without members. Scans the object again
    /// where its last member is not one of the record's.
    pub(crate) fn span_of<R: Record<'a>>(self, record: &R, or: Span) -> Span {
        let Some(first_key) = record.first_key() else { return or };
        let Some(start) = self.text[..self.offset(first_key)].rfind('{') else { return or };
        if let Some(last) = record.last_value() {
            // Nothing but white space is between.
            let last = self.offset(last) + last.len();
            return self.text[last..].find('}').map_or(or, |brace| self.run(start, last + brace + 1));
        }
        let mut values = serde_json::Deserializer::from_str(&self.text[start..]).into_iter::<&RawValue>();
        values.next().and_then(Result::ok).map_or(or, |object| self.span(object))
    }

    /// Span of the object that a record was read from and that the text ends with. `None` for one without members.
    pub(crate) fn span_to_end<R: Record<'a>>(self, record: &R) -> Option<Span> {
        let start = self.text[..self.offset(record.first_key()?)].rfind('{')?;
        Some(self.run(start, self.text.trim_end().len()))
    }

    /// Reads a value that is a slice of the text.
    pub(crate) fn read<T: Deserialize<'a>>(self, raw: &'a RawValue) -> Result<T, Refusal> {
        serde_json::from_str(raw.get()).map_err(|error| self.damaged(raw.get(), &error))
    }

    /// Reads the members of the object `raw` that have one of these names.
    pub(crate) fn read_only(self, raw: &'a RawValue, names: &[&str]) -> Result<Members<'a, &'a RawValue>, Refusal> {
        let members = OnlyMembers(names).deserialize(&mut serde_json::Deserializer::from_str(raw.get()));
        members.map_err(|error| self.damaged(raw.get(), &error))
    }

    /// Reads the list `raw` item by item, each with its position, and stops at the first that `take` refuses. Nothing
    /// but the item at hand is held: a plan's items would outweigh the plan.
    pub(crate) fn each<T: Deserialize<'a>>(
        self,
        raw: &'a RawValue,
        mut take: impl FnMut(usize, T) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let mut refusal = None;
        let items = Each::new(|position, item: T| take(position, item).map_err(|error| refusal = Some(error)).is_ok());
        let outcome = items.deserialize(&mut serde_json::Deserializer::from_str(raw.get()));
        match refusal {
            Some(refusal) => Err(refusal),
            None => outcome.map_err(|error| self.damaged(raw.get(), &error)),
        }
    }

    /// What `serde_json` says of `slice`, with the place in the whole text.
    pub(crate) fn damaged(self, slice: &str, error: &serde_json::Error) -> Refusal {
        let (what, byte) = complaint(slice, error);
        Refusal::damaged(&what).at(self.text, self.offset(slice) + byte)
    }

    /// A value that is not as Terraform writes it.
    pub(crate) fn unexpected(self, raw: &RawValue, expected: &str) -> Refusal {
        self.unexpected_at(raw.get(), expected)
    }

    /// The same of a slice of the text.
    pub(crate) fn unexpected_at(self, slice: &str, expected: &str) -> Refusal {
        Refusal::damaged(&format!("{expected} was expected")).at(self.text, self.offset(slice))
    }

    /// A refusal with the place of the value that caused it.
    pub(crate) fn refuse_at(self, raw: &RawValue, refusal: Refusal) -> Refusal {
        refusal.at(self.text, self.offset(raw.get()))
    }
}

/// What is wrong with `slice`, and at which of its bytes.
pub(crate) fn complaint(slice: &str, error: &serde_json::Error) -> (String, usize) {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(&*message, |(message, _)| message);
    if error.is_eof() {
        let expected = match message.rsplit_once(' ').map(|(_, what)| what) {
            Some("object") => "the rest of an object",
            Some("list") => "the rest of a list",
            Some("string") => "the rest of a string",
            _ => "a value",
        };
        return (format!("it ends where {expected} was expected"), slice.len());
    }
    let line_start = match error.line() {
        0 | 1 => 0,
        line => slice.match_indices('\n').nth(line - 2).map_or(0, |(newline, _)| newline + 1),
    };
    // A value that is wrong as a whole was read to its end before that was seen.
    let byte = match line_start + error.column().saturating_sub(1) {
        byte if error.is_data() && byte + 1 >= slice.len() => 0,
        byte => byte.min(slice.len()),
    };
    let expected = match message {
        "expected ident" => "`true`, `false` or `null`",
        "expected value" | "trailing comma" => "a value",
        "key must be a string" => "a key in double quotes",
        "invalid escape" => "a valid escape",
        "invalid number" => "a number",
        "trailing characters" => "the end of the file",
        "recursion limit exceeded" => "a document of less than 128 levels",
        message if message.starts_with("control character") => "an escape in place of a control character",
        // What serde says of a wrong type quotes the value, which may be a secret, before what it expected.
        message => message.rsplit_once("expected ").map_or("valid JSON", |(_, expected)| expected),
    };
    (format!("{expected} was expected"), byte)
}

/// The text of a string; lone surrogates become U+FFFD. `None` for any other value.
pub(crate) fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    unquoted(raw.get())
}

/// The text of a string in its quotes.
pub(crate) fn unquoted(quoted: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Unquoted>(quoted).ok().map(|text| text.0)
}

/// The same for a member that may be missing, and where an empty string says as little as a missing one.
pub(crate) fn text(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    raw.and_then(string).filter(|text| !text.is_empty())
}

/// The same, owned.
pub(crate) fn boxed(raw: Option<&RawValue>) -> Option<Box<str>> {
    text(raw).map(Into::into)
}

/// The strings of a list; what is no string is left out.
pub(crate) fn strings(raw: Option<&RawValue>) -> Vec<Box<str>> {
    let items: Vec<&RawValue> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    items.into_iter().filter_map(|item| boxed(Some(item))).collect()
}

/// Whether the member is there and is `true`.
pub(crate) fn is_true(raw: Option<&RawValue>) -> bool {
    raw.is_some_and(|raw| raw.get() == "true")
}

/// A string of a document, mostly a member's name.
pub(crate) struct Name<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As it stands in the text: for bytes, which [`Unquoted`] asks for, `serde_json` lets control characters pass.
        let raw = <&RawValue>::deserialize(deserializer)?;
        string(raw).map(Self).ok_or_else(|| D::Error::custom("expected a string"))
    }
}

/// The text of a string that has been read before.
struct Unquoted<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Unquoted<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BytesVisitor;
        impl<'de> Visitor<'de> for BytesVisitor {
            type Value = Unquoted<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Unquoted<'de>, E> {
                Ok(Unquoted(Cow::Owned(without_surrogates(bytes))))
            }
        }
        // As bytes, because `serde_json` refuses a string with a lone surrogate (which Go writes where a string was cut
        // in the middle of a pair), but hands out its bytes.
        deserializer.deserialize_bytes(BytesVisitor)
    }
}

/// Bytes of a string in which a lone surrogate is three bytes that are no UTF-8.
fn without_surrogates(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if chunk.invalid().first() == Some(&0xed) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}

/// The members of an object in the order of the text, duplicates included. `T` is mostly [`RawValue`].
pub(crate) struct Members<'a, T>(pub(crate) Vec<(Cow<'a, str>, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for MembersVisitor<T> {
            type Value = Members<'de, T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, T>()? {
                    members.push((name.0, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

/// The members of an object that have one of these names.
struct OnlyMembers<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for OnlyMembers<'_> {
    type Value = Members<'de, &'de RawValue>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for OnlyMembers<'_> {
    type Value = Members<'de, &'de RawValue>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Name(name)) = map.next_key()? {
            if self.0.contains(&&*name) {
                members.push((name, map.next_value()?));
            } else {
                skip(&mut map)?;
            }
        }
        Ok(Members(members))
    }
}

/// Gives each item of a list with its position to `take`, and stops where that gives `false`.
pub(crate) struct Each<F, T> {
    take: F,
    item: PhantomData<T>,
}

impl<T, F: FnMut(usize, T) -> bool> Each<F, T> {
    pub(crate) fn new(take: F) -> Self {
        Self { take, item: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(usize, T) -> bool> DeserializeSeed<'de> for Each<F, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(usize, T) -> bool> Visitor<'de> for Each<F, T> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut position = 0;
        while let Some(item) = items.next_element()? {
            if !(self.take)(position, item) {
                return Err(A::Error::custom("stopped"));
            }
            position += 1;
        }
        Ok(())
    }
}

/// What [`record!`] makes.
pub(crate) trait Record<'a> {
    /// The name of the first member, as it stands in the text; `None` where there is none, or where it has an escape.
    fn first_key(&self) -> Option<&'a str>;

    /// The value of the last member, as it stands in the text, where that is a member of the record.
    fn last_value(&self) -> Option<&'a str>;
}

/// What a record's field is read from.
pub(crate) trait Extent<'a> {
    /// The value as it stands in the text, or an end of it; `None` where the field does not know.
    fn extent(&self) -> Option<&'a str>;
}

impl<'a> Extent<'a> for &'a RawValue {
    fn extent(&self) -> Option<&'a str> {
        Some(self.get())
    }
}

impl<T> Extent<'_> for Vec<T> {
    fn extent(&self) -> Option<&'static str> {
        None
    }
}

impl<T> Extent<'_> for Members<'_, T> {
    fn extent(&self) -> Option<&'static str> {
        None
    }
}

/// Skips the value of a member nobody asked for.
pub(crate) fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// Defines a struct whose fields are members of a JSON object, each `None` where the member is missing or `null`.
/// Unknown members are skipped, and of duplicates the last one wins.
macro_rules! record {
    (
        $(#[$meta:meta])*
        struct $name:ident<$a:lifetime> { $($field:ident: $type:ty = $key:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        pub(crate) struct $name<$a> {
            first_key: Option<&$a str>,
            last_value: Option<&$a str>,
            $(pub(crate) $field: Option<$type>,)*
        }

        impl<$a> $crate::json::Record<$a> for $name<$a> {
            fn first_key(&self) -> Option<&$a str> {
                self.first_key
            }

            fn last_value(&self) -> Option<&$a str> {
                self.last_value
            }
        }

        impl<$a> $crate::json::Extent<$a> for $name<$a> {
            fn extent(&self) -> Option<&$a str> {
                None
            }
        }

        impl<$a> serde::Deserialize<$a> for $name<$a> {
            fn deserialize<D: serde::Deserializer<$a>>(deserializer: D) -> Result<Self, D::Error> {
                struct RecordVisitor;
                impl<$a> serde::de::Visitor<$a> for RecordVisitor {
                    type Value = $name<$a>;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }
                    fn visit_map<A: serde::de::MapAccess<$a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                        let mut record = $name::default();
                        let mut is_first = true;
                        while let Some($crate::json::Name(key)) = map.next_key()? {
                            match &*key {
                                $($key => {
                                    record.$field = map.next_value()?;
                                    // `null` is not kept, so that where it stands is not known.
                                    record.last_value = record.$field.as_ref().and_then($crate::json::Extent::extent);
                                })*
                                _ => {
                                    $crate::json::skip(&mut map)?;
                                    record.last_value = None;
                                }
                            }
                            if let (true, std::borrow::Cow::Borrowed(key)) = (is_first, key) {
                                record.first_key = Some(key);
                            }
                            is_first = false;
                        }
                        Ok(record)
                    }
                }
                deserializer.deserialize_map(RecordVisitor)
            }
        }
    };
}
pub(crate) use record;

/// A JSON pointer (RFC 6901) with one more step, the name of a member.
pub(crate) fn pointer(parent: &str, step: &str) -> String {
    format!("{parent}/{}", step.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    record! {
        struct Node<'a> { left: &'a RawValue = "left", inner: Vec<Node<'a>> = "inner", }
    }

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_record_takes_the_last_of_duplicates_and_skips_the_unknown() {
        let text = r#"{"left": 1, "other": [{}], "left": "\ud800x", "inner": [{"left": null}, {}]}"#;
        let node: Node<'_> = Text::new(text).read(raw(text)).ok().unwrap();
        assert_eq!(text_of(node.left), "\u{fffd}x");
        let inner = node.inner.unwrap();
        assert!(inner.len() == 2 && inner[0].left.is_none());
        assert_eq!(Text::new(text).span_of(&inner[0], Span::default()).of(text), Some(r#"{"left": null}"#));
        assert_eq!(Text::new(text).span_of(&inner[1], Span::new(0, 1)), Span::new(0, 1));
    }

    fn text_of(raw: Option<&RawValue>) -> String {
        text(raw).unwrap().into_owned()
    }

    #[test]
    fn strings_are_decoded() {
        for (json, decoded) in [
            (r#""""#, ""),
            (r#""plain ü""#, "plain ü"),
            (r#""a\"\\\n\u00fc\ud83d\ude00""#, "a\"\\\nü😀"),
            (r#""\ud83d\ud83d x \ude00""#, "\u{fffd}\u{fffd} x \u{fffd}"),
        ] {
            assert_eq!(string(raw(json)).as_deref(), Some(decoded), "{json}");
        }
        assert_eq!(string(raw("1")), None);
    }

    #[test]
    fn a_name_holds_no_control_character_that_is_not_escaped() {
        for (text, name) in
            [("\"a\\n\u{7f}\"", Some("a\n\u{7f}")), ("\"a\nb\"", None), ("\"a\\n\u{1}\"", None), ("1", None)]
        {
            assert_eq!(serde_json::from_str::<Name<'_>>(text).ok().as_ref().map(|name| &*name.0), name, "{text:?}");
            let object = format!("{{{text}: 1}}");
            let members = serde_json::from_str::<Members<'_, &RawValue>>(&object);
            assert_eq!(members.ok().as_ref().map(|members| &*members.0[0].0), name, "{object:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, what, byte) in [
            ("{\"a\": ", "it ends where a value was expected", 6),
            ("{\"a\": 1", "it ends where the rest of an object was expected", 7),
            ("{\"a\": \"x", "it ends where the rest of a string was expected", 8),
            ("[1,", "it ends where a value was expected", 3),
            ("{\n  \"a\" 1}", "`:` was expected", 8),
            ("{\n // x\n}", "a key in double quotes was expected", 3),
            ("{\"a\": 1} x", "the end of the file was expected", 9),
            ("{\"a\": nul}", "`true`, `false` or `null` was expected", 9),
            ("{\"a\": tru ", "`true`, `false` or `null` was expected", 9),
            ("{\"a\": \"\\q\"}", "a valid escape was expected", 8),
        ] {
            let error = serde_json::from_str::<&RawValue>(text).unwrap_err();
            assert_eq!(complaint(text, &error), (what.to_owned(), byte), "{text}");
        }
    }

    #[test]
    fn a_wrong_type_is_said_without_the_value() {
        let text = r#"{"inner": "hush, expected"}"#;
        let refusal = Text::new(text).read::<Node<'_>>(raw(text)).err().unwrap();
        assert_eq!(refusal.message, "damaged Terraform JSON: a sequence was expected");
    }

    #[test]
    fn a_pointer_escapes_its_steps() {
        assert_eq!(pointer("/a", "b~/c"), "/a/b~0~1c");
        assert_eq!(pointer("", ""), "/");
    }
}
