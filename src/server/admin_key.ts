/**
 * The administrator's key: configured, or generated at the first start. Only its SHA-256 is kept, in `server_settings`; a
 * configured key replaces the kept one.
 */
import { Buffer } from "node:buffer";
import { hashKey } from "../http/auth.ts";
import type { MetadataPool } from "../metadata/types.ts";
import { readSetting, writeSetting } from "./server_settings.ts";

const settingKey = "admin_key_sha256";

export interface AdminKey {
  /** SHA-256 in hex, compared with that of a request's key. */
  readonly hash: string;
  /** The key itself when this start has generated it; shown once. */
  readonly generated: string | null;
}

export async function ensureAdminKey(pool: MetadataPool, configured: string | null): Promise<AdminKey> {
  const kept = await readSetting(pool, settingKey);
  if (configured !== null) {
    const hash = hashKey(configured);
    if (kept !== hash) await writeSetting(pool, settingKey, hash);
    return { hash, generated: null };
  }
  if (kept !== null) return { hash: kept, generated: null };
  const generated = `eider_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")}`;
  const hash = hashKey(generated);
  await writeSetting(pool, settingKey, hash);
  return { hash, generated };
}
