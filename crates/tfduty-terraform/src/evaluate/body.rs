//! From a block to an argument somewhere in it, through nested and `dynamic` blocks.

use super::{Bound, Evaluator, Frame, Scope, expression::last_of_each, text::Stop};
use crate::{
    sources::{
        block::{Attribute, Block, Body, Origin, Place},
        references,
    },
    value::{Kind, Value},
};

/// Arguments and blocks of the language itself, which are no part of what an object is.
const META: [&str; 11] = [
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "providers",
    "provisioner",
    "source",
    "timeouts",
    "version",
];

/// One nested block, as it comes out of a written or a `dynamic` one.
struct Content<'b> {
    body: &'b Body,
    place: Place,
    /// What a `dynamic` block binds for it.
    bound: Option<(String, Value)>,
}

/// The nested blocks of one name.
struct Contents<'b> {
    known: Vec<Content<'b>>,
    /// Whether more may follow: the `for_each` of a `dynamic` block is unknown, or the block is not whole.
    open: Option<Place>,
    /// The first block of the name, which a `dynamic` one may make none of.
    place: Place,
}

impl Evaluator<'_> {
    /// What stands at `path` of a block.
    pub(super) fn block(&mut self, frame: &Frame<'_>, block: &Block, path: &[&str]) -> Option<Value> {
        if !block.readable {
            return Some(block.place().hole(None));
        }
        let scope = Scope { frame, origin: Origin::Place(block.place()), bound: None };
        if path.is_empty() {
            return Some(self.whole(&scope, &block.body, block.place(), &META));
        }
        self.at_path(&scope, &block.body, path)
    }

    fn at_path(&mut self, scope: &Scope<'_>, body: &Body, path: &[&str]) -> Option<Value> {
        let (name, rest) = path.split_first()?;
        if let Some(attribute) = body.attribute(name) {
            let value = self.attribute_value(scope, attribute);
            return self.walk(value, rest);
        }
        body.nested(name).next()?;
        let contents = self.contents(scope, body, name);
        let index = rest.first().and_then(|index| index.parse::<usize>().ok());
        let content = match (index, contents.known.as_slice()) {
            (Some(index), known) => known.get(index),
            (None, [only]) if contents.open.is_none() && !rest.is_empty() => Some(only),
            _ => None,
        };
        match (content, contents.open) {
            (Some(content), _) => {
                let rest = if index.is_some() { &rest[1..] } else { rest };
                self.content(scope, content, rest)
            }
            (None, Some(open)) => Some(open.hole(None)),
            (None, None) if rest.is_empty() => Some(self.list(scope, &contents)),
            (None, None) => None,
        }
    }

    /// What stands at `path` of a nested block; the whole where the path ends.
    fn content(&mut self, scope: &Scope<'_>, content: &Content<'_>, path: &[&str]) -> Option<Value> {
        let binding = content.bound.as_ref();
        let bound = binding.map(|(name, value)| Bound { name, value, outer: scope.bound });
        let scope = Scope { bound: bound.as_ref().or(scope.bound), ..*scope };
        if path.is_empty() {
            return Some(self.whole(&scope, content.body, content.place, &[]));
        }
        self.at_path(&scope, content.body, path)
    }

    fn list(&mut self, scope: &Scope<'_>, contents: &Contents<'_>) -> Value {
        let place = contents.known.first().map_or(contents.place, |content| content.place);
        let items = contents.known.iter().filter_map(|content| self.content(scope, content, &[])).collect();
        place.value(Kind::List(items))
    }

    /// Everything in a body, but for what `without` names.
    fn whole(&mut self, scope: &Scope<'_>, body: &Body, place: Place, without: &[&str]) -> Value {
        self.steps += 1;
        let mut members = Vec::new();
        for attribute in body.attributes.iter().filter(|attribute| !without.contains(&&*attribute.name)) {
            members.push((attribute.name.clone(), self.attribute_value(scope, attribute)));
        }
        let mut names: Vec<&str> =
            body.blocks.iter().map(Block::makes).filter(|name| !without.contains(name)).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let contents = self.contents(scope, body, name);
            let value = match contents.open {
                Some(open) => open.hole(None),
                None => self.list(scope, &contents),
            };
            members.push((name.into(), value));
        }
        place.value(Kind::Object(last_of_each(members)))
    }

    fn attribute_value(&mut self, scope: &Scope<'_>, attribute: &Attribute) -> Value {
        let at = Place { text: attribute.text, span: attribute.value_span };
        let Some(value) = &attribute.value else { return at.hole(None) };
        self.settled(at, |this| this.expression(&Scope { origin: attribute.origin, ..*scope }, value))
    }

    /// The nested blocks `name`, `dynamic` ones written out.
    fn contents<'b>(&mut self, scope: &Scope<'_>, body: &'b Body, name: &str) -> Contents<'b> {
        let mut blocks = body.blocks.iter().filter(|block| block.makes() == name).peekable();
        let place = blocks.peek().map_or_else(Place::default, |block| block.place());
        let mut contents = Contents { known: Vec::new(), open: None, place };
        for block in blocks {
            if !block.is_dynamic() {
                contents.known.push(Content { body: &block.body, place: block.place(), bound: None });
                continue;
            }
            let whole = block.body.nested("content").next().zip(block.body.attribute("for_each"));
            let made = whole.and_then(|(content, for_each)| Some((content, self.iterations(scope, for_each).ok()?)));
            let Some((content, pairs)) = made else {
                contents.open = Some(block.place());
                break;
            };
            let iterator = references::iterator(block);
            for (key, value) in pairs {
                let members = vec![("key".into(), key), ("value".into(), value)];
                let bound = Some((iterator.clone(), block.place().value(Kind::Object(members))));
                contents.known.push(Content { body: &content.body, place: content.place(), bound });
            }
        }
        contents
    }

    fn iterations(&mut self, scope: &Scope<'_>, for_each: &Attribute) -> Result<Vec<(Value, Value)>, Stop> {
        let collection = self.attribute_value(scope, for_each);
        let value = for_each.value.as_ref().ok_or(Stop::Unknown)?;
        self.pairs(&Scope { origin: for_each.origin, ..*scope }, value, collection)
    }

    /// Follows a path into a value. An index may be left out of a list of one; of an object, `0` is the object itself,
    /// as a block written in JSON syntax.
    fn walk(&mut self, mut value: Value, path: &[&str]) -> Option<Value> {
        for step in path {
            let at = Place { text: value.text, span: value.span };
            let index = step.parse::<usize>().ok();
            if let (Kind::List(items), None) = (&mut value.kind, index) {
                let only = if items.len() == 1 { items.pop() } else { None };
                value = only?.marked(value.sensitive);
            }
            value = match (&value.kind, index) {
                (Kind::Object(members), Some(0)) if members.iter().all(|(name, _)| **name != **step) => value,
                (Kind::Object(_) | Kind::Unknown(_), None) | (Kind::Object(_), Some(_)) => {
                    self.attribute(value, step, at).ok()?
                }
                (Kind::List(_) | Kind::Unknown(_), Some(_)) => {
                    let index = at.value(Kind::Number((*step).into()));
                    self.index(value, &index, at).ok()?
                }
                _ => return None,
            };
        }
        Some(value)
    }
}

/// Where the argument, or the first nested block, at `path` stands.
pub(super) fn place_at(body: &Body, path: &[&str]) -> Option<Place> {
    let (name, rest) = path.split_first()?;
    if let Some(attribute) = body.attribute(name) {
        return Some(Place { text: attribute.text, span: attribute.span });
    }
    let mut blocks = body.nested(name);
    let (index, rest) = match rest.split_first() {
        Some((index, rest)) if index.parse::<usize>().is_ok() => (index.parse().unwrap_or(0), rest),
        _ => (0, rest),
    };
    // A `dynamic` block stands for all the blocks that it makes.
    let dynamic = body.nested(name).find(|block| block.is_dynamic());
    let block = blocks.nth(index).or(dynamic)?;
    match block.body.nested("content").next().filter(|_| block.is_dynamic()) {
        _ if rest.is_empty() => Some(block.place()),
        Some(content) => place_at(&content.body, rest),
        None => place_at(&block.body, rest),
    }
}
