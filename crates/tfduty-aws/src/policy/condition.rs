//! Conditions: whether a request meets them.

use super::compare::{Reading, Style};
use super::document::Value;
use super::holes::Identity;
use super::keys::{Cell, Column, look_up};
use super::operator::{Family, Operator, Order, Quantifier};
use super::request::{Caller, Request};
use super::scalar::{boolean, cover_ipv4, number, range};
use super::statement::{Condition, Effect};
use super::subject::{Fact, Subject, Whole};
use super::text::{Part, Text};
use super::weigh::Weighed;
use crate::truth::Truth;

/// One way in which a condition key may be in a request.
enum World {
    Missing,
    /// It is there, with a value that is not known.
    Present,
    Is(Subject),
}

/// Whether `request` meets `condition` in a statement of `effect`.
pub(super) fn weigh(condition: &Condition, request: &Request, effect: Effect, reading: Reading<'_>) -> Weighed {
    let unknown = |text: &Text| Weighed { holes: text.holes().collect(), ..Weighed::plain(Truth::Unknown) };
    let Some(operator) = reading.resolve(&condition.operator) else {
        return unknown(&condition.operator);
    };
    let Some(key) = reading.resolve(&condition.key) else {
        return unknown(&condition.key);
    };
    let Some(operator) = Operator::parse(&operator) else {
        return Weighed::plain(Truth::Unknown);
    };
    let asked = Test { condition, operator, effect, reading };
    if request.column == Column::Identity {
        return asked.unknown();
    }
    let (cell, rest) = look_up(&key, request.column);
    match cell {
        Cell::Missing => asked.in_world(&World::Missing),
        Cell::Present => asked.in_world(&World::Present),
        Cell::Unknown => asked.in_worlds(&[World::Missing, World::Present]),
        Cell::Is(text) => asked.in_world(&World::Is(text.into())),
        Cell::MissingOr(text) => asked.in_worlds(&[World::Missing, World::Is(text.into())]),
        Cell::Known(name) | Cell::Either(name) => match request.fact(name) {
            [] => asked.in_worlds(&[World::Missing, World::Present]),
            subjects => asked.in_worlds(&subjects.iter().cloned().map(World::Is).collect::<Vec<_>>()),
        },
        Cell::Tag => match tag(request, rest) {
            Some(world) => asked.in_world(&world),
            None => asked.in_worlds(&[World::Missing, World::Present]),
        },
        Cell::ProbablyMissing => asked.probably_missing(),
        Cell::Address => asked.address(),
        Cell::Network => asked.network(),
        Cell::TlsVersion => asked.tls_version(),
        Cell::RoleId => asked.role_id(request),
    }
}

/// The object's tag `name`; `None` if the object's tags are not known.
fn tag(request: &Request, name: &str) -> Option<World> {
    let tags = request.tags.as_ref()?;
    // Upper and lower case are the same in the names of condition keys, and so in the tag's.
    let found = tags.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(name));
    Some(found.map_or(World::Missing, |(_, value)| World::Is(Subject::new().free(value))))
}

/// A condition that is being weighed.
#[derive(Clone, Copy)]
struct Test<'a> {
    condition: &'a Condition,
    operator: Operator,
    effect: Effect,
    reading: Reading<'a>,
}

