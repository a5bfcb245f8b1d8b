use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::arguments::{Arguments, invalid, unknown_method};
use super::values::dict;
use crate::adapter::{Relation, RelationType};
use crate::jinja::{DynObject, Enumerator, Error, Object, State, Value};
use crate::manifest::Node;
use crate::project::{TimeWindow, moment_text};
use crate::sql::{Ident, QuotePolicy, RelationName};

/// What the name of an ephemeral model's CTE begins with.
const CTE_PREFIX: &str = "__dbt__cte__";

/// A relation as templates see it: the parts of its name, its type, and the text that it
/// is in SQL. See <https://docs.getdbt.com/reference/dbt-classes#relation>.
#[derive(Clone, Debug)]
pub struct RelationValue {
    relation: Relation,
    /// The parts that are written, of those there are.
    include: Include,
    /// What is written in place of the name: the path or function a source is read from.
    external: Option<Arc<str>>,
    /// What of it is read, where it is not all.
    part: Option<Part>,
}

/// A part of a relation's rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// No rows: `--empty`.
    pub(super) is_empty: bool,
    /// A column, and the window that it is in: of a batch, or `--sample`.
    pub(super) window: Option<(Arc<str>, TimeWindow)>,
}

impl Part {
    /// A subquery that reads it, from `relation`, which is called `name`.
    fn of(&self, relation: &str, name: &RelationName) -> String {
        let mut conditions = Vec::new();
        if let Some((column, window)) = &self.window {
            let (start, end) = (moment_text(window.start), moment_text(window.end));
            conditions.push(format!("{column} >= '{start}' and {column} < '{end}'"));
        }
        if self.is_empty {
            conditions.push("false limit 0".to_owned());
        }
        let rows = format!("(select * from {relation} where {})", conditions.join(" and "));
        let alias = name.identifier.as_deref().filter(|_| name.dialect.subqueries_need_alias());
        match alias {
            // A subquery has to have a name, and who writes `{{ ref('orders') }} as o` gives it one: a
            // join in parentheses may have one. Until then the rows go by the relation's own name.
            Some(alias) => {
                let alias = Ident::new(alias).quoted(name.dialect);
                format!("({rows} as {alias} cross join (select) as __dbt_one_row)")
            }
            None => rows,
        }
    }
}

/// Parts of a name that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Include {
    database: bool,
    schema: bool,
    identifier: bool,
}

impl Default for Include {
    fn default() -> Self {
        Self { database: true, schema: true, identifier: true }
    }
}

/// The attributes of a relation, in the order that going through it gives them.
const KEYS: &[&str] = &["database", "schema", "identifier", "type", "quote_policy", "include_policy"];

const METHODS: &[&str] = &[
    "render",
    "include",
    "quote",
    "incorporate",
    "replace_path",
    "without_identifier",
    "information_schema",
    "information_schema_only",
    "matches",
    "quoted",
    "add_ephemeral_prefix",
    "get",
    "replace",
];

impl RelationValue {
    #[must_use]
    pub fn new(relation: Relation) -> Self {
        Self { relation, include: Include::default(), external: None, part: None }
    }

    /// The relation of a node: what `ref()`, `source()` and `this` give. An ephemeral
    /// model is its CTE, a source with an `external_location` is the path or the call
    /// that reads it.
    #[must_use]
    pub fn of_node(node: &Node, name: RelationName) -> Self {
        if node.is_ephemeral() {
            return Self::cte(&node.alias, &name);
        }
        Self::named(node, name)
    }

    /// The relation that a node would be under its own name: what `this` gives, also to an
    /// ephemeral model.
    #[must_use]
    pub(super) fn named(node: &Node, name: RelationName) -> Self {
        // What is there may be of another type than the node will make: as in dbt, it is
        // not known.
        let relation = Relation { name, kind: None };
        Self { external: external_text(node).map(Arc::from), ..Self::new(relation) }
    }

    /// The relation with only a part of its rows, where it stands in SQL.
    #[must_use]
    pub(super) fn limited_to(self, part: Option<Part>) -> Self {
        Self { part, ..self }
    }

    /// The name alone, whatever part of the rows is read.
    fn whole(&self) -> Self {
        Self { part: None, ..self.clone() }
    }

    /// The CTE of an ephemeral model; `name` is of the same dialect.
    fn cte(model: &str, name: &RelationName) -> Self {
        let name = RelationName {
            database: None,
            schema: None,
            identifier: Some(format!("{CTE_PREFIX}{model}")),
            quoting: QuotePolicy { identifier: false, ..name.quoting },
            dialect: name.dialect,
        };
        Self::new(Relation { name, kind: Some(RelationType::Cte) })
    }

