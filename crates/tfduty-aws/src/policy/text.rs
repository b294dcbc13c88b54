//! Texts of a policy: known, or known in parts.

use super::holes::HoleId;

/// A text of a policy as its author wrote it, with holes where the inputs do not say what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text {
    parts: Vec<Part>,
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// Known characters.
    Literal(Box<str>),
    /// Characters that are not known; none at all is possible.
    Hole(HoleId),
}

impl Text {
    /// A text of these parts, in their order. Literals that stand side by side become one, and empty ones vanish.
    pub fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut joined: Vec<Part> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (_, Part::Literal(text)) if text.is_empty() => {}
                (Some(Part::Literal(before)), Part::Literal(text)) => *before = format!("{before}{text}").into(),
                (_, part) => joined.push(part),
            }
        }
        Self { parts: joined }
    }

    /// The parts: never two literals side by side, never an empty one.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The whole text, where it has no hole.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The known parts.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Literal(text) => Some(&**text),
            Part::Hole(_) => None,
        })
    }

    /// The holes.
    pub fn holes(&self) -> impl Iterator<Item = HoleId> {
        self.parts.iter().filter_map(|part| match part {
            Part::Hole(hole) => Some(*hole),
            Part::Literal(_) => None,
        })
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new([Part::Literal(text.into())])
    }
}

impl From<Box<str>> for Text {
    fn from(text: Box<str>) -> Self {
        Self::new([Part::Literal(text)])
    }
}

impl From<HoleId> for Text {
    fn from(hole: HoleId) -> Self {
        Self { parts: vec![Part::Hole(hole)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_joined() {
        let text = |text: &str| Part::Literal(text.into());
        let hole = Part::Hole(HoleId(7));
        assert_eq!(Text::new([text("a"), text(""), text("b")]).as_literal(), Some("ab"));
        assert_eq!(Text::new([]).as_literal(), Some(""));
        let mixed = Text::new([text("a"), hole.clone(), text(""), text("b")]);
        assert_eq!(mixed.parts(), [text("a"), hole, text("b")]);
        assert_eq!(mixed.as_literal(), None);
        assert_eq!(mixed.literals().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(mixed.holes().collect::<Vec<_>>(), [HoleId(7)]);
    }
}
