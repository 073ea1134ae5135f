"""pgcli's own code without its terminal: its executor, its completion queries, its backslash commands."""
import os

import pgspecial
from checks import check, conninfo, equal, run
from pgcli.completion_refresher import CompletionRefresher
from pgcli.pgcompleter import PGCompleter
from pgcli.pgexecute import PGExecute
from prompt_toolkit.document import Document

definitions = [
    "DROP VIEW IF EXISTS cli_cheap",
    "DROP TABLE IF EXISTS cli_part",
    "DROP TABLE IF EXISTS cli_item",
    "DROP TYPE IF EXISTS cli_mood",
    "CREATE TABLE cli_item (id integer PRIMARY KEY, label text NOT NULL, price numeric(12,2) DEFAULT 0)",
    "CREATE TABLE cli_part (item integer REFERENCES cli_item (id), note text)",
    "CREATE VIEW cli_cheap AS SELECT id, label FROM cli_item WHERE price < 10",
    "CREATE TYPE cli_mood AS ENUM ('sad', 'ok')",
]


def executor():
    return PGExecute(dsn=conninfo)


_prepared = []


def prepared():
    """An executor in a workspace that has the tables above."""
    if not _prepared:
        made = executor()
        for statement in definitions:
            list(made.run(statement))
        _prepared.append(made)
    return _prepared[0]


def answer(made, statement, special=None):
    """Rows of the only result."""
    (title, rows, headers, status, *_), = made.run(statement, special)
    return [tuple(row) for row in rows] if rows is not None else status


@check
def connects_and_knows_where_it_is():
    made = executor()
    equal((made.dbname, made.user, made.host), (os.environ["PGDATABASE"], os.environ["PGUSER"], os.environ["PGHOST"]))
    equal(made.superuser, False)
    equal(made.is_virtual_database(), False)
    equal(made.transaction_indicator, "")


@check
def statements_and_transactions_run():
    made = executor()
    equal(answer(made, "SELECT name FROM in_c_sales.customers WHERE id = 1;"), [("Ada",)])
    equal([result[3] for result in made.run("BEGIN; SELECT count(*) FROM in_c_sales.orders; COMMIT;")], ["BEGIN", "SELECT 1", "COMMIT"])
    list(made.run("BEGIN"))
    equal(made.transaction_indicator, "*")
    failed = list(made.run("SELECT * FROM nope", exception_formatter=lambda error: error.sqlstate))
    equal((failed[0][3], made.transaction_indicator), ("42P01", "!"))
    list(made.run("ROLLBACK"))
    equal(made.transaction_indicator, "")


@check
def dates_that_python_cannot_hold_come_as_text():
    made = executor()
    equal(answer(made, "SELECT DATE '0044-03-15 BC', TIMESTAMP '12000-01-01'"), [("0044-03-15 BC", "12000-01-01 00:00:00")])


@check
def search_path_schemas_and_databases_are_listed():
    made = prepared()
    equal("public" in made.search_path(), True)
    equal({"public", "in_c_sales", "pg_catalog", "information_schema"} <= set(made.schemata()), True)
    equal(os.environ["PGDATABASE"] in made.databases(), True)
    rows, headers, _ = made.full_databases()
    equal(headers, ["Name", "Owner", "Encoding", "Collate", "Ctype", "Access privileges"])
    equal([row[2] for row in rows if row[0] == os.environ["PGDATABASE"]], ["UTF8"])


@check
def tables_views_and_columns_are_listed():
    made = prepared()
    tables = set(made.tables())
    equal({("in_c_sales", "customers"), ("in_c_sales", "orders"), ("public", "cli_item"), ("pg_catalog", "pg_class")} <= tables, True)
    equal(("public", "cli_cheap") in set(made.views()), True)
    equal([row for row in made.table_columns() if row[1] in ("cli_item", "cli_part")], [
        ("public", "cli_item", "id", "integer", False, None), ("public", "cli_item", "label", "text", False, None),
        ("public", "cli_item", "price", "numeric", True, "0"), ("public", "cli_part", "item", "integer", False, None),
        ("public", "cli_part", "note", "text", False, None)])
    equal([row[2:4] for row in made.table_columns() if row[:2] == ("in_c_sales", "customers")],
          [("id", "bigint"), ("name", "text"), ("city", "text")])
    equal([row[2:4] for row in made.view_columns() if row[1] == "cli_cheap"], [("id", "integer"), ("label", "text")])


