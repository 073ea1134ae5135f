/**
 * Overloads of a macro where DuckDB cannot choose among them. It chooses by the types of the arguments, and looks at these before it knows the
 * type of a column in a CHECK constraint, a DEFAULT or an index, of a column of the query around a subquery, or of an aggregate: such a
 * call fails. For these places there is a second macro, `f__any`, in which overloads with the same number of parameters are one, whose
 * parameters have no types and whose body asks `typeof`. That is a constant while a statement is planned: the other branches are gone
 * before it runs. It costs some ten times the planning of a call by overload, so the first macro stays for all other places.
 *
 * A branch is bound for every type, hence its arguments are cast to the types of its overload; a parameter without a type must suit a
 * body of any type.
 */
import type { MacroFunction } from "./types.ts";
import { sqlError } from "./errors.ts";
import { checkedWhenCalled, javaScript } from "./macro.ts";

export interface MacroParameter {
  readonly name: string;
  /** In DuckDB's words, in upper case; null for any. */
  readonly type: string | null;
  /** SQL of its default, null where it must be given. */
  readonly defaultValue: string | null;
}

export interface MacroOverload {
  readonly parameters: readonly MacroParameter[];
  /** ` AS …`, as it stands after the parameters. */
  readonly body: string;
}

/** Takes `(a INTEGER, b := list_value(1, 2)) AS …` apart. */
export function readOverload(text: string): MacroOverload {
  const start = text.indexOf("(") + 1;
  const parameters: string[] = [];
  let [depth, from, index] = [1, start, start];
  for (; index < text.length && depth > 0; index++) {
    const character = text[index]!;
    if (character === "'" || character === '"') {
      const end = text.indexOf(character, index + 1);
      if (end < 0) break;
      index = end;
    } else if ("([{".includes(character)) depth++;
    else if (")]}".includes(character)) depth--;
    if (depth === 0 || (depth === 1 && character === ",")) {
      parameters.push(text.slice(from, index).trim());
      from = index + 1;
    }
  }
  return { parameters: parameters.filter((parameter) => parameter !== "").map(readParameter), body: text.slice(index) };
}

function readParameter(text: string): MacroParameter {
  const [head = "", defaultValue] = text.split(":=");
  const [name = "", ...type] = head.trim().split(/\s+/);
  return {
    name,
    type: type.length === 0 ? null : type.join(" ").toUpperCase(),
    defaultValue: defaultValue?.trim() ?? null,
  };
}

/** The fewest arguments that an overload takes. */
export function leastArguments(overload: MacroOverload): number {
  return overload.parameters.filter(({ defaultValue }) => defaultValue === null).length;
}

/** The name of the macro that asks for the types of its arguments. */
export function anyTypesName(name: string): string {
  return `${name}__any`;
}

/** The names of the macros whose call means an overload by the types of its arguments, or of those of a macro in it. */
export function choosingMacros(macros: readonly MacroFunction[]): ReadonlySet<string> {
  const choosing = new Set<string>();
  // A macro uses only those that stand before it.
  for (const { name, overloads, firstSuitsAll } of macros) {
    const chooses = firstSuitsAll !== true &&
      overloadGroups(overloads.map(readOverload)).some((group) => group.length > 1);
    if (chooses || calledIn(overloads.join(" ")).some((called) => choosing.has(called))) choosing.add(name);
  }
  return choosing;
}

