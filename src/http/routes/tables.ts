/**
 * Buckets and tables, of a project and, with the same routes under `/branches/{branch_id}`, of a branch. Import takes the
 * file as the request's body, export answers with the file; both are streamed.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../../errors/app_error.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Bucket, Scope, Table, TableVersion } from "../../storage/types.ts";
import { type EiderApp, jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { pageAnswer, pageLimitDefault, pageLimitMax, pageQuerySchema, pageRequest, pageSchema } from "../pagination.ts";

const timeSchema = z.string().openapi({ format: "date-time" });
const columnSchema = z.object({ name: z.string(), type: z.string(), nullable: z.boolean() }).openapi("Column");
const formatSchema = z.enum(["csv", "json", "parquet"]);

const bucketSchema = z.object({
  id: z.string().openapi({ example: "in.c-sales" }),
  schema: z.string().openapi({ description: "Its name in SQL.", example: "in_c_sales" }),
  description: z.string().nullable(),
  created_at: timeSchema,
}).openapi("Bucket");

const tableSchema = z.object({
  id: z.string().openapi({ example: "in.c-sales.orders" }),
  bucket_id: z.string(),
  name: z.string(),
  schema: z.string(),
  columns: z.array(columnSchema),
  primary_key: z.array(z.string()),
  version: z.number().int(),
  rows: z.number().int(),
  size_bytes: z.number().int(),
  created_at: timeSchema,
  updated_at: timeSchema,
}).openapi("Table");

const versionSchema = z.object({
  version: z.number().int(),
  current: z.boolean(),
  origin: z.enum(["create", "full", "append", "upsert", "restore", "branch"]),
  rows: z.number().int(),
  size_bytes: z.number().int(),
  columns: z.array(columnSchema),
  created_at: timeSchema,
}).openapi("TableVersion");

const importedSchema = z.object({
  table_id: z.string(),
  version: z.number().int(),
  rows: z.number().int(),
  imported_rows: z.number().int(),
  size_bytes: z.number().int(),
  columns: z.array(columnSchema),
}).openapi("Imported");

const previewSchema = z.object({
  table_id: z.string(),
  version: z.number().int(),
  columns: z.array(columnSchema),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
}).openapi("Preview");

const createTableSchema = z.strictObject({
  bucket_id: z.string(),
  name: z.string(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string(), nullable: z.boolean().optional() })).min(1),
  primary_key: z.array(z.string()).default([]),
});

const contentTypes = {
  csv: "text/csv; charset=utf-8",
  json: "application/x-ndjson",
  parquet: "application/vnd.apache.parquet",
} as const;

/** Where a set of routes stands: below the project, or below one of its branches. */
interface Mount {
  readonly prefix: string;
  readonly tags: (tag: string) => string[];
  readonly params: z.ZodObject<{ project_id: z.ZodString; branch_id: z.ZodOptional<z.ZodString> }>;
}

const projectMount: Mount = {
  prefix: "/projects/{project_id}",
  tags: (tag) => [tag],
  params: z.object({ project_id: z.string() }) as unknown as Mount["params"],
};
const branchMount: Mount = {
  prefix: "/projects/{project_id}/branches/{branch_id}",
  tags: (tag) => [`${tag} of a branch`],
  params: z.object({ project_id: z.string(), branch_id: z.string() }) as unknown as Mount["params"],
};

/** Routes of buckets and tables, for projects and for branches. */
export function tableRoutes(storage: Storage): RouteModule {
  return (app) => {
    for (const mount of [projectMount, branchMount]) {
      addBucketRoutes(app, storage, mount);
      addTableRoutes(app, storage, mount);
      addVersionRoutes(app, storage, mount);
      addTransferRoutes(app, storage, mount);
    }
  };
}

function scopeOf(params: { project_id: string; branch_id?: string | undefined }): Scope {
  return { projectId: params.project_id, branchId: params.branch_id ?? null };
}

