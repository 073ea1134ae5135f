/** Node.js: pg (with its cursors, streams and COPY) and postgres.js. */
import { fileURLToPath } from "node:url";
import { clientBench, clientsFolder, testProgram } from "./check_program.ts";

const bench = clientBench();

function testNode(client: string, file: string, checksMin: number): void {
  const program = fileURLToPath(new URL(`./node/${file}.mjs`, import.meta.url));
  testProgram(bench, { client, command: ["node", program], needs: [`${clientsFolder}node/node_modules`], checksMin });
}

testNode("pg", "check_pg", 21);
testNode("postgres.js", "check_postgres", 19);
