/**
 * The server as a client of its own workers: one PostgreSQL session over the socket that the supervisor opens, so that what the server
 * runs for a dashboard passes the same policy, limits, timeouts and statement events as any analyst's session.
 *
 * Assumes a session that is authenticated already (the worker speaks from AuthenticationOk on) and one statement at a time.
 */
import type { Socket } from "node:net";
import { AppError } from "../../errors/app_error.ts";
import { kindOfSqlstate } from "../../errors/kind_of_sqlstate.ts";
import { BodyReader } from "../codec/body_reader.ts";
import { MessageFramer } from "../codec/framer.ts";
import { MessageWriter } from "../codec/message_writer.ts";

/** One message of a result is at most this: a row of a panel, not a data load. */
const messageBytesMax = 64 * 1024 * 1024;

const copyChunkBytes = 64 * 1024;

export interface ClientColumn {
  readonly name: string;
  readonly typeOid: number;
}

export interface ClientParameter {
  /** PostgreSQL's text format; null is NULL. */
  readonly value: string | null;
  /** 0 = as the statement's context wants it. */
  readonly typeOid: number;
}

export interface ClientQuery {
  readonly sql: string;
  readonly parameters: readonly ClientParameter[];
  /** Rows to ask for; `truncated` tells that there were more. */
  readonly rowsMax: number;
}

export interface ClientResult {
  readonly columns: readonly ClientColumn[];
  /** PostgreSQL's text format. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly truncated: boolean;
  readonly tag: string;
}

interface Collected {
  columns: ClientColumn[];
  rows: (string | null)[][];
  truncated: boolean;
  tag: string;
  error: AppError | null;
}

type Waiting = { readonly resolve: (collected: Collected) => void; readonly reject: (error: unknown) => void };

export class WorkerClient {
  readonly #socket: Socket;
  readonly #framer = new MessageFramer({ messageBytesMax });
  readonly #writer = new MessageWriter();
  #collected = empty();
  #copyData = "";
  #waiting: Waiting | null = null;
  #ended: AppError | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("error", (error) => this.#end(`the worker's connection failed: ${error.message}`));
    socket.on("close", () => this.#end("the worker closed the session"));
  }

  /** Resolves when the session is ready. Throws what the worker says against it, or `worker_lost`. */
  static async open(socket: Socket): Promise<WorkerClient> {
    const client = new WorkerClient(socket);
    const { error } = await client.#turn(() => undefined);
    if (error !== null) throw error;
    return client;
  }