    /// The relation behind a value, if it is one.
    #[must_use]
    pub fn find(value: &Value) -> Option<Arc<Self>> {
        value.downcast_object::<Self>()
    }

    #[must_use]
    pub fn relation(&self) -> &Relation {
        &self.relation
    }

    #[must_use]
    pub fn into_value(self) -> Value {
        Value::from_object(self)
    }

    fn name(&self) -> &RelationName {
        &self.relation.name
    }

    fn attribute(&self, key: &str) -> Option<Value> {
        let name = self.name();
        let is = |kind| Value::from(self.relation.kind == Some(kind));
        Some(match key {
            "database" => Value::from(name.database.clone()),
            "schema" => Value::from(name.schema.clone()),
            "identifier" | "name" | "table" | "information_schema_view" => {
                Value::from(name.identifier.clone())
            }
            "type" => Value::from(self.relation.kind.map(RelationType::name)),
            "is_table" => is(RelationType::Table),
            "is_view" => is(RelationType::View),
            "is_cte" => is(RelationType::Cte),
            "is_external_table" => is(RelationType::External),
            "is_materialized_view" => is(RelationType::MaterializedView),
            "is_dynamic_table" => Value::from(false),
            "can_be_renamed" => {
                use RelationType::{MaterializedView, Table, View};
                Value::from(matches!(self.relation.kind, Some(Table | View | MaterializedView)))
            }
            "can_be_replaced" => Value::from(self.relation.kind == Some(RelationType::View)),
            "external" if self.external.is_some() => Value::from(self.external.clone()),
            // Packages tell relations from other mappings by it.
            "metadata" => dict([("type", Value::from(format!("{:?}Relation", name.dialect)))]),
            "path" => dict([
                ("database", Value::from(name.database.clone())),
                ("schema", Value::from(name.schema.clone())),
                ("identifier", Value::from(name.identifier.clone())),
            ]),
            "quote_policy" => dict([
                ("database", Value::from(name.quoting.database)),
                ("schema", Value::from(name.quoting.schema)),
                ("identifier", Value::from(name.quoting.identifier)),
            ]),
            "include_policy" => dict([
                ("database", Value::from(self.include.database)),
                ("schema", Value::from(self.include.schema)),
                ("identifier", Value::from(self.include.identifier)),
            ]),
            _ => return None,
        })
    }

    fn with_include(&self, args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("relation.include", &["database", "schema", "identifier"], args)?;
        let include = Include {
            database: args.flag("database", self.include.database),
            schema: args.flag("schema", self.include.schema),
            identifier: args.flag("identifier", self.include.identifier),
        };
        Ok(Self { include, ..self.clone() })
    }

    fn with_quoting(&self, args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("relation.quote", &["database", "schema", "identifier"], args)?;
        let was = self.name().quoting;
        let mut quoted = self.clone();
        quoted.relation.name.quoting = QuotePolicy {
            database: args.flag("database", was.database),
            schema: args.flag("schema", was.schema),
            identifier: args.flag("identifier", was.identifier),
        };
        Ok(quoted)
    }

    /// `incorporate(path={…}, type=…)`; other keywords replace parts of the path.
    fn incorporate(&self, args: &[Value]) -> Result<Self, Error> {
        let parameters =
            &["path", "type", "database", "schema", "identifier", "quote_policy", "include_policy"];
        let args = Arguments::bind("relation.incorporate", parameters, args)?;
        let mut changed = self.clone();
        changed.external = None;
        if let Some(path) = args.some("path") {
            changed.replace_parts(|part| path.get_attr(part).ok().filter(|value| !value.is_undefined()))?;
        }
        changed.replace_parts(|part| args.get(part).cloned())?;
        if let Some(kind) = args.some("type") {
            changed.relation.kind = Some(relation_type(&kind.to_string())?);
        }
        if let Some(policy) = args.some("quote_policy") {
            changed.relation.name.quoting = quote_policy(policy, changed.name().quoting);
        }
        Ok(changed.including(args.some("include_policy")))
    }

    /// With the parts written that a mapping says are to be.
    pub(super) fn including(mut self, policy: Option<&Value>) -> Self {
        if let Some(policy) = policy {
            let part = |name: &str, was: bool| policy_part(policy, name, was);
            self.include = Include {
                database: part("database", self.include.database),
                schema: part("schema", self.include.schema),
                identifier: part("identifier", self.include.identifier),
            };
        }
        self
    }

    fn replace_parts(&mut self, find: impl Fn(&str) -> Option<Value>) -> Result<(), Error> {
        let name = &mut self.relation.name;
        for (part, slot) in [
            ("database", &mut name.database),
            ("schema", &mut name.schema),
            ("identifier", &mut name.identifier),
        ] {
            if let Some(value) = find(part) {
                *slot = name_part(part, &value)?;
            }
        }
        Ok(())
    }

