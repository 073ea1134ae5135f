/**
 * EXPLAIN: DuckDB has ANALYZE and FORMAT. The other options only add to what PostgreSQL shows of its own plans, and are
 * left out; ANALYZE false too, which DuckDB takes for ANALYZE.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { bodyOf, child, list, type PgNode, text, withFields } from "../tree.ts";
import { refuse, type StatementRewrite, withBody } from "./result.ts";
import { defElem, optionName, optionValue } from "./sequence_options.ts";

const displayOptions: ReadonlySet<string> = new Set(
  "verbose costs settings generic_plan buffers wal timing summary serialize memory".split(" "),
);

export function rewriteExplain(
  body: PgNode,
  root: PgNode,
  type: string,
  inner: (query: PgNode) => StatementRewrite,
): StatementRewrite {
  const query = child(body, "query") ?? {};
  const rewritten = inner(query);
  if (rewritten.statements.length > 1) {
    refuse("EXPLAIN of this statement is not supported: it is carried out as several", "EXPLAIN its query.");
  }
  const before = list(body, "options");
  const kept = before.flatMap(keptOption);
  const same = kept.length === before.length && kept.every((option, index) => option === before[index]);
  const options = same ? body["options"] : kept.length === 0 ? undefined : kept;
  const statement = withFields(body, { query: rewritten.statements[0], options });
  return withBody(root, type, statement, rewritten.notices);
}

function keptOption(option: PgNode): readonly PgNode[] {
  const name = optionName(option);
  if (name === "analyze") return isOn(option) ? [withoutValue(option)] : [];
  if (displayOptions.has(name)) return [];
  if (name !== "format") throw new AppError("syntax_error", `unrecognized EXPLAIN option "${name}"`);
  const format = text(bodyOf(optionValue(option), "String"), "sval").toLowerCase();
  switch (format) {
    case "text":
      return [];
    case "json":
      return [option];
    case "xml":
    case "yaml":
      return refuse(`EXPLAIN (FORMAT ${format.toUpperCase()}) is not supported`, "Use FORMAT TEXT or FORMAT JSON.");
    default:
      throw new AppError("invalid_parameter_value", `unrecognized value for EXPLAIN option "format": "${format}"`);
  }
}

function withoutValue(option: PgNode): PgNode {
  return optionValue(option) === null ? option : defElem("analyze", null);
}

function isOn(option: PgNode): boolean {
  const value = optionValue(option);
  if (value === null) return true;
  const integer = bodyOf(value, "Integer");
  if (integer !== null) return Number(integer["ival"] ?? 0) !== 0;
  const word = text(bodyOf(value, "String"), "sval").toLowerCase();
  if (["true", "on", "1", "yes"].includes(word)) return true;
  if (["false", "off", "0", "no"].includes(word)) return false;
  throw new AppError("syntax_error", "analyze requires a Boolean value");
}
