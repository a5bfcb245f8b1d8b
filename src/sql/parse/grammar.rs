use std::any::TypeId;
use std::iter::Peekable;
use std::str::Chars;

use sqlparser::ast::{Expr, Ident, ObjectNamePart, Statement};
use sqlparser::dialect::{
    BigQueryDialect, DatabricksDialect, Dialect, DuckDbDialect, PostgreSqlDialect, Precedence,
    RedshiftSqlDialect, SnowflakeDialect,
};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};

use crate::sql::Dialect as Ours;

/// sqlparser's grammar of a dialect, and what its engine reads beyond that.
#[derive(Debug)]
pub(super) struct Grammar {
    base: &'static dyn Dialect,
    ours: Ours,
}

impl Grammar {
    pub(super) fn of(ours: Ours) -> Self {
        let base: &'static dyn Dialect = match ours {
            Ours::DuckDb => &DuckDbDialect,
            Ours::Postgres => &PostgreSqlDialect {},
            Ours::Snowflake => &SnowflakeDialect,
            Ours::BigQuery => &BigQueryDialect,
            // sqlparser knows more of Spark under the name of Databricks.
            Ours::Spark | Ours::Databricks => &DatabricksDialect,
            Ours::Redshift => &RedshiftSqlDialect {},
        };
        Self { base, ours }
    }

    /// What is read though sqlparser's dialect does not say so. Reading too much does no harm.
    fn reads_more(&self, what: &str) -> bool {
        match self.ours {
            Ours::DuckDb => matches!(
                what,
                "supports_dollar_placeholder"
                    | "supports_in_empty_list"
                    | "supports_in_unparenthesized_expr"
                    | "supports_interval_options"
                    | "supports_nested_comments"
                    | "supports_parens_around_table_factor"
                    | "supports_select_wildcard_rename"
                    | "supports_string_escape_constant"
                    | "supports_string_literal_concatenation_with_newline"
                    | "supports_subquery_as_function_arg"
                    | "supports_window_function_null_treatment_arg"
            ),
            Ours::Postgres => matches!(
                what,
                "supports_dollar_placeholder"
                    | "supports_nested_comments"
                    | "supports_order_by_using_operator"
                    | "supports_select_expr_star"
            ),
            Ours::Snowflake => false,
            Ours::BigQuery => matches!(what, "supports_subquery_as_function_arg"),
            Ours::Redshift => matches!(
                what,
                "supports_array_typedef_with_brackets"
                    | "supports_bitwise_shift_operators"
                    | "supports_empty_projections"
                    | "supports_filter_during_aggregation"
                    | "supports_group_by_expr"
                    | "supports_interval_options"
                    | "supports_nested_comments"
                    | "supports_notnull_operator"
                    | "supports_select_expr_star"
                    | "supports_string_escape_constant"
            ),
            Ours::Spark | Ours::Databricks => matches!(
                what,
                "supports_bitwise_shift_operators"
                    | "supports_filter_during_aggregation"
                    | "supports_group_by_with_modifier"
                    | "supports_values_as_table_factor"
                    | "supports_window_function_null_treatment_arg"
            ),
        }
    }
}

/// Asks the grammar below, for everything that can be asked of it.
macro_rules! forward {
    ($($name:ident)*) => {
        $(fn $name(&self) -> bool {
            self.base.$name() || self.reads_more(stringify!($name))
        })*
    };
}

impl Dialect for Grammar {
    fn dialect(&self) -> TypeId {
        self.base.dialect()
    }