    /// The view of its database on itself: `"shop".INFORMATION_SCHEMA`, or a part of it.
    #[must_use]
    pub fn information_schema(&self, view: Option<String>) -> Self {
        let mut name = self.name().clone();
        name.schema = Some("INFORMATION_SCHEMA".to_owned());
        name.identifier = view;
        name.quoting.schema = false;
        name.quoting.identifier = false;
        let include = Include { schema: true, identifier: true, ..self.include };
        Self { relation: Relation { name, kind: None }, include, external: None, part: None }
    }

    /// Whether the parts that are given are this relation's, whatever their case.
    fn matches(&self, args: &[Value]) -> Result<bool, Error> {
        let args = Arguments::bind("relation.matches", &["database", "schema", "identifier"], args)?;
        let name = self.name();
        let parts =
            [("database", &name.database), ("schema", &name.schema), ("identifier", &name.identifier)];
        let mut asked = false;
        for (part, own) in parts {
            let Some(wanted) = args.optional_text(part)? else { continue };
            asked = true;
            if own.as_deref().is_none_or(|own| own.to_lowercase() != wanted.to_lowercase()) {
                return Ok(false);
            }
        }
        if !asked {
            return Err(invalid("`relation.matches` was given nothing to compare with"));
        }
        Ok(true)
    }
}

impl fmt::Display for RelationValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(part) = &self.part {
            return f.write_str(&part.of(&self.whole().to_string(), self.name()));
        }
        if let Some(external) = &self.external {
            return f.write_str(external);
        }
        let mut name = self.name().clone();
        if !self.include.database {
            name.database = None;
        }
        if !self.include.schema {
            name.schema = None;
        }
        if !self.include.identifier {
            name.identifier = None;
        }
        name.fmt(f)
    }
}

