/**
 * PostgreSQL 16's key words (documentation, appendix C) by category: what must be quoted as a name, and
 * `pg_get_keywords()`.
 */
import { joined, macro } from "./macro.ts";

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Reserved; a word with `*` cannot be a column label without AS. */
const reserved = words(`
  all analyse analyze and any array* as* asc asymmetric both case cast check collate column constraint create*
  current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
  distinct do else end except* false fetch* for* foreign from* grant* group* having* in initially intersect* into*
  lateral leading limit* localtime localtimestamp not null offset* on* only or order* placing primary references
  returning* select session_user some symmetric system_user table then to* trailing true union* unique user using
  variadic when where* window* with*
`);

/** Reserved, but good as a name of a function or type. */
const functionOrType = words(`
  authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull* join left like
  natural notnull* outer overlaps* right similar tablesample verbose
`);

/** Good as a name of a column or table, not of a function or type. */
const columnName = words(`
  between bigint bit boolean char* character* coalesce dec decimal exists extract float greatest grouping inout int
  integer interval json_array json_arrayagg json_object json_objectagg least national nchar none normalize nullif
  numeric out overlay position precision* real row setof smallint substring time timestamp treat trim values varchar
  xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
`);

const unreserved = words(`
  abort absent absolute access action add admin after aggregate also alter always asensitive assertion assignment at
  atomic attach attribute backward before begin breadth by cache call called cascade cascaded catalog chain
  characteristics checkpoint class close cluster columns comment comments commit committed compression configuration
  conflict connection constraints content continue conversion copy cost csv cube current cursor cycle data database
  day* deallocate declare defaults deferred definer delete delimiter delimiters depends depth detach dictionary
  disable discard document domain double drop each enable encoding encrypted enum escape event exclude excluding
  exclusive execute explain expression extension external family filter* finalize first following force format forward
  function functions generated global granted groups handler header hold hour* identity if immediate immutable
  implicit import include including increment indent index indexes inherit inherits inline input insensitive insert
  instead invoker isolation json key keys label language large last leakproof level listen load local location lock
  locked logged mapping match matched materialized maxvalue merge method minute* minvalue mode month* move name names
  new next nfc nfd nfkc nfkd no normalized nothing notify nowait nulls object of off oids old operator option options
  ordinality others over* overriding owned owner parallel parameter parser partial partition passing password plans
  policy preceding prepare prepared preserve prior privileges procedural procedure procedures program publication
  quote range read reassign recheck recursive ref referencing refresh reindex relative release rename repeatable
  replace replica reset restart restrict return returns revoke role rollback rollup routine routines rows rule
  savepoint scalar schema schemas scroll search second* security sequence sequences serializable server session set
  sets share show simple skip snapshot sql stable standalone start statement statistics stdin stdout storage stored
  strict strip subscription support sysid system tables tablespace temp template temporary text ties transaction
  transform trigger truncate trusted type types uescape unbounded uncommitted unencrypted unknown unlisten unlogged
  until update vacuum valid validate validator value varying* version view views volatile whitespace within* without*
  work wrapper write xml year* yes zone
`);

interface Keyword {
  readonly word: string;
  readonly categoryCode: "R" | "T" | "C" | "U";
  readonly isBareLabel: boolean;
}

const keywords: readonly Keyword[] =
  ([["R", reserved], ["T", functionOrType], ["C", columnName], ["U", unreserved]] as const)
    .flatMap(([categoryCode, list]) =>
      list.map((entry) => ({ word: entry.replace("*", ""), categoryCode, isBareLabel: !entry.endsWith("*") }))
    )
    .sort((first, second) => first.word < second.word ? -1 : 1);

const quotedWords: ReadonlySet<string> = new Set(
  keywords.filter((keyword) => keyword.categoryCode !== "U").map((keyword) => keyword.word),
);

/** A name as PostgreSQL's quote_ident prints it: in quotes only where it needs them. */
export function quoteIdentifier(name: string): string {
  const plain = /^[a-z_][a-z0-9_$]*$/.test(name) && !quotedWords.has(name);
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `__quoted_name(name)`: the same in SQL. */
export const quotedName = macro(
  "__quoted_name",
  `(object_name) AS CASE WHEN regexp_full_match(object_name, '[a-z_][a-z0-9_$]*')
    AND NOT regexp_full_match(object_name, '${[...quotedWords].join("|")}')
    THEN object_name ELSE ${joined("'\"'", "replace(object_name, '\"', '\"\"')", "'\"'")} END`,
);

const packed = keywords.map(({ word, categoryCode, isBareLabel }) =>
  `${categoryCode}${isBareLabel ? "t" : "f"}${word}`
);

/** A list of rows (word, catcode, barelabel, catdesc, baredesc). */
export const keywordsFunction = macro(
  "pg_get_keywords",
  `() AS list_transform(string_split('${packed.join(" ")}', ' '), lambda entry: {
    'word': entry[3:], 'catcode': entry[1], 'barelabel': entry[2] = 't',
    'catdesc': CASE entry[1] WHEN 'R' THEN 'reserved' WHEN 'T' THEN 'reserved (can be function or type name)'
      WHEN 'C' THEN 'unreserved (cannot be function or type name)' ELSE 'unreserved' END,
    'baredesc': CASE entry[2] WHEN 't' THEN 'can be bare label' ELSE 'requires AS' END })`,
);
