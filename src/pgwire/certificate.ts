/**
 * The server's own certificate, for servers that were given none: a self-signed pair made once and kept in a folder.
 * ECDSA P-256, 825 days (the longest that common TLS clients take), good for localhost, 127.0.0.1, ::1, this machine's
 * host name and the host that connection strings name.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { parseCertificatePair } from "./certificate_pair.ts";
import { generateSelfSignedCertificate } from "./certificate_generator.ts";

const validityDays = 825;
const dayMs = 24 * 60 * 60 * 1000;
/** Clients with a clock that is a little behind accept the fresh certificate. */
const backdateMs = 60 * 60 * 1000;

export interface CertificatePaths {
  readonly certificatePath: string;
  readonly privateKeyPath: string;
}

export interface SelfSignedOptions {
  /** Usually `data_dir/certs`; made when missing. */
  readonly directory: string;
  /** The host of connection strings: a name or an address. */
  readonly publicHost: string;
  readonly nowMs: number;
}

/**
 * The paths of the self-signed pair in `directory`. A pair is made when there is none, or when the one there has expired
 * or does not fit together (a crash between the two renames). The key file's mode is 0600.
 */
export async function ensureSelfSignedCertificate(options: SelfSignedOptions): Promise<CertificatePaths> {
  const paths = {
    certificatePath: join(options.directory, "server.crt"),
    privateKeyPath: join(options.directory, "server.key"),
  };
  if (isUsable(paths, options.nowMs)) return paths;
  const names = ["localhost", "127.0.0.1", "::1", hostname(), options.publicHost].filter((name) => name !== "");
  const pair = await generateSelfSignedCertificate({
    commonName: "Eider self-signed",
    names: [...new Set(names)],
    notBefore: new Date(options.nowMs - backdateMs),
    notAfter: new Date(options.nowMs + validityDays * dayMs),
  });
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const suffix = `.${randomBytes(4).toString("hex")}.new`;
  writeFileSync(paths.privateKeyPath + suffix, pair.privateKeyPem, { mode: 0o600, flag: "wx" });
  writeFileSync(paths.certificatePath + suffix, pair.certificatePem, { mode: 0o644, flag: "wx" });
  renameSync(paths.privateKeyPath + suffix, paths.privateKeyPath);
  renameSync(paths.certificatePath + suffix, paths.certificatePath);
  return paths;
}

function isUsable(paths: CertificatePaths, nowMs: number): boolean {
  if (!existsSync(paths.certificatePath) || !existsSync(paths.privateKeyPath)) return false;
  try {
    const pair = parseCertificatePair(
      readFileSync(paths.certificatePath, "utf8"),
      readFileSync(paths.privateKeyPath, "utf8"),
    );
    return pair.validToMs > nowMs;
  } catch {
    return false;
  }
}
