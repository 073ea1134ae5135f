/** A PostgreSQL and an Eider with the tables of the generated statements. Gone at the end of the scope (`await using`). */
import { Postgres } from "../../support/postgres.ts";
import { TestProject } from "../../support/project.ts";
import { TestServer } from "../../support/server.ts";
import { connect, SqlClient } from "../../support/sql.ts";
import { prepare } from "./run.ts";

export class Sides {
  readonly reference: SqlClient;
  readonly client: SqlClient;
  readonly #postgres: Postgres;
  readonly #server: TestServer;

  private constructor(postgres: Postgres, server: TestServer, reference: SqlClient, client: SqlClient) {
    this.#postgres = postgres;
    this.#server = server;
    this.reference = reference;
    this.client = client;
  }

  /** Throws where no PostgreSQL is installed. */
  static async start(): Promise<Sides> {
    const postgres = await Postgres.start();
    if (postgres === null) throw new Error("no PostgreSQL server is installed");
    const server = await TestServer.start();
    const project = await TestProject.create(server.rest);
    const { hostname: host, port, user, database } = postgres.target;
    const reference = new SqlClient({ host, port, user, database });
    await reference.connect();
    const client = await connect(await project.workspace());
    await prepare(reference);
    await prepare(client);
    return new Sides(postgres, server, reference, client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
    await this.reference.end();
    await this.#server[Symbol.asyncDispose]();
    await this.#postgres[Symbol.asyncDispose]();
  }
}
