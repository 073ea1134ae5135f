/**
 * Collations of columns: PostgreSQL's `C` and its like, and the database's default, are DuckDB's order by bytes; names
 * with a language (`de_DE.utf8`, `de-x-icu`) are DuckDB's `de`, both from ICU.
 */

const byteOrders: ReadonlySet<string> = new Set(
  ["default", "C", "POSIX", "ucs_basic", "C.UTF-8", "C.utf8", "pg_c_utf8", "unicode_fast"],
);

/** Language and country that DuckDB has as a collation of its own. */
const withCountry: ReadonlySet<string> = new Set(
  "ar_sa de_at en_us fa_af fr_ca he_il id_id nb_no pa_in sr_ba sr_me sr_rs yue_cn zh_cn zh_hk zh_mo zh_sg zh_tw".split(
    " ",
  ),
);

/** DuckDB's name; null for its order by bytes; the name itself when it is none of PostgreSQL's, for DuckDB to judge. */
export function collationOf(name: string): string | null {
  if (byteOrders.has(name)) return null;
  const parts = /^([a-z]{2,3})(?:[-_]([A-Z]{2}))?(?:-x-icu|\.(?:utf8|UTF-8)|)$/.exec(name);
  if (parts === null) return name;
  const [language, country] = [parts[1]!, parts[2]?.toLowerCase()];
  const both = `${language}_${country}`;
  return country !== undefined && withCountry.has(both) ? both : language;
}
