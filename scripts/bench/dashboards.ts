/**
 * Dashboards in the metadata store: how long lists, search, reads and saves take with 500, 5,000 and 100,000 of them, their
 * documents between 10 and 60 kB. The store is asked as the server asks it, inside this process.
 */
import { cpuUsage } from "node:process";
import { DashboardService } from "../../src/dashboards/service.ts";
import { anyDocument } from "../../src/dashboards/model_port.ts";
import { ResourceService } from "../../src/dashboards/resources.ts";
import { searchTexts } from "../../src/dashboards/search_text.ts";
import type { JsonObject } from "../../src/dashboards/types.ts";
import { MetadataDashboardRepository } from "../../src/metadata/dashboards/repository.ts";
import { checkMark, packDocument } from "../../src/metadata/dashboards/document_text.ts";
import { migrateUp } from "../../src/metadata/migrations/migrations.ts";
import { openMetadataPool } from "../../src/metadata/pool/pool.ts";
import { MetadataResourceStore } from "../../src/metadata/dashboards/resource_store.ts";
import { formatResourceTime } from "../../src/metadata/dashboards/resource_times.ts";
import { ProjectChanges } from "../../src/metadata/storage/shared.ts";
import type { MetadataPool, SqlParameter } from "../../src/metadata/types.ts";
import { silentLogger } from "../../src/observability/log.ts";
import type { Goal, Section } from "./report.ts";
import { type Spread, spreadOf } from "./statistics.ts";

export interface DashboardBenchOptions {
  readonly dashboardCounts: readonly number[];
  readonly roundCount: number;
}

/** The size at which the goals are stated. */
const goalCount = 5_000;
const rowsOfOneInsert = 100;
/** Half of all dashboards stand in one project, the others a hundred to a project. */
const bigProject = "big";
const words = [
  "kubernetes istio performance overview kubelet prometheus namespace resources latency billing payments gateway",
  "database postgres checkout inventory search ingest pipeline network storage volume scheduler autoscaler ingress",
  "certificate queue worker notebook training serving model gpu tenant region backup replication cache session login",
].join(" ").split(" ");

interface Measured {
  readonly what: string;
  readonly dashboardCount: number;
  readonly timeMs: Spread;
  /** Of this process, all threads, for one of them: what is left of the time on a machine that has nothing else to do. */
  readonly cpuMs: number;
}

export async function benchDashboards(options: DashboardBenchOptions): Promise<{ sections: Section[]; goals: Goal[] }> {
  const measured: Measured[] = [];
  const notes: string[] = [];
  for (const dashboardCount of options.dashboardCounts) {
    console.log(`dashboards: ${dashboardCount}`);
    const dataDir = await Deno.makeTempDir({ prefix: "eider_bench_" });
    const pool = await openMetadataPool({ dataDir });
    try {
      await migrateUp(pool, silentLogger);
      const documentBytes = await fill(pool, dashboardCount);
      const checkpointStartMs = performance.now();
      await pool.execute("CHECKPOINT");
      const checkpointMs = performance.now() - checkpointStartMs;
      const fileMb = (await Deno.stat(`${dataDir}/metadata.duckdb`)).size / 1e6;
      notes.push(
        `${dashboardCount} dashboards: ${(documentBytes / 1e6).toFixed(0)} MB of documents as JSON, ` +
          `${fileMb.toFixed(0)} MB on disk, the checkpoint after loading ${checkpointMs.toFixed(0)} ms`,
      );
      measured.push(...await measure(pool, dashboardCount, options.roundCount));
    } finally {
      await pool.close();
      await Deno.remove(dataDir, { recursive: true });
    }
  }
  return { sections: [sectionOf(measured, options.dashboardCounts, notes)], goals: goalsOf(measured) };
}

