/** The bound for a statement's text (`workspace_max_statement_bytes`). */
import { AppError } from "../../errors/app_error.ts";
import type { Frame } from "./message_queue.ts";

export const simpleQueryType = "Q".charCodeAt(0);
const parseType = "P".charCodeAt(0);

/** Before it is decoded: a text of many megabytes would keep the parser, and with it every session, busy. */
export function checkStatementSize({ type, body }: Frame, bytesMax: number): void {
  if (bytesMax === 0 || body.length <= bytesMax || (type !== simpleQueryType && type !== parseType)) return;
  throw new AppError(
    "program_limit",
    `statement is too long: its message has ${body.length} bytes, at most ${bytesMax} are accepted ` +
      "(workspace_max_statement_bytes)",
    { hint: "Send data with COPY or as parameters, or have max_statement_bytes raised (PATCH of the workspace)." },
  );
}
