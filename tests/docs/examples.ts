/**
 * The code blocks of a Markdown page as examples: what is run, in which language, and the output that the page shows for it. A `text`
 * block that follows a code block directly is its output; `not-run` behind the language marks a block that no test runs.
 */
import { marked } from "marked";

export interface Example {
  readonly language: string;
  readonly text: string;
  /** null for a block that is marked as not run. */
  readonly output: string | null;
  /** The heading that it stands under, and its number there: "Python 2". */
  readonly name: string;
  /** The paragraph before it. */
  readonly introduction: string;
}

/** Throws when a block has neither an output nor the mark. */
export function examplesOf(page: string): Example[] {
  const tokens = marked.lexer(page).filter((token) => token.type !== "space");
  const examples: Example[] = [];
  let heading = "";
  let introduction = "";
  let countUnderHeading = 0;
  tokens.forEach((token, index) => {
    if (token.type === "heading") {
      heading = token.text;
      countUnderHeading = 0;
    }
    if (token.type !== "code") introduction = token.raw;
    if (token.type !== "code" || token.lang === "text") return;
    countUnderHeading += 1;
    const [language = "", mark] = String(token.lang ?? "").split(" ");
    const next = tokens[index + 1];
    const output = next?.type === "code" && next.lang === "text" ? String(next.text) : null;
    const name = `${heading} ${countUnderHeading}`;
    if ((output === null) !== (mark === "not-run")) {
      throw new Error(`${name}: a block shows its output or is marked not-run, one of the two`);
    }
    examples.push({ language, text: String(token.text), output, name, introduction });
  });
  return examples;
}
