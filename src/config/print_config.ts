/**
 * The effective configuration as YAML that `--config` reads back (but for hidden secrets); what is not a default says
 * in a comment where it came from.
 */
import { stringify } from "yaml";
import type { Config } from "./config.ts";
import type { ConfigKey } from "./keys.ts";
import type { ResolvedConfig } from "./load_config.ts";

export function printConfig({ config, sources, keys }: ResolvedConfig): string {
  const lines: string[] = [];
  for (const [field, key] of Object.entries(keys) as [keyof Config, ConfigKey<unknown>][]) {
    const entry = stringify({ [key.key]: key.show(config[field]) }, { lineWidth: 0 }).trimEnd();
    const source = sources[field];
    const [first, ...rest] = entry.split("\n");
    lines.push(source === "default" ? `${first}` : `${first} # ${source.replaceAll(/\s+/g, " ")}`, ...rest);
  }
  return lines.join("\n") + "\n";
}