    forward! {
        supports_string_literal_backslash_escape
        ignores_wildcard_escapes
        supports_unicode_string_literal
        supports_filter_during_aggregation
        supports_window_clause_named_window_reference
        supports_within_after_array_aggregation
        supports_partition_by_after_order_by
        supports_array_join_syntax
        supports_group_by_expr
        supports_group_by_with_modifier
        supports_left_associative_joins_without_parens
        supports_outer_join_operator
        supports_connect_by
        supports_match_recognize
        supports_in_empty_list
        supports_in_unparenthesized_expr
        supports_named_fn_args_with_eq_operator
        supports_named_fn_args_with_colon_operator
        supports_named_fn_args_with_assignment_operator
        supports_named_fn_args_with_rarrow_operator
        supports_named_fn_args_with_expr_name
        supports_numeric_prefix
        supports_numeric_literal_underscores
        supports_window_function_null_treatment_arg
        supports_dictionary_syntax
        support_map_literal_syntax
        supports_lambda_functions
        supports_select_wildcard_except
        convert_type_before_value
        supports_triple_quoted_string
        supports_trailing_commas
        supports_limit_comma
        supports_string_literal_concatenation
        supports_string_literal_concatenation_with_newline
        supports_projection_trailing_commas
        supports_from_trailing_commas
        supports_object_name_double_dot_notation
        supports_struct_literal
        supports_empty_projections
        supports_select_expr_star
        supports_from_first_select
        supports_pipe_operator
        supports_match_against
        supports_select_wildcard_exclude
        supports_select_exclude
        supports_select_modifiers
        allow_extract_custom
        allow_extract_single_quotes
        supports_extract_comma_syntax
        supports_subquery_as_function_arg
        supports_array_typedef_without_element_type
        supports_parens_around_table_factor
        supports_values_as_table_factor
        supports_dollar_placeholder
        supports_dollar_as_money_prefix
        require_interval_qualifier
        supports_factorial_operator
        supports_bitwise_shift_operators
        supports_nested_comments
        supports_multiline_comment_hints
        supports_eq_alias_assignment
        supports_try_convert
        supports_bang_not_operator
        supports_top_before_distinct
        supports_boolean_literals
        supports_leading_comma_before_table_options
        supports_partiql
        supports_unpivot_expr
        supports_table_sample_before_alias
        supports_table_versioning
        supports_string_escape_constant
        supports_table_hints
        requires_single_line_comment_whitespace
        supports_array_typedef_with_brackets
        supports_geometric_types
        supports_order_by_all
        supports_order_by_using_operator
        supports_notnull_operator
        supports_data_type_signed_suffix
        supports_interval_options
        supports_semantic_view_table_factor
        supports_quote_delimited_string
        supports_double_ampersand_operator
        supports_binary_kw_as_cast
        supports_select_wildcard_replace
        supports_select_wildcard_ilike
        supports_select_wildcard_rename
        supports_select_wildcard_with_alias
        supports_prewhere
        supports_with_fill
        supports_limit_by
        supports_interpolate
        supports_settings
        supports_select_format
        supports_comma_separated_trim
        supports_cte_without_as
        supports_select_item_multi_column_alias
        supports_xml_expressions
        supports_aliased_function_args
        supports_long_type_as_bigint
        supports_map_literal_with_angle_brackets
    }

    fn is_delimited_identifier_start(&self, character: char) -> bool {
        self.base.is_delimited_identifier_start(character)
    }

    fn is_nested_delimited_identifier_start(&self, character: char) -> bool {
        self.base.is_nested_delimited_identifier_start(character)
    }

    fn peek_nested_delimited_identifier_quotes(
        &self,
        characters: Peekable<Chars<'_>>,
    ) -> Option<(char, Option<char>)> {
        self.base.peek_nested_delimited_identifier_quotes(characters)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        self.base.identifier_quote_style(identifier)
    }

    fn is_identifier_start(&self, character: char) -> bool {
        self.base.is_identifier_start(character) || character.is_alphabetic()
    }

    fn is_identifier_part(&self, character: char) -> bool {
        self.base.is_identifier_part(character) || character.is_alphanumeric()
    }

    fn is_custom_operator_part(&self, character: char) -> bool {
        self.base.is_custom_operator_part(character)
    }

    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        self.base.parse_prefix(parser)
    }

    fn parse_infix(
        &self,
        parser: &mut Parser,
        expr: &Expr,
        precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        self.base.parse_infix(parser, expr, precedence)
    }

    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        self.base.get_next_precedence(parser)
    }

    fn parse_statement(&self, _parser: &mut Parser) -> Option<Result<Statement, ParserError>> {
        None
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        self.base.prec_value(precedence)
    }

    fn prec_unknown(&self) -> u8 {
        self.base.prec_unknown()
    }

    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        self.base.is_reserved_for_identifier(keyword)
    }

    fn get_reserved_keywords_for_select_item_operator(&self) -> &[Keyword] {
        self.base.get_reserved_keywords_for_select_item_operator()
    }

    fn is_column_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.base.is_column_alias(keyword, parser)
    }

    fn is_select_item_alias(&self, explicit: bool, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.base.is_select_item_alias(explicit, keyword, parser)
    }

    fn is_table_factor(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.base.is_table_factor(keyword, parser)
    }

    fn is_table_alias(&self, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.base.is_table_alias(keyword, parser)
    }

    fn is_table_factor_alias(&self, explicit: bool, keyword: &Keyword, parser: &mut Parser) -> bool {
        self.base.is_table_factor_alias(explicit, keyword, parser)
    }

    fn is_identifier_generating_function_name(&self, ident: &Ident, parts: &[ObjectNamePart]) -> bool {
        self.base.is_identifier_generating_function_name(ident, parts)
    }
}
