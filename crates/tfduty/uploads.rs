//! The files that objects upload as lists: in `--list-dir`, and beside the configuration.
//!
//! What a plan or state names may be any path. Only files that really lie in one of these folders are read, wherever
//! `..` or a link would lead.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read as _},
    path::{Component, Path, PathBuf},
};

use tfduty_audit::{FoundFile, ListFiles, LookUp, Wanted};
use tfduty_aws::limits::LIST_BYTES;
use tfduty_terraform::Sources;
use walkdir::WalkDir;

use crate::{
    configuration::Folder,
    facts::{LookUps, Question},
    paths::{repository_folder, shown_path, slashed},
    walk::is_left_out,
};

/// How many files of a folder are looked at for one of the same name.
const MOST_FILES: usize = 10_000;

/// Looks up the files of all inputs.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    list_dir: Option<PathBuf>,
    /// By the paths of the inputs.
    folders: BTreeMap<String, Folders>,
    /// The configurations of folders of inputs, by the folder.
    beside: BTreeMap<PathBuf, Sources>,
    /// What was looked up where facts were written, and what is for those that are to be written.
    look_ups: LookUps,
    /// Whether some are to be written.
    keeps: bool,
}

/// The folders of one input.
#[derive(Debug)]
struct Folders {
    /// That of its configuration, as `--source` says.
    given: Option<PathBuf>,
    /// Its own: the working folder for standard input, which is where Terraform ran.
    own: PathBuf,
}

impl Uploads {
    pub(crate) fn new(list_dir: Option<&Path>) -> Self {
        Self { list_dir: list_dir.map(Path::to_path_buf), ..Self::default() }
    }

    /// Answers what was asked before as it was answered then, and remembers the rest if facts are to be written.
    pub(crate) fn recall(&mut self, look_ups: LookUps, keeps: bool) {
        (self.look_ups, self.keeps) = (look_ups, keeps);
    }

    /// What was looked up, without the bytes of what is secret.
    pub(crate) fn into_look_ups(self) -> LookUps {
        self.look_ups
    }

    /// Takes an input in, by its path, the file that it is, and the folder of its configuration where that was given.
    pub(crate) fn add(&mut self, path: &str, file: Option<&Path>, given: Option<PathBuf>) {
        let own = file.and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty());
        let own = own.unwrap_or(Path::new(".")).to_path_buf();
        self.folders.insert(path.to_owned(), Folders { given, own });
    }

    /// Whether a folder holds the configuration that declares an object.
    fn declares(&mut self, folder: &Path, wanted: &Wanted<'_>) -> bool {
        let load = || Sources::load(Box::new(Folder::at(folder)));
        let sources = self.beside.entry(folder.to_path_buf()).or_insert_with(load);
        sources.block(wanted.address).is_some()
    }
}

impl ListFiles for Uploads {
    fn look_up(&mut self, wanted: &Wanted<'_>) -> LookUp {
        let question =
            Question { input: wanted.input.into(), address: wanted.address.clone(), path: wanted.path.into() };
        if let Some(known) = self.look_ups.get(&question) {
            return known.clone();
        }
        let found = self.look_in_folders(wanted);
        if self.keeps {
            let kept = match &found {
                LookUp::Found(file) if wanted.is_secret => {
                    LookUp::Found(FoundFile { bytes: Vec::new(), ..file.clone() })
                }
                found => found.clone(),
            };
            self.look_ups.insert(question, kept);
        }
        found
    }
}

