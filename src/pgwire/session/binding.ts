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
import type { ExecutorPorts } from "./executor_ports.ts";
import type { Portal } from "./portal.ts";
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

  /** Runs the bound statement. */
  async execute(portal: Portal, engine: EngineStatement): Promise<EngineResult> {
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
