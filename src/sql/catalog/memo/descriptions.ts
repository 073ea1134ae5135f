/** Comments on objects, from kept rows. */
import { lookupMemo } from "./define.ts";
import { pg } from "../functions/macro.ts";
import { postgresRelations } from "../relations/postgres_columns.ts";
import type { LookupFunction, SessionView } from "./types.ts";

/** By `class/object/number`. */
type Descriptions = ReadonlyMap<string, string>;

const descriptionsMemo = lookupMemo<Descriptions>(
  "comments",
  `SELECT classoid, objoid, objsubid, description FROM ${pg("pg_description")}
    UNION ALL SELECT classoid, objoid, 0, description FROM ${pg("pg_shdescription")} ORDER BY description DESC`,
  (rows) => {
    const found = new Map<string, string>();
    for (const [catalog, object, number, description] of rows) {
      found.set(`${catalog}/${object}/${number}`, description ?? "");
      if (number === "0") found.set(`/${object}`, description ?? "");
    }
    return found;
  },
);

const catalogOids: ReadonlyMap<string, number> = new Map(
  [...postgresRelations.values()].filter(({ kind }) => kind === "table").map(({ name, oid }) => [name, oid]),
);

export const descriptionLookups: readonly LookupFunction[] = [
  {
    /** Of whatever object has the OID. */
    name: "__eider_description",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [descriptionsMemo],
    call: (view: SessionView, oid: bigint) => view.lookUp(descriptionsMemo).get(`/${oid}`) ?? null,
  },
  {
    /** Of an object of the catalog of that name, or of its column of that number. */
    name: "__eider_description_in",
    parameters: ["BIGINT", "VARCHAR", "BIGINT"],
    returns: "VARCHAR",
    memos: [descriptionsMemo],
    call: (view: SessionView, oid: bigint, catalog: string, number: bigint) =>
      view.lookUp(descriptionsMemo).get(`${catalogOids.get(catalog)}/${oid}/${number}`) ?? null,
  },
];
