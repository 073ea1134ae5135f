/**
 * SQL over REST: the statements of one text, run in a workspace under the caller's rights, for the console and for scripts without a
 * PostgreSQL driver. A key with the role `read` gets a session that may only read. What a statement is refused with comes as
 * problem+json with its SQLSTATE and its place in the text, and with the results of the statements before it.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../../errors/app_error.ts";
import type { WorkspaceReference } from "../../workspaces/service.ts";
import { jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { authorOf, type Principal } from "../auth.ts";
import { problemResponse } from "../problem.ts";
import { referenceOf } from "./workspaces.ts";

export interface SqlColumn {
  readonly name: string;
  /** As PostgreSQL writes it, such as `timestamp without time zone`. */
  readonly type: string;
}

export type SqlValue = string | number | boolean | null;

export interface SqlNotice {
  readonly severity: string;
  readonly sqlstate: string;
  readonly message: string;
  readonly hint: string | null;
}

/** What one statement gave. */
export interface SqlStatementResult {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly SqlValue[])[];
  readonly truncated: boolean;
  /** PostgreSQL's command tag, such as `INSERT 0 3`; empty when the rows were cut off. */
  readonly command: string;
  readonly notices: readonly SqlNotice[];
  readonly durationMs: number;
}

export interface SqlQueryRequest {
  readonly workspace: WorkspaceReference;
  readonly sql: string;
  /** Of one statement. */
  readonly rowsMax: number;
  /** Of one statement; the server's query_timeout_seconds when missing. */
  readonly timeoutMs: number | null;
  /** By which the caller can cancel it; null: only by going away. */
  readonly queryId: string | null;
  /** As the query log and `current_user` name the caller. */
  readonly actor: string;
  readonly readOnly: boolean;
  readonly clientAddress: string;
  readonly signal: AbortSignal;
}

/** A statement has failed; those before it have their results. */
export interface SqlFailure {
  readonly error: AppError;
  /** Of the statement in the text, from 0. */
  readonly statement: number;
  /** 1-based, in characters of the whole text. */
  readonly position: number | null;
}

export interface SqlQueryAnswer {
  readonly results: readonly SqlStatementResult[];
  readonly failure: SqlFailure | null;
  readonly durationMs: number;
}

/** Implemented in `server/sql_query.ts`. */
export interface SqlQueryPort {
  /** Throws `not_found`, `workspace_expired`, `too_many_requests`, `conflict` (the query id runs already), `invalid_request`. */
  run(request: SqlQueryRequest): Promise<SqlQueryAnswer>;
  /** Whether such a query of this caller ran; `anybody` also reaches those of others. */
  cancel(workspace: WorkspaceReference, queryId: string, caller: { actor: string; anybody: boolean }): Promise<boolean>;
}

const rowsMaxDefault = 1_000;
const rowsMaxMost = 50_000;
const timeoutSecondsMost = 86_400;
const sqlCharactersMax = 500_000;
const tags = ["sql"];
const path = "/projects/{project_id}/workspaces/{ws_id}/query";
const parameters = z.object({ project_id: z.string(), ws_id: z.string() });
const queryIdSchema = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, "8 to 64 letters, digits, - and _ are accepted");

const bodySchema = z.strictObject({
  sql: z.string().min(1).max(sqlCharactersMax).openapi({
    description: "One or more statements, separated by semicolons; they stop at the first that fails.",
    example: "SELECT city, count(*) FROM in_c_sales.customers GROUP BY city",
  }),
  max_rows: z.number().int().min(1).max(rowsMaxMost).default(rowsMaxDefault).openapi({
    description: "Of each statement. `truncated` tells that there were more.",
  }),
  timeout_seconds: z.number().positive().max(timeoutSecondsMost).optional().openapi({
    description: "Of each statement; query_timeout_seconds of the server when missing or larger.",
  }),
  query_id: queryIdSchema.optional().openapi({
    description: "A name of the caller's own for this request, by which it can be cancelled.",
  }),
}).openapi("SqlQuery");

