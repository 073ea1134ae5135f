/**
 * A PostgreSQL client that reads bytes and looks at nothing but message headers, so that a benchmark measures the server.
 * Plain TCP, or a worker's own socket; trust or SCRAM-SHA-256. One request at a time.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

export interface RawTarget {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
}

export interface Received {
  readonly rowCount: number;
  readonly byteCount: number;
  /** From the request to its first row, milliseconds. */
  readonly firstRowMs: number;
  readonly totalMs: number;
}

/** One system call for many rows. */
const receiveBytes = 1 << 20;
/** Bytes of a message's type and length. */
const headerBytes = 5;

const encoder = new TextEncoder();

export class RawClient {
  readonly #connection: Deno.Conn;
  #buffer = new Uint8Array(receiveBytes);
  #start = 0;
  #end = 0;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async connect(target: RawTarget): Promise<RawClient> {
    const connection = await Deno.connect({ hostname: target.hostname, port: target.port });
    connection.setNoDelay(true);
    const client = new RawClient(connection);
    const parameters = `user\0${target.user}\0database\0${target.database}\0\0`;
    try {
      await client.#send(frame(null, int32(196608), encoder.encode(parameters)));
      await client.#authenticate(target.password ?? "");
    } catch (error) {
      client.close();
      throw error;
    }
    return client;
  }

  /** A worker's socket, past the server: `sessionHeader` as `src/ipc/messages.ts` describes, nothing to authenticate. */
  static async connectWorker(path: string, sessionHeader: Uint8Array): Promise<RawClient> {
    const client = new RawClient(await Deno.connect({ transport: "unix", path }));
    await client.#send(sessionHeader);
    await client.#authenticate("");
    return client;
  }

  /** Simple query: text results. */
  query(sql: string): Promise<Received> {
    return this.request(simpleQuery(sql));
  }

  /** Extended query; `binary` asks for binary results. */
  extended(sql: string, binary: boolean): Promise<Received> {
    return this.request(extendedQuery(sql, binary));
  }

  /** Sends messages and reads up to ReadyForQuery. Throws with the server's error when there was one. */
  async request(messages: Uint8Array): Promise<Received> {
    const startMs = performance.now();
    await this.#send(messages);
    let rowCount = 0;
    let byteCount = 0;
    let firstRowMs = 0;
    let failure: string | null = null;
    for (;;) {
      // The loop over rows is synchronous and makes no object: it must cost little beside either server.
      const buffer = this.#buffer;
      const end = this.#end;
      let position = this.#start;
      let ready = false;
      while (end - position >= headerBytes) {
        const length = 1 + messageLength(buffer, position);
        if (end - position < length) break;
        const type = buffer[position];
        if (type === 0x44) {
          if (rowCount === 0) firstRowMs = performance.now() - startMs;
          rowCount++;
        } else if (type === 0x45) {
          failure ??= new TextDecoder().decode(buffer.subarray(position + headerBytes, position + length));
        } else if (type === 0x5a) {
          ready = true;
        }
        byteCount += length;
        position += length;
      }
      this.#start = position;
      if (ready) {
        if (failure !== null) throw new Error(failure.replaceAll("\0", " "));
        return { rowCount, byteCount, firstRowMs, totalMs: performance.now() - startMs };
      }
      await this.#receive();
    }
  }

  close(): void {
    this.#connection.close();
  }

  async #authenticate(password: string): Promise<void> {
    let clientFirst = "";
    let serverSignature = "";
    for (;;) {
      const message = await this.#next();
      const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
      if (message[0] === 0x45) throw new Error(new TextDecoder().decode(message).replaceAll("\0", " "));
      if (message[0] === 0x5a) return;
      if (message[0] !== 0x52) continue;
      const body = new TextDecoder().decode(message.subarray(9));
      const kind = view.getInt32(5);
      if (kind === 10) {
        clientFirst = `n=,r=${randomBytes(18).toString("base64")}`;
        const initial = encoder.encode(`n,,${clientFirst}`);
        await this.#send(frame("p", cstring("SCRAM-SHA-256"), int32(initial.length), initial));
      } else if (kind === 11) {
        const fields = new Map(body.split(",").map((field) => [field[0], field.slice(2)]));
        const salted = pbkdf2Sync(password, fromBase64(fields.get("s")), Number(fields.get("i")), 32, "sha256");
        const clientKey = createHmac("sha256", salted).update("Client Key").digest();
        const stored = createHash("sha256").update(clientKey).digest();
        const withoutProof = `c=biws,r=${fields.get("r")}`;
        const authMessage = `${clientFirst},${body},${withoutProof}`;
        const signature = createHmac("sha256", stored).update(authMessage).digest();
        const proof = clientKey.map((byte, index) => byte ^ (signature[index] ?? 0));
        const serverKey = createHmac("sha256", salted).update("Server Key").digest();
        serverSignature = createHmac("sha256", serverKey).update(authMessage).digest("base64");
        await this.#send(frame("p", encoder.encode(`${withoutProof},p=${base64(proof)}`)));
      } else if (kind === 12 && body !== `v=${serverSignature}`) {
        throw new Error("the server does not know the password");
      }
    }
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) offset += await this.#connection.write(bytes.subarray(offset));
  }

  /** The next whole message; valid until the next call. */
  async #next(): Promise<Uint8Array> {
    for (;;) {
      if (this.#end - this.#start >= headerBytes) {
        const length = 1 + messageLength(this.#buffer, this.#start);
        if (this.#end - this.#start >= length) {
          const message = this.#buffer.subarray(this.#start, this.#start + length);
          this.#start += length;
          return message;
        }
      }
      await this.#receive();
    }
  }

  /** Reads once, behind the part of a message that is there already. */
  async #receive(): Promise<void> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    if (this.#end === this.#buffer.length) {
      const grown = new Uint8Array(this.#buffer.length * 2);
      grown.set(this.#buffer);
      this.#buffer = grown;
    }
    const count = await this.#connection.read(this.#buffer.subarray(this.#end));
    if (count === null) throw new Error("the server closed the connection");
    this.#end += count;
  }
}