impl Test<'_> {
    fn any(self, holds: impl FnMut(&Value) -> Truth) -> Weighed {
        Weighed::any(self.condition.values.iter(), holds)
    }

    /// The answer in each of `worlds`, where they agree.
    fn in_worlds(self, worlds: &[World]) -> Weighed {
        let answers = worlds.iter().map(|world| self.in_world(world));
        answers
            .reduce(|one, other| if one.truth == other.truth { one } else { self.unknown() })
            .unwrap_or(self.unknown())
    }

    fn unknown(self) -> Weighed {
        let holes = self.condition.values.iter().flat_map(Value::holes).collect();
        Weighed { holes, ..Weighed::plain(Truth::Unknown) }
    }

    fn in_world(self, world: &World) -> Weighed {
        if self.operator.family == Family::Null {
            return self.any(|value| match self.reading.resolve(&value.text).as_deref().and_then(boolean) {
                Some(missing) => Truth::from(missing == matches!(world, World::Missing)),
                None => Truth::Unknown,
            });
        }
        let met = match world {
            World::Missing => return self.of_missing(),
            // Whatever the value is, none is in an empty list.
            World::Present => self.any(|_| Truth::Unknown),
            World::Is(subject) => self.any(|value| self.meets(&value.text, subject)),
        };
        if self.operator.negated { met.negated() } else { met }
    }

    /// "If the key that you specify in a policy condition is not present in the request context, the values do not
    /// match and the condition is false. If the policy condition requires that the key is not matched, such as
    /// `StringNotLike` or `ArnNotLike`, and the right key is not present, the condition is true" (IAM User Guide, "IAM
    /// JSON policy elements: Condition operators").
    fn of_missing(self) -> Weighed {
        let holds = match self.operator.quantifier {
            _ if self.operator.if_exists => true,
            Some(Quantifier::All) => true,
            Some(Quantifier::Any) => false,
            None => self.operator.negated,
        };
        // A variable that resolves to nothing may void the statement: then it does not match.
        let void = self.condition.values.iter().any(|value| self.reading.has_variable(&value.text));
        Weighed::plain(if holds && void { Truth::Unknown } else { Truth::from(holds) })
    }

    /// Whether the value `text` of the policy is met by `subject`. What does not have the operator's type cannot be
    /// told.
    fn meets(self, text: &Text, subject: &Subject) -> Truth {
        let exact = Style::EXACT;
        let both = || Some((self.reading.resolve(text)?, subject.as_literal()?));
        let known = match self.operator.family {
            Family::Equals => return self.reading.compare(text, subject, exact),
            Family::EqualsIgnoreCase => {
                return self.reading.compare(text, subject, Style { folded: true, ..exact });
            }
            Family::Like => return self.reading.compare(text, subject, Style::WILD),
            Family::Arn => return self.reading.compare_arn(text, subject),
            Family::Numeric(order) => {
                both().and_then(|(value, subject)| Some(order.holds(number(&subject)?, number(&value)?)))
            }
            Family::Bool => both().and_then(|(value, subject)| Some(boolean(&subject)? == boolean(&value)?)),
            Family::Date | Family::Binary | Family::IpAddress | Family::Null => None,
        };
        known.map_or(Truth::Unknown, Truth::from)
    }

    /// Keys that are set where a service acts for a resource, and so most likely not in R's requests. What follows from
    /// that is said only where it lets R in.
    fn probably_missing(self) -> Weighed {
        let Operator { negated, if_exists, quantifier, family } = self.operator;
        let positive = !negated && !if_exists && quantifier != Some(Quantifier::All) && family != Family::Null;
        if positive && self.effect == Effect::Deny { Weighed::plain(Truth::False) } else { self.unknown() }
    }

    /// The address from which GuardDuty reads: present, not known, and none of the user's.
    fn address(self) -> Weighed {
        if self.operator.family != Family::IpAddress {
            return self.in_world(&World::Present);
        }
        let range_of = |text: &Text| self.reading.resolve(text).as_deref().and_then(range);
        if !self.operator.negated {
            return self.any(|value| match range_of(&value.text) {
                Some(range) if cover_ipv4(&[range]) => Truth::True,
                _ => Truth::Unknown,
            });
        }
        let ranges: Option<Vec<_>> = self.condition.values.iter().map(|value| range_of(&value.text)).collect();
        let known: Vec<_> = self.condition.values.iter().filter_map(|value| range_of(&value.text)).collect();
        let every_ipv6 = known.iter().any(|range| range.is_ipv6() && range.prefix() == 0);
        if cover_ipv4(&known) {
            Weighed::plain(Truth::False)
        } else if ranges.is_none() || every_ipv6 || self.effect == Effect::Allow {
            self.unknown()
        } else {
            Weighed::plain(Truth::True)
        }
    }

    /// The network through which GuardDuty reads: its own, if any, so that it is none that the policy's author could
    /// name.
    fn network(self) -> Weighed {
        let Operator { family, negated, quantifier, if_exists } = self.operator;
        let texts = matches!(family, Family::Equals | Family::EqualsIgnoreCase | Family::Like | Family::Arn);
        let decidable = negated || texts && !if_exists;
        if quantifier.is_some() || family == Family::Null || !decidable {
            return self.unknown();
        }
        let met = self.any(|value| if self.is_own_network(&value.text) { Truth::False } else { Truth::Unknown });
        if negated { met.negated() } else { met }
    }

    /// Whether `text` names a network of the policy's author: a name or a range, but no pattern and not every address.
    fn is_own_network(self, text: &Text) -> bool {
        if let [Part::Hole(hole)] = text.parts()
            && self.reading.holes.identity(*hole) == Identity::OwnNetwork
        {
            return true;
        }
        self.reading.resolve(text).is_some_and(|literal| {
            let whole = range(&literal).is_some_and(|range| range.prefix() == 0);
            !literal.contains(['*', '?']) && !whole && !self.reading.has_variable(text)
        })
    }

    /// AWS services speak TLS 1.2 or a later version (Amazon S3 User Guide, "Infrastructure security": TLS 1.2 is
    /// required).
    fn tls_version(self) -> Weighed {
        const LEAST: f64 = 1.2;
        let below = match self.operator.family {
            Family::Numeric(Order::Less) => Truth::False,
            Family::Numeric(Order::GreaterOrEqual) => Truth::True,
            _ => return self.unknown(),
        };
        self.any(|value| match self.reading.resolve(&value.text).as_deref().and_then(number) {
            Some(version) if version <= LEAST => below,
            _ => Truth::Unknown,
        })
    }

    /// `AROA…:session`: neither is known, but R's is none of those that are known to be others'.
    fn role_id(self, request: &Request) -> Weighed {
        let Caller::Role(role) = &request.caller else {
            return self.unknown();
        };
        let unknown = Fact::unknown();
        let subject = Subject::new().text("AROA").fact(&unknown).text(":").fact(&unknown).with_whole(Whole::RoleId);
        let texts = matches!(self.operator.family, Family::Equals | Family::Like);
        let is_other = |text: &Text| {
            let literal = self.reading.resolve(text).unwrap_or_default();
            let id = literal.split(':').next().unwrap_or_default();
            texts && role.other_ids.iter().any(|other| **other == *id)
        };
        if self.operator.family == Family::Null {
            return self.in_world(&World::Is(subject));
        }
        let met =
            self.any(|value| if is_other(&value.text) { Truth::False } else { self.meets(&value.text, &subject) });
        if self.operator.negated { met.negated() } else { met }
    }
}
