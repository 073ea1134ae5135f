/**
 * The load test's project: tables that stay, tables that are imported again and again meanwhile, and what must hold for a
 * reader at any moment.
 */
import type { TestProject } from "../../tests/support/project.ts";
import type { Latencies } from "./latencies.ts";

export const bucket = "in.c-load";
export const customerCount = 200;
export const orderCount = 20_000;
/** Rows of one append: a reader sees all of them or none. */
export const feedRows = 1_000;
/** Rows of `prices`, all of one generation. */
export const priceRows = 2_000;

export async function makeTables(project: TestProject): Promise<void> {
  await project.bucket(bucket);
  let customers = "id,name\n";
  for (let id = 1; id <= customerCount; id++) customers += `${id},customer ${id}\n`;
  await project.import(`${bucket}.customers`, customers);
  let orders = "id,customer_id,amount,note\n";
  for (let id = 1; id <= orderCount; id++) {
    orders += `${id},${1 + id % customerCount},${(id / 4).toFixed(2)},a note about order ${id}\n`;
  }
  await project.import(`${bucket}.orders`, orders);
  await project.import(`${bucket}.feed`, feedCsv(0));
  await project.import(`${bucket}.prices`, pricesCsv(0));
}

/** Imports until told to stop, one after the other. */
export class Importers {
  readonly #project: TestProject;
  readonly #latencies: Latencies;
  /** Acknowledged imports into `feed`, with the first. */
  feedImports = 1;

  constructor(project: TestProject, latencies: Latencies) {
    this.#project = project;
    this.#latencies = latencies;
  }

  async run(hasTime: () => boolean): Promise<void> {
    await Promise.all([this.#append(hasTime), this.#replace(hasTime)]);
  }

  async #append(hasTime: () => boolean): Promise<void> {
    for (let number = 1; hasTime(); number++) {
      const done = await this.#latencies.measure("REST import, append", async () => {
        await this.#project.import(`${bucket}.feed`, feedCsv(number), { mode: "append" });
      });
      if (done) this.feedImports += 1;
    }
  }

  async #replace(hasTime: () => boolean): Promise<void> {
    for (let generation = 1; hasTime(); generation++) {
      await this.#latencies.measure("REST import, full", async () => {
        await this.#project.import(`${bucket}.prices`, pricesCsv(generation));
      });
    }
  }
}

function feedCsv(number: number): string {
  let text = "import,line\n";
  for (let line = 0; line < feedRows; line++) text += `${number},${line}\n`;
  return text;
}

function pricesCsv(generation: number): string {
  let text = "product,generation\n";
  for (let product = 0; product < priceRows; product++) text += `${product},${generation}\n`;
  return text;
}
