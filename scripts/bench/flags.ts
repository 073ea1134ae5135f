/** Flags of the benchmark and load scripts: `--name=value` or `--name`, in the form of error that `eider` itself uses. */

export type FlagSpec = Readonly<
  Record<string, { readonly accepted: string; readonly parse: (text: string) => unknown | undefined }>
>;

/** Values by name. An unknown flag or a bad value ends the process with status 2 and one line that names it. */
export function readFlags(args: readonly string[], spec: FlagSpec): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const argument of args) {
    const match = /^--([a-z-]+)(?:=(.*))?$/.exec(argument);
    const name = match?.[1] ?? "";
    const flag = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (flag === undefined) {
      fail(`unknown argument ${argument}: accepted are ${Object.keys(spec).map((name) => `--${name}`).join(", ")}`);
    }
    const value = flag.parse(match?.[2] ?? "");
    if (value === undefined) fail(`${argument}: --${name} accepts ${flag.accepted}`);
    values[name] = value;
  }
  return values;
}

/** For `FlagSpec.parse`. */
export function positiveInteger(text: string): number | undefined {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

function fail(line: string): never {
  console.error(line);
  Deno.exit(2);
}
