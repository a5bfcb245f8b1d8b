use crate::test_project::TestProject;

/// A project whose state was kept in `before/`.
fn shop() -> TestProject {
    let project = TestProject::new()
        .file("seeds/raw_orders.csv", "id,customer,status,cents\n1,김,paid,100\n2,이,open,200\n")
        .model("stg_orders", "select id as order_id, customer, status, cents as amount from {{ ref('raw_orders') }}\n")
        .model(
            "paid",
            "{{ config(materialized='ephemeral') }}\nselect order_id, customer, amount from {{ ref('stg_orders') }} where status = 'paid'\n",
        )
        .model("customers", "select customer, max(amount) as most from {{ ref('paid') }} group by customer\n")
        .model("statuses", "select distinct status from {{ ref('stg_orders') }}\n")
        .file(
            "models/schema.yml",
            "exposures:\n  - name: board\n    type: dashboard\n    owner: {name: 김}\n    depends_on: [ref('customers')]\n",
        );
    project.run("compile --target-path before").succeeds();
    project
}

#[test]
fn another_look_is_no_other_meaning() {
    let project = shop();
    let ran = project.run("changes --state before").succeeds();
    assert_eq!(ran.stdout, "No SQL has changed.\n");
    project.write(
        "models/stg_orders.sql",
        "with source as (\n  SELECT * -- all of it\n  FROM {{ ref('raw_orders') }}\n), renamed as (\n  select s.id as order_id, customer, s.status, (cents) as amount from source as s\n)\nselect * from renamed\n",
    );
    let ran = project.run("changes --state before --fail-on breaking").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    stg_orders
      means what it meant
    ");
}

#[test]
fn a_change_reaches_what_is_made_of_it() {
    let project = shop();
    project.write(
        "models/stg_orders.sql",
        "select id as order_id, customer, status, cents / 100 as amount from {{ ref('raw_orders') }}\n",
    );
    let ran = project.run("changes --state before").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    stg_orders
      column `amount` was of type INTEGER and is of type DOUBLE
      column `amount` was `cents` and is `cents / 100`
      reaches
        paid: amount (copied)
        customers: most (aggregated)
        exposure board
    ");
}

#[test]
fn filtered_rows_reach_everything_below() {
    let project = shop();
    project.write(
        "models/paid.sql",
        "{{ config(materialized='ephemeral') }}\nselect order_id, customer, amount from {{ ref('stg_orders') }} where status = 'paid' and amount > 0\n",
    );
    let ran = project.run("changes --state before").succeeds();
    insta::assert_snapshot!(ran.stdout, @r"
    paid
      rows are filtered otherwise: now only where `amount > 0`
      reaches
        customers: all rows
        exposure board: all rows
    ");
}

#[test]
fn what_is_gone_reaches_who_read_it() {
    let project = shop();
    project.write(
        "models/stg_orders.sql",
        "select id as order_id, customer, status as state, cents as amount from {{ ref('raw_orders') }}\n",
    );
    project.write("models/extra.sql", "select 1 as one\n");
    std::fs::remove_file(project.path("models/statuses.sql")).unwrap();
    let ran = project.run("changes --state before --fail-on breaking").exits(1);
    insta::assert_snapshot!(ran.stdout, @r"
    stg_orders
      column `status` is now called `state`
      reaches
        paid: all rows (filter stg_orders.status)
        customers: all rows
        exposure board: all rows
    extra
      is new
    model.shop.statuses
      is gone
    ");
    let ran = project.run("changes --state before --output json").succeeds();
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["gone"], serde_json::json!(["model.shop.statuses"]));
    let change = &json["changed"][0]["changes"][0];
    assert_eq!((change["kind"].as_str(), change["is_breaking"].as_bool()), (Some("renamed"), Some(true)));
}

#[test]
fn without_a_state_there_is_nothing_to_compare_with() {
    let ran = shop().run("changes").exits(2);
    ran.says("error[missing-state]");
}
