/** SQL's JSON constructors and IS JSON as DuckDB's functions. JSON_TABLE and the path functions (JSON_VALUE …) have no equal. */
import { expression, level } from "./brackets.ts";
import {
  type JsonAggConstructor,
  type JsonFormat,
  type JsonIsPredicate,
  type JsonKeyValue,
  type JsonOutput,
  type JsonValueExpr,
  type Node,
  refuse,
  refuseOtherFields,
  requireBody,
} from "./tree.ts";
import { sortClause } from "./windows.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** Whether a FORMAT clause says JSON; another encoding than UTF-8 is refused. */
function isFormatJson(format: JsonFormat = {}): boolean {
  refuseOtherFields(format, ["format_type", "encoding"]);
  const { format_type: kind = "JS_FORMAT_DEFAULT", encoding = "JS_ENC_DEFAULT" } = format;
  if (encoding !== "JS_ENC_DEFAULT" && encoding !== "JS_ENC_UTF8") refuse(`JSON in ${encoding}`);
  if (kind !== "JS_FORMAT_DEFAULT" && kind !== "JS_FORMAT_JSON") refuse(`the format ${kind}`);
  return kind === "JS_FORMAT_JSON";
}

/** A value that becomes JSON; `FORMAT JSON` says that its text is JSON already. */
function jsonValue(out: Writer, value: JsonValueExpr | undefined): void {
  if (value === undefined) refuse("JSON without a value");
  refuseOtherFields(value, ["raw_expr", "format"]);
  if (!isFormatJson(value.format)) return expression(out, value.raw_expr);
  out.write("CAST(");
  expression(out, value.raw_expr);
  out.write(" AS JSON)");
}

function keyAndValue(out: Writer, pair: JsonKeyValue | undefined): void {
  if (pair === undefined) refuse("a JSON object without a value");
  refuseOtherFields(pair, ["key", "value"]);
  expression(out, pair.key);
  out.write(", ");
  jsonValue(out, pair.value);
}

/** Prints a JSON value as the type of RETURNING; text keeps the JSON's text. */
function returning(out: Writer, output: JsonOutput | undefined, print: () => void): void {
  out.translates();
  if (output === undefined) return print();
  refuseOtherFields(output, ["typeName", "returning"]);
  refuseOtherFields(output.returning ?? {}, ["format"]);
  isFormatJson(output.returning?.format);
  if (output.typeName === undefined) return print();
  out.write("CAST(");
  print();
  out.write(" AS ");
  out.body("TypeName", output.typeName);
  out.write(")");
}

/** json_array keeps nulls; without them the values are made JSON first, so that a list can hold them. */
function jsonArray(out: Writer, values: readonly JsonValueExpr[], absentOnNull: boolean): void {
  if (!absentOnNull || values.length === 0) {
    out.write("json_array");
    return out.brackets(() => out.list(values, (value) => jsonValue(out, value)));
  }
  out.write("to_json(list_filter([");
  out.list(values, (value) => {
    out.write("to_json(");
    jsonValue(out, value);
    out.write(")");
  });
  out.write("], lambda e: e IS NOT NULL))");
}

const jsonTypes: Readonly<Record<string, string>> = {
  JS_TYPE_OBJECT: "= 'OBJECT'",
  JS_TYPE_ARRAY: "= 'ARRAY'",
  JS_TYPE_SCALAR: "NOT IN ('OBJECT', 'ARRAY')",
};

function printIsJson(out: Writer, test: JsonIsPredicate): void {
  const text = () => {
    out.write("CAST(");
    expression(out, test.expr);
    out.write(" AS VARCHAR)");
  };
  const valid = () => {
    out.write("json_valid(");
    text();
    out.write(")");
  };
  out.translates();
  out.place(test.location);
  const kind = test.item_type ?? "JS_TYPE_ANY";
  if (kind === "JS_TYPE_ANY") return valid();
  // of a text that is no JSON, json_type is an error
  out.write("CASE WHEN ");
  valid();
  out.write(" THEN json_type(");
  text();
  out.write(`) ${jsonTypes[kind] ?? refuse(kind)} WHEN `);
  expression(out, test.expr, level.otherOperator);
  out.write(" IS NOT NULL THEN false END");
}

