/**
 * The program's entry: parses the subcommand. A worker is dispatched before anything else is loaded, as it must start
 * fast and stay small; everything else is the command line of `src/cli/`.
 */
const [subcommand, ...parameters] = Deno.args;
if (subcommand === "worker") {
  // Not a literal: the server, which starts from here too, would hold the texts of a worker's modules.
  const worker = import.meta.url.replace(/main\.(\w+)$/, "worker.$1");
  await import(worker);
} else if (subcommand === "self-signed-certificate") {
  const { runCertificate } = await import("./src/pgwire/certificate_process.ts");
  await runCertificate(parameters);
} else {
  const { runCli } = await import("./src/cli/cli.ts");
  Deno.exit(await runCli(Deno.args));
}
