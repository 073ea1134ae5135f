/** From a SQLSTATE back to a row of the catalogue, for errors that arrive as text: from a macro, or over the wire. */
import { catalogue, type ErrorKind, errorKinds } from "./catalogue.ts";

const bySeverity = (severity: "ERROR" | "FATAL") =>
  errorKinds.filter((kind) => catalogue[kind].severity === severity)
    .map((kind) => [catalogue[kind].sqlstate, kind] as const);

/** Where several have one, the last counts: the rows of SQL come after those of REST. */
const kindBySqlstate: ReadonlyMap<string, ErrorKind> = new Map([
  ...bySeverity("FATAL"),
  ...bySeverity("ERROR"),
  [catalogue.undefined_object.sqlstate, "undefined_object"],
]);

/** The catalogue's row with this SQLSTATE, an ERROR rather than a FATAL; `data_exception` when there is none. */
export function kindOfSqlstate(sqlstate: string): ErrorKind {
  return kindBySqlstate.get(sqlstate) ?? "data_exception";
}
