use super::duckdb::COLUMNS;
use super::*;

/// What is said of a SELECT over `t` (and of what stands in its clauses), each with the text
/// it points at.
fn told(dialect: Dialect, text: &str) -> Vec<String> {
    let world = World { dialect, columns: COLUMNS.to_vec() };
    let query = query(text, dialect);
    let Body::Select(select) = &query.body else { panic!("{text}") };
    let mut problems = Vec::new();
    check_select(select, &query.order_by, &world, &mut problems);
    problems.iter().map(|problem| format!("{} at `{}`", problem.message, &text[problem.at.range()])).collect()
}

const WELL: &[&str] = &[
    "select s, sum(i) from t group by s",
    "select s, sum(i) from t group by 1",
    "select s as name, sum(i) from t group by name",
    "select t.s, sum(i) from t group by s",
    "select S, sum(i) from t group by t.s",
    "select upper(s), count(*) from t group by upper(s)",
    "select UPPER( t.s ), count(*) from t group by upper(s)",
    "select upper(s) as s, count(*) from t group by 1 order by s",
    "select upper(s) || 'x', count(*) from t group by upper(s)",
    "select date_trunc('month', dt) as month, sum(i) from t group by 1 order by month",
    "select date_trunc('month', dt) as month, sum(i) from t group by month having sum(i) > 1 order by sum(i)",
    "select case when i > 1 then 'a' else 'b' end as kind, count(*) from t group by kind",
    "select case when i > 1 then 'a' else 'b' end, count(*) from t group by case when i > 1 then 'a' else 'b' end",
    "select s, b, sum(i) from t group by rollup (s, b)",
    "select s, b, sum(i) from t group by cube (s, b)",
    "select s, b, sum(i) from t group by grouping sets ((s, b), (s), ())",
    "select s, grouping(s), sum(i) from t group by rollup (s)",
    "select s, sum(i), sum(sum(i)) over (partition by s), row_number() over (order by sum(i) desc) from t group by s",
    "select s, lag(sum(i)) over (order by s) from t group by s",
    "select s, sum(i) over (partition by b) from t",
    "select s, i from t",
    "select count(*), sum(i) / count(*), 1, 'x', current_date from t",
    "select s, my_aggregate(i) from t group by s",
    "select s, outside.x, sum(i) from t group by s",
    "select s, sum(outside.x) from t",
    "select * from t group by s",
    "select s, (select max(z) from u where u.s = t.s) as z, count(*) from t group by s",
    "select s, count(*) from t where i in (select max(i) from u) group by s",
    "select distinct s, count(*) over () from t",
    "select unknown_column, sum(i) from t group by s",
    "select s, sum(i) as total, total + 1 from t group by s",
    "select st.a, count(*) from t group by st",
    "select 1 from t having count(*) > 1",
    "select sum(case when b then i else 0 end) filter (where i > 1) from t",
];

#[test]
fn nothing_is_said_of_what_is_well() {
    for dialect in Dialect::ALL {
        for text in WELL {
            let is_read = parse_query(text, dialect).is_ok();
            if is_read {
                assert_eq!(told(dialect, text), Vec::<String>::new(), "{dialect:?}: {text}");
            }
            assert!(is_read || dialect != Dialect::DuckDb, "{text}");
        }
    }
    assert_eq!(told(Dialect::DuckDb, "select s, i, count(*) from t group by all"), Vec::<String>::new());
    let lambda = "select list_transform(list(i), lambda s: s + 1) from t";
    assert_eq!(told(Dialect::DuckDb, lambda), Vec::<String>::new());
}

#[test]
fn columns_neither_grouped_nor_aggregated_are_told() {
    for (text, expected) in [
        ("select s, b, sum(i) from t group by s", vec!["`b` is neither grouped by nor aggregated at `b`"]),
        ("select s, sum(i) from t", vec!["`s` is neither grouped by nor aggregated at `s`"]),
        (
            "select s, i + 1, t.dt, dt, sum(i) from t group by s",
            vec![
                "`i` is neither grouped by nor aggregated at `i`",
                "`t.dt` is neither grouped by nor aggregated at `t.dt`",
            ],
        ),
        (
            "select s, sum(i) from t group by s having dt > '2024-01-01' order by b",
            vec![
                "`dt` is neither grouped by nor aggregated at `dt`",
                "`b` is neither grouped by nor aggregated at `b`",
            ],
        ),
        (
            "select upper(s), lower(s), count(*) from t group by upper(s)",
            vec!["`s` is neither grouped by nor aggregated at `s`"],
        ),
        (
            "select s, sum(i), row_number() over (order by dt) from t group by s",
            vec!["`dt` is neither grouped by nor aggregated at `dt`"],
        ),
        (
            "select lower(s) as s, count(*) from t group by b",
            vec!["`s` is neither grouped by nor aggregated at `s`"],
        ),
    ] {
        for dialect in Dialect::ALL {
            assert_eq!(told(dialect, text), expected, "{dialect:?}: {text}");
        }
    }
}

#[test]
fn aggregates_stand_where_they_may() {
    for (text, expected) in [
        (
            "select s from t where sum(i) > 1 group by s",
            "WHERE cannot hold an aggregate, and `sum` is one at `sum(i)`",
        ),
        (
            "select s from t where row_number() over (order by i) = 1",
            "WHERE cannot hold a window function, and `row_number` is one at `row_number() over (order by i)`",
        ),
        (
            "select t.s from t join u on t.i = max(t.i)",
            "the condition of a join cannot hold an aggregate, and `max` is one at `max(t.i)`",
        ),
        (
            "select count(*) from t group by count(*)",
            "GROUP BY cannot hold an aggregate, and `count` is one at `count(*)`",
        ),
        (
            "select s, sum(i) as total from t group by s, total",
            "GROUP BY names a column that is an aggregate at `total`",
        ),
        ("select s, sum(i) from t group by 1, 2", "GROUP BY names a column that is an aggregate at `2`"),
        (
            "select s, max(sum(i)) from t group by s",
            "`max` cannot be computed of `sum`, which is an aggregate itself at `sum(i)`",
        ),
        (
            "select s, sum(i) from t group by s having rank() over (order by s) = 1",
            "HAVING cannot hold a window function, and `rank` is one at `rank() over (order by s)`",
        ),
    ] {
        for dialect in Dialect::ALL {
            assert_eq!(told(dialect, text), [expected], "{dialect:?}: {text}");
        }
    }
    // Of the rows of the query around.
    let text = "select 1 from t where sum(outside.x) > 1";
    assert_eq!(told(Dialect::Postgres, text), Vec::<String>::new());
}
