/**
 * Statements that are carried out in stages (`sql/translate/staged`): their types are found without running anything, then the steps run one after
 * the other in the open transaction, each with those of the client's parameters that it has.
 */
import { bindParameter } from "../../engine/bind/bind_parameter.ts";
import { type Connection, run } from "../../engine/duckdb.ts";
import { translateEngineError } from "../../engine/engine_error.ts";
import { enumElementsOf, type EnumTypes } from "../../engine/enum_types.ts";
import type { EngineColumn, EngineResult, EngineStatement } from "../../engine/statement.ts";
import type { PreparedText, StagedPlan } from "../../sql/translate/staged/types.ts";
import { describeEnums, prepareTyped, type TypedStatement, usedParameters } from "./parameter_types.ts";
import type { Portal } from "./portal.ts";
import { rowsTag } from "./results.ts";

/** `TypedStatement` of a statement that is several. */
export interface StagedTypes {
  readonly parameterOids: readonly number[];
  /** null when no rows come back, or when only they tell. */
  readonly columns: readonly EngineColumn[] | null;
  readonly enums: EnumTypes | null;
}

/** Prepares what the plan has for this. A parameter's type is that of the first statement in which it stands. */
export async function prepareStaged(
  connection: Connection,
  plan: StagedPlan,
  declaredOids: readonly number[],
  parameterCount: number,
  readEnums: () => Promise<EnumTypes>,
): Promise<StagedTypes> {
  const oids = Array.from({ length: parameterCount }, (_, index) => declaredOids[index] ?? 0);
  let enums: EnumTypes | null = null;
  const look = async (text: PreparedText): Promise<TypedStatement> => {
    const typed = await prepareTyped(connection, { ...text, typeProbe: () => null }, oids, parameterCount);
    try {
      const described = await describeEnums(typed, oids, readEnums);
      enums ??= described.enums ?? null;
      for (const index1 of usedParameters(text.text)) oids[index1 - 1] ||= described.parameterOids[index1 - 1] ?? 0;
      return described;
    } finally {
      typed.statement.dispose();
    }
  };
  for (const probe of plan.probes) await look(probe);
  const shape = plan.shape === null ? null : await look(plan.shape);
  return { parameterOids: oids.map((oid) => oid || 25), columns: shape?.columns ?? null, enums };
}

/** What came of it: rows that are still to be read, or a number for the command tag. */
export type StagedOutcome = { readonly rows: EngineResult } | { readonly tag: string };

/** Carries the steps out. `forgetStaged` must follow when the rows were read. */
export async function runStaged(
  connection: Connection,
  plan: StagedPlan,
  portal: Portal,
  timeZone: string,
  signal: AbortSignal,
): Promise<StagedOutcome> {
  const { parsed } = portal.prepared;
  let count = 0;
  for (const [at, text] of plan.steps.entries()) {
    signal.throwIfAborted();
    const { statement, result } = await start(connection, text, portal, timeZone);
    try {
      if (at >= plan.steps.length - plan.countedSteps) count += result.changedRowCount;
      // A query among the steps raises an error, perhaps, as it is read.
      if (result.returnsRows) await result.texts();
    } finally {
      statement.dispose();
    }
  }
  if (plan.result === null) {
    await forgetStaged(connection, plan);
    return { tag: rowsTag(parsed?.tag ?? "", count) };
  }
  return { rows: (await start(connection, plan.result, portal, timeZone)).result };
}

async function start(
  connection: Connection,
  text: string,
  portal: Portal,
  timeZone: string,
): Promise<{ readonly statement: EngineStatement; readonly result: EngineResult }> {
  const { parameterOids, enums } = portal.prepared;
  const source = { text, originalPosition: (position: number) => position, typeProbe: () => null };
  const { statement, nativeIndexes } = await prepareTyped(connection, source, parameterOids, parameterOids.length);
  const elements = enums === null ? undefined : enumElementsOf(enums);
  portal.parameters.forEach(({ format, bytes }, index) => {
    const index1 = nativeIndexes === undefined ? index + 1 : nativeIndexes[index] ?? null;
    if (index1 === null) return;
    bindParameter(statement.native, index1, parameterOids[index] ?? 0, format, bytes, timeZone, elements);
  });
  return { statement, result: await statement.execute() };
}

/** Drops the temporary tables; the connection is free. */
export async function forgetStaged(connection: Connection, plan: StagedPlan): Promise<void> {
  try {
    for (const table of plan.tables) await run(connection, `DROP TABLE IF EXISTS temp.${table}`);
  } catch (error) {
    throw translateEngineError(error);
  }
}
