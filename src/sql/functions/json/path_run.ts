/**
 * Evaluates SQL/JSON paths. In lax mode arrays are unwrapped where a single value is expected, and what is not there is passed over; in
 * strict mode both are errors. A condition whose operands fail is unknown (null).
 */
import { sqlError } from "../errors.ts";
import { programOf } from "../regular/functions.ts";
import { search } from "../regular/match.ts";
import { calculated, negated, rounded } from "./numbers.ts";
import { isNumber, type JsonPath, parseJsonPath, type PathNode } from "./path_syntax.ts";
import {
  compareNumbers,
  compareTexts,
  inOrder,
  isArray,
  isObject,
  jsonbText,
  JsonNumber,
  type JsonObject,
  type JsonValue,
  parseJson,
} from "./value.ts";

interface Context {
  readonly isStrict: boolean;
  readonly root: JsonValue;
  readonly variables: JsonObject;
  readonly current: JsonValue;
  /** Length of the array whose subscript is evaluated; -1 outside of subscripts. */
  readonly arrayLength: number;
}

type Truth = boolean | null;

/** Values that one evaluation may give, so that `.**` of a large value ends. */
const valuesMax = 1_000_000;

/** JSON of the array of all values; of none when an error was to be silent. */
export function queryPath(json: string, path: string, variables: string, silent: boolean): string {
  return `[${(run(json, path, variables, silent) ?? []).map(jsonbText).join(", ")}]`;
}

export function pathExists(json: string, path: string, variables: string, silent: boolean): boolean | null {
  const values = run(json, path, variables, silent);
  return values === null ? null : values.length > 0;
}

/** The path must give a single boolean, or null for unknown. */
export function matchPath(json: string, path: string, variables: string, silent: boolean): boolean | null {
  const values = run(json, path, variables, silent);
  if (values === null) return null;
  const [value] = values;
  if (values.length === 1 && typeof value === "boolean") return value;
  if ((values.length === 1 && value === null) || silent) return null;
  throw sqlError("22038", "single boolean result is expected");
}

/** Null when an error was to be silent. */
function run(json: string, path: string, variables: string, silent: boolean): readonly JsonValue[] | null {
  const parsed: JsonPath = parseJsonPath(path);
  const root = inOrder(parseJson(json));
  const given = parseJson(variables);
  if (!isObject(given)) throw sqlError("22023", '"vars" argument is not an object');
  const context: Context = { isStrict: parsed.isStrict, root, variables: given, current: root, arrayLength: -1 };
  if (!silent) return evaluated(parsed.root, context);
  try {
    return evaluated(parsed.root, context);
  } catch {
    return null;
  }
}

function evaluated(node: PathNode, context: Context): readonly JsonValue[] {
  switch (node.kind) {
    case "root":
      return [context.root];
    case "current":
      return [context.current];
    case "last":
      if (context.arrayLength < 0) throw sqlError("42601", "LAST is allowed only in array subscripts");
      return [new JsonNumber(String(context.arrayLength - 1))];
    case "variable": {
      const value = context.variables.get(node.name);
      if (value === undefined) throw sqlError("42704", `could not find jsonpath variable "${node.name}"`);
      return [value];
    }
    case "literal":
      return [node.value];
    case "member":
      return each(node.base, context, (value) => member(value, node.key, context.isStrict && !standsBelow(node.base)));
    case "anyMember":
      return each(node.base, context, (value) => {
        if (isObject(value)) return [...value.values()];
        if (context.isStrict) {
          throw sqlError("2203C", "jsonpath wildcard member accessor can only be applied to an object");
        }
        return [];
      });
    case "elements":
      return evaluated(node.base, context).flatMap((value) => elements(node, value, context));
    case "descendants":
      return evaluated(node.base, context).flatMap((value) => descendants(value, 0, node.from, node.to));
    case "method":
      if (node.name === "type" || node.name === "size") {
        return evaluated(node.base, context).map((value) => measured(node.name as "type" | "size", value, context));
      }
      return each(node.base, context, (value) => [applied(node.name, value)].flat());
    case "filter":
      return each(
        node.base,
        context,
        (value) => truth(node.condition, { ...context, current: value }) === true ? [value] : [],
      );
    case "sign":
      return unwrapped(evaluated(node.operand, context), context).map((value) => {
        if (!isNumber(value)) throw sqlError("2203B", "operand of unary jsonpath operator is not a numeric value");
        return node.negative ? negated(value) : value;
      });
    case "arithmetic":
      return [
        calculated(
          node.operator,
          operand(node.left, context, node.operator, "left"),
          operand(node.right, context, node.operator, "right"),
        ),
      ];
    case "comparison":
    case "and":
    case "or":
    case "not":
    case "isUnknown":
    case "exists":
    case "startsWith":
    case "likeRegex":
      return [truth(node, context)];
  }
}

