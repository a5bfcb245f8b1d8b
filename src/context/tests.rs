//! What each phase offers, and what it makes of it.

use std::sync::Arc;

use serde_json::json;

use super::testing::{World, subject};
use super::{CompileContext, ParseContext, RunContext, Subject};
use crate::jinja::{Value, to_json};
use crate::manifest::NodeId;
use crate::text::{Origin, Segment, SourceMap};

/// The names that every template of a node sees.
const COMMON: &[&str] = &[
    "adapter",
    "api",
    "builtins",
    "config",
    "context",
    "database",
    "dbt_metadata_envs",
    "dbt_version",
    "diff_of_two_dicts",
    "env_var",
    "exceptions",
    "execute",
    "flags",
    "fromjson",
    "fromyaml",
    "function",
    "graph",
    "invocation_args_dict",
    "invocation_id",
    "load_result",
    "local_md5",
    "log",
    "metric",
    "model",
    "modules",
    "print",
    "project_name",
    "ref",
    "render",
    "return",
    "run_started_at",
    "schema",
    "selected_resources",
    "set",
    "set_strict",
    "source",
    "store_raw_result",
    "store_result",
    "submit_python_job",
    "target",
    "this",
    "thread_id",
    "tojson",
    "toyaml",
    "try_or_compiler_error",
    "validation",
    "var",
    "write",
    "zip",
    "zip_strict",
];

#[test]
fn each_phase_offers_its_names() {
    let world = World::new();
    let mut parse = COMMON.to_vec();
    parse.push("__lenient_undefined__");
    parse.sort_unstable();
    assert_eq!(world.parse().names(), parse);
    assert_eq!(world.compile().names(), COMMON);
    let mut run = COMMON.to_vec();
    run.extend([
        "compiled_code",
        "database_schemas",
        "defer_relation",
        "post_hooks",
        "pre_hooks",
        "schemas",
        "sql",
    ]);
    run.sort_unstable();
    assert_eq!(world.run().names(), run);
}

#[test]
fn all_names_have_a_value_in_all_phases() {
    let world = World::new();
    for context in [world.parse().value(), world.compile().value(), world.run().value()] {
        for name in COMMON {
            let value = context.get_attr(name).unwrap();
            assert!(!value.is_undefined(), "{name}");
        }
    }
}

#[test]
fn yaml_values_see_no_macros_and_no_node() {
    let world = World::new();
    let context = ParseContext::for_properties(&world.invocation, "shop");
    for (text, expected) in [
        ("{{ target.name }}", json!("dev")),
        ("{{ var('days') }}", json!([1, 2])),
        ("{{ env_var('STAGE') }}", json!("시험")),
        ("{{ var('none', none) is none }}", json!(true)),
        ("{{ ref is defined or cents is defined or dbt is defined }}", json!(false)),
    ] {
        assert_eq!(world.evaluate(&context, text).map(|value| to_json(&value)), Ok(expected), "{text}");
    }
}

#[test]
fn parsing_remembers_what_is_asked_for() {
    let world = World::new();
    let context = world.parse();
    let text = "{{ config(materialized='table', meta={'소유자': '김'}) }}{{ config({'tags': 'x'}) }}\
        {% set a = ref('users') %}{% set b = ref('utils', 'dates', v=2) %}{% set c = source('raw', 'events') %}\
        {{ ref('users') }} {{ execute }} {{ config.get('materialized') }} {{ config.get('nothing') }}|\
        {{ config.require('nothing') }}|{{ adapter.get_relation('a', 'b', 'c') }} {{ run_query('select 1') }} \
        {{ graph.nodes.values() | list | length }} {{ nowhere.to.be('found') }}";
    let rendered = world.evaluate(&context.value(), text).unwrap().to_string();
    assert_eq!(rendered.trim(), "\"memory\".\"main\".\"orders\" False table ||None None 0");
    let recorded = context.recorded();
    let refs: Vec<String> = recorded
        .refs
        .iter()
        .map(|call| {
            format!(
                "{:?} {} {:?}",
                call.package.as_deref(),
                call.name,
                call.version.as_ref().map(crate::manifest::version_text)
            )
        })
        .collect();
    assert_eq!(refs, ["None users None", "Some(\"utils\") dates Some(\"2\")", "None users None"]);
    assert_eq!((recorded.sources[0].source.as_str(), recorded.sources[0].table.as_str()), ("raw", "events"));
    assert_eq!(
        json!(recorded.configs),
        json!([{"materialized": "table", "meta": {"소유자": "김"}}, {"tags": "x"}])
    );
    assert!(world.heard.all().is_empty());
}

