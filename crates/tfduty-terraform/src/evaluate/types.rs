//! Type constraints of variables: what Terraform makes of a value before the module sees it.

use hcl_edit::expr::{Expression, FuncCall};

use super::{Evaluator, Frame, Scope, expression::last_of_each, functions::set_of};
use crate::{
    sources::block::{Block, static_members, variable_name},
    value::{Kind, Value},
};

impl Evaluator<'_> {
    /// The value of a variable, converted to the type that its block names. What does not fit stays as it is.
    pub(super) fn converted(&mut self, frame: &Frame<'_>, variable: &Block, value: Value) -> Value {
        let declared = variable.body.attribute("type");
        let Some((attribute, expected)) = declared.and_then(|attribute| Some((attribute, attribute.value.as_ref()?)))
        else {
            return value;
        };
        let scope = Scope { frame, origin: attribute.origin, bound: None };
        self.convert(&scope, value, expected)
    }

    fn convert(&mut self, scope: &Scope<'_>, value: Value, expected: &Expression) -> Value {
        if matches!(value.kind, Kind::Null | Kind::Unknown(_)) {
            return value;
        }
        match (variable_name(expected), expected.as_func_call()) {
            (Some(name), _) => primitive(value, name),
            (_, Some(call)) => self.convert_collection(scope, value, call),
            _ => value,
        }
    }

    fn convert_collection(&mut self, scope: &Scope<'_>, mut value: Value, call: &FuncCall) -> Value {
        let Some(inner) = call.args.get(0) else { return value };
        value.kind = match (call.name.name.as_str(), value.kind) {
            (name @ ("list" | "set"), Kind::List(items)) => {
                let items = items.into_iter().map(|item| self.convert(scope, item, inner)).collect();
                Kind::List(if name == "set" { set_of(items) } else { items })
            }
            ("map", Kind::Object(members)) => {
                let convert = |(name, member)| (name, self.convert(scope, member, inner));
                Kind::Object(members.into_iter().map(convert).collect())
            }
            ("tuple", Kind::List(items)) => {
                let types = inner.as_array().into_iter().flatten().map(Some).chain(std::iter::repeat(None));
                let convert = |(item, expected): (Value, Option<&Expression>)| match expected {
                    Some(expected) => self.convert(scope, item, expected),
                    None => item,
                };
                Kind::List(items.into_iter().zip(types).map(convert).collect())
            }
            ("object", Kind::Object(members)) => Kind::Object(self.convert_object(scope, members, inner)),
            (_, kind) => kind,
        };
        value
    }

    /// An object has the members of its type and no others; `optional` ones are null, or have their default.
    fn convert_object(
        &mut self,
        scope: &Scope<'_>,
        members: Vec<(Box<str>, Value)>,
        expected: &Expression,
    ) -> Vec<(Box<str>, Value)> {
        let mut given = members;
        let mut converted = Vec::new();
        for (name, expected) in static_members(expected) {
            let optional = expected.as_func_call().filter(|call| call.name.name.as_str() == "optional");
            let inner = optional.map_or(Some(expected), |call| call.args.get(0));
            let position = given.iter().position(|(given, _)| **given == *name);
            let value = position.map(|position| given.swap_remove(position).1);
            let value = match (value, optional) {
                (Some(value), None) => Some(value),
                (Some(value), Some(_)) if !value.is_null() => Some(value),
                (value, Some(call)) => {
                    let at = scope.at(expected);
                    let default =
                        call.args.get(1).map(|default| self.settled(at, |this| this.expression(scope, default)));
                    default.or(value).or_else(|| Some(at.value(Kind::Null)))
                }
                (None, None) => None,
            };
            if let Some(value) = value {
                let value = match inner {
                    Some(inner) => self.convert(scope, value, inner),
                    None => value,
                };
                converted.push((name.into(), value));
            }
        }
        last_of_each(converted)
    }
}

/// Strings, numbers and booleans turn into each other.
fn primitive(mut value: Value, name: &str) -> Value {
    value.kind = match (name, value.kind) {
        ("string", Kind::Bool(truth)) => Kind::String(if truth { "true" } else { "false" }.into()),
        ("string", Kind::Number(text)) => Kind::String(text),
        ("number", Kind::String(text)) => match super::number::Decimal::parse(&text) {
            Some(number) => Kind::Number(number.to_string().into()),
            None => Kind::String(text),
        },
        ("bool", Kind::String(text)) => text.parse().map_or(Kind::String(text), Kind::Bool),
        (_, kind) => kind,
    };
    value
}
