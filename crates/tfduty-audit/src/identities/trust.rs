//! Who may assume a role.

use tfduty_aws::{
    policy::{Effect, Holes, Principals, Statement, Value, Who},
    truth::Truth,
};

use crate::{
    estate::Estate,
    object::ObjectId,
    policies::{PolicyText, policy_of},
};

/// Who may assume a role: of several the last of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trust {
    /// What runs the pipeline, which is to have every right: a CI provider, or a service of AWS that deploys.
    Pipeline,
    /// Only services of AWS, and workloads that run on them.
    Services,
    /// An identity provider of which it cannot be told whether people or machines come through it.
    Federated,
    /// Certain roles: who assumes those, nobody knows.
    Roles,
    /// That cannot be told.
    Unknown,
    /// People: all that an account lets in, users, those who sign in.
    People,
}

/// Services of AWS that run pipelines.
const DEPLOYING: &[&str] = &["cloudformation.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com"];

/// What the hosts of CI providers have in them: GitLab and others are run at home too.
const CI: &[&str] = &[
    "agent.buildkite.com",
    "api.bitbucket.org",
    "app.terraform.io",
    "githubusercontent.com",
    "gitlab",
    "oidc.circleci.com",
    "scalr.io",
    "spacelift.io",
    "vstoken.dev.azure.com",
];

/// The host of the identity provider that a cluster of EKS has for its pods.
const CLUSTER: &str = "oidc.eks.";

/// Through which people sign in.
const SIGN_IN: &[&str] = &[
    ":saml-provider/",
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// Who may assume a role, by its trust policy.
pub(crate) fn trust(estate: &Estate, role: ObjectId) -> Trust {
    match policy_of(estate, role, "assume_role_policy") {
        PolicyText::Known(known) if known.is_readable() => {
            let statements = known.document().statements().iter();
            let allowing = statements.filter(|statement| statement.effect() != Some(Effect::Deny));
            allowing.map(|statement| of_statement(statement, &*known)).max().unwrap_or(Trust::Unknown)
        }
        _ => Trust::Unknown,
    }
}

fn of_statement(statement: &Statement, holes: &dyn Holes) -> Trust {
    match statement.principals(holes) {
        _ if statement.effect().is_none() => Trust::Unknown,
        Principals::Named(named) => {
            let each = named.iter().map(|(who, value)| of_principal(statement, (who, value), holes));
            each.max().unwrap_or(Trust::Unknown)
        }
        Principals::AllBut(_) => Trust::People,
        Principals::Unreadable => Trust::Unknown,
    }
}

fn of_principal(statement: &Statement, (who, value): (&Who, &Value), holes: &dyn Holes) -> Trust {
    match who {
        Who::Service(name) if DEPLOYING.contains(&&**name) => Trust::Pipeline,
        Who::Service(_) | Who::GuardDutyRole => Trust::Services,
        Who::Federated(name) => of_provider(name).unwrap_or(Trust::Federated),
        Who::Identity { arn, .. } if arn.contains(":role/") || arn.contains(":assumed-role/") => Trust::Roles,
        Who::Everyone | Who::Account(_) | Who::Identity { .. } => Trust::People,
        Who::SomeIdentity => Trust::Roles,
        Who::Unclear if value.text.as_literal().is_some() => Trust::Unknown,
        Who::Unclear => of_unknown_provider(statement, holes),
    }
}

/// By the ARN or host of an identity provider.
fn of_provider(name: &str) -> Option<Trust> {
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(SIGN_IN) {
        Some(Trust::People)
    } else if has(CI) {
        Some(Trust::Pipeline)
    } else {
        name.contains(CLUSTER).then_some(Trust::Services)
    }
}

/// By what a statement says else of an identity provider whose ARN is not known yet: its condition keys begin with the host,
/// and its actions differ from those for roles and services.
fn of_unknown_provider(statement: &Statement, holes: &dyn Holes) -> Trust {
    let is_about = |action: &str| statement.is_about_action(action, holes) == Truth::True;
    if is_about("sts:AssumeRole") {
        return Trust::Unknown;
    }
    if is_about("sts:AssumeRoleWithSAML") {
        return Trust::People;
    }
    let keys = statement.conditions().unwrap_or_default().iter().flat_map(|condition| condition.key.literals());
    let known = keys.filter_map(of_provider).max();
    match known {
        Some(known) => known,
        None if is_about("sts:AssumeRoleWithWebIdentity") => Trust::Federated,
        None => Trust::Unknown,
    }
}
