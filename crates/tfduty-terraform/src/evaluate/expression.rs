//! Literals, collections, `for` expressions, and the way to everything else.

use std::collections::HashSet;

use hcl_edit::expr::{Expression, ForExpr, Object, ObjectKey};

use super::{
    Bound, Evaluator, Fault, Outcome, Scope, number,
    operators::truth,
    template::Lines,
    text::{self, Stop},
};
use crate::{
    limits::{DEEPEST_EXPRESSION, MOST_STEPS},
    sources::block::Place,
    value::{Kind, Value},
};

impl Evaluator<'_> {
    /// The value of an expression; a hole once it has gone too deep or on for too long.
    pub(super) fn expression(&mut self, scope: &Scope<'_>, expression: &Expression) -> Outcome {
        let at = scope.at(expression);
        self.steps += 1;
        if self.steps > MOST_STEPS || self.depth >= DEEPEST_EXPRESSION {
            return Ok(at.hole(None));
        }
        self.depth += 1;
        let outcome = self.form(scope, expression, at);
        self.depth -= 1;
        outcome
    }

    fn form(&mut self, scope: &Scope<'_>, expression: &Expression, at: Place) -> Outcome {
        match expression {
            Expression::Null(_) => Ok(at.value(Kind::Null)),
            Expression::Bool(truth) => Ok(at.value(Kind::Bool(*truth.value()))),
            Expression::Number(node) => {
                let written = node.as_repr().map(|text| number::canonical(text));
                Ok(at.value(Kind::Number(written.unwrap_or_else(|| number::canonical(&node.value().to_string())))))
            }
            Expression::String(text) => {
                let value = at.string(text.as_str());
                Ok(self.copy(&value, at))
            }
            Expression::Array(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    let outcome = self.expression(scope, item);
                    list.push(self.part(outcome, scope.at(item))?);
                }
                Ok(at.value(Kind::List(list)))
            }
            Expression::Object(node) => self.object(scope, node, at),
            Expression::StringTemplate(node) => self.template(scope, node, Lines::Quoted, at),
            Expression::HeredocTemplate(node) => self.heredoc(scope, node, at),
            Expression::Parenthesis(node) => self.expression(scope, node.inner()),
            Expression::Variable(name) => match scope.lookup(name.as_str()) {
                Some(value) => Ok(self.copy(value, at)),
                None => Err(Fault),
            },
            Expression::Conditional(node) => self.conditional(scope, node, at),
            Expression::FuncCall(node) => self.call(scope, node, at),
            Expression::Traversal(node) => self.traversal(scope, node, at),
            Expression::UnaryOp(node) => self.unary(scope, node, at),
            Expression::BinaryOp(node) => self.binary(scope, node, at),
            Expression::ForExpr(node) => self.for_expression(scope, node, at),
        }
    }

    fn object(&mut self, scope: &Scope<'_>, node: &Object, at: Place) -> Outcome {
        let mut members = Vec::with_capacity(node.len());
        for (key, value) in node {
            let Some(key) = self.object_key(scope, key)? else { return Ok(at.hole(None)) };
            let outcome = self.expression(scope, value.expr());
            members.push((key, self.part(outcome, scope.at(value.expr()))?));
        }
        Ok(at.value(Kind::Object(last_of_each(members))))
    }

    /// A member's name; `None` where it is unknown, and with it which members the object has.
    pub(super) fn object_key(&mut self, scope: &Scope<'_>, key: &ObjectKey) -> Result<Option<Box<str>>, Fault> {
        let expression = match key {
            ObjectKey::Ident(name) => return Ok(Some(name.as_str().into())),
            ObjectKey::Expression(expression) => expression,
        };
        let value = self.expression(scope, expression)?;
        key_text(&value)
    }

    fn for_expression(&mut self, scope: &Scope<'_>, node: &ForExpr, at: Place) -> Outcome {
        let collection = self.expression(scope, &node.intro.collection_expr)?;
        let sensitive = collection.sensitive;
        let pairs = match self.pairs(scope, &node.intro.collection_expr, collection) {
            Ok(pairs) => pairs,
            Err(Stop::Unknown) => return Ok(at.hole(None).marked(sensitive)),
            Err(Stop::Fault) => return Err(Fault),
        };
        let key_name = node.intro.key_var.as_ref().map_or("", |name| name.as_str());
        let mut made = Made::new(node.key_expr.is_some());
        for (key, value) in &pairs {
            let outer = Bound { name: key_name, value: key, outer: scope.bound };
            let bound = Bound { name: node.intro.value_var.as_str(), value, outer: Some(&outer) };
            let inner = Scope { bound: Some(&bound), ..*scope };
            if let Some(condition) = &node.cond {
                let condition = self.expression(&inner, &condition.expr)?;
                match truth(&condition) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    // Whether the item is there is unknown, and with it what the whole looks like.
                    Err(Stop::Unknown) => return Ok(at.hole(None).marked(sensitive)),
                    Err(Stop::Fault) => return Err(Fault),
                }
            }
            let key = match &node.key_expr {
                None => None,
                Some(key) => {
                    let key = self.expression(&inner, key)?;
                    let Some(key) = key_text(&key)? else { return Ok(at.hole(None).marked(sensitive)) };
                    Some(key)
                }
            };
            let outcome = self.expression(&inner, &node.value_expr);
            let value = self.part(outcome, scope.at(&node.value_expr))?;
            made.add(key, value, node.grouping, at);
        }
        Ok(at.value(made.finish()).marked(sensitive))
    }

    /// The keys and values that a loop over a collection binds, in Terraform's order: maps by key.
    pub(super) fn pairs(
        &mut self,
        scope: &Scope<'_>,
        expression: &Expression,
        collection: Value,
    ) -> Result<Vec<(Value, Value)>, Stop> {
        let collection = self.instances_of(collection);
        let place = Place { text: collection.text, span: collection.span };
        let sensitive = collection.sensitive;
        match collection.kind {
            Kind::List(items) => {
                let is_set = self.makes_set(scope, expression, 0);
                let pair = |(index, item): (usize, Value)| {
                    let item = item.marked(sensitive);
                    let index = place.value(Kind::Number(index.to_string().into()));
                    (if is_set { item.clone() } else { index }, item)
                };
                Ok(items.into_iter().enumerate().map(pair).collect())
            }
            Kind::Object(members) => {
                let pair = |(key, value): (Box<str>, Value)| (place.string(key), value.marked(sensitive));
                Ok(sorted(members).into_iter().map(pair).collect())
            }
            Kind::Unknown(_) => Err(Stop::Unknown),
            _ => Err(Stop::Fault),
        }
    }
}

