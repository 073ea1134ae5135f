{{ config(materialized='view') }}
select c.id, c.name, r.region, r.rate
from {{ source('sales', 'customers') }} as c
left join {{ ref('regions') }} as r on r.city = c.city
