/** PostgreSQL's own functions, from `postgres_functions.txt`, and their OIDs by name. */
import { dataLines } from "./postgres_columns.ts";
import text from "./postgres_functions.txt" with { type: "text" };

export interface PostgresFunction {
  readonly oid: number;
  readonly name: string;
  /** prokind: f function, a aggregate, w window function, p procedure. */
  readonly kind: string;
  readonly strict: boolean;
  readonly returnsSet: boolean;
  /** DuckDB has a function of this name. */
  readonly inEngine: boolean;
  /** Reads or writes values of a type; nobody calls it by name. */
  readonly isTypeSupport: boolean;
  readonly volatility: string;
  readonly returnType: string;
  readonly argumentTypes: readonly string[];
  /** Element type of a variadic last argument, or empty. */
  readonly variadicType: string;
  readonly defaultCount: number;
  /** With those that are only returned; empty when all are given. */
  readonly allTypes: readonly string[];
  readonly modes: readonly string[];
  readonly names: readonly string[];
}

const words = (field: string | undefined) => field === undefined || field === "" ? [] : field.split(" ");

function parseFunction(line: string): PostgresFunction {
  const [oid, name, kind, flags, volatility, returnType, ...rest] = line.split("|") as [
    string,
    string,
    string,
    string,
    string,
    string,
    ...(string | undefined)[],
  ];
  const [argumentTypes, variadicType, defaultCount, allTypes, modes, names] = rest;
  return {
    oid: Number(oid),
    name,
    kind,
    strict: flags.includes("s"),
    returnsSet: flags.includes("r"),
    inEngine: flags.includes("d"),
    isTypeSupport: flags.includes("o"),
    volatility,
    returnType,
    argumentTypes: words(argumentTypes),
    variadicType: variadicType ?? "",
    defaultCount: Number(defaultCount ?? ""),
    allTypes: words(allTypes),
    modes: words(modes),
    names: words(names),
  };
}

export const postgresFunctions: readonly PostgresFunction[] = dataLines(text).map(parseFunction);

const oidOfTypeSupport: ReadonlyMap<string, number> = new Map(
  postgresFunctions.filter((entry) => entry.isTypeSupport).map((entry) => [entry.name, entry.oid]),
);

/** The OID of a function that a type names, such as `int4in`; 0 for the empty name. Throws when PostgreSQL has none. */
export function typeSupportOid(name: string): number {
  if (name === "") return 0;
  const oid = oidOfTypeSupport.get(name);
  if (oid === undefined) throw new Error(`PostgreSQL has no function ${name} for a type`);
  return oid;
}
