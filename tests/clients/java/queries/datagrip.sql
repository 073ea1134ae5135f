-- What DataGrip's introspector asks at levels 1 to 3. CheckTools.java explains the lines of comments.

-- @ where am I
-- = $DATABASE | {public}
select current_database() as a, current_schemas(false) as b

-- @ time zones
-- = Europe/Prague
select name, is_dst from pg_catalog.pg_timezone_names union distinct select abbrev as name, is_dst from pg_catalog.pg_timezone_abbrevs

-- @ settings of the session
-- = ISO, MDY
SHOW DateStyle

-- @ databases
-- = $DATABASE | f | t
select N.oid::bigint as id, datname as name, D.description, datistemplate as is_template, datallowconn as allow_connections, pg_catalog.pg_get_userbyid(N.datdba) as "owner"
from pg_catalog.pg_database N left join pg_catalog.pg_shdescription D on N.oid = D.objoid
order by case when datname = pg_catalog.current_database() then -1::bigint else N.oid::bigint end

-- @ tablespaces with age of xmin
-- = pg_default
select T.oid::bigint as id, T.spcname as name, T.xmin as state_number, pg_catalog.pg_get_userbyid(T.spcowner) as owner, pg_catalog.pg_tablespace_location(T.oid) as location,
  T.spcoptions as options, D.description as comment
from pg_catalog.pg_tablespace T left join pg_catalog.pg_shdescription D on D.objoid = T.oid
where pg_catalog.age(T.xmin) >= 0

-- @ roles
-- = $USER | t
select R.oid::bigint as role_id, rolname as role_name, rolsuper is_super, rolinherit is_inherit, rolcreaterole can_createrole, rolcreatedb can_createdb, rolcanlogin can_login,
  rolreplication /* false */ is_replication, rolconnlimit conn_limit, rolvaliduntil valid_until, rolbypassrls bypass_rls, rolconfig config, D.description
from pg_catalog.pg_roles R left join pg_catalog.pg_shdescription D on D.objoid = R.oid

-- @ members of roles
select member id, roleid role_id, admin_option from pg_catalog.pg_auth_members order by id, roleid::text

-- @ current transaction
-- rows 1
select case when pg_catalog.pg_is_in_recovery() then null else (pg_catalog.txid_current() % (2^32)::bigint)::varchar::bigint end as current_txid

-- @ oldest transaction
select L.transactionid::varchar::bigint as transaction_id from pg_catalog.pg_locks L where L.transactionid is not null order by pg_catalog.age(L.transactionid) desc limit 1

-- @ schemas
-- = 2200 | public | $USER
-- = in_c_sales | project
select N.oid::bigint as id, N.xmin as state_number, nspname as name, D.description, pg_catalog.pg_get_userbyid(N.nspowner) as "owner"
from pg_catalog.pg_namespace N left join pg_catalog.pg_description D on N.oid = D.objoid
order by case when nspname = pg_catalog.current_schema() then -1::bigint else N.oid::bigint end

-- @ tables
-- = r | tauthor | p | $USER
-- = v | tview | p | $USER
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select T.relkind as table_kind, T.relname as table_name, T.oid as table_id, T.xmin as table_state_number, false /* T.relhasoids */ as table_with_oids,
  T.reltablespace as tablespace_id, T.reloptions as options, T.relpersistence as persistence,
  (select pg_catalog.array_agg(inhparent::bigint order by inhseqno)::varchar from pg_catalog.pg_inherits where T.oid = inhrelid) as ancestors,
  (select pg_catalog.array_agg(inhrelid::bigint order by inhrelid)::varchar from pg_catalog.pg_inherits where T.oid = inhparent) as successors,
  T.relispartition /* false */ as is_partition, pg_catalog.pg_get_partkeydef(T.oid) as partition_key, pg_catalog.pg_get_expr(T.relpartbound, T.oid) as partition_expression,
  T.relam am_id, pg_catalog.pg_get_userbyid(T.relowner) as "owner"
