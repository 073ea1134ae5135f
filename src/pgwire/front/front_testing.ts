/**
 * For the front's tests: the real front on a free port over TLS with a certificate of its own, a stand-in for the worker
 * (a server on a Unix socket that answers a few statements). Its raw client is in `front_testing_client.ts`.
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect as connectNet, createServer, type Server, type Socket } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../errors/app_error.ts";
import type { ErrorKind } from "../../errors/catalogue.ts";
import { sessionHeaderSchema } from "../../ipc/messages.ts";
import type { SessionHeader } from "../../ipc/messages.ts";
import { MessageWriter } from "../codec/message_writer.ts";
import {
  authenticationOk,
  backendKeyData,
  commandComplete,
  dataRowOfTexts,
  errorResponse,
  parameterStatus,
  readyForQuery,
  rowDescription,
} from "../codec/backend_messages.ts";
import { ensureSelfSignedCertificate } from "../certificate.ts";
import { CertificateStore } from "../certificate_store.ts";
import { makeScramVerifier } from "../scram.ts";
import { type PgFront, type PgFrontOptions, startPgFront } from "./front.ts";
import type { ConnectionAudit, ConnectionStatus, Credential, FrontLogger, SessionInfo } from "./ports.ts";

export const testUser = "ws_a1_user";
export const testPassword = "correct horse ünïcode";
export const expiredUser = "ws_b2_user";
export const testDatabase = "workspace_ws_a1";

const silent: FrontLogger = { debug() {}, info() {}, warn() {}, error() {} };
/** Making a verifier takes 4096 rounds; one does for all tests. */
let sharedVerifier: Promise<string> | undefined;

export interface TestFrontOptions extends Partial<Omit<PgFrontOptions, "ports" | "certificates">> {
  /** Instead of connecting to the stand-in worker. */
  readonly connectWorker?: (header: SessionHeader) => Promise<Socket>;
  readonly sessionsMax?: number;
  readonly logger?: FrontLogger;
  /** With `server.crt` and `server.key`, instead of a self-signed pair. */
  readonly certificateDirectory?: string;
}

export interface TestFront extends AsyncDisposable {
  readonly front: PgFront;
  readonly port: number;
  readonly certificatePath: string;
  readonly privateKeyPath: string;
  readonly certificatePem: string;
  readonly worker: TestWorker;
  readonly statuses: ConnectionStatus[];
  readonly audits: ConnectionAudit[];
  readonly cancelled: string[];
  readonly closedSessions: { readonly sessionId: string; readonly reason: string }[];
  readonly sessions: Map<string, SessionInfo>;
  readonly credentialLookups: string[];
  readonly bytes: { received: number; sent: number };
  nowMs: number;
  monotonicMs: number;
  /** Resolves when `condition` holds; it is looked at after every port call. */
  until(condition: () => boolean): Promise<void>;
}

export async function startTestFront(options: TestFrontOptions = {}): Promise<TestFront> {
  const directory = await Deno.makeTempDir({ prefix: "eider_front_" });
  const paths = options.certificateDirectory === undefined
    ? await ensureSelfSignedCertificate({ directory, publicHost: "localhost", nowMs: Date.now() })
    : {
      certificatePath: join(options.certificateDirectory, "server.crt"),
      privateKeyPath: join(options.certificateDirectory, "server.key"),
    };
  const verifier = await (sharedVerifier ??= makeScramVerifier(testPassword));
  const credential = (username: string, workspaceId: string, expiresAtMs: number | null): Credential => ({
    username,
    workspaceId,
    projectId: "p_1",
    database: `workspace_${workspaceId}`,
    verifier,
    expiresAtMs,
  });
  const credentials = new Map([
    [testUser, credential(testUser, "ws_a1", null)],
    [expiredUser, credential(expiredUser, "ws_b2", 1)],
  ]);
  const worker = await startTestWorker(join(directory, "worker.sock"));
  const discard = async () => {
    await worker.close();
    await Deno.remove(directory, { recursive: true });
  };
  const waiters: { condition: () => boolean; resolve: () => void }[] = [];
  const changed = () => {
    for (const waiter of waiters) if (waiter.condition()) waiter.resolve();
  };
  worker.onChange = changed;
  const { connectWorker, sessionsMax = 100, logger = silent, certificateDirectory: _, ...frontOptions } = options;
  let sessionNumber = 0;
  const state = {
    statuses: [] as ConnectionStatus[],
    audits: [] as ConnectionAudit[],
    cancelled: [] as string[],
    closedSessions: [] as { sessionId: string; reason: string }[],
    sessions: new Map<string, SessionInfo>(),
    credentialLookups: [] as string[],
    bytes: { received: 0, sent: 0 },
    nowMs: 1_700_000_000_000,
    monotonicMs: 1_000,
  };
  const certificates = new CertificateStore({ ...paths, now: () => state.nowMs, logger });
  const front = await startPgFront({
    host: "127.0.0.1",
    port: 0,
    directTlsPort: null,
    tls: "prefer",
    connectionsMax: 100,
    connectionsPerAddressMax: 100,
    authFailuresPerMinute: 10,
    connectionTimeoutMs: 20_000,
    mockSecret: new Uint8Array(32).fill(7),
    ...frontOptions,
    certificates,
    ports: {
      findCredential(username) {
        state.credentialLookups.push(username);
        changed();
        return Promise.resolve(credentials.get(username) ?? null);
      },
      connectWorker: (_workspaceId, header) => connectWorker ? connectWorker(header) : worker.connect(header),
      cancel(workspaceId, sessionId) {
        state.cancelled.push(`${workspaceId}/${sessionId}`);
        worker.cancel(sessionId);
        changed();
        return Promise.resolve();
      },
      terminate: (_workspaceId, sessionId, kind, detail) => worker.terminate(sessionId, kind, detail),
      sessions: {
        open(info) {
          if (state.sessions.size >= sessionsMax) {
            throw new AppError("too_many_connections", `too many connections: max_connections_per_workspace`);
          }
          sessionNumber += 1;
          const sessionId = `pgs_${sessionNumber}`;
          state.sessions.set(sessionId, info);
          changed();
          return sessionId;
        },
        close(sessionId, reason) {
          state.sessions.delete(sessionId);
          state.closedSessions.push({ sessionId, reason });
          changed();
        },
        addBytes() {},
      },
      metrics: {
        connection(status) {
          state.statuses.push(status);
          changed();
        },
        authSeconds() {},
        bytes(received, sent) {
          state.bytes.received += received;
          state.bytes.sent += sent;
        },
      },
      audit(entry) {
        state.audits.push(entry);
        changed();
      },
      logger,
      now: () => state.nowMs,
      monotonicMs: () => state.monotonicMs,
    },
  }).catch(async (error) => {
    await discard();
    throw error;
  });
  return Object.assign(state, {
    front,
    port: front.port,
    ...paths,
    certificatePem: readFileSync(paths.certificatePath, "utf8"),
    worker,
    until(condition: () => boolean): Promise<void> {
      if (condition()) return Promise.resolve();
      return new Promise((resolve) => waiters.push({ condition, resolve }));
    },
    async [Symbol.asyncDispose]() {
      await front.close();
      await front.endSessions();
      await discard();
    },
  });
}

