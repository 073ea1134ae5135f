/**
 * DuckDB's plans, as `EXPLAIN (FORMAT json)` and its profiler write them, as one tree. Both are read without trust in their form: what is
 * missing is null.
 */
import type { PlanNode } from "../ipc/messages.ts";

/** Operators of one plan that are kept; a generated query can have thousands. */
const operatorsMax = 500;
const depthMax = 100;
const detailCharactersMax = 1_000;
/** Details that name objects and never hold a value of the statement. */
const harmlessDetails: ReadonlySet<string> = new Set(["Table", "Type", "Join Type", "Estimated Cardinality"]);

interface RawNode {
  readonly name?: unknown;
  readonly operator_name?: unknown;
  readonly operator_timing?: unknown;
  readonly operator_cardinality?: unknown;
  readonly extra_info?: unknown;
  readonly children?: unknown;
}

/** The tree in `json`, null when there is none. The profiler's outermost object is the query, not an operator. */
export function readPlan(json: string): PlanNode | null {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return null;
  }
  const roots = Array.isArray(raw) ? raw : isRecord(raw) && Array.isArray(raw["children"]) ? raw["children"] : [];
  const budget = { left: operatorsMax };
  const [root] = roots.map((node) => readNode(node, 0, budget)).filter((node) => node !== null);
  return root ?? null;
}

function readNode(value: unknown, depth: number, budget: { left: number }): PlanNode | null {
  if (!isRecord(value) || depth > depthMax || budget.left-- <= 0) return null;
  const raw: RawNode = value;
  const profiled = typeof raw.operator_timing === "number";
  const { details, estimatedRows } = readDetails(raw.extra_info);
  return {
    operator: String(raw.operator_name ?? raw.name ?? "").trim(),
    timing_ms: profiled ? Math.round(Number(raw.operator_timing) * 1e6) / 1e3 : null,
    rows: typeof raw.operator_cardinality === "number" ? raw.operator_cardinality : null,
    estimated_rows: estimatedRows,
    details,
    children: (Array.isArray(raw.children) ? raw.children : [])
      .map((child) => readNode(child, depth + 1, budget)).filter((child) => child !== null),
  };
}

function readDetails(value: unknown): { details: Record<string, string>; estimatedRows: number | null } {
  const details: Record<string, string> = {};
  let estimatedRows: number | null = null;
  for (const [name, detail] of Object.entries(isRecord(value) ? value : {})) {
    const text = Array.isArray(detail) ? detail.map(String).join(", ") : String(detail);
    const key = name.replaceAll("_", "").trim();
    if (key === "Estimated Cardinality") {
      const number = Number(/\d+/.exec(text)?.[0]);
      estimatedRows = Number.isFinite(number) ? number : null;
    } else if (text !== "" && key !== "") details[key] = text.slice(0, detailCharactersMax);
  }
  return { details, estimatedRows };
}

/** The plan without anything that can hold a value of the statement: filters, expressions, limits. */
export function withoutValues(node: PlanNode, keepNames: boolean): PlanNode {
  return {
    ...node,
    details: keepNames
      ? Object.fromEntries(Object.entries(node.details).filter(([name]) => harmlessDetails.has(name)))
      : {},
    children: node.children.map((child) => withoutValues(child, keepNames)),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
