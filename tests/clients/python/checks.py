"""What the check programs share: each check is a function; a line is printed for it, `ok NAME` or `not ok NAME: REASON`."""
import os
import sys
import traceback

conninfo = "host={PGHOST} port={PGPORT} dbname={PGDATABASE} user={PGUSER} password={PGPASSWORD} sslmode=require".format(**os.environ)
sqlalchemy_url = "{user}:{password}@{host}:{port}/{database}".format(
    user=os.environ["PGUSER"], password=os.environ["PGPASSWORD"], host=os.environ["PGHOST"],
    port=os.environ["PGPORT"], database=os.environ["PGDATABASE"])

_checks = []


def check(function):
    _checks.append(function)
    return function


def equal(actual, expected):
    if actual != expected or type(actual) is not type(expected):
        raise AssertionError(f"{actual!r}, expected {expected!r}")


def raises(sqlstate, function, sqlstate_of):
    try:
        function()
    except Exception as error:  # noqa: BLE001 -- the driver's own class is what is looked at
        equal(sqlstate_of(error), sqlstate)
        return error
    raise AssertionError(f"no error, expected {sqlstate}")


def run(prefix):
    failed = False
    for function in _checks:
        name = f"{prefix} {function.__name__.replace('_', ' ')}"
        try:
            function()
            print(f"ok {name}", flush=True)
        except Exception as error:  # noqa: BLE001
            failed = True
            last = traceback.extract_tb(error.__traceback__)
            line = next((frame.lineno for frame in last if frame.filename == sys.argv[0]), 0)
            print(f"not ok {name}: line {line}: {type(error).__name__}: {str(error).strip()[:300]!r}", flush=True)
    sys.exit(1 if failed else 0)
