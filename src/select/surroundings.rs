use std::cell::OnceCell;

use super::Selectors;
use crate::diagnostic::Diagnostic;
use crate::manifest::Manifest;
use crate::state::{Comparison, Previous, compared_manifest};

/// What there is to select from and to compare with.
#[derive(Debug)]
pub struct Surroundings<'a> {
    pub manifest: &'a Manifest,
    pub selectors: &'a Selectors,
    /// What the `state:`, `result:` and `source_status:` methods compare with.
    pub previous: Option<&'a Previous>,
    comparison: OnceCell<Comparison>,
}

impl<'a> Surroundings<'a> {
    #[must_use]
    pub fn new(manifest: &'a Manifest, selectors: &'a Selectors, previous: Option<&'a Previous>) -> Self {
        Self { manifest, selectors, previous, comparison: OnceCell::new() }
    }

    /// [`comparison`](Self::comparison), if anything asked for it.
    #[must_use]
    pub fn compared(&self) -> Option<&Comparison> {
        self.comparison.get()
    }

    /// The manifest held against the earlier one, which is done once.
    ///
    /// # Errors
    /// There is no earlier manifest, or it cannot be used.
    pub fn comparison(&self) -> Result<&Comparison, Diagnostic> {
        let earlier = compared_manifest(self.previous)?;
        Ok(self.comparison.get_or_init(|| Comparison::new(earlier, self.manifest)))
    }
}
