/**
 * The audit log at 10,000,000 entries over 13 months: a user's trail, other reads, writing, and verifying; and share tokens at
 * 5,000 dashboards. Entries of the reads are made by SQL (their hashes are no chain); what is verified is written by the log
 * itself. About 700 MB in a temporary folder, which is removed.
 */
import process from "node:process";
import { DuckDBInstance } from "@duckdb/node-api";
import { AuditWriter } from "../../src/audit/audit_log.ts";
import { testingChain, testingEntry } from "../../src/audit/testing_entries.ts";
import type { AuditFilter } from "../../src/audit/types.ts";
import { verifyChain } from "../../src/audit/verify.ts";
import { hashToken } from "../../src/dashboards/sharing/share_service.ts";
import { partitionFile } from "../../src/metadata/audit/files.ts";
import { createPartitionSql } from "../../src/metadata/audit/rows.ts";
import { openAuditStore } from "../../src/metadata/audit/store.ts";
import { migrateUp } from "../../src/metadata/migrations/migrations.ts";
import { openMetadataPool } from "../../src/metadata/pool/pool.ts";
import { MetadataShareRepository } from "../../src/metadata/dashboards/share_repository.ts";
import { silentLogger } from "../../src/observability/log.ts";
import type { Goal, Section } from "./report.ts";

export interface AuditBenchOptions {
  readonly entryCount: number;
  readonly roundCount: number;
}

const monthCount = 13;
const shareCount = 5_000;

export async function benchAudit(options: AuditBenchOptions): Promise<{ sections: Section[]; goals: Goal[] }> {
  const dataDir = await Deno.makeTempDir({ prefix: "eider_bench_audit_" });
  try {
    const reads = await benchReads(`${dataDir}/reads`, options);
    const writes = await benchWrites(`${dataDir}/writes`, options);
    const shares = await benchShares(`${dataDir}/shares`, options);
    return {
      sections: [reads.section, writes, shares.section],
      goals: [
        {
          name: "a user's audit trail, worst kind of user",
          goal: "under 30 ms",
          measured: `${reads.trailMs.toFixed(1)} ms`,
          met: reads.trailMs < 30,
        },
        {
          name: "a share token is validated",
          goal: "under 5 ms",
          measured: `${shares.validateMs.toFixed(2)} ms`,
          met: shares.validateMs < 5,
        },
      ],
    };
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function benchReads(dataDir: string, { entryCount, roundCount }: AuditBenchOptions) {
  const perMonth = Math.ceil(entryCount / monthCount);
  await makeMonths(dataDir, perMonth);
  const store = await openAuditStore(dataDir, silentLogger);
  const cases: [string, AuditFilter][] = [
    ["a user with 100 entries spread over all months", { actor: "acme/rare" }],
    ["a user with 5,000 entries", { actor: "project_7/key 7" }],
    ["a user with every tenth entry", { actor: "admin" }],
    ["a user without any entry", { actor: "nobody" }],
    ["the newest of all", {}],
    ["one object", { objectKind: "dashboard", objectId: "d77" }],
    ["a project", { project: "project_7" }],
    ["refused, within one month", { result: "refused", fromMs: monthStart(6), toMs: monthStart(7) }],
  ];
  const rows: string[][] = [];
  let trailMs = 0;
  for (const [what, filter] of cases) {
    let count = 0;
    const times: number[] = [];
    let usedBefore = process.cpuUsage();
    for (let round = 0; round < roundCount + 1; round++) {
      const startedAt = performance.now();
      count = (await store.list(filter, 100, null)).items.length;
      times.push(performance.now() - startedAt);
      if (round === 0) usedBefore = process.cpuUsage();
    }
    const used = process.cpuUsage(usedBefore);
    const processorMs = (used.user + used.system) / 1000 / roundCount;
    const [first = 0, ...warm] = times;
    const median = warm.sort((left, right) => left - right)[Math.floor(warm.length / 2)] ?? 0;
    if (filter.actor !== undefined) trailMs = Math.max(trailMs, median);
    rows.push([what, String(count), median.toFixed(1), processorMs.toFixed(1), first.toFixed(0)]);
  }
  await store.close();
  return {
    trailMs,
    section: {
      title: `Audit log: the newest 100 of ${
        (perMonth * monthCount).toLocaleString("en")
      } entries in ${monthCount} months`,
      columns: ["filter", "found", "median ms", "processor ms", "first time ms"],
      rows,
      notes: [],
      data: rows,
    },
  };
}

const monthStart = (index: number) => Date.UTC(2025, index, 1);

async function makeMonths(dataDir: string, perMonth: number): Promise<void> {
  await Deno.mkdir(`${dataDir}/audit`, { recursive: true });
  for (let month = 0; month < monthCount; month++) {
    const first = month * perMonth + 1;
    const file = partitionFile(first, new Date(monthStart(month)).toISOString().slice(0, 7));
    const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "1GB" });
    const connection = await instance.connect();
    await connection.run(`ATTACH '${dataDir}/audit/${file.name}' AS part`);
    await connection.run(createPartitionSql("part"));
    await connection.run(`INSERT INTO part.partition VALUES (1, '${file.month}', ${first}, unhex(repeat('00', 32)))`);
    await connection.run(`INSERT INTO part.entry SELECT
        i, make_timestamp_ms(${monthStart(month)} + (i - ${first}) * 3000),
        CASE WHEN i % 100000 = 7 THEN 'acme/rare' WHEN i % 10 = 0 THEN 'admin'
          ELSE 'project_' || (i % 50) || '/key ' || (i % 1999) END,
        ['create', 'change', 'delete', 'connect'][1 + i % 4], 'dashboard', 'd' || (i % 5000), 'project_' || (i % 50),
        NULL, i % 7, '10.0.' || (i % 200) || '.' || (hash(i) % 250), 'curl/8', CASE WHEN i % 97 = 0 THEN 'refused' ELSE 'ok' END,
        NULL, '{"route":"PUT /projects/:project_id/dashboards/:name"}', unhex(sha256(i::VARCHAR))
      FROM range(${first}, ${first + perMonth}) AS numbers(i)`);
    await connection.run("CHECKPOINT part");
    connection.disconnectSync();
    instance.closeSync();
  }
}

