use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::callable::local;
use super::failure::fail;
use super::lower::MACRO;
use super::lowered::Lowered;
use super::store::{MacroSource, Store};
use super::{Enumerator, Error, Kwargs, Object, ObjectRepr, State, Value};

/// One render: what it was asked, and what it noted.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) store: Arc<Store>,
    /// The template that is rendered.
    pub(super) template: Arc<Lowered>,
    pub(super) context: Value,
    /// Whether names that nothing defines can be called and looked into.
    pub(super) is_lenient: bool,
    /// Whether `as_bool` and its like change values.
    pub(super) is_native: bool,
    pub(super) is_traced: bool,
    /// What `xform_entry` stands for.
    pub(super) entry: Option<Value>,
    /// Whether a macro that is not of the library was called.
    pub(super) called_users_macro: AtomicBool,
    notes: Mutex<Notes>,
}

#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Macros called by the template itself.
    pub(super) called: Vec<String>,
    /// What `xform_result` was given.
    pub(super) result: Option<Value>,
    /// A value that `as_bool` or its like could not read, and what is to be said of it where
    /// it is all that an expression gives.
    pub(super) unread: Option<(Value, String)>,
}

/// Names of the environment, which a lenient render must not hide.
const GLOBALS: [&str; 6] = ["range", "dict", "debug", "namespace", "cycler", "joiner"];

impl Session {
    pub(super) fn new(store: Arc<Store>, template: Arc<Lowered>, context: Value) -> Self {
        let is_lenient = context.get_attr(LENIENT).is_ok_and(|value| value.is_true());
        Self {
            store,
            template,
            context,
            is_lenient,
            is_native: false,
            is_traced: false,
            entry: None,
            called_users_macro: AtomicBool::new(false),
            notes: Mutex::default(),
        }
    }

    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A context in which this name is true is rendered leniently: a name that nothing
/// defines can be called, looked into and iterated over, and gives nothing. That is how
/// dbt renders while it parses.
pub const LENIENT: &str = "__lenient_undefined__";

/// The name that is looked up in a context before chance decides something, for contexts that
/// want to know.
pub const CHANCE: &str = "__chance__";

/// What minijinja sees as the context: the user's, and the session.
#[derive(Debug)]
pub(super) struct Root(pub(super) Arc<Session>);

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        if let Some(own) = key.strip_prefix("xform_") {
            match own {
                "session" => return Some(Value::from_dyn_object(Arc::clone(&self.0))),
                "entry" => return self.0.entry.clone(),
                "import" | "begin" | "keep" | "result" | "local" | "module" | "template" => return None,
                _ => {}
            }
        }
        let found = self.0.context.get_attr(key).ok().filter(|value| !value.is_undefined());
        if found.is_none() && self.0.is_lenient && !GLOBALS.contains(&key) {
            return Some(Value::from_object(Missing));
        }
        found
    }
}

impl Object for Session {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}

/// A name that nothing defines, in a lenient render.
#[derive(Debug)]
pub(super) struct Missing;

impl Object for Missing {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(Arc::clone(self)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, _args: &[Value]) -> Result<Value, Error> {
        Ok(Value::from_dyn_object(Arc::clone(self)))
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        _method: &str,
        _args: &[Value],
    ) -> Result<Value, Error> {
        Ok(Value::from_dyn_object(Arc::clone(self)))
    }

    fn render(self: &Arc<Self>, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// Whether a value is undefined, also in a lenient render.
pub(super) fn is_undefined(value: &Value) -> bool {
    value.is_undefined() || value.downcast_object_ref::<Missing>().is_some()
}

/// The macros that a state has imported. A macro of minijinja works only in the state
/// that made it.
struct Imports {
    session: Arc<Session>,
    importer: Value,
    module: Value,
    macros: HashMap<usize, Value>,
}

/// The functions that lowered templates call.
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    env.add_function("xform_begin", begin);
    env.add_function("xform_keep", keep);
    env.add_function("xform_result", result);
    env.add_function("xform_local", local);
}

/// Remembers the macro that imports others into this state.
fn begin(state: &mut State<'_, '_>, importer: Value) -> &'static str {
    let session = state.lookup("xform_session").and_then(|value| value.downcast_object::<Session>());
    if let Some(session) = session {
        state.get_or_insert_extension_with(|| Imports {
            session,
            importer,
            module: Value::UNDEFINED,
            macros: HashMap::new(),
        });
    }
    ""
}

fn keep(state: &mut State<'_, '_>, module: Value) -> &'static str {
    if let Some(imports) = state.get_extension_mut::<Imports>() {
        imports.module = module;
    }
    ""
}

fn result(state: &mut State<'_, '_>, value: Value) -> &'static str {
    if let Some(session) = session_of(state) {
        session.notes().result = Some(value);
    }
    ""
}

/// The render that a state belongs to.
pub(super) fn session_of(state: &State<'_, '_>) -> Option<Arc<Session>> {
    state.get_extension::<Imports>().map(|imports| Arc::clone(&imports.session))
}

/// Whether the render of that state is one that only looks for places (see
/// [`Engine::trace`](super::Engine::trace)): what functions do beside giving a value has
/// been done already.
#[must_use]
pub fn is_tracing(state: &State<'_, '_>) -> bool {
    session_of(state).is_some_and(|session| session.is_traced)
}

/// minijinja's macro for a macro of ours, in this state.
pub(super) fn imported(state: &mut State<'_, '_>, source: &MacroSource) -> Result<Value, Error> {
    let Some(imports) = state.get_extension::<Imports>() else {
        return Err(fail("macros can be called only while a template is rendered"));
    };
    if let Some(found) = imports.macros.get(&source.index) {
        return Ok(found.clone());
    }
    let importer = imports.importer.clone();
    importer.call(state, &[Value::from(&*source.lowered.name)])?;
    let Some(imports) = state.get_extension_mut::<Imports>() else { return Ok(Value::UNDEFINED) };
    let imported = std::mem::take(&mut imports.module).get_attr(MACRO)?;
    imports.macros.insert(source.index, imported.clone());
    Ok(imported)
}

/// A call from outside: a macro and what it is called with.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) called: Value,
    pub(super) arguments: Vec<Value>,
    pub(super) keywords: Vec<(String, Value)>,
}

impl Object for Entry {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, _args: &[Value]) -> Result<Value, Error> {
        let mut arguments = self.arguments.clone();
        if !self.keywords.is_empty() {
            arguments.push(Value::from(self.keywords.iter().cloned().collect::<Kwargs>()));
        }
        self.called.call(state, &arguments)
    }
}
