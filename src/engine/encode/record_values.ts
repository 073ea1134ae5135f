/**
 * Rows as values, `ROW(1, 'a')`, which are structs in DuckDB. Text (`record_out`): `(1,a)`, a field in quotes where it would be read otherwise, nothing for
 * NULL. Binary (`record_send`): int32 count of fields, then each with its OID, length word and bytes.
 *
 * And values of reg… types, which come as a struct of name and OID: the text is the name, the binary form the OID.
 */
import duckdb from "@duckdb/node-bindings";
import { ColumnEncoder } from "./column_encoder.ts";
import { AssembledValues, ValueArena } from "./value_arena.ts";

export interface RecordField {
  readonly encoder: ColumnEncoder;
  readonly oid: number;
}

abstract class RecordValues extends AssembledValues {
  protected readonly fields: readonly RecordField[];
  protected readonly arena = new ValueArena();

  constructor(fields: readonly RecordField[]) {
    super();
    this.fields = fields;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.fields.forEach(({ encoder }, index) => encoder.load(duckdb.struct_vector_get_child(vector, index), rowCount));
  }

  protected override prepare(): void {}

  /** The field's bytes, valid until the next call; null for NULL. */
  protected encodedField(field: RecordField, row: number): Uint8Array | null {
    this.arena.clear();
    this.arena.append(field.encoder, row, row + 1);
    const length = this.arena.lengthAt(0);
    return length < 0 ? null : this.arena.writer.bytes.subarray(4, 4 + length);
  }
}

const [quote, backslash] = [34, 92];
/** Bytes that make record_out put a field in quotes. */
const quotedBytes = new Uint8Array(256);
for (const character of '"\\(), \t\n\r\v\f') quotedBytes[character.charCodeAt(0)] = 1;

export class RecordText extends RecordValues {
  protected override assemble(row: number): void {
    const output = this.assembled;
    output.text("(");
    this.fields.forEach((field, index) => {
      if (index > 0) output.text(",");
      const value = this.encodedField(field, row);
      if (value === null) return;
      if (value.length > 0 && !value.some((byte) => quotedBytes[byte] === 1)) return output.raw(value);
      output.byte(quote);
      for (const byte of value) {
        if (byte === quote || byte === backslash) output.byte(byte);
        output.byte(byte);
      }
      output.byte(quote);
    });
    output.text(")");
  }
}

export class RecordBinary extends RecordValues {
  protected override assemble(row: number): void {
    const output = this.assembled;
    output.int32(this.fields.length);
    for (const field of this.fields) {
      output.int32(field.oid);
      const value = this.encodedField(field, row);
      output.int32(value === null ? -1 : value.length);
      if (value !== null) output.raw(value);
    }
  }
}

/** One field of a struct in place of the struct, which is NULL where all its fields are. */
export class StructField extends ColumnEncoder {
  readonly #index: number;
  readonly #encoder: ColumnEncoder;

  constructor(index: number, encoder: ColumnEncoder) {
    super();
    this.#index = index;
    this.#encoder = encoder;
  }

  override load(vector: duckdb.Vector, rowCount: number): void {
    this.#encoder.load(duckdb.struct_vector_get_child(vector, this.#index), rowCount);
  }

  protected override loadValues(): void {}

  override measure(from: number, to: number): void {
    this.#encoder.measure(from, to);
    this.lengths.set(this.#encoder.lengths.subarray(0, to - from));
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    this.#encoder.write(from, to, bytes, view, cursors);
  }
}
