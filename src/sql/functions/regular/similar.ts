/** SQL's patterns (SIMILAR TO, SUBSTRING … SIMILAR … ESCAPE) as regular expressions. */
import { sqlError } from "../errors.ts";

/**
 * `escape` is one character, or empty for none. In a pattern with two `escape "`, what stands between them becomes the only group, and
 * the parts around it match as little as they can.
 */
export function similarPattern(pattern: string, escape: string): string {
  const marks = [...escape];
  if (marks.length > 1) throw sqlError("22025", "invalid escape string: it must be empty or one character");
  let result = "^(?:";
  let quotes = 0;
  let escaped = false;
  let inBrackets = false;
  for (const character of pattern) {
    if (escaped) {
      if (character === '"' && !inBrackets) {
        if (quotes === 2) {
          throw sqlError(
            "2200C",
            "SQL regular expression may not contain more than two escape-double-quote separators",
          );
        }
        result += quotes++ === 0 ? "){1,1}?(" : "){1,1}(?:";
      } else result += `\\${character}`;
      escaped = false;
    } else if (character === marks[0]) escaped = true;
    else if (inBrackets) {
      if (character === "\\") result += "\\";
      if (character === "]") inBrackets = false;
      result += character;
    } else if (character === "[") {
      inBrackets = true;
      result += "[";
    } else if (character === "%") result += ".*";
    else if (character === "_") result += ".";
    else if (character === "(") result += "(?:";
    else if (character === "\\" || character === "." || character === "^" || character === "$") {
      result += `\\${character}`;
    } else result += character;
  }
  return `${result})$`;
}
