//! Where files lie in the repository: code hosts name them from its root.

/// The repository of a run. The caller finds it: nothing here looks at files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// Absolute path of its root, with `/`. Where there is no repository, that of the working folder.
    pub root: String,
    /// The working folder as seen from the root, with `/`; empty where it is the root.
    pub folder: String,
}

impl Repository {
    /// A path of a report, which is absolute or relative to the working folder, as seen from the root. `None` for
    /// standard input and for what lies outside.
    pub(crate) fn path(&self, shown: &str) -> Option<String> {
        if shown == "-" {
            return None;
        }
        let inside = match shown.strip_prefix(&self.root) {
            Some(inside) if !self.root.is_empty() => Some(inside.strip_prefix('/')?),
            _ => None,
        };
        if inside.is_none() && is_absolute(shown) {
            return None;
        }
        let mut steps: Vec<&str> = Vec::new();
        let folder = if inside.is_some() { "" } else { &self.folder };
        for step in folder.split('/').chain(inside.unwrap_or(shown).split('/')) {
            match step {
                "" | "." => {}
                ".." => drop(steps.pop()?),
                step => steps.push(step),
            }
        }
        (!steps.is_empty()).then(|| steps.join("/"))
    }
}

/// Whether a path with `/` starts at a root: `/srv/x`, `C:/x`, `//server/x`.
fn is_absolute(path: &str) -> bool {
    let drive = path.split_once(":/").map(|(drive, _)| drive);
    path.starts_with('/')
        || drive.is_some_and(|drive| drive.len() == 1 && drive.chars().all(|c| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(root: &str, folder: &str, shown: &str) -> Option<String> {
        Repository { root: root.into(), folder: folder.into() }.path(shown)
    }

    #[test]
    fn paths_are_seen_from_the_root() {
        for (shown, expected) in [
            ("plan.json", Some("stacks/prod/plan.json")),
            ("./a/./b.tf", Some("stacks/prod/a/b.tf")),
            ("../shared/main.tf", Some("stacks/shared/main.tf")),
            ("../../main.tf", Some("main.tf")),
            ("../../../main.tf", None),
            ("../..", None),
            ("/srv/shop/stacks/dev/plan.json", Some("stacks/dev/plan.json")),
            ("/srv/shopping/plan.json", None),
            ("/etc/plan.json", None),
            ("-", None),
            ("C:/plan.json", None),
        ] {
            assert_eq!(path("/srv/shop", "stacks/prod", shown).as_deref(), expected, "{shown}");
        }
        assert_eq!(path("C:/shop", "", "C:/shop/plan.json").as_deref(), Some("plan.json"));
        assert_eq!(path("/", "srv", "/srv/plan.json"), None);
        assert_eq!(path("", "", "plan.json").as_deref(), Some("plan.json"));
        assert_eq!(path("", "", "/plan.json"), None);
    }
}