async function measure(pool: MetadataPool, dashboardCount: number, roundCount: number): Promise<Measured[]> {
  const changes = new ProjectChanges(pool);
  const store = new MetadataResourceStore(pool, changes, silentLogger);
  const repository = new MetadataDashboardRepository(pool, changes);
  const service = new DashboardService({ repository, store, model: anyDocument, now: Date.now, retentionDays: 30 });
  const page = { limit: 100, after: null };
  const live = { states: ["draft", "active"], tags: [] } as const;
  const change = { author: "bench", message: null, expectedVersion: null };
  const small = (round: number) => projectOf(1 + (round * 200) % dashboardCount);
  const word = (round: number) => words[round % words.length] ?? "";
  const typo = (round: number) => word(round).replace(/^(...)(.)(.)/, "$1$3$2");
  const place = (round: number) => {
    const index = (round * 7919) % dashboardCount;
    return { project: projectOf(index), name: nameOf(index) };
  };
  // A service for each, so that nothing is known of the documents, as after a start.
  const documents = (project: string) =>
    new ResourceService(store, silentLogger).listTexts({ kind: "Dashboard", project });
  const tasks: readonly [string, (round: number) => Promise<unknown>][] = [
    ["list a project of 100", (round) => repository.list({ ...live, project: small(round) }, "name", page)],
    ["list a project of half of all, one page", () => repository.list({ ...live, project: bigProject }, "name", page)],
    ["list a project of 100 with its documents", (round) => documents(small(round))],
    [
      "the 20 last changed of all",
      () => repository.list({ ...live, project: null }, "updated", { ...page, limit: 20 }),
    ],
    [
      "the 20 last changed of a project",
      (round) => repository.list({ ...live, project: small(round) }, "updated", { ...page, limit: 20 }),
    ],
    [
      "search all by a name",
      (round) => service.search(nameOf(round * 31 % dashboardCount), { ...live, project: null }, 20),
    ],
    ["search all by a word", (round) => service.search(word(round), { ...live, project: null }, 20)],
    [
      "search all by a word with a typing error",
      (round) => service.search(typo(round), { ...live, project: null }, 20),
    ],
    [
      "search all by three words",
      (round) => service.search(`${word(round)} ${word(round + 1)} ${typo(round + 2)}`, { ...live, project: null }, 20),
    ],
    ["search all for what is not there", () => service.search("xylophone", { ...live, project: null }, 20)],
    ["read one", (round) => store.find({ kind: "Dashboard", ...place(round) })],
    ["list the versions of one", (round) => repository.versions(place(round), page)],
    [
      "save one",
      (round) =>
        store.update(
          { kind: "Dashboard", ...place(round), tags: ["saved"], spec: documentOf(round + 1_000_000) },
          change,
        ),
    ],
  ];
  const measured: Measured[] = [];
  for (const [what, run] of tasks) {
    await run(0);
    const times: number[] = [];
    const cpuBefore = cpuUsage();
    for (let round = 1; round <= roundCount; round++) {
      const startMs = performance.now();
      await run(round);
      times.push(performance.now() - startMs);
    }
    measured.push({ what, dashboardCount, timeMs: spreadOf(times), cpuMs: cpuMsSince(cpuBefore) / roundCount });
  }
  const startMs = performance.now();
  const cpuBefore = cpuUsage();
  await pool.execute("CHECKPOINT");
  measured.push({
    what: "checkpoint after these saves",
    dashboardCount,
    timeMs: spreadOf([performance.now() - startMs]),
    cpuMs: cpuMsSince(cpuBefore),
  });
  return measured;
}

function cpuMsSince(before: { user: number; system: number }): number {
  const { user, system } = cpuUsage(before);
  return (user + system) / 1000;
}

function sectionOf(measured: readonly Measured[], counts: readonly number[], notes: readonly string[]): Section {
  const names = [...new Set(measured.map(({ what }) => what))];
  return {
    title: "Dashboards in the metadata store: ms, median (smallest–largest), and processor time",
    columns: ["", ...counts.map((count) => `${count.toLocaleString("en")} dashboards`)],
    rows: names.map((what) => [
      what,
      ...counts.map((count) => {
        const found = measured.find((one) => one.what === what && one.dashboardCount === count);
        if (found === undefined) return "";
        const { median, min, max } = found.timeMs;
        return `${median.toFixed(1)} (${min.toFixed(1)}–${max.toFixed(1)}), ${found.cpuMs.toFixed(1)}`;
      }),
    ]),
    notes,
    data: measured,
  };
}

function goalsOf(measured: readonly Measured[]): Goal[] {
  const goals: readonly [string, number, readonly string[]][] = [
    ["list by project", 10, ["list a project of 100", "list a project of half of all, one page"]],
    ["recent", 20, ["the 20 last changed of all", "the 20 last changed of a project"]],
    ["search by name", 50, [
      "search all by a name",
      "search all by a word",
      "search all by a word with a typing error",
    ]],
  ];
  return goals.flatMap(([name, limitMs, tasks]) => {
    const times = measured.filter((one) => one.dashboardCount === goalCount && tasks.includes(one.what));
    if (times.length === 0) return [];
    const worstMs = Math.max(...times.map(({ timeMs }) => timeMs.median));
    const worstCpuMs = Math.max(...times.map(({ cpuMs }) => cpuMs));
    return [{
      name: `${name}, ${goalCount.toLocaleString("en")} dashboards`,
      goal: `under ${limitMs} ms`,
      measured: `${worstMs.toFixed(1)} ms, of it processor time ${worstCpuMs.toFixed(1)} ms`,
      met: worstMs < limitMs,
    }];
  });
}

function projectOf(index: number): string {
  return index % 2 === 0 ? bigProject : `p${Math.floor(index / 200)}`;
}

