/** What a role may do with relations, columns and schemas, from kept rows; the facts are told in `functions/privileges.ts`. */
import { madeMemo } from "./define.ts";
import { AppError } from "../../../errors/app_error.ts";
import { sqlError } from "../../functions/errors.ts";
import { columnWords, schemaWords, sequenceWords, tableWords } from "../functions/privilege_words.ts";
import { relations, schemaNames } from "../made/classes.ts";
import { schemaOid } from "../made/object_hash.ts";
import { projectSchemas } from "../made/sources.ts";
import { emulatedRelations } from "../relations/emulated.ts";
import { roleOids, schemaOids } from "../relations/objects.ts";
import { columnsMemo } from "./definitions.ts";
import type { LookupFunction, MadeMemo, SessionView } from "./types.ts";

interface OwnedObject {
  readonly name: string;
  /** OID of the schema that a relation is in. */
  readonly schema: number;
  readonly owner: number;
  /** pg_class.relkind. */
  readonly kind: string;
}

const emulatedOwned = emulatedRelations.map(({ oid, name, namespaceOid, kind }) =>
  [String(oid), { name, schema: namespaceOid, owner: roleOids.user, kind }] as const
);

const relationsMemo: MadeMemo<ReadonlyMap<string, OwnedObject>> = madeMemo(
  "owners of relations",
  [relations],
  ({ lookUp }) =>
    new Map<string, OwnedObject>([
      ...lookUp(relations).map(({ oid, name, schema, owner, kind }) =>
        [String(oid), { name, schema: schemaOid(schema), owner, kind }] as const
      ),
      ...emulatedOwned,
    ]),
);
const schemasMemo: MadeMemo<ReadonlyMap<string, OwnedObject>> = madeMemo(
  "owners of schemas",
  [schemaNames, projectSchemas],
  ({ lookUp }) => {
    const ofProject = new Set(lookUp(projectSchemas));
    return new Map(
      lookUp(schemaNames).map((name) => {
        const oid = schemaOid(name);
        return [String(oid), {
          name,
          schema: oid,
          owner: ofProject.has(name) ? roleOids.project : roleOids.user,
          kind: "n",
        }];
      }),
    );
  },
);

const systemSchemas: ReadonlySet<number> = new Set([schemaOids.pg_catalog, schemaOids.information_schema]);
const grantable = (words: readonly string[]) => words.flatMap((word) => [word, `${word} WITH GRANT OPTION`]);

/** What `holder` holds of these words; `readable` is what everybody, or the reader of a project's object, has. */
function held(object: OwnedObject, holder: number, words: readonly string[], readable: string): readonly string[] {
  if (systemSchemas.has(object.schema)) return [readable];
  if (object.schema === schemaOids.pg_toast) return [];
  if (object.owner === holder) return grantable(words);
  return object.owner === roleOids.project && holder === roleOids.user ? [readable] : [];
}

/** The words of a comma list. Throws `invalid_parameter_value` for one that is none of the known. */
function requestedWords(requested: string, known: readonly string[]): string[] {
  return requested.split(",").map((word) => word.trim()).map((word) => {
    const upper = word.toUpperCase();
    if (known.includes(upper.replace(/ WITH (GRANT|ADMIN) OPTION$/, ""))) return upper;
    throw sqlError("22023", `unrecognized privilege type: "${word}"`);
  });
}

const kinds: Readonly<Record<string, readonly string[]>> = {
  table: tableWords,
  any_column: columnWords,
  sequence: sequenceWords,
};

function holdsRelation(view: SessionView, kind: string, oid: bigint, holder: bigint, requested: string) {
  const words = kinds[kind] ?? [];
  const wanted = requestedWords(requested, kind === "table" ? [...words, "RULE"] : words);
  const relation = view.lookUp(relationsMemo).get(String(oid));
  if (relation === undefined) return null;
  if (kind === "sequence" && relation.kind !== "S") {
    throw new AppError("wrong_object_type", `"${relation.name}" is not a sequence`);
  }
  const holds = held(relation, Number(holder), words, "SELECT");
  return wanted.some((word) => holds.includes(word));
}

/** Only for a column that exists, by name or number; a name that does not exist is an error, a number NULL. */
function holdsColumn(view: SessionView, oid: bigint, holder: bigint, column: string, requested: string) {
  const wanted = requestedWords(requested, columnWords);
  const columns = view.lookUp(columnsMemo).get(String(oid));
  const number = /^\s*[-+]?\d+\s*$/.test(column) ? String(Number(column)) : null;
  if (columns?.has(column) !== true && !(number !== null && [...columns?.values() ?? []].includes(number))) {
    const relation = view.lookUp(relationsMemo).get(String(oid));
    if (number !== null || relation === undefined) return null;
    throw new AppError("undefined_column", `column "${column}" of relation "${relation.name}" does not exist`);
  }
  const relation = view.lookUp(relationsMemo).get(String(oid));
  if (relation === undefined) return null;
  const holds = held(relation, Number(holder), columnWords, "SELECT");
  return wanted.some((word) => holds.includes(word));
}

function holdsSchema(view: SessionView, oid: bigint, holder: bigint, requested: string) {
  const wanted = requestedWords(requested, schemaWords);
  const schema = view.lookUp(schemasMemo).get(String(oid));
  if (schema === undefined) return null;
  const holds = held(schema, Number(holder), schemaWords, "USAGE");
  return wanted.some((word) => holds.includes(word));
}

export const privilegeLookups: readonly LookupFunction[] = [
  {
    name: "__eider_holds_relation",
    parameters: ["VARCHAR", "BIGINT", "BIGINT", "VARCHAR"],
    returns: "BOOLEAN",
    memos: [relationsMemo],
    call: holdsRelation,
  },
  {
    name: "__eider_holds_column",
    parameters: ["BIGINT", "BIGINT", "VARCHAR", "VARCHAR"],
    returns: "BOOLEAN",
    memos: [relationsMemo, columnsMemo],
    call: holdsColumn,
  },
  {
    name: "__eider_holds_schema",
    parameters: ["BIGINT", "BIGINT", "VARCHAR"],
    returns: "BOOLEAN",
    memos: [schemasMemo],
    call: holdsSchema,
  },
];
