/**
 * The kept rows of the emulated catalog (`sql/catalog/memo`). What a definition or data may have changed is read again before the next statement that
 * needs it.
 *
 * Sessions share what is committed. One that sees something else, its own uncommitted changes, its temporary objects or a fixed snapshot, has rows of
 * its own, read on its own connection.
 *
 * Invariants: shared rows were read after the change whose number they bear, by a connection that was in no transaction; a session's own rows are of
 * the state that it named. Rows are replaced, never changed: whoever reads them keeps those that it began with.
 */
import duckdb, { type PreparedStatement } from "@duckdb/node-bindings";
import type { CatalogMemo, FoundMemo, MakerView, MemoChange } from "../../sql/catalog/memo/types.ts";
import { type Connection, readRows } from "../duckdb.ts";
import { keepRows, type KeptRows } from "./kept_rows.ts";
import { keepMadeRows } from "./made_rows.ts";

/** What was changed: functions, types, schemas or the project, and perhaps other definitions; other definitions and perhaps data; or data alone. */
export type CatalogChange = "routines" | "definitions" | "data";

/** How often each was. */
export interface ChangeCounts {
  readonly routines: number;
  readonly definitions: number;
  readonly data: number;
}

export const noChanges: ChangeCounts = { routines: 0, definitions: 0, data: 0 };

export function withChange(counts: ChangeCounts, what: CatalogChange): ChangeCounts {
  const { routines, definitions, data } = counts;
  return {
    routines: routines + (what === "routines" ? 1 : 0),
    definitions: definitions + (what === "data" ? 0 : 1),
    data: data + (what === "data" ? 1 : 0),
  };
}

/** What a session sees that others do not. */
export interface OwnState {
  /** Another one whenever the session may see something else without having changed it: its transaction. */
  readonly snapshot: string;
  /** What the session has changed. */
  readonly changes: ChangeCounts;
}

/** Who needs rows. */
export interface MemoReader {
  readonly processId: number;
  readonly username: string;
  /** The session's connection; it is free. */
  readonly connection: Connection;
  /** null when the session sees what is committed. */
  readonly ownState: OwnState | null;
}

/** A connection that sees what is committed, as the user's sessions do. */
export interface SharedReader {
  readonly connection: Connection;
  readonly processId: number;
  close(): void;
}

interface Kept {
  readonly state: string;
  readonly rows: KeptRows | null;
  /** What a memo without rows found. */
  readonly found: unknown;
}

type KeptByKey = Map<string, Kept>;

const unchanging = "";

function stateOf(changes: MemoChange, counts: ChangeCounts): string {
  switch (changes) {
    case "never":
      return unchanging;
    case "routines":
      return String(counts.routines);
    case "definitions":
      return String(counts.definitions);
    case "data":
    case "always":
      return `${counts.definitions}/${counts.data}`;
    default: {
      const never: never = changes;
      throw new Error(`unknown change ${never}`);
    }
  }
}

/** A workspace has one user; after new credentials the old one's sessions may still be open. */
const usersMax = 4;

export class CatalogMemos {
  readonly #database: () => string;
  readonly #openShared: (username: string) => Promise<SharedReader>;
  #counts = noChanges;
  readonly #shared = new Map<string, SharedRows>();
  readonly #sessions = new Map<number, { readonly shared: KeptByKey; readonly own: KeptByKey | null }>();
  readonly #own = new Map<number, { readonly snapshot: string; readonly kept: KeptByKey }>();

  /** `database` is the workspace's own. */
  constructor(database: () => string, openShared: (username: string) => Promise<SharedReader>) {
    this.#database = database;
    this.#openShared = openShared;
  }

  /** Call after a change has been committed or undone, before whoever made it hears of it. */
  changed(what: CatalogChange): void {
    this.#counts = withChange(this.#counts, what);
  }

