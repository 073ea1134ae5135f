/** Audit entries as REST shows and exports them: JSON, JSON lines, CSV. */
import type { AuditEntry, StoredAuditEntry } from "./types.ts";

export interface ShownAuditEntry {
  readonly seq: number;
  readonly time: string;
  readonly actor: string;
  readonly action: string;
  readonly object_kind: string | null;
  readonly object_id: string | null;
  readonly project: string | null;
  readonly version_before: number | null;
  readonly version_after: number | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly result: string;
  readonly code: string | null;
  readonly details: Record<string, unknown>;
  readonly hash: string;
}

export function showEntry(entry: StoredAuditEntry): ShownAuditEntry {
  return {
    seq: entry.sequence,
    time: new Date(entry.timeMs).toISOString(),
    ...entryFields(entry),
    details: parsedDetails(entry.detailsText),
    hash: entry.hash,
  };
}

/** What an entry says, before the chain has given it its number, time and hash. */
export function entryFields(
  entry: Omit<AuditEntry, "details">,
): Omit<ShownAuditEntry, "seq" | "time" | "details" | "hash"> {
  return {
    actor: entry.actor,
    action: entry.action,
    object_kind: entry.objectKind,
    object_id: entry.objectId,
    project: entry.project,
    version_before: entry.versionBefore,
    version_after: entry.versionAfter,
    address: entry.address,
    user_agent: entry.userAgent,
    result: entry.result,
    code: entry.code,
  };
}

export type AuditTextFormat = "jsonl" | "csv";

const csvColumns = [
  "seq",
  "time",
  "actor",
  "action",
  "object_kind",
  "object_id",
  "project",
  "version_before",
  "version_after",
  "address",
  "user_agent",
  "result",
  "code",
  "details",
  "hash",
] as const;

/** The entries as text, a block at a time; CSV begins with its header. */
export async function* exportText(
  blocks: AsyncIterable<readonly StoredAuditEntry[]>,
  format: AuditTextFormat,
): AsyncIterable<string> {
  if (format === "csv") yield csvColumns.join(",") + "\r\n";
  for await (const block of blocks) {
    yield block.map((entry) => format === "csv" ? csvLine(entry) : `${JSON.stringify(showEntry(entry))}\n`).join("");
  }
}

function csvLine(entry: StoredAuditEntry): string {
  const shown = { ...showEntry(entry), details: entry.detailsText };
  return csvColumns.map((column) => csvField(shown[column])).join(",") + "\r\n";
}

/**
 * RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front, as user agents and names come
 * from strangers.
 */
function csvField(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Somebody may have put something else than JSON in place; it is shown, not hidden. */
function parsedDetails(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { unreadable: text };
  }
}
