/** A user's preferences over HTTP. A user is a key. */
import { deepEqual, equal } from "node:assert/strict";
import { TestProject } from "../support/project.ts";
import type { Problem, Rest } from "../support/rest.ts";
import { sharedServer } from "../support/server.ts";

const server = sharedServer();
const path = "/api/v1/user/preferences";

interface Preferences {
  readonly user: string;
  readonly theme: string;
  readonly time_zone: string | null;
  readonly default_dashboard: { readonly name: string; readonly exists: boolean } | null;
  readonly favourites: readonly { readonly name: string; readonly exists: boolean }[];
  readonly recently_viewed: readonly { readonly name: string }[];
  readonly updated_at: string | null;
}

async function projectWith(...names: string[]): Promise<TestProject> {
  const project = await TestProject.create(server.current.rest, "prefs");
  const json = names.map((name) => ({ kind: "Dashboard", metadata: { name }, spec: { panels: {}, layouts: [] } }));
  const answer = await project.rest.request("POST", `${project.path}/dashboard-import`, { json });
  equal(answer.status < 300, true, answer.text);
  return project;
}

const get = (rest: Rest) => rest.expect<Preferences>(200, "GET", path);
const patch = (rest: Rest, json: unknown) => rest.request<Preferences & Problem>("PATCH", path, { json });

Deno.test("each key has preferences of its own: defaults, PATCH of some, PUT of all", async () => {
  const project = await projectWith("home");
  deepEqual(await get(project.rest), {
    user: `${project.id}/first key`,
    theme: "system",
    time_zone: null,
    default_dashboard: null,
    favourites: [],
    recently_viewed: [],
    updated_at: null,
  });
  const reader = await project.rest.expect<{ key: string }>(201, "POST", `${project.path}/keys`, {
    json: { name: "reader", role: "read" },
  });
  const home = { project: project.id, name: "home" };
  equal((await patch(project.rest, { theme: "dark", time_zone: "Europe/Prague" })).status, 200);
  equal((await patch(project.rest, { default_dashboard: home })).status, 200);
  equal((await patch(project.rest.as(reader.key), { theme: "light" })).status, 200);
  const own = await get(project.rest);
  deepEqual([own.theme, own.time_zone, own.default_dashboard], ["dark", "Europe/Prague", { ...home, exists: true }]);
  equal((await get(project.rest.as(reader.key))).theme, "light");
  equal((await get(server.current.rest)).user, "admin");
  const whole = await project.rest.expect<Preferences>(200, "PUT", path, { json: { theme: "light" } });
  deepEqual([whole.theme, whole.time_zone, whole.default_dashboard], ["light", null, null]);
  equal((await project.rest.as("none_such_key").request("GET", path)).status, 401);
});

Deno.test("what cannot be preferred is refused with its pointer, and nothing is changed", async () => {
  const project = await projectWith("mine");
  const other = await projectWith("theirs");
  const cases: [unknown, string][] = [
    [{ theme: "purple" }, "/theme"],
    [{ time_zone: "Mars/Olympus" }, "/time_zone"],
    [{ time_zone: "+01:00" }, "/time_zone"],
    [{ colour: "red" }, "/colour"],
    [{ default_dashboard: { project: project.id, name: "gone" } }, "/default_dashboard"],
    [{ default_dashboard: { project: other.id, name: "theirs" } }, "/default_dashboard"],
    [{ default_dashboard: { project: project.id } }, "/default_dashboard/name"],
    [{ favourites: [{ project: project.id, name: "mine" }, { project: project.id, name: "x" }] }, "/favourites/1"],
  ];
  for (const [json, pointer] of cases) {
    const answer = await patch(project.rest, json);
    deepEqual([answer.status, answer.body.errors?.map((error) => error.pointer)], [422, [pointer]], answer.text);
  }
  equal((await get(project.rest)).updated_at, null);
});

Deno.test("favourites are added once and removed; one whose dashboard is gone says so and can stay", async () => {
  const project = await projectWith("one", "two");
  const place = (name: string) => `${path}/favourites/${project.id}/${name}`;
  const admin = server.current.rest;
  await admin.expect(200, "PUT", place("one"));
  await admin.expect(200, "PUT", place("two"));
  const both = await admin.expect<Preferences>(200, "PUT", place("one"));
  deepEqual(both.favourites.map(({ name, exists }) => [name, exists]), [["two", true], ["one", true]]);
  equal((await admin.request("PUT", place("three"))).status, 404);
  equal((await patch(admin, { default_dashboard: { project: project.id, name: "one" } })).status, 200);
  await admin.expect(204, "DELETE", project.path);
  const dangling = await get(admin);
  deepEqual(dangling.favourites.map(({ exists }) => exists), [false, false]);
  equal(dangling.default_dashboard?.exists, false);
  const kept = await patch(admin, { favourites: [{ project: project.id, name: "two" }] });
  deepEqual([kept.status, kept.body.favourites.map(({ name }) => name)], [200, ["two"]]);
  deepEqual((await admin.expect<Preferences>(200, "DELETE", place("two"))).favourites, []);
});

Deno.test("the last fifty dashboards looked at are kept, newest first, each once", async () => {
  const names = Array.from({ length: 52 }, (_, index) => `d${index}`);
  const project = await projectWith(...names);
  const view = (name: string) => project.rest.expect(204, "PUT", `${path}/recently-viewed/${project.id}/${name}`);
  for (const name of [...names, "d5"]) await view(name);
  const { recently_viewed: recent } = await get(project.rest);
  deepEqual(recent.map(({ name }) => name), ["d5", ...names.toReversed().filter((name) => name !== "d5")].slice(0, 50));
  equal((await project.rest.request("PUT", `${path}/recently-viewed/${project.id}/none`)).status, 404);
});

Deno.test("reading a dashboard as Perses' clients do, and telling of a view, are in the reader's recently viewed", async () => {
  const project = await projectWith("first", "second");
  const key = await project.rest.expect<{ key: string }>(201, "POST", `${project.path}/keys`, {
    json: { name: "reader", role: "read" },
  });
  const reader = project.rest.as(key.key);
  await reader.expect(200, "GET", `/api/v1/projects/${project.id}/dashboards/first`);
  const view = { project: project.id, dashboard: "second", render_time: 1, render_errors: 0 };
  equal((await reader.request("POST", "/api/v1/view", { json: view })).status, 200);
  equal((await reader.request("POST", "/api/v1/view", { json: { ...view, dashboard: "none" } })).status, 404);
  equal((await reader.request("GET", `/api/v1/projects/${project.id}/dashboards/none`)).status, 404);
  const names = async (rest: Rest) => (await get(rest)).recently_viewed.map(({ name }) => name);
  deepEqual(await names(reader), ["second", "first"]);
  deepEqual(await names(project.rest), [], "what one key has read is another's");
  const before = (await get(reader)).recently_viewed;
  await reader.expect(200, "GET", `/api/v1/projects/${project.id}/dashboards/second`);
  deepEqual((await get(reader)).recently_viewed, before, "looking again at once is written again");
});
