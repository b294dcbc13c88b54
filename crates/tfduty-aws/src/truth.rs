//! Three-valued answers (Kleene logic): what the inputs do not say must not be guessed.

use std::ops::Not;

/// True, false, or cannot tell.
///
/// The order is `False < Unknown < True`, so that *and* is the least and *or* the greatest of its terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Truth {
    /// It does not hold.
    False,
    /// The inputs do not say.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// False if either is false, else unknown if either is unknown, else true.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// True if either is true, else unknown if either is unknown, else false.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// *And* over all terms; true when there is none.
    pub fn all(terms: impl IntoIterator<Item = Self>) -> Self {
        terms.into_iter().fold(Self::True, Self::and)
    }

    /// *Or* over all terms; false when there is none.
    pub fn any(terms: impl IntoIterator<Item = Self>) -> Self {
        terms.into_iter().fold(Self::False, Self::or)
    }

    /// What holds in every case: the common answer, or unknown where the cases differ. `None` when there is no case.
    pub fn agreed(cases: impl IntoIterator<Item = Self>) -> Option<Self> {
        cases.into_iter().reduce(|one, other| if one == other { one } else { Self::Unknown })
    }

    /// Whether two facts are equal: an unknown side gives [`Truth::Unknown`].
    pub fn equal(left: Option<&str>, right: Option<&str>) -> Self {
        match (left, right) {
            (Some(left), Some(right)) => Self::from(left == right),
            _ => Self::Unknown,
        }
    }
}

impl Not for Truth {
    type Output = Self;

    /// What cannot be told cannot be told either way.
    fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, False, True, Unknown};

    #[test]
    fn kleene_tables() {
        for (a, b, and, or) in [
            (False, False, False, False),
            (False, Unknown, False, Unknown),
            (False, True, False, True),
            (Unknown, Unknown, Unknown, Unknown),
            (Unknown, True, Unknown, True),
            (True, True, True, True),
        ] {
            assert_eq!((a.and(b), b.and(a)), (and, and), "{a:?} and {b:?}");
            assert_eq!((a.or(b), b.or(a)), (or, or), "{a:?} or {b:?}");
        }
        assert_eq!((!False, !Unknown, !True), (True, Unknown, False));
    }

    #[test]
    fn many_terms() {
        assert_eq!((Truth::all([]), Truth::any([])), (True, False));
        assert_eq!(Truth::all([True, Unknown, False]), False);
        assert_eq!(Truth::any([False, Unknown, True]), True);
        assert_eq!(Truth::agreed([]), None);
        assert_eq!(Truth::agreed([True, True]), Some(True));
        assert_eq!(Truth::agreed([True, False]), Some(Unknown));
        assert_eq!(Truth::agreed([Unknown, Unknown, False]), Some(Unknown));
    }

    #[test]
    fn equality_with_an_unknown_side() {
        assert_eq!(Truth::equal(Some("a"), Some("a")), True);
        assert_eq!(Truth::equal(Some("a"), Some("b")), False);
        assert_eq!(Truth::equal(None, Some("a")), Unknown);
        assert_eq!(Truth::equal(None, None), Unknown);
    }
}
