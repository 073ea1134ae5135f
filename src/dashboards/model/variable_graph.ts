/**
 * What variables need of each other (rule 11). A dashboard's variable hides a project's of the same name, which hides a
 * global one. The scanner sees `$name` only, as Perses' does: not `${name}`, not names of digits, not built-in `__names`.
 */
import type { JsonValue } from "../types.ts";
import { below, isObject, ownField, type Place, quoted, report } from "./decode.ts";

/** One variable: its name, and the texts in which it may name others. */
export interface VariableNode {
  readonly name: string;
  /** `{kind, spec}` */
  readonly variable: JsonValue;
  /** Where problems with it are noted. */
  readonly place: Place;
}

export interface VariableScopes {
  readonly global: readonly VariableNode[];
  readonly project: readonly VariableNode[];
  readonly dashboard: readonly VariableNode[];
}

/** Notes references to variables that do not exist, and a circle if there is one. */
export function checkVariableGraph(scopes: VariableScopes): void {
  const nodes = new Map<string, VariableNode>();
  for (const node of [...scopes.global, ...scopes.project, ...scopes.dashboard]) nodes.set(node.name, node);
  const needs = new Map<string, string[]>();
  let allDefined = true;
  for (const node of nodes.values()) {
    const used = [...new Set(usedVariables(node.variable))];
    for (const name of used) {
      if (nodes.has(name)) continue;
      allDefined = false;
      report(node.place, `variable ${quoted(name)} is used in the variable ${quoted(node.name)} but not defined`);
    }
    needs.set(node.name, used);
  }
  if (!allDefined) return;
  const circle = firstInCircle(needs);
  if (circle !== null) report(nodes.get(circle)!.place, "circular dependency detected");
}

/** Takes away variables that need nothing that is left; one that remains is in a circle, or needs one that is. */
function firstInCircle(needs: ReadonlyMap<string, readonly string[]>): string | null {
  const neededBy = new Map<string, string[]>([...needs.keys()].map((name) => [name, []]));
  for (const [name, others] of needs) others.forEach((other) => neededBy.get(other)!.push(name));
  const openCount = new Map([...needs].map(([name, others]) => [name, others.length]));
  const ready = [...openCount].filter(([, count]) => count === 0).map(([name]) => name);
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    openCount.delete(name);
    for (const other of neededBy.get(name)!) {
      const count = openCount.get(other)! - 1;
      openCount.set(other, count);
      if (count === 0) ready.push(other);
    }
  }
  return openCount.keys().next().value ?? null;
}

function usedVariables(variable: JsonValue): string[] {
  const spec = ownField(variable, "spec");
  const names: string[] = [];
  if (ownField(variable, "kind") === "TextVariable") collect(ownField(spec, "value"), names);
  else collect(ownField(ownField(spec, "plugin"), "spec"), names);
  return names;
}

function collect(value: JsonValue | undefined, names: string[]): void {
  if (typeof value === "string") {
    for (const [, name] of value.matchAll(/\$(\w+)/g)) {
      if (!/^\d+$/.test(name!) && !name!.startsWith("__")) names.push(name!);
    }
  } else if (Array.isArray(value)) value.forEach((one) => collect(one, names));
  else if (isObject(value)) Object.values(value).forEach((one) => collect(one, names));
}

/** The nodes of a dashboard's spec. */
export function dashboardNodes(spec: JsonValue, place: Place): VariableNode[] {
  const variables = ownField(spec, "variables");
  if (!Array.isArray(variables)) return [];
  return variables.map((variable: JsonValue, index: number) => ({
    name: String(ownField(ownField(variable, "spec"), "name")),
    variable,
    place: below(below(below(place, "variables"), index), "spec"),
  }));
}
