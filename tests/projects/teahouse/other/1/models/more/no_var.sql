select {{ var('nobody_sets_this') }}, '{{ env_var('TEA_NOBODY') }}'
