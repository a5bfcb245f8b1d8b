//! What is wrong, where, and with which calls around it.

use super::*;

const SHOP: &str = "\
{% macro cents(column_name, scale=2) %}{{ column_name }}{% endmacro %}
{% macro fails(x) %}{{ x.a.b }}{% endmacro %}
{% macro passes(x) %}
  {{ fails(
      x
  ) }}
{% endmacro %}
{% macro ping() %}{{ pong() }}{% endmacro %}
{% macro pong() %}{{ ping() }}{% endmacro %}
{% macro wrap() %}{{ caller() }}{% endmacro %}
{% macro stops(why) %}{{ raise(why) }}{% endmacro %}";

fn world() -> World {
    World::new().with("shop", SHOP)
}

/// `code: message @ place`, and the help.
fn told(world: &World, template: &str) -> (String, String) {
    let raises = Value::from_function(|why: String| -> Result<Value, Error> {
        Err(raise(Diagnostic::error(crate::diagnostic::Code::RaisedByMacro, why)))
    });
    match world.render_with(template, &[("raise", raises), ("orders", Value::from("o"))]) {
        Ok(rendered) => (rendered.text, String::new()),
        Err(error) => {
            let help = error.help_text().unwrap_or_default().to_owned();
            (format!("{}: {error} @ {}", error.code(), world.cited(&error)), help)
        }
    }
}

#[test]
fn errors_are_told_at_the_expression() {
    let world = world();
    let cases = [
        ("a {{ 1 < 'a' }}", "jinja-error: `<` does not work between `int` and `str` @ 1 < 'a'"),
        ("{{ foo.bar }}", "undefined-name: `foo` is not defined @ foo"),
        ("{{ orders.x.y }}", "undefined-name: `orders.x` is not defined @ orders.x"),
        ("{{ 1 + foo.bar\n  .baz }}", "undefined-name: `foo` is not defined @ foo"),
        ("{{ 1 + foo }}", "undefined-name: `foo` is not defined @ foo"),
        ("{{ 주문.금액 }}", "undefined-name: `주문` is not defined @ 주문"),
        ("{% if x and [1][5].y %}{% endif %}", ""),
        ("{% for x in 5 %}{% endfor %}", "jinja-error: `int` cannot be iterated over @ 5"),
        ("{% for x in none %}{% endfor %}", "jinja-error: `NoneType` cannot be iterated over @ none"),
        (
            "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
            "jinja-error: sequence of wrong length (expected 2, got 3) @ a, b",
        ),
        ("{{ 1 // 0 }}", "jinja-error: division by zero @ 1 // 0"),
        ("{{ 'a'\n  | nofilter }}", "jinja-error: there is no filter `nofilter` @ nofilter"),
        ("{{ 1 is notest }}", "jinja-error: there is no test `notest` @ notest"),
        ("{{ [1].add(2) }}", "jinja-error: a list has no method `add` @ add"),
        ("{{ orders() }}", "jinja-error: `orders` cannot be called @ orders()"),
        ("{{ [1, 'a'] | sort }}", "jinja-error: `<` does not work between `str` and `int` @ [1, 'a'] | sort"),
        ("{{ {}.pop('x') }}", "jinja-error: the dict has no key 'x' @ {}.pop('x')"),
        (
            "{{ 'abc'.split('') }}",
            "jinja-error: `split` needs a text as separator, and not an empty one @ 'abc'.split('')",
        ),
        ("{{ '%d' % 'a' }}", "jinja-error: `%d` needs a number, found `str` @ '%d' % 'a'"),
        ("{{ 'x' * 99999999999 }}", "jinja-error: the result of `*` is too long @ 'x' * 99999999999"),
        ("{{ 2 ** 500 }}", "jinja-error: the result is too large a number @ 2 ** 500"),
        ("{{ return(1) }}", "jinja-error: `return` outside of a macro @ return(1)"),
    ];
    for (template, wanted) in cases {
        assert_eq!(told(&world, template).0, wanted, "{template}");
    }
}

