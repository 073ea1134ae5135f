/**
 * Lists: `?limit=&cursor=` in, `{"items": […], "next_cursor": null}` out. The domain pages by a plain sort key ("give
 * me what comes after this one"); outside that key is an opaque base64url text, so that its form can change.
 */
import { Buffer } from "node:buffer";
import { z } from "@hono/zod-openapi";
import { AppError } from "../errors/app_error.ts";
import type { Page, PageRequest } from "../storage/page.ts";

export const pageLimitDefault = 100;
export const pageLimitMax = 1000;

/** Query parameters of every list; extend it for filters. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(pageLimitMax).default(pageLimitDefault).openapi({
    param: { name: "limit", in: "query" },
    description: `At most this many items, ${pageLimitDefault} by default.`,
  }),
  cursor: z.string().optional().openapi({
    param: { name: "cursor", in: "query" },
    description: "next_cursor of the page before.",
  }),
});

/** The schema of a list answer, for OpenAPI. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** Turns checked query parameters into the domain's request. Throws `invalid_request` for a cursor not made here. */
export function pageRequest(query: { limit: number; cursor?: string | undefined }): PageRequest {
  return { limit: query.limit, after: query.cursor === undefined ? null : decodeCursor(query.cursor) };
}

/** Turns the domain's page into the answer, each item through `render`. */
export function pageAnswer<Item, Rendered>(
  page: Page<Item>,
  render: (item: Item) => Rendered,
): { items: Rendered[]; next_cursor: string | null } {
  return { items: page.items.map(render), next_cursor: page.next === null ? null : encodeCursor(page.next) };
}

export function encodeCursor(key: string): string {
  return Buffer.from("1:" + key, "utf8").toString("base64url");
}

export function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  if (!text.startsWith("1:") || encodeCursor(text.slice(2)) !== cursor) {
    throw new AppError(
      "invalid_request",
      "cursor: not one that this server gave; take next_cursor of the page before",
      {
        fields: [{ pointer: "/cursor", detail: "not a cursor" }],
      },
    );
  }
  return text.slice(2);
}
