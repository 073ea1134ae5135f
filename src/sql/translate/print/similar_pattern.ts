/**
 * SIMILAR TO patterns (SQL's regular expressions: `%` and `_`, and `|*+?{}()[]` as in POSIX) as patterns for DuckDB's
 * `regexp_full_match`, which reads RE2 (PostgreSQL 18, 9.7.2).
 */
import { literalText } from "./identifiers.ts";
import { refuse } from "./tree.ts";

/** Characters that mean something in RE2 and nothing in a SIMILAR TO pattern. */
const plainInSimilar = /[.^$\\]/;

/** A character that stands for itself. */
function itself(character: string): string {
  return /[A-Za-z0-9\s]/.test(character) || character.charCodeAt(0) > 127 ? character : `\\${character}`;
}

/** The pattern as a literal; `escape` is one character, or empty for none. */
export function similarPattern(pattern: string, escape: string): string {
  if ([...escape].length > 1) refuse("an ESCAPE of several characters");
  let regex = "";
  let inBrackets = false;
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index]!;
    if (character === escape) {
      const escaped = characters[++index] ?? refuse("a pattern that ends in its escape character");
      if (escaped === '"') refuse("a pattern with separators");
      regex += itself(escaped);
    } else if (inBrackets) {
      if (character === "]") inBrackets = false;
      if (character === "[") refuse("a character class in a pattern");
      regex += character === "\\" ? "\\\\" : character;
    } else if (character === "[") {
      inBrackets = true;
      regex += "[";
      if (characters[index + 1] === "^") regex += characters[++index];
      if (characters[index + 1] === "]") regex += `\\${characters[++index]}`;
    } else if (character === "%") regex += ".*";
    else if (character === "_") regex += ".";
    else if (character === "(") regex += "(?:";
    else regex += plainInSimilar.test(character) ? `\\${character}` : character;
  }
  if (inBrackets) refuse("a pattern with an open bracket");
  return literalText(regex);
}
