//! Ways to find objects of an estate without looking at all of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, OnceLock},
};

use tfduty_terraform::{Address, Key, Mode, ModulePath};

use crate::{
    alerts::BUS,
    detectors::DETECTOR,
    estate::JudgedUnit,
    graph::BUCKET,
    object::{Object, ObjectId},
};

/// What objects of a resource type are looked up by: a text that they have in one of these attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum By {
    BucketName,
    BusName,
    ClusterName,
    DetectorId,
    FunctionName,
    GuardrailArn,
    InstanceId,
    KeyArn,
    KeyOfAlias,
    LogGroupName,
    PolicyArn,
    PrimaryOfKey,
    RoleArn,
    RoleName,
    RoleOfAttachment,
    RoleOfPolicy,
    SecurityGroupId,
    SubnetId,
    TopicArn,
    VaultOfLock,
    VolumeId,
    VolumeOfAttachment,
}

/// The resource types and attributes; of one type there may be several.
const BY: &[(&str, &[&str], By)] = &[
    (BUCKET, &["bucket", "id"], By::BucketName),
    (BUS, &["name"], By::BusName),
    (DETECTOR, &["id"], By::DetectorId),
    ("aws_backup_vault_lock_configuration", &["backup_vault_name"], By::VaultOfLock),
    ("aws_bedrock_guardrail", &["guardrail_arn"], By::GuardrailArn),
    ("aws_cloudwatch_log_group", &["name"], By::LogGroupName),
    ("aws_ebs_volume", &["id"], By::VolumeId),
    ("aws_eks_cluster", &["name"], By::ClusterName),
    ("aws_iam_policy", &["arn"], By::PolicyArn),
    ("aws_iam_role", &["arn"], By::RoleArn),
    ("aws_iam_role", &["name"], By::RoleName),
    ("aws_iam_role_policy_attachment", &["role"], By::RoleOfAttachment),
    ("aws_iam_role_policy", &["role"], By::RoleOfPolicy),
    ("aws_instance", &["id"], By::InstanceId),
    ("aws_kms_alias", &["target_key_arn", "target_key_id"], By::KeyOfAlias),
    ("aws_kms_external_key", &["arn"], By::KeyArn),
    ("aws_kms_key", &["arn"], By::KeyArn),
    ("aws_kms_replica_external_key", &["primary_key_arn"], By::PrimaryOfKey),
    ("aws_kms_replica_key", &["primary_key_arn"], By::PrimaryOfKey),
    ("aws_lambda_function", &["function_name", "arn"], By::FunctionName),
    ("aws_security_group", &["id"], By::SecurityGroupId),
    ("aws_sns_topic", &["arn"], By::TopicArn),
    ("aws_subnet", &["id"], By::SubnetId),
    ("aws_volume_attachment", &["volume_id"], By::VolumeOfAttachment),
];

/// A number that is the same for two blocks or calls if their instances have the same keys. Of a block with thousands of
/// instances each is asked which other blocks have the keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Keys(usize);

/// The current instances of a block in one module instance, in the order of their keys.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    pub(crate) ids: Arc<[ObjectId]>,
    pub(crate) keys: Keys,
}

/// The instance keys of a module call.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    pub(crate) of: BTreeSet<Option<Key>>,
    pub(crate) keys: Keys,
}

/// Blocks and module calls with the numbers of their keys.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    /// Current instances by unit and block, the module's instance keys included.
    pub(crate) by_block: BTreeMap<(usize, ModulePath, String), Instances>,
    /// Instance keys of module calls by unit, calling module and name, as far as objects show them.
    pub(crate) calls: BTreeMap<(usize, ModulePath, Box<str>), Calls>,
}

/// Lists of objects, each in the order of the estate, which is that of units and addresses. What is only asked for by a few
/// rules, or where references are followed, is worked out when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Index {
    by_type: BTreeMap<Box<str>, OfType>,
    /// Every current object.
    current: Vec<ObjectId>,
    numbered: OnceLock<Numbered>,
    /// Objects, managed and read, by a text in them.
    by_text: BTreeMap<By, OnceLock<ByText>>,
    /// For each unit its drift by address, and for one address in the order of the document.
    pub(crate) drift: Vec<Vec<usize>>,
    /// Units whose objects show dependencies.
    pub(crate) with_dependencies: BTreeSet<usize>,
}

/// Objects by a text in them.
type ByText = HashMap<Box<str>, Vec<ObjectId>>;

/// The objects of a resource type.
#[derive(Debug, Default)]
struct OfType {
    all: Vec<ObjectId>,
    /// The same by unit and configuration address, without any instance key.
    by_configuration: OnceLock<HashMap<(usize, String), Vec<ObjectId>>>,
}

impl Index {
    pub(crate) fn of(units: &[JudgedUnit], objects: &[Object]) -> Self {
        let mut index =
            Index { by_text: BY.iter().map(|(.., by)| (*by, OnceLock::new())).collect(), ..Index::default() };
        let mut ids = objects.iter().enumerate().map(|(id, object)| (ObjectId(id), object)).peekable();
        while let Some((id, object)) = ids.next() {
            // Most objects follow one of their type.
            let same = |(_, next): &(ObjectId, &Object)| next.resource_type() == object.resource_type();
            let run = std::iter::once(id).chain(std::iter::from_fn(|| ids.next_if(same).map(|(id, _)| id)));
            let of_type = index.by_type.entry(object.address.resource_type.clone()).or_default();
            of_type.all.extend(run);
        }
        for (id, object) in objects.iter().enumerate() {
            if object.deposed.is_none() {
                index.current.push(ObjectId(id));
            }
            if !object.dependencies.is_empty() {
                index.with_dependencies.insert(object.unit);
            }
        }
        index.drift = units
            .iter()
            .map(|unit| {
                let mut items: Vec<usize> = (0..unit.drift.len()).collect();
                items.sort_by_key(|item| &unit.drift[*item].address);
                items
            })
            .collect();
        index
    }

