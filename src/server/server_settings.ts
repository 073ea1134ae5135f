/** Values of the server itself, kept in the metadata table `server_settings`. */
import type { MetadataPool } from "../metadata/types.ts";

export async function readSetting(pool: MetadataPool, key: string): Promise<string | null> {
  const [row] = await pool.query<{ value: string }>("SELECT value FROM server_settings WHERE key = $1", [key]);
  return row?.value ?? null;
}

export async function writeSetting(pool: MetadataPool, key: string, value: string): Promise<void> {
  await pool.execute(
    `INSERT INTO server_settings (key, value, updated_at) VALUES ($1, $2, now())
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
    [key, value],
  );
}