function nameOf(index: number): string {
  return `${words[index % words.length]}-${words[Math.floor(index / words.length) % words.length]}-${index}`;
}

/** Panels with queries that differ, as of a dashboard that somebody keeps: 10 to 60 kB. */
function documentOf(index: number): JsonObject {
  const panelCount = 8 + (index * 37) % 40;
  const panels: Record<string, JsonObject> = {};
  const items: JsonObject[] = [];
  for (let panel = 0; panel < panelCount; panel++) {
    const [first, second] = [words[(index + panel) % words.length], words[(index * 3 + panel * 5) % words.length]];
    panels[`panel_${panel}`] = {
      kind: "Panel",
      spec: {
        display: { name: `${first} ${second} ${panel}`, description: `how ${first} follows ${second} in ${index}` },
        plugin: {
          kind: "TimeSeriesChart",
          spec: {
            legend: { position: "bottom", mode: "table", values: ["last", "mean"] },
            yAxis: { format: { unit: "bytes/sec", shortValues: true }, min: (index * panel) % 97 },
            visual: {
              display: "line",
              lineWidth: 0.25,
              areaOpacity: 0.5,
              palette: { mode: "auto" },
              connectNulls: false,
            },
          },
        },
        queries: ["rate", "increase"].map((call) => ({
          kind: "TimeSeriesQuery",
          spec: {
            plugin: {
              kind: "PrometheusTimeSeriesQuery",
              spec: {
                datasource: { kind: "PrometheusDatasource", name: "prometheus" },
                query: `sum by (namespace, pod) (${call}(${first}_${second}_total{cluster="$cluster", id="${
                  (index * 7 + panel).toString(36)
                }"}[$__rate_interval]))`,
                seriesNameFormat: "{{namespace}}/{{pod}}",
              },
            },
          },
        })),
      },
    };
    items.push({
      x: (panel % 2) * 12,
      y: panel * 8,
      width: 12,
      height: 8,
      content: { $ref: `#/spec/panels/panel_${panel}` },
    });
  }
  const display = { name: titleOf(index), description: `Kept by team ${index % 91} for ${words[index % 17]}` };
  return { display, panels, layouts: [{ kind: "Grid", spec: { items } }], duration: "1h", refreshInterval: "30s" };
}

function titleOf(index: number): string {
  return `${words[index % words.length]} ${words[Math.floor(index / words.length) % words.length]} ${
    words[(index * 7) % words.length]
  }`;
}

/** Writes rows as the store would, many at once, and gives the sum of the documents' sizes. */
async function fill(pool: MetadataPool, dashboardCount: number): Promise<number> {
  let documentBytes = 0;
  const startMs = Date.UTC(2026, 0, 1);
  for (let start = 0; start < dashboardCount; start += rowsOfOneInsert) {
    const dashboards: SqlParameter[][] = [];
    const versions: SqlParameter[][] = [];
    for (let index = start; index < Math.min(start + rowsOfOneInsert, dashboardCount); index++) {
      const spec = documentOf(index);
      const { text, sizeBytes } = packDocument(spec);
      documentBytes += sizeBytes;
      const [project, name, title] = [projectOf(index), nameOf(index), titleOf(index)];
      const tags = [words[index % 13] ?? "", `team${index % 91}`];
      const description = `Kept by team ${index % 91}`;
      const time = formatResourceTime(startMs + (index * 7919 % dashboardCount) * 1000);
      const { searchText, searchDescription } = searchTexts({ name, title, description, tags });
      const id = index + 1;
      dashboards.push([
        id,
        project,
        name,
        `${project}/${name}`,
        "active",
        null,
        time,
        "bench",
        0,
        id,
        time,
        "bench",
        time,
        "bench",
        title,
        description,
        JSON.stringify(tags),
        searchText,
        searchDescription,
        null,
        null,
      ]);
      const content = [JSON.stringify(tags), sizeBytes, text, checkMark(text)];
      versions.push([id, id, project, 0, time, "bench", "create", null, ...content]);
    }
    await insertRows(pool, "dashboard", dashboards);
    await insertRows(pool, "dashboard_version", versions);
  }
  await pool.execute(`INSERT INTO projects SELECT DISTINCT project_id, project_id, now() FROM dashboard`);
  // Ids that the store gives out come after those written here.
  await pool.execute(`SELECT max(nextval('dashboard_version_id')) FROM range(${dashboardCount + 1})`);
  return documentBytes;
}

async function insertRows(pool: MetadataPool, table: string, rows: readonly SqlParameter[][]): Promise<void> {
  let next = 1;
  const marks = rows.map((row) => `(${row.map(() => `$${next++}`).join(", ")})`).join(", ");
  await pool.execute(`INSERT INTO ${table} VALUES ${marks}`, rows.flat());
}
