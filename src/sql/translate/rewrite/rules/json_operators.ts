/**
 * JSON operators. Taking out a field is DuckDB's own `->`; a path becomes a JSON pointer, which like PostgreSQL's paths
 * counts in arrays and names fields in objects; the others are PostgreSQL's functions behind those operators, where we
 * have them.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { call, caseWhen, cast, operator, or, textConstant } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { isJson } from "../static_types.ts";
import { bodyOf, child, list, type PgNode, stringsOf } from "../tree.ts";
import { parseArrayText } from "./array_literal.ts";
import { constantText } from "./constants.ts";
import { callMacro } from "./macro_calls.ts";

/** By its type, or a constant that looks like JSON and not like an array. */
export function isJsonOperand(node: PgNode, scope: Scope): boolean {
  if (isJson(typeOf(node, scope))) return true;
  const source = constantText(node);
  return source !== null && /^\s*(?:\{\s*"[^"]*"\s*:|\{\s*\}|\[)/.test(source);
}

/** The function behind an operator. */
const functions: Readonly<Record<string, string>> = {
  "@>": "jsonb_contains",
  "<@": "jsonb_contained",
  "?": "jsonb_exists",
  "?|": "jsonb_exists_any",
  "?&": "jsonb_exists_all",
  "||": "jsonb_concat",
  "-": "jsonb_delete",
  "#-": "jsonb_delete_path",
  "@?": "jsonb_path_exists",
  "@@": "jsonb_path_match",
};

/** Those that give jsonb. */
const changing: ReadonlySet<string> = new Set(["||", "-", "#-"]);

/** `value ->> key`. An object or array in jsonb is written in its canonical form, which DuckDB does not know. */
function textOf(value: PgNode, key: PgNode, whole: PgNode, scope: Scope): PgNode {
  const taken = withType(operator(value, "->>", key), "text", scope);
  if (typeOf(whole, scope) !== "jsonb" || !scope.statement.names.macros.has("__jsonb")) return taken;
  const inner = operator(value, "->", key);
  const isNested = operator(call(["json_type"], [inner]), "=", textConstant("OBJECT"));
  const isArray = operator(call(["json_type"], [inner]), "=", textConstant("ARRAY"));
  const canonical = cast(callMacro("__jsonb", [inner], scope), "text");
  return withType(caseWhen([[or(isNested, isArray), canonical]], taken), "text", scope);
}

export function rewriteJsonOperator(left: PgNode, right: PgNode, body: PgNode, node: PgNode, scope: Scope): PgNode {
  const name = stringsOf(body, "name").at(-1)!;
  if (name === "->") return { A_Expr: { ...body } };
  if (name === "->>") return textOf(left, right, left, scope);
  if (name === "#>" || name === "#>>") {
    const taken = bodyOf(path(left, right, "->"), "A_Expr")!;
    const type = typeOf(left, scope) === "json" ? "json" : "jsonb";
    return name === "#>"
      ? withType({ A_Expr: taken }, type, scope)
      : textOf(child(taken, "lexpr")!, child(taken, "rexpr")!, left, scope);
  }
  const functionName = functions[name];
  if (functionName === undefined) return node;
  const parameters = [left, withArrayConstant(right, name)];
  if (scope.statement.names.macros.has(functionName)) {
    const made = callMacro(functionName, parameters, scope);
    return changing.has(name) ? withType(made, "jsonb", scope) : made;
  }
  throw new AppError("feature_not_supported", `the operator ${name} on JSON values is not supported`, {
    hint: "Take fields out with -> and ->> and compare those.",
  });
}

/** `?| '{a,b}'` and `#- '{a,b}'`: an array of text. */
function withArrayConstant(right: PgNode, name: string): PgNode {
  const source = constantText(right);
  if (source === null || !["?|", "?&", "#-"].includes(name)) return right;
  const items = parseArrayText(source);
  if (items === null) return right;
  return { A_ArrayExpr: { elements: items.map((item) => textConstant(String(item))), location: -1 } };
}

function path(left: PgNode, right: PgNode, taking: "->" | "->>"): PgNode {
  const steps = constantPath(right);
  if (steps !== null) return operator(left, taking, textConstant(steps.map(pointerStep).join("")));
  // ~ and / are written otherwise in a pointer; a path from a value of the query is made of plain names.
  const joined = operator(textConstant("/"), "||", call(["array_to_string"], [right, textConstant("/")]));
  return operator(left, taking, joined);
}

function constantPath(node: PgNode): readonly string[] | null {
  const source = constantText(node) ?? constantText(castArgument(node));
  if (source !== null) {
    const items = parseArrayText(source);
    return items === null || items.some((item) => typeof item !== "string") ? null : items as readonly string[];
  }
  const elements = list(bodyOf(castArgument(node) ?? node, "A_ArrayExpr"), "elements").map(constantText);
  return elements.length === 0 || elements.includes(null) ? null : elements as readonly string[];
}

function castArgument(node: PgNode): PgNode | null {
  const argument = bodyOf(node, "TypeCast")?.["arg"];
  return argument === undefined ? null : argument as PgNode;
}

function pointerStep(step: string): string {
  return `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
