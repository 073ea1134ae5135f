import { deepEqual, equal, rejects } from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { ResourceService } from "./resources.ts";
import type { Change, JsonObject, Resource, ResourceDocument, ResourceKind, ResourceStore } from "./types.ts";

const change: Change = { author: "admin", message: null, expectedVersion: null };
const place = { project: "p", name: null };

/** A store that gives what it is told to hold, and remembers what it got. */
function fakeStore(held: readonly Resource[]): ResourceStore & { readonly created: ResourceDocument[] } {
  const created: ResourceDocument[] = [];
  const keep = (document: ResourceDocument): Promise<Resource> => {
    created.push(document);
    return Promise.resolve(resource(document.kind, document.name, document.spec));
  };
  return {
    created,
    create: keep,
    update: keep,
    find: ({ name }) => Promise.resolve(held.find(({ metadata }) => metadata.name === name) ?? null),
    list: ({ kind }) => Promise.resolve(held.filter((one) => one.kind === kind)),
    listTexts: ({ kind }) =>
      Promise.resolve(
        held.filter((one) => one.kind === kind).map(({ kind, metadata, spec }) => ({
          kind,
          metadata,
          specText: JSON.stringify(spec),
          isChecked: metadata.name.startsWith("checked"),
        })),
      ),
    delete: () => Promise.resolve(),
  };
}

function resource(kind: ResourceKind, name: string, spec: JsonObject): Resource {
  const time = "2026-01-01T00:00:00.000000000Z";
  return { kind, metadata: { name, project: "p", createdAt: time, updatedAt: time, version: 0 }, spec };
}

const silent = { warn: () => {} };
const good = { panels: {}, layouts: [], duration: "1h" };
const broken = { panels: {}, layouts: [{ kind: "Circle", spec: {} }] };

Deno.test("a stored document that does not decode is left out of lists with a line in the log, and read by its name", async () => {
  const lines: unknown[] = [];
  const store = fakeStore([resource("Dashboard", "bad", broken), resource("Dashboard", "good", good)]);
  const service = new ResourceService(store, { warn: (_message, fields) => void lines.push(fields) });
  const { resources, skippedCount } = await service.list({ kind: "Dashboard", project: "p" });
  deepEqual(resources.map(({ metadata }) => metadata.name), ["good"]);
  equal(skippedCount, 1);
  deepEqual(lines, [{
    kind: "Dashboard",
    project: "p",
    name: "bad",
    problem: 'unknown layout.kind "Circle" used',
    pointer: "/spec/layouts/0/kind",
  }]);
  deepEqual((await service.find({ kind: "Dashboard", project: "p", name: "bad" })).spec, broken);
});

Deno.test("a broken variable of the project stands in no dashboard's way", async () => {
  const store = fakeStore([resource("Variable", "bad", { kind: "Nothing", spec: {} })]);
  const service = new ResourceService(store, { warn: () => {} });
  await service.create("Dashboard", { kind: "Dashboard", metadata: { name: "d" }, spec: good }, place, change);
  deepEqual(store.created.map(({ project, name }) => [project, name]), [["p", "d"]]);
});

Deno.test("name and spec are both judged, and every problem is a field", async () => {
  const service = new ResourceService(fakeStore([]), { warn: () => {} });
  const body = { kind: "Dashboard", metadata: { name: "a b" }, spec: { panels: {}, layouts: [], duration: "x" } };
  await rejects(service.create("Dashboard", body, place, change), (error) => {
    deepEqual((error as AppError).fields.map(({ pointer }) => pointer), ["/metadata/name", "/spec/duration"]);
    return error instanceof AppError && error.kind === "invalid_request";
  });
});

Deno.test("an imported dashboard may use a variable that is imported with it", async () => {
  const service = new ResourceService(fakeStore([]), { warn: () => {} });
  const spec = { ...good, variables: [{ kind: "TextVariable", spec: { name: "a", value: "$job" } }] };
  const envelope: ResourceDocument = { kind: "Dashboard", project: "p", name: "d", tags: null, spec };
  const variable = { kind: "TextVariable", spec: { value: "x" } };
  const sibling: ResourceDocument = { kind: "Variable", project: "p", name: "job", tags: null, spec: variable };
  equal((await service.check(envelope, { siblings: [sibling] })).name, "d");
  await rejects(
    service.check(envelope, { siblings: [] }),
    /variable "job" is used in the variable "a" but not defined/,
  );
});

Deno.test("a list of texts passes on what has passed the rules unread, and leaves out another that does not decode", async () => {
  const store = fakeStore([
    resource("Dashboard", "bad", broken),
    // As rules of another day would have it: the mark alone counts.
    resource("Dashboard", "checked", broken),
    resource("Dashboard", "good", good),
  ]);
  const { texts, skippedCount } = await new ResourceService(store, silent).listTexts({
    kind: "Dashboard",
    project: "p",
  });
  deepEqual(texts.map((text) => JSON.parse(text)), [
    resource("Dashboard", "checked", broken),
    resource("Dashboard", "good", good),
  ]);
  equal(skippedCount, 1);
});
