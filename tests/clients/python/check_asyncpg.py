import asyncio
import datetime as dt
import decimal
import os
import ssl
import uuid

import asyncpg
from checks import check, equal, run

D = decimal.Decimal


def tls():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def with_connection(body):
    async def work():
        db = await asyncpg.connect(host=os.environ["PGHOST"], port=int(os.environ["PGPORT"]), user=os.environ["PGUSER"],
                                   password=os.environ["PGPASSWORD"], database=os.environ["PGDATABASE"], ssl=tls())
        try:
            await body(db)
        finally:
            await db.close()

    asyncio.run(work())


@check
def values_of_every_type_come_and_go():
    values = [True, 1, 2**40, 1.5, D("12.50"), "žluť", b"\x00\xff", dt.date(2024, 2, 29), dt.time(10, 20, 30),
              dt.datetime(2024, 1, 2, 3, 4, 5, 6), dt.datetime(2024, 1, 2, tzinfo=dt.timezone.utc), dt.timedelta(days=1, hours=2),
              uuid.UUID(int=5), [1, 2, 3], ["a", None], None]
    types = ["bool", "int", "bigint", "float8", "numeric(10,2)", "text", "bytea", "date", "time", "timestamp", "timestamptz",
             "interval", "uuid", "int[]", "text[]", "text"]

    async def body(db):
        row = await db.fetchrow("SELECT " + ", ".join(f"${i + 1}::{t}" for i, t in enumerate(types)), *values)
        equal([v if not isinstance(v, asyncpg.pgproto.pgproto.UUID) else uuid.UUID(str(v)) for v in row], values)

    with_connection(body)


@check
def transactions_and_savepoints_work():
    async def body(db):
        async with db.transaction():
            equal(await db.fetchval("SELECT 1"), 1)
            try:
                async with db.transaction():
                    await db.execute("SELECT * FROM nope")
            except asyncpg.UndefinedTableError:
                pass
            equal(await db.fetchval("SELECT 2"), 2)

    with_connection(body)


@check
def cursors_iterate():
    async def body(db):
        async with db.transaction():
            total = 0
            async for row in db.cursor("SELECT g FROM generate_series(1, 1000) g", prefetch=100):
                total += row[0]
            equal(total, 500500)

    with_connection(body)


@check
def prepared_statements_describe_themselves():
    async def body(db):
        statement = await db.prepare("SELECT id, name FROM in_c_sales.customers WHERE id = $1")
        equal([a.name for a in statement.get_attributes()], ["id", "name"])
        equal((await statement.fetchrow(1))["name"], "Ada")

    with_connection(body)


@check
def copy_records_in_and_out():
    async def body(db):
        await db.execute("DROP TABLE IF EXISTS apg")
        await db.execute("CREATE TABLE apg (a int, b text, c timestamp)")
        await db.copy_records_to_table("apg", records=[(1, "x", dt.datetime(2024, 1, 1)), (2, None, None)])
        equal(await db.fetchval("SELECT count(*) FROM apg"), 2)
        out = bytearray()

        async def sink(data):
            out.extend(data)

        await db.copy_from_query("SELECT a, b FROM apg ORDER BY a", output=sink, format="csv")
        equal(bytes(out), b"1,x\n2,\n")
        await db.execute("DROP TABLE apg")

    with_connection(body)


@check
def executemany_and_errors():
    async def body(db):
        await db.execute("DROP TABLE IF EXISTS apg2")
        await db.execute("CREATE TABLE apg2 (a int PRIMARY KEY)")
        await db.executemany("INSERT INTO apg2 VALUES ($1)", [(n,) for n in range(50)])
        equal(await db.fetchval("SELECT count(*) FROM apg2"), 50)
        try:
            await db.execute("INSERT INTO apg2 VALUES (1)")
        except asyncpg.UniqueViolationError:
            pass
        else:
            raise AssertionError("no UniqueViolationError")
        await db.execute("DROP TABLE apg2")

    with_connection(body)


@check
def enums_are_introspected():
    async def body(db):
        await db.execute("CREATE TYPE apgmood AS ENUM ('sad', 'ok')")
        equal(await db.fetchval("SELECT 'ok'::apgmood"), "ok")
        await db.execute("DROP TYPE apgmood")

    with_connection(body)


@check
def a_timeout_cancels_the_statement():
    async def body(db):
        try:
            await db.fetchval("SELECT count(*) FROM generate_series(1, 100000000000) g", timeout=0.3)
        except (asyncio.TimeoutError, TimeoutError):
            pass
        else:
            raise AssertionError("no timeout")
        equal(await db.fetchval("SELECT 1"), 1)

    with_connection(body)


@check
def listeners_hear():
    async def body(db):
        heard = asyncio.get_running_loop().create_future()
        await db.add_listener("apg", lambda *message: heard.set_result(message[3]))
        await db.execute("NOTIFY apg, 'hello'")
        equal(await asyncio.wait_for(heard, 10), "hello")

    with_connection(body)


run("asyncpg")
