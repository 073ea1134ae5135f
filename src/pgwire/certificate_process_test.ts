import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseCertificatePair } from "./certificate_pair.ts";
import { type ProgramCommand, selfSignedCertificate } from "./certificate_process.ts";

const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
const program: ProgramCommand = { executable: Deno.execPath(), args: ["run", "-A", "--quiet", "--no-check", main] };

for (
  const [name, command] of [
    ["made by a process of its own", program],
    ["made here when the other process fails", { executable: Deno.execPath(), args: ["--no-such-flag"] }],
    ["made here when there is no such program", { executable: "/nowhere/eider", args: [] }],
  ] as const
) {
  Deno.test(`a self-signed pair is ${name}, once`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      const options = { directory: join(directory, "certs"), publicHost: "db.example", nowMs: Date.now() };
      const paths = await selfSignedCertificate(options, command);
      const read = () => [Deno.readTextFileSync(paths.certificatePath), Deno.readTextFileSync(paths.privateKeyPath)];
      const [certificate = "", key = ""] = read();
      assert.ok(parseCertificatePair(certificate, key).validToMs > Date.now());
      assert.deepEqual(await selfSignedCertificate(options, command), paths);
      assert.deepEqual(read(), [certificate, key]);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
}
