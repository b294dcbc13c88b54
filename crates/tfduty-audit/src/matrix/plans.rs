//! Protection plans in the matrix.

use tfduty_aws::truth::Truth;

use super::{
    Answer, State, View,
    places::{Place, Seen},
};
use crate::{
    detectors::DetectorOf,
    estate::Estate,
    object::ObjectId,
    protection::{self, Agent, EKS_RUNTIME_MONITORING, FEATURE, MEMBER_FEATURE, ORGANIZATION_FEATURE, Plan, Setting},
};

impl View<'_, '_> {
    /// Whether a protection plan is on.
    pub(super) fn plan(&self, place: &Place, plan: Plan) -> Answer {
        let answers = place.detectors.iter().map(|seen| self.plan_of(seen, plan));
        let best = answers.reduce(|first, other| match (first.sources.is_empty(), other.sources.is_empty()) {
            (true, false) => other,
            _ => first,
        });
        best.unwrap_or_else(|| Answer::new(State::NotApplicable, "there is no detector"))
    }

    fn plan_of(&self, seen: &Seen, plan: Plan) -> Answer {
        let estate = self.context.estate;
        let DetectorOf::Object(id) = seen.detector else { return self.plan_elsewhere(&seen.detector, plan) };
        let told = self.protection.told(id, plan);
        let by = |state, says: &str| match told.spot {
            Some(spot) => {
                Answer::new(state, format!("{says} by {}", estate.object(spot.object).name())).with(spot.object)
            }
            None => Answer::new(state, says),
        };
        match told.setting {
            Setting::On => by(State::Yes, "on"),
            Setting::Off => by(State::No, "off"),
            Setting::Unknown if told.spot.is_some_and(|spot| is_organizations(estate, spot.object)) => by(
                State::Unknown,
                "no input tells whether this account is of the organization in which it is switched on",
            ),
            Setting::Unknown if told.spot.is_some() => {
                by(State::Unknown, "known only after apply, or told in two ways,")
            }
            Setting::Unknown => {
                Answer::new(State::Unknown, "something that cannot be told apart before the apply may declare it")
            }
            Setting::Undeclared => self.as_found(id, plan),
        }
    }

    /// What an input says of a plan that nothing declares: the older flags tell what AWS has set, where they are known.
    fn as_found(&self, detector: ObjectId, plan: Plan) -> Answer {
        let object = self.context.estate.object(detector);
        let flag = plan.flag_path().and_then(|path| object.attribute(path).bool());
        match (flag, object.is_managed()) {
            (Some(on), _) => {
                let reason = format!("nothing declares it; `datasources` shows what AWS has set: {}", on_or_off(on));
                Answer::new(State::from(Truth::from(on)), reason).with(detector)
            }
            (None, true) => {
                let reason = "nothing declares it: it is as AWS has it, which differs with the age of the detector";
                Answer::new(State::Unknown, reason)
            }
            (None, false) => Answer::new(State::Unknown, "the plan or state that manages the detector would tell"),
        }
    }

    /// What is declared of a plan for a detector that no input has.
    fn plan_elsewhere(&self, detector: &DetectorOf, plan: Plan) -> Answer {
        let graph = self.context.graph;
        let mut features = self.context.present(FEATURE).filter(|(id, _)| graph.detector_of(*id) == detector);
        match features.find(|(_, feature)| feature.attribute(&["name"]).str() == Some(plan.name())) {
            Some((id, feature)) => {
                let on = protection::is_on(feature);
                let says = if on == Truth::Unknown { "known only after apply," } else { on_or_off(on == Truth::True) };
                Answer::new(on.into(), format!("{says} by {}", feature.name())).with(id)
            }
            None => Answer::new(State::Unknown, "the plan or state that manages the detector would tell"),
        }
    }

    /// Whether GuardDuty, or somebody by hand, manages agents for Runtime Monitoring.
    pub(super) fn agents(&self, place: &Place) -> Answer {
        let runtime = self.plan(place, Plan::RuntimeMonitoring);
        match runtime.state {
            State::No | State::NotApplicable => {
                return Answer::new(State::NotApplicable, "Runtime Monitoring is off");
            }
            State::Unknown => {
                let reason = "whether Runtime Monitoring is on is not known";
                return Answer { reason: reason.into(), ..runtime };
            }
            State::Yes => {}
        }
        let estate = self.context.estate;
        let is_feature = |id: &&ObjectId| {
            let of_type = [FEATURE, MEMBER_FEATURE, ORGANIZATION_FEATURE];
            of_type.contains(&estate.object(**id).resource_type())
        };
        let own = match (runtime.sources.iter().find(is_feature), runtime.sources.first()) {
            (Some(id), _) => self.agents_of(*id),
            (None, Some(id)) => self.agents_as_read(*id),
            (None, None) => Answer::new(State::Unknown, "no input shows its agents"),
        };
        own.or(|| {
            let mut addons = self.context.present("aws_eks_addon");
            let (id, addon) = addons.find(|(_, addon)| {
                addon.attribute(&["addon_name"]).str() == Some("aws-guardduty-agent")
                    && place.holds(estate, addon) != Truth::False
            })?;
            Some(Answer::new(State::Yes, format!("on EKS by {}", addon.name())).with(id))
        })
    }

    /// The agents that GuardDuty manages by a feature.
    fn agents_of(&self, id: ObjectId) -> Answer {
        let feature = self.context.estate.object(id);
        let name = feature.name();
        if feature.attribute(&["additional_configuration"]).is_unknown() {
            return Answer::new(State::Unknown, format!("`additional_configuration` of {name} decides")).with(id);
        }
        let all: &[&str] = match feature.attribute(&["name"]).str() {
            Some(EKS_RUNTIME_MONITORING) => &["EKS_ADDON_MANAGEMENT"],
            _ => AGENTS,
        };
        by_agents((id, &name), all, &protection::agents(feature))
    }

    /// The agents that a data source has read.
    fn agents_as_read(&self, id: ObjectId) -> Answer {
        let detector = self.context.estate.object(id);
        let newer = Plan::RuntimeMonitoring.name();
        let agents = protection::agents_as_read(detector, newer);
        if agents.is_empty() {
            return Answer::new(State::Unknown, "no input shows its agents");
        }
        by_agents((id, &detector.name()), AGENTS, &agents)
    }
}

/// The agents of Runtime Monitoring.
const AGENTS: &[&str] = &["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"];

/// What something says of the agents that GuardDuty manages, of all that it could.
fn by_agents((id, name): (ObjectId, &str), all: &[&str], agents: &[Agent<'_>]) -> Answer {
    let is_managed =
        |wanted: &&&str| agents.iter().any(|agent| agent.name == Some(**wanted) && agent.is_managed == Truth::True);
    let (managed, others): (Vec<&str>, Vec<&str>) = all.iter().partition(|name| is_managed(name));
    if !managed.is_empty() {
        let others = if others.is_empty() { String::new() } else { format!(", not {}", others.join(", ")) };
        return Answer::new(State::Yes, format!("{}{others} by {name}", managed.join(", "))).with(id);
    }
    if agents.iter().any(|agent| agent.is_managed == Truth::Unknown) {
        let reason = format!("`additional_configuration` of {name} is known only after apply");
        return Answer::new(State::Unknown, reason).with(id);
    }
    Answer::new(State::No, format!("GuardDuty manages none by {name}")).with(id)
}

fn is_organizations(estate: &Estate, id: ObjectId) -> bool {
    estate.object(id).resource_type() == ORGANIZATION_FEATURE
}

fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}
