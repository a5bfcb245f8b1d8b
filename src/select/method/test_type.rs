use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{DataTest, Node, ResourceType};

/// `test_type:generic`; dbt's old word `schema` is known too, and `data` means both kinds of
/// data test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestType {
    Generic,
    Singular,
    Data,
    Unit,
}

impl TestType {
    pub(super) fn parse(raw: &str, value: &str) -> Result<Self, Diagnostic> {
        match value {
            "generic" | "schema" => Ok(Self::Generic),
            "singular" => Ok(Self::Singular),
            "data" => Ok(Self::Data),
            "unit" => Ok(Self::Unit),
            _ => {
                let message = format!("`{value}` in `{raw}` is not a type of test");
                let help = suggest::similar("type of test", value, ["generic", "singular", "unit", "data"]);
                Err(Diagnostic::new(Code::InvalidSelector, message).help(
                    help.unwrap_or_else(|| {
                        "the types are `generic`, `singular`, `unit` and `data`".to_owned()
                    }),
                ))
            }
        }
    }

    pub(super) fn matches(self, node: &Node) -> bool {
        let is_data_test = |wanted: fn(&DataTest) -> bool| node.data_test().is_some_and(wanted);
        match self {
            Self::Generic => is_data_test(|test| test.metadata.is_some()),
            Self::Singular => is_data_test(|test| test.metadata.is_none()),
            Self::Data => is_data_test(|_| true),
            Self::Unit => node.resource_type == ResourceType::UnitTest,
        }
    }
}
