/** LIST and ARRAY columns: PostgreSQL's array literals and binary arrays, down to the values of the element's loader. */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { type ColumnType, elementOidOf, fieldTypeOf } from "../../pgwire/types.ts";
import { type ArrayElement, parseArrayBinary, parseArrayText } from "../bind/array_input.ts";
import { ColumnLoader, type SealedColumn, textOf } from "./column_loader.ts";

const encoder = new TextEncoder();

export type ListColumnType = Extract<ColumnType, { name: "LIST" | "ARRAY" }>;

export class ListLoader extends ColumnLoader {
  override readonly width = 16;
  readonly #type: ListColumnType;
  readonly #child: ColumnLoader;
  /** Offset and length of each row's elements among the child's values. */
  #entries = new BigUint64Array(0);

  constructor(type: ListColumnType, child: ColumnLoader) {
    super();
    this.#type = type;
    this.#child = child;
  }

  override get heapBytes(): number {
    return this.#child.count * this.#child.width + this.#child.heapBytes;
  }

  protected override reserve(capacity: number): void {
    const entries = new BigUint64Array(capacity * 2);
    entries.set(this.#entries);
    this.#entries = entries;
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    this.#put(parseArrayText(textOf(bytes, from, to)), (child, text) => {
      const element = encoder.encode(text);
      child.appendText(element, 0, element.length);
    });
  }

  protected override putBinary(bytes: Uint8Array, from: number, to: number): void {
    const elements = parseArrayBinary(fieldTypeOf(this.#type).oid, elementOidOf(this.#type), bytes.subarray(from, to));
    this.#put(elements, (child, element) => child.appendBinary(element, 0, element.length));
  }

  /** An ARRAY has its elements in every row, also in one that is NULL. */
  protected override putNull(): void {
    const first = this.#child.count;
    if (this.#type.name === "ARRAY") {
      const nulls = Array.from({ length: this.#type.size }, () => null);
      this.#fill(nulls, () => {});
    }
    this.#note(first);
  }

  #put<T>(elements: readonly ArrayElement<T>[], append: (child: ColumnLoader, element: T) => void): void {
    const first = this.#child.count;
    this.#fill(elements, append);
    this.#note(first);
  }

  #note(first: number): void {
    this.#entries[this.count * 2] = BigInt(first);
    this.#entries[this.count * 2 + 1] = BigInt(this.#child.count - first);
  }

  #fill<T>(elements: readonly ArrayElement<T>[], append: (child: ColumnLoader, element: T) => void): void {
    const child = this.#child;
    if (this.#type.name === "ARRAY" && elements.length !== this.#type.size) {
      throw new AppError(
        "invalid_text_representation",
        `wrong number of array elements: ${elements.length}, expected ${this.#type.size}`,
      );
    }
    const nested = child instanceof ListLoader;
    for (const element of elements) {
      if (element === null) child.appendNull();
      else if (Array.isArray(element)) {
        if (!nested) throw dimensions("more");
        child.append(() => child.#put(element as readonly ArrayElement<T>[], append));
      } else {
        if (nested) throw dimensions("fewer");
        append(child, element as T);
      }
    }
  }

  protected override sealValues(rowCount: number): SealedColumn {
    const entries = this.#entries;
    this.#entries = new BigUint64Array(0);
    const last = (rowCount - 1) * 2;
    const childCount = rowCount === 0 ? 0 : Number(entries[last]! + entries[last + 1]!);
    const child = this.#child.seal(childCount);
    if (this.#type.name === "ARRAY") return { write: (vector) => child.write(duckdb.array_vector_get_child(vector)) };
    return {
      write: (vector) => {
        duckdb.list_vector_reserve(vector, childCount);
        duckdb.list_vector_set_size(vector, childCount);
        if (childCount > 0) child.write(duckdb.list_vector_get_child(vector));
        duckdb.copy_data_to_vector(vector, 0, entries.buffer, 0, rowCount * 16);
      },
    };
  }
}

function dimensions(which: "more" | "fewer"): AppError {
  return new AppError(
    "invalid_text_representation",
    `malformed array literal: it has ${which} dimensions than its column`,
  );
}
