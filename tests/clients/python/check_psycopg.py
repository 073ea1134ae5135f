import datetime as dt
import decimal
import threading
import uuid

import psycopg
from psycopg import sql
from psycopg.types import TypeInfo
from psycopg.types.enum import EnumInfo
from psycopg.types.json import Json
from checks import check, conninfo, equal, raises, run

D = decimal.Decimal


def connect(**options):
    return psycopg.connect(conninfo, **options)


def code(error):
    return error.sqlstate


values = [True, 1, 2**40, 1.5, D("12.50"), "žluť 'x'", b"\x00\xff", dt.date(2024, 2, 29), dt.time(10, 20, 30),
          dt.datetime(2024, 1, 2, 3, 4, 5, 6), dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc), dt.timedelta(days=1, hours=2),
          uuid.UUID(int=5), [1, 2, 3], ["a", None, "b c"], None]
types = ["bool", "int", "bigint", "float8", "numeric(10,2)", "text", "bytea", "date", "time", "timestamp", "timestamptz",
         "interval", "uuid", "int[]", "text[]", "text"]


@check
def values_of_every_type_come_and_go_as_text():
    with connect() as db:
        got = db.execute("SELECT " + ", ".join(f"%s::{t}" for t in types), values).fetchone()
        equal(list(got), values)


@check
def values_of_every_type_come_and_go_in_binary():
    with connect() as db, db.cursor(binary=True) as c:
        c.execute("SELECT " + ", ".join(f"%b::{t}" if v is not None else f"%s::{t}" for t, v in zip(types, values)), values)
        equal(list(c.fetchone()), values)


@check
def json_and_composed_statements_work():
    with connect() as db:
        equal(db.execute("SELECT %s::json", [Json({"a": [1, 2]})]).fetchone()[0], {"a": [1, 2]})
        query = sql.SQL("SELECT {} FROM {} ORDER BY 1").format(sql.Identifier("name"), sql.Identifier("in_c_sales", "customers"))
        equal(db.execute(query).fetchone()[0], "Ada")


@check
def pipelines_answer_in_order():
    with connect(autocommit=True) as db, db.pipeline():
        cursors = [db.execute("SELECT %s::int", [n]) for n in range(20)]
        equal([c.fetchone()[0] for c in cursors], list(range(20)))


@check
def a_pipeline_with_an_error_goes_on_after_sync():
    with connect(autocommit=True) as db:
        with db.pipeline() as pipeline:
            first = db.execute("SELECT 1")
            raises("42P01", lambda: (db.execute("SELECT * FROM nope"), pipeline.sync()), code)
            equal(first.fetchone()[0], 1)
        equal(db.execute("SELECT 2").fetchone()[0], 2)


@check
def statements_are_prepared_after_five_executions():
    with connect() as db:
        for n in range(10):
            equal(db.execute("SELECT %s::int + 1", [n]).fetchone()[0], n + 1)


@check
def nested_transactions_are_savepoints():
    with connect() as db:
        with db.transaction():
            db.execute("SELECT 1")
            try:
                with db.transaction():
                    db.execute("SELECT * FROM nope")
            except psycopg.errors.UndefinedTable:
                pass
            equal(db.execute("SELECT 2").fetchone()[0], 2)


@check
def server_side_cursors_stream_and_scroll_forward():
    with connect() as db, db.cursor(name="big") as c:
        c.execute("SELECT g FROM generate_series(1, 3000) g")
        equal(len(c.fetchmany(10)), 10)
        equal(sum(row[0] for row in c), 3000 * 3001 // 2 - 55)


@check
def copy_goes_both_ways_as_text_and_binary():
    with connect() as db, db.cursor() as c:
        c.execute("CREATE TABLE p3copy (a int, b text, c numeric(10,2), d timestamp)")
        rows = [(1, "one", D("1.50"), dt.datetime(2024, 1, 1)), (2, None, None, None)]
        with c.copy("COPY p3copy FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        with c.copy("COPY p3copy (a, b) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "text"])
            copy.write_row((3, "three"))
        with c.copy("COPY (SELECT a, b FROM p3copy ORDER BY a) TO STDOUT (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "text"])
            equal(list(copy.rows()), [(1, "one"), (2, None), (3, "three")])
        with c.copy("COPY (SELECT a, c, d FROM p3copy ORDER BY a) TO STDOUT") as copy:
            copy.set_types(["int4", "numeric", "timestamp"])
            equal(list(copy.rows())[0], (1, D("1.50"), dt.datetime(2024, 1, 1)))
        db.rollback()


@check
def type_information_is_found():
    with connect() as db:
        equal(TypeInfo.fetch(db, "uuid").oid, 2950)
        equal(TypeInfo.fetch(db, "integer").name, "int4")
        equal(TypeInfo.fetch(db, "nope"), None)
        db.execute("CREATE TYPE p3mood AS ENUM ('sad', 'ok')")
        equal(tuple(EnumInfo.fetch(db, "p3mood").labels), ("sad", "ok"))
        db.rollback()


@check
def errors_have_their_class_and_diagnostics():
    with connect(autocommit=True) as db:
        db.execute("DROP TABLE IF EXISTS p3e")
        db.execute("CREATE TABLE p3e (id int PRIMARY KEY, v text NOT NULL, n int CHECK (n > 0))")
        db.execute("INSERT INTO p3e VALUES (1, 'x', 1)")
        for kind, statement in [
            (psycopg.errors.UniqueViolation, "INSERT INTO p3e VALUES (1, 'y', 1)"),
            (psycopg.errors.NotNullViolation, "INSERT INTO p3e VALUES (2, NULL, 1)"),
            (psycopg.errors.CheckViolation, "INSERT INTO p3e VALUES (2, 'y', -1)"),
            (psycopg.errors.UndefinedColumn, "SELECT nope FROM p3e"),
            (psycopg.errors.SyntaxError, "SELECT FROM WHERE"),
            (psycopg.errors.DivisionByZero, "SELECT 1 / (id - 1) FROM p3e"),
            (psycopg.errors.ReadOnlySqlTransaction, "DELETE FROM in_c_sales.orders"),
        ]:
            try:
                db.execute(statement)
            except kind:
                continue
            raise AssertionError(f"no {kind.__name__}: {statement}")
        db.execute("DROP TABLE p3e")


@check
def statement_timeout_is_enforced():
    with connect(autocommit=True) as db:
        db.execute("SET statement_timeout = '200ms'")
        raises("57014", lambda: db.execute("SELECT count(*) FROM generate_series(1, 100000000000) g"), code)
        db.execute("SET statement_timeout = 0")


@check
def cancel_and_terminate_reach_another_session():
    with connect(autocommit=True) as victim, connect(autocommit=True) as killer:
        pid = victim.execute("SELECT pg_backend_pid()").fetchone()[0]
        timer = threading.Timer(0.3, lambda: killer.execute("SELECT pg_cancel_backend(%s)", [pid]))
        timer.start()
        raises("57014", lambda: victim.execute("SELECT count(*) FROM generate_series(1, 100000000000) g"), code)
        timer.join()
        equal(killer.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()[0], True)
        raises("57P01", lambda: [victim.execute("SELECT 1") for _ in range(50)], code)


@check
def notifications_arrive():
    with connect(autocommit=True) as listener, connect(autocommit=True) as sender:
        listener.execute("LISTEN p3")
        sender.execute("SELECT pg_notify('p3', 'hello')")
        equal(next(listener.notifies(timeout=10, stop_after=1)).payload, "hello")


run("psycopg")
