/**
 * Makes the self-signed certificate in a process of its own, once in a server's life: the library for it costs 22 MB, which
 * the server would keep. `eider self-signed-certificate OPTIONS`, with `SelfSignedOptions` as JSON.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type CertificatePaths, ensureSelfSignedCertificate, type SelfSignedOptions } from "./certificate.ts";

/** The program itself: executable and leading arguments. */
export interface ProgramCommand {
  readonly executable: string;
  readonly args: readonly string[];
}

/** The paths of a usable pair. When the other process cannot make it, this one does. */
export async function selfSignedCertificate(
  options: SelfSignedOptions,
  program: ProgramCommand,
): Promise<CertificatePaths> {
  if (!existsSync(join(options.directory, "server.crt"))) {
    try {
      await new Deno.Command(program.executable, {
        args: [...program.args, "self-signed-certificate", JSON.stringify(options)],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).output();
    } catch {
      // No process can be started: the pair is made here.
    }
  }
  return await ensureSelfSignedCertificate(options);
}

/** The other process's main function. */
export async function runCertificate(commandLine: readonly string[]): Promise<void> {
  await ensureSelfSignedCertificate(JSON.parse(commandLine[0] ?? "{}") as SelfSignedOptions);
}
