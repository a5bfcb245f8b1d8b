use std::sync::{Arc, OnceLock};

use serde_json::Map;

use super::{Target, Vars};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Engine, Error, Kwargs, Object, State, Value, from_json, raise, to_json};
use crate::system::{System, Variables};
use crate::text::Span;
use crate::yaml::{Mapping, Yaml, YamlKind};

/// Variables of the environment that hold secrets begin so.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/env_var>.
pub const SECRET_PREFIX: &str = "DBT_ENV_SECRET";

/// The `env_var(name, default)` of templates: an environment variable's text.
#[derive(Clone, Debug)]
pub struct EnvVar {
    variables: Variables,
    may_see_secrets: bool,
}

impl EnvVar {
    /// Sees the variables of `system` as they are now; secrets only in profiles.yml and
    /// packages.yml, as in dbt.
    #[must_use]
    pub fn new(system: &dyn System, may_see_secrets: bool) -> Self {
        Self { variables: system.variables(), may_see_secrets }
    }

    /// The same for a place where secrets are allowed.
    #[must_use]
    pub fn with_secrets(&self) -> Self {
        Self { may_see_secrets: true, ..self.clone() }
    }

    /// The variable, else the default.
    ///
    /// # Errors
    /// `missing-env-var` without both; a secret where none may be used.
    pub fn get(&self, name: &str, default: Option<Value>) -> Result<Value, Diagnostic> {
        if name.starts_with(SECRET_PREFIX) && !self.may_see_secrets {
            return Err(Diagnostic::new(
                Code::InvalidArguments,
                format!("the secret `{name}` cannot be used here"),
            )
            .help("variables that begin with `DBT_ENV_SECRET` are for profiles.yml and packages.yml only"));
        }
        if let Some(value) = self.variables.get(name) {
            return Ok(Value::from(value));
        }
        default.ok_or_else(|| {
            let names = self.variables.names();
            Diagnostic::new(Code::MissingEnvVar, format!("the environment variable `{name}` is not set"))
                .help(
                    suggest::similar("variable", name, names).unwrap_or_else(|| {
                        format!("set it, or give a default: `env_var('{name}', 'default')`")
                    }),
                )
        })
    }
}

impl Object for EnvVar {
    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        let (name, default) = name_and_default("env_var", "var", arguments).map_err(raise)?;
        // A variable is text: a default of none is no default, as in dbt.
        self.get(&name, default.filter(|value| !value.is_none())).map_err(raise)
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("env_var")
    }
}

/// The `var(name, default)` of templates, with its `var.has_var(name)`.
#[derive(Clone, Debug)]
pub struct VarFunction {
    vars: Arc<Vars>,
    package: String,
}

impl VarFunction {
    /// The variables as `package` sees them.
    #[must_use]
    pub fn new(vars: Arc<Vars>, package: impl Into<String>) -> Self {
        Self { vars, package: package.into() }
    }

    /// The variable, else the default.
    ///
    /// # Errors
    /// `missing-var` without both.
    pub fn get(&self, name: &str, default: Option<Value>) -> Result<Value, Diagnostic> {
        if let Some(value) = self.vars.get(&self.package, name) {
            return Ok(from_json(value));
        }
        default.ok_or_else(|| {
            let names = self.vars.names(&self.package);
            Diagnostic::new(Code::MissingVar, format!("the variable `{name}` is not set"))
                .help(suggest::similar("variable", name, names.iter().map(String::as_str)).unwrap_or_else(|| {
                    format!(
                        "give it in `vars:` of the project file or with `--vars '{name}: …'`, or write a default: `var('{name}', 'default')`"
                    )
                }))
        })
    }
}

impl Object for VarFunction {
    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, arguments: &[Value]) -> Result<Value, Error> {
        let (name, default) = name_and_default("var", "var", arguments).map_err(raise)?;
        self.get(&name, default).map_err(raise)
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        if method == "has_var" {
            let (name, _) = name_and_default("var.has_var", "name", arguments).map_err(raise)?;
            return Ok(Value::from(self.vars.get(&self.package, &name).is_some()));
        }
        let diagnostic = Diagnostic::new(Code::UndefinedName, format!("`var` has no method `{method}`"))
            .help("it has `has_var` only");
        Err(raise(diagnostic))
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("var")
    }
}

