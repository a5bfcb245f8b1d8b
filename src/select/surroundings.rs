use super::Selectors;
use crate::manifest::Manifest;
use crate::state::Previous;

/// What there is to select from and to compare with.
#[derive(Debug)]
pub struct Surroundings<'a> {
    pub manifest: &'a Manifest,
    pub selectors: &'a Selectors,
    /// What the `state:`, `result:` and `source_status:` methods compare with.
    pub previous: Option<&'a Previous>,
}

impl<'a> Surroundings<'a> {
    #[must_use]
    pub fn new(manifest: &'a Manifest, selectors: &'a Selectors, previous: Option<&'a Previous>) -> Self {
        Self { manifest, selectors, previous }
    }
}
