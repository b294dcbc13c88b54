//! What decides whether GuardDuty can read a list: its role, the object as policies see it, and the settings of its bucket.

mod cases;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tfduty_aws::{
    location,
    policy::{self, Role},
    truth::Truth,
};
use tfduty_terraform::{Kind, Value};

use crate::{
    alerts::Alerts,
    encryption,
    estate::Estate,
    facts,
    graph::{self, Bucket, Graph},
    identities::Identities,
    keys::Keys,
    object::{Object, ObjectId, Presence},
    policies::{self, PolicyText, UnknownPolicy},
};

pub(crate) use self::cases::{Case, Object as CaseObject, cases};

/// The resource type of a bucket's public access block.
pub(crate) const PUBLIC_ACCESS: &str = "aws_s3_bucket_public_access_block";
/// The same for a whole account.
const ACCOUNT_PUBLIC_ACCESS: &str = "aws_s3_account_public_access_block";
/// The resource type of a bucket's access list.
pub(crate) const BUCKET_ACL: &str = "aws_s3_bucket_acl";
/// The resource type of who owns the objects of a bucket.
const OWNERSHIP: &str = "aws_s3_bucket_ownership_controls";
/// Resource types that are settings of a bucket.
const SETTINGS: &[&str] = &[encryption::DEFAULT, PUBLIC_ACCESS, BUCKET_ACL, OWNERSHIP];

/// What rules on reading ask of the estate, each worked out when it is first asked for, and once.
#[derive(Debug)]
pub(crate) struct Readings<'a> {
    pub(crate) estate: &'a Estate,
    pub(crate) graph: &'a Graph,
    keys: OnceLock<Keys>,
    settings: OnceLock<Settings>,
    other_ids: OnceLock<Arc<[Box<str>]>>,
    bucket_policies: Policies<Bucket>,
    key_policies: Policies<ObjectId>,
    alerts: OnceLock<Alerts>,
    identities: OnceLock<Identities>,
}

/// Policies, as far as they were asked for.
type Policies<T> = Mutex<BTreeMap<T, Arc<PolicyText>>>;

/// The settings of buckets.
#[derive(Debug, Default)]
struct Settings {
    of: BTreeMap<Bucket, Vec<ObjectId>>,
    /// Those whose bucket cannot be told.
    unresolved: Vec<ObjectId>,
}

/// A setting of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setting {
    /// This object holds it.
    At(ObjectId),
    /// No object holds it, unless this one does, of which the bucket cannot be told.
    MayBe(ObjectId),
    /// No object holds it.
    None,
}

impl<'a> Readings<'a> {
    pub(crate) fn of(estate: &'a Estate, graph: &'a Graph) -> Self {
        Self {
            estate,
            graph,
            keys: OnceLock::new(),
            settings: OnceLock::new(),
            other_ids: OnceLock::new(),
            bucket_policies: Policies::default(),
            key_policies: Policies::default(),
            alerts: OnceLock::new(),
            identities: OnceLock::new(),
        }
    }

    /// The alert path.
    pub(crate) fn alerts(&self) -> &Alerts {
        self.alerts.get_or_init(|| Alerts::of(self.estate))
    }

    /// The identity policies of the estate.
    pub(crate) fn identities(&self) -> &Identities {
        self.identities.get_or_init(|| Identities::of(self.estate))
    }

    /// The keys of the estate.
    pub(crate) fn keys(&self) -> &Keys {
        self.keys.get_or_init(|| Keys::of(self.estate))
    }

    /// The policy of a bucket.
    fn bucket_policy(&self, bucket: &Bucket) -> Arc<PolicyText> {
        known(&self.bucket_policies, bucket, || policies::bucket_policy(self.estate, self.graph, bucket))
    }

    /// The policy of the bucket of a list.
    pub(crate) fn policy(&self, bucket: Option<&Bucket>) -> Arc<PolicyText> {
        let unknown = || UnknownPolicy::new(None, "the bucket cannot be told".into());
        bucket.map_or_else(|| Arc::new(PolicyText::Unknown(unknown())), |bucket| self.bucket_policy(bucket))
    }

    /// The policy of a key.
    pub(crate) fn key_policy(&self, key: ObjectId) -> Arc<PolicyText> {
        known(&self.key_policies, &key, || policies::key_policy(self.estate, self.graph, key))
    }

