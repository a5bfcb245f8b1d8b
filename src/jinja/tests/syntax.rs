//! Templates that are not well-formed, and what carving and scanning find.

use super::*;

#[test]
fn syntax_errors_are_told_at_their_place_with_a_way_out() {
    let world = World::new();
    let cases = [
        ("select {{ x\nfrom t", "`{{` is never closed", "{{", "end it with `}}`"),
        ("{{ {'a': 1 }}", "`{{` is never closed", "{{", "end the mapping with its own `}`: `} }}`"),
        ("{{ f(1 }}", "`(` is never closed", "(", "close it with `)`"),
        ("{% if f([1 %}{% endif %}", "`[` is never closed", "[", "close it with `]`"),
        ("{{ 'abc }}", "this string is never closed", "'abc }}", "end it with `'`"),
        ("a {# b", "this comment is never closed", "{#", "end it with `#}`"),
        ("{% raw %}a", "`{% raw %}` is never closed", "{% raw %}", "end it with `{% endraw %}`"),
        ("{% if x %}a", "`{% if %}` is never closed", "{% if x %}", "end it with `{% endif %}`"),
        (
            "{% for x in y %}{% if x %}{% endfor %}",
            "`endfor` does not close `if`",
            "{% endfor %}",
            "put `{% endif %}` before it",
        ),
        ("{% endif %}", "`endif` closes nothing", "{% endif %}", "there is no open `if` block here"),
        ("{% elseif x %}", "there is no tag `elseif`", "elseif", "write `elif`"),
        ("{% fro x in y %}", "there is no tag `fro`", "fro", "a tag with a similar name exists: `for`"),
        ("{% x %}", "there is no tag `x`", "x", "to show a value, write `{{ … }}` instead of `{% … %}`"),
        (
            "{% include 'x' %}",
            "`include` cannot be used: templates do not load others",
            "include",
            "macros of all files and packages can be called by their names",
        ),
        (
            "{% if a = b %}{% endif %}",
            "unexpected `=`",
            "=",
            "to compare, write `==`; to set a variable, use `{% set … %}`",
        ),
        (
            "{{ {{ x }} }}",
            "`{{` inside of `{{`",
            "{{",
            "values are used by their bare names inside of a tag: leave the inner braces out",
        ),
        ("{{ a b }}", "unexpected `b`", "b", "an operator or a comma seems to be missing before it"),
        (
            "{{ f(a=1, 2) }}",
            "an argument without a name follows one with a name",
            "2",
            "put positional arguments first, or name this one too",
        ),
        (
            "{% macro f %}{% endmacro %}",
            "expected `(`, found the end of the tag",
            "%}",
            "write `f()` if it takes no arguments",
        ),
        (
            "{% set x[0] = 1 %}",
            "only names can be set",
            "[",
            "to change a mapping, write `{% do mapping.update({key: value}) %}`; for a list, `{% do list.append(value) %}`",
        ),
        (
            "{% test a() %}{% endtest %}",
            "`test` cannot stand here",
            "test",
            "a `test` block stands on its own in a file, not inside of another block",
        ),
        (
            "{% set x %}a",
            "`{% set %}` is never closed",
            "{% set x %}",
            "end it with `{% endset %}`, or give the value here: `{% set name = … %}`",
        ),
        ("{{ 가 나 }}", "unexpected `나`", "나", "an operator or a comma seems to be missing before it"),
        (
            "{% for x in y %}{% else %}{% elif z %}{% endfor %}",
            "`elif` inside of `for`, which has none",
            "{% elif z %}",
            "is an `{% endfor %}` missing before it?",
        ),
    ];
    for (text, message, place, help) in cases {
        let file = world.file(text);
        let error = world.engine.template(&file, file.span()).unwrap_err();
        assert_eq!(error.code().name(), "jinja-syntax", "{text}");
        let told = (error.message(), world.cited(&error), error.help_text().unwrap_or_default());
        assert_eq!(told, (message, place.to_owned(), help), "{text}");
    }
}

/// Names and bodies of the blocks, and what is complained about.
fn carved(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let world = World::new();
    let file = world.file(text);
    let carved = carve(&file);
    let blocks =
        carved.value.iter().map(|block| (block.macro_name(), file.slice(block.body).to_owned())).collect();
    let told = carved.diagnostics.iter().map(|error| format!("{error} @ {}", world.cited(error))).collect();
    (blocks, told)
}

