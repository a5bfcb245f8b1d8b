use super::subject::Subject;
use crate::diagnostic::{Code, Diagnostic};

/// Models that read a source and are not there to clean it.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let name = subject.node.name.to_lowercase();
    let is_staging = ["staging", "base"].iter().any(|folder| subject.is_in(folder))
        || ["stg_", "base_"].iter().any(|start| name.starts_with(start));
    if !subject.is_model() || is_staging {
        return Vec::new();
    }
    let sources = subject.node.sources.iter();
    sources
        .map(|source| {
            Diagnostic::new(
                Code::SourceOutsideStaging,
                format!(
                    "`{}` reads the source `{}.{}` itself",
                    subject.node.name, source.source, source.table
                ),
            )
            .label(source.span.unwrap_or_else(|| subject.head()), "only models in `staging` read sources")
            .help("read a staging model of it, so that its columns are named and cast in one place")
        })
        .collect()
}
