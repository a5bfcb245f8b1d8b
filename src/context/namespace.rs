/// Which macro a name means, by dbt's rules.
///
/// A bare name is looked for in the package of the node that is rendered, in the root
/// project, then in the built-in packages (the warehouse's before `dbt`).
#[derive(Clone, Debug, Default)]
pub struct MacroNamespace {}
