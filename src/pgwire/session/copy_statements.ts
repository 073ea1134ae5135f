/** COPY FROM STDIN and COPY TO STDOUT as statements of a session: what must hold before, and the connection afterwards. */
import { AppError } from "../../errors/app_error.ts";
import type { EncodeSettings } from "../../engine/encode/create_column_encoder.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import { translate } from "../../sql/translate/mod.ts";
import { withPermanentNames } from "../../sql/translate/permanent_names.ts";
import { copyIn, type CopyInAction } from "./copy_in.ts";
import { CopyOut } from "./copy_out.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import { shownColumns } from "./output_types.ts";
import type { Executed } from "./portal.ts";
import { RowSource } from "./row_source.ts";
import type { TableAccess } from "./table_access.ts";
import type { Transaction } from "./transaction.ts";

export interface Copying {
  readonly ports: ExecutorPorts;
  readonly transaction: Transaction;
  readonly tables: TableAccess;
  readonly encodeSettings: EncodeSettings;
  /** Moves a live result out of the way. */
  readonly freeConnection: () => Promise<void>;
  /** Says which result owns the connection. */
  readonly setLive: (source: RowSource | null) => void;
  readonly ended: () => void;
}

/** Gives the number of rows that were loaded. */
export async function copyInStatement(
  copying: Copying,
  parsed: ParsedStatement,
  action: CopyInAction,
  signal: AbortSignal,
): Promise<number> {
  const { transaction, tables, freeConnection } = copying;
  const { engine, connection, copyInput: input, output, settings, rateLimit } = copying.ports;
  transaction.requireUsable();
  rateLimit.take();
  await freeConnection();
  await tables.ensure(parsed);
  engine.began(connection);
  const timeZone = settings.show("TimeZone");
  return await copyIn(action, { engine, connection, transaction, input, output, timeZone }, signal);
}

export async function copyOutStatement(
  copying: Copying,
  parsed: ParsedStatement,
  signal: AbortSignal,
): Promise<Executed> {
  const { ports, transaction, tables } = copying;
  if (parsed.action.type !== "copy_to_stdout") throw new AppError("internal", "not a COPY statement");
  transaction.requireUsable();
  ports.rateLimit.take();
  const copy = new CopyOut(parsed.action);
  if (parsed.writes) {
    if (transaction.readOnly) throw new AppError("read_only", "cannot execute COPY in a read-only transaction");
    await ports.engine.checkRoomToWrite();
  }
  const given = withPermanentNames(parsed.action.statement, ports.engine.spec.database, ports.objects.temporaryNames());
  const general = translate(given);
  await copying.freeConnection();
  await tables.ensureCatalog(given, general);
  await tables.ensure(given);
  const query = general.wantsFacts ? await tables.withFacts(given, general) : given;
  const translation = general.wantsFacts ? translate(query) : general;
  if (translation.staged !== undefined || translation.wantsFacts) {
    throw new AppError("feature_not_supported", "COPY of a statement that changes data in WITH is not supported", {
      hint: "Keep the rows in a temporary table, and COPY that.",
    });
  }
  if (parsed.writes) await transaction.beginImplicit();
  const { statement } = await tables.prepare(query, translation, []);
  ports.engine.began(ports.connection);
  if (parsed.writes) transaction.noteWrite();
  let source: RowSource | null = null;
  try {
    const result = await statement.execute();
    const columns = shownColumns(result.columns(), translation.outputTypes);
    source = new RowSource(result, columns, {
      formats: columns.map(() => copy.format),
      settings: copying.encodeSettings,
    });
    copying.setLive(source);
    const rowCount = await copy.send(source, columns, ports.output, signal);
    return { suspended: false, tag: `COPY ${rowCount}` };
  } finally {
    await source?.close();
    copying.setLive(null);
    statement.dispose();
    copying.ended();
  }
}
