/** Short ways to write down functions. Assumes DuckDB 1.5: a macro's parameter may have a type, and then overloads are chosen by type. */
import type { JavaScriptFunction, JavaScriptFunctionType, JavaScriptValue, MacroFunction } from "./types.ts";
import { raisedErrorPrefix } from "./types.ts";

/** `name` as in PostgreSQL; each overload is `(value VARCHAR, digits INTEGER) AS expression`. */
export function macro(name: string, ...overloads: readonly string[]): MacroFunction {
  return { kind: "macro", name, overloads };
}

/** A macro whose overloads with the same number of parameters give results of different types. */
export function macroOfResults(name: string, ...overloads: readonly string[]): MacroFunction {
  return { kind: "macro", name, overloads, resultsDiffer: true };
}

/** What a value of each type is in JavaScript. */
interface ValueOfType {
  readonly VARCHAR: string;
  readonly DOUBLE: number;
  readonly BIGINT: bigint;
  readonly BOOLEAN: boolean;
}

type ValuesOfTypes<Types extends readonly JavaScriptFunctionType[]> = {
  [Index in keyof Types]: ValueOfType[Types[Index]];
};

/** A function without memory: equal arguments give equal results. `name` begins with `__eider_`. */
export function javaScript<const Types extends readonly JavaScriptFunctionType[]>(
  name: `__eider_${string}`,
  parameters: Types,
  returns: JavaScriptFunctionType,
  call: (...values: ValuesOfTypes<Types>) => JavaScriptValue,
): JavaScriptFunction {
  return {
    kind: "javascript",
    name,
    parameters,
    returns,
    volatile: false,
    call: call as unknown as JavaScriptFunction["call"],
  };
}

/** SQL that raises an error of this SQLSTATE when it is evaluated. */
export function raise(sqlstate: string, message: string): string {
  return `error('${raisedErrorPrefix}${sqlstate}:${message.replaceAll("'", "''")}')`;
}

/**
 * `expression` in a macro whose parameter `name` has no type. When a macro is made DuckDB checks its body, up to the first expression
 * that needs to know the type of such a parameter; beyond it a call could still not be chosen among overloads, or a constant would be
 * asked for. Here that expression is a list, whose `typeof` is a constant in every call: nothing of it is left then.
 */
export function checkedWhenCalled(name: string, expression: string): string {
  return `CASE WHEN typeof([${name}]) = '' THEN NULL ELSE ${expression} END`;
}

/** `(a) AS …, (a, b) AS …`: overloads for 1 to `countMax` arguments, whose names `body` gets. */
export function forEachCount(
  countMax: number,
  body: (names: readonly string[]) => string,
  options: { readonly before?: string; readonly from?: number; readonly step?: number } = {},
): string[] {
  const overloads: string[] = [];
  for (let count = options.from ?? 1; count <= countMax; count += options.step ?? 1) {
    const names = Array.from({ length: count }, (_, index) => `v${index + 1}`);
    const parameters = options.before === undefined ? names : [options.before, ...names];
    overloads.push(`(${parameters.join(", ")}) AS ${body(names)}`);
  }
  return overloads;
}
