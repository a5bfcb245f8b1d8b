select 'of the kit' as whose
