import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../errors/app_error.ts";
import { ensureSelfSignedCertificate } from "./certificate.ts";
import { endpointBinding } from "./certificate_binding.ts";
import { generateSelfSignedCertificate } from "./certificate_generator.ts";
import { CertificateStore } from "./certificate_store.ts";

const dayMs = 24 * 60 * 60 * 1000;
const opensslInstalled = await isInstalled("openssl");
const skipNote = opensslInstalled ? "" : " (skipped: openssl not installed)";

async function isInstalled(program: string): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args: ["version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

async function withDirectory(work: (directory: string) => Promise<void> | void): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "eider_certificate_" });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function makePair(commonName: string) {
  return generateSelfSignedCertificate({
    commonName,
    names: ["localhost"],
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
  });
}

Deno.test("the self-signed certificate names this machine, is valid for 825 days, and its key is private", async () => {
  await withDirectory(async (directory) => {
    const nowMs = Date.now();
    const paths = await ensureSelfSignedCertificate({
      directory: join(directory, "certs"),
      publicHost: "db.example",
      nowMs,
    });
    const certificate = new X509Certificate(readFileSync(paths.certificatePath));
    const names = certificate.subjectAltName ?? "";
    for (const name of ["DNS:localhost", "IP Address:127.0.0.1", "DNS:db.example"]) {
      assert.ok(names.includes(name), names);
    }
    assert.match(names, /IP Address:(::1|0:0:0:0:0:0:0:1)/);
    assert.equal(Math.round((Date.parse(certificate.validTo) - nowMs) / dayMs), 825);
    assert.ok(Date.parse(certificate.validFrom) < nowMs);
    assert.equal(statSync(paths.privateKeyPath).mode & 0o777, 0o600);
    assert.equal([...Deno.readDirSync(join(directory, "certs"))].length, 2);
  });
});

Deno.test("the pair is made once, and again when it has expired or does not fit together", async () => {
  await withDirectory(async (directory) => {
    const ensure = async (nowMs: number) => {
      const paths = await ensureSelfSignedCertificate({ directory, publicHost: "localhost", nowMs });
      return readFileSync(paths.certificatePath, "utf8");
    };
    const nowMs = Date.now();
    const first = await ensure(nowMs);
    assert.equal(await ensure(nowMs + 824 * dayMs), first);
    const second = await ensure(nowMs + 826 * dayMs);
    assert.notEqual(second, first);
    writeFileSync(join(directory, "server.key"), (await makePair("other")).privateKeyPem);
    assert.notEqual(await ensure(nowMs), second);
  });
});

Deno.test({
  name: `openssl takes the self-signed certificate as its own root and reads every name${skipNote}`,
  ignore: !opensslInstalled,
  fn: () =>
    withDirectory(async (directory) => {
      const path = join(directory, "c.pem");
      const names = ["localhost", "10.1.2.3", "::1", "2001:db8::a:5", "::ffff:192.0.2.7"];
      const pair = await generateSelfSignedCertificate({
        commonName: "x",
        names,
        notBefore: new Date(Date.now() - dayMs),
        notAfter: new Date("2061-01-02T03:04:05Z"),
      });
      writeFileSync(path, pair.certificatePem);
      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await new Deno.Command("openssl", { args }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        return new TextDecoder().decode(stdout);
      };
      await run("verify", "-CAfile", path, "-purpose", "sslserver", "-verify_hostname", "localhost", path);
      for (const address of names.slice(1)) await run("verify", "-CAfile", path, "-verify_ip", address, path);
      assert.match(await run("x509", "-in", path, "-noout", "-enddate"), /Jan {2}2 03:04:05 2061 GMT/);
    }),
});

Deno.test({
  name: `endpointBinding hashes with the signature's algorithm, SHA-1 replaced, none for Ed25519${skipNote}`,
  ignore: !opensslInstalled,
  fn: () =>
    withDirectory(async (directory) => {
      const pss = ["-sigopt", "rsa_padding_mode:pss"];
      const cases: [string, string[], string | null][] = [
        ["rsa:2048", ["-sha256"], "sha256"],
        ["rsa:2048", ["-sha384"], "sha384"],
        ["rsa:2048", ["-sha512"], "sha512"],
        ["rsa:2048", ["-sha1"], "sha256"],
        ["rsa:2048", ["-sha384", ...pss], "sha384"],
        ["rsa:2048", ["-sha1", ...pss], "sha256"],
        ["ed25519", [], null],
      ];
      for (const [key, signing, digest] of cases) {
        const path = join(directory, "c.pem");
        const args = ["req", "-x509", "-newkey", key, "-nodes", "-subj", "/CN=x", "-keyout", "/dev/null", "-out", path];
        const { code, stderr } = await new Deno.Command("openssl", { args: [...args, ...signing] }).output();
        assert.equal(code, 0, new TextDecoder().decode(stderr));
        const pem = readFileSync(path, "utf8");
        const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
        const expected = digest === null ? null : createHash(digest).update(der).digest();
        assert.deepEqual(endpointBinding(der), expected, `${key} ${signing.join(" ")}`);
        for (let i = 0; i < 40; i += 1) assert.throws(() => endpointBinding(der.subarray(0, i)));
      }
    }),
});

Deno.test("a changed pair is taken over at most once a second, a broken one is logged once and the old one stays", async () => {
  await withDirectory(async (directory) => {
    const certificatePath = join(directory, "c.pem");
    const privateKeyPath = join(directory, "k.pem");
    const write = (pair: { certificatePem: string; privateKeyPem: string }) => {
      writeFileSync(certificatePath, pair.certificatePem);
      writeFileSync(privateKeyPath, pair.privateKeyPem);
    };
    let nowMs = 0;
    const warnings: string[] = [];
    write(await makePair("first"));
    const store = new CertificateStore({
      certificatePath,
      privateKeyPath,
      now: () => nowMs,
      logger: { info() {}, warn: (message) => warnings.push(message) },
    });
    assert.equal(store.current().subject, "CN=first");
    write(await makePair("second-longer"));
    nowMs = 999;
    assert.equal(store.current().subject, "CN=first");
    nowMs = 1000;
    assert.equal(store.current().subject, "CN=second-longer");

    writeFileSync(privateKeyPath, "half a k");
    nowMs = 2000;
    assert.equal(store.current().subject, "CN=second-longer");
    nowMs = 3000;
    assert.equal(store.current().subject, "CN=second-longer");
    assert.equal(warnings.length, 1);
    Deno.removeSync(certificatePath);
    nowMs = 4000;
    assert.equal(store.current().subject, "CN=second-longer");

    write(await makePair("third"));
    store.reload();
    assert.equal(store.current().subject, "CN=third");
  });
});

Deno.test("an unusable first pair stops the start with the paths named", async () => {
  await withDirectory(async (directory) => {
    const certificatePath = join(directory, "c.pem");
    const privateKeyPath = join(directory, "k.pem");
    writeFileSync(certificatePath, (await makePair("one")).certificatePem);
    writeFileSync(privateKeyPath, (await makePair("two")).privateKeyPem);
    const open = () =>
      new CertificateStore({ certificatePath, privateKeyPath, now: () => 0, logger: { info() {}, warn() {} } });
    assert.throws(open, (error: unknown) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.kind, "config_invalid");
      assert.ok(error.message.includes(certificatePath) && error.message.includes("does not belong"));
      return true;
    });
  });
});