from pg_catalog.pg_class T where T.relnamespace = ?::oid and T.relkind in ('r', 'm', 'v', 'f', 'p') order by table_kind, table_id

-- @ columns
-- = 1 | id | integer | 23 | t
-- = 2 | name | text | 25 | t
-- = 3 | rating | numeric(5,2) | 1700 | f | 1.5*
-- = 4 | tags | text[] | 1009
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
with T as ( select distinct T.oid as table_id, T.relname as table_name
            from pg_catalog.pg_class T, pg_catalog.pg_attribute A
            where T.relnamespace = ?::oid and T.relkind in ('r', 'm', 'v', 'f', 'p') and A.attrelid = T.oid )
select T.table_id, C.attnum as column_position, C.attname as column_name, C.xmin as column_state_number, C.atttypmod as type_mod, C.attndims as dimensions_number,
  pg_catalog.format_type(C.atttypid, C.atttypmod) as type_spec, C.atttypid as type_id, C.attnotnull as mandatory,
  pg_catalog.pg_get_expr(D.adbin, T.table_id) as column_default_expression, not C.attislocal as column_is_inherited, C.attfdwoptions as options,
  C.attisdropped as column_is_dropped, C.attidentity as identity_kind, C.attgenerated as generated
from T join pg_catalog.pg_attribute C on T.table_id = C.attrelid
  left join pg_catalog.pg_attrdef D on (C.attrelid, C.attnum) = (D.adrelid, D.adnum)
where attnum > 0 order by table_id, attnum

-- @ indices
-- = r | tbook_pkey | t | t
-- = r | tbook_title | f | f
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select tab.oid table_id, tab.relkind table_kind, ind_stor.relname index_name, ind_head.indexrelid index_id, ind_stor.xmin state_number, ind_head.indisunique is_unique,
  ind_head.indisprimary is_primary, ind_head.indnullsnotdistinct nulls_not_distinct, pg_catalog.pg_get_expr(ind_head.indpred, ind_head.indrelid) as condition,
  (select pg_catalog.array_agg(inhparent::bigint order by inhseqno)::varchar from pg_catalog.pg_inherits where ind_stor.oid = inhrelid) as ancestors,
  ind_stor.reltablespace tablespace_id, opcmethod as access_method_id
from pg_catalog.pg_class tab
  join pg_catalog.pg_index ind_head on ind_head.indrelid = tab.oid
  join pg_catalog.pg_class ind_stor on tab.relnamespace = ind_stor.relnamespace and ind_stor.oid = ind_head.indexrelid
  left join pg_catalog.pg_opclass on pg_opclass.oid = ANY(indclass)
where tab.relnamespace = ?::oid and tab.relkind in ('r', 'm', 'v', 'p') and ind_stor.relkind in ('i', 'I')

-- @ columns of indices
-- = 1 | t | 3 | t
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select ind_head.indexrelid index_id, k col_idx, k <= indnkeyatts /* true */ in_key, ind_head.indkey[k-1] column_position, ind_head.indoption[k-1] column_options,
  ind_head.indcollation[k-1] as collation, colln.nspname as collation_schema, collname as collation_str, ind_head.indclass[k-1] as opclass,
  case when opcdefault then null else opcn.nspname end as opclass_schema, case when opcdefault then null else opcname end as opclass_str,
  case
    when indexprs is null then null
    when ind_head.indkey[k-1] = 0 then chr(27) || pg_catalog.pg_get_indexdef(ind_head.indexrelid, k::int, true)
    else pg_catalog.pg_get_indexdef(ind_head.indexrelid, k::int, true)
  end as expression,
  (select pg_catalog.pg_indexam_has_property(ind_stor.relam, 'can_order')) can_order
from pg_catalog.pg_index ind_head
  join pg_catalog.pg_class ind_stor on ind_stor.oid = ind_head.indexrelid
  cross join unnest(ind_head.indkey) with ordinality u(u, k)
  left join pg_catalog.pg_collation coll on coll.oid = ind_head.indcollation[k-1]
  left join pg_catalog.pg_namespace colln on coll.collnamespace = colln.oid
  left join pg_catalog.pg_opclass opc on opc.oid = ind_head.indclass[k-1]
  left join pg_catalog.pg_namespace opcn on opcnamespace = opcn.oid
