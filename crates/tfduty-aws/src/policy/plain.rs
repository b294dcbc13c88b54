//! Texts that are known, compared as they stand. Nearly all are: a policy names a service that is not the one asked for, and
//! the first characters tell. Taking both texts apart into symbols first would be most of the work of an audit.

use super::compare::Style;
use crate::truth::Truth;

/// Whether the whole of `text` equals, or as a pattern matches, a subject of these parts, of which some may be unknown.
/// `None` where that is not to be seen from known ASCII characters alone, and symbols have to tell.
pub(super) fn compare<'s>(
    text: &str,
    subject: impl IntoIterator<Item = Option<&'s str>>,
    style: Style,
) -> Option<Truth> {
    let mut pattern = text.as_bytes();
    let mut parts = subject.into_iter();
    while let Some(part) = parts.next() {
        let Some(part) = part.map(str::as_bytes) else { return style.takes_all(pattern).then_some(Truth::True) };
        for (index, byte) in part.iter().enumerate() {
            pattern = match pattern.split_first() {
                Some((b'*', _)) if style.wild => return style.behind_star(pattern, &part[index..], parts),
                Some((own, _)) if !own.is_ascii() || !byte.is_ascii() => return None,
                Some((own, rest)) if style.meets(*own, *byte) => rest,
                None | Some(_) => return Some(Truth::False),
            };
        }
    }
    Some(Truth::from(style.takes_nothing(pattern)))
}

impl Style {
    /// Whether a character of a pattern that is no `*` is this one. Both are ASCII: other characters have upper and lower
    /// case forms of several characters, or such that are ASCII.
    fn meets(self, pattern: u8, byte: u8) -> bool {
        (self.wild && pattern == b'?') || pattern == byte || (self.folded && pattern.eq_ignore_ascii_case(&byte))
    }

    /// Whether a pattern matches the empty text.
    fn takes_nothing(self, pattern: &[u8]) -> bool {
        pattern.is_empty() || self.takes_all(pattern)
    }

    /// Whether a pattern matches every text.
    fn takes_all(self, pattern: &[u8]) -> bool {
        self.wild && !pattern.is_empty() && pattern.iter().all(|byte| *byte == b'*')
    }

    /// The answer for a pattern that begins with `*`, where `text` and then `parts` are left of the subject.
    fn behind_star<'s>(
        self,
        pattern: &[u8],
        text: &[u8],
        mut parts: impl Iterator<Item = Option<&'s str>>,
    ) -> Option<Truth> {
        if self.takes_all(pattern) {
            return Some(Truth::True);
        }
        let is_plain = parts.next().is_none() && pattern.is_ascii() && text.is_ascii();
        is_plain.then(|| Truth::from(self.matches(pattern, text)))
    }

    /// Whether a pattern matches the whole of a text. As with symbols, the latest `*` alone is tried at later places.
    fn matches(self, pattern: &[u8], text: &[u8]) -> bool {
        let (mut p, mut t) = (0, 0);
        let mut latest = None;
        while let Some(byte) = text.get(t) {
            match (pattern.get(p), latest) {
                (Some(b'*'), _) => {
                    p += 1;
                    latest = Some((p, t));
                }
                (Some(own), _) if self.meets(*own, *byte) => (p, t) = (p + 1, t + 1),
                (_, Some((behind, from))) => {
                    (p, t) = (behind, from + 1);
                    latest = Some((p, t));
                }
                (_, None) => return false,
            }
        }
        self.takes_nothing(&pattern[p..])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::compare::{Reading, Style};
    use super::super::holes::NothingKnown;
    use super::super::subject::{Fact, Subject};
    use super::super::text::Text;
    use crate::truth::Truth;

    const BY_SYMBOLS: Reading<'_> = Reading { holes: &NothingKnown, variables: Truth::False };

    fn style() -> impl Strategy<Value = Style> {
        (any::<bool>(), any::<bool>()).prop_map(|(wild, folded)| Style { wild, folded })
    }

    /// `1` is an unknown word, `5` an unknown text of any characters.
    fn subject(parts: &[String]) -> Subject {
        parts.iter().fold(Subject::new(), |subject, part| match part.as_str() {
            "1" => subject.fact(&Fact::unknown()),
            "5" => subject.free(&Fact::unknown()),
            known => subject.text(known),
        })
    }

    fn compare(text: &str, subject: &Subject, style: Style) -> Option<Truth> {
        super::compare(text, subject.known_parts(), style)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        /// What is told at a glance is what symbols tell. The Kelvin sign is a `k` in lower case, and `İ` two characters.
        #[test]
        fn equals_symbols(
            text in "[abAk:*?/KİKé]{0,7}",
            parts in prop::collection::vec("1|5|[abABk:*/KİKé]{0,5}", 0..4),
            style in style(),
        ) {
            let subject = subject(&parts);
            let slow = BY_SYMBOLS.by_symbols(&Text::from(&*text), &subject, style);
            let fast = compare(&text, &subject, style);
            prop_assert!(fast.is_none_or(|fast| fast == slow), "{fast:?}, but {slow:?}");
        }

        /// Texts of which all is known, in ASCII, are never taken apart.
        #[test]
        fn answers_for_known_texts(text in "[abA:*?]{0,7}", subject in "[abB:*]{0,7}", style in style()) {
            let subject = Subject::from(&*subject);
            let slow = BY_SYMBOLS.by_symbols(&Text::from(&*text), &subject, style);
            prop_assert_eq!(compare(&text, &subject, style), Some(slow));
        }
    }

    #[test]
    fn the_first_characters_tell_services_apart() {
        let actions = Style { wild: true, folded: true };
        let any = Subject::from("guardduty:").free(&Fact::unknown());
        for (text, expected) in [
            ("s3:Get*", Some(Truth::False)),
            ("guard", Some(Truth::False)),
            ("*", Some(Truth::True)),
            ("GuardDuty:*", Some(Truth::True)),
            ("g*", Some(Truth::True)),
            ("*:Get*", None),
            ("guardduty:Get*", None),
        ] {
            assert_eq!(compare(text, &any, actions), expected, "{text}");
        }
    }
}
