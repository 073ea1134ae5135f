/** Resident memory of the server at rest, and of a worker that has just opened an empty workspace. */
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

export async function benchMemory(options: MemoryOptions): Promise<{ sections: Section[]; goals: Goal[] }> {
  const rest: Memory[] = [];
  const empty: Memory[] = [];
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
    empty.push(memoryOf(await workerProcessId(server, workspace.id)));
    used.push(memoryOf(server.processId));
  }
  const figures = [
    { name: "server at rest, no worker", goalMb: serverGoalMb, memories: rest },
    { name: "worker, empty workspace, one session", goalMb: workerGoalMb, memories: empty },
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
