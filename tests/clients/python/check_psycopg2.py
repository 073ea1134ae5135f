import datetime as dt
import decimal
import io
import threading
import uuid

import psycopg2
import psycopg2.extras
from checks import check, conninfo, equal, raises, run

D = decimal.Decimal


def connect(**options):
    return psycopg2.connect(conninfo, **options)


def code(error):
    return error.pgcode


@check
def connects_and_reads_a_project_table():
    with connect() as db, db.cursor() as c:
        c.execute("SELECT id, name, city FROM in_c_sales.customers ORDER BY id")
        equal(len(c.fetchall()), 4)
        equal([d.name for d in c.description], ["id", "name", "city"])
        equal(db.server_version >= 150000, True)


@check
def values_of_every_type_come_and_go():
    psycopg2.extras.register_uuid()
    values = [True, 1, 2**40, 1.5, D("12.50"), "žluť 'x'", b"\x00\xff", dt.date(2024, 2, 29), dt.time(10, 20, 30),
              dt.datetime(2024, 1, 2, 3, 4, 5, 6), dt.timedelta(days=1, hours=2), uuid.UUID(int=5), [1, 2, 3], None]
    types = ["bool", "int", "bigint", "float8", "numeric(10,2)", "text", "bytea", "date", "time", "timestamp", "interval",
             "uuid", "int[]", "text"]
    with connect() as db, db.cursor() as c:
        c.execute("SELECT " + ", ".join(f"%s::{t}" for t in types), values)
        got = list(c.fetchone())
        got[6] = bytes(got[6])
        equal(got, values)


@check
def transactions_commit_and_roll_back():
    db = connect()
    with db.cursor() as c:
        c.execute("DROP TABLE IF EXISTS p2")
        c.execute("CREATE TABLE p2 (x int PRIMARY KEY)")
        db.commit()
        c.execute("INSERT INTO p2 VALUES (1)")
        db.rollback()
        c.execute("SELECT count(*) FROM p2")
        equal(c.fetchone()[0], 0)
        c.executemany("INSERT INTO p2 VALUES (%s)", [(1,), (2,), (3,)])
        equal(c.rowcount, 3)
        db.commit()
        raises("23505", lambda: c.execute("INSERT INTO p2 VALUES (1)"), code)
        raises("25P02", lambda: c.execute("SELECT 1"), code)
        db.rollback()
        c.execute("SELECT sum(x) FROM p2")
        equal(int(c.fetchone()[0]), 6)
        c.execute("DROP TABLE p2")
    db.commit()
    db.close()


@check
def named_cursors_stream():
    with connect() as db:
        with db.cursor("big") as c:
            c.itersize = 500
            c.execute("SELECT g FROM generate_series(1, 5000) g")
            equal(sum(row[0] for row in c), 5000 * 5001 // 2)


@check
def copy_goes_both_ways():
    with connect() as db, db.cursor() as c:
        c.execute("CREATE TABLE p2copy (a int, b text)")
        c.copy_from(io.StringIO("1\tone\n2\t\\N\n"), "p2copy")
        c.copy_expert("COPY p2copy FROM STDIN WITH (FORMAT csv)", io.StringIO('3,"x, y"\n'))
        c.execute("SELECT * FROM p2copy ORDER BY a")
        equal(c.fetchall(), [(1, "one"), (2, None), (3, "x, y")])
        out = io.StringIO()
        c.copy_expert("COPY p2copy TO STDOUT WITH (FORMAT csv, HEADER)", out)
        equal(out.getvalue(), 'a,b\n1,one\n2,\n3,"x, y"\n')
        raises("22P02", lambda: c.copy_from(io.StringIO("x\ty\n"), "p2copy"), code)
        db.rollback()


@check
def execute_values_and_dict_cursor():
    with connect(cursor_factory=psycopg2.extras.RealDictCursor) as db, db.cursor() as c:
        c.execute("CREATE TABLE p2v (a int, b text)")
        got = psycopg2.extras.execute_values(c, "INSERT INTO p2v VALUES %s RETURNING a", [(1, "x"), (2, "y")], fetch=True)
        equal([row["a"] for row in got], [1, 2])
        psycopg2.extras.execute_batch(c, "INSERT INTO p2v VALUES (%s, %s)", [(3, "z")])
        c.execute("SELECT count(*) AS n FROM p2v")
        equal(c.fetchone()["n"], 3)
        db.rollback()


@check
def errors_carry_sqlstate_and_position():
    with connect() as db, db.cursor() as c:
        for sqlstate, sql in [("42P01", "SELECT * FROM nope"), ("42703", "SELECT nope"), ("22012", "SELECT 1/0"),
                              ("42601", "SELEC 1"), ("22P02", "SELECT 'x'::int")]:
            raises(sqlstate, lambda sql=sql: c.execute(sql), code)
            db.rollback()
        error = raises("42601", lambda: c.execute("SELECT 1 FRM x y"), code)
        equal(error.diag.statement_position is not None, True)


@check
def cancel_ends_a_running_statement():
    db = connect()
    timer = threading.Timer(0.3, db.cancel)
    timer.start()
    with db.cursor() as c:
        raises("57014", lambda: c.execute("SELECT count(*) FROM generate_series(1, 100000000000) g"), code)
    db.close()


@check
def notifications_arrive():
    listener, sender = connect(), connect()
    listener.autocommit = sender.autocommit = True
    listener.cursor().execute("LISTEN p2")
    sender.cursor().execute("NOTIFY p2, 'hello'")
    for _ in range(100):
        listener.poll()
        if listener.notifies:
            break
        listener.cursor().execute("SELECT 1")
    equal(listener.notifies[0].payload, "hello")


run("psycopg2")
