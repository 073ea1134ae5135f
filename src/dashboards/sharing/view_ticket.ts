/**
 * A view: the proof that somebody opened a link whose openings are counted, so that the dashboard's queries need no further
 * opening, and nobody can query by a used-up link without one. Signed by the server (HMAC-SHA-256), valid for a while.
 */
import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

export const viewLifetimeMs = 12 * 3_600_000;

export function makeView(secret: Uint8Array, shareId: string, nowMs: number): string {
  const payload = `${shareId}.${nowMs + viewLifetimeMs}`;
  return `${payload}.${signature(secret, payload)}`;
}

/** Whether it is this share's view and still valid. */
export function isView(secret: Uint8Array, view: string, shareId: string, nowMs: number): boolean {
  const match = /^(sh_[0-9a-f]+)\.(\d{1,15})\.([A-Za-z0-9_-]{43})$/.exec(view);
  if (match === null || match[1] !== shareId || Number(match[2]) <= nowMs) return false;
  const expected = Buffer.from(signature(secret, `${match[1]}.${match[2]}`));
  const given = Buffer.from(match[3] ?? "");
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function signature(secret: Uint8Array, payload: string): string {
  return createHmac("sha256", secret).update(`view.${payload}`).digest("base64url");
}
