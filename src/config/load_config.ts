/**
 * Reads the configuration: defaults, then the YAML file, then `EIDER_…` environment variables, then flags; a later
 * source replaces an earlier one key by key. Everything wrong is an `AppError` of kind `config_invalid` whose one line
 * names the key, its value, where it came from and what would be accepted.
 */
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { parse as parseYaml, YAMLParseError } from "yaml";
import type { z } from "zod";
import { AppError } from "../errors/app_error.ts";
import type { Config } from "./config.ts";
import { type ConfigKey, type ConfigKeys, environmentName, flagName, makeConfigKeys } from "./keys.ts";
import { nearestName } from "./nearest_name.ts";

export interface ConfigInput {
  /** Path of the YAML file; without it `EIDER_CONFIG` of the environment, and without that none. */
  readonly file?: string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** By key (`http_port`), not by flag; `true` is a flag without a value. */
  readonly flags?: Readonly<Record<string, string | boolean>> | undefined;
  /** What a percentage of memory is taken of; without it, this machine's or container's memory. */
  readonly memoryTotalBytes?: number | undefined;
}

/** Where a value came from, as in "environment EIDER_HTTP_PORT". */
export type ConfigSources = { readonly [Field in keyof Config]: string };

export interface ResolvedConfig {
  readonly config: Config;
  readonly sources: ConfigSources;
  readonly keys: ConfigKeys;
}

interface RawValue {
  readonly value: unknown;
  readonly source: string;
}

/** Names that start with `EIDER_` and are no keys: the file's own, tests', and what Kubernetes sets for a service. */
const otherEnvironmentName = /^EIDER_(CONFIG|TEST_.*|SERVICE_.*|PORT|PORT_.*)$/;

export function loadConfig(input: ConfigInput = {}): Config {
  return resolveConfig(input).config;
}

/** As `loadConfig`, with each value's source. */
export function resolveConfig(input: ConfigInput = {}): ResolvedConfig {
  const keys = makeConfigKeys(input.memoryTotalBytes ?? memoryTotalBytes());
  const environment = input.environment ?? {};
  const file = input.file ?? (environment["EIDER_CONFIG"] || undefined);
  const raw = new Map<string, RawValue>();
  if (file !== undefined) {
    for (const [name, value] of Object.entries(readYamlMapping(file))) {
      raw.set(name, { value, source: `file ${file}` });
    }
    refuseUnknown(raw.keys(), keys, (name) => name, `file ${file}`);
  }
  collectEnvironment(environment, keys, raw);
  const flags = input.flags ?? {};
  refuseUnknown(Object.keys(flags), keys, flagName, "flags");
  for (const [name, value] of Object.entries(flags)) raw.set(name, { value, source: `flag ${flagName(name)}` });

  const config: Partial<Record<keyof Config, unknown>> = {};
  const sources: Partial<Record<keyof Config, string>> = {};
  for (const [field, key] of Object.entries(keys) as [keyof Config, ConfigKey<unknown>][]) {
    const given = raw.get(key.key) ?? { value: key.default, source: "default" };
    config[field] = parseValue(key, given);
    sources[field] = given.source;
  }
  const resolved = { config: config as Config, sources: sources as ConfigSources, keys };
  checkTogether(resolved);
  return resolved;
}

/** The memory that percentages refer to: the machine's, or a smaller limit of this control group (container). */
export function memoryTotalBytes(): number {
  const machine = totalmem();
  for (const path of ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]) {
    try {
      const limit = Number(readFileSync(path, "utf8").trim());
      if (Number.isFinite(limit) && limit > 0) return Math.min(machine, limit);
    } catch {
      // Not in such a control group.
    }
  }
  return machine;
}

function parseValue(key: ConfigKey<unknown>, given: RawValue): unknown {
  const parsed: z.ZodSafeParseResult<unknown> = key.schema.safeParse(given.value);
  if (parsed.success) return parsed.data;
  throw new AppError(
    "config_invalid",
    `${key.key}: ${key.secret ? "the value" : shown(given.value)} (${given.source}) is not ${key.accepted}`,
  );
}

