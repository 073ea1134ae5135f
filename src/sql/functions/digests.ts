/** Digests and checksums of bytes that DuckDB does not have. Bytes are hexadecimal text. */
import { createHash } from "node:crypto";

/** `algorithm` is sha224, sha384 or sha512. */
export function digest(algorithm: string, hex: string): string {
  return createHash(algorithm).update(hex, "hex").digest("hex");
}

/** Reversed polynomials: CRC-32 (ISO 3309) and CRC-32C (Castagnoli). */
const polynomials: Readonly<Record<string, number>> = { crc32: 0xedb88320, crc32c: 0x82f63b78 };
const tables = new Map<string, Uint32Array>();

/** `algorithm` is crc32 or crc32c. */
export function checksum(algorithm: string, hex: string): bigint {
  const table = tables.get(algorithm) ?? makeTable(algorithm);
  let remainder = 0xffffffff;
  for (let position = 0; position < hex.length; position += 2) {
    const byte = parseInt(hex.slice(position, position + 2), 16);
    remainder = (remainder >>> 8) ^ table[(remainder ^ byte) & 0xff]!;
  }
  return BigInt((remainder ^ 0xffffffff) >>> 0);
}

function makeTable(algorithm: string): Uint32Array {
  const polynomial = polynomials[algorithm]!;
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  tables.set(algorithm, table);
  return table;
}
