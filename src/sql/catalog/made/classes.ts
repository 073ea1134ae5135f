/**
 * pg_class and pg_namespace: tables, views, indexes and sequences of the workspace, project tables, and the emulated relations themselves.
 */
import { madeMemo } from "../memo/define.ts";
import type { MadeMemo } from "../memo/types.ts";
import { roleOids, temporarySchema } from "../relations/objects.ts";
import type { SystemRelation } from "../relations/system_relations.ts";
import type { CatalogRelation } from "../types.ts";
import { madeRelation, type NamedValues } from "./define.ts";
import { grouped, loweredPlaceOf, ownConstraints, ownIndexes, placeOf, projectKeys } from "./keys.ts";
import { relationOid, schemaOid } from "./object_hash.ts";
import {
  ownSchemas,
  ownSequences,
  ownTables,
  ownViews,
  projectColumns,
  projectSchemas,
  projectTables,
  type Relation,
  rowCounts,
} from "./sources.ts";

/** Access methods: pg_am.oid. */
const [heap, btree] = [2, 403];
const sequenceColumnCount = 3;

export interface KnownRelation extends Relation {
  readonly oid: number;
  /** pg_class.relkind. */
  readonly kind: "r" | "v" | "i" | "S";
  readonly owner: number;
  readonly attributeCount: number;
}

/** All but the emulated ones. */
export const relations: MadeMemo<readonly KnownRelation[]> = madeMemo(
  "relations",
  [ownTables, ownViews, ownSequences, ownIndexes, projectTables, projectColumns, projectKeys],
  (view) => {
    const { user, project } = roleOids;
    const known = (kind: KnownRelation["kind"], owner: number, { schema, name }: Relation, attributeCount: number) => ({
      oid: relationOid(schema, name),
      schema,
      name,
      kind,
      owner,
      attributeCount,
    });
    const columns = grouped(view.lookUp(projectColumns), ({ schema, relation }) => placeOf(schema, relation));
    return [
      ...view.lookUp(ownTables).map((table) => known("r", user, table, table.columnCount)),
      ...view.lookUp(ownViews).map((own) => known("v", user, own, own.columnCount)),
      ...view.lookUp(ownSequences).map((sequence) => known("S", user, sequence, sequenceColumnCount)),
      ...view.lookUp(ownIndexes).map((index) => known("i", user, index, index.keys.length)),
      ...view.lookUp(projectTables).map((table) =>
        known("r", project, table, columns.get(placeOf(table.schema, table.name))?.length ?? 0)
      ),
      ...view.lookUp(projectKeys).map((key) => known("i", project, key, key.keys.length)),
    ];
  },
);

export interface Facts {
  readonly rowCount: number;
  readonly pageCount: number;
  readonly hasIndex: boolean;
  readonly checkCount: number;
  readonly hasTriggers: boolean;
}

const noFacts: Facts = { rowCount: 0, pageCount: 0, hasIndex: false, checkCount: 0, hasTriggers: false };
/**
 * Rows and pages of a sequence are PostgreSQL's, and of an index those of a new one: DuckDB does not tell them. No table has pages, as none
 * has in PostgreSQL before its first VACUUM: a tool that is told of pages (DuckDB's own postgres extension, for one) reads ranges of
 * them on several connections, with one exported snapshot, which DuckDB does not have, and by `ctid`, which project tables do
 * not have. `pg_relation_size` has the bytes.
 */
const [sequenceFacts, indexFacts] = [{ ...noFacts, rowCount: 1, pageCount: 1 }, { ...noFacts, pageCount: 1 }];

/** Of tables, by `placeOf`. */
export const tableFacts: MadeMemo<ReadonlyMap<string, Facts>> = madeMemo(
  "facts of tables",
  [ownTables, rowCounts, ownConstraints, projectTables, projectKeys],
  (view) => {
    const facts = new Map<string, Facts>();
    const counts = view.lookUp(rowCounts);
    const constraints = view.lookUp(ownConstraints);
    const checked = grouped(
      constraints.filter(({ kind }) => kind === "c"),
      ({ schema, table }) => placeOf(schema, table),
    );
    // PostgreSQL keeps a foreign key with triggers of both tables, and psql asks for them.
    const triggered = new Set(
      constraints.filter(({ kind }) => kind === "f").flatMap(({ schema, table, referencedTable }) => [
        loweredPlaceOf(schema, table),
        loweredPlaceOf(schema, referencedTable ?? ""),
      ]),
    );
    for (const { schema, name, indexCount } of view.lookUp(ownTables)) {
      const place = placeOf(schema, name);
      const rowCount = counts.get(place) ?? 0;
      facts.set(place, {
        rowCount,
        pageCount: 0,
        hasIndex: indexCount > 0,
        checkCount: checked.get(place)?.length ?? 0,
        hasTriggers: triggered.has(place.toLowerCase()),
      });
    }
    const keyed = new Set(view.lookUp(projectKeys).map(({ schema, table }) => placeOf(schema, table)));
    for (const { schema, name, rowCount } of view.lookUp(projectTables)) {
      const place = placeOf(schema, name);
      facts.set(place, { ...noFacts, rowCount, hasIndex: keyed.has(place) });
    }
    return facts;
  },
  "data",
);

