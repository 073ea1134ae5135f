{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert', on_schema_change='fail') }}
select id, amount * {{ env_var('CHECK_FACTOR', '1') }} as amount, ordered_at
from {{ source('sales', 'orders') }}
{% if is_incremental() %}
where id >= (select max(id) from {{ this }}) - 4
{% else %}
where id <= 60
{% endif %}
