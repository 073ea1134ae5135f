/**
 * The number of the rules that documents are checked by. A stored document carries the number under which it passed, and a list
 * need not check it again while the number is the same.
 *
 * Raise `documentRules` when a document that passed before might be refused now. `rules_test.ts` notices every change of the model's
 * files, and asks.
 */
export const documentRules = 1;

/** SHA-256 over the model's files when the number was last looked at. */
export const modelFingerprint = "ddb60bc5a59891ee16a48ab35fea0feb867f09d40778992f4d5050258d20be6f";
