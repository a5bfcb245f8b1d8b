use sqlparser::ast;

use super::{Lower, Lowered};
use crate::sql::tree::Query;

impl Lower<'_> {
    /// One step of BigQuery's `|>`.
    pub(super) fn pipe(&mut self, _query: Query, _step: ast::PipeOperator) -> Lowered<Query> {
        Err(self.error("the pipe syntax is not understood yet", self.here()))
    }
}
