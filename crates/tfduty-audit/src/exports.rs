//! The path on which GuardDuty exports findings: a detector, its publishing destination, the bucket and the key that it
//! names, and the policies of both.

use tfduty_aws::{
    arn::Arn,
    location,
    partition::{self, OPT_IN_REGIONS, Partition},
    policy::{self, Decision, NothingKnown, Outcome, Principals, Reason, Request, Resource, ServiceCall, Subject, Who},
};

use crate::{
    detectors::{DETECTOR, DetectorOf},
    estate::Estate,
    evaluate::{self, Pattern},
    facts,
    graph::{self, BUCKET, Bucket, Graph},
    keys::{self, ALIAS, Named},
    object::{Object, ObjectId},
    policies::{self, PolicyText},
    reading::Readings,
    references,
};

/// The resource type of publishing destinations.
pub(crate) const DESTINATION: &str = "aws_guardduty_publishing_destination";
/// The resource type of directory buckets.
const DIRECTORY_BUCKET: &str = "aws_s3_directory_bucket";
/// As which GuardDuty writes findings.
pub(crate) const SERVICE: &str = "guardduty.amazonaws.com";

/// A publishing destination, with what it leads to.
#[derive(Debug)]
pub(crate) struct Export {
    /// The destination.
    pub(crate) destination: ObjectId,
    /// What account and region of the detector are taken from: the detector, else the destination.
    pub(crate) actor: ObjectId,
    /// Where findings go.
    pub(crate) target: Target,
    /// What encrypts them.
    pub(crate) key: Key,
}

/// What `destination_arn` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A bucket, and the prefix in it where that is known: empty for none.
    Bucket { bucket: Bucket, prefix: Option<String> },
    /// Something that GuardDuty does not export to.
    Other(&'static str),
    /// It cannot be told.
    Unknown,
}

/// What `kms_key_arn` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// An alias, which GuardDuty does not take for a key.
    Alias,
    /// A key.
    Named(Named),
}

impl Export {
    /// The exports of an estate whose destinations stay, in the order of the estate.
    pub(crate) fn all(readings: &Readings<'_>) -> Vec<Self> {
        let estate = readings.estate;
        let present = estate.of_type(DESTINATION).filter(|(_, destination)| destination.is_present());
        present
            .map(|(destination, object)| Self {
                destination,
                actor: readings.actor(destination),
                target: target(estate, readings.graph, destination),
                key: key(readings, destination, object),
            })
            .collect()
    }

    /// The bucket, where it can be told.
    pub(crate) fn bucket(&self) -> Option<&Bucket> {
        match &self.target {
            Target::Bucket { bucket, .. } => Some(bucket),
            Target::Other(_) | Target::Unknown => None,
        }
    }

    /// The key, where it is one of the estate.
    pub(crate) fn key_object(&self) -> Option<ObjectId> {
        match self.key {
            Key::Named(Named::Object(key)) => Some(key),
            Key::Named(_) | Key::Alias => None,
        }
    }

    /// The bucket and the key, where they are of the estate.
    pub(crate) fn objects(&self) -> impl Iterator<Item = ObjectId> {
        let bucket = match self.bucket() {
            Some(Bucket::Object(bucket)) => Some(*bucket),
            Some(Bucket::Name(_)) | None => None,
        };
        bucket.into_iter().chain(self.key_object())
    }

