use super::shell::ended;
use super::{Ended, Shell};
use crate::plan::Purpose;
use crate::select::Criteria;

/// `xform clone`: makes the relations of an earlier run stand in this target too, as copies or
/// as views of them. See <https://docs.getdbt.com/reference/commands/clone>.
#[must_use]
pub fn clone(shell: &Shell<'_>, criteria: &Criteria) -> Ended {
    let manifest = &shell.session.manifest;
    let selection = match shell.select(manifest, criteria) {
        Ok(selection) => selection,
        Err(ended) => return ended,
    };
    match shell.run(manifest, &selection, Purpose::Clone, None) {
        Ok(finished) => ended(&finished),
        Err(ended) => ended,
    }
}
