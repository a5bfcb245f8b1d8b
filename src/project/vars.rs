use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The variables of a run: those of the command line win over those of the root
/// project, these over a package's own.
/// See <https://docs.getdbt.com/docs/build/project-variables>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vars {
    /// `--vars`.
    pub command_line: Map<String, Value>,
    /// The root project's `vars:`.
    pub root: Map<String, Value>,
    /// Each package's own `vars:`, by package.
    pub packages: BTreeMap<String, Map<String, Value>>,
}

impl Vars {
    /// The value of a variable as `package` sees it. A mapping under a package's name
    /// holds values for that package alone, and wins over the level's other values.
    #[must_use]
    pub fn get(&self, package: &str, name: &str) -> Option<&Value> {
        [Some(&self.command_line), Some(&self.root), self.packages.get(package)]
            .into_iter()
            .flatten()
            .find_map(|level| {
                level.get(package).and_then(|scope| scope.get(name)).or_else(|| level.get(name))
            })
    }
}