#[test]
fn generic_tests_see_their_arguments_rendered() {
    let world = World::new();
    let kwargs = super::testing::object(json!({"model": "{{ ref('users') }}", "values": ["{{ 1 + 1 }}", 3]}));
    let subject = Subject { test_kwargs: kwargs, ..subject() };
    let context = ParseContext::new(&world.invocation, subject);
    let found = world.evaluate(&context.value(), "{{ _dbt_generic_test_kwargs['values'] }}").unwrap();
    assert_eq!(to_json(&found), json!([2, 3]));
    assert_eq!(context.recorded().refs[0].name, "users");

    let context = world.compile_node("test.shop.not_null_users_id");
    let text = "{{ _dbt_generic_test_kwargs.model }} {{ _dbt_generic_test_kwargs.n }}";
    let found = world.evaluate(&context.value(), text).unwrap().to_string();
    assert!(found.contains("\"memory\".\"main\".\"users\"") && found.ends_with("[1, 2]"), "{found}");
}

#[test]
fn a_bad_argument_of_a_generic_test_is_told_when_it_is_used() {
    let world = World::new();
    let kwargs = super::testing::object(json!({"model": "{{ ref() }}"}));
    let context = ParseContext::new(&world.invocation, Subject { test_kwargs: kwargs, ..subject() });
    let error = world.evaluate(&context.value(), "{{ _dbt_generic_test_kwargs['model'] }}").unwrap_err();
    assert_eq!(error.code().name(), "invalid-arguments");
}

#[test]
fn compiling_answers_with_relations() {
    let world = World::new();
    let context = world.compile();
    let text = "{{ ref('users') }} {{ ref('shop', 'users') }} {{ ref('recent') }} {{ source('raw', 'events') }} \
        {{ source('raw', 'files') }} {{ this }} {{ execute }} {{ builtins.ref('recent') }}";
    let rendered = world.evaluate(&context.value(), text).unwrap().to_string();
    let expected = r#""memory"."main"."users" "memory"."main"."users" __dbt__cte__recent "memory"."main"."events" 'data/files.parquet' "memory"."main"."orders" True __dbt__cte__recent"#;
    assert_eq!(rendered, expected);
    assert_eq!(context.ephemeral_refs(), [NodeId::new("model.shop.recent")]);
    assert!(!context.asked_warehouse());
}

#[test]
fn refs_that_cannot_be_answered_say_why() {
    let world = World::new();
    assert_eq!(world.error("{{ ref('user') }}"), "unresolved-ref: there is no model named `user`");
    assert_eq!(world.error("{{ ref('old') }}"), "disabled-ref: `old` is disabled");
    assert_eq!(
        world.error("{{ source('raw', 'event') }}"),
        "unresolved-source: there is no source named `raw.event`"
    );
    assert!(world.error("{{ ref('users', version=2) }}").starts_with("unresolved-ref: "));
    for text in [
        "ref()",
        "ref(1)",
        "ref('a', 'b', 'c')",
        "ref('users', x=1)",
        "source('raw')",
        "source('a', 'b', c=1)",
    ] {
        let error = world.error(&format!("{{{{ {text} }}}}"));
        assert!(error.starts_with("invalid-arguments: "), "{text}: {error}");
    }
    let error = world.evaluate(&world.compile().value(), "{{ ref('late') }}").unwrap_err();
    assert_eq!(error.code().name(), "unresolved-ref");
    assert!(error.help_text().is_some_and(|help| help.contains("-- depends_on: {{ ref('late') }}")));
    let hook = world.compile_node("operation.shop.shop-on-run-end-0");
    assert!(world.evaluate(&hook.value(), "{{ ref('late') }}").is_ok(), "an operation may read anything");
    assert!(world.evaluate(&hook.value(), "{{ ref('recent') }}").is_err());
}

