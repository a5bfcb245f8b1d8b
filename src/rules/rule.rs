use super::Level;
use super::subject::Subject;
use super::{
    cartesian_join, dead_model, hard_coded_relation, join_type_mismatch, missing_primary_key_test,
    select_star, source_outside_staging, undocumented_model, unused_column, unused_cte,
};
use crate::diagnostic::{Code, Diagnostic};

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What it says is told under this code, whose name is the rule's.
    pub code: Code,
    /// Where the project file says nothing.
    pub default: Level,
    /// Whether `recommended` means it.
    pub is_recommended: bool,
    pub(super) look: fn(&Subject<'_>) -> Vec<Diagnostic>,
}

/// All rules, in order of name.
pub const RULES: [Rule; 10] = [
    rule(Code::CartesianJoin, Level::Warning, true, cartesian_join::look),
    rule(Code::DeadModel, Level::Off, false, dead_model::look),
    rule(Code::HardCodedRelation, Level::Off, true, hard_coded_relation::look),
    rule(Code::JoinTypeMismatch, Level::Warning, true, join_type_mismatch::look),
    rule(Code::MissingPrimaryKeyTest, Level::Off, true, missing_primary_key_test::look),
    rule(Code::SelectStar, Level::Off, true, select_star::look),
    rule(Code::SourceOutsideStaging, Level::Off, true, source_outside_staging::look),
    rule(Code::UndocumentedModel, Level::Off, false, undocumented_model::look),
    rule(Code::UnusedColumn, Level::Off, false, unused_column::look),
    rule(Code::UnusedCte, Level::Warning, true, unused_cte::look),
];

const fn rule(
    code: Code,
    default: Level,
    is_recommended: bool,
    look: fn(&Subject<'_>) -> Vec<Diagnostic>,
) -> Rule {
    Rule { code, default, is_recommended, look }
}
