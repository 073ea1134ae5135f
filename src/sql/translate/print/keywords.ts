/**
 * Words that cannot stand as bare names. DuckDB 1.5's categories as `duckdb_keywords()` gives them, each word tried as the name
 * of a column, table, alias, schema, window, function and type; together with PostgreSQL's reserved words, so that a printed
 * text such as a view's stays readable for both parsers.
 */

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Of DuckDB's categories `reserved` and `type_function`, and PostgreSQL's reserved ones: no bare name of any object. */
export const reservedWords: ReadonlySet<string> = words(`
  all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default
  deferrable desc describe distinct do else end except false fetch for foreign from group having in initially intersect into
  lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider placing primary qualify
  references returning select show some summarize symmetric table then to trailing true union unique unpivot using variadic
  when where window with
  anti asof at authorization binary by collation concurrently cross freeze full glob ilike inner is isnull join left like
  natural notnull outer overlaps positional right semi similar tablesample unpack verbose
  current_catalog current_date current_role current_schema current_time current_timestamp current_user grant localtime
  localtimestamp session_user system_user user
`);

/** Of DuckDB's category `column_name`: names of columns and tables, but no bare names of functions or types. */
export const notBareFunctionOrType: ReadonlySet<string> = words(`
  between bigint bit boolean char character coalesce dec decimal exists extract float grouping inout int integer interval
  national nchar none numeric operator out overlay position precision real row setof smallint time timestamp treat values
  varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
`);

/** Reserved words that are bare function names in DuckDB's grammar all the same. */
export const functionWords: ReadonlySet<string> = words("left right glob unpack");

/** DuckDB's categories that are not bare type names, beyond the two lists above. */
export const notBareTypes: ReadonlySet<string> = words("nullif substring trim grouping_id generated columns try_cast");
