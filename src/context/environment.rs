use std::fmt;
use std::sync::Arc;

use super::arguments::{Arguments, error, unknown_method};
use super::function::pure;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Error, Object, ObjectRepr, State, Value, from_json, raise};
use crate::project::Vars;
use crate::system::System;

/// Variables that only profiles and packages may use: their values must not end in
/// compiled files. See <https://docs.getdbt.com/reference/dbt-jinja-functions/env_var#secrets>.
const SECRET_PREFIX: &str = "DBT_ENV_SECRET";

/// `env_var(name, default)`.
pub(super) fn env_var(system: &Arc<dyn System>) -> Value {
    let system = Arc::clone(system);
    pure("env_var", move |args| {
        let args = Arguments::bind("env_var", &["var", "default"], args)?;
        let name = args.text("var")?;
        if name.starts_with(SECRET_PREFIX) {
            let message =
                format!("the environment variable `{name}` is a secret, which templates cannot see");
            let help = "use it in profiles.yml or packages.yml, or give it another name";
            return Err(raise(error(message).help(help)));
        }
        match (system.env(&name), args.some("default")) {
            (Some(value), _) => Ok(Value::from(value)),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => {
                let message = format!("the environment variable `{name}` is not set");
                let help = format!("set it, or give a default: `env_var('{name}', '…')`");
                Err(raise(Diagnostic::error(Code::MissingEnvVar, message).help(help)))
            }
        }
    })
}

/// `var(name, default)` and `var.has_var(name)`.
pub(super) fn var(vars: &Vars, package: &str) -> Value {
    Value::from_object(Var { vars: vars.clone(), package: package.to_owned() })
}

#[derive(Debug)]
struct Var {
    vars: Vars,
    package: String,
}

impl Var {
    fn missing(&self, name: &str) -> Error {
        let levels =
            [Some(&self.vars.command_line), Some(&self.vars.root), self.vars.packages.get(&self.package)];
        let known = levels.into_iter().flatten().flat_map(|level| level.keys()).map(String::as_str);
        let message = format!("the variable `{name}` is not set");
        let help = suggest::similar("variable", name, known).unwrap_or_else(|| {
            format!("set it under `vars:` in the project file or with `--vars`, or give a default: `var('{name}', …)`")
        });
        raise(Diagnostic::error(Code::MissingVar, message).help(help))
    }
}

impl Object for Var {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("var", &["name", "default"], args)?;
        let name = args.text("name")?;
        match (self.vars.get(&self.package, &name), args.get("default")) {
            (Some(value), _) => Ok(from_json(value)),
            (None, Some(default)) => Ok(default.clone()),
            (None, None) => Err(self.missing(&name)),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method != "has_var" {
            return Err(unknown_method("var", method, ["has_var"]));
        }
        let args = Arguments::bind("var.has_var", &["name"], args)?;
        Ok(Value::from(self.vars.get(&self.package, &args.text("name")?).is_some()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<function var>")
    }
}
