/**
 * The command line: `eider SUBCOMMAND [flags]`, `serve` when no subcommand is named. Each subcommand loads its own
 * modules only when it runs. What is wrong with the command line or the configuration is one line on stderr and exit
 * code 2; what fails later is one line and exit code 1.
 */
import { Argument, Command, CommanderError } from "commander";
import { nearestName } from "../config/nearest_name.ts";
import { AppError } from "../errors/app_error.ts";
import type { Logger } from "../observability/log.ts";
import type { Config } from "../config/config.ts";
import { acceptedForm, addConfigFlags, configOf } from "./config_flags.ts";
import type { CliOutput } from "./output.ts";
import { UsageError } from "./usage_error.ts";
import { versionText } from "./version.ts";

/** Gives the exit code. */
type Action = (command: Command) => Promise<number>;

const processOutput: CliOutput = { out: (text) => console.log(text), err: (text) => console.error(text) };

/** Runs one command line and gives the exit code. */
export async function runCli(parameters: readonly string[], output: CliOutput = processOutput): Promise<number> {
  let exitCode = 0;
  const program = makeProgram(output, async (action, command) => {
    exitCode = await action(command);
  });
  try {
    await program.parseAsync(withSubcommand(parameters, program), { from: "user" });
    return exitCode;
  } catch (error) {
    return reportError(error, program, parameters, output);
  }
}

/** The command line with `serve` put in front when it names no subcommand. */
function withSubcommand(parameters: readonly string[], program: Command): string[] {
  const first = parameters[0];
  const ofProgram = ["-h", "--help", "-V", "--version", "help"];
  if (first === undefined || (first.startsWith("-") && !ofProgram.includes(first))) return ["serve", ...parameters];
  if (ofProgram.includes(first)) return [...parameters];
  const names = program.commands.map((command) => command.name());
  if (names.includes(first)) return [...parameters];
  const nearest = nearestName(first, names);
  throw new UsageError(
    `eider: unknown subcommand ${first}: accepted are ${names.join(", ")}` +
      (nearest === undefined ? "" : `; did you mean ${nearest}?`),
  );
}

function makeProgram(output: CliOutput, run: (action: Action, command: Command) => Promise<void>): Command {
  const program = new Command("eider")
    .description("Isolated SQL workspaces over a project's data, for any PostgreSQL client")
    .version(versionText())
    .showSuggestionAfterError(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(text.trimEnd()), writeErr: () => {} });
  // Subcommands inherit the three settings above.
  const add = (name: string, description: string, action: Action) =>
    program.command(name).description(description).action((...given: unknown[]) =>
      run(action, given.at(-1) as Command)
    );

  addConfigFlags(add("serve", "start the server (the default)", async (command) => {
    const { serve } = await import("./serve.ts");
    const config = configOf(command).config;
    return await serve(config, await makeLogger(config));
  }));
  addConfigFlags(add("demo", "start the server with a demo project and print how to use it", async (command) => {
    const { runDemo } = await import("./demo.ts");
    const config = configOf(command).config;
    return await runDemo(config, await makeLogger(config));
  }));
  addConfigFlags(add("migrate", "bring the metadata store's schema up or down, or show it", async (command) => {
    const { migrate } = await import("./migrate.ts");
    const { to } = command.opts<{ to?: string }>();
    return await migrate(configOf(command).config, command.args[0] as "up" | "down" | "status", to, output);
  }))
    .addArgument(new Argument("<action>").choices(["up", "down", "status"]))
    .option("--to <version>", "the schema version to reach (up: the newest, down: one less)");
  addConfigFlags(add("backup", "copy the data folder, also of a running server, to DIR", async (command) => {
    const { backup } = await import("./backup.ts");
    return await backup(configOf(command).config, command.args[0] ?? "", output);
  })).argument("<dir>");
  addConfigFlags(add("restore", "put the backup in DIR into an empty data folder", async (command) => {
    const { restore } = await import("./restore.ts");
    return await restore(configOf(command).config, command.args[0] ?? "", output);
  })).argument("<dir>");
  addConfigFlags(
    add("audit", "verify the audit log: exit 0 when nothing is missing or altered, else 1", async (command) => {
      const { verifyAudit } = await import("./audit.ts");
      const { expect } = command.opts<{ expect?: string[] }>();
      return await verifyAudit(configOf(command).config, expect ?? [], output);
    }),
  )
    .addArgument(new Argument("<action>").choices(["verify"]))
    .option("--expect <seq:hash...>", "an entry's hash as it is known from elsewhere, such as the server's own log");
  addConfigFlags(add("healthcheck", "ask a running server whether it lives: exit 0 or 1", async (command) => {
    const { healthcheck } = await import("./healthcheck.ts");
    return await healthcheck(configOf(command).config, output);
  }));
  addConfigFlags(add("config", "print the effective configuration, secrets hidden", async (command) => {
    const { printConfig } = await import("../config/print_config.ts");
    output.out(printConfig(configOf(command)).trimEnd());
    return 0;
  }));
  add("version", "print the version", () => {
    output.out(versionText());
    return Promise.resolve(0);
  });
  return program;
}

