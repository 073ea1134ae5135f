/**
 * The variables that a dashboard sees, with what can be chosen and what is chosen: its own, then the project's, then the server's,
 * of which a nearer one hides the others of its name. A variable whose values depend on another's comes after it.
 */
import { AppError } from "../../errors/app_error.ts";
import type { JsonObject } from "../types.ts";
import { isObject } from "./datasources.ts";
import type { PanelContext, PanelEngines } from "./types.ts";
import { optionsOf, type VariableOption } from "./variable_options.ts";

/** What Perses calls the choice of everything. */
export const allValue = "$__all";

export interface ResolvedVariable {
  readonly name: string;
  readonly kind: "TextVariable" | "ListVariable";
  readonly title: string;
  /** Null for a text. */
  readonly options: readonly VariableOption[] | null;
  /** What is chosen: of the request, the default, or the first option; null when there is nothing to choose. */
  readonly value: string | readonly string[] | null;
  /** What queries get in its place: for "all", the variable's own text for it or every value. */
  readonly queryValue: string | readonly string[] | null;
  /** Why there are no options. */
  readonly error: string | null;
  /** Whether "all" can be chosen, and whether several can. */
  readonly allowAll: boolean;
  readonly allowMultiple: boolean;
  /** Not shown to readers. */
  readonly hidden: boolean;
}

interface DefinedVariable {
  readonly name: string;
  readonly kind: string;
  readonly spec: JsonObject;
}

/** Every variable, those first that others need. One that cannot be resolved says so and hinders no other. */
export async function resolveVariables(context: PanelContext, engines: PanelEngines): Promise<ResolvedVariable[]> {
  const defined = inOrder(await definedVariables(context, engines));
  const values = new Map(context.variables);
  const resolved: ResolvedVariable[] = [];
  for (const variable of defined) {
    const one = await resolveOne(variable, { ...context, variables: values }, engines);
    if (one.queryValue === null) values.delete(one.name);
    else values.set(one.name, one.queryValue);
    resolved.push(one);
  }
  return resolved;
}

/**
 * The context with every "all" that the query names turned into values: the variable's own text for it costs nothing, else the
 * values are asked for.
 */
export async function withAllValues(
  context: PanelContext,
  query: JsonObject,
  engines: PanelEngines,
): Promise<PanelContext> {
  const asksForAll = [...context.variables].filter(([, value]) => isAll(value)).map(([name]) => name);
  if (asksForAll.length === 0) return context;
  const named = new Set(references(query));
  const defined = await definedVariables(context, engines);
  const values = new Map(context.variables);
  for (const variable of defined) {
    if (!asksForAll.includes(variable.name)) continue;
    const ownText = customAll(variable);
    if (ownText !== null) values.set(variable.name, ownText);
    else if (named.has(variable.name)) {
      const all = (await resolveVariables(context, engines)).find(({ name }) => name === variable.name);
      if (all?.error != null) throw new AppError("upstream_failed", `variable "${variable.name}": ${all.error}`);
      values.set(variable.name, all?.queryValue ?? []);
    }
  }
  return { ...context, variables: values };
}

