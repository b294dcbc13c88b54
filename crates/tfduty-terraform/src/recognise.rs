//! What a JSON object is, by its members: never by the file's name.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::{
    json::{Members, Text, record, text},
    refusal::Refusal,
    span::Span,
};

record! {
    /// The members by which Terraform's documents are told from each other and read.
    struct Top<'a> {
        format_version: &'a RawValue = "format_version",
        terraform_version: &'a RawValue = "terraform_version",

        // Raw states, and the backend pointer.
        version: &'a RawValue = "version",
        serial: &'a RawValue = "serial",
        lineage: &'a RawValue = "lineage",
        resources: &'a RawValue = "resources",
        modules: &'a RawValue = "modules",
        outputs: &'a RawValue = "outputs",
        check_results: &'a RawValue = "check_results",
        backend: &'a RawValue = "backend",
        state_store: &'a RawValue = "state_store",
        remote: &'a RawValue = "remote",

        // `show -json`.
        timestamp: &'a RawValue = "timestamp",
        variables: &'a RawValue = "variables",
        planned_values: &'a RawValue = "planned_values",
        resource_changes: &'a RawValue = "resource_changes",
        resource_drift: &'a RawValue = "resource_drift",
        deferred_changes: &'a RawValue = "deferred_changes",
        prior_state: &'a RawValue = "prior_state",
        configuration: &'a RawValue = "configuration",
        errored: &'a RawValue = "errored",
        applyable: &'a RawValue = "applyable",
        complete: &'a RawValue = "complete",
        values: &'a RawValue = "values",
        checks: &'a RawValue = "checks",

        // What is refused.
        encryption_version: &'a RawValue = "encryption_version",
        encrypted_data: &'a RawValue = "encrypted_data",
        remote_plan_format: &'a RawValue = "remote_plan_format",
        run_id: &'a RawValue = "run_id",
        hostname: &'a RawValue = "hostname",
        plan_format_version: &'a RawValue = "plan_format_version",
        state_format_version: &'a RawValue = "state_format_version",
        provider_schemas: &'a RawValue = "provider_schemas",
        function_signatures: &'a RawValue = "function_signatures",
        valid: &'a RawValue = "valid",
        diagnostics: &'a RawValue = "diagnostics",
        provider_selections: &'a RawValue = "provider_selections",
        log_module: &'a RawValue = "@module",
    }
}

/// A document that can be audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `terraform show -json` of a plan.
    Plan,
    /// `terraform show -json` of a state.
    StateJson,
    /// A raw state of version 4.
    State,
    /// A raw state of version 3.
    LegacyState,
}

/// Tells what an object is.
pub(crate) fn recognise(document: Text<'_>, top: &Top<'_>) -> Result<Shape, Refusal> {
    if let Some(refusal) = not_audited(top) {
        return Err(refusal);
    }
    if let Some(shape) = shown(document, top)? {
        return Ok(shape);
    }
    if let Some(shape) = raw_state(document, top)? {
        return Ok(shape);
    }
    Err(Refusal::foreign("a JSON object that is no plan and no state"))
}

/// What has members of its own and cannot be audited.
fn not_audited(top: &Top<'_>) -> Option<Refusal> {
    if is_message(top) {
        Some(Refusal::message_stream())
    } else if top.remote_plan_format.is_some() && (top.run_id.is_some() || top.hostname.is_some()) {
        Some(Refusal::cloud_plan(text(top.run_id).as_deref(), text(top.hostname).as_deref()))
    } else if top.encrypted_data.is_some() && text(top.encryption_version).is_some() {
        let is_state = top.serial.is_some() || top.lineage.is_some();
        Some(if is_state { Refusal::encrypted_state() } else { Refusal::encrypted_plan() })
    } else if top.plan_format_version.is_some() {
        Some(Refusal::redacted_plan())
    } else if top.state_format_version.is_some() && top.provider_schemas.is_some() {
        Some(Refusal::redacted_state())
    } else if top.format_version.is_some() && top.provider_schemas.is_some() {
        Some(Refusal::other_output("providers schema -json"))
    } else if top.format_version.is_some() && top.function_signatures.is_some() {
        Some(Refusal::other_output("metadata functions -json"))
    } else if top.valid.is_some() && top.diagnostics.is_some() {
        Some(Refusal::other_output("validate -json"))
    } else if top.terraform_version.is_some() && top.provider_selections.is_some() {
        Some(Refusal::other_output("version -json"))
    } else {
        None
    }
}

