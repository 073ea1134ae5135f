/**
 * CREATE SCHEMA, CREATE TYPE and CREATE DOMAIN. A composite type is DuckDB's STRUCT; a domain without constraints is an
 * alias of its type.
 */
import { bodyOf, child, list, mapList, type PgNode, text, withFields } from "../tree.ts";
import { constraintType } from "./constraints.ts";
import { ownParts, ownRangeVar, ownSchema } from "./names.ts";
import { changed, refuse, type StatementRewrite, withBody } from "./result.ts";

export function rewriteCreateSchema(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const name = text(body, "schemaname");
  const role = child(body, "authrole");
  if (role === null) return withBody(root, type, withFields(body, { schemaname: ownSchema(name) }));
  const roleName = text(role, "rolename");
  if (name === "" && roleName === "") {
    refuse("CREATE SCHEMA AUTHORIZATION CURRENT_USER is not supported", "Name the schema: CREATE SCHEMA name.");
  }
  const schemaname = ownSchema(name === "" ? roleName : name);
  return withBody(root, type, withFields(body, { schemaname, authrole: undefined }), [
    "a workspace has one owner; AUTHORIZATION is ignored",
  ]);
}

/** The printer writes `CREATE TYPE name AS STRUCT(…)`, so that the tree must always be printed. */
export function rewriteCompositeType(body: PgNode): StatementRewrite {
  const columns = list(body, "coldeflist");
  if (columns.length === 0) {
    refuse("a composite type without columns is not supported", "Give it one column at least.");
  }
  const coldeflist = mapList(columns, (node) => {
    const definition = bodyOf(node, "ColumnDef");
    return definition === null ? node : { ColumnDef: withFields(definition, { collClause: undefined }) };
  });
  const typevar = ownRangeVar(child(body, "typevar") ?? {});
  return changed([{ CompositeTypeStmt: { ...body, typevar, coldeflist } }]);
}

export function rewriteCreateEnum(body: PgNode, root: PgNode, type: string): StatementRewrite {
  return withBody(root, type, withFields(body, { typeName: ownList(body, "typeName") }));
}

/** The printer writes `CREATE TYPE name AS type`. */
export function rewriteCreateDomain(body: PgNode): StatementRewrite {
  const constraints = list(body, "constraints").filter((node) => constraintType(node) !== "NULL");
  if (constraints.length > 0) {
    refuse(
      "CREATE DOMAIN with DEFAULT, NOT NULL or CHECK is not supported: DuckDB's types have no constraints",
      "Create the domain without them, and give them to the columns of the tables.",
    );
  }
  return changed([{
    CreateDomainStmt: withFields({ ...body }, {
      domainname: ownList(body, "domainname"),
      constraints: undefined,
      collClause: undefined,
    }),
  }]);
}

/** The names of a field with schema `public` as DuckDB's `main`; the same array when nothing changes. */
function ownList(body: PgNode, field: string): unknown {
  const before = list(body, field);
  const parts = ownParts(before);
  return parts === before ? body[field] : parts;
}