impl Object for RelationValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.attribute(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.attribute(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(KEYS)
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "render" => {
                Arguments::bind("relation.render", &[], args)?;
                Ok(Value::from(self.whole().to_string()))
            }
            "include" => Ok(self.with_include(args)?.into_value()),
            "quote" => Ok(self.with_quoting(args)?.into_value()),
            "incorporate" | "replace_path" => Ok(self.incorporate(args)?.into_value()),
            "without_identifier" => {
                Arguments::bind("relation.without_identifier", &[], args)?;
                let include = Include { identifier: false, ..self.include };
                let mut schema = Self { include, ..(**self).clone() };
                schema.relation.name.identifier = None;
                Ok(schema.into_value())
            }
            "information_schema" => {
                let args = Arguments::bind("relation.information_schema", &["view_name"], args)?;
                Ok(self.information_schema(args.optional_text("view_name")?).into_value())
            }
            "information_schema_only" => Ok(self.information_schema(None).into_value()),
            "replace" => {
                let args = Arguments::bind("relation.replace", &["information_schema_view"], args)?;
                Ok(self.information_schema(args.optional_text("information_schema_view")?).into_value())
            }
            "matches" => Ok(Value::from(self.matches(args)?)),
            "quoted" => {
                let args = Arguments::bind("relation.quoted", &["identifier"], args)?;
                Ok(Value::from(Ident::new(args.text("identifier")?).quoted(self.name().dialect)))
            }
            "add_ephemeral_prefix" => {
                let args = Arguments::bind("relation.add_ephemeral_prefix", &["name"], args)?;
                Ok(Value::from(format!("{CTE_PREFIX}{}", args.text("name")?)))
            }
            "get" => {
                let args = Arguments::bind("relation.get", &["key", "default"], args)?;
                let found = self.attribute(&args.text("key")?);
                Ok(found.unwrap_or_else(|| args.get("default").cloned().unwrap_or(Value::from(()))))
            }
            // Those that every mapping has.
            "keys" | "values" | "items" => Err(Error::from(crate::jinja::ErrorKind::UnknownMethod)),
            _ => Err(unknown_method("relation", method, METHODS.iter().copied())),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        Some(self.to_string().cmp(&other.to_string()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

/// dbt's word for a type of relation, in any case.
pub(super) fn relation_type(word: &str) -> Result<RelationType, Error> {
    RelationType::find(word).ok_or_else(|| {
        invalid(format!("`{word}` is no type of relation; there are `table`, `view`, `cte` and `external`"))
    })
}

/// A part of a name: text, or nothing.
pub(super) fn name_part(part: &str, value: &Value) -> Result<Option<String>, Error> {
    match value.as_str() {
        Some("") => Ok(None),
        Some(text) => Ok(Some(text.to_owned())),
        None if value.is_none() || value.is_undefined() => Ok(None),
        None if value.is_number() => Ok(Some(value.to_string())),
        None => {
            let found = super::arguments::describe(value);
            Err(invalid(format!("the `{part}` of a relation is a text, not {found}")))
        }
    }
}

/// A policy from a mapping; what the mapping does not say stays as it was.
pub(super) fn quote_policy(policy: &Value, was: QuotePolicy) -> QuotePolicy {
    QuotePolicy {
        database: policy_part(policy, "database", was.database),
        schema: policy_part(policy, "schema", was.schema),
        identifier: policy_part(policy, "identifier", was.identifier),
    }
}

fn policy_part(policy: &Value, part: &str, was: bool) -> bool {
    let value = policy.get_attr(part).unwrap_or_default();
    if value.is_undefined() || value.is_none() { was } else { value.is_true() }
}

/// The text that stands for a source with an `external_location`: a path in quotes, or a
/// call as it is, with the names of the source filled in as `formatter` says.
/// See <https://github.com/duckdb/dbt-duckdb#reading-from-external-files>.
#[must_use]
pub fn external_text(node: &Node) -> Option<String> {
    let location = super::external_location::filled(node, node.source()?)?;
    let is_sql = location.contains('(') || location.starts_with('\'');
    Some(if is_sql { location } else { format!("'{}'", location.replace('\'', "''")) })
}

#[cfg(test)]
mod tests {
    use crate::context::testing::World;

    #[test]
    fn relations_are_text_and_mappings() {
        let world = World::new();
        for (expression, expected) in [
            ("this", r#""memory"."main"."orders""#),
            ("this.include(database=false)", r#""main"."orders""#),
            ("this.include(database=false).database", "memory"),
            ("this.quote(schema=false, database=false)", r#"memory.main."orders""#),
            (
                "this.incorporate(path={'identifier': '주문', 'database': none}, type='view')",
                r#""main"."주문""#,
            ),
            ("this.incorporate(type='view').is_view", "True"),
            ("this.without_identifier()", r#""memory"."main""#),
            ("this.information_schema('tables')", r#""memory".INFORMATION_SCHEMA.tables"#),
            ("this.information_schema()", r#""memory".INFORMATION_SCHEMA"#),
            ("this.matches(schema='MAIN', identifier='orders')", "True"),
            ("this.matches(identifier='order')", "False"),
            ("this.name ~ this.table ~ this.identifier ~ this.type", "ordersordersordersNone"),
            ("this == ref('users')", "False"),
            ("this == api.Relation.create('memory', 'main', 'orders', type='table')", "True"),
            ("this is mapping and this.get('schema') == 'main'", "True"),
            ("this.get('metadata', {}).get('type', '').endswith('Relation')", "True"),
            ("this.get('nope', 'x') ~ (this.nope is defined)", "xFalse"),
            ("this ~ ''", r#""memory"."main"."orders""#),
            ("this | replace('\"', '')", "memory.main.orders"),
            ("this.render() | upper", r#""MEMORY"."MAIN"."ORDERS""#),
            ("this.quoted('a\"b')", r#""a""b""#),
            ("ref('recent').is_cte", "True"),
            ("ref('recent').add_ephemeral_prefix('x')", "__dbt__cte__x"),
            ("api.Relation.create(identifier='x', quote_policy={'identifier': false})", "x"),
            ("api.Relation.create_from(config, model, type='view').type", "view"),
            ("api.Relation.get_relation_type('View') ~ api.Relation.Table", "viewtable"),
            (
                "this.path.identifier ~ this.quote_policy.schema ~ this.include_policy.database",
                "ordersTrueTrue",
            ),
        ] {
            assert_eq!(
                world.text(&format!("{{{{ {expression} }}}}|")),
                format!("{expected}|"),
                "{expression}"
            );
        }
    }

    #[test]
    fn wrong_parts_are_told() {
        let world = World::new();
        for expression in [
            "this.incorporate(type='teble')",
            "this.incorporate(path={'identifier': []})",
            "this.matches()",
            "this.include(1, 2, 3, 4)",
            "this.quoted(1)",
            "api.Relation.create(schema={})",
            "api.Relation.create(identifer='x')",
            "api.Relation.create_from(config)",
            "api.Relation.get_relation_type('x')",
        ] {
            let error = world.error(&format!("{{{{ {expression} }}}}"));
            assert!(error.starts_with("invalid-arguments: "), "{expression}: {error}");
        }
        assert_eq!(world.error("{{ this.rendr() }}"), "undefined-name: `relation` has no method `rendr`");
    }
}
