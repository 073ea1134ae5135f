/** A row's place (tid) in binary: page in four bytes, line in two. The engine has it as VARCHAR, `(page,line)`. */
import type duckdb from "@duckdb/node-bindings";
import { ColumnEncoder } from "./column_encoder.ts";
import { RawStrings } from "./raw_strings.ts";

const [zero, nine, comma] = [48, 57, 44];

export class RowPlaceBinary extends ColumnEncoder {
  readonly #texts = new RawStrings();

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#texts.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 6);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let row = from; row < to; row++) {
      const index = row - from;
      const length = this.lengths[index]!;
      const position = cursors[index]!;
      view.setInt32(position, length);
      cursors[index] = position + 4 + (length < 0 ? 0 : length);
      if (length < 0) continue;
      const [page, line] = numbersOf(this.#texts.bytesAt(row));
      view.setUint32(position + 4, page);
      view.setUint16(position + 8, line);
    }
  }
}

function numbersOf(text: Uint8Array): readonly [page: number, line: number] {
  const numbers: [number, number] = [0, 0];
  let part: 0 | 1 = 0;
  for (const character of text) {
    if (character >= zero && character <= nine) numbers[part] = numbers[part] * 10 + character - zero;
    else if (character === comma) part = 1;
  }
  return numbers;
}