  /** Runs one statement by the extended protocol. Throws the statement's error; the session stays usable. */
  async query({ sql, parameters, rowsMax }: ClientQuery): Promise<ClientResult> {
    const { error, ...result } = await this.#turn(() => {
      this.#parse(sql, parameters);
      this.#bind(parameters);
      const describe = this.#writer.begin(0x44);
      this.#writer.raw(Uint8Array.of(0x50, 0));
      this.#writer.end(describe);
      const execute = this.#writer.begin(0x45);
      this.#writer.cstring("");
      this.#writer.int32(rowsMax);
      this.#writer.end(execute);
      this.#writer.end(this.#writer.begin(0x53));
    });
    if (error !== null) throw error;
    return result;
  }

  /** Loads rows in COPY's text format, each ended by a line feed. Throws the statement's error. */
  async copyIn(sql: string, rows: string): Promise<{ readonly tag: string }> {
    this.#copyData = rows;
    const { error, tag } = await this.#turn(() => {
      const start = this.#writer.begin(0x51);
      this.#writer.cstring(sql);
      this.#writer.end(start);
    });
    this.#copyData = "";
    if (error !== null) throw error;
    return { tag };
  }

  #sendCopyData(): void {
    const bytes = new TextEncoder().encode(this.#copyData);
    for (let position = 0; position < bytes.length; position += copyChunkBytes) {
      const start = this.#writer.begin(0x64);
      this.#writer.raw(bytes.subarray(position, position + copyChunkBytes));
      this.#writer.end(start);
    }
    this.#writer.end(this.#writer.begin(0x63));
    this.#flush();
  }

  /** Ends the session. */
  close(): void {
    if (this.#ended === null) {
      this.#writer.end(this.#writer.begin(0x58));
      this.#flush();
    }
    this.#socket.end();
  }

  /** Leaves at once, also in the middle of a statement, which the worker then cancels. */
  abandon(): void {
    this.#end("the session was left");
    this.#socket.destroy();
  }

  #turn(write: () => void): Promise<Collected> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (this.#waiting !== null) return Promise.reject(new AppError("internal", "a statement of this session runs"));
    const { promise, resolve, reject } = Promise.withResolvers<Collected>();
    this.#waiting = { resolve, reject };
    this.#collected = empty();
    write();
    this.#flush();
    return promise;
  }

  #parse(sql: string, parameters: readonly ClientParameter[]): void {
    const writer = this.#writer;
    const start = writer.begin(0x50);
    writer.cstring("");
    writer.cstring(sql);
    writer.int16(parameters.length);
    for (const { typeOid } of parameters) writer.int32(typeOid);
    writer.end(start);
  }

  #bind(parameters: readonly ClientParameter[]): void {
    const writer = this.#writer;
    const start = writer.begin(0x42);
    writer.cstring("");
    writer.cstring("");
    writer.int16(0);
    writer.int16(parameters.length);
    for (const { value } of parameters) {
      if (value === null) {
        writer.int32(-1);
        continue;
      }
      const bytes = new TextEncoder().encode(value);
      writer.int32(bytes.length);
      writer.raw(bytes);
    }
    writer.int16(0);
    writer.end(start);
  }

  #flush(): void {
    if (this.#writer.length > 0) this.#socket.write(this.#writer.take());
  }

  #receive(chunk: Uint8Array): void {
    try {
      this.#framer.push(chunk, (type, body) => this.#message(String.fromCharCode(type), new BodyReader(body)));
    } catch (error) {
      this.#end(`the worker's answer cannot be read: ${String(error)}`);
      this.#socket.destroy();
    }
  }

  #message(type: string, body: BodyReader): void {
    const collected = this.#collected;
    switch (type) {
      case "T":
        collected.columns = Array.from({ length: body.int16() }, () => readColumn(body));
        return;
      case "D":
        collected.rows.push(Array.from({ length: body.int16() }, () => readValue(body)));
        return;
      case "C":
        collected.tag = body.cstring();
        return;
      case "G":
        return this.#sendCopyData();
      case "s":
        collected.truncated = true;
        return;
      case "E":
        collected.error ??= readError(body);
        return;
      case "Z": {
        const waiting = this.#waiting;
        this.#waiting = null;
        waiting?.resolve(collected);
        return;
      }
      default:
        // Notices, parameter statuses, confirmations: nothing that a result needs.
        return;
    }
  }

  #end(reason: string): void {
    this.#ended ??= this.#collected.error ?? new AppError("worker_lost", reason);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#ended);
  }
}

function empty(): Collected {
  return { columns: [], rows: [], truncated: false, tag: "", error: null };
}

function readColumn(body: BodyReader): ClientColumn {
  const name = body.cstring();
  body.bytes(6); // the table's OID and the attribute's number
  const typeOid = body.uint32();
  body.bytes(8); // size, modifier, format
  return { name, typeOid };
}

function readValue(body: BodyReader): string | null {
  const length = body.int32();
  return length < 0 ? null : new TextDecoder().decode(body.bytes(length));
}

function readError(body: BodyReader): AppError {
  const fields = new Map<string, string>();
  while (body.remaining > 1) fields.set(String.fromCharCode(body.byte()), body.cstring());
  const hint = fields.get("H");
  const position = Number(fields.get("P") ?? 0);
  return new AppError(kindOfSqlstate(fields.get("C") ?? ""), fields.get("M") ?? "the statement failed", {
    ...(hint === undefined ? {} : { hint }),
    ...(position > 0 ? { position } : {}),
  });
}
