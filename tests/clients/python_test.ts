/** Python: psycopg2, psycopg 3, asyncpg, SQLAlchemy with pandas, pgcli's queries, DuckDB's own postgres extension, and psqlodbc through pyodbc. */
import { fileURLToPath } from "node:url";
import { type CheckProgram, clientBench, clientsFolder, testProgram } from "./check_program.ts";

const bench = clientBench();
const python = `${clientsFolder}python/bin/python`;

function testPython(
  client: string,
  file: string,
  checksMin: number,
  more: Partial<CheckProgram> = {},
): void {
  const program = fileURLToPath(new URL(`./python/${file}.py`, import.meta.url));
  testProgram(bench, {
    client,
    command: [python, program],
    environment: { PYTHONDONTWRITEBYTECODE: "1" },
    checksMin,
    ...more,
  });
}

testPython("psycopg2", "check_psycopg2", 9);
testPython("psycopg 3", "check_psycopg", 14);
testPython("asyncpg", "check_asyncpg", 9);
testPython("SQLAlchemy and pandas", "check_sqlalchemy", 7);
testPython("pgcli", "check_pgcli", 12);
testPython("DuckDB's postgres extension", "check_duckdb", 9);
testPython("psqlodbc", "check_pyodbc", 20, {
  needs: [odbcDriver()],
});

/** Where Debian and others put it; the first place is named when there is none. */
function odbcDriver(): string {
  const places = ["/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so", "/usr/lib/aarch64-linux-gnu/odbc/psqlodbcw.so"];
  return places.find((place) => exists(place)) ?? places[0]!;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
