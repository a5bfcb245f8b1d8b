use crate::test_project::TestProject;

fn shop() -> TestProject {
    TestProject::new()
        .file("seeds/raw_orders.csv", "id,customer,status,cents\n1,김,paid,100\n2,이,open,200\n")
        .model(
            "stg_orders",
            "select id as order_id, customer, status, cents / 100 as amount from {{ ref('raw_orders') }}",
        )
        .model(
            "paid",
            "{{ config(materialized='ephemeral') }}\nselect order_id, customer, amount from {{ ref('stg_orders') }} where status = 'paid'",
        )
        .model("customers", "select customer, max(amount) as 최대 from {{ ref('paid') }} group by customer")
        .model(
            "all_orders",
            "select o.order_id, c.최대 from {{ ref('stg_orders') }} o left join {{ ref('customers') }} c on c.customer = o.customer",
        )
        .file(
            "models/schema.yml",
            "models:
  - name: stg_orders
    columns:
      - name: order_id
        description: The number of the order.
        data_tests: [unique, not_null]
      - name: customer
        data_tests: [not_null]
      - name: status
        data_tests: [{accepted_values: {arguments: {values: [paid, open]}}}]
exposures:
  - name: board
    type: dashboard
    owner: {name: 김}
    depends_on: [ref('all_orders')]
",
        )
}

#[test]
fn a_column_is_followed_both_ways_through_ephemeral_models_to_exposures() {
    let ran = shop().run("lineage stg_orders.amount").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    stg_orders.amount  DOUBLE

    made of
    └─ raw_orders.cents  computed

    makes
    └─ paid.amount  copied
       └─ customers.최대  aggregated
          └─ all_orders.최대  copied
             └─ exposure board  reads the whole
    ");
    assert_eq!(ran.stderr, "");
}

#[test]
fn what_decides_rows_is_shown_on_demand() {
    let project = shop();
    let ran = project.run("lineage customers.최대 --upstream --filters").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    customers.최대  DOUBLE

    made of
    ├─ paid.amount  aggregated
    │  ├─ stg_orders.amount  copied
    │  │  └─ raw_orders.cents  computed
    │  └─ stg_orders.status  filter
    │     └─ raw_orders.status  copied
    └─ paid.customer  group
       └─ stg_orders.customer  copied
          └─ raw_orders.customer  copied
    ");
    let ran = project.run("lineage stg_orders.status --downstream --filters").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    stg_orders.status  VARCHAR

    makes
    └─ paid  filter, all its rows
    ");
    let ran = project.run("lineage customers.최대 --upstream --depth 1").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    customers.최대  DOUBLE

    made of
    └─ paid.amount  aggregated
    ");
}

#[test]
fn a_node_shows_its_columns_and_its_readers() {
    let ran = shop().run("lineage customers").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    customers

    columns
    ├─ customer
    │  └─ paid.customer  copied
    └─ 최대
       └─ paid.amount  aggregated

    read by
    └─ all_orders
       └─ exposure board
    ");
}

#[test]
fn descriptions_and_tests_travel_as_far_as_they_hold() {
    let project = shop();
    let ran = project.run("lineage paid.order_id --upstream").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    paid.order_id  INTEGER
      The number of the order. (of stg_orders.order_id)
      not null as stg_orders.order_id is
      unique as stg_orders.order_id is

    made of
    └─ stg_orders.order_id  copied
       └─ raw_orders.id  renamed
    ");
    // A join may give rows twice, and an outer one nulls: nothing is claimed.
    let json = project.run("lineage all_orders.order_id --upstream --output json").succeeds();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let column =
        json["columns"].as_array().unwrap().iter().find(|one| one["unique_id"] == "model.shop.all_orders");
    let column = column.unwrap();
    assert_eq!(column["description"], "The number of the order.");
    assert_eq!(column["description_from"]["unique_id"], "model.shop.stg_orders");
    assert_eq!(column["implied_tests"], serde_json::json!([]));
    assert_eq!(json["edges"].as_array().unwrap().len(), 2);
}

