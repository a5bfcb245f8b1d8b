use std::collections::BTreeMap;
use std::sync::Arc;

use super::Schema;
use crate::sql::tree::Name;
use crate::sql::{Dialect, RelationName};

/// What is known of one relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    Schema(Arc<Schema>),
    /// It is there, and nothing is known of its columns; why.
    Nothing(String),
}

/// What is known of the relations a query may read.
#[derive(Clone, Debug)]
pub struct Relations {
    dialect: Dialect,
    /// By folded database, schema and identifier.
    known: BTreeMap<[String; 3], (RelationName, Known)>,
    /// Where a name of one or two parts is looked for.
    database: String,
    schema: String,
    /// Whether there is nothing else, so that a relation that is not known does not exist.
    pub is_closed: bool,
}

/// The answer to a name in a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Relation(RelationName, Known),
    /// It is not among those known, and there may be others.
    Perhaps,
    /// It does not exist.
    Missing,
}

impl Relations {
    #[must_use]
    pub fn new(dialect: Dialect, database: &str, schema: &str) -> Self {
        Self {
            dialect,
            known: BTreeMap::new(),
            database: database.to_owned(),
            schema: schema.to_owned(),
            is_closed: false,
        }
    }

    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub fn insert(&mut self, relation: RelationName, known: Known) {
        // Compared without regard to case: no project is served by two relations that differ
        // only in it.
        self.known.insert(relation.key().into(), (relation, known));
    }

    /// What is known of a relation under its whole name.
    #[must_use]
    pub fn known(&self, relation: &RelationName) -> Option<&Known> {
        let key: [String; 3] = relation.key().into();
        self.known.get(&key).map(|(_, known)| known)
    }

    /// The relation that a name of one to three parts means.
    #[must_use]
    pub fn find(&self, name: &[Name]) -> Found {
        let key: [&str; 3] = match name {
            [identifier] => [&self.database, &self.schema, &identifier.text],
            [schema, identifier] => [&self.database, &schema.text, &identifier.text],
            [database, schema, identifier] => [&database.text, &schema.text, &identifier.text],
            _ => return Found::Perhaps,
        };
        match self.known.get(&key.map(str::to_lowercase)) {
            Some((relation, known)) => Found::Relation(relation.clone(), known.clone()),
            None if self.is_closed => Found::Missing,
            None => Found::Perhaps,
        }
    }

    /// The relation that stands in SQL as the call of a function, as `read_csv('orders.csv')`, which
    /// begins the text.
    #[must_use]
    pub fn call(&self, text: &str) -> Option<(&RelationName, &Known)> {
        self.iter().find(|(relation, _)| {
            let name = relation.identifier.as_deref().unwrap_or_default();
            name.ends_with(')') && text.starts_with(name)
        })
    }

    /// All that are known, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&RelationName, &Known)> {
        self.known.values().map(|(relation, known)| (relation, known))
    }
}