#[test]
fn calls_that_lead_nowhere_name_what_was_meant() {
    let world = world();
    let cases = [
        (
            "{{ cnets(1) }}",
            "missing-macro: there is no macro or function `cnets` @ cnets",
            "a macro with a similar name exists: `cents`",
        ),
        (
            "{{ shop.cnets(1) }}",
            "missing-macro: the package `shop` has no macro `cnets` @ cnets",
            "a macro with a similar name exists: `cents`",
        ),
        (
            "{{ dbt_utils.star(1) }}",
            "missing-macro: `dbt_utils.star` is called, but nothing is named `dbt_utils` @ dbt_utils",
            "if `dbt_utils` is a package, is it listed in `packages.yml` and installed?",
        ),
        (
            "{{ order }}{{ order.id }}",
            "undefined-name: `order` is not defined @ order",
            "a name with a similar name exists: `orders`",
        ),
        (
            "{{ 'a' | uper }}",
            "jinja-error: there is no filter `uper` @ uper",
            "a filter with a similar name exists: `upper`",
        ),
    ];
    for (template, wanted, help) in cases {
        assert_eq!(told(&world, template), (wanted.to_owned(), help.to_owned()), "{template}");
    }
}

#[test]
fn wrong_arguments_are_told_at_the_call() {
    let world = world();
    let parameters = "its parameters are `column_name`, `scale` (optional)";
    let cases = [
        (
            "{{ cents(1, 2, 3) }}",
            "the macro `shop.cents` takes at most 2 arguments, 3 were given",
            parameters,
        ),
        (
            "{{ cents(1, column_name=2) }}",
            "the macro `shop.cents` got two values for its parameter `column_name`",
            parameters,
        ),
        (
            "{{ cents(1, sclae=2) }}",
            "the macro `shop.cents` has no parameter `sclae`",
            "a parameter with a similar name exists: `scale`",
        ),
        (
            "{% call cents(1) %}{% endcall %}",
            "the macro `shop.cents` was called with a block, but does not use `caller()`",
            parameters,
        ),
        (
            "{% macro own() %}{% endmacro %}{{ own(1) }}",
            "the macro `own` takes no arguments, 1 was given",
            "it has no parameters",
        ),
    ];
    for (template, wanted, help) in cases {
        let (message, found) = told(&world, template);
        assert!(message.starts_with(&format!("invalid-arguments: {wanted} @ ")), "{message}");
        assert_eq!(found, help, "{template}");
    }
    let error = world.render("{{ cents(1, 2, 3) }}").unwrap_err();
    let labels: Vec<_> =
        error.labels().iter().map(|label| (world.files.location(label.span), label.text.as_str())).collect();
    let wanted = [
        ("models/m.sql:1:4".to_owned(), ""),
        ("shop/macros.sql:1:10".to_owned(), "the macro is defined here"),
    ];
    assert_eq!(labels, wanted);
}

#[test]
fn an_error_inside_macros_tells_the_calls_that_led_there() {
    let world = world();
    let error = world.render("select\n  {{ passes({}) }}").unwrap_err();
    assert_eq!(error.span().map(|span| world.files.location(span)).as_deref(), Some("shop/macros.sql:2:24"));
    assert_eq!(frames(&world, &error), ["shop.fails at fails(\n      x\n  )", "shop.passes at passes({})"]);
    let calls: Vec<_> =
        error.trace().iter().filter_map(|frame| frame.call).map(|span| world.files.location(span)).collect();
    assert_eq!(calls, ["shop/macros.sql:4:6", "models/m.sql:2:6"]);
}

#[test]
fn a_raised_diagnostic_keeps_its_words_and_gets_a_place() {
    let world = world();
    let (message, _) = told(&world, "{{ stops('단위 없음') }}");
    assert_eq!(message, "raised-by-macro: 단위 없음 @ raise(why)");
    let (message, _) = told(&world, "{% call wrap() %}{{ raise('x') }}{% endcall %}");
    assert_eq!(message, "raised-by-macro: x @ raise('x')");
}

