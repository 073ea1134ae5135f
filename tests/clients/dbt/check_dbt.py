"""dbt-postgres on a small project of its own: debug, seed, run, incremental runs, tests, snapshot, docs, catalog. Prints `ok NAME`
or `not ok NAME: REASON` for each."""
import contextlib
import io
import json
import os
import pathlib
import shutil
import sys
import tempfile

import psycopg2
from dbt.cli.main import dbtRunner

schema = "dbt_clients"
source = pathlib.Path(__file__).parent / "project"
folder = pathlib.Path(tempfile.mkdtemp(prefix="eider_dbt_"))
project = folder / "project"
shutil.copytree(source, project)
conninfo = "host={PGHOST} port={PGPORT} dbname={PGDATABASE} user={PGUSER} password={PGPASSWORD} sslmode=require".format(**os.environ)
_checks = []


def check(function):
    _checks.append(function)
    return function


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r}, expected {expected!r}")


def rows(statement):
    db = psycopg2.connect(conninfo)
    try:
        with db, db.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        db.close()


def dbt(*words, factor=1):
    """Runs a dbt command; its results by name. An error of dbt or of one of its nodes is raised with dbt's text. The models read `factor`
    from the environment: with --vars dbt would read the whole project again."""
    os.environ["CHECK_FACTOR"] = str(factor)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        outcome = dbtRunner().invoke([*words, "--project-dir", str(project), "--profiles-dir", str(project), "--quiet"])
    results = list(getattr(outcome.result, "results", None) or [])
    failed = [f"{result.node.name}: {result.message}" for result in results if result.status in ("error", "fail", "runtime error")]
    if failed:
        raise AssertionError("; ".join(" ".join(text.split()) for text in failed))
    if outcome.exception is not None or not outcome.success:
        raise AssertionError(f"{outcome.exception or ''} {' '.join(printed.getvalue().split())[-400:]}")
    return {result.node.name: result for result in results if getattr(result, "node", None) is not None}


