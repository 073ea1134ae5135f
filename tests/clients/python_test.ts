/** Python: psycopg2, psycopg 3, asyncpg and SQLAlchemy with pandas. */
import { fileURLToPath } from "node:url";
import { clientBench, clientsFolder, testProgram } from "./check_program.ts";

const bench = clientBench();
const python = `${clientsFolder}python/bin/python`;

function testPython(client: string, file: string, checksMin: number): void {
  const program = fileURLToPath(new URL(`./python/${file}.py`, import.meta.url));
  testProgram(bench, {
    client,
    command: [python, program],
    environment: { PYTHONDONTWRITEBYTECODE: "1" },
    checksMin,
  });
}

testPython("psycopg2", "check_psycopg2", 9);
testPython("psycopg 3", "check_psycopg", 14);
testPython("asyncpg", "check_asyncpg", 9);
testPython("SQLAlchemy and pandas", "check_sqlalchemy", 7);
