import { withFunctionsCatalog } from "./testing_functions.ts";

withFunctionsCatalog("session functions", async (catalog, claim) => {
  await claim("settings are read and set", async () => {
    await catalog.gives([
      ["current_setting('search_path')", '"$user", public'],
      ["current_setting('nosuch', true)", null],
      ["set_config('my.setting', 'value', false)", "value"],
      ["current_setting('my.setting')", "value"],
      ["len(pg_show_all_settings()) > 0", "true"],
    ]);
    await catalog.raises([["current_setting('nosuch')", '42704:unrecognized configuration parameter "nosuch"']]);
  });

  await claim("signals and notifications reach the session's own functions", async () => {
    await catalog.gives([
      ["pg_cancel_backend(77)", "true"],
      ["pg_cancel_backend(78)", "false"],
      ["pg_terminate_backend(77)", "true"],
      ["pg_terminate_backend(77, timeout := 5)", "true"],
      ["pg_notify('channel', 'payload')", ""],
      ["pg_blocking_pids(77)", "[]"],
    ]);
    await catalog.raises([["pg_notify('', 'x')", "22023:channel name cannot be empty"]]);
  });

  await claim("sleeping gives nothing back, and functions under views give their rows", async () => {
    await catalog.gives([
      ["pg_sleep(0.001)", ""],
      ["pg_sleep_for(INTERVAL '1 ms')", ""],
      ["pg_sleep_until(now() - INTERVAL '1 day')", ""],
      ["pg_cursor()", "[]"],
      ["pg_prepared_xact()", "[]"],
    ]);
  });

  await claim("transaction ids grow and snapshots can be taken apart", async () => {
    await catalog.gives([
      ["txid_current() > 0", "true"],
      ["txid_status(txid_current())", "in progress"],
      ["pg_snapshot_xmin('10:20:10,14')", "10"],
      ["pg_snapshot_xmax('10:20:10,14')", "20"],
      ["pg_snapshot_xip('10:20:10,14')", "[10, 14]"],
      ["pg_visible_in_snapshot(9, '10:20:10,14')", "true"],
    ]);
  });

  await claim("sizes in words are bytes", async () => {
    await catalog.gives([
      ["pg_size_bytes('10 GB')", "10737418240"],
      ["pg_size_bytes('1.5kB')", "1536"],
      ["pg_size_bytes(' -3 MB ')", "-3145728"],
      ["pg_size_bytes('12')", "12"],
      ["pg_size_bytes(NULL)", null],
    ]);
    await catalog.raises([["pg_size_bytes('x')", '22023:invalid size: "x"']]);
  });

  await claim("encodings, roles and the server are PostgreSQL's", async () => {
    await catalog.gives([
      ["pg_encoding_to_char(6)", "UTF8"],
      ["pg_encoding_to_char(99)", ""],
      ["pg_char_to_encoding('utf-8')", "6"],
      ["pg_char_to_encoding('nope')", "-1"],
      ["pg_get_userbyid(10)", "ws_test_user"],
      ["pg_get_userbyid(11)", "project"],
      ["pg_get_userbyid(12)", "unknown (OID=12)"],
      ["pg_postmaster_start_time()", "2026-01-01 00:00:00+00"],
      ["pg_is_in_recovery()", "false"],
      ["inet_client_addr()", "127.0.0.1"],
      ["inet_server_addr()", null],
      ["pg_my_temp_schema() = __regnamespace('pg_temp')", "true"],
      ["pg_collation_for('x')", '"default"'],
    ]);
    await catalog.raises([["pg_collation_for(1)", "42804:collations are not supported by type integer"]]);
  });

  await claim("backends are numbered and described", async () => {
    await catalog.gives([
      ["pg_stat_get_backend_idset()", "[1]"],
      ["pg_stat_get_backend_pid(1)", "77"],
      ["pg_stat_get_backend_activity(1)", "SELECT 1"],
      ["pg_stat_get_backend_pid(2)", null],
      ["pg_stat_get_db_numbackends((SELECT oid FROM __eider.pg.pg_database WHERE datname = current_database()))", "1"],
      ["pg_stat_get_live_tuples(__regclass('in_c_sales.orders'))", "100"],
      ["pg_stat_get_tuples_inserted(__regclass('t'))", null],
    ]);
  });

  await claim("what a workspace cannot do is refused by name", async () => {
    await catalog.raises([
      [
        "pg_advisory_lock(1)",
        "0A000:pg_advisory_lock() is not supported: sessions share no locks; use a table and a transaction.",
      ],
    ]);
  });

  await claim("indexes are ordered and nothing is partitioned", async () => {
    await catalog.gives([
      ["pg_indexam_has_property(403, 'can_order')", "true"],
      ["pg_index_column_has_property(1, 1, 'desc')", "false"],
      ["pg_index_has_property(1, 'nosuch')", null],
      ["pg_partition_root(1)", null],
      ["pg_partition_ancestors(1)", "[]"],
      [
        "pg_options_to_table(['a=b', 'c'])",
        "[{'option_name': 'a', 'option_value': 'b'}, {'option_name': 'c', 'option_value': NULL}]",
      ],
    ]);
  });
});
