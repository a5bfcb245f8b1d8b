select '{{ env_var("DBT_ENV_SECRET_TEA") }}' as secret
