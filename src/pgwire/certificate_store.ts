/**
 * The certificate in use, kept up to date with its files: at a new connection, at most once a second, their modification
 * times are looked at, and a changed pair is read. A pair that cannot be used (half written, not belonging together) is
 * logged once and the old one stays. Running sessions keep what they were opened with.
 */
import { readFileSync, statSync } from "node:fs";
import { AppError } from "../errors/app_error.ts";
import type { CertificatePaths } from "./certificate.ts";
import { type CertificatePair, parseCertificatePair } from "./certificate_pair.ts";

const checkIntervalMs = 1000;

export interface CertificateStoreOptions extends CertificatePaths {
  /** Milliseconds of a clock. */
  readonly now: () => number;
  readonly logger: {
    info(message: string, fields?: Readonly<Record<string, unknown>>): void;
    warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  };
}

/** Invariant: `current()` always gives a pair that parsed and belongs together. */
export class CertificateStore {
  readonly #options: CertificateStoreOptions;
  #pair: CertificatePair;
  /** Of the files that were last read, good or bad; null when they could not be looked at. */
  #fingerprint: string | null;
  #checkedAtMs: number;

  /** Throws AppError `config_invalid` when the first pair is unusable. */
  constructor(options: CertificateStoreOptions) {
    this.#options = options;
    this.#fingerprint = this.#readFingerprint();
    this.#checkedAtMs = options.now();
    try {
      this.#pair = this.#readPair();
    } catch (error) {
      throw new AppError(
        "config_invalid",
        `TLS certificate unusable: ${options.certificatePath} with ${options.privateKeyPath}: ${describe(error)}; ` +
          "expected a PEM certificate (chain) and its PEM private key",
        { cause: error },
      );
    }
  }

  /** The pair for a new connection. */
  current(): CertificatePair {
    const nowMs = this.#options.now();
    if (nowMs - this.#checkedAtMs >= checkIntervalMs) {
      this.#checkedAtMs = nowMs;
      const fingerprint = this.#readFingerprint();
      if (fingerprint !== this.#fingerprint) this.#reload(fingerprint);
    }
    return this.#pair;
  }

  /** Reads the files now, whether they seem changed or not. */
  reload(): void {
    this.#checkedAtMs = this.#options.now();
    this.#reload(this.#readFingerprint());
  }

  #reload(fingerprint: string | null): void {
    this.#fingerprint = fingerprint;
    try {
      this.#pair = this.#readPair();
      this.#options.logger.info("TLS certificate loaded", {
        subject: this.#pair.subject,
        valid_to: new Date(this.#pair.validToMs).toISOString(),
      });
    } catch (error) {
      this.#options.logger.warn("changed TLS certificate is unusable, the previous one stays in use", {
        certificate: this.#options.certificatePath,
        error: describe(error),
      });
    }
  }

  #readPair(): CertificatePair {
    return parseCertificatePair(
      readFileSync(this.#options.certificatePath, "utf8"),
      readFileSync(this.#options.privateKeyPath, "utf8"),
    );
  }

  #readFingerprint(): string | null {
    try {
      return [this.#options.certificatePath, this.#options.privateKeyPath]
        .map((path) => statSync(path))
        .map((stat) => `${stat.mtimeMs}:${stat.size}:${stat.ino}`)
        .join(" ");
    } catch {
      return null;
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
