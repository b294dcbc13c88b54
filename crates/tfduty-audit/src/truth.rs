//! Three-valued answers.

/// True, false, or cannot tell (Kleene logic).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Truth {
    /// It does not hold.
    False,
    /// The inputs do not say.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// Whether two facts are equal: an unknown side gives [`Truth::Unknown`].
    pub(crate) fn equal(left: Option<&str>, right: Option<&str>) -> Self {
        match (left, right) {
            (Some(left), Some(right)) => Truth::from(left == right),
            _ => Truth::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Truth::True } else { Truth::False }
    }
}
