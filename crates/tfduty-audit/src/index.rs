//! Ways to find objects of an estate without looking at all of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use tfduty_terraform::{Address, Key, ModulePath};

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

/// Lists of objects, each in the order of the estate.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) by_type: BTreeMap<Box<str>, Vec<ObjectId>>,
    /// Current instances by unit and block, the module's instance keys included.
    pub(crate) by_block: BTreeMap<(usize, ModulePath, String), Instances>,
    /// Objects by unit and configuration address, without any instance key.
    pub(crate) by_configuration: BTreeMap<(usize, String), Vec<ObjectId>>,
    /// Instance keys of module calls by unit, calling module and name, as far as objects show them.
    pub(crate) calls: BTreeMap<(usize, ModulePath, Box<str>), Calls>,
    /// Objects, managed and read, by a text in them.
    by_text: BTreeMap<By, HashMap<Box<str>, Vec<ObjectId>>>,
    /// For each unit its drift by address, and for one address in the order of the document.
    pub(crate) drift: Vec<Vec<usize>>,
    /// Units whose objects show dependencies.
    pub(crate) with_dependencies: BTreeSet<usize>,
}

impl Index {
    pub(crate) fn of(units: &[JudgedUnit], objects: &[Object]) -> Self {
        let mut index = Index::default();
        let mut instances: BTreeMap<(usize, ModulePath, String), Vec<ObjectId>> = BTreeMap::new();
        for (id, object) in objects.iter().enumerate().map(|(id, object)| (ObjectId(id), object)) {
            index.add(id, object);
            if object.deposed.is_none() {
                let block = (object.unit, object.address.module.clone(), object.address.relative_block());
                instances.entry(block).or_default().push(id);
            }
        }
        index.number(instances, objects);
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

    fn add(&mut self, id: ObjectId, object: &Object) {
        let Address { module, resource_type, .. } = &object.address;
        self.by_type.entry(resource_type.clone()).or_default().push(id);
        if !object.dependencies.is_empty() {
            self.with_dependencies.insert(object.unit);
        }
        self.by_configuration.entry((object.unit, object.address.configuration_address())).or_default().push(id);
        for (depth, step) in module.0.iter().enumerate() {
            let caller = ModulePath(module.0[..depth].to_vec());
            let call = self.calls.entry((object.unit, caller, step.name.clone())).or_default();
            call.of.insert(step.key.clone());
        }
        for (_, names, by) in BY.iter().filter(|(name, ..)| *name == &**resource_type) {
            let by_text = self.by_text.entry(*by).or_default();
            let texts: BTreeSet<&str> = names.iter().filter_map(|name| object.attribute(&[name]).str()).collect();
            for text in texts {
                by_text.entry(text.into()).or_default().push(id);
            }
        }
    }

    /// The objects that have a text where they are looked up by it.
    pub(crate) fn with_text(&self, by: By, text: &str) -> Option<&Vec<ObjectId>> {
        self.by_text.get(&by)?.get(text)
    }
}
