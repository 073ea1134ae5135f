/**
 * Finds table OID and attribute number of result columns, the same as in pg_attribute. What it asks of the engine is kept until a
 * definition changes, so a statement costs a look into its tree and into a map.
 */
import { type Connection, quoteLiteral } from "../../engine/duckdb.ts";
import { columnNames } from "../../engine/lookups.ts";
import type { EngineColumn } from "../../engine/statement.ts";
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import { objectOidExpression } from "../../sql/catalog/functions/object_oid.ts";
import { temporarySchema } from "../../sql/catalog/relations/objects.ts";
import type { SessionSettings } from "../../sql/settings.ts";
import type { ColumnOrigins, FromRelation, TargetOrigin } from "../../sql/translate/column_origins.ts";
import { relationPlaces } from "./relation_places.ts";
import type { SessionObjects } from "./session_objects.ts";

/** Where a column comes from: 0 and 0 for an expression. */
export interface ColumnTable {
  readonly tableOid: number;
  readonly attribute: number;
}

interface KnownRelation {
  readonly oid: number;
  readonly columns: readonly string[];
}

export interface DescribedColumns {
  readonly columns: readonly EngineColumn[];
  readonly tables: readonly ColumnTable[];
}

const noTable: ColumnTable = { tableOid: 0, attribute: 0 };
/** Relations remembered; a session seldom reads more. */
const relationsMax = 500;

export class ColumnTables {
  readonly #engine: WorkspaceEngine;
  readonly #connection: Connection;
  readonly #settings: SessionSettings;
  readonly #objects: Pick<SessionObjects, "known">;
  readonly #known = new Map<string, KnownRelation | null>();
  #epoch = -1;

  constructor(
    engine: WorkspaceEngine,
    connection: Connection,
    settings: SessionSettings,
    objects: Pick<SessionObjects, "known">,
  ) {
    this.#objects = objects;
    this.#engine = engine;
    this.#connection = connection;
    this.#settings = settings;
  }

  /** The connection must be free. */
  async describe(origins: ColumnOrigins | null, columns: readonly EngineColumn[]): Promise<DescribedColumns> {
    const unknown = { columns, tables: columns.map(() => noTable) };
    if (origins === null) return unknown;
    const isNeeded = origins.targets.some(({ type }) => type !== "expression");
    const relations: (KnownRelation | null)[] = [];
    for (const relation of origins.relations) relations.push(isNeeded ? await this.#find(relation) : null);
    const found = resolve(origins.targets, relations);
    if (found?.length !== columns.length) return unknown;
    return {
      tables: found.map(({ table }) => table),
      columns: columns.map((column, index) =>
        found[index]?.computed === true && column.type.name === "DECIMAL"
          ? { ...column, type: { ...column.type, computed: true as const } }
          : column
      ),
    };
  }

  async #find(relation: FromRelation): Promise<KnownRelation | null> {
    if (relation === null) return null;
    if (this.#epoch !== this.#engine.definitionEpoch || this.#known.size >= relationsMax) this.#known.clear();
    this.#epoch = this.#engine.definitionEpoch;
    const places = relationPlaces(this.#engine, this.#settings, relation.schema, relation.name);
    const key = JSON.stringify([places, relation.name]);
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const found = await this.#look(places, relation.name);
    this.#known.set(key, found);
    return found;
  }

  async #look(places: readonly string[], name: string): Promise<KnownRelation | null> {
    for (const place of places) {
      const dot = place.indexOf(".");
      const [database, schema] = [place.slice(0, dot), place.slice(dot + 1)];
      const shown = database === "temp" ? temporarySchema : schema === "main" ? "public" : schema;
      const columns = database === "project"
        ? this.#engine.projectTables.get(schema, name)?.columns.map((column) => column.name) ?? null
        : await this.#columnsOf([database, schema, name], shown);
      if (columns === null) continue;
      const oid = objectOidExpression("'relation'", quoteLiteral(shown), quoteLiteral(name));
      const [row] = await this.#engine.lookups.rows(`SELECT ${oid}`);
      return { oid: Number(row?.[0]), columns };
    }
    return null;
  }

  /** The session's own connection is asked only for what exists, and what nobody else sees. */
  async #columnsOf(path: readonly string[], shownSchema: string): Promise<readonly string[] | null> {
    const known = this.#objects.known("relation", shownSchema, path.at(-1)!);
    if (known !== undefined) return known.exists ? await columnNames(this.#connection, path) : null;
    return shownSchema === temporarySchema ? null : await this.#engine.lookups.columnsOf(path);
  }
}

interface FoundColumn {
  readonly table: ColumnTable;
  readonly computed: boolean;
}

/** One a result column; null when a star stands for columns that are not known. */
function resolve(
  targets: readonly TargetOrigin[],
  relations: readonly (KnownRelation | null)[],
): readonly FoundColumn[] | null {
  const found: FoundColumn[] = [];
  for (const target of targets) {
    switch (target.type) {
      case "expression":
        found.push({ table: noTable, computed: target.computed });
        break;
      case "column":
        found.push({ table: columnTable(target.relation, target.name, relations), computed: false });
        break;
      case "star": {
        const all = target.relation === null ? relations : [relations[target.relation] ?? null];
        for (const relation of all) {
          if (relation === null) return null;
          relation.columns.forEach((_, index) =>
            found.push({ table: { tableOid: relation.oid, attribute: index + 1 }, computed: false })
          );
        }
        break;
      }
      default: {
        const never: never = target;
        throw new Error(`unknown origin ${JSON.stringify(never)}`);
      }
    }
  }
  return found;
}

/** A name that several relations have is of none: it was merged by USING. */
function columnTable(
  relation: number | null,
  name: string,
  relations: readonly (KnownRelation | null)[],
): ColumnTable {
  const all = relation === null ? relations : [relations[relation] ?? null];
  const having = all.flatMap((item) => {
    const index = item?.columns.indexOf(name) ?? -1;
    return item === null || index < 0 ? [] : [{ tableOid: item.oid, attribute: index + 1 }];
  });
  return having.length === 1 ? having[0]! : noTable;
}
