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
): void {
  testProgram(bench, {
    client,
    command: ["java", "-XX:TieredStopAtLevel=1", "-cp", driver, launcher, program],
    needs: [driver],
    checksMin,
  });
}

testJava("JDBC values", "CheckValues", 25);
testJava("JDBC statements", "CheckStatements", 25);
testJava("JDBC metadata", "CheckMetadata", 44);
testJava("JDBC tools", "CheckTools", 110);
