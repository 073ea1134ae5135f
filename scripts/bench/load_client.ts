/**
 * One client of the load test: a loop over mixed statements, each of which checks its answer. It remembers what the server
 * acknowledged, so that the end of the test can look for it.
 */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { WorkspaceAnswer } from "../../tests/support/rest.ts";
import type { TestServer } from "../../tests/support/server.ts";
import { clientConfig, connect, SqlClient } from "../../tests/support/sql.ts";
import { frontend, WireClient } from "../../tests/support/wire.ts";
import type { Latencies } from "./latencies.ts";
import { customerCount, feedRows, orderCount, priceRows } from "./load_data.ts";

/** Time a statement that is to be cancelled runs first. */
const beforeCancelMs = 50;
/** Between two requests to cancel the same statement. */
const cancelPatienceMs = 2_000;
const cancelAttemptsMax = 10;

export const ledgerDdl = "create table ledger (client integer, entry integer)";

/** Entries of one client: each number is used once. */
export interface Ledger {
  readonly client: number;
  /** The server said that they are committed. */
  readonly acknowledged: Set<number>;
  /** Rolled back: they must not be there. */
  readonly rolledBack: Set<number>;
}

export class LoadClient {
  readonly ledger: Ledger;
  readonly workspace: WorkspaceAnswer;
  readonly #server: TestServer;
  readonly #latencies: Latencies;
  readonly #random: () => number;
  /** Requests to cancel that had no effect in time. */
  cancelsRepeated = 0;
  #nextEntry = 0;
  #feedSeen = 0;
  #client: SqlClient | null = null;

  constructor(
    number: number,
    server: TestServer,
    workspace: WorkspaceAnswer,
    latencies: Latencies,
    random: () => number,
  ) {
    this.ledger = { client: number, acknowledged: new Set(), rolledBack: new Set() };
    this.#server = server;
    this.workspace = workspace;
    this.#latencies = latencies;
    this.#random = random;
  }

  async run(hasTime: () => boolean): Promise<void> {
    const operations = this.#operations();
    const weightSum = operations.reduce((sum, { weight }) => sum + weight, 0);
    while (hasTime()) {
      let pick = this.#random() * weightSum;
      const operation = operations.find(({ weight }) => (pick -= weight) < 0) ?? operations[0]!;
      const worked = await this.#latencies.measure(operation.name, () => operation.run());
      if (!worked) await this.#disconnect();
    }
    await this.#disconnect();
  }

