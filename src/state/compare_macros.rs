use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::{Aspect, Change};
use super::words::same_words;
use crate::manifest::{Macro, MacroId, Manifest, Node};
use crate::sql::Dialect;

/// The macros of a project that are not what they were, and those that call them.
///
/// The macros of xform itself are left out: another version of the tool is no change of the
/// project.
#[derive(Debug, Default)]
pub(super) struct ChangedMacros<'a> {
    /// Each with the macro, of those it calls, that was changed.
    causes: BTreeMap<&'a MacroId, &'a MacroId>,
    known: BTreeSet<&'a str>,
}

impl<'a> ChangedMacros<'a> {
    pub(super) fn new(earlier: &Value, manifest: &'a Manifest) -> Self {
        let macros = earlier.get("macros");
        let is_changed = |one: &Macro| {
            let old = macros.and_then(|macros| macros.get(one.id.as_str())?.get("macro_sql")?.as_str());
            !is_own(&one.package) && !old.is_some_and(|old| same_words(old.trim(), one.source.trim()))
        };
        let mut causes: BTreeMap<&MacroId, &MacroId> =
            manifest.macros.values().filter(|one| is_changed(one)).map(|one| (&one.id, &one.id)).collect();
        let mut callers: BTreeMap<&MacroId, Vec<&MacroId>> = BTreeMap::new();
        for one in manifest.macros.values() {
            for called in &one.depends_on_macros {
                callers.entry(called).or_default().push(&one.id);
            }
        }
        let mut next: Vec<(&MacroId, &MacroId)> = causes.iter().map(|(id, cause)| (*id, *cause)).collect();
        while let Some((called, cause)) = next.pop() {
            for caller in callers.get(called).into_iter().flatten().copied() {
                causes.entry(caller).or_insert_with(|| {
                    next.push((caller, cause));
                    cause
                });
            }
        }
        Self { causes, known: manifest.macros.keys().map(MacroId::as_str).collect() }
    }

    /// What changed among the macros that a node needs: one that is another than it was, or is
    /// no more there.
    pub(super) fn of(&self, node: &Node, old: &Value) -> Option<Change> {
        let change = |what| Change::new(Aspect::Macros, what);
        if let Some((called, cause)) =
            node.depends_on_macros.iter().find_map(|id| self.causes.get_key_value(id))
        {
            let way = if called == cause { String::new() } else { format!(", by way of `{called}`") };
            return Some(change(format!("the macro `{cause}`{way}")));
        }
        let mut earlier = old.pointer("/depends_on/macros")?.as_array()?.iter().filter_map(Value::as_str);
        let is_gone = |id: &str| {
            let package = id.split('.').nth(1).unwrap_or_default();
            !is_own(package) && !self.known.contains(id)
        };
        earlier.find(|id| is_gone(id)).map(|id| change(format!("the macro `{id}`, which is gone")))
    }
}

/// Whether a package is of the tool itself.
fn is_own(package: &str) -> bool {
    package == "dbt" || package.strip_prefix("dbt_").is_some_and(|name| Dialect::find(name).is_some())
}
