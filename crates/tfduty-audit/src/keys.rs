//! Keys of KMS: which one an attribute names, whether it decrypts at all, and what grants say of it.

use std::collections::BTreeMap;

use tfduty_aws::{
    arn::Arn,
    policy::{self, Constraint, Grant, HoleId, Holes, Identity, Text},
    truth::Truth,
};
use tfduty_terraform::Value;

use crate::{
    estate::Estate,
    evaluate,
    object::{Attribute, Object, ObjectId, Presence},
    policies, references,
};

/// Resource types of keys, managed and data.
pub(crate) const KEYS: &[&str] =
    &["aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_replica_external_key"];
/// The resource type of aliases, managed and data.
pub(crate) const ALIAS: &str = "aws_kms_alias";
/// The alias of the key that AWS manages for S3 in each account and region.
const AWS_MANAGED: &str = "alias/aws/s3";
/// An alias may be read by a data source that another one names, and so on: this many times.
const DEEPEST: usize = 8;

/// The key that an attribute names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// The one that AWS manages for S3: `aws/s3`.
    AwsManaged,
    /// One of the estate.
    Object(ObjectId),
    /// One that is not among the inputs, of this region where the name says one.
    Elsewhere { region: Option<String> },
    /// It cannot be told. The references that could not be followed.
    Unknown { stops: Vec<String> },
}

/// The keys and aliases of an estate by every name that an attribute may give them.
#[derive(Debug)]
pub(crate) struct Keys {
    by_name: BTreeMap<String, Vec<ObjectId>>,
    /// Grants that stay, by the key they are for.
    grants: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// Those that may be for any key.
    loose_grants: Vec<ObjectId>,
}

impl Keys {
    pub(crate) fn of(estate: &Estate) -> Self {
        let mut keys = Keys { by_name: BTreeMap::new(), grants: BTreeMap::new(), loose_grants: Vec::new() };
        for (id, object) in KEYS.iter().chain(&[ALIAS]).flat_map(|name| estate.of_type(name)) {
            let names: &[&str] =
                if object.resource_type() == ALIAS { &["arn", "name"] } else { &["arn", "key_id", "id"] };
            let mut texts: Vec<&str> = names.iter().filter_map(|name| object.attribute(&[name]).str()).collect();
            texts.sort_unstable();
            texts.dedup();
            for text in texts {
                keys.by_name.entry(text.to_owned()).or_default().push(id);
            }
        }
        let staying = |(_, grant): &(ObjectId, &Object)| grant.is_managed() && grant.presence != Presence::Going;
        for (id, grant) in estate.of_type("aws_kms_grant").filter(staying) {
            match keys.named(estate, id, &["key_id"], grant.region.as_deref()) {
                Named::Object(key) => keys.grants.entry(key).or_default().push(id),
                Named::Unknown { .. } => keys.loose_grants.push(id),
                Named::AwsManaged | Named::Elsewhere { .. } => {}
            }
        }
        keys
    }

    /// The key that the attribute at `path` of an object names, by its value, else by reference. A name without a region
    /// is one of `region`.
    pub(crate) fn named(&self, estate: &Estate, holder: ObjectId, path: &[&str], region: Option<&str>) -> Named {
        self.named_within(estate, (holder, path), region, DEEPEST)
    }

    fn named_within(
        &self,
        estate: &Estate,
        (holder, path): (ObjectId, &[&str]),
        region: Option<&str>,
        steps: usize,
    ) -> Named {
        let Some(steps) = steps.checked_sub(1) else { return Named::Unknown { stops: Vec::new() } };
        let attribute = estate.object(holder).attribute(path);
        // Blocks that `dynamic` makes are often unknown as a whole, whatever of them is known.
        let written = if attribute.is_unknown() { evaluate::value(estate, holder, path) } else { None };
        if let Some(text) = attribute.str().or(written.as_ref().and_then(Value::as_str)) {
            return match self.with_name(estate, holder, text, region) {
                Some(found) => self.meant(estate, found, region, steps),
                None if is_aws_managed(text) || is_target_of_managed_alias(estate, text) => Named::AwsManaged,
                None => Named::Elsewhere { region: region_of(text).map(str::to_owned) },
            };
        }
        let Some(reached) = references::reached_at(estate, holder, path) else {
            return Named::Unknown { stops: Vec::new() };
        };
        let types: Vec<&str> = KEYS.iter().copied().chain([ALIAS]).collect();
        match reached.of_types(estate, &types)[..] {
            [only] if reached.stops.is_empty() => self.meant(estate, only, region, steps),
            _ => Named::Unknown { stops: reached.stops },
        }
    }

