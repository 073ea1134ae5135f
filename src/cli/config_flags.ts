/** Every key of the configuration as a flag of a subcommand, and back. */
import { type Command, Option } from "commander";
import { flagName, makeConfigKeys } from "../config/keys.ts";
import { resolveConfig, type ResolvedConfig } from "../config/load_config.ts";

/** The table's texts do not depend on the memory. */
const keys = Object.values(makeConfigKeys(1));

/** The form that a configuration flag accepts, or undefined when there is no such flag. */
export function acceptedForm(flag: string): string | undefined {
  if (flag === "--config") return "the path of a YAML file";
  return keys.find((key) => flagName(key.key) === flag)?.accepted;
}

/** Adds `--config` and a flag for each key. */
export function addConfigFlags(command: Command): Command {
  command.addOption(new Option("--config <file>", "YAML file (environment: EIDER_CONFIG)"));
  for (const key of keys) {
    const value = key.isBoolean ? "[boolean]" : "<value>";
    const shown = key.default === null
      ? key.whenUnset
      : typeof key.default === "object"
      ? JSON.stringify(key.default)
      : String(key.default);
    command.addOption(
      new Option(`${flagName(key.key)} ${value}`, `${key.meaning}: ${key.accepted} (default ${shown})`),
    );
  }
  return command;
}

/** The effective configuration of a command whose flags were parsed. Throws `config_invalid`. */
export function configOf(command: Command): ResolvedConfig {
  const options = command.opts<Record<string, string | boolean>>();
  const flags: Record<string, string | boolean> = {};
  for (const key of keys) {
    const value = options[new Option(flagName(key.key)).attributeName()];
    if (value !== undefined) flags[key.key] = value;
  }
  const file = options["config"];
  return resolveConfig({
    file: typeof file === "string" ? file : undefined,
    environment: Deno.env.toObject(),
    flags,
  });
}