/** What stands beside the argument of an aggregate; refuses clauses other than `known`. */
function clauses(
  aggregate: { constructor?: JsonAggConstructor },
  known: readonly (keyof JsonAggConstructor)[],
): JsonAggConstructor {
  // every object has a constructor of its own, which is a function
  if (!Object.hasOwn(aggregate, "constructor") || aggregate.constructor === undefined) return {};
  refuseOtherFields(aggregate.constructor, known);
  return aggregate.constructor;
}

export const jsonPrinters = {
  JsonObjectConstructor: {
    fields: ["exprs", "output"],
    print(out, object) {
      out.place(object.location);
      returning(out, object.output, () => {
        out.write("json_object");
        out.brackets(() =>
          out.list(object.exprs ?? [], (node) => {
            keyAndValue(out, requireBody(node, "JsonKeyValue"));
          })
        );
      });
    },
  },
  JsonArrayConstructor: {
    fields: ["exprs", "output", "absent_on_null"],
    print(out, array) {
      const values = (array.exprs ?? []).map((node: Node) => requireBody(node, "JsonValueExpr"));
      out.place(array.location);
      returning(out, array.output, () => jsonArray(out, values, array.absent_on_null === true));
    },
  },
  JsonArrayAgg: {
    fields: ["constructor", "arg", "absent_on_null"],
    print(out, aggregate) {
      const { output, agg_filter: filter, agg_order: order, location } = clauses(aggregate, [
        "output",
        "agg_filter",
        "agg_order",
      ]);
      const skipsNulls = aggregate.absent_on_null === true;
      out.place(location);
      returning(out, output, () => {
        out.write("to_json(list(");
        jsonValue(out, aggregate.arg);
        if (order !== undefined) sortClause(out, order);
        out.write(")");
        if (filter !== undefined || skipsNulls) {
          out.write(" FILTER (WHERE ");
          if (skipsNulls) {
            expression(out, aggregate.arg?.raw_expr, level.otherOperator);
            out.write(" IS NOT NULL");
          }
          if (filter !== undefined && skipsNulls) out.write(" AND ");
          if (filter !== undefined) expression(out, filter, level.not);
          out.write(")");
        }
        out.write(")");
      });
    },
  },
  JsonObjectAgg: {
    fields: ["constructor", "arg"],
    print(out, aggregate) {
      // json_group_object is a macro, which takes neither FILTER nor ORDER BY
      const { output, location } = clauses(aggregate, ["output"]);
      out.place(location);
      returning(out, output, () => {
        out.write("json_group_object(");
        keyAndValue(out, aggregate.arg);
        out.write(")");
      });
    },
  },
  JsonParseExpr: {
    fields: ["expr", "output"],
    print(out, parse) {
      out.place(parse.location);
      returning(out, parse.output, () => {
        // its text is JSON, also without the word
        jsonValue(out, { ...parse.expr, format: { ...parse.expr?.format, format_type: "JS_FORMAT_JSON" } });
      });
    },
  },
  JsonScalarExpr: {
    fields: ["expr", "output"],
    print(out, scalar) {
      out.place(scalar.location);
      returning(out, scalar.output, () => {
        out.write("to_json(");
        expression(out, scalar.expr);
        out.write(")");
      });
    },
  },
  JsonSerializeExpr: {
    fields: ["expr", "output"],
    print(out, serialize) {
      out.place(serialize.location);
      returning(out, serialize.output, () => {
        out.write("CAST(");
        jsonValue(out, serialize.expr);
        out.write(" AS VARCHAR)");
      });
    },
  },
  JsonIsPredicate: { fields: ["expr", "format", "item_type"], print: printIsJson },
} satisfies NodePrinters;
