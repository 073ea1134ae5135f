/** What a failed statement's error can say besides what DuckDB said: the constraint, and where a literal stands. */
import { AppError } from "../../errors/app_error.ts";
import { explainConstraintError, isConstraintError, type TableName } from "../../engine/constraint_error.ts";
import { temporarySchema } from "../../sql/catalog/relations/objects.ts";
import type { ParsedStatement, RelationName } from "../../sql/statement.ts";
import { LocatedError } from "../codec/located_error.ts";
import type { ExecutorPorts } from "./executor_ports.ts";

/**
 * The error with table, constraint and detail, for one of a constraint. Call after the transaction of `parsed` was rolled back, when the
 * connection is free.
 */
export async function explainFailure(
  error: AppError,
  parsed: ParsedStatement | null,
  ports: Pick<ExecutorPorts, "connection" | "settings">,
): Promise<AppError> {
  if (parsed === null || !isConstraintError(error)) return error;
  const table = changedTable(parsed);
  if (table === null) return error;
  try {
    const explained = await explainConstraintError(error, table, shownSchemas(ports), ports.connection);
    return error instanceof LocatedError && explained !== error
      ? new LocatedError(explained, error.context)
      : explained;
  } catch {
    // The error itself is what counts; DuckDB's words are right, too.
    return error;
  }
}

/** The schemas of the search path as PostgreSQL shows them, temporary objects first. */
export function shownSchemas({ settings }: Pick<ExecutorPorts, "settings">): readonly string[] {
  const names = settings.searchPathEntries().map((entry) => entry.slice(entry.indexOf(".") + 1));
  return [temporarySchema, ...names.map((name) => name === "main" ? "public" : name)];
}

function changedTable(parsed: ParsedStatement): TableName | null {
  const target = parsed.action.type === "copy_from_stdin"
    ? parsed.action.table
    : parsed.facts.changes.find(({ mode }) => mode === "rows")?.target ?? null;
  return target === null ? null : { schema: shownSchema(target), name: target.name };
}

function shownSchema({ schema }: RelationName): string | null {
  return schema === "main" ? "public" : schema;
}

const literalKinds: ReadonlySet<string> = new Set([
  "invalid_text_representation",
  "invalid_datetime_format",
  "datetime_overflow",
  "numeric_out_of_range",
]);

/** An error that the translation found in a constant, with the constant's position when it stands in the text once. */
export function atLiteral(error: unknown, text: string): unknown {
  if (!(error instanceof AppError) || error.position !== undefined || !literalKinds.has(error.kind)) return error;
  const value = /"([\s\S]*)"/.exec(error.message)?.[1];
  if (value === undefined) return error;
  const literal = `'${value.replaceAll("'", "''")}'`;
  const at = text.indexOf(literal);
  if (at < 0 || text.indexOf(literal, at + 1) >= 0) return error;
  return withPosition(error, [...text.slice(0, at)].length + 1);
}

/** The error of one statement with its position in the whole text that the client sent. */
export function inWholeText(error: unknown, whole: string, parsed: ParsedStatement): unknown {
  if (!(error instanceof AppError) || error.position === undefined || parsed.offset === 0) return error;
  return withPosition(error, error.position + [...whole.slice(0, parsed.offset)].length);
}

function withPosition(error: AppError, position: number): AppError {
  return new AppError(error.kind, error.message, {
    cause: error,
    position,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.object === undefined ? {} : { object: error.object }),
  });
}
