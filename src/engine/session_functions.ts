/**
 * The JavaScript functions behind PostgreSQL's session functions. Only macros of the emulated catalog call them, with
 * `pg_backend_pid()` as first argument; the policy refuses a statement that names one.
 */
import { AppError } from "../errors/app_error.ts";
import type { JavaScriptFunction } from "../sql/functions/types.ts";
import type { SessionAccess, SessionDirectory } from "./session_directory.ts";

export function sessionFunctions(directory: SessionDirectory): readonly JavaScriptFunction[] {
  const own = (processId: bigint): SessionAccess => {
    const session = directory.get(Number(processId));
    if (session === undefined) throw new AppError("internal", `no session with process id ${processId}`);
    return session;
  };
  return [
    {
      kind: "javascript",
      name: "__eider_setting",
      parameters: ["BIGINT", "VARCHAR", "BOOLEAN"],
      returns: "VARCHAR",
      volatile: true,
      call: (processId: bigint, name: string, missingOk: boolean) => {
        try {
          return own(processId).setting(name);
        } catch (error) {
          if (missingOk && error instanceof AppError && error.kind === "unknown_setting") return null;
          throw error;
        }
      },
    },
    {
      kind: "javascript",
      name: "__eider_set_setting",
      parameters: ["BIGINT", "VARCHAR", "VARCHAR", "BOOLEAN", "BOOLEAN"],
      returns: "VARCHAR",
      volatile: true,
      call: (processId: bigint, name: string, value: string, isDefault: boolean, isLocal: boolean) =>
        own(processId).setSetting(name, isDefault ? null : value, isLocal),
    },
    {
      kind: "javascript",
      name: "__eider_signal",
      parameters: ["BIGINT", "BIGINT", "VARCHAR"],
      returns: "BOOLEAN",
      volatile: true,
      call: (processId: bigint, target: bigint, mode: string) => {
        if (own(processId).readOnly && target !== processId) {
          throw new AppError(
            "insufficient_privilege",
            `permission denied to ${mode} process ${target}: this session may only read`,
          );
        }
        const session = directory.get(Number(target));
        if (session === undefined) {
          own(processId).warn(`PID ${target} is not a PostgreSQL backend process`);
          return false;
        }
        if (mode === "terminate") session.terminate();
        else session.cancel();
        return true;
      },
    },
    {
      kind: "javascript",
      name: "__eider_notify",
      parameters: ["BIGINT", "VARCHAR", "VARCHAR"],
      returns: "VARCHAR",
      volatile: true,
      call: (processId: bigint, channel: string, payload: string) => {
        own(processId).notify(channel, payload);
        return "";
      },
    },
  ];
}
