use super::{Ended, Shell};

/// `xform parse`: the session has read the project already; the manifest is written.
#[must_use]
pub fn parse(shell: &Shell<'_>) -> Ended {
    match shell.write_manifest(&shell.session.manifest) {
        Ok(()) => Ended::Well,
        Err(ended) => ended,
    }
}
