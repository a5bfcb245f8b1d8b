use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock, Weak};

use super::{Invocation, common};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Enumerator, Error, ErrorKind, Object, State, Value, raise};
use crate::project::{EnvVar, VarFunction};
use crate::text::Span;

/// A value that is made when a template asks for it.
type Lazy = LazyLock<Value, Box<dyn FnOnce() -> Value + Send>>;

enum Entry {
    Ready(Value),
    Lazy(Lazy),
}

/// All names that a template sees, found when they are asked for: macros by bare name,
/// packages, then what the phase offers, then what every phase offers. As in dbt, a macro
/// of the project goes before a function of ours.
pub(super) struct Scope {
    invocation: Arc<Invocation>,
    package: String,
    has_macros: bool,
    names: Vec<(&'static str, Entry)>,
    /// What was added later; it goes before all else.
    added: RwLock<Vec<(String, Value)>>,
}

impl Scope {
    /// For a template of `package`, with the names that `fill` sets. Functions that need
    /// the scope itself are given it as a weak pointer, for it holds them.
    pub(super) fn build(
        invocation: &Arc<Invocation>,
        package: &str,
        fill: impl FnOnce(&mut Self, &Weak<Self>),
    ) -> Arc<Self> {
        Arc::new_cyclic(|me| {
            let mut scope = Self {
                invocation: Arc::clone(invocation),
                package: package.to_owned(),
                has_macros: true,
                names: Vec::with_capacity(32),
                added: RwLock::default(),
            };
            let system = Arc::clone(&invocation.system);
            scope.set_lazy("env_var", move || Value::from_object(EnvVar::new(&*system, false)));
            let (whole, owner) = (Arc::clone(invocation), package.to_owned());
            scope.set_lazy("var", move || {
                Value::from_object(VarFunction::new(Arc::clone(&whole.vars), owner))
            });
            fill(&mut scope, me);
            scope
        })
    }

    pub(super) fn invocation(&self) -> &Arc<Invocation> {
        &self.invocation
    }

    /// The package whose template is rendered.
    pub(super) fn package(&self) -> &str {
        &self.package
    }

    /// The names, as the engine wants them.
    pub(super) fn value(self: &Arc<Self>) -> Value {
        Value::from_dyn_object(Arc::clone(self))
    }

    /// Macros are not seen.
    pub(super) fn leave_out_macros(&mut self) {
        self.has_macros = false;
    }

    /// A place to name for a text that stands nowhere: the start of the project file.
    pub(super) fn anywhere(&self) -> Span {
        let root = self.invocation.packages.iter().find(|package| package.is_root);
        let file = root.and_then(|root| root.config.file);
        let files = &self.invocation.files;
        let nowhere = || files.find("").unwrap_or_else(|| files.add("", "")).id();
        Span::start_of(file.unwrap_or_else(nowhere))
    }

    /// Adds a name to a scope that is in use.
    pub(super) fn add(&self, name: &str, value: Value) {
        let mut added = self.added.write().unwrap_or_else(PoisonError::into_inner);
        added.retain(|(known, _)| known != name);
        added.push((name.to_owned(), value));
    }

    /// Adds a name, in front of one that is there.
    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        self.put(name, Entry::Ready(value));
    }

    /// Adds a name whose value is made when it is first asked for.
    pub(super) fn set_lazy(&mut self, name: &'static str, make: impl FnOnce() -> Value + Send + 'static) {
        self.put(name, Entry::Lazy(LazyLock::new(Box::new(make))));
    }

    fn put(&mut self, name: &'static str, entry: Entry) {
        match self.names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = entry,
            None => self.names.push((name, entry)),
        }
    }

    /// The names that the phase and all phases offer, in order; no macros.
    pub(super) fn names(&self) -> Vec<&str> {
        let own = self.names.iter().map(|(name, _)| *name).chain(["context"]);
        let mut names: Vec<&str> = own.chain(common::names()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn find(self: &Arc<Self>, name: &str) -> Option<Value> {
        let added = self.added.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, value)) = added.iter().find(|(known, _)| known == name) {
            return Some(value.clone());
        }
        drop(added);
        if self.has_macros
            && let Some(found) = self.find_macro(name)
        {
            return Some(found);
        }
        if let Some((_, entry)) = self.names.iter().find(|(known, _)| *known == name) {
            return Some(match entry {
                Entry::Ready(value) => value.clone(),
                Entry::Lazy(value) => (**value).clone(),
            });
        }
        if name == "context" {
            return Some(self.value());
        }
        common::find(&self.invocation, name)
    }

    /// A macro by its bare name, or a package.
    fn find_macro(&self, name: &str) -> Option<Value> {
        let macros = &self.invocation.macros;
        if let Some(owner) = macros.find(&self.package, name) {
            return self.invocation.engine.macro_value(owner, name);
        }
        macros.is_package(name).then(|| {
            let (invocation, package) = (Arc::clone(&self.invocation), name.to_owned());
            Value::from_object(PackageValue { invocation, package })
        })
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("package", &self.package).finish_non_exhaustive()
    }
}

impl Object for Scope {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.find(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let macros = if self.has_macros { self.invocation.macros.names(&self.package) } else { Vec::new() };
        Enumerator::Values(self.names().into_iter().chain(macros).map(Value::from).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("get", [name]) => Ok(self.get_value(name).unwrap_or(Value::from(()))),
            ("get", [name, default]) => Ok(self.get_value(name).unwrap_or_else(|| default.clone())),
            ("keys" | "values" | "items", _) => Err(Error::from(ErrorKind::UnknownMethod)),
            _ => match self.find(method) {
                Some(value) => value.call(state, args),
                None => Err(Error::from(ErrorKind::UnknownMethod)),
            },
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<context>")
    }
}

/// The macros of a package: `dbt_utils` in `dbt_utils.star()`.
struct PackageValue {
    invocation: Arc<Invocation>,
    package: String,
}

impl PackageValue {
    fn find(&self, name: &str) -> Option<Value> {
        let owner = self.invocation.macros.find_in(&self.package, name)?;
        self.invocation.engine.macro_value(owner, name)
    }
}

impl fmt::Debug for PackageValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<package {}>", self.package)
    }
}

impl Object for PackageValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.invocation.macros.names_in(&self.package);
        Enumerator::Values(names.into_iter().map(Value::from).collect())
    }

    /// A package is something also when it has no macros.
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if let Some(found) = self.find(method) {
            return found.call(state, args);
        }
        if method == "get" && (1..=2).contains(&args.len()) {
            let found = args.first().and_then(|name| self.find(name.as_str()?));
            return Ok(found.or_else(|| args.get(1).cloned()).unwrap_or(Value::from(())));
        }
        let message = format!("the package `{}` has no macro `{method}`", self.package);
        let names = self.invocation.macros.names_in(&self.package);
        let diagnostic = Diagnostic::error(Code::MissingMacro, message);
        Err(raise(diagnostic.help(suggest::similar("macro", method, names.iter().copied()))))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