impl Uploads {
    fn look_in_folders(&mut self, wanted: &Wanted<'_>) -> LookUp {
        let path = Path::new(wanted.path);
        if let Some(found) = self.list_dir.as_deref().and_then(|folder| in_list_dir(folder, path)) {
            return found;
        }
        // The provider takes `~` for the home folder.
        if wanted.path.starts_with('~') {
            return LookUp::Outside;
        }
        let Some(Folders { given, own }) = self.folders.get(wanted.input) else { return LookUp::NotAtHand };
        let (given, own) = (given.clone(), own.clone());
        let root = given.clone().or_else(|| self.declares(&own, wanted).then(|| own.clone()));
        let mut allowed = vec![own.clone()];
        if let Some(root) = &root {
            allowed.push(root.clone());
            allowed.extend(wanted.module_folder.map(|module| root.join(module)));
        }
        let base = root.as_deref().unwrap_or(&own);
        match take(&base.join(path), &allowed) {
            LookUp::Missing { .. } if root.is_none() => LookUp::NotAtHand,
            LookUp::Missing { .. } => LookUp::Missing { similar: namesake(base, path) },
            found => found,
        }
    }
}

/// A file of `--list-dir`: by its path, or by its name alone, since lists of several stacks may lie there. `None` where
/// there is none.
fn in_list_dir(folder: &Path, path: &Path) -> Option<LookUp> {
    let candidates = [(!path.is_absolute()).then(|| folder.join(path)), path.file_name().map(|name| folder.join(name))];
    let mut found = candidates.into_iter().flatten().map(|path| take(&path, &[folder.to_path_buf()]));
    found.find(|found| matches!(found, LookUp::Found(_) | LookUp::Unreadable(_)))
}

/// Reads a file that lies in one of the folders.
fn take(path: &Path, folders: &[PathBuf]) -> LookUp {
    // Of a file that is not there, the folder in which it would be.
    let Some(real) = path.ancestors().find_map(|path| path.canonicalize().ok()) else { return LookUp::Outside };
    let is_inside =
        folders.iter().filter_map(|folder| folder.canonicalize().ok()).any(|folder| real.starts_with(folder));
    if !is_inside {
        return LookUp::Outside;
    }
    let open = || -> io::Result<Option<FoundFile>> {
        let metadata = fs::metadata(&real)?;
        if !metadata.is_file() {
            return Ok(None);
        }
        let (mut size, mut bytes) = (metadata.len(), Vec::new());
        if size <= LIST_BYTES {
            // One that grows meanwhile is as long as it was read.
            fs::File::open(&real)?.take(LIST_BYTES + 1).read_to_end(&mut bytes)?;
            size = bytes.len() as u64;
        }
        if size > LIST_BYTES {
            bytes = Vec::new();
        }
        Ok(Some(FoundFile { path: shown_path(&plain(path)), folder: repository_folder(path), size, bytes }))
    };
    match path.canonicalize().and_then(|_| open()) {
        Ok(Some(file)) => LookUp::Found(file),
        Ok(None) => LookUp::Missing { similar: None },
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            LookUp::Missing { similar: None }
        }
        Err(error) => LookUp::Unreadable(error.to_string()),
    }
}

/// A path without `.` between its parts.
fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}