async function makeLogger(config: Config): Promise<Logger> {
  const { createLogger } = await import("../observability/log.ts");
  const color = Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR");
  return createLogger({ level: config.logLevel, format: config.logFormat, color });
}

function reportError(error: unknown, program: Command, parameters: readonly string[], output: CliOutput): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === "commander.help") return 0;
    output.err(usageText(error, program, parameters));
    return 2;
  }
  if (error instanceof UsageError) {
    output.err(oneLine(error.message));
    return 2;
  }
  if (error instanceof AppError) {
    output.err(`eider: ${oneLine(error.message)}`);
    return error.kind === "config_invalid" || error.kind === "invalid_request" ? 2 : 1;
  }
  output.err(`eider: unexpected error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
  return 1;
}

/** Commander's message, turned into: which command, what is wrong, what would be accepted. */
function usageText(error: CommanderError, program: Command, parameters: readonly string[]): string {
  const command = program.commands.find((one) => one.name() === withSubcommand(parameters, program)[0]);
  const name = command ? `eider ${command.name()}` : "eider";
  const help = `\`${name} --help\` lists what is accepted`;
  const message = (error.message.split("\n", 1)[0] ?? "").replace(/^error: /, "");
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? "";
  switch (error.code) {
    case "commander.unknownOption": {
      const flag = quoted.split("=", 1)[0] ?? quoted;
      const flags = (command ?? program).options.map((option) => option.long ?? "");
      const nearest = nearestName(flag, flags);
      return `${name}: unknown flag ${flag}: ${help}` + (nearest === undefined ? "" : `, such as ${nearest}`);
    }
    case "commander.optionMissingArgument": {
      const flag = quoted.split(" ", 1)[0] ?? quoted;
      return `${name}: flag ${flag} has no value: accepted is ${acceptedForm(flag) ?? "a value"}`;
    }
    case "commander.missingArgument":
      return `${name}: ${quoted.toUpperCase()} is missing: accepted is ${usageOf(command ?? program)}`;
    case "commander.invalidArgument":
      return `${name}: ${quoted} is not an action: accepted are ${choicesOf(command)}`;
    case "commander.excessArguments": {
      const extra = (command?.args ?? []).slice(command?.registeredArguments.length ?? 0);
      return `${name}: unexpected ${extra.join(" ") || "argument"}: accepted is ${usageOf(command ?? program)}`;
    }
    default:
      return `${name}: ${oneLine(message)}: ${help}`;
  }
}

function choicesOf(command: Command | undefined): string {
  return (command?.registeredArguments ?? []).flatMap((argument) => argument.argChoices ?? []).join(", ");
}

function usageOf(command: Command): string {
  const places = command.registeredArguments.map((argument) =>
    argument.argChoices ? argument.argChoices.join("|") : argument.name().toUpperCase()
  );
  return ["eider", command.name(), ...places, "[flags]"].join(" ");
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, " ").trim();
}
