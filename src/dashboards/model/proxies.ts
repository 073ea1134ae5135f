/**
 * The proxy configurations of a datasource: `{kind: "HTTPProxy"|"SQLProxy", spec}`, which Perses looks for anywhere inside
 * plugin.spec (rule 9).
 */
import type { JsonObject, JsonValue } from "../types.ts";
import { below, isObject, ownField, type Place, quoted, report } from "./decode.ts";
import { checkDuration } from "./names.ts";

const httpMethods = ["GET", "POST", "DELETE", "PUT", "PATCH"];
const sqlDrivers = ["mysql", "mariadb", "postgres"];
const sslModes = ["disable", "allow", "prefer", "require", "verify-full", "verify-ca"];

/** Notes what is wrong with every proxy configuration inside the value. */
export function checkProxies(value: JsonValue | undefined, place: Place): void {
  if (Array.isArray(value)) value.forEach((one, index) => checkProxies(one, below(place, index)));
  else if (isObject(value)) {
    const kind = ownField(value, "kind");
    const spec = ownField(value, "spec");
    const proxyKind = typeof kind === "string" ? kind.toLowerCase() : "";
    if (proxyKind === "httpproxy" || proxyKind === "sqlproxy") {
      const specPlace = below(place, "spec");
      if (!isObject(spec)) report(specPlace, `${kind}: spec cannot be empty`);
      else if (proxyKind === "httpproxy") checkHttpProxy(spec, specPlace);
      else checkSqlProxy(spec, specPlace);
      return;
    }
    for (const [key, one] of Object.entries(value)) checkProxies(one, below(place, key));
  }
}

function checkHttpProxy(spec: JsonObject, place: Place): void {
  const url = ownField(spec, "url");
  if (typeof url !== "string" || url === "") report(below(place, "url"), "url cannot be empty");
  else if (!isHttpUrl(url)) {
    report(below(place, "url"), `${quoted(url)} is not a valid url: http://host or https://host`);
  }
  checkOptionalDuration(spec, "timeout", place);
  if (hasElements(spec, "allowHeaders") && hasElements(spec, "dropHeaders")) {
    report(below(place, "dropHeaders"), "cannot specify both allowHeaders and dropHeaders at the same time");
  }
  const endpoints = ownField(spec, "allowedEndpoints") ?? [];
  if (!Array.isArray(endpoints)) return report(below(place, "allowedEndpoints"), "allowedEndpoints must be an array");
  endpoints.forEach((endpoint: JsonValue, index: number) =>
    checkEndpoint(endpoint, below(below(place, "allowedEndpoints"), index))
  );
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "http:" || url.protocol === "https:");
}

function checkEndpoint(endpoint: JsonValue, place: Place): void {
  const method = ownField(endpoint, "method") ?? "";
  const pattern = ownField(endpoint, "endpointPattern") ?? "";
  if (method === "") report(below(place, "method"), "HTTP method cannot be empty");
  else if (!httpMethods.includes(String(method))) {
    const supported = httpMethods.join(", ");
    report(
      below(place, "method"),
      `${quoted(String(method))} is not a valid http method. Current supported HTTP method: ${supported}`,
    );
  }
  if (typeof pattern !== "string" || pattern === "") {
    report(below(place, "endpointPattern"), "HTTP endpoint pattern cannot be empty");
  } else {
    const wrong = regexpError(pattern);
    if (wrong !== null) report(below(place, "endpointPattern"), `error parsing regexp: ${wrong}`);
  }
}

/**
 * What is wrong with a regular expression, or null. Go's RE2 is JavaScript's syntax without looking around and without
 * referring back, and names its groups `(?P<name>`.
 */
export function regexpError(pattern: string): string | null {
  if (/\(\?<?[=!]/.test(pattern)) return `invalid or unsupported Perl syntax: ${quoted(pattern)}`;
  if (/(?<!\\)(?:\\\\)*\\[1-9]/.test(pattern)) return `invalid escape sequence: ${quoted(pattern)}`;
  try {
    new RegExp(pattern.replaceAll("(?P<", "(?<").replace(/^\(\?[imsU]+\)/, ""));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function checkSqlProxy(spec: JsonObject, place: Place): void {
  const present = sqlDrivers.filter((driver) => isObject(ownField(spec, driver)));
  const driver = ownField(spec, "driver") || present[0] || "";
  if (driver === "") report(below(place, "driver"), "driver is required");
  else if (!sqlDrivers.includes(String(driver))) {
    report(below(place, "driver"), `driver ${String(driver)} is not supported`);
  }
  for (const other of present) {
    if (sqlDrivers.includes(String(driver)) && other !== driver) {
      report(below(place, other), `driver ${String(driver)} cannot be set if ${other} config is set`);
    }
  }
  for (const field of ["host", "database"]) {
    const value = ownField(spec, field);
    if (typeof value !== "string" || value === "") report(below(place, field), `${field} cannot be empty`);
  }
  const postgres = ownField(spec, "postgres");
  const sslMode = ownField(postgres, "ssl_mode") ?? "";
  if (sslMode !== "" && !sslModes.includes(String(sslMode))) {
    report(below(below(place, "postgres"), "ssl_mode"), `unknown ssl mode ${String(sslMode)}`);
  }
  if (isObject(postgres)) checkOptionalDuration(postgres, "connect_timeout", below(place, "postgres"));
}

function checkOptionalDuration(spec: JsonObject, field: string, place: Place): void {
  const value = ownField(spec, field) ?? "";
  const wrong = value === "" ? null : typeof value === "string" ? checkDuration(value) : "not a duration string";
  if (wrong !== null) report(below(place, field), wrong);
}

function hasElements(spec: JsonObject, field: string): boolean {
  const value = ownField(spec, field);
  return Array.isArray(value) && value.length > 0;
}
