/**
 * What a template asks for, and how the answers get into its document: `{{name}}` in a text becomes the value. Documents are
 * filled as values, never as text, so that no value can change the document's shape.
 *
 * A text that is nothing but one placeholder takes the value's type (a number stays a number), and its field is left out when
 * an optional parameter has no value. Braces around any other name stay: `{{instance}}` in a legend is Prometheus' label.
 */
import { AppError, type FieldError } from "../../errors/app_error.ts";
import type { JsonObject, JsonValue } from "../types.ts";

export const parameterTypes = ["text", "number", "choice", "workspace", "datasource"] as const;
export type ParameterType = (typeof parameterTypes)[number];

export interface TemplateParameter {
  readonly name: string;
  readonly title: string;
  readonly type: ParameterType;
  readonly description?: string;
  /** Without a default it must be given. */
  readonly required: boolean;
  readonly default?: string | number;
  /** Of a `choice`. */
  readonly choices?: readonly string[];
  /** Of a `text`: a regular expression that the whole value must match. */
  readonly pattern?: string;
  /** Of a `datasource`: the kind of its plugin. */
  readonly datasourceKind?: string;
}

/** By the parameter's name; a parameter without a value is not in it. */
export type ParameterValues = ReadonlyMap<string, string | number>;

/** Looks up what a value names; each gives what is wrong, or null. */
export interface ParameterReferences {
  workspace(id: string): Promise<string | null>;
  datasource(name: string, kind: string | null): Promise<string | null>;
}

export const parametersMax = 50;
const valueCharactersMax = 1_000;
const namePattern = /^[a-z][a-z0-9_]{0,49}$/;

/** A template's own mistakes in declaring its parameters. */
export function parameterProblems(parameters: readonly TemplateParameter[]): FieldError[] {
  const fields: FieldError[] = [];
  const seen = new Set<string>();
  parameters.forEach((parameter, index) => {
    const wrong = (field: string, detail: string) =>
      void fields.push({ pointer: `/parameters/${index}/${field}`, detail });
    if (!namePattern.test(parameter.name)) {
      wrong(
        "name",
        `${JSON.stringify(parameter.name)} is not a lower-case letter and up to 49 letters, digits and "_"`,
      );
    }
    if (seen.has(parameter.name)) wrong("name", `"${parameter.name}" is there already`);
    seen.add(parameter.name);
    if ((parameter.type === "choice") !== (parameter.choices !== undefined)) {
      wrong("choices", 'goes together with the type "choice", and only with it');
    }
    if (parameter.pattern !== undefined) {
      if (parameter.type !== "text") wrong("pattern", 'only for the type "text"');
      else if (patternOf(parameter) === null) wrong("pattern", "is not a regular expression");
    }
    if (parameter.datasourceKind !== undefined && parameter.type !== "datasource") {
      wrong("datasource_kind", 'only for the type "datasource"');
    }
    const unfit = parameter.default === undefined ? null : wrongValue(parameter, parameter.default);
    if (unfit !== null) wrong("default", unfit);
  });
  return fields;
}

/** The values with defaults filled in. Throws `invalid_request` with a pointer for each that is wrong. */
export async function parameterValues(
  parameters: readonly TemplateParameter[],
  given: Readonly<Record<string, JsonValue>>,
  references: ParameterReferences,
): Promise<ParameterValues> {
  const fields: FieldError[] = [];
  const values = new Map<string, string | number>();
  const known = new Set(parameters.map(({ name }) => name));
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue;
    const detail = `the template has no such parameter; it has ${[...known].join(", ") || "none"}`;
    fields.push({ pointer: pointerOf(name), detail });
  }
  for (const parameter of parameters) {
    const value = Object.hasOwn(given, parameter.name) ? given[parameter.name] ?? undefined : undefined;
    if (value === undefined || value === "") {
      if (parameter.default !== undefined) values.set(parameter.name, parameter.default);
      else if (parameter.required) fields.push({ pointer: pointerOf(parameter.name), detail: "a value is needed" });
      continue;
    }
    const unfit = wrongValue(parameter, value) ?? await wrongReference(parameter, String(value), references);
    if (unfit !== null) fields.push({ pointer: pointerOf(parameter.name), detail: unfit });
    else values.set(parameter.name, value as string | number);
  }
  if (fields.length === 0) return values;
  const text = fields.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
  throw new AppError("invalid_request", `template: ${text}`, { fields });
}

/** Values of the right types, to see whether a template can become a valid document. */
export function sampleValues(parameters: readonly TemplateParameter[]): ParameterValues {
  return new Map(parameters.map((parameter) => [parameter.name, parameter.default ?? sampleOf(parameter)]));
}

/** The document with its placeholders filled. */
export function fillDocument(
  document: JsonObject,
  parameters: readonly TemplateParameter[],
  values: ParameterValues,
): JsonObject {
  const names = new Set(parameters.map(({ name }) => name));
  return (filled(document, names, values) ?? {}) as JsonObject;
}

function filled(value: JsonValue, names: ReadonlySet<string>, values: ParameterValues): JsonValue | undefined {
  if (typeof value === "string") return filledText(value, names, values);
  if (Array.isArray(value)) {
    return value.map((one: JsonValue) => filled(one, names, values)).filter((one) => one !== undefined);
  }
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, one]): [string, JsonValue][] => {
    const result = filled(one, names, values);
    return result === undefined ? [] : [[key, result]];
  });
  return Object.fromEntries(entries);
}

function filledText(text: string, names: ReadonlySet<string>, values: ParameterValues): JsonValue | undefined {
  const only = /^\{\{([a-z0-9_]+)\}\}$/.exec(text)?.[1];
  if (only !== undefined && names.has(only)) return values.get(only);
  return text.replace(
    /\{\{([a-z0-9_]+)\}\}/g,
    (whole, name: string) => names.has(name) ? String(values.get(name) ?? "") : whole,
  );
}

function wrongValue(parameter: TemplateParameter, value: JsonValue): string | null {
  const shown = JSON.stringify(value)?.slice(0, 100);
  if (parameter.type === "number") {
    return typeof value === "number" && Number.isFinite(value) ? null : `${shown} is not a number`;
  }
  if (typeof value !== "string") return `${shown} is not a text`;
  if (value.length > valueCharactersMax) return `${value.length} characters, at most ${valueCharactersMax} may be`;
  switch (parameter.type) {
    case "choice":
      return parameter.choices?.includes(value) === true
        ? null
        : `${shown} is not one of ${(parameter.choices ?? []).join(", ")}`;
    case "text": {
      const pattern = patternOf(parameter);
      return pattern === null || pattern.test(value) ? null : `${shown} does not match ${parameter.pattern}`;
    }
    case "workspace":
    case "datasource":
      return null;
    default: {
      const never: never = parameter.type;
      throw new AppError("internal", `unknown type of parameter: ${String(never)}`);
    }
  }
}

async function wrongReference(
  parameter: TemplateParameter,
  value: string,
  references: ParameterReferences,
): Promise<string | null> {
  if (parameter.type === "workspace") return await references.workspace(value);
  if (parameter.type === "datasource") return await references.datasource(value, parameter.datasourceKind ?? null);
  return null;
}

function patternOf({ pattern }: TemplateParameter): RegExp | null {
  if (pattern === undefined) return null;
  try {
    return new RegExp(`^(?:${pattern})$`, "u");
  } catch {
    return null;
  }
}

function sampleOf({ type, choices }: TemplateParameter): string | number {
  if (type === "number") return 1;
  return type === "choice" ? choices?.[0] ?? "choice" : type;
}

function pointerOf(name: string): string {
  return `/parameters/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