async function benchWrites(dataDir: string, { entryCount }: AuditBenchOptions): Promise<Section> {
  const store = await openAuditStore(dataDir, silentLogger);
  const log = new AuditWriter({ store, logger: silentLogger, now: Date.now });
  const single: number[] = [];
  for (let count = 0; count < 200; count++) {
    const startedAt = performance.now();
    await log.record(testingEntry());
    single.push(performance.now() - startedAt);
  }
  single.sort((left, right) => left - right);
  const many = 20_000;
  let startedAt = performance.now();
  for (let done = 0; done < many; done += 1_000) {
    await Promise.all(Array.from({ length: 1_000 }, () => log.record(testingEntry())));
  }
  const perSecond = many / ((performance.now() - startedAt) / 1000);
  const verified = Math.min(entryCount, 200_000);
  while (store.head().sequence < verified) {
    await store.append(testingChain(store, Array(10_000).fill(Date.now())));
  }
  startedAt = performance.now();
  const usedBefore = process.cpuUsage();
  const found = await verifyChain(store);
  const used = process.cpuUsage(usedBefore);
  const seconds = (performance.now() - startedAt) / 1000;
  if (!found.ok) throw new Error(`the chain does not verify: ${JSON.stringify(found.findings)}`);
  await log.stop();
  await store.close();
  const rows = [
    ["one entry, recorded and on disk, median ms", (single[100] ?? 0).toFixed(1)],
    ["the same, 99th percentile ms", (single[198] ?? 0).toFixed(1)],
    ["entries a second, 1,000 at once", perSecond.toFixed(0)],
    [
      `verified entries a second (of ${found.entryCount.toLocaleString("en")})`,
      (found.entryCount / seconds).toFixed(0),
    ],
    ["the same, a second of processor time", (found.entryCount / ((used.user + used.system) / 1e6)).toFixed(0)],
  ];
  return { title: "Audit log: writing and verifying", columns: ["what", "figure"], rows, notes: [], data: rows };
}

async function benchShares(dataDir: string, { roundCount }: AuditBenchOptions) {
  const pool = await openMetadataPool({ dataDir });
  await migrateUp(pool, silentLogger);
  await pool.execute(
    `INSERT INTO share_token SELECT 'sh_' || i, sha256('token ' || i), 'p', 'd' || i, '', '', now(), 'admin',
       now() + INTERVAL 1 DAY, NULL, 0, '["192.0.2.0/24"]', '{}', NULL, NULL FROM range(${shareCount}) AS numbers(i)`,
  );
  const shares = new MetadataShareRepository(pool);
  const find: number[] = [];
  const use: number[] = [];
  const usedBefore = process.cpuUsage();
  for (let count = 0; count < roundCount * 40; count++) {
    let startedAt = performance.now();
    const share = await shares.findByHash(hashToken(`token ${count * 7}`));
    find.push(performance.now() - startedAt);
    if (share === null) throw new Error("a token was not found");
    startedAt = performance.now();
    await shares.countUse(share.id, Date.now());
    use.push(performance.now() - startedAt);
  }
  const used = process.cpuUsage(usedBefore);
  await pool.close();
  const processorMs = (used.user + used.system) / 1000 / find.length;
  const at = (times: number[], share: number) =>
    times.toSorted((left, right) => left - right)[Math.floor(times.length * share)] ?? 0;
  return {
    validateMs: at(find, 0.5),
    section: {
      title: `Share tokens: one of ${shareCount.toLocaleString("en")}`,
      columns: ["what", "median ms", "99th percentile ms"],
      rows: [
        ["a token is looked up", at(find, 0.5).toFixed(2), at(find, 0.99).toFixed(2)],
        ["an opening is counted, on disk", at(use, 0.5).toFixed(2), at(use, 0.99).toFixed(2)],
      ],
      notes: [`Both together take ${processorMs.toFixed(2)} ms of processor time.`],
      data: { find, use },
    },
  };
}
