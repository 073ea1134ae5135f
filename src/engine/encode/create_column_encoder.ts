/** Chooses the encoder of a column: one for text and one for binary of each type. */
import { type ColumnType, elementOidOf, fieldTypeOf, isQuotient, isUnconstrainedNumeric } from "../../pgwire/types.ts";
import { ArrayBinary, ArrayText, VectorText } from "./array_values.ts";
import { BitValues, ByteaText, EnumValues, NullValues } from "./byte_values.ts";
import type { ColumnEncoder } from "./column_encoder.ts";
import { DateBinary, DateText, TimeBinary, TimeText } from "./date_time.ts";
import { type DecimalsShown, DecimalText } from "./decimal_text.ts";
import { BooleanValues, EightByteBinary, SmallIntegerBinary } from "./fixed_binary.ts";
import { DoubleText, FloatText } from "./float_text.ts";
import { Bignums, HugeIntegers, type IntegerSource, ScaledIntegers, UnsignedLargeIntegers } from "./integer_sources.ts";
import { LargeIntegerText, SmallIntegerText, SourceIntegerText } from "./integer_text.ts";
import { JsonbValues } from "./jsonb_values.ts";
import { JsonValues } from "./json_values.ts";
import { NumericBinary } from "./numeric_binary.ts";
import { RecordBinary, type RecordField, RecordText, StructField } from "./record_values.ts";
import { IntervalBinary, IntervalText, UuidBinary, UuidText } from "./sixteen_byte.ts";
import { RowPlaceBinary } from "./row_place.ts";
import { StringValues } from "./string_values.ts";
import { timeZone } from "./time_zone.ts";
import { TimestampBinary, TimestampText, type TimestampUnit } from "./timestamps.ts";

/** Session settings that change the text of values. */
export interface EncodeSettings {
  /** TimeZone: an IANA name, or an offset such as `+02:00`. */
  readonly timeZone: string;
  /** extra_float_digits: above 0 floats are shown exactly. */
  readonly extraFloatDigits: number;
}

/** Throws `invalid_parameter_value` for a time zone that does not exist. */
export function createColumnEncoder(type: ColumnType, format: 0 | 1, settings: EncodeSettings): ColumnEncoder {
  return format === 0 ? textEncoder(type, settings) : binaryEncoder(type, settings);
}

function textEncoder(type: ColumnType, settings: EncodeSettings): ColumnEncoder {
  switch (type.name) {
    case "BOOLEAN":
      return new BooleanValues(0);
    case "TINYINT":
      return new SmallIntegerText(1, true);
    case "UTINYINT":
      return new SmallIntegerText(1, false);
    case "SMALLINT":
      return new SmallIntegerText(2, true);
    case "USMALLINT":
      return new SmallIntegerText(2, false);
    case "INTEGER":
      return new SmallIntegerText(4, true);
    case "UINTEGER":
      return new SmallIntegerText(4, false);
    case "BIGINT":
      return new LargeIntegerText();
    case "UBIGINT":
    case "HUGEINT":
    case "UHUGEINT":
    case "BIGNUM":
      return new SourceIntegerText(integerSource(type.name));
    case "FLOAT":
      return new FloatText(settings.extraFloatDigits);
    case "DOUBLE":
      return new DoubleText(settings.extraFloatDigits);
    case "DECIMAL":
      return new DecimalText(type.width, type.scale, decimalsShown(type));
    case "VARCHAR":
      return new StringValues();
    case "JSON":
      return type.shownAs === "jsonb" ? new JsonbValues(0) : new StringValues();
    case "BLOB":
    case "GEOMETRY":
      return new ByteaText();
    case "BIT":
      return new BitValues(0);
    case "ENUM":
      return new EnumValues(type.values, type.indexBytes);
    case "DATE":
      return new DateText();
    case "TIME":
    case "TIME_NS":
    case "TIMETZ":
      return new TimeText(type.name);
    case "TIMESTAMP":
    case "TIMESTAMP_S":
    case "TIMESTAMP_MS":
    case "TIMESTAMP_NS":
      return new TimestampText(timestampUnit(type.name), null);
    case "TIMESTAMPTZ":
      return new TimestampText("microseconds", timeZone(settings.timeZone));
    case "INTERVAL":
      return new IntervalText();
    case "UUID":
      return new UuidText();
    case "SQLNULL":
      return new NullValues();
    case "LIST":
      if (type.shownAs !== undefined) return new VectorText(textEncoder(type.child, settings), null);
      return new ArrayText(textEncoder(type.child, settings), null, isArray(type.child));
    case "ARRAY":
      return new ArrayText(textEncoder(type.child, settings), type.size, isArray(type.child));
    case "STRUCT":
      if (type.shownAs === "record") return new RecordText(recordFields(type, (field) => textEncoder(field, settings)));
      if (type.shownAs !== undefined) return new StructField(0, new StringValues());
      return new JsonValues(type, (scalar) => textEncoder(scalar, settings));
    case "MAP":
    case "UNION":
      return new JsonValues(type, (scalar) => textEncoder(scalar, settings));
    default:
      return unknownType(type);
  }
}

