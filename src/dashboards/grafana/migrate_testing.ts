/** What tests of the migration begin with: a migration whose result the server would take, and parts of the result. */
import { deepEqual } from "node:assert/strict";
import { decodeDocument, nothingAround, validateDocument } from "../model/documents.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import { migrateGrafana } from "./migrate.ts";
import { at } from "./read.ts";

/** Migrates, and makes sure that the result is a document that the server would take. */
export function migrate(
  dashboard: JsonValue,
  options: { input?: Record<string, string>; useDefaultDatasource?: boolean } = {},
): JsonObject {
  const migrated = migrateGrafana({
    dashboard,
    input: options.input ?? {},
    useDefaultDatasource: options.useDefaultDatasource ?? false,
  });
  const { document, problems } = decodeDocument("Dashboard", migrated);
  deepEqual(problems, []);
  deepEqual(validateDocument(document, nothingAround), []);
  deepEqual(document.spec, migrated["spec"], "decoding has nothing to add or to drop");
  return migrated;
}

export function panelOf(panel: JsonObject, more: JsonObject = {}): JsonObject {
  const migrated = migrate({ title: "t", panels: [panel], ...more });
  return at(migrated, "spec", "panels", "0", "spec") as JsonObject;
}

export function pluginOf(panel: JsonObject): JsonValue | undefined {
  return panelOf(panel)["plugin"];
}

export function variableOf(variable: JsonObject): JsonObject {
  const migrated = migrate({ title: "t", panels: [], templating: { list: [{ name: "v", ...variable }] } });
  return (at(migrated, "spec", "variables") as JsonObject[])[0]!;
}
