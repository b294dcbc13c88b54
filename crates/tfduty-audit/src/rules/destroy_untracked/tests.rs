#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

use serde_json::{Value, json};

use crate::{
    Finding,
    testing::{Run, block, change, deleted, destroy, plan_of, put, resource, state},
};

const RULE: &str = "destroy-untracked";
const DATA: &str = "terraform_data.export";
const MAKE: &str = "aws guardduty create-publishing-destination --detector-id 12ab";
const REMOVE: &str = "aws guardduty delete-publishing-destination --detector-id 12ab";

/// What fails for the object with the provisioners.
fn fails() -> [String; 1] {
    [format!("fail {DATA}")]
}

fn is_undecided() -> [String; 1] {
    [format!("undecided {DATA}")]
}

/// A destroy plan of an object whose block has these provisioners.
fn plan_with(provisioners: Value) -> Value {
    let block = put(block(DATA, json!({})), "/provisioners", provisioners);
    plan_of(&[deleted(DATA, json!({ "id": "1" }))], &[block])
}

fn local(command: Value) -> Value {
    json!({ "type": "local-exec", "expressions": { "command": command } })
}

fn constant(command: &str) -> Value {
    local(json!({ "constant_value": command }))
}

fn state_before() -> Value {
    state(&[resource(DATA, json!({ "id": "1" }))])
}

/// The configuration of the object with the body of its block.
fn source(body: &str) -> String {
    format!("resource \"terraform_data\" \"export\" {{\n{body}\n}}\n")
}

fn provisioner(command: &str) -> String {
    format!("provisioner \"local-exec\" {{\n  command = \"{command}\"\n}}")
}

fn at_destroy(command: &str) -> String {
    format!("provisioner \"local-exec\" {{\n  when    = destroy\n  command = \"{command}\"\n}}")
}

/// The same configuration with a state before and with a destroy plan.
fn runs(body: &str) -> [Run; 2] {
    let source = source(body);
    [state_before(), plan_with(json!([constant("hidden")]))]
        .map(|document| destroy(&document).with_sources(&[("", &source)]))
}

fn agreed(body: &str) -> Vec<String> {
    let [state, plan] = runs(body).map(|run| run.says(RULE));
    assert_eq!(state, plan, "{body}");
    state
}

#[test]
fn what_a_script_made_and_none_removes_stays() {
    for command in [MAKE, "aws --region eu-west-1 s3 cp list.txt s3://b/list.txt", "aws kms create-key"] {
        assert_eq!(agreed(&provisioner(command)), fails(), "{command}");
    }
}

#[test]
fn a_part_of_a_detector_stays_until_that_is_deleted() {
    const UNTIL: &str = ", so it stays until its detector is deleted";
    for (command, is_part) in [
        ("aws guardduty create-filter --detector-id 12ab", true),
        ("aws guardduty create-filter && aws guardduty create-ip-set", true),
        ("aws guardduty create-filter && aws kms create-key", false),
        ("aws kms create-key", false),
    ] {
        let action = written_action("make", &format!("[\"-c\", \"{command}\"]"));
        let [state, plan] = runs(&provisioner(command));
        for run in [state, plan, destroy(&state_before()).with_sources(&[("", &action)])] {
            let message = run.finding(RULE).message;
            assert_eq!(message.ends_with(UNTIL), is_part, "{command}: {message}");
            assert_eq!(message.ends_with(", so it stays"), !is_part, "{command}: {message}");
        }
    }
}

#[test]
fn a_heredoc_is_read_line_by_line() {
    let script = |last: &str| {
        format!("provisioner \"local-exec\" {{\n  command = <<-EOT\n    set -e\n    # don't\n    {last}\n  EOT\n}}")
    };
    assert_eq!(agreed(&script("aws guardduty \\\n      create-ip-set --name ${self.id}")), fails());
    assert!(agreed(&script("./create-ip-set.sh")).is_empty());
}

