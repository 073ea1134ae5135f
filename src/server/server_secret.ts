/** Secrets that the server makes for itself once and keeps over restarts. They never leave it. */
import { Buffer } from "node:buffer";
import type { MetadataPool } from "../metadata/types.ts";
import { readSetting, writeSetting } from "./server_settings.ts";

const secretByteCount = 32;

export async function ensureServerSecret(pool: MetadataPool, key: string): Promise<Uint8Array> {
  const kept = await readSetting(pool, key);
  if (kept !== null) return Buffer.from(kept, "base64");
  const secret = crypto.getRandomValues(new Uint8Array(secretByteCount));
  await writeSetting(pool, key, Buffer.from(secret).toString("base64"));
  return secret;
}
