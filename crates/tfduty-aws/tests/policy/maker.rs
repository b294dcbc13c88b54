//! Nodes from JSON, and what their holes are: `<…>` becomes a hole (see `cases/README.md`).

use std::cell::{Cell, RefCell};

use tfduty_aws::policy::{HoleId, Holes, Identity, Kind, Member, Node, Origin, Part, Text, Thing};

use crate::json::Json;

/// R's account.
pub(crate) const ACCOUNT: &str = "111122223333";
/// R.
pub(crate) const ROLE: &str =
    "arn:aws:iam::111122223333:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";

/// The bucket of the request, and another.
pub(crate) const BUCKET: Thing = Thing(1);
pub(crate) const OTHER_BUCKET: Thing = Thing(2);
/// Other things that requests are about.
pub(crate) const ACCOUNT_ID: Thing = Thing(10);
pub(crate) const KEY_ARN: Thing = Thing(11);
pub(crate) const DETECTOR_ARN: Thing = Thing(12);
pub(crate) const DETECTOR_ID: Thing = Thing(13);
pub(crate) const TOPIC_ARN: Thing = Thing(14);
pub(crate) const ORGANIZATION_ID: Thing = Thing(15);

/// Makes nodes, and knows what their holes are.
#[derive(Default)]
pub(crate) struct Maker {
    holes: RefCell<Vec<String>>,
    origins: Cell<u32>,
    /// Texts that fill holes of this name, in tests that fill them.
    fillings: Vec<(String, String)>,
}

impl Maker {
    /// A maker of nodes some of whose holes are texts, by their names.
    pub(crate) fn filling(fillings: Vec<(String, String)>) -> Self {
        Self { fillings, ..Self::default() }
    }

    pub(crate) fn node(&self, json: &Json) -> Node {
        let origin = self.origin();
        let kind = match json {
            Json::Null => Kind::Null,
            Json::Bool(holds) => Kind::Bool(*holds),
            Json::Number(digits) => Kind::Number(digits.as_str().into()),
            Json::Text(text) => {
                let text = self.text(text);
                match text.parts() {
                    [Part::Hole(hole)] => Kind::Hole(*hole),
                    _ => Kind::Text(text),
                }
            }
            Json::List(items) => Kind::List(items.iter().map(|item| self.node(item)).collect()),
            Json::Object(members) => Kind::Object(
                members
                    .iter()
                    .map(|(name, value)| Member {
                        name: self.text(name),
                        origin: self.origin(),
                        value: self.node(value),
                    })
                    .collect(),
            ),
        };
        Node { kind, origin }
    }

    pub(crate) fn text(&self, text: &str) -> Text {
        let text = text.replace("{A}", ACCOUNT).replace("{R}", ROLE);
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once('<') {
            let (name, after) = behind.split_once('>').expect("a hole ends with >");
            parts.extend([Part::Literal(before.into()), Part::Hole(self.hole(name))]);
            rest = after;
        }
        parts.push(Part::Literal(rest.into()));
        Text::new(parts)
    }

    fn hole(&self, name: &str) -> HoleId {
        let mut holes = self.holes.borrow_mut();
        holes.push(name.to_owned());
        HoleId(u32::try_from(holes.len() - 1).expect("few holes"))
    }

    fn origin(&self) -> Origin {
        self.origins.set(self.origins.get() + 1);
        Origin(self.origins.get())
    }

    /// `text` as it is written in cases.
    pub(crate) fn written(&self, text: &Text) -> String {
        text.parts()
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.to_string(),
                Part::Hole(hole) => format!("<{}>", self.holes.borrow()[hole.0 as usize]),
            })
            .collect()
    }
}

impl Holes for Maker {
    fn identity(&self, hole: HoleId) -> Identity {
        let name = &self.holes.borrow()[hole.0 as usize];
        if let Some((_, text)) = self.fillings.iter().find(|(filled, _)| filled == name) {
            return Identity::Text(text.as_str().into());
        }
        match name.as_str() {
            "B.arn" => Identity::BucketArn(BUCKET),
            "B.name" => Identity::BucketName(BUCKET),
            "C.arn" => Identity::BucketArn(OTHER_BUCKET),
            "C.name" => Identity::BucketName(OTHER_BUCKET),
            "R" => Identity::Role,
            "role.arn" => Identity::OtherIdentity,
            "role.id" => Identity::OtherIdentityId,
            "endpoint" => Identity::OwnNetwork,
            "A" => Identity::Same(ACCOUNT_ID),
            "key.arn" => Identity::Same(KEY_ARN),
            "detector.arn" => Identity::Same(DETECTOR_ARN),
            "detector.id" => Identity::Same(DETECTOR_ID),
            "topic.arn" => Identity::Same(TOPIC_ARN),
            "org.id" => Identity::Same(ORGANIZATION_ID),
            name => match name.strip_prefix('=') {
                Some(text) => Identity::Text(text.into()),
                None => Identity::Unknown,
            },
        }
    }
}
