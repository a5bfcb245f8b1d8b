//! Macros across files and packages, and the ways into the engine.

use serde_json::json;

use super::*;

const SHOP: &str = "\
{% macro cents(a, b=2) %}{{ a }}/{{ b }}{% endmacro %}
{% macro first(l) %}{% for i in l %}{{ return(i) }}{% endfor %}nothing{% endmacro %}
{% macro both(a, b=a ~ '!') %}{{ a }}{{ b }}{% endmacro %}
{% macro more(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}
{% macro wrap() %}<{{ caller() }}>{% endmacro %}
{% macro twice_wrapped() %}{% call wrap() %}{% call wrap() %}{{ caller() }}{% endcall %}{% endcall %}{% endmacro %}
{% macro each(l) %}{% for i in l %}{{ caller(i, loop.index) }}{% endfor %}{% endmacro %}
{% macro add(l, x) %}{% do l.append(x) %}{% endmacro %}
{% macro early() %}{% call wrap() %}{{ return('early') }}{% endcall %} late{% endmacro %}
{% macro sees() %}{{ env }}{% endmacro %}
{% macro nested() %}{% macro inner(x) %}[{{ x }}]{% endmacro %}{{ inner(1) }}{{ inner(x=2) }}{% endmacro %}
{% macro calls_other() %}{{ util.twice('가') }}{{ twice('나') }}{% endmacro %}
{% macro fact(n) %}{% if n <= 1 %}{{ return(1) }}{% endif %}{{ return(n * fact(n - 1)) }}{% endmacro %}
{% test uniq(model, column_name) %}select {{ column_name }} from {{ model }}{% endtest %}
{%- materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
  {{ return({'relations': [this]}) }}
{%- endmaterialization -%}";

fn world() -> World {
    World::new().with("shop", SHOP).with("util", "{% macro twice(x) -%}\n  {{ x }}{{ x }}\n{%- endmacro %}")
}

#[test]
fn macros_give_what_macros_of_dbt_give() {
    let world = world();
    let cases = [
        ("{{ cents(1) }} {{ shop.cents(1, b=3) }} {{ cents(b=1, a=0) }}", "1/2 1/3 0/1"),
        ("{{ cents() }}", "/2"),
        ("{{ cents(*[1, 2]) }} {{ cents(**{'a': 1}) }}", "1/2 1/2"),
        ("{{ both(1) }} {{ both(1, none) }}", "11! 1None"),
        ("{{ first([3, 4]) + 1 }} {{ first([]) }}", "4 nothing"),
        ("{{ more(1, 2, 3, x=4) }}", "1(2, 3){'x': 4}"),
        ("{% call wrap() %}b{% endcall %}", "<b>"),
        ("{% call twice_wrapped() %}b{% endcall %}", "<<b>>"),
        ("{% call(i, n) each(['x', 'y']) %}{{ n }}{{ i }}{% endcall %}", "1x2y"),
        ("{% set l = [] %}{{ add(l, 1) }}{% do shop.add(l, 2) %}{{ l }}", "[1, 2]"),
        ("{{ early() }}", "early late"),
        ("{{ nested() }}", "[1][2]"),
        ("{{ calls_other() }}", "가가나나"),
        ("{{ fact(20) }}", "2432902008176640000"),
        ("{% set m = shop.cents %}{{ m(5) }} {{ m is callable }}", "5/2 True"),
        ("{{ [1, 2] | map('string') | map('upper') | join(cents(0)) }}", "10/22"),
        ("{% macro own(x) %}{{ cents(x) }}{{ varargs }}{% endmacro %}{{ own(1, 2) }}", "1/2(2,)"),
    ];
    for (template, wanted) in cases {
        assert_eq!(world.text(template), wanted, "{template}");
    }
}

#[test]
fn free_names_in_macros_are_those_of_the_context() {
    let world = world();
    for env in ["dev", "운영"] {
        let rendered = world.render_with("{% set env = 'x' %}{{ sees() }}", &[("env", Value::from(env))]);
        assert_eq!(rendered.map(|rendered| rendered.text), Ok(env.to_owned()));
    }
}

#[test]
fn only_macros_that_the_template_calls_itself_are_noted() {
    let world = world();
    let called = |text| world.render(text).map(|rendered| rendered.macros_called);
    let names = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(
        called("{{ fact(3) }}{{ calls_other() }}{{ fact(2) }}"),
        names(&["shop.fact", "shop.calls_other"])
    );
    assert_eq!(called("{% call wrap() %}{{ cents(1) }}{% endcall %}"), names(&["shop.wrap", "shop.cents"]));
    assert_eq!(called("{% if false %}{{ cents(1) }}{% endif %}"), names(&[]));
}

#[test]
fn macros_can_be_called_from_outside() {
    let world = world();
    let context = world.context(&[("this", Value::from("t"))]);
    let call = |name, arguments: &[Value], keywords: &[(&str, Value)]| {
        world.engine.call("shop", name, arguments, keywords, &context).map(|value| value.to_string())
    };
    assert_eq!(call("fact", &[Value::from(5)], &[]).as_deref(), Ok("120"));
    assert_eq!(call("cents", &[Value::from(5)], &[("b", Value::from(6))]).as_deref(), Ok("5/6"));
    let model = [("model", Value::from("m")), ("column_name", Value::from("c"))];
    assert_eq!(call("test_uniq", &[], &model).as_deref(), Ok("select c from m"));
    assert_eq!(call("materialization_table_duckdb", &[], &[]).as_deref(), Ok("{'relations': ['t']}"));
    let missing = call("cnets", &[], &[]).err();
    assert_eq!(missing.as_ref().map(Diagnostic::code), Some(crate::diagnostic::Code::MissingMacro));
    assert_eq!(
        missing.as_ref().and_then(Diagnostic::help_text),
        Some("a macro with a similar name exists: `cents`")
    );
}

#[test]
fn values_of_yaml_keep_their_kind() {
    let world = world();
    let context = world.context(&[("n", Value::from(3)), ("env", Value::from("prod"))]);
    let file = world.file("key: value");
    let evaluate = |text| world.engine.evaluate(text, file.span(), &context).map(|value| to_json(&value));
    let cases = [
        ("plain", json!("plain")),
        ("{{ n + 1 }}", json!(4)),
        ("{{ n }}\n", json!(3)),
        ("{{ n }} x", json!("3 x")),
        ("{{ n == 3 }}", json!(true)),
        ("{{ [env, n] }}", json!(["prod", 3])),
        ("{% if n %}y{% endif %}", json!("y")),
        ("{{ '5' }}", json!("5")),
        ("{{ '5' | as_number }}", json!(5)),
        ("{{ 'true' | as_bool }}", json!(true)),
        ("{{ \"{'a': [1]}\" | as_native }}", json!({"a": [1]})),
        ("{{ 5 | as_text }}", json!(5)),
        ("{{ shop.fact(3) }}", json!(6)),
    ];
    for (text, wanted) in cases {
        assert_eq!(evaluate(text), Ok(wanted), "{text}");
    }
    assert!(evaluate("{{ 'x' | as_bool }}").is_err());
    assert_eq!(world.text("{{ '1.50' | as_number }}"), "1.50", "outside of YAML nothing changes");
}

#[test]
fn lenient_renders_forgive_what_is_undefined() {
    let world = world();
    let known = [(LENIENT, Value::from(true)), ("known", dict_value([]))];
    let cases = [
        ("{{ foo.bar.baz() }}|{{ foo() }}|{{ foo()[0].x }}|{{ known.a.b }}|{{ known.c() }}", "||||"),
        (
            "{{ foo is defined }} {{ foo | default('d') }} {{ foo | length }}{% if foo %}x{% endif %}",
            "False d 0",
        ),
        ("{% for x in foo %}x{% else %}none{% endfor %}{% call foo() %}x{% endcall %}", "none"),
        ("{{ range(2) | list }} {{ cents(foo.bar) }} {{ 'a'.nothing() }}", "[0, 1] /2 "),
    ];
    for (template, wanted) in cases {
        let rendered = world.render_with(template, &known).map(|rendered| rendered.text);
        assert_eq!(rendered.as_deref(), Ok(wanted), "{template}");
    }
    let strict = world.render_with("{{ foo + 1 }}", &known).err();
    assert_eq!(strict.map(|error| error.code().name()), Some("undefined-name"));
}

#[test]
fn one_engine_serves_many_threads() {
    let world = world();
    let file = world.file("{{ fact(6) }}{{ calls_other() }}");
    let template = world.engine.template(&file, file.span()).unwrap();
    let context = world.context(&[]);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let rendered = world.engine.render(&template, &context).map(|rendered| rendered.text);
                assert_eq!(rendered.as_deref(), Ok("720가가나나"));
            });
        }
    });
}

#[test]
fn the_later_of_two_macros_of_one_name_counts() {
    let world = World::new()
        .with("shop", "{% macro a() %}1{% endmacro %}")
        .with("shop", "{% macro a() %}2{% endmacro %}");
    assert_eq!(world.text("{{ a() }}{{ shop.a() }}"), "22");
}
