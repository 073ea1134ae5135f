{% snapshot regions_snapshot %}
{{ config(target_schema='dbt_clients', unique_key='city', strategy='check', check_cols=['rate']) }}
select city, rate * {{ env_var('CHECK_FACTOR', '1') }} as rate from {{ ref('regions') }}
{% endsnapshot %}
