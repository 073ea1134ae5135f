/** Makes a differing statement smaller as long as it differs in the same way. */
import { noAnswer, type Outcome } from "./compare.ts";
import { type Kind, type Piece, smallerTrees } from "./tree.ts";

/** Beyond so many tries the statement is small enough. */
const triesMax = 150;

/** What must stay: the aspects, and both sides' SQLSTATEs. */
export function signatureOf({ aspects, expected, actual }: Outcome): string {
  return [aspects.join("+"), expected.sqlstate || "ok", actual.sqlstate || "ok"].join(" ");
}

export async function shrink(
  tree: Piece,
  signature: string,
  simplest: (kind: Kind) => readonly string[],
  outcomeOf: (tree: Piece) => Promise<Outcome>,
): Promise<Piece> {
  let tries = 0;
  for (;;) {
    let better: Piece | null = null;
    for (const candidate of smallerTrees(tree, simplest)) {
      tries += 1;
      if (tries > triesMax) return tree;
      const outcome = await outcomeOf(candidate);
      if (outcome.actual.sqlstate === noAnswer) return candidate;
      if (signatureOf(outcome) !== signature) continue;
      better = candidate;
      break;
    }
    if (better === null) return tree;
    tree = better;
  }
}
