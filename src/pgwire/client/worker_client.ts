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

export interface ClientNotice {
  /** NOTICE, WARNING, … */
  readonly severity: string;
  readonly sqlstate: string;
  readonly message: string;
  readonly hint: string | null;
}

/** A statement whose rows somebody looks at: they come in slices, until there are enough. */
export interface ClientStatement {
  readonly sql: string;
  /** `truncated` tells that there were more. */
  readonly rowsMax: number;
  /** Of the values as text. */
  readonly bytesMax: number;
}

export interface ClientStatementResult extends ClientResult {
  readonly byteCount: number;
  readonly notices: readonly ClientNotice[];
  /** ReadyForQuery's: I, T (a transaction block is open) or E (it has failed). */
  readonly transactionStatus: string;
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
  byteCount: number;
  notices: ClientNotice[];
  transactionStatus: string;
  error: AppError | null;
}

/** Rows of one Execute: few, until their size is known, so that what is not wanted any more is little. */
const firstSliceRows = 32;
const sliceRowsMax = 2_000;
/** Notices kept of one statement; a loop may raise one a row. */
const noticesMax = 100;

type Waiting = { readonly resolve: (collected: Collected) => void; readonly reject: (error: unknown) => void };

export class WorkerClient {
  readonly #socket: Socket;
  readonly #framer = new MessageFramer({ messageBytesMax });
  readonly #writer = new MessageWriter();
  #collected = empty();
  #copyData = "";
  #waiting: Waiting | null = null;
  #ended: AppError | null = null;
  /** What is wanted of the statement that runs in slices. */
  #wanted: Pick<ClientStatement, "rowsMax" | "bytesMax"> | null = null;

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
      this.#describe();
      this.#execute(rowsMax);
      this.#sync();
    });
    if (error !== null) throw error;
    return result;
  }

  /**
   * Runs one statement and takes of its rows what is wanted. Throws the statement's error; the session stays usable, but for
   * COPY from or to the client, which ends it (`feature_not_supported`).
   */
  async run({ sql, rowsMax, bytesMax }: ClientStatement): Promise<ClientStatementResult> {
    this.#wanted = { rowsMax, bytesMax };
    try {
      const { error, ...result } = await this.#turn(() => {
        this.#parse(sql, []);
        this.#bind([]);
        this.#describe();
        this.#execute(Math.min(rowsMax + 1, firstSliceRows));
        this.#flushRequest();
      });
      if (error !== null) throw error;
      return result;
    } finally {
      this.#wanted = null;
    }
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

  #describe(): void {
    const start = this.#writer.begin(0x44);
    this.#writer.raw(Uint8Array.of(0x50, 0));
    this.#writer.end(start);
  }

  #execute(rowsMax: number): void {
    const start = this.#writer.begin(0x45);
    this.#writer.cstring("");
    this.#writer.int32(rowsMax);
    this.#writer.end(start);
  }

  #sync(): void {
    this.#writer.end(this.#writer.begin(0x53));
  }

  /** Asks for what has been answered so far, without ending the statement. */
  #flushRequest(): void {
    this.#writer.end(this.#writer.begin(0x48));
  }

  /** A slice has come and there are more rows. */
  #nextSlice(collected: Collected, { rowsMax, bytesMax }: Pick<ClientStatement, "rowsMax" | "bytesMax">): void {
    if (collected.truncated || collected.byteCount > bytesMax) this.#sync();
    else {
      const rowBytes = Math.max(1, collected.byteCount / collected.rows.length);
      const rowsThatFit = Math.ceil((bytesMax - collected.byteCount) / rowBytes) + 1;
      this.#execute(Math.min(rowsMax + 1 - collected.rows.length, sliceRowsMax, rowsThatFit));
      this.#flushRequest();
    }
    this.#flush();
  }

  #refuseCopy(): void {
    this.#end("COPY from or to the client is not possible here", "feature_not_supported");
    this.#socket.destroy();
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
        return this.#row(collected, body);
      case "C":
        collected.tag = body.cstring();
        return this.#endOfStatement();
      case "I":
        return this.#endOfStatement();
      case "G":
        return this.#wanted === null ? this.#sendCopyData() : this.#refuseCopy();
      case "H":
        return this.#wanted === null ? undefined : this.#refuseCopy();
      case "N":
        if (collected.notices.length < noticesMax) collected.notices.push(readNotice(body));
        return;
      case "s":
        if (this.#wanted !== null) return this.#nextSlice(collected, this.#wanted);
        collected.truncated = true;
        return;
      case "E":
        collected.error ??= readError(body);
        return this.#endOfStatement();
      case "Z": {
        collected.transactionStatus = String.fromCharCode(body.byte());
        const waiting = this.#waiting;
        this.#waiting = null;
        waiting?.resolve(collected);
        return;
      }
      default:
        // Parameter statuses, confirmations: nothing that a result needs.
        return;
    }
  }

  #row(collected: Collected, body: BodyReader): void {
    const wanted = this.#wanted;
    if (wanted !== null) {
      collected.byteCount += body.remaining;
      if (collected.rows.length >= wanted.rowsMax || collected.byteCount > wanted.bytesMax) {
        collected.truncated = true;
        return;
      }
    }
    collected.rows.push(Array.from({ length: body.int16() }, () => readValue(body)));
  }

  /** Of one that runs in slices: it was not known before which slice is the last. */
  #endOfStatement(): void {
    if (this.#wanted === null) return;
    this.#sync();
    this.#flush();
  }

  #end(reason: string, kind: "worker_lost" | "feature_not_supported" = "worker_lost"): void {
    this.#ended ??= this.#collected.error ?? new AppError(kind, reason);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(this.#ended);
  }
}

function empty(): Collected {
  return {
    columns: [],
    rows: [],
    truncated: false,
    tag: "",
    byteCount: 0,
    notices: [],
    transactionStatus: "I",
    error: null,
  };
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

function readFields(body: BodyReader): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  while (body.remaining > 1) fields.set(String.fromCharCode(body.byte()), body.cstring());
  return fields;
}

function readNotice(body: BodyReader): ClientNotice {
  const fields = readFields(body);
  return {
    severity: fields.get("S") ?? "NOTICE",
    sqlstate: fields.get("C") ?? "00000",
    message: fields.get("M") ?? "",
    hint: fields.get("H") ?? null,
  };
}

function readError(body: BodyReader): AppError {
  const fields = readFields(body);
  const hint = fields.get("H");
  const detail = fields.get("D");
  const position = Number(fields.get("P") ?? 0);
  return new AppError(kindOfSqlstate(fields.get("C") ?? ""), fields.get("M") ?? "the statement failed", {
    ...(hint === undefined ? {} : { hint }),
    ...(detail === undefined ? {} : { detail }),
    ...(position > 0 ? { position } : {}),
  });
}
