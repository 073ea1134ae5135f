/** For tests: what the catalog keeps (`catalog_memos.ts`), over the one connection of a test, whose temporary macros say who it is. */
import { memosFor, rowsMemos, sqlOf } from "../../sql/catalog/install.ts";
import type { Connection } from "../duckdb.ts";
import { registerScalarFunction } from "../scalar_functions.ts";
import type { SessionAccess, SessionDirectory } from "../session_directory.ts";
import { CatalogMemos, noChanges } from "./catalog_memos.ts";
import { lookupFunctionsOf } from "./lookup_functions.ts";
import { registerMemoTableFunction } from "./memo_table_function.ts";

export interface TestingSession {
  /** What the macro pg_backend_pid() gives. */
  readonly processId: number;
  readonly username: string;
  readonly database: string;
  setting(name: string): string;
}

export interface TestingMemos {
  /** Reads what SQL text needs. `provide` makes the objects that it gets the SQL of, if they are not there already. */
  ensure(text: string, provide?: (sql: string) => Promise<void>): Promise<void>;
  /** Something has changed: everything is read again. */
  changed(): void;
}

export function openTestingMemos(connection: Connection, session: TestingSession): TestingMemos {
  const { processId, username } = session;
  const access = { username, setting: session.setting } as unknown as SessionAccess;
  const sessions: SessionDirectory = new Map([[processId, access]]);
  const memos = new CatalogMemos(
    () => session.database,
    () => Promise.resolve({ connection, processId: -1, close: () => {} }),
  );
  for (const definition of lookupFunctionsOf(sessions, memos, () => session.database)) {
    registerScalarFunction(connection, definition);
  }
  registerMemoTableFunction(connection, rowsMemos(), (reader, key) => memos.rowsOf(reader, key));
  let changeCount = 0;
  return {
    ensure: async (text, provide) => {
      const needed = memosFor(text);
      for (const memo of needed) for (const sql of sqlOf(memo)) await provide?.(sql);
      await memos.ensure(needed, {
        processId,
        username,
        connection,
        ownState: { snapshot: String(changeCount), changes: noChanges },
      });
    },
    changed: () => {
      changeCount++;
    },
  };
}
