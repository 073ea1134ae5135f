select sum(order_count) as order_count from {{ ref('order_totals') }} having sum(order_count) <> 100