    /// The objects of a resource type.
    pub(crate) fn of_type(&self, resource_type: &str) -> &[ObjectId] {
        self.by_type.get(resource_type).map_or(&[], |of_type| &of_type.all)
    }

    /// The current instances of a block in one module instance.
    pub(crate) fn of_block(&self, objects: &[Object], block: (usize, &ModulePath, Mode, &str, &str)) -> &[ObjectId] {
        let place = |id: &ObjectId| {
            let Object { unit, address: Address { module, mode, resource_type, name, .. }, .. } = &objects[id.0];
            (*unit, module, *mode, &**resource_type, &**name)
        };
        let first = self.current.partition_point(|id| place(id) < block);
        let rest = &self.current[first..];
        &rest[..rest.partition_point(|id| place(id) == block)]
    }

    /// The objects that a configuration address made in a unit.
    pub(crate) fn made_by(&self, objects: &[Object], unit: usize, address: &str) -> &[ObjectId] {
        let of_type = address.rsplit('.').nth(1).and_then(|resource_type| self.by_type.get(resource_type));
        let made = of_type.and_then(|of_type| {
            let by_configuration = of_type.by_configuration.get_or_init(|| {
                let mut made: HashMap<(usize, String), Vec<ObjectId>> = HashMap::new();
                for id in &of_type.all {
                    let object = &objects[id.0];
                    made.entry((object.unit, object.address.configuration_address())).or_default().push(*id);
                }
                made
            });
            by_configuration.get(&(unit, address.to_owned()))
        });
        made.map_or(&[], Vec::as_slice)
    }

    /// The blocks and module calls with the numbers of their keys.
    pub(crate) fn numbered(&self, objects: &[Object]) -> &Numbered {
        self.numbered.get_or_init(|| Numbered::of(objects, &self.current))
    }

    /// The objects that have a text where they are looked up by it.
    pub(crate) fn with_text(&self, objects: &[Object], by: By, text: &str) -> Option<&Vec<ObjectId>> {
        let by_text = self.by_text.get(&by)?.get_or_init(|| {
            let mut by_text = ByText::new();
            let mut ids: Vec<(ObjectId, &[&str])> = Vec::new();
            for (resource_type, names, _) in BY.iter().filter(|(.., its)| *its == by) {
                ids.extend(self.of_type(resource_type).iter().map(|id| (*id, *names)));
            }
            ids.sort_unstable_by_key(|(id, _)| *id);
            for (id, names) in ids {
                let object = &objects[id.0];
                let texts: BTreeSet<&str> = names.iter().filter_map(|name| object.attribute(&[name]).str()).collect();
                for text in texts {
                    by_text.entry(text.into()).or_default().push(id);
                }
            }
            by_text
        });
        by_text.get(text)
    }
}

impl Numbered {
    fn of(objects: &[Object], current: &[ObjectId]) -> Self {
        let mut instances: BTreeMap<(usize, ModulePath, String), Vec<ObjectId>> = BTreeMap::new();
        for id in current {
            let object = &objects[id.0];
            let block = (object.unit, object.address.module.clone(), object.address.relative_block());
            instances.entry(block).or_default().push(*id);
        }
        let mut numbered = Self { calls: calls(objects), ..Self::default() };
        numbered.number(instances, objects);
        numbered
    }

    /// Takes the instances of blocks in, and gives a number to the keys of each block and call: that of no keys is the first.
    fn number(&mut self, instances: BTreeMap<(usize, ModulePath, String), Vec<ObjectId>>, objects: &[Object]) {
        let mut numbers: HashMap<Vec<Option<&Key>>, Keys> = HashMap::from([(Vec::new(), Keys::default())]);
        for (block, ids) in instances {
            let keys = ids.iter().map(|id| objects[id.0].address.key.as_ref()).collect();
            let next = Keys(numbers.len());
            let keys = *numbers.entry(keys).or_insert(next);
            self.by_block.insert(block, Instances { ids: ids.into(), keys });
        }
        let calls: Vec<Keys> = self
            .calls
            .values()
            .map(|call| {
                let next = Keys(numbers.len());
                *numbers.entry(call.of.iter().map(Option::as_ref).collect()).or_insert(next)
            })
            .collect();
        for (call, keys) in self.calls.values_mut().zip(calls) {
            call.keys = keys;
        }
    }
}

/// The instance keys of module calls by unit, calling module and name, not numbered yet.
fn calls(objects: &[Object]) -> BTreeMap<(usize, ModulePath, Box<str>), Calls> {
    let mut calls: BTreeMap<_, Calls> = BTreeMap::new();
    let mut before = None;
    for object in objects {
        let place = (object.unit, &object.address.module);
        // Most objects follow one of their module.
        if before.replace(place) == Some(place) {
            continue;
        }
        for (depth, step) in place.1.0.iter().enumerate() {
            let caller = ModulePath(place.1.0[..depth].to_vec());
            calls.entry((object.unit, caller, step.name.clone())).or_default().of.insert(step.key.clone());
        }
    }
    calls
}