/// A file of the same name in a folder or below it, relative to it.
fn namesake(folder: &Path, path: &Path) -> Option<String> {
    let name = path.file_name()?;
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries.filter_entry(|entry| !is_left_out(entry)).take(MOST_FILES).flatten();
    let found = files.into_iter().find(|entry| entry.file_type().is_file() && entry.file_name() == name)?;
    Some(slashed(found.path().strip_prefix(folder).ok()?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tfduty_terraform::Address;

    /// A folder with the configuration of a list, a list in it and one in a module's folder, and files outside of it.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("stack/main.tf", "resource \"aws_s3_object\" \"list\" {}\n");
        write("stack/list.txt", "in the stack");
        write("stack/lists/other.txt", "below the stack");
        write("module/list.txt", "in the module");
        write("lists/list.txt", "in --list-dir");
        write("secret.txt", "outside");
        folder
    }

    /// What is found of a path: the text of the file, or what else was said.
    fn found(uploads: &mut Uploads, path: &str, module_folder: Option<&str>) -> String {
        let address: Address = "aws_s3_object.list".parse().unwrap();
        match uploads.look_up(&Wanted { input: "plan.json", address: &address, module_folder, path, is_secret: false })
        {
            LookUp::Found(file) => String::from_utf8(file.bytes).unwrap(),
            LookUp::Missing { similar } => format!("missing {}", similar.unwrap_or_default()),
            other => format!("{other:?}"),
        }
    }

    /// The plan lies in `input`; the configuration's folder is `given`.
    fn uploads(folder: &Path, input: &str, given: Option<&str>, list_dir: Option<&str>) -> Uploads {
        let list_dir = list_dir.map(|list_dir| folder.join(list_dir));
        let mut uploads = Uploads::new(list_dir.as_deref());
        let given = given.map(|given| folder.join(given));
        uploads.add("plan.json", Some(&folder.join(input).join("plan.json")), given);
        uploads
    }

    #[test]
    fn files_lie_beside_the_configuration_or_beside_the_input() {
        let folder = folder();
        for (input, given) in [("stack", None), ("", Some("stack"))] {
            let mut uploads = uploads(folder.path(), input, given, None);
            for (path, expected) in [
                ("list.txt", "in the stack"),
                ("./lists//other.txt", "below the stack"),
                ("lists/../list.txt", "in the stack"),
                ("other.txt", "missing lists/other.txt"),
                ("lists", "missing "),
            ] {
                assert_eq!(found(&mut uploads, path, None), expected, "{input} {given:?} {path}");
            }
            let absolute = folder.path().join("stack/list.txt");
            assert_eq!(found(&mut uploads, absolute.to_str().unwrap(), None), "in the stack");
        }
        // Where no configuration is, that a file is missing proves nothing.
        let mut uploads = uploads(folder.path(), "lists", None, None);
        assert_eq!(found(&mut uploads, "list.txt", None), "in --list-dir");
        assert_eq!(found(&mut uploads, "other.txt", None), "NotAtHand");
    }

    #[test]
    fn the_folder_for_lists_comes_first_and_takes_names_alone() {
        let folder = folder();
        let mut uploads = uploads(folder.path(), "stack", None, Some("lists"));
        for path in ["list.txt", "lists/list.txt", "/srv/list.txt", "../list.txt"] {
            assert_eq!(found(&mut uploads, path, None), "in --list-dir", "{path}");
        }
        assert_eq!(found(&mut uploads, "lists/other.txt", None), "below the stack");
        assert_eq!(found(&mut uploads, "../secret.txt", None), "Outside");
    }

    #[test]
    fn nothing_outside_is_read() {
        let folder = folder();
        let mut uploads = uploads(folder.path(), "stack", None, None);
        let secret = folder.path().join("secret.txt");
        for path in ["../secret.txt", "lists/../../secret.txt", "../none.txt", "~/list.txt", secret.to_str().unwrap()] {
            assert_eq!(found(&mut uploads, path, None), "Outside", "{path}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&secret, folder.path().join("stack/link.txt")).unwrap();
            assert_eq!(found(&mut uploads, "link.txt", None), "Outside");
        }
        // But for the folder of the module that declares the object.
        assert_eq!(found(&mut uploads, "../module/list.txt", None), "Outside");
        assert_eq!(found(&mut uploads, "../module/list.txt", Some("../module")), "in the module");
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let folder = folder();
        fs::File::create(folder.path().join("stack/large.txt")).unwrap().set_len(LIST_BYTES + 1).unwrap();
        let mut uploads = uploads(folder.path(), "stack", None, None);
        let address: Address = "aws_s3_object.list".parse().unwrap();
        let wanted =
            Wanted { input: "plan.json", address: &address, module_folder: None, path: "large.txt", is_secret: false };
        let LookUp::Found(file) = uploads.look_up(&wanted) else { panic!("not found") };
        assert_eq!((file.size, file.bytes.len()), (LIST_BYTES + 1, 0));
    }
}
