/** CREATE of views, indexes, schemas and enums; EXPLAIN and CALL. */
import { expression } from "./brackets.ts";
import { columnNames, relationName } from "./from.ts";
import { literalText, nameText, typeNameText } from "./identifiers.ts";
import { temporaryWord } from "./tables.ts";
import {
  bodyOf,
  type CallStmt,
  type CreateEnumStmt,
  type CreateSchemaStmt,
  type DefElem,
  type ExplainStmt,
  type IndexElem,
  type IndexStmt,
  type Node,
  refuse,
  refuseOtherFields,
  requireBody,
  requireFields,
  stringsOf,
  type ViewStmt,
} from "./tree.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** Options of a view that say with whose rights it reads; a workspace has one user. */
const rightsOptions: ReadonlySet<string> = new Set(["security_barrier", "security_invoker"]);

function printView(out: Writer, view: ViewStmt): void {
  if (view.withCheckOption !== undefined && view.withCheckOption !== "NO_CHECK_OPTION") refuse("WITH CHECK OPTION");
  for (const node of view.options ?? []) {
    out.translates();
    const name = requireBody(node, "DefElem").defname ?? "";
    if (!rightsOptions.has(name)) refuse(`the view option ${name}`);
  }
  out.write(`CREATE ${view.replace === true ? "OR REPLACE " : ""}${temporaryWord(view.view)}VIEW `);
  relationName(out, view.view);
  if (view.aliases !== undefined) out.write(" ");
  columnNames(out, view.aliases);
  out.write(" AS ");
  out.node(view.query);
}

function indexElement(out: Writer, element: IndexElem): void {
  refuseOtherFields(element, ["name", "expr", "ordering", "nulls_ordering"]);
  if (element.name !== undefined) out.write(nameText(element.name));
  else out.brackets(() => out.withoutSubqueries(() => expression(out, element.expr)));
  if (element.ordering === "SORTBY_ASC") out.write(" ASC");
  if (element.ordering === "SORTBY_DESC") out.write(" DESC");
  if (element.nulls_ordering === "SORTBY_NULLS_FIRST") out.write(" NULLS FIRST");
  if (element.nulls_ordering === "SORTBY_NULLS_LAST") out.write(" NULLS LAST");
}

/** Access methods that answer what DuckDB's one does. */
const orderedMethods: ReadonlySet<string> = new Set(["btree", "hash"]);

function printIndex(out: Writer, index: IndexStmt): void {
  if (index.accessMethod !== undefined && !orderedMethods.has(index.accessMethod)) {
    refuse(`USING ${index.accessMethod}`);
  }
  // the source may say USING, which DuckDB reads as the name of an extension's index
  out.translates();
  const name = index.idxname ?? refuse("an index without a name");
  const ifNotExists = index.if_not_exists === true ? "IF NOT EXISTS " : "";
  out.write(`CREATE ${index.unique === true ? "UNIQUE " : ""}INDEX ${ifNotExists}${nameText(name)} ON `);
  relationName(out, index.relation);
  out.write(" ");
  out.brackets(() => out.list(index.indexParams ?? [], (node) => indexElement(out, requireBody(node, "IndexElem"))));
}

function printSchema(out: Writer, schema: CreateSchemaStmt): void {
  const name = schema.schemaname ?? refuse("a schema without a name");
  out.write(`CREATE SCHEMA ${schema.if_not_exists === true ? "IF NOT EXISTS " : ""}${nameText(name)}`);
}

function printEnum(out: Writer, type: CreateEnumStmt): void {
  out.write(`CREATE TYPE ${typeNameText(stringsOf(type.typeName))} AS ENUM `);
  out.brackets(() => out.list(stringsOf(type.vals), (value) => out.write(literalText(value))));
}

/** The value of a switch of EXPLAIN, which is on when it is only named. */
function isOn(option: DefElem): boolean {
  if (option.arg === undefined) return true;
  const integer = bodyOf(option.arg, "Integer");
  const text = integer !== null
    ? String(integer.ival ?? 0)
    : requireBody(option.arg, "String").sval?.toLowerCase() ?? "";
  if (["true", "on", "1"].includes(text)) return true;
  return ["false", "off", "0"].includes(text) ? false : refuse(`${option.defname} ${text}`);
}

const explainFormats: ReadonlySet<string> = new Set(["text", "json"]);

/** DuckDB takes `ANALYZE false` for ANALYZE, so a switch that is off is left out. */
function explainOption(node: Node): string[] {
  const option = requireFields(node, "DefElem", ["defname", "arg", "defaction"]);
  switch (option.defname) {
    case "analyze":
      return isOn(option) ? ["ANALYZE"] : [];
    case "format": {
      const format = requireBody(option.arg, "String").sval?.toLowerCase() ?? "";
      return explainFormats.has(format) ? [`FORMAT ${format}`] : refuse(`EXPLAIN in the format ${format}`);
    }
    default:
      return isOn(option) ? refuse(`EXPLAIN ${option.defname}`) : [];
  }
}

function printExplain(out: Writer, explain: ExplainStmt): void {
  const options = (explain.options ?? []).flatMap(explainOption);
  if (options.length !== (explain.options ?? []).length) out.translates();
  out.write("EXPLAIN ");
  if (options.length > 0) out.write(options.join() === "ANALYZE" ? "ANALYZE " : `(${options.join(", ")}) `);
  out.node(explain.query);
}

function printCallStatement(out: Writer, call: CallStmt): void {
  out.write("CALL ");
  out.body("FuncCall", call.funccall ?? refuse("CALL of nothing"));
}

export const definitionPrinters = {
  ViewStmt: {
    fields: ["view", "aliases", "query", "replace", "options", "withCheckOption"],
    print: printView,
  },
  // what is stored beside the keys, how it is stored, and how it is locked meanwhile, changes no result
  IndexStmt: {
    fields: [
      "idxname",
      "relation",
      "accessMethod",
      "tableSpace",
      "indexParams",
      "indexIncludingParams",
      "options",
      "unique",
      "concurrent",
      "if_not_exists",
    ],
    print: printIndex,
  },
  CreateSchemaStmt: { fields: ["schemaname", "if_not_exists"], print: printSchema },
  CreateEnumStmt: { fields: ["typeName", "vals"], print: printEnum },
  ExplainStmt: { fields: ["query", "options"], print: printExplain },
  CallStmt: { fields: ["funccall"], print: printCallStatement },
} satisfies NodePrinters;
