/// What a kind of warehouse can do; other rooms ask here and name no warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Creating, renaming and dropping can be rolled back.
    pub has_transactional_ddl: bool,
    /// It knows by itself when a table was last changed.
    pub has_table_freshness: bool,
    /// A foreign key may name the database of the table that it points to.
    pub has_foreign_keys_with_database: bool,
    /// Queries may read files and addresses, and sources may be such: `external_location`.
    pub reads_files: bool,
    /// `count(*) filter (where …)`: several data tests of one relation are one query.
    pub has_filtered_aggregates: bool,
    /// Strategies of incremental models, the default one first.
    pub incremental_strategies: &'static [&'static str],
}
