/**
 * The program's entry: parses the subcommand. A worker is dispatched before anything else is loaded, as it must start
 * fast and stay small; everything else is the command line of `src/cli/`.
 */
const [subcommand, ...parameters] = Deno.args;
if (subcommand === "worker") {
  const { runWorker } = await import("./src/worker/worker_main.ts");
  runWorker(parameters);
} else if (subcommand === "self-signed-certificate") {
  const { runCertificate } = await import("./src/pgwire/certificate_process.ts");
  await runCertificate(parameters);
} else {
  const { runCli } = await import("./src/cli/cli.ts");
  Deno.exit(await runCli(Deno.args));
}
