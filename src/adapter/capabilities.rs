/// What a kind of warehouse can do; other rooms ask here and name no warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Creating, renaming and dropping can be rolled back.
    pub has_transactional_ddl: bool,
    /// Strategies of incremental models, the default one first.
    pub incremental_strategies: &'static [&'static str],
}
