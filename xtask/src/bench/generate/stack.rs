//! Stacks: a module call with what it holds, as the configuration writes it and as the documents show it.

use serde_json::{Map, Value, json};

use super::{
    kinds::{self, Kind, Place},
    random::Random,
    render::{Action, Facts, Subject, Texts, json_text},
};

/// The regions that a large organization uses, the default provider's first.
pub(super) const REGIONS: &[&str] = &[
    "eu-west-1",
    "eu-central-1",
    "us-east-1",
    "us-west-2",
    "ap-southeast-1",
    "ap-northeast-1",
    "eu-west-2",
    "us-east-2",
    "ca-central-1",
    "eu-north-1",
    "ap-southeast-2",
    "sa-east-1",
    "ap-south-1",
    "eu-west-3",
    "us-west-1",
    "ap-northeast-2",
];

/// A module instance with the objects in it.
#[derive(Debug, Default)]
pub(super) struct Module {
    pub(super) address: String,
    pub(super) blocks: Vec<Block>,
    pub(super) children: Vec<Module>,
}

/// The objects of one block in one module instance.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) data: bool,
    pub(super) resource_type: &'static str,
    pub(super) name: String,
    pub(super) provider: String,
    pub(super) objects: Vec<Texts>,
}

/// A module call with the blocks of its module, as `configuration` shows them.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) name: String,
    /// Whether it has `for_each`.
    pub(super) repeats: bool,
    pub(super) blocks: Vec<String>,
    pub(super) calls: Vec<Call>,
}

/// Key of the provider configuration of a region.
pub(super) fn provider(region: &str) -> String {
    if region == REGIONS[0] { "aws".into() } else { format!("aws.{}", region.replace('-', "_")) }
}

/// What the configuration says of a block.
pub(super) struct Written<'a> {
    /// Key of its provider configuration.
    pub(super) provider: &'a str,
    pub(super) expressions: &'a Value,
    /// Whether it has `for_each`.
    pub(super) repeats: bool,
    /// Blocks that its `depends_on` names.
    pub(super) depends_on: &'a [&'a str],
}

/// A block of the configuration.
pub(super) fn block_text(subject: &Subject<'_>, written: &Written<'_>) -> String {
    let (data, mode) = if subject.data { ("data.", "data") } else { ("", "managed") };
    let each = if written.repeats { ",\"for_each_expression\":{\"references\":[\"var.instances\"]}" } else { "" };
    let depends_on = match written.depends_on {
        [] => String::new(),
        blocks => format!(",\"depends_on\":{}", json!(blocks)),
    };
    format!(
        "{{\"address\":\"{data}{1}.{2}\",\"mode\":\"{mode}\",\"type\":\"{1}\",\"name\":\"{2}\",\"provider_config_key\":\"{3}\",\
         \"expressions\":{0},\"schema_version\":0{each}{depends_on}}}",
        json_text(written.expressions),
        subject.resource_type,
        subject.name,
        written.provider
    )
}

/// Where a stack is.
#[derive(Clone)]
pub(super) struct Site<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
    /// Key of the provider configuration.
    pub(super) provider: String,
    /// Name of the stack.
    pub(super) stack: String,
    /// Address of the module that its objects are in; empty for the root module.
    pub(super) module: String,
}

/// A block that is to be, with the keys of its instances.
struct Planned {
    kind: &'static Kind,
    name: String,
    keys: Vec<Option<String>>,
}

/// A stack of an application: so many blocks, and for half of the larger stacks a nested module that is called for several
/// keys.
pub(super) fn application(random: &mut Random, site: &Site<'_>, blocks: usize) -> (Module, Call) {
    let own = planned(random, blocks);
    let mut call = Call { name: site.stack.clone(), ..Call::default() };
    let mut module = fill(random, &own, site, Some(&mut call.blocks));
    if blocks >= 12 && random.percent(50) {
        let inner = planned(random, 4);
        let mut nested = Call { name: "shard".into(), repeats: true, ..Call::default() };
        for shard in 0..2 + random.below(3) {
            let site = Site { module: format!("{}.module.shard[\"shard-{shard}\"]", site.module), ..site.clone() };
            let blocks = (shard == 0).then_some(&mut nested.blocks);
            module.children.push(fill(random, &inner, &site, blocks));
        }
        call.calls.push(nested);
    }
    (module, call)
}

