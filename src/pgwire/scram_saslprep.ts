/**
 * SASLprep (RFC 4013, a profile of stringprep, RFC 3454) as PostgreSQL applies it to passwords (`pg_saslprep`): map,
 * normalise with NFKC, then refuse prohibited characters and mixed text directions. Like PostgreSQL and libpq, the caller
 * falls back to the password as it was given when the profile refuses it.
 *
 * The tables are those of RFC 3454. Two of them are approximated with the running Unicode version, because only
 * passwords that both change under NFKC and hold such characters can tell: unassigned code points (A.1) are `\p{Cn}`,
 * left-to-right letters (D.2) are the letters that are not in D.1.
 */

/** C.1.2, non-ASCII spaces: mapped to a plain space. */
const nonAsciiSpace = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
/** B.1, mapped to nothing. U+200B is in C.1.2 too; as in PostgreSQL, the space mapping wins. */
const mappedToNothing = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200c-\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/gu;
/** C.1.2, C.2.1, C.2.2, C.3, C.4, C.5, C.6, C.7, C.8, C.9 and, approximately, A.1. */
const prohibited = new RegExp(
  "[" +
    "\\u00a0\\u1680\\u2000-\\u200b\\u202f\\u205f\\u3000" + // C.1.2
    "\\u0000-\\u001f\\u007f-\\u009f\\u06dd\\u070f\\u180e\\u200c\\u200d\\u2028\\u2029\\u2060-\\u2063" + // C.2
    "\\u206a-\\u206f\\ufeff\\ufff9-\\ufffc\\u{1d173}-\\u{1d17a}" + // C.2
    "\\p{Co}" + // C.3
    "\\p{Noncharacter_Code_Point}" + // C.4
    "\\p{Cs}" + // C.5
    "\\ufffd" + // C.6
    "\\u2ff0-\\u2ffb" + // C.7
    "\\u0340\\u0341\\u200e\\u200f\\u202a-\\u202e" + // C.8
    "\\u{e0001}\\u{e0020}-\\u{e007f}" + // C.9
    "\\p{Cn}" + // A.1
    "]",
  "u",
);
/** D.1, right-to-left letters. */
const rightToLeft = new RegExp(
  "[\\u05be\\u05c0\\u05c3\\u05d0-\\u05ea\\u05f0-\\u05f4\\u061b\\u061f\\u0621-\\u063a\\u0640-\\u064a\\u066d-\\u066f" +
    "\\u0671-\\u06d5\\u06dd\\u06e5\\u06e6\\u06fa-\\u06fe\\u0700-\\u070d\\u0710\\u0712-\\u072c\\u0780-\\u07a5\\u07b1" +
    "\\u200f\\ufb1d\\ufb1f-\\ufb28\\ufb2a-\\ufb36\\ufb38-\\ufb3c\\ufb3e\\ufb40\\ufb41\\ufb43\\ufb44\\ufb46-\\ufbb1" +
    "\\ufbd3-\\ufd3d\\ufd50-\\ufd8f\\ufd92-\\ufdc7\\ufdf0-\\ufdfc\\ufe70-\\ufe74\\ufe76-\\ufefc]",
  "u",
);
const letter = /\p{L}/u;

/** The prepared form of `text`, or null when the profile refuses it (nothing left, prohibited, mixed directions). */
export function saslprep(text: string): string | null {
  const prepared = text.replace(nonAsciiSpace, " ").replace(mappedToNothing, "").normalize("NFKC");
  if (prepared === "" || prohibited.test(prepared) || !directionsAgree(prepared)) return null;
  return prepared;
}

/** The bytes from which a SCRAM key is derived: the prepared password, or the password as given when that fails. */
export function passwordBytes(password: string): Uint8Array {
  return new TextEncoder().encode(saslprep(password) ?? password);
}

/** RFC 3454 section 6: with a right-to-left letter, no left-to-right one, and both ends are right-to-left. */
function directionsAgree(text: string): boolean {
  if (!rightToLeft.test(text)) return true;
  const characters = [...text];
  const leftToRight = characters.some((character) => letter.test(character) && !rightToLeft.test(character));
  return !leftToRight && rightToLeft.test(characters[0] ?? "") && rightToLeft.test(characters.at(-1) ?? "");
}