#[test]
fn a_provisioner_that_removes_it_at_destroy_is_enough() {
    let both = format!("{}\n{}", provisioner(MAKE), at_destroy(REMOVE));
    for run in runs(&both) {
        assert_eq!(run.tally(RULE), (1, 0, 0, 0));
    }
    let other = format!("{}\n{}", provisioner(MAKE), at_destroy("echo gone"));
    assert_eq!(agreed(&other), fails());
}

#[test]
fn a_call_that_removes_something_at_creation_is_not_enough() {
    assert_eq!(agreed(&format!("{}\n{}", provisioner(MAKE), provisioner(REMOVE))), fails());
}

#[test]
fn provisioners_at_destroy_alone_pass_whatever_they_do() {
    assert!(agreed(&at_destroy("aws s3 cp state.json s3://backup/state.json")).is_empty());
    assert!(agreed(&at_destroy(REMOVE)).is_empty());
}

#[test]
fn commands_without_a_call_of_the_aws_cli_pass() {
    for command in ["echo made", "test -e ${path.module}/ready", "./create-ip-set.sh", "aws guardduty list-detectors"] {
        assert!(agreed(&provisioner(command)).is_empty(), "{command}");
    }
}

#[test]
fn of_a_tainted_object_no_provisioner_runs_at_destroy() {
    let tainted = put(state_before(), "/resources/0/instances/0/status", json!("tainted"));
    let source = source(&format!("{}\n{}", provisioner(MAKE), at_destroy(REMOVE)));
    let finding = destroy(&tainted).with_sources(&[("", &source)]).finding(RULE);
    assert!(finding.message.contains("tainted"), "{}", finding.message);
}

#[test]
fn an_old_copy_is_an_object_of_its_own() {
    let old = json!({ "schema_version": 0, "deposed": "701a98cd", "attributes": { "id": "0" } });
    let both = put(state_before(), "/resources/0/instances/-", old);
    let source = source(&provisioner(MAKE));
    let says = destroy(&both).with_sources(&[("", &source)]).says(RULE);
    assert_eq!(says, [format!("fail {DATA}"), format!("fail {DATA} (deposed 701a98cd)")]);
}

#[test]
fn commands_on_another_machine_count_as_well() {
    let inline = |lines: &str| format!("provisioner \"remote-exec\" {{\n  inline = {lines}\n}}");
    assert_eq!(agreed(&inline("[\"set -e\", \"aws s3 mb s3://b\"]")), fails());
    assert!(agreed(&inline("[\"set -e\"]")).is_empty());
    assert!(agreed("provisioner \"remote-exec\" {\n  script = \"create.sh\"\n}").is_empty());
}

#[test]
fn the_configuration_may_be_in_json_syntax() {
    let text = json!({ "resource": { "terraform_data": { "export": { "provisioner": [
        { "local-exec": { "command": MAKE } },
        { "local-exec": { "when": "destroy", "command": REMOVE } },
    ] } } } });
    let run = |text: &Value| {
        destroy(&state_before()).with_source_files(&[("", "main.tf.json", &text.to_string())]).says(RULE)
    };
    assert!(run(&text).is_empty());
    let mut alone = text;
    alone["resource"]["terraform_data"]["export"]["provisioner"].as_array_mut().unwrap().pop();
    assert_eq!(run(&alone), fails());
}

#[test]
fn a_plan_alone_leaves_it_undecided_where_a_command_makes_something_or_is_not_constant() {
    let says = |provisioners: Value| destroy(&plan_with(provisioners)).says(RULE);
    assert_eq!(says(json!([constant(MAKE)])), is_undecided());
    assert_eq!(says(json!([constant(MAKE), constant(REMOVE)])), is_undecided());
    assert_eq!(says(json!([local(json!({ "references": ["path.module"] }))])), is_undecided());
    assert_eq!(says(json!([local(json!({}))])), is_undecided());
    assert!(says(json!([constant("echo made")])).is_empty());
    assert!(says(json!([constant(REMOVE)])).is_empty());
    assert!(
        says(json!([{ "type": "file", "expressions": { "source": { "references": ["path.module"] } } }])).is_empty()
    );
}

