gross / (1 + {{ var('rate', 0.25) }})
