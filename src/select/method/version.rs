use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Model, Node, version_text};

/// What `version:` asks of a model.
/// See <https://docs.getdbt.com/reference/node-selection/methods#version>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionMethod {
    Latest,
    /// Newer than the latest.
    Prerelease,
    /// Older than the latest.
    Old,
    /// Of models without versions.
    None,
}

const NAMES: [&str; 4] = ["latest", "prerelease", "old", "none"];

impl VersionMethod {
    pub(super) fn parse(raw: &str, value: &str) -> Result<Self, Diagnostic> {
        Ok(match value {
            "latest" => Self::Latest,
            "prerelease" => Self::Prerelease,
            "old" => Self::Old,
            "none" => Self::None,
            _ => {
                let message = format!("`{value}` in `{raw}` is not a kind of version");
                let kinds = "write `version:latest`, `version:prerelease`, `version:old` or `version:none`";
                let help = suggest::similar("kind", value, NAMES).unwrap_or_else(|| kinds.to_owned());
                return Err(Diagnostic::new(Code::InvalidSelector, message).help(help));
            }
        })
    }

    pub(super) fn matches(self, node: &Node) -> bool {
        let Some(model) = node.model() else { return false };
        let order = order(model);
        match self {
            Self::None => order.is_none(),
            Self::Latest => order == Some(std::cmp::Ordering::Equal),
            Self::Prerelease => order == Some(std::cmp::Ordering::Greater),
            Self::Old => order == Some(std::cmp::Ordering::Less),
        }
    }
}

/// How a model's version compares with the latest: as numbers where both are, else as texts;
/// `None` without versions.
fn order(model: &Model) -> Option<std::cmp::Ordering> {
    let (version, latest) = (model.version.as_ref()?, model.latest_version.as_ref()?);
    let (version, latest) = (version_text(version), version_text(latest));
    match (version.parse::<f64>(), latest.parse::<f64>()) {
        (Ok(version), Ok(latest)) => Some(version.total_cmp(&latest)),
        _ => Some(version.cmp(&latest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::cmp::Ordering;

    #[test]
    fn versions_compare_as_numbers_where_they_are() {
        let table = [
            (json!(10), json!(9), Some(Ordering::Greater)),
            (json!("2"), json!(10), Some(Ordering::Less)),
            (json!("beta"), json!("gold"), Some(Ordering::Less)),
            (json!(1), json!(1), Some(Ordering::Equal)),
        ];
        for (version, latest, expected) in table {
            let model =
                Model { version: Some(version.clone()), latest_version: Some(latest), ..Model::default() };
            assert_eq!(order(&model), expected, "{version}");
        }
        assert_eq!(order(&Model::default()), None);
    }
}
