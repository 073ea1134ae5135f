/** Rust: tokio-postgres. */
import { clientBench, clientsFolder, testProgram } from "./check_program.ts";

testProgram(clientBench(), {
  client: "tokio-postgres",
  command: [`${clientsFolder}rust/release/check_tokio_postgres`],
  checksMin: 23,
});
