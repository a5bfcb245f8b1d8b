use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::diagnostic::{Code, Diagnostic};
use crate::text::Files;
use crate::yaml;

/// The variables of a run: those of the command line win over those of the root
/// project, these over a package's own.
/// See <https://docs.getdbt.com/docs/build/project-variables>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vars {
    /// `--vars`.
    pub command_line: Map<String, Value>,
    /// The root project's `vars:`.
    pub root: Map<String, Value>,
    /// Each package's own `vars:`, by package.
    pub packages: BTreeMap<String, Map<String, Value>>,
}

impl Vars {
    /// The value of a variable as `package` sees it. In a project file a mapping under a
    /// package's name holds values for that package alone, and wins over the file's other
    /// values.
    #[must_use]
    pub fn get(&self, package: &str, name: &str) -> Option<&Value> {
        self.command_line.get(name).or_else(|| {
            self.levels(package).find_map(|level| {
                level.get(package).and_then(|scope| scope.get(name)).or_else(|| level.get(name))
            })
        })
    }

    /// The names of all variables that `package` sees, in order.
    #[must_use]
    pub fn names(&self, package: &str) -> Vec<String> {
        let scopes = self.levels(package).filter_map(|level| level.get(package)?.as_object());
        let all = self.levels(package).chain(scopes).chain([&self.command_line]);
        let mut names: Vec<_> = all.flat_map(|level| level.keys().cloned()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// All variables with their values as `package` sees them.
    #[must_use]
    pub fn all(&self, package: &str) -> Map<String, Value> {
        let names = self.names(package).into_iter();
        names.filter_map(|name| self.get(package, &name).cloned().map(|value| (name, value))).collect()
    }

    fn levels<'a>(&'a self, package: &str) -> impl Iterator<Item = &'a Map<String, Value>> + use<'a> {
        [Some(&self.root), self.packages.get(package)].into_iter().flatten()
    }
}

/// Reads the text of `--vars`: a mapping in YAML or JSON.
///
/// # Errors
/// `invalid-vars`, with the place in the text.
pub fn parse_vars(text: &str, files: &Files) -> Result<Map<String, Value>, Diagnostic> {
    let file = files.add("--vars", text);
    let checked = yaml::parse(&file);
    let help = "write `--vars 'name: value'`, or JSON: `--vars '{\"name\": \"value\"}'`";
    if let Some(error) = checked.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        let message = format!("the value of `--vars` is no YAML: {}", error.message());
        let diagnostic = Diagnostic::new(Code::InvalidVars, message);
        return Err(match error.labels().first() {
            Some(label) => diagnostic.label(label.span, label.text.clone()),
            None => diagnostic,
        }
        .help(help));
    }
    let Some(yaml) = checked.value else { return Ok(Map::new()) };
    match yaml.to_json() {
        Value::Object(vars) => Ok(vars),
        Value::Null => Ok(Map::new()),
        _ => Err(Diagnostic::new(Code::InvalidVars, "the value of `--vars` is not a mapping")
            .label(yaml.place(), format!("this is {}", yaml.describe()))
            .help(help)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn the_command_line_wins_over_the_root_project_and_that_over_the_package() {
        let vars = Vars {
            command_line: map(&json!({ "a": "cli" })),
            root: map(&json!({
                "a": "root", "b": "root", "c": "root", "utils": { "c": "root for utils" }
            })),
            packages: BTreeMap::from([(
                "utils".to_owned(),
                map(&json!({ "a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "utils": { "e": 6 } })),
            )]),
        };
        let get = |package, name| vars.get(package, name).cloned();
        assert_eq!(get("utils", "a"), Some(json!("cli")));
        assert_eq!(get("utils", "b"), Some(json!("root")));
        assert_eq!(get("utils", "c"), Some(json!("root for utils")));
        assert_eq!(get("shop", "c"), Some(json!("root")));
        assert_eq!(get("utils", "d"), Some(json!(4)));
        assert_eq!(get("utils", "e"), Some(json!(6)));
        assert_eq!(get("shop", "d"), None);
        assert_eq!(vars.names("shop"), ["a", "b", "c", "utils"]);
    }

    #[test]
    fn vars_are_yaml_or_json() {
        let files = Files::new();
        let read = |text| parse_vars(text, &files).map(Value::Object);
        assert_eq!(
            read("{\"시작일\": \"2024-01-01\", \"n\": 3}"),
            Ok(json!({ "시작일": "2024-01-01", "n": 3 }))
        );
        assert_eq!(read("a: yes"), Ok(json!({ "a": true })));
        assert_eq!(read("  "), Ok(json!({})));
        for (text, place) in
            [("a", "--vars:1:1"), ("[1, 2]", "--vars:1:2"), ("{a: [}", "--vars:1:5"), ("3", "--vars:1:1")]
        {
            let error = read(text).expect_err(text);
            assert_eq!(error.code(), Code::InvalidVars);
            assert_eq!(error.span().map(|span| files.location(span)).as_deref(), Some(place), "{error}");
        }
    }
}
