//! A fact about an object, and whether it may be shown.

use std::{cmp::Ordering, fmt, ops::Deref, sync::Arc};

use tfduty_terraform::Value;

use crate::shared::Shared;

/// An account id or a region. It may always be compared; what comes from a sensitive value is never shown.
#[derive(Clone)]
pub struct Fact {
    text: Arc<str>,
    sensitive: bool,
}

impl Fact {
    /// A fact that `source` tells: all of it, or a part.
    pub(crate) fn told_by(source: &Value, text: &str) -> Self {
        Self { text: text.into(), sensitive: source.sensitive }
    }

    /// The same of one of very many objects, which say little that differs.
    pub(super) fn shared(source: &Value, text: &str, texts: &mut Shared) -> Self {
        Self { text: texts.get(text), sensitive: source.sensitive }
    }

    /// A fact that is no secret: from the configuration of tfduty, or from AWS itself.
    pub(crate) fn stated(text: &str) -> Self {
        Self { text: text.into(), sensitive: false }
    }

    /// The text, unless it comes from a sensitive value.
    pub fn shown(&self) -> Option<&str> {
        (!self.sensitive).then_some(&self.text)
    }

    /// The text for a message, in the place of which a sensitive one has `otherwise`.
    pub(crate) fn shown_or<'a>(&'a self, otherwise: &'a str) -> &'a str {
        self.shown().unwrap_or(otherwise)
    }
}

/// To compare: whoever shows it asks [`Fact::shown`].
impl Deref for Fact {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown_or("(sensitive)"))
    }
}

impl PartialEq for Fact {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Fact {}

impl PartialOrd for Fact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fact {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}
