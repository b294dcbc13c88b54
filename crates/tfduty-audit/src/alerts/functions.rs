//! Whether EventBridge may invoke a Lambda function: by the permissions of the function.

use std::collections::HashMap;

use tfduty_aws::{
    arn::Arn,
    policy::{self, Decision, Effect, Element, Ground, Outcome, Place, Policy},
    truth::Truth,
};

use super::{
    access::{Access, Hindrance, Link},
    aim::ALIAS,
    request::EVENTS,
};
use crate::{
    context::Label,
    estate::Estate,
    log_groups::FUNCTION,
    object::ObjectId,
    policies::{self, KnownPolicy},
    references,
};

/// What EventBridge does with a function.
pub(super) const INVOKE: &str = "lambda:InvokeFunction";

/// The resource type of permissions.
const PERMISSION: &str = "aws_lambda_permission";

/// The permissions of an estate that stay, each with the function that it names: there may be one for each of thousands of
/// functions.
#[derive(Debug, Default)]
pub(super) struct Permissions {
    all: Vec<(ObjectId, Option<Named>)>,
    /// Places in `all` by the name of the function.
    by_name: HashMap<String, Vec<usize>>,
    /// Those of which no name is known.
    unnamed: Vec<usize>,
}

impl Permissions {
    pub(super) fn of(estate: &Estate) -> Self {
        let mut permissions = Self::default();
        for (id, _) in estate.of_type(PERMISSION).filter(|(_, object)| object.is_present()) {
            let function = function_at(estate, id, "function_name");
            let place = permissions.all.len();
            match function.as_ref().and_then(|function| function.name.clone()) {
                Some(name) => permissions.by_name.entry(name).or_default().push(place),
                None => permissions.unnamed.push(place),
            }
            permissions.all.push((id, function));
        }
        permissions
    }

    /// Those that may be for a function, in the order of the estate: a name tells two functions apart.
    fn perhaps_for(&self, function: &Named) -> Vec<&(ObjectId, Option<Named>)> {
        let Some(name) = &function.name else { return self.all.iter().collect() };
        let mut places: Vec<usize> =
            self.by_name.get(name).into_iter().flatten().chain(&self.unnamed).copied().collect();
        places.sort_unstable();
        places.into_iter().filter_map(|place| self.all.get(place)).collect()
    }
}

/// A function, or a version or alias of it, as an attribute names it.
#[derive(Debug, Default)]
struct Named {
    name: Option<String>,
    /// The object of the estate, where it is told by reference.
    object: Option<ObjectId>,
    qualifier: Qualifier,
    region: Option<String>,
    account: Option<String>,
}

/// A version or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Qualifier {
    /// The function itself.
    #[default]
    None,
    /// One of this name.
    Name(String),
    /// The alias that an object of the estate makes.
    Alias(ObjectId),
    /// It cannot be told.
    Unknown,
}

/// What a permission comes to.
struct Asked {
    id: ObjectId,
    known: KnownPolicy,
    decision: Decision,
    /// Whether it is for the function.
    is_for: Truth,
    /// Whether it is for the version or alias.
    fits: Truth,
}

impl Asked {
    fn lets_in(&self) -> Truth {
        let allows = match self.decision.outcome {
            Outcome::Allow => Truth::True,
            Outcome::Undecided => Truth::Unknown,
            Outcome::Deny => Truth::False,
        };
        self.is_for.and(self.fits).and(allows)
    }
}

/// Whether EventBridge may invoke the function that a target is.
pub(super) fn access(link: Link<'_, '_>) -> Access {
    let estate = link.context.estate;
    let Some(function) = of_target(link) else { return link.elsewhere("function") };
    // The statement of a permission names no resource: what it is for, its attributes say.
    let request = link.request(INVOKE, link.resource());
    let mut asked: Vec<Asked> = Vec::new();
    for (id, own) in link.context.readings.alerts().permissions(estate).perhaps_for(&function) {
        let id = *id;
        let (is_for, fits) = is_for(estate, (id, own.as_ref()), &function, link);
        if is_for != Truth::False {
            let known = policies::permission(estate, id);
            let decision = policy::access(&[Policy::Known(known.document())], &request, &link.holes(&known));
            asked.push(Asked { id, known, decision, is_for, fits });
        }
    }
    let best = asked.iter().max_by_key(|asked| (asked.lets_in(), asked.is_for, asked.decision.outcome));
    let is_managed = link.aim().object.is_some_and(|id| estate.object(id).is_managed());
    match best.map(Asked::lets_in) {
        Some(Truth::True) => Access::Granted,
        Some(Truth::Unknown) => best.map_or(Access::Skipped, |best| open(link, best)),
        _ if !is_managed => link.elsewhere("function"),
        _ => denied(link, best),
    }
}

