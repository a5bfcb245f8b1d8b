use std::fmt;
use std::sync::Arc;

use crate::context::LogSink;
use crate::diagnostic::{Diagnostic, WarningName};
use crate::jinja::{Enumerator, Error, Object, ObjectRepr, State, Value, is_tracing, raise};
use crate::project::WarnErrorOptions;

/// `modules.itertools`: works, and says at each use that it will not for ever.
/// See <https://docs.getdbt.com/reference/deprecations#modulesitertoolsusagedeprecation>.
pub(super) struct Watched {
    module: Value,
    log: Arc<dyn LogSink>,
    options: WarnErrorOptions,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("module", &self.module).finish_non_exhaustive()
    }
}

impl Watched {
    pub(super) fn value(module: Value, log: &Arc<dyn LogSink>, options: &WarnErrorOptions) -> Value {
        Value::from_object(Self { module, log: Arc::clone(log), options: options.clone() })
    }

    /// Tells it; an error where the user's options make it one.
    fn tell(&self) -> Result<(), Diagnostic> {
        let told = Diagnostic::deprecation(
            WarningName::ModulesItertoolsUsageDeprecation,
            "`modules.itertools` is deprecated",
        )
        .help("write the loops out, or use filters of Jinja");
        match self.options.judge(told) {
            Some(error) if error.is_error() => return Err(error),
            Some(warning) => self.log.warn(warning),
            None => {}
        }
        Ok(())
    }
}

impl Object for Watched {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.module.get_item(key).ok().filter(|found| !found.is_undefined())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.module.try_iter().into_iter().flatten();
        Enumerator::Values(names.collect())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if !is_tracing(state) {
            self.tell().map_err(raise)?;
        }
        self.module.call_method(state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.module)
    }
}
