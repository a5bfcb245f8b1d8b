use super::Invocation;
use super::arguments::{Arguments, error};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Error, Value, raise};

/// `adapter.dispatch(macro_name, macro_namespace)`: the macro of the first package in the
/// search order that has one for this warehouse or for any. Without a namespace it is
/// looked for as a bare name is. `package` is the one whose template is rendered.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/dispatch>.
pub(super) fn dispatch(invocation: &Invocation, package: &str, args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("adapter.dispatch", &["macro_name", "macro_namespace"], args)?;
    let name = args.text("macro_name")?;
    if let Some((namespace, bare)) = name.split_once('.') {
        let message = format!("`adapter.dispatch` was given `{name}`, a name with a dot");
        return Err(raise(error(message).help(format!("write `adapter.dispatch('{bare}', '{namespace}')`"))));
    }
    let namespace = args.optional_text("macro_namespace")?;
    let prefixes = invocation.adapter.dialect().macro_prefixes();
    let macros = &invocation.macros;
    let packages: Vec<Option<&str>> = match &namespace {
        Some(namespace) => macros.search_order(namespace).into_iter().map(Some).collect(),
        None => vec![None],
    };
    let names: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}__{name}")).collect();
    let places = || packages.iter().flat_map(|space| names.iter().map(|name| (*space, name.as_str())));
    for (space, name) in places() {
        let owner = match space {
            Some(space) => macros.find_in(space, name),
            None => macros.find(package, name),
        };
        if let Some(found) = owner.and_then(|owner| invocation.engine.macro_value(owner, name)) {
            return Ok(found);
        }
    }
    let searched: Vec<String> = places()
        .map(|(space, name)| match space {
            Some(space) => format!("`{space}.{name}`"),
            None => format!("`{name}`"),
        })
        .collect();
    // dbt's words, which others look for.
    let message = match &namespace {
        Some(namespace) => format!("No macro named '{name}' found within namespace: '{namespace}'"),
        None => format!("No macro named '{name}' found to dispatch to"),
    };
    let known = macros.names(package);
    let bare = known.iter().filter_map(|known| {
        prefixes.iter().find_map(|prefix| known.strip_prefix(prefix)?.strip_prefix("__"))
    });
    Err(raise(
        Diagnostic::error(Code::MissingMacro, message)
            .note(format!("searched for {}", searched.join(", ")))
            .help(suggest::similar("macro", &name, bare)),
    ))
}