    /// The region of the detector.
    pub(crate) fn region<'a>(&self, estate: &'a Estate) -> Option<&'a str> {
        estate.object(self.actor).region.as_deref()
    }

    /// As which service GuardDuty exports from the detector's region: in opt-in regions it has a name of its own
    /// (GuardDuty User Guide, "Exporting findings").
    pub(crate) fn service(&self, estate: &Estate) -> String {
        self.regional_service(estate).unwrap_or_else(|| SERVICE.to_owned())
    }

    fn regional_service(&self, estate: &Estate) -> Option<String> {
        let region = self.region(estate).filter(|region| OPT_IN_REGIONS.contains(region))?;
        Some(format!("guardduty.{region}.amazonaws.com"))
    }

    /// What GuardDuty asks of the bucket, by its actions (GuardDuty User Guide, "Exporting findings").
    pub(crate) fn bucket_requests(&self, readings: &Readings<'_>) -> Vec<(&'static str, Request)> {
        let Target::Bucket { bucket, prefix } = &self.target else { return Vec::new() };
        let estate = readings.estate;
        let bucket = readings.object(Some(bucket), None, None);
        let arn = bucket.bucket_arn(self.partition(estate));
        let written = self.written(estate, arn.clone(), prefix.as_deref());
        let request = |action: &'static str, resource| (action, self.request(readings, action, resource));
        vec![request("s3:PutObject", Resource::Arn(written)), request("s3:GetBucketLocation", Resource::Arn(arn))]
    }

    /// What GuardDuty asks of a key of the estate.
    pub(crate) fn key_request(&self, readings: &Readings<'_>, key: ObjectId) -> (&'static str, Request) {
        let key = keys::request_key(readings.estate, key).subject(self.partition(readings.estate));
        let action = "kms:GenerateDataKey";
        (action, self.request(readings, action, Resource::OwnKey(key)))
    }

    /// Whether a policy grants a request.
    pub(crate) fn decide(&self, estate: &Estate, text: &PolicyText, request: &Request) -> Decision {
        let policies = [text.as_policy()];
        let PolicyText::Known(known) = text else { return policy::access(&policies, request, &NothingKnown) };
        let decision = policy::access(&policies, request, &**known);
        let is_not_allowed = decision.reasons == [Reason::NoAllow];
        if !is_not_allowed || self.region(estate).is_some() {
            return decision;
        }
        // In a region that is not known GuardDuty may go by a regional name.
        let names_regional = |statement: &policy::Statement| match statement.principals(&**known) {
            Principals::Named(named) => {
                named.iter().any(|(who, _)| matches!(who, Who::Service(name) if is_regional(name)))
            }
            Principals::AllBut(_) | Principals::Unreadable => false,
        };
        if known.document().statements().iter().any(names_regional) {
            return Decision { outcome: Outcome::Undecided, ..decision };
        }
        decision
    }

    fn partition(&self, estate: &Estate) -> Partition {
        facts::partition(estate, estate.object(self.actor))
    }

    fn request(&self, readings: &Readings<'_>, action: &str, resource: Resource) -> Request {
        let estate = readings.estate;
        Request::service(ServiceCall {
            service: SERVICE.into(),
            regional: self.regional_service(estate).map(Into::into),
            action: action.into(),
            resource,
            source_account: self.account(estate),
            source_arn: self.detector_arn(readings),
            encryption_key: self.encryption_key(estate),
        })
    }

    fn account(&self, estate: &Estate) -> policy::Fact {
        fact(estate.object(self.actor).account.as_deref()).being(policies::thing(self.actor, "account_id"))
    }

    /// The ARN of the detector.
    fn detector_arn(&self, readings: &Readings<'_>) -> Subject {
        let estate = readings.estate;
        let actor = estate.object(self.actor);
        let is_detector = actor.resource_type() == DETECTOR;
        let id = match readings.graph.detector_of(self.destination) {
            DetectorOf::Elsewhere(id) => policy::Fact::known(id),
            _ if is_detector => fact(actor.attribute(&["id"]).str()).being(policies::thing(self.actor, "id")),
            _ => policy::Fact::unknown(),
        };
        let begin = Subject::new().text(&format!("arn:{}:guardduty:", self.partition(estate)));
        let place = begin.fact(&fact(self.region(estate))).text(":").fact(&self.account(estate));
        let arn = place.text(":detector/").fact(&id);
        if is_detector { arn.being(policies::thing(self.actor, "arn")) } else { arn }
    }

    /// The ARN of an object that GuardDuty writes.
    fn written(&self, estate: &Estate, bucket: Subject, prefix: Option<&str>) -> Subject {
        let unknown = policy::Fact::unknown();
        let begin = match prefix {
            Some("") => bucket.text("/"),
            Some(prefix) => bucket.text(&format!("/{prefix}/")),
            None => bucket.text("/").free(&unknown),
        };
        let account = begin.text("AWSLogs/").fact(&self.account(estate)).text("/GuardDuty/");
        account.fact(&fact(self.region(estate))).text("/").free(&unknown)
    }

    /// The key that GuardDuty names for what it writes.
    fn encryption_key(&self, estate: &Estate) -> Option<Subject> {
        let text = estate.object(self.destination).attribute(&["kms_key_arn"]);
        let key = self.key_object();
        match (text.str(), key) {
            (Some(text), Some(key)) => Some(Subject::from(text).being(policies::thing(key, "arn"))),
            (Some(text), None) => Some(Subject::from(text)),
            (None, Some(key)) => Some(keys::request_key(estate, key).subject(self.partition(estate))),
            (None, None) => None,
        }
    }
}

fn fact(text: Option<&str>) -> policy::Fact {
    text.map_or_else(policy::Fact::unknown, policy::Fact::known)
}

