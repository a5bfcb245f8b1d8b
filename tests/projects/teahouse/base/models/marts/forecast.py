def model(dbt, session):
    dbt.config(tags=["예측"], materialized="table")
    return dbt.ref("매출")
