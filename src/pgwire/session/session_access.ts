/** What a session shows of itself in the emulated catalog, and how the catalog's functions reach it. */
import type { SessionAccess, SessionActivity } from "../../engine/session_directory.ts";
import type { SessionHeader } from "../../ipc/messages.ts";
import type { Executor } from "./executor.ts";

/** What `Session` knows and the executor does not. */
export interface SessionControls {
  readonly header: SessionHeader;
  activity(): Pick<SessionActivity, "state" | "query" | "queryStartMs" | "stateChangeMs" | "backendStartMs">;
  cancel(): void;
  terminate(): void;
}

export function sessionAccess(executor: Executor, controls: SessionControls): SessionAccess {
  const { ports } = executor;
  const { settings } = ports;
  const { address, port } = addressParts(controls.header.client_address);
  return {
    backendProcessId: ports.backendProcessId,
    username: controls.header.username,
    readOnly: settings.alwaysReadOnly,
    activity: () => ({
      ...controls.activity(),
      username: controls.header.username,
      applicationName: settings.show("application_name"),
      clientAddress: address,
      clientPort: port,
      tls: tlsOf(controls.header),
      transactionStartMs: executor.transaction.startedAtMs,
    }),
    settings: () => settings.rows(),
    preparedStatements: () =>
      executor.statements.all().filter((prepared) => prepared.name !== "").map((prepared) => ({
        name: prepared.name,
        statement: prepared.parsed?.text ?? "",
        prepareTimeMs: prepared.preparedAtMs,
        parameterOids: prepared.parameterOids,
        fromSql: prepared.fromSql,
      })),
    cursors: () =>
      [...executor.portals.values()].filter((portal) => portal.name !== "").map((portal) => ({
        name: portal.name,
        statement: portal.prepared.parsed?.text ?? "",
        isHoldable: portal.cursor?.hold === true,
        isBinary: portal.cursor?.binary ?? portal.resultFormats[0] === 1,
        isScrollable: false,
        creationTimeMs: portal.prepared.preparedAtMs,
      })),
    setting: (name) => settings.show(name),
    setSetting: (name, value, isLocal) => {
      const isDefault = value === null;
      // Without SET LOCAL's warning outside of a transaction.
      executor.setLater({
        ...settings.set(name, isDefault ? [] : [value], { local: isLocal, isDefault }),
        warning: null,
      });
      // A setting of the client's own has no default.
      return isDefault && name.includes(".") ? "" : settings.show(name);
    },
    cancel: () => controls.cancel(),
    terminate: () => controls.terminate(),
    notify: (channel, payload) => ports.notifications.notify(channel, payload),
    warn: (message) => ports.notice("WARNING", "01000", message),
  };
}

function tlsOf({ tls, tls_session }: SessionHeader): SessionActivity["tls"] {
  return tls ? { version: tls_session?.version ?? null, cipher: tls_session?.cipher ?? null } : null;
}

/** `127.0.0.1:40000` or `[::1]:40000`. */
export function addressParts(text: string): { address: string; port: number } {
  const match = /^\[?(.*?)\]?:(\d+)$/.exec(text);
  return match === null ? { address: text, port: -1 } : { address: match[1]!, port: Number(match[2]) };
}
