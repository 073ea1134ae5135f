/** What can be told of a regular expression before it runs. */
import { characterTest, onlyCharacter, type RegularNode } from "./syntax.ts";

/**
 * Whether the whole prefers the longest or the shortest match: as its first quantified part, and a choice prefers the longest
 * (PostgreSQL documentation, "Regular Expression Matching Rules"). Null: no preference, all matches have one length.
 */
export function preference(node: RegularNode): "longest" | "shortest" | null {
  switch (node.kind) {
    case "set":
    case "reference":
    case "assertion":
    case "look":
      return null;
    case "choice":
      return "longest";
    case "group":
      return preference(node.part);
    case "sequence":
      for (const part of node.parts) {
        const found = preference(part);
        if (found !== null) return found;
      }
      return null;
    case "repeat":
      return node.greedy === null ? preference(node.part) : node.greedy ? "longest" : "shortest";
  }
}

/** Every node, parents before children. */
export function* nodesOf(node: RegularNode): Iterable<RegularNode> {
  yield node;
  if ("part" in node) yield* nodesOf(node.part);
  if (node.kind === "sequence") { for (const part of node.parts) yield* nodesOf(part); }
  if (node.kind === "choice") { for (const option of node.options) yield* nodesOf(option); }
}

/** Whether it can match nothing at all. */
export function isNullable(node: RegularNode): boolean {
  switch (node.kind) {
    case "set":
      return false;
    case "reference":
    case "assertion":
    case "look":
      return true;
    case "choice":
      return node.options.some(isNullable);
    case "group":
      return isNullable(node.part);
    case "sequence":
      return node.parts.every(isNullable);
    case "repeat":
      return node.min === 0 || isNullable(node.part);
  }
}

/**
 * Whether "the first way that fits" (RE2, Perl) finds the same match as PostgreSQL's longest or shortest one: quantifiers are all
 * greedy or there is a single lazy one, and the options of a choice begin with different characters.
 */
export function hasOneWay(root: RegularNode, ignoreCase: boolean): boolean {
  let variable = 0;
  let lazy = 0;
  for (const node of nodesOf(root)) {
    if (node.kind === "repeat" && node.greedy !== null) {
      variable++;
      if (!node.greedy) lazy++;
    } else if (node.kind === "choice") {
      variable++;
      if (!haveDifferentStarts(node.options, ignoreCase)) return false;
    }
  }
  return lazy === 0 || variable === 1;
}

function haveDifferentStarts(options: readonly RegularNode[], ignoreCase: boolean): boolean {
  const starts = options.map(firstCharacter);
  return starts.every((start, index) => {
    if (start === null) return false;
    const test = characterTest({ ranges: [[start, start]], classes: [], negated: false }, ignoreCase);
    return starts.every((other, otherIndex) => otherIndex === index || (other !== null && !test(other)));
  });
}

/** The character that every match begins with, or null when there is more than one. */
function firstCharacter(node: RegularNode): number | null {
  switch (node.kind) {
    case "set":
      return onlyCharacter(node.set);
    case "group":
      return firstCharacter(node.part);
    case "sequence":
      return node.parts[0] === undefined ? null : firstCharacter(node.parts[0]);
    case "repeat":
      return node.min === 0 ? null : firstCharacter(node.part);
    default:
      return null;
  }
}

/** Whether every match goes through group 1: it stands in no choice and no part that may be absent. */
export function firstGroupAlwaysTakesPart(node: RegularNode): boolean {
  switch (node.kind) {
    case "group":
      return node.index === 1 || firstGroupAlwaysTakesPart(node.part);
    case "sequence":
      return node.parts.some(firstGroupAlwaysTakesPart);
    case "repeat":
      return node.min > 0 && firstGroupAlwaysTakesPart(node.part);
    default:
      return false;
  }
}
