/** COPY over the wire, message by message, for the tests beside it. */
import { Buffer } from "node:buffer";
import { type BackendMessage, bytes, dataRow, errorFields, frontend, message, WireClient } from "../support/wire.ts";

export const copyData = (data: string | Uint8Array): Buffer =>
  message("d", typeof data === "string" ? Buffer.from(data, "utf8") : Buffer.from(data));
export const copyDone = (): Buffer => message("c");
export const copyFail = (reason: string): Buffer => message("f", bytes.text(reason));

/** How a statement ended. */
export interface Outcome {
  /** Command tags, in order. */
  readonly tags: readonly string[];
  /** `SQLSTATE message`, and CONTEXT and HINT when it has them; null without an error. */
  readonly error: string | null;
  readonly context: string | null;
  readonly hint: string | null;
}

export function outcomeOf(messages: readonly BackendMessage[]): Outcome {
  const error = messages.find(({ type }) => type === "E");
  const fields = error === undefined ? {} : errorFields(error.body);
  return {
    tags: messages.filter(({ type }) => type === "C").map(({ body }) => body.toString("utf8").replace("\0", "")),
    error: error === undefined ? null : `${fields["C"]} ${fields["M"]}`,
    context: fields["W"] ?? null,
    hint: fields["H"] ?? null,
  };
}

/** Sends a COPY as a simple query and waits until the server wants data; gives CopyInResponse's body, or the outcome. */
export async function beginCopy(wire: WireClient, sql: string): Promise<Buffer | Outcome> {
  wire.send(frontend.query(sql));
  const messages: BackendMessage[] = [];
  for (;;) {
    const next = await wire.expectMessage();
    if (next.type === "G") return next.body;
    messages.push(next);
    if (next.type === "Z") return outcomeOf(messages);
  }
}

/** A whole COPY FROM STDIN. */
export async function copyFrom(
  wire: WireClient,
  sql: string,
  data: readonly (string | Uint8Array)[],
  end: Buffer = copyDone(),
): Promise<Outcome> {
  const begun = await beginCopy(wire, sql);
  if (!Buffer.isBuffer(begun)) return begun;
  wire.send(...data.map(copyData), end);
  return outcomeOf(await wire.readUntil("Z"));
}

/** The CopyData bodies of a COPY TO STDOUT, and how it ended. */
export async function copyTo(wire: WireClient, sql: string): Promise<Outcome & { readonly data: readonly Buffer[] }> {
  const messages = await wire.roundTrip(frontend.query(sql));
  return {
    ...outcomeOf(messages),
    data: messages.filter(({ type }) => type === "d").map(({ body }) => Buffer.from(body)),
  };
}

/** Rows as texts. Fails with the server's error. */
export async function rowsOf(wire: WireClient, sql: string): Promise<(string | null)[][]> {
  const messages = await wire.roundTrip(frontend.query(sql));
  const { error } = outcomeOf(messages);
  if (error !== null) throw new Error(`${sql}: ${error}`);
  return messages.filter(({ type }) => type === "D").map(({ body }) =>
    dataRow(body).map((value) => value?.toString("utf8") ?? null)
  );
}

/** Runs statements; fails with the server's error. */
export async function run(wire: WireClient, sql: string): Promise<void> {
  await rowsOf(wire, sql);
}