/// What a `for` expression has made so far.
enum Made {
    List(Vec<Value>),
    Object(Vec<(Box<str>, Value)>),
}

impl Made {
    fn new(object: bool) -> Self {
        if object { Made::Object(Vec::new()) } else { Made::List(Vec::new()) }
    }

    /// Adds an item. With `grouping` the items of one key become a list.
    fn add(&mut self, key: Option<Box<str>>, value: Value, grouping: bool, at: Place) {
        match (self, key) {
            (Made::Object(members), Some(key)) if grouping => match members.iter_mut().find(|(name, _)| *name == key) {
                Some((_, Value { kind: Kind::List(group), .. })) => group.push(value),
                _ => members.push((key, at.value(Kind::List(vec![value])))),
            },
            (Made::Object(members), Some(key)) => members.push((key, value)),
            (Made::Object(_), None) => {}
            (Made::List(items), _) => items.push(value),
        }
    }

    fn finish(self) -> Kind {
        match self {
            Made::List(items) => Kind::List(items),
            Made::Object(members) => Kind::Object(last_of_each(members)),
        }
    }
}

/// A value as the key of a map; `None` where it is unknown.
pub(super) fn key_text(value: &Value) -> Result<Option<Box<str>>, Fault> {
    match text::known(value) {
        Ok(text) => Ok(Some(text.into())),
        Err(Stop::Unknown) => Ok(None),
        Err(Stop::Fault) => Err(Fault),
    }
}

/// Members in the order of the text, of several with one name the last.
pub(super) fn last_of_each(members: Vec<(Box<str>, Value)>) -> Vec<(Box<str>, Value)> {
    let mut seen: HashSet<Box<str>> = HashSet::with_capacity(members.len());
    let mut kept: Vec<_> = members.into_iter().rev().filter(|(name, _)| seen.insert(name.clone())).collect();
    kept.reverse();
    kept
}

/// Members in the order in which Terraform walks a map.
pub(super) fn sorted(mut members: Vec<(Box<str>, Value)>) -> Vec<(Box<str>, Value)> {
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    members
}
