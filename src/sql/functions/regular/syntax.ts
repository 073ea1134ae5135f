/**
 * The tree of a regular expression (PostgreSQL documentation, "Regular Expression Details"), and the sets of characters in it.
 */

export type RegularNode =
  | { readonly kind: "set"; readonly set: CharacterSet }
  | { readonly kind: "sequence"; readonly parts: readonly RegularNode[] }
  | { readonly kind: "choice"; readonly options: readonly RegularNode[] }
  /** `max` null: without end. `greedy` null: a fixed count `{m}`, which has no preference of its own. */
  | {
    readonly kind: "repeat";
    readonly part: RegularNode;
    readonly min: number;
    readonly max: number | null;
    readonly greedy: boolean | null;
  }
  | { readonly kind: "group"; readonly part: RegularNode; readonly index: number }
  | { readonly kind: "reference"; readonly index: number }
  | { readonly kind: "assertion"; readonly place: Place }
  | { readonly kind: "look"; readonly part: RegularNode; readonly ahead: boolean; readonly negative: boolean };

export type Place =
  | "textStart"
  | "textEnd"
  | "lineStart"
  | "lineEnd"
  | "wordStart"
  | "wordEnd"
  | "wordEdge"
  | "notWordEdge";

export interface RegularExpression {
  readonly root: RegularNode;
  readonly groupCount: number;
  readonly ignoreCase: boolean;
}

export type ClassName =
  | "alnum"
  | "alpha"
  | "blank"
  | "cntrl"
  | "digit"
  | "graph"
  | "lower"
  | "print"
  | "punct"
  | "space"
  | "upper"
  | "word"
  | "xdigit";

/** What a class holds, as the inside of brackets in the syntax that JavaScript (flag u) and RE2 share. */
export const classContents: Readonly<Record<ClassName, string>> = {
  alnum: "\\p{L}\\p{N}",
  alpha: "\\p{L}",
  blank: " \\t",
  cntrl: "\\p{Cc}",
  digit: "0-9",
  graph: "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
  lower: "\\p{Ll}",
  print: "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Zs}",
  punct: "\\p{P}\\p{S}",
  space: " \\t\\n\\r\\f\\v\\p{Z}",
  upper: "\\p{Lu}",
  word: "\\p{L}\\p{N}_",
  xdigit: "0-9A-Fa-f",
};

const classTests: Readonly<Record<string, RegExp>> = Object.fromEntries(
  Object.entries(classContents).map(([name, contents]) => [name, new RegExp(`[${contents}]`, "u")]),
);

export interface ClassMember {
  readonly name: ClassName;
  /** `\W` inside brackets. */
  readonly negated: boolean;
}

/** Characters by ranges of code points and by class, or all others. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [number, number])[];
  readonly classes: readonly ClassMember[];
  readonly negated: boolean;
}

export const anyCharacter: CharacterSet = { ranges: [], classes: [], negated: true };
export const anyButNewline: CharacterSet = { ranges: [[10, 10]], classes: [], negated: true };

export function singleCharacter(code: number): CharacterSet {
  return { ranges: [[code, code]], classes: [], negated: false };
}

/** The character of a set that holds exactly one, otherwise null. */
export function onlyCharacter(set: CharacterSet): number | null {
  const [range] = set.ranges;
  if (set.negated || set.classes.length > 0 || set.ranges.length !== 1) return null;
  return range![0] === range![1] ? range![0] : null;
}

export type CharacterTest = (code: number) => boolean;

export const isWordCharacter: CharacterTest = characterTest(
  { ranges: [], classes: [{ name: "word", negated: false }], negated: false },
  false,
);

/** The answers for ASCII are kept in a table. */
export function characterTest(set: CharacterSet, ignoreCase: boolean): CharacterTest {
  const ascii = new Uint8Array(128);
  for (let code = 0; code < 128; code++) ascii[code] = holds(set, code, ignoreCase) ? 1 : 0;
  return (code) => code < 128 ? ascii[code] === 1 : holds(set, code, ignoreCase);
}

function holds(set: CharacterSet, code: number, ignoreCase: boolean): boolean {
  if (!ignoreCase) return holdsExactly(set, code) !== set.negated;
  const character = String.fromCodePoint(code);
  const cases = [code, ...otherCase(character.toLowerCase()), ...otherCase(character.toUpperCase())];
  return cases.some((one) => holdsExactly(set, one)) !== set.negated;
}

/** A character whose other case is several characters, such as ß, has none. */
function otherCase(text: string): number[] {
  const code = text.codePointAt(0)!;
  return text.length === String.fromCodePoint(code).length ? [code] : [];
}

function holdsExactly(set: CharacterSet, code: number): boolean {
  if (set.ranges.some(([low, high]) => code >= low && code <= high)) return true;
  if (set.classes.length === 0) return false;
  const character = String.fromCodePoint(code);
  return set.classes.some((member) => classTests[member.name]!.test(character) !== member.negated);
}
