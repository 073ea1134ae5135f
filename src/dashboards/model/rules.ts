/**
 * The number of the rules that documents are checked by. A stored document carries the number under which it passed, and a list
 * need not check it again while the number is the same.
 *
 * Raise `documentRules` when a document that passed before might be refused now. `rules_test.ts` notices every change of the model's
 * files, and asks.
 */
export const documentRules = 1;

/** SHA-256 over the model's files when the number was last looked at. */
export const modelFingerprint = "39e7ea072c9effdfb2a9e48222b991babf5de7f22b1db81cb94d3362c118424c";
