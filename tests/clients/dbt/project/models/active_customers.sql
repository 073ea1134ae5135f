{{ config(materialized='ephemeral') }}
select id from {{ source('sales', 'customers') }} where id <= {{ var('customers_max', 4) }}
