"""psqlodbc through pyodbc with UseDeclareFetch, as Tableau's and Excel's connections set it."""
import datetime as dt
import decimal
import glob
import os
import threading
import uuid

import pyodbc
from checks import check, equal, raises, run

D = decimal.Decimal
driver = sorted(glob.glob("/usr/lib/*/odbc/psqlodbcw.so") + glob.glob("/usr/lib*/psqlodbcw.so"))[0]
database = os.environ["PGDATABASE"]
pyodbc.pooling = False


def connect(autocommit=False, **options):
    settings = {"Driver": driver, "Server": os.environ["PGHOST"], "Port": os.environ["PGPORT"], "Database": database,
                "Uid": os.environ["PGUSER"], "Pwd": os.environ["PGPASSWORD"], "SSLmode": "require", "UseDeclareFetch": "1",
                "Fetch": "100", **options}
    return pyodbc.connect(";".join(f"{name}={value}" for name, value in settings.items()), autocommit=autocommit)


def code(error):
    return error.args[0]


def described(rows, *names):
    return [tuple(getattr(row, name) for name in names) for row in rows]


def make_tables(c):
    c.execute("DROP TABLE IF EXISTS odbc_line")
    c.execute("DROP TABLE IF EXISTS odbc_item")
    c.execute("CREATE TABLE odbc_item (id integer PRIMARY KEY, label text NOT NULL, price numeric(12,2), made timestamp)")
    c.execute("CREATE TABLE odbc_line (item integer REFERENCES odbc_item (id), pos smallint, note text, UNIQUE (item, pos))")


