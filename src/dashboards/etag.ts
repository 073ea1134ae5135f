/**
 * The entity tag of a dashboard: `"v<version>"`, as in `"v7"`. A writer that sends `If-Match` is refused when somebody else
 * has changed the dashboard meanwhile; one that sends none overwrites (Perses' clients never send it).
 */
import { AppError } from "../errors/app_error.ts";

/** With its quotes, as it stands in the header. */
export function etagOf(version: number): string {
  return `"v${version}"`;
}

/**
 * The version that an `If-Match` header asks for, for `Change.expectedVersion`; null without a header and for `*`, which
 * any existing document fits. Throws `invalid_request` for what no tag of ours can be: a list, a weak tag, a foreign one.
 */
export function expectedVersionOf(ifMatch: string | null | undefined): number | null {
  const text = ifMatch?.trim() ?? "";
  if (text === "" || text === "*") return null;
  const match = /^"?v(\d{1,9})"?$/.exec(text);
  if (match === null) {
    throw new AppError("invalid_request", `If-Match: ${text.slice(0, 80)} is not of the form "v7", or *`, {
      hint: "Send the ETag that GET gave.",
    });
  }
  return Number(match[1]);
}