#[test]
fn macros_are_found_by_package_and_dispatched() {
    let world = World::new();
    assert_eq!(world.text("{{ cents('amount') }}"), "amount / 100");
    assert_eq!(world.text("{{ shop.cents('amount') }}"), "amount / 100");
    assert_eq!(world.text("{{ utils.greet() }}"), "shop says hello");
    assert_eq!(world.text("{{ adapter.dispatch('quack', 'utils')() }}"), "quack");
    assert_eq!(world.text("{{ dbt.type_string() }}"), world.text("{{ type_string() }}"));
    assert_eq!(world.text("{{ context['cents']('x') }}{{ context.get('nothing') is none }}"), "x / 100True");
    assert_eq!(world.error("{{ utils.gret() }}"), "missing-macro: the package `utils` has no macro `gret`");
    let error =
        world.evaluate(&world.compile().value(), "{{ adapter.dispatch('grit', 'utils') }}").unwrap_err();
    assert_eq!(error.code().name(), "missing-macro");
    let searched =
        "searched for `shop.duckdb__grit`, `shop.default__grit`, `utils.duckdb__grit`, `utils.default__grit`";
    assert_eq!(error.notes(), [searched]);
    assert!(world.error("{{ adapter.dispatch('utils.greet') }}").starts_with("invalid-arguments: "));
    assert!(world.error("{{ adapter.dispatch(1) }}").starts_with("invalid-arguments: "));
}

#[test]
fn raised_errors_name_the_calls() {
    let world = World::new();
    let error = world.evaluate(&world.compile().value(), "{{ fail('주문') }}").unwrap_err();
    assert_eq!((error.code().name(), error.message()), ("raised-by-macro", "no 주문"));
    let frames: Vec<&str> = error.trace().iter().map(|frame| frame.name.as_str()).collect();
    assert_eq!(frames, ["shop.fail"]);
    assert_eq!(
        world.error("{{ exceptions.raise_not_implemented('x') }}"),
        "raised-by-macro: not implemented: x"
    );
    assert_eq!(
        world.error("{{ exceptions.wran('x') }}"),
        "undefined-name: `exceptions` has no method `wran`"
    );
    assert_eq!(world.error("{{ try_or_compiler_error('oops', fail, 'x') }}"), "raised-by-macro: oops");
}

#[test]
fn logging_is_heard_once() {
    let world = World::new();
    let text =
        "{{ log('quiet') }}{% do log('주문', info=true) %}{{ print(1) }}{{ exceptions.warn('careful') }}|";
    assert_eq!(world.text(text), "|");
    assert_eq!(world.heard.loud(), ["Debug: quiet", "Info: 주문", "Print: 1", "warning: careful"]);
    assert!(world.error("{{ log() }}").starts_with("invalid-arguments: "));
}

#[test]
fn a_render_that_traces_places_logs_nothing_again() {
    let world = World::new();
    let text = "{{ cents('a') }}{{ log('once', info=true) }}{{ exceptions.warn('once') }}{{ print('once') }}";
    let file = world.invocation.files.add("models/logs.sql", text);
    let context = world.compile().value();
    let engine = &world.invocation.engine;
    let template = engine.template(&file, file.span()).unwrap();
    let rendered = engine.render(&template, &context).unwrap();
    let map = engine.trace(&template, &context, &rendered.text).unwrap();
    assert_eq!(world.heard.loud(), ["Info: once", "warning: once", "Print: once"]);
    let origin = map.origin(2..5).unwrap();
    assert_eq!(origin.trace.len(), 1, "the text of a macro is followed into it");
}

