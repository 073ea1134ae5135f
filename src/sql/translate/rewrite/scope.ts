/**
 * What names mean at a place of a statement: the relations of the FROM clauses around it and the CTEs that it sees. As
 * in PostgreSQL, a CTE hides a catalog relation of its name, and an alias hides the relation's own name.
 */
import type { CatalogRelation } from "../../catalog/types.ts";
import { type KnownNames, knownNames } from "./known_names.ts";
import type { StaticType } from "./static_types.ts";
import type { PgNode } from "./tree.ts";

export interface ScopeColumn {
  readonly name: string;
  readonly type: StaticType;
}

export interface ScopeRelation {
  /** How columns of it are qualified; null for a join or subquery without alias. */
  readonly alias: string | null;
  /** The schema as written, for `schema.table.column`. */
  readonly schema: string | null;
  /** null: only DuckDB knows them. */
  readonly columns: readonly ScopeColumn[] | null;
  /** When it is an emulated relation. */
  readonly catalog: CatalogRelation | null;
  /** Of a function that gives single values under a name of their own: the column that its alias means, too. */
  readonly value?: ScopeColumn;
  /** A table or view by name; the others have no system columns. */
  readonly isTable: boolean;
}

export interface QueryRole {
  /** Its columns can be seen by name: they get PostgreSQL's names. */
  readonly named: boolean;
  /** Its rows go outwards: values of reg… types become names. */
  readonly shown: boolean;
  /** Its columns are those of the statement's result, whose types the translation tells. */
  readonly described?: boolean;
  /** It is a part of a UNION or the like, whose columns take their types from all parts. */
  readonly isArm?: boolean;
}

export const resultRole: QueryRole = { named: true, shown: true };
export const describedRole: QueryRole = { named: true, shown: true, described: true };
export const subqueryRole: QueryRole = { named: true, shown: false };
export const innerRole: QueryRole = { named: false, shown: false };

export interface RewrittenQuery {
  /** Of a SelectStmt. */
  readonly body: PgNode;
  /** Null when only DuckDB knows them all. */
  readonly columns: readonly ScopeColumn[] | null;
  /** The columns before the first that only DuckDB knows. */
  readonly leading: readonly ScopeColumn[];
}

/** Rewrites a query; `scope` is its own, still without the relations of its FROM. */
export type QueryRewriter = (body: PgNode, scope: Scope, role: QueryRole) => RewrittenQuery;

/** A statement that changes data and stands in WITH; its columns are those of RETURNING. */
export type ChangeRewriter = (
  node: PgNode,
  scope: Scope,
) => { readonly node: PgNode; readonly columns: readonly ScopeColumn[] | null };

export interface RewriteOptions {
  /** Columns without AS get PostgreSQL's names. */
  readonly nameColumns: boolean;
}

/** Columns of the workspace's and the project's tables by `tableKey`. */
export type TableColumns = ReadonlyMap<string, readonly ScopeColumn[]>;

/** What is collected for a whole statement. */
export interface Collected {
  readonly options: RewriteOptions;
  /** Expressions hold queries and queries expressions; this is the way from the former to the latter. */
  readonly rewriteQuery: QueryRewriter;
  readonly rewriteChange: ChangeRewriter;
  /** The WITH queries that may change data: those of the statement itself. */
  readonly changingQueries: ReadonlySet<PgNode>;
  readonly names: KnownNames;
  readonly source: string;
  /** Emulated relations that it reads. */
  readonly relations: Set<string>;
  readonly notices: Set<string>;
  /** Tables that it names, as DuckDB reads their names: not the emulated relations. */
  readonly tables: Set<string>;
  /** Where somebody has looked them up (`../table_columns.ts`). */
  readonly tableColumns: TableColumns;
  /** Types found for rewritten nodes; a tree is never seen in two scopes. */
  readonly types: WeakMap<PgNode, StaticType>;
  /** Columns of rewritten SelectStmt bodies. */
  readonly columns: WeakMap<PgNode, readonly ScopeColumn[] | null>;
}

export interface Scope {
  readonly statement: Collected;
  readonly relations: readonly ScopeRelation[];
  readonly ctes: ReadonlyMap<string, readonly ScopeColumn[] | null>;
  readonly parent: Scope | null;
  /**
   * In a select list, where a function that returns rows is unnested; elsewhere DuckDB's function of the name gives a
   * list.
   */
  readonly rowsAllowed: boolean;
}

export function emptyScope(
  source: string,
  options: RewriteOptions,
  rewriteQuery: QueryRewriter,
  rewriteChange: ChangeRewriter,
  changingQueries: ReadonlySet<PgNode>,
  tableColumns: TableColumns = new Map(),
): Scope {
  const statement: Collected = {
    options,
    rewriteQuery,
    rewriteChange,
    changingQueries,
    names: knownNames(),
    source,
    relations: new Set(),
    notices: new Set(),
    tables: new Set(),
    tableColumns,
    types: new WeakMap(),
    columns: new WeakMap(),
  };
  return { statement, relations: [], ctes: new Map(), parent: null, rowsAllowed: false };
}

/** A relation of a FROM clause that is no table, and whose columns only DuckDB knows. */
export function unknownRelation(alias: string | null): ScopeRelation {
  return { alias, schema: null, columns: null, catalog: null, isTable: false };
}

/** An item of FROM, rewritten, and what it brings into the scope. */
export interface RewrittenFrom {
  readonly item: PgNode;
  readonly relations: readonly ScopeRelation[];
  /** What `*` gives; null when only DuckDB knows. */
  readonly columns: readonly ScopeColumn[] | null;
}

export function withRelations(scope: Scope, relations: readonly ScopeRelation[]): Scope {
  return relations.length === 0 ? scope : { ...scope, relations: [...scope.relations, ...relations] };
}

export function withCte(scope: Scope, name: string, columns: readonly ScopeColumn[] | null): Scope {
  return { ...scope, ctes: new Map(scope.ctes).set(name, columns) };
}

/** The scope of a subquery, which sees the columns around it. */
export function innerScope(scope: Scope): Scope {
  return { ...scope, relations: [], parent: scope, rowsAllowed: false };
}

/** Without the columns around it: a subquery in FROM that is not LATERAL. */
export function withoutRelations(scope: Scope): Scope {
  return scope.relations.length === 0 ? scope : { ...scope, relations: [] };
}

/**
 * The relation that a qualifier means, in the nearest scope that has it. A table without a schema is one of `public`.
 */
export function findRelation(scope: Scope | null, alias: string, schema: string | null = null): ScopeRelation | null {
  for (let place = scope; place !== null; place = place.parent) {
    const found = place.relations.find((relation) =>
      relation.alias === alias && (schema === null || relation.schema === schema ||
        (schema === "public" && relation.schema === null && relation.isTable))
    );
    if (found !== undefined) return found;
  }
  return null;
}

export interface FoundColumn {
  readonly relation: ScopeRelation;
  readonly column: ScopeColumn;
}

/**
 * The column that a bare name means; null when no known relation has it. It is taken also when a relation of unknown
 * columns stands beside: if that had one of the name too, the name would be ambiguous.
 */
export function findColumn(scope: Scope | null, name: string): FoundColumn | null {
  for (let place = scope; place !== null; place = place.parent) {
    const found = place.relations.flatMap((relation) => {
      const column = relation.columns?.find((candidate) => candidate.name === name);
      return column === undefined ? [] : [{ relation, column }];
    });
    if (found.length > 0) return found[0]!;
    if (place.relations.some((relation) => relation.columns === null)) return null;
  }
  return null;
}
