//! What a target of an event rule is.

use std::collections::BTreeMap;

use tfduty_aws::{arn::Arn, truth::Truth};

use super::bus::BUS;
use crate::{
    estate::Estate,
    object::{Object, ObjectId, Presence},
    references,
};

/// What a target of an event rule is, as far as the inputs tell it.
#[derive(Debug)]
pub(crate) struct Aim {
    /// What kind of thing; `None` where that cannot be told.
    pub(crate) kind: Option<Kind>,
    /// The object of the estate.
    pub(crate) object: Option<ObjectId>,
    /// The attribute of that object which the target refers to, where it is told by reference.
    pub(crate) attribute: Option<Box<str>>,
    /// Its ARN, where that is known.
    pub(crate) arn: Option<String>,
}

/// Kinds of targets, by how EventBridge gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A topic of SNS: by its policy.
    Topic,
    /// A queue of SQS: by its policy.
    Queue,
    /// A Lambda function: by its permissions.
    Function,
    /// A log group of CloudWatch: by a policy of the account and region.
    LogGroup,
    /// Another event bus: by a role, or by its policy.
    Bus,
    /// What takes a role.
    Assumed(&'static Assumed),
    /// Anything else.
    Other,
}

/// What EventBridge sends to as a role.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Assumed {
    /// How people call it.
    pub(crate) word: &'static str,
    /// What the role must be allowed: one of these.
    pub(crate) actions: &'static [&'static str],
    /// What those actions are about.
    pub(crate) on: On,
}

/// What an action is about that EventBridge takes as a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The target itself.
    Target,
    /// The definition of the task that the target runs.
    TaskDefinition,
    /// Something else, or several things.
    Others,
}

