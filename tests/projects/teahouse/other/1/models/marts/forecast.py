import math


def model(dbt, session):
    dbt.config(materialized="table", packages=["pandas"])
    rate = dbt.config.get("rate")
    return dbt.ref("stg_orders").join(dbt.source("app", "events"), rate)