@check
def connects_over_tls_and_says_what_it_is():
    with connect() as db:
        equal(db.getinfo(pyodbc.SQL_DBMS_NAME), "PostgreSQL")
        equal(int(db.getinfo(pyodbc.SQL_DBMS_VER).split(".")[0]) >= 15, True)
        equal(db.getinfo(pyodbc.SQL_DATABASE_NAME), database)
        equal(db.getinfo(pyodbc.SQL_USER_NAME), os.environ["PGUSER"])
        equal(db.cursor().execute("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchval() in ("1", True), True)


@check
def project_tables_are_read():
    with connect() as db:
        c = db.cursor()
        rows = c.execute("SELECT id, name, city FROM in_c_sales.customers ORDER BY id").fetchall()
        equal([tuple(row) for row in rows][1:], [(2, "Božena", "Brno"), (3, "Čeněk", "Praha"), (4, "Dvořák, Jan", "Ostrava")])
        equal([column[0] for column in c.description], ["id", "name", "city"])
        equal(c.execute("SELECT count(*) FROM in_c_sales.orders").fetchval(), 100)


@check
def a_declared_cursor_is_fetched_a_hundred_rows_at_a_time():
    with connect() as db:
        c = db.cursor()
        c.execute("SELECT g, 'row ' || g FROM generate_series(1, 2345) g")
        equal(tuple(c.fetchone()), (1, "row 1"))
        equal(len(c.fetchmany(150)), 150)
        rest = c.fetchall()
        equal((len(rest), tuple(rest[-1])), (2194, (2345, "row 2345")))
        # a result of exactly whole blocks ends with an empty one
        equal(len(c.execute("SELECT g FROM generate_series(1, 1200) g").fetchall()), 1200)
        equal(c.execute("SELECT g FROM generate_series(1, 0) g").fetchall(), [])


@check
def two_open_cursors_interleave():
    with connect() as db:
        first, second = db.cursor(), db.cursor()
        first.execute("SELECT g FROM generate_series(1, 1500) g")
        second.execute("SELECT -g FROM generate_series(1, 1500) g")
        for number in range(1, 1501):
            equal((first.fetchval(), second.fetchval()), (number, -number))
        equal((first.fetchone(), second.fetchone()), (None, None))


@check
def a_cursor_with_hold_outlives_its_commit():
    with connect() as db:
        c = db.cursor()
        c.execute("SELECT g FROM generate_series(1, 1100) g")
        equal(c.fetchval(), 1)
        db.commit()
        equal(sum(row[0] for row in c.fetchall()), 1100 * 1101 // 2 - 1)


@check
def autocommit_reads_more_than_one_block():
    with connect(autocommit=True) as db:
        c = db.cursor()
        c.execute("SELECT id, amount FROM in_c_sales.orders ORDER BY id")
        equal(sum(row[1] for row in c), 1262.5)
        equal(len(c.execute("SELECT g FROM generate_series(1, 1001) g").fetchall()), 1001)


@check
def values_of_every_type_come_and_go():
    samples = [("boolean", True, "1"), ("smallint", 7, 7), ("integer", -5, -5), ("bigint", 2**40, 2**40), ("float8", 1.5, 1.5),
               ("numeric(10,2)", D("12.50"), D("12.50")), ("text", "žluť 'x'", "žluť 'x'"), ("varchar(20)", "", ""),
               ("bytea", b"\x00\xff", b"\x00\xff"), ("date", dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
               ("time", dt.time(10, 20, 30), dt.time(10, 20, 30)),
               ("timestamp", dt.datetime(2024, 1, 2, 3, 4, 5, 6000), dt.datetime(2024, 1, 2, 3, 4, 5, 6000)),
               ("uuid", uuid.UUID(int=5), str(uuid.UUID(int=5))), ("text", None, None)]
    with connect() as db:
        c = db.cursor()
        for kind, value, expected in samples:
            got = c.execute(f"SELECT CAST(? AS {kind})", value).fetchval()
            if kind == "uuid":
                got = str(got).lower()
            if kind == "boolean":  # the driver's BoolsAsChar makes a text of it
                got = str(got)
            if got != expected:
                raise AssertionError(f"{kind}: {got!r}, expected {expected!r}")


@check
def results_are_described_with_type_size_and_scale():
    with connect() as db:
        c = db.cursor()
        c.execute("SELECT 1::int4 AS a, 1::int8 AS b, 1.5::numeric(12,2) AS c, 'x'::text AS d, DATE '2024-01-01' AS e")
        equal([(column[0], column[1]) for column in c.description], [("a", int), ("b", int), ("c", D), ("d", str), ("e", dt.date)])
        equal([column[4] for column in c.description], [10, 19, 12, 8190, 10])
        equal(c.description[2][5], 2)


@check
def a_prepared_statement_runs_again_with_other_parameters():
    with connect() as db:
        c = db.cursor()
        for number in range(1, 9):
            row = c.execute("SELECT name FROM in_c_sales.customers WHERE id = ?", 1 + number % 4).fetchone()
            equal(len(row), 1)
        equal(c.execute("SELECT ? + 1, ?", 41, "x").fetchone()[0], 42)


@check
def commit_and_rollback_work():
    with connect() as db, connect() as other:
        c = db.cursor()
        make_tables(c)
        db.commit()
        c.execute("INSERT INTO odbc_item VALUES (1, 'first', 9.5, '2024-01-02 03:04:05')")
        equal(c.rowcount, 1)
        equal(other.cursor().execute("SELECT count(*) FROM odbc_item").fetchval(), 0)
        other.rollback()
        db.commit()
        equal(other.cursor().execute("SELECT count(*) FROM odbc_item").fetchval(), 1)
        other.rollback()  # otherwise its lock stops the DROP below
        c.execute("UPDATE odbc_item SET price = 1")
        db.rollback()
        equal(c.execute("SELECT price FROM odbc_item").fetchval(), D("9.50"))
        c.executemany("INSERT INTO odbc_item VALUES (?, ?, ?, ?)", [(n, f"item {n}", D("1.25"), None) for n in range(2, 30)])
        equal(tuple(c.execute("SELECT count(*), sum(price) FROM odbc_item").fetchone()), (29, D("44.50")))
        db.rollback()
        equal(c.execute("SELECT count(*) FROM odbc_item").fetchval(), 1)
        db.rollback()
        c.execute("DROP TABLE odbc_line")
        c.execute("DROP TABLE odbc_item")


@check
def writing_while_a_cursor_is_open_works():
    with connect() as db:
        reader, writer = db.cursor(), db.cursor()
        writer.execute("CREATE TEMPORARY TABLE odbc_seen (n integer)")
        reader.execute("SELECT g FROM generate_series(1, 400) g")
        for number in range(1, 251):
            equal(reader.fetchval(), number)
            if number % 50 == 0:
                writer.execute("INSERT INTO odbc_seen VALUES (?)", number)
        equal(len(reader.fetchall()), 150)
        equal([row[0] for row in writer.execute("SELECT n FROM odbc_seen ORDER BY n")], [50, 100, 150, 200, 250])


@check
def tables_are_listed():
    with connect() as db:
        c = db.cursor()
        make_tables(c)
        c.execute("CREATE VIEW odbc_view AS SELECT id FROM odbc_item")
        names = ("table_cat", "table_schem", "table_name", "table_type")
        equal(described(c.tables(schema="in_c_sales"), *names), [(database, "in_c_sales", "customers", "TABLE"),
                                                                (database, "in_c_sales", "orders", "TABLE")])
        equal(described(c.tables(table="odbc_%"), *names[1:]), [("public", "odbc_item", "TABLE"), ("public", "odbc_line", "TABLE"),
                                                               ("public", "odbc_view", "VIEW")])
        equal(described(c.tables(table="odbc_%", tableType="VIEW"), "table_name"), [("odbc_view",)])
        system = described(c.tables(schema="pg_catalog", tableType="SYSTEM TABLE"), "table_name")
        equal(("pg_class",) in system, True)
        schemas = described(c.tables(catalog="", schema="%", table=""), "table_schem")
        equal({("in_c_sales",), ("public",)} <= set(schemas), True)
        db.rollback()


@check
def columns_are_described():
    with connect() as db:
        c = db.cursor()
        make_tables(c)
        names = ("column_name", "type_name", "data_type", "column_size", "decimal_digits", "nullable", "ordinal_position")
        equal(described(c.columns(table="odbc_item"), *names), [
            ("id", "int4", pyodbc.SQL_INTEGER, 10, 0, 0, 1), ("label", "text", pyodbc.SQL_WLONGVARCHAR, 8190, None, 0, 2),
            ("price", "numeric", pyodbc.SQL_NUMERIC, 12, 2, 1, 3), ("made", "timestamp", pyodbc.SQL_TYPE_TIMESTAMP, 26, 6, 1, 4)])
        equal(described(c.columns(schema="in_c_sales", table="customers"), "column_name", "type_name"),
              [("id", "int8"), ("name", "text"), ("city", "text")])
        equal(described(c.columns(schema="in_c_sales", table="orders", column="amount"), "column_name"), [("amount",)])
        db.rollback()


@check
def keys_and_indexes_are_found():
    with connect() as db:
        c = db.cursor()
        make_tables(c)
        c.execute("CREATE INDEX odbc_line_note ON odbc_line (note)")
        equal(described(c.primaryKeys("odbc_item"), "table_schem", "table_name", "column_name", "key_seq", "pk_name"),
              [("public", "odbc_item", "id", 1, "odbc_item_pkey")])
        names = ("pktable_name", "pkcolumn_name", "fktable_name", "fkcolumn_name", "key_seq")
        equal(described(c.foreignKeys(foreignTable="odbc_line"), *names), [("odbc_item", "id", "odbc_line", "item", 1)])
        equal(described(c.foreignKeys(table="odbc_item"), *names), [("odbc_item", "id", "odbc_line", "item", 1)])
        found = described(c.statistics("odbc_line"), "index_name", "non_unique", "ordinal_position", "column_name")
        equal(sorted(row for row in found if row[0] is not None), [
            ("odbc_line_item_pos_key", 0, 1, "item"), ("odbc_line_item_pos_key", 0, 2, "pos"), ("odbc_line_note", 1, 1, "note")])
        equal(c.rowIdColumns("odbc_item").fetchall(), [])  # the driver knows row identifiers of tables with OIDs only
        equal(c.primaryKeys("customers", schema="in_c_sales").fetchall(), [])
        db.rollback()


@check
def types_procedures_and_privileges_are_listed():
    with connect() as db:
        c = db.cursor()
        types = dict(described(c.getTypeInfo(), "type_name", "data_type"))
        # of a name's several codes the last stays: 11 is SQL_TIMESTAMP of ODBC 2
        equal((types["int8"], types["numeric"], types["timestamptz"]), (pyodbc.SQL_BIGINT, pyodbc.SQL_NUMERIC, 11))
        equal(described(c.getTypeInfo(pyodbc.SQL_INTEGER), "type_name")[0], ("int4",))
        equal(c.procedures(schema="public").fetchall(), [])
        equal(len(c.procedures("upper", schema="pg_catalog").fetchall()) >= 1, True)


@check
def tableau_s_temporary_tables_and_probes_work():
    with connect() as db:
        c = db.cursor()
        c.execute('CREATE LOCAL TEMPORARY TABLE "#Tableau_1_Connect" ("COL" INTEGER) ON COMMIT PRESERVE ROWS')
        c.execute('INSERT INTO "#Tableau_1_Connect" VALUES (1)')
        equal(c.execute('SELECT "COL" FROM "#Tableau_1_Connect"').fetchval(), 1)
        c.execute('CREATE TEMPORARY TABLE "#Tableau_2" AS SELECT 1 AS "x"')
        equal(c.execute('SELECT "x" FROM "#Tableau_2"').fetchval(), 1)
        c.execute('DROP TABLE "#Tableau_1_Connect"')
        rows = c.execute(
            'SELECT CAST("orders"."customer_id" AS TEXT) AS "customer", SUM("orders"."amount") AS "sum:amount:ok", '
            'DATE_TRUNC(\'MONTH\', CAST("orders"."ordered_at" AS TIMESTAMP)) AS "tmn:ordered_at:ok" '
            'FROM "in_c_sales"."orders" "orders" GROUP BY 1, 3 ORDER BY 1').fetchall()
        equal([tuple(row) for row in rows][0], ("1", 325.0, dt.datetime(2025, 1, 1)))
        c.execute("SELECT * FROM in_c_sales.orders LIMIT 0")
        equal(([column[0] for column in c.description], c.fetchall()), (["id", "customer_id", "amount", "ordered_at", "note"], []))
        db.rollback()


@check
def select_into_makes_a_table_outside_of_a_cursor():
    with connect(UseDeclareFetch="0") as db:
        c = db.cursor()
        c.execute("SELECT id, name INTO TEMP TABLE odbc_into FROM in_c_sales.customers")
        equal(c.execute("SELECT count(*) FROM odbc_into").fetchval(), 4)
    with connect() as db:  # the driver declares a cursor for it, which PostgreSQL does not allow either
        raises("42601", lambda: db.cursor().execute("SELECT id INTO TEMP TABLE odbc_into FROM in_c_sales.customers"), code)


@check
def errors_carry_sqlstate():
    with connect() as db:
        c = db.cursor()
        for sqlstate, statement in [("42P01", "SELECT * FROM nope"), ("42703", "SELECT nope FROM in_c_sales.orders"),
                                    ("42601", "SELEC 1"), ("22012", "SELECT 1 / (id - 1) FROM in_c_sales.customers"),
                                    ("22P02", "SELECT CAST('x' AS integer)")]:
            raises(sqlstate, lambda statement=statement: c.execute(statement).fetchall(), code)
            db.rollback()
        # Protocol=7.4-2 keeps the transaction after an error by savepoints; with -0, PostgreSQL's own rule holds
        with connect(Protocol="7.4-0") as strict:
            d = strict.cursor()
            raises("42P01", lambda: d.execute("SELECT * FROM nope"), code)
            raises("25P02", lambda: d.execute("SELECT 1"), code)
            strict.rollback()
            equal(d.execute("SELECT 1").fetchval(), 1)


@check
def an_error_rolls_back_its_statement_only():
    """The driver sets a savepoint before each statement (Protocol 7.4-2). At an error it goes back to it."""
    with connect(Protocol="7.4-2") as db:
        c = db.cursor()
        equal(c.execute("SELECT 1").fetchval(), 1)
        raises("42P01", lambda: c.execute("SELECT * FROM nope"), code)
        equal(c.execute("SELECT 2").fetchval(), 2)


@check
def cancel_ends_a_running_statement():
    with connect(UseDeclareFetch="0") as db:
        c = db.cursor()
        timer = threading.Timer(0.5, c.cancel)
        timer.start()
        raises("57014", lambda: c.execute("SELECT count(*) FROM generate_series(1, 100000000000) g"), code)
        timer.join()
        db.rollback()
        equal(db.cursor().execute("SELECT 1").fetchval(), 1)


@check
def the_driver_s_other_modes_work():
    for options in [{"UseServerSidePrepare": "0"}, {"UseDeclareFetch": "0"}, {"ByteaAsLongVarBinary": "1"}, {"LFConversion": "0"},
                    {"ReadOnly": "1"}, {"ConnSettings": "set+search_path+to+in_c_sales"}, {"RowVersioning": "1"}]:
        with connect(**options) as db:
            rows = db.cursor().execute("SELECT id, amount FROM in_c_sales.orders WHERE id > ? ORDER BY id", 10).fetchall()
            equal((len(rows), tuple(rows[0])), (90, (11, 2.75)))


run("psqlodbc")