where ind_stor.relnamespace = ?::oid order by index_id, k

-- @ constraints
-- = r | tauthor_pkey | p | {1}
-- = r | tbook_author_id_fkey | f | {2} | {1}
-- = r | c | *title*
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select T.oid table_id, relkind table_kind, C.oid::bigint con_id, C.xmin::varchar::bigint con_state_id, conname con_name, contype con_kind, conkey con_columns, conindid index_id,
  confrelid ref_table_id, condeferrable is_deferrable, condeferred is_init_deferred, confupdtype on_update, confdeltype on_delete, connoinherit /* false */ no_inherit,
  pg_catalog.pg_get_expr(conbin, T.oid) /* consrc */ con_expression, confkey ref_columns, conexclop::int[] excl_operators,
  array(select unnest::regoper::varchar from unnest(conexclop)) excl_operators_str
from pg_catalog.pg_constraint C join pg_catalog.pg_class T on C.conrelid = T.oid
where relkind in ('r', 'v', 'f', 'p') and relnamespace = ?::oid and contype in ('p', 'u', 'f', 'c', 'x') and connamespace = ?::oid
order by pg_catalog.age(C.xmin), con_id

-- @ types
-- = tcolor | e | E
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select T.oid as type_id, T.xmin as type_state_number, T.typname as type_name, T.typtype as type_sub_kind, T.typcategory as type_category, T.typrelid as class_id,
  T.typbasetype as base_type_id, case when T.typtype in ('c', 'e') then null else pg_catalog.format_type(T.typbasetype, T.typtypmod) end as definition,
  T.typndims as dimensions_number, T.typdefault as default_expression, T.typnotnull as mandatory, pg_catalog.pg_get_userbyid(T.typowner) as "owner"
from pg_catalog.pg_type T
where T.typnamespace = ?::oid
  and (T.typtype in ('d', 'e') or (select c.relkind = 'c' from pg_catalog.pg_class c where c.oid = T.typrelid) or (T.typtype = 'b' and T.typelem = 0::oid))
order by 1

-- @ labels of enums
-- = {red,green}
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
with types as (select distinct T.oid as type_id from pg_catalog.pg_type T where T.typtype = 'e' and T.typnamespace = ?::oid)
select types.type_id as enum_id, pg_catalog.array_agg(E.enumlabel::varchar order by E.enumsortorder) as enum_labels
from types join pg_catalog.pg_enum E on types.type_id = E.enumtypid group by types.type_id

-- @ sequences
-- = tsequence | bigint | 1 | 1
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select cls.xmin as sequence_state_number, sq.seqrelid as sequence_id, cls.relname as sequence_name, pg_catalog.format_type(sq.seqtypid, null) as data_type,
  sq.seqstart as start_value, sq.seqincrement as inc_value, sq.seqmin as min_value, sq.seqmax as max_value, sq.seqcache as cache_size, sq.seqcycle as cycle_option,
  pg_catalog.pg_get_userbyid(cls.relowner) as "owner"
from pg_catalog.pg_sequence sq join pg_catalog.pg_class cls on sq.seqrelid = cls.oid where cls.relnamespace = ?::oid

-- @ sources of views
-- = v | *tbook*
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select T.relkind as view_kind, T.oid as view_id, pg_catalog.pg_get_viewdef(T.oid, true) as source_text
from pg_catalog.pg_class T join pg_catalog.pg_namespace N on T.relnamespace = N.oid where N.oid = ?::oid and T.relkind in ('m', 'v')

-- @ comments
-- = r | 0 | people who write
-- = r | 2 | full name
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select D.objoid id, C.relkind::char as kind, D.objsubid sub_id, D.description
from pg_catalog.pg_description D join pg_catalog.pg_class C on D.objoid = C.oid
where C.relnamespace = ?::oid and D.classoid = 'pg_catalog.pg_class'::regclass

