/**
 * STRUCT, MAP and UNION as JSON text. A struct is an object of its fields, a map an object of its keys' text, a union
 * the value of its member, a list an array. Numbers and booleans stay bare; NaN and infinities, which JSON lacks, and
 * all other types are strings of their PostgreSQL text.
 */
import duckdb from "@duckdb/node-bindings";
import type { MessageWriter } from "../../pgwire/codec/message_writer.ts";
import type { ColumnType } from "../../pgwire/types.ts";
import { ElementRanges } from "./array_values.ts";
import { type ColumnEncoder, rawValues } from "./column_encoder.ts";
import { AssembledValues, ValueArena } from "./value_arena.ts";

/** Makes the text encoder of a scalar type. */
export type ScalarEncoderFactory = (type: ColumnType) => ColumnEncoder;

/** Appends a row's value, NULL included, as JSON. */
interface JsonPart {
  load(vector: duckdb.Vector, rowCount: number): void;
  append(row: number, output: MessageWriter): void;
}

export class JsonValues extends AssembledValues {
  readonly #part: JsonPart;

  constructor(type: ColumnType, scalarEncoder: ScalarEncoderFactory) {
    super();
    this.#part = jsonPart(type, scalarEncoder);
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#part.load(vector, rowCount);
  }

  protected override prepare(): void {}

  protected override assemble(row: number): void {
    this.#part.append(row, this.assembled);
  }
}

function jsonPart(type: ColumnType, scalarEncoder: ScalarEncoderFactory): JsonPart {
  switch (type.name) {
    case "STRUCT":
      return new StructPart(type.entries.map((entry) => [entry.name, jsonPart(entry.type, scalarEncoder)]));
    case "UNION":
      return new UnionPart(type.members.map((member) => jsonPart(member.type, scalarEncoder)));
    case "MAP":
      return new MapPart(new ScalarPart(type.key, scalarEncoder, true), jsonPart(type.value, scalarEncoder));
    case "LIST":
      return new ListPart(jsonPart(type.child, scalarEncoder), null);
    case "ARRAY":
      return new ListPart(jsonPart(type.child, scalarEncoder), type.size);
    default:
      return new ScalarPart(type, scalarEncoder, false);
  }
}

class Validity {
  #bits: Uint8Array | null = null;

  load(vector: duckdb.Vector, rowCount: number): void {
    this.#bits = duckdb.vector_get_validity(vector, ((rowCount + 63) >>> 6) << 3);
  }

  isNull(row: number): boolean {
    return this.#bits !== null && ((this.#bits[row >>> 3]! >>> (row & 7)) & 1) === 0;
  }
}

type ScalarForm = "bare" | "boolean" | "string";

function scalarForm(type: ColumnType): ScalarForm {
  switch (type.name) {
    case "BOOLEAN":
      return "boolean";
    case "TINYINT":
    case "SMALLINT":
    case "INTEGER":
    case "BIGINT":
    case "UTINYINT":
    case "USMALLINT":
    case "UINTEGER":
    case "UBIGINT":
    case "HUGEINT":
    case "UHUGEINT":
    case "BIGNUM":
    case "FLOAT":
    case "DOUBLE":
    case "DECIMAL":
    case "JSON":
      return "bare";
    default:
      return "string";
  }
}

class ScalarPart implements JsonPart {
  readonly #encoder: ColumnEncoder;
  readonly #form: ScalarForm;
  readonly #json: boolean;
  readonly #arena = new ValueArena();

  constructor(type: ColumnType, scalarEncoder: ScalarEncoderFactory, asKey: boolean) {
    this.#encoder = scalarEncoder(type);
    this.#form = asKey ? "string" : scalarForm(type);
    this.#json = type.name === "JSON" && !asKey;
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    this.#encoder.load(vector, rowCount);
  }

