/**
 * Parameters and tables of the statement that is about to run: values are bound to the engine's statement, and a plan that was made for
 * other versions of the project's tables is made again.
 *
 * Invariant: `#bound` is the portal whose values the engine's statement holds.
 */
import { bindParameter } from "../../engine/bind/bind_parameter.ts";
import { isDetached } from "../../engine/engine_error.ts";
import { enumElementsOf } from "../../engine/enum_types.ts";
import type { EngineResult, EngineStatement } from "../../engine/statement.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import type { Translation } from "../../sql/translate/mod.ts";
import { explainRows } from "./explain_rows.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import type { Portal } from "./portal.ts";
import { tagOf } from "./results.ts";
import { runInTurn } from "./run_in_turn.ts";
import { runStaged } from "./staged.ts";
import { isSurelySmall } from "./statement_kinds.ts";

export class Binding {
  readonly #ports: ExecutorPorts;
  #bound: Portal | null = null;

  constructor(ports: ExecutorPorts) {
    this.#ports = ports;
  }

  bind(portal: Portal): void {
    const { engine, parameterOids, nativeIndexes, enums } = portal.prepared;
    if (engine === null) return;
    const enumElements = enums === null ? undefined : enumElementsOf(enums);
    const timeZone = this.#ports.settings.show("TimeZone");
    portal.parameters.forEach(({ format, bytes }, index) => {
      const index1 = nativeIndexes === null ? index + 1 : nativeIndexes[index] ?? null;
      if (index1 === null) return;
      bindParameter(engine.native, index1, parameterOids[index] ?? 0, format, bytes, timeZone, enumElements);
    });
    this.#bound = portal;
  }

  /**
   * A plan reads the files of the table versions that it was made for, as long as anybody has these open: a plan made in an old
   * snapshot, or before a new version came, is made again.
   */
  async toTables(portal: Portal, engine: EngineStatement): Promise<void> {
    const { connection } = this.#ports;
    const epoch = this.#ports.engine.tablesEpochFor(connection);
    if (engine.tablesEpoch !== epoch) {
      await engine.prepareAgain(connection);
      engine.tablesEpoch = epoch;
    } else if (this.#bound === portal) return;
    this.bind(portal);
  }

  /** Runs a portal's statement: a tag when it returned no rows, else its result. */
  async run(
    portal: Portal,
    parsed: ParsedStatement,
    translation: Translation,
    signal: AbortSignal,
  ): Promise<string | EngineResult> {
    const { connection, settings } = this.#ports;
    const { engine, staged } = portal.prepared;
    if (staged !== null) {
      const outcome = await runStaged(connection, staged.plan, portal, settings.show("TimeZone"), signal);
      return "rows" in outcome ? outcome.rows : outcome.tag;
    }
    if (engine === null) return await runInTurn(connection, parsed, translation.texts);
    const native = await this.#execute(portal, engine);
    const result = parsed.kind === "explain" ? await explainRows(parsed, native, connection) : native;
    return result.returnsRows ? result : await tagOf(parsed, result);
  }

  /** Runs the bound statement. */
  async #execute(portal: Portal, engine: EngineStatement): Promise<EngineResult> {
    const options = { whole: isSurelySmall(portal.prepared.parsed) };
    try {
      return await engine.execute(options);
    } catch (error) {
      if (!isDetached(error)) throw error;
      await engine.prepareAgain(this.#ports.connection);
      this.bind(portal);
      return await engine.execute(options);
    }
  }
}
