/** Names and literals as SQL text (PostgreSQL documentation, "String Functions": quote_ident, format). */
import { sqlError } from "./errors.ts";

/** Keywords of PostgreSQL that are more than plain names: pg_get_keywords() with a catcode other than U. */
const quotedKeywords: ReadonlySet<string> = new Set(
  (`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
  character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
  current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else
  end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in
  initially inner inout int integer intersect interval into is isnull join lateral leading least left like limit localtime
  localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps
  overlay placing position precision primary real references returning right row select session_user setof similar smallint some
  substring symmetric table tablesample then time timestamp to trailing treat trim true union unique user using values varchar
  variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi
  xmlroot xmlserialize xmltable`).split(/\s+/),
);

export function quoteIdentifierText(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !quotedKeywords.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** With a leading `E` when it holds a backslash. */
export function quoteLiteralText(text: string): string {
  const body = text.replaceAll("'", "''");
  return body.includes("\\") ? `E'${body.replaceAll("\\", "\\\\")}'` : `'${body}'`;
}

/** JSON of the parts of a qualified name (parse_ident): unquoted ones in lower case. Strict: nothing may stand behind it. */
export function parseIdentifiers(text: string, strict: boolean): string {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))\s*(\.?)/uy;
  for (;;) {
    const match = part.exec(text);
    if (match === null) throw sqlError("22023", `string is not a valid identifier: "${text}"`);
    parts.push(match[1] === undefined ? match[2]!.toLowerCase() : match[1].replaceAll('""', '"'));
    if (match[3] === "") break;
  }
  if (strict && part.lastIndex < text.length) throw sqlError("22023", `string is not a valid identifier: "${text}"`);
  return JSON.stringify(parts);
}
