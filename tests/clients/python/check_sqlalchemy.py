import datetime as dt
import decimal

import pandas
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from checks import check, equal, run, sqlalchemy_url

engines = {
    "psycopg2": sa.create_engine(f"postgresql+psycopg2://{sqlalchemy_url}?sslmode=require"),
    "psycopg": sa.create_engine(f"postgresql+psycopg://{sqlalchemy_url}?sslmode=require"),
}


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "sa_author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), unique=True)
    born: Mapped[dt.date | None]
    books: Mapped[list["Book"]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "sa_book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    price: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(10, 2))
    tags: Mapped[list[str]] = mapped_column(sa.ARRAY(sa.String))
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("sa_author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


def each_driver(body):
    for name, engine in engines.items():
        try:
            body(engine)
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error


@check
def connects_and_reads():
    def body(engine):
        with engine.connect() as db:
            equal(db.execute(sa.text("SELECT count(*) FROM in_c_sales.orders WHERE id <= :n"), {"n": 10}).scalar(), 10)
            equal(engine.dialect.server_version_info >= (15,), True)

    each_driver(body)


@check
def the_orm_makes_tables_and_loads_objects():
    def body(engine):
        Base.metadata.drop_all(engine)
        Base.metadata.create_all(engine)
        with Session(engine) as session:
            ada = Author(name="Ada", born=dt.date(1815, 12, 10))
            ada.books = [Book(title="Notes", price=decimal.Decimal("9.50"), tags=["a", "b"]),
                         Book(title="More", price=decimal.Decimal("1.25"), tags=[])]
            session.add(ada)
            session.commit()
        with Session(engine) as session:
            book = session.scalars(sa.select(Book).where(Book.title == "Notes")).one()
            equal(book.author.name, "Ada")
            equal(book.price, decimal.Decimal("9.50"))
            equal(book.tags, ["a", "b"])
            equal(session.scalar(sa.select(sa.func.count()).select_from(Book)), 2)
            book.title = "Changed"
            session.commit()
            equal(session.scalars(sa.select(Book.title).order_by(Book.id)).all(), ["Changed", "More"])
        Base.metadata.drop_all(engine)

    each_driver(body)


@check
def the_inspector_reflects_own_tables():
    def body(engine):
        Base.metadata.create_all(engine)
        inspector = sa.inspect(engine)
        equal({"sa_author", "sa_book"} <= set(inspector.get_table_names()), True)
        equal(inspector.get_pk_constraint("sa_book")["constrained_columns"], ["id"])
        (key,) = inspector.get_foreign_keys("sa_book")
        equal((key["referred_table"], key["constrained_columns"]), ("sa_author", ["author_id"]))
        columns = {c["name"]: c for c in inspector.get_columns("sa_book")}
        equal(str(columns["price"]["type"]), "NUMERIC(10, 2)")
        equal(columns["title"]["nullable"], False)
        equal([u["column_names"] for u in inspector.get_unique_constraints("sa_author")], [["name"]])
        equal(inspector.get_indexes("sa_book"), [])
        inspector.get_check_constraints("sa_book")
        inspector.get_table_comment("sa_book")
        inspector.get_view_names()
        inspector.get_sequence_names()
        equal(inspector.has_table("sa_book"), True)
        equal(inspector.has_table("nope"), False)
        Base.metadata.drop_all(engine)

    each_driver(body)


@check
def the_project_s_schema_is_reflected_as_a_whole():
    def body(engine):
        equal("in_c_sales" in sa.inspect(engine).get_schema_names(), True)
        metadata = sa.MetaData()
        metadata.reflect(engine, schema="in_c_sales")
        equal(sorted(metadata.tables), ["in_c_sales.customers", "in_c_sales.orders"])
        orders = metadata.tables["in_c_sales.orders"]
        with engine.connect() as db:
            equal(db.execute(sa.select(sa.func.max(orders.c.id))).scalar(), 100)

    each_driver(body)


@check
def pandas_reads_and_writes():
    def body(engine):
        frame = pandas.read_sql("SELECT id, name, city FROM in_c_sales.customers ORDER BY id", engine)
        equal(frame.shape, (4, 3))
        equal(str(frame["id"].dtype), "int64")
        made = pandas.DataFrame({"n": [1, 2, 3], "x": [0.5, None, 2.5], "t": ["a", "b", None],
                                 "d": pandas.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"])})
        made.to_sql("pandas_frame", engine, index=False, if_exists="replace")
        back = pandas.read_sql_table("pandas_frame", engine)
        equal(back["n"].tolist(), [1, 2, 3])
        equal(back["x"].isna().tolist(), [False, True, False])
        equal(str(back["d"].dtype).startswith("datetime64"), True)
        made.to_sql("pandas_frame", engine, index=False, if_exists="append", method="multi")
        with engine.begin() as db:
            equal(db.execute(sa.text("SELECT count(*) FROM pandas_frame")).scalar(), 6)
            db.execute(sa.text("DROP TABLE pandas_frame"))

    each_driver(body)


@check
def isolation_levels_and_savepoints():
    def body(engine):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            equal(db.execute(sa.text("SELECT 1")).scalar(), 1)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as db:
            equal(db.get_isolation_level(), "REPEATABLE READ")
        with engine.begin() as db:
            try:
                with db.begin_nested():
                    db.execute(sa.text("SELECT * FROM nope"))
            except sa.exc.ProgrammingError:
                pass
            equal(db.execute(sa.text("SELECT 2")).scalar(), 2)

    each_driver(body)


@check
def stream_results():
    def body(engine):
        with engine.connect().execution_options(stream_results=True, yield_per=100) as db:
            result = db.execute(sa.text("SELECT g FROM generate_series(1, 2000) g"))
            equal(sum(row[0] for row in result), 2001000)

    each_driver(body)


run("SQLAlchemy")