#[test]
fn config_is_asked_in_many_ways() {
    let world = World::with(|_, node| {
        let config =
            json!({"materialized": "table", "x": 1, "persist_docs": {"columns": true}, "meta": {"a": "b"}});
        node.config = crate::manifest::NodeConfig::new(super::testing::object(config));
    });
    assert_eq!(
        world.text("{{ config(x=2) }}{{ config.get('x') }}{{ config.get('y', 'z') }}{{ config.get('y') }}"),
        "1zNone"
    );
    assert_eq!(
        world.text("{{ config.persist_column_docs() }}{{ config.persist_relation_docs() }}"),
        "TrueFalse"
    );
    assert_eq!(
        world.text("{{ config.meta_get('a') }}{{ config.get('x', validator=validation.any[1, 2]) }}"),
        "b1"
    );
    assert_eq!(
        world.error("{{ config.require('materialised') }}"),
        "invalid-config: the configuration `materialised` is required here and not set"
    );
    assert!(
        world.error("{{ config.get('x', validator=validation.any[5]) }}").starts_with("invalid-config: ")
    );
    for text in ["config('table')", "config(1, 2)", "config.get()", "config.get(1)", "config.nope()"] {
        let error = world.error(&format!("{{{{ {text} }}}}"));
        assert!(
            error.starts_with("invalid-arguments: ") || error.starts_with("undefined-name: "),
            "{text}: {error}"
        );
    }
}

#[test]
fn queries_give_tables() {
    let world = World::new();
    let context = world.compile();
    let text = "{% set found = run_query(\"select 1 as id, '원' as unit, 2.50 as price, date '2026-03-05' as day\") %}\
        {{ found.columns['unit'].values() }} {{ found.rows[0]['price'] + 1 }} {{ found[0].day.year }} \
        {{ found.column_names | join(',') }} {{ found | length }} {% for row in found %}{{ row.id }}{{ row[1] }}{% endfor %}";
    let rendered = world.evaluate(&context.value(), text).unwrap().to_string();
    assert_eq!(rendered, "('원',) 3.5 2026 id,unit,price,day 1 1원");
    assert!(context.asked_warehouse());
    assert!(
        world.heard.all()[0]
            .starts_with("Debug: On model.shop.orders: /* {\"app\": \"dbt\", \"dbt_version\": ")
    );
}

#[test]
fn without_a_connection_asking_fails_and_is_noted() {
    let world = World::new();
    let id = NodeId::new("model.shop.orders");
    let context = CompileContext::new(&world.invocation, &world.manifest, &id, &world.cache, None);
    let error = world.evaluate(&context.value(), "{{ run_query('select 1') }}").unwrap_err();
    assert_eq!(error.code().name(), "connection-failed");
    assert!(context.asked_warehouse());
}

#[test]
fn a_failed_statement_is_told_in_the_model() {
    let world = World::new();
    let id = NodeId::new("model.shop.orders");
    let file = world.invocation.files.get(world.file.file);
    let origin = Origin { span: file.span(), is_copied: true, trace: Arc::from([]) };
    let map = SourceMap::new(vec![Segment { output: 0..file.text().len(), origin }]);
    let connection = world.connection();
    let setup = "create table raw_orders as select 1 as amout";
    connection.lock().unwrap().execute(setup).unwrap();
    let compiled = Some((file.shared_text(), map));
    let context =
        RunContext::new(&world.invocation, &world.manifest, &id, &world.cache, connection, compiled);
    let text = "{% call statement('main') %}create view v as (\n{{ sql }}\n){% endcall %}";
    let error = world.evaluate(&context.value(), text).unwrap_err();
    assert_eq!(error.code().name(), "database-error");
    assert_eq!(
        error.span().map(|span| world.invocation.files.location(span)).as_deref(),
        Some("models/orders.sql:1:8")
    );
    assert_eq!(error.trace(), []);
    context.finish(false).unwrap();

    let error = world.evaluate(&context.value(), "{% do run_query('selec 1') %}").unwrap_err();
    assert_eq!(
        error.span().map(|span| world.invocation.files.location(span)).as_deref(),
        Some("models/orders.sql:1:1")
    );
    assert!(
        error.notes().iter().any(|note| note.contains("in line 1 of the statement: selec 1")),
        "{:?}",
        error.notes()
    );
}

