/**
 * Templates of to_char, to_date and to_timestamp for dates and times (PostgreSQL documentation, "Data Type Formatting Functions",
 * table of template patterns), as a list of fields and of text between them.
 */

/** Upper and lower case mean the same but for what they write; these three forms exist of names. */
export type LetterCase = "upper" | "lower" | "capital";

export interface TemplateField {
  readonly kind: "field";
  /** In upper case, such as `YYYY` or `A.M.`. */
  readonly field: DateField;
  readonly letterCase: LetterCase;
  /** FM: without padding. */
  readonly fillMode: boolean;
  /** TM: names in the session's language, which is English; they are not padded. */
  readonly translated: boolean;
  /** `th` behind it. */
  readonly ordinal: LetterCase | null;
}

export interface TemplateText {
  readonly kind: "text";
  /** One character. */
  readonly text: string;
  /** How reading treats it: punctuation and spaces stand for each other, other characters for any character. */
  readonly role: "separator" | "space" | "character";
}

export type TemplateItem = TemplateField | TemplateText;

/** Longest first where one begins with another. */
const fields = [
  "A.D.",
  "A.M.",
  "AD",
  "AM",
  "B.C.",
  "BC",
  "CC",
  "DAY",
  "DDD",
  "DD",
  "DY",
  "D",
  "FF1",
  "FF2",
  "FF3",
  "FF4",
  "FF5",
  "FF6",
  "FX",
  "HH24",
  "HH12",
  "HH",
  "IDDD",
  "ID",
  "IW",
  "IYYY",
  "IYY",
  "IY",
  "I",
  "J",
  "MI",
  "MM",
  "MONTH",
  "MON",
  "MS",
  "OF",
  "P.M.",
  "PM",
  "Q",
  "RM",
  "SSSSS",
  "SSSS",
  "SS",
  "TZH",
  "TZM",
  "TZ",
  "US",
  "WW",
  "W",
  "Y,YYY",
  "YYYY",
  "YYY",
  "YY",
  "Y",
] as const;

export type DateField = typeof fields[number];

/** What may be written in the template, with its field: `MONTH`, `month` and `Month`. */
const keywords: readonly (readonly [text: string, field: DateField, letterCase: LetterCase])[] = fields.flatMap((
  field,
) => [
  [field, field, "upper"],
  [field.toLowerCase(), field, "lower"],
  ...(/^(DAY|DY|MON|MONTH)$/.test(field) ? [[capital(field), field, "capital"] as const] : []),
]);

const keywordsByFirstLetter: ReadonlyMap<string, typeof keywords> = Map.groupBy(keywords, ([text]) => text[0]!);

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
}

/** Statements repeat a handful of templates. */
const cacheMax = 200;
const cache = new Map<string, readonly TemplateItem[]>();

export function parseDateTemplate(template: string): readonly TemplateItem[] {
  const known = cache.get(template);
  if (known !== undefined) return known;
  const items = parse(template);
  if (cache.size >= cacheMax) cache.clear();
  cache.set(template, items);
  return items;
}

function parse(template: string): TemplateItem[] {
  const items: TemplateItem[] = [];
  let position = 0;
  while (position < template.length) {
    const prefix = takePrefixes(template, position);
    position += prefix.length;
    const keyword = keywordsByFirstLetter.get(template[position] ?? "")?.find(([text]) =>
      template.startsWith(text, position)
    );
    if (keyword !== undefined) {
      const [text, field, letterCase] = keyword;
      position += text.length;
      const suffix = /^(?:TH|th|Th|SP|sp)/.exec(template.slice(position, position + 2))?.[0] ?? "";
      position += suffix.length;
      const ordinal = suffix === "TH" ? "upper" : /^th$/i.test(suffix) ? "lower" : null;
      items.push({
        kind: "field",
        field,
        letterCase,
        fillMode: prefix.fillMode,
        translated: prefix.translated,
        ordinal,
      });
      continue;
    }
    if (position >= template.length) break;
    if (template[position] === '"') position = quotedText(template, position + 1, items);
    else {
      if (template[position] === "\\" && template[position + 1] === '"') position++;
      const character = String.fromCodePoint(template.codePointAt(position)!);
      items.push({ kind: "text", text: character, role: roleOf(character) });
      position += character.length;
    }
  }
  return items;
}

function takePrefixes(template: string, start: number): { fillMode: boolean; translated: boolean; length: number } {
  const match = /^(?:FM|fm|TM|tm)/.exec(template.slice(start, start + 2));
  const prefix = match?.[0].toUpperCase() ?? "";
  return { fillMode: prefix === "FM", translated: prefix === "TM", length: prefix.length };
}

function quotedText(template: string, start: number, items: TemplateItem[]): number {
  let position = start;
  while (position < template.length && template[position] !== '"') {
    if (template[position] === "\\" && position + 1 < template.length) position++;
    const character = String.fromCodePoint(template.codePointAt(position)!);
    items.push({ kind: "text", text: character, role: "character" });
    position += character.length;
  }
  return position + 1;
}

function roleOf(character: string): TemplateText["role"] {
  if (/\s/.test(character)) return "space";
  return /[!-~]/.test(character) && !/[A-Za-z0-9]/.test(character) ? "separator" : "character";
}