/** Applies `step` to each value of `base`, in lax mode to the elements of an array in its place. */
function each(base: PathNode, context: Context, step: (value: JsonValue) => readonly JsonValue[]): JsonValue[] {
  const values: JsonValue[] = [];
  for (const value of unwrapped(evaluated(base, context), context)) {
    values.push(...step(value));
    if (values.length > valuesMax) throw sqlError("54000", "jsonpath gives too many values");
  }
  return values;
}

function unwrapped(values: readonly JsonValue[], context: Context): readonly JsonValue[] {
  return context.isStrict ? values : values.flatMap((value) => isArray(value) ? value : [value]);
}

/** Behind `.**` not every value has what the path asks for: that is no error. */
function standsBelow(node: PathNode): boolean {
  return node.kind === "descendants" || ("base" in node && standsBelow(node.base));
}

function member(value: JsonValue, key: string, required: boolean): readonly JsonValue[] {
  const found = isObject(value) ? value.get(key) : undefined;
  if (found !== undefined) return [found];
  if (!required) return [];
  throw isObject(value)
    ? sqlError("2203A", `JSON object does not contain key "${key}"`)
    : sqlError("2203A", "jsonpath member accessor can only be applied to an object");
}

function elements(node: PathNode & { kind: "elements" }, value: JsonValue, context: Context): readonly JsonValue[] {
  const required = context.isStrict && !standsBelow(node.base);
  if (!isArray(value) && context.isStrict) {
    if (!required) return [];
    throw sqlError("22039", "jsonpath array accessor can only be applied to an array");
  }
  const array = isArray(value) ? value : [value];
  if (node.subscripts === null) return array;
  const inner: Context = { ...context, arrayLength: array.length };
  return node.subscripts.flatMap(({ from, to }) => {
    const first = subscript(from, inner);
    const last = to === null ? first : subscript(to, inner);
    if (required && (first < 0 || first > last || last >= array.length)) {
      throw sqlError("22033", "jsonpath array subscript is out of bounds");
    }
    return array.slice(Math.max(first, 0), Math.max(last + 1, 0));
  });
}

function subscript(node: PathNode, context: Context): number {
  const values = evaluated(node, context);
  const [value] = values;
  if (values.length !== 1 || value === undefined || !isNumber(value)) {
    throw sqlError("22033", "jsonpath array subscript is not a single numeric value");
  }
  return Math.trunc(Number(value.text));
}

/** Values from level `from` to level `to` below; null is the last level, that of the scalars. */
function descendants(value: JsonValue, level: number, from: number | null, to: number | null): JsonValue[] {
  const children = isArray(value) ? value : isObject(value) ? [...value.values()] : [];
  const isScalar = !isArray(value) && !isObject(value);
  const within = (from === null ? isScalar && level > 0 : level >= from) && (to === null || level <= to);
  const below = to !== null && level >= to ? [] : children.flatMap((child) => descendants(child, level + 1, from, to));
  return within ? [value, ...below] : below;
}

function typeName(value: JsonValue): string {
  if (value === null) return "null";
  if (isArray(value)) return "array";
  if (isObject(value)) return "object";
  return isNumber(value) ? "number" : typeof value;
}

function measured(name: "type" | "size", value: JsonValue, context: Context): JsonValue {
  if (name === "type") return typeName(value);
  if (!isArray(value) && context.isStrict) {
    throw sqlError("22039", "jsonpath item method .size() can only be applied to an array");
  }
  return new JsonNumber(String(isArray(value) ? value.length : 1));
}

