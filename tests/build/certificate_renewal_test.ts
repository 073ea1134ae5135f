/** A renewed certificate on a running server: its files are replaced, new connections get it, and nobody is interrupted. */
import { equal, notEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { TLSSocket } from "node:tls";
import { TestProject } from "../support/project.ts";
import { eventually, TestServer } from "../support/server.ts";
import { connect, type SqlClient } from "../support/sql.ts";

const opensslMissing = await new Deno.Command("openssl", { args: ["version"], stdout: "null", stderr: "null" })
  .output().then(({ success }) => !success, () => true);

/** Makes or renews the pair, as an administrator does. */
async function generate(folder: string): Promise<void> {
  const script = fileURLToPath(new URL("../../scripts/generate_certs.sh", import.meta.url));
  const { success, stderr } = await new Deno.Command("sh", { args: [script, folder, "localhost"] }).output();
  equal(success, true, new TextDecoder().decode(stderr));
}

function serialOf(client: SqlClient): string {
  return (client as unknown as { connection: { stream: TLSSocket } }).connection.stream.getPeerCertificate()
    .serialNumber;
}

Deno.test({
  name: "a renewed certificate is used for new connections without a restart, and sessions that are open go on" +
    (opensslMissing ? " (skipped: openssl not installed)" : ""),
  ignore: opensslMissing,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "eider_renewal_" });
    try {
      await generate(folder);
      const config = { tls_cert: `${folder}/server.crt`, tls_key: `${folder}/server.key`, pg_tls: "require" };
      await using server = await TestServer.start({ config });
      const project = await TestProject.create(server.rest, "renewal");
      const workspace = await project.workspace();
      const verified = {
        host: "localhost",
        ssl: { ca: await Deno.readTextFile(`${folder}/ca.crt`), rejectUnauthorized: true },
      };
      await using before = await connect(workspace, verified);
      const old = serialOf(before);
      await generate(folder);
      const renewed = await eventually("a new connection gets the renewed certificate", async () => {
        await using client = await connect(workspace, verified);
        return serialOf(client) !== old && serialOf(client);
      });
      notEqual(renewed, old);
      equal(await before.value("SELECT 1"), 1);
      equal(serialOf(before), old);

      // Half of a pair: the one in use stays, and the log says why.
      await Deno.writeTextFile(`${folder}/server.crt`, "half of a certif");
      await eventually("the broken file is logged", async () => {
        await using client = await connect(workspace, verified);
        equal(serialOf(client), renewed);
        return server.logLines.some(({ message }) => message?.includes("changed TLS certificate is unusable"));
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