    /// The key or alias that `holder` means by a name: managed before read, staying before going, and one of its own stack
    /// before others. None where there are still several, since it cannot be told which is meant.
    fn with_name(&self, estate: &Estate, holder: ObjectId, text: &str, region: Option<&str>) -> Option<ObjectId> {
        let own = Arn::parse(text);
        let short = own.map_or(text, |arn| arn.resource.strip_prefix("key/").unwrap_or(arn.resource));
        let (wanted, account) = own.map_or((region, None), |arn| (Some(arn.region), Some(arn.account)));
        let may_be = |id: &ObjectId| {
            let object = estate.object(*id);
            Truth::equal(object.region.as_deref(), wanted) != Truth::False
                && Truth::equal(object.account.as_deref(), account) != Truth::False
        };
        let exact = self.by_name.get(text).filter(|_| own.is_some());
        let listed = exact.or_else(|| self.by_name.get(short));
        let mut found: Vec<ObjectId> = listed.into_iter().flatten().copied().filter(may_be).collect();
        let rank = |id: &ObjectId| {
            let object = estate.object(*id);
            let is_strange = object.unit != estate.object(holder).unit;
            (!object.is_managed(), object.presence == Presence::Going, is_strange)
        };
        found.sort_by_key(rank);
        match found[..] {
            [first, second, ..] if rank(&first) == rank(&second) => None,
            [first, ..] => Some(first),
            [] => None,
        }
    }

    /// The key that a key or alias of the estate stands for.
    fn meant(&self, estate: &Estate, id: ObjectId, region: Option<&str>, steps: usize) -> Named {
        let object = estate.object(id);
        let follow = |path: &[&str]| self.named_within(estate, (id, path), region, steps);
        if object.resource_type() == ALIAS {
            if object.attribute(&["name"]).str() == Some(AWS_MANAGED) {
                return Named::AwsManaged;
            }
            let target =
                if object.attribute(&["target_key_arn"]).str().is_some() { "target_key_arn" } else { "target_key_id" };
            return match follow(&[target]) {
                // A data source that is read during the apply names no target, but the alias itself.
                Named::Unknown { .. } if !object.is_managed() => self.of_read_alias(estate, id, region, steps),
                named => named,
            };
        }
        if object.is_managed() {
            return Named::Object(id);
        }
        if object.attribute(&["key_manager"]).str() == Some("AWS") {
            return Named::AwsManaged;
        }
        // What reads a key that is managed here stands for it; its own attributes may not be known yet.
        let is_read = object.attribute(&["arn"]).str().is_some();
        match follow(&[if is_read { "arn" } else { "key_id" }]) {
            Named::Object(managed) if estate.object(managed).is_managed() => Named::Object(managed),
            Named::AwsManaged => Named::AwsManaged,
            _ => Named::Object(id),
        }
    }

    /// The key of an alias that a data source reads by its name, where that alias is managed here.
    fn of_read_alias(&self, estate: &Estate, id: ObjectId, region: Option<&str>, steps: usize) -> Named {
        let name = estate.object(id).attribute(&["name"]).str();
        let managed = name.and_then(|name| self.with_name(estate, id, name, region)).filter(|found| *found != id);
        match managed {
            Some(alias) => self.meant(estate, alias, region, steps),
            None => Named::Unknown { stops: Vec::new() },
        }
    }