const macroCall = /__eider\.pg\."?([A-Za-z_][A-Za-z0-9_]*)"?(?=\()/g;

function calledIn(text: string): readonly string[] {
  return [...text.matchAll(macroCall)].map(([, name]) => name!);
}

/** The overloads of `f__any`, of which no two take the same number of arguments; the macros in it are those `__any`, too. */
export function overloadsOfAnyTypes(macro: MacroFunction, choosing: ReadonlySet<string>): readonly string[] {
  const groups = overloadGroups((macro.overloadsOfAnyTypes ?? macro.overloads).map(readOverload));
  const texts = groups.map((group) => group.length === 1 ? textOf(group[0]!) : oneOverload(macro, group));
  return texts.map((text) =>
    text.replace(macroCall, (call, name: string) => choosing.has(name) ? `__eider.pg."${anyTypesName(name)}"` : call)
  );
}

/** Overloads that a call with some number of arguments could mean, in the order of the first of each. */
function overloadGroups(overloads: readonly MacroOverload[]): MacroOverload[][] {
  const groups: MacroOverload[][] = [];
  for (const overload of overloads) {
    const group = groups.find(([first]) =>
      leastArguments(first!) <= overload.parameters.length && leastArguments(overload) <= first!.parameters.length
    );
    if (group === undefined) groups.push([overload]);
    else group.push(overload);
  }
  return groups;
}

function textOf(overload: MacroOverload): string {
  const parameters = overload.parameters.map(({ name, type, defaultValue }) =>
    [name, ...(type === null ? [] : [type]), ...(defaultValue === null ? [] : [`:= ${defaultValue}`])].join(" ")
  );
  return `(${parameters.join(", ")})${overload.body}`;
}

function oneOverload(macro: MacroFunction, group: readonly MacroOverload[]): string {
  const [first] = group;
  const names = first!.parameters.map(({ name }) => name);
  const head = first!.parameters.map(({ name, defaultValue }) =>
    defaultValue === null ? name : `${name} := ${defaultValue}`
  ).join(", ");
  const branches = group.map((overload) => ({
    types: overload.parameters.map(({ type, defaultValue }) => defaultValue === null ? type : null),
    condition: conditionOf(overload, names),
    expression: withCasts(overload, names),
  }));
  const isLastForAll = branches.at(-1)!.condition === null;
  if (macro.resultsDiffer !== true) {
    const cases = branches.map(({ condition, expression }) =>
      condition === null ? `ELSE ${expression}` : `WHEN ${condition} THEN ${expression}`
    );
    // The text that is never given has the type of any result.
    const none = isLastForAll ? "" : `\nWHEN ${noneOf(macro.name, names)} IS NULL THEN NULL`;
    const chosen = `CASE ${cases.join("\n")}${none} END`;
    return `(${head}) AS ${checkedWhenCalled(names[0]!, chosen)}`;
  }
  // A CASE has one type; a field of a struct has its own. The name of the field is a constant while the call is bound.
  const conditions = branches.flatMap(({ condition }) => condition ?? []);
  const otherwise = (expression: string) =>
    `CASE ${conditions.map((condition) => `WHEN ${condition} THEN NULL`).join(" ")} ELSE ${expression} END`;
  const fields = branches.map(({ types, condition, expression }, at) => {
    if (condition === null) return `c${at} := ${otherwise(expression)}`;
    const before = branches.slice(0, at).filter((earlier) => earlier.types.every((type, of) => meet(type, types[of]!)));
    const cases = [
      ...before.map((earlier) => `WHEN ${earlier.condition} THEN NULL`),
      `WHEN ${condition} THEN ${expression}`,
    ];
    return `c${at} := CASE ${cases.join(" ")} END`;
  });
  if (!isLastForAll) fields.push(`c${branches.length} := ${otherwise(noneOf(macro.name, names))}`);
  const key = `CASE ${conditions.map((condition, at) => `WHEN ${condition} THEN 'c${at}'`).join(" ")} ELSE 'c${
    fields.length - 1
  }' END`;
  return `(${head}) AS ${checkedWhenCalled(names[0]!, `struct_extract(struct_pack(${fields.join(",\n")}), ${key})`)}`;
}

/** Whether an argument may suit both. */
function meet(one: string | null, other: string | null): boolean {
  if (one === null || other === null || one === other) return true;
  const [left, right] = [one, other].map((type) => [...(accepted[type] ?? [type]), ...(prefixes[type] ?? [])]);
  return left!.some((type) => right!.includes(type));
}

/**
 * What suits no overload: SQLSTATE 42883, with DuckDB's names of the types. Not `error()`, which counts as a side effect and is refused in an
 * index. With the value among its arguments it is no constant, which DuckDB would evaluate while it plans, also where it is not needed.
 */
export const noOverload = javaScript(
  "__eider_no_overload",
  ["VARCHAR", "VARCHAR", "VARCHAR"],
  "VARCHAR",
  (name, types) => {
    throw sqlError("42883", `function ${name}(${types}) does not exist`);
  },
);

function noneOf(name: string, parameters: readonly string[]): string {
  const types = parameters.map((parameter) => `lower(typeof(${parameter}))`).join(" || ', ' || ");
  return `__eider_no_overload('${name}', ${types}, ${parameters[0]}::VARCHAR)`;
}

/** SQL for whether the arguments suit the overload; null where any do. */
function conditionOf(overload: MacroOverload, names: readonly string[]): string | null {
  const conditions = overload.parameters.flatMap(({ type, defaultValue }, at) =>
    type === null || defaultValue !== null ? [] : [suits(`typeof(${names[at]!})`, type)]
  );
  return conditions.length === 0 ? null : conditions.join(" AND ");
}

const smallIntegers = ["TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT"];
const integers = [...smallIntegers, "BIGINT", "UINTEGER"];
const timestamps = ["TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"];

/** The types of arguments that a parameter takes, besides those with precision and of enums; earlier overloads have gone before. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  INTEGER: smallIntegers,
  BIGINT: integers,
  HUGEINT: [...integers, "UBIGINT", "HUGEINT"],
  "DECIMAL(38,10)": [...integers, "UBIGINT", "HUGEINT"],
  DOUBLE: [...integers, "UBIGINT", "HUGEINT", "UHUGEINT", "FLOAT", "DOUBLE"],
  VARCHAR: ["VARCHAR", "JSON"],
  TIMESTAMP: timestamps,
  TIMESTAMPTZ: [...timestamps, "DATE", "TIMESTAMP WITH TIME ZONE"],
  TIMETZ: ["TIME WITH TIME ZONE"],
};

/** Beginnings of types with something in brackets. */
const prefixes: Readonly<Record<string, readonly string[]>> = {
  VARCHAR: ["ENUM("],
  "DECIMAL(38,10)": ["DECIMAL("],
  DOUBLE: ["DECIMAL("],
};

function suits(typeName: string, type: string): string {
  if (type === "VARCHAR[][]") return `ends_with(${typeName}, '][]')`;
  if (type === "VARCHAR[]") return `(ends_with(${typeName}, ']') AND NOT ends_with(${typeName}, '][]'))`;
  const names = [...(accepted[type] ?? [type]), '"NULL"'].map((name) => `'${name}'`).join(", ");
  const others = (prefixes[type] ?? []).map((prefix) => ` OR starts_with(${typeName}, '${prefix}')`).join("");
  return others === "" ? `${typeName} IN (${names})` : `(${typeName} IN (${names})${others})`;
}

/**
 * The body without ` AS `, its parameters called as in `names` and cast to their types; names in quotes stay. Text that is no bytes may stand
 * in a branch for bytes, which DuckDB may evaluate while it plans.
 */
function withCasts(overload: MacroOverload, names: readonly string[]): string {
  const values = new Map(
    overload.parameters.map(({ name, type }, at) =>
      [name, type === null ? names[at]! : `${type === "BLOB" ? "TRY_CAST" : "CAST"}(${names[at]!} AS ${type})`] as const
    ),
  );
  const pattern = new RegExp(
    `'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<![\\w.@])(?:${[...values.keys()].join("|")})(?!\\w|\\s*\\(|\\s*:=)`,
    "g",
  );
  const body = overload.body.replace(/^\s*AS\s+/, "");
  return body.replace(pattern, (word) => values.get(word) ?? word);
}
