select {{ leaf.sum_of(['1', '2']) }} as n