#[test]
fn what_a_materialization_did_is_kept() {
    let world = World::with(|config, _| {
        config.query_comment = Some(json!({"comment": "by {{ node.name }}", "append": true}));
    });
    let context = world.run().with("results", Value::from(3));
    let text = "{% call statement('main') %}create table t as select 1 as x union all select 2{% endcall %}\
        {{ load_result('main').response }} {{ load_result('other') }} {{ results }} \
        {%- call noop_statement('main2', 'SKIPPED') %}{% endcall %} {{ load_result('main2').response }}";
    let rendered = world.evaluate(&context.value(), text).unwrap().to_string();
    assert_eq!(rendered, "OK None 3 SKIPPED");
    let handle = context.handle();
    assert_eq!(handle.statements, ["create table t as select 1 as x union all select 2\n/* by orders */"]);
    assert_eq!(handle.written, ["create table t as select 1 as x union all select 2"]);
    assert!(handle.response.is_some());
    let other = world.connection();
    let count = |sql: &str| other.lock().unwrap().query(sql).map(|rows| rows.rows.len());
    assert!(count("select * from t").is_err(), "the statement's transaction is open");
    context.finish(true).unwrap();
    assert_eq!(count("select * from t").ok(), Some(2));
}

#[test]
fn relations_are_cached_and_the_cache_is_kept_true() {
    let world = World::new();
    let context = world.run();
    let check = |text: &str| {
        world
            .evaluate(&context.value(), text)
            .map(|value| value.to_string())
            .map_err(|error| error.to_string())
    };
    let get = "adapter.get_relation(database='memory', schema='main', identifier='Users')";
    assert_eq!(check("{{ adapter.get_relation('memory', 'main', 'users') }}").as_deref(), Ok("None"));
    check("{% do run_query('create table users (id integer, name varchar)') %}").unwrap();
    assert_eq!(check(&format!("{{{{ {get} }}}}")).as_deref(), Ok("None"), "the schema was asked for once");
    check("{% do adapter.cache_added(api.Relation.create('memory', 'main', 'users', type='table')) %}")
        .unwrap();
    assert_eq!(
        check(&format!("{{{{ {get} }}}} {{{{ {get}.type }}}}")).as_deref(),
        Ok(r#""memory"."main"."users" table"#)
    );
    let columns = "{{ adapter.get_columns_in_relation(this.incorporate(path={'identifier': 'users'})) }}";
    assert_eq!(
        check(columns).as_deref(),
        Ok("[<Column id (INTEGER)>, <Column name (character varying(256))>]")
    );
    check(&format!(
        "{{% do adapter.rename_relation({get}, {get}.incorporate(path={{'identifier': '회원'}})) %}}"
    ))
    .unwrap();
    assert_eq!(
        check("{{ adapter.list_relations('memory', 'main') }}").as_deref(),
        Ok(r#"["memory"."main"."회원"]"#)
    );
    check("{% do adapter.drop_relation(adapter.get_relation('memory', 'main', '회원')) %}").unwrap();
    assert_eq!(check("{{ adapter.list_relations('memory', 'main') | length }}").as_deref(), Ok("0"));
    assert_eq!(check("{{ adapter.check_schema_exists('memory', 'main') }}").as_deref(), Ok("True"));
    check("{% do adapter.create_schema(api.Relation.create('memory', 'staging')) %}").unwrap();
    assert_eq!(check("{{ 'staging' in adapter.list_schemas('memory') }}").as_deref(), Ok("True"));
    for text in [
        "adapter.get_relation('a')",
        "adapter.drop_relation('a')",
        "adapter.execute()",
        "adapter.quote(1)",
        "adapter.get_columns_in_relation(none)",
        "adapter.rename_relation(this)",
    ] {
        let error = world.error(&format!("{{{{ {text} }}}}"));
        assert!(error.starts_with("invalid-arguments: "), "{text}: {error}");
    }
    assert_eq!(
        world.error("{{ adapter.get_relatoin() }}"),
        "undefined-name: `adapter` has no method `get_relatoin`"
    );
    assert!(world.error("{{ adapter.submit_python_job(model, 'x') }}").starts_with("not-supported: "));
    let strategy = "{{ adapter.get_incremental_strategy_macro(context, 'delete+insert') }}";
    assert_eq!(world.text(strategy), "<macro dbt.get_incremental_delete_insert_sql>");
    assert!(
        world
            .error("{{ adapter.get_incremental_strategy_macro(context, 'merg') }}")
            .starts_with("missing-macro: ")
    );
}

#[test]
fn nodes_are_shown_as_in_the_manifest() {
    let world = World::new();
    let text = "{{ graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | map(attribute='name') | list }}";
    assert_eq!(world.json(text), json!(["late", "orders", "recent", "users"]));
    assert_eq!(world.json("{{ graph.sources['source.shop.raw.events'].source_name }}"), json!("raw"));
    assert_eq!(
        world.json("{{ model.config.materialized ~ model['unique_id'] ~ model.get('x') }}"),
        json!("viewmodel.shop.ordersNone")
    );
    assert_eq!(world.json("{{ model.depends_on.nodes | length }}"), json!(5));
    assert_eq!(world.json("{% set _ = model.update({'x': 5}) %}{{ model.x }}"), json!("5"));
    assert_eq!(world.json("{{ graph.nodes['model.shop.nothing'] is defined }}"), json!(false));
    assert_eq!(world.json("{{ graph.groups | length + graph.exposures | length }}"), json!(0));
    let fields = world.json("{{ fromjson(tojson(model)) }}");
    assert_eq!(fields["raw_code"], json!("select amount, '원' as unit\nfrom raw_orders"));
}

#[test]
fn common_names_say_what_run_this_is() {
    let world = World::new();
    let _ = world.invocation.selected_resources.set(vec!["model.shop.orders".to_owned()]);
    for (text, expected) in [
        ("{{ dbt_version }} {{ invocation_id }} {{ project_name }}", "1.12.6 an-id shop"),
        ("{{ flags.WHICH }} {{ flags.FULL_REFRESH }} {{ flags.NOPE }}|", "run False |"),
        ("{{ target.schema }} {{ target.get('nope') }} {{ schema }}", "main None main"),
        (
            "{{ run_started_at.strftime('%Y-%m-%d') }} {{ run_started_at }}",
            "2026-01-01 2026-01-01 00:00:00+00:00",
        ),
        ("{{ dbt_metadata_envs }} {{ selected_resources }}", "{'team': 'data'} ['model.shop.orders']"),
        (
            "{{ env_var('STAGE') }} {{ env_var('NOPE', 'x') }} {{ var('nope', 1) }} {{ var.has_var('days') }}",
            "시험 x 1 True",
        ),
    ] {
        assert_eq!(world.text(text), expected, "{text}");
    }
    assert!(world.error("{{ env_var('NOPE') }}").starts_with("missing-env-var: "));
    assert!(world.error("{{ env_var('DBT_ENV_SECRET_KEY') }}").starts_with("invalid-arguments: "));
    assert!(world.error("{{ var('dayz') }}").starts_with("missing-var: "));
    assert_eq!(world.text("{{ metric('x') }} {{ metric('shop', 'y') }}"), "x y");
    assert!(world.error("{{ metric(1) }}").starts_with("invalid-arguments: "));
}