const fn assumed(word: &'static str, actions: &'static [&'static str], on: On) -> Assumed {
    Assumed { word, actions, on }
}

/// The actions that EventBridge takes as a role (Amazon EventBridge User Guide, "IAM roles for sending events to targets").
const STREAM: Assumed = assumed("stream", &["kinesis:PutRecord", "kinesis:PutRecords"], On::Target);
const DELIVERY: Assumed = assumed("delivery stream", &["firehose:PutRecord", "firehose:PutRecordBatch"], On::Target);
const MACHINE: Assumed = assumed("state machine", &["states:StartExecution"], On::Target);
const TASK: Assumed = assumed("cluster", &["ecs:RunTask"], On::TaskDefinition);
const BUILD: Assumed = assumed("build project", &["codebuild:StartBuild"], On::Target);
const PIPELINE: Assumed = assumed("pipeline", &["codepipeline:StartPipelineExecution"], On::Target);
const JOB: Assumed = assumed("job queue", &["batch:SubmitJob"], On::Others);
const COMMAND: Assumed = assumed("document", &["ssm:SendCommand"], On::Others);
const AUTOMATION: Assumed = assumed("automation", &["ssm:StartAutomationExecution"], On::Others);
const DESTINATION: Assumed = assumed("API destination", &["events:InvokeApiDestination"], On::Target);
/// What a role must be allowed where the target is an event bus.
pub(super) const EVENT_BUS: Assumed = assumed("event bus", &["events:PutEvents"], On::Target);

/// A kind of target: service and beginning of the resource in its ARN, its resource type, and the attribute that names it
/// there.
type Row = (Kind, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const KINDS: &[Row] = &[
    (Kind::Topic, "sns", "", "aws_sns_topic", "name"),
    (Kind::Queue, "sqs", "", "aws_sqs_queue", "name"),
    (Kind::Function, "lambda", "function:", "aws_lambda_function", "function_name"),
    (Kind::LogGroup, "logs", "log-group:", "aws_cloudwatch_log_group", "name"),
    (Kind::Bus, "events", "event-bus/", BUS, "name"),
    (Kind::Assumed(&DESTINATION), "events", "api-destination/", "aws_cloudwatch_event_api_destination", "name"),
    (Kind::Assumed(&DELIVERY), "firehose", "deliverystream/", "aws_kinesis_firehose_delivery_stream", "name"),
    (Kind::Assumed(&STREAM), "kinesis", "stream/", "aws_kinesis_stream", "name"),
    (Kind::Assumed(&MACHINE), "states", "stateMachine:", "aws_sfn_state_machine", "name"),
    (Kind::Assumed(&TASK), "ecs", "cluster/", "aws_ecs_cluster", "name"),
    (Kind::Assumed(&BUILD), "codebuild", "project/", "aws_codebuild_project", "name"),
    (Kind::Assumed(&PIPELINE), "codepipeline", "", "aws_codepipeline", "name"),
    (Kind::Assumed(&JOB), "batch", "job-queue/", "aws_batch_job_queue", "name"),
    (Kind::Assumed(&AUTOMATION), "ssm", "automation-definition/", "", ""),
    (Kind::Assumed(&COMMAND), "ssm", "document/", "aws_ssm_document", "name"),
];

/// The resource type of aliases of functions.
pub(super) const ALIAS: &str = "aws_lambda_alias";

impl Aim {
    /// Whether nothing is known of it.
    pub(crate) fn is_unknown(&self) -> bool {
        self.kind.is_none()
    }

    /// Service and beginning of the resource in an ARN of its kind.
    pub(super) fn form(&self) -> Option<(&'static str, &'static str)> {
        let row = KINDS.iter().find(|(kind, ..)| Some(*kind) == self.kind)?;
        Some((row.1, row.2))
    }
}

/// Everything that can be a target, by its name.
pub(super) struct Aims<'a> {
    by_name: BTreeMap<(&'static str, &'a str), Vec<ObjectId>>,
}

impl<'a> Aims<'a> {
    pub(super) fn of(estate: &'a Estate) -> Self {
        let mut by_name: BTreeMap<(&'static str, &str), Vec<ObjectId>> = BTreeMap::new();
        for (_, _, _, resource_type, name) in KINDS {
            for (id, object) in estate.of_type(resource_type).filter(|(_, object)| object.presence != Presence::Going) {
                let own = object.attribute(&[name]).str();
                let name = own.or_else(|| Some(name_in(object.attribute(&["arn"]).str()?)));
                if let Some(name) = name {
                    by_name.entry((resource_type, name)).or_default().push(id);
                }
            }
        }
        Self { by_name }
    }

    /// What a target is: by the value of its `arn`, else by reference.
    pub(super) fn of_target(&self, estate: &Estate, target: ObjectId) -> Aim {
        let unknown = || Aim { kind: None, object: None, attribute: None, arn: None };
        if let Some(text) = estate.object(target).attribute(&["arn"]).str() {
            let Some(arn) = Arn::parse(text) else { return unknown() };
            let row = KINDS.iter().find(|(_, service, begin, ..)| {
                arn.service == *service && arn.resource.strip_prefix(begin).is_some_and(|rest| !rest.is_empty())
            });
            return Aim {
                kind: Some(row.map_or(Kind::Other, |row| row.0)),
                object: row.and_then(|row| self.with_arn(estate, row, (text, arn), estate.object(target))),
                attribute: None,
                arn: Some(text.to_owned()),
            };
        }
        let Some(reached) = references::reached(estate, target, "arn") else { return unknown() };
        let types: Vec<&str> = KINDS.iter().map(|(_, _, _, resource_type, _)| *resource_type).chain([ALIAS]).collect();
        let [only] = reached.of_types(estate, &types)[..] else { return unknown() };
        if !reached.stops.is_empty() || estate.object(only).presence == Presence::Going {
            return unknown();
        }
        let of_only = |(id, _): &&(ObjectId, Option<Box<str>>)| *id == only;
        let attribute = reached.objects.iter().find(of_only).and_then(|(_, attribute)| attribute.clone());
        let resource_type = estate.object(only).resource_type();
        let row = KINDS.iter().find(|(_, _, _, own, _)| *own == resource_type);
        Aim {
            kind: Some(row.map_or(Kind::Function, |row| row.0)),
            object: Some(only),
            arn: estate.object(only).attribute(&["arn"]).str().map(str::to_owned),
            attribute,
        }
    }

    /// The object of an ARN: with that ARN; where its own is not known yet, with the name in it, in no other place.
    fn with_arn(&self, estate: &Estate, row: &Row, (text, arn): (&str, Arn<'_>), by: &Object) -> Option<ObjectId> {
        let (kind, _, _, resource_type, _) = *row;
        let named = self.by_name.get(&(resource_type, name_in(text)))?;
        let may_be = |id: &&ObjectId| {
            let object = estate.object(**id);
            let own = object.attribute(&["arn"]).str();
            let is_place = Truth::equal(object.region.as_deref(), Some(arn.region)) != Truth::False
                && Truth::equal(object.account.as_deref(), Some(arn.account)) != Truth::False;
            own.map_or(is_place, |own| own == text || is_part(kind, own, text))
        };
        let rank = |id: &&ObjectId| {
            let object = estate.object(**id);
            (!object.is_managed(), object.unit != by.unit)
        };
        named.iter().filter(may_be).min_by_key(rank).copied()
    }
}

/// Whether the ARN of a target is that of an object with more behind it: the alias of a function, the streams of a log
/// group.
fn is_part(kind: Kind, own: &str, text: &str) -> bool {
    let own = own.strip_suffix(":*").unwrap_or(own);
    matches!(kind, Kind::Function | Kind::LogGroup)
        && text.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// The name in an ARN: behind the kind of the resource, and before what follows it.
fn name_in(text: &str) -> &str {
    let Some(arn) = Arn::parse(text) else { return text };
    let row = KINDS.iter().find(|(_, service, begin, ..)| arn.service == *service && arn.resource.starts_with(begin));
    let rest = row.and_then(|row| arn.resource.strip_prefix(row.2)).unwrap_or(arn.resource);
    let is_first = matches!(row, Some((Kind::Function | Kind::LogGroup, ..)));
    let is_path = matches!(row, Some((Kind::Assumed(kind), ..)) if **kind == DESTINATION);
    match () {
        () if is_first => rest.split(':').next().unwrap_or(rest),
        // An id follows the name.
        () if is_path => rest.split('/').next().unwrap_or(rest),
        () => rest,
    }
}
