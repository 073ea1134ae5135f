/** dbt-postgres on a small project of its own: seeds, models, incremental runs, tests, snapshot, documentation. */
import { fileURLToPath } from "node:url";
import { clientBench, clientsFolder, testProgram } from "./check_program.ts";

testProgram(clientBench(), {
  client: "dbt-postgres",
  command: [`${clientsFolder}dbt/bin/python`, fileURLToPath(new URL("./dbt/check_dbt.py", import.meta.url))],
  environment: { PYTHONDONTWRITEBYTECODE: "1" },
  checksMin: 12,
});