@check
def debug_connects():
    rows(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    dbt("debug")


@check
def seed_makes_a_table_with_its_types():
    equal(set(dbt("seed")), {"regions"})
    equal([tuple(map(str, row)) for row in rows(f"SELECT city, region, since, rate FROM {schema}.regions ORDER BY city")],
          [("Brno", "Morava", "2021-06-30", "0.50"), ("Ostrava", "Slezsko", "None", "2.00"), ("Praha", "Čechy", "2020-01-01", "1.25")])
    dbt("seed", "--full-refresh")
    equal(rows(f"SELECT count(*) FROM {schema}.regions"), [(3,)])


@check
def run_builds_tables_and_views():
    results = dbt("run")
    equal(set(results), {"customer_regions", "order_totals", "orders_incremental", "orders_appended"})
    equal(results["order_totals"].adapter_response["rows_affected"], 4)
    equal(rows(f"SELECT region FROM {schema}.customer_regions ORDER BY id"), [("Čechy",), ("Morava",), ("Čechy",), ("Slezsko",)])
    equal(rows(f"SELECT customer_id, order_count FROM {schema}.order_totals ORDER BY 1"), [(1, 25), (2, 25), (3, 25), (4, 25)])
    equal(rows(f"SELECT count(*), max(id) FROM {schema}.orders_incremental"), [(60, 60)])
    equal(rows("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'dbt_clients' ORDER BY 1"), [
        ("customer_regions", "VIEW"), ("order_totals", "BASE TABLE"), ("orders_appended", "BASE TABLE"),
        ("orders_incremental", "BASE TABLE"), ("regions", "BASE TABLE")])


@check
def a_model_with_an_index_is_refused_or_built_whole():
    """dbt makes the index on a temporary name and renames the table then. DuckDB cannot rename a table that has an index (2BP01):
    such a model fails, and leaves nothing behind. PostgreSQL builds it with its index."""
    indexed = project / "models" / "indexed.sql"
    indexed.write_text("{{ config(materialized='table', indexes=[{'columns': ['id']}]) }} select id from {{ ref('regions_ids') }}")
    (project / "models" / "regions_ids.sql").write_text("{{ config(materialized='ephemeral') }} select 1 as id")
    found = "SELECT tablename, count(*) FROM pg_indexes WHERE schemaname = 'dbt_clients' GROUP BY 1"
    try:
        if "Eider" in rows("SHOW server_version")[0][0]:
            try:
                dbt("run", "--select", "indexed")
            except AssertionError as error:
                equal("depend on it" in str(error), True)
            else:
                raise AssertionError("the index can be kept now: expect it, as of PostgreSQL")
            equal(rows(found), [])
            equal(rows("SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'indexed%'"), [(0,)])
        else:
            dbt("run", "--select", "indexed")
            equal(rows(found), [("indexed", 1)])
            rows(f"DROP TABLE {schema}.indexed")
    finally:
        indexed.unlink()
        (project / "models" / "regions_ids.sql").unlink()


@check
def descriptions_are_kept_as_comments():
    equal(rows(f"SELECT obj_description('{schema}.customer_regions'::regclass, 'pg_class')"), [("Which region a customer lives in",)])
    equal(rows(f"SELECT col_description('{schema}.customer_regions'::regclass, 1)"), [("The customer's number",)])


@check
def run_again_replaces_and_increments():
    dbt("run", factor=2)
    equal(rows(f"SELECT count(*), max(id) FROM {schema}.orders_incremental"), [(100, 100)])
    # rows from 56 on were deleted and came again, twice as dear
    equal([float(row[0]) for row in rows(f"SELECT amount FROM {schema}.orders_incremental WHERE id IN (55, 56) ORDER BY id")], [13.75, 28.0])
    equal(rows(f"SELECT count(*), count(DISTINCT id) FROM {schema}.orders_appended"), [(100, 100)])
    dbt("run", "--select", "orders_incremental", "--full-refresh")
    equal(rows(f"SELECT count(*) FROM {schema}.orders_incremental"), [(60,)])
    equal(rows("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'dbt_clients' AND table_name LIKE '%dbt%'"), [(0,)])


@check
def tests_pass_and_a_wrong_one_fails():
    results = dbt("test")
    equal(len(results) >= 11, True)
    equal({str(result.status) for result in results.values()}, {"pass"})
    wrong = project / "tests" / "wrong.sql"
    wrong.write_text("select id from {{ source('sales', 'customers') }} where id < 3")
    try:
        dbt("test", "--select", "wrong")
    except AssertionError as error:
        equal("Got 2 results" in str(error), True)
    else:
        raise AssertionError("the wrong test passed")
    finally:
        wrong.unlink()


@check
def a_snapshot_keeps_what_was():
    dbt("snapshot")
    equal(rows(f"SELECT count(*), count(dbt_valid_to) FROM {schema}.regions_snapshot"), [(3, 0)])
    dbt("snapshot", factor=3)
    equal(rows(f"SELECT count(*), count(dbt_valid_to) FROM {schema}.regions_snapshot"), [(6, 3)])


@check
def docs_generate_describes_every_relation():
    dbt("docs", "generate")
    catalog = json.loads((project / "target" / "catalog.json").read_text())
    equal(catalog["errors"], None)
    nodes = {name.split(".")[-1]: node for name, node in catalog["nodes"].items()}
    equal(set(nodes), {"customer_regions", "order_totals", "orders_appended", "orders_incremental", "regions", "regions_snapshot"})
    equal({name: node["metadata"]["type"] for name, node in nodes.items() if name in ("customer_regions", "order_totals")},
          {"customer_regions": "VIEW", "order_totals": "BASE TABLE"})
    equal([(column["name"], column["type"], column["index"]) for column in nodes["order_totals"]["columns"].values()],
          [("customer_id", "bigint", 1), ("order_count", "bigint", 2), ("amount", "double precision", 3), ("last_day", "date", 4)])
    equal(nodes["customer_regions"]["metadata"]["comment"], "Which region a customer lives in")
    equal(nodes["customer_regions"]["metadata"]["owner"], os.environ["PGUSER"])
    sources = {name.split(".")[-1]: node for name, node in catalog["sources"].items()}
    equal(sorted(sources), ["customers", "orders"])
    equal(list(sources["customers"]["columns"]), ["id", "name", "city"])


@check
def show_works():
    dbt("show", "--inline", "select * from {{ ref('order_totals') }}", "--limit", "2")


@check
def an_error_of_the_database_is_told():
    broken = project / "models" / "broken.sql"
    broken.write_text("select nope from {{ source('sales', 'customers') }}")
    try:
        dbt("run", "--select", "broken")
    except AssertionError as error:
        equal("nope" in str(error), True)
    else:
        raise AssertionError("the broken model was built")
    finally:
        broken.unlink()


@check
def build_does_everything_in_order():
    dbt("build")
    rows(f"DROP SCHEMA {schema} CASCADE")
    equal(rows("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'dbt_clients'"), [(0,)])


def main():
    has_failed = False
    for function in _checks:
        name = f"dbt {function.__name__.replace('_', ' ')}"
        try:
            function()
            print(f"ok {name}", flush=True)
        except Exception as error:  # noqa: BLE001 -- a check's own error, or psycopg2's
            has_failed = True
            print(f"not ok {name}: {type(error).__name__}: {' '.join(str(error).split())[:700]}", flush=True)
    shutil.rmtree(folder)
    sys.exit(1 if has_failed else 0)


main()
