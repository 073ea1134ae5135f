/** What names, tags and durations of Perses documents may be. Each check gives Perses' message, or null. */
import { parseDurationMs } from "../duration.ts";
import { quoted } from "./decode.ts";

const idPattern = /^[a-zA-Z0-9_.-]+$/;
const idBytesMax = 75;
export const tagsMax = 20;
const tagCharactersMax = 50;

/** Names of documents, panel keys and dashboard variables. */
export function checkId(name: string): string | null {
  if (name === "") return "name cannot be empty";
  if (new TextEncoder().encode(name).length > idBytesMax) return `cannot contain more than ${idBytesMax} characters`;
  if (!idPattern.test(name)) {
    return `${quoted(name)} is not a correct name. It should match the regexp: ${idPattern.source}`;
  }
  if (name.includes("..")) return `${quoted(name)} is not a correct name. It should not contain '..'`;
  if (name.startsWith(".") || name.endsWith(".")) {
    return `${quoted(name)} is not a correct name. It should not start or end with '.'`;
  }
  return null;
}

/**
 * Names under which queries refer to variables. Perses' pattern (`^\w*?[^0-9]\w*$`) lets one character through that is not
 * of a word, with which `$name` could never be written; here such a name is refused.
 */
export function checkVariableName(name: string): string | null {
  if (!/^\w+$/.test(name) || /^\d+$/.test(name)) return `variable name '${name}' is not valid`;
  if (name.startsWith("__")) return `variable name '${name}' can not have builtin variable prefix: __`;
  return null;
}

export function checkTag(tag: string): string | null {
  const characterCount = [...tag].length;
  if (characterCount === 0) return "tag cannot be empty";
  if (characterCount > tagCharactersMax) {
    return `tag ${quoted(tag)} cannot contain more than ${tagCharactersMax} characters`;
  }
  if (tag.trim() !== tag) return `tag ${quoted(tag)} cannot start or end with whitespace`;
  return null;
}

/** A duration as Prometheus writes it: `1h30m`, units from years to milliseconds in descending order, or "0". */
export function checkDuration(duration: string): string | null {
  if (duration === "") return "empty duration string";
  if (parseDurationMs(duration) === null) return `not a valid duration string: ${quoted(duration)}`;
  return null;
}

/** "" and "local" are the reader's own; everything else is a name of the IANA database. */
export function checkTimezone(timezone: string): string | null {
  if (timezone === "" || timezone === "local") return null;
  const wrong = `${quoted(timezone)} is not a valid timezone: unknown time zone ${timezone}`;
  // JavaScript also takes offsets, which the database does not have.
  if (!/^[A-Za-z]/.test(timezone)) return wrong;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions();
    // The database's names have their case; JavaScript takes any. Of a name that stands for another the case is not known.
    return timeZone.toLowerCase() === timezone.toLowerCase() && timeZone !== timezone ? wrong : null;
  } catch {
    return wrong;
  }
}
