use std::fmt;
use std::sync::Arc;

use super::RelationValue;
use super::arguments::{Arguments, unknown_method};
use super::relation::{name_part, quote_policy, relation_type};
use crate::adapter::{Relation, RelationType};
use crate::jinja::{Error, Object, ObjectRepr, State, Value};
use crate::sql::{Dialect, QuotePolicy, RelationName};

/// `api.Relation`: makes relations.
#[derive(Debug)]
pub(super) struct RelationClass {
    pub(super) dialect: Dialect,
}

const METHODS: &[&str] = &["create", "create_from", "get_relation_type"];

impl RelationClass {
    fn create(&self, args: &[Value]) -> Result<RelationValue, Error> {
        let parameters = &[
            "database",
            "schema",
            "identifier",
            "type",
            "path",
            "quote_policy",
            "include_policy",
            "limit",
            "dbt_created",
            "require_alias",
        ];
        let args = Arguments::bind("api.Relation.create", parameters, args)?;
        let part = |name: &str| -> Result<Option<String>, Error> {
            let value = args.some(name).cloned().or_else(|| args.some("path")?.get_attr(name).ok());
            value.map_or(Ok(None), |value| name_part(name, &value))
        };
        let quoting = args.some("quote_policy").map_or(QuotePolicy::of(self.dialect), |policy| {
            quote_policy(policy, QuotePolicy::of(self.dialect))
        });
        let name = RelationName {
            database: part("database")?,
            schema: part("schema")?,
            identifier: part("identifier")?,
            quoting,
            dialect: self.dialect,
        };
        let kind = args.some("type").map(|kind| relation_type(&kind.to_string())).transpose()?;
        Ok(RelationValue::new(Relation { name, kind }).including(args.some("include_policy")))
    }

    /// From a node as `model` and `graph` show it: the relation that it makes.
    fn create_from(&self, args: &[Value]) -> Result<RelationValue, Error> {
        let args = Arguments::bind("api.Relation.create_from", &["config", "node", "type"], args)?;
        let node = args.required("node")?;
        let part = |names: &[&str]| -> Result<Option<String>, Error> {
            for name in names {
                let value = node.get_attr(name).unwrap_or_default();
                if let Some(text) = name_part(name, &value)? {
                    return Ok(Some(text));
                }
            }
            Ok(None)
        };
        let name = RelationName {
            database: part(&["database"])?,
            schema: part(&["schema"])?,
            identifier: part(&["alias", "identifier", "name"])?,
            quoting: QuotePolicy::of(self.dialect),
            dialect: self.dialect,
        };
        let kind = args.some("type").map(|kind| relation_type(&kind.to_string())).transpose()?;
        Ok(RelationValue::new(Relation { name, kind }))
    }
}

impl Object for RelationClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let kind = match key.as_str()? {
            "Table" => RelationType::Table,
            "View" => RelationType::View,
            "MaterializedView" => RelationType::MaterializedView,
            "CTE" => RelationType::Cte,
            "External" => RelationType::External,
            _ => return None,
        };
        Some(Value::from(kind.name()))
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "create" => Ok(self.create(args)?.into_value()),
            "create_from" => Ok(self.create_from(args)?.into_value()),
            "get_relation_type" => {
                let args = Arguments::bind("api.Relation.get_relation_type", &["name"], args)?;
                Ok(Value::from(relation_type(&args.text("name")?)?.name()))
            }
            _ => Err(unknown_method("api.Relation", method, METHODS.iter().copied())),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class Relation>")
    }
}
