/**
 * The one error type of the product. What a client sent wrong, or what stands in its way, is an `AppError` of a kind
 * in the catalogue (`catalogue.ts`); everything else that is thrown is a defect and reaches the client as `internal`.
 */
import { catalogue, type ErrorKind } from "./catalogue.ts";

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** What to do about it, one sentence (PostgreSQL's HINT). */
  readonly hint?: string;
  /** JSON pointers of bad request fields, for REST. */
  readonly fields?: readonly FieldError[];
  /** PostgreSQL's DETAIL, one sentence. */
  readonly detail?: string;
  /** The object that the error is about, for the wire protocol's fields of that kind. */
  readonly object?: ErrorObject;
  /** 1-based character offset into the statement text, for the wire protocol's `P` field. */
  readonly position?: number;
}

/** Names as PostgreSQL shows them: DuckDB's schema main is public. */
export interface ErrorObject {
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  /** Where PostgreSQL's own source raises it, for the few errors that drivers know by that. */
  readonly routine?: string;
}

export interface FieldError {
  /** RFC 6901 pointer into the request body, such as `/columns/0/type`. */
  readonly pointer: string;
  readonly detail: string;
}

export class AppError extends Error {
  override readonly name = "AppError";
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly fields: readonly FieldError[];
  readonly position: number | undefined;
  readonly detail: string | undefined;
  readonly object: ErrorObject | undefined;

  /** `detail` says what failed, a colon, the present value and what would be accepted. It holds no secret. */
  constructor(kind: ErrorKind, detail: string, options: AppErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.fields = options.fields ?? [];
    this.position = options.position;
    this.detail = options.detail;
    this.object = options.object;
  }

  get sqlstate(): string {
    return catalogue[this.kind].sqlstate;
  }
}

/** The shape in which an `AppError` crosses the control channel between server and worker. */
export interface AppErrorRecord {
  readonly kind: ErrorKind;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly fields?: readonly FieldError[] | undefined;
  readonly position?: number | undefined;
}

export function appErrorToRecord(error: AppError): AppErrorRecord {
  return { kind: error.kind, detail: error.message, hint: error.hint, fields: error.fields, position: error.position };
}

export function appErrorFromRecord(record: AppErrorRecord): AppError {
  return new AppError(record.kind, record.detail, {
    ...(record.hint === undefined ? {} : { hint: record.hint }),
    ...(record.fields === undefined ? {} : { fields: record.fields }),
    ...(record.position === undefined ? {} : { position: record.position }),
  });
}
