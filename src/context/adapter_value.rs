use std::fmt;
use std::sync::Arc;

use super::Invocation;
use super::agate::Table;
use super::arguments::{Arguments, error, unknown_method};
use super::column::{ColumnClass, ColumnValue};
use super::constraints;
use super::dispatch::dispatch;
use super::relation::RelationValue;
use super::relation_class::RelationClass;
use super::relations::{Relations, rows};
use super::response::ResponseValue;
use super::values::{dict, list};
use crate::adapter::{Response, Rows};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, Object, ObjectRepr, State, Value, raise, to_json};
use crate::sql::Ident;

/// `adapter`. See <https://docs.getdbt.com/reference/dbt-jinja-functions/adapter>.
pub(super) struct AdapterValue {
    invocation: Arc<Invocation>,
    package: String,
    /// `None` while the project is parsed: then questions get empty answers, as in dbt.
    relations: Option<Relations>,
}

const METHODS: &[&str] = &[
    "already_exists",
    "alter_column_type",
    "assert_valid_snapshot_target_given_strategy",
    "begin_external_version",
    "cache_added",
    "cache_dropped",
    "cache_new",
    "cache_renamed",
    "check_schema_exists",
    "commit",
    "create_schema",
    "dispatch",
    "drop_external_versions",
    "drop_relation",
    "drop_schema",
    "execute",
    "expand_target_column_types",
    "external_read_location",
    "external_root",
    "external_write_options",
    "get_column_schema_from_query",
    "get_columns_in_relation",
    "get_hard_deletes_behavior",
    "get_incremental_strategy_macro",
    "get_missing_columns",
    "get_relation",
    "infer_seed",
    "is_ducklake",
    "list_relations",
    "list_relations_without_caching",
    "list_schemas",
    "load_seed",
    "quote",
    "quote_as_configured",
    "quote_seed_column",
    "rename_relation",
    "render_raw_columns_constraints",
    "render_raw_model_constraints",
    "standardize_grants_dict",
    "submit_python_job",
    "truncate_relation",
    "type",
    "valid_incremental_strategies",
    "valid_snapshot_target",
];

impl AdapterValue {
    pub(super) fn parsing(invocation: &Arc<Invocation>, package: &str) -> Value {
        Self::value(invocation, package, None)
    }

    pub(super) fn executing(relations: Relations) -> Value {
        let (invocation, package) = (Arc::clone(&relations.wire.invocation), relations.package.clone());
        Self::value(&invocation, &package, Some(relations))
    }

    fn value(invocation: &Arc<Invocation>, package: &str, relations: Option<Relations>) -> Value {
        let (invocation, package) = (Arc::clone(invocation), package.to_owned());
        Value::from_object(Self { invocation, package, relations })
    }

