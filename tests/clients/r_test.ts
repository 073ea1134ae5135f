/** R: DBI with RPostgreSQL. */
import { fileURLToPath } from "node:url";
import { clientBench, testProgram } from "./check_program.ts";

const libraries = ["/usr/lib/R/site-library/RPostgreSQL", "/usr/local/lib/R/site-library/RPostgreSQL"];

testProgram(clientBench(), {
  client: "RPostgreSQL",
  command: ["Rscript", fileURLToPath(new URL("./r/check_rpostgresql.R", import.meta.url))],
  needs: [libraries.find((path) => exists(path)) ?? libraries[0]!],
  checksMin: 12,
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