  /** Reads what is missing or too old. `memos` stand after those that they read. */
  async ensure(memos: readonly CatalogMemo[], reader: MemoReader): Promise<void> {
    const shared = this.#sharedOf(reader.username);
    const { ownState } = reader;
    const own = ownState === null ? null : this.#ownOf(reader.processId, ownState.snapshot);
    if (own === null) this.#own.delete(reader.processId);
    this.#sessions.set(reader.processId, { shared: shared.kept, own });
    const isOwn = (memo: CatalogMemo) => own !== null && memo.changes !== "never";
    await shared.ensure(memos.filter((memo) => !isOwn(memo)), () => this.#counts);
    if (own === null || ownState === null) return;
    const find = (key: string) => own.get(key) ?? shared.kept.get(key);
    const view = makerView(reader.username, this.#database(), find);
    // What others change may be seen, too, where no snapshot is fixed.
    const counts = this.#counts;
    const stateNow = (changes: MemoChange) => `${stateOf(changes, ownState.changes)} ${stateOf(changes, counts)}`;
    for (const memo of memos.filter(isOwn)) {
      const state = stateNow(memo.changes);
      if (memo.changes !== "always" && own.get(memo.key)?.state === state) continue;
      const kept = make(memo, view) ?? await readOnce(memo as QueryMemo, reader.connection);
      own.set(memo.key, { ...kept, state });
    }
  }

  /** The rows as a session sees them; undefined when it never asked for them. */
  rowsOf(processId: number, key: string): KeptRows | undefined {
    return this.#find(processId, key)?.rows ?? undefined;
  }

  /** What a memo without rows found. */
  foundFor<Found>(processId: number, memo: FoundMemo<Found>): Found {
    const kept = this.#find(processId, memo.key);
    if (kept === undefined) throw new Error(`${memo.key} was not read`);
    return kept.found as Found;
  }

  /** Nobody of this name will come; what never changes is kept for the others. */
  async forgetUser(username: string): Promise<void> {
    await this.#shared.get(username)?.rest();
  }

  /** A session has ended. */
  forget(processId: number): void {
    this.#sessions.delete(processId);
    this.#own.delete(processId);
  }

  /** Waits for what is being read. */
  async close(): Promise<void> {
    await Promise.all([...this.#shared.values()].map((shared) => shared.close()));
    this.#shared.clear();
  }

  #find(processId: number, key: string): Kept | undefined {
    const session = this.#sessions.get(processId);
    return session?.own?.get(key) ?? session?.shared.get(key);
  }

  #ownOf(processId: number, snapshot: string): KeptByKey {
    const before = this.#own.get(processId);
    if (before?.snapshot === snapshot) return before.kept;
    const kept: KeptByKey = new Map();
    this.#own.set(processId, { snapshot, kept });
    return kept;
  }

  #sharedOf(username: string): SharedRows {
    const before = this.#shared.get(username);
    const shared = before ??
      new SharedRows(
        username,
        this.#database(),
        [...this.#shared.values()].at(-1)?.unchanging() ?? [],
        this.#openShared,
        (processId, kept) => this.#sessions.set(processId, { shared: kept, own: null }),
      );
    this.#shared.delete(username);
    this.#shared.set(username, shared);
    if (this.#shared.size > usersMax) {
      const [oldest, rows] = this.#shared.entries().next().value!;
      this.#shared.delete(oldest);
      void rows.close();
    }
    return shared;
  }
}

/** What all sessions of a user share. One read at a time, so that what a query reads of others is there. */
class SharedRows {
  readonly kept: KeptByKey;
  readonly #username: string;
  readonly #view: MakerView;
  readonly #open: (username: string) => Promise<SharedReader>;
  readonly #opened: (processId: number, kept: KeptByKey) => void;
  /** Planned once: what the queries read comes and goes without their plan becoming another one. */
  readonly #prepared = new Map<string, PreparedStatement>();
  #reader: SharedReader | null = null;
  #closed = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** `unchanging` is what another user's rows are that never change. */
  constructor(
    username: string,
    database: string,
    unchanging: readonly (readonly [key: string, kept: Kept])[],
    open: (username: string) => Promise<SharedReader>,
    opened: (processId: number, kept: KeptByKey) => void,
  ) {
    this.kept = new Map(unchanging);
    this.#username = username;
    this.#view = makerView(username, database, (key) => this.kept.get(key));
    this.#open = open;
    this.#opened = opened;
  }

  /** `memos` stand after those that they read. */
  async ensure(memos: readonly CatalogMemo[], countsNow: () => ChangeCounts): Promise<void> {
    const isCurrent = (memo: CatalogMemo, counts: ChangeCounts) =>
      memo.changes !== "always" && this.kept.get(memo.key)?.state === stateOf(memo.changes, counts);
    const before = countsNow();
    if (memos.every((memo) => isCurrent(memo, before))) return;
    await this.#exclusive(async () => {
      // Once, before all queries: a change that comes while they run makes too old what they read, and what is made of it.
      const counts = countsNow();
      for (const memo of memos) {
        if (isCurrent(memo, counts)) continue;
        const kept = make(memo, this.#view) ?? await this.#read(memo as QueryMemo);
        this.kept.set(memo.key, { ...kept, state: stateOf(memo.changes, counts) });
      }
    });
  }

  /** Rows that never change are no user's. */
  unchanging(): readonly (readonly [key: string, kept: Kept])[] {
    return [...this.kept].filter(([, { state }]) => state === unchanging);
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.rest();
  }

  /** Closes what it reads with; it is opened again when somebody asks. */
  rest(): Promise<void> {
    return this.#exclusive(() => {
      for (const statement of this.#prepared.values()) duckdb.destroy_prepare_sync(statement);
      this.#prepared.clear();
      this.#reader?.close();
      this.#reader = null;
      return Promise.resolve();
    });
  }

