use crate::context::Invocation;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{MacroId, Manifest, Node};

/// The macro that turns a kind of node into a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Materialization {
    pub package: String,
    /// `materialization_table_default`.
    pub macro_name: String,
}

impl Materialization {
    /// Finds the macro for a name such as `table`: of the root project, else built in,
    /// else of an installed package; one for the warehouse before the default one. A
    /// package cannot take the place of a built-in one by itself, as in dbt 1.12
    /// (<https://docs.getdbt.com/reference/global-configs/behavior-changes#package-override-for-built-in-materialization>).
    ///
    /// # Errors
    /// There is none: `invalid-config` at the node, with the nearest name there is.
    pub fn find(
        invocation: &Invocation,
        manifest: &Manifest,
        node: &Node,
        name: &str,
    ) -> Result<Self, Diagnostic> {
        let root = invocation.packages.iter().filter(|package| package.is_root);
        let built_in = invocation.packages.iter().rev().filter(|package| package.is_builtin);
        let installed = invocation.packages.iter().filter(|package| !package.is_root && !package.is_builtin);
        let suffixes = invocation.adapter.dialect().macro_prefixes();
        let (built_in, installed) = (built_in.collect::<Vec<_>>(), installed.collect::<Vec<_>>());
        let explicit = invocation.flags.behaviour.get(EXPLICIT).and_then(serde_json::Value::as_bool);
        let may_override = explicit == Some(false);
        let orders = if may_override {
            [root.collect(), installed, built_in]
        } else {
            [root.collect(), built_in, installed]
        };
        for (place, packages) in orders.into_iter().enumerate() {
            for suffix in suffixes {
                let macro_name = format!("materialization_{name}_{suffix}");
                for package in &packages {
                    if manifest.macros.contains_key(&MacroId::new(package.name(), &macro_name)) {
                        if may_override && place == 1 {
                            warn_of_override(invocation, manifest, package.name(), name);
                        }
                        return Ok(Self { package: package.name().to_owned(), macro_name });
                    }
                }
            }
        }
        let known: Vec<&str> = manifest
            .macros
            .values()
            .filter_map(|found| found.name.strip_prefix("materialization_")?.rsplit_once('_'))
            .filter(|(_, suffix)| suffixes.contains(suffix))
            .map(|(name, _)| name)
            .filter(|name| *name != "test")
            .collect();
        let message = format!("`{}` asks for the materialization `{name}`, which does not exist", node.name);
        Err(Diagnostic::error(Code::InvalidConfig, message)
            .label(node.body, "")
            .help(suggest::similar("materialization", name, known.iter().copied()))
            .note(format!("there are: {}", sorted(known).join(", "))))
    }
}

/// The flag without which a package's materialization takes the place of a built-in one.
const EXPLICIT: &str = "require_explicit_package_overrides_for_builtin_materializations";

/// Told once for each materialization: the log tells no warning twice.
fn warn_of_override(invocation: &Invocation, manifest: &Manifest, package: &str, name: &str) {
    let is_built_in = |package: &&crate::project::Package| {
        package.is_builtin
            && [invocation.adapter.name(), "default"].into_iter().any(|suffix| {
                let macro_name = format!("materialization_{name}_{suffix}");
                manifest.macros.contains_key(&MacroId::new(package.name(), &macro_name))
            })
    };
    if invocation.packages.iter().any(|package| is_built_in(&package)) {
        let message =
            format!("the package `{package}` replaces the built-in materialization `{name}` by itself");
        let help = format!(
            "write a materialization `{name}` in the project that returns `{package}.materialization_{name}_default()`"
        );
        invocation.log.warn(Diagnostic::new(Code::PackageMaterialization, message).help(help));
    }
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names.dedup();
    names
}