/** The stand-in: `select 1`, `rows N` (N rows of 100 characters), `hang` (until cancelled), `half` (half a message). */
export class TestWorker {
  readonly headers: SessionHeader[] = [];
  readonly sockets = new Map<string, Socket>();
  readonly #hanging = new Map<string, () => void>();
  readonly #server: Server;
  readonly #path: string;
  onChange: () => void = () => {};
  /** All bytes that sessions sent after the header. */
  received = Buffer.alloc(0);

  constructor(server: Server, path: string) {
    this.#server = server;
    this.#path = path;
    server.on("connection", (socket) => this.#serve(socket));
  }

  async connect(header: SessionHeader): Promise<Socket> {
    const socket = connectNet({ path: this.#path, allowHalfOpen: true });
    await once(socket, "connect");
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(json.length);
    socket.write(Buffer.concat([length, json]));
    return socket;
  }

  cancel(sessionId: string): void {
    this.#hanging.get(sessionId)?.();
    this.#hanging.delete(sessionId);
  }

  terminate(sessionId: string, kind: ErrorKind, detail: string): Promise<void> {
    const socket = this.sockets.get(sessionId);
    if (socket === undefined) return Promise.reject(new Error("no such session"));
    const writer = new MessageWriter();
    errorResponse(writer, new AppError(kind, detail));
    socket.end(writer.take());
    return Promise.resolve();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets.values()) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    let buffered = Buffer.alloc(0);
    let header: SessionHeader | null = null;
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      if (header !== null) this.sockets.delete(header.session_id);
      this.onChange();
    });
    socket.on("data", (chunk: Buffer) => {
      buffered = Buffer.concat([buffered, chunk]);
      if (header === null) {
        if (buffered.length < 4 || buffered.length < 4 + buffered.readUInt32BE(0)) return;
        const length = buffered.readUInt32BE(0);
        header = sessionHeaderSchema.parse(JSON.parse(buffered.toString("utf8", 4, 4 + length)));
        buffered = buffered.subarray(4 + length);
        this.received = Buffer.concat([this.received, buffered]);
        this.headers.push(header);
        this.sockets.set(header.session_id, socket);
        const writer = new MessageWriter();
        authenticationOk(writer);
        parameterStatus(writer, "server_version", "16.0");
        parameterStatus(writer, "client_encoding", "UTF8");
        backendKeyData(writer, header.backend_process_id, header.backend_secret_key);
        readyForQuery(writer, "I");
        socket.write(writer.take());
        this.onChange();
      } else {
        this.received = Buffer.concat([this.received, chunk]);
      }
      while (buffered.length >= 5 && buffered.length >= 1 + buffered.readInt32BE(1)) {
        const end = 1 + buffered.readInt32BE(1);
        this.#answer(socket, header, String.fromCharCode(buffered[0] ?? 0), buffered.toString("utf8", 5, end - 1));
        buffered = buffered.subarray(end);
      }
    });
  }

  #answer(socket: Socket, header: SessionHeader, type: string, text: string): void {
    const writer = new MessageWriter();
    if (type === "X") return void socket.end();
    if (type !== "Q") return;
    if (text === "hang") {
      this.#hanging.set(header.session_id, () => {
        errorResponse(writer, new AppError("query_canceled", "canceling statement due to user request"));
        readyForQuery(writer, "I");
        socket.write(writer.take());
      });
      this.onChange();
      return;
    }
    if (text === "half") return void socket.write(Buffer.from([68, 0, 0, 1, 0, 0, 1]));
    const rowCount = text.startsWith("rows ") ? Number(text.slice(5)) : 1;
    const value = text.startsWith("rows ") ? "x".repeat(100) : "1";
    rowDescription(writer, [{ name: "?column?", typeOid: 25, typeLength: -1, typeModifier: -1, format: 0 }]);
    for (let i = 0; i < rowCount; i += 1) dataRowOfTexts(writer, [value]);
    commandComplete(writer, `SELECT ${rowCount}`);
    readyForQuery(writer, "I");
    socket.write(writer.take());
  }
}

async function startTestWorker(path: string): Promise<TestWorker> {
  const server = createServer({ allowHalfOpen: true });
  const worker = new TestWorker(server, path);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return worker;
}