function addBucketRoutes(app: EiderApp, { tables }: Storage, mount: Mount): void {
  const path = `${mount.prefix}/buckets`;
  const tags = mount.tags("buckets");
  const params = mount.params.extend({ bucket_id: z.string() });
  const input = z.strictObject({ id: z.string(), description: z.string().max(2000).nullish() });
  app.openapi(
    createRoute({
      method: "post",
      path,
      tags,
      summary: "Create a bucket",
      request: { params: mount.params, body: jsonBody(input) },
      responses: { 201: jsonAnswer(bucketSchema, "The bucket"), ...problemAnswer },
    }),
    async (context) => {
      const { id, description } = context.req.valid("json");
      const scope = scopeOf(context.req.valid("param"));
      return context.json(
        renderBucket(await tables.createBucket(scope, { id, description: description ?? null })),
        201,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path,
      tags,
      summary: "List buckets",
      request: { params: mount.params, query: pageQuerySchema },
      responses: { 200: jsonAnswer(pageSchema(bucketSchema), "Buckets by id"), ...problemAnswer },
    }),
    async (context) => {
      const page = pageRequest(context.req.valid("query"));
      return context.json(
        pageAnswer(await tables.listBuckets(scopeOf(context.req.valid("param")), page), renderBucket),
        200,
      );
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/{bucket_id}`,
      tags,
      summary: "A bucket",
      request: { params },
      responses: { 200: jsonAnswer(bucketSchema, "The bucket"), ...problemAnswer },
    }),
    async (context) => {
      const param = context.req.valid("param");
      return context.json(renderBucket(await tables.requireBucket(scopeOf(param), param.bucket_id)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: `${path}/{bucket_id}`,
      tags,
      summary: "Delete a bucket",
      description: "One that has tables is refused with 409, unless force=true.",
      request: { params, query: z.strictObject({ force: z.enum(["true", "false"]).default("false") }) },
      responses: { 204: { description: "Done" }, ...problemAnswer },
    }),
    async (context) => {
      const param = context.req.valid("param");
      const withTables = context.req.valid("query").force === "true";
      await tables.deleteBucket(scopeOf(param), param.bucket_id, { withTables });
      return context.body(null, 204);
    },
  );
}

function addTableRoutes(app: EiderApp, { tables }: Storage, mount: Mount): void {
  const path = `${mount.prefix}/tables`;
  const tags = mount.tags("tables");
  const params = mount.params.extend({ table_id: z.string() });
  app.openapi(
    createRoute({
      method: "post",
      path,
      tags,
      summary: "Create an empty table",
      request: { params: mount.params, body: jsonBody(createTableSchema) },
      responses: { 201: jsonAnswer(tableSchema, "The table"), ...problemAnswer },
    }),
    async (context) => {
      const body = context.req.valid("json");
      const table = await tables.createTable(scopeOf(context.req.valid("param")), {
        bucketId: body.bucket_id,
        name: body.name,
        columns: body.columns,
        primaryKey: body.primary_key,
      });
      return context.json(renderTable(table), 201);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path,
      tags,
      summary: "List tables",
      request: { params: mount.params, query: pageQuerySchema.extend({ bucket_id: z.string().optional() }) },
      responses: { 200: jsonAnswer(pageSchema(tableSchema), "Tables by id"), ...problemAnswer },
    }),
    async (context) => {
      const query = context.req.valid("query");
      const scope = scopeOf(context.req.valid("param"));
      const page = await tables.listTables(scope, pageRequest(query), query.bucket_id ?? null);
      return context.json(pageAnswer(page, renderTable), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/{table_id}`,
      tags,
      summary: "A table",
      request: { params },
      responses: { 200: jsonAnswer(tableSchema, "The table with its current version"), ...problemAnswer },
    }),
    async (context) => {
      const param = context.req.valid("param");
      return context.json(renderTable(await tables.requireTable(scopeOf(param), param.table_id)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: `${path}/{table_id}`,
      tags,
      summary: "Delete a table with all its versions",
      request: { params },
      responses: { 204: { description: "Done" }, ...problemAnswer },
    }),
    async (context) => {
      const param = context.req.valid("param");
      await tables.deleteTable(scopeOf(param), param.table_id);
      return context.body(null, 204);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/{table_id}/preview`,
      tags,
      summary: "The first rows",
      description: "Numbers that JSON cannot hold exactly (beyond 2^53, DECIMAL) come as strings.",
      request: {
        params,
        query: z.strictObject({ limit: z.coerce.number().int().min(1).max(pageLimitMax).default(pageLimitDefault) }),
      },
      responses: { 200: jsonAnswer(previewSchema, "Columns and rows"), ...problemAnswer },
    }),
    async (context) => {
      const param = context.req.valid("param");
      const { limit } = context.req.valid("query");
      const { table, preview } = await tables.preview(scopeOf(param), param.table_id, limit);
      return context.json({ table_id: table.id, version: table.current.version, ...preview }, 200);
    },
  );
}

function addVersionRoutes(app: EiderApp, { tables }: Storage, mount: Mount): void {
  const path = `${mount.prefix}/tables/{table_id}/versions`;
  const tags = mount.tags("tables");
  const params = mount.params.extend({ table_id: z.string() });
  app.openapi(
    createRoute({
      method: "get",
      path,
      tags,
      summary: "The versions that can be restored, newest first",
      request: { params, query: pageQuerySchema },
      responses: { 200: jsonAnswer(pageSchema(versionSchema), "Versions"), ...problemAnswer },
    }),
    async (context) => {
      const param = context.req.valid("param");
      const page = pageRequest(context.req.valid("query"));
      if (page.after !== null && !/^\d{1,15}$/.test(page.after)) {
        throw new AppError("invalid_request", "cursor: not one of this list");
      }
      const { table, versions } = await tables.listVersions(scopeOf(param), param.table_id, page);
      return context.json(pageAnswer(versions, (version) => renderVersion(version, table)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: `${path}/{version}/restore`,
      tags,
      summary: "Make an earlier version current again, as a new version",
      request: { params: params.extend({ version: z.coerce.number().int().min(1).max(2 ** 31 - 1) }) },
      responses: { 200: jsonAnswer(tableSchema, "The table"), ...problemAnswer },
    }),
    async (context) => {
      const param = context.req.valid("param");
      return context.json(
        renderTable(await tables.restoreVersion(scopeOf(param), param.table_id, param.version)),
        200,
      );
    },
  );
}

function addTransferRoutes(app: EiderApp, { transfer }: Storage, mount: Mount): void {
  const path = `${mount.prefix}/tables/{table_id}`;
  const tags = mount.tags("tables");
  const params = mount.params.extend({ table_id: z.string() });
  app.openapi(
    createRoute({
      method: "post",
      path: `${path}/import`,
      tags,
      summary: "Import a file; the table is created if missing",
      description: "The body is the file. CSV has a header line; json is one object a line, or an array of objects. " +
        "full replaces all rows, append adds, upsert replaces by primary key.",
      request: {
        params,
        // Strict: with a mistyped name, such as ?mod=append, the default would replace the table.
        query: z.strictObject({
          mode: z.enum(["full", "append", "upsert"]).default("full"),
          format: formatSchema.default("csv"),
          primary_key: z.string().optional().openapi({
            description: "Comma-separated column names, for a table that the import creates.",
          }),
        }),
        body: {
          content: {
            "application/octet-stream": { schema: { type: "string", format: "binary" } },
            "text/csv": { schema: { type: "string" } },
          },
        },
      },
      responses: {
        200: jsonAnswer(importedSchema, "Imported"),
        201: jsonAnswer(importedSchema, "Imported into a new table"),
        ...problemAnswer,
      },
    }),
    async (context) => {
      refuseWrappedFile(context.req.header("content-type"), context.req.header("content-encoding"));
      const param = context.req.valid("param");
      const { mode, format, primary_key: keyText } = context.req.valid("query");
      const primaryKey = keyText === undefined
        ? null
        : keyText.split(",").map((name) => name.trim()).filter((name) => name !== "");
      const imported = await transfer.importTable(
        scopeOf(param),
        param.table_id,
        { mode, format, primaryKey },
        context.req.raw.body,
      );
      const answer = {
        table_id: imported.tableId,
        version: imported.version,
        rows: imported.rows,
        imported_rows: imported.importedRows,
        size_bytes: imported.sizeBytes,
        columns: [...imported.columns],
      };
      if (!imported.created) return context.json(answer, 200);
      context.header("location", context.req.path.replace(/\/import$/, ""));
      return context.json(answer, 201);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/export`,
      tags,
      summary: "The whole table as a file",
      request: { params, query: z.strictObject({ format: formatSchema.default("csv") }) },
      responses: {
        200: {
          description: "The file",
          content: {
            "text/csv": { schema: { type: "string" } },
            "application/x-ndjson": { schema: { type: "string" } },
            "application/vnd.apache.parquet": { schema: { type: "string", format: "binary" } },
          },
        },
        ...problemAnswer,
      },
    }),
    async (context) => {
      const param = context.req.valid("param");
      const { format } = context.req.valid("query");
      const file = await transfer.exportTable(scopeOf(param), param.table_id, format);
      if (context.req.method === "HEAD") await file.body.cancel();
      return new Response(context.req.method === "HEAD" ? null : file.body, {
        headers: {
          "content-type": contentTypes[format],
          "content-length": String(file.sizeBytes),
          "content-disposition": `attachment; filename="${file.fileName}"`,
        },
      });
    },
  );
}

