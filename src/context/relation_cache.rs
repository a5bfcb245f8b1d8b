/// The relations that are in the warehouse, by schema, as far as they were asked for.
/// Shared by all threads of a run.
#[derive(Debug, Default)]
pub struct RelationCache {}

impl RelationCache {
    /// Forgets everything: after a rollback nobody knows what is there.
    pub fn clear(&self) {
        todo!()
    }
}
