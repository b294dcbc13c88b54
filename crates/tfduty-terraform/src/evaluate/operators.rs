//! Operators and conditionals.

use std::cmp::Ordering;

use hcl_edit::expr::{BinaryOp, BinaryOperator, Conditional, UnaryOp, UnaryOperator};

use super::{
    Evaluator, Fault, Outcome, Scope,
    number::Decimal,
    text::{self, Stop},
};
use crate::{
    sources::block::Place,
    value::{Kind, Part, Value},
};

impl Evaluator<'_> {
    pub(super) fn conditional(&mut self, scope: &Scope<'_>, node: &Conditional, at: Place) -> Outcome {
        let condition = self.expression(scope, &node.cond_expr)?;
        let value = match truth(&condition) {
            Ok(true) => self.expression(scope, &node.true_expr)?,
            Ok(false) => self.expression(scope, &node.false_expr)?,
            Err(Stop::Fault) => return Err(Fault),
            Err(Stop::Unknown) => {
                let one = self.settled(at, |this| this.expression(scope, &node.true_expr));
                let other = self.settled(at, |this| this.expression(scope, &node.false_expr));
                // Both arms give the same: two holes do only if they have the same reference.
                let same = one.kind == other.kind && one.kind != Kind::Unknown(None);
                let sensitive = one.holds_sensitive() || other.holds_sensitive();
                if same { one } else { at.hole(None).marked(sensitive) }
            }
        };
        Ok(value.marked(condition.sensitive))
    }

    pub(super) fn unary(&mut self, scope: &Scope<'_>, node: &UnaryOp, at: Place) -> Outcome {
        let operand = self.expression(scope, &node.expr)?;
        let kind = match node.operator.value() {
            UnaryOperator::Not => truth(&operand).map(|truth| Kind::Bool(!truth)),
            UnaryOperator::Neg => number(&operand).and_then(|number| exact(number.negated())),
        };
        settle(kind, at).map(|value| value.marked(operand.sensitive))
    }

    pub(super) fn binary(&mut self, scope: &Scope<'_>, node: &BinaryOp, at: Place) -> Outcome {
        let left = self.expression(scope, &node.lhs_expr)?;
        let right = self.expression(scope, &node.rhs_expr)?;
        let kind = match node.operator.value() {
            BinaryOperator::Eq => equal(&left, &right).map(Kind::Bool).ok_or(Stop::Unknown),
            BinaryOperator::NotEq => equal(&left, &right).map(|same| Kind::Bool(!same)).ok_or(Stop::Unknown),
            BinaryOperator::And => both(truth(&left), truth(&right), false),
            BinaryOperator::Or => both(truth(&left), truth(&right), true),
            operator => arithmetic(*operator, &left, &right),
        };
        settle(kind, at).map(|value| value.marked(left.holds_sensitive() || right.holds_sensitive()))
    }
}

/// A kind as a value.
pub(super) fn settle(kind: Result<Kind, Stop>, at: Place) -> Outcome {
    match kind {
        Ok(kind) => Ok(at.value(kind)),
        Err(Stop::Unknown) => Ok(at.hole(None)),
        Err(Stop::Fault) => Err(Fault),
    }
}

/// A boolean, or the string of one.
pub(super) fn truth(value: &Value) -> Result<bool, Stop> {
    match &value.kind {
        Kind::Bool(truth) => Ok(*truth),
        Kind::String(text) => text.parse().map_err(|_| Stop::Fault),
        Kind::Unknown(_) | Kind::Template(_) => Err(Stop::Unknown),
        _ => Err(Stop::Fault),
    }
}

/// A number, or the string of one.
pub(super) fn number(value: &Value) -> Result<Decimal, Stop> {
    match &value.kind {
        // A number that is too long for exact arithmetic is a number all the same.
        Kind::Number(text) => Decimal::parse(text).ok_or(Stop::Unknown),
        Kind::String(text) => Decimal::parse(text).ok_or(Stop::Fault),
        Kind::Unknown(_) | Kind::Template(_) => Err(Stop::Unknown),
        _ => Err(Stop::Fault),
    }
}

fn exact(number: Option<Decimal>) -> Result<Kind, Stop> {
    number.map(|number| Kind::Number(number.to_string().into())).ok_or(Stop::Unknown)
}

/// `&&` and `||`: one side may decide (`decisive`) whatever the other is.
fn both(left: Result<bool, Stop>, right: Result<bool, Stop>, decisive: bool) -> Result<Kind, Stop> {
    if left == Ok(decisive) || right == Ok(decisive) {
        return Ok(Kind::Bool(decisive));
    }
    left.and(right).map(Kind::Bool)
}

fn arithmetic(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Kind, Stop> {
    let (left, right) = (number(left)?, number(right)?);
    let compared = |expected: &[Ordering]| {
        let order = left.compare(right).ok_or(Stop::Unknown)?;
        Ok(Kind::Bool(expected.contains(&order)))
    };
    match operator {
        BinaryOperator::Plus => exact(left.add(right)),
        BinaryOperator::Minus => exact(right.negated().and_then(|right| left.add(right))),
        BinaryOperator::Mul => exact(left.multiply(right)),
        BinaryOperator::Div => exact(left.divide(right)),
        BinaryOperator::Mod => exact(left.remainder(right)),
        BinaryOperator::Less => compared(&[Ordering::Less]),
        BinaryOperator::LessEq => compared(&[Ordering::Less, Ordering::Equal]),
        BinaryOperator::Greater => compared(&[Ordering::Greater]),
        BinaryOperator::GreaterEq => compared(&[Ordering::Greater, Ordering::Equal]),
        _ => Err(Stop::Unknown),
    }
}

/// Whether two values are equal, where that can be told. Values of different types never are.
pub(super) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (&left.kind, &right.kind) {
        (Kind::Unknown(_), _) | (_, Kind::Unknown(_)) | (Kind::Template(_), Kind::Template(_)) => None,
        (Kind::Template(parts), Kind::String(text)) | (Kind::String(text), Kind::Template(parts)) => {
            if may_be(parts, text) { None } else { Some(false) }
        }
        (Kind::Number(a), Kind::Number(b)) => match (Decimal::parse(a), Decimal::parse(b)) {
            (Some(a), Some(b)) => a.compare(b).map(Ordering::is_eq),
            _ => (a == b).then_some(true),
        },
        (Kind::List(a), Kind::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all_equal(a.iter().zip(b).map(|(a, b)| equal(a, b)))
        }
        (Kind::Object(a), Kind::Object(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            all_equal(a.iter().map(|(name, value)| {
                let other = b.iter().find(|(other, _)| other == name);
                other.map_or(Some(false), |(_, other)| equal(value, other))
            }))
        }
        (a, b) => Some(a == b),
    }
}

fn all_equal(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            None => all = None,
            Some(true) => {}
        }
    }
    all
}

/// Whether a string with holes can come out as `text`, as far as its known beginning and end say.
fn may_be(parts: &[Part], text: &str) -> bool {
    let literal = |part: Option<&Part>| match part {
        Some(Part::Literal(text)) => text.clone(),
        _ => Box::default(),
    };
    let (start, end) = (literal(parts.first()), literal(parts.last()));
    text.len() >= start.len() + end.len() && text.starts_with(&*start) && text.ends_with(&*end)
}

/// Whether a value is a known, empty string.
pub(super) fn is_empty_text(value: &Value) -> bool {
    text::known(value) == Ok("")
}
