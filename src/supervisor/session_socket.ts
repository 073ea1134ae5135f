/** Opens a session's socket to a worker: connects, then sends the `SessionHeader` as `ipc/messages.ts` describes. */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { AppError } from "../errors/app_error.ts";
import type { SessionHeader } from "../ipc/messages.ts";

/**
 * A worker accepts and speaks from its event loop, which user SQL does not block; longer than this means it is stuck.
 */
const firstBytesTimeoutMs = 30_000;

/** A 4-byte big-endian length, then the header as JSON in UTF-8. */
export function encodeSessionHeader(header: SessionHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header), "utf8");
  const bytes = Buffer.allocUnsafe(4 + json.length);
  bytes.writeUInt32BE(json.length, 0);
  json.copy(bytes, 4);
  return bytes;
}

/**
 * Gives the connected socket with the header written and the worker's first bytes waiting in it. A worker speaks first
 * (AuthenticationOk), so that a socket that closes before it has said anything belongs to a process that was just
 * ending, and somebody who opens it then can still get another. Throws `worker_lost` in that case.
 */
export function connectSession(socketPath: string, header: SessionHeader): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: socketPath });
    const timer = setTimeout(() => socket.destroy(new Error("it does not answer")), firstBytesTimeoutMs);
    let cause: Error | undefined;
    // Stays: a worker that is killed must not end the server before the caller listens. The caller sees `close`.
    socket.on("error", (error) => cause ??= error);
    const onClose = () => {
      clearTimeout(timer);
      const why = cause?.message ?? "it closed the connection";
      reject(new AppError("worker_lost", `the workspace's process cannot be reached: ${why}`, { cause }));
    };
    socket.once("close", onClose);
    socket.once("connect", () => void socket.write(encodeSessionHeader(header)));
    // The bytes stay in the socket's buffer, and the socket is left as a fresh one: the first listener starts the flow.
    socket.once("readable", () => {
      if (socket.readableLength === 0) return socket.destroy();
      clearTimeout(timer);
      socket.off("close", onClose);
      resolve(socket);
    });
  });
}
