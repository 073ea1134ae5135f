/** Runs an example in its language's own tool, in a folder of its own, against a workspace. */
import { clientEnvironment, clientsFolder } from "../clients/check_program.ts";
import type { WorkspaceAnswer } from "../support/rest.ts";
import type { Example } from "./examples.ts";

const timeoutMs = 120_000;
const goModule = new URL("../clients/go/", import.meta.url);

interface Language {
  readonly file: string;
  readonly command: readonly [string, ...string[]];
  /** Files or commands without which it cannot be run. */
  readonly needs: readonly string[];
  /** Brings what the program imports into its folder. */
  readonly prepare?: (folder: string) => Promise<void>;
}

const languages: Readonly<Record<string, Language>> = {
  sh: { file: "example.sh", command: ["bash", "-euo", "pipefail", "example.sh"], needs: ["bash", "psql"] },
  python: {
    file: "example.py",
    command: [`${clientsFolder}python/bin/python`, "example.py"],
    needs: [`${clientsFolder}python/bin/python`],
  },
  js: {
    file: "example.mjs",
    command: ["node", "example.mjs"],
    needs: ["node", `${clientsFolder}node/node_modules`],
    prepare: (folder) => Deno.symlink(`${clientsFolder}node/node_modules`, `${folder}/node_modules`),
  },
  r: {
    file: "example.R",
    command: ["Rscript", "--vanilla", "example.R"],
    needs: ["Rscript", "/usr/lib/R/site-library/RPostgreSQL"],
  },
  go: {
    file: "example.go",
    command: ["go", "run", "example.go"],
    needs: ["go"],
    prepare: async (folder) => {
      for (const name of ["go.mod", "go.sum"]) await Deno.copyFile(new URL(name, goModule), `${folder}/${name}`);
    },
  },
  java: {
    file: "Example.java",
    command: ["java", "-cp", `${clientsFolder}java/postgresql.jar`, "Example.java"],
    needs: ["java", `${clientsFolder}java/postgresql.jar`],
  },
};

/** What must be there to run the example; commands that its text names included. */
export function needsOf(example: Example): string[] {
  const needs = [...languageOf(example).needs];
  if (/\bisql\b/.test(example.text)) needs.push("isql");
  return needs;
}

/** What the example printed on both streams. Throws when it ended with another status than 0. */
export async function runExample(
  example: Example,
  workspace: WorkspaceAnswer,
  certificatePath: string,
): Promise<string> {
  const language = languageOf(example);
  const folder = await Deno.makeTempDir({ prefix: "eider_example_" });
  try {
    await Deno.writeTextFile(`${folder}/${language.file}`, example.text);
    await Deno.copyFile(certificatePath, `${folder}/server.crt`);
    await language.prepare?.(folder);
    const [command, ...args] = language.command;
    const environment: Record<string, string> = clientEnvironment(workspace);
    for (const name of ["GOPROXY", "GOFLAGS", "GOMODCACHE", "GOSUMDB", "GOCACHE"]) {
      const value = Deno.env.get(name);
      if (value !== undefined) environment[name] = value;
    }
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args,
      cwd: folder,
      env: environment,
      clearEnv: true,
      stdin: "null",
      signal: AbortSignal.timeout(timeoutMs),
    }).output();
    const decoder = new TextDecoder();
    const output = decoder.decode(stdout) + decoder.decode(stderr);
    if (!success) throw new Error(`${example.name} failed:\n${output}`);
    return output;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function languageOf(example: Example): Language {
  const language = languages[example.language];
  if (language === undefined) throw new Error(`${example.name}: nothing runs ${example.language}`);
  return language;
}
