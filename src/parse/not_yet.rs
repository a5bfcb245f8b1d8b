use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::Node;
use crate::text::Span;

/// Why a model in Python cannot be built yet. The rest of its project can be.
pub(super) fn python(node: &Node) -> Diagnostic {
    Diagnostic::new(Code::NotSupported, "models in Python are not supported yet")
        .label(Span::start_of(node.file), "xform builds models written in SQL")
        .help("write the model in SQL, or keep building it with dbt for now and `--exclude` it")
}