function checkTogether({ config, sources }: ResolvedConfig): void {
  const refuse = (detail: string): never => {
    throw new AppError("config_invalid", detail);
  };
  if ((config.tlsCert === null) !== (config.tlsKey === null)) {
    const [given, missing] = config.tlsCert === null ? ["tls_key", "tls_cert"] : ["tls_cert", "tls_key"];
    refuse(`${missing}: not set, but ${given} is: accepted are both, or neither for a self-signed pair`);
  }
  if (config.workspaceDefaultTtlHours > config.workspaceMaxTtlHours) {
    refuse(
      `workspace_default_ttl_hours: ${config.workspaceDefaultTtlHours} (${sources.workspaceDefaultTtlHours}) is more than ` +
        `workspace_max_ttl_hours, which is ${config.workspaceMaxTtlHours} (${sources.workspaceMaxTtlHours})`,
    );
  }
  const ports = [
    { key: "http_port", host: config.httpHost, port: config.httpPort, source: sources.httpPort },
    { key: "pg_port", host: config.pgHost, port: config.pgPort, source: sources.pgPort },
    { key: "pg_direct_tls_port", host: config.pgHost, port: config.pgDirectTlsPort, source: sources.pgDirectTlsPort },
  ];
  for (const [index, later] of ports.entries()) {
    const earlier = ports.slice(0, index).find((one) => one.port === later.port && one.host === later.host);
    if (earlier && later.port !== null && later.port !== 0) {
      refuse(`${later.key}: ${later.port} (${later.source}) is already ${earlier.key} (${earlier.source})`);
    }
  }
}

function collectEnvironment(
  environment: Readonly<Record<string, string>>,
  keys: ConfigKeys,
  raw: Map<string, RawValue>,
): void {
  const keyByName = new Map(Object.values(keys).map((key) => [environmentName(key.key), key.key]));
  const unknown: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("EIDER_")) continue;
    const key = keyByName.get(name);
    if (key !== undefined) raw.set(key, { value, source: `environment ${name}` });
    else if (!otherEnvironmentName.test(name)) unknown.push(name.slice("EIDER_".length).toLowerCase());
  }
  refuseUnknown(unknown, keys, environmentName, "environment");
}

function refuseUnknown(
  names: Iterable<string>,
  keys: ConfigKeys,
  spell: (name: string) => string,
  where: string,
): void {
  const known = Object.values(keys).map((key) => key.key);
  for (const name of names) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw new AppError(
      "config_invalid",
      `${spell(name)} (${where}): unknown key, accepted are those that \`eider config\` prints` +
        (nearest === undefined ? "" : `, such as ${spell(nearest)}`),
    );
  }
}

function readYamlMapping(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new AppError("config_invalid", `configuration file ${file}: cannot be read (${reason(error)})`, {
      cause: error,
    });
  }
  let document: unknown;
  try {
    document = parseYaml(text, { prettyErrors: true, maxAliasCount: 0 });
  } catch (error) {
    const detail = error instanceof YAMLParseError || error instanceof Error ? firstLine(error.message) : String(error);
    throw new AppError("config_invalid", `configuration file ${file}: not YAML (${detail})`, { cause: error });
  }
  if (document === null || document === undefined) return {};
  if (typeof document !== "object" || Array.isArray(document)) {
    throw new AppError(
      "config_invalid",
      `configuration file ${file}: ${shown(document)} is not a mapping of keys to values, such as http_port: 8000`,
    );
  }
  return document as Record<string, unknown>;
}

const firstLine = (text: string) => (text.split("\n", 1)[0] ?? "").replace(/:$/, "");

function reason(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  return code ?? firstLine(String(error));
}

/** A value as it goes into an error: one line, not longer than a person reads. */
function shown(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