/// Whether a service is GuardDuty, by its name for all regions or for one.
pub(crate) fn is_guardduty(service: &str) -> bool {
    service == SERVICE || is_regional(service)
}

fn is_regional(service: &str) -> bool {
    let region = service.strip_prefix("guardduty.").and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    region.is_some_and(partition::is_region)
}

/// What a destination names: by its value, by its sources, else by reference.
fn target(estate: &Estate, graph: &Graph, destination: ObjectId) -> Target {
    let attribute = estate.object(destination).attribute(&["destination_arn"]);
    if let Some(text) = attribute.str() {
        return with_arn(text, |name| Some(graph::bucket_named(estate, name)));
    }
    let pattern = evaluate::pattern(estate, destination, "destination_arn");
    match pattern.map(|pattern| in_pattern(estate, graph, &pattern)) {
        Some(target) if target != Target::Unknown => target,
        _ => referred(estate, destination),
    }
}

/// What an ARN names, in which a bucket's name is looked up.
fn with_arn(text: &str, bucket: impl FnOnce(&str) -> Option<Bucket>) -> Target {
    let Some(arn) = Arn::parse(text) else { return Target::Other("no ARN") };
    match arn.service {
        "s3express" => Target::Other("the ARN of a directory bucket"),
        "s3" if arn.region.is_empty() && arn.account.is_empty() => {
            let (name, prefix) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
            let prefix = prefix.trim_end_matches('/');
            let is_known = !prefix.contains(location::is_placeholder);
            let prefix = is_known.then(|| prefix.to_owned());
            bucket(name).map_or(Target::Unknown, |bucket| Target::Bucket { bucket, prefix })
        }
        _ => Target::Other("the ARN of something else than a bucket"),
    }
}

/// What an ARN names that is known in parts.
fn in_pattern(estate: &Estate, graph: &Graph, pattern: &Pattern) -> Target {
    if let Some(hole) = graph::whole_hole(&pattern.text, &pattern.holes) {
        let object = hole.object.map(|id| estate.object(id).resource_type());
        let is_directory = object == Some(DIRECTORY_BUCKET) && hole.attribute.as_deref() == Some("arn");
        return if is_directory { Target::Other("the ARN of a directory bucket") } else { Target::Unknown };
    }
    let is_sure = Arn::parse(&pattern.text).is_some_and(|arn| !arn.service.contains(location::is_placeholder));
    if !is_sure {
        return Target::Unknown;
    }
    with_arn(&pattern.text, |name| match graph::whole_hole(name, &pattern.holes) {
        // Where a bucket's ARN is meant, the hole stands for its name.
        Some(hole) if hole.attribute.as_deref() == Some("arn") => {
            let is_bucket = |id: &ObjectId| estate.object(*id).resource_type() == BUCKET;
            hole.object.filter(is_bucket).map(Bucket::Object)
        }
        Some(hole) => graph.bucket_in(estate, hole),
        None if name.contains(location::is_placeholder) => None,
        None => Some(graph::bucket_named(estate, name)),
    })
}

/// The bucket that a destination refers to. Whether a prefix stands behind it, references do not say.
fn referred(estate: &Estate, destination: ObjectId) -> Target {
    let Some(reached) = references::reached(estate, destination, "destination_arn") else { return Target::Unknown };
    if !reached.stops.is_empty() {
        return Target::Unknown;
    }
    match reached.of_types(estate, &[BUCKET, DIRECTORY_BUCKET])[..] {
        [only] if estate.object(only).resource_type() == DIRECTORY_BUCKET => {
            Target::Other("the ARN of a directory bucket")
        }
        [only] => Target::Bucket { bucket: Bucket::Object(only), prefix: None },
        _ => Target::Unknown,
    }
}

/// What encrypts the findings of a destination.
fn key(readings: &Readings<'_>, destination: ObjectId, object: &Object) -> Key {
    let estate = readings.estate;
    let is_alias = || {
        if let Some(text) = object.attribute(&["kms_key_arn"]).str() {
            return Arn::parse(text).is_some_and(|arn| arn.resource.starts_with("alias/"));
        }
        let reached = references::reached(estate, destination, "kms_key_arn").unwrap_or_default();
        let names_alias = |(id, attribute): &(ObjectId, Option<Box<str>>)| {
            estate.object(*id).resource_type() == ALIAS && attribute.as_deref() == Some("arn")
        };
        reached.stops.is_empty() && !reached.objects.is_empty() && reached.objects.iter().all(names_alias)
    };
    if is_alias() {
        return Key::Alias;
    }
    Key::Named(readings.keys().named(estate, destination, &["kms_key_arn"], object.region.as_deref()))
}
