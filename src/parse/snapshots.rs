use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{BlockKind, carve};
use crate::project::ProjectFile;

/// An error at each `{% snapshot %}` block of a file: snapshots are not here yet.
pub(super) fn refuse(file: &ProjectFile) -> Vec<Diagnostic> {
    let carved = carve(&file.source);
    let blocks = carved.value.into_iter().filter(|block| block.kind == BlockKind::Snapshot);
    let refused = blocks.map(|block| {
        Diagnostic::new(Code::NotSupported, "snapshots are not supported yet")
            .label(block.name.span, "")
            .help("remove the block, or keep building it with dbt for now")
    });
    carved.diagnostics.into_iter().chain(refused).collect()
}
