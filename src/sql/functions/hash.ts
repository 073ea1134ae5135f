/**
 * PostgreSQL's hash functions of texts and whole numbers: Bob Jenkins' lookup3 (public domain) with PostgreSQL's start value, so that
 * what was spread over shards or locks by hashtext() elsewhere falls into the same places here.
 */

const start = 0x9e3779b9 + 3923095;

interface State {
  a: number;
  b: number;
  c: number;
}

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function mix(state: State): void {
  let { a, b, c } = state;
  a = (a - c) ^ rotated(c, 4);
  c = (c + b) | 0;
  b = (b - a) ^ rotated(a, 6);
  a = (a + c) | 0;
  c = (c - b) ^ rotated(b, 8);
  b = (b + a) | 0;
  a = (a - c) ^ rotated(c, 16);
  c = (c + b) | 0;
  b = (b - a) ^ rotated(a, 19);
  a = (a + c) | 0;
  c = (c - b) ^ rotated(b, 4);
  b = (b + a) | 0;
  state.a = a | 0;
  state.b = b | 0;
  state.c = c | 0;
}

function finish(state: State): void {
  let { a, b, c } = state;
  c = (c ^ b) - rotated(b, 14);
  a = (a ^ c) - rotated(c, 11);
  b = (b ^ a) - rotated(a, 25);
  c = (c ^ b) - rotated(b, 16);
  a = (a ^ c) - rotated(c, 4);
  b = (b ^ a) - rotated(a, 14);
  c = (c ^ b) - rotated(b, 24);
  state.a = a | 0;
  state.b = b | 0;
  state.c = c | 0;
}

function hashed(bytes: Uint8Array, seed: bigint): State {
  const first = (start + bytes.length) | 0;
  const state: State = { a: first, b: first, c: first };
  if (seed !== 0n) {
    state.a = (state.a + Number(BigInt.asIntN(32, seed >> 32n))) | 0;
    state.b = (state.b + Number(BigInt.asIntN(32, seed))) | 0;
    mix(state);
  }
  let position = 0;
  const word = (at: number) =>
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  for (; bytes.length - position >= 12; position += 12) {
    state.a = (state.a + word(position)) | 0;
    state.b = (state.b + word(position + 4)) | 0;
    state.c = (state.c + word(position + 8)) | 0;
    mix(state);
  }
  state.a = (state.a + word(position)) | 0;
  state.b = (state.b + word(position + 4)) | 0;
  // The lowest byte of the last word stands for the length.
  state.c = (state.c + (word(position + 8) << 8)) | 0;
  finish(state);
  return state;
}

const encoder = new TextEncoder();

/** hashtext: 32 bits, signed. */
export function hashBytes(text: string): bigint {
  return BigInt(hashed(encoder.encode(text), 0n).c);
}

/** hashtextextended: 64 bits, signed. */
export function hashBytesExtended(text: string, seed: bigint): bigint {
  const { b, c } = hashed(encoder.encode(text), seed);
  return BigInt.asIntN(64, (BigInt(b >>> 0) << 32n) | BigInt(c >>> 0));
}

/** hashint4. */
export function hashInteger(value: bigint): bigint {
  const first = (start + 4) | 0;
  const state: State = { a: (first + Number(BigInt.asIntN(32, value))) | 0, b: first, c: first };
  finish(state);
  return BigInt(state.c);
}

/** hashint8: equal to hashint4 for values that both can hold. */
export function hashLarge(value: bigint): bigint {
  const high = BigInt.asIntN(32, value >> 32n);
  return hashInteger(BigInt.asIntN(32, value) ^ (value >= 0n ? high : ~high));
}
