/**
 * The body of Perses' `POST /proxy/unsaved/…`: a request for a datasource that is not stored yet, so that it can be tried before it is
 * saved: `{"method", "body"?: base64, "spec": the datasource's spec}`.
 */
import type { FoundDatasource } from "../../../dashboards/panels/datasources.ts";
import { type DatasourceScope, foundDatasource } from "../../../dashboards/panels/datasource_proxy.ts";
import type { ResourceService } from "../../../dashboards/resources.ts";
import type { JsonObject, JsonValue } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";

export interface UnsavedRequest {
  readonly datasource: FoundDatasource;
  readonly method: string;
  readonly body: Uint8Array<ArrayBuffer> | null;
}

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/** In messages; a datasource without a name of its own. */
const unsavedName = "unsaved-datasource";

/** The spec obeys the rules of a stored one. Throws `invalid_request`. */
export function readUnsavedRequest(
  value: JsonValue,
  scope: DatasourceScope["scope"],
  resources: Pick<ResourceService, "validate">,
): UnsavedRequest {
  const { method, body, spec } = objectOr(value, {});
  if (method === undefined || method === null || method === "") throw invalid("method", "missing field 'method'");
  if (typeof method !== "string" || !methods.includes(method)) {
    throw invalid("method", `invalid method ${JSON.stringify(method)}`);
  }
  if (body !== undefined && body !== null && typeof body !== "string") throw invalid("body", "body must be base64");
  const kind = scope === "server" ? "GlobalDatasource" : "Datasource";
  resources.validate(kind, { kind, metadata: { name: unsavedName }, spec: spec ?? null });
  const datasource = foundDatasource(scope, nameOf(spec), spec);
  if (datasource === null) throw invalid("spec", "spec must have a plugin");
  return { datasource, method, body: body ? decoded(body) : null };
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    throw invalid("body", "body must be base64");
  }
}

function nameOf(spec: JsonValue | undefined): string {
  const { display } = objectOr(spec, {});
  const { name } = objectOr(display, {});
  return typeof name === "string" && name !== "" ? name : unsavedName;
}

function objectOr(value: JsonValue | undefined, other: JsonObject): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as JsonObject : other;
}

function invalid(field: string, message: string): AppError {
  return new AppError("invalid_request", message, { fields: [{ pointer: `/${field}`, detail: message }] });
}
