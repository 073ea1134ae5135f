/**
 * PostgreSQL functions that DuckDB lacks or has with another meaning, as data. A macro is an expression in DuckDB SQL; what SQL
 * would say only clumsily is a pure JavaScript function, which the engine registers. The translation points calls at them.
 */

/** The types between DuckDB and a JavaScript function: text, number (DOUBLE), bigint (BIGINT), boolean. NULL is null. */
export type JavaScriptFunctionType = "VARCHAR" | "DOUBLE" | "BIGINT" | "BOOLEAN";
export type JavaScriptValue = string | number | bigint | boolean | null;

export interface MacroFunction {
  readonly kind: "macro";
  /** Name in PostgreSQL, in lower case; the macro `__eider.pg."<name>"` has it too. */
  readonly name: string;
  /**
   * One text an overload: `(value, format) AS expression`. Parameters may have defaults (`b := NULL`). A table macro's text is
   * `(a) AS TABLE SELECT …`; it can have no overloads. Of several with the same number of parameters the first that suits the arguments
   * is meant (`overloads.ts`).
   */
  readonly overloads: readonly string[];
  /** Whether overloads with the same number of parameters give results of different types. */
  readonly resultsDiffer?: boolean;
  /** In place of `overloads` in the macro that asks for types, where a body without types suits only some. */
  readonly overloadsOfAnyTypes?: readonly string[];
  /** The first overload gives the right result for all types: DuckDB takes it where it does not know them, if the others have none. */
  readonly firstSuitsAll?: boolean;
}

export interface JavaScriptFunction {
  readonly kind: "javascript";
  /** Always begins with `__eider_`; only macros call it, a statement that names it is refused. */
  readonly name: string;
  readonly parameters: readonly JavaScriptFunctionType[];
  readonly returns: JavaScriptFunctionType;
  /** Whether equal arguments can give different results. */
  readonly volatile: boolean;
  /** Called only with no null among the arguments; a null argument gives NULL. Throws an `AppError` for bad input. */
  readonly call: (...parameters: never[]) => JavaScriptValue;
}

export type SqlFunction = MacroFunction | JavaScriptFunction;

/**
 * In a macro: `error('eider:22012:division by zero')` raises that SQLSTATE with that message. The engine takes the text apart.
 */
export const raisedErrorPrefix = "eider:";
