use tfduty_terraform::{
    Action, ActionCount, Before, Change, Instance, Kind, Mode, Span, TypeCount, Unit, UnitKind, Value,
};

use super::*;
use crate::{
    estate::{Beside, Content, Input},
    history::Side,
    rule::Command,
};

/// The groups by comparing each input with each.
fn compared(facts: &[Facts<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, fact) in facts.iter().enumerate().filter(|(_, fact)| fact.lineage.is_some()) {
        let is_copy = |other: &Facts<'_>| {
            other.lineage == fact.lineage
                && (other.folder == fact.folder
                    || !other.ids().is_disjoint(fact.ids())
                    || (fact.is_near(other) && (fact.is_empty || other.is_empty))
                    || fact.is_sided()
                    || other.is_sided())
        };
        match groups.iter_mut().find(|group| group.iter().any(|other| is_copy(&facts[*other]))) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    let without: Vec<usize> = (0..facts.len()).filter(|index| facts[*index].lineage.is_none()).collect();
    let (states, plans): (Vec<usize>, Vec<usize>) = without.into_iter().partition(|index| facts[*index].is_state());
    for index in states.into_iter().chain(plans) {
        let fits: Vec<usize> = (0..groups.len())
            .filter(|group| groups[*group].iter().any(|member| belongs(&facts[index], &facts[*member])))
            .collect();
        match fits[..] {
            [group] => groups[group].push(index),
            _ => groups.push(vec![index]),
        }
    }
    let mut joined: Vec<Vec<usize>> = Vec::new();
    for group in groups {
        let is_lone = |group: &[usize]| group.iter().all(|index| facts[*index].is_plan);
        let is_twin = |other: &Vec<usize>| is_lone(other) && facts[other[0]].is_plan_of(&facts[group[0]]);
        match joined.iter_mut().find(|other| is_lone(&group) && is_twin(other)) {
            Some(other) => other.extend(group),
            None => joined.push(group),
        }
    }
    joined
}

/// Numbers that look random, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.roll(of.len() as u64)).unwrap()]
    }

    /// An object with a few of the same names and ids everywhere.
    fn object(&mut self) -> (Address, Value) {
        let node = |kind| Value::new(kind, Span::default());
        let text = |text: &str| node(Kind::String(text.into()));
        let id = self.pick(&["1", "2", "3"]);
        let address = self.pick(&["aws_a.x", "aws_a.y", "aws_b.x"]).parse().unwrap();
        let name = ("name".into(), text(self.pick(&["p", "q"])));
        (address, node(Kind::Object(vec![("id".into(), text(id)), name])))
    }

    fn objects(&mut self) -> Vec<(Address, Value)> {
        (0..self.pick(&[0, 1, 1, 2, 3])).map(|_| self.object()).collect()
    }

    fn state(&mut self) -> Unit {
        let mut unit = Unit { kind: self.pick(&[UnitKind::State, UnitKind::StateJson]), ..Unit::default() };
        unit.lineage = (unit.kind == UnitKind::State).then(|| self.pick(&["l", "m", ""]).into());
        unit.serial = Some(self.roll(3));
        self.hold(&mut unit);
        let managed = unit.instances.len() as u64;
        unit.types.insert("aws_a".into(), TypeCount { managed, data: 0 });
        unit
    }

    fn hold(&mut self, unit: &mut Unit) {
        let objects = self.objects().into_iter();
        unit.instances = objects.map(|(address, values)| held(address, values)).collect();
    }

    fn plan(&mut self) -> Unit {
        let mut unit = Unit { kind: UnitKind::Plan, ..Unit::default() };
        self.hold(&mut unit);
        let delete = self.roll(2) * unit.instances.len() as u64;
        unit.actions = ActionCount { delete, prior: unit.instances.len() as u64, ..ActionCount::default() };
        unit.changes = self.objects().into_iter().map(|(address, after)| planned(address, after)).collect();
        unit
    }

    fn input(&mut self) -> Input {
        let folder = self.pick(&["a", "b"]);
        let content = match self.roll(9) {
            0 => Content::Empty,
            1..5 => Content::Unit(Box::new(self.state())),
            _ => Content::Unit(Box::new(self.plan())),
        };
        Input {
            path: format!("{folder}/input"),
            folder: folder.into(),
            named: self.roll(2) == 0,
            side: self.pick(&[None, None, None, Some(Side::Before), Some(Side::After)]),
            bytes: 0,
            content,
            sources: None,
            source_folder: String::new(),
            beside: Beside::default(),
        }
    }
}

fn held(address: Address, values: Value) -> Instance {
    Instance {
        address,
        deposed: None,
        tainted: false,
        provider: None,
        values,
        dependencies: Vec::new(),
        skip_destroy: false,
        pointer: "".into(),
        span: Span::default(),
    }
}

fn planned(address: Address, after: Value) -> Change {
    assert_eq!(address.mode, Mode::Managed);
    Change {
        address,
        previous_address: None,
        deposed: None,
        actions: vec![Action::Create],
        action_reason: None,
        before: Before::Other(Value::new(Kind::Null, Span::default())),
        after,
        importing: false,
        replace_paths: Vec::new(),
        actions_span: Span::default(),
        pointer: "".into(),
        span: Span::default(),
    }
}

#[test]
fn what_is_looked_up_is_what_is_found_by_comparing() {
    let mut dice = Dice(7);
    let mut joined = 0;
    for round in 0..4_000 {
        let inputs: Vec<Input> = (0..2 + dice.roll(6)).map(|_| dice.input()).collect();
        for command in [Command::Check, Command::Destroy] {
            let facts: Vec<Facts<'_>> = inputs.iter().map(|input| Facts::of(command, input)).collect();
            let found = groups(&facts);
            joined += usize::from(found.len() < inputs.len());
            assert_eq!(found, compared(&facts), "round {round}, {command}");
        }
    }
    assert!(joined > 1_000, "{joined}");
}
