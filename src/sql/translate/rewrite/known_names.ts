/**
 * What the emulated catalog has, by name, read from its lists at the first use: relations by schema, and macros with
 * the numbers of arguments that they take.
 */
import {
  catalogFunctions,
  relationFunctions,
  relationsBehind,
  type SetFunction,
  setFunctions,
} from "../../catalog/functions/mod.ts";
import { catalogRelations } from "../../catalog/relations/mod.ts";
import { catalogDatabase, type CatalogRelation } from "../../catalog/types.ts";
import { sqlFunctions } from "../../functions/mod.ts";
import { choosingMacros, leastArguments, type MacroOverload, readOverload } from "../../functions/overloads.ts";
import type { MacroFunction, SqlFunction } from "../../functions/types.ts";

export interface KnownMacro {
  /** `AS TABLE SELECT …`: stands in FROM. */
  readonly table: boolean;
  readonly overloads: readonly KnownOverload[];
  /** Its text, or that of a macro in it, has a subquery. */
  readonly holdsSubquery: boolean;
  /** DuckDB chooses by the types of the arguments among its overloads, or those of a macro in it (`functions/overloads.ts`). */
  readonly choosesByType: boolean;
  /** How often an argument is written in what a call becomes, at the most: of an overload that is chosen, and where the types are asked for. */
  readonly copies: number;
  readonly copiesOfAnyTypes: number;
}

export interface KnownOverload {
  /** The fewest arguments that it takes; all its parameters are the most. */
  readonly least: number;
  /** The types of the parameters in DuckDB's words, null for any. */
  readonly types: readonly (string | null)[];
}

export interface KnownNames {
  readonly catalog: ReadonlyMap<string, CatalogRelation>;
  readonly information: ReadonlyMap<string, CatalogRelation>;
  readonly macros: ReadonlyMap<string, KnownMacro>;
  /** Functions of the catalog that return rows. */
  readonly sets: ReadonlyMap<string, SetFunction>;
  /** The relation whose rows a function shows. */
  readonly relationsBehind: ReadonlyMap<string, string>;
}

let names: KnownNames | null = null;

export function knownNames(): KnownNames {
  names ??= {
    ...readNames(catalogRelations, [...sqlFunctions, ...catalogFunctions, ...relationFunctions]),
    sets: setFunctions,
    relationsBehind,
  };
  return names;
}

export function readNames(
  relations: readonly CatalogRelation[],
  functions: readonly SqlFunction[],
): Pick<KnownNames, "catalog" | "information" | "macros"> {
  const inSchema = (schema: CatalogRelation["schema"]) =>
    new Map(relations.filter((relation) => relation.schema === schema).map((relation) => [relation.name, relation]));
  const macros = functions.filter((entry): entry is MacroFunction => entry.kind === "macro");
  return {
    catalog: inSchema("pg_catalog"),
    information: inSchema("information_schema"),
    macros: knownMacros(macros),
  };
}

const subqueryText = /\bSELECT\b/i;
const macroInText = new RegExp(`\\b${catalogDatabase}\\.pg\\."?([A-Za-z_][A-Za-z0-9_]*)`, "g");

function knownMacros(macros: readonly MacroFunction[]): ReadonlyMap<string, KnownMacro> {
  const sources = new Map(macros.map((macro) => [macro.name, macro]));
  const known = new Map<string, KnownMacro>();
  const choosing = choosingMacros(macros);
  const read = (macro: MacroFunction): KnownMacro => {
    const before = known.get(macro.name);
    if (before !== undefined) return before;
    const text = macro.overloads.join(" ");
    const overloads = macro.overloads.map(readOverload).map(knownOverload);
    const own: KnownMacro = {
      table: macro.overloads.some((overload) => /\)\s*AS\s+TABLE\b/i.test(overload)),
      overloads,
      holdsSubquery: subqueryText.test(text),
      choosesByType: choosing.has(macro.name),
      copies: 1,
      copiesOfAnyTypes: 1,
    };
    // A macro uses only those before it; should one name itself all the same, this ends there.
    known.set(macro.name, own);
    const inside = [...text.matchAll(macroInText)].flatMap(([, name]) => sources.get(name!) ?? []).map(read);
    const each = macro.overloads.map((overload) => copiesIn(readOverload(overload)));
    const complete = {
      ...own,
      holdsSubquery: own.holdsSubquery || inside.some((item) => item.holdsSubquery),
      copies: Math.max(1, ...each) * Math.max(1, ...inside.map((item) => item.copies)),
      copiesOfAnyTypes: each.reduce((sum, count) => sum + count, 0) *
        Math.max(1, ...inside.map((item) => item.copiesOfAnyTypes)),
    };
    known.set(macro.name, complete);
    return complete;
  };
  macros.forEach(read);
  return known;
}

/** How often its text names the parameter that it names most often. */
function copiesIn({ parameters, body }: MacroOverload): number {
  return Math.max(1, ...parameters.map(({ name }) => body.match(new RegExp(`\\b${name}\\b`, "gi"))?.length ?? 0));
}

function knownOverload(overload: MacroOverload): KnownOverload {
  return { least: leastArguments(overload), types: overload.parameters.map(({ type }) => type) };
}

/** The overloads that take so many arguments. */
export function overloadsFor(macro: KnownMacro, count: number): readonly KnownOverload[] {
  return macro.overloads.filter(({ least, types }) => least <= count && count <= types.length);
}
