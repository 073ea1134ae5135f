/** Errors of the functions by SQLSTATE. One that the catalogue of errors lacks is raised as the class of data exceptions, 22000. */
import { AppError } from "../../errors/app_error.ts";
import { catalogue, type ErrorKind } from "../../errors/catalogue.ts";

const kindBySqlstate: ReadonlyMap<string, ErrorKind> = new Map(
  (Object.keys(catalogue) as ErrorKind[])
    .filter((kind) => catalogue[kind].severity === "ERROR" && kind !== "internal")
    .map((kind) => [catalogue[kind].sqlstate, kind]),
);

export function sqlError(sqlstate: string, message: string): AppError {
  return new AppError(kindBySqlstate.get(sqlstate) ?? "data_exception", message);
}

export function isKnownSqlstate(sqlstate: string): boolean {
  return kindBySqlstate.has(sqlstate);
}