function classValues(relation: KnownRelation, namespaceOid: number, facts: Facts): NamedValues {
  const { oid, name, kind, owner, attributeCount } = relation;
  const isTable = kind === "r";
  return {
    oid,
    relname: name,
    relnamespace: namespaceOid,
    relowner: owner,
    relam: isTable ? heap : kind === "i" ? btree : 0,
    relfilenode: kind === "v" ? 0 : oid,
    relpages: facts.pageCount,
    reltuples: facts.rowCount,
    relhasindex: facts.hasIndex,
    relpersistence: relation.schema === temporarySchema ? "t" : "p",
    relkind: kind,
    relnatts: attributeCount,
    relchecks: facts.checkCount,
    relhasrules: kind === "v",
    relhastriggers: facts.hasTriggers,
    relispopulated: true,
    relreplident: isTable && oid >= 16384 ? "d" : "n",
    // The first ordinary transaction: nothing is ever frozen here.
    relfrozenxid: isTable ? 3 : 0,
    relminmxid: isTable ? 1 : 0,
    relacl: null,
  };
}

const classColumns = Object.keys(
  classValues({ oid: 0, schema: "", name: "", kind: "r", owner: 0, attributeCount: 0 }, 0, noFacts),
);

function classes(emulated: readonly SystemRelation[]): CatalogRelation {
  return madeRelation({
    name: "pg_class",
    columns: classColumns,
    of: [relations, tableFacts],
    changes: "data",
    fixed: (username) =>
      emulated.map(({ oid, name, namespaceOid, kind, columns }) => ({
        ...classValues(
          { oid, schema: "", name, kind, owner: roleOids.user, attributeCount: columns.length },
          namespaceOid,
          noFacts,
        ),
        relacl: [`${username}=arwdDxt/${username}`, `=r/${username}`],
      })),
    make: (view) => {
      const facts = view.lookUp(tableFacts);
      const projectAcl = ["project=arwdDxt/project", `${view.username}=r/project`];
      return view.lookUp(relations).map((relation) => {
        const { schema, name, kind, owner } = relation;
        const known = kind === "S" ? sequenceFacts : kind === "i" ? indexFacts : facts.get(placeOf(schema, name));
        return {
          ...classValues(relation, schemaOid(schema), known ?? noFacts),
          relacl: kind === "r" && owner === roleOids.project ? projectAcl : null,
        };
      });
    },
  });
}

/** The schemas that are everywhere; in PostgreSQL too everybody may look into the first two. */
const fixedSchemas = ["pg_catalog", "information_schema", "pg_toast", temporarySchema];

const namespaces = madeRelation({
  name: "pg_namespace",
  columns: ["oid", "nspname", "nspowner", "nspacl"],
  of: [ownSchemas, projectSchemas],
  changes: "routines",
  make: ({ lookUp, username }) => {
    const everybody = [`${username}=UC/${username}`, `=U/${username}`];
    const values = (name: string, owner: number, acl: readonly string[] | null): NamedValues => ({
      oid: schemaOid(name),
      nspname: name,
      nspowner: owner,
      nspacl: acl,
    });
    return [
      ...lookUp(ownSchemas).filter((name) => name !== temporarySchema)
        .map((name) => values(name, roleOids.user, name === "public" ? everybody : null)),
      ...lookUp(projectSchemas)
        .map((name) => values(name, roleOids.project, ["project=UC/project", `${username}=U/project`])),
      ...fixedSchemas.map((name, index) => values(name, roleOids.user, index < 2 ? everybody : null)),
    ];
  },
});

export function classRelations(emulated: readonly SystemRelation[]): CatalogRelation[] {
  return [namespaces, classes(emulated)];
}

/** Names of the schemas that exist. */
export const schemaNames: MadeMemo<readonly string[]> = madeMemo(
  "schemas",
  [ownSchemas, projectSchemas],
  ({ lookUp }) => [...new Set([...lookUp(ownSchemas), ...lookUp(projectSchemas), ...fixedSchemas])],
  "routines",
);
