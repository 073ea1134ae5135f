/**
 * For the policy's tests: a DuckDB instance set up as a worker's, in a temporary project folder that holds what must
 * not be reached: a CSV, a JSON and a Parquet file with a marker, a project table's version file, another workspace's
 * file.
 */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { PolicyContext } from "./relations.ts";

export const database = "workspace_ws_0a1b2c3d4e5f";
/** Stands in every file of the folder, and in no answer that a workspace may get. */
export const marker = "marker-of-a-file";

const projectTables: ReadonlySet<string> = new Set(["in_c_sales.orders", "in_c_sales.customers", "out_c_report.daily"]);

export const context: PolicyContext = {
  database,
  projectSchemas: new Set(["in_c_sales", "out_c_report"]),
  searchPath: [`${database}.main`, "project.in_c_sales", "project.out_c_report"],
  isProjectTable: (schema, name) =>
    schema === null
      ? [...projectTables].some((table) => table.endsWith(`.${name.toLowerCase()}`))
      : projectTables.has(`${schema}.${name}`.toLowerCase()),
};

export interface TestInstance extends AsyncDisposable {
  readonly folder: string;
  connect(): Promise<DuckDBConnection>;
  /** Names of all files in the project folder, to see whether a statement left one. */
  files(): string[];
}

async function runAll(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await connection.run(statement);
}

/** The search path that a session begins with. */
export const searchPathStatement = `SET search_path = '${context.searchPath.join(",")}'`;

export async function makeTestInstance(): Promise<TestInstance> {
  const root = await Deno.makeTempDir({ prefix: "eider_policy_" });
  const folder = `${root}/project_1`;
  await Deno.mkdir(`${folder}/in_c_sales`, { recursive: true });
  await Deno.mkdir(`${folder}/_tmp`);
  await Deno.writeTextFile(`${folder}/x.csv`, `a,b\n1,${marker}\n`);
  await Deno.writeTextFile(`${folder}/x.json`, `{"a": 1, "b": "${marker}"}\n`);
  const maker = await DuckDBInstance.create(":memory:");
  const make = await maker.connect();
  const table = (path: string) => [
    `ATTACH '${path}' AS f`,
    `CREATE TABLE f.data AS SELECT range::INTEGER AS id, 'name ' || range AS name, range * 1.5 AS amount FROM range(20)`,
    `DETACH f`,
  ];
  for (const name of ["orders", "customers", "daily"]) {
    await runAll(make, table(`${folder}/in_c_sales/${name}.v1.duckdb`));
  }
  await runAll(make, [
    `COPY (SELECT 1 AS a, '${marker}' AS b) TO '${folder}/x.parquet' (FORMAT parquet)`,
    `ATTACH '${folder}/other.duckdb' AS f`,
    `CREATE TABLE f.data AS SELECT '${marker}' AS b`,
    `DETACH f`,
  ]);
  make.closeSync();
  maker.closeSync();
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const setup = await instance.connect();
  await runAll(setup, [
    `SET temp_directory = '${folder}/_tmp'`,
    `SET allowed_directories = ['${folder}']`,
    "SET autoload_known_extensions = false",
    "SET autoinstall_known_extensions = false",
    "SET enable_external_access = false",
    `ATTACH '${folder}/ws.duckdb' AS ${database}`,
    "ATTACH ':memory:' AS project",
    "CREATE SCHEMA project.in_c_sales",
    "CREATE SCHEMA project.out_c_report",
  ]);
  let number = 0;
  for (const qualified of projectTables) {
    const alias = `__t${++number}_v1`;
    const name = qualified.split(".")[1]!;
    await setup.run(`ATTACH '${folder}/in_c_sales/${name}.v1.duckdb' AS ${alias} (READ_ONLY)`);
    await setup.run(`CREATE VIEW project.${qualified} AS SELECT * FROM ${alias}.main.data`);
  }
  setup.closeSync();
  const files = (path = folder): string[] =>
    [...Deno.readDirSync(path)].flatMap((entry) =>
      entry.isDirectory ? files(`${path}/${entry.name}`) : [`${path}/${entry.name}`]
    ).filter((name) => !name.endsWith(".wal")).sort();
  return {
    folder,
    files: () => files(),
    async connect() {
      const connection = await instance.connect();
      await connection.run(searchPathStatement);
      return connection;
    },
    async [Symbol.asyncDispose]() {
      instance.closeSync();
      await Deno.remove(root, { recursive: true });
    },
  };
}