const noticeSchema = z.object({
  severity: z.string(),
  sqlstate: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
});
const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const resultSchema = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string().openapi({ example: "integer" }) })),
  rows: z.array(z.array(valueSchema)),
  row_count: z.number().int().openapi({ description: "Rows in this answer." }),
  truncated: z.boolean().openapi({ description: "There were more rows, or more bytes, than an answer may have." }),
  command: z.string().openapi({ description: "PostgreSQL's command tag.", example: "INSERT 0 3" }),
  notices: z.array(noticeSchema),
  duration_ms: z.number(),
}).openapi("SqlResult");
const answerSchema = z.object({ results: z.array(resultSchema), duration_ms: z.number() }).openapi("SqlAnswer");

const description =
  "Every statement is a transaction of its own, unless the text says BEGIN; what it leaves open is rolled back. Integers up to 2^53 and " +
  "floats come as numbers, booleans as such, everything else as PostgreSQL's text. A failed statement is answered as problem+json, also " +
  "with `sqlstate`, `position` (1-based, in characters of `sql`), `statement` (from 0) and the `results` of those before it. With a key of " +
  "the role `read` every statement runs read-only. Names go to the workspace first, then to the project's tables.";

/** Adds `POST …/workspaces/{ws_id}/query` and `POST …/query/{query_id}/cancel`. */
export function sqlQueryRoutes(queries: SqlQueryPort): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path,
        tags,
        summary: "Run SQL in the workspace",
        description,
        request: { params: parameters, body: jsonBody(bodySchema) },
        responses: { 200: jsonAnswer(answerSchema, "A result for each statement"), ...problemAnswer },
      }),
      async (context) => {
        const body = context.req.valid("json");
        const principal = context.get("principal");
        const answer = await queries.run({
          workspace: referenceOf(context.req.valid("param")),
          sql: body.sql,
          rowsMax: body.max_rows,
          timeoutMs: body.timeout_seconds === undefined ? null : body.timeout_seconds * 1000,
          queryId: body.query_id ?? null,
          actor: authorOf(principal),
          readOnly: !mayWrite(principal),
          clientAddress: context.get("clientAddress") ?? "",
          signal: context.req.raw.signal,
        });
        if (answer.failure !== null) return problemOf(answer, answer.failure) as never;
        return context.json({ results: answer.results.map(renderResult), duration_ms: answer.durationMs }, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: `${path}/{query_id}/cancel`,
        tags,
        summary: "Cancel SQL that runs under this query_id",
        description: "One's own; a key with the role admin reaches everybody's.",
        request: { params: parameters.extend({ query_id: queryIdSchema }) },
        responses: {
          200: jsonAnswer(z.object({ message: z.string(), query_id: z.string() }), "It is being cancelled"),
          ...problemAnswer,
        },
      }),
      async (context) => {
        const { query_id: queryId, ...place } = context.req.valid("param");
        const principal = context.get("principal");
        const caller = { actor: authorOf(principal), anybody: mayWrite(principal) };
        if (!await queries.cancel(referenceOf(place), queryId, caller)) {
          throw new AppError("not_found", `query: "${queryId}" does not run in this workspace`);
        }
        return context.json({ message: "Query cancelled", query_id: queryId }, 200);
      },
    );
  };
}

function mayWrite(principal: Principal): boolean {
  return principal.kind === "administrator" || principal.role === "admin";
}

function renderResult(result: SqlStatementResult): z.infer<typeof resultSchema> {
  return {
    columns: result.columns.map(({ name, type }) => ({ name, type })),
    rows: result.rows.map((row) => [...row]),
    row_count: result.rows.length,
    truncated: result.truncated,
    command: result.command,
    notices: result.notices.map((notice) => ({ ...notice })),
    duration_ms: result.durationMs,
  };
}

function problemOf({ results, durationMs }: SqlQueryAnswer, { error, statement, position }: SqlFailure): Response {
  return problemResponse(error.kind, error.message, {
    hint: error.hint,
    fields: error.fields,
    members: {
      sqlstate: error.sqlstate,
      ...(position === null ? {} : { position }),
      ...(error.detail === undefined ? {} : { sql_detail: error.detail }),
      statement,
      results: results.map(renderResult),
      duration_ms: durationMs,
    },
  });
}
