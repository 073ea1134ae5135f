/**
 * The server's log: one JSON object a line on stdout (timestamp, level, message, fields), or `pretty` for people.
 * Fields whose name says that they hold a secret are hidden. Writing never throws: a log that cannot be written must
 * not end a session.
 */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFormat = "json" | "pretty";
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Takes one line without its line feed; by default it goes to stdout. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
  /** Colours for `pretty`. */
  readonly color?: boolean;
}

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const colorCode: Readonly<Record<LogLevel, number>> = { debug: 90, info: 32, warn: 33, error: 31 };
const secretName = /password|passwd|secret|authorization|api_?key|admin_?key|private_?key|^token$/i;
const reservedNames: readonly string[] = ["timestamp", "level", "message"];
/** Deeper than this a field is shown as text: a log line is for reading. */
const depthMax = 6;

export function createLogger(options: LoggerOptions, fixedFields: LogFields = {}): Logger {
  const write = options.write ?? writeStdout;
  const now = options.now ?? (() => new Date());
  const render = options.format === "json" ? renderJson : renderPretty;
  const log = (level: LogLevel) => (message: string, fields: LogFields = {}): void => {
    if (severity[level] < severity[options.level]) return;
    const entry = { timestamp: now().toISOString(), level, message, fields: cleanFields(fixedFields, fields) };
    write(render(entry, options.color ?? false));
  };
  return {
    debug: log("debug"),
    info: log("info"),
    warn: log("warn"),
    error: log("error"),
    child: (fields) => createLogger(options, { ...fixedFields, ...fields }),
  };
}

/** A logger that says nothing, for tests and for commands that print their own answer. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

interface Entry {
  readonly timestamp: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

function renderJson({ timestamp, level, message, fields }: Entry): string {
  return JSON.stringify({ timestamp, level, message, ...fields });
}

function renderPretty({ timestamp, level, message, fields }: Entry, color: boolean): string {
  const label = level.toUpperCase().padEnd(5);
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${prettyValue(value)}`).join("");
  return `${timestamp.slice(11, 23)} ${color ? `\x1b[${colorCode[level]}m${label}\x1b[0m` : label} ` +
    `${message.replaceAll("\n", "\\n")}${rest}`;
}

function prettyValue(value: unknown): string {
  if (typeof value === "string") return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? String(value);
}

function cleanFields(...sources: readonly LogFields[]): Record<string, unknown> {
  const cleaned: Record<string, unknown> = {};
  for (const source of sources) {
    for (const [name, value] of Object.entries(source)) {
      if (value === undefined) continue;
      cleaned[reservedNames.includes(name) ? `${name}_` : name] = cleanNamed(name, value, 0, []);
    }
  }
  return cleaned;
}

function cleanNamed(name: string, value: unknown, depth: number, parents: readonly object[]): unknown {
  return secretName.test(name) && value !== null && typeof value !== "boolean"
    ? "(hidden)"
    : clean(value, depth, parents);
}

/** The value as JSON can hold it: errors with their cause, bigint as text, no cycles. */
function clean(value: unknown, depth: number, parents: readonly object[]): unknown {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (parents.includes(value)) return "(cycle)";
  if (depth >= depthMax) return "(nested)";
  const inside = [...parents, value];
  if (value instanceof Error) {
    return {
      name: value.name,
      message: value.message,
      ...("kind" in value ? { kind: value.kind } : {}),
      stack: value.stack,
      ...(value.cause === undefined ? {} : { cause: clean(value.cause, depth + 1, inside) }),
    };
  }
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1, inside));
  if (value instanceof Map) return clean(Object.fromEntries(value), depth, inside);
  if (value instanceof Set) return clean([...value], depth, inside);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, cleanNamed(name, inner, depth + 1, inside)]),
  );
}

const encoder = new TextEncoder();

/** Stdout, whole lines. A reader that went away (closed pipe) or does not keep up on a non-blocking one loses lines. */
export function writeStdout(line: string): void {
  const bytes = encoder.encode(line + "\n");
  try {
    let written = 0;
    while (written < bytes.length) written += Deno.stdout.writeSync(bytes.subarray(written));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe) && !(error instanceof Deno.errors.WouldBlock)) {
      try {
        Deno.stderr.writeSync(encoder.encode(`log line lost: ${error}\n`));
      } catch {
        // Nobody is left to tell.
      }
    }
  }
}