function applied(
  name: "double" | "ceiling" | "floor" | "abs" | "keyvalue" | "type" | "size",
  value: JsonValue,
): JsonValue[] {
  switch (name) {
    case "double": {
      if (isNumber(value)) return [value];
      const text = value;
      if (typeof text !== "string" || text.trim() === "" || !Number.isFinite(Number(text))) {
        throw sqlError("22036", "jsonpath item method .double() can only be applied to a string or numeric value");
      }
      return [parseJson(String(Number(text)))];
    }
    case "keyvalue":
      if (!isObject(value)) {
        throw sqlError("2203C", "jsonpath item method .keyvalue() can only be applied to an object");
      }
      return [...value].map(([key, entry]) =>
        new Map<string, JsonValue>([["id", new JsonNumber("0")], ["key", key], ["value", entry]])
      );
    case "ceiling":
    case "floor":
    case "abs":
      if (!isNumber(value)) {
        throw sqlError("22036", `jsonpath item method .${name}() can only be applied to a numeric value`);
      }
      return [name === "abs" ? new JsonNumber(value.text.replace("-", "")) : rounded(value, name)];
    case "type":
    case "size":
      return [];
  }
}

function operand(node: PathNode, context: Context, operator: string, side: string): JsonNumber {
  const values = unwrapped(evaluated(node, context), context);
  const [value] = values;
  if (values.length !== 1 || value === undefined || !isNumber(value)) {
    throw sqlError("22038", `${side} operand of jsonpath operator ${operator} is not a single numeric value`);
  }
  return value;
}

function truth(node: PathNode, context: Context): Truth {
  switch (node.kind) {
    case "and": {
      const left = truth(node.left, context);
      if (left === false) return false;
      const right = truth(node.right, context);
      return right === false ? false : left === null ? null : right;
    }
    case "or": {
      const left = truth(node.left, context);
      if (left === true) return true;
      const right = truth(node.right, context);
      return right === true ? true : left === null ? null : right;
    }
    case "not": {
      const value = truth(node.operand, context);
      return value === null ? null : !value;
    }
    case "isUnknown":
      return truth(node.operand, context) === null;
    case "exists":
      return attempt(() => evaluated(node.operand, context).length > 0);
    case "comparison":
      return attempt(() => {
        const right = unwrapped(evaluated(node.right, context), context);
        return anyOf(
          unwrapped(evaluated(node.left, context), context).flatMap((a) =>
            right.map((b) => compared(a, b, node.operator))
          ),
          context,
        );
      });
    case "startsWith":
      return attempt(() => {
        const [prefix] = evaluated(node.prefix, context);
        return anyOf(
          unwrapped(evaluated(node.operand, context), context).map((value) =>
            typeof value === "string" && typeof prefix === "string" ? value.startsWith(prefix) : null
          ),
          context,
        );
      });
    case "likeRegex":
      return attempt(() => {
        const program = programOf(node.pattern, regularFlags(node.flags));
        return anyOf(
          unwrapped(evaluated(node.operand, context), context).map((value) =>
            typeof value === "string" ? search(program, value, 0) !== null : null
          ),
          context,
        );
      });
    default: {
      const values = evaluated(node, context);
      const [value] = values;
      return values.length === 1 && typeof value === "boolean" ? value : null;
    }
  }
}

/** An error in an operand makes a condition unknown. */
function attempt(condition: () => Truth): Truth {
  try {
    return condition();
  } catch {
    return null;
  }
}

/** True when one is; in strict mode an unknown one makes all unknown. */
function anyOf(results: readonly Truth[], context: Context): Truth {
  if (context.isStrict && results.includes(null)) return null;
  if (results.includes(true)) return true;
  return results.includes(null) ? null : false;
}

function compared(a: JsonValue, b: JsonValue, operator: "==" | "!=" | "<" | "<=" | ">" | ">="): Truth {
  // Nothing but null equals null; otherwise values of different types cannot be compared, nor can arrays and objects.
  if (typeName(a) !== typeName(b)) return a === null || b === null ? operator === "!=" : null;
  if (isArray(a) || isObject(a)) return null;
  const order = isNumber(a)
    ? compareNumbers(a, b as JsonNumber)
    : typeof a === "string"
    ? compareTexts(a, b as string)
    : Number(a) - Number(b);
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** XQuery's flags: without s a dot matches no newline, with m anchors match at newlines. */
function regularFlags(flags: string): string {
  if (/[^ismq]/.test(flags)) throw sqlError("42601", `unrecognized flag in LIKE_REGEX predicate: "${flags}"`);
  const newlines = flags.includes("s") ? (flags.includes("m") ? "w" : "s") : flags.includes("m") ? "n" : "p";
  return newlines + (flags.includes("i") ? "i" : "") + (flags.includes("q") ? "q" : "");
}