/// The arguments of `function(name, default)`.
fn name_and_default(
    function: &str,
    parameter: &str,
    arguments: &[Value],
) -> Result<(String, Option<Value>), Diagnostic> {
    let wrong = |why: String| {
        Diagnostic::new(Code::InvalidArguments, format!("`{function}` {why}"))
            .help(format!("it is called as `{function}(name)` or `{function}(name, default)`"))
    };
    let mut positional = Vec::new();
    let (mut name, mut default) = (None, None);
    for argument in arguments {
        let Ok(keywords) = Kwargs::try_from(argument.clone()) else {
            positional.push(argument.clone());
            continue;
        };
        if !argument.is_kwargs() {
            positional.push(argument.clone());
            continue;
        }
        for keyword in keywords.args() {
            let value = keywords.peek::<Value>(keyword).ok();
            if keyword == parameter {
                name = value;
            } else if keyword == "default" {
                default = value;
            } else {
                return Err(wrong(format!("has no parameter `{keyword}`")));
            }
        }
    }
    let count = positional.len();
    let mut positional = positional.into_iter();
    let name = positional.next().or(name).ok_or_else(|| wrong("needs a name".to_owned()))?;
    let default = positional.next().or(default).filter(|value| !value.is_undefined());
    if count > 2 {
        return Err(wrong(format!("takes two arguments, not {count}")));
    }
    match name.as_str() {
        Some(name) => Ok((name.to_owned(), default)),
        None => Err(wrong(format!("needs a name that is text, not {}", name.kind()))),
    }
}

/// Renders the Jinja in values of the project file, profiles.yml and packages.yml.
#[derive(Debug)]
pub(super) struct YamlRenderer {
    engine: OnceLock<Engine>,
    env_var: EnvVar,
    vars: Arc<Vars>,
    target: Option<Value>,
}

impl YamlRenderer {
    /// `vars` are those of the command line: the files' own are not known yet.
    pub fn new(system: &dyn System, vars: &Vars) -> Self {
        let vars = Vars { command_line: vars.command_line.clone(), ..Vars::default() };
        Self {
            engine: OnceLock::new(),
            env_var: EnvVar::new(system, false),
            vars: Arc::new(vars),
            target: None,
        }
    }

    /// With the variables of `vars.yml`.
    pub fn with_file_vars(mut self, vars: &Map<String, serde_json::Value>) -> Self {
        self.vars = Arc::new(Vars { root: vars.clone(), ..(*self.vars).clone() });
        self
    }

    /// With `target` among the names.
    pub fn with_target(mut self, target: &Target) -> Self {
        self.target = Some(target.value());
        self
    }