  async #read(memo: QueryMemo): Promise<Kept> {
    if (this.#closed) throw new Error("the catalog is closed");
    if (this.#reader === null) {
      this.#reader = await this.#open(this.#username);
      this.#opened(this.#reader.processId, this.kept);
    }
    let statement = this.#prepared.get(memo.key);
    if (statement === undefined) {
      statement = await duckdb.prepare(this.#reader.connection, memo.sql);
      this.#prepared.set(memo.key, statement);
    }
    return await readPrepared(memo, statement);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work, work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

type QueryMemo = Extract<CatalogMemo, { readonly sql: string }>;

/** null for a memo whose rows a query gives. */
function make(memo: CatalogMemo, view: MakerView): Kept | null {
  switch (memo.kind) {
    case "made":
      return { state: "", rows: null, found: memo.make(view) };
    case "made_rows":
      return { state: "", rows: keepMadeRows(memo, memo.make(view)), found: null };
    case "rows":
    case "lookup":
      return null;
    default: {
      const never: never = memo;
      throw new Error(`unknown memo ${JSON.stringify(never)}`);
    }
  }
}

function makerView(username: string, database: string, find: (key: string) => Kept | undefined): MakerView {
  return {
    username,
    database,
    lookUp: <Found>(memo: FoundMemo<Found>) => {
      const kept = find(memo.key);
      if (kept === undefined) throw new Error(`${memo.key} was not read`);
      return kept.found as Found;
    },
  };
}

async function readOnce(memo: QueryMemo, connection: Connection): Promise<Kept> {
  const statement = await duckdb.prepare(connection, memo.sql);
  try {
    return await readPrepared(memo, statement);
  } finally {
    duckdb.destroy_prepare_sync(statement);
  }
}

async function readPrepared(memo: QueryMemo, statement: PreparedStatement): Promise<Kept> {
  const result = await duckdb.execute_prepared(statement);
  if (memo.kind === "rows") return { state: "", rows: keepRows(result), found: null };
  return { state: "", rows: null, found: memo.build(await readRows(result)) };
}