    /// The grants that are for a key, or may be, in the form that the evaluation takes.
    pub(crate) fn grants(&self, estate: &Estate, key: ObjectId) -> Grants {
        let mut grants = Grants::default();
        for id in self.grants.get(&key).into_iter().flatten() {
            grants.add(estate, *id, Truth::True);
        }
        for id in &self.loose_grants {
            grants.add(estate, *id, Truth::Unknown);
        }
        grants
    }
}

/// Grants of one key, with what is known of their holes.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    /// The objects, in the order of `all`.
    pub(crate) objects: Vec<ObjectId>,
    /// The grants.
    pub(crate) all: Vec<Grant>,
    holes: Vec<Identity>,
}

/// Holes of grants are numbered from here: those of the key's policy never come this far.
const FIRST_HOLE: u32 = 1 << 31;

impl Grants {
    fn add(&mut self, estate: &Estate, id: ObjectId, is_for: Truth) {
        let grant = estate.object(id);
        let grantee = grant.attribute(&["grantee_principal"]);
        let grantee = match grantee.str() {
            Some(text) => Text::from(text),
            None => self.hole(policies::identity_of(estate, id, "grantee_principal")),
        };
        let operations = grant.attribute(&["operations"]);
        let operations = match operations.known() {
            Some(values) => values.items().iter().map(|value| self.text(value)).collect(),
            None => vec![self.hole(Identity::Unknown)],
        };
        let mut constraints = self.constraints(&grant.attribute(&["constraints"]));
        if is_for == Truth::Unknown {
            constraints.push(Constraint::Unknown);
        }
        self.objects.push(id);
        self.all.push(Grant { grantee, operations, constraints });
    }

    fn constraints(&mut self, blocks: &Attribute<'_>) -> Vec<Constraint> {
        if blocks.is_unknown() {
            return vec![Constraint::Unknown];
        }
        let mut constraints = Vec::new();
        for block in blocks.known().map_or(&[][..], Value::items) {
            for (name, of) in [
                ("encryption_context_equals", Constraint::Equals as fn(Vec<(Text, Text)>) -> Constraint),
                ("encryption_context_subset", Constraint::Subset),
            ] {
                match block.get(name) {
                    Some(pairs) if pairs.is_unknown() => constraints.push(Constraint::Unknown),
                    Some(pairs) if !pairs.members().is_empty() => {
                        let pairs = pairs.members().iter().map(|(name, value)| (Text::from(&**name), self.text(value)));
                        constraints.push(of(pairs.collect()));
                    }
                    _ => {}
                }
            }
        }
        constraints
    }

    fn text(&mut self, value: &Value) -> Text {
        value.as_str().map_or_else(|| self.hole(Identity::Unknown), Text::from)
    }

    fn hole(&mut self, identity: Identity) -> Text {
        let number = u32::try_from(self.holes.len()).unwrap_or_default();
        self.holes.push(identity);
        Text::from(HoleId(FIRST_HOLE.saturating_add(number)))
    }

    /// The holes of the grants beside those of the key's policy.
    pub(crate) fn holes<'a>(&'a self, policy: &'a dyn Holes) -> impl Holes + 'a {
        Beside { policy, grants: &self.holes }
    }
}

/// Holes of a policy, and of grants.
struct Beside<'a> {
    policy: &'a dyn Holes,
    grants: &'a [Identity],
}

impl Holes for Beside<'_> {
    fn identity(&self, hole: HoleId) -> Identity {
        match hole.0.checked_sub(FIRST_HOLE) {
            Some(number) => self.grants.get(number as usize).cloned().unwrap_or(Identity::Unknown),
            None => self.policy.identity(hole),
        }
    }
}

/// Whether a key can decrypt at all, whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fitness {
    /// It can.
    Fit,
    /// It cannot: the attribute that says so, and what it says, as "the key …".
    Unfit(&'static str, &'static str),
    /// This attribute decides.
    Open(&'static str),
}

