/** Resident memory of the server at rest, and of a worker: right after its first session's statements, and at rest. */
import { TestProject } from "../../tests/support/project.ts";
import { connect } from "../../tests/support/sql.ts";
import { type Memory, memoryOf } from "./processes.ts";
import type { Goal, Section } from "./report.ts";
import { startServer, workerProcessId } from "./server.ts";
import { showSpread, type Spread, spreadOf } from "./statistics.ts";

export interface MemoryOptions {
  readonly roundCount: number;
}

const serverGoalMb = 150;
const workerGoalMb = 130;
/** Long enough for the work of starting to be over. */
const restMs = 2_000;
/** A worker is at rest when it has had no statement for one to two of its five-second intervals. */
const workerRestMs = 12_000;
/** What `\d` of psql sends. */
const listRelations = `SELECT n.nspname as "Schema", c.relname as "Name",
  CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' END as "Type",
  pg_catalog.pg_get_userbyid(c.relowner) as "Owner"
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r','p','v','m','S','f','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast'
  AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid)
ORDER BY 1,2`;

export async function benchMemory(options: MemoryOptions): Promise<{ sections: Section[]; goals: Goal[] }> {
  const rest: Memory[] = [];
  const empty: Memory[] = [];
  const listed: Memory[] = [];
  const rested: Memory[] = [];
  const used: Memory[] = [];
  for (let round = 1; round <= options.roundCount; round++) {
    console.log(`memory: round ${round} of ${options.roundCount}`);
    await using server = await startServer({ spare_workers: 0 });
    await new Promise((resolve) => setTimeout(resolve, restMs));
    rest.push(memoryOf(server.processId));
    const project = await TestProject.create(server.rest, "empty");
    const workspace = await project.workspace();
    await using client = await connect(workspace);
    await client.query("select 1");
    const workerId = await workerProcessId(server, workspace.id);
    empty.push(memoryOf(workerId));
    await client.query(listRelations);
    listed.push(memoryOf(workerId));
    used.push(memoryOf(server.processId));
    await new Promise((resolve) => setTimeout(resolve, workerRestMs));
    rested.push(memoryOf(workerId));
  }
  const figures = [
    { name: "server at rest, no worker", goalMb: serverGoalMb, memories: rest },
    { name: "worker, empty workspace, right after its first statement", goalMb: workerGoalMb, memories: empty },
    { name: "the same right after psql's list of relations", goalMb: workerGoalMb, memories: listed },
    { name: "the same at rest, its session open", goalMb: workerGoalMb, memories: rested },
    { name: "server after REST calls and one session", goalMb: null, memories: used },
  ].map((figure) => ({
    ...figure,
    resident: spreadOf(figure.memories.map((memory) => memory.residentMb)),
    anonymous: spreadOf(figure.memories.map((memory) => memory.anonymousMb)),
  }));
  return {
    sections: [{
      title: "Memory",
      columns: ["", "resident, MB", "of it private, MB", "goal"],
      rows: figures.map(({ name, goalMb, resident, anonymous }) => [
        name,
        showSpread(resident),
        showSpread(anonymous),
        goalMb === null ? "" : `under ${goalMb} MB: ${verdict(resident, goalMb)}`,
      ]),
      notes: [
        `VmRSS and RssAnon of the process, 10^6 bytes, ${options.roundCount} fresh servers. What is not private are pages ` +
        "of the executable and libraries, which all processes share.",
      ],
      data: figures,
    }],
    goals: figures.flatMap(({ name, goalMb, resident }) =>
      goalMb === null ? [] : [{
        name,
        goal: `under ${goalMb} MB`,
        measured: `${resident.median.toFixed(0)} MB`,
        met: resident.median < goalMb,
      }]
    ),
  };
}

function verdict(resident: Spread, goalMb: number): string {
  return resident.median < goalMb ? "met" : "missed";
}
