//! What a role may do, where all of its policies are known.

use tfduty_aws::policy::{
    Document, Effect, NothingKnown, Outcome, Policy, PolicyKind, Principals, Request, Who, access,
};
use tfduty_terraform::Value;

use super::{PolicyText, spot::Spot, tree::Builder};
use crate::{
    estate::Estate,
    index::By,
    object::{Object, ObjectId},
};

/// The role with an ARN.
pub(crate) fn role_with_arn(estate: &Estate, arn: &str) -> Option<ObjectId> {
    estate.with_text(By::RoleArn, arn).map(|(id, _)| id).next()
}

/// Whether no policy of a role allows any of these requests, or one denies it. False also where a policy is not known.
pub(crate) fn keeps_out(estate: &Estate, role: ObjectId, requests: &[Request]) -> bool {
    let Some(documents) = documents(estate, role) else { return false };
    let policies: Vec<Policy<'_>> = documents.iter().map(Policy::Known).collect();
    requests.iter().all(|request| access(&policies, request, &NothingKnown).outcome == Outcome::Deny)
}

/// Whether the policy of a key may let a role in by itself, whatever the role's own policies say.
pub(crate) fn may_let_in(key: &PolicyText, role: Option<&str>) -> bool {
    let known = match key {
        // The default policy leaves everything to the account's own policies.
        PolicyText::None => return false,
        PolicyText::Unknown(_) => return true,
        PolicyText::Known(known) => known,
    };
    let is_role = |who: &Who| match who {
        Who::Account(_) | Who::Service(_) | Who::Federated(_) | Who::GuardDutyRole => false,
        Who::Identity { arn, .. } => role.is_none_or(|role| **arn == *role),
        Who::Everyone | Who::SomeIdentity | Who::Unclear => true,
    };
    let mut allowing = known.document().statements().iter().filter(|its| its.effect() != Some(Effect::Deny));
    !known.is_readable()
        || allowing.any(|statement| match statement.principals(&**known) {
            Principals::Named(named) => named.iter().any(|(who, _)| is_role(who)),
            Principals::AllBut(_) | Principals::Unreadable => true,
        })
}

/// All policies of a role; `None` where one is not known. A state says of a role which policies it had when it was last
/// refreshed: those that resources of their own set since then count as well.
fn documents(estate: &Estate, id: ObjectId) -> Option<Vec<Document>> {
    let role = estate.object(id);
    let name = role.attribute(&["name"]);
    let name = name.str()?;
    let mut found = Vec::new();
    for block in known(role, "inline_policy")?.items() {
        match block.get("policy").map(Value::as_str) {
            // A role that is to have no such policy has one empty block.
            None | Some(Some("")) => {}
            Some(text) => found.push(read(estate, id, "inline_policy", text?)?),
        }
    }
    for (holder, policy) in managed(estate.with_text(By::RoleOfPolicy, name)) {
        found.push(read(estate, holder, "policy", policy.attribute(&["policy"]).str()?)?);
    }
    for arn in attached(estate, role, name)? {
        let (holder, policy) = estate.with_text(By::PolicyArn, arn).next()?;
        found.push(read(estate, holder, "policy", policy.attribute(&["policy"]).str()?)?);
    }
    Some(found)
}

/// The ARNs of the policies that are attached to a role; `None` where they are not known.
fn attached<'a>(estate: &'a Estate, role: &'a Object, name: &str) -> Option<Vec<&'a str>> {
    let arns = known(role, "managed_policy_arns")?.items();
    let mut arns: Vec<&str> = arns.iter().map(Value::as_str).collect::<Option<_>>()?;
    for (_, attachment) in managed(estate.with_text(By::RoleOfAttachment, name)) {
        arns.push(attachment.values.get("policy_arn")?.as_str()?);
    }
    for (_, attachment) in managed(estate.of_type("aws_iam_policy_attachment")) {
        let roles = attachment.values.get("roles").map_or(&[][..], Value::items);
        if roles.iter().any(|role| role.as_str() == Some(name)) {
            arns.push(attachment.values.get("policy_arn")?.as_str()?);
        }
    }
    Some(arns)
}

/// What an object says, where it says anything.
fn known<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.values.get(name).filter(|value| !value.is_null() && !value.is_unknown())
}

fn managed<'a>(objects: impl Iterator<Item = (ObjectId, &'a Object)>) -> impl Iterator<Item = (ObjectId, &'a Object)> {
    objects.filter(|(_, object)| object.is_managed())
}

/// A policy's text; `None` where it is no JSON.
fn read(estate: &Estate, holder: ObjectId, attribute: &str, text: &str) -> Option<Document> {
    let node = Builder::new(estate, estate.object(holder).unit).json(text, &Spot::of(holder, attribute))?;
    Some(Document::read(&node, PolicyKind::Identity))
}