  append(row: number, output: MessageWriter): void {
    const arena = this.#arena;
    arena.clear();
    arena.append(this.#encoder, row, row + 1);
    const length = arena.lengthAt(0);
    if (length < 0) {
      output.text("null");
      return;
    }
    const value = arena.writer.bytes.subarray(4, 4 + length);
    if (this.#form === "boolean") output.text(value[0] === 116 ? "true" : "false");
    else if (this.#form === "bare" && (this.#json || isJsonNumber(value))) output.raw(value);
    else appendJsonString(value, output);
  }
}

/** Everything but NaN, Infinity and -Infinity, which end in a letter. */
function isJsonNumber(value: Uint8Array): boolean {
  return value[value.length - 1]! < 58;
}

const hexText = "0123456789abcdef";

/** UTF-8 bytes as a JSON string (RFC 8259, section 7). */
function appendJsonString(value: Uint8Array, output: MessageWriter): void {
  output.reserve(value.length * 6 + 2);
  output.byte(34);
  for (const byte of value) {
    if (byte >= 32) {
      if (byte === 34 || byte === 92) output.byte(92);
      output.byte(byte);
    } else {
      const short = byte === 10 ? "\\n" : byte === 13 ? "\\r" : byte === 9 ? "\\t" : "";
      output.text(short === "" ? `\\u00${hexText[byte >> 4]}${hexText[byte & 15]}` : short);
    }
  }
  output.byte(34);
}

class StructPart implements JsonPart {
  readonly #names: readonly Uint8Array[];
  readonly #parts: readonly JsonPart[];
  readonly #validity = new Validity();

  constructor(entries: readonly (readonly [string, JsonPart])[]) {
    const encoder = new TextEncoder();
    this.#names = entries.map(([name]) => encoder.encode(`${JSON.stringify(name)}:`));
    this.#parts = entries.map(([, part]) => part);
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    this.#validity.load(vector, rowCount);
    this.#parts.forEach((part, index) => part.load(duckdb.struct_vector_get_child(vector, index), rowCount));
  }

  append(row: number, output: MessageWriter): void {
    if (this.#validity.isNull(row)) {
      output.text("null");
      return;
    }
    output.byte(123);
    for (let index = 0; index < this.#parts.length; index++) {
      if (index > 0) output.byte(44);
      output.raw(this.#names[index]!);
      this.#parts[index]!.append(row, output);
    }
    output.byte(125);
  }
}

/** A union vector is a struct of a tag (UTINYINT) and the members. */
class UnionPart implements JsonPart {
  readonly #members: readonly JsonPart[];
  readonly #validity = new Validity();
  #tags = new Uint8Array(0);

  constructor(members: readonly JsonPart[]) {
    this.#members = members;
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    this.#validity.load(vector, rowCount);
    this.#tags = rawValues(duckdb.struct_vector_get_child(vector, 0), rowCount, 1);
    this.#members.forEach((part, index) => part.load(duckdb.struct_vector_get_child(vector, index + 1), rowCount));
  }

  append(row: number, output: MessageWriter): void {
    if (this.#validity.isNull(row)) output.text("null");
    else this.#members[this.#tags[row]!]!.append(row, output);
  }
}

class ListPart implements JsonPart {
  readonly #child: JsonPart;
  readonly #ranges: ElementRanges;
  readonly #validity = new Validity();

  constructor(child: JsonPart, size: number | null) {
    this.#child = child;
    this.#ranges = new ElementRanges(size);
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    this.#validity.load(vector, rowCount);
    const { child, childCount } = this.#ranges.load(vector, rowCount);
    this.#child.load(child, childCount);
  }

  append(row: number, output: MessageWriter): void {
    if (this.#validity.isNull(row)) {
      output.text("null");
      return;
    }
    const start = this.#ranges.start(row);
    const end = start + this.#ranges.length(row);
    output.byte(91);
    for (let element = start; element < end; element++) {
      if (element > start) output.byte(44);
      this.#child.append(element, output);
    }
    output.byte(93);
  }
}

/** A map vector is a list of structs of key and value. */
class MapPart implements JsonPart {
  readonly #key: JsonPart;
  readonly #value: JsonPart;
  readonly #ranges = new ElementRanges(null);
  readonly #validity = new Validity();

  constructor(key: JsonPart, value: JsonPart) {
    this.#key = key;
    this.#value = value;
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    this.#validity.load(vector, rowCount);
    const { child, childCount } = this.#ranges.load(vector, rowCount);
    this.#key.load(duckdb.struct_vector_get_child(child, 0), childCount);
    this.#value.load(duckdb.struct_vector_get_child(child, 1), childCount);
  }

  append(row: number, output: MessageWriter): void {
    if (this.#validity.isNull(row)) {
      output.text("null");
      return;
    }
    const start = this.#ranges.start(row);
    const end = start + this.#ranges.length(row);
    output.byte(123);
    for (let entry = start; entry < end; entry++) {
      if (entry > start) output.byte(44);
      this.#key.append(entry, output);
      output.byte(58);
      this.#value.append(entry, output);
    }
    output.byte(125);
  }
}