@check
def foreign_keys_are_found():
    found = [tuple(key) for key in prepared().foreignkeys() if key.childtable == "cli_part"]
    equal(found, [("public", "cli_item", "id", "public", "cli_part", "item")])


@check
def functions_and_types_are_listed():
    made = prepared()
    functions = list(made.functions())
    upper = [function for function in functions if function.schema_name == "pg_catalog" and function.func_name == "upper"]
    equal(len(upper) >= 1, True)
    equal([function.return_type for function in upper if list(function.arg_types) == ["text"]], ["text"])
    counts = {function.func_name for function in functions if function.is_aggregate}
    equal({"count", "sum", "max"} <= counts, True)
    equal(("public", "cli_mood") in set(made.datatypes()), True)
    equal(isinstance(list(made.casing()), list), True)


@check
def a_view_s_definition_is_shown():
    text = prepared().view_definition("cli_cheap")
    equal(text.startswith('CREATE OR REPLACE VIEW "public"."cli_cheap" AS'), True)
    equal("cli_item" in text and "price" in text, True)


@check
def the_refresher_s_completions_know_tables_and_columns():
    made = prepared()
    completer = PGCompleter(smart_completion=True, pgspecial=pgspecial.PGSpecial(), settings={"casing_file": None})
    for refresh in CompletionRefresher.refreshers.values():
        refresh(completer, made)

    def suggested(text):
        return {completion.text for completion in completer.get_completions(Document(text, len(text)), None)}

    equal({"customers", "orders"} <= suggested("SELECT * FROM in_c_sales."), True)
    equal("cli_item" in suggested("SELECT * FROM cli"), True)
    equal({"label", "price"} <= suggested("SELECT * FROM cli_item i WHERE i."), True)
    equal(any("cli_part" in text for text in suggested("SELECT * FROM cli_item JOIN ")), True)


@check
def backslash_commands_are_answered():
    made, special = prepared(), pgspecial.PGSpecial()
    for command in [r"\l", r"\l+", r"\du", r"\dp", r"\ddp", r"\db", r"\dn", r"\dn+", r"\dx", r"\dt", r"\dt+", r"\dt in_c_sales.*",
                    r"\dv", r"\dm", r"\ds", r"\di", r"\di+", r"\df", r"\df+ upper", r"\dT", r"\dT+", r"\dD", r"\dF", r"\d", r"\d+",
                    r"\d cli_item", r"\d+ cli_item", r"\d cli_part", r"\d+ cli_cheap", r"\d in_c_sales.orders", r"\dE"]:
        try:
            results = [(title, list(rows) if rows is not None else None) for title, rows, *_ in made.run(command, special)]
        except Exception as error:
            raise AssertionError(f"{command}: {type(error).__name__}: {error}") from error
        equal(len(results) >= 1, True)
    (_, rows, headers, _, *_), = made.run(r"\dt cli_*", special)
    equal([tuple(row)[:3] for row in rows], [("public", "cli_item", "table"), ("public", "cli_part", "table")])
    (_, rows, _, status, *_), = made.run(r"\d cli_part", special)
    equal([tuple(row)[:2] for row in rows], [("item", "integer"), ("note", "text")])
    equal("FOREIGN KEY (item) REFERENCES cli_item(id)" in status, True)


@check
def an_explained_statement_answers_its_plan():
    made = prepared()
    (_, rows, headers, *_), = made.run("EXPLAIN SELECT * FROM in_c_sales.orders")
    equal((headers, len(list(rows)) >= 1), (["QUERY PLAN"], True))


@check
def what_was_made_is_dropped():
    made = prepared()
    for statement in definitions[:4]:
        equal(answer(made, statement).startswith("DROP"), True)


run("pgcli")
