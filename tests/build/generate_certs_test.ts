/** scripts/generate_certs.sh by hand: what it makes, for whom it is readable, and what it refuses. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("../../scripts/generate_certs.sh", import.meta.url));

/** `openssl version`: it takes no `--version` in every release. */
function opensslTest(name: string, run: () => Promise<void>): void {
  const isInstalled = (() => {
    try {
      return new Deno.Command("openssl", { args: ["version"], stdout: "null", stderr: "null" }).outputSync().success;
    } catch {
      return false;
    }
  })();
  if (isInstalled) Deno.test(name, run);
  else Deno.test({ name: `${name} (skipped: openssl not installed)`, ignore: true, fn: run });
}

async function generate(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const output = await new Deno.Command("sh", { args: [script, ...args], stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code: output.code, out: decoder.decode(output.stdout), err: decoder.decode(output.stderr) };
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "eider_certs_" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const read = (path: string) => new X509Certificate(Deno.readFileSync(path));

opensslTest(
  "generate_certs makes an authority and a server certificate for every name given",
  () =>
    withFolder(async (folder) => {
      const long = `${"a".repeat(60)}.${"b".repeat(60)}.example`;
      const { code, out, err } = await generate(
        `${folder}/made here`,
        long,
        "*.example.com",
        "10.0.0.5",
        "2001:db8::5",
        long,
      );
      deepEqual([code, err], [0, ""]);
      match(out, /tls_cert: .*\/made here\/server\.crt\n/);
      const [server, authority] = [read(`${folder}/made here/server.crt`), read(`${folder}/made here/ca.crt`)];
      const names = (server.subjectAltName ?? "").split(", ");
      deepEqual(names, [`DNS:${long}`, "DNS:*.example.com", "IP Address:10.0.0.5", "IP Address:2001:db8::5"]);
      ok(server.checkIssued(authority) && server.verify(authority.publicKey));
      deepEqual([server.ca, authority.ca], [false, true]);
      const chain = Deno.readTextFileSync(`${folder}/made here/server.crt`).match(/BEGIN CERTIFICATE/g);
      equal(chain?.length, 2, "with the authority behind it");
      const mode = (name: string) => Deno.statSync(`${folder}/made here/${name}`).mode! & 0o777;
      deepEqual(["server.key", "ca.key", "server.crt", "ca.crt", "."].map(mode), [0o600, 0o600, 0o644, 0o644, 0o700]);
      equal([...Deno.readDirSync(`${folder}/made here`)].length, 4, "and nothing is left beside them");
    }),
);

opensslTest(
  "a second run renews the server's certificate under the same authority, --force replaces both",
  () =>
    withFolder(async (folder) => {
      const state = () => ["ca.crt", "server.crt"].map((name) => read(`${folder}/${name}`).fingerprint256);
      await generate(folder, "localhost");
      const first = state();
      await generate(folder, "localhost");
      const second = state();
      equal(second[0], first[0]);
      notEqual(second[1], first[1]);
      equal((await generate("--force", folder, "localhost")).code, 0);
      const third = state();
      notEqual(third[0], first[0]);
      ok(read(`${folder}/server.crt`).checkIssued(read(`${folder}/ca.crt`)));
    }),
);

opensslTest(
  "what is no name is refused with a reason, and the files stay as they were",
  () =>
    withFolder(async (folder) => {
      await generate(folder, "localhost");
      const before = [...Deno.readDirSync(folder)].map(({ name }) =>
        `${name} ${Deno.readTextFileSync(`${folder}/${name}`)}`
      );
      for (const name of ["a b", "héllo", "fe80::1%eth0", "10.0.0.0/8", "1.2.3", "300.1.1.1", "::g", ""]) {
        const { code, out, err } = await generate("--force", folder, name);
        notEqual(code, 0, name);
        equal(out, "");
        match(err, /^generate_certs\.sh: [^\n]*\n$/);
      }
      const after = [...Deno.readDirSync(folder)].map(({ name }) =>
        `${name} ${Deno.readTextFileSync(`${folder}/${name}`)}`
      );
      deepEqual(after.sort(), before.sort());
      const option = await generate("--frce", folder);
      deepEqual([option.code, option.err], [
        2,
        "generate_certs.sh: unknown option: --frce; accepted: --force, --help\n",
      ]);
      const help = await generate("--help");
      equal(help.code, 0);
      match(help.out, /scripts\/generate_certs\.sh \[--force\] \[DIRECTORY \[NAME \.\.\.\]\]/);
    }),
);
