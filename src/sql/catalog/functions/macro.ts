/**
 * How the files of this folder write a function down: a macro of one or several overloads, a pure JavaScript function,
 * a refusal.
 */
import type { JavaScriptFunction, MacroFunction } from "../../functions/types.ts";
import { catalogDatabase } from "../types.ts";

/**
 * `overloads` as `MacroFunction` has them: `(a, b := NULL) AS expression`.
 *
 * A macro is expanded as text, so a table alias in it would catch an argument like `c.oid` that means the caller's `c`:
 * aliases are written `@c` and become unique to the macro. And DuckDB refuses to create a macro with a parameter called
 * as a column anywhere in its body, in the views below it, too: parameters without a default are renamed
 * (`argument_a`).
 */
export function macro(name: string, ...overloads: string[]): MacroFunction {
  return {
    kind: "macro",
    name,
    overloads: overloads.map((text) => qualifyBody(renameParameters(text)).replace(/@([a-z]\w*)/g, `"${name} $1"`)),
  };
}

/** Written like functions, but none, or the session's own macros, which the search path must find. */
const notQualified: ReadonlySet<string> = new Set(["coalesce", "current_database", "current_user", "pg_backend_pid"]);

/**
 * Puts `system.main.` before each function of DuckDB's, which this folder writes in lower case: DuckDB would look for
 * each along the whole search path (1 µs a bucket of the project), and a user's macro of the same name would come
 * first.
 */
export function qualifyFunctions(text: string): string {
  return text.replace(
    /('(?:[^']|'')*'|"(?:[^"]|"")*")|(?<![\w.@])([a-z_][a-z0-9_]*)\(/g,
    (match, quoted: string | undefined, name: string) =>
      quoted !== undefined || notQualified.has(name) ? match : `system.main.${match}`,
  );
}

/** The head `(a, b) AS ` or `(a) AS TABLE ` stays. */
function qualifyBody(text: string): string {
  const head = /^\((?:[^()]|\([^()]*\))*\) AS (?:TABLE )?/.exec(text)?.[0] ?? "";
  return head + qualifyFunctions(text.slice(head.length));
}

function renameParameters(text: string): string {
  const head = /^\(([^)]*)\) AS /.exec(text);
  if (head === null) return text;
  const names = head[1]!.split(",").filter((parameter) => !parameter.includes(":=")).map((parameter) =>
    parameter.trim().split(" ")[0]!
  ).filter((word) => word !== "");
  if (names.length === 0) return text;
  const pattern = new RegExp(`('(?:[^']|'')*'|"[^"]*")|(?<![\\w.@])(${names.join("|")})(?!\\w)`, "g");
  return text.replace(pattern, (match, quoted?: string) => quoted === undefined ? `argument_${match}` : quoted);
}

/** The path of a macro or of a pg_catalog relation in DuckDB. */
export function pg(name: string): string {
  return `${catalogDatabase}.pg."${name}"`;
}

/** SQL of a call of a function that answers from what is kept for the session (`memo/functions.ts`). */
export function lookup(name: string, ...parameters: readonly string[]): string {
  return `${name}(${["pg_backend_pid()", ...parameters].join(", ")})`;
}

/** A JavaScript function whose equal arguments give equal results. `name` without the prefix `__eider_`. */
export function pureFunction(
  name: string,
  parameters: JavaScriptFunction["parameters"],
  returns: JavaScriptFunction["returns"],
  call: JavaScriptFunction["call"],
): JavaScriptFunction {
  return { kind: "javascript", name: `__eider_${name}`, parameters, returns, volatile: false, call };
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** SQL that raises an error with this SQLSTATE; `message` is SQL of texts with `||` between, none of which is null. */
export function raise(sqlstate: string, message: string): string {
  return `error(concat('eider:${sqlstate}:', ${message.replaceAll(" || ", ", ")}))`;
}

/** `a || b || c`, null if one is, in words that DuckDB does not look for along the search path. */
export function joined(first: string, ...others: readonly string[]): string {
  return others.reduce((left, right) => `system.main."||"(${left}, ${right})`, first);
}

/**
 * A function that this server cannot honestly offer: each of its arities raises 0A000. `reason` is a sentence that says
 * what to do instead.
 */
export function refusal(name: string, arities: readonly number[], reason: string): MacroFunction {
  return macro(
    name,
    ...arities.map((arity) => {
      const parameters = Array.from({ length: arity }, (_, index) => `argument_${index + 1}`);
      return `(${parameters.join(", ")}) AS ${raise("0A000", quoteLiteral(`${name}() is not supported: ${reason}`))}`;
    }),
  );
}
