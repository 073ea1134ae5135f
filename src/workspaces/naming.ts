/** Ids, credentials and connection details of workspaces. Randomness comes in as a parameter. */
import type { PublicAddress } from "./types.ts";

/** Gives `count` random bytes. */
export type RandomBytes = (count: number) => Uint8Array;

export const secureRandomBytes: RandomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));

export function makeWorkspaceId(random: RandomBytes): string {
  return `ws_${random(6).toHex()}`;
}

export function makeSessionId(random: RandomBytes): string {
  return `pgs_${random(6).toHex()}`;
}

/** `<id>_<8 hex digits>`: a username names its workspace, so an empty database name finds it. */
export function makeUsername(workspaceId: string, random: RandomBytes): string {
  return `${workspaceId}_${random(4).toHex()}`;
}

/** 32 URL-safe characters, 192 bits. */
export function makePassword(random: RandomBytes): string {
  return random(24).toBase64({ alphabet: "base64url" });
}

export function databaseName(workspaceId: string): string {
  return `workspace_${workspaceId}`;
}

/** How a client reaches a workspace; `password` only where it was just made. */
export interface ConnectionDetails {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password?: string;
  readonly sslMode: "disable" | "require";
  readonly connectionString: string;
}

/** A server that takes TLS hands out strings that insist on it. */
export function connectionDetails(
  address: PublicAddress,
  workspaceId: string,
  username: string,
  password?: string,
): ConnectionDetails {
  const database = databaseName(workspaceId);
  const sslMode = address.pgTls === "disable" ? "disable" : "require";
  const port = address.pgPort();
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  const user = password === undefined ? username : `${username}:${password}`;
  return {
    host: address.host,
    port,
    database,
    username,
    ...(password === undefined ? {} : { password }),
    sslMode,
    connectionString: `postgresql://${user}@${host}:${port}/${database}?sslmode=${sslMode}`,
  };
}
