/**
 * Statements that the session answers itself, because DuckDB has no such thing or must not do it: transactions, settings,
 * SQL-level prepared statements and cursors. What PostgreSQL answers is what is answered here.
 */
import { AppError } from "../../errors/app_error.ts";
import type { ParsedStatement, TransactionModes } from "../../sql/statement.ts";
import { oidOfTypeName } from "../type_names.ts";
import { postgresTypes } from "../types.ts";
import { dataRowOfTexts } from "../codec/backend_messages.ts";
import type { Executor } from "./executor.ts";
import { endsTransaction } from "./statement_kinds.ts";
import type { Field, Portal, SendFields } from "./portal.ts";

export interface UtilityAnswer {
  readonly tag: string;
}

const text = { oid: postgresTypes.text.oid, length: -1, modifier: -1 };

/** What Describe answers for such a statement: its columns, or null. */
export function utilityFields(executor: Executor, parsed: ParsedStatement): readonly Field[] | null {
  const { action } = parsed;
  switch (action.type) {
    case "show":
      return action.name === "all"
        ? ["name", "setting", "description"].map((name) => ({ name, type: text }))
        : [{ name: executor.ports.settings.canonicalName(action.name), type: text }];
    case "fetch":
      return executor.portals.get(action.name)?.prepared.fields ?? null;
    case "execute_prepared":
      return executor.statements.find(action.name)?.fields ?? null;
    default:
      return null;
  }
}

/**
 * Carries the statement out and gives its command tag; rows and notices go to the output on the way. null: a FETCH that has more
 * rows to give than were asked for.
 */
