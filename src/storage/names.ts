/** Ids and names: which are valid, and what follows from them. Each check names the field's JSON pointer. */
import { AppError } from "../errors/app_error.ts";
import type { TableName } from "./types.ts";

const projectIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const bucketIdPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}$/;
const tableNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,95}$/;
/** Schemas of the workspace itself and of the system catalog, and folders of a project that hold no tables. */
const reservedSchemas = new Set(["main", "public", "temp", "system", "information_schema", "_workspaces", "_tmp"]);
/** As PostgreSQL's identifiers: longer ones make trouble for clients. */
const columnNameBytesMax = 255;
/** A limit to keep catalogs small enough to send to workers. */
export const columnsMax = 1600;

export function randomHex(byteCount: number): string {
  return [...crypto.getRandomValues(new Uint8Array(byteCount))].map((byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

export const makeProjectId = () => `p_${randomHex(6)}`;
export const makeBranchId = () => `br_${randomHex(6)}`;
export const makeKeyId = () => `key_${randomHex(6)}`;

/** `eider_` and 256 random bits. */
export function makeProjectKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return "eider_" + btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function invalid(pointer: string, what: string, value: string, accepted: string): AppError {
  return new AppError("invalid_request", `${what}: "${value.slice(0, 120)}" is not accepted; ${accepted}`, {
    fields: [{ pointer, detail: accepted }],
  });
}

export function checkProjectId(id: string): void {
  // `project_<id>_branch_<branch>` is a branch's folder.
  if (!projectIdPattern.test(id) || id.includes("_branch_")) {
    throw invalid(
      "/id",
      "project id",
      id,
      "1 to 64 letters, digits, _ or -, not beginning with _ or -, without _branch_",
    );
  }
}

/** `in.c-sales` gives `in_c_sales`. */
export function schemaOfBucket(bucketId: string): string {
  return bucketId.replaceAll(/[^A-Za-z0-9_]/g, "_").toLowerCase();
}

export function checkBucketId(id: string): void {
  if (!bucketIdPattern.test(id)) {
    throw invalid("/id", "bucket id", id, "1 to 96 letters, digits, _ . or -, not beginning with . or -");
  }
  const schema = schemaOfBucket(id);
  if (reservedSchemas.has(schema) || schema.startsWith("pg_")) {
    throw invalid("/id", "bucket id", id, `its schema ${schema} is reserved`);
  }
}

export function checkTableName(name: string, pointer = "/name"): void {
  if (!tableNamePattern.test(name)) {
    throw invalid(pointer, "table name", name, "1 to 96 letters, digits, _ or -, not beginning with -");
  }
}

export function tableName(bucketId: string, name: string): TableName {
  const schema = schemaOfBucket(bucketId);
  return { id: `${bucketId}.${name}`, key: `${schema}.${name.toLowerCase()}`, bucketId, schema, name };
}

/** Splits `in.c-sales.orders` at its last dot; null when it has none. */
export function parseTableId(tableId: string): TableName | null {
  const dot = tableId.lastIndexOf(".");
  return dot <= 0 || dot === tableId.length - 1 ? null : tableName(tableId.slice(0, dot), tableId.slice(dot + 1));
}

/** Checks a list of column names: not empty, not repeated regardless of case, short enough. */
export function checkColumns(columns: readonly { readonly name: string }[], primaryKey: readonly string[]): void {
  if (columns.length === 0 || columns.length > columnsMax) {
    throw invalid("/columns", "columns", String(columns.length), `1 to ${columnsMax} of them`);
  }
  const seen = new Set<string>();
  columns.forEach(({ name }, index) => {
    const pointer = `/columns/${index}/name`;
    if (name.trim() === "" || new TextEncoder().encode(name).length > columnNameBytesMax || name.includes("\0")) {
      throw invalid(pointer, "column name", name, `1 to ${columnNameBytesMax} bytes`);
    }
    if (seen.has(name.toLowerCase())) throw invalid(pointer, "column name", name, "each name once, regardless of case");
    seen.add(name.toLowerCase());
  });
  checkPrimaryKey(columns, primaryKey);
}

export function checkPrimaryKey(columns: readonly { readonly name: string }[], primaryKey: readonly string[]): void {
  primaryKey.forEach((name, index) => {
    if (!columns.some((column) => column.name === name)) {
      throw invalid(`/primary_key/${index}`, "primary key", name, `one of ${columns.map((c) => c.name).join(", ")}`);
    }
    if (primaryKey.indexOf(name) !== index) {
      throw invalid(`/primary_key/${index}`, "primary key", name, "each name once");
    }
  });
}
