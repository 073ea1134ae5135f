{{ config(materialized='table') }}
select o.customer_id, count(*) as order_count, sum(o.amount) as amount, max(o.ordered_at)::date as last_day
from {{ source('sales', 'orders') }} as o
join {{ ref('active_customers') }} as a on a.id = o.customer_id
group by 1
