/**
 * The variables of a shared dashboard. A visitor changes none: each has the value that the link fixes, or else the one that
 * the dashboard begins with.
 */
import { AppError, type FieldError } from "../../errors/app_error.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import type { VariableValue, VariableValues } from "./types.ts";

interface DefinedVariable {
  readonly name: string;
  readonly kind: string;
  readonly spec: JsonObject;
}

/** `$__all` is what Perses calls the choice of everything. */
const allValue = "$__all";

export function definedVariables(dashboardSpec: JsonObject): DefinedVariable[] {
  const list = dashboardSpec["variables"];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: JsonValue) => {
    if (!isObject(item) || !isObject(item["spec"])) return [];
    const { kind, spec } = item;
    const name = spec["name"];
    return typeof name === "string" && typeof kind === "string" ? [{ name, kind, spec }] : [];
  });
}

/**
 * Throws `invalid_request` with pointers when a fixed value cannot be that variable's, or when a variable would have none.
 * `isElsewhere` tells whether the project or the server has a variable of that name.
 */
export async function checkVariables(
  dashboardSpec: JsonObject,
  fixed: VariableValues,
  isElsewhere: (name: string) => Promise<boolean>,
): Promise<void> {
  const defined = definedVariables(dashboardSpec);
  const fields: FieldError[] = [];
  for (const [name, value] of Object.entries(fixed)) {
    const variable = defined.find((one) => one.name === name);
    const pointer = `/variables/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (variable !== undefined) {
      const wrong = wrongValue(variable, value);
      if (wrong !== null) fields.push({ pointer, detail: wrong });
    } else if (!await isElsewhere(name)) {
      fields.push({ pointer, detail: "the dashboard has no such variable" });
    }
  }
  const values = resolveVariables(dashboardSpec, fixed);
  for (const { name } of defined) {
    if (!Object.hasOwn(values, name)) {
      fields.push({ pointer: `/variables/${name}`, detail: "has no default value, so the link must fix one" });
    }
  }
  if (fields.length === 0) return;
  const text = fields.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
  throw new AppError("invalid_request", `share: ${text}`, { fields });
}

/** The value of each of the dashboard's variables, and of others that the link fixes. One without any value is left out. */
export function resolveVariables(dashboardSpec: JsonObject, fixed: VariableValues): VariableValues {
  const values: Record<string, VariableValue> = { ...fixed };
  for (const { name, kind, spec } of definedVariables(dashboardSpec)) {
    if (Object.hasOwn(fixed, name)) continue;
    const value = kind === "TextVariable" ? spec["value"] : spec["defaultValue"] ?? staticValues(spec)?.[0];
    if (typeof value === "string") values[name] = value;
    else if (Array.isArray(value) && value.every((one) => typeof one === "string")) values[name] = value as string[];
  }
  return values;
}

export function sameValue(left: VariableValue, right: VariableValue): boolean {
  const texts = (value: VariableValue) => typeof value === "string" ? [value] : value;
  const [a, b] = [texts(left), texts(right)];
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

function wrongValue({ kind, spec }: DefinedVariable, value: VariableValue): string | null {
  if (kind === "TextVariable") {
    if (typeof value !== "string") return "a text variable has one value";
    return spec["constant"] === true && spec["value"] !== value ? "is a constant of the dashboard" : null;
  }
  if (typeof value !== "string" && spec["allowMultiple"] !== true) return "takes one value, not a list";
  const allowed = staticValues(spec);
  if (allowed === null) return null;
  const all = spec["allowAllValue"] === true ? [...allowed, allValue] : allowed;
  const other = (typeof value === "string" ? [value] : value).find((one) => !all.includes(one));
  return other === undefined ? null : `${JSON.stringify(other)} is not one of ${allowed.join(", ")}`;
}

/** The values of a list that stands in the document; null for one that a query makes. */
function staticValues(spec: JsonObject): string[] | null {
  const plugin = spec["plugin"];
  if (!isObject(plugin) || plugin["kind"] !== "StaticListVariable" || !isObject(plugin["spec"])) return null;
  const values = plugin["spec"]["values"];
  if (!Array.isArray(values)) return [];
  return values.flatMap((value: JsonValue) => {
    const text = isObject(value) ? value["value"] : value;
    return typeof text === "string" ? [text] : [];
  });
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
