//! Whether the configuration sets an attribute of an object at all.

use tfduty_terraform::{Configuration, Expression, ModulePath, Value};

use super::{Estate, JudgedUnit};
use crate::{evaluate, object::Object};

impl Estate {
    /// Whether the configuration sets an attribute of an object; `None` where no block of it shows. What comes to `null` sets
    /// nothing. Only the sources show what `dynamic` blocks make.
    pub(crate) fn sets(&self, object: &Object, name: &str) -> Option<bool> {
        let attribute = object.attribute(&[name]);
        let Some(expression) = self.block(object)?.expressions.get(name) else {
            let makes = evaluate::makes(self, object, name);
            // What facts leave out was there, whoever has set it.
            return (makes || !attribute.is_withheld()).then_some(makes);
        };
        let is_left = || evaluate::is_null(self, object, name) || self.comes_to_null(object, expression);
        let is_null = expression.constant.as_ref().is_some_and(Value::is_null)
            || (attribute.is_unknown() && !attribute.is_withheld() && is_left());
        Some(!is_null)
    }

    /// Whether an expression that gives no known value must be `null`: everything in it is known when Terraform plans, so it
    /// has a value, and only a `null` leaves the attribute to the provider. A module hands most arguments on like this, from
    /// variables whose default is `null`.
    fn comes_to_null(&self, object: &Object, expression: &Expression) -> bool {
        let unit = self.unit(object);
        let is_known = |configuration| is_known((unit, configuration), &object.address.module, expression);
        expression.constant.is_none() && unit.configuration.as_ref().is_some_and(is_known)
    }
}

/// Whether an expression is made of constants and of variables alone that are known when Terraform plans.
fn is_known(of: (&JudgedUnit, &Configuration), module: &ModulePath, expression: &Expression) -> bool {
    let references = expression.longest_references();
    let is_made_of_variables = !references.is_empty() && expression.blocks.is_empty();
    expression.constant.is_some()
        || (is_made_of_variables && references.iter().all(|reference| is_known_variable(of, module, reference)))
}

/// Whether a reference is to a variable that is known: one of the root module that the plan shows, or one of a called module
/// that the call leaves at its default, or fills with what is known.
fn is_known_variable(of: (&JudgedUnit, &Configuration), module: &ModulePath, reference: &str) -> bool {
    let Some(name) = reference.strip_prefix("var.").and_then(|rest| rest.split(['.', '[']).next()) else {
        return false;
    };
    let (unit, configuration) = of;
    let (Some(step), Some(parent)) = (module.0.last(), module.parent()) else {
        return unit.variables.contains_key(name);
    };
    let call = configuration.module(&parent).and_then(|module| module.calls.get(&step.name));
    call.is_some_and(|call| call.expressions.get(name).is_none_or(|argument| is_known(of, &parent, argument)))
}
