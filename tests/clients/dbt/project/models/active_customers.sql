{{ config(materialized='ephemeral') }}
select id from {{ source('sales', 'customers') }} where id <= 4