-- @ routines
-- rows 0
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
with languages as (select oid as lang_oid, lanname as lang from pg_catalog.pg_language),
  routines as (select proname as r_name, prolang as lang_oid, oid as r_id, xmin as r_state_number, proargnames as arg_names, proargmodes as arg_modes, proargtypes::int[] as in_arg_types,
    proallargtypes::int[] as all_arg_types, pg_catalog.pg_get_expr(proargdefaults, 0) as arg_defaults, provariadic as arg_variadic_id, prorettype as ret_type_id, proretset as ret_set,
    prokind as kind, provolatile as volatile_kind, proisstrict as is_strict, prosecdef as is_security_definer, proconfig as configuration_parameters, procost as cost,
    pg_catalog.pg_get_userbyid(proowner) as "owner", prorows as rows, proleakproof as is_leakproof, proparallel as concurrency_kind
    from pg_catalog.pg_proc where pronamespace = ?::oid and not (prokind = 'a'))
select * from routines natural join languages

-- @ rules and what they depend on
-- rows 0
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select R.ev_class as table_id, R.oid as rule_id, R.xmin as rule_state_number, R.rulename as rule_name, pg_catalog.translate(ev_type, '1234', 'SUID') as rule_event_code,
  R.ev_enabled as rule_fire_mode, R.is_instead as rule_is_instead
from pg_catalog.pg_rewrite R where R.ev_class in (select oid from pg_catalog.pg_class where relnamespace = ?::oid) and R.rulename != '_RETURN'::name

-- @ triggers
-- rows 0
-- ? SELECT oid::bigint FROM pg_namespace WHERE nspname = 'public'
select T.tgrelid as table_id, T.oid as trigger_id, T.xmin as trigger_state_number, T.tgname as trigger_name, T.tgfoid as function_id, pg_catalog.encode(T.tgargs, 'escape') as function_args,
  T.tgtype as bits, T.tgdeferrable as is_deferrable, T.tginitdeferred as is_init_deferred, T.tgenabled as trigger_fire_mode, T.tgattr as columns, T.tgconstraint != 0 as is_constraint
from pg_catalog.pg_trigger T where T.tgrelid in (select oid from pg_catalog.pg_class where relnamespace = ?::oid) and not T.tgisinternal

-- @ operators, casts, collations, operator classes
-- rows 1
select (select count(*) from pg_catalog.pg_operator) as operators, (select count(*) from pg_catalog.pg_cast) as casts, (select count(*) from pg_catalog.pg_collation) as collations,
  (select count(*) from pg_catalog.pg_opclass) as classes, (select count(*) from pg_catalog.pg_opfamily) as families, (select count(*) from pg_catalog.pg_amop) as amops,
  (select count(*) from pg_catalog.pg_amproc) as amprocs

-- @ privileges
select T.oid as object_id, T.relacl as acl from pg_catalog.pg_class T where T.relnamespace = 2200 and T.relacl is not null

-- @ extensions
select E.oid as id, E.xmin as state_number, extname as name, extversion as version, extnamespace as schema_id, nspname as schema_name
from pg_catalog.pg_extension E join pg_catalog.pg_namespace N on E.extnamespace = N.oid

-- @ foreign data wrappers, servers and user mappings
-- rows 0
select fdw.oid as id, fdw.fdwname as name, srv.srvname, um.umid from pg_catalog.pg_foreign_data_wrapper fdw left join pg_catalog.pg_foreign_server srv on srv.srvfdw = fdw.oid
left join pg_catalog.pg_user_mappings um on um.srvid = srv.oid

-- @ rows as its editor asks for them
-- = 1 | 2 | 0.25
-- rows 100
SELECT t.* FROM in_c_sales.orders t LIMIT 501

-- @ table with ctid
-- = 1 | a
SELECT t.*, CTID FROM public.trows t LIMIT 501
