/**
 * PostgreSQL's regular expressions in the syntax of RE2, which DuckDB runs fast and on all threads. Null where RE2 has no such thing
 * (references, lookaround, word edges) or would find another match; then `match.ts` does it.
 */
import { type CharacterSet, classContents, onlyCharacter, type RegularExpression, type RegularNode } from "./syntax.ts";
import { firstGroupAlwaysTakesPart, hasOneWay } from "./shape.ts";

/** test: is there a match; all: every match; first: the first match, in group 1 what PostgreSQL's regexp_match answers. */
export type NativePurpose = "test" | "all" | "first";

/** RE2 refuses a program over its limits; below these it accepts. */
const repeatedPartsMax = 1000;

export function nativePattern(expression: RegularExpression, purpose: NativePurpose): string | null {
  const { root, groupCount, ignoreCase } = expression;
  if (purpose !== "test" && !hasOneWay(root, ignoreCase)) return null;
  if (purpose === "first" && (groupCount > 1 || (groupCount === 1 && !firstGroupAlwaysTakesPart(root)))) return null;
  const body = printed(root, 1);
  if (body === null) return null;
  const whole = purpose === "first" && groupCount === 0 ? `(${body})` : body;
  return ignoreCase ? `(?i)${whole}` : whole;
}

/** `copies`: how often the parts around it repeat this one. */
function printed(node: RegularNode, copies: number): string | null {
  switch (node.kind) {
    case "set":
      return printedSet(node.set);
    case "sequence":
      return joined(node.parts.map((part) => bracketed(part, part.kind === "choice", copies)), "");
    case "choice":
      return joined(node.options.map((option) => printed(option, copies)), "|");
    case "group": {
      const part = printed(node.part, copies);
      return part === null ? null : `(${part})`;
    }
    case "repeat": {
      const count = node.max ?? Math.max(node.min, 1);
      if (copies * count > repeatedPartsMax) return null;
      const single = node.part.kind === "set" || node.part.kind === "group";
      const part = bracketed(node.part, !single, copies * Math.max(count, 1));
      return part === null ? null : `${part}${bounds(node.min, node.max)}${node.greedy === false ? "?" : ""}`;
    }
    case "assertion":
      switch (node.place) {
        case "textStart":
          return "^";
        case "textEnd":
          return "$";
        case "lineStart":
          return "(?m:^)";
        case "lineEnd":
          return "(?m:$)";
        default:
          return null;
      }
    case "reference":
    case "look":
      return null;
  }
}

function bracketed(node: RegularNode, needed: boolean, copies: number): string | null {
  const text = printed(node, copies);
  return text === null || !needed ? text : `(?:${text})`;
}

function joined(parts: readonly (string | null)[], separator: string): string | null {
  return parts.includes(null) ? null : parts.join(separator);
}

function bounds(min: number, max: number | null): string {
  if (max === null) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  if (min === 0 && max === 1) return "?";
  return min === max ? `{${min}}` : `{${min},${max}}`;
}

function printedSet(set: CharacterSet): string | null {
  const only = onlyCharacter(set);
  if (only !== null) return characterText(only);
  if (set.ranges.length === 0 && set.classes.length === 0) return "(?s:.)";
  const ranges = set.ranges.map(([low, high]) =>
    low === high ? characterText(low) : `${characterText(low)}-${characterText(high)}`
  );
  const classes = set.classes.map(({ name, negated }) => negated ? null : classContents[name]);
  // A negated class inside brackets: RE2 has no such nesting, so the set becomes a choice.
  if (classes.includes(null)) return set.negated ? null : nestedNegation(set);
  return `[${set.negated ? "^" : ""}${ranges.join("")}${classes.join("")}]`;
}

/** `[a\W]` is `[a]|[^\w]`. */
function nestedNegation(set: CharacterSet): string | null {
  const negated = set.classes.filter((member) => member.negated);
  const rest: CharacterSet = { ...set, classes: set.classes.filter((member) => !member.negated), negated: false };
  const options: (string | null)[] = negated.map(({ name }) => `[^${classContents[name]}]`);
  if (rest.ranges.length + rest.classes.length > 0) options.push(printedSet(rest));
  return `(?:${joined(options, "|")})`;
}

function characterText(code: number): string {
  const character = String.fromCodePoint(code);
  return /[A-Za-z0-9_ ,;:=<>@#%&~'"!/]/.test(character) ? character : `\\x{${code.toString(16)}}`;
}
