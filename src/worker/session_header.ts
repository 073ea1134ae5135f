/** Reads what the server sends first on a session socket: 4-byte big-endian length, then a `SessionHeader` as JSON. */
import type { Socket } from "node:net";
import { AppError } from "../errors/app_error.ts";
import type { SessionHeader } from "../ipc/messages.ts";

/** Start-up parameters are at most 10 kB; the rest is short. */
const headerBytesMax = 64 * 1024;

/** Gives the header and the bytes that came after it; the socket is left paused. */
export function readSessionHeader(socket: Socket): Promise<{ header: SessionHeader; rest: Uint8Array }> {
  return new Promise((resolve, reject) => {
    let bytes: Uint8Array = new Uint8Array(0);
    const fail = (cause?: unknown) => {
      stop();
      reject(new AppError("protocol_violation", "a session socket closed before its header", { cause }));
    };
    const onData = (chunk: Uint8Array) => {
      const joined = new Uint8Array(bytes.length + chunk.length);
      joined.set(bytes);
      joined.set(chunk, bytes.length);
      bytes = joined;
      if (bytes.length < 4) return;
      const length = new DataView(bytes.buffer).getUint32(0);
      if (length > headerBytesMax) return fail(`${length} bytes`);
      if (bytes.length < 4 + length) return;
      stop();
      socket.pause();
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as SessionHeader;
      resolve({ header, rest: bytes.slice(4 + length) });
    };
    const stop = () => {
      socket.off("data", onData);
      socket.off("close", fail);
      socket.off("error", fail);
    };
    socket.on("data", onData);
    socket.on("close", fail);
    socket.on("error", fail);
    socket.resume();
  });
}
