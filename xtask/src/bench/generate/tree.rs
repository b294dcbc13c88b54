//! A tree of stacks, as a repository with many of them looks to a walk.
//!
//! Each account has eight regions, and each region 25 stacks, of which the first is GuardDuty's. Half of the stacks show a
//! state and half a plan; around them lies what lies around stacks: configuration, backups of states, pointers to backends,
//! caches of Terragrunt with the configuration of modules, lists.

use std::{
    fs::{self, File},
    io::{BufWriter, Result, Write},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{
    document::{Document, Shape},
    guardduty::{self, Region},
    hcl,
    random::Random,
    render::Action,
    stack::{self, REGIONS, Site},
};

const STACKS_PER_REGION: u32 = 25;
const REGIONS_PER_ACCOUNT: u32 = 8;
const LOCK: &str =
    "provider \"registry.terraform.io/hashicorp/aws\" {\n  version     = \"5.82.2\"\n  constraints = \"~> 5.0\"\n}\n";

/// What a stack's folder holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// The state, and its backup.
    Local,
    /// A pointer to a backend, and the state as it was pulled from there.
    Pulled,
    /// A pointer to a backend, and a plan.
    Planned,
    /// A cache of Terragrunt, with a copy of the module and a plan in it.
    Terragrunt,
}

const LAYOUTS: [Layout; 4] = [Layout::Local, Layout::Pulled, Layout::Planned, Layout::Terragrunt];

/// Writes a repository of so many stacks.
pub(super) fn write(out: &Path, stacks: u32) -> Result<()> {
    // The root of a repository: whatever looks for configuration goes no further up.
    save(&out.join(".git/HEAD"), "ref: refs/heads/main\n")?;
    save(&out.join("README.md"), "# Infrastructure\n\nOne folder for each account, region and stack.\n")?;
    (0..stacks).try_for_each(|number| stack(out, number))
}

fn stack(out: &Path, number: u32) -> Result<()> {
    let mut random = Random::new(number.into());
    let account = format!("{:012}", 100_000_000_000_u64 + u64::from(number / STACKS_PER_REGION / REGIONS_PER_ACCOUNT));
    let region = REGIONS[(number / STACKS_PER_REGION % REGIONS_PER_ACCOUNT) as usize];
    let is_guardduty = number.is_multiple_of(STACKS_PER_REGION);
    let layout = LAYOUTS[((number + number / STACKS_PER_REGION) % 4) as usize];
    let name = if is_guardduty { guardduty::name(region) } else { stack::name(&mut random, number as usize) };
    let folder = out.join(&account).join(region).join(&name);
    let site = Site { account: &account, region, provider: "aws".into(), stack: name, module: String::new() };
    let (document, files) = document(&mut random, &site, layout, is_guardduty);
    let root = root(&mut random, &folder, layout)?;
    save(&root.join("main.tf"), &hcl::main(&document.configuration))?;
    save(&root.join("versions.tf"), &hcl::rest(region))?;
    save(&root.join(".terraform.lock.hcl"), LOCK)?;
    save(&root.join("README.md"), &format!("# {}\n\nSee the run book.\n", site.stack))?;
    for (path, content) in files {
        save(&root.join(path), &content)?;
    }
    if layout != Layout::Local {
        save(&root.join(".terraform/terraform.tfstate"), &pointer(&site, &document.lineage))?;
    }
    let (shape, name) = match layout {
        Layout::Local | Layout::Pulled => (Shape::State, "terraform.tfstate"),
        Layout::Planned | Layout::Terragrunt => (Shape::Plan, "plan.json"),
    };
    put(&root.join(name), &document, shape)?;
    if layout == Layout::Local {
        let before = Document { serial: document.serial - 1, ..document };
        put(&root.join("terraform.tfstate.backup"), &before, shape)?;
    }
    Ok(())
}

/// What the stack holds: GuardDuty in its region, or a part of an application.
fn document(
    random: &mut Random,
    site: &Site<'_>,
    layout: Layout,
    is_guardduty: bool,
) -> (Document, Vec<(String, String)>) {
    let is_plan = matches!(layout, Layout::Planned | Layout::Terragrunt);
    let (mut root, mut configuration, files) = if is_guardduty {
        let action = if is_plan { Action::Create } else { Action::NoOp };
        let from_files = layout == Layout::Pulled || layout == Layout::Planned;
        let region = Region { site: site.clone(), action, is_broken: false, from_files };
        let made = guardduty::region(random, &region);
        (made.module, made.call, made.files)
    } else {
        // A plan shows an object up to four times.
        let (module, call) = stack::application(random, site, if is_plan { 1 } else { 4 });
        (module, call, Vec::new())
    };
    let (block, text) = stack::identity(random, site);
    root.blocks.push(block);
    configuration.blocks.push(text);
    let providers = vec![("aws".into(), json!({"region": {"constant_value": site.region}}))];
    let (lineage, serial) = (random.uuid(), 2 + random.below(90));
    (Document { root, configuration, providers, lineage, serial, ..Document::default() }, files)
}

/// The folder of the root module: Terragrunt copies it into its cache, and leaves a file of its own behind.
fn root(random: &mut Random, folder: &Path, layout: Layout) -> Result<PathBuf> {
    if layout != Layout::Terragrunt {
        return Ok(folder.to_owned());
    }
    let include = "include \"root\" {\n  path = find_in_parent_folders()\n}\n\nterraform {\n  source = \"git::https://git.example.com/modules.git\"\n}\n";
    save(&folder.join("terragrunt.hcl"), include)?;
    let cache = folder.join(".terragrunt-cache").join(random.hex(27)).join(random.hex(27));
    // The whole repository of the module's source is copied.
    for module in ["network", "service", "database"] {
        let text = format!(
            "resource \"aws_cloudwatch_log_group\" \"{module}\" {{\n  name = var.name\n}}\n\nvariable \"name\" {{\n  type = string\n}}\n"
        );
        save(&cache.join("modules").join(module).join("main.tf"), &text)?;
    }
    Ok(cache)
}

/// What `terraform init` leaves of a backend's configuration.
fn pointer(site: &Site<'_>, lineage: &str) -> String {
    let config = json!({"bucket": format!("state-{}", site.account), "key": format!("{}.tfstate", site.stack), "region": site.region});
    let backend = json!({"type": "s3", "config": config, "hash": 1_234_567_890});
    json!({"version": 3, "terraform_version": "1.11.4", "serial": 1, "lineage": lineage, "backend": backend})
        .to_string()
}

fn put(path: &Path, document: &Document, shape: Shape) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    document.write(&mut file, shape)?;
    file.flush()
}

fn save(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
