use super::RelationValue;
use super::adapter_value::{columns, place, relation};
use super::agate::Table;
use super::arguments::{Arguments, unknown_method};
use super::column::ColumnValue;
use super::external_versions;
use super::relations::{Relations, rows};
use super::response::ResponseValue;
use super::values::list;
use crate::adapter::{Relation, Rows};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, State, Value};
use crate::sql::RelationName;

impl Relations {
    /// Answers a method of `adapter` that needs the warehouse.
    pub(super) fn answer(
        &self,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "execute" => self.execute(args),
            "commit" => {
                Arguments::bind("adapter.commit", &[], args)?;
                self.wire.end(true).map_err(|error| self.wire.raise(error))?;
                Ok(Value::from(""))
            }
            "get_relation" | "already_exists" | "list_relations" | "list_relations_without_caching" => {
                self.find_relations(state, method, args)
            }
            "get_columns_in_relation" => {
                let args = Arguments::bind("adapter.get_columns_in_relation", &["relation"], args)?;
                let relation = relation(&args, "relation")?;
                if let Some(columns) = self.cache.supposed_columns(&relation.relation().name) {
                    self.wire.note_look();
                    let dialect = self.wire.invocation.adapter.dialect();
                    let column = |(name, kind): &(String, crate::sql::DataType)| {
                        ColumnValue::new(dialect, name, kind.as_str()).into_value()
                    };
                    return Ok(list(columns.iter().map(column).collect()));
                }
                self.call(state, "get_columns_in_relation", &[(*relation).clone().into_value()])
            }
            "get_column_schema_from_query" => self.columns_of_query(args),
            "get_missing_columns" => self.missing_columns(state, args),
            "expand_target_column_types" => self.expand_columns(state, args),
            "alter_column_type" => {
                let parameters = &["relation", "column_name", "new_column_type"];
                Arguments::bind("adapter.alter_column_type", parameters, args)?;
                self.call(state, "alter_column_type", args)
            }
            "create_schema" | "drop_schema" | "drop_relation" | "truncate_relation" => {
                self.change(state, method, args)
            }
            "rename_relation" => {
                let parameters = &["from_relation", "to_relation"];
                let bound = Arguments::bind("adapter.rename_relation", parameters, args)?;
                let (from, to) = (relation(&bound, "from_relation")?, relation(&bound, "to_relation")?);
                self.call(state, method, &[(*from).clone().into_value(), (*to).clone().into_value()])?;
                self.cache.rename(&from.relation().name, &to.relation().name);
                Ok(Value::from(""))
            }
            "assert_valid_snapshot_target_given_strategy" | "valid_snapshot_target" => {
                let parameters = &["relation", "column_names", "strategy"];
                let args = Arguments::bind(&format!("adapter.{method}"), parameters, args)?;
                let relation = (*relation(&args, "relation")?).clone().into_value();
                let given = |name: &str| args.get(name).cloned().unwrap_or(Value::from(()));
                let arguments = [relation, given("column_names"), given("strategy")];
                self.call(state, "assert_valid_snapshot_target", &arguments)
            }
            "external_write_options" | "external_read_location" => {
                let args = Arguments::bind(&format!("adapter.{method}"), &["location", "options"], args)?;
                let options = args.get("options").cloned().unwrap_or(Value::from(()));
                self.call(state, method, &[args.required("location")?.clone(), options])
            }
            "begin_external_version" => {
                let args = Arguments::bind("adapter.begin_external_version", &["place", "version"], args)?;
                let place = args.text("place")?;
                let system = &self.wire.invocation.system;
                let before = external_versions::begin(&**system, &place, &args.text("version")?);
                Ok(Value::from(before.map_err(|error| self.no_folder(&place, &error))?))
            }
            "drop_external_versions" => {
                let parameters = &["place", "current", "before"];
                let args = Arguments::bind("adapter.drop_external_versions", parameters, args)?;
                let (place, current, before) =
                    (args.text("place")?, args.text("current")?, args.text("before")?);
                let system = &self.wire.invocation.system;
                external_versions::drop_old(&**system, &place, &current, &before)
                    .map_err(|error| self.no_folder(&place, &error))?;
                Ok(Value::from(""))
            }
            "get_hard_deletes_behavior" => {
                let args = Arguments::bind("adapter.get_hard_deletes_behavior", &["config"], args)?;
                self.call(state, "get_hard_deletes_behavior", &[args.required("config")?.clone()])
            }
            "check_schema_exists" | "list_schemas" => self.schemas(state, method, args),
            "cache_added" | "cache_new" | "cache_dropped" | "cache_renamed" => self.note(method, args),
            "infer_seed" => self.infer_seed(args),
            "load_seed" => self.load_seed(args),
            _ => Err(unknown_method("adapter", method, [])),
        }
    }

    /// A folder for files of a model cannot be changed.
    fn no_folder(&self, location: &str, error: &std::io::Error) -> Error {
        let message = format!("the folder `{location}` cannot be changed: {error}");
        self.wire.raise(
            Diagnostic::error(Code::DatabaseError, message)
                .help("give this user the right to write there, or choose another `location`"),
        )
    }

    /// `execute(sql, auto_begin, fetch, limit)`: the response and a table.
    fn execute(&self, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("adapter.execute", &["sql", "auto_begin", "fetch", "limit"], args)?;
        let sql = args.text("sql")?;
        let auto_begin = args.flag("auto_begin", false);
        let limit = args.optional_integer("limit")?.map(|limit| usize::try_from(limit).unwrap_or(0));
        let log = &self.wire.invocation.log;
        if !args.flag("fetch", false) {
            let response = self.wire.execute(&sql, auto_begin).map_err(|error| self.wire.raise(error))?;
            let table = Table::new(Rows::default(), log).into_value();
            return Ok(Value::from((ResponseValue::value(response), table)));
        }
        let mut rows = self.wire.query(&sql, auto_begin).map_err(|error| self.wire.raise(error))?;
        if let Some(limit) = limit {
            rows.rows.truncate(limit);
        }
        let response = crate::adapter::Response {
            message: "OK".to_owned(),
            rows_affected: Some(rows.rows.len() as u64),
        };
        Ok(Value::from((ResponseValue::value(response), Table::new(rows, log).into_value())))
    }

    fn find_relations(
        &self,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "get_relation" => {
                let args =
                    Arguments::bind("adapter.get_relation", &["database", "schema", "identifier"], args)?;
                let (database, schema) = (args.optional_text("database")?, args.text("schema")?);
                let found = self.find(state, database.as_deref(), &schema, &args.text("identifier")?)?;
                Ok(found.map_or(Value::from(()), |relation| RelationValue::new(relation).into_value()))
            }
            "already_exists" => {
                let args = Arguments::bind("adapter.already_exists", &["schema", "name"], args)?;
                let found = self.find(state, None, &args.text("schema")?, &args.text("name")?)?;
                Ok(Value::from(found.is_some()))
            }
            "list_relations" => {
                let args = Arguments::bind("adapter.list_relations", &["database", "schema"], args)?;
                let database = args.optional_text("database")?;
                let found = self.list(state, database.as_deref(), &args.text("schema")?)?;
                Ok(list(found.into_iter().map(|found| RelationValue::new(found).into_value()).collect()))
            }
            _ => {
                let args =
                    Arguments::bind("adapter.list_relations_without_caching", &["schema_relation"], args)?;
                let (database, schema) = place(&*relation(&args, "schema_relation")?)?;
                let database = database.unwrap_or_else(|| self.wire.invocation.adapter.database().to_owned());
                let found = self.ask(state, &database, &schema)?;
                Ok(list(found.into_iter().map(|found| RelationValue::new(found).into_value()).collect()))
            }
        }
    }

    /// The columns that a query gives.
    fn columns_of_query(&self, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("adapter.get_column_schema_from_query", &["sql"], args)?;
        let rows = self.wire.query(&args.text("sql")?, false).map_err(|error| self.wire.raise(error))?;
        let dialect = self.wire.invocation.adapter.dialect();
        let columns = rows.names.iter().zip(&rows.types);
        Ok(list(columns.map(|(name, kind)| ColumnValue::new(dialect, name, kind).into_value()).collect()))
    }

    /// The columns of one relation that another has not.
    fn missing_columns(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("adapter.get_missing_columns", &["from_relation", "to_relation"], args)?;
        let mut of = |name: &str| -> Result<Value, Error> {
            let relation = (*relation(&args, name)?).clone().into_value();
            self.call(state, "get_columns_in_relation", &[relation])
        };
        let (from, to) = (of("from_relation")?, of("to_relation")?);
        let there: Vec<String> = columns(&to).iter().map(|column| column.name.to_lowercase()).collect();
        let missing =
            columns(&from).into_iter().filter(|column| !there.contains(&column.name.to_lowercase()));
        Ok(list(missing.map(|column| (*column).clone().into_value()).collect()))
    }

    /// Widens the text columns of a relation to hold the texts of another.
    fn expand_columns(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let parameters = &["from_relation", "to_relation"];
        let args = Arguments::bind("adapter.expand_target_column_types", parameters, args)?;
        let from = (*relation(&args, "from_relation")?).clone().into_value();
        let to = (*relation(&args, "to_relation")?).clone().into_value();
        let wanted = columns(&self.call(state, "get_columns_in_relation", &[from])?);
        let present = columns(&self.call(state, "get_columns_in_relation", std::slice::from_ref(&to))?);
        for column in present {
            let Some(other) = wanted.iter().find(|other| other.name.eq_ignore_ascii_case(&column.name))
            else {
                continue;
            };
            if column.can_expand_to(other)? {
                let kind = format!("character varying({})", other.string_size()?);
                let arguments = [to.clone(), Value::from(column.name.as_str()), Value::from(kind)];
                self.call(state, "alter_column_type", &arguments)?;
            }
        }
        Ok(Value::from(""))
    }

    /// Runs the macro of that name and keeps the cache true.
    fn change(&self, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind(&format!("adapter.{method}"), &["relation"], args)?;
        let relation = relation(&args, "relation")?;
        self.call(state, method, &[(*relation).clone().into_value()])?;
        match method {
            "drop_relation" => self.cache.remove(&relation.relation().name),
            "drop_schema" => {
                let (database, schema) = place(&relation)?;
                let database = database.unwrap_or_else(|| self.wire.invocation.adapter.database().to_owned());
                self.cache.drop_schema(&database, &schema);
            }
            _ => {}
        }
        Ok(Value::from(""))
    }

    fn schemas(&self, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        if method == "list_schemas" {
            let args = Arguments::bind("adapter.list_schemas", &["database"], args)?;
            let answer = self.call(state, method, &[Value::from(args.text("database")?)])?;
            return Ok(list(rows(&answer).into_iter().filter_map(|row| row.into_iter().next()).collect()));
        }
        let args = Arguments::bind("adapter.check_schema_exists", &["database", "schema"], args)?;
        let dialect = self.wire.invocation.adapter.dialect();
        let name = RelationName::new(dialect, &args.text("database")?, "INFORMATION_SCHEMA", "SCHEMATA");
        let asked = RelationValue::new(Relation { name, kind: None }).into_value();
        let answer = self.call(state, method, &[asked, Value::from(args.text("schema")?)])?;
        let count = rows(&answer).into_iter().next().and_then(|row| row.into_iter().next());
        Ok(Value::from(count.is_some_and(|count| count.is_true())))
    }

    /// What a macro did on its own is told to the cache.
    fn note(&self, method: &str, args: &[Value]) -> Result<Value, Error> {
        let function = format!("adapter.{method}");
        if method == "cache_renamed" {
            let args = Arguments::bind(&function, &["from_relation", "to_relation"], args)?;
            let (from, to) = (relation(&args, "from_relation")?, relation(&args, "to_relation")?);
            self.cache.rename(&from.relation().name, &to.relation().name);
            return Ok(Value::from(""));
        }
        let args = Arguments::bind(&function, &["relation"], args)?;
        let relation = relation(&args, "relation")?.relation().clone();
        match method {
            "cache_dropped" => self.cache.remove(&relation.name),
            _ => self.cache.add(relation),
        }
        Ok(Value::from(""))
    }
}