#[test]
fn names_that_mean_nothing_are_told_with_what_is_near() {
    let project = shop();
    project
        .run("lineage stg_order.amount")
        .exits(2)
        .says("error[unknown-relation]: there is no model, seed, snapshot, source or exposure named `stg_order.amount`")
        .says("a node with a similar name exists: `stg_orders`");
    project
        .run("lineage stg_orders.amont")
        .exits(2)
        .says("error[unknown-column]: `stg_orders` has no column `amont`")
        .says("a column with a similar name exists: `amount`");
    project.run("lineage").exits(2).says("error[invalid-usage]: a node or a column has to be named");
    project.run("lineage shop.stg_orders.AMOUNT --downstream").succeeds().says("stg_orders.amount");
    project.run("lineage model.shop.stg_orders.amount --downstream").succeeds().says("stg_orders.amount");
}

#[test]
fn sources_and_versions_have_their_names() {
    let project = TestProject::new()
        .model("orders_v1", "select id, total from {{ source('raw', 'orders') }}")
        .model("orders_v2", "select id, total as amount from {{ source('raw', 'orders') }}")
        .model("mart", "select amount from {{ ref('orders') }}")
        .file(
            "models/schema.yml",
            "sources:
  - name: raw
    tables:
      - name: orders
        columns: [{name: id, data_type: integer}, {name: total, data_type: integer}]
models:
  - name: orders
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
",
        );
    let ran = project.run("lineage raw.orders.total").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    raw.orders.total  INTEGER

    made of nothing that is known

    makes
    ├─ orders.v1.total  copied
    └─ orders.v2.amount  renamed
       └─ mart.amount  copied
    ");
    project.run("lineage orders.amount --upstream").succeeds().says("orders.v2.amount");
    project.run("lineage orders.v1.total --upstream").succeeds().says("raw.orders.total");
}

#[test]
fn a_source_that_is_the_call_of_a_function_is_followed_to() {
    let project = TestProject::new()
        .file("data/a.csv", "번호,금액\n1,100\n")
        .file(
            "models/sources.yml",
            "sources:\n  - name: raw\n    tables:\n      - name: a\n        config: {meta: {external_location: \"read_csv('data/{name}.csv', header = true)\"}}\n",
        )
        .model("bare", "select 금액 * 2 as 둘 from {{ source('raw', 'a') }}")
        .model("named", "select x.하나, y.둘 from {{ source('raw', 'a') }} as x (하나) join {{ ref('bare') }} y on true");
    project.run("lineage bare.둘 --upstream").succeeds().says("raw.a.금액  computed");
    project.run("lineage named.하나 --upstream").succeeds().says("raw.a.번호  renamed");
}

#[test]
fn openlineage_events_have_the_facets_of_the_specification() {
    let ran = shop().run("lineage --output openlineage").succeeds();
    let events: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let jobs: Vec<&str> = events.iter().filter_map(|event| event["job"]["name"].as_str()).collect();
    // An ephemeral model makes no dataset: what it does is part of who reads it.
    assert_eq!(jobs, ["model.shop.all_orders", "model.shop.customers", "model.shop.stg_orders"]);
    for event in &events {
        for key in ["eventType", "eventTime", "run", "job", "inputs", "outputs", "producer", "schemaURL"] {
            assert!(event.get(key).is_some(), "{key} is not in {event}");
        }
        let facets = &event["outputs"][0]["facets"];
        for facet in ["schema", "columnLineage"] {
            assert!(facets[facet]["_producer"].is_string() && facets[facet]["_schemaURL"].is_string());
        }
        for dataset in event["inputs"].as_array().unwrap() {
            assert!(dataset["namespace"].as_str().unwrap().starts_with("duckdb://"), "{dataset}");
        }
    }
    let lineage = &events[1]["outputs"][0]["facets"]["columnLineage"];
    assert_eq!(events[1]["inputs"][0]["name"], "shop.main.stg_orders");
    let of_max = &lineage["fields"]["최대"]["inputFields"];
    assert_eq!(of_max.as_array().unwrap().len(), 1);
    assert_eq!(of_max[0]["name"], "shop.main.stg_orders");
    assert_eq!(of_max[0]["field"], "amount");
    assert_eq!(of_max[0]["transformations"][0]["type"], "DIRECT");
    assert_eq!(of_max[0]["transformations"][0]["subtype"], "AGGREGATION");
    let rows: Vec<(&str, &str)> = lineage["dataset"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            (field["field"].as_str().unwrap(), field["transformations"][0]["subtype"].as_str().unwrap())
        })
        .collect();
    assert_eq!(rows, [("customer", "GROUP_BY"), ("status", "FILTER")]);
}