async function resolveOne(
  { name, kind, spec }: DefinedVariable,
  context: PanelContext,
  engines: PanelEngines,
): Promise<ResolvedVariable> {
  const display = isObject(spec["display"]) ? spec["display"] : {};
  const title = typeof display["name"] === "string" && display["name"] !== "" ? display["name"] : name;
  const given = context.variables.get(name);
  const shape = {
    title,
    allowAll: kind === "ListVariable" && spec["allowAllValue"] === true,
    allowMultiple: kind === "ListVariable" && spec["allowMultiple"] === true,
    hidden: display["hidden"] === true,
  };
  if (kind === "TextVariable") {
    const preset = typeof spec["value"] === "string" ? spec["value"] : "";
    const value = spec["constant"] === true ? preset : given ?? preset;
    return { name, kind, ...shape, options: null, value, queryValue: value, error: null };
  }
  const base = { name, kind: "ListVariable", ...shape } as const;
  try {
    const options = await optionsOfVariable(spec, context, engines);
    const value = chosen(spec, given, options);
    const all = customAll({ name, kind, spec }) ?? options.map((option) => option.value);
    return { ...base, options, value, queryValue: value !== null && isAll(value) ? all : value, error: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const value = given ?? presetOf(spec);
    const queryValue = value !== null && isAll(value) ? customAll({ name, kind, spec }) : value;
    return { ...base, options: [], value, queryValue, error: error.message };
  }
}

async function optionsOfVariable(
  spec: JsonObject,
  context: PanelContext,
  engines: PanelEngines,
): Promise<VariableOption[]> {
  const plugin = isObject(spec["plugin"]) ? spec["plugin"] : {};
  const pluginSpec = isObject(plugin["spec"]) ? plugin["spec"] : {};
  const found = await optionsOf(String(plugin["kind"] ?? ""), pluginSpec, context, engines);
  return sorted(captured(found, spec["capturingRegexp"]), String(spec["sort"] ?? "none"));
}

/** A default that is not among the options any more gives way to the first one. */
function chosen(
  spec: JsonObject,
  given: string | readonly string[] | undefined,
  options: readonly VariableOption[],
): string | readonly string[] | null {
  const multiple = spec["allowMultiple"] === true;
  if (given !== undefined) return multiple || typeof given === "string" ? given : given[0] ?? null;
  const preset = presetOf(spec);
  const isOption = (value: string) => value === allValue || options.some((option) => option.value === value);
  if (typeof preset === "string" && isOption(preset)) return preset;
  if (preset !== null && typeof preset !== "string") {
    const still = preset.filter(isOption);
    if (still.length > 0) return still;
  }
  const first = options[0]?.value;
  return first === undefined ? preset : multiple ? [first] : first;
}

function presetOf(spec: JsonObject): string | readonly string[] | null {
  const preset = spec["defaultValue"];
  if (typeof preset === "string") return preset;
  return Array.isArray(preset) ? preset.map(String) : null;
}

function customAll({ kind, spec }: DefinedVariable): string | null {
  const text = spec["customAllValue"];
  return kind === "ListVariable" && typeof text === "string" && text !== "" ? text : null;
}

function isAll(value: string | readonly string[]): boolean {
  return typeof value === "string" ? value === allValue : value.includes(allValue);
}

/** As Perses does it: the groups of the match, or the match; what does not match is no option. */
function captured(options: readonly VariableOption[], expression: unknown): VariableOption[] {
  if (typeof expression !== "string" || expression === "") return [...options];
  let pattern: RegExp;
  try {
    pattern = new RegExp(expression);
  } catch {
    throw new AppError("invalid_request", `capturingRegexp is not a regular expression: ${expression}`);
  }
  const found = options.flatMap((option) => {
    const match = pattern.exec(option.value);
    if (match === null) return [];
    const value = match.length > 1 ? match.slice(1).join("") : match[0];
    return [{ value, label: option.label === option.value ? value : option.label }];
  });
  return [...new Map(found.map((option) => [option.value, option])).values()];
}

function sorted(options: readonly VariableOption[], sort: string): VariableOption[] {
  const direction = sort.endsWith("-desc") ? -1 : 1;
  const by = (compare: (a: string, b: string) => number) =>
    [...options].sort((a, b) => direction * compare(a.label, b.label));
  if (sort.startsWith("alphabetical-ci")) return by((a, b) => compareTexts(a.toLowerCase(), b.toLowerCase()));
  if (sort.startsWith("alphabetical")) return by(compareTexts);
  if (sort.startsWith("numerical")) return by((a, b) => Number.parseFloat(a) - Number.parseFloat(b));
  return [...options];
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function definedVariables(context: PanelContext, { store }: PanelEngines): Promise<DefinedVariable[]> {
  const found = new Map<string, DefinedVariable>();
  for (const kind of context.ownVariablesOnly ? [] : ["GlobalVariable", "Variable"] as const) {
    const project = kind === "Variable" ? context.project : null;
    for (const { metadata: { name }, spec: variable } of await store.list({ kind, project })) {
      const spec = variable["spec"];
      if (isObject(spec)) found.set(name, { name, kind: String(variable["kind"]), spec });
    }
  }
  const own = context.dashboard["variables"];
  for (const variable of Array.isArray(own) ? own : []) {
    if (!isObject(variable) || !isObject(variable["spec"])) continue;
    const name = variable["spec"]["name"];
    if (typeof name !== "string") continue;
    found.delete(name);
    found.set(name, { name, kind: String(variable["kind"]), spec: variable["spec"] });
  }
  return [...found.values()].filter(({ kind }) => kind === "TextVariable" || kind === "ListVariable");
}

/** Each after those that it names; a circle, which no valid dashboard has, is cut where it is met. */
function inOrder(variables: readonly DefinedVariable[]): DefinedVariable[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const ordered = new Set<DefinedVariable>();
  const met = new Set<string>();
  const add = (variable: DefinedVariable): void => {
    if (met.has(variable.name)) return;
    met.add(variable.name);
    for (const name of references(variable.spec)) {
      const needed = byName.get(name);
      if (needed !== undefined) add(needed);
    }
    ordered.add(variable);
  };
  variables.forEach(add);
  return [...ordered];
}

/** Names of variables in any text of a document. */
function references(spec: JsonObject): string[] {
  return [...JSON.stringify(spec).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name!);
}
