"""DuckDB as a client: its own postgres extension (from the Python package that carries it) attaches a workspace."""
import datetime as dt
import decimal
import importlib.util
import pathlib
import shutil
import tempfile

import duckdb
from checks import check, conninfo, equal, raises, run

D = decimal.Decimal
folder = tempfile.TemporaryDirectory()
# DuckDB takes the name of an extension's entry point from the file's name, and the package has another one.
extension = pathlib.Path(folder.name) / "postgres_scanner.duckdb_extension"
package = pathlib.Path(importlib.util.find_spec("duckdb_extension_postgres").origin).parent
shutil.copy(package / "extensions" / f"v{duckdb.__version__}" / "postgres.duckdb_extension", extension)


def connect():
    db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    db.execute(f"LOAD '{extension}'")
    db.execute(f"ATTACH '{conninfo}' AS ws (TYPE postgres)")
    return db


db = connect()


def rows(sql):
    return db.execute(sql).fetchall()


@check
def project_tables_are_listed_described_and_read():
    names = rows("SELECT schema, name FROM (SHOW ALL TABLES) WHERE database = 'ws' AND schema = 'in_c_sales' ORDER BY name")
    equal(names, [("in_c_sales", "customers"), ("in_c_sales", "orders")])
    equal([row[:2] for row in rows("DESCRIBE ws.in_c_sales.customers")],
          [("id", "BIGINT"), ("name", "VARCHAR"), ("city", "VARCHAR")])
    equal(rows("SELECT count(*), sum(id) FROM ws.in_c_sales.orders"), [(100, 5050)])
    equal(rows("SELECT name FROM ws.in_c_sales.customers WHERE id = 1"),
          rows("SELECT name FROM ws.in_c_sales.customers ORDER BY id LIMIT 1"))


@check
def a_join_of_two_project_tables_runs_here():
    equal(len(rows("SELECT * FROM ws.in_c_sales.orders o JOIN ws.in_c_sales.customers c ON c.id = o.id")), 4)


@check
def own_tables_are_made_filled_and_read():
    db.execute("CREATE TABLE ws.public.parts (id INTEGER PRIMARY KEY, name VARCHAR, price DECIMAL(12,2), made TIMESTAMP,"
               " day DATE, good BOOLEAN, weight DOUBLE, code UUID, tags VARCHAR[], at TIMESTAMPTZ, span INTERVAL)"
               .replace(" at ", ' "at" '))
    db.execute("INSERT INTO ws.public.parts SELECT i, 'n' || i, i * 1.25, TIMESTAMP '2024-01-01' + to_seconds(i),"
               " DATE '2024-01-01' + i::INT, i % 2 = 0, i / 4.0, '00000000-0000-0000-0000-000000000005', ['a', NULL, 'c'],"
               " TIMESTAMPTZ '2024-01-01 00:00:00+00', INTERVAL 3 DAY FROM range(5000) t(i)")
    equal(rows("SELECT count(*), sum(price), max(made), sum(weight), count(*) FILTER (good) FROM ws.public.parts"),
          [(5000, D("15621875.00"), dt.datetime(2024, 1, 1, 1, 23, 19), 3124375.0, 2500)])
    equal(rows("SELECT day, tags, span FROM ws.public.parts WHERE id = 31"),
          [(dt.date(2024, 2, 1), ["a", None, "c"], dt.timedelta(days=3))])


@check
def rows_are_changed_and_deleted_by_their_place():
    db.execute("UPDATE ws.public.parts SET name = 'changed' WHERE id IN (5, 4999)")
    db.execute("DELETE FROM ws.public.parts WHERE id BETWEEN 10 AND 19")
    equal(rows("SELECT count(*), count(*) FILTER (name = 'changed') FROM ws.public.parts"), [(4990, 2)])


@check
def a_transaction_is_rolled_back_as_one():
    db.execute("BEGIN")
    db.execute("DELETE FROM ws.public.parts WHERE id < 5")
    db.execute("INSERT INTO ws.public.parts (id) VALUES (90000)")
    equal(rows("SELECT count(*), max(id) FROM ws.public.parts"), [(4986, 90000)])
    db.execute("ROLLBACK")
    equal(rows("SELECT count(*) FROM ws.public.parts"), [(4990,)])


@check
def a_large_own_table_is_read_whole():
    db.execute("CREATE TABLE ws.public.large AS SELECT i AS n, 'value ' || i AS t FROM range(2000000) r(i)")
    equal(rows("SELECT count(*), count(DISTINCT n), sum(n) FROM ws.public.large"), [(2000000, 2000000, 1999999000000)])
    db.execute("DROP TABLE ws.public.large")


@check
def schemas_views_enums_indexes_and_columns_are_made_and_dropped():
    db.execute("CREATE SCHEMA ws.elsewhere")
    db.execute("CREATE TABLE ws.elsewhere.t AS SELECT 1 AS x")
    db.execute("ALTER TABLE ws.elsewhere.t ADD COLUMN y INTEGER")
    db.execute("ALTER TABLE ws.elsewhere.t RENAME COLUMN y TO z")
    equal([row[0] for row in rows("DESCRIBE ws.elsewhere.t")], ["x", "z"])
    db.execute("CREATE VIEW ws.public.shown AS SELECT 42 AS n")
    equal(rows("SELECT n FROM ws.public.shown"), [(42,)])
    db.execute("CREATE TYPE ws.mood AS ENUM ('ok', 'bad')")
    db.execute("CREATE TABLE ws.public.moods AS SELECT 'bad'::ws.mood AS m")
    equal(rows("SELECT m FROM ws.public.moods"), [("bad",)])
    db.execute("CREATE INDEX moods_m ON ws.public.moods (m)")
    db.execute("DROP TABLE ws.public.moods")
    db.execute("DROP SCHEMA ws.elsewhere CASCADE")


@check
def queries_are_handed_over_as_they_are():
    equal(rows("SELECT * FROM postgres_query('ws', 'SELECT to_char(date ''2024-05-06'', ''DD.MM.YYYY'') AS d')"),
          [("06.05.2024",)])
    db.execute("CALL postgres_execute('ws', 'CREATE TABLE handed (a int)')")
    db.execute("CALL pg_clear_cache()")
    equal(rows("SELECT count(*) FROM ws.public.handed"), [(0,)])


@check
def project_tables_refuse_changes_with_a_hint():
    error = raises("read-only", lambda: db.execute("INSERT INTO ws.in_c_sales.customers VALUES (9, 'x', 'y')"),
                   lambda error: "read-only" if "project tables are read-only" in str(error) else str(error))
    equal("CREATE TABLE customers AS SELECT" in str(error), True)


run("duckdb")