#[test]
fn what_would_decide_is_said() {
    let alone = destroy(&plan_with(json!([constant(MAKE)]))).finding(RULE);
    assert!(alone.message.contains("a plan does not show whether another one undoes it"), "{}", alone.message);
    let [_, written] = runs(&provisioner("${var.command}"));
    let written = written.finding(RULE);
    assert!(written.message.contains("not in full: whether anything stays is not known"), "{}", written.message);
    assert_ne!(alone.help, written.help);
}

#[test]
fn what_the_sources_do_not_tell_is_undecided() {
    assert_eq!(agreed(&provisioner("${var.command}")), is_undecided());
    assert_eq!(agreed(&provisioner("aws guardduty ${var.verb}")), is_undecided());
    let unknown_last = format!("{}\n{}", provisioner(MAKE), at_destroy("${var.command}"));
    assert_eq!(agreed(&unknown_last), is_undecided());
}

#[test]
fn a_variable_of_the_plan_tells_the_command() {
    let plan = put(plan_with(json!([constant("hidden")])), "/variables", json!({ "command": { "value": MAKE } }));
    let source = format!("variable \"command\" {{}}\n{}", source(&provisioner("${var.command}")));
    assert_eq!(destroy(&plan).with_sources(&[("", &source)]).says(RULE), fails());
}

#[test]
fn a_sensitive_command_is_not_quoted() {
    let plan = put(plan_with(json!([constant("hidden")])), "/variables", json!({ "command": { "value": MAKE } }));
    let plan = put(plan, "/configuration/root_module/variables", json!({ "command": { "sensitive": true } }));
    let source = format!("variable \"command\" {{\n  sensitive = true\n}}\n{}", source(&provisioner("${var.command}")));
    let finding = destroy(&plan).with_sources(&[("", &source)]).finding(RULE);
    assert!(!finding.message.contains("publishing"), "{}", finding.message);
}

