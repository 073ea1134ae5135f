/**
 * DROP: DuckDB drops one object a statement. CASCADE on a sequence or a type would drop the tables that use it, where
 * PostgreSQL drops defaults and columns, so it is left out: DuckDB then refuses when something depends on the object.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { bodyOf, flag, list, type PgNode, stringOf, stringsOf, text, typeOfNode, withFields } from "../tree.ts";
import { doNothing } from "./guards.ts";
import { ownParts, ownSchema } from "./names.ts";
import { changed, type StatementRewrite, withBody } from "./result.ts";

/** Kinds that DuckDB has, and what it calls them. */
const kinds: Readonly<Record<string, string>> = {
  OBJECT_TABLE: "OBJECT_TABLE",
  OBJECT_VIEW: "OBJECT_VIEW",
  OBJECT_INDEX: "OBJECT_INDEX",
  OBJECT_SEQUENCE: "OBJECT_SEQUENCE",
  OBJECT_SCHEMA: "OBJECT_SCHEMA",
  OBJECT_TYPE: "OBJECT_TYPE",
  OBJECT_DOMAIN: "OBJECT_TYPE",
  OBJECT_FUNCTION: "OBJECT_FUNCTION",
  OBJECT_ROUTINE: "OBJECT_FUNCTION",
};

const cascading: ReadonlySet<string> = new Set(["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_SCHEMA"]);

export function rewriteDrop(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const removed = text(body, "removeType");
  const kind = kinds[removed];
  if (kind === undefined) return dropUnknownKind(removed, body);
  const behavior = cascading.has(kind) ? body["behavior"] : "DROP_RESTRICT";
  const plain = withFields(body, { removeType: kind, behavior, concurrent: undefined });
  const objects = list(body, "objects");
  const [first, ...others] = objects.map(ownObject);
  if (others.length === 0) {
    return withBody(root, type, first === objects[0] ? plain : withFields(plain, { objects: [first] }));
  }
  return changed([first, ...others].map((object) => ({ DropStmt: withFields(plain, { objects: [object] }) })));
}

/** A name with DuckDB's schema; of a function without its arguments, since a macro's overloads are dropped together. */
function ownObject(object: PgNode): PgNode {
  switch (typeOfNode(object)) {
    case "List": {
      const items = list(bodyOf(object, "List"), "items");
      const parts = ownParts(items);
      return parts === items ? object : { List: { items: parts } };
    }
    case "String": {
      const name = stringOf(object);
      return ownSchema(name) === name ? object : { String: { sval: ownSchema(name) } };
    }
    case "TypeName": {
      const typeName = bodyOf(object, "TypeName")!;
      const names = list(typeName, "names");
      const parts = ownParts(names);
      return parts === names ? object : { TypeName: withFields(typeName, { names: parts }) };
    }
    case "ObjectWithArgs": {
      const names = list(bodyOf(object, "ObjectWithArgs"), "objname");
      return { ObjectWithArgs: { objname: ownParts(names), args_unspecified: true } };
    }
    default:
      return object;
  }
}

const missingKinds: Readonly<Record<string, "undefined_table" | "undefined_function">> = {
  OBJECT_MATVIEW: "undefined_table",
  OBJECT_FOREIGN_TABLE: "undefined_table",
  OBJECT_AGGREGATE: "undefined_function",
  OBJECT_PROCEDURE: "undefined_function",
};

/** No object of such a kind can exist: PostgreSQL skips it with IF EXISTS, and has an error without. */
function dropUnknownKind(removed: string, body: PgNode): StatementRewrite {
  const kind = removed.replace(/^OBJECT_/, "").replace("MATVIEW", "MATERIALIZED_VIEW").replaceAll("_", " ")
    .toLowerCase();
  const names = list(body, "objects").map((object) => {
    const withArguments = bodyOf(object, "ObjectWithArgs");
    if (withArguments !== null) return stringsOf(withArguments, "objname").join(".");
    return [stringOf(object), ...stringsOf(bodyOf(object, "List"), "items")].filter((part) => part !== "").at(-1) ?? "";
  });
  if (!flag(body, "missing_ok")) {
    throw new AppError(missingKinds[removed] ?? "undefined_object", `${kind} "${names[0] ?? ""}" does not exist`);
  }
  return changed([doNothing], names.map((name) => `${kind} "${name}" does not exist, skipping`));
}