/** The body must be the file itself; any other Content-Type is taken, as curl sends a form's for --data-binary. */
function refuseWrappedFile(contentType: string | undefined, contentEncoding: string | undefined): void {
  if (contentType !== undefined && /^multipart\//i.test(contentType)) {
    throw new AppError(
      "unsupported_media_type",
      `Content-Type: ${contentType.split(";")[0]}; the body must be the file`,
      {
        hint: "With curl use --data-binary @file or -T file instead of -F.",
      },
    );
  }
  if (contentEncoding !== undefined && contentEncoding.toLowerCase() !== "identity") {
    throw new AppError("unsupported_media_type", `Content-Encoding: ${contentEncoding}; send the file uncompressed`);
  }
}

function renderBucket(bucket: Bucket) {
  return { id: bucket.id, schema: bucket.schema, description: bucket.description, created_at: bucket.createdAt };
}

function renderTable(table: Table) {
  return {
    id: table.id,
    bucket_id: table.bucketId,
    name: table.name,
    schema: table.schema,
    columns: [...table.current.columns],
    primary_key: [...table.current.primaryKey],
    version: table.current.version,
    rows: table.current.rows,
    size_bytes: table.current.sizeBytes,
    created_at: table.createdAt,
    updated_at: table.updatedAt,
  };
}

function renderVersion(version: TableVersion, table: Table) {
  return {
    version: version.version,
    current: version.version === table.current.version,
    origin: version.origin,
    rows: version.rows,
    size_bytes: version.sizeBytes,
    columns: [...version.columns],
    created_at: version.createdAt,
  };
}
