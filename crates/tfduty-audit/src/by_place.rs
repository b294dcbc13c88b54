//! Objects by account and region, to find those that are, or may be, in one place without comparing each with each.

use std::collections::HashMap;

use crate::object::{Object, ObjectId};

/// An account or a region, as objects are looked up by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side<'a> {
    /// Whatever it is.
    Any,
    /// It is not known.
    Open,
    /// It is this one.
    Known(&'a str),
}

impl<'a> Side<'a> {
    fn of(fact: Option<&'a str>) -> Self {
        fact.map_or(Side::Open, Side::Known)
    }

    /// The sides that nothing known tells from this one.
    fn alike(self) -> Vec<Self> {
        match self {
            Side::Known(_) => vec![self, Side::Open],
            Side::Any | Side::Open => vec![Side::Any],
        }
    }
}

/// Objects by account and region. Each stands under what is known of it and under whatever it may be, so that a question
/// is a few look-ups; every list is in the order in which objects were added.
#[derive(Debug, Default)]
pub(crate) struct ByPlace<'a> {
    found: HashMap<(Side<'a>, Side<'a>), Vec<ObjectId>>,
}

impl<'a> ByPlace<'a> {
    pub(crate) fn add(&mut self, id: ObjectId, object: &'a Object) {
        self.add_at(id, object.account.as_deref(), object.region.as_deref());
    }

    /// Takes in an object as one of this account and region.
    pub(crate) fn add_at(&mut self, id: ObjectId, account: Option<&'a str>, region: Option<&'a str>) {
        let [account, region] = [account, region].map(Side::of);
        for account in [account, Side::Any] {
            for region in [region, Side::Any] {
                self.found.entry((account, region)).or_default().push(id);
            }
        }
    }

    /// The objects that are shown to be in the account and region of `object`; none where that is not known.
    pub(crate) fn in_place_of<'s>(&'s self, object: &'s Object) -> &'s [ObjectId] {
        match sides(object) {
            [account @ Side::Known(_), region @ Side::Known(_)] => self.at(account, region),
            _ => &[],
        }
    }

    /// The objects whose account and region nothing known tells from those of `object`, as several lists.
    pub(crate) fn beside<'s>(&'s self, object: &'s Object) -> impl Iterator<Item = &'s [ObjectId]> + use<'s, 'a> {
        alike(sides(object)).map(|(account, region)| self.at(account, region))
    }

    /// The first object that is shown to be in an account and region, and the first that may be in it. A side that is `None`
    /// is not compared.
    pub(crate) fn first_in<'s>(
        &'s self,
        account: Option<&'s str>,
        region: Option<&'s str>,
    ) -> (Option<ObjectId>, Option<ObjectId>) {
        let wanted = [account, region].map(|wanted| wanted.map_or(Side::Any, Side::Known));
        let mut firsts = alike(wanted).map(|(account, region)| self.at(account, region).first().copied());
        // What is shown comes before what may be.
        let shown = firsts.next().flatten();
        (shown, firsts.flatten().min())
    }

    fn at<'s>(&'s self, account: Side<'s>, region: Side<'s>) -> &'s [ObjectId] {
        self.found.get(&(account, region)).map_or(&[], Vec::as_slice)
    }
}

/// The pairs of sides that nothing known tells from an account and region, first these themselves.
fn alike(place: [Side<'_>; 2]) -> impl Iterator<Item = (Side<'_>, Side<'_>)> {
    let [accounts, regions] = place.map(Side::alike);
    accounts.into_iter().flat_map(move |account| {
        let regions = regions.clone().into_iter();
        regions.map(move |region| (account, region))
    })
}

fn sides(object: &Object) -> [Side<'_>; 2] {
    [object.account.as_deref(), object.region.as_deref()].map(Side::of)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ByPlace;
    use crate::testing::{check, resource, state};

    #[test]
    fn what_is_not_known_may_be_anywhere() {
        let topic = |name: &str, account: &str, region: &str| {
            let values = json!({ "owner": account, "region": region });
            resource(&format!("aws_sns_topic.{name}"), values)
        };
        let topics = [
            topic("a", "111111111111", "eu-west-1"),
            topic("b", "222222222222", "eu-west-1"),
            topic("c", "111111111111", ""),
            topic("d", "", "us-east-1"),
        ];
        let estate = check(&state(&topics)).estate();
        let mut places = ByPlace::default();
        for (id, object) in estate.objects() {
            places.add(id, object);
        }
        let names = |ids: &[_]| ids.iter().map(|id| estate.object(*id).address.name.to_string()).collect::<String>();
        let told: Vec<[String; 3]> = estate
            .objects()
            .map(|(id, object)| {
                let beside: Vec<_> = places.beside(object).flatten().copied().collect();
                let mut beside: Vec<char> = names(&beside).chars().collect();
                beside.sort_unstable();
                [names(&[id]), names(places.in_place_of(object)), beside.into_iter().collect()]
            })
            .collect();
        let said: Vec<[&str; 3]> = told.iter().map(|row| [&*row[0], &*row[1], &*row[2]]).collect();
        assert_eq!(said, [["a", "a", "ac"], ["b", "b", "b"], ["c", "", "acd"], ["d", "", "cd"]]);
    }
}
