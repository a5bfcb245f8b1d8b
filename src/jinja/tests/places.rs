//! Where output comes from.

use super::*;

fn mapped(world: &World, text: &str) -> (String, Vec<String>) {
    let rendered = world.render(text).unwrap();
    let pieces = pieces(world, &rendered.text, &rendered.source_map);
    (rendered.text, pieces)
}

#[test]
fn copied_text_maps_byte_for_byte_and_expressions_as_a_whole() {
    let world = World::new().with("shop", "{% macro two() %}1 + 1{% endmacro %}");
    let (text, pieces) = mapped(
        &world,
        "-- 주문\nselect {{ two() }} as {{ 'n' ~\n 1 }}{# c #},\n  {%- if true %} x{% endif %}\n",
    );
    assert_eq!(text, "-- 주문\nselect 1 + 1 as n1, x");
    assert_eq!(
        pieces,
        [
            "-- 주문\nselect ==-- 주문\nselect ",
            "1 + 1<-two()",
            " as == as ",
            "n1<-'n' ~\n 1",
            ",==,",
            " x== x"
        ]
    );
}

#[test]
fn windows_line_ends_are_kept() {
    let (text, pieces) = mapped(&World::new(), "a\r\n{{ 1 }}\r\n{% raw %}{{ b }}{% endraw %}\r\n");
    assert_eq!(text, "a\r\n1\r\n{{ b }}");
    assert_eq!(pieces, ["a\r\n==a\r\n", "1<-1", "\r\n==\r\n", "{{ b }}=={{ b }}"]);
}

#[test]
fn a_part_of_a_file_maps_into_the_file() {
    let world = World::new();
    let file = world.file("{% snapshot s %}select {{ x.y }}{% endsnapshot %}");
    let block = carve(&file).value.remove(0);
    let template = world.engine.template(&file, block.body).unwrap();
    let error = world.engine.render(&template, &world.context(&[])).unwrap_err();
    assert_eq!(error.span().map(|span| world.files.location(span)).as_deref(), Some("models/m.sql:1:27"));
    let known = world.context(&[("x", dict_value([(Value::from("y"), Value::from(1))]))]);
    let rendered = world.engine.render(&template, &known).unwrap();
    assert_eq!(pieces(&world, &rendered.text, &rendered.source_map), ["select ==select ", "1<-x.y"]);
}

#[test]
fn errors_in_yaml_values_are_told_within_them() {
    let world = World::new();
    let file = world.file("a: '{{ n.x.y }}'\nb: \"\\u007b{ n.x.y }}\"");
    let context = world.context(&[("n", Value::from(1))]);
    let text = "{{ n.x.y }}";
    let at = |start: usize, end: usize| {
        let span = crate::text::Span::new(file.id(), start, end);
        let error = world.engine.evaluate(text, span, &context).err();
        error.map(|error| world.cited(&error)).unwrap_or_default()
    };
    assert_eq!(at(3, 16), "n.x", "between quotes");
    assert_eq!(at(4, 15), "n.x", "bare");
    assert_eq!(at(20, 38), "\"\\u007b{ n.x.y }}\"", "written otherwise, as a whole");
}

fn traced(world: &World, text: &str) -> Vec<String> {
    let file = world.file(text);
    let template = world.engine.template(&file, file.span()).unwrap();
    let context = world.context(&[]);
    let rendered = world.engine.render(&template, &context).unwrap();
    let traced = world.engine.trace(&template, &context, &rendered.text);
    pieces(world, &rendered.text, &traced.unwrap_or(rendered.source_map))
}

#[test]
fn a_trace_leads_into_macros() {
    let world = World::new().with(
        "shop",
        "{% macro outer(x) %}select {{ inner(x) }} as {{ x | upper }}\n{%- endmacro %}
         {% macro inner(x) %}\n{%- set y -%} f({{ x }}){%- endset -%} {{ y }} + 1{% endmacro %}",
    );
    let text = "-- 주문\n{{ outer('amount') }} from {{ 't' }}\n";
    let outer = " via shop.outer at outer('amount')";
    let inner = format!(" via shop.inner at inner(x){outer}");
    let wanted = [
        "-- 주문\n==-- 주문\n".to_owned(),
        format!("select ==select {outer}"),
        format!("f(==f({inner}"),
        format!("amount<-x{inner}"),
        format!(")==){inner}"),
        format!(" + 1== + 1{inner}"),
        format!(" as == as {outer}"),
        format!("AMOUNT<-x | upper{outer}"),
        " from == from ".to_owned(),
        "t<-'t'".to_owned(),
    ];
    assert_eq!(traced(&world, text), wanted);
}

#[test]
fn a_trace_that_would_change_the_text_is_not_used() {
    let world = World::new().with("shop", "{% macro name() %}orders{% endmacro %}");
    let measured = "{{ name() | length }} {% if name() == 'orders' %}yes{% endif %}";
    assert_eq!(traced(&world, measured), ["6<-name() | length", " == ", "yes==yes"]);
    let upper = "{{ name() | upper }}";
    assert_eq!(traced(&world, upper).len(), 1, "what a filter changed is no copy");
    assert!(!traced(&world, upper)[0].contains("=="));
}
