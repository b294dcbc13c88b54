//! What holds for every excerpt.

use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::escape;

/// Checks one excerpt.
pub(super) fn sound(excerpt: &Excerpt, labels: usize) {
    let text = excerpt.text();
    assert!(text.ends_with('\n') && text.lines().count() <= 120);
    assert!(text.lines().all(|line| line.chars().count() <= 400), "{text}");
    assert_eq!(escape(text.replace('\n', "")), text.replace('\n', ""), "nothing is left to escape");
    assert_eq!(excerpt.marks().len(), labels.min(LABELS));
    for mark in excerpt.marks() {
        assert!(text.get(mark.range.clone()).is_some_and(|_| mark.range.end < text.len()), "{mark:?} in {text:?}");
    }
    let starts: Vec<_> = excerpt.lines().iter().map(|line| line.start).collect();
    let expected: Vec<_> = text.match_indices('\n').map(|(at, _)| at + 1).filter(|at| *at < text.len()).collect();
    assert_eq!(starts.split_first(), Some((&0, &*expected)));
    for offset in 0..=text.len() {
        excerpt.original(offset);
    }
}

/// A JSON text whose scalars all differ, and where each stands.
#[derive(Debug, Clone, Default)]
struct Canaries {
    text: String,
    spans: Vec<Range<usize>>,
}

impl Canaries {
    fn scalar(&mut self, prefix: &str) {
        let start = self.text.len();
        let number = self.spans.len();
        let _ = write!(self.text, "\"{prefix}<{number}>\"");
        self.spans.push(start..self.text.len());
    }

    fn tree(&mut self, shape: &[u8], depth: usize) {
        match shape {
            [] | [_] => self.scalar(if shape.first().is_some_and(|byte| byte % 5 == 0) { "\\n" } else { "" }),
            [kind, rest @ ..] => {
                let (open, close) = if kind % 2 == 0 { ('{', '}') } else { ('[', ']') };
                self.text.push(open);
                for (position, part) in rest.chunks(rest.len().div_ceil(usize::from(kind % 4) + 1)).enumerate() {
                    self.text.push_str(if position > 0 { ", " } else { "" });
                    if open == '{' {
                        let _ = write!(self.text, "\"key{depth}\": ");
                    }
                    self.tree(part, depth + 1);
                }
                self.text.push(close);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_text_and_no_span_is_too_odd(
        text in r#"([{}\[\]",:\\ \n]|[a-c=]|resource|[é\x1b\u{202e}鍵]){0,60}"#,
        object in (0_usize..70, 0_usize..70),
        labels in prop::collection::vec((0_usize..70, 0_usize..70, any::<bool>(), prop::option::of(0_usize..20)), 0..4),
    ) {
        let labels: Vec<_> = labels
            .into_iter()
            .map(|(start, len, sensitive, inner)| Label {
                span: Span::new(start, start + len),
                inner: inner.map(|start| start..start + len),
                text: "note".into(),
                sensitive,
                open: sensitive == inner.is_some(),
            })
            .collect();
        let object = Span::new(object.0, object.0 + object.1);
        sound(&Excerpt::of_value(&text, object, &labels), labels.len());
        sound(&Excerpt::of_lines(&text, &labels), labels.len());
        sound(&Excerpt::of_source(&text, &labels), labels.len());
        let quoted = serde_json::to_string(&text).unwrap();
        for (document, string) in [(&text, object), (&quoted, Span::new(0, quoted.len()))] {
            if let Some(excerpt) = Excerpt::of_decoded(document, string, &labels) {
                sound(&excerpt, labels.len());
            }
        }
    }

    #[test]
    fn nothing_but_the_labelled_value_is_shown(shape in prop::collection::vec(any::<u8>(), 2..60), pick in any::<prop::sample::Index>()) {
        let mut canaries = Canaries::default();
        canaries.tree(&shape, 0);
        let text = canaries.text;
        let index = pick.index(canaries.spans.len());
        let span = canaries.spans[index].clone();
        let label = |sensitive| Label { span: Span::new(span.start, span.end), inner: None, text: String::new(), sensitive, open: false };

        let excerpt = Excerpt::of_value(&text, Span::new(0, text.len()), &[label(false)]);
        sound(&excerpt, 1);
        let mark = excerpt.marks()[0].range.clone();
        prop_assert_eq!(&excerpt.text()[mark.clone()], &text[span.clone()]);
        for (offset, original) in mark.clone().zip(span.clone()) {
            prop_assert_eq!(excerpt.original(offset), original);
        }
        prop_assert_eq!(excerpt.text().matches('<').count(), 1);
        let hidden = Excerpt::of_value(&text, Span::new(0, text.len()), &[label(true)]);
        prop_assert!(!hidden.text().contains('<'));
        prop_assert_eq!(&hidden.text()[hidden.marks()[0].range.clone()], "(sensitive)");

        // The same document within a string: the label is in decoded offsets, the map leads to the outer document.
        let outer = format!("{{\"policy\": {}}}", serde_json::to_string(&text).unwrap());
        let string = Span::new(11, outer.len() - 1);
        let excerpt = Excerpt::of_decoded(&outer, string, &[label(false)]).unwrap();
        sound(&excerpt, 1);
        let mark = excerpt.marks()[0].range.clone();
        prop_assert_eq!(&excerpt.text()[mark.clone()], &text[span.clone()]);
        prop_assert_eq!(excerpt.text().matches('<').count(), 1);
        let number = format!("<{index}>");
        let at = mark.start + excerpt.text()[mark].find(&number).unwrap();
        prop_assert_eq!(&outer[excerpt.original(at)..][..number.len()], number);
    }
}