/// `data.aws_caller_identity.current`, which tells the account. A plan shows it as what it read, not as a change.
pub(super) fn identity(random: &mut Random, site: &Site<'_>) -> (Block, String) {
    let (resource_type, name) = ("aws_caller_identity", "current");
    let subject = Subject { module: &site.module, data: true, resource_type, name, key: None };
    let user = format!("arn:aws:sts::{}:assumed-role/terraform/run", site.account);
    let values = json!({"account_id": site.account, "arn": user, "id": site.account, "user_id": random.hex(21)});
    let facts = Facts { values, computed: &[], sensitive: &[], dependencies: &[] };
    let texts = subject.render(random, Action::NoOp, &facts);
    let objects = vec![Texts { change: String::new(), planned: String::new(), ..texts }];
    let written = Written { provider: &site.provider, expressions: &json!({}), repeats: false, depends_on: &[] };
    let text = block_text(&subject, &written);
    (Block { data: true, resource_type, name: name.to_owned(), provider: site.provider.clone(), objects }, text)
}

/// What a stack of an application is called.
pub(super) fn name(random: &mut Random, number: usize) -> String {
    const WORDS: &[&str] = &["orders", "billing", "catalogue", "identity", "search", "shipping", "ledger", "media"];
    format!("{}_{number:04}", random.pick(WORDS))
}

fn planned(random: &mut Random, blocks: usize) -> Vec<Planned> {
    let block = |number| {
        let kind = kinds::pick(random);
        let keys = if random.percent(20) {
            (0..2 + random.below(5)).map(|key| Some(format!("key-{key}"))).collect()
        } else {
            vec![None]
        };
        Planned { kind, name: format!("part_{number}"), keys }
    };
    (0..blocks).map(block).collect()
}

/// The objects of the blocks in one module instance; their configuration, where that is asked for.
fn fill(
    random: &mut Random,
    blocks: &[Planned],
    site: &Site<'_>,
    mut configuration: Option<&mut Vec<String>>,
) -> Module {
    let (address, stack) = (site.module.as_str(), site.stack.as_str());
    let mut module = Module { address: address.to_owned(), ..Module::default() };
    let inside = if address.is_empty() { String::new() } else { format!("module.{stack}.") };
    for block in blocks {
        let mut objects = Vec::new();
        for key in &block.keys {
            let subject = Subject {
                module: address,
                data: false,
                resource_type: block.kind.resource_type,
                name: &block.name,
                key: key.as_deref(),
            };
            let label = format!("{}-{}-{}", stack.replace('_', "-"), block.name.replace('_', "-"), random.hex(8));
            let place = Place { account: site.account, region: site.region, stack, name: &label };
            let values = (block.kind.make)(random, &place);
            if let Some(written) = configuration.as_deref_mut().filter(|_| objects.is_empty()) {
                let expressions = expressions(random, &values, block.kind.computed);
                let block = Written {
                    provider: &site.provider,
                    expressions: &expressions,
                    repeats: key.is_some(),
                    depends_on: &[],
                };
                written.push(block_text(&subject, &block));
            }
            let action = match random.below(100) {
                0..66 => Action::NoOp,
                66..82 => Action::Update,
                // A small plan that deletes all it shows would be a destroy plan.
                97.. if blocks.len() > 2 => Action::Delete,
                _ => Action::Create,
            };
            let facts = Facts {
                values,
                computed: block.kind.computed,
                sensitive: block.kind.sensitive,
                dependencies: &[format!("{inside}aws_iam_role.part_0"), format!("{inside}aws_kms_key.part_1")],
            };
            objects.push(subject.render(random, action, &facts));
        }
        module.blocks.push(Block {
            data: false,
            resource_type: block.kind.resource_type,
            name: block.name.clone(),
            provider: site.provider.clone(),
            objects,
        });
    }
    module
}

/// What the configuration says of attributes: constants, and references to variables, locals and other blocks. What has
/// its default is mostly not written.
fn expressions(random: &mut Random, values: &Value, computed: &[&str]) -> Value {
    const REFERENCES: &[&[&str]] = &[
        &["var.settings.size", "var.settings"],
        &["local.name"],
        &["each.value"],
        &["aws_iam_role.part_0.arn", "aws_iam_role.part_0"],
        &["aws_kms_key.part_1.arn", "aws_kms_key.part_1"],
        &["data.aws_caller_identity.current.account_id", "data.aws_caller_identity.current"],
    ];
    let mut written = Map::new();
    for (name, value) in values.as_object().into_iter().flatten() {
        let is_default = match value {
            Value::Null | Value::Bool(false) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if is_default || computed.contains(&name.as_str()) || random.percent(25) {
            continue;
        }
        let expression = match value {
            Value::Array(items) if items.iter().all(Value::is_object) => {
                items.iter().map(|item| expressions(random, item, &[])).collect()
            }
            Value::String(text) if text.starts_with('{') => json!({}),
            _ if random.percent(40) => json!({"references": random.pick(REFERENCES)}),
            value => json!({"constant_value": value}),
        };
        written.insert(name.clone(), expression);
    }
    Value::Object(written)
}
