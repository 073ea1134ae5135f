/** Go: pgx and lib/pq. */
import { clientBench, clientsFolder, testProgram } from "./check_program.ts";

const bench = clientBench();

testProgram(bench, { client: "pgx", command: [`${clientsFolder}go/check_pgx`], checksMin: 33 });
testProgram(bench, { client: "lib/pq", command: [`${clientsFolder}go/check_libpq`], checksMin: 17 });
