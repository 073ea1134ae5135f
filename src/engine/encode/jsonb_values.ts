/**
 * jsonb: DuckDB keeps JSON as it was written, PostgreSQL sends jsonb in its canonical form (keys by length, the last of equal ones, a space behind each colon
 * and comma). In binary a version byte stands before the text (`jsonb_send`).
 */
import type duckdb from "@duckdb/node-bindings";
import { canonicalJsonb } from "../../sql/functions/json/functions.ts";
import { StringValues } from "./string_values.ts";
import { AssembledValues, ValueArena } from "./value_arena.ts";

const version = 1;

export class JsonbValues extends AssembledValues {
  readonly #source = new StringValues();
  readonly #arena = new ValueArena();
  readonly #decoder = new TextDecoder();
  readonly #binary: boolean;

  constructor(format: 0 | 1) {
    super();
    this.#binary = format === 1;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#source.load(vector, rowCount);
  }

  protected override prepare(): void {}

  protected override assemble(row: number): void {
    const arena = this.#arena;
    arena.clear();
    arena.append(this.#source, row, row + 1);
    const bytes = arena.writer.bytes.subarray(4, 4 + arena.lengthAt(0));
    if (this.#binary) this.assembled.byte(version);
    if (isCanonical(bytes)) this.assembled.raw(bytes);
    else this.assembled.text(canonicalJsonb(this.#decoder.decode(bytes)));
  }
}

/** Of short values without anything inside, which are the most: no object, no array but an empty one, no escape and no exponent. */
function isCanonical(bytes: Uint8Array): boolean {
  const [first] = bytes;
  if (first === 123 || first === 91) return bytes.length === 2;
  if (first === 34) return !bytes.includes(92);
  if (first === 116 || first === 102 || first === 110) return true;
  return bytes.every((byte) => byte === 46 || (byte >= 48 && byte <= 57) || byte === 45) && bytes.length < 18 &&
    !(first === 45 && bytes[1] === 48);
}
