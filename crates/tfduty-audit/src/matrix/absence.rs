//! Why there is no detector in an account and region, and what would have shown one.

use tfduty_aws::truth::Truth;
use tfduty_terraform::{ConfigurationResource, Mode, Module};

use super::{Answer, State, View, places::Place};
use crate::{
    accounts::{self, AutoEnable, CONFIGURATION},
    context, coverage,
    detectors::DETECTOR,
    estate::Estate,
    facts,
    object::{Object, ObjectId, Presence},
    organization::{self, AccountOf, DELEGATION, Tie},
};

impl View<'_, '_> {
    /// What is known where no input shows a detector.
    pub(super) fn absent(&self, place: &Place) -> Answer {
        if place.region.name().is_some_and(|region| !coverage::is_offered(region)) {
            let region = place.region.shown().0.unwrap_or_else(|| "that region".into());
            return Answer::new(State::NotApplicable, format!("AWS does not list GuardDuty for {region}"));
        }
        if let Some(answer) = self.perhaps_another(place) {
            return answer;
        }
        if let Some(answer) = self.by_organization(place) {
            return answer;
        }
        if self.context.settings.expect.elsewhere {
            let reason = "tfduty.toml says that the detectors are owned elsewhere: the plan or state of their owner would show \
                          this one";
            return Answer::new(State::Unknown, reason);
        }
        if place.account.number().is_some_and(|account| !self.accounts.contains(account)) {
            let account = self.account_of(place);
            let reason = format!("no input has anything of {account}: its plan or state would show a detector");
            return Answer::new(State::Unknown, reason);
        }
        if coverage::is_targeted(self.context) {
            let reason = "a targeted plan may leave the detector out: a full one would show it";
            return Answer::new(State::Unknown, reason);
        }
        Answer::new(State::No, self.missing(place))
    }

    /// A detector whose place is not known well enough to tell whether it is this one.
    fn perhaps_another(&self, place: &Place) -> Option<Answer> {
        let estate = self.context.estate;
        let may_be = |id: &&ObjectId| place.holds(estate, estate.object(**id)) == Truth::Unknown;
        let id = *self.seen.iter().find(may_be)?;
        let object = estate.object(id);
        let is_placed = object.account.is_some() && object.region.is_some();
        let reason = if is_placed {
            format!("account or region is not known here, and may be those of {}", object.name())
        } else {
            let under = context::under_provider(object);
            format!("account or region of {}{under} is not known, and may be these", object.name())
        };
        Some(Answer::new(State::Unknown, reason).with(id))
    }

    /// What an organization may have done there: it names the account as a member, or enables accounts by itself.
    fn by_organization(&self, place: &Place) -> Option<Answer> {
        let estate = self.context.estate;
        let account = place.account.number()?;
        let in_region = |object: &Object| Truth::equal(object.region.as_deref(), place.region.name()) != Truth::False;
        let lacks = if self.accounts.contains(account) { "a detector" } else { "the state" };
        let lacks = format!("no input has {lacks} of {}", self.account_of(place));
        let own = self.account_of_place(place)?;
        let names = |tie: &&Tie| tie.member.is(estate, &own) == Truth::True && in_region(estate.object(tie.id));
        let unknown = |id: ObjectId, does: String| {
            Some(Answer::new(State::Unknown, format!("{lacks}; {does}: on or off is not known")).with(id))
        };
        if let Some(Tie { id, .. }) = self.members.iter().find(names) {
            return unknown(*id, self.makes_member(*id));
        }
        let enabling = organization::staying(estate, CONFIGURATION).filter_map(|(id, configuration)| {
            let is_other = accounts::account_of(estate, self.context.graph, id) != Some(account);
            let enables = accounts::enables_somebody(estate, configuration);
            let whom = AutoEnable::of(configuration);
            (in_region(configuration) && is_other && enables != Truth::False).then_some((whom, id))
        });
        if let Some((whom, id)) = enabling.max_by_key(|(whom, _)| *whom) {
            let organization = self.organization_of(id);
            return unknown(
                id,
                match whom {
                    AutoEnable::All => format!("{organization} enables all accounts"),
                    AutoEnable::New => format!("{organization} enables new accounts"),
                    AutoEnable::Nobody => format!("whom {organization} enables is known only after apply"),
                },
            );
        }
        let delegations: Vec<(ObjectId, AccountOf)> = organization::staying(estate, DELEGATION)
            .filter(|(_, delegation)| in_region(delegation))
            .map(|(id, _)| (id, AccountOf::named(self.context, id, "admin_account_id")))
            .collect();
        if let Some((id, _)) = delegations.iter().find(|(_, named)| named.is(estate, &own) == Truth::True) {
            let name = estate.object(*id).name();
            return unknown(*id, format!("{name} makes it the administrator, which enables it there"));
        }
        // What names an account that is not known may name this one.
        let members = self.members.iter().filter(|tie| in_region(estate.object(tie.id)));
        let mut ties =
            members.map(|tie| (tie.id, &tie.member)).chain(delegations.iter().map(|(id, named)| (*id, named)));
        let (id, _) = ties.find(|(_, account)| account.is(estate, &own) == Truth::Unknown)?;
        unknown(id, format!("which account {} names is not known", estate.object(id).name()))
    }