    /// Methods that need no warehouse; `None` for others.
    fn offline(
        &self,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Option<Value>, Error> {
        let dialect = self.invocation.adapter.dialect();
        Ok(Some(match method {
            "dispatch" => dispatch(&self.invocation, &self.package, args)?,
            "type" => {
                Arguments::bind("adapter.type", &[], args)?;
                Value::from(self.invocation.adapter.name())
            }
            "quote" => {
                let args = Arguments::bind("adapter.quote", &["identifier"], args)?;
                Value::from(Ident::new(args.text("identifier")?).quoted(dialect))
            }
            "quote_as_configured" => {
                let args =
                    Arguments::bind("adapter.quote_as_configured", &["identifier", "quote_key"], args)?;
                let identifier = args.text("identifier")?;
                let is_quoted = self.quoting(&args.text("quote_key")?);
                Value::from(if is_quoted { Ident::new(identifier).quoted(dialect) } else { identifier })
            }
            "quote_seed_column" => {
                let args = Arguments::bind("adapter.quote_seed_column", &["column", "quote_config"], args)?;
                let column = args.text("column")?;
                let is_quoted = args.flag("quote_config", true);
                Value::from(if is_quoted { Ident::new(column).quoted(dialect) } else { column })
            }
            "external_root" => {
                Arguments::bind("adapter.external_root", &[], args)?;
                Value::from(self.invocation.adapter.external_root())
            }
            "is_ducklake" => {
                let args = Arguments::bind("adapter.is_ducklake", &["relation"], args)?;
                let relation = relation(&args, "relation")?;
                let adapter = &self.invocation.adapter;
                let database = relation.relation().name.database.as_deref();
                Value::from(adapter.is_ducklake(database.unwrap_or_else(|| adapter.database())))
            }
            "valid_incremental_strategies" => {
                let strategies = self.invocation.adapter.capabilities().incremental_strategies;
                list(strategies.iter().map(|strategy| Value::from(*strategy)).collect())
            }
            "get_incremental_strategy_macro" => self.strategy_macro(args)?,
            "standardize_grants_dict" => {
                let args = Arguments::bind("adapter.standardize_grants_dict", &["grants_table"], args)?;
                grants(args.required("grants_table")?)
            }
            "render_raw_columns_constraints" => {
                let args = Arguments::bind("adapter.render_raw_columns_constraints", &["raw_columns"], args)?;
                let columns = to_json(args.required("raw_columns")?);
                let with_database = self.invocation.adapter.capabilities().has_foreign_keys_with_database;
                let alias_types = alias_types(state);
                texts(constraints::columns(dialect, &columns, alias_types, with_database))
            }
            "render_raw_model_constraints" => {
                let args =
                    Arguments::bind("adapter.render_raw_model_constraints", &["raw_constraints"], args)?;
                let with_database = self.invocation.adapter.capabilities().has_foreign_keys_with_database;
                let raw = to_json(args.required("raw_constraints")?);
                texts(constraints::of_model(&raw, with_database))
            }
            "submit_python_job" => {
                let diagnostic = Diagnostic::error(Code::NotSupported, "models in Python are not supported");
                return Err(raise(diagnostic.help("write the model in SQL")));
            }
            _ => return Ok(None),
        }))
    }

    /// The macro that writes the statements of an incremental strategy.
    fn strategy_macro(&self, args: &[Value]) -> Result<Value, Error> {
        let parameters = &["model_context", "strategy"];
        let args = Arguments::bind("adapter.get_incremental_strategy_macro", parameters, args)?;
        let strategy = args.text("strategy")?;
        let name = format!("get_incremental_{}_sql", strategy.replace('+', "_"));
        let owner = self.invocation.macros.find(&self.package, &name);
        owner.and_then(|owner| self.invocation.engine.macro_value(owner, &name)).ok_or_else(|| {
            let known = self.invocation.adapter.capabilities().incremental_strategies;
            let message = format!("there is no macro `{name}` for the incremental strategy `{strategy}`");
            let help = format!("use one of `{}`, or write the macro", known.join("`, `"));
            raise(Diagnostic::error(Code::MissingMacro, message).help(help))
        })
    }

    /// Whether the root project quotes parts of that name: `schema`, `identifier` …
    fn quoting(&self, key: &str) -> bool {
        let root = self.invocation.packages.iter().find(|package| package.is_root);
        root.and_then(|root| root.config.quoting.get(key)?.as_bool()).unwrap_or(true)
    }

    fn is_known(method: &str) -> Result<(), Error> {
        if METHODS.contains(&method) {
            return Ok(());
        }
        Err(unknown_method("adapter", method, METHODS.iter().copied()))
    }

    /// What a question gets while the project is parsed.
    fn unanswered(&self, method: &str) -> Value {
        match method {
            "execute" => {
                let table = Table::new(Rows::default(), &self.invocation.log).into_value();
                Value::from((ResponseValue::value(Response::default()), table))
            }
            "list_relations"
            | "list_relations_without_caching"
            | "get_columns_in_relation"
            | "get_missing_columns"
            | "list_schemas"
            | "infer_seed"
            | "get_column_schema_from_query" => list(Vec::new()),
            "already_exists" | "check_schema_exists" => Value::from(false),
            "get_relation" => Value::from(()),
            _ => Value::from(""),
        }
    }
}

impl Object for AdapterValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let dialect = self.invocation.adapter.dialect();
        match key.as_str()? {
            "Relation" => Some(Value::from_object(RelationClass { dialect })),
            "Column" => Some(Value::from_object(ColumnClass { dialect })),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some(answer) = self.offline(state, method, args)? {
            return Ok(answer);
        }
        if self.relations.is_some() {
            // As dbt: what a template asks while it is parsed is only answered when it runs.
            Self::is_known(method)?;
        }
        match &self.relations {
            Some(relations) => relations.answer(state, method, args),
            None => Ok(self.unanswered(method)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl fmt::Debug for AdapterValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<adapter {}>", self.invocation.adapter.name())
    }
}

fn texts(texts: Vec<String>) -> Value {
    list(texts.into_iter().map(Value::from).collect())
}

/// Whether the node's contract lets types be written as in other warehouses.
fn alias_types(state: &State<'_, '_>) -> bool {
    let contract = state.lookup("model").and_then(|model| model.get_attr("contract").ok());
    contract
        .and_then(|contract| contract.get_attr("alias_types").ok())
        .is_none_or(|flag| flag.is_true() || flag.is_undefined())
}

/// Who may do what, from the rows of a grants query, as `{privilege: [grantee, …]}`.
fn grants(table: &Value) -> Value {
    let Some(table) = Table::find(table) else { return dict(Vec::<(&str, Value)>::new()) };
    let column = |name: &str| table.rows().names.iter().position(|found| found.eq_ignore_ascii_case(name));
    let mut grants: Vec<(String, Vec<Value>)> = Vec::new();
    if let (Some(grantee), Some(privilege)) = (column("grantee"), column("privilege_type")) {
        for row in rows(&table.as_ref().clone().into_value()) {
            let (Some(grantee), Some(privilege)) = (row.get(grantee), row.get(privilege)) else { continue };
            let privilege = privilege.to_string();
            match grants.iter_mut().find(|(found, _)| *found == privilege) {
                Some((_, grantees)) => grantees.push(grantee.clone()),
                None => grants.push((privilege, vec![grantee.clone()])),
            }
        }
    }
    dict(grants.into_iter().map(|(privilege, grantees)| (privilege, list(grantees))))
}

/// A relation among the arguments.
pub(super) fn relation(args: &Arguments, name: &str) -> Result<Arc<RelationValue>, Error> {
    RelationValue::find(args.required(name)?).ok_or_else(|| args.wrong(name, "a relation"))
}

/// A relation's database and schema.
pub(super) fn place(relation: &RelationValue) -> Result<(Option<String>, String), Error> {
    let name = &relation.relation().name;
    let Some(schema) = name.schema.clone() else {
        return Err(raise(error(format!("the relation `{relation}` is in no schema"))));
    };
    Ok((name.database.clone(), schema))
}

/// The columns in a list of columns.
pub(super) fn columns(value: &Value) -> Vec<Arc<ColumnValue>> {
    let items = super::arguments::items(value).unwrap_or_default();
    items.iter().filter_map(ColumnValue::find).collect()
}