    /// The setting of a bucket that an object of this type holds. One that goes does not count.
    pub(crate) fn setting(&self, bucket: &Bucket, resource_type: &str) -> Setting {
        let settings = self.settings.get_or_init(|| self.settings());
        let is_it = |id: &&ObjectId| self.estate.object(**id).resource_type() == resource_type;
        if let Some(found) = settings.of.get(bucket).and_then(|held| held.iter().find(is_it)) {
            return Setting::At(*found);
        }
        // What another stack sets names the bucket in its state.
        let is_beside = |id: &&ObjectId| match bucket {
            Bucket::Object(bucket) => self.estate.object(**id).unit == self.estate.object(*bucket).unit,
            Bucket::Name(_) => false,
        };
        match settings.unresolved.iter().filter(is_it).find(is_beside) {
            Some(found) => Setting::MayBe(*found),
            None => Setting::None,
        }
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        let staying = |(_, object): &(ObjectId, &Object)| object.presence != Presence::Going;
        for (id, _) in SETTINGS.iter().flat_map(|name| self.estate.of_type(name)).filter(staying) {
            match graph::bucket_of(self.estate, id) {
                Some(bucket) => settings.of.entry(bucket).or_default().push(id),
                None => settings.unresolved.push(id),
            }
        }
        settings
    }

