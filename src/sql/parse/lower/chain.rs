use sqlparser::ast;

use super::{Lower, Lowered};
use crate::sql::tree::{BinaryOp, Expr, ExprKind};

/// From how many operands on a chain of one operator becomes a tree that is not deep.
const LONG: usize = 64;

impl Lower<'_> {
    /// `a op b op c …`, which leans to the left.
    pub(super) fn chain(&mut self, expr: ast::Expr) -> Lowered<Expr> {
        let mut operands = Vec::new();
        let mut first = expr;
        while let ast::Expr::BinaryOp { left, op, right } = first {
            operands.push((op, *right));
            first = *left;
        }
        operands.reverse();
        let levels = levels(&operands);
        self.deeper(levels, |lower| {
            let mut exprs = vec![lower.expr(first)?];
            let mut last = None;
            for (op, right) in operands {
                let op = lower.binary_op_after(&exprs, op);
                if let Some(last) = &last
                    && *last != op
                {
                    exprs = vec![join(last, exprs)];
                }
                exprs.push(lower.expr(right)?);
                last = Some(op);
            }
            Ok(join(&last.unwrap_or(BinaryOp::And), exprs))
        })
    }

    fn binary_op_after(&self, left: &[Expr], op: ast::BinaryOperator) -> BinaryOp {
        let word = left.last().map(|left| self.tokens.after(left.at.end));
        match word {
            Some(word) if self.tokens.is_word(word, "div") => BinaryOp::IntegerDivide,
            _ => self.binary_op(op),
        }
    }

    pub(super) fn binary_op(&self, op: ast::BinaryOperator) -> BinaryOp {
        use ast::BinaryOperator as Op;
        match op {
            Op::And => BinaryOp::And,
            Op::Or => BinaryOp::Or,
            Op::Eq => BinaryOp::Equal,
            Op::NotEq => BinaryOp::NotEqual,
            Op::Lt => BinaryOp::Less,
            Op::LtEq => BinaryOp::LessOrEqual,
            Op::Gt => BinaryOp::Greater,
            Op::GtEq => BinaryOp::GreaterOrEqual,
            Op::Spaceship => BinaryOp::Same,
            Op::Plus => BinaryOp::Add,
            Op::Minus => BinaryOp::Subtract,
            Op::Multiply => BinaryOp::Multiply,
            Op::Divide => BinaryOp::Divide,
            Op::DuckIntegerDivide | Op::MyIntegerDivide => BinaryOp::IntegerDivide,
            Op::Modulo => BinaryOp::Modulo,
            Op::PGExp => BinaryOp::Power,
            Op::StringConcat => BinaryOp::Concat,
            // `^` is a power in these, and something with bits in the others.
            Op::BitwiseXor | Op::PGBitwiseXor
                if matches!(
                    self.dialect,
                    crate::sql::Dialect::DuckDb
                        | crate::sql::Dialect::Postgres
                        | crate::sql::Dialect::Redshift
                ) =>
            {
                BinaryOp::Power
            }
            other => BinaryOp::Other(other.to_string()),
        }
    }
}

fn is_associative(op: &BinaryOp) -> bool {
    matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Concat | BinaryOp::Add | BinaryOp::Multiply)
}

/// How deep the tree of a chain is.
fn levels(operands: &[(ast::BinaryOperator, ast::Expr)]) -> usize {
    let runs = operands.chunk_by(|left, right| left.0 == right.0);
    let balances = |op: &ast::BinaryOperator| {
        use ast::BinaryOperator as Op;
        matches!(op, Op::And | Op::Or | Op::StringConcat | Op::Plus | Op::Multiply)
    };
    runs.map(|run| match run.len() {
        length if length < LONG || !balances(&run[0].0) => length,
        length => length.ilog2() as usize + 1,
    })
    .sum::<usize>()
    .max(1)
}

/// One tree of a chain's operands, leaning to the left unless that would be deep and the
/// operator allows another shape.
fn join(op: &BinaryOp, mut exprs: Vec<Expr>) -> Expr {
    if exprs.len() > LONG && is_associative(op) {
        while exprs.len() > 1 {
            let mut halved = Vec::with_capacity(exprs.len().div_ceil(2));
            let mut rest = exprs.into_iter();
            while let Some(left) = rest.next() {
                halved.push(match rest.next() {
                    Some(right) => binary(left, op, right),
                    None => left,
                });
            }
            exprs = halved;
        }
    }
    let mut exprs = exprs.into_iter();
    let first = exprs
        .next()
        .unwrap_or_else(|| Expr::new(ExprKind::Row(Vec::new()), crate::sql::tree::TextRange::default()));
    exprs.fold(first, |left, right| binary(left, op, right))
}

fn binary(left: Expr, op: &BinaryOp, right: Expr) -> Expr {
    let at = left.at.to(right.at);
    Expr::new(ExprKind::Binary { left: Box::new(left), op: op.clone(), right: Box::new(right) }, at)
}
