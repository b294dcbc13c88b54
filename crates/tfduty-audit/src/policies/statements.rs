//! The statements that `data.aws_iam_policy_document` has as blocks, as the JSON that the provider makes of them.

use tfduty_aws::policy::{Kind, Member, Node, Part, Text};
use tfduty_terraform::{self as terraform, Expression, Expressions, Value};

use super::{
    spot::Spot,
    tree::{Builder, Hole},
};
use crate::{evaluate, object::ObjectId};

/// The elements of a statement that list texts, by the names of their arguments.
const LISTS: [(&str, &str); 4] =
    [("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource")];

/// A statement as the plan has it, as the configuration writes it, and its expressions as plan JSON shows them.
#[derive(Clone, Copy)]
struct Sides<'v> {
    plan: &'v Value,
    configured: Option<&'v Value>,
    expressions: Option<&'v Expressions>,
}

/// A value of one of the sides, and where it stands.
struct Chosen<'v> {
    value: &'v Value,
    spot: Spot,
    is_planned: bool,
}

impl<'v> Sides<'v> {
    /// An argument: the plan's, unless something in it is not known and the configuration says more. `None` where it is not
    /// set.
    fn get(&self, name: &str, spot: &Spot) -> Option<Chosen<'v>> {
        let plan = self.plan.get(name).filter(|value| !value.is_null())?;
        let configured = self.configured.and_then(|configured| configured.get(name));
        let spot = spot.below(name);
        let spot = configured.map_or_else(|| spot.clone(), |configured| spot.written(configured));
        let says_more = |value: &&Value| !value.is_null() && value.kind != terraform::Kind::Unknown(None);
        let better = if plan.is_wholly_known() { None } else { configured.filter(says_more) };
        let value = better.unwrap_or(plan);
        let is_empty = matches!(&value.kind, terraform::Kind::List(items) if items.is_empty());
        (!is_empty).then_some(Chosen { value, spot, is_planned: better.is_none() })
    }

    /// The references of an argument, nested blocks included.
    fn references(&self, name: &str) -> Vec<&'v str> {
        fn longest<'v>(expression: &'v Expression, found: &mut Vec<&'v str>) {
            found.extend(expression.longest_references());
            expression.blocks.iter().flat_map(Expressions::values).for_each(|expression| longest(expression, found));
        }
        let mut found = Vec::new();
        if let Some(expression) = self.expressions.and_then(|expressions| expressions.get(name)) {
            longest(expression, &mut found);
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl<'v> Chosen<'v> {
    /// The items of a list, or of nested blocks.
    fn items(&self) -> impl Iterator<Item = Chosen<'v>> {
        let items = self.value.items().iter().enumerate();
        items.map(|(index, item)| self.child(&index.to_string(), item))
    }

    fn get(&self, name: &str) -> Option<Chosen<'v>> {
        Some(self.child(name, self.value.get(name)?))
    }

    /// A part. The configuration may have another order than the plan, whose sets are sorted.
    fn child(&self, step: &str, value: &'v Value) -> Chosen<'v> {
        let spot = if self.is_planned { self.spot.below(step) } else { self.spot.clone() };
        Chosen { value, spot: spot.written(value), is_planned: self.is_planned }
    }
}

