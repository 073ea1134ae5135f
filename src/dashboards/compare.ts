/**
 * What differs between two documents, as operations in the manner of RFC 6902 that make the second of the first: `add`,
 * `remove` and `replace` with a JSON pointer, and, beyond the RFC, the former value. Arrays whose elements moved are
 * compared by their longest common subsequence, so that one inserted panel is one operation.
 */
import { isDeepStrictEqual } from "node:util";
import type { JsonObject, JsonValue } from "./types.ts";

export interface Difference {
  readonly op: "add" | "remove" | "replace";
  readonly path: string;
  /** Of `add` and `replace`. */
  readonly value?: JsonValue;
  /** Of `remove` and `replace`: what was there. */
  readonly former?: JsonValue;
}

/** The table of a longest common subsequence grows with both lengths; longer arrays are compared place by place. */
const alignedLengthMax = 500;

/** In the order in which they can be applied one after the other. */
export function compareDocuments(before: JsonValue, after: JsonValue): Difference[] {
  const differences: Difference[] = [];
  compareAt("", before, after, differences);
  return differences;
}

function compareAt(path: string, before: JsonValue, after: JsonValue, differences: Difference[]): void {
  if (isObject(before) && isObject(after)) compareObjects(path, before, after, differences);
  else if (isArray(before) && isArray(after)) compareArrays(path, before, after, differences);
  else if (!isDeepStrictEqual(before, after)) {
    differences.push({ op: "replace", path, value: after, former: before });
  }
}

function compareObjects(path: string, before: JsonObject, after: JsonObject, differences: Difference[]): void {
  for (const [field, value] of Object.entries(before)) {
    if (!Object.hasOwn(after, field)) differences.push({ op: "remove", path: below(path, field), former: value });
  }
  for (const [field, value] of Object.entries(after)) {
    const place = below(path, field);
    const former = Object.hasOwn(before, field) ? before[field] : undefined;
    if (former === undefined) differences.push({ op: "add", path: place, value });
    else compareAt(place, former, value, differences);
  }
}

/** Elements that both have stay; between them, elements are changed in place, then the rest removed or added. */
function compareArrays(
  path: string,
  before: readonly JsonValue[],
  after: readonly JsonValue[],
  differences: Difference[],
): void {
  let oldIndex = 0;
  let newIndex = 0;
  for (const [oldEnd, newEnd] of [...commonElements(before, after), [before.length, after.length] as const]) {
    const changed = Math.min(oldEnd - oldIndex, newEnd - newIndex);
    for (let count = 0; count < changed; count++, oldIndex++, newIndex++) {
      compareAt(below(path, newIndex), before[oldIndex] ?? null, after[newIndex] ?? null, differences);
    }
    for (; oldIndex < oldEnd; oldIndex++) {
      differences.push({ op: "remove", path: below(path, newIndex), former: before[oldIndex] ?? null });
    }
    for (; newIndex < newEnd; newIndex++) {
      differences.push({ op: "add", path: below(path, newIndex), value: after[newIndex] ?? null });
    }
    oldIndex = oldEnd + 1;
    newIndex = newEnd + 1;
  }
}

/** Pairs of indexes of equal elements, both ascending. */
function commonElements(before: readonly JsonValue[], after: readonly JsonValue[]): (readonly [number, number])[] {
  if (before.length > alignedLengthMax || after.length > alignedLengthMax) {
    return before.flatMap((value, index) =>
      index < after.length && isDeepStrictEqual(value, after[index]) ? [[index, index] as const] : []
    );
  }
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0;
  const isEqual = (row: number, column: number) => isDeepStrictEqual(before[row], after[column]);
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      lengths[row]![column] = isEqual(row, column)
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let row = 0, column = 0; row < before.length && column < after.length;) {
    if (isEqual(row, column)) pairs.push([row++, column++]);
    else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return pairs;
}

function below(path: string, key: string | number): string {
  return `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
