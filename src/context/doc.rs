use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::arguments::{Arguments, error};
use super::function::pure;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Value, raise};
use crate::manifest::Doc;

/// `doc(name)` or `doc(package, name)`: the contents of a `{% docs %}` block. Without a
/// package it is looked for in `package`, in the root project, then anywhere. The ids of the
/// blocks are added to `found`.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/doc>.
pub(super) fn doc(
    docs: &Arc<BTreeMap<String, Doc>>,
    root: &str,
    package: &str,
    found: &Arc<Mutex<Vec<String>>>,
) -> Value {
    let answered = Arc::clone(found);
    let (docs, root, package) = (Arc::clone(docs), root.to_owned(), package.to_owned());
    pure("doc", move |args| {
        let args = Arguments::bind("doc", &["package_or_name", "name"], args)?;
        let first = args.text("package_or_name")?;
        let (named, name) = match args.optional_text("name")? {
            Some(name) => (Some(first), name),
            None => (None, first),
        };
        if name.is_empty() {
            return Err(raise(error("`doc` was given an empty name")));
        }
        let of = |package: &str| docs.get(&format!("doc.{package}.{name}"));
        let found = match &named {
            Some(package) => of(package),
            None => of(&package).or_else(|| of(&root)).or_else(|| docs.values().find(|doc| doc.name == name)),
        };
        if let Some(doc) = found {
            let id = format!("doc.{}.{}", doc.package, doc.name);
            answered.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        }
        found.map(|doc| Value::from(doc.contents.as_str())).ok_or_else(|| {
            let shown = named.map_or_else(|| name.clone(), |package| format!("{package}.{name}"));
            let message = format!("there is no doc block `{shown}`");
            let similar = suggest::similar("doc block", &name, docs.values().map(|doc| doc.name.as_str()));
            raise(Diagnostic::error(Code::UnresolvedDoc, message).help(similar))
        })
    })
}
