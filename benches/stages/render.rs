use std::hint::black_box;

use divan::Bencher;
use xform::jinja::{Engine, Error, Value, carve, dict_value, return_value};
use xform::text::Files;

const LOOP: &str = "select {% for n in range(20) %}{{ n }} as 금액_{{ n }}, {% endfor %} 1 as id\n";
const MACROS: &str = "{% macro won(column) %}cast({{ column }} / 100 as bigint){% endmacro %}\n\
    {% macro sum_of(columns) %}{% set all = [] %}{% for c in columns %}{% do all.append(c ~ ' * 1.1') %}{% endfor %}\
    {{ return(all | join(' + ')) }}{% endmacro %}\n";

/// Lowering and compiling a template.
#[divan::bench]
fn a_template_made_ready() -> bool {
    let file = Files::new().add("models/m.sql", black_box(LOOP));
    Engine::new().template(&file, file.span()).is_ok()
}

fn rendered(bencher: Bencher, text: &str) {
    let (files, mut engine) = (Files::new(), Engine::new());
    let macros = files.add("macros/m.sql", MACROS);
    let wrong = engine.add_macros(&macros, "shop", &carve(&macros).value);
    assert!(wrong.is_empty());
    let file = files.add("models/m.sql", text);
    let template = engine.template(&file, file.span()).unwrap();
    let names = ["won", "sum_of"].map(|name| (Value::from(name), engine.macro_value("shop", name).unwrap()));
    let returns = Value::from_function(|value: Value| -> Result<Value, Error> { Err(return_value(value)) });
    let context = dict_value(names.into_iter().chain([(Value::from("return"), returns)]));
    bencher.bench(|| engine.render(black_box(&template), &context).unwrap());
}

/// A template that writes all by itself.
#[divan::bench]
fn a_loop(bencher: Bencher) {
    rendered(bencher, LOOP);
}

/// A template that calls macros, one with what another gives back.
#[divan::bench]
fn macro_calls(bencher: Bencher) {
    rendered(bencher, "select {{ won(sum_of(['a', 'b', 'c', 'd'])) }} as 합계, {{ won('e') }}\n");
}
