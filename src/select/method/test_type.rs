use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::Node;

/// `test_type:generic`; dbt's old words `schema` and `data` are known too, and `data`
/// means both kinds since there are unit tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestType {
    Generic,
    Singular,
    Data,
}

impl TestType {
    pub(super) fn parse(raw: &str, value: &str) -> Result<Self, Diagnostic> {
        match value {
            "generic" | "schema" => Ok(Self::Generic),
            "singular" => Ok(Self::Singular),
            "data" => Ok(Self::Data),
            "unit" => {
                let message = "unit tests are not supported yet";
                Err(Diagnostic::new(Code::NotSupported, message).note(format!("selected by `{raw}`")))
            }
            _ => {
                let message = format!("`{value}` in `{raw}` is not a type of test");
                let help = suggest::similar("type of test", value, ["generic", "singular", "data"]);
                Err(Diagnostic::new(Code::InvalidSelector, message).help(
                    help.unwrap_or_else(|| "the types are `generic`, `singular` and `data`".to_owned()),
                ))
            }
        }
    }

    pub(super) fn matches(self, node: &Node) -> bool {
        node.data_test().is_some_and(|test| match self {
            Self::Generic => test.metadata.is_some(),
            Self::Singular => test.metadata.is_none(),
            Self::Data => true,
        })
    }
}
