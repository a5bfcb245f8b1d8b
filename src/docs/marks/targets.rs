use serde_json::Value;

use super::super::known::Known;
use crate::jinja::Call;
use crate::manifest::{Found, Ref};

/// What calls in a template of some package mean.
pub(in super::super) struct Targets<'a, 'b> {
    pub known: &'b Known<'a>,
    pub package: &'b str,
}

impl Targets<'_, '_> {
    /// The node that a `ref()`, `source()`, `function()` or `metric()` call names, if it can be told
    /// without rendering.
    pub(super) fn node(&self, call: &Call) -> Option<usize> {
        let function = call.function.strip_prefix("builtins.").unwrap_or(&call.function);
        let texts: Vec<&str> =
            call.arguments.iter().map(|argument| argument.as_ref()?.as_str()).collect::<Option<_>>()?;
        let version = call.keywords.get("v").or_else(|| call.keywords.get("version"));
        self.named(function, &texts, version)
    }

    /// The node that a call with these arguments names.
    pub(super) fn named(&self, function: &str, texts: &[&str], version: Option<&Value>) -> Option<usize> {
        let manifest = self.known.material.manifest;
        let (lookup, root) = (&manifest.lookup, &manifest.project);
        let found = match (function, texts) {
            ("ref", [.., name]) if texts.len() <= 2 => {
                let package = (texts.len() == 2).then(|| texts[0].to_owned());
                let call = Ref { package, name: (*name).to_owned(), version: version.cloned(), span: None };
                lookup.find_ref(root, self.package, &call)
            }
            ("source", [source, table]) => lookup.find_source(root, self.package, source, table),
            ("function", [name]) => lookup.find_function(root, self.package, None, name),
            ("function", [package, name]) => lookup.find_function(root, self.package, Some(package), name),
            ("metric", [name]) => lookup.find_metric(root, self.package, None, name),
            ("metric", [package, name]) => lookup.find_metric(root, self.package, Some(package), name),
            _ => return None,
        };
        match found {
            Found::Node(id) => self.known.numbers.find(id.as_str()),
            Found::Disabled(_) | Found::Ambiguous(_) | Found::Nothing => None,
        }
    }

    /// The macro of that name, as templates of the package see it.
    pub(super) fn macro_named(&self, function: &str) -> Option<usize> {
        let find = |package: &str, name: &str| self.known.numbers.find(&format!("macro.{package}.{name}"));
        match function.split_once('.') {
            Some((package, name)) => find(package, name),
            None => {
                let root = &self.known.material.manifest.project;
                let own = format!("dbt_{}", self.known.material.adapter);
                [self.package, root, &own, "dbt"].into_iter().find_map(|package| find(package, function))
            }
        }
    }
}