#[test]
fn endless_recursion_is_an_error_and_no_crash() {
    let world = world();
    let endless = [
        "{{ ping() }}",
        "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% macro a() %}{% call a() %}{{ caller() }}{% endcall %}{% endmacro %}{% call a() %}{% endcall %}",
        "{% for x in [1] recursive %}{{ loop([x]) }}{% endfor %}",
    ];
    for template in endless {
        assert!(told(&world, template).0.starts_with("recursion-limit: "), "{template}");
    }
    let error = world.render("{{ ping() }}").unwrap_err();
    assert_eq!(world.cited(&error).trim_end_matches("()").len(), 4, "at one of the two calls");
    assert!(error.trace().len() <= 16, "a long row of calls is cut");
    assert_eq!(frames(&world, &error).last().map(String::as_str), Some("shop.ping at ping()"));
}

#[test]
fn renders_that_begin_each_other_without_end_are_stopped() {
    let files = Files::new();
    let file = files.add("m.sql", "{{ again() }}");
    let engine = Arc::new(Engine::new());
    let template = engine.template(&file, file.span()).unwrap();
    let own = Arc::clone(&engine);
    let again = move |state: &mut State<'_, '_>| {
        let context = dict_value([(Value::from("again"), state.lookup("again").unwrap_or_default())]);
        own.render(&template, &context).map(|rendered| rendered.text).map_err(raise)
    };
    let context = dict_value([(Value::from("again"), Value::from_function(again))]);
    let template = engine.template(&file, file.span()).unwrap();
    let error = engine.render(&template, &context).unwrap_err();
    assert_eq!(error.code().name(), "recursion-limit");
    assert_eq!(error.span().map(|span| files.slice(span)).as_deref(), Some("again()"));
}

#[test]
fn values_that_hold_themselves_can_be_printed_and_compared() {
    let world = world();
    let text = world.text("{% set l = [1] %}{% do l.append(l) %}{{ l }}");
    assert!(text.starts_with("[1, [1, [1, ") && text.contains("..."), "{text}");
    let own = "{% set l = [] %}{% do l.append(l) %}{% set m = [] %}{% do m.append(m) %}";
    assert_eq!(world.text(&format!("{own}{{{{ l == l }}}} {{{{ l == m }}}}")), "True False");
    assert_eq!(world.text("{% set d = {} %}{% do d.update(a=d) %}{{ d.a.a.a is mapping }}"), "True");
}

#[test]
fn deep_and_long_templates_are_rendered_or_refused() {
    let world = world();
    let long = vec!["1"; 300];
    assert_eq!(world.text(&format!("{{{{ {} }}}}", long.join(" + "))), "300");
    assert_eq!(world.text(&format!("{{{{ {} }}}}", long.join(" and "))), "1");
    assert_eq!(world.text(&format!("{{{{ {} }}}}", long.join(" ~ "))).len(), 300);
    let branches = "{% elif x == 1 %}a".repeat(400);
    assert_eq!(world.text(&format!("{{% if x %}}{branches}{{% else %}}b{{% endif %}}")), "b");
    let nested =
        |open: &str, close: &str, depth| format!("{{{{ {}1{} }}}}", open.repeat(depth), close.repeat(depth));
    assert_eq!(world.text(&nested("(", ")", 30)), "1");
    assert_eq!(world.text(&nested("[", "][0]", 30)), "1");
    for depth in [100, 100_000] {
        let (message, _) = told(&world, &nested("(", ")", depth));
        assert!(
            message.starts_with("jinja-syntax: this expression is nested too deeply @ "),
            "{message:.80}"
        );
        let (message, _) = told(&world, &format!("{{{{ {}1 }}}}", "not ".repeat(depth)));
        assert!(message.starts_with("jinja-syntax: "), "{message:.80}");
    }
    let (message, _) = told(&world, &format!("{{{{ {} }}}}", vec!["1"; 100_000].join(" + ")));
    assert!(message.starts_with("jinja-syntax: this expression is too long @ "), "{message:.80}");
    let (message, _) = told(&world, &"{% if x %}".repeat(10_000));
    assert!(message.starts_with("jinja-syntax: blocks are nested more than 60 deep @ "), "{message:.80}");
}