  #operations(): { readonly name: string; readonly weight: number; readonly run: () => Promise<void> }[] {
    return [
      { name: "select 1", weight: 20, run: () => this.#selectOne() },
      { name: "select with a parameter", weight: 20, run: () => this.#lookUp() },
      { name: "aggregate", weight: 10, run: () => this.#aggregate() },
      { name: "read of a table under import", weight: 10, run: () => this.#readImported() },
      { name: "1,000 rows", weight: 5, run: () => this.#rows() },
      { name: "insert", weight: 15, run: () => this.#insert() },
      { name: "transaction, committed", weight: 5, run: () => this.#transaction(true) },
      { name: "transaction, rolled back", weight: 3, run: () => this.#transaction(false) },
      { name: "error", weight: 5, run: () => this.#error() },
      { name: `cancel after ${beforeCancelMs} ms`, weight: 1, run: () => this.#cancel() },
      { name: "disconnect in the middle of a result", weight: 1, run: () => this.#vanish() },
      { name: "reconnect", weight: 2, run: () => this.#reconnect() },
    ];
  }

  async #session(): Promise<SqlClient> {
    this.#client ??= await connect(this.workspace, { port: this.#server.pgPort });
    return this.#client;
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  async #reconnect(): Promise<void> {
    await this.#disconnect();
    await this.#session();
  }

  async #selectOne(): Promise<void> {
    equal(await (await this.#session()).value("select 1"), 1);
  }

  async #lookUp(): Promise<void> {
    const id = 1 + Math.floor(this.#random() * customerCount);
    equal(
      await (await this.#session()).value("select name from in_c_load.customers where id = $1", [id]),
      `customer ${id}`,
    );
  }

  async #aggregate(): Promise<void> {
    const rows = await (await this.#session()).rowsOf(
      "select customer_id, count(*), sum(amount) from in_c_load.orders group by customer_id order by customer_id",
    );
    equal(rows.length, customerCount);
    equal(rows.reduce((sum, row) => sum + Number(row[1]), 0), orderCount);
  }

  async #readImported(): Promise<void> {
    const session = await this.#session();
    const feed = Number(await session.value("select count(*) from in_c_load.feed"));
    equal(feed % feedRows, 0, `feed has ${feed} rows: half an import`);
    ok(feed >= this.#feedSeen, `feed went from ${this.#feedSeen} rows to ${feed}`);
    this.#feedSeen = feed;
    const [prices] = await session.rowsOf(
      "select count(*)::int, count(distinct generation)::int from in_c_load.prices",
    );
    deepEqual(prices, [priceRows, 1]);
  }

  async #rows(): Promise<void> {
    equal((await (await this.#session()).rowsOf("select * from in_c_load.orders limit 1000")).length, 1000);
  }

  async #insert(): Promise<void> {
    const session = await this.#session();
    const entry = this.#nextEntry++;
    await session.query("insert into ledger values ($1, $2)", [this.ledger.client, entry]);
    this.ledger.acknowledged.add(entry);
  }

  async #transaction(commit: boolean): Promise<void> {
    const session = await this.#session();
    const entries = [this.#nextEntry++, this.#nextEntry++];
    await session.query("begin");
    for (const entry of entries) {
      await session.query("insert into ledger values ($1, $2)", [this.ledger.client, entry]);
    }
    if (!commit) { for (const entry of entries) this.ledger.rolledBack.add(entry); }
    await session.query(commit ? "commit" : "rollback");
    if (commit) { for (const entry of entries) this.ledger.acknowledged.add(entry); }
  }

  async #error(): Promise<void> {
    const session = await this.#session();
    await rejects(session.query("select nope from in_c_load.orders"), { code: "42703" });
    equal(await session.value("select 2"), 2);
  }

  /** On a connection of its own, as the secret key is not in `pg`'s interface. */
  async #cancel(): Promise<void> {
    using client = await WireClient.connect(this.workspace, { port: this.#server.pgPort });
    client.send(frontend.query("select count(*) from range(100000000000)"));
    await new Promise((resolve) => setTimeout(resolve, beforeCancelMs));
    const answer = client.readUntil("Z");
    // A request that arrives before its statement does nothing, in PostgreSQL too: ask again, and count that.
    for (let attempt = 1; attempt <= cancelAttemptsMax; attempt++) {
      using canceller = await WireClient.open(this.#server.pgPort);
      canceller.send(frontend.cancelRequest(client.processId, client.secret));
      if (await settledWithin(answer, cancelPatienceMs)) break;
      this.cancelsRepeated += 1;
    }
    const error = (await answer).find(({ type }) => type === "E");
    ok(error?.body.includes("C57014\0") === true, "the statement was not cancelled");
    client.send(frontend.terminate());
    await client.readToEnd();
  }

  async #vanish(): Promise<void> {
    using client = await WireClient.connect(this.workspace, { port: this.#server.pgPort, tls: "upgrade" });
    client.send(frontend.query("select o.* from in_c_load.orders o, range(100)"));
    for (let message = await client.expectMessage(); message.type !== "D"; message = await client.expectMessage()) {
      equal(message.type, "T");
    }
  }
}

async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), timeoutMs));
  const settled = await Promise.race([promise.then(() => true, () => true), late]);
  clearTimeout(timer);
  return settled;
}

/** Compares a workspace's ledger with what its clients were told; gives one line a fault. */
export async function checkLedgers(server: TestServer, clients: readonly LoadClient[]): Promise<string[]> {
  const faults: string[] = [];
  const [first] = clients;
  if (first === undefined) return faults;
  const session = new SqlClient(clientConfig(first.workspace, { port: server.pgPort }));
  await session.connect();
  const counts = new Map<string, number>();
  for (
    const [client, entry, count] of await session.rowsOf("select client, entry, count(*) from ledger group by all")
  ) {
    counts.set(`${client} ${entry}`, Number(count));
  }
  await session.end();
  for (const { ledger } of clients) {
    for (const entry of ledger.acknowledged) {
      const count = counts.get(`${ledger.client} ${entry}`) ?? 0;
      if (count !== 1) faults.push(`client ${ledger.client}, entry ${entry}: acknowledged, and there ${count} times`);
    }
    for (const entry of ledger.rolledBack) {
      if (counts.has(`${ledger.client} ${entry}`)) {
        faults.push(`client ${ledger.client}, entry ${entry}: rolled back, and there`);
      }
    }
  }
  return faults;
}
