//! The accounts and regions that the matrix has rows for.

use std::collections::BTreeMap;

use tfduty_aws::truth::Truth;
use tfduty_terraform::escape;

use crate::{
    accounts::{self, CONFIGURATION, MEMBER},
    context::{Context, provider_name},
    coverage::{self, Partitions},
    detectors::{DETECTOR, DetectorOf},
    estate::Estate,
    facts::{self, Fact},
    object::{Object, ObjectId, Presence},
    organization::DELEGATION,
    regional,
    settings::Regions,
};

/// A row to be.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) account: Account,
    pub(super) region: Region,
    /// Whether `[expect]` names it.
    pub(super) expected: bool,
    /// The detectors that inputs show there, managed ones first.
    pub(super) detectors: Vec<Seen>,
    /// A provider configuration of that account and region: its unit and key.
    pub(super) provider: Option<(usize, String)>,
}

/// A detector, and the object that shows it: itself, or one that names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) detector: DetectorOf,
    pub(super) by: ObjectId,
}

/// An account, as far as rows are told apart by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Account {
    Known(Fact),
    /// That of a unit, which does not tell it; of a provider configuration with credentials of its own where one is named.
    Unknown {
        unit: usize,
        provider: Option<String>,
    },
    /// Whichever: `[expect]` names regions alone, and no input shows an account.
    Any,
}

/// A region, in the same way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Region {
    Known(Fact),
    /// That of a provider configuration of a unit.
    Unknown {
        unit: usize,
        provider: Option<String>,
    },
    /// Whichever: `[expect]` names accounts alone.
    Any,
}

impl Account {
    fn of(estate: &Estate, object: &Object) -> Self {
        if let Some(account) = &object.account {
            return Self::Known(account.clone());
        }
        let has_own = facts::has_own_credentials(estate, object) == Some(true);
        let provider = object.provider.as_deref().filter(|_| has_own).map(str::to_owned);
        Self::Unknown { unit: object.unit, provider }
    }

    pub(super) fn number(&self) -> Option<&str> {
        match self {
            Self::Known(account) => Some(account),
            Self::Unknown { .. } | Self::Any => None,
        }
    }

    /// Its number, and what people read in the place of one.
    pub(super) fn shown(&self, estate: &Estate) -> (Option<String>, String) {
        match self {
            Self::Known(account) => (account.shown().map(str::to_owned), account.shown_or(NOT_SHOWN).to_owned()),
            Self::Unknown { unit, provider } => {
                let path = &estate.inputs[estate.units[*unit].input].path;
                let provider =
                    provider.as_deref().map_or_else(String::new, |key| format!(", provider {}", provider_name(key)));
                (None, escape(format!("not known ({path}{provider})")).into_owned())
            }
            Self::Any => (None, "any".into()),
        }
    }
}

/// What stands for an account or region that comes from a sensitive value.
const NOT_SHOWN: &str = "not shown (sensitive)";

impl Region {
    fn of(object: &Object) -> Self {
        match &object.region {
            Some(region) => Self::Known(region.clone()),
            None => Self::Unknown { unit: object.unit, provider: object.provider.as_deref().map(str::to_owned) },
        }
    }

    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Known(region) => Some(region),
            Self::Unknown { .. } | Self::Any => None,
        }
    }

    /// Its name, and what people read in the place of one.
    pub(super) fn shown(&self) -> (Option<String>, String) {
        match self {
            Self::Known(region) => (region.shown().map(str::to_owned), region.shown_or(NOT_SHOWN).to_owned()),
            Self::Unknown { provider, .. } => {
                let provider = provider.as_deref().map_or_else(String::new, |key| format!(" ({})", provider_name(key)));
                (None, escape(format!("not known{provider}")).into_owned())
            }
            Self::Any => (None, "any".into()),
        }
    }
}

impl Place {
    /// Whether an object is in this account and region.
    pub(super) fn holds(&self, estate: &Estate, object: &Object) -> Truth {
        let account = match &self.account {
            Account::Any => Truth::True,
            Account::Known(account) => Truth::equal(object.account.as_deref(), Some(account)),
            Account::Unknown { .. } if self.account == Account::of(estate, object) => Truth::True,
            Account::Unknown { .. } => Truth::Unknown,
        };
        let region = match &self.region {
            Region::Any => Truth::True,
            Region::Known(region) => Truth::equal(object.region.as_deref(), Some(region)),
            Region::Unknown { .. } if self.region == Region::of(object) => Truth::True,
            Region::Unknown { .. } => Truth::Unknown,
        };
        account.and(region)
    }
}

