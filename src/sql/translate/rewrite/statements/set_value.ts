/** `SELECT setval(sequence, value [, is_called]) [FROM …]`, as dumps and ORMs send it, alone in its SELECT. */
import { booleanConstant } from "../build.ts";
import { bodyOf, child, list, type PgNode, stringsOf, text, withFields } from "../tree.ts";
import { constantRelationName, constantText } from "../rules/reg_values.ts";
import { advanceSequence } from "./advance_sequence.ts";
import { implicitName, ownSchema, splitPath } from "./names.ts";
import { changed, refuse, type StatementRewrite, unchanged } from "./result.ts";

export function rewriteSetValue(body: PgNode, root: PgNode): StatementRewrite {
  const targets = list(body, "targetList");
  const calls = targets.map((node) => bodyOf(child(bodyOf(node, "ResTarget"), "val"), "FuncCall"));
  const call = calls.find((item) => item !== null && functionName(item) === "setval");
  if (call === undefined || call === null) return unchanged(root);
  if (calls.length > 1) {
    refuse("setval() beside other columns is not supported", "Write one SELECT for each setval().");
  }
  const target = bodyOf(targets[0], "ResTarget");
  const [sequence, value, isCalled] = list(call, "args");
  if (sequence === undefined || value === undefined) return unchanged(root);
  const name = sequenceName(sequence);
  if (name === null) {
    refuse(
      "setval() is supported with the sequence's name written as a constant",
      "Write the sequence's name as a string: setval('t_id_seq', 42).",
    );
  }
  const source = withFields(body, { targetList: undefined });
  const columnName = text(target, "name");
  const advanced = advanceSequence(name, value, isCalled ?? booleanConstant(true), source);
  return changed([columnName === "" ? advanced : renamedColumn(advanced, columnName)]);
}

function functionName(call: PgNode): string {
  return stringsOf(call, "funcname").at(-1) ?? "";
}

/** Of a constant, or of `pg_get_serial_sequence('t', 'c')`, whose answer is the name that serial columns give. */
function sequenceName(node: PgNode): readonly string[] | null {
  const cast = bodyOf(node, "TypeCast");
  if (cast !== null) return sequenceName(cast["arg"] as PgNode);
  const call = bodyOf(node, "FuncCall");
  if (call !== null && functionName(call) === "pg_get_serial_sequence") {
    const [table, column] = list(call, "args").map(constantText);
    const parts = splitPath(table ?? "");
    if (parts === null || column === undefined || column === null) return null;
    return ownPath([...parts.slice(0, -1), implicitName(parts.at(-1)!, column, "seq")]);
  }
  const name = constantRelationName(node);
  const parts = name === null ? null : splitPath(name);
  return parts === null ? null : ownPath(parts);
}

function ownPath(parts: readonly string[]): readonly string[] {
  return parts.length < 2 ? parts : [...parts.slice(0, -2), ownSchema(parts.at(-2)!), parts.at(-1)!];
}

function renamedColumn(statement: PgNode, name: string): PgNode {
  const body = bodyOf(statement, "SelectStmt")!;
  const [target] = list(body, "targetList");
  return { SelectStmt: { ...body, targetList: [{ ResTarget: { ...bodyOf(target, "ResTarget")!, name } }] } };
}
