/** JDBC: values, statements, DatabaseMetaData, and the queries that DBeaver, DataGrip, Tableau and Metabase send through it. */
import { fileURLToPath } from "node:url";
import { clientBench, clientsFolder, testProgram } from "./check_program.ts";

const bench = clientBench();
const driver = `${clientsFolder}java/postgresql.jar`;
const launcher = fileURLToPath(new URL("./java/Launch.java", import.meta.url));

function testJava(
  client: string,
  program: string,
  checksMin: number,
  knownDifferences: Readonly<Record<string, string>> = {},
): void {
  testProgram(bench, {
    client,
    command: ["java", "-XX:TieredStopAtLevel=1", "-cp", driver, launcher, program],
    needs: [driver],
    checksMin,
    knownDifferences,
  });
}

testJava("JDBC values", "CheckValues", 25);
testJava("JDBC statements", "CheckStatements", 25, {
  "JDBC statements: TLS with channel binding and a plain isValid": "there is no pg_stat_ssl yet",
});
testJava("JDBC metadata", "CheckMetadata", 44);
testJava("JDBC tools", "CheckTools", 110, {
  "JDBC dbeaver: encodings": "pg_conversion has no rows: DuckDB converts no encodings",
  "JDBC datagrip: table with ctid": "a row has no ctid in DuckDB",
});
