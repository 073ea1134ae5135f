/**
 * A worker without an engine for the supervisor's tests: the real control channel, a real Unix socket that echoes.
 * Names in commands make it misbehave: a workspace `ws_dies_on_open`, `drop_object` with `exit`, `print`, `silent`, …
 */
import { createConnection, createServer, type Socket } from "node:net";
import { Buffer } from "node:buffer";
import { AppError } from "../../errors/app_error.ts";
import { serveControl } from "../../ipc/channel_worker.ts";
import type { Command } from "../../ipc/messages.ts";

const socketDirectory = Deno.args.find((arg) => arg.startsWith("--socket-directory="))?.split("=")[1];
if (Deno.args[0] !== "worker" || socketDirectory === undefined) throw new Error(`unexpected arguments: ${Deno.args}`);
const socketPath = `${socketDirectory}/w${Deno.pid}.sock`;
const sessions = new Map<string, Socket>();
let silent = false;
let drains = true;
let workspaceId: string | null = null;
let tableCount = 0;
let memoryBytes = 0;
/** What a running statement would hold: no memory limit below it is taken. */
let heldBytes = 0;

const control = serveControl({
  readable: Deno.stdin.readable,
  writable: Deno.stdout.writable,
  handle,
  onParentGone: () => Deno.kill(Deno.pid, "SIGKILL"),
  onDefect: (error) => console.error(error),
});

async function handle(command: Command): Promise<unknown> {
  if (silent) return await never();
  switch (command.command) {
    case "open_workspace":
      workspaceId = command.spec.workspace_id;
      tableCount = command.spec.catalog.tables.length;
      memoryBytes = command.spec.memory_bytes_max;
      if (workspaceId === "ws_dies_on_open") {
        console.error("about to die");
        Deno.exit(3);
      }
      if (workspaceId === "ws_refuses") throw new AppError("io_error", "the workspace file is broken: no header");
      if (workspaceId === "ws_hangs_on_open") return await never();
      control.emit({ event: "memory", rss_bytes: Deno.memoryUsage().rss });
      return null;
    case "describe":
      return { pid: Deno.pid, workspace_id: workspaceId, table_count: tableCount, environment: Deno.env.toObject() };
    case "refresh_catalog":
      tableCount = command.catalog.tables.length;
      return null;
    case "drop_object":
      return await misbehave(command.name);
    case "terminate_session":
      sessions.get(command.session_id)?.end(`${command.kind}: ${command.detail}\n`);
      return null;
    case "storage_job":
      if (command.job.job !== "preview") throw new AppError("feature_not_supported", `no job ${command.job.job}`);
      return await work(command.job.source_path);
    case "drain":
      if (!drains) return await never();
      await Promise.all(
        [...sessions.values()].map((socket) => new Promise<void>((resolve) => socket.end(() => resolve()))),
      );
      await control.flushed();
      Deno.exit(0);
      break;
    case "update_limits":
      memoryBytes = Math.max(command.limits.memory_bytes_max ?? memoryBytes, heldBytes);
      return { memory_bytes_max: memoryBytes };
    case "ping":
      return null;
    default:
      throw new AppError("feature_not_supported", `the fake worker has no ${command.command}`);
  }
}

async function misbehave(how: string): Promise<unknown> {
  if (how === "exit") Deno.exit(7);
  if (how === "print") await Deno.stdout.write(new TextEncoder().encode("profiling output\n"));
  if (how === "silent") silent = true;
  if (how === "refuse to drain") drains = false;
  if (how === "hang") return await never();
  if (how.startsWith("memory ")) control.emit({ event: "memory", rss_bytes: Number(how.slice(7)) });
  if (how.startsWith("hold ")) heldBytes = Number(how.slice(5));
  if (how === "tell memory") return memoryBytes;
  if (how.startsWith("log ")) console.error(how.slice(4));
  return how;
}

/** A job whose file is `kill` dies, `socket:PATH` works until that socket's other side closes it, else ends at once. */
async function work(sourcePath: string): Promise<unknown> {
  if (sourcePath === "kill") Deno.kill(Deno.pid, "SIGKILL");
  if (sourcePath === "fail") throw new AppError("import_failed", "line 3, column amount: not a number");
  if (sourcePath.startsWith("socket:")) {
    const gate = createConnection(sourcePath.slice(7));
    await new Promise<void>((resolve) => gate.once("close", () => resolve()).resume());
  }
  return { pid: Deno.pid };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function readHeader(socket: Socket): Promise<{ session_id: string }> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    socket.on("data", function take(chunk: Buffer) {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readUInt32BE(0)) return;
      socket.off("data", take);
      resolve(JSON.parse(received.toString("utf8", 4)));
    });
  });
}

const server = createServer(async (socket) => {
  const header = await readHeader(socket);
  sessions.set(header.session_id, socket);
  socket.on("error", () => {});
  socket.once("close", () => {
    sessions.delete(header.session_id);
    control.emit({ event: "session_closed", session_id: header.session_id, reason: "closed" });
  });
  socket.write(`hello ${header.session_id} from ${Deno.pid}\n`);
  socket.pipe(socket);
});
server.listen(socketPath, () => control.emit({ event: "ready", pid: Deno.pid, socket_path: socketPath }));
