use std::path::{Path, PathBuf};

use super::arguments::Arguments;
use super::blame::help;
use super::relation::RelationValue;
use super::relations::Relations;
use super::response::ResponseValue;
use super::values::{dict, list};
use crate::adapter::{AdapterError, SeedFile};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, Value, raise};
use crate::text::Span;

/// A seed's CSV file, as a node in `model` form tells it.
struct Csv {
    path: PathBuf,
    /// As users know it.
    shown: String,
    delimiter: char,
    /// Names and types that the project wants for columns.
    types: Vec<(String, String)>,
}

impl Csv {
    fn read(args: &Arguments) -> Result<Self, Error> {
        let model = args.required("model")?;
        let text = |name: &str| {
            let value = model.get_attr(name).unwrap_or_default();
            value.as_str().map(str::to_owned).ok_or_else(|| args.wrong("model", "the `model` of a seed"))
        };
        let (root, shown) = (text("root_path")?, text("original_file_path")?);
        let config = model.get_attr("config").unwrap_or_default();
        let wanted = config.get_attr("delimiter").unwrap_or_default();
        let delimiter = match wanted.as_str().map(|text| text.chars().collect::<Vec<_>>()) {
            None => ',',
            Some(letters) => match letters.as_slice() {
                [letter] => *letter,
                _ => {
                    let message = format!("`delimiter` of a seed is one character, not `{wanted}`");
                    return Err(raise(
                        Diagnostic::error(Code::InvalidArguments, message).help("remove it for a comma"),
                    ));
                }
            },
        };
        let types = config.get_attr("column_types").unwrap_or_default();
        let types = types.as_object().and_then(crate::jinja::DynObject::try_iter_pairs);
        let types = types.into_iter().flatten().map(|(name, kind)| (name.to_string(), kind.to_string()));
        Ok(Self { path: Path::new(&root).join(&shown), shown, delimiter, types: types.collect() })
    }
}

impl Relations {
    /// `adapter.infer_seed(model)`: the columns of the seed's file, as dicts of `name` and
    /// `type`.
    pub(super) fn infer_seed(&self, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("adapter.infer_seed", &["model"], args)?;
        let csv = Csv::read(&args)?;
        let columns = self.wire.with_connection(|connection| {
            let inferred = connection.infer_seed(&csv.path, csv.delimiter, &csv.types);
            inferred.map_err(|error| self.blame_csv(&csv, &error))
        });
        let column =
            |(name, kind): (String, String)| dict([("name", Value::from(name)), ("type", Value::from(kind))]);
        Ok(list(columns.map_err(|error| self.wire.raise(error))?.into_iter().map(column).collect()))
    }

    /// `adapter.load_seed(relation, model, columns)`: fills the table; what the warehouse
    /// said of it comes back.
    pub(super) fn load_seed(&self, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("adapter.load_seed", &["relation", "model", "columns"], args)?;
        let into = RelationValue::find(args.required("relation")?)
            .ok_or_else(|| args.wrong("relation", "a relation"))?;
        let csv = Csv::read(&args)?;
        let part = |column: &Value, name: &str| {
            let value = column.get_attr(name).unwrap_or_default();
            value.as_str().map(str::to_owned).ok_or_else(|| args.wrong("columns", "what `infer_seed` gave"))
        };
        let columns = args.items("columns")?;
        let columns = columns.iter().map(|column| Ok((part(column, "name")?, part(column, "type")?)));
        let columns: Vec<(String, String)> = columns.collect::<Result<_, Error>>()?;
        let seed = SeedFile { path: csv.path.clone(), delimiter: csv.delimiter, columns };
        self.wire.begin().map_err(|error| self.wire.raise(error))?;
        let response = self.wire.with_connection(|connection| {
            connection.load_seed(&into.relation().name, &seed).map_err(|error| self.blame_csv(&csv, &error))
        });
        Ok(ResponseValue::value(response.map_err(|error| self.wire.raise(error))?))
    }

    /// The diagnostic for an error that counts positions in the CSV file. The file's text
    /// is taken in only now: seeds are read by the warehouse, and may be large.
    fn blame_csv(&self, csv: &Csv, error: &AdapterError) -> Diagnostic {
        let invocation = &self.wire.invocation;
        let Some(position) = error.position else { return self.wire.failed(error) };
        let Ok(bytes) = invocation.system.read(&csv.path) else { return self.wire.failed(error) };
        let text = String::from_utf8_lossy(&bytes);
        let known = invocation.files.find(&csv.shown).filter(|file| *file.text() == *text);
        let file = known.unwrap_or_else(|| invocation.files.add(csv.shown.as_str(), &*text));
        // Letters that are no UTF-8 moved what comes after them.
        let at = String::from_utf8_lossy(bytes.get(..position).unwrap_or(&bytes)).len();
        let end = file.text().get(at..).map_or(at, |rest| at + rest.find('\n').unwrap_or(rest.len()));
        let diagnostic = Diagnostic::error(Code::InvalidCsv, error.message.trim())
            .label(Span::new(file.id(), at, end), "")
            .help(help(error));
        error.notes.iter().fold(diagnostic, Diagnostic::note)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::context::testing::World;
    use crate::jinja::Value;
    use crate::system::{MemorySystem, OsSystem, System};

    /// A world with a seed's file on disk, where DuckDB reads it, and in memory.
    fn world(text: &str, folder: &Path) -> (World, Value) {
        let path = folder.join("seeds/상품.csv");
        OsSystem.write(&path, text.as_bytes()).unwrap();
        let system = MemorySystem::new().file(&path, text);
        let world = World::on(system);
        let model = serde_json::json!({
            "root_path": folder, "original_file_path": "seeds/상품.csv",
            "config": {"delimiter": ";", "column_types": {"code": "varchar"}},
        });
        (world, crate::jinja::from_json(&model))
    }

    #[test]
    fn a_seed_is_inferred_and_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let (world, model) = world("code;price\n007;1.5\n008;2\n", folder.path());
        let context = world.run().with("seed", model);
        let text = "{% set columns = adapter.infer_seed(seed) %}{% do run_query('create table t (code varchar, price double)') %}\
            {% set response = adapter.load_seed(this.incorporate(path={'identifier': 't'}), seed, columns) %}\
            {% do adapter.commit() %}{{ columns }} {{ response.rows_affected }} {{ run_query('select code from t').columns[0].values() }}";
        let rendered = world.evaluate(&context.value(), text).unwrap().to_string();
        assert_eq!(
            rendered,
            "[{'name': 'code', 'type': 'varchar'}, {'name': 'price', 'type': 'DOUBLE'}] 2 ('007', '008')"
        );
    }

    #[test]
    fn a_broken_file_is_told_at_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let (world, model) = world("code;price\n007;1.5\n008;\"열린\n", folder.path());
        let context = world.run().with("seed", model);
        let error = world.evaluate(&context.value(), "{{ adapter.infer_seed(seed) }}").unwrap_err();
        assert_eq!(error.code().name(), "invalid-csv");
        let place = error.span().map(|span| world.invocation.files.location(span));
        assert!(place.as_deref().is_some_and(|place| place.starts_with("seeds/상품.csv:3:")), "{place:?}");
    }

    #[test]
    fn wrong_seeds_are_told() {
        let world = World::new();
        for expression in ["adapter.infer_seed(model)", "adapter.infer_seed()", "adapter.load_seed(1, 2, 3)"]
        {
            let error = world.error(&format!("{{{{ {expression} }}}}"));
            assert!(error.starts_with("invalid-arguments: "), "{expression}: {error}");
        }
    }
}
