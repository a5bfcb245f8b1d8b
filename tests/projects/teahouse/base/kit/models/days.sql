select {{ dbt.string_literal(var('unit', '?')) }} as unit, 2 as n
