/**
 * The settings whose values have a grammar of their own: TimeZone, DateStyle, client_encoding, search_path, `options`.
 */
import { AppError } from "../errors/app_error.ts";
import { fixedOffsetSeconds, zoneOfSeconds } from "./fixed_offset.ts";

function invalid(name: string, value: string, hint?: string): never {
  throw new AppError("invalid_parameter_value", `invalid value for parameter "${name}": "${value}"`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A time zone as SHOW prints it and as DuckDB (ICU) calls it. */
export interface TimeZoneValue {
  readonly shown: string;
  readonly duckdb: string;
}

/**
 * A name of the IANA database, `UTC`, hours east of Greenwich (`-7`, as `SET TIME ZONE -7`), or a POSIX form such
 * as `GMT-2`, whose sign means the opposite. Throws `invalid_parameter_value`, and `feature_not_supported` for an offset with minutes that
 * no place has kept.
 */
export function parseTimeZone(value: string): TimeZoneValue {
  const text = value.trim();
  const hours = /^[+-]?\d{1,2}(?:\.\d+)?$/.test(text) ? Number(text) : null;
  const shown = hours === null ? text : hours === 0 ? "UTC" : zoneOfSeconds(hours * 3600);
  const seconds = fixedOffsetSeconds(shown);
  if (seconds !== null) return { shown, duckdb: fixedZone(seconds, value) };
  if (shown === "UTC") return { shown, duckdb: "UTC" };
  if (!/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(text)) invalid("TimeZone", value);
  try {
    const resolved = new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
    const name = resolved.toLowerCase() === text.toLowerCase() ? resolved : text;
    return { shown: name, duckdb: name };
  } catch {
    invalid("TimeZone", value);
  }
}

/**
 * By hours east of Greenwich: DuckDB's own zones of a fixed offset have whole hours, and these places have had theirs since 1945 or longer, without
 * daylight saving time. What DuckDB computes of moments before that has the offset of then.
 */
const placesWithMinutes: Readonly<Record<number, string>> = {
  4.5: "Asia/Kabul",
  5.5: "Asia/Kolkata",
  6.5: "Asia/Yangon",
  9.5: "Australia/Darwin",
  [-9.5]: "Pacific/Marquesas",
};

function fixedZone(seconds: number, value: string): string {
  const hours = seconds / 3600;
  if (hours < -12 || hours > 14) invalid("TimeZone", value);
  if (!Number.isInteger(hours)) {
    const place = placesWithMinutes[hours];
    if (place !== undefined) return place;
    const known = Object.keys(placesWithMinutes).map((offset) => zoneOfSeconds(Number(offset) * 3600)).join(", ");
    throw new AppError("feature_not_supported", `TimeZone "${value}" is not supported: this offset has minutes`, {
      hint: `Name a place instead, such as America/St_Johns. Of the offsets with minutes these can be set: ${known}.`,
    });
  }
  return hours === 0 ? "UTC" : `Etc/GMT${hours < 0 ? "+" : "-"}${Math.abs(hours)}`;
}

const dateOrders: Readonly<Record<string, string>> = {
  mdy: "MDY",
  us: "MDY",
  noneuropean: "MDY",
  dmy: "DMY",
  euro: "DMY",
  european: "DMY",
  ymd: "YMD",
};

/**
 * ISO with an order of fields; the other output formats are not offered. `current` gives the order when none is named.
 */
export function parseDateStyle(values: readonly string[], current: string): string {
  let order = current.split(", ")[1] ?? "MDY";
  for (const word of values.flatMap((value) => value.split(/[,\s]+/)).filter((item) => item !== "")) {
    const lower = word.toLowerCase();
    if (lower === "iso") continue;
    if (lower === "default") order = "MDY";
    else if (dateOrders[lower] !== undefined) order = dateOrders[lower];
    else if (["sql", "postgres", "german"].includes(lower)) {
      throw new AppError(
        "feature_not_supported",
        `DateStyle "${word}" is not supported: accepted is ISO with MDY, DMY or YMD`,
      );
    } else invalid("DateStyle", values.join(", "));
  }
  return `ISO, ${order}`;
}

/** UTF8 by any of its names; SQL_ASCII means "do not convert", which comes to the same bytes. */
export function parseClientEncoding(value: string): string {
  const name = value.replace(/[^A-Za-z0-9]/g, "").toLowerCase();
  if (name === "utf8" || name === "unicode") return "UTF8";
  if (name === "sqlascii") return "SQL_ASCII";
  if (
    /^(latin\d+|iso8859\d+|win\d+|koi8[ru]?|euc\w+|sjis|big5|gbk|gb18030|uhc|johab|mule\w+|shiftjis2004)$/.test(name)
  ) {
    throw new AppError("feature_not_supported", `client_encoding "${value}" is not supported: accepted is UTF8`);
  }
  invalid("client_encoding", value);
}

/** Items of a list such as `"$user", public` or `a."B c", d`: quotes removed, unquoted items in lower case. */
export function parseNameList(text: string): string[] {
  const items: string[] = [];
  const pattern = /\s*((?:"(?:[^"]|"")*"|[^",])*)(?:,|$)/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) invalid("search_path", text);
    const item = match[1]!.trim();
    if (item !== "") {
      const bare = /^"(?:[^"]|"")*"$/.test(item) ? item.slice(1, -1).replaceAll('""', '"') : item.replaceAll('"', "");
      items.push(item.includes('"') ? bare : item.toLowerCase());
    }
  }
  return items;
}

/** A list as SHOW prints it. */
export function formatNameList(items: readonly string[]): string {
  return items.map((item) => /^[a-z_][a-z0-9_$.]*$/.test(item) ? item : `"${item.replaceAll('"', '""')}"`).join(", ");
}

/** Values of SET search_path: one an item, except that one single string may hold the whole list. */
export function parseSearchPath(values: readonly string[]): string[] {
  if (values.length !== 1) return [...values];
  const value = values[0]!;
  return value.includes(",") || value.includes('"') ? parseNameList(value) : value.trim() === "" ? [] : [value];
}

/**
 * The `options` parameter of a StartupMessage: `-c name=value`, `-cname=value`, `--name=value`; a backslash keeps a
 * space. Throws `invalid_parameter_value` for any other switch.
 */
export function parseStartupOptions(options: string): [name: string, value: string][] {
  const words = (options.match(/(?:\\.|[^\s\\])+/g) ?? []).map((word) => word.replace(/\\(.)/g, "$1"));
  const settings: [string, string][] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    let assignment: string;
    if (word === "-c") assignment = words[++index] ?? "";
    else if (word.startsWith("--")) assignment = word.slice(2);
    else if (word.startsWith("-c")) assignment = word.slice(2);
    else assignment = "";
    const equals = assignment.indexOf("=");
    if (equals < 1) {
      throw new AppError("invalid_parameter_value", `invalid command-line argument for server process: ${word}`, {
        hint: "Accepted are -c name=value and --name=value.",
      });
    }
    settings.push([assignment.slice(0, equals).replaceAll("-", "_"), assignment.slice(equals + 1)]);
  }
  return settings;
}
