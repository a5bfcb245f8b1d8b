use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::file::named;
use crate::diagnostic::{Code, Diagnostic};
use crate::yaml::{Reader, Yaml};

/// What a properties file says of the signature of a function.
/// See <https://docs.getdbt.com/reference/function-properties>.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Signature {
    /// In order: each a mapping of `name`, `data_type`, `description`, `default_value`.
    #[serde(with = "crate::text::kept_json")]
    pub arguments: Vec<Value>,
    /// A mapping of `data_type` and `description`.
    #[serde(with = "crate::text::kept_json")]
    pub returns: Value,
}

impl Signature {
    /// Takes the keys of an entry of `functions:` that are about the signature.
    pub(super) fn take(reader: &mut Reader<'_>, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let items: Vec<Yaml> = reader.list("arguments").unwrap_or_default();
        let arguments = items.iter().filter_map(|item| argument(item, what, diagnostics)).collect();
        let returns: Option<Yaml> = reader.require("returns");
        let returns = returns.and_then(|yaml| returned(&yaml, what, diagnostics));
        if let Some(overloads) = reader.value("overloads") {
            let message = format!("{what} has `overloads`, which functions on duckdb cannot have");
            reader.complain(
                Diagnostic::new(Code::NotSupported, message)
                    .label(overloads.place(), "")
                    .help("give each signature a function of its own name"),
            );
        }
        Self { arguments, returns: returns.unwrap_or_default() }
    }
}

fn argument(yaml: &Yaml, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Value> {
    let what = format!("{} of {what}", named(yaml, "an argument"));
    let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
    let name: Option<String> = reader.require("name");
    let data_type: Option<String> = reader.require("data_type");
    let mut argument = Map::new();
    argument.insert("name".to_owned(), name.into());
    argument.insert("data_type".to_owned(), data_type.into());
    argument.insert("description".to_owned(), reader.get::<String>("description").into());
    argument.insert("default_value".to_owned(), reader.value("default_value").map(Yaml::to_json).into());
    diagnostics.extend(reader.finish());
    Some(Value::Object(argument))
}

fn returned(yaml: &Yaml, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Value> {
    let what = format!("`returns` of {what}");
    let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
    let data_type: Option<String> = reader.require("data_type");
    let mut returned = Map::new();
    returned.insert("data_type".to_owned(), data_type.into());
    returned.insert("description".to_owned(), reader.get::<String>("description").into());
    diagnostics.extend(reader.finish());
    Some(Value::Object(returned))
}