#[test]
fn what_a_state_alone_does_not_show_is_no_subject() {
    assert_eq!(destroy(&state_before()).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn what_stays_is_no_subject() {
    let block = put(block(DATA, json!({})), "/provisioners", json!([constant(MAKE)]));
    let forgotten = change(DATA, &["forget"], json!({ "id": "1" }), Value::Null, json!({}));
    let other = deleted("terraform_data.other", json!({ "id": "2" }));
    assert_eq!(destroy(&plan_of(&[forgotten, other], &[block])).tally(RULE), (0, 0, 0, 0));
}

#[test]
fn what_holds_no_provisioner_passes_and_an_invocation_is_not_evaluated() {
    let run = |address: &str| {
        destroy(&plan_of(&[deleted(address, json!({ "id": "1" }))], &[block(address, json!({}))])).tally(RULE)
    };
    for name in ["terraform_data", "null_resource", "aws_cloudformation_stack", "aws_cloudcontrolapi_resource"] {
        assert_eq!(run(&format!("{name}.this")), (1, 0, 0, 0), "{name}");
    }
    assert_eq!(run("aws_lambda_invocation.this"), (0, 0, 0, 1));
    assert_eq!(run("aws_instance.this"), (0, 0, 0, 0));
}

#[test]
fn any_resource_may_hold_a_provisioner() {
    let address = "aws_guardduty_detector.this";
    let state = state(&[resource(address, json!({ "id": "12ab" }))]);
    let source = format!("resource \"aws_guardduty_detector\" \"this\" {{\n{}\n}}\n", provisioner(MAKE));
    assert_eq!(destroy(&state).with_sources(&[("", &source)]).says(RULE), [format!("fail {address}")]);
}

#[test]
fn the_place_is_the_provisioner_and_not_its_command() {
    let [state, plan] =
        runs(&format!("{}\n{}", provisioner("echo made"), provisioner(MAKE))).map(|run| run.finding(RULE));
    let line = |finding: &Finding| finding.source.as_ref().map(|place| place.line);
    assert_eq!((line(&state), line(&plan)), (Some(5), Some(5)));
    assert!(plan.message.contains("`aws guardduty create-publishing-destination`"), "{}", plan.message);
    let alone = destroy(&plan_with(json!([constant(MAKE)]))).finding(RULE);
    assert_eq!(alone.anchor.pointer, "/configuration/root_module/resources/0/provisioners/0/type");
}

/// A plan that destroys something, with these actions of the root module.
fn plan_with_actions(actions: Value) -> Value {
    put(plan_with(json!([constant("echo made")])), "/configuration/root_module/actions", actions)
}

fn action(kind: &str, arguments: Value) -> Value {
    let expressions = json!({ "command": { "constant_value": "aws" }, "arguments": arguments });
    json!({ "address": format!("action.{kind}.export"), "type": kind, "name": "export", "expressions": expressions })
}

fn written_action(name: &str, arguments: &str) -> String {
    format!(
        "action \"local_command\" \"{name}\" {{\n  config {{\n    command   = \"bash\"\n    arguments = {arguments}\n  }}\n}}\n"
    )
}

#[test]
fn a_plan_alone_leaves_an_action_undecided_that_makes_something() {
    let run = |actions: Value| destroy(&plan_with_actions(actions));
    let makes = json!({ "constant_value": ["guardduty", "create-ip-set"] });
    let finding = run(json!([action("local_command", makes.clone())])).finding(RULE);
    assert!(
        finding.message.starts_with("`action.local_command.export` calls `aws guardduty create-ip-set`"),
        "{finding:#?}"
    );
    assert_eq!(finding.anchor.pointer, "/configuration/root_module/actions/0/type");
    let unknown = json!({ "references": ["var.arguments"] });
    assert_eq!(run(json!([action("local_command", unknown)])).says(RULE), ["undecided"]);
    let reads = json!({ "constant_value": ["guardduty", "list-ip-sets"] });
    assert_eq!(run(json!([action("local_command", reads)])).tally(RULE), (2, 0, 0, 0));
    assert_eq!(run(json!([action("aws_lambda_invoke", makes)])).tally(RULE), (1, 0, 0, 1));
}

#[test]
fn an_action_is_pointed_at_in_the_plan_wherever_it_is_read() {
    let makes = json!({ "constant_value": ["guardduty", "create-ip-set"] });
    let other = put(action("local_command", makes.clone()), "/name", json!("other"));
    let actions = json!([action("aws_lambda_invoke", makes.clone()), other, action("local_command", makes)]);
    let plan = plan_with_actions(actions.clone());
    let source = written_action("export", "[\"-c\", \"aws guardduty create-ip-set\"]");
    let finding = destroy(&plan).with_sources(&[("", &source)]).finding(RULE);
    assert_eq!(finding.anchor.pointer, "/configuration/root_module/actions/2/type");
    // Sources without a file are none.
    let alone = destroy(&plan_with_actions(json!([actions[2]]))).with_sources(&[]);
    assert_eq!(alone.says(RULE), ["undecided"]);
}

#[test]
fn an_action_that_makes_something_fails_unless_its_module_removes_it() {
    let says = |text: &str| destroy(&state_before()).with_sources(&[("", text)]).says(RULE);
    let makes =
        written_action("make", "[\"-c\", <<-EOT\n      # don't\n      aws guardduty create-ip-set\n    EOT\n    ]");
    let removes = written_action("remove", "[\"-c\", \"aws guardduty delete-ip-set\"]");
    assert_eq!(says(&makes), ["fail"]);
    assert_eq!(says(&format!("{makes}{removes}")), ["undecided"]);
    assert!(says(&format!("{makes}{}", source(&at_destroy("aws guardduty delete-ip-set")))).is_empty());
    assert!(says(&removes).is_empty());
    assert_eq!(says(&written_action("make", "[\"-c\", var.script]")), ["undecided"]);
    assert!(says(&written_action("make", "[\"${path.module}/make.sh\", var.name]")).is_empty());
    assert_eq!(
        says("action \"local_command\" \"x\" {\n  config {\n    command = var.program\n  }\n}\n"),
        ["undecided"]
    );
}

#[test]
fn actions_of_what_is_not_destroyed_are_no_subject() {
    let makes = written_action("make", "[\"-c\", \"aws guardduty create-ip-set\"]");
    assert_eq!(destroy(&state(&[])).with_sources(&[("", &makes)]).tally(RULE), (0, 0, 0, 0));
}