    /// The tree with every text that holds Jinja replaced by what it renders to, except
    /// below the top-level keys for which `is_left` is true.
    pub fn render(
        &self,
        yaml: &Yaml,
        may_see_secrets: bool,
        is_left: impl Fn(&str) -> bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Yaml {
        let mut names = vec![
            ("env_var".to_owned(), {
                let env_var =
                    if may_see_secrets { self.env_var.with_secrets() } else { self.env_var.clone() };
                Value::from_object(env_var)
            }),
            (
                "var".to_owned(),
                Value::from_object(VarFunction { vars: Arc::clone(&self.vars), package: String::new() }),
            ),
        ];
        names.extend(self.target.clone().map(|target| ("target".to_owned(), target)));
        let context = Value::from_pairs(names);
        let Some(mapping) = yaml.as_mapping() else { return self.value(yaml, &context, diagnostics) };
        let entries = mapping.entries.iter().map(|(key, value)| {
            let value = if is_left(key) { value.clone() } else { self.value(value, &context, diagnostics) };
            (key.clone(), value)
        });
        let entries = entries.collect();
        Yaml { kind: YamlKind::Mapping(Mapping { entries }), span: yaml.span }
    }

    fn value(&self, yaml: &Yaml, context: &Value, diagnostics: &mut Vec<Diagnostic>) -> Yaml {
        let kind = match &yaml.kind {
            YamlKind::Text(text) if is_template(text) => self.text(text, yaml.span, context, diagnostics),
            YamlKind::Sequence(items) => {
                let items = items.iter().filter_map(|item| {
                    let before = diagnostics.len();
                    let value = self.value(item, context, diagnostics);
                    // An item that could not be rendered would only be complained about again.
                    (diagnostics.len() == before).then_some(value)
                });
                YamlKind::Sequence(items.collect())
            }
            YamlKind::Mapping(mapping) => {
                let entries = mapping.entries.iter();
                let entries = entries
                    .map(|(key, value)| (key.clone(), self.value(value, context, diagnostics)))
                    .collect();
                YamlKind::Mapping(Mapping { entries })
            }
            kind => kind.clone(),
        };
        Yaml { kind, span: yaml.span }
    }

    fn text(&self, text: &str, at: Span, context: &Value, diagnostics: &mut Vec<Diagnostic>) -> YamlKind {
        match self.engine.get_or_init(Engine::new).evaluate(text, at, context) {
            Ok(value) => {
                let json = to_json(&value);
                Yaml::from_json(&json, at).kind
            }
            Err(error) => {
                diagnostics.push(error);
                YamlKind::Null
            }
        }
    }
}

impl Target {
    /// What templates see as `target`: the keys of the profile's output, without those
    /// that hold secrets, and what every target has.
    /// See <https://docs.getdbt.com/reference/dbt-jinja-functions/target>.
    #[must_use]
    pub fn value(&self) -> Value {
        let mut keys: Map<String, serde_json::Value> = self
            .keys
            .iter()
            .filter(|(key, _)| !is_secret(key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        for (key, value) in [
            ("profile_name", &self.profile_name),
            ("target_name", &self.name),
            ("name", &self.name),
            ("type", &self.kind),
            ("database", &self.database),
            ("dbname", &self.database),
            ("schema", &self.schema),
        ] {
            keys.insert(key.to_owned(), value.as_str().into());
        }
        keys.insert("threads".to_owned(), self.threads.into());
        from_json(&serde_json::Value::Object(keys))
    }
}

fn is_secret(key: &str) -> bool {
    let key = key.to_lowercase();
    // These may hold passwords and keys.
    if ["attach", "filesystems"].contains(&key.as_str()) {
        return true;
    }
    ["password", "pass", "token", "secret", "private_key", "keyfile_json"].iter().any(|word| {
        key == *word
            || key.strip_suffix(word).is_some_and(|rest| rest.ends_with('_'))
            || key.strip_suffix('s').is_some_and(|key| key.ends_with(word))
    })
}

/// Whether a text holds Jinja.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::system::MemorySystem;
    use crate::text::Files;

    fn evaluate(text: &str) -> Result<Json, (Code, String, Option<String>)> {
        let system = MemorySystem::new().env_var("가게", "shop").env_var("DBT_ENV_SECRET_KEY", "s3cret");
        let vars = Vars {
            root: json!({ "n": [1, 2], "none": null }).as_object().cloned().unwrap_or_default(),
            ..Vars::default()
        };
        let context = Value::from_pairs([
            ("env_var", Value::from_object(EnvVar::new(&system, false))),
            ("var", Value::from_object(VarFunction::new(Arc::new(vars), "shop"))),
        ]);
        let file = Files::new().add("a.yml", text);
        Engine::new()
            .evaluate(text, file.span(), &context)
            .map(|value| to_json(&value))
            .map_err(|told| (told.code(), told.message().to_owned(), told.help_text().map(str::to_owned)))
    }

    #[test]
    fn variables_are_found_with_or_without_a_default() {
        for (text, value) in [
            ("{{ env_var('가게') }}", json!("shop")),
            ("{{ env_var('가게', 'x') }}-{{ env_var('b', 'c') }}", json!("shop-c")),
            ("{{ env_var(var='b', default='c') }}", json!("c")),
            ("{{ var('n') }}", json!([1, 2])),
            ("{{ var('none') }}", Json::Null),
            ("{{ var('m', {'a': 1}) }}", json!({ "a": 1 })),
            ("{{ var('m', default=3) }}", json!(3)),
            ("{{ var.has_var('n') }}", json!(true)),
            ("{{ var.has_var('m') }}", json!(false)),
        ] {
            assert_eq!(evaluate(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn wrong_calls_are_told() {
        for (text, code, message) in [
            ("{{ env_var('가개') }}", Code::MissingEnvVar, "`가개`"),
            ("{{ env_var('가개', none) }}", Code::MissingEnvVar, "`가개`"),
            ("{{ env_var('DBT_ENV_SECRET_KEY') }}", Code::InvalidArguments, "cannot be used here"),
            ("{{ env_var() }}", Code::InvalidArguments, "`env_var` needs a name"),
            ("{{ env_var(3) }}", Code::InvalidArguments, "not number"),
            ("{{ env_var('a', 'b', 'c') }}", Code::InvalidArguments, "not 3"),
            ("{{ var('a', defalt=1) }}", Code::InvalidArguments, "`defalt`"),
            ("{{ var('m') }}", Code::MissingVar, "`m`"),
            ("{{ var.get('m') }}", Code::UndefinedName, "`get`"),
        ] {
            let (found, said, _) = evaluate(text).expect_err(text);
            assert!(found == code && said.contains(message), "{text}: {found} {said}");
        }
        let (.., help) = evaluate("{{ env_var('가개') }}").expect_err("not set");
        assert_eq!(help.as_deref(), Some("a variable with a similar name exists: `가게`"));
    }
}