    /// An organization by the account of its administrator.
    pub(super) fn organization_of(&self, id: ObjectId) -> String {
        let estate = self.context.estate;
        let detector = self.context.graph.detector_of(id).object();
        let account = detector.and_then(|detector| estate.object(detector).account.as_ref());
        match account.or(estate.object(id).account.as_ref()).and_then(facts::Fact::shown) {
            Some(account) => format!("the organization of {account}"),
            None => format!("the organization of {}", estate.object(id).name()),
        }
    }

    /// `account 123456789012`, if its number may be shown.
    fn account_of(&self, place: &Place) -> String {
        match place.account.shown(self.context.estate) {
            (Some(number), _) => format!("account {number}"),
            (None, _) => "this account".into(),
        }
    }

    /// That the inputs show what there is, and no detector is part of it.
    fn missing(&self, place: &Place) -> String {
        let missing = "no input has a detector here";
        let estate = self.context.estate;
        let is_going = |object: &Object| object.is_managed() && object.presence == Presence::Going;
        let mut going = estate.of_type(DETECTOR).filter(|(_, object)| is_going(object));
        if let Some((_, object)) = going.find(|(_, object)| place.holds(estate, object) == Truth::True) {
            return format!("{missing}: {} is {}", object.name(), object.change.words());
        }
        let Some((unit, key)) = &place.provider else {
            return if place.expected { format!("{missing}, and tfduty.toml expects one") } else { missing.into() };
        };
        match block_without_instance(estate, *unit, key) {
            Some(block) => format!("{missing}: {block} (provider {key}) has no instance"),
            None => format!("{missing}: nothing makes one under provider {key}"),
        }
    }
}

/// The block of a detector that stands under a provider configuration, of which no instance shows: `count` or `for_each`
/// of it, or of a module around it, makes none.
fn block_without_instance(estate: &Estate, unit: usize, key: &str) -> Option<String> {
    let is_detector = |block: &ConfigurationResource| {
        block.mode == Mode::Managed && &*block.resource_type == DETECTOR && block.provider_key.as_deref() == Some(key)
    };
    let mut open: Vec<(String, &Module)> = vec![(String::new(), &estate.units.get(unit)?.configuration.as_ref()?.root)];
    while let Some((path, module)) = open.pop() {
        let names = module.resources.iter().filter(|block| is_detector(block));
        let mut addresses = names.map(|block| format!("{path}{}.{}", block.resource_type, block.name));
        if let Some(address) = addresses.find(|address| estate.made_by(unit, address).is_empty()) {
            return Some(address);
        }
        open.extend(module.calls.iter().map(|(name, call)| (format!("{path}module.{name}."), &call.module)));
    }
    None
}
