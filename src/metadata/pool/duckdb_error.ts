/** Where DuckDB's errors of the metadata store end: what callers can act on becomes an `AppError`. */
import { AppError } from "../../errors/app_error.ts";

/** Gives the error to throw instead; one without a kind of its own is a defect and stays as it is. */
export function translateDuckDbError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const text = error.message;
  const line = (text.split("\n", 1)[0] ?? "").trim();
  const options = { cause: error };
  if (/no space left on device|not enough (disk )?space/i.test(text)) {
    return new AppError("disk_full", `metadata store: the disk is full (${line})`, options);
  }
  if (/^FATAL Error|database has been invalidated/i.test(text)) {
    return new AppError("metadata_unusable", `metadata store: stopped after a fatal error (${line})`, options);
  }
  if (/^INTERRUPT Error/i.test(text)) return new AppError("timeout", "metadata store: query interrupted", options);
  // A failed commit over a key that another transaction took meanwhile is one, too: the retry sees that key.
  if (/^TransactionContext Error: .*(conflict|failed to commit)/i.test(text)) {
    return new AppError("serialization_failure", `metadata store: concurrent change (${line})`, options);
  }
  if (/^Constraint Error/i.test(text)) {
    if (/duplicate key|unique constraint|primary key/i.test(text)) {
      return new AppError("unique_violation", line, options);
    }
    if (/not null/i.test(text)) return new AppError("not_null_violation", line, options);
    if (/check constraint/i.test(text)) return new AppError("check_violation", line, options);
  }
  return error;
}
