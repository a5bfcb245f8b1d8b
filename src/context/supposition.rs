use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::adapter::Relation;
use crate::sql::{DataType, RelationName};

/// What a template that is compiled without a warehouse is told of it all the same: that the
/// relations of its parents are there, and whether its own is. Nothing is supposed of others.
#[derive(Debug, Default)]
pub struct Supposition {
    relations: BTreeMap<Key, Supposed>,
    /// The node's own relation; `None` inside where it is not there yet.
    own: Option<(Key, Option<Supposed>)>,
    was_asked_of_itself: AtomicBool,
}

/// Database, schema and identifier in small letters.
type Key = (String, String, String);

/// Columns by name and type, in order.
type Columns = Vec<(String, DataType)>;

#[derive(Debug)]
struct Supposed {
    relation: Relation,
    /// Where all are known.
    columns: Option<Columns>,
}

impl Supposition {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a relation that is there.
    pub fn add(&mut self, relation: Relation, columns: Option<Columns>) {
        self.relations.insert(relation.name.key(), Supposed { relation, columns });
    }

    /// With the node's own relation, which is not there yet.
    #[must_use]
    pub fn of_new(mut self, own: &RelationName) -> Self {
        self.own = Some((own.key(), None));
        self
    }

    /// With the node's own relation, which an earlier run built.
    #[must_use]
    pub fn of_built(mut self, own: Relation, columns: Option<Columns>) -> Self {
        self.own = Some((own.name.key(), Some(Supposed { relation: own, columns })));
        self
    }

    /// Whether the template asked if its own relation is there, or for its columns.
    #[must_use]
    pub fn was_asked_of_itself(&self) -> bool {
        self.was_asked_of_itself.load(Ordering::Relaxed)
    }

    /// `None` where nothing is supposed, `Some(None)` where it is supposed not to be there.
    #[allow(clippy::option_option, reason = "not supposed, and supposed not to be there, differ")]
    pub(super) fn find(&self, database: &str, schema: &str, identifier: &str) -> Option<Option<Relation>> {
        let key = (database.to_lowercase(), schema.to_lowercase(), identifier.to_lowercase());
        self.of(&key).map(|found| found.map(|supposed| supposed.relation.clone()))
    }

    /// The columns of a relation, where they are all known.
    pub(super) fn columns(&self, relation: &RelationName) -> Option<&Columns> {
        self.of(&relation.key())??.columns.as_ref()
    }

    #[allow(clippy::option_option, reason = "as for `find`")]
    fn of(&self, key: &Key) -> Option<Option<&Supposed>> {
        match &self.own {
            Some((own, supposed)) if own == key => {
                self.was_asked_of_itself.store(true, Ordering::Relaxed);
                Some(supposed.as_ref())
            }
            _ => self.relations.get(key).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::RelationType;
    use crate::sql::Dialect;

    fn relation(name: &str) -> Relation {
        let name = RelationName::new(Dialect::DuckDb, "db", "main", name);
        Relation { name, kind: Some(RelationType::Table) }
    }

    #[test]
    fn parents_are_there_others_unknown_and_asking_of_oneself_is_noted() {
        let mut parents = Supposition::new();
        parents.add(relation("주문"), Some(vec![("id".to_owned(), DataType::new("INTEGER"))]));
        let new = parents.of_new(&relation("b").name);
        assert_eq!(new.find("DB", "Main", "주문"), Some(Some(relation("주문"))));
        assert_eq!(new.columns(&relation("주문").name).map(Vec::len), Some(1));
        assert_eq!(new.find("db", "main", "c"), None);
        assert!(!new.was_asked_of_itself());
        assert_eq!(new.find("db", "main", "B"), Some(None));
        assert!(new.was_asked_of_itself());
        let built = Supposition::new().of_built(relation("b"), None);
        assert_eq!(built.find("db", "main", "b"), Some(Some(relation("b"))));
        assert_eq!(built.columns(&relation("b").name), None);
    }
}
