/**
 * The hash chain. Each entry's hash is SHA-256 over the hash before it (hex), a line feed, and the entry's canonical JSON:
 * keys in order, no spaces, every field present. So an entry cannot be changed, removed or moved without the hashes no
 * longer fitting, unless all later ones are computed anew; against that the hashes also go to the log on stdout.
 */
import { hash } from "node:crypto";
import type { AuditEntry, AuditValue, StoredAuditEntry } from "./types.ts";

/** What the very first entry continues. */
export const firstHash = "0".repeat(64);

/** Characters of each field that are kept; what clients send must not fill the disk. */
const fieldCharactersMax = 300;
const detailsCharactersMax = 8_000;

/** The same text for the same value: object keys sorted by UTF-16 code units, no white space (RFC 8785's order). */
export function canonicalJson(value: AuditValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, inner]) => inner !== undefined).sort(([a], [b]) => a < b ? -1 : 1);
    return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonicalJson(inner)}`).join(",")}}`;
  }
  return JSON.stringify(typeof value === "string" ? wellFormed(value) : value) ?? "null";
}

/** The entry as it is stored, continuing the chain after `previousHash`. */
export function chainEntry(
  entry: AuditEntry,
  sequence: number,
  timeMs: number,
  previousHash: string,
): StoredAuditEntry {
  const { details, ...fields } = entry;
  const unhashed = {
    ...fields,
    actor: kept(fields.actor),
    objectKind: keptOrNull(fields.objectKind),
    objectId: keptOrNull(fields.objectId),
    project: keptOrNull(fields.project),
    address: keptOrNull(fields.address),
    userAgent: keptOrNull(fields.userAgent),
    code: keptOrNull(fields.code),
    sequence,
    timeMs,
    detailsText: detailsText(details),
  };
  return { ...unhashed, hash: entryHash(unhashed, previousHash) };
}

/** The hash that the entry must have after `previousHash`. */
export function entryHash(entry: Omit<StoredAuditEntry, "hash">, previousHash: string): string {
  return hash("sha256", `${previousHash}\n${canonicalEntry(entry)}`);
}

/** The canonical JSON of an entry; `details` is canonical already. */
function canonicalEntry(entry: Omit<StoredAuditEntry, "hash">): string {
  const text = (value: string | null) => value === null ? "null" : JSON.stringify(value);
  return `{"action":${text(entry.action)},"actor":${text(entry.actor)},"address":${text(entry.address)},` +
    `"code":${text(entry.code)},"details":${entry.detailsText},"object_id":${text(entry.objectId)},` +
    `"object_kind":${text(entry.objectKind)},"project":${text(entry.project)},"result":${text(entry.result)},` +
    `"seq":${entry.sequence},"time":"${new Date(entry.timeMs).toISOString()}","user_agent":${text(entry.userAgent)},` +
    `"version_after":${entry.versionAfter},"version_before":${entry.versionBefore}}`;
}

function detailsText(details: AuditEntry["details"]): string {
  const text = canonicalJson(details);
  if (text.length <= detailsCharactersMax) return text;
  return canonicalJson({ shortened: text.slice(0, detailsCharactersMax / 2), characters: text.length });
}

function kept(text: string): string {
  return wellFormed(text.length <= fieldCharactersMax ? text : `${text.slice(0, fieldCharactersMax - 1)}…`);
}

function keptOrNull(text: string | null): string | null {
  return text === null ? null : kept(text);
}

/** Half surrogate pairs cannot be stored as UTF-8, and would come back as another text than was hashed. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
