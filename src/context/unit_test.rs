use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::scope::Scope;
use crate::jinja::{Enumerator, Error, Object, State, Value, from_json};
use crate::manifest::{Subject, UnitTest};
use crate::project::{EnvVar, VarFunction, Vars};

impl Scope {
    /// Takes a unit test's `macros`, `vars` and `env_vars` in place of the project's. A macro
    /// that is named with its package is replaced for calls with and without the package.
    /// See <https://docs.getdbt.com/reference/resource-properties/unit-test-overrides>.
    pub(super) fn override_for(self: &Arc<Self>, test: &UnitTest) {
        let none = Map::new();
        let of = |key: &str| {
            test.overrides.as_ref().and_then(|all| all.get(key)?.as_object()).unwrap_or(&none).clone()
        };
        let mut macros = of("macros");
        // A unit test looks at the query: it does not add to a table unless it says so.
        if !test.expects_table && matches!(test.subject, Subject::Node(_)) {
            macros.entry("is_incremental").or_insert(Json::Bool(false));
        }
        self.override_macros(&macros);
        let vars = of("vars");
        if !vars.is_empty() {
            let mut all = Vars::clone(&self.invocation().vars);
            all.command_line.extend(vars);
            self.add("var", Value::from_object(VarFunction::new(Arc::new(all), self.package())));
        }
        let env = of("env_vars");
        if !env.is_empty() {
            let outer = Value::from_object(EnvVar::new(&*self.invocation().system, false));
            self.add("env_var", env_var(env, outer));
        }
    }

    fn override_macros(self: &Arc<Self>, macros: &Map<String, Json>) {
        let mut packages: Vec<(String, Vec<(String, Value)>)> = Vec::new();
        for (name, value) in macros {
            let value = Value::from_object(Replaced(from_json(value)));
            let (package, short) = match name.rsplit_once('.') {
                Some((package, short)) => (package.to_owned(), short),
                None => {
                    let owner = self.invocation().macros.find(self.package(), name);
                    (owner.unwrap_or_default().to_owned(), name.as_str())
                }
            };
            let is_near = {
                let macros = &self.invocation().macros;
                let bare = macros.find(self.package(), short);
                bare.is_none() || bare == macros.find_in(&package, short) || !name.contains('.')
            };
            if is_near {
                self.add(short, value.clone());
            }
            match packages.iter_mut().find(|(known, _)| *known == package) {
                Some((_, values)) => values.push((short.to_owned(), value)),
                None => packages.push((package, vec![(short.to_owned(), value)])),
            }
        }
        for (package, values) in packages {
            let names = match self.invocation().macros.is_builtin(&package) {
                true => vec!["dbt".to_owned(), package],
                false => vec![package],
            };
            for name in names {
                let Some(inner) = self.get_value(&Value::from(name.as_str())) else { continue };
                self.add(&name, Value::from_object(Overridden { inner, values: values.clone() }));
            }
        }
    }
}

/// What a template sees of the rows that are expected: `format` and `rows`.
pub(super) fn expected(test: &UnitTest) -> Value {
    from_json(&json!({"format": test.expect.format.name(), "rows": test.expect.rows}))
}

/// `env_var` that knows some variables itself.
fn env_var(own: Map<String, Json>, outer: Value) -> Value {
    super::function::function("env_var", move |state, args| {
        let found = args.first().and_then(|name| own.get(name.as_str()?));
        match found {
            Some(Json::String(text)) => Ok(Value::from(text.as_str())),
            Some(value) => Ok(Value::from(value.to_string())),
            None => outer.call(state, args),
        }
    })
}

/// A macro that gives the same value whatever it is called with.
struct Replaced(Value);

impl fmt::Debug for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<override {}>", self.0)
    }
}

impl Object for Replaced {
    fn repr(self: &Arc<Self>) -> crate::jinja::ObjectRepr {
        crate::jinja::ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Ok(self.0.clone())
    }
}

/// A package of which some macros are replaced.
#[derive(Debug)]
struct Overridden {
    inner: Value,
    values: Vec<(String, Value)>,
}

impl Overridden {
    fn own(&self, name: &str) -> Option<Value> {
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }
}

impl Object for Overridden {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.own(key.as_str()?)
            .or_else(|| self.inner.get_item(key).ok().filter(|value| !value.is_undefined()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.inner.try_iter().map(Iterator::collect).unwrap_or_default())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match self.own(method) {
            Some(value) => value.call(state, args),
            None => self.inner.call_method(state, method, args),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner)
    }
}
