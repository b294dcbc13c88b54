//! Files that resources write.

use tfduty_terraform::Mode;

use crate::{
    estate::Estate,
    object::{Object, ObjectId, Presence},
};

/// Resource types that write a file, each with the attribute that names it.
const MAKERS: &[(&str, &str)] =
    &[("local_file", "filename"), ("local_sensitive_file", "filename"), ("archive_file", "output_path")];

/// The object of the same unit that writes the file that an object uploads.
pub(crate) fn maker(estate: &Estate, id: ObjectId) -> Option<ObjectId> {
    let object = estate.object(id);
    let source = object.attribute(&["source"]);
    let wanted = plain(source.str()?);
    makers(estate, object).find(|(_, file)| file.is_some_and(|file| plain(file) == wanted)).map(|(id, _)| id)
}

/// An object of the same unit that may write the file that an object uploads: where it writes is not known.
pub(crate) fn may_be_maker(estate: &Estate, id: ObjectId) -> Option<ObjectId> {
    makers(estate, estate.object(id)).find(|(_, file)| file.is_none()).map(|(id, _)| id)
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

/// A path without what leads nowhere: `./lists//a.txt` is `lists/a.txt`.
fn plain(path: &str) -> String {
    let root = if path.starts_with('/') { "/" } else { "" };
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    format!("{root}{}", parts.join("/"))
}