function binaryEncoder(type: ColumnType, settings: EncodeSettings): ColumnEncoder {
  switch (type.name) {
    case "BOOLEAN":
      return new BooleanValues(1);
    case "TINYINT":
      return new SmallIntegerBinary(1, true, 2);
    case "UTINYINT":
      return new SmallIntegerBinary(1, false, 2);
    case "SMALLINT":
      return new SmallIntegerBinary(2, true, 2);
    case "USMALLINT":
      return new SmallIntegerBinary(2, false, 4);
    case "INTEGER":
    case "FLOAT":
      return new SmallIntegerBinary(4, true, 4);
    case "UINTEGER":
      return type.shownAs === undefined ? new SmallIntegerBinary(4, false, 8) : new SmallIntegerBinary(4, false, 4);
    case "BIGINT":
    case "DOUBLE":
      return new EightByteBinary();
    case "UBIGINT":
    case "HUGEINT":
    case "UHUGEINT":
    case "BIGNUM":
      return new NumericBinary(integerSource(type.name), 0);
    case "DECIMAL":
      return new NumericBinary(new ScaledIntegers(type.width), type.scale, decimalsShown(type));
    case "VARCHAR":
      return type.shownAs === "tid" ? new RowPlaceBinary() : new StringValues();
    case "JSON":
      return type.shownAs === "jsonb" ? new JsonbValues(1) : new StringValues();
    case "BLOB":
    case "GEOMETRY":
      return new StringValues();
    case "BIT":
      return new BitValues(1);
    case "DATE":
      return new DateBinary();
    case "TIME":
    case "TIME_NS":
    case "TIMETZ":
      return new TimeBinary(type.name);
    case "TIMESTAMP":
    case "TIMESTAMP_S":
    case "TIMESTAMP_MS":
    case "TIMESTAMP_NS":
      return new TimestampBinary(timestampUnit(type.name));
    case "TIMESTAMPTZ":
      return new TimestampBinary("microseconds");
    case "INTERVAL":
      return new IntervalBinary();
    case "UUID":
      return new UuidBinary();
    case "LIST":
    case "ARRAY": {
      const child = binaryEncoder(type.child, settings);
      return new ArrayBinary(child, arraySize(type), elementOidOf(type.child), isArray(type.child));
    }
    case "STRUCT":
      if (type.shownAs === "record") {
        return new RecordBinary(recordFields(type, (field) => binaryEncoder(field, settings)));
      }
      if (type.shownAs !== undefined) return new StructField(1, new SmallIntegerBinary(4, false, 4));
      return textEncoder(type, settings);
    // Text and json have the same bytes in both formats.
    case "ENUM":
    case "SQLNULL":
    case "MAP":
    case "UNION":
      return textEncoder(type, settings);
    default:
      return unknownType(type);
  }
}

function recordFields(
  type: Extract<ColumnType, { readonly name: "STRUCT" }>,
  encoderOf: (field: ColumnType) => ColumnEncoder,
): readonly RecordField[] {
  return type.entries.map((entry) => {
    // A row in a row is one, too.
    const field = entry.type.name === "STRUCT" ? { ...entry.type, shownAs: "record" as const } : entry.type;
    return { encoder: encoderOf(field), oid: fieldTypeOf(field).oid };
  });
}

function integerSource(name: "UBIGINT" | "HUGEINT" | "UHUGEINT" | "BIGNUM"): IntegerSource {
  switch (name) {
    case "UBIGINT":
      return new UnsignedLargeIntegers();
    case "HUGEINT":
      return new HugeIntegers(true);
    case "UHUGEINT":
      return new HugeIntegers(false);
    case "BIGNUM":
      return new Bignums();
  }
}

function timestampUnit(name: "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS"): TimestampUnit {
  switch (name) {
    case "TIMESTAMP":
      return "microseconds";
    case "TIMESTAMP_S":
      return "seconds";
    case "TIMESTAMP_MS":
      return "milliseconds";
    case "TIMESTAMP_NS":
      return "nanoseconds";
  }
}

function isArray(type: ColumnType): boolean {
  return type.name === "LIST" || type.name === "ARRAY";
}

function arraySize(type: ColumnType): number | null {
  return type.name === "ARRAY" ? type.size : null;
}

function unknownType(type: never): never {
  throw new Error(`no encoder for column type ${JSON.stringify(type)}`);
}

function decimalsShown(type: ColumnType): DecimalsShown {
  return isUnconstrainedNumeric(type) ? "needed" : isQuotient(type) ? "quotient" : "all";
}