/// Whether a key decrypts objects in S3 of `region`.
pub(crate) fn fitness(estate: &Estate, key: ObjectId, region: Option<&str>) -> Fitness {
    let object = estate.object(key);
    if object.presence == Presence::Going {
        return Fitness::Unfit("key_id", "is deleted by this plan");
    }
    let mut open = None;
    for (name, is_fit, says) in ASKED {
        let attribute = object.attribute(&[name]);
        match attribute.known() {
            Some(value) if !attribute.is_absent() && !is_fit(value) => return Fitness::Unfit(name, says),
            None if attribute.is_unknown() && is_open(estate, object, name) => open = Some(*name),
            _ => {}
        }
    }
    if Truth::equal(object.region.as_deref(), region) == Truth::False {
        return Fitness::Unfit("arn", "is in another region than the bucket");
    }
    open.map_or(Fitness::Fit, Fitness::Open)
}

/// What a key is asked: an attribute, what it may say, and what it means where it says something else.
type Asked = (&'static str, fn(&Value) -> bool, &'static str);

/// S3 takes only symmetric encryption keys that are enabled (Amazon S3 User Guide, "Using server-side encryption with AWS
/// KMS keys"). One whose primary Region is being changed goes on working (AWS KMS Developer Guide, "Key states").
const ASKED: &[Asked] = &[
    ("is_enabled", |value| value.as_bool() != Some(false), "is disabled"),
    ("enabled", |value| value.as_bool() != Some(false), "is disabled"),
    (
        "key_state",
        |value| matches!(value.as_str(), Some("Enabled" | "Updating")),
        "is in a state in which it does not decrypt",
    ),
    ("key_usage", |value| value.as_str() == Some("ENCRYPT_DECRYPT"), "is not for encryption"),
    ("customer_master_key_spec", |value| value.as_str() == Some("SYMMETRIC_DEFAULT"), "is no symmetric encryption key"),
    ("key_spec", |value| value.as_str() == Some("SYMMETRIC_DEFAULT"), "is no symmetric encryption key"),
];

/// Whether an attribute whose value is not known may turn out to be anything: one that the configuration does not set gets
/// its default.
pub(crate) fn is_open(estate: &Estate, object: &Object, name: &str) -> bool {
    !object.is_managed() || estate.sets(object, name) != Some(false)
}

/// What the evaluation is told of a key.
pub(crate) fn request_key(estate: &Estate, key: ObjectId) -> policy::Key {
    let object = estate.object(key);
    let fact = |text: Option<&str>| text.map_or_else(policy::Fact::unknown, policy::Fact::known);
    let id = ["key_id", "id"].into_iter().find_map(|name| object.attribute(&[name]).str());
    let id = id.map(|id| Arn::parse(id).map_or(id, |arn| arn.resource.strip_prefix("key/").unwrap_or(arn.resource)));
    policy::Key {
        region: fact(object.region.as_deref()),
        account: fact(object.account.as_deref()),
        // A data source may have been asked for an alias.
        id: fact(id.filter(|id| !id.starts_with("alias/"))).being(policies::thing(key, "key_id")),
        arn: Some(policies::thing(key, "arn")),
    }
}

/// Whether the alias of the key that AWS manages for S3 is among the inputs and leads to this key.
fn is_target_of_managed_alias(estate: &Estate, text: &str) -> bool {
    estate.of_type(ALIAS).any(|(_, alias)| {
        let says = |name: &str, value: &str| alias.attribute(&[name]).str() == Some(value);
        says("name", AWS_MANAGED) && (says("target_key_arn", text) || says("target_key_id", text))
    })
}

fn is_aws_managed(text: &str) -> bool {
    text == "aws/s3" || Arn::parse(text).map_or(text, |arn| arn.resource) == AWS_MANAGED
}

fn region_of(text: &str) -> Option<&str> {
    Arn::parse(text).map(|arn| arn.region).filter(|region| !region.is_empty())
}

#[cfg(test)]
mod tests;