export async function answerUtility(
  executor: Executor,
  parsed: ParsedStatement,
  portal: Portal,
  rowsMax: number,
  signal: AbortSignal,
  sendFields: SendFields,
): Promise<UtilityAnswer | null> {
  const { action } = parsed;
  const { settings, notice, output } = executor.ports;
  const { transaction } = executor;
  if (!endsTransaction(parsed)) transaction.requireUsable();
  switch (action.type) {
    case "begin": {
      await executor.freeConnection();
      const began = await transaction.begin({
        readOnly: action.readOnly ?? settings.boolean("default_transaction_read_only"),
        fixedSnapshot: isFixedSnapshot(action.isolation ?? settings.show("default_transaction_isolation")),
      });
      if (began) {
        settings.beginTransaction();
        await showModes(executor, action);
      } else notice("WARNING", "25001", "there is already a transaction in progress");
      executor.ports.engine.began(executor.ports.connection);
      return { tag: parsed.tag };
    }
    case "commit": {
      await executor.dropPortals();
      try {
        const outcome = await executor.commit();
        if (outcome === "none") notice("WARNING", "25P01", "there is no transaction in progress");
        if (outcome === "rolled back") await executor.applySettings(settings.rollbackTransaction());
        else await executor.applySettings(settings.commitTransaction());
        if (outcome === "committed") executor.ports.notifications.commit();
        else executor.ports.notifications.rollback();
        return { tag: outcome === "rolled back" ? "ROLLBACK" : "COMMIT" };
      } catch (error) {
        executor.ports.notifications.rollback();
        await executor.applySettings(settings.rollbackTransaction());
        throw error;
      }
    }
    case "rollback": {
      await executor.dropPortals(false);
      if (transaction.wrote) executor.ports.engine.definitionEpoch++;
      if (!await transaction.rollback()) notice("WARNING", "25P01", "there is no transaction in progress");
      executor.ports.notifications.rollback();
      await executor.applySettings(settings.rollbackTransaction());
      return { tag: "ROLLBACK" };
    }
    case "savepoint":
      transaction.savepoint(action.name);
      settings.savepoint(action.name);
      return { tag: "SAVEPOINT" };
    case "release_savepoint":
      transaction.release(action.name);
      settings.releaseSavepoint(action.name);
      return { tag: "RELEASE" };
    case "rollback_to_savepoint":
      await executor.dropPortals(false);
      if (transaction.wrote) executor.ports.engine.definitionEpoch++;
      await transaction.rollbackTo(action.name);
      await executor.applySettings(settings.rollbackToSavepoint(action.name));
      return { tag: "ROLLBACK" };
    case "set_transaction":
      if (action.session) {
        await setModes(executor, action, "default_transaction_");
        return { tag: "SET" };
      }
      if (action.readOnly !== null) transaction.readOnly = action.readOnly;
      if (action.isolation !== null) transaction.fixedSnapshot = isFixedSnapshot(action.isolation);
      await showModes(executor, action);
      return { tag: "SET" };
    case "set":
      await executor.applySettings(
        settings.set(action.name, action.values, { local: action.local, isDefault: action.isDefault }),
      );
      return { tag: "SET" };
    case "reset":
      await executor.applySettings(settings.reset(action.name));
      return { tag: "RESET" };
    case "show": {
      const rows = action.name === "all"
        ? settings.showAll().map((setting) => [setting.name, setting.setting, setting.description])
        : [[settings.show(action.name)]];
      sendFields(utilityFields(executor, parsed) ?? [], portal.formatsFor(action.name === "all" ? 3 : 1));
      for (const row of rows) dataRowOfTexts(output.writer, row);
      return { tag: "SHOW" };
    }
    case "discard":
      return await discard(executor, action.what, parsed.tag);
    case "prepare":
      await executor.parse(action.name, action.text, action.types.map(oidOfTypeName), true);
      return { tag: "PREPARE" };
    case "execute_prepared": {
      const done = await executor.executePrepared(
        action.name,
        action.arguments,
        portal.resultFormats,
        sendFields,
      );
      return { tag: done.suspended ? "SELECT" : done.tag };
    }
    case "deallocate":
      if (action.name === null) { for (const name of executor.statements.names()) executor.closeStatement(name); }
      else {
        executor.statements.get(action.name);
        executor.closeStatement(action.name);
      }
      return { tag: action.name === null ? "DEALLOCATE ALL" : "DEALLOCATE" };
    case "declare_cursor":
      if (!action.hold && !transaction.explicit) {
        throw new AppError("no_active_transaction", "DECLARE CURSOR can only be used in transaction blocks");
      }
      await executor.declareCursor(action.name, action.statement, action);
      return { tag: "DECLARE CURSOR" };
    case "fetch":
    case "move": {
      const cursor = executor.portals.get(action.name);
      if (cursor === undefined) throw new AppError("invalid_cursor", `cursor "${action.name}" does not exist`);
      if (action.direction !== "forward") {
        throw new AppError("feature_not_supported", "cursor can only scan forward", {
          hint: "FETCH NEXT, FETCH n, FETCH ALL and FETCH FORWARD are supported.",
        });
      }
      const count = action.count === "all" ? Infinity : action.count;
      if (action.type === "move") {
        const skipped = await cursor.source?.skip(count, executor.ports.spoolDirectory) ?? 0;
        return { tag: `MOVE ${skipped}` };
      }
      const wanted = portal.fetchRowsLeft ?? count;
      const sent = await executor.sendRows(cursor, portal, Math.min(wanted, rowsMax), signal, sendFields);
      portal.rowCount += sent;
      if (sent === rowsMax && wanted > sent) {
        portal.fetchRowsLeft = wanted - sent;
        return null;
      }
      return { tag: `FETCH ${portal.rowCount}` };
    }
    case "close_cursor":
      if (action.name === null) {
        for (const name of [...executor.portals.keys()]) if (name !== "") await executor.closePortal(name);
        return { tag: "CLOSE CURSOR ALL" };
      }
      if (!executor.portals.has(action.name)) {
        throw new AppError("invalid_cursor", `cursor "${action.name}" does not exist`);
      }
      await executor.closePortal(action.name);
      return { tag: "CLOSE CURSOR" };
    case "listen":
      executor.ports.notifications.listen(action.channel);
      return { tag: parsed.tag };
    case "unlisten":
      executor.ports.notifications.unlisten(action.channel);
      return { tag: parsed.tag };
    case "notify":
      executor.ports.notifications.notify(action.channel, action.payload);
      return { tag: parsed.tag };
    case "lock":
      if (!transaction.explicit) {
        throw new AppError("no_active_transaction", "LOCK TABLE can only be used in transaction blocks");
      }
      notice("NOTICE", "00000", `${parsed.tag} has no effect: sessions of a workspace do not lock each other out`);
      return { tag: parsed.tag };
    case "ignored":
      notice("NOTICE", "00000", action.notice);
      return { tag: parsed.tag };
    case "empty":
      return { tag: "" };
    case "copy_from_stdin":
    case "copy_to_stdout":
    case "execute":
      throw new AppError("internal", `${action.type} is not answered by the session`);
    default: {
      const never: never = action;
      throw new AppError("internal", `unknown statement action: ${JSON.stringify(never)}`);
    }
  }
}

/** Makes SHOW transaction_isolation and its like tell what the statement said. */
function showModes(executor: Executor, modes: TransactionModes): Promise<void> {
  return setModes(executor, modes, "transaction_");
}

/** Sets those of the three settings with this beginning that the statement speaks of. */
async function setModes(
  executor: Executor,
  modes: TransactionModes,
  prefix: "transaction_" | "default_transaction_",
): Promise<void> {
  const { settings } = executor.ports;
  const onOff = (value: boolean) => value ? "on" : "off";
  if (modes.isolation !== null) await executor.applySettings(settings.set(`${prefix}isolation`, [modes.isolation]));
  if (modes.readOnly !== null) {
    await executor.applySettings(settings.set(`${prefix}read_only`, [onOff(modes.readOnly)]));
  }
  if (modes.deferrable !== null) {
    await executor.applySettings(settings.set(`${prefix}deferrable`, [onOff(modes.deferrable)]));
  }
}

function isFixedSnapshot(isolation: string): boolean {
  return isolation === "repeatable read" || isolation === "serializable";
}

async function discard(executor: Executor, what: string, tag: string): Promise<UtilityAnswer> {
  if (what === "all") {
    if (executor.transaction.explicit) {
      throw new AppError("active_transaction", "DISCARD ALL cannot run inside a transaction block");
    }
    await executor.dropPortals(false);
    for (const name of executor.statements.names()) executor.closeStatement(name);
    await executor.applySettings(executor.ports.settings.reset(null));
  }
  return { tag };
}
