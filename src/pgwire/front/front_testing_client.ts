/** For the front's tests: a raw client that speaks bytes, and the messages that clients send. */
import { Buffer } from "node:buffer";
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect as connectNet, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";

export interface RawMessage {
  readonly type: string;
  readonly body: Buffer;
}

/** A client that speaks bytes. */
export class RawClient implements Disposable {
  stream: Duplex;
  #buffered = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: Duplex) {
    this.stream = stream;
    this.#listen(stream);
  }

  static async plain(port: number): Promise<RawClient> {
    const socket = connectNet({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  static async directTls(port: number, ca: string, alpn: string[] | null): Promise<RawClient> {
    const socket = connectTls({
      port,
      host: "127.0.0.1",
      servername: "localhost",
      ca,
      ...(alpn === null ? {} : { ALPNProtocols: alpn }),
    });
    await once(socket, "secureConnect");
    return new RawClient(socket);
  }

  /** SSLRequest, then TLS. */
  static async upgraded(port: number, ca: string): Promise<RawClient> {
    const client = await RawClient.plain(port);
    client.send(sslRequest());
    if ((await client.readBytes(1)).toString() !== "S") throw new Error("TLS was refused");
    await client.startTls(ca);
    return client;
  }

  async startTls(ca: string): Promise<void> {
    const plain = this.stream as Socket;
    plain.removeAllListeners("data");
    plain.removeAllListeners("end");
    plain.pause();
    const secure = connectTls({ socket: plain, servername: "localhost", ca });
    await once(secure, "secureConnect");
    this.stream = secure;
    this.#listen(secure);
  }

  send(...parts: readonly Uint8Array[]): void {
    this.stream.write(Buffer.concat(parts));
  }

  async readBytes(count: number): Promise<Buffer> {
    while (this.#buffered.length < count) {
      if (this.#ended) throw new Error(`connection ended after ${this.#buffered.length} of ${count} bytes`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const taken = this.#buffered.subarray(0, count);
    this.#buffered = this.#buffered.subarray(count);
    return taken;
  }

  async readMessage(): Promise<RawMessage> {
    const header = await this.readBytes(5);
    return { type: header.toString("latin1", 0, 1), body: await this.readBytes(header.readInt32BE(1) - 4) };
  }

  /** Everything up to the end of the connection. */
  async readToEnd(): Promise<Buffer> {
    while (!this.#ended) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#buffered;
  }

  /** The fields of the next message, an ErrorResponse, and that nothing follows it. */
  async readFatal(): Promise<Record<string, string>> {
    const { type, body } = await this.readMessage();
    if (type !== "E") throw new Error(`expected ErrorResponse, got ${type}`);
    const rest = await this.readToEnd();
    if (rest.length > 0) throw new Error(`${rest.length} bytes after the error`);
    return errorFields(body);
  }

  /** The whole start-up with SCRAM-SHA-256, to ReadyForQuery. */
  async authenticate(username: string, password: string, last: Uint8Array = Buffer.alloc(0)): Promise<RawMessage[]> {
    this.send(startupMessage({ user: username }));
    await this.finishAuthentication(password, last);
    const messages: RawMessage[] = [];
    while (messages.at(-1)?.type !== "Z") messages.push(await this.readMessage());
    return messages;
  }

  /** From AuthenticationSASL to AuthenticationSASLFinal; `last` goes out in one write with the last SASL message. */
  async finishAuthentication(password: string, last: Uint8Array = Buffer.alloc(0)): Promise<void> {
    await this.readMessage();
    const bare = `n=,r=${randomBytes(18).toString("base64")}`;
    this.send(saslInitialResponse("SCRAM-SHA-256", `n,,${bare}`));
    const serverFirst = (await this.readMessage()).body.toString("latin1", 4);
    const [, nonce = "", salt = "", iterations = ""] = /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(serverFirst) ?? [];
    const final = clientFinal("n,,", bare, serverFirst, nonce, salt, Number(iterations), password);
    this.send(saslResponse(final), last);
    const answer = await this.readMessage();
    if (answer.type !== "R") throw new Error(errorFields(answer.body)["M"]);
  }

  [Symbol.dispose](): void {
    this.stream.destroy();
  }

  #listen(stream: Duplex): void {
    stream.on("data", (chunk: Buffer) => {
      this.#buffered = Buffer.concat([this.#buffered, chunk]);
      this.#wake();
    });
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    stream.on("end", end);
    stream.on("close", end);
    stream.on("error", end);
  }
}

export function errorFields(body: Buffer): Record<string, string> {
  const fields = body.toString("utf8").split("\0").filter((field) => field !== "");
  return Object.fromEntries(fields.map((field) => [field.slice(0, 1), field.slice(1)]));
}

export function clientFinal(
  gs2Header: string,
  bare: string,
  serverFirst: string,
  nonce: string,
  saltText: string,
  iterations: number,
  password: string,
  binding: Uint8Array = Buffer.alloc(0),
): string {
  const hmac = (key: Uint8Array, text: string) => createHmac("sha256", key).update(text, "latin1").digest();
  const salted = pbkdf2Sync(password.normalize("NFKC"), Buffer.from(saltText, "base64"), iterations, 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest();
  const channel = Buffer.concat([Buffer.from(gs2Header), binding]).toString("base64");
  const withoutProof = `c=${channel},r=${nonce}`;
  const signature = hmac(storedKey, `${bare},${serverFirst},${withoutProof}`);
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))).toString("base64");
  return `${withoutProof},p=${proof}`;
}

export function untyped(code: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat([int32(code), ...parts]);
  return Buffer.concat([int32(body.length + 4), body]);
}

export function sslRequest(): Buffer {
  return untyped(80877103);
}

export function cancelRequest(processId: number, secretKey: Uint8Array): Buffer {
  return untyped(80877102, int32(processId), secretKey);
}

export function startupMessage(parameters: Readonly<Record<string, string>>, version = 3 << 16): Buffer {
  const texts = Object.entries(parameters).flatMap(([name, value]) => [name, value]).map((text) => `${text}\0`);
  return untyped(version, Buffer.from(`${texts.join("")}\0`));
}

export function typed(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

export function saslInitialResponse(mechanism: string, data: string): Buffer {
  const bytes = Buffer.from(data, "latin1");
  return typed("p", Buffer.from(`${mechanism}\0`), int32(bytes.length), bytes);
}

export function saslResponse(data: string): Buffer {
  return typed("p", Buffer.from(data, "latin1"));
}

export function query(text: string): Buffer {
  return typed("Q", Buffer.from(`${text}\0`));
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}
