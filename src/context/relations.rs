use std::sync::Arc;

use super::relation::RelationValue;
use super::wire::Wire;
use super::{RelationCache, agate};
use crate::adapter::{Relation, RelationType};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, State, Value, raise};
use crate::sql::{QuotePolicy, RelationName};

/// What there is in the warehouse: asked through macros, so that each warehouse has its
/// own way and projects can change it; remembered by schema for the whole run.
#[derive(Debug)]
pub(super) struct Relations {
    pub(super) wire: Arc<Wire>,
    pub(super) cache: Arc<RelationCache>,
    /// The package whose template is rendered.
    pub(super) package: String,
}

impl Relations {
    /// Calls a macro by its bare name.
    ///
    /// # Errors
    /// There is none, or it fails.
    pub(super) fn call(&self, state: &mut State<'_, '_>, name: &str, args: &[Value]) -> Result<Value, Error> {
        let invocation = &self.wire.invocation;
        let owner = invocation.macros.find(&self.package, name);
        match owner.and_then(|owner| invocation.engine.macro_value(owner, name)) {
            Some(found) => found.call(state, args),
            None => {
                let message = format!("there is no macro `{name}`, which `adapter` needs");
                Err(raise(Diagnostic::error(Code::MissingMacro, message)))
            }
        }
    }

    /// The relations of a schema, from the cache if it is known there.
    pub(super) fn list(
        &self,
        state: &mut State<'_, '_>,
        database: Option<&str>,
        schema: &str,
    ) -> Result<Vec<Relation>, Error> {
        let database = database.unwrap_or_else(|| self.wire.invocation.adapter.database());
        if let Some(known) = self.cache.list(database, schema) {
            self.wire.note_look();
            return Ok(known);
        }
        let listing = self.cache.begin();
        match self.ask(state, database, schema) {
            Ok(found) => {
                self.cache.fill(listing, database, schema, found.clone());
                Ok(self.cache.list(database, schema).unwrap_or(found))
            }
            Err(error) => {
                self.cache.abandon(listing);
                Err(error)
            }
        }
    }

    pub(super) fn ask(
        &self,
        state: &mut State<'_, '_>,
        database: &str,
        schema: &str,
    ) -> Result<Vec<Relation>, Error> {
        let dialect = self.wire.invocation.adapter.dialect();
        let name = RelationName::new(dialect, database, schema, "");
        let asked = RelationValue::new(Relation { name, kind: None }).into_value();
        let answer = self.call(state, "list_relations_without_caching", &[asked])?;
        let mut relations = Vec::new();
        for row in rows(&answer) {
            let [database, name, schema, kind] = row.as_slice() else {
                let message = "`list_relations_without_caching` gave rows that are not of four columns";
                let help = "its columns are database, name, schema and type";
                return Err(raise(Diagnostic::error(Code::DatabaseError, message).help(help)));
            };
            let name = RelationName {
                database: database.as_str().map(str::to_owned),
                schema: schema.as_str().map(str::to_owned),
                identifier: Some(name.to_string()),
                quoting: QuotePolicy::of(dialect),
                dialect,
            };
            relations.push(Relation { name, kind: RelationType::find(&kind.to_string()) });
        }
        Ok(relations)
    }

    /// The relation of that name, if it is there.
    pub(super) fn find(
        &self,
        state: &mut State<'_, '_>,
        database: Option<&str>,
        schema: &str,
        identifier: &str,
    ) -> Result<Option<Relation>, Error> {
        let place = database.unwrap_or_else(|| self.wire.invocation.adapter.database());
        if let Some(known) = self.cache.find(place, schema, identifier) {
            self.wire.note_look();
            return Ok(known);
        }
        let wanted = identifier.to_lowercase();
        let relations = self.list(state, database, schema)?;
        Ok(relations.into_iter().find(|relation| {
            relation.name.identifier.as_deref().is_some_and(|identifier| identifier.to_lowercase() == wanted)
        }))
    }
}

/// The rows of what a macro returned: a table, or a list of lists.
pub(super) fn rows(answer: &Value) -> Vec<Vec<Value>> {
    if let Some(table) = agate::Table::find(answer) {
        let row = |row: &Vec<crate::adapter::Cell>| row.iter().map(super::values::cell_value).collect();
        return table.rows().rows.iter().map(row).collect();
    }
    let rows = super::arguments::items(answer).unwrap_or_default();
    rows.iter().filter_map(super::arguments::items).collect()
}
