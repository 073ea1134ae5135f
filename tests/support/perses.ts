/** Perses' API as its clients use it: paths, messages, documents. */
import { equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { Rest, RestAnswer } from "./rest.ts";

export const persesData = fileURLToPath(new URL("../../../shared/data/perses/", import.meta.url));
export const hasPersesData = await Deno.stat(persesData).then(() => true, () => false);
/** For names of tests that need the real documents. */
export const persesDataRemark = hasPersesData ? "" : " (skipped: shared/data/perses not here)";

export interface PersesDocument {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly project?: string;
    readonly version: number;
    readonly createdAt: string;
    readonly updatedAt: string;
    readonly tags?: readonly string[];
  };
  readonly spec: Record<string, unknown>;
}

export interface PersesMessage {
  readonly message: string;
  readonly problems?: readonly { readonly pointer: string; readonly message: string }[];
}

/** The documents of a file, JSON or YAML, one or many. */
export async function readPersesFile(file: string): Promise<PersesDocument[]> {
  const content = parse(await Deno.readTextFile(persesData + file)) as PersesDocument | PersesDocument[];
  return Array.isArray(content) ? content : [content];
}

/** The answer's `message`; fails when the status is another. */
export async function persesRefusal(
  rest: Rest,
  status: number,
  method: string,
  path: string,
  json?: unknown,
): Promise<PersesMessage> {
  const answer: RestAnswer<PersesMessage> = await rest.request(method, path, json === undefined ? {} : { json });
  equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  equal(answer.headers.get("content-type"), "application/json");
  return answer.body;
}

/** `POST`, and `PUT` when the name is taken: how percli applies a document. Gives the methods it took. */
export async function applyAsPercli(rest: Rest, project: string | null, document: PersesDocument): Promise<string[]> {
  const plural = `${document.kind.toLowerCase()}s`;
  const path = project === null ? `/api/v1/${plural}` : `/api/v1/projects/${project}/${plural}`;
  const created = await rest.request("POST", path, { json: document });
  if (created.status === 200) return ["POST"];
  equal(created.status, 409, created.text);
  await rest.expect(200, "PUT", `${path}/${document.metadata.name}`, { json: document });
  return ["POST", "PUT"];
}
