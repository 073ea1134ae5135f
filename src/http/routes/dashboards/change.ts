/**
 * Who changes a dashboard, why, and which version they have seen: of the key, `X-Change-Message` (or `?message=`) and
 * `If-Match`. Perses' routes use it too.
 */
import { Buffer } from "node:buffer";
import type { Context } from "hono";
import { expectedVersionOf } from "../../../dashboards/etag.ts";
import type { Change } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { type AppEnvironment, authorOf } from "../../auth.ts";

const messageCharactersMax = 500;

/** Throws `invalid_request` for an `If-Match` that is no tag of ours and for a message that is too long. */
export function changeOf(context: Context<AppEnvironment>): Change {
  return {
    author: authorOf(context.get("principal")),
    message: messageOf(context.req.header("x-change-message") ?? context.req.query("message")),
    expectedVersion: expectedVersionOf(context.req.header("if-match")),
  };
}

function messageOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const message = asUtf8(text).trim();
  if (message === "") return null;
  if ([...message].length > messageCharactersMax) {
    const detail = `${[...message].length} characters, at most ${messageCharactersMax} are kept`;
    throw new AppError("invalid_request", `change message: ${detail}`);
  }
  return message;
}

/** Headers are bytes, and come as Latin-1 text; most clients send UTF-8. A query is decoded already. */
function asUtf8(text: string): string {
  // deno-lint-ignore no-control-regex -- bytes, not characters
  if (!/^[\x00-\xff]*$/.test(text)) return text;
  const decoded = Buffer.from(text, "latin1").toString("utf8");
  return decoded.includes("\uFFFD") ? text : decoded;
}