/// Whether an object is a message of Terraform's or OpenTofu's machine-readable output. Other programs' logs have
/// `@module` too.
pub(crate) fn is_message(top: &Top<'_>) -> bool {
    matches!(text(top.log_module).as_deref(), Some("terraform.ui" | "tofu.ui"))
}

/// Whether an object has a member that only plans and states have: what is wrong in it is worth saying.
pub(crate) fn is_document(top: &Top<'_>) -> bool {
    top.format_version.is_some() || top.resource_changes.is_some() || (top.version.is_some() && top.lineage.is_some())
}

/// `terraform show -json` output. Tools that cut a plan down leave `format_version` out; the two members that no other
/// document has then stand for it.
fn shown(document: Text<'_>, top: &Top<'_>) -> Result<Option<Shape>, Refusal> {
    let has_plan = top.resource_changes.is_some() || top.planned_values.is_some();
    let has_version = top.format_version.is_some() || top.terraform_version.is_some();
    let is_plan = has_plan || (has_version && (top.configuration.is_some() || top.prior_state.is_some()));
    let Some(format_version) = top.format_version else {
        let is_state = top.terraform_version.is_some() && top.values.is_some();
        return Ok(is_plan.then_some(Shape::Plan).or(is_state.then_some(Shape::StateJson)));
    };
    let shape = if is_plan {
        Shape::Plan
    } else if top.values.is_some() || top.terraform_version.is_some() || is_alone(document, top) {
        Shape::StateJson
    } else {
        return Ok(None);
    };
    let version = text(Some(format_version));
    match version.as_deref().and_then(|version| version.split('.').next()) {
        Some("0" | "1") => Ok(Some(shape)),
        _ => Err(document.refuse_at(format_version, Refusal::format_version(version.as_deref()))),
    }
}

/// Whether the object that `top` was read from has one member: an empty state is printed with its format version alone.
fn is_alone(document: Text<'_>, top: &Top<'_>) -> bool {
    let object = document.span_of(top, Span::default());
    let members: Option<Members<'_, IgnoredAny>> =
        object.of(document.as_str()).and_then(|object| serde_json::from_str(object).ok());
    members.is_some_and(|members| members.0.len() == 1)
}

/// A raw state, or what the same folders hold beside it, by the integer `version`.
///
/// Many a file has a `version` and `modules` or `resources`. Terraform's have at least one of `lineage`, `serial` and
/// `terraform_version` beside them, or lists that hold what its lists hold.
fn raw_state(document: Text<'_>, top: &Top<'_>) -> Result<Option<Shape>, Refusal> {
    let lists = top.resources.or(top.modules);
    let holds = |list: Option<&RawValue>, part: &str| list.is_some_and(|list| list.get().contains(part));
    let is_state = top.lineage.is_some() || top.serial.is_some() || top.terraform_version.is_some();
    let is_legacy = is_state || holds(top.modules, "\"root\"");
    let Some(written) = top.version else {
        let is_damaged = top.lineage.is_some() && lists.is_some();
        return if is_damaged { Err(Refusal::damaged("it is a state without a version")) } else { Ok(None) };
    };
    let pointed = top.backend.or(top.state_store).or(top.remote);
    match written.get().parse::<u64>() {
        Ok(3) if lists.is_none() && holds(pointed, "{") => Err(Refusal::backend_pointer()),
        Ok(4) if is_state || holds(top.resources, "\"instances\"") => Ok(Some(Shape::State)),
        Ok(3) if is_legacy => Ok(Some(Shape::LegacyState)),
        Ok(version @ 0..=2) if is_legacy => Err(document.refuse_at(written, Refusal::old_state(version))),
        Ok(5..) if is_state => Err(document.refuse_at(written, Refusal::new_state(written.get()))),
        Err(_) if top.lineage.is_some() && lists.is_some() => {
            Err(document.unexpected(written, "a positive whole number"))
        }
        _ => Ok(None),
    }
}
