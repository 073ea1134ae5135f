/** Templates of to_char that DuckDB's strftime can write; it is many times faster and runs on all threads. */
import { parseDateTemplate, type TemplateField } from "./date_template.ts";

/** Padded as PostgreSQL has it for years from 1000 to 9999, and with FM. */
const specifiers: Readonly<Record<string, readonly [padded: string | null, fillMode: string | null]>> = {
  AM: ["%p", "%p"],
  PM: ["%p", "%p"],
  DAY: [null, "%A"],
  DY: ["%a", "%a"],
  DD: ["%d", "%-d"],
  DDD: ["%j", "%-j"],
  FF3: ["%g", "%g"],
  FF6: ["%f", "%f"],
  HH: ["%I", "%-I"],
  HH12: ["%I", "%-I"],
  HH24: ["%H", "%-H"],
  ID: ["%u", "%u"],
  IW: ["%V", null],
  IYYY: ["%G", "%G"],
  MI: ["%M", "%-M"],
  MM: ["%m", "%-m"],
  MON: ["%b", "%b"],
  MONTH: [null, "%B"],
  MS: ["%g", "%g"],
  SS: ["%S", "%-S"],
  US: ["%f", "%f"],
  YY: ["%y", "%-y"],
  YYYY: ["%Y", "%Y"],
};
/** Names that strftime writes in one letter case only. */
const letterCases: Readonly<Record<string, string>> = {
  AM: "upper",
  PM: "upper",
  DAY: "capital",
  DY: "capital",
  MON: "capital",
  MONTH: "capital",
};

/** The format for strftime, or null. Only for years from 1000 to 9999. */
export function strftimeFormat(template: string): string | null {
  if (template === "" || template.includes("%")) return null;
  let format = "";
  for (const item of parseDateTemplate(template)) {
    const part = item.kind === "text" ? item.text : specifierOf(item);
    if (part === null) return null;
    format += part;
  }
  return format;
}

function specifierOf(item: TemplateField): string | null {
  if (item.ordinal !== null) return null;
  const needed = letterCases[item.field];
  if (needed !== undefined && item.letterCase !== needed) return null;
  return specifiers[item.field]?.[item.fillMode || item.translated ? 1 : 0] ?? null;
}
