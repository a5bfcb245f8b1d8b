use std::sync::Arc;

use crate::manifest::NodeId;
use crate::text::SourceMap;

/// An ephemeral model as it stands in the SQL of a node that refers to it.
#[derive(Clone, Debug)]
pub struct Cte {
    pub id: NodeId,
    /// `__dbt__cte__orders`.
    pub name: String,
    pub code: Arc<str>,
    pub source_map: SourceMap,
}

/// The SQL of a node.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// With CTEs for all ephemeral models it needs.
    pub code: Arc<str>,
    pub source_map: SourceMap,
    /// The node's own SQL, without the CTEs put before it.
    pub own_code: Arc<str>,
    pub own_source_map: SourceMap,
    /// The ephemeral models it needs, each after those that it needs itself.
    pub ctes: Vec<Cte>,
    /// The template was told something of the warehouse, so that another time the SQL may be
    /// another.
    pub asked_warehouse: bool,
}

impl Compiled {
    /// A query that no template wrote.
    #[must_use]
    pub fn of_query(text: String) -> Self {
        (*Self::alone(text, SourceMap::default())).clone()
    }

    /// SQL that needs no ephemeral models.
    #[must_use]
    pub(super) fn alone(text: String, map: SourceMap) -> Arc<Self> {
        let code: Arc<str> = Arc::from(text);
        Arc::new(Self {
            own_code: Arc::clone(&code),
            own_source_map: map.clone(),
            code,
            source_map: map,
            ctes: Vec::new(),
            asked_warehouse: true,
        })
    }
}