    /// The region of a bucket.
    pub(crate) fn region_of(&self, bucket: Option<&Bucket>) -> Option<&'a str> {
        match bucket {
            Some(Bucket::Object(id)) => self.estate.object(*id).region.as_deref(),
            _ => None,
        }
    }

    /// The object that a detector's account and region are taken from: the detector of a set, else the set.
    pub(crate) fn actor(&self, set: ObjectId) -> ObjectId {
        self.graph.detector_of(set).object().unwrap_or(set)
    }

    /// GuardDuty's role in the account of a detector.
    pub(crate) fn role(&self, actor: ObjectId) -> Role {
        let object = self.estate.object(actor);
        let account = object.account.as_deref().map_or_else(policy::Fact::unknown, policy::Fact::known);
        let account = account.being(policies::thing(actor, "account_id"));
        let mut role = Role::new(facts::partition(self.estate, object), account);
        role.organization = self.organization();
        role.other_ids = Arc::clone(self.other_ids.get_or_init(|| {
            let made = ["aws_iam_role", "aws_iam_user"].into_iter().flat_map(|name| self.estate.of_type(name));
            made.filter_map(|(_, identity)| identity.attribute(&["unique_id"]).str().map(Into::into)).collect()
        }));
        role
    }

    /// The role's ARN, for a reader to copy: with `ACCOUNT` where the account is not known, or not to be shown.
    pub(crate) fn shown_role(&self, actor: ObjectId) -> String {
        let object = self.estate.object(actor);
        let account = object.account.as_ref().map_or("ACCOUNT", |account| account.shown_or("ACCOUNT"));
        let partition = facts::partition(self.estate, object);
        format!("arn:{partition}:iam::{account}:role/{}", Role::PATH_AND_NAME)
    }

    /// The id of the organization, where the estate shows one and only one.
    fn organization(&self) -> Option<policy::Fact> {
        let mut seen = self.estate.of_type("aws_organizations_organization");
        let (first, organization) = seen.next()?;
        let id = |object: &Object| object.attribute(&["id"]).str().map(str::to_owned);
        let is_one = seen.all(|(_, other)| id(other).is_some() && id(other) == id(organization));
        let fact = id(organization).map_or_else(policy::Fact::unknown, |id| policy::Fact::known(&id));
        is_one.then(|| fact.being(policies::thing(first, "id")))
    }

    /// Whether a bucket is in the account of a detector.
    pub(crate) fn is_own(&self, bucket: Option<&Bucket>, actor: ObjectId) -> Truth {
        match bucket {
            Some(Bucket::Object(id)) => {
                facts::same_account(self.estate, self.estate.object(*id), self.estate.object(actor))
            }
            _ => Truth::Unknown,
        }
    }

    /// The object as policies see it. What is not known of it counts as unknown.
    pub(crate) fn object(
        &self,
        bucket: Option<&Bucket>,
        object: Option<ObjectId>,
        key: Option<&str>,
    ) -> policy::Object {
        let fact = |text: Option<&str>| text.map_or_else(policy::Fact::unknown, policy::Fact::known);
        let own = object.and_then(|id| graph::key_of(self.estate.object(id)));
        let mut facts = policy::Object {
            key: own.map_or_else(|| fact(key), stored),
            tags: object.and_then(|id| self.tags(id)),
            ..policy::Object::default()
        };
        match bucket {
            Some(Bucket::Object(id)) => {
                let object = self.estate.object(*id);
                let name = ["bucket", "id"].into_iter().find_map(|name| object.attribute(&[name]).str());
                facts.bucket = fact(name).being(policies::bucket_thing(*id));
                facts.account = fact(object.account.as_deref());
                facts.region = fact(object.region.as_deref());
            }
            Some(Bucket::Name(name)) => facts.bucket = policy::Fact::known(name),
            None => {}
        }
        facts
    }

    /// The tags of an object, where all of them are known by name.
    fn tags(&self, id: ObjectId) -> Option<Vec<(Box<str>, policy::Fact)>> {
        let object = self.estate.object(id);
        let replaces = || object.attribute(&["tagging_directive"]).str() == Some("REPLACE");
        // A copy takes the tags of its source along.
        if !object.is_managed() || object.resource_type() == "aws_s3_object_copy" && !replaces() {
            return None;
        }
        let all = object.attribute(&["tags_all"]);
        let own = object.attribute(&["tags"]);
        let is_all_open = all.is_unknown() && self.estate.sets(object, "tags_all") != Some(false);
        let has_defaults = || {
            let provider = facts::provider_of(self.estate, object);
            provider.is_some_and(|provider| provider.expressions.contains_key("default_tags"))
        };
        let tags = match all.known() {
            Some(all) => all,
            None if is_all_open || all.is_unknown() && has_defaults() => return None,
            None if own.is_absent() => return Some(Vec::new()),
            None => own.known()?,
        };
        let Kind::Object(members) = &tags.kind else { return None };
        let value = |value: &Value| value.as_str().map_or_else(policy::Fact::unknown, policy::Fact::known);
        Some(members.iter().map(|(name, its)| (name.clone(), value(its))).collect())
    }

    /// Whether a bucket shuts the public out, by its own settings or those of its account: those of its block that have
    /// these names are all true.
    pub(crate) fn shuts_out(&self, bucket: Option<&Bucket>, names: &[&str]) -> Truth {
        let Some(Bucket::Object(id)) = bucket else { return Truth::Unknown };
        let object = self.estate.object(*id);
        let is_set = |holder: ObjectId, name: &&str| {
            let attribute = self.estate.object(holder).attribute(&[name]);
            if attribute.is_unknown() { Truth::Unknown } else { Truth::from(attribute.bool() == Some(true)) }
        };
        let own = |name: &&str| match self.setting(&Bucket::Object(*id), PUBLIC_ACCESS) {
            Setting::At(holder) => is_set(holder, name),
            Setting::MayBe(_) => Truth::Unknown,
            // The block of a bucket that is only read may be in a stack that is not among the inputs.
            Setting::None if !object.is_managed() => Truth::Unknown,
            Setting::None => Truth::False,
        };
        let account = |name: &&str| {
            let blocks = self.estate.of_type(ACCOUNT_PUBLIC_ACCESS).filter(|(_, block)| block.is_present());
            Truth::any(
                blocks.map(|(block, other)| facts::same_account(self.estate, object, other).and(is_set(block, name))),
            )
        };
        Truth::all(names.iter().map(|name| own(name).or(account(name))))
    }

    /// Whether an object may belong to another account than its bucket: it is written from there, and the bucket does not
    /// take its objects over. The ownership controls that say so.
    pub(crate) fn left_to_writer(&self, object: ObjectId, bucket: Option<&Bucket>) -> Option<ObjectId> {
        let Some(Bucket::Object(id)) = bucket else { return None };
        let (object, held_in) = (self.estate.object(object), self.estate.object(*id));
        let is_elsewhere = || Truth::equal(object.account.as_deref(), held_in.account.as_deref()) == Truth::False;
        let Setting::At(controls) = self.setting(&Bucket::Object(*id), OWNERSHIP) else { return None };
        let owner = self.estate.object(controls).attribute(&["rule", "object_ownership"]);
        let stays = owner.str().is_some_and(|owner| owner != "BucketOwnerEnforced");
        (object.is_managed() && is_elsewhere() && stays).then_some(controls)
    }
}

/// The policy of something, looked for where that was not done before. Not while others wait: two rules that ask at once both
/// look, and find the same.
fn known<T: Clone + Ord>(policies: &Policies<T>, of: &T, find: impl FnOnce() -> PolicyText) -> Arc<PolicyText> {
    let lock = || policies.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(policy) = lock().get(of) {
        return Arc::clone(policy);
    }
    let found = Arc::new(find());
    Arc::clone(lock().entry(of.clone()).or_insert(found))
}

/// The key that S3 has: without what the provider strips.
fn stored(key: &str) -> policy::Fact {
    let mut keys = location::stored_keys(key);
    match (keys.next(), keys.next()) {
        (Some(only), None) => policy::Fact::known(&only),
        _ => policy::Fact::unknown(),
    }
}

#[cfg(test)]
mod tests;
