//! Files that resources write.

use tfduty_terraform::{Expression, Mode, escape};

use crate::{
    estate::Estate,
    object::{Object, ObjectId, Presence},
};

/// Resource types that write a file, each with the attribute that names it.
const MAKERS: &[(&str, &str)] =
    &[("local_file", "filename"), ("local_sensitive_file", "filename"), ("archive_file", "output_path")];

/// Resource types that run what their author wrote, which may write any file.
const SCRIPTS: &[&str] = &["null_resource", "terraform_data", "shell_script"];

/// The object of the same unit that writes the file that an object uploads.
pub(crate) fn maker(estate: &Estate, id: ObjectId) -> Option<ObjectId> {
    let object = estate.object(id);
    let source = object.attribute(&["source"]);
    let wanted = source.str()?;
    makers(estate, object).find(|(_, file)| file.is_some_and(|file| is_one_file(file, wanted))).map(|(id, _)| id)
}

/// What may write the file that an object uploads, as it is written: an object of the same unit of which it is not known
/// where it writes, or a script or module that the object waits for.
pub(crate) fn may_be_maker(estate: &Estate, id: ObjectId) -> Option<String> {
    let object = estate.object(id);
    let unplaced = makers(estate, object).find(|(_, file)| file.is_none()).map(|(id, _)| estate.object(id).name());
    let may_run = |text: &&str| {
        let target = text.split('.').next().unwrap_or_default();
        SCRIPTS.contains(&target) || target == "module"
    };
    unplaced.or_else(|| {
        let block = estate.block(object)?;
        let path = block.expressions.get("source").map(Expression::longest_references).unwrap_or_default();
        let mut waits_for = block.depends_on.iter().map(|text| &**text).chain(path);
        waits_for.find(may_run).map(|text| escape(text).into_owned())
    })
}

/// Whether what an object writes is sensitive.
pub(crate) fn is_secret(estate: &Estate, maker: ObjectId) -> bool {
    let object = estate.object(maker);
    object.resource_type() == "local_sensitive_file"
        || ["content", "content_base64"].iter().any(|name| object.attribute(&[name]).is_sensitive())
}

/// The objects of a unit that write files, each with the file's path where it is known.
fn makers<'a>(estate: &'a Estate, beside: &'a Object) -> impl Iterator<Item = (ObjectId, Option<&'a str>)> {
    MAKERS.iter().flat_map(move |(name, attribute)| {
        let of_unit = move |(_, maker): &(ObjectId, &Object)| {
            // `data.local_file` reads its file; `data.archive_file` writes one.
            let writes = maker.address.mode == Mode::Managed || *name == "archive_file";
            maker.unit == beside.unit && maker.presence == Presence::Present && writes
        };
        let file = move |(id, maker): (ObjectId, &'a Object)| {
            let file = maker.attribute(&[attribute]);
            (file.is_unknown() || file.str().is_some()).then(|| (id, file.str()))
        };
        estate.of_type(name).filter(of_unit).filter_map(file)
    })
}

/// Whether two paths are those of one file: an absolute one ends with the relative one, which is relative to where Terraform
/// runs.
fn is_one_file(one: &str, other: &str) -> bool {
    let is_absolute = |path: &str| path.starts_with('/');
    let (one_parts, other_parts) = (plain(one), plain(other));
    match (is_absolute(one), is_absolute(other)) {
        (true, false) => one_parts.ends_with(&other_parts),
        (false, true) => other_parts.ends_with(&one_parts),
        _ => one_parts == other_parts,
    }
}

/// The parts of a path without what leads nowhere: `./lists//old/../a.txt` is `lists/a.txt`.
fn plain(path: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        let leads_back = part == ".." && parts.last().is_some_and(|last| *last != "..");
        if leads_back {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts
}
