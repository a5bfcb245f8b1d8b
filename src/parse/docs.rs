use std::collections::BTreeMap;

use rayon::prelude::*;

use super::placed::trimmed;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::jinja::{Block, BlockKind, carve};
use crate::manifest::Doc;
use crate::project::{FileKind, ProjectFile};

/// The `{% docs %}` blocks of all Markdown files, by `doc.package.name`.
pub(super) fn docs(files: &[ProjectFile]) -> Checked<BTreeMap<String, Doc>> {
    let carved: Vec<(&ProjectFile, Checked<Vec<Block>>)> = files
        .par_iter()
        .filter(|file| file.kind == FileKind::Docs && file.source.text().contains("{%"))
        .map(|file| (file, carve(&file.source)))
        .collect();
    let mut docs: BTreeMap<String, Doc> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for (file, Checked { value: blocks, diagnostics: told }) in carved {
        diagnostics.extend(told);
        for block in blocks.into_iter().filter(|block| block.kind == BlockKind::Docs) {
            let doc = doc(file, &block);
            let id = format!("doc.{}.{}", doc.package, doc.name);
            match docs.get(&id) {
                Some(first) => diagnostics.push(
                    Diagnostic::new(
                        Code::DuplicateName,
                        format!("the package `{}` has two doc blocks named `{}`", doc.package, doc.name),
                    )
                    .label(block.name.span, "defined again here")
                    .also(first.span, "first defined here")
                    .help("rename or remove one of them"),
                ),
                None => {
                    docs.insert(id, doc);
                }
            }
        }
    }
    Checked::new(docs, diagnostics)
}

fn doc(file: &ProjectFile, block: &Block) -> Doc {
    Doc {
        name: block.name.value.clone(),
        package: file.package.clone(),
        original_file_path: file.path.clone(),
        contents: file.source.slice(trimmed(file.source.text(), block.body)).to_owned(),
        span: block.name.span,
    }
}
