/**
 * A PostgreSQL client that sends exactly the messages a test asks for and shows every answer: message order, portals,
 * malformed input, a reader that stops. PostgreSQL documentation, chapter 55 (protocol 3.0).
 */
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import type { WorkspaceAnswer } from "./rest.ts";

/** A message from the server: its type letter and its body. */
export interface BackendMessage {
  readonly type: string;
  readonly body: Buffer;
}

export type WireTls = "plain" | "upgrade" | "direct";

export interface WireOptions {
  readonly tls?: WireTls;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Bytes for a message body: int16, int32, a zero-terminated string, or raw bytes. */
export const bytes = {
  int16: (value: number): Buffer => {
    const buffer = Buffer.alloc(2);
    buffer.writeInt16BE(value);
    return buffer;
  },
  int32: (value: number): Buffer => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(value);
    return buffer;
  },
  text: (value: string): Buffer => Buffer.concat([Buffer.from(value, "utf8"), Buffer.of(0)]),
};

/** A message with type letter and length. */
export function message(type: string, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type, "latin1"), bytes.int32(body.length + 4), body]);
}

/** A message without type letter, as the first ones are. */
export function untypedMessage(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([bytes.int32(body.length + 4), body]);
}

/** The messages that a client sends, as bytes. */
export const frontend = {
  sslRequest: (): Buffer => untypedMessage(bytes.int32(80877103)),
  gssEncRequest: (): Buffer => untypedMessage(bytes.int32(80877104)),
  cancelRequest: (processId: number, secret: Buffer): Buffer =>
    untypedMessage(bytes.int32(80877102), bytes.int32(processId), secret),
  startup: (parameters: Readonly<Record<string, string>>, version = 0x3_0000): Buffer =>
    untypedMessage(
      bytes.int32(version),
      ...Object.entries(parameters).flatMap(([name, value]) => [bytes.text(name), bytes.text(value)]),
      Buffer.of(0),
    ),
  query: (sql: string): Buffer => message("Q", bytes.text(sql)),
  parse: (name: string, sql: string, parameterTypes: readonly number[] = []): Buffer =>
    message(
      "P",
      bytes.text(name),
      bytes.text(sql),
      bytes.int16(parameterTypes.length),
      ...parameterTypes.map(bytes.int32),
    ),
  /** Text parameters; `resultFormats` 0 is text, 1 binary. */
  bind: (
    portal: string,
    statement: string,
    parameters: readonly (string | Buffer | null)[] = [],
    resultFormats: readonly number[] = [],
  ): Buffer =>
    message(
      "B",
      bytes.text(portal),
      bytes.text(statement),
      bytes.int16(parameters.length),
      ...parameters.map((parameter) => bytes.int16(Buffer.isBuffer(parameter) ? 1 : 0)),
      bytes.int16(parameters.length),
      ...parameters.flatMap((parameter) => {
        if (parameter === null) return [bytes.int32(-1)];
        const value = Buffer.isBuffer(parameter) ? parameter : Buffer.from(parameter, "utf8");
        return [bytes.int32(value.length), value];
      }),
      bytes.int16(resultFormats.length),
      ...resultFormats.map(bytes.int16),
    ),
  describe: (what: "S" | "P", name: string): Buffer => message("D", Buffer.from(what), bytes.text(name)),
  execute: (portal: string, rowCountMax = 0): Buffer => message("E", bytes.text(portal), bytes.int32(rowCountMax)),
  close: (what: "S" | "P", name: string): Buffer => message("C", Buffer.from(what), bytes.text(name)),
  flush: (): Buffer => message("H"),
  sync: (): Buffer => message("S"),
  terminate: (): Buffer => message("X"),
};

/** The fields of an ErrorResponse or NoticeResponse by their letter: C the SQLSTATE, M the message, S the severity. */
export function errorFields(body: Buffer): Record<string, string> {
  const fields: Record<string, string> = {};
  for (let offset = 0; body[offset] !== 0 && offset < body.length;) {
    const end = body.indexOf(0, offset);
    fields[String.fromCharCode(body[offset] ?? 0)] = body.toString("utf8", offset + 1, end);
    offset = end + 1;
  }
  return fields;
}

