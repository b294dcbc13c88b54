//! Keys: when two are the same.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::is_placeholder;

/// `raw`, percent-decoded once; `+` stays `+`. What does not decode to text, or would decode to a placeholder that
/// nobody put there, is kept as written.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    let placeholders = |text: &str| text.chars().filter(|&c| is_placeholder(c)).count();
    match percent_decode_str(raw).decode_utf8() {
        Ok(decoded) if placeholders(&decoded) == placeholders(raw) => decoded,
        _ => Cow::Borrowed(raw),
    }
}

/// Whether the key that a location names is the one that was given to an object at its upload.
///
/// Both are compared without one leading slash. Clients that clean their URLs, as the AWS SDK for Go did, store an
/// object without its leading slashes and with one slash for each run of them, so the object may go by that key, too.
pub fn same_key(location: &str, object: &str) -> bool {
    let [location, object] = [location, object].map(named_key);
    location == object || location == cleaned(object)
}

/// The key of a location as it is compared: see [`stored_keys`].
pub fn named_key(location: &str) -> &str {
    location.strip_prefix('/').unwrap_or(location)
}

/// What [`named_key`] of a location must be, so that the location and an object have the [same key](same_key): one text
/// or two. For maps of many objects.
pub fn stored_keys(object: &str) -> impl Iterator<Item = String> {
    let object = named_key(object);
    let clean = cleaned(object);
    let other = (clean != object).then(|| clean.into_owned());
    std::iter::once(object.to_owned()).chain(other)
}

fn cleaned(key: &str) -> Cow<'_, str> {
    if !key.starts_with('/') && !key.contains("//") {
        return Cow::Borrowed(key);
    }
    let mut clean = String::with_capacity(key.len());
    for c in key.chars() {
        if c != '/' || !(clean.is_empty() || clean.ends_with('/')) {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_same_but_for_what_an_upload_cleans() {
        for (location, object, expected) in [
            ("lists/a.txt", "lists/a.txt", true),
            ("/lists/a.txt", "lists/a.txt", true),
            ("lists/a.txt", "/lists/a.txt", true),
            ("/lists/a.txt", "/lists/a.txt", true),
            ("lists/a.txt", "Lists/a.txt", false),
            ("lists/a.txt", "lists/a.txt/", false),
            ("lists/a%20b.txt", "lists/a b.txt", false),
            // The object is stored under its cleaned key, and a location names it by that.
            ("lists/a.txt", "lists//a.txt", true),
            ("lists/a.txt", "///lists//a.txt", true),
            ("lists//a.txt", "lists//a.txt", true),
            // A location is not cleaned.
            ("lists//a.txt", "lists/a.txt", false),
            ("//lists/a.txt", "lists/a.txt", false),
        ] {
            assert_eq!(same_key(location, object), expected, "{location} {object}");
            assert_eq!(stored_keys(object).any(|key| key == named_key(location)), expected, "{location} {object}");
        }
    }

    #[test]
    fn decodes_once_and_only_to_text() {
        for (raw, expected) in [
            ("a%20b", "a b"),
            ("a%2Fb", "a/b"),
            ("a%2fb", "a/b"),
            ("a+b", "a+b"),
            ("a%2520b", "a%20b"),
            ("%C3%A9", "é"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%FF", "%FF"),
            ("\u{E000}%20b", "\u{E000} b"),
            ("%EE%80%80", "%EE%80%80"),
        ] {
            assert_eq!(decode(raw), expected, "{raw}");
        }
    }
}
