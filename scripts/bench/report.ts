/** Reports of benchmarks and load tests: one structure, shown as Markdown and kept as JSON. */
import { fileURLToPath } from "node:url";
import { availableParallelism, cpus } from "node:os";
import duckdb from "@duckdb/node-bindings";

/** A number that somebody wished for. It is told, never enforced. */
export interface Goal {
  readonly name: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
  /** The measurements behind the table. */
  readonly data: unknown;
}

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGb: number;
  readonly system: string;
  readonly deno: string;
  readonly duckdb: string;
  /** Its version or "not installed"; null when the report does without it. */
  readonly postgresql: string | null;
  /** Load average over 1, 5 and 15 minutes when the run began, before it caused any. */
  readonly loadAtStart: readonly number[];
}

export interface Report {
  readonly title: string;
  readonly startedAt: string;
  readonly durationSeconds: number;
  readonly machine: Machine;
  readonly goals: readonly Goal[];
  readonly sections: readonly Section[];
}

export function describeMachine(postgresql: string | null): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryGb: Math.round(Deno.systemMemoryInfo().total / 1e9),
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    duckdb: duckdb.library_version(),
    postgresql,
    loadAtStart: Deno.loadavg(),
  };
}

export function renderMarkdown(report: Report): string {
  const { machine } = report;
  const lines = [
    `# ${report.title}`,
    "",
    `${report.startedAt}, ${report.durationSeconds.toFixed(0)} s. ${machine.cores} cores (${machine.processor}), ` +
    `${machine.memoryGb} GB, ${machine.system}; load when it began ` +
    `${machine.loadAtStart.map((load) => load.toFixed(2)).join(" ")}.`,
    `Deno ${machine.deno}, DuckDB ${machine.duckdb}${
      machine.postgresql === null ? "" : `, PostgreSQL ${machine.postgresql}`
    }.`,
    "",
  ];
  if (report.goals.length > 0) {
    const rows = report.goals.map((goal) => [goal.name, goal.goal, goal.measured, goal.met ? "met" : "missed"]);
    lines.push("## Goals", "", ...renderTable(["", "goal", "measured", ""], rows), "");
  }
  for (const section of report.sections) {
    lines.push(`## ${section.title}`, "", ...renderTable(section.columns, section.rows), "");
    if (section.notes.length > 0) lines.push(...section.notes.map((note) => `- ${note}`), "");
  }
  return lines.join("\n");
}

function renderTable(columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [columns, columns.map(() => "---"), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  return all.map((row) => `| ${widths.map((width, index) => (row[index] ?? "").padEnd(width)).join(" | ")} |`);
}

/** Writes `bench/<name>.md` and `bench/<name>.json` in the project's root and prints the Markdown. */
export async function publishReport(name: string, report: Report): Promise<void> {
  const folder = fileURLToPath(new URL("../../bench/", import.meta.url));
  await Deno.mkdir(folder, { recursive: true });
  const markdown = renderMarkdown(report);
  await Deno.writeTextFile(`${folder}${name}.md`, markdown);
  await Deno.writeTextFile(`${folder}${name}.json`, JSON.stringify(report, null, 2) + "\n");
  console.log(`\n${markdown}\nwritten to bench/${name}.md and bench/${name}.json`);
}
