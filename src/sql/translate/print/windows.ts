/** ORDER BY lists and window specifications. */
import { expression, expressions, level } from "./brackets.ts";
import { nameText } from "./identifiers.ts";
import { lastPart, type Node, refuse, refuseOtherFields, requireFields, type SortBy, type WindowDef } from "./tree.ts";
import type { NodePrinters, Writer } from "./writer.ts";

function directionText(out: Writer, sort: SortBy): string {
  switch (sort.sortby_dir) {
    case undefined:
    case "SORTBY_DEFAULT":
      return "";
    case "SORTBY_ASC":
      return " ASC";
    case "SORTBY_DESC":
      return " DESC";
    case "SORTBY_USING": {
      const operator = lastPart(sort.useOp);
      out.translates();
      return operator === "<" ? " ASC" : operator === ">" ? " DESC" : refuse(`ORDER BY USING ${operator}`);
    }
    default:
      return sort.sortby_dir satisfies never;
  }
}

function printSort(out: Writer, sort: SortBy): void {
  expression(out, sort.node);
  out.write(directionText(out, sort));
  if (sort.sortby_nulls === "SORTBY_NULLS_FIRST") out.write(" NULLS FIRST");
  if (sort.sortby_nulls === "SORTBY_NULLS_LAST") out.write(" NULLS LAST");
}

/** An ORDER BY clause, after what `lead` says. */
export function sortClause(out: Writer, sorts: readonly Node[], lead = " ORDER BY "): void {
  out.write(lead);
  out.list(sorts, (sort) => out.node(sort));
}

/** PostgreSQL's bits of `frameOptions`. */
const frame = {
  nonDefault: 0x1,
  range: 0x2,
  rows: 0x4,
  groups: 0x8,
  between: 0x10,
  startUnboundedPreceding: 0x20,
  endUnboundedFollowing: 0x100,
  startCurrentRow: 0x200,
  endCurrentRow: 0x400,
  startOffsetPreceding: 0x800,
  endOffsetPreceding: 0x1000,
  startOffsetFollowing: 0x2000,
  endOffsetFollowing: 0x4000,
  excludeCurrentRow: 0x8000,
  excludeGroup: 0x10000,
  excludeTies: 0x20000,
} as const;

/** The words of the one bit that is set. */
function choose(options: number, choices: readonly (readonly [number, string])[]): string {
  return choices.find(([bit]) => (options & bit) !== 0)?.[1] ?? refuse(`the window frame ${options}`);
}

function printFrame(out: Writer, window: WindowDef): void {
  const options = window.frameOptions ?? 0;
  out.write(choose(options, [[frame.range, "RANGE "], [frame.rows, "ROWS "], [frame.groups, "GROUPS "]]));
  const bound = (offset: Node | undefined, choices: readonly (readonly [number, string])[]) => {
    const words = choose(options, choices);
    if (words.startsWith(" ")) expression(out, offset, level.additive);
    out.write(words);
  };
  const between = (options & frame.between) !== 0;
  if (between) out.write("BETWEEN ");
  bound(window.startOffset, [
    [frame.startUnboundedPreceding, "UNBOUNDED PRECEDING"],
    [frame.startCurrentRow, "CURRENT ROW"],
    [frame.startOffsetPreceding, " PRECEDING"],
    [frame.startOffsetFollowing, " FOLLOWING"],
  ]);
  if (between) {
    out.write(" AND ");
    bound(window.endOffset, [
      [frame.endUnboundedFollowing, "UNBOUNDED FOLLOWING"],
      [frame.endCurrentRow, "CURRENT ROW"],
      [frame.endOffsetPreceding, " PRECEDING"],
      [frame.endOffsetFollowing, " FOLLOWING"],
    ]);
  }
  const excluded = options & (frame.excludeCurrentRow | frame.excludeGroup | frame.excludeTies);
  if (excluded !== 0) {
    out.write(choose(excluded, [
      [frame.excludeCurrentRow, " EXCLUDE CURRENT ROW"],
      [frame.excludeGroup, " EXCLUDE GROUP"],
      [frame.excludeTies, " EXCLUDE TIES"],
    ]));
  }
}

const windowFields = [
  "name",
  "refname",
  "partitionClause",
  "orderClause",
  "frameOptions",
  "startOffset",
  "endOffset",
] as const;

function windowSpecification(out: Writer, window: WindowDef): void {
  const pieces: (() => void)[] = [];
  if (window.refname !== undefined) pieces.push(() => out.write(nameText(window.refname!)));
  if (window.partitionClause !== undefined) {
    pieces.push(() => {
      out.write("PARTITION BY ");
      expressions(out, window.partitionClause);
    });
  }
  if (window.orderClause !== undefined) pieces.push(() => sortClause(out, window.orderClause!, "ORDER BY "));
  if (((window.frameOptions ?? 0) & frame.nonDefault) !== 0) pieces.push(() => printFrame(out, window));
  out.brackets(() => out.list(pieces, (piece) => piece(), " "));
}

/** What follows OVER in a call. */
export function windowReference(out: Writer, window: WindowDef): void {
  refuseOtherFields(window, windowFields);
  out.write(" OVER ");
  out.place(window.location);
  if (window.name !== undefined) out.write(nameText(window.name));
  else windowSpecification(out, window);
}

/** The WINDOW clause of a query. */
export function windowClause(out: Writer, windows: readonly Node[]): void {
  out.write(" WINDOW ");
  out.list(windows, (node) => {
    const window = requireFields(node, "WindowDef", windowFields);
    out.place(window.location);
    out.write(`${nameText(window.name ?? "")} AS `);
    windowSpecification(out, window);
  });
}

export const sortPrinters = {
  SortBy: { fields: ["node", "sortby_dir", "sortby_nulls", "useOp"], print: printSort },
} satisfies NodePrinters;
