//! The Terraform configuration itself: `.tf` files, their blocks and where they stand.

/// The configuration of one root module and everything it calls.
#[derive(Debug, Default)]
pub struct Sources {
    /// The files, in the order [`crate::TextId::Source`] counts them.
    pub files: Vec<SourceFile>,
}

impl Sources {
    /// The references of a local.
    pub fn local_references(&self, _: &crate::ModulePath, _: &str) -> Vec<crate::Reference> {
        Vec::new()
    }
}

/// One file of a configuration.
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the root module's folder, with `/`.
    pub path: String,
    /// Its text, as it was read.
    pub text: String,
}
