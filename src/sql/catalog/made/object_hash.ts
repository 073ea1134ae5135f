/**
 * OIDs of users' objects, computed as `objectOid` of relations/define.ts has DuckDB compute them: DuckDB's hash of a text (a test compares the two). For
 * texts of more than 12 bytes only, which all of these are.
 */
import { schemaOids } from "../relations/objects.ts";

const [seed, lengthFactor, blockFactor] = [0xe17a1465n, 0xc6a4a7935bd1e995n, 0xd6e8feb86659fd93n];
const firstOid = 16384;
const oidCount = 2147467264n;
const blockBytes = 8;

const encoder = new TextEncoder();
const word = (value: bigint) => BigInt.asUintN(64, value);

/** DuckDB's hash of a text (DuckDB 1.5). */
export function duckdbHash(text: string): bigint {
  const bytes = encoder.encode(text);
  const padded = new DataView(new ArrayBuffer(Math.ceil(bytes.length / blockBytes) * blockBytes));
  new Uint8Array(padded.buffer).set(bytes);
  let hash = seed ^ word(BigInt(bytes.length) * lengthFactor);
  for (let at = 0; at < padded.byteLength; at += blockBytes) {
    hash = word((hash ^ padded.getBigUint64(at, true)) * blockFactor);
  }
  for (let round = 0; round < 2; round++) hash = word((hash ^ (hash >> 32n)) * blockFactor);
  return hash ^ (hash >> 32n);
}

function objectOid(kind: string, schema: string, name: string): number {
  return firstOid + Number(duckdbHash(`${kind}/${schema}/${name}`) % oidCount);
}

const fixedSchemas: ReadonlyMap<string, number> = new Map(Object.entries(schemaOids));

export function schemaOid(schema: string): number {
  return fixedSchemas.get(schema) ?? objectOid("schema", "", schema);
}

export function relationOid(schema: string, name: string): number {
  return objectOid("relation", schema, name);
}

export function constraintOid(schema: string, table: string, constraint: string): number {
  return objectOid("constraint", schema, `${table}.${constraint}`);
}

export function defaultOid(schema: string, table: string, column: string): number {
  return objectOid("default", schema, `${table}.${column}`);
}