/// The function that a target is.
fn of_target(link: Link<'_, '_>) -> Option<Named> {
    let estate = link.context.estate;
    let aim = link.aim();
    let by_arn = aim.arn.as_deref().map(parse);
    let Some(id) = aim.object else { return by_arn };
    let object = estate.object(id);
    if object.resource_type() == ALIAS {
        let function = function_at(estate, id, "function_name")?;
        return Some(Named { qualifier: Qualifier::Alias(id), ..function });
    }
    let qualifier = match (&by_arn, aim.attribute.as_deref()) {
        (_, Some("qualified_arn" | "qualified_invoke_arn")) => match object.attribute(&["version"]).str() {
            Some(version) => named(version),
            None => Qualifier::Unknown,
        },
        (Some(named), None) => named.qualifier.clone(),
        _ => Qualifier::None,
    };
    Some(Named {
        name: object.attribute(&["function_name"]).str().map(str::to_owned).or_else(|| by_arn?.name),
        object: Some(id),
        qualifier,
        region: object.region.as_deref().map(str::to_owned),
        account: object.account.as_deref().map(str::to_owned),
    })
}

fn named(qualifier: &str) -> Qualifier {
    // What is not published is the function itself.
    if matches!(qualifier, "" | "$LATEST") { Qualifier::None } else { Qualifier::Name(qualifier.to_owned()) }
}

/// A function by its ARN, part of that, or its name, with a version or alias behind it or not.
fn parse(text: &str) -> Named {
    let arn = Arn::parse(text);
    let rest = arn.map_or(text, |arn| arn.resource);
    let (account, rest) = match rest.split_once(":function:") {
        Some((account, rest)) => (Some(account), rest),
        None => (None, rest.strip_prefix("function:").unwrap_or(rest)),
    };
    let (name, qualifier) = rest.split_once(':').unwrap_or((rest, ""));
    Named {
        name: Some(name.to_owned()),
        object: None,
        qualifier: named(qualifier),
        region: arn.map(|arn| arn.region.to_owned()),
        account: arn.map(|arn| arn.account).or(account).map(str::to_owned),
    }
}

/// The function that an attribute names: by its value, else by reference.
fn function_at(estate: &Estate, id: ObjectId, name: &str) -> Option<Named> {
    if let Some(text) = estate.object(id).attribute(&[name]).str() {
        return Some(parse(text));
    }
    let reached = references::reached(estate, id, name).filter(|reached| reached.stops.is_empty())?;
    let [only] = reached.of_types(estate, &[FUNCTION, ALIAS])[..] else { return None };
    let object = estate.object(only);
    let read = reached.objects.iter().find(|(id, _)| *id == only).and_then(|(_, name)| name.as_deref());
    if object.resource_type() == ALIAS {
        let function = function_at(estate, only, "function_name")?;
        let is_name = read == Some("function_name");
        return Some(if is_name { function } else { Named { qualifier: Qualifier::Alias(only), ..function } });
    }
    Some(Named {
        name: object.attribute(&["function_name"]).str().map(str::to_owned),
        object: Some(only),
        qualifier: if read == Some("qualified_arn") { Qualifier::Unknown } else { Qualifier::None },
        region: object.region.as_deref().map(str::to_owned),
        account: object.account.as_deref().map(str::to_owned),
    })
}

/// Whether a permission is for a function, and for the version or alias of it.
fn is_for(
    estate: &Estate,
    (id, own): (ObjectId, Option<&Named>),
    function: &Named,
    link: Link<'_, '_>,
) -> (Truth, Truth) {
    let permission = estate.object(id);
    let beside = estate.object(link.target.id).unit == permission.unit;
    let Some(own) = own else {
        // What another stack does not know yet is no function of this one.
        return (if beside { Truth::Unknown } else { Truth::False }, Truth::Unknown);
    };
    let is_one = match (own.object, function.object) {
        (Some(one), Some(other)) if one == other => Truth::True,
        (Some(_), Some(_)) if own.name.is_none() || function.name.is_none() => Truth::False,
        _ => Truth::equal(own.name.as_deref(), function.name.as_deref()),
    };
    let place = |said: Option<&str>, of: Option<&str>| Truth::from(Truth::equal(said, of) != Truth::False);
    let region = own.region.as_deref().or(permission.region.as_deref());
    let account = own.account.as_deref().or(permission.account.as_deref());
    let is_there = place(region, function.region.as_deref()).and(place(account, function.account.as_deref()));
    let fits = fits(estate, &qualifier_of(estate, id, own), &function.qualifier);
    (is_one.and(is_there), fits)
}

