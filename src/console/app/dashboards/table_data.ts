/**
 * What a Table shows: answers of several queries as one list of rows, Perses' transforms, the columns' settings. Time series become rows of
 * `timestamp`, `value` and their labels, each with its last value; with several queries the value of the second is `value #2`. Pure.
 */
import { fits, safeColor } from "./calculation.ts";
import { isNumberType, numberOf, type PanelData, type Row, textOf } from "./data.ts";
import { type Format, formatValue, readFormat } from "./format.ts";
import { type Fields, fields, list, number, text } from "./model.ts";

export interface Column {
  readonly name: string;
  readonly header: string;
  readonly headerDescription: string;
  readonly cellDescription: string;
  readonly align: "left" | "center" | "right";
  readonly format: Format | null;
  readonly isSortable: boolean;
  readonly width: number | null;
  readonly cellSettings: readonly Fields[];
  readonly link: { readonly url: string; readonly title: string } | null;
}

export interface TableData {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly sort: Sort | null;
}

export interface Sort {
  readonly column: string;
  readonly isDescending: boolean;
}

interface Rows {
  readonly names: readonly string[];
  readonly rows: readonly Row[];
}

export function tableOf(answers: readonly PanelData[], spec: Fields): TableData {
  const isSeveral = answers.length > 1;
  const merged = merge(answers.map((answer, index) => rowsOf(answer, isSeveral ? ` #${index + 1}` : "")));
  const { names, rows } = list(spec["transforms"]).reduce<Rows>(
    (before, transform) => transformed(before, transform),
    merged,
  );
  const settings = list(spec["columnSettings"]).map(fields);
  const settingOf = new Map(settings.map((one) => [text(one["name"]), one]));
  const set = settings.map((one) => text(one["name"])).filter((name) => names.includes(name));
  const ordered = [...set, ...names.filter((name) => !settingOf.has(name))];
  const numbers = new Set([
    ...answers.flatMap((answer) =>
      answer.type === "table" ? answer.columns.filter(({ type }) => isNumberType(type)).map(({ name }) => name) : []
    ),
    ...names.filter((name) => /^value( #\d+)?$/.test(name)),
  ]);
  const hidesOthers = spec["defaultColumnHidden"] === true;
  const sorted = settings.find((one) => one["sort"] === "asc" || one["sort"] === "desc");
  return {
    columns: ordered
      .filter((name) => {
        const hide = settingOf.get(name)?.["hide"];
        return hide !== true && (hide === false || !hidesOthers || settingOf.has(name));
      })
      .map((name) => columnOf(name, settingOf.get(name) ?? {}, numbers.has(name), spec)),
    rows,
    sort: sorted === undefined ? null : { column: text(sorted["name"]), isDescending: sorted["sort"] === "desc" },
  };
}

function columnOf(name: string, setting: Fields, isNumber: boolean, spec: Fields): Column {
  const align = setting["align"];
  const link = fields(setting["dataLink"]);
  const format = setting["format"] === undefined ? null : readFormat(setting["format"]);
  return {
    name,
    header: text(setting["header"]) || name,
    headerDescription: text(setting["headerDescription"]),
    cellDescription: text(setting["cellDescription"]),
    align: align === "left" || align === "center" || align === "right" ? align : isNumber ? "right" : "left",
    format: format ?? (isNumber ? { unit: "decimal" } : null),
    isSortable: setting["enableSorting"] !== false &&
      (spec["enableSorting"] !== false || setting["enableSorting"] === true),
    width: typeof setting["width"] === "number" ? number(setting["width"], 0) : null,
    cellSettings: [...list(setting["cellSettings"]), ...list(spec["cellSettings"])].map(fields),
    link: text(link["url"]) === "" ? null : { url: text(link["url"]), title: text(link["title"]) },
  };
}

function rowsOf(answer: PanelData, suffix: string): Rows {
  if (answer.type === "table") return { names: answer.columns.map(({ name }) => name), rows: answer.rows };
  const rows = answer.series.map(({ name, labels, values }): Row => {
    const [at, value] = values.at(-1) ?? [null, null];
    const { __name__: _metric, ...shown } = labels;
    return {
      [`timestamp${suffix}`]: at === null ? null : new Date(at).toISOString(),
      [`value${suffix}`]: value,
      ...(Object.keys(shown).length === 0 ? { series: name } : shown),
    };
  });
  return { names: namesOf(rows), rows };
}

function merge(parts: readonly Rows[]): Rows {
  const rows = parts.flatMap((part) => part.rows);
  return { names: [...new Set(parts.flatMap(({ names }) => names))], rows };
}

function namesOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

/** One of Perses' transforms; an unknown one, or one that is switched off, changes nothing. */
function transformed({ names, rows }: Rows, transform: unknown): Rows {
  const { kind, spec: given } = fields(transform);
  const spec = fields(given);
  if (spec["disabled"] === true) return { names, rows };
  switch (kind) {
    case "JoinByColumnValue": {
      const columns = list(spec["columns"]).map(text).filter((name) => names.includes(name));
      return columns.length === 0 ? { names, rows } : joined(rows, columns);
    }
    case "MergeColumns": {
      const columns = list(spec["columns"]).map(text);
      return mergedColumns(names, rows, columns, text(spec["name"]));
    }
    case "MergeIndexedColumns": {
      const name = text(spec["column"]);
      const columns = names.filter((one) => one === name || (one.startsWith(`${name} #`) && /#\d+$/.test(one)));
      return mergedColumns(names, rows, columns, name);
    }
    case "MergeSeries": {
      const labels = names.filter((name) => !/^(?:value|timestamp)(?: #\d+)?$/.test(name));
      return joined(rows, labels);
    }
    default:
      return { names, rows };
  }
}

/** Rows with the same values in these columns become one; rows without them stay. */
function joined(rows: readonly Row[], columns: readonly string[]): Rows {
  const found = new Map<string, Row>();
  const others: Row[] = [];
  for (const row of rows) {
    if (columns.every((name) => row[name] === undefined)) {
      others.push(row);
      continue;
    }
    const key = JSON.stringify(columns.map((name) => row[name] ?? null));
    found.set(key, { ...found.get(key), ...row });
  }
  const all = [...found.values(), ...others];
  return { names: namesOf(all), rows: all };
}

function mergedColumns(names: readonly string[], rows: readonly Row[], columns: readonly string[], name: string): Rows {
  const present = columns.filter((column) => names.includes(column));
  if (present.length === 0 || name === "") return { names, rows };
  const merged = rows.flatMap((row): Row[] => {
    const rest = Object.fromEntries(Object.entries(row).filter(([key]) => !present.includes(key)));
    const values = present.filter((column) => row[column] !== undefined && row[column] !== null);
    return values.length === 0 ? [rest] : values.map((column) => ({ ...rest, [name]: row[column] }));
  });
  const first = names.indexOf(present[0]!);
  const rest = names.filter((one) => !present.includes(one) && one !== name);
  return { names: [...rest.slice(0, first), name, ...rest.slice(first)], rows: merged };
}

export function sortedRows(rows: readonly Row[], sort: Sort | null): readonly Row[] {
  if (sort === null) return rows;
  const direction = sort.isDescending ? -1 : 1;
  return [...rows].sort((a, b) => direction * compare(a[sort.column], b[sort.column]));
}

/** Numbers by value, the rest as text; what has no value comes last in an ascending order. */
function compare(a: unknown, b: unknown): number {
  const isMissing = (value: unknown) => value === null || value === undefined || value === "";
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== null && right !== null) return left - right;
  return textOf(a).localeCompare(textOf(b), "en", { numeric: true });
}

export interface Cell {
  readonly text: string;
  readonly textColor: string | null;
  readonly backgroundColor: string | null;
}

export function cellOf(value: unknown, column: Column, timeZone: string | undefined): Cell {
  const setting = column.cellSettings.find((one) => {
    const condition = fields(one["condition"]);
    return fits(text(condition["kind"]), fields(condition["spec"]), value);
  }) ?? {};
  const asNumber = column.format === null ? null : numberOf(value);
  const shown = column.format !== null && asNumber !== null && typeof value !== "boolean"
    ? formatValue(asNumber, column.format, timeZone)
    : textOf(value);
  return {
    text: `${text(setting["prefix"])}${text(setting["text"]) || shown}${text(setting["suffix"])}`,
    textColor: safeColor(setting["textColor"]),
    backgroundColor: safeColor(setting["backgroundColor"]),
  };
}
