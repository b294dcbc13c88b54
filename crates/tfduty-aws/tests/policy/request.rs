//! The columns of a case that say what is asked.

use serde::Deserialize;
use tfduty_aws::partition::Partition;
use tfduty_aws::policy::{Fact, Key, Object, PolicyKind, Request, Resource, Role, ServiceCall, Subject};
use tfduty_aws::truth::Truth;

use crate::json::Json;
use crate::maker::{ACCOUNT, ACCOUNT_ID, BUCKET, DETECTOR_ARN, DETECTOR_ID, KEY_ARN, ORGANIZATION_ID, TOPIC_ARN};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RequestColumns {
    #[serde(rename = "as")]
    pub(crate) name: Option<String>,
    pub(crate) partition: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) organization: Option<String>,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) tags: Option<Json>,
    pub(crate) key_region: Option<String>,
    pub(crate) key_account: Option<String>,
    pub(crate) key_id: Option<String>,
    pub(crate) bucket_key: Option<String>,
    pub(crate) detector: Option<String>,
    pub(crate) opt_in: Option<String>,
    pub(crate) policy: Option<String>,
    pub(crate) same: Option<String>,
    pub(crate) key_usable: Option<String>,
    pub(crate) restricts_public: Option<String>,
    pub(crate) own_key: Option<String>,
}

impl RequestColumns {
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("read")
    }

    /// A fact that is `usual` unless the column says otherwise: `unknown`, or another text.
    pub(crate) fn fact(column: Option<&str>, usual: &str) -> Fact {
        match column {
            Some("unknown") => Fact::unknown(),
            text => Fact::known(text.unwrap_or(usual)),
        }
    }

    pub(crate) fn account(&self) -> Fact {
        match self.account.as_deref() {
            Some("unnamed") => Fact::unknown().being(ACCOUNT_ID),
            Some("unknown") => Fact::unknown(),
            _ => Fact::known(ACCOUNT).being(ACCOUNT_ID),
        }
    }

    pub(crate) fn partition(&self) -> Partition {
        self.partition.as_deref().unwrap_or("aws").parse().expect("a partition")
    }

    pub(crate) fn role(&self) -> Role {
        let mut role = Role::new(self.partition(), self.account());
        role.other_ids = ["AROAADMINADMINADMIN1".into()].into();
        role.organization = self.organization.as_deref().map(|id| match id {
            "unnamed" => Fact::unknown().being(ORGANIZATION_ID),
            id => Fact::known(id),
        });
        role
    }

    pub(crate) fn object(&self) -> Object {
        let bucket = match self.bucket.as_deref() {
            Some("unknown") => Fact::unknown(),
            Some("unnamed") => Fact::unknown().being(BUCKET),
            Some("named") => Fact::known("lists"),
            _ => Fact::known("lists").being(BUCKET),
        };
        let tags = self
            .tags
            .as_ref()
            .map(|tags| pairs(tags).map(|(name, value)| (name.into(), Self::fact(Some(value), ""))).collect());
        Object {
            bucket,
            key: Self::fact(self.key.as_deref(), "guardduty/trusted.txt"),
            account: Self::fact(self.owner.as_deref(), ACCOUNT),
            region: Self::fact(self.region.as_deref(), "eu-west-1"),
            tags,
        }
    }

    pub(crate) fn kms_key(&self) -> Key {
        Key {
            region: Self::fact(self.key_region.as_deref(), "eu-west-1"),
            account: Self::fact(self.key_account.as_deref(), ACCOUNT),
            id: Self::fact(self.key_id.as_deref(), "1234abcd"),
            arn: Some(KEY_ARN),
        }
    }

    pub(crate) fn kind(&self) -> PolicyKind {
        match self.name() {
            "trust" => PolicyKind::Trust,
            "identity" => PolicyKind::Identity,
            _ => PolicyKind::Resource,
        }
    }

    pub(crate) fn request(&self) -> Request {
        match self.name() {
            "read" => Request::read(&self.role(), &self.object()),
            "decrypt" => {
                let bucket_key = truth(self.bucket_key.as_deref().unwrap_or("F"));
                Request::decrypt(&self.role(), &self.object(), &self.kms_key(), bucket_key)
            }
            "export" => Request::service(self.export()),
            "target" => Request::service(self.target()),
            "trust" => Request::service(ServiceCall {
                action: "sts:AssumeRole".into(),
                resource: Resource::Unnamed,
                ..self.target()
            }),
            "identity" => {
                let unknown = Fact::unknown();
                let arn = Subject::new().text("arn:aws:guardduty:").fact(&unknown).text(":").fact(&unknown);
                let arn = arn.text(":detector/").fact(&unknown);
                Request::identity("guardduty:DeleteDetector", Resource::Arn(arn))
            }
            other => panic!("{other} is no request"),
        }
    }

    pub(crate) fn export(&self) -> ServiceCall {
        let region = self.opt_in.as_deref().unwrap_or("eu-west-1");
        let id = Self::fact(Some(self.detector.as_deref().unwrap_or("unknown")), "").being(DETECTOR_ID);
        let detector = Subject::new().text(&format!("arn:aws:guardduty:{region}:")).fact(&self.account());
        let object = Subject::new().text("arn:aws:s3:::").bucket(&Fact::known("lists").being(BUCKET));
        let key = Subject::new().text(&format!("arn:aws:kms:{region}:{ACCOUNT}:key/"));
        ServiceCall {
            service: "guardduty.amazonaws.com".into(),
            regional: self.opt_in.as_ref().map(|region| format!("guardduty.{region}.amazonaws.com").into()),
            action: "s3:PutObject".into(),
            resource: Resource::Arn(object.text(&format!("/exports/AWSLogs/{ACCOUNT}/GuardDuty/{region}/x"))),
            source_account: self.account(),
            source_arn: detector.text(":detector/").fact(&id).being(DETECTOR_ARN),
            encryption_key: Some(key.fact(&self.kms_key().id).being(KEY_ARN)),
        }
    }

    pub(crate) fn target(&self) -> ServiceCall {
        let topic = Subject::new().text(&format!("arn:aws:sns:eu-west-1:{ACCOUNT}:alerts")).being(TOPIC_ARN);
        ServiceCall {
            service: "events.amazonaws.com".into(),
            regional: None,
            action: "sns:Publish".into(),
            resource: Resource::Arn(topic),
            source_account: self.account(),
            source_arn: Subject::from(format!("arn:aws:events:eu-west-1:{ACCOUNT}:rule/guardduty").as_str()),
            encryption_key: None,
        }
    }
}

pub(crate) fn pairs(json: &Json) -> impl Iterator<Item = (&str, &str)> {
    let Json::Object(members) = json else { panic!("{json:?} is no table") };
    members.iter().map(|(name, value)| match value {
        Json::Text(text) if text == "?" => (name.as_str(), "unknown"),
        Json::Text(text) => (name.as_str(), text.as_str()),
        other => panic!("{other:?} is no text"),
    })
}

pub(crate) fn truth(letter: &str) -> Truth {
    match letter {
        "T" => Truth::True,
        "F" => Truth::False,
        "U" => Truth::Unknown,
        other => panic!("{other} is no truth"),
    }
}