impl Builder<'_> {
    /// The statements of a policy document.
    pub(super) fn statements(&mut self, id: ObjectId) -> Vec<Node> {
        let object = self.estate.object(id);
        let Some(plan) = object.values.get("statement").filter(|value| !value.is_null()) else { return Vec::new() };
        let configured = evaluate::value(self.estate, id, &["statement"]);
        let expression = self.estate.block(object).and_then(|block| block.expressions.get("statement"));
        let spot = Spot::of(id, "statement");
        let configured = configured.as_ref().map_or(&[][..], Value::items);
        if plan.is_unknown() {
            self.tree.is_sensitive |= plan.sensitive;
            if configured.is_empty() {
                let references = expression.map(Expression::all_references).unwrap_or_default();
                let hole = self.hole(Hole::from(&references));
                return vec![self.node(Kind::Hole(hole), &spot)];
            }
            let sides = configured.iter().map(|item| Sides { plan: item, configured: Some(item), expressions: None });
            return sides.map(|sides| self.statement(sides, &spot)).collect();
        }
        let items = plan.items();
        let blocks = expression.map_or(&[][..], |expression| &expression.blocks);
        let statement = |(index, plan): (usize, _)| {
            let sides = Sides {
                plan,
                configured: configured.get(index).filter(|_| configured.len() == items.len()),
                expressions: blocks.get(index).filter(|_| blocks.len() == items.len()),
            };
            self.statement(sides, &spot.below(&index.to_string()))
        };
        items.iter().enumerate().map(statement).collect()
    }

    fn statement(&mut self, sides: Sides<'_>, spot: &Spot) -> Node {
        let spot = sides.configured.map_or_else(|| spot.clone(), |configured| spot.written(configured));
        let mut members = Vec::new();
        let sid = self.argument(sides, "sid", &spot, |builder, sid| builder.value(sid.value, &sid.spot));
        members.extend(sid.filter(|sid| sid.kind != Kind::Text("".into())).map(|sid| member("Sid", sid)));
        let effect = self.argument(sides, "effect", &spot, |builder, effect| builder.value(effect.value, &effect.spot));
        let effect = effect.unwrap_or_else(|| self.node(Kind::Text("Allow".into()), &spot));
        members.push(member("Effect", effect));
        for (name, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            members.extend(self.argument(sides, name, &spot, Self::principals).map(|value| member(element, value)));
        }
        for (name, element) in LISTS {
            let list = self.argument(sides, name, &spot, |builder, list| {
                let mut items = builder.texts(list);
                // What the plan knows and the evaluation does not.
                let planned = sides.plan.get(name).map_or(&[][..], Value::items);
                let is_there = |text: &Value| list.value.items().iter().any(|other| other.kind == text.kind);
                let missed = planned.iter().filter(|text| text.is_wholly_known() && !is_there(text));
                items.extend(missed.map(|text| builder.item(text, &list.spot)));
                builder.node(Kind::List(items), &list.spot)
            });
            members.extend(list.map(|list| member(element, list)));
        }
        let conditions = self.argument(sides, "condition", &spot, Self::conditions);
        members.extend(conditions.map(|conditions| member("Condition", conditions)));
        self.node(Kind::Object(members), &spot)
    }

    /// The node that `make` makes of an argument, or a hole where nothing of it is known. `None` where it is not set.
    fn argument(
        &mut self,
        sides: Sides<'_>,
        name: &str,
        spot: &Spot,
        make: impl FnOnce(&mut Self, &Chosen<'_>) -> Node,
    ) -> Option<Node> {
        let chosen = sides.get(name, spot)?;
        self.made_of = sides.references(name).into_iter().map(str::to_owned).collect();
        self.tree.is_sensitive |= chosen.value.sensitive;
        let node = if chosen.value.is_unknown() { self.value(chosen.value, &chosen.spot) } else { make(self, &chosen) };
        self.made_of.clear();
        Some(node)
    }

    /// Blocks of principals: `"*"` where they say nothing but that, else lists by type.
    fn principals(&mut self, blocks: &Chosen<'_>) -> Node {
        let mut kinds: Vec<(&str, Vec<Node>)> = Vec::new();
        for block in blocks.items() {
            let Some(kind) = block.get("type").and_then(|kind| kind.value.as_str()) else {
                return self.value(&unknown(blocks.value), &blocks.spot);
            };
            let texts = block.get("identifiers").map(|list| self.texts(&list)).unwrap_or_default();
            match kinds.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, all)) => all.extend(texts),
                None => kinds.push((kind, texts)),
            }
        }
        if let [("*", texts)] = &kinds[..]
            && let [Node { kind: Kind::Text(text), .. }] = &texts[..]
            && text.as_literal() == Some("*")
        {
            return texts[0].clone();
        }
        let members = kinds.into_iter().map(|(kind, texts)| member(kind, self.node(Kind::List(texts), &blocks.spot)));
        let members = members.collect();
        self.node(Kind::Object(members), &blocks.spot)
    }

    /// Blocks of conditions: values by operator and key.
    fn conditions(&mut self, blocks: &Chosen<'_>) -> Node {
        let mut operators: Vec<(Text, Vec<Member>)> = Vec::new();
        for block in blocks.items() {
            let (Some(test), Some(variable)) = (block.get("test"), block.get("variable")) else {
                return self.value(&unknown(blocks.value), &blocks.spot);
            };
            let (operator, key) = (self.text(test.value), self.text(variable.value));
            let values = block.get("values");
            let texts = values.as_ref().map(|list| self.texts(list)).unwrap_or_default();
            let place = operators.iter().position(|(other, _)| *other == operator).unwrap_or_else(|| {
                operators.push((operator, Vec::new()));
                operators.len() - 1
            });
            let keys = &mut operators[place].1;
            let same = keys.iter_mut().find(|member| member.name == key);
            if let Some(Member { value: Node { kind: Kind::List(all), .. }, .. }) = same {
                all.extend(texts);
            } else {
                let spot = values.map_or(block.spot, |values| values.spot);
                let values = self.node(Kind::List(texts), &spot);
                keys.push(Member { name: key, origin: values.origin, value: values });
            }
        }
        let operators = operators.into_iter().map(|(operator, keys)| {
            let keys = self.node(Kind::Object(keys), &blocks.spot);
            Member { name: operator, origin: keys.origin, value: keys }
        });
        let operators = operators.collect();
        self.node(Kind::Object(operators), &blocks.spot)
    }

    /// The texts of a list; of a list that is not known one hole.
    fn texts(&mut self, list: &Chosen<'_>) -> Vec<Node> {
        self.tree.is_sensitive |= list.value.sensitive;
        if list.value.is_unknown() {
            return vec![self.value(list.value, &list.spot)];
        }
        list.items().map(|item| self.item(item.value, &item.spot)).collect()
    }

    /// One text of a list. Policy variables are written `&{…}` in blocks, since Terraform fills in `${…}` itself.
    fn item(&mut self, value: &Value, spot: &Spot) -> Node {
        self.tree.is_sensitive |= value.sensitive;
        if value.is_unknown() {
            return self.value(value, spot);
        }
        let text = self.text(value);
        let parts = text.parts().iter().map(|part| match part {
            Part::Literal(literal) => Part::Literal(literal.replace("&{", "${").into()),
            Part::Hole(hole) => Part::Hole(*hole),
        });
        self.node(Kind::Text(Text::new(parts)), &spot.written(value))
    }
}

fn member(name: &str, value: Node) -> Member {
    Member { name: name.into(), origin: value.origin, value }
}

/// Nothing, in the place of a value.
fn unknown(value: &Value) -> Value {
    Value { kind: terraform::Kind::Unknown(None), ..value.clone() }
}
