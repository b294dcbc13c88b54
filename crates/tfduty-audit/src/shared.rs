//! Texts that very many objects have, of which there are few: keys of provider configurations, regions, accounts.

use std::{collections::BTreeSet, sync::Arc};

/// Texts, each held once.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    texts: BTreeSet<Arc<str>>,
    /// The one that was asked for last: mostly that is asked for next.
    latest: Option<Arc<str>>,
}

impl Shared {
    /// The one text that is equal to this one.
    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        if let Some(latest) = self.latest.as_ref().filter(|latest| &***latest == text) {
            return Arc::clone(latest);
        }
        let found = self.texts.get(text).cloned().unwrap_or_else(|| {
            let new: Arc<str> = text.into();
            self.texts.insert(Arc::clone(&new));
            new
        });
        self.latest = Some(Arc::clone(&found));
        found
    }
}