/// The version or alias that a permission is for.
fn qualifier_of(estate: &Estate, id: ObjectId, own: &Named) -> Qualifier {
    let object = estate.object(id);
    let attribute = object.attribute(&["qualifier"]);
    if let Some(text) = attribute.str() {
        return named(text);
    }
    if !attribute.is_unknown() || estate.sets(object, "qualifier") == Some(false) {
        return own.qualifier.clone();
    }
    let reached = references::reached(estate, id, "qualifier").filter(|reached| reached.stops.is_empty());
    match reached.map(|reached| reached.of_types(estate, &[ALIAS])).as_deref() {
        Some([only]) => Qualifier::Alias(*only),
        _ => Qualifier::Unknown,
    }
}

fn fits(estate: &Estate, one: &Qualifier, other: &Qualifier) -> Truth {
    let text = |qualifier: &Qualifier| match qualifier {
        Qualifier::None => Some(String::new()),
        Qualifier::Name(name) => Some(name.clone()),
        Qualifier::Alias(id) => estate.object(*id).attribute(&["name"]).str().map(str::to_owned),
        Qualifier::Unknown => None,
    };
    if one == other && *one != Qualifier::Unknown {
        return Truth::True;
    }
    Truth::equal(text(one).as_deref(), text(other).as_deref())
}

/// The part of a permission that decides.
fn ground(link: Link<'_, '_>, asked: &Asked) -> Option<Ground> {
    let request = link.request(INVOKE, link.resource());
    let statement = asked.known.document().statements().first()?;
    statement.judge(Effect::Allow, &request, &link.holes(&asked.known)).grounds.into_iter().next()
}

/// The attribute of a permission that decides.
fn deciding<'a>(link: Link<'_, '_>, asked: &'a Asked) -> &'a str {
    if asked.is_for == Truth::Unknown {
        "function_name"
    } else if asked.fits != Truth::True {
        "qualifier"
    } else {
        ground(link, asked).and_then(|ground| asked.known.attribute_at(ground.origin)).unwrap_or("principal")
    }
}

fn label_of(link: Link<'_, '_>, asked: &Asked) -> Label {
    link.context.label(asked.id, &[deciding(link, asked)], "decides")
}

fn open(link: Link<'_, '_>, asked: &Asked) -> Access {
    let (estate, attribute) = (link.context.estate, deciding(link, asked));
    let permission = estate.object(asked.id);
    let why = if permission.attribute(&[attribute]).is_unknown() {
        format!(", and {}", link.context.unknown(asked.id, attribute))
    } else {
        String::new()
    };
    let text = format!(
        "whether EventBridge may invoke {} is not known: `{attribute}` of {} decides{why}",
        link.name(),
        permission.name()
    );
    Access::Open(Hindrance::new(text, link.context.what_would_decide(asked.id)).at([label_of(link, asked)]))
}

fn denied(link: Link<'_, '_>, nearest: Option<&Asked>) -> Access {
    let estate = link.context.estate;
    let why = match nearest {
        None => "no `aws_lambda_permission` of the inputs is for the function".to_owned(),
        Some(asked) => format!("{} lets in {}", estate.object(asked.id).name(), lets_in(link, asked)),
    };
    let rule = estate.object(link.rule.id).address.to_string();
    let help = format!(
        "add an `aws_lambda_permission` with `action = \"{INVOKE}\"`, `principal = \"{EVENTS}\"`, the function's name and, if \
         the target is a version or an alias, its `qualifier`, and `source_arn = {rule}.arn`"
    );
    let text = format!("EventBridge may not invoke {}: {why}", link.name());
    Access::Denied(Hindrance::new(text, help).at(nearest.map(|asked| label_of(link, asked))))
}

/// Whom the permission that comes nearest lets in instead.
fn lets_in(link: Link<'_, '_>, asked: &Asked) -> &'static str {
    if asked.fits == Truth::False {
        return "another version or alias of the function than the target's";
    }
    match ground(link, asked).map(|ground| ground.place) {
        Some(Place::Element(Element::Principal)) => "somebody else than EventBridge",
        Some(Place::Element(Element::Action)) => "EventBridge for another action",
        Some(Place::Condition { key, .. }) if key.as_literal() == Some("aws:SourceArn") => {
            "EventBridge for another rule (`source_arn`)"
        }
        Some(Place::Condition { key, .. }) if key.as_literal() == Some("aws:SourceAccount") => {
            "EventBridge for another account (`source_account`)"
        }
        _ => "EventBridge on another condition",
    }
}