/** A Query message. */
export function simpleQuery(sql: string): Uint8Array {
  return frame("Q", cstring(sql));
}

/** Parse, Bind, Execute and Sync of the unnamed statement. */
export function extendedQuery(sql: string, binary: boolean): Uint8Array {
  return concatenate([parse("", sql), bindExecuteSync("", binary)]);
}

/** Parse of a named statement, with Sync. */
export function prepareStatement(name: string, sql: string): Uint8Array {
  return concatenate([parse(name, sql), frame("S")]);
}

/** Bind, Execute and Sync of a statement that was prepared before. */
export function bindExecuteSync(name: string, binary: boolean): Uint8Array {
  return concatenate([
    frame("B", cstring(""), cstring(name), int16(0), int16(0), int16(1), int16(binary ? 1 : 0)),
    frame("E", cstring(""), int32(0)),
    frame("S"),
  ]);
}

function parse(name: string, sql: string): Uint8Array {
  return frame("P", cstring(name), cstring(sql), int16(0));
}

/** The length field of the message at `position`, which counts itself but not the type. */
function messageLength(buffer: Uint8Array, position: number): number {
  return buffer[position + 1]! << 24 | buffer[position + 2]! << 16 | buffer[position + 3]! << 8 | buffer[position + 4]!;
}

function fromBase64(text: string | undefined): Uint8Array {
  return Uint8Array.from(atob(text ?? ""), (character) => character.charCodeAt(0));
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function int16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8 & 255, value & 255);
}

function int32(value: number): Uint8Array {
  return Uint8Array.of(value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255);
}

function cstring(text: string): Uint8Array {
  return encoder.encode(`${text}\0`);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** A message: type byte (none at start-up), length with itself, parts. */
function frame(type: string | null, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatenate(parts);
  const head = type === null ? new Uint8Array(0) : encoder.encode(type);
  return concatenate([head, int32(body.length + 4), body]);
}
