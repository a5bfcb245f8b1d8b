use std::hint::black_box;

use divan::Bencher;
use divan::counter::BytesCount;
use xform::jinja;
use xform::sql::{Dialect, parse_query};
use xform::text::Files;
use xform::yaml;

use crate::project::model;

/// Listing the calls of a model's template.
#[divan::bench]
fn calls_of_a_model(bencher: Bencher) {
    let files = Files::new();
    let file = files.add("models/m.sql", model(100));
    bencher.counter(BytesCount::of_str(file.text())).bench(|| jinja::scan(black_box(&file), file.span()));
}

/// Carving macros out of a file.
#[divan::bench]
fn blocks_of_a_macro_file(bencher: Bencher) {
    let one =
        "{% macro name(column, digits=2) -%}\n  round({{ column }} / 100, {{ digits }})\n{%- endmacro %}\n";
    let file = Files::new().add("macros/m.sql", one.replace("name", "매출").repeat(50));
    bencher.counter(BytesCount::of_str(file.text())).bench(|| jinja::carve(black_box(&file)));
}

/// Reading a query to its tree.
#[divan::bench]
fn tree_of_a_query(bencher: Bencher) {
    let text = "with totals as (select id, sum(amount) as amount from m1 group by id)\n\
                select t.id, t.amount, t.amount * 2 as 금액 from totals as t left join m2 as o on o.id = t.id";
    bencher.counter(BytesCount::of_str(text)).bench(|| parse_query(black_box(text), Dialect::DuckDb));
}

/// Reading a properties file as YAML.
#[divan::bench]
fn values_of_a_properties_file(bencher: Bencher) {
    let entry = "  - name: 주문\n    columns:\n      - {name: id, data_tests: [unique, not_null]}\n";
    let file = Files::new().add("models/schema.yml", format!("models:\n{}", entry.repeat(20)));
    bencher.counter(BytesCount::of_str(file.text())).bench(|| yaml::parse(black_box(&file)));
}