/** The values of a DataRow; null is NULL. */
export function dataRow(body: Buffer): (Buffer | null)[] {
  const values: (Buffer | null)[] = [];
  let offset = 2;
  for (let index = 0; index < body.readInt16BE(0); index++) {
    const length = body.readInt32BE(offset);
    offset += 4;
    values.push(length === -1 ? null : body.subarray(offset, offset + length));
    offset += Math.max(0, length);
  }
  return values;
}

/** One connection. `read` gives messages in order; at the end of the stream it gives null. */
export class WireClient {
  readonly socket: net.Socket;
  processId = 0;
  secret: Buffer = Buffer.alloc(0);
  readonly parameterStatus = new Map<string, string>();
  #received: Buffer = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};
  readonly #onData = (chunk: Buffer): void => {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    this.#wake();
  };

  constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", this.#onData);
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    socket.on("end", end);
    socket.on("close", end);
    socket.on("error", end);
  }

  /** A TCP connection, or a TLS one, on which nothing was said yet. */
  static async open(port: number, security: WireTls = "plain"): Promise<WireClient> {
    if (security === "direct") return new WireClient(await connectTls({ host: "127.0.0.1", port }));
    const socket = net.connect({ host: "127.0.0.1", port });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    if (security === "plain") return new WireClient(socket);
    socket.write(frontend.sslRequest());
    const answer = await new Promise<Buffer>((resolve, reject) => socket.once("data", resolve).once("error", reject));
    if (answer.toString() !== "S") throw new Error(`SSLRequest was answered ${answer.toString()}`);
    return new WireClient(await connectTls({ socket }));
  }

  /** An authenticated connection, ready for queries. Throws with the server's error fields. */
  static async connect(workspace: WorkspaceAnswer, options: WireOptions = {}): Promise<WireClient> {
    const { connection } = workspace;
    const client = await WireClient.open(options.port ?? connection.port, options.tls ?? "plain");
    client.send(frontend.startup({
      user: options.user ?? connection.username,
      database: options.database ?? connection.database,
      ...options.parameters,
    }));
    await client.authenticate(options.password ?? connection.password);
    return client;
  }

  /** Answers SCRAM-SHA-256 (RFC 5802) and reads on to the first ReadyForQuery. */
  async authenticate(password: string): Promise<void> {
    const clientNonce = randomBytes(18).toString("base64");
    const firstBare = `n=,r=${clientNonce}`;
    for (;;) {
      const { type, body } = await this.expectMessage();
      if (type === "E") throw new WireError(errorFields(body));
      if (type === "S") {
        const [name, value] = body.toString("utf8").split("\0") as [string, string];
        this.parameterStatus.set(name, value);
      } else if (type === "K") {
        this.processId = body.readInt32BE(0);
        this.secret = Buffer.from(body.subarray(4));
      } else if (type === "Z") return;
      else if (type === "R") {
        const kind = body.readInt32BE(0);
        if (kind === 10) {
          const initial = Buffer.from(`n,,${firstBare}`);
          this.send(message("p", bytes.text("SCRAM-SHA-256"), bytes.int32(initial.length), initial));
        } else if (kind === 11) {
          this.send(message("p", Buffer.from(scramFinal(password, firstBare, body.toString("utf8", 4)))));
        } else if (kind !== 12 && kind !== 0) throw new Error(`unknown authentication request ${kind}`);
      }
    }
  }

  send(...messages: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  /** The next message, or null when the server closed the connection. */
  async read(): Promise<BackendMessage | null> {
    for (;;) {
      if (this.#received.length >= 5) {
        const length = this.#received.readInt32BE(1) + 1;
        if (this.#received.length >= length) {
          const type = String.fromCharCode(this.#received[0] ?? 0);
          const body = this.#received.subarray(5, length);
          this.#received = this.#received.subarray(length);
          return { type, body };
        }
      }
      if (this.#ended) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** The next message; throws at the end of the stream. */
  async expectMessage(): Promise<BackendMessage> {
    const next = await this.read();
    if (next === null) throw new Error("the server closed the connection");
    return next;
  }

  /** Messages up to and including the first of this type (ReadyForQuery by default). */
  async readUntil(type = "Z"): Promise<BackendMessage[]> {
    const messages: BackendMessage[] = [];
    for (;;) {
      const next = await this.expectMessage();
      messages.push(next);
      if (next.type === type) return messages;
    }
  }

  /** Everything up to the end of the stream. */
  async readToEnd(): Promise<BackendMessage[]> {
    const messages: BackendMessage[] = [];
    for (let next = await this.read(); next !== null; next = await this.read()) messages.push(next);
    return messages;
  }

  /** One raw byte, as the answer to SSLRequest and GSSENCRequest. */
  async readByte(): Promise<string> {
    while (this.#received.length === 0 && !this.#ended) await new Promise<void>((resolve) => this.#wake = resolve);
    const byte = this.#received.toString("latin1", 0, 1);
    this.#received = this.#received.subarray(1);
    return byte;
  }

  /** Sends messages and gives the answers up to ReadyForQuery. */
  async roundTrip(...messages: readonly Buffer[]): Promise<BackendMessage[]> {
    this.send(...messages);
    return await this.readUntil("Z");
  }

  /** No byte is taken off the socket until `resumeReading`: the kernel's buffers fill up. */
  stopReading(): void {
    this.socket.off("data", this.#onData);
    this.socket.pause();
  }

  resumeReading(): void {
    this.socket.on("data", this.#onData);
    this.socket.resume();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** What the server answered in place of a connection. */
export class WireError extends Error {
  readonly fields: Readonly<Record<string, string>>;
  constructor(fields: Readonly<Record<string, string>>) {
    super(`${fields["S"]} ${fields["C"]}: ${fields["M"]}`);
    this.fields = fields;
  }
}

async function connectTls(target: { host: string; port: number } | { socket: net.Socket }): Promise<tls.TLSSocket> {
  const secure = tls.connect({ ...target, rejectUnauthorized: false, ALPNProtocols: ["postgresql"] });
  await new Promise<void>((resolve, reject) => secure.once("secureConnect", resolve).once("error", reject));
  return secure;
}

/** client-final-message for a server-first-message, RFC 5802 section 3, without channel binding. */
function scramFinal(password: string, clientFirstBare: string, serverFirst: string): string {
  const attributes = new Map(serverFirst.split(",").map((part) => [part[0], part.slice(2)]));
  const salted = pbkdf2Sync(
    password,
    Buffer.from(attributes.get("s") ?? "", "base64"),
    Number(attributes.get("i")),
    32,
    "sha256",
  );
  const clientKey = createHmac("sha256", salted).update("Client Key").digest();
  const storedKey = createHash("sha256").update(clientKey).digest();
  const withoutProof = `c=biws,r=${attributes.get("r")}`;
  const signature = createHmac("sha256", storedKey).update(`${clientFirstBare},${serverFirst},${withoutProof}`)
    .digest();
  const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
  return `${withoutProof},p=${Buffer.from(proof).toString("base64")}`;
}

/** The letters of a list of messages, such as `1 2 T D C Z`, ParameterStatus and notices left out. */
export function typesOf(messages: readonly BackendMessage[]): string {
  return messages.filter(({ type }) => type !== "S" && type !== "N").map(({ type }) => type).join("");
}

/** The SQLSTATEs of the errors among the messages. */
export function sqlstatesOf(messages: readonly BackendMessage[]): string[] {
  return messages.filter(({ type }) => type === "E").map(({ body }) => errorFields(body)["C"] ?? "");
}

/** The transaction status of the last ReadyForQuery: I, T or E. */
export function transactionStatus(messages: readonly BackendMessage[]): string {
  return messages.findLast(({ type }) => type === "Z")?.body.toString("latin1", 0, 1) ?? "";
}

/** The first column of each DataRow as text. */
export function firstColumn(messages: readonly BackendMessage[]): (string | null)[] {
  return messages.filter(({ type }) => type === "D").map(({ body }) => dataRow(body)[0]?.toString("utf8") ?? null);
}