#[test]
fn blocks_are_found_whatever_stands_between() {
    let text = "-- {{ broken\n{# {% macro a() %} #}{% raw %}{% macro b() %}{% endraw %}
        {% set x = '{% macro c() %}' %}{%- macro d(x, y='%}') -%} {{ '{% endmacro %}' }} {%- endmacro -%}
        {% test t(model) %}T{% endtest %}{% data_test u(model) %}U{% enddata_test %}
        {% materialization m, default %}D{% endmaterialization %}
        {% materialization m, adapter='duckdb' %}A{% endmaterialization %}
        {% snapshot 주문 %}S{% endsnapshot %}{% docs 문서 %}{{ not jinja {% {% enddocs %}
        {% macro outer() %}{% macro inner() %}I{% endmacro %}{% endmacro %}";
    let wanted = [
        ("d", " {{ '{% endmacro %}' }} "),
        ("test_t", "T"),
        ("test_u", "U"),
        ("materialization_m_default", "D"),
        ("materialization_m_duckdb", "A"),
        ("주문", "S"),
        ("문서", "{{ not jinja {% "),
        ("outer", "{% macro inner() %}I{% endmacro %}"),
    ];
    let wanted = wanted.map(|(name, body)| (name.to_owned(), body.to_owned())).to_vec();
    assert_eq!(carved(text), (wanted, Vec::new()));
}

#[test]
fn headers_tell_parameters_and_languages() {
    let world = World::new();
    let file = world.file("{% macro f(a, b=[1, 2], c=none) %}{% endmacro %}{% materialization m, adapter='x', supported_languages=['sql', 'python'] %}{% endmaterialization %}");
    let blocks = carve(&file).value;
    let parameters: Vec<_> =
        blocks[0].parameters.iter().map(|own| (own.name.value.as_str(), own.has_default)).collect();
    assert_eq!(parameters, [("a", false), ("b", true), ("c", true)]);
    assert_eq!(file.slice(blocks[0].name.span), "f");
    let languages = vec!["sql".to_owned(), "python".to_owned()];
    assert_eq!(
        blocks[1].kind,
        BlockKind::Materialization { adapter: Some("x".to_owned()), supported_languages: languages }
    );
}

#[test]
fn one_bad_block_does_not_hide_the_others() {
    let cases = [
        ("{% macro a() %}", "", "`{% macro %}` is never closed @ {% macro a() %}"),
        (
            "{% macro a() %}{% macro b() %}{% endmacro %}",
            "b",
            "`{% macro %}` is never closed @ {% macro a() %}",
        ),
        (
            "{% macro a() %}{% endtest %}{% macro b() %}{% endmacro %}",
            "b",
            "`endtest` does not close `macro` @ {% endtest %}",
        ),
        ("{% endmacro %}", "", ""),
        ("{% macro a( %}{% endmacro %}{% macro b() %}{% endmacro %}", "b", "`(` is never closed @ ("),
        ("{% test a %}{% endtest %}", "", "expected `(`, found the end of the tag @ %}"),
        (
            "{% materialization x, foo=1 %}{% endmaterialization %}",
            "",
            "a materialization has no `foo` @ foo",
        ),
        ("{% docs %}x{% enddocs %}", "", "expected the name of the block, found the end of the tag @ %}"),
    ];
    for (text, names, error) in cases {
        let (blocks, told) = carved(text);
        let found: Vec<&str> = blocks.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((found.join(" ").as_str(), told.join(" ").as_str()), (names, error), "{text}");
    }
}

#[test]
fn all_syntax_errors_of_a_file_are_told_at_once() {
    let world = World::new();
    let file = world.file("{% macro a() %}{{ x {% endmacro %}{% macro b() %}{% if %}{% endif %}{% endmacro %}{% macro c() %}ok{% endmacro %}");
    let blocks = carve(&file);
    assert_eq!(blocks.diagnostics, []);
    let mut engine = Engine::new();
    let told = engine.add_macros(&file, "shop", &blocks.value);
    let places: Vec<String> = told.iter().map(|error| world.cited(error)).collect();
    assert_eq!(places, ["{{", "%}"]);
    assert!(engine.macro_value("shop", "c").is_some());
    assert!(engine.macro_value("shop", "a").is_none());
}

#[test]
fn scan_lists_calls_with_their_literals() {
    let world = World::new();
    let file = world.file(
        "{% call statement('x', fetch_result=True) %}{{ ref('주문', v=2) | upper }}{{ source('s', var('t', -1)) }}{% endcall %}\
         {% if adapter.dispatch('m', 'p')(ref(x)) and dbt_utils.star(from=ref('b'), except=['c']) %}{% endif %}\
         {# ref('no') #}{% raw %}{{ ref('no') }}{% endraw %}{{ \"ref('no')\" }}\
         {{ config(materialized='table', meta={'x': 1.5, 2: none}) }}",
    );
    let calls = scan(&file, file.span());
    let told: Vec<String> = calls
        .iter()
        .map(|call| {
            let arguments: Vec<String> = call
                .arguments
                .iter()
                .map(|own| own.as_ref().map_or("?".to_owned(), ToString::to_string))
                .collect();
            let keywords = serde_json::Value::Object(call.keywords.clone());
            format!("{}({}) {keywords} {}", call.function, arguments.join(", "), call.has_only_literals)
        })
        .collect();
    let wanted = [
        r#"statement("x") {"fetch_result":true} true"#,
        r#"ref("주문") {"v":2} true"#,
        r#"source("s", ?) {} false"#,
        r#"var("t", -1) {} true"#,
        r#"adapter.dispatch("m", "p") {} true"#,
        r"ref(?) {} false",
        r#"dbt_utils.star() {"except":["c"]} false"#,
        r#"ref("b") {} true"#,
        r#"config() {"materialized":"table","meta":{"x":1.5,"2":null}} true"#,
    ];
    assert_eq!(told, wanted);
    assert_eq!(file.slice(calls[1].span), "ref('주문', v=2)");
    assert_eq!(file.slice(calls[2].argument_spans[1]), "var('t', -1)");
    assert_eq!(scan(&world.file("{{ ref('a') }}{% if %}"), file.span()), []);
}
