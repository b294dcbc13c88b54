//! Evaluates a policy over a plan with the Rego engine `regorus`, and prints how much it denies.

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(policy), Some(plan)) = (arguments.next(), arguments.next()) else {
        return Err("usage: regorus POLICY PLAN".into());
    };
    let mut engine = regorus::Engine::new();
    engine.add_policy_from_file(policy)?;
    engine.set_input_json(&std::fs::read_to_string(plan)?)?;
    let denied = engine.eval_rule("data.guardduty.deny".into())?;
    println!("{} denied", denied.as_set()?.len());
    Ok(())
}
