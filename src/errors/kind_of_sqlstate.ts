/** From a SQLSTATE back to a row of the catalogue, for errors that arrive as text: from a macro, or over the wire. */
import { catalogue, type ErrorKind, errorKinds } from "./catalogue.ts";

const kindBySqlstate: ReadonlyMap<string, ErrorKind> = new Map(
  errorKinds.filter((kind) => catalogue[kind].severity === "ERROR").map((kind) => [catalogue[kind].sqlstate, kind]),
);

/** The first ERROR of the catalogue with this SQLSTATE; `data_exception` when there is none. */
export function kindOfSqlstate(sqlstate: string): ErrorKind {
  return kindBySqlstate.get(sqlstate) ?? "data_exception";
}
