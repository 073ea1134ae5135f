/**
 * How a document stands in the store: as JSON text, or as "z:" and the base64 of its raw deflate stream where that is
 * shorter. Dashboards repeat themselves: 25 kB become 3 kB, which makes a save three times as fast (docs/adr/0005).
 * Plain JSON is always read, so that a row can be mended by hand.
 */
import { Buffer } from "node:buffer";
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";
import { documentRules } from "../../dashboards/model/rules.ts";
import type { JsonObject } from "../../dashboards/types.ts";

/** Below this, deflating saves nothing worth its time. */
const plainBytesMax = 1024;
const packedPrefix = "z:";
/** A row written by somebody else must not fill the memory. Documents come in through a body limit far below. */
const documentBytesMax = 64 * 1024 * 1024;

export function packDocument(document: JsonObject): { text: string; sizeBytes: number } {
  const json = JSON.stringify(document);
  const sizeBytes = Buffer.byteLength(json, "utf8");
  if (sizeBytes <= plainBytesMax) return { text: json, sizeBytes };
  const packed = packedPrefix + deflateRawSync(json).toString("base64");
  return { text: packed.length < sizeBytes ? packed : json, sizeBytes };
}

/** Null for what is no document: broken base64 or deflate, broken JSON, JSON that is no object. */
export function unpackDocument(text: string): JsonObject | null {
  const json = documentJson(text);
  return json === null ? null : parseDocument(json);
}

/** The JSON text, whether or not it is one; null for broken base64 or deflate. */
export function documentJson(text: string): string | null {
  if (!text.startsWith(packedPrefix)) return text;
  try {
    const packed = Buffer.from(text.slice(packedPrefix.length), "base64");
    return inflateRawSync(packed, { maxOutputLength: documentBytesMax }).toString("utf8");
  } catch {
    return null;
  }
}

export function parseDocument(json: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : null;
  } catch {
    return null;
  }
}

/**
 * What stands beside a packed document that has passed the rules. It holds for these rules and this text only: not for another
 * version's rules, not for a row that was damaged or mended by hand.
 */
export function checkMark(text: string): string {
  return `${documentRules}:${crc32(text).toString(16)}`;
}

/** The JSON array of a `tags` column. A broken one counts as none. */
export function readTags(text: unknown): readonly string[] | null {
  if (typeof text !== "string") return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((tag) => typeof tag === "string") : null;
  } catch {
    return null;
  }
}

export function writeTags(tags: readonly string[] | null): string | null {
  return tags === null ? null : JSON.stringify(tags);
}
