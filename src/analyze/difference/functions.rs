/// Functions that give another value each time, in any dialect.
const VOLATILE: &[&str] = &[
    "gen_random_uuid",
    "generate_uuid",
    "monotonically_increasing_id",
    "newid",
    "nextval",
    "normal",
    "rand",
    "randn",
    "random",
    "random_normal",
    "randstr",
    "seq1",
    "seq2",
    "seq4",
    "seq8",
    "setseed",
    "shuffle",
    "uniform",
    "uuid",
    "uuid_string",
    "uuidv4",
    "uuidv7",
    "zipf",
];

/// Aggregates whose value does not depend on the order of rows.
const UNORDERED: &[&str] = &[
    "any",
    "approx_count_distinct",
    "approx_distinct",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "boolor_agg",
    "booland_agg",
    "corr",
    "count",
    "count_if",
    "countif",
    "covar_pop",
    "covar_samp",
    "entropy",
    "every",
    "grouping",
    "grouping_id",
    "kurtosis",
    "logical_and",
    "logical_or",
    "mad",
    "max",
    "mean",
    "median",
    "min",
    "mode",
    "percentile_cont",
    "percentile_disc",
    "product",
    "quantile",
    "quantile_cont",
    "quantile_disc",
    "regr_slope",
    "skewness",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var_pop",
    "var_samp",
    "variance",
];

/// Aggregates whose value may depend on it.
const ORDERED: &[&str] = &[
    "any_value",
    "approx_quantile",
    "approx_top_k",
    "arbitrary",
    "arg_max",
    "arg_min",
    "argmax",
    "argmin",
    "array_agg",
    "array_concat_agg",
    "array_unique_agg",
    "arrayagg",
    "collect_list",
    "collect_set",
    "first",
    "fsum",
    "group_concat",
    "hll_accumulate",
    "histogram",
    "json_agg",
    "json_group_array",
    "json_group_object",
    "json_object_agg",
    "jsonb_agg",
    "jsonb_object_agg",
    "kahan_sum",
    "last",
    "list",
    "listagg",
    "map_agg",
    "max_by",
    "min_by",
    "object_agg",
    "string_agg",
    "sumkahan",
];

/// The name in the label of a call.
pub(super) fn name_of(label: &str) -> &str {
    label.split('/').next().unwrap_or(label)
}

pub(super) fn is_volatile(name: &str) -> bool {
    VOLATILE.binary_search(&name).is_ok()
}

pub(super) fn is_aggregate(name: &str) -> bool {
    is_unordered(name) || ORDERED.contains(&name)
}

/// Whether it is an aggregate that takes rows in any order.
pub(super) fn is_unordered(name: &str) -> bool {
    UNORDERED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(VOLATILE.is_sorted());
        assert!(is_volatile("random") && !is_volatile("round"));
        assert_eq!(name_of("sum/distinct"), "sum");
    }
}
