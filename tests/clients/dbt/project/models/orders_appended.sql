{{ config(materialized='incremental', incremental_strategy='append') }}
select id, note from {{ source('sales', 'orders') }}
{% if is_incremental() %}
where id > (select max(id) from {{ this }})
{% else %}
where id <= 60
{% endif %}