/// Every account and region that inputs or `[expect]` speak of, in order.
pub(super) fn places(context: &Context<'_>) -> Vec<Place> {
    let mut places = Places(BTreeMap::new());
    places.of_detectors(context);
    places.of_deleted(context);
    places.of_work(context);
    places.of_organizations(context);
    places.of_expect(context);
    let mut places: Vec<Place> = places.0.into_values().collect();
    for place in &mut places {
        place.detectors.sort_by_key(|seen| !context.estate.object(seen.by).is_managed());
    }
    places
}

struct Places(BTreeMap<(Account, Region), Place>);

impl Places {
    fn at(&mut self, account: Account, region: Region) -> &mut Place {
        let place = |(account, region): (Account, Region)| Place {
            account,
            region,
            expected: false,
            detectors: Vec::new(),
            provider: None,
        };
        let key = (account, region);
        self.0.entry(key.clone()).or_insert_with(|| place(key))
    }

    fn of_detectors(&mut self, context: &Context<'_>) {
        for (id, object) in coverage::seen(context) {
            let detector = match object.resource_type() {
                DETECTOR => DetectorOf::Object(id),
                _ => context.graph.detector_of(id).clone(),
            };
            let detectors = &mut self.at(Account::of(context.estate, object), Region::of(object)).detectors;
            if !detectors.iter().any(|seen| seen.detector == detector) {
                detectors.push(Seen { detector, by: id });
            }
        }
    }

    /// Detectors that an input deletes: nothing is there afterwards, and that is worth a row.
    fn of_deleted(&mut self, context: &Context<'_>) {
        let detectors = context.estate.of_type(DETECTOR).map(|(_, object)| object);
        for object in detectors.filter(|object| object.is_managed() && object.presence == Presence::Going) {
            self.at(Account::of(context.estate, object), Region::of(object));
        }
    }

    /// Where something else works, or could: objects that are in a region, and provider configurations.
    fn of_work(&mut self, context: &Context<'_>) {
        let estate = context.estate;
        let working = estate.objects().filter(|(_, object)| object.is_present() && regional::says_where(object));
        for (_, object) in working.filter(|(_, object)| object.region.is_some()) {
            self.at(Account::of(estate, object), Region::of(object));
        }
        for (index, unit) in estate.units.iter().enumerate() {
            let providers = unit.configuration.iter().flat_map(|configuration| &configuration.providers);
            for (key, provider) in providers.filter(|(_, provider)| &*provider.name == "aws") {
                let (account, region) = facts::place_of_provider(estate, index, provider);
                let Some(region) = region else { continue };
                let own = facts::says_credentials(provider).then(|| key.to_string());
                let account = account.map_or(Account::Unknown { unit: index, provider: own }, Account::Known);
                self.at(account, Region::Known(region)).provider.get_or_insert((index, key.to_string()));
            }
        }
    }

    /// The accounts of organizations: those that an administrator names as members, the administrators that an organization
    /// appoints, and the accounts that it lists, where an administrator has settings for them.
    fn of_organizations(&mut self, context: &Context<'_>) {
        let estate = context.estate;
        for (name, attribute) in [(MEMBER, "account_id"), (DELEGATION, "admin_account_id")] {
            for (_, object) in context.present(name) {
                let account = object.attribute(&[attribute]);
                let (Some(value), Some(text)) = (account.known(), account.str()) else { continue };
                let account = Account::Known(Fact::told_by(value, text));
                // One account administers an organization in all regions: where it has a row, this is no place of its own.
                let is_shown = || name == DELEGATION && self.0.keys().any(|(own, _)| *own == account);
                if object.region.is_some() || !is_shown() {
                    self.at(account, Region::of(object));
                }
            }
        }
        for (id, configuration) in context.present(CONFIGURATION) {
            let administrator = accounts::account_of(estate, context.graph, id);
            for account in accounts::listed(estate, administrator) {
                self.at(Account::Known(Fact::stated(account)), Region::of(configuration));
            }
        }
    }

    /// What `[expect]` names. Regions without accounts are expected of every account that there is.
    fn of_expect(&mut self, context: &Context<'_>) {
        let expect = &context.settings.expect;
        let mut accounts: Vec<Account> =
            expect.accounts.iter().map(|account| Account::Known(Fact::stated(account))).collect();
        if expect.regions == Regions::Unset {
            for account in accounts {
                if !self.0.keys().any(|(own, _)| *own == account) {
                    self.at(account, Region::Any).expected = true;
                }
            }
            return;
        }
        if accounts.is_empty() {
            accounts = self.0.keys().map(|(account, _)| account.clone()).collect();
            accounts.dedup();
        }
        if accounts.is_empty() {
            accounts.push(Account::Any);
        }
        let partitions = Partitions::of(context.estate);
        for region in coverage::expected_regions(context) {
            for account in partitions.possible(&accounts, &region, Account::number) {
                self.at(account.clone(), Region::Known(Fact::stated(&region))).expected = true;
            }
        }
    }
}
